"""Bytes → typed rows, and quarantine for what cannot be typed (file, line, column, original text, reason).

Two ways to the same rows. The fast way lets DuckDB cut the file; it is taken only where the bytes leave no room for
two readings (pipelines/look.py). Everything else goes the careful way, line by line (pipelines/cut.py). After the
cutting both go through one typing, in SQL derived from the standard, so a value means the same either way.
"""

from __future__ import annotations

import codecs
import csv
import gzip
import re
import secrets
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
from pipelines.cut import LINE_LIMIT, carefully
from pipelines.look import Look
from pipelines.manifest import Reason
from pipelines.receive import File, Package
from pipelines.text import KEPT, safe
from pipelines.unpack import RATIO_LIMIT, SMALL
from warehouse.engine import file_list, quote
from warehouse.engine import frame as as_frame
from warehouse.identity import credit_code_is_valid, identity_faults
from warehouse.standard import Column, Extract

ROW_ALLOWANCE = 4096  # unpacked bytes a declared row may take before a .gz counts as a bomb
LAST_BIRTH = date(9999, 12, 31)  # a birth after the business date is judged row by row

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
    """One extract file made ready: UTF-8 CSV that leaves no doubt, texts cut carefully, or Parquet, at `path`.

    `file` is the one in the inbox (its stamp tells whether it still is what was archived).
    """

    package: Package
    file: File
    extract: Extract
    path: Path
    kind: str  # csv, careful, parquet
    header: tuple[str, ...]
    newline: str = "\n"
    encoding: str = "utf-8"  # of `path`, for cutting it carefully
    has_quotes: bool = False


@dataclass
class Batch:
    """What reading one group of packages gave. Rows are per (version_id, extract), malformed lines included.

    `quarantine`: a Parquet file of cells by QUARANTINE, in the work folder; None where there are none.
    """

    packages: list[Package]
    lake: dict[str, Path] = field(default_factory=dict)
    rows: dict[tuple[str, str], int] = field(default_factory=dict)
    quarantine: Path | None = None


# -- making a file ready ---------------------------------------------------------------------------


def prepare(package: Package, file: File, extract: Extract, work: Path) -> Source | Reason:
    """Unpack and transcode where needed, and hold the header against the standard; a Reason refuses the package."""
    if file.format == "parquet":
        return _prepare_parquet(package, file, extract, work)
    path, look = file.path, file.look
    if file.format == "csv.gz":
        path = work / f"{package.version_id[:16]}-{extract.name}.csv"
        limit = min(SMALL + file.rows * ROW_ALLOWANCE, SMALL + file.bytes * RATIO_LIMIT)
        try:
            look = _inflate(file.path, path, limit)
        except (gzip.BadGzipFile, zlib.error, EOFError) as error:
            return Reason(
                "S02",
                "压缩文件无法读取",
                f"the .gz cannot be read: {error}",
                file.name,
                None,
                None,
                "a whole gzip file",
            )
        if look is None:
            path.unlink(missing_ok=True)
            return Reason("S02", "解压后超过申报行数所需", "unpacks to far more than the declared rows can take: a bomb", file.name, None, f"over {limit} bytes", f"{file.rows} rows")  # fmt: skip
    if look is None:
        raise ValueError(f"{file.name}: not looked at")
    encoding, sound = file.encoding, look.is_utf8
    if encoding == "gb18030":
        if look.reads_as_chinese_utf8:
            return Reason(
                "S02",
                "编码与清单不符",
                "declared gb18030, but its bytes are UTF-8",
                file.name,
                None,
                "utf-8",
                "gb18030",
            )
        target = work / f"{package.version_id[:16]}-{extract.name}.utf8.csv"
        sound = _transcode(
            path, target
        )  # where some bytes are not GB18030: line by line, from the original bytes
        if sound:
            path, encoding = target, "utf-8"
    first = _first_line(path)
    header, fault = _header(first, encoding, extract, file)
    if fault is not None:
        return fault
    newline = "\r\n" if first.endswith(b"\r\n") else "\r" if first.endswith(b"\r") else "\n"
    commas = (len(header) - 1) * (file.rows + 1)
    plain = (
        sound
        and newline != "\r"
        and look.is_plain(file.rows, newline)
        and (look.has_quotes or look.commas == commas)
    )
    if path == file.path:
        path = _named_safely(path, work)
    return Source(
        package,
        file,
        extract,
        path,
        "csv" if plain else "careful",
        header,
        newline,
        encoding,
        look.has_quotes,
    )


