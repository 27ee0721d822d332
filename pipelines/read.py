"""Bytes → typed rows, and quarantine for what cannot be typed (file, line, column, original text, reason).

Two ways to the same rows. The fast way lets DuckDB cut the file; it is believed only where it found exactly
the declared number of rows. Whatever it cannot cut (broken quotes, wrong field counts, bad bytes, mixed line
ends) goes the careful way, line by line in Python, which never loses a good neighbour of a bad line. After
the cutting both go through one typing, in SQL derived from the standard, so a value means the same either way.
"""

from __future__ import annotations

import codecs
import csv
import gzip
import io
import json
import re
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path

import duckdb
import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq

from pipelines import vault
from pipelines.receive import File, Package, Reason
from warehouse.engine import file_list, quote
from warehouse.engine import frame as as_frame
from warehouse.identity import credit_code_is_valid, identity_faults
from warehouse.standard import Column, Extract

LINE_LIMIT = 1 << 16  # a longer line is malformed: no row of the standard comes near it
TEXT_KEPT = 1000
ROW_ALLOWANCE = 4096  # unpacked bytes a declared row may take before a .gz counts as a bomb
BATCH = 50_000
_IDENTITY = re.compile(r"[0-9]{14,}[0-9Xx]{0,4}")

QUARANTINE = pa.schema(
    [
        ("platform_code", pa.string()), ("province_code", pa.string()), ("business_date", pa.date32()),
        ("submission", pa.string()), ("version_id", pa.string()), ("extract", pa.string()), ("row_no", pa.int64()),
        ("line_no", pa.int64()), ("column_name", pa.string()), ("original_text", pa.string()),
        ("rule_id", pa.string()), ("reason", pa.string()),
    ]
)  # fmt: skip


@dataclass(frozen=True)
class Source:
    """One extract file made ready: UTF-8 CSV (`header`, `newline`) or Parquet, at `path`."""

    package: Package
    file: File
    extract: Extract
    path: Path
    kind: str  # csv, parquet, careful
    header: tuple[str, ...]
    newline: str = "\n"


@dataclass
class Batch:
    """What reading one group of packages gave. Counts are per (version_id, extract)."""

    packages: list[Package]
    lake: dict[str, Path] = field(default_factory=dict)
    rows: dict[tuple[str, str], int] = field(default_factory=dict)
    quarantine: list[pa.Table] = field(default_factory=list)


def mask(text: str) -> str:
    """Hide what may be an identity number: long runs of digits."""
    return _IDENTITY.sub(lambda found: "*" * len(found[0]), text)


# -- making a file ready ---------------------------------------------------------------------------


def prepare(package: Package, file: File, extract: Extract, work: Path) -> Source | Reason:
    """Unpack and transcode where needed, and hold the header against the standard; a Reason refuses the package."""
    try:
        if file.format == "parquet":
            return _prepare_parquet(package, file, extract)
        path = file.path
        if file.format == "csv.gz":
            path = work / f"{package.version_id[:16]}-{extract.name}.csv"
            limit = (1 << 16) + file.rows * ROW_ALLOWANCE
            flags = _inflate(file.path, path, limit)
            if flags is None:
                return Reason("S02", "解压后超过申报行数所需", "unpacks to far more than the declared rows can take", file.name, None, f"over {limit} bytes", f"{file.rows} rows")  # fmt: skip
            file = replace(file, has_quotes=flags[0], has_controls=flags[1])
        careful = file.has_controls
        if file.encoding == "gb18030":
            target = work / f"{package.version_id[:16]}-{extract.name}.utf8.csv"
            if _transcode(path, target):
                path = target
            else:
                careful = True  # some bytes are not GB18030: line by line, from the original bytes
        encoding = file.encoding if careful else "utf-8"
        first = _first_line(path)
        header, fault = _header(first, encoding, extract, file)
        if fault is not None:
            return fault
        newline = "\r\n" if first.endswith(b"\r\n") else "\n"
        if not first.endswith((b"\r", b"\n")):
            careful = careful or file.rows > 0
        return Source(package, replace(file, encoding=encoding), extract, path, "careful" if careful else "csv", header, newline)
    except (gzip.BadGzipFile, zlib.error, EOFError) as error:
        return Reason("S02", "压缩文件无法读取", f"the .gz cannot be read: {error}", file.name)


