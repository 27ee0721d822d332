"""A small published home and a stand-in for the indicators, for tests of screens: quick, and with every state on show.

The stand-in obeys the interface of warehouse.indicators.compute; its numbers are made up but fit together.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import duckdb
import polars as pl

from warehouse import reference
from warehouse.home import Home

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
    """A home with one published snapshot holding registers and an empty-ish marts.submission."""
    home = Home(root)
    home.create()
    path = home.snapshots / f"{name}.duckdb"
    connection = duckdb.connect(str(path))
    for schema in ("marts", "ref", "checks"):
        connection.execute(f"create schema {schema}")
    reference.load(connection, Path(reference.__file__).parent)
    connection.execute(
        "create table marts.snapshot as select ? as snapshot, ? as published_at, ? as data_now, ? as last_night",
        [name, datetime(2025, 11, 17, 1), datetime(2025, 11, 17, 1), LAST],
    )
    connection.execute(
        "create table marts.submission (submission varchar, platform_code varchar, province_code varchar, business_date date, status varchar)"
    )
    rows = [
        (f"{p}-{r}-{d:%Y%m%d}-1", p, r, d, "accepted")
        for p in PLATFORMS
        for r in PROVINCES
        for d in (FIRST, LAST)
    ]
    connection.executemany("insert into marts.submission values (?, ?, ?, ?, ?)", rows)
    connection.close()
    home.current.write_text(f"{name}\n", encoding="utf-8")
    return root


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
    return next((unit for word, unit in UNITS.items() if word in indicator.split("_")), "count")


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
    for period, start in _periods(grain, first, last) if first <= last else []:
        for province in (
            [p for p in PROVINCES if not provinces or p in provinces] if "province" in by else [None]
        ):
            for platform in (
                [p for p in PLATFORMS if not platforms or p in platforms] if "platform" in by else [None]
            ):
                for indicator in indicators or ():
                    rows.append(_cell(by, grain, period, start, province, platform, indicator))
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