def _inflate(source: Path, target: Path, limit: int) -> Look | None:
    """Unpack a .gz, looking at what comes out; None once it passes `limit` bytes."""
    look = Look()
    with gzip.open(source, "rb") as reader, target.open("wb") as writer:
        while chunk := reader.read(1 << 20):
            look.see(chunk)
            if look.size > limit:
                return None
            writer.write(chunk)
    return look.finish()


def _transcode(source: Path, target: Path) -> bool:
    """GB18030 → UTF-8; False where some bytes are not GB18030."""
    decoder = codecs.getincrementaldecoder("gb18030")("strict")
    with source.open("rb") as reader, target.open("w", encoding="utf-8", newline="") as writer:
        try:
            while chunk := reader.read(1 << 20):
                writer.write(decoder.decode(chunk))
            writer.write(decoder.decode(b"", final=True))
        except UnicodeDecodeError:
            return False
    return True


def _named_safely(path: Path, work: Path) -> Path:
    """A name in which DuckDB sees no pattern (*, ?, [) and no hive partition (=)."""
    if not re.search(r"[*?\[\]{}=\\]", str(path)):
        return path
    link = work / f"named-{secrets.token_hex(8)}{path.suffix}"
    link.symlink_to(path.absolute())
    return link


def _first_line(path: Path) -> bytes:
    """The header with its line end: LF, CRLF, or a lone CR where no LF comes first."""
    with path.open("rb") as handle:
        line = handle.readline(LINE_LIMIT)
    return next(iter(line.splitlines(keepends=True)), b"")


def _header(
    first: bytes, encoding: str, extract: Extract, file: File
) -> tuple[tuple[str, ...], Reason | None]:
    expected = ",".join(extract.names)
    try:
        text = first.decode(encoding).removeprefix("\ufeff").rstrip("\r\n")
        names = tuple(next(csv.reader([text], strict=True), []))
    except UnicodeDecodeError as error:
        return (), Reason("S05", "表头无法读取", f"the header line is not {encoding}: byte {error.start + 1}", file.name, 1, safe(repr(first), 120), expected)  # fmt: skip
    except csv.Error as error:
        return (), Reason(
            "S05",
            "表头无法读取",
            f"the header line cannot be read: {error}",
            file.name,
            1,
            safe(repr(first), 120),
            expected,
        )
    return names, _columns_fault(names, extract, file, line=1)


def _columns_fault(names: Sequence[str], extract: Extract, file: File, line: int | None) -> Reason | None:
    missing = [name for name in extract.mandatory if name not in names]
    unknown = [name for name in names if name not in extract.names]
    repeated = sorted({name for name in names if names.count(name) > 1} - set(unknown))
    if not (missing or unknown or repeated):
        return None
    parts = [f"missing {', '.join(missing)}"] if missing else []
    parts += [f"unknown {', '.join(name[:60] for name in unknown[:20])}"] if unknown else []
    parts += [f"repeated {', '.join(repeated)}"] if repeated else []
    return Reason("S05", "列缺失、多余或重复", f"columns {safe('; '.join(parts), 500)}", file.name, line, safe(",".join(names[:200]), 500), ",".join(extract.names))  # fmt: skip


def _prepare_parquet(package: Package, file: File, extract: Extract, work: Path) -> Source | Reason:
    try:
        metadata = pq.read_metadata(file.path)
        schema = metadata.schema.to_arrow_schema()
    except (pa.ArrowException, OSError, ValueError) as error:
        if isinstance(error, OSError) and error.errno is not None:
            raise
        return Reason("S02", "Parquet文件无法读取", f"the Parquet file cannot be read: {safe(str(error), 200)}", file.name, None, None, "a sound Parquet file")  # fmt: skip
    fault = _columns_fault(schema.names, extract, file, line=None)
    if fault is not None:
        return fault
    for name in schema.names:
        kind, column = schema.field(name).type, extract.column(name)
        bare = kind.value_type if pa.types.is_dictionary(kind) else kind
        if (
            pa.types.is_nested(bare)
            or pa.types.is_binary(bare)
            or pa.types.is_large_binary(bare)
            or pa.types.is_fixed_size_binary(bare)
        ):
            return Reason("S05", "列类型不符", f"column {name} is {safe(str(kind), 100)}", file.name, None, safe(str(kind), 200), column.sql_type)  # fmt: skip
    counted = sum(metadata.row_group(index).num_rows for index in range(metadata.num_row_groups))
    if not metadata.num_rows == counted == file.rows:
        return _rows_differ(file, counted)
    if file.rows > SMALL + file.bytes * 8:
        return Reason("S02", "行数超过文件所能容纳", "holds more rows than its bytes can be: a bomb", file.name, None, f"{file.rows} rows in {file.bytes} bytes", "at most 8 rows a byte")  # fmt: skip
    return Source(package, file, extract, _named_safely(file.path, work), "parquet", tuple(schema.names))