def _inflate(source: Path, target: Path, limit: int) -> tuple[bool, bool] | None:
    """Unpack a .gz; (has quotes, has control characters), or None once it passes `limit` bytes."""
    from pipelines.receive import _CONTROLS

    left, quotes, controls = limit, False, False
    with gzip.open(source, "rb") as reader, open(target, "wb") as writer:
        while chunk := reader.read(1 << 20):
            left -= len(chunk)
            if left < 0:
                target.unlink()
                return None
            quotes = quotes or b'"' in chunk
            controls = controls or bool(chunk.translate(None, _CONTROLS))
            writer.write(chunk)
    return quotes, controls


def _transcode(source: Path, target: Path) -> bool:
    """GB18030 → UTF-8; False where some bytes are not GB18030."""
    decoder = codecs.getincrementaldecoder("gb18030")("strict")
    with open(source, "rb") as reader, open(target, "w", encoding="utf-8", newline="") as writer:
        try:
            while chunk := reader.read(1 << 20):
                writer.write(decoder.decode(chunk))
            writer.write(decoder.decode(b"", final=True))
        except UnicodeDecodeError:
            return False
    return True


def _first_line(path: Path) -> bytes:
    with open(path, "rb") as handle:
        return handle.readline(LINE_LIMIT)


def _header(first: bytes, encoding: str, extract: Extract, file: File) -> tuple[tuple[str, ...], Reason | None]:
    try:
        text = first.decode(encoding).removeprefix("\ufeff").rstrip("\r\n")
        names = tuple(next(csv.reader([text], strict=True), []))
    except (UnicodeDecodeError, csv.Error):
        return (), Reason("S05", "表头无法读取", "the header line cannot be read", file.name, 1, repr(first[:120]), ",".join(extract.names))  # fmt: skip
    return names, _columns_fault(names, extract, file, line=1)


def _columns_fault(names: Sequence[str], extract: Extract, file: File, line: int | None) -> Reason | None:
    missing = [name for name in extract.mandatory if name not in names]
    unknown = [name for name in names if name not in extract.names]
    repeated = sorted({name for name in names if list(names).count(name) > 1})
    if not (missing or unknown or repeated):
        return None
    parts = [f"missing {', '.join(missing)}"] if missing else []
    parts += [f"unknown {', '.join(name[:60] for name in unknown[:20])}"] if unknown else []
    parts += [f"repeated {', '.join(repeated)}"] if repeated else []
    return Reason("S05", "列缺失、多余或重复", f"columns {'; '.join(parts)}", file.name, line, ",".join(names)[:500], ",".join(extract.names))  # fmt: skip


def _prepare_parquet(package: Package, file: File, extract: Extract) -> Source | Reason:
    try:
        schema = pq.read_schema(file.path)
        rows = pq.read_metadata(file.path).num_rows
    except (pa.ArrowException, OSError, ValueError) as error:
        if isinstance(error, OSError) and error.errno is not None:
            raise
        return Reason("S02", "Parquet文件无法读取", f"the Parquet file cannot be read: {error}", file.name)
    fault = _columns_fault(schema.names, extract, file, line=None)
    if fault is not None:
        return fault
    for name in schema.names:
        kind = schema.field(name).type
        if pa.types.is_nested(kind) and not pa.types.is_dictionary(kind):
            return Reason("S05", "列类型不符", f"column {name} is {kind}", file.name, None, str(kind), extract.column(name).sql_type)  # fmt: skip
    if rows != file.rows:
        return Reason("S02", "行数与清单不符", "the number of rows differs from the manifest", file.name, None, str(rows), str(file.rows))  # fmt: skip
    return Source(package, file, extract, file.path, "parquet", tuple(schema.names))


# -- the careful way -------------------------------------------------------------------------------


