"""A small published home and a stand-in for the indicators, for tests of screens: quick, and with every state on show.

The stand-in obeys the interface of warehouse.indicators.compute; its numbers are made up but fit together.
"""

from __future__ import annotations

import atexit
import hashlib
import json
import re
import shutil
import tempfile
from collections.abc import Sequence
from datetime import date, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

import duckdb
import polars as pl

from tests.dashboards import fake_labour
from warehouse.build import create_empty
from warehouse.home import Home, write_atomically
from warehouse.indicators.registry import load

FIRST, LAST = date(2024, 1, 1), date(2025, 11, 16)
PROVINCES = (
    "110000",
    "310000",
    "320000",
    "440000",
    "460000",
    "500000",
    "510000",
    "120000",
    "330000",
    "350000",
)
PLATFORMS = ("P01", "P02", "P03", "P05", "P06")
SILENT = "460000"  # in the scheme, but nothing was sent: not reported
ZERO = "350000"  # sent, and it was nothing
HIDDEN = "500000"  # suppressed
UNITS = {"yuan": "yuan", "rate": "share", "share": "share", "persons": "persons", "orders": "orders"}


def publish(root: Path, name: str = "20251117T010000-abc123") -> Path:
    """A home with one published snapshot: the real tables of an empty warehouse, with some rows made up."""
    home = Home(root)
    home.create()
    made = _made()
    part, path = home.snapshots / f"{name}.part", home.snapshots / f"{name}.duckdb"
    shutil.copyfile(made / "snapshot.duckdb", part)
    shutil.copyfile(made / "evidence.parquet", home.evidence / "X01-1-test.parquet")
    shutil.copyfile(made / "D-test.parquet", home.evidence / "D-test.parquet")
    with duckdb.connect(str(part)) as connection:
        connection.execute("update marts.snapshot set snapshot = ?", [name])
    part.rename(path)
    write_atomically(home.current, f"{name}\n".encode())
    return root