def _rows_differ(file: File, found: int) -> Reason:
    return Reason(
        "S02",
        "行数与清单不符",
        "the number of data rows differs from the manifest",
        file.name,
        None,
        str(found),
        str(file.rows),
    )


def cut(source: Source, work: Path) -> Source | Reason:
    """A careful source, cut into Parquet of texts; a Reason where the number of records is not the declared one."""
    target = (
        work
        / f"{source.package.version_id[:16]}-{source.extract.name}-{secrets.token_hex(4)}.careful.parquet"
    )
    found = carefully(source.path, target, source.encoding, source.header, source.newline, source.file.rows)
    if found != source.file.rows:
        return _rows_differ(source.file, found)
    return replace(source, path=target, kind="careful")


# -- typing ----------------------------------------------------------------------------------------


def typed(column: Column, text: str, *, controls: bool = True) -> str:
    """The SQL that turns a text into the column's type, NULL where it does not parse exactly as the standard says.

    `controls`: the text may hold control characters (a file without any needs no look at each cell).
    """
    clock = "([01][0-9]|2[0-3]):[0-9]{2}:[0-9]{2}"  # DuckDB would turn 24:00:00 into the next day
    match column.type:
        case "text":
            clean = f" and not regexp_matches({text}, '[\\x00-\\x1f\\x7f]')" if controls else ""
            return f"case when length({text}) <= {column.max_length}{clean} then {text} end"
        case "code" | "credit_code" | "identity":
            return f"case when length({text}) <= 64 then {text} end"
        case "integer":
            number = f"try_cast({text} as bigint)"
            least, most = column.minimum, column.maximum
            bounds = (f" and {number} >= {least}" if least is not None else "") + (
                f" and {number} <= {most}" if most is not None else ""
            )
            return f"case when regexp_full_match({text}, '-?[0-9]{{1,18}}'){bounds} then {number} end"
        case "decimal":
            whole = (column.precision or 0) - (column.scale or 0)
            shape = f"-?0*[0-9]{{1,{whole}}}(\\.[0-9]{{1,{column.scale}}}0*)?"  # zeros at either end change nothing
            return f"case when regexp_full_match({text}, '{shape}') then try_cast({text} as {column.sql_type}) end"
        case "timestamp":
            return (
                f"case when regexp_full_match({text}, '[0-9]{{4}}-[0-9]{{2}}-[0-9]{{2}} {clock}') and {text} >= '0001' "
                f"then try_cast({text} as timestamp) end"
            )
        case "date":
            return f"case when regexp_full_match({text}, '[0-9]{{4}}-[0-9]{{2}}-[0-9]{{2}}') and {text} >= '0001' then try_cast({text} as date) end"
    raise ValueError(f"{column.name}: no typing for {column.type}")


EXPECTED = {
    "text": "text of at most {column.max_length} characters without control characters",
    "code": "a code of the standard", "credit_code": "18 characters (GB 32100)", "identity": "18 characters (GB 11643)",
    "integer": "a whole number", "decimal": "a decimal with a point, at most {column.scale} places",
    "timestamp": "YYYY-MM-DD HH:MM:SS", "date": "YYYY-MM-DD",
}  # fmt: skip


def expected(column: Column) -> str:
    """The form that a column's values must have, in words."""
    words = EXPECTED[column.type].format(column=column)
    return f"{words} from {column.minimum} to {column.maximum}" if column.maximum is not None else words


