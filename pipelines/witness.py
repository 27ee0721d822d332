"""What others know: witness series, worker checks, agency cases, disputes, hourly pulses → staging.

Not sent by platforms' packages, so nothing here can refuse a package. A file that cannot be read is refused
by itself, with its reason; a row that cannot be typed goes to quarantine as a platform's row would.
"""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

import duckdb
import polars as pl
import pyarrow as pa

from pipelines import vault
from pipelines.cut import LINE_LIMIT, records
from pipelines.manifest import parse_json
from pipelines.read import QUARANTINE, expected, typed
from pipelines.receive import Candidate
from pipelines.text import KEPT, mask, safe
from warehouse.build import tokenised
from warehouse.engine import frame as as_frame
from warehouse.home import Home
from warehouse.identity import identity_faults
from warehouse.standard import Extract

FILE_LIMIT = 128 << 20  # read whole; the largest, a year of an agency's cases, comes to some ten


@dataclass(frozen=True)
class Witness:
    """One version of one witness file; `rows` are texts by column, or `reason` says why it is refused.

    `is_early`: refused only because its date has not come; it is looked at again.
    """

    name: str
    extract: Extract
    digest: str
    known_at: datetime
    rows: tuple[tuple[int, Mapping[str, str | None]], ...] = ()
    malformed: tuple[tuple[int, str, str], ...] = ()
    reason: str | None = None
    is_early: bool = False


def receive(
    home: Home, candidate: Candidate, extracts: Mapping[str, Extract], *, now: datetime, live: bool
) -> Witness:
    """Archive a witness file and cut it into texts; never raises for what its sender wrote."""
    name = candidate.name
    extract = next(
        e for e in extracts.values() if e.file_pattern and re.fullmatch(e.file_pattern, candidate.path.name)
    )
    if vault.stamp(candidate.path) is None:
        return Witness(name, extract, candidate.fingerprint, now, reason="a link, or not a regular file")
    if candidate.path.stat().st_size > FILE_LIMIT:
        return Witness(
            name,
            extract,
            candidate.fingerprint,
            now,
            reason=f"too large (expected at most {FILE_LIMIT} bytes)",
        )
    pieces: list[bytes] = []
    digest = vault.archive(home, candidate.path, watch=pieces.append).digest
    raw = b"".join(pieces)
    published = _published(extract, name)
    if published is None:
        return Witness(
            name,
            extract,
            digest,
            now,
            reason="the date in its name is no date (expected YYYYMMDD, a pulse YYYYMMDDHH)",
        )
    if published > now:
        return Witness(name, extract, digest, now, reason=f"dated in the future ({published:%Y-%m-%d %H:%M}, the clock says {now:%Y-%m-%d %H:%M})", is_early=True)  # fmt: skip
    known_at = now if live else published
    if name.endswith(".json"):
        return _pulse(name, extract, digest, known_at, raw)
    return _series(name, extract, digest, known_at, raw)


def _series(name: str, extract: Extract, digest: str, known_at: datetime, raw: bytes) -> Witness:
    first = next(iter(raw[:LINE_LIMIT].splitlines(keepends=True)), b"")
    try:
        header = next(
            csv.reader([first.decode("utf-8").removeprefix("\ufeff").rstrip("\r\n")], strict=True), []
        )
    except (UnicodeDecodeError, csv.Error) as error:
        return Witness(
            name,
            extract,
            digest,
            known_at,
            reason=f"the header line cannot be read: {error} (expected UTF-8, {', '.join(extract.names)})",
        )
    missing = [column for column in extract.mandatory if column not in header]
    unknown = [safe(column, 60) for column in header if column not in extract.names][:20]
    if missing or unknown or len(set(header)) != len(header):
        return Witness(name, extract, digest, known_at, reason=f"columns: missing {missing}, unknown {unknown}, expected {', '.join(extract.names)}, each once")  # fmt: skip
    rows, malformed = [], []
    newline = "\r" if first.endswith(b"\r") else "\n"
    for record in records(io.BytesIO(raw), "utf-8", len(header), newline):
        if record.cells is None:
            text = mask(
                record.raw[: KEPT * 4].decode("utf-8", "replace").rstrip("\r\n").replace("\0", "\ufffd")
            )
            malformed.append((record.line, text[:KEPT], record.fault or ""))
        else:
            rows.append(
                (
                    record.line,
                    {column: value or None for column, value in zip(header, record.cells, strict=True)},
                )
            )
    return Witness(name, extract, digest, known_at, tuple(rows), tuple(malformed))