@cache
def _made() -> Path:
    """The snapshot and its evidence, made once a session."""
    folder = Path(tempfile.mkdtemp(prefix="zhibao-fake-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    with duckdb.connect() as connection:
        create_empty(connection)
        connection.execute(f"attach '{folder / 'snapshot.duckdb'}' as snapshot")
        for schema in ("marts", "ref", "checks"):
            connection.execute(f"create schema snapshot.{schema}")
        tables = connection.execute(
            "select table_schema, table_name from information_schema.tables "
            "where table_schema in ('marts', 'ref', 'checks') and table_catalog = current_database()"
        ).fetchall()
        for schema, table in tables:
            connection.execute(f"create table snapshot.{schema}.{table} as select * from {schema}.{table}")
        connection.execute("use snapshot")
        at = datetime(2025, 11, 17, 1)
        connection.execute(
            "create table marts.snapshot as select 'x' as snapshot, ? as published_at, ? as data_now, ? as last_night",
            [at, at, LAST],
        )
        connection.execute(
            "create table marts.receipt (number bigint, version_id varchar, submission varchar, receipt_hash varchar)"
        )
        _submissions(connection)
        _findings(connection, folder / "evidence.parquet")
        _claims(connection)
        fake_labour.fill(connection, insert, PLATFORMS, PROVINCES)
        fake_labour.episode(connection, insert, folder, PLATFORMS[1], LAST)
        connection.execute("use memory")
    return folder


def insert(connection: duckdb.DuckDBPyConnection, table: str, rows: list[dict[str, Any]]) -> None:
    """Rows by name; columns that are left out stay null."""
    columns = list({name: None for row in rows for name in row})
    holes = ", ".join("?" for _ in columns)
    connection.executemany(
        f"insert into {table} ({', '.join(columns)}) values ({holes})",
        [[row.get(name) for name in columns] for row in rows],
    )


def _submissions(connection: duckdb.DuckDBPyConnection) -> None:
    """Every pair at the first and on the last twenty days: on time, late, missing, nil, resubmitted, refused in turn."""
    units: list[dict[str, Any]] = []
    versions: list[dict[str, Any]] = []
    days = [FIRST, *(LAST - timedelta(days=n) for n in range(20))]
    for platform in PLATFORMS:
        for province in PROVINCES[:4]:
            for n, day in enumerate(days):
                kind = ("on_time", "on_time", "late", "missing", "nil", "resubmitted", "refused")[n % 7]
                is_there = kind not in ("missing", "refused")
                units.append({
                    "platform_code": platform, "province_code": province, "business_date": day, "is_expected": True, "is_due": True,
                    "is_accepted": is_there, "is_nil": kind == "nil", "is_on_time": is_there and kind != "late", "is_late": kind == "late",
                    "versions": 2 if kind == "resubmitted" else int(is_there), "refused": int(kind == "refused"),
                    "is_resubmitted": kind == "resubmitted", "rows_orders": 12 if is_there else 0, "is_certified": is_there,
                })  # fmt: skip
                if kind != "missing":
                    name = f"{platform}-{province}-{day:%Y%m%d}-1"
                    reasons = (
                        [{"rule_id": "S02", "zh": "摘要不符", "en": "digest differs", "file": "orders.csv"}]
                        if kind == "refused"
                        else []
                    )
                    versions.append({
                        "submission": name, "version_id": hashlib.sha256(name.encode()).hexdigest(), "platform_code": platform,
                        "province_code": province, "business_date": day, "sequence": 1, "status": "refused" if kind == "refused" else "accepted",
                        "reasons": json.dumps(reasons), "rows_enrollment": 1, "rows_orders": 12, "rows_claims": 0, "quarantined_enrollment": 0,
                        "quarantined_orders": 0, "quarantined_claims": 0, "submitted_at": datetime(day.year, day.month, day.day, 23),
                        "known_at": datetime(day.year, day.month, day.day, 23), "night": day,
                    })  # fmt: skip
    day = LAST - timedelta(days=4)  # one day that was sent again, with more orders
    again = dict(next(v for v in versions if v["business_date"] == day and v["status"] == "accepted"))
    again |= {"submission": again["submission"][:-1] + "2", "sequence": 2, "rows_orders": 15, "known_at": datetime(day.year, day.month, day.day, 23) + timedelta(days=3),
              "reason_code": "late_orders", "reason_text": "补报", "version_id": "f" * 64}  # fmt: skip
    versions.append(again)
    insert(connection, "marts.receipt", [
        {"number": n, "version_id": v["version_id"], "submission": v["submission"], "receipt_hash": hashlib.sha256(b"%d" % n).hexdigest()}
        for n, v in enumerate(versions, 1) if v["status"] == "accepted"
    ])  # fmt: skip
    insert(connection, "marts.unit_day", units)
    insert(connection, "marts.submission", versions)


RULES = (("X01", "breach", "接单未参保", "Order accepted without cover"), ("T01", "defect", "缺报", "Submission missing"),
         ("X15", "suspect", "可疑", "Suspicious"))  # fmt: skip


def _findings(connection: duckdb.DuckDBPyConnection, evidence_file: Path) -> None:
    rows = []
    for n in range(150):
        rule, consequence, title_zh, title_en = RULES[n % 3]
        day = LAST - timedelta(days=n % 20)
        rows.append({
            "finding_id": hashlib.sha256(str(n).encode()).hexdigest()[:20], "rule_id": rule, "rule_version": 1, "kind": "rule",
            "consequence": consequence, "dimension": "completeness", "responsible": "platform", "amount_yuan": 1.5 * n,
            "platform_code": PLATFORMS[n % 5], "province_code": PROVINCES[n % 4], "period_from": day, "period_to": day, "detected_on": day,
            "submission": f"{PLATFORMS[n % 5]}-{PROVINCES[n % 4]}-{day:%Y%m%d}-1", "violations": n, "checked": 1000, "title_zh": title_zh,
            "title_en": title_en, "status": "resolved" if n % 10 == 9 else "open", "changed_on": day,
            "evidence": "evidence/X01-1-test.parquet" if rule == "X01" else None,
        })  # fmt: skip
    insert(connection, "checks.finding", rows)
    insert(connection, "checks.verdict", [
        {"rule_id": "X01", "rule_version": 1, "platform_code": platform, "province_code": province, "business_date": LAST - timedelta(days=n),
         "outcome": "hit" if n % 3 == 0 else "pass", "violations": 7 if n % 3 == 0 else 0, "checked": 1000, "night": LAST}
        for platform in PLATFORMS for province in PROVINCES[:4] for n in range(40)
    ])  # fmt: skip
    evidence = pl.DataFrame(
        [{"platform_code": r["platform_code"], "province_code": r["province_code"], "business_date": r["period_from"],
          "order_id": f"O{n}", "worker_id": f"W{n}"} for r in rows if r["rule_id"] == "X01" for n in range(3)]
    )  # fmt: skip
    evidence.write_parquet(evidence_file)


def _claims(connection: duckdb.DuckDBPyConnection) -> None:
    rows = []
    for n in range(30):
        at = datetime(LAST.year, LAST.month, 1, 12) - timedelta(days=n)
        rows.append({
            "platform_code": PLATFORMS[n % 5], "province_code": PROVINCES[n % 4], "claim_id": f"C{n}", "programme": "oip", "injured_at": at,
            "reported_at": at, "applied_at": at if n % 2 else None, "confirmed_at": at + timedelta(days=9) if n % 3 else None,
            "paid_at": at + timedelta(days=20) if n % 4 else None, "injury_class": ("minor", None)[n % 2],
        })  # fmt: skip
    insert(connection, "marts.claim", rows)


def _chance(*parts: Any) -> float:
    return int(hashlib.sha256("|".join(map(str, parts)).encode()).hexdigest()[:8], 16) / 0xFFFFFFFF


def _periods(grain: str | None, first: date, last: date) -> list[tuple[str | None, date]]:
    if grain is None:
        return [(None, last)]
    found: dict[str, date] = {}
    day = first
    while day <= last:
        name = {
            "day": f"{day}",
            "month": f"{day:%Y-%m}",
            "quarter": f"{day.year}-Q{(day.month + 2) // 3}",
            "year": f"{day.year}",
        }[grain]
        found.setdefault(name, day)
        day += timedelta(days=1)
    return list(found.items())


def unit_of(indicator: str) -> str:
    if indicator.startswith("growth_rate"):
        return "share"
    return next(
        (unit for word, unit in UNITS.items() if word in re.split("[_:]", indicator)), load()[indicator].unit
    )


def compute(
    connection: Any,
    *,
    by: Sequence[str],
    indicators: Sequence[str] | None = None,
    date_from: date | None = None,
    date_to: date | None = None,
    platforms: Sequence[str] | None = None,
    provinces: Sequence[str] | None = None,
    base: str | None = None,
    certified_only: bool = False,
) -> pl.DataFrame:
    """The interface of warehouse.indicators.compute over made-up numbers."""
    first, last = max(date_from or FIRST, FIRST), min(date_to or LAST, LAST)
    grain = next((name for name in ("day", "month", "quarter", "year") if name in by), None)
    rows = []
    others = [name for name in ("programme", "industry", "city", "region") if name in by]
    for period, start in _periods(grain, first, last) if first <= last else []:
        for province in (
            [p for p in PROVINCES if not provinces or p in provinces] if "province" in by else [None]
        ):
            for platform in (
                [p for p in PLATFORMS if not platforms or p in platforms] if "platform" in by else [None]
            ):
                for indicator in indicators or ():
                    rows.append(
                        _cell(by, grain, period, start, province, platform, indicator)
                        | dict.fromkeys(others, "oip")
                    )
    columns = list(by)
    schema = dict.fromkeys(columns, pl.String) | {
        "indicator": pl.String,
        "value": pl.Float64,
        "numerator": pl.Float64,
        "denominator": pl.Float64,
        "unit": pl.String,
        "like_for_like": pl.Float64,
        "certified": pl.Float64,
        "flags": pl.String,
        "as_of": pl.Date,
    }
    return pl.DataFrame(rows, schema=schema)


def _cell(
    by: Sequence[str],
    grain: str | None,
    period: str | None,
    start: date,
    province: str | None,
    platform: str | None,
    indicator: str,
) -> dict[str, Any]:
    place: dict[str, Any] = {
        name: value
        for name, value in (("province", province), ("platform", platform), (grain or "", period))
        if name in by
    }
    size = (1 if province is None else 0.02 + 0.2 * _chance("p", province)) * (
        1 if platform is None else 0.05 + 0.4 * _chance("q", platform)
    )
    age = (start - date(2022, 7, 1)).days / 365
    chance = _chance(indicator, province, platform, period)
    row: dict[str, Any] = {
        **place,
        "indicator": indicator,
        "unit": unit_of(indicator),
        "certified": round(0.9 + 0.1 * chance, 4),
        "numerator": None,
        "denominator": None,
        "like_for_like": None,
        "flags": "",
        "as_of": LAST,
    }
    if indicator.startswith("growth_rate"):
        row |= {"value": 0.02 + 0.06 * chance, "like_for_like": 0.01 + 0.02 * chance}
        if period is not None and period.startswith("2025-07"):
            row |= {"value": 0.62, "flags": "b"}
    elif indicator.endswith(("per_million_orders", "_ratio")) or indicator.startswith("days_to"):
        bottom = int(4e6 * size) + 1
        top = int(bottom * 5e-6 * (0.2 + 1.6 * chance)) if "million" in indicator else int(bottom * chance)
        scale = 1e6 if "million" in indicator else 1.0
        row |= {
            "numerator": top,
            "denominator": bottom,
            "value": 2 + 20 * chance if "days" in indicator else top / bottom * scale,
        }
        if "days" in indicator:
            row |= {"numerator": None, "denominator": None}
    elif row["unit"] == "share":
        bottom = int(4e6 * size) + 1
        top = int(bottom * (0.97 + 0.03 * chance))
        row |= {"numerator": top, "denominator": bottom, "value": top / bottom}
    else:
        row["value"] = float(
            int((9e6 + 3e6 * age) * size * (0.95 + 0.1 * chance) * (0.04 if "new" in indicator else 1))
        )
        row["numerator"] = row["value"]
    if period is not None and start >= date(2025, 11, 1):
        row["flags"] += "p"
    for code, changed in (
        (SILENT, {"value": None, "flags": "z"}),
        (ZERO, {"value": 0.0}),
        (HIDDEN, {"value": None, "flags": "c"}),
    ):
        if province == code:
            row |= changed
    return row