def records(path: Path, encoding: str, width: int) -> Iterator[tuple[int, bytes, list[str] | str]]:
    """(line number, raw bytes, fields — or the reason why it is malformed) of each record after the header.

    A record is a physical line; where a quote stays open at its end, the following lines are tried too, and
    only if together they make a record of the right width are they taken: otherwise the first line alone is
    malformed and its neighbours are read on their own. Blank lines are no records.
    """
    with open(path, "rb") as handle:
        lines = _physical_lines(handle)
        next(lines, None)
        pending: list[tuple[int, bytes]] = []
        while True:
            item = pending.pop(0) if pending else next(lines, None)
            if item is None:
                return
            number, raw = item
            if not raw.strip(b"\r\n"):
                continue
            fields = _fields(raw, encoding, width)
            if isinstance(fields, str) and raw.count(b'"') % 2:
                taken, joined = [item], raw
                while len(taken) < 20 and len(joined) < LINE_LIMIT:
                    following = pending.pop(0) if pending else next(lines, None)
                    if following is None:
                        break
                    taken.append(following)
                    joined += following[1]
                    if following[1].count(b'"') % 2:
                        break
                together = _fields(joined, encoding, width) if len(taken) > 1 else fields
                if isinstance(together, str):
                    pending = taken[1:] + pending
                else:
                    raw, fields = joined, together
            yield number, raw, fields


def _physical_lines(handle: io.BufferedReader) -> Iterator[tuple[int, bytes]]:
    """Lines ended by LF, CRLF or a lone CR, with their numbers; a line over the limit comes cut, once."""
    number, rest = 0, b""
    for raw in iter(lambda: handle.readline(LINE_LIMIT), b""):
        rest += raw
        if not raw.endswith(b"\n") and len(raw) == LINE_LIMIT:
            number += 1
            yield number, rest + b"\0"  # marks the cut: never a valid row
            rest = b""
            while not (more := handle.readline(LINE_LIMIT)).endswith(b"\n") and more:
                continue
            continue
        pieces = re.split(rb"(?<=\r)(?!\n)", rest) if b"\r" in rest[:-2] else [rest]
        rest = b""
        for piece in pieces:
            if piece:
                number += 1
                yield number, piece


def _fields(raw: bytes, encoding: str, width: int) -> list[str] | str:
    try:
        text = raw.decode(encoding)
    except UnicodeDecodeError as error:
        return f"not {encoding}: byte {error.start + 1}"
    if "\0" in text:
        return "a NUL byte, or a line that is too long"
    try:
        rows = list(csv.reader(io.StringIO(text, newline=""), strict=True))
    except csv.Error as error:
        return f"broken quotes: {error}"
    if len(rows) != 1:
        return "broken quotes"
    if len(rows[0]) != width:
        return f"{len(rows[0])} fields, expected {width}"
    return rows[0]


def _carefully(source: Source, work: Path) -> tuple[Path, int, pa.Table]:
    """Cut a CSV line by line into Parquet of texts (row_no, line_no, columns); (path, records seen, quarantine)."""
    target = work / f"{source.package.version_id[:16]}-{source.extract.name}.careful.parquet"
    schema = pa.schema([("row_no", pa.int64()), ("line_no", pa.int64()), *((name, pa.string()) for name in source.header)])
    bad: list[dict[str, object]] = []
    count = 0
    with pq.ParquetWriter(target, schema) as writer:
        rows: list[list[object]] = []
        for line, raw, fields in records(source.path, source.file.encoding, len(source.header)):
            count += 1
            if isinstance(fields, str):
                text = raw[: TEXT_KEPT * 4].decode(source.file.encoding, "replace").rstrip("\r\n")
                bad.append(_quarantined(source, count, line, None, mask(text)[:TEXT_KEPT], "S06", fields))
            else:
                rows.append([count, line, *(value or None for value in fields)])
            if len(rows) >= BATCH:
                writer.write_table(_table(rows, schema))
                rows = []
        if rows:
            writer.write_table(_table(rows, schema))
    return target, count, pa.Table.from_pylist(bad, schema=QUARANTINE)


def _table(rows: list[list[object]], schema: pa.Schema) -> pa.Table:
    return pa.Table.from_arrays([pa.array(column, kind.type) for column, kind in zip(zip(*rows, strict=True), schema, strict=True)], schema=schema)  # fmt: skip


