"""What the sample takes from the project's registers and parameters: who is in the scheme, when, and at
what rate."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache

from warehouse import parameters, reference


@dataclass(frozen=True)
class Platform:
    """One platform or other submitter on one date; `joined_on` is None for those outside the oip scheme."""

    code: str
    credit_code: str
    industry: str
    joined_on: date | None


@dataclass(frozen=True)
class Day:
    """One day of the official calendar; `workday_no` counts working days on and on."""

    is_workday: bool
    holiday: str
    workday_no: int


def _rows(name: str) -> list[dict[str, str]]:
    with (reference.FOLDER / f"{name}.csv").open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def _date(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None


def in_force(row: dict[str, str], on: date) -> bool:
    """valid_from is inclusive, valid_to exclusive; empty is open."""
    start, end = _date(row.get("valid_from")), _date(row.get("valid_to"))
    return (start is None or start <= on) and (end is None or on < end)


@cache
def platforms(on: date) -> dict[str, Platform]:
    """Every registered platform as it is classed on `on`, whether it has joined by then or not."""
    found: dict[str, Platform] = {}
    for row in _rows("platform"):
        if row["platform_code"] not in found or in_force(row, on):
            code = row["platform_code"]
            found[code] = Platform(code, row["credit_code"], row["industry"], _date(row["joined_on"]))
    return found


@cache
def submitters(on: date) -> dict[str, Platform]:
    """Those who report programmes other than oip: a city, a labour company, a union."""
    rows = [row for row in _rows("submitters") if in_force(row, on)]
    return {
        row["submitter_code"]: Platform(row["submitter_code"], row["credit_code"], "other", None)
        for row in rows
    }


@cache
def provinces() -> dict[str, date | None]:
    """Province → the day its scheme starts; None where there is none (the registers say why)."""
    return {row["province_code"]: _date(row["scheme_from"]) for row in _rows("province")}


@cache
def cities(province: str) -> tuple[str, ...]:
    """The prefectures of a province, in the register's order."""
    return tuple(row["city_code"] for row in _rows("city") if row["province_code"] == province)


@cache
def floor_cents(province: str, on: date) -> int | None:
    """The least monthly contribution base in 1/100 yuan, where the register has one."""
    for row in _rows("contribution_floors"):
        if row["province_code"] == province and in_force(row, on):
            return round(float(row["floor_yuan"]) * 100)
    return None


@cache
def calendar() -> dict[date, Day]:
    return {
        date.fromisoformat(row["date"]): Day(
            row["is_workday"].lower() in ("1", "true", "t"), row["holiday_zh"], int(row["workday_no"])
        )
        for row in _rows("calendar")
    }


@cache
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


@cache
def _parameters() -> dict[str, parameters.Parameter]:
    return {parameter.id: parameter for parameter in parameters.load()}


def number(parameter: str, on: date, key: str = "") -> float | None:
    """A parameter's value on a day; None where none is in force."""
    value = _parameters()[parameter].at(on, key)
    return float(value.number) if value is not None and value.number is not None else None


@cache
def premium(industry: str, joined_on: date, province: str, on: date) -> int:
    """Premium of one order in 1/10000 yuan: the early platforms pay the high tier where a ratio for it is
    set."""
    until = date.fromisoformat(_parameters()["early_platform_until"].values[0].value)
    early = joined_on < until
    high = early and number("high_tier_ratio", on, province) is not None
    tiers = ["all", *(["early_high"] if high else []), "early" if early else "new"]
    for tier in tiers:
        rate = number("premium_rate", on, f"{industry}/{tier}")
        if rate is not None:
            return round(rate * 10_000)
    raise ValueError(f"no premium rate for {industry} on {on}")


@cache
def premiums(joined_on: date, province: str, on: date) -> dict[str, int]:
    """The premium of every industry that has one on that day."""
    found: dict[str, int] = {}
    for industry in ("ride_hailing", "instant_delivery", "food_delivery", "intracity_freight"):
        try:
            found[industry] = premium(industry, joined_on, province, on)
        except ValueError:
            continue
    return found