def _published(extract: Extract, name: str) -> datetime | None:
    """A file is known from the day (a pulse: from the end of the hour) in its name."""
    found = re.fullmatch(extract.file_pattern or "", name)
    groups = found.groupdict() if found else {}
    try:
        if groups.get("hour"):
            if int(groups["hour"][8:10]) > 23:
                return None
            return datetime.strptime(groups["hour"][:8], "%Y%m%d") + timedelta(
                hours=int(groups["hour"][8:10]) + 1
            )
        day = datetime.strptime(groups["date"], "%Y%m%d").date()
    except (KeyError, ValueError, OverflowError):
        return None
    return datetime.combine(day, time())


def _pulse(name: str, extract: Extract, digest: str, known_at: datetime, raw: bytes) -> Witness:
    try:
        content = parse_json(raw)
    except ValueError as error:
        return Witness(name, extract, digest, known_at, reason=f"not JSON: {safe(str(error), 200)}")
    if (
        not isinstance(content, dict)
        or set(content) - set(extract.names)
        or set(extract.mandatory) - set(content)
    ):
        return Witness(
            name, extract, digest, known_at, reason=f"expected an object with {', '.join(extract.names)}"
        )
    texts = {
        key: value
        if value is None
        else safe(value if isinstance(value, str) else json.dumps(value, ensure_ascii=False), KEPT)
        for key, value in content.items()
    }
    said = re.fullmatch(extract.file_pattern or "", name)
    for key, value in (said.groupdict() if said else {}).items():
        if key in texts and texts[key] != value:
            return Witness(
                name,
                extract,
                digest,
                known_at,
                reason=f"{key} is {(texts[key] or '')[:60]!r}, the name says {value!r}",
            )
    return Witness(name, extract, digest, known_at, ((1, texts),))


def register(
    connection: duckdb.DuckDBPyConnection, files: Sequence[Witness], *, token_key: vault.Key, today: date, test_area: bool,
    received_at: datetime, night: date,
) -> None:  # fmt: skip
    """Insert witness files as the current versions of their names, all of one kind at once (pulses come in thousands)."""
    if not files:
        return
    given = pl.DataFrame(
        {
            "file": [w.name for w in files], "kind": [w.extract.name for w in files], "digest": [w.digest for w in files],
            "known_at": [w.known_at for w in files], "row_count": [len(w.rows) for w in files],
            "reason": [w.reason for w in files],
        },
        schema_overrides={"reason": pl.String},
    )  # fmt: skip
    connection.register("witness_given", given.to_arrow())
    connection.execute("create or replace temp table witness_new as select * from witness_given")
    connection.unregister("witness_given")
    connection.execute(
        """delete from staging.witness_file f where exists (select 1 from witness_new n where n.file = f.file and n.digest = f.digest);
        update staging.witness_file f set is_current = false
        where exists (select 1 from witness_new n where n.file = f.file and n.reason is null)"""
    )
    connection.execute(
        """insert into staging.witness_file
        select n.file, n.kind, n.digest, 1 + (select count(*) from staging.witness_file f where f.file = n.file),
            n.reason is null, n.known_at, ?, ?, n.row_count, n.reason is not null, n.reason
        from witness_new n""",
        [night, received_at],
    )
    readable = [w for w in files if w.reason is None]
    connection.execute(
        "delete from staging.quarantine q where exists (select 1 from witness_new n where n.file = q.submission and n.reason is null)"
    )
    bad = [_cell(w, line, None, text, reason) for w in readable for line, text, reason in w.malformed]
    for kind in sorted({w.extract.name for w in readable}):
        same = [w for w in readable if w.extract.name == kind]
        connection.execute(
            f"delete from staging.{same[0].extract.table} t where exists (select 1 from witness_new n where n.file = t.file and n.reason is null)"
        )
        bad += _insert(connection, same, token_key, today, test_area)
    if bad:
        connection.register("witness_bad", pa.Table.from_pylist(bad, schema=QUARANTINE))
        connection.execute("insert into staging.quarantine select * from witness_bad")
        connection.unregister("witness_bad")