def _quarantined(source: Source, row: int | None, line: int | None, column: str | None, text: str | None, rule: str, reason: str) -> dict[str, object]:  # fmt: skip
    package = source.package
    return {
        "platform_code": package.platform_code, "province_code": package.province_code,
        "business_date": package.business_date, "submission": package.submission, "version_id": package.version_id,
        "extract": source.extract.name, "row_no": row, "line_no": line, "column_name": column,
        "original_text": text, "rule_id": rule, "reason": reason,
    }  # fmt: skip


# -- typing ----------------------------------------------------------------------------------------


def typed(column: Column, text: str, *, controls: bool = True) -> str:
    """The SQL that turns a text into the column's type, NULL where it does not parse exactly as the standard says.

    `controls`: the text may hold control characters (a file without any needs no look at each cell).
    """
    match column.type:
        case "text":
            clean = f" and not regexp_matches({text}, '[\\x00-\\x1f\\x7f]')" if controls else ""
            return f"case when length({text}) <= {column.max_length}{clean} then {text} end"
        case "code" | "credit_code" | "identity":
            return f"case when length({text}) <= 64 then {text} end"
        case "integer":
            return f"case when regexp_full_match({text}, '-?[0-9]{{1,18}}') then try_cast({text} as bigint) end"
        case "decimal":
            whole = (column.precision or 0) - (column.scale or 0)
            return (
                f"case when regexp_full_match({text}, '-?[0-9]{{1,{whole}}}(\\.[0-9]{{1,{column.scale}}})?') "
                f"then try_cast({text} as {column.sql_type}) end"
            )
        case "timestamp":
            return (
                f"case when regexp_full_match({text}, '[0-9]{{4}}-[0-9]{{2}}-[0-9]{{2}} [0-9]{{2}}:[0-9]{{2}}:[0-9]{{2}}') "
                f"then try_cast({text} as timestamp) end"
            )
        case "date":
            return f"case when regexp_full_match({text}, '[0-9]{{4}}-[0-9]{{2}}-[0-9]{{2}}') then try_cast({text} as date) end"
    raise ValueError(f"{column.name}: no typing for {column.type}")


EXPECTED = {
    "text": "text of at most {column.max_length} characters without control characters",
    "code": "a code of the standard", "credit_code": "18 characters (GB 32100)", "identity": "18 characters (GB 11643)",
    "integer": "a whole number", "decimal": "a decimal with a point, at most {column.scale} places",
    "timestamp": "YYYY-MM-DD HH:MM:SS", "date": "YYYY-MM-DD",
}  # fmt: skip


def _typing(extract: Extract, *, controls: bool = True) -> str:
    """The typed columns, by name, from texts called text_<name>."""
    return ", ".join(
        f"{typed(column, f'text_{column.name}', controls=controls)} as {column.name}" for column in extract.columns
    )


def _is_untyped(extract: Extract) -> str:
    """Some cell did not parse, or a mandatory one is empty."""
    return " or ".join(
        f"(text_{column.name} is not null and {column.name} is null)" if column.null else f"{column.name} is null"
        for column in extract.columns
    )


def _relations(sources: Sequence[Source], careful: dict[int, Path]) -> list[str]:
    """One SELECT of texts per group of sources that can be read in one call; `src` numbers the source."""
    groups: dict[tuple[object, ...], list[int]] = {}
    for index, source in enumerate(sources):
        kind = "careful" if index in careful else source.kind
        groups.setdefault((kind, source.header, source.newline) if kind == "csv" else (kind, index), []).append(index)
    selects = []
    for key, members in groups.items():
        source = sources[members[0]]
        columns = ", ".join(
            f"{column.name}::varchar as text_{column.name}"
            if column.name in source.header
            else f"null::varchar as text_{column.name}"
            for column in source.extract.columns
        )
        if key[0] == "csv":
            reader = _read_csv([sources[index].path for index in members], source.header, source.newline)
            numbers = "list_value(" + ", ".join(map(str, members)) + ")"
            selects.append(f"select {numbers}[file_index::bigint + 1] as src, {columns} from {reader}")
        else:
            path = careful.get(members[0], source.path)
            selects.append(f"select {members[0]} as src, {columns} from read_parquet({quote(str(path))})")
    return selects