def _typing(extract: Extract, *, controls: bool = True) -> str:
    """The typed columns, by name, from texts called text_<name>."""
    return ", ".join(
        f"{typed(column, f'text_{column.name}', controls=controls)} as {column.name}"
        for column in extract.columns
    )


def _is_untyped(extract: Extract) -> str:
    """Some cell did not parse, or a mandatory one is empty."""
    return " or ".join(
        f"(text_{column.name} is not null and {column.name} is null)"
        if column.null
        else f"{column.name} is null"
        for column in extract.columns
    )


# -- texts -----------------------------------------------------------------------------------------


def _texts(extract: Extract, header: Sequence[str]) -> str:
    return ", ".join(
        f"nullif({name}::varchar, '') as text_{name}" if name in header else f"null::varchar as text_{name}"
        for name in extract.names
    )


def _relations(sources: Sequence[Source]) -> list[str]:
    """One SELECT of texts per group of sources that can be read in one call; `src` numbers the source."""
    groups: dict[tuple[object, ...], list[int]] = {}
    for index, source in enumerate(sources):
        key = (source.kind, source.header, source.newline) if source.kind == "csv" else (source.kind, index)
        groups.setdefault(key, []).append(index)
    selects = []
    for members in groups.values():
        source = sources[members[0]]
        texts = _texts(source.extract, source.header)
        if source.kind == "csv":
            numbers = "list_value(" + ", ".join(map(str, members)) + ")"
            reader = _read_csv([sources[index].path for index in members], source.header, source.newline)
            selects.append(f"select {numbers}[file_index::bigint + 1] as src, {texts} from {reader}")
        else:
            selects.append(f"select {members[0]} as src, {texts} from {_read_parquet(source.path)}")
    return selects


def _read_csv(paths: Sequence[Path], header: Sequence[str], newline: str) -> str:
    columns = "{" + ", ".join(f"{quote(name)}: 'VARCHAR'" for name in header) + "}"
    ending = {"\n": "\\n", "\r\n": "\\r\\n"}[newline]
    return (
        f"read_csv({file_list(list(paths))}, columns = {columns}, header = true, delim = ',', quote = '\"', escape = '\"', "
        f"new_line = '{ending}', auto_detect = false, strict_mode = true, hive_partitioning = false, "
        "null_padding = false, nullstr = '', allow_quoted_nulls = true, comment = '', max_line_size = 65536, "
        "compression = 'none')"
    )  # fmt: skip


def _read_parquet(path: Path) -> str:
    return f"read_parquet({quote(str(path))}, hive_partitioning = false)"


def _quotes_are_sound(connection: duckdb.DuckDBPyConnection, source: Source) -> bool:
    """Every line of a CSV with quotes is cells of the right number, each quoted whole or not at all."""
    ending = {"\n": "\\n", "\r\n": "\\r\\n"}[source.newline]
    cell = '("([^"]|"")*"|[^",]*)'
    query = (
        f"select count(*), count(*) filter (regexp_full_match(line, '{cell}(,{cell}){{{len(source.header) - 1}}}')) "
        f"from read_csv({file_list([source.path])}, columns = {{'line': 'VARCHAR'}}, header = true, delim = '\\x01', quote = '', "
        f"escape = '', new_line = '{ending}', auto_detect = false, hive_partitioning = false, comment = '', "
        "max_line_size = 65536, compression = 'none')"
    )
    try:
        return connection.execute(query).fetchone() == (source.file.rows, source.file.rows)
    except duckdb.InvalidInputException:
        return False


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
    test_area: bool,
) -> Batch:
    """Type the rows of a group of accepted packages into one Parquet file per extract, `lake/extract/label.parquet`.

    Rows of one package stand together, in the order of its file; a malformed line is a row without values.
    Columns: platform_code, province_code, business_date, submission, version_id, is_untyped, and the standard's
    (identity number replaced by person, birth_date, sex, id_area). A package found unreadable, or changed while it
    was read, comes back refused, and none of its rows is kept.
    """
    batch = Batch(list(packages))
    ready = [found for package in packages for found in _ready(connection, package, extracts, work, batch)]
    while True:  # again without what turned out to be unreadable on the way: an honest inbox goes round once
        refused = {package.version_id for package in batch.packages if package.refused}
        ready = [source for source in ready if source.package.version_id not in refused]
        batch.lake, batch.rows, pieces = {}, {}, []
        again = []
        for extract in extracts:
            sources = [source for source in ready if source.extract.name == extract.name]
            if not any(source.file.rows for source in sources):
                continue
            path = lake / extract.name / f"{label}.parquet"
            path.parent.mkdir(parents=True, exist_ok=True)
            try:
                _type(connection, extract, sources, path, batch, token_key, test_area)
            except duckdb.Error:
                again = _unreadable(connection, sources)
                if not again:
                    raise
                break
            again = [
                source
                for source in sources
                if batch.rows.get((source.package.version_id, extract.name), 0) != source.file.rows
            ]
            if again:
                break
            pieces += _quarantine(connection, extract, sources, path, work)
            _forget(connection)
        again += [s for s in ready if s not in again and vault.stamp(s.file.path) != s.file.stamp]
        if not again:
            batch.quarantine = _together(connection, pieces, work / f"quarantine-{label}.parquet")
            return batch
        _forget(connection)
        ready = _settle(batch, ready, again, work)


