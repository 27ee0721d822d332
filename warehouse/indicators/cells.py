"""What was asked for, as data: periods with their bases, places, and the temporary tables that every part joins.

A window is a span of days, [start, end). The windows asked for follow one another without overlap; bases for growth
are further windows. The tables, all temporary and private to the connection:
  asked_window  window_no, start_date, end_date, event_start, event_end
  asked_day     business_date, window_no (a day may lie in two windows)
  asked_pair    platform_code, province_code, place_no, and their labels region, province, platform (null where not asked for)
  asked_place   place_no, region, province, platform: one number for equal labels, since grouping by a number is cheap
  asked_unit    platform × province × day × window, with labels; is_wanted: certified, or no certification was asked for
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

import duckdb
import polars as pl

from warehouse.engine import frame
from warehouse.indicators.registry import PERIODS, PLACES

DAY = timedelta(days=1)
EVER = date(1900, 1, 1)
LABELS = (
    "region",
    "province",
    "platform",
)  # what asked_pair can say; city, industry and programme are the rows' own


@dataclass(frozen=True)
class Window:
    """[start, end) within what is known; `calendar_end` where the calendar unit ends. `base` is growth's window, or None.

    `events_from`: claims and money from here on (long ago, where everything known was asked for).
    """

    start: date
    end: date
    calendar_end: date
    events_from: date
    base: tuple[date, date] | None = None

    @property
    def is_complete(self) -> bool:
        return self.end == self.calendar_end


@dataclass(frozen=True)
class Known:
    """What the data reach: first and last business date (end exclusive), the clock, the last night."""

    first: date
    end: date
    as_of: datetime


@dataclass(frozen=True)
class Asked:
    """One question, resolved."""

    by: tuple[str, ...]
    windows: tuple[Window, ...]
    known: Known
    platforms: tuple[str, ...] | None
    provinces: tuple[str, ...] | None
    certified_only: bool

    @property
    def places(self) -> tuple[str, ...]:
        return tuple(name for name in PLACES if name in self.by)

    @property
    def keys(self) -> tuple[str, ...]:
        """Columns that tell cells apart in a part's answer."""
        return ("window_no", *self.places)


def dimensions(by: Sequence[str]) -> tuple[str, ...]:
    """`by`, checked. ValueError names an unknown or repeated dimension."""
    allowed = (*PERIODS, *PLACES)
    if unknown := [name for name in by if name not in allowed]:
        raise ValueError(f"no such dimension: {', '.join(unknown)} (expected {', '.join(allowed)})")
    if len(set(by)) != len(by):
        raise ValueError(f"a dimension is named twice: {', '.join(by)}")
    return tuple(by)


def known(connection: duckdb.DuckDBPyConnection, as_of: datetime | None) -> Known | None:
    """From the first accepted business date to the last one accepted or due; None before anything is known."""
    rows = connection.execute(
        "select min(case when is_accepted then business_date end), max(business_date), (select max(now) from checks.clock) "
        "from marts.unit_day where is_accepted or is_due"
    ).fetchall()
    first, last, now = rows[0]
    return None if first is None else Known(first, last + DAY, as_of or now)


def label(period: str, day: date) -> str:
    """How a period is called: 2025-10-01, 2025-10, 2025-Q4, 2025."""
    match period:
        case "day":
            return day.isoformat()
        case "month":
            return f"{day:%Y-%m}"
        case "quarter":
            return f"{day:%Y}-Q{(day.month + 2) // 3}"
        case _:
            return f"{day:%Y}"