def _read_csv(paths: Sequence[Path], header: Sequence[str], newline: str) -> str:
    columns = "{" + ", ".join(f"{quote(name)}: 'VARCHAR'" for name in header) + "}"
    ending = {"\n": "\\n", "\r\n": "\\r\\n"}[newline]
    return (
        f"read_csv({file_list(list(paths))}, columns = {columns}, header = true, delim = ',', quote = '\"', escape = '\"', "
        f"new_line = '{ending}', auto_detect = false, strict_mode = true, "
        "null_padding = false, nullstr = '', allow_quoted_nulls = true, comment = '', max_line_size = 65536, "
        "compression = 'none')"
    )  # fmt: skip


def _cut(connection: duckdb.DuckDBPyConnection, sources: Sequence[Source], work: Path, batch: Batch) -> dict[int, Path]:
    """Find the sources that the fast way cannot cut, and cut those carefully."""
    careful: dict[int, Path] = {}
    for index, source in enumerate(sources):
        if source.kind == "parquet" or source.file.rows == 0 and source.path.stat().st_size < LINE_LIMIT:
            if source.kind == "parquet" or _only_header(source.path):
                continue
        if source.kind == "csv":
            try:
                query = f"select count(*) from {_read_csv([source.path], source.header, source.newline)}"
                row = connection.execute(query).fetchone()
                if row is not None and row[0] == source.file.rows:
                    continue
            except duckdb.Error:
                pass
        path, count, bad = _carefully(source, work)
        careful[index] = path
        if bad.num_rows:
            batch.quarantine.append(bad)
        if count != source.file.rows:
            reason = Reason("S02", "行数与清单不符", "the number of data rows differs from the manifest", source.file.name, None, str(count), str(source.file.rows))  # fmt: skip
            _refuse(batch, source.package, reason)
    return careful


def _only_header(path: Path) -> bool:
    with open(path, "rb") as handle:
        handle.readline(LINE_LIMIT)
        return not handle.read(1)


def _refuse(batch: Batch, package: Package, reason: Reason) -> None:
    for index, other in enumerate(batch.packages):
        if other.version_id == package.version_id:
            batch.packages[index] = other.with_reasons(reason)


# -- one batch -------------------------------------------------------------------------------------


def read(
    connection: duckdb.DuckDBPyConnection,
    packages: Sequence[Package],
    extracts: Sequence[Extract],
    *,
    lake: Path,
    label: str,
    work: Path,
    token_key: vault.Key,
    today: date,
    test_area: bool,
) -> Batch:
    """Type the rows of a group of accepted packages into one Parquet file per extract, `lake/extract/label.parquet`.

    Rows stand in the order of packages and, inside one, of its file. Columns: platform_code, province_code,
    business_date, submission, version_id, is_untyped, and the standard's (identity number replaced by person,
    birth_date, sex, id_area). A package found unreadable comes back refused, and none of its rows is kept.
    """
    batch = Batch(list(packages))
    ready: dict[str, list[Source]] = {extract.name: [] for extract in extracts}
    for package in packages:
        for extract in extracts:
            file = next(file for file in package.files if file.extract == extract.name)
            made = prepare(package, file, extract, work)
            if isinstance(made, Reason):
                _refuse(batch, package, made)
            else:
                ready[extract.name].append(made)
    cuts = {}
    for extract in extracts:
        cuts[extract.name] = _cut_all(connection, ready[extract.name], work, batch)
    refused = {package.version_id for package in batch.packages if package.refused}
    if refused:
        batch.quarantine = [
            table.filter(pa.compute.invert(pa.compute.is_in(table["version_id"], pa.array(sorted(refused)))))
            for table in batch.quarantine
        ]
    for extract in extracts:
        sources = ready[extract.name]
        keep = [index for index, source in enumerate(sources) if source.package.version_id not in refused]
        careful = {place: cuts[extract.name][index] for place, index in enumerate(keep) if index in cuts[extract.name]}
        kept = [sources[index] for index in keep]
        if kept and any(source.file.rows for source in kept):
            path = lake / extract.name / f"{label}.parquet"
            path.parent.mkdir(parents=True, exist_ok=True)
            _type(connection, extract, kept, careful, path, batch, token_key, today, test_area)
    return batch


