"""Dated facts: read from the register CSVs of a home (or the seeds), plus the rates of the domain page.

Legal numbers are data, so the registers are shared with the product; the rates per order are typed here a
second time from domain.md §4, so that a slip in the product's parameter files shows as a difference.
"""

from __future__ import annotations

import csv
from bisect import bisect_right
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal
from pathlib import Path

Row = dict[str, str]
SCHEME_START = date(2022, 7, 1)
SECOND_ROUND = date(2025, 7, 1)  # 24号 in force; platforms that joined before it are the "early" ones
FLOAT_END = date(2027, 1, 1)  # the first float runs to 2026-12-31, for the early platforms
YILUBAO_START = date(2023, 9, 13)
FLOAT_FACTORS = tuple(map(Decimal, ("0.5", "0.8", "1.2", "1.5")))  # bands not found: borrowed, grade A
FLOAT_PROVINCES = ("500000", "510000")  # 重庆 (V), 四川 (W); 370000 from 2027 on
EMPTY_DAY = date(9999, 12, 31)


def day(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None


def in_force(row: Row, on: date) -> bool:
    """valid_from inclusive, valid_to exclusive, empty = open."""
    start, end = day(row.get("valid_from")), day(row.get("valid_to"))
    return (start is None or start <= on) and (end is None or on < end)


def read_csv(path: Path) -> list[Row]:
    if not path.exists():
        return []
    with path.open(encoding="utf-8-sig", newline="") as file:
        return [{k: (v or "").strip() for k, v in row.items() if k} for row in csv.DictReader(file)]


@dataclass
class Reference:
    """The registers by name, each a list of text rows."""

    tables: dict[str, list[Row]]
    _workdays: list[date] = field(default_factory=list)

    def __post_init__(self) -> None:
        rows = self.tables.get("calendar", [])
        self._workdays = sorted(
            date.fromisoformat(r["date"])
            for r in rows
            if r["is_workday"].lower() in ("1", "true", "t", "yes")
        )
        self._province = {r["province_code"]: r for r in self.rows("province")}
        self._joined: dict[str, date] = {}
        for r in self.rows("platform"):
            joined = day(r.get("joined_on"))
            if joined is not None:
                known = self._joined.get(r["platform_code"], joined)
                self._joined[r["platform_code"]] = min(known, joined)
        self._city = {r["city_code"] for r in self.rows("city")}

    def rows(self, name: str) -> list[Row]:
        return self.tables.get(name, [])

    # who and where -------------------------------------------------------------------------------
    def knows_platform(self, code: str) -> bool:
        """A platform of the scheme, or another submitter (insurer, labour company, union, city)."""
        return any(r["platform_code"] == code for r in self.rows("platform")) or any(
            r["submitter_code"] == code for r in self.rows("submitters")
        )

    def credit_codes(self, code: str) -> set[str]:
        found = {r["credit_code"] for r in self.rows("platform") if r["platform_code"] == code}
        return found | {r["credit_code"] for r in self.rows("submitters") if r["submitter_code"] == code}

    def knows_province(self, code: str) -> bool:
        return code in self._province

    def knows_city(self, code: str) -> bool:
        return code in self._city if self._city else (len(code) == 6 and code.isdigit())

    def region(self, province: str | None) -> str | None:
        return (self._province.get(province or "", {}).get("region")) or None

    def joined_on(self, platform: str) -> date | None:
        return self._joined.get(platform)

    # scope ---------------------------------------------------------------------------------------
    def province_in_scheme(self, province: str, on: date) -> bool:
        row = self._province.get(province)
        start = day(row.get("scheme_from")) if row else None
        return start is not None and start <= on

    def platform_in_scheme(self, platform: str, on: date) -> bool:
        joined = self._joined.get(platform)
        return joined is not None and joined <= on

    def pair_in_scheme(self, platform: str, province: str, on: date) -> bool:
        return self.province_in_scheme(province, on) and self.platform_in_scheme(platform, on)

    def industry_in_scheme(self, industry: str, on: date) -> bool:
        return any(
            r["industry"] == industry
            and r["in_scheme"].lower() in ("1", "true", "t", "yes")
            and in_force(r, on)
            for r in self.rows("industry")
        )

    # working days --------------------------------------------------------------------------------
    def workdays(self, start: date, end: date) -> int:
        """Working days after `start` up to and including `end`."""
        return bisect_right(self._workdays, end) - bisect_right(self._workdays, start)

    # money ---------------------------------------------------------------------------------------
    def base_premiums(self, platform: str, industry: str, on: date) -> set[Decimal]:
        """The amounts of domain.md §4 admissible for an order, before any float factor or tier row."""
        early = self._joined.get(platform, EMPTY_DAY) < SECOND_ROUND
        if industry == "ride_hailing":
            return {Decimal("0.01") if on >= SECOND_ROUND else Decimal("0.04")}
        if industry == "food_delivery":
            return {Decimal("0.06")}
        if industry == "intracity_freight":
            return {Decimal("0.18") if on >= SECOND_ROUND else Decimal("0.20")}
        if industry == "instant_delivery":
            if on < SECOND_ROUND:
                return {Decimal("0.04")}
            return {Decimal("0.07"), Decimal("0.25")} if early else {Decimal("0.07")}
        return set()

    def floated_premiums(self, platform: str, province: str, industry: str, on: date) -> set[Decimal]:
        """Base amounts times the float factors, where a float is in force for the platform."""
        early = self._joined.get(platform, EMPTY_DAY) < SECOND_ROUND
        here = early and province in FLOAT_PROVINCES and SECOND_ROUND <= on < FLOAT_END
        here = here or (province == "370000" and on >= FLOAT_END)
        if not here or self.first_year(platform, on):
            return set()
        return {base * f for base in self.base_premiums(platform, industry, on) for f in FLOAT_FACTORS}

    def tier(self, platform: str, province: str, on: date) -> Decimal | None:
        for r in self.rows("platform_tiers"):
            if r["platform_code"] == platform and r["province_code"] == province and in_force(r, on):
                return Decimal(r["premium_yuan"])
        return None

    def first_year(self, platform: str, on: date) -> bool:
        """Within the first 12 months from the day on which the platform joined."""
        joined = self._joined.get(platform)
        return joined is not None and joined <= on < same_day(joined, 1)


def same_day(on: date, years: int) -> date:
    """The same day `years` later (29 February becomes 1 March)."""
    try:
        return on.replace(year=on.year + years)
    except ValueError:
        return date(on.year + years, 3, 1)


def load(folder: Path) -> Reference:
    return Reference({path.stem: read_csv(path) for path in sorted(folder.glob("*.csv"))})


# clocks --------------------------------------------------------------------------------------------
def deadline(on: date) -> datetime:
    """06:00 on the day after the business date, Asia/Shanghai wall time."""
    return datetime(on.year, on.month, on.day) + timedelta(days=1, hours=6)


def night_of(submitted_at: datetime) -> date:
    """The first night D whose deadline is not before submitted_at."""
    guess = (submitted_at - timedelta(hours=30)).date()
    return guess if deadline(guess) >= submitted_at else guess + timedelta(days=1)


def last_night(now: datetime) -> date:
    """The last night whose deadline has passed (a deadline that is now has passed)."""
    guess = (now - timedelta(hours=30)).date()
    return guess


def province_of_city(city: str) -> str:
    """First two digits; the cities of the 兵团 (6590xx) are 660000."""
    return "660000" if city.startswith("6590") else city[:2] + "0000"