def _ready(
    connection: duckdb.DuckDBPyConnection,
    package: Package,
    extracts: Sequence[Extract],
    work: Path,
    batch: Batch,
) -> Iterator[Source]:
    """A package's three sources, cut where need be; every reason that refuses it is told."""
    for extract in extracts:
        file = next(file for file in package.files if file.extract == extract.name)
        made = prepare(package, file, extract, work)
        if isinstance(made, Source):
            if made.kind == "csv" and made.has_quotes and not _quotes_are_sound(connection, made):
                made = replace(made, kind="careful")
            if made.kind == "careful":
                made = cut(made, work)
        if isinstance(made, Reason):
            _refuse(batch, package, made)
        else:
            yield made


def _unreadable(connection: duckdb.DuckDBPyConnection, sources: Sequence[Source]) -> list[Source]:
    """The sources that the engine cannot read, each tried alone."""
    found = []
    for source in sources:
        every = ", ".join(
            f"sum(length(text_{name}))" for name in source.extract.names
        )  # a count alone would not read them
        try:
            connection.execute(f"select {every} from ({_relations([source])[0]})").fetchall()
        except duckdb.Error as error:
            if "space left" in str(error):
                raise
            found.append(source)
    return found


def _settle(batch: Batch, ready: list[Source], again: list[Source], work: Path) -> list[Source]:
    """What becomes of sources that could not be read: cut carefully where that was not tried, else refused."""
    result = []
    for source in ready:
        made: Source | Reason = source
        if source in again:
            if vault.stamp(source.file.path) != source.file.stamp:
                made = Reason("S02", "读取期间文件被更改", "the file was changed while it was read", source.file.name, None, None, "a file that stays as it was sent")  # fmt: skip
            elif source.kind == "csv":
                made = cut(source, work)
            elif source.kind == "parquet":
                made = Reason("S02", "Parquet文件无法读取", "the Parquet file's rows cannot be read", source.file.name, None, None, "a sound Parquet file")  # fmt: skip
            else:
                raise AssertionError(f"{source.file.name}: cut carefully, and still not read")
        if isinstance(made, Reason):
            _refuse(batch, source.package, made)
        else:
            result.append(made)
    return result


def _refuse(batch: Batch, package: Package, reason: Reason) -> None:
    for index, other in enumerate(batch.packages):
        if other.version_id == package.version_id:
            batch.packages[index] = other.with_reasons(reason)


def _forget(connection: duckdb.DuckDBPyConnection) -> None:
    for name in ("reading_rows", "reading_person", "reading_codes"):
        connection.execute(f"drop table if exists {name}")