def calendar_unit(period: str, day: date) -> tuple[date, date]:
    """The calendar unit around a day, [start, end)."""
    if period == "day":
        return day, day + DAY
    months = {"month": 1, "quarter": 3, "year": 12}[period]
    first = (day.month - 1) // months * months
    return date(day.year, first + 1, 1), date(day.year + (first + months) // 12, (first + months) % 12 + 1, 1)


def windows(
    by: Sequence[str], seen: Known, date_from: date | None, date_to: date | None, base: str | None
) -> tuple[Window, ...]:
    """The periods asked for, oldest first; the finest period dimension decides. ValueError on a base that says nothing."""
    first = max(seen.first, date_from) if date_from else seen.first
    end = min(seen.end, date_to + DAY) if date_to else seen.end
    unit = next((name for name in PERIODS if name in by), None)
    if first >= end:
        return ()
    if unit is None:
        earlier = (first - (end - first), first) if date_from else None
        return (
            Window(
                first,
                end,
                (date_to + DAY) if date_to else end,
                date_from or EVER,
                _base(base, None, first, end, earlier),
            ),
        )
    return tuple(_units(unit, first, end, date_from, date_to, base))


def _units(
    unit: str, first: date, end: date, date_from: date | None, date_to: date | None, base: str | None
) -> Iterator[Window]:
    day = first
    while day < end:
        from_, to = calendar_unit(unit, day)
        start = max(from_, date_from) if date_from else from_
        last = min(to, end)
        whole = start == from_ and last == to
        # a period cut short is compared with as many days directly before it, never with a longer one
        earlier = calendar_unit(unit, start - DAY) if whole else (start - (last - start), start)
        yield Window(
            start,
            last,
            min(to, date_to + DAY) if date_to else to,
            start,
            _base(base, unit, start, last, earlier),
        )
        day = to


def first_of_month(day: date) -> date:
    return day.replace(day=1)


def is_whole_months(window: Window, known: Known) -> bool:
    """From the first of a month (or the first day known) to the end of one (or of what is known)."""
    return (window.start.day == 1 or window.start <= known.first) and (
        window.end.day == 1 or window.end >= known.end
    )


def months_of(window: Window) -> int:
    """Calendar months that a window touches."""
    last = window.calendar_end - DAY
    return (last.year - window.start.year) * 12 + last.month - window.start.month + 1


def months_before(window: Window) -> date:
    """First day of as many months directly before the window as it has itself."""
    number = window.start.year * 12 + window.start.month - 1 - months_of(window)
    return date(number // 12, number % 12 + 1, 1)


def _base(
    base: str | None, unit: str | None, start: date, end: date, earlier: tuple[date, date] | None
) -> tuple[date, date] | None:
    """previous (default), year (the same days a year earlier), or a period by name: 2024, 2024-Q4, 2024-11, 2024-11-05, A..B."""
    match base:
        case None | "previous":
            return earlier
        case "year":
            return _year_before(start), _year_before(end)
        case _:
            return named_period(base)


def _year_before(day: date) -> date:
    return (
        day.replace(year=day.year - 1, day=28)
        if (day.month, day.day) == (2, 29)
        else day.replace(year=day.year - 1)
    )


def named_period(text: str) -> tuple[date, date]:
    """[start, end) of 2024, 2024-Q4, 2024-11, 2024-11-05 or 2024-11-01..2024-11-15 (inclusive); ValueError otherwise."""
    try:
        if ".." in text:
            first, last = (date.fromisoformat(part.strip()) for part in text.split("..", 1))
            return first, last + DAY
        if "Q" in text:
            year, quarter = text.split("-Q")
            return calendar_unit("quarter", date(int(year), int(quarter) * 3, 1))
        parts = [int(part) for part in text.split("-")]
        return calendar_unit(("year", "month", "day")[len(parts) - 1], date(*[*parts, 1, 1][:3]))
    except (ValueError, IndexError, TypeError):
        raise ValueError(
            f"no such base: {text!r} (expected previous, year, or a period such as 2024-11 or 2024-11-01..2024-11-15)"
        ) from None


def prepare(
    connection: duckdb.DuckDBPyConnection,
    asked: Asked,
    spans: Sequence[tuple[date, date, date]],
    pairs: pl.DataFrame | None = None,
) -> None:
    """Lay out the temporary tables for windows (start, end, events_from), numbered in the order given.

    `pairs` (platform_code, province_code) narrows them further, for like-for-like figures.
    """
    rows = pl.DataFrame(
        {
            "window_no": range(len(spans)),
            "start_date": [start for start, _, _ in spans],
            "end_date": [end for _, end, _ in spans],
            "event_start": [events for _, _, events in spans],
        },
        schema={"window_no": pl.Int32, "start_date": pl.Date, "end_date": pl.Date, "event_start": pl.Date},
    )
    days = (
        rows.select("window_no", business_date=pl.date_ranges("start_date", "end_date", closed="left"))
        .explode("business_date")
        .drop_nulls()
    )
    _table(connection, "asked_window", rows)
    _table(connection, "asked_day", days)
    _table(connection, "asked_pair", _pairs(connection, asked, pairs))
    connection.execute(
        "create or replace temp table asked_place as select distinct place_no, region, province, platform from asked_pair"
    )
    connection.execute(
        """create or replace temp table asked_unit as
        select u.platform_code, u.province_code, u.business_date, d.window_no, p.place_no, p.region, p.province, p.platform,
            u.is_due, u.is_accepted, u.is_on_time, u.is_certified, u.is_resubmitted,
            u.is_certified or not cast($certified_only as boolean) as is_wanted,
            u.rows_orders + u.rows_enrollment + u.rows_claims as rows_declared, u.rows_untyped
        from marts.unit_day u
        join asked_day d on d.business_date = u.business_date
        join asked_pair p on p.platform_code = u.platform_code and p.province_code = u.province_code
        where u.is_accepted or u.is_due""",
        {"certified_only": asked.certified_only},
    )


def _pairs(connection: duckdb.DuckDBPyConnection, asked: Asked, only: pl.DataFrame | None) -> pl.DataFrame:
    """Every platform × province of the data (province '' where an agency's case does not say it), with labels."""
    found = frame(
        connection,
        "select p.platform_code, p.province_code, r.region as region_name from ("
        "select distinct platform_code, province_code from marts.unit_day where is_accepted or is_due "
        "union select distinct platform_code, province_code from marts.agency_case) p "
        "left join ref.province r on r.province_code = p.province_code",
    )
    if asked.platforms is not None:
        found = found.filter(pl.col("platform_code").is_in(asked.platforms))
    if asked.provinces is not None:
        found = found.filter(pl.col("province_code").is_in(asked.provinces))
    if only is not None:
        found = found.join(only, on=["platform_code", "province_code"], how="semi")
    nothing = pl.lit(None, dtype=pl.String)
    labelled = found.select(
        "platform_code",
        "province_code",
        region=pl.col("region_name") if "region" in asked.by else nothing,
        province=pl.col("province_code").replace("", None) if "province" in asked.by else nothing,
        platform=pl.col("platform_code") if "platform" in asked.by else nothing,
    )
    return labelled.with_columns(place_no=pl.struct(LABELS).rank("dense").cast(pl.Int32))


def _table(connection: duckdb.DuckDBPyConnection, name: str, rows: pl.DataFrame) -> None:
    connection.register("asked_rows", rows)
    connection.execute(f"create or replace temp table {name} as select * from asked_rows")
    connection.unregister("asked_rows")
