"""What the sample takes from the project's registers and parameters: who is in the scheme, when, and at what rate."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from pathlib import Path

from warehouse import standard

REFERENCE = standard.FOLDER.parent / "reference"


@dataclass(frozen=True)
class Platform:
    """One platform on one date."""

    code: str
    name_zh: str
    credit_code: str
    industry: str
    joined_on: date


@dataclass(frozen=True)
class Day:
    """One day of the official calendar; `workday_no` counts working days on and on."""

    is_workday: bool
    holiday: str
    workday_no: int


def _rows(name: str) -> list[dict[str, str]]:
    path = REFERENCE / f"{name}.csv"
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def _date(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None


def in_force(row: dict[str, str], on: date) -> bool:
    """valid_from is inclusive, valid_to exclusive; empty is open."""
    start, end = _date(row.get("valid_from")), _date(row.get("valid_to"))
    return (start is None or start <= on) and (end is None or on < end)


@cache
def platforms(on: date) -> dict[str, Platform]:
    """Every registered platform as it is named and classed on `on`, whether it has joined by then or not."""
    found: dict[str, Platform] = {}
    for row in _rows("platform"):
        if row["platform_code"] not in found or in_force(row, on):
            found[row["platform_code"]] = Platform(
                row["platform_code"], row["name_zh"], row["credit_code"], row["industry"],
                date.fromisoformat(row["joined_on"]),
            )  # fmt: skip
    return found


@cache
def provinces() -> dict[str, date | None]:
    """Province → the day its scheme starts; None where there is none (the registers say why)."""
    return {row["province_code"]: _date(row["scheme_from"]) for row in _rows("province")}


@cache
def cities(province: str) -> tuple[str, ...]:
    """The prefectures of a province, the register's order."""
    return tuple(row["city_code"] for row in _rows("city") if row["province_code"] == province)


@cache
def calendar() -> dict[date, Day]:
    return {
        date.fromisoformat(row["date"]): Day(
            row["is_workday"].lower() in ("1", "true", "t"), row["holiday_zh"], int(row["workday_no"])
        )
        for row in _rows("calendar")
    }


def day(on: date) -> Day:
    """A day of the calendar; beyond its end every Monday to Friday works."""
    known = calendar().get(on)
    if known is not None:
        return known
    last = max(calendar())
    extra = sum((last + timedelta(days=i)).weekday() < 5 for i in range(1, (on - last).days + 1))
    return Day(on.weekday() < 5, "", calendar()[last].workday_no + extra)


def add_workdays(start: date, count: int) -> date:
    """The first day whose running number of working days is `count` above that of `start`."""
    target = day(start).workday_no + count
    on = start
    while day(on).workday_no < target or (count > 0 and not day(on).is_workday):
        on += timedelta(days=1)
    return on


def premium(industry: str, joined_on: date, province: str, on: date) -> int:
    """Premium of one order in 1/10000 yuan (domain.md §4)."""
    old = {"ride_hailing": 400, "food_delivery": 600, "instant_delivery": 400, "intracity_freight": 2000}
    new = {"ride_hailing": 100, "instant_delivery": 700, "intracity_freight": 1800}
    if on < date(2025, 7, 1):
        return old[industry]
    if industry == "instant_delivery" and province == "310000" and joined_on < date(2025, 7, 1):
        return 2500
    return new[industry]