def _cut_all(connection: duckdb.DuckDBPyConnection, sources: Sequence[Source], work: Path, batch: Batch) -> dict[int, Path]:
    """Count every fast source in as few calls as possible; only where the counts differ look at them one by one."""
    fast = [source for source in sources if source.kind == "csv"]
    groups: dict[tuple[tuple[str, ...], str], list[Source]] = {}
    for source in fast:
        groups.setdefault((source.header, source.newline), []).append(source)
    right: set[Path] = set()
    for (header, newline), members in groups.items():
        query = f"select file_index, count(*) from {_read_csv([source.path for source in members], header, newline)} group by 1"  # fmt: skip
        try:
            counts = dict(connection.execute(query).fetchall())
        except duckdb.Error:
            continue
        right |= {source.path for index, source in enumerate(members) if counts.get(index, 0) == source.file.rows}
    suspicious = [index for index, source in enumerate(sources) if source.kind != "parquet" and source.path not in right]
    found = _cut(connection, [sources[index] for index in suspicious], work, batch)
    return {suspicious[index]: path for index, path in found.items()}


def _type(
    connection: duckdb.DuckDBPyConnection, extract: Extract, sources: Sequence[Source], careful: dict[int, Path],
    path: Path, batch: Batch, token_key: vault.Key, today: date, test_area: bool,
) -> None:  # fmt: skip
    """Write the lake file of one extract and the quarantine of its untyped cells."""
    texts = " union all ".join(f"({select})" for select in _relations(sources, careful))
    # looked up in lists, not joined: a join would not keep the rows in the order of the file
    facts = {
        "platform_code": [quote(source.package.platform_code or "") for source in sources],
        "province_code": [quote(source.package.province_code or "") for source in sources],
        "business_date": [f"date {quote(str(source.package.business_date))}" for source in sources],
        "submission": [quote(source.package.submission) for source in sources],
        "version_id": [quote(source.package.version_id) for source in sources],
    }
    # in a plain CSV without quotes a control character could only be a line end
    controls = any(s.kind != "csv" or i in careful or s.file.has_quotes for i, s in enumerate(sources))
    origin = ", ".join(f"list_value({', '.join(values)})[src + 1] as {name}" for name, values in facts.items())
    query = f"""
        select {origin}, {", ".join(extract.names)}, {_is_untyped(extract)} as is_untyped
        from (select *, {_typing(extract, controls=controls)} from ({texts}))"""
    temporary = path.with_suffix(".part")
    if "id_number" in extract.names:
        connection.execute(f"create or replace temp table reading_rows as {query}")
        _identify(connection, extract, token_key, today, test_area)
        kept = ", ".join(
            "p.person, p.birth_date, p.sex, p.id_area" if name == "id_number" else f"r.{name}" for name in extract.names
        )
        broken = " or r.contracting_party in (select code from reading_codes)" if "contracting_party" in extract.names else ""
        query = f"""
            select r.platform_code, r.province_code, r.business_date, r.submission, r.version_id, {kept},
                r.is_untyped or coalesce(p.fault is not null, false){broken} as is_untyped
            from reading_rows r left join reading_person p on p.number = r.id_number
            order by r.rowid"""
    connection.execute(f"copy ({query}) to {quote(str(temporary))} (format parquet, compression snappy)")
    temporary.rename(path)
    batch.lake[extract.name] = path
    found = connection.execute(
        f"select version_id, count(*), count(*) filter (is_untyped) from read_parquet({quote(str(path))}) group by 1"
    ).fetchall()
    untyped = {version for version, _, count in found if count}
    for version, count, _ in found:
        batch.rows[version, extract.name] = count
    for index, source in enumerate(sources):
        if source.package.version_id in untyped:
            batch.quarantine.append(_untyped_cells(connection, source, careful.get(index)))
    for name in ("reading_rows", "reading_person", "reading_codes"):
        connection.execute(f"drop table if exists {name}")