def _type(
    connection: duckdb.DuckDBPyConnection, extract: Extract, sources: Sequence[Source], path: Path, batch: Batch,
    token_key: vault.Key, test_area: bool,
) -> None:  # fmt: skip
    """Write the lake file of one extract; batch.rows counts what came."""
    texts = " union all ".join(f"({select})" for select in _relations(sources))
    # looked up in lists, not joined: a join would not keep the rows in the order of the file
    facts = {
        "platform_code": [quote(source.package.platform_code or "") for source in sources],
        "province_code": [quote(source.package.province_code or "") for source in sources],
        "business_date": [f"date {quote(str(source.package.business_date))}" for source in sources],
        "submission": [quote(source.package.submission) for source in sources],
        "version_id": [quote(source.package.version_id) for source in sources],
    }
    # in a plain CSV without quotes a control character could only be a line end
    controls = any(source.kind != "csv" or source.has_quotes for source in sources)
    origin = ", ".join(
        f"list_value({', '.join(values)})[src + 1] as {name}" for name, values in facts.items()
    )
    query = f"""
        select {origin}, {", ".join(extract.names)}, {_is_untyped(extract)} as is_untyped
        from (select *, {_typing(extract, controls=controls)} from ({texts}))"""
    temporary = path.with_suffix(".part")
    if "id_number" in extract.names:
        connection.execute(f"create or replace temp table reading_rows as {query}")
        _identify(connection, extract, token_key, test_area)
        kept = ", ".join(
            "p.person, p.birth_date, p.sex, p.id_area" if name == "id_number" else f"r.{name}"
            for name in extract.names
        )
        broken = (
            " or r.contracting_party in (select code from reading_codes)"
            if "contracting_party" in extract.names
            else ""
        )
        query = f"""
            select r.platform_code, r.province_code, r.business_date, r.submission, r.version_id, {kept},
                r.is_untyped or (r.id_number is not null and p.person is null){broken} as is_untyped
            from reading_rows r
            left join reading_person p on p.number = r.id_number and p.birth_date <= r.business_date
            order by r.rowid"""
    connection.execute(f"copy ({query}) to {quote(str(temporary))} (format parquet, compression snappy)")
    temporary.rename(path)
    batch.lake[extract.name] = path
    found = connection.execute(
        f"select version_id, count(*) from {_read_parquet(path)} group by 1"
    ).fetchall()
    batch.rows |= {(version, extract.name): count for version, count in found}


def _identify(
    connection: duckdb.DuckDBPyConnection, extract: Extract, token_key: vault.Key, test_area: bool
) -> None:
    """reading_person: one row per identity number read, with its token, or what is wrong with it."""
    numbers = as_frame(
        connection, "select distinct id_number as number from reading_rows where id_number is not null"
    )
    judged = identity_faults(numbers["number"], latest_birth=LAST_BIRTH, test_area=test_area)
    valid = judged["fault"].is_null()
    made = iter(vault.tokens(token_key, judged.filter(valid)["number"].to_list()))
    people = judged.with_columns(
        person=pl.Series([next(made) if ok else None for ok in valid], dtype=pl.String)
    )
    connection.register("reading_person_frame", people.to_arrow())
    connection.execute("create or replace temp table reading_person as select * from reading_person_frame")
    connection.unregister("reading_person_frame")
    connection.execute("create or replace temp table reading_codes (code varchar)")
    if "contracting_party" in extract.names:
        codes = connection.execute("select distinct contracting_party from reading_rows where contracting_party is not null").fetchall()  # fmt: skip
        broken = [(code,) for (code,) in codes if not credit_code_is_valid(code)]
        if broken:
            connection.executemany("insert into reading_codes values (?)", broken)


# -- quarantine ------------------------------------------------------------------------------------


def _quarantine(
    connection: duckdb.DuckDBPyConnection, extract: Extract, sources: Sequence[Source], path: Path, work: Path
) -> list[Path]:
    """One Parquet file per source with cells that do not parse or may not be empty; streamed, however many there are."""
    found = connection.execute(
        f"select distinct version_id from {_read_parquet(path)} where is_untyped"
    ).fetchall()
    untyped = {version for (version,) in found}
    pieces = []
    for source in sources:
        if source.package.version_id in untyped:
            target = (
                work / f"cells-{source.package.version_id[:16]}-{extract.name}-{secrets.token_hex(4)}.parquet"
            )
            connection.execute(f"copy ({_cells(source)}) to {quote(str(target))} (format parquet)")
            pieces.append(target)
    return pieces


