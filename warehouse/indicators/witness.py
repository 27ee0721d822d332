"""What others published, brought to the cells: contributions collected, outside estimates of workers, agreement.

A witness's platform or province may be '' (all). A total stands before its parts and is never added to them.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import date

import duckdb
import polars as pl

from warehouse.engine import frame
from warehouse.indicators.cells import Asked, Window

ALL = ""
Place = tuple[str, str]  # platform_code, province_code
Span = tuple[date, date]  # both inclusive, as the witness writes them


def contributions(
    connection: duckdb.DuckDBPyConnection, asked: Asked, regions: Mapping[str, str]
) -> pl.DataFrame:
    """contributions_yuan by cell: tax rows whose dates lie within the window's calendar unit."""
    stated = _stated(connection, "source = 'tax' and measure = 'contributions_yuan'")
    return _frame(asked, "contributions_yuan", _sums(asked, stated, regions))


def _sums(
    asked: Asked, stated: dict[Span, dict[Place, float]], regions: Mapping[str, str]
) -> Iterator[tuple[int, tuple[str | None, ...], float]]:
    for number, window in enumerate(asked.windows):
        cells: dict[tuple[str | None, ...], float] = {}
        for span in _apart(span for span in stated if _within(span, window)):
            for key, value in _by_cell(asked, stated[span], regions).items():
                cells[key] = cells.get(key, 0.0) + value
        for key, value in cells.items():
            yield number, key, value


def _within(span: Span, window: Window) -> bool:
    return span[0] >= window.events_from and span[1] < window.calendar_end


def _apart(spans: Iterable[Span]) -> list[Span]:
    """Spans that do not overlap, longer ones first: a year's total stands before its months."""
    kept: list[Span] = []
    for span in sorted(spans, key=lambda s: (s[0] - s[1], s)):
        if all(span[1] < other[0] or span[0] > other[1] for other in kept):
            kept.append(span)
    return kept


def _by_cell(
    asked: Asked, values: dict[Place, float], regions: Mapping[str, str]
) -> dict[tuple[str | None, ...], float]:
    """One span's values by the cell's labels."""
    narrowed = asked.platforms is not None, asked.provinces is not None
    by_platform = "platform" in asked.by or narrowed[0]
    by_province = bool({"region", "province"} & set(asked.by)) or narrowed[1]
    values = dict(values)
    if not by_platform:
        values = _rolled(values, 0)
    if not by_province:
        values = _rolled(values, 1)
    if not by_platform and not by_province and (ALL, ALL) in values:
        values = {(ALL, ALL): values[ALL, ALL]}
    cells: dict[tuple[str | None, ...], float] = {}
    for (platform, province), value in values.items():
        if (platform == ALL) == by_platform or (province == ALL) == by_province:
            continue
        if asked.platforms is not None and platform not in asked.platforms:
            continue
        if asked.provinces is not None and province not in asked.provinces:
            continue
        labels = {"region": regions.get(province), "province": province, "platform": platform}
        key = tuple(labels.get(name) for name in asked.places)
        cells[key] = cells.get(key, 0.0) + value
    return cells


def _rolled(values: dict[Place, float], axis: int) -> dict[Place, float]:
    """One total per value of the other axis: the stated one, else the sum of the parts."""
    totals: dict[Place, float] = {}
    for place, value in values.items():
        whole = (ALL, place[1]) if axis == 0 else (place[0], ALL)
        if whole not in values:
            totals[whole] = totals.get(whole, 0.0) + value
    return totals | {place: value for place, value in values.items() if place[axis] == ALL}


def outside_workers(
    connection: duckdb.DuckDBPyConnection, asked: Asked, regions: Mapping[str, str]
) -> pl.DataFrame:
    """outside_workers by cell: the tax office's count of identities, else a survey's, of the cell's own place.

    The witness's period equals the window, or one contains the other; the equal one wins, then the latest.
    Persons of several rows cannot be added up, so a place must be named as such (no sum of parts).
    """
    found = []
    sources = [
        _stated(connection, f"source = '{source}' and measure = 'workers'") for source in ("tax", "survey")
    ]
    if "region" in asked.by and "province" not in asked.by:
        return _frame(asked, "outside_workers", [])
    for number, window in enumerate(asked.windows):
        cells: dict[tuple[str | None, ...], float] = {}
        for stated in sources:
            near = sorted(
                (span for span in stated if _nested(span, window)),
                key=lambda s: (_is_equal(s, window), s[1], s[0]),
                reverse=True,
            )
            for span in near:
                for key, value in _named(asked, stated[span], regions).items():
                    cells.setdefault(key, value)
        found += [(number, key, value) for key, value in cells.items()]
    return _frame(asked, "outside_workers", found)