def _identify(connection: duckdb.DuckDBPyConnection, extract: Extract, token_key: vault.Key, today: date, test_area: bool) -> None:  # fmt: skip
    """reading_person: one row per identity number read, with its token, or what is wrong with it."""
    numbers = as_frame(connection, "select distinct id_number as number from reading_rows where id_number is not null")
    judged = identity_faults(numbers["number"], latest_birth=today, test_area=test_area)
    valid = judged["fault"].is_null()
    made = iter(vault.tokens(token_key, judged.filter(valid)["number"].to_list()))
    people = judged.with_columns(person=pl.Series([next(made) if ok else None for ok in valid], dtype=pl.String))
    connection.register("reading_person_frame", people.to_arrow())
    connection.execute("create or replace temp table reading_person as select * from reading_person_frame")
    connection.unregister("reading_person_frame")
    connection.execute("create or replace temp table reading_codes (code varchar)")
    if "contracting_party" in extract.names:
        codes = connection.execute("select distinct contracting_party from reading_rows where contracting_party is not null").fetchall()  # fmt: skip
        broken = [(code,) for (code,) in codes if not credit_code_is_valid(code)]
        if broken:
            connection.executemany("insert into reading_codes values (?)", broken)


def _untyped_cells(connection: duckdb.DuckDBPyConnection, source: Source, careful: Path | None) -> pa.Table:
    """Every cell of a source that does not parse or may not be empty: row, line, column, original text, reason."""
    extract = source.extract
    select = _relations([source], {0: careful} if careful is not None else {})[0]
    numbers = "row_no, line_no" if careful is not None else "row_number() over () as row_no, cast(null as bigint) as line_no"
    checks = ""
    if "id_number" in extract.names:
        checks += " or id_number in (select number from reading_person where fault is not null)"
    if "contracting_party" in extract.names:
        checks += " or contracting_party in (select code from reading_codes)"
    relation = re.sub(r"^select .+? as src", f"select {numbers}", select)
    rows = as_frame(
        connection, f"select * from (select *, {_typing(extract)} from ({relation})) where {_is_untyped(extract)}{checks}"
    )
    faults = {}
    if "id_number" in extract.names:
        faults = dict(connection.execute("select number, fault from reading_person where fault is not null").fetchall())
    codes = {code for (code,) in connection.execute("select code from reading_codes").fetchall()} if "contracting_party" in extract.names else set()  # fmt: skip
    lines = dict(zip(rows["row_no"], rows["line_no"], strict=True))
    if careful is None and source.kind == "csv":
        lines = line_numbers(source, set(rows["row_no"]))
    cells: list[dict[str, object]] = []
    for row in rows.iter_rows(named=True):
        number, line = row["row_no"], lines.get(row["row_no"])
        for column in extract.columns:
            text_value, value = row[f"text_{column.name}"], row[column.name]
            if text_value is None:
                if not column.null:
                    cells.append(_quarantined(source, number, line, column.name, None, "S07", f"{column.name} is empty and mandatory"))  # fmt: skip
            elif column.type == "identity" and text_value in faults:
                cells.append(_quarantined(source, number, line, column.name, "*" * min(len(text_value), 32), "V01", faults[text_value]))  # fmt: skip
            elif column.type == "credit_code" and text_value in codes:
                cells.append(_quarantined(source, number, line, column.name, mask(text_value)[:TEXT_KEPT], "V02", "check character wrong (GB 32100)"))  # fmt: skip
            elif value is None:
                rule = "V01" if column.type == "identity" else "S06"
                shown = "*" * min(len(text_value), 32) if column.type == "identity" else mask(text_value)[:TEXT_KEPT]
                expected = EXPECTED[column.type].format(column=column)
                reason = f"{column.name} {json.dumps(shown, ensure_ascii=False)} is not {'a ' + column.type} (expected {expected})"
                cells.append(_quarantined(source, number, line, column.name, shown, rule, reason))
    return pa.Table.from_pylist(cells, schema=QUARANTINE)


def line_numbers(source: Source, rows: set[int]) -> dict[int, int]:
    """Data row → line of the file. Without quotes and blank lines row n is line n + 1; else the file is walked."""
    found: dict[int, int] = {}
    for count, (line, _, _) in enumerate(records(source.path, source.file.encoding, len(source.header)), start=1):
        if count in rows:
            found[count] = line
            if len(found) == len(rows):
                break
    return found