def _cells(source: Source) -> str:
    """The SELECT of a source's bad cells, in the order of rows and of the standard's columns."""
    extract, package = source.extract, source.package
    texts = _texts(extract, source.header)
    # in a plain CSV row n stands on line n + 1; in Parquet there are no lines
    places = {
        "csv": "row_number() over () as row_no, row_number() over () + 1 as line_no, null::varchar as fault, null::varchar as fault_text",
        "parquet": "file_row_number + 1 as row_no, null::bigint as line_no, null::varchar as fault, null::varchar as fault_text",
        "careful": "row_no, line_no, fault, fault_text",
    }[source.kind]
    reader = (
        _read_csv([source.path], source.header, source.newline)
        if source.kind == "csv"
        else f"read_parquet({quote(str(source.path))}, hive_partitioning = false, file_row_number = true)"
    )
    has_id, has_party = "id_number" in extract.names, "contracting_party" in extract.names
    person = (
        f"left join reading_person p on p.number = t.id_number and p.fault is null and p.birth_date <= date {quote(str(package.business_date))} "
        "left join reading_person w on w.number = t.id_number"
        if has_id
        else ""
    )
    code = "left join reading_codes c on c.code = t.contracting_party" if has_party else ""
    bad = ["t.fault is not null", _is_untyped(extract)]
    bad += ["(t.id_number is not null and p.number is null)"] if has_id else []
    bad += ["c.code is not null"] if has_party else []
    cells = ", ".join(_cell(column, place) for place, column in enumerate(extract.columns, start=1))
    facts = [quote(package.platform_code or ""), quote(package.province_code or ""), f"date {quote(str(package.business_date))}", quote(package.submission), quote(package.version_id), quote(extract.name)]  # fmt: skip
    origin = ", ".join(f"{value} as {name}" for name, value in zip(QUARANTINE.names[:6], facts, strict=True))
    return f"""
        with texts as (select {places}, {texts} from {reader}),
        rows as (select *, {_typing(extract)} from texts),
        bad as (
            select t.*, {"p.number is not null as is_person, w.fault as person_fault" if has_id else "true as is_person, null as person_fault"},
                {"c.code is not null" if has_party else "false"} as is_bad_party,
            from rows t {person} {code}
            where {" or ".join(bad)}
        ),
        cells as (
            select row_no, line_no, 0 as place, null as column_name, fault_text as original_text, 'S06' as rule_id, fault as reason
            from bad where fault is not null
            union all
            select row_no, line_no, cell.place, cell.column_name, cell.original_text, cell.rule_id, cell.reason
            from (select row_no, line_no, unnest([{cells}]) as cell from bad where fault is null)
            where cell.rule_id is not null
        )
        select {origin}, row_no, line_no, column_name, original_text, rule_id, reason
        from cells order by row_no, place"""


def _cell(column: Column, place: int) -> str:
    """What is wrong with one cell as a struct; rule_id is null where nothing is."""
    text, value, name = f"text_{column.name}", column.name, quote(column.name)
    # long runs of digits may be an identity number; one cell shows at most KEPT characters
    masked = f"regexp_replace(left({text}, {KEPT}), '[0-9]{{14,}}[0-9Xx]{{0,4}}', '******************', 'g')"
    shown = f"repeat('*', least(length({text}), 32)::integer)" if column.type == "identity" else masked
    wanted = quote(
        f" is not {'an' if column.type in ('integer', 'identity') else 'a'} {column.type} (expected {expected(column)})"
    )
    unparsed = f"concat({quote(column.name + ' ')}, to_json({shown}), {wanted})"
    rules = [
        f"when {text} is not null and {value} is null then {quote('V01' if column.type == 'identity' else 'S06')}"
    ]
    reasons = [f"when {text} is not null and {value} is null then {unparsed}"]
    if not column.null:
        rules.append(f"when {text} is null then 'S07'")
        reasons.append(f"when {text} is null then {quote(column.name + ' is empty and mandatory')}")
    if column.type == "identity":
        rules.append("when not is_person then 'V01'")
        reasons.append("when not is_person then coalesce(person_fault, 'birth date impossible')")
    if column.type == "credit_code":
        rules.append("when is_bad_party then 'V02'")
        reasons.append("when is_bad_party then 'check character wrong (GB 32100)'")
    return (
        f"{{'place': {place}, 'column_name': {name}, 'original_text': {shown}, "
        f"'rule_id': case {' '.join(rules)} end, 'reason': case {' '.join(reasons)} end}}"
    )


def _together(connection: duckdb.DuckDBPyConnection, pieces: list[Path], target: Path) -> Path | None:
    if not pieces:
        return None
    connection.execute(
        f"copy (select * from read_parquet({file_list(pieces)}, hive_partitioning = false)) to {quote(str(target))} (format parquet)"
    )
    return target