def _named(
    asked: Asked, values: dict[Place, float], regions: Mapping[str, str]
) -> dict[tuple[str | None, ...], float]:
    only_platform = asked.platforms[0] if asked.platforms is not None and len(asked.platforms) == 1 else None
    only_province = asked.provinces[0] if asked.provinces is not None and len(asked.provinces) == 1 else None
    cells = {}
    for (platform, province), value in values.items():
        right_platform = (
            (platform != ALL and platform in (asked.platforms or (platform,)))
            if "platform" in asked.by
            else platform == (only_platform or ALL)
        )
        right_province = (
            (province != ALL and province in (asked.provinces or (province,)))
            if "province" in asked.by
            else province == (only_province or ALL)
        )
        if "platform" not in asked.by and asked.platforms is not None and only_platform is None:
            continue
        if "province" not in asked.by and asked.provinces is not None and only_province is None:
            continue
        if right_platform and right_province:
            labels = {"region": regions.get(province), "province": province, "platform": platform}
            cells[tuple(labels.get(name) for name in asked.places)] = value
    return cells


def _nested(span: Span, window: Window) -> bool:
    last = window.calendar_end
    return (span[0] >= window.start and span[1] < last) or (span[0] <= window.start and span[1] >= window.end)


def _is_equal(span: Span, window: Window) -> bool:
    return span[0] == window.start and (span[1] - window.calendar_end).days == -1


def agreement(connection: duckdb.DuckDBPyConnection, asked: Asked) -> pl.DataFrame:
    """witness_agreed of witness_compared by cell; where its level is known; a row belongs to the period of its last day."""
    rows = frame(
        connection,
        "select c.platform_code, c.province_code, r.region, c.date_to, c.is_agreed from marts.witness_check c "
        "left join ref.province r on r.province_code = c.province_code where c.is_level_known",
    )
    if asked.platforms is not None:
        rows = rows.filter(pl.col("platform_code").is_in(asked.platforms))
    if asked.provinces is not None:
        rows = rows.filter(pl.col("province_code").is_in(asked.provinces))
    if "platform" in asked.by:
        rows = rows.filter(pl.col("platform_code") != ALL)
    if {"region", "province"} & set(asked.by):
        rows = rows.filter(pl.col("province_code") != ALL)
    windows = pl.DataFrame(
        {
            "window_no": range(len(asked.windows)),
            "start": [w.start for w in asked.windows],
            "end": [w.end for w in asked.windows],
        },
        schema={"window_no": pl.Int32, "start": pl.Date, "end": pl.Date},
    )
    joined = rows.rename({"platform_code": "platform", "province_code": "province"}).join_where(
        windows, pl.col("date_to") >= pl.col("start"), pl.col("date_to") < pl.col("end")
    )
    return joined.group_by(list(asked.keys)).agg(
        witness_agreed=pl.col("is_agreed").sum().cast(pl.Float64), witness_compared=pl.len().cast(pl.Float64)
    )


def _stated(connection: duckdb.DuckDBPyConnection, where: str) -> dict[Span, dict[Place, float]]:
    rows = connection.execute(
        f"select date_from, date_to, platform_code, province_code, cast(value as double) from marts.witness where {where}"
    ).fetchall()
    stated: dict[Span, dict[Place, float]] = {}
    for first, last, platform, province, value in rows:
        stated.setdefault((first, last), {})[platform, province] = value
    return stated


def _frame(
    asked: Asked, name: str, rows: Iterable[tuple[int, tuple[str | None, ...], float]]
) -> pl.DataFrame:
    records = [
        {"window_no": number, **dict(zip(asked.places, key, strict=True)), name: value}
        for number, key, value in rows
    ]
    return pl.DataFrame(
        records, schema={"window_no": pl.Int32, **dict.fromkeys(asked.places, pl.String), name: pl.Float64}
    )
