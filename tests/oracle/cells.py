"""Cells of indicators: periods, geography, and the key of a fact under `--by`."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from .book import Book
from .reference import Reference

TIMES = ("day", "month", "quarter", "year")
PLACES = ("region", "province", "city", "platform", "industry", "programme")
Key = tuple[str | None, ...]


@dataclass(frozen=True)
class Place:
    """Where and what a fact is about; None where the fact does not say."""

    platform: str | None = None
    province: str | None = None
    city: str | None = None
    industry: str | None = None
    programme: str | None = None


@dataclass(frozen=True)
class Period:
    """Half-open [start, end), cut off nowhere; `label` in the order of the time dimensions asked for."""

    label: Key
    start: date
    end: date


def time_label(dimension: str, on: date) -> str:
    if dimension == "day":
        return on.isoformat()
    if dimension == "month":
        return f"{on:%Y-%m}"
    return f"{on.year}" if dimension == "year" else f"{on.year}-Q{(on.month + 2) // 3}"


def period_of(unit: str, on: date) -> tuple[date, date]:
    if unit == "day":
        return on, on + timedelta(days=1)
    months = {"month": 1, "quarter": 3, "year": 12}[unit]
    first = (on.month - 1) // months * months
    last = first + months
    return date(on.year, first + 1, 1), date(on.year + last // 12, last % 12 + 1, 1)


class Cells:
    """The `--by` of one question."""

    def __init__(self, book: Book, by: Sequence[str]) -> None:
        unknown = set(by) - set(TIMES) - set(PLACES)
        if unknown:
            raise ValueError(f"no such dimension: {', '.join(sorted(unknown))}")
        self.by, self.book, self.reference = list(by), book, book.reference
        self.times = [d for d in by if d in TIMES]
        self.places = [d for d in by if d in PLACES]
        self.unit = next((d for d in TIMES if d in by), None)
        self.cut_off = datetime(book.last_day.year, book.last_day.month, book.last_day.day) + timedelta(
            days=1
        )

    @property
    def by_programme(self) -> bool:
        return "programme" in self.by

    @property
    def whole_pairs(self) -> bool:
        """Only time, region, province and platform: figures about submissions exist."""
        return not {"city", "industry", "programme"} & set(self.by)

    def time(self, on: date) -> Key:
        return tuple(time_label(d, on) for d in self.times)

    def place(self, place: Place) -> Key:
        return tuple(_part(d, place, self.reference) for d in self.places)

    def join(self, time: Key, place: Key) -> Key:
        """The cell's values in the order asked for."""
        times, places = iter(time), iter(place)
        return tuple(next(times) if d in TIMES else next(places) for d in self.by)

    def period(self, on: date) -> Period:
        if self.unit is None:
            return Period((), self.book.first_day, self.book.last_day + timedelta(days=1))
        return Period(self.time(on), *period_of(self.unit, on))

    def periods(self) -> Iterator[Period]:
        """From the first business date to the cut-off."""
        on = self.book.first_day
        while on <= self.book.last_day:
            period = self.period(on)
            yield period
            on = period.end

    def before(self, period: Period) -> Period | None:
        return self.period(period.start - timedelta(days=1)) if self.unit else None


def _part(dimension: str, place: Place, reference: Reference) -> str | None:
    if dimension == "region":
        return reference.region(place.province)
    return {
        "province": place.province,
        "city": place.city,
        "platform": place.platform,
        "industry": place.industry,
        "programme": place.programme,
    }[dimension]


def at_midnight(on: date) -> datetime:
    return datetime(on.year, on.month, on.day)
