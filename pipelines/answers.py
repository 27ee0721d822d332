"""What is known, read from the published snapshot (or from a past state): submissions, findings, evidence."""

from __future__ import annotations

import csv
import gzip
import io
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import duckdb
import polars as pl

from pipelines import vault
from pipelines.cut import LINE_LIMIT, records
from pipelines.manifest import CHINA
from pipelines.text import KEPT, mask, safe
from warehouse.engine import frame, quote
from warehouse.home import Home
from warehouse.standard import load as load_standard

FINDING_COLUMNS = (
    "finding_id", "rule_id", "rule_version", "kind", "consequence", "dimension", "responsible", "amount_yuan",
    "platform_code", "province_code", "period_from", "period_to", "detected_on", "submission", "violations", "checked",
    "effect", "p_value", "score", "scheme", "title_zh", "title_en", "status",
)  # fmt: skip


class NotFound(LookupError):
    """What was asked for is not there; the message says what is."""


@dataclass(frozen=True)
class Filter:
    """Which records are wanted; dates are inclusive business dates."""

    platforms: tuple[str, ...] = ()
    provinces: tuple[str, ...] = ()
    date_from: date | None = None
    date_to: date | None = None
    rules: tuple[str, ...] = ()
    statuses: tuple[str, ...] = ()

    def where(self, first_day: str, last_day: str, *, rule: str | None = None) -> tuple[str, list[object]]:
        parts, values = ["true"], list[object]()
        for column, wanted in (
            ("platform_code", self.platforms),
            ("province_code", self.provinces),
            ("status", self.statuses),
            (rule, self.rules),
        ):
            if column and wanted:
                parts.append(f"list_contains(?::varchar[], {column})")
                values.append(list(wanted))
        if self.date_from is not None:
            parts.append(f"{last_day} >= ?")
            values.append(self.date_from)
        if self.date_to is not None:
            parts.append(f"{first_day} <= ?")
            values.append(self.date_to)
        return " and ".join(parts), values


def submissions(connection: duckdb.DuckDBPyConnection, wanted: Filter) -> list[dict[str, Any]]:
    """One record per package version, by submission and time sent."""
    where, values = wanted.where("business_date", "business_date")
    rows = frame(
        connection,
        f"select * from marts.submission where {where} order by submission, submitted_at, version_id",
        values,
    )
    return [
        {
            "submission": row["submission"], "platform_code": row["platform_code"], "province_code": row["province_code"],
            "business_date": row["business_date"], "sequence": row["sequence"], "status": row["status"],
            "reasons": _json(row["reasons"]),
            "rows": {name: row[f"rows_{name}"] for name in load_standard().extracts},
            "quarantined": {name: row[f"quarantined_{name}"] for name in load_standard().extracts},
            "submitted_at": row["submitted_at"], "received_at": row["received_at"], "known_at": row["known_at"],
            "night": row["night"], "digest": row["version_id"], "manifest_digest": row["digest"],
        }
        for row in rows.iter_rows(named=True)
    ]  # fmt: skip


def findings(connection: duckdb.DuckDBPyConnection, wanted: Filter) -> list[dict[str, Any]]:
    """One record per finding, strictest consequence first."""
    where, values = wanted.where("period_from", "period_to", rule="rule_id")
    order = "list_position(['refuse', 'quarantine', 'defect', 'breach', 'suspect'], consequence), rule_id, period_from, platform_code, province_code"
    rows = frame(
        connection,
        f"select {', '.join(FINDING_COLUMNS)} from checks.finding where {where} order by {order}",
        values,
    )
    return [{**row, "scheme": _json(row["scheme"])} for row in rows.iter_rows(named=True)]


def finding(connection: duckdb.DuckDBPyConnection, finding_id: str) -> dict[str, Any]:
    """One finding by its id or an unambiguous beginning of it."""
    rows = frame(connection, "select * from checks.finding where starts_with(finding_id, ?)", [finding_id])
    if rows.height != 1:
        raise NotFound(
            f"{finding_id}: {'no finding' if rows.height == 0 else f'{rows.height} findings'} of that id; see `zhibao findings`"
        )
    return rows.row(0, named=True)


def evidence(connection: duckdb.DuckDBPyConnection, home: Home, finding_id: str) -> pl.DataFrame:
    """Every row behind a finding, as the rule returned it."""
    found = finding(connection, finding_id)
    if not found["evidence"]:
        return pl.DataFrame()
    path = quote(str(home.root / found["evidence"]))
    if found["kind"] == "detector":
        return frame(
            connection, f"select * from read_parquet({path}) where finding_id = ?", [found["finding_id"]]
        )
    return frame(
        connection,
        f"select * from read_parquet({path}) where platform_code is not distinct from ? and province_code is not distinct from ? "
        "and coalesce(business_date, date '1970-01-01') = ?",
        [found["platform_code"], found["province_code"], found["period_from"]],
    )


# -- from evidence to the source line --------------------------------------------------------------


def source_lines(
    connection: duckdb.DuckDBPyConnection, home: Home, finding_id: str, limit: int, who: str
) -> list[dict[str, Any]]:
    """The original lines behind a finding, decrypted from the archive on request, masked, and logged."""
    found = finding(connection, finding_id)
    rows = evidence(connection, home, finding_id).head(limit)
    lines: list[dict[str, Any]] = []
    for (submission, extract), wanted in _wanted(rows, found).items():
        version = _version(connection, submission, found)
        if version is None:
            continue
        files = _files(version)
        entry = files.get(extract)
        if entry is None or entry["file"] not in (originals := json.loads(version["originals"])):
            continue
        for number, key, text in _search(
            home, originals[entry["file"]], entry, load_standard().extracts[extract].key[0], wanted
        ):
            lines.append(
                {"submission": submission, "file": entry["file"], "line": number, "key": key, "text": text}
            )
    _log_access(home, finding_id, who, len(lines))
    return lines