def _insert(
    connection: duckdb.DuckDBPyConnection,
    files: Sequence[Witness],
    token_key: vault.Key,
    today: date,
    test_area: bool,
) -> list[dict[str, object]]:
    """Type the rows of several files of one kind and insert them; returns the cells that do not parse."""
    extract = files[0].extract
    by_name = {w.name: w for w in files}
    rows = [(w, line, row) for w in files for line, row in w.rows]
    if not rows:
        return []
    data: dict[str, list[object]] = {
        f"text_{column.name}": [row.get(column.name) for _, _, row in rows] for column in extract.columns
    }
    frame = pl.DataFrame(data, schema=dict.fromkeys(data, pl.String)).with_columns(
        file=pl.Series([w.name for w, _, _ in rows]),
        known_at=pl.Series([w.known_at for w, _, _ in rows]),
        line_no=pl.Series([line for _, line, _ in rows]),
    )
    faults: dict[str, str] = {}
    if "id_number" in extract.names:
        judged = identity_faults(
            frame["text_id_number"].drop_nulls().unique(), latest_birth=today, test_area=test_area
        )
        valid = judged.filter(pl.col("fault").is_null())
        people = valid.with_columns(
            person=pl.Series(vault.tokens(token_key, valid["number"].to_list()), dtype=pl.String)
        )
        faults = dict(judged.filter(pl.col("fault").is_not_null()).select("number", "fault").iter_rows())
        frame = frame.join(people.drop("fault"), left_on="text_id_number", right_on="number", how="left")
    connection.register("witness_rows", frame.to_arrow())
    typing = ", ".join(
        f"{typed(column, f'text_{column.name}')} as {column.name}"
        for column in extract.columns
        if column.type != "identity"
    )
    names = ", ".join(name for column in extract.columns for name, _ in tokenised(column))
    connection.execute(f"create or replace temp table witness_typed as select *, {typing} from witness_rows")
    connection.unregister("witness_rows")
    connection.execute(
        f"insert into staging.{extract.table} ({names}, file, known_at, row_no) select {names}, file, known_at, line_no - 1 from witness_typed"
    )
    suspicious = " or ".join(
        f"text_{c.name} is not null"
        if c.type == "identity"
        else f"(text_{c.name} is not null and {c.name} is null)"
        for c in extract.columns
    ) + "".join(f" or text_{c.name} is null" for c in extract.columns if not c.null)
    bad = []
    for row in as_frame(connection, f"select * from witness_typed where {suspicious}").iter_rows(named=True):
        witness = by_name[row["file"]]
        for column in extract.columns:
            text = row[f"text_{column.name}"]
            if column.type == "identity":
                if text in faults:
                    bad.append(
                        _cell(witness, row["line_no"], column.name, "*" * min(len(text), 32), faults[text])
                    )
            elif text is not None and row[column.name] is None:
                shown = mask(text[:KEPT]).replace("\0", "\ufffd")
                bad.append(
                    _cell(
                        witness,
                        row["line_no"],
                        column.name,
                        shown,
                        f"{column.name} is not {expected(column)}",
                    )
                )
            if text is None and not column.null:
                bad.append(
                    _cell(witness, row["line_no"], column.name, None, f"{column.name} is empty and mandatory")
                )
    connection.execute("drop table witness_typed")
    return bad


def _cell(
    witness: Witness, line: int, column: str | None, text: str | None, reason: str
) -> dict[str, object]:
    return {
        "submission": witness.name, "version_id": witness.digest, "extract": witness.extract.name, "row_no": line - 1,
        "line_no": line, "column_name": column, "original_text": text, "rule_id": "W01", "reason": reason,
        "platform_code": None, "province_code": None, "business_date": None,
    }  # fmt: skip