def _wanted(rows: pl.DataFrame, found: Mapping[str, Any]) -> dict[tuple[str, str], set[Any]]:
    """(submission, extract) → keys (text) or line numbers (int) that the evidence names."""
    keys = {extract.key[0]: name for name, extract in load_standard().extracts.items()}
    wanted: dict[tuple[str, str], set[Any]] = {}
    for row in rows.iter_rows(named=True):
        submission = row.get("submission") or found["submission"]
        key = row.get("key") or row.get("record_id")
        # in Parquet there are no lines: a quarantined cell names its row (elsewhere row_no counts otherwise)
        place = row.get("line_no") or (row.get("row_no") if "reason" in row else None)
        if row.get("extract") in keys.values() and (place is not None or key is not None):
            name = (submission, row["extract"])
            wanted.setdefault(name, set()).add(int(place) if place is not None else key)
            continue
        for column, extract in keys.items():
            if row.get(column) is not None:
                wanted.setdefault((submission, extract), set()).add(row[column])
    return wanted


def _version(
    connection: duckdb.DuckDBPyConnection, submission: str, found: Mapping[str, Any]
) -> dict[str, Any] | None:
    rows = frame(
        connection,
        "select * from staging.package where submission = ? order by version_id = ? desc, is_refused, submitted_at",
        [submission, found["version_id"] or ""],
    )
    return rows.row(0, named=True) if rows.height else None


def _files(version: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    """Extract → its entry in the manifest; nothing where a refused package's manifest does not say."""
    try:
        entries = json.loads(version["manifest"] or "null")["extracts"]
        return {entry["extract"]: entry for entry in entries}
    except (ValueError, KeyError, TypeError):
        return {}


class _Original(io.RawIOBase):
    """An archived original as a file, decrypted piece by piece."""

    def __init__(self, pieces: Iterator[bytes]) -> None:
        self._pieces, self._rest = pieces, b""

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        while not self._rest:
            piece = next(self._pieces, None)
            if piece is None:
                return 0
            self._rest = piece
        taken = self._rest[: len(buffer)]
        buffer[: len(taken)] = taken
        self._rest = self._rest[len(taken) :]
        return len(taken)


def _open(home: Home, digest: str, form: str) -> Any:
    stream = io.BufferedReader(_Original(vault.original(home, digest)))
    return gzip.GzipFile(fileobj=stream) if form == "csv.gz" else stream


def _search(
    home: Home, digest: str, entry: Mapping[str, Any], key: str, wanted: set[Any]
) -> Iterator[tuple[int, str, str]]:
    """(line number, key, text) of the wanted rows of one archived file; identity numbers are masked."""
    if entry["format"] == "parquet":
        table = pl.read_parquet(io.BytesIO(_open(home, digest, "parquet").read()))
        for number, row in enumerate(table.iter_rows(named=True), start=1):
            if row.get(key) in wanted or number in wanted:
                row |= {"id_number": "*" * 18} if "id_number" in row else {}
                yield number, str(row.get(key)), safe(json.dumps(row, default=str, ensure_ascii=False))
        return
    encoding = entry.get("encoding") or "utf-8"
    with _open(home, digest, entry["format"]) as peek:
        first = next(iter(peek.readline(LINE_LIMIT).splitlines(keepends=True)), b"")
    header = next(csv.reader([first.decode(encoding, "replace").removeprefix("\ufeff").rstrip("\r\n")]), [])
    place = header.index(key) if key in header else None
    person = header.index("id_number") if "id_number" in header else None
    newline = "\r" if first.endswith(b"\r") else "\n"
    with _open(home, digest, entry["format"]) as handle:
        for record in records(handle, encoding, len(header), newline):
            line = record.raw[: KEPT * 4].decode(encoding, "replace").rstrip("\r\n")
            if record.cells is None:  # what stands in which column is not known
                if record.line in wanted:
                    yield record.line, str(record.line), mask(line)
                continue
            own = record.cells[place] if place is not None else ""
            if record.line in wanted or own in wanted:
                if person is not None and record.cells[person]:
                    line = line.replace(record.cells[person], "*" * 18)
                yield record.line, own, safe(line)


def _log_access(home: Home, finding_id: str, who: str, count: int) -> None:
    """Reading an original is itself recorded (个人信息保护法 54): who, when, why, how much."""
    entry = {
        "at": datetime.now(CHINA).isoformat(timespec="seconds"),
        "who": who,
        "what": "source lines",
        "finding": finding_id,
        "lines": count,
    }
    with (home.logs / "access.jsonl").open("a", encoding="utf-8") as log:
        log.write(json.dumps(entry, ensure_ascii=False) + "\n")


def _json(text: str | None) -> Any:
    return json.loads(text) if text else None


def estimates(
    connection: duckdb.DuckDBPyConnection, wanted: Filter, measures: tuple[str, ...], *, every_method: bool
) -> list[dict[str, Any]]:
    """Probably missing orders, workers and injuries beside the reported ones: the best method of each cell, or all of them."""
    where, values = wanted.where("period_from", "period_to")
    if measures:
        where += " and list_contains(?::varchar[], measure)"
        values.append(list(measures))
    return frame(
        connection,
        f"select * from marts.estimate where {where} and (is_best or {'true' if every_method else 'false'}) "
        "order by platform_code, measure, province_code nulls first, method",
        values,
    ).to_dicts()
