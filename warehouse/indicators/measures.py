"""The parts: each runs its SELECT over the temporary tables of cells.py and answers one row a window and place.

Every measure is a float column (counts are exact up to 2⁵³); a place that does not occur is simply not there.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import duckdb
import polars as pl

from warehouse.indicators.cells import Asked, Window, months_before
from warehouse.indicators.durations import kaplan_meier
from warehouse.indicators.registry import PLACES

FOLDER = Path(__file__).parent
DAY = timedelta(days=1)
TEXT = (*PLACES, "province_code", "outcome", "industry_of")
ON_TIME = (("confirm", 2), ("confirm", 7), ("confirm", 30), ("pay", 5), ("total", 7), ("total", 15))
Span = tuple[date, date, date]  # start, end, events from


def run(connection: duckdb.DuckDBPyConnection, name: str, asked: Asked, **more: Any) -> pl.DataFrame:
    """The rows of one file of this folder: window_no as integer, places as text, everything else as float."""
    text = (FOLDER / f"{name}.sql").read_text(encoding="utf-8")
    values: Mapping[str, Any] = {
        "by_city": "city" in asked.by,
        "by_industry": "industry" in asked.by,
        "by_programme": "programme" in asked.by,
        "certified_only": asked.certified_only,
        "known_until": asked.known.end,
        "known_last": asked.known.end - DAY,
        "asked_count": len(asked.windows),
        "is_everything": not asked.places and asked.platforms is None and asked.provinces is None,
        **more,
    }
    used = {key: values[key] for key in set(re.findall(r"\$([a-z_]+)", text))}
    rows = pl.DataFrame(connection.sql(text, params=used).to_arrow_table())
    whole = ("window_no", "cut_no")
    return rows.select(
        pl.col(c).cast(pl.Int32 if c in whole else pl.String if c in TEXT else pl.Float64)
        for c in rows.columns
    )


def of_cells(rows: pl.DataFrame, keys: Sequence[str]) -> pl.DataFrame:
    """Without the place columns that were not asked for (they are null throughout)."""
    return rows.drop([name for name in PLACES if name in rows.columns and name not in keys])


def orders(connection: duckdb.DuckDBPyConnection, asked: Asked) -> pl.DataFrame:
    return of_cells(run(connection, "orders", asked), asked.keys)


def persons(connection: duckdb.DuckDBPyConnection, asked: Asked, spans: Sequence[Span]) -> pl.DataFrame:
    """Run once for each stretch of adjoining windows, so that only the months in question are read."""
    one_day = all(end - start == DAY for start, end, _ in spans)
    name = "persons_of_days" if one_day else "persons"
    parts = [run(connection, name, asked, start=start, end=end) for start, end in stretches(spans)]
    return of_cells(pl.concat(parts), asked.keys)


def stretches(spans: Iterable[Span]) -> list[tuple[date, date]]:
    """Windows merged where they touch or overlap."""
    merged: list[tuple[date, date]] = []
    for start, end, _ in sorted(spans):
        if merged and start <= merged[-1][1]:
            merged[-1] = merged[-1][0], max(end, merged[-1][1])
        else:
            merged.append((start, end))
    return merged


def cumulative(connection: duckdb.DuckDBPyConnection, asked: Asked, spans: Sequence[Span]) -> pl.DataFrame:
    """persons_cumulative at the end of each window, persons_before at its start: a row for every place and window."""
    cuts = sorted({day for start, end, _ in spans for day in (start, end)})
    days = pl.DataFrame({"first_date": pl.date_range(cuts[0] - DAY, cuts[-1], closed="left", eager=True)})
    starts = pl.DataFrame(
        {"cut": cuts, "cut_no": range(len(cuts))}, schema={"cut": pl.Date, "cut_no": pl.Int32}
    )
    joined = days.with_columns(next=pl.col("first_date") + DAY).join_asof(
        starts, left_on="next", right_on="cut", strategy="forward"
    )
    connection.register("asked_cut", joined.select("first_date", "cut_no"))
    found = run(connection, "cover", asked, start=cuts[0] - DAY, end=cuts[-1])
    connection.unregister("asked_cut")
    found = of_cells(found, asked.keys)
    places = list(asked.places)
    spine = (found.select(places).unique() if places else pl.DataFrame({"": [0]})).join(
        starts.select("cut_no"), how="cross"
    )
    on = [*places, "cut_no"]
    total = (
        spine.join(found.group_by(on).agg(pl.col("persons").sum()), on=on, how="left", nulls_equal=True)
        .sort("cut_no")
        .with_columns(
            persons=pl.col("persons").fill_null(0).cum_sum().over(places)
            if places
            else pl.col("persons").fill_null(0).cum_sum()
        )
    )
    number = {cut: place for place, cut in enumerate(cuts)}
    ends = pl.DataFrame(
        {
            "window_no": range(len(spans)),
            "from_no": [number[start] for start, _, _ in spans],
            "to_no": [number[end] for _, end, _ in spans],
        },
        schema={"window_no": pl.Int32, "from_no": pl.Int32, "to_no": pl.Int32},
    )
    at_end = ends.join(total, left_on="to_no", right_on="cut_no").rename({"persons": "persons_cumulative"})
    before = total.select(*places, from_no="cut_no", persons_before="persons")
    both = at_end.join(before, on=[*places, "from_no"], how="left", nulls_equal=True)
    return both.select(
        *asked.keys, "persons_cumulative", persons_new=pl.col("persons_cumulative") - pl.col("persons_before")
    )


def enrolled(connection: duckdb.DuckDBPyConnection, asked: Asked) -> pl.DataFrame:
    """persons_enrolled: a row for every place and window asked for."""
    windows = asked.windows
    found = of_cells(
        run(connection, "enrolled", asked, start=windows[0].start, last=windows[-1].end - DAY), asked.keys
    )
    places = list(asked.places)
    numbers = pl.DataFrame({"window_no": range(len(windows))}, schema={"window_no": pl.Int32})
    spine = (found.select(places).unique() if places else pl.DataFrame({"": [0]})).join(numbers, how="cross")
    count = pl.col("persons").fill_null(0).cum_sum()
    return (
        spine.join(found, on=list(asked.keys), how="left", nulls_equal=True)
        .sort("window_no")
        .with_columns(persons_enrolled=count.over(places) if places else count)
        .select(*asked.keys, "persons_enrolled")
    )


def claims(connection: duckdb.DuckDBPyConnection, asked: Asked) -> pl.DataFrame:
    return of_cells(run(connection, "claims", asked), asked.keys)


def simple(connection: duckdb.DuckDBPyConnection, name: str, asked: Asked) -> pl.DataFrame:
    """A part that is its SELECT and no more: labour, programmes, fund, contracts, disputes, stages."""
    return of_cells(run(connection, name, asked), asked.keys)


def flows(connection: duckdb.DuckDBPyConnection, asked: Asked) -> pl.DataFrame:
    """Who is new, kept, returned, lost against as many months directly before each window."""
    spans = [
        (number, window.start.replace(day=1), window.end, months_before(window))
        for number, window in enumerate(asked.windows)
    ]
    columns = {"window_no": pl.Int32, "start_month": pl.Date, "end_date": pl.Date, "previous_month": pl.Date}
    connection.register("asked_flow", pl.DataFrame(spans, schema=columns, orient="row"))
    found = of_cells(run(connection, "flows", asked), asked.keys)
    connection.unregister("asked_flow")
    return found


def submissions(connection: duckdb.DuckDBPyConnection, asked: Asked) -> pl.DataFrame:
    """As additive measures by province_code too, since a city's cells need the units of their province."""
    return run(connection, "submissions", asked)


def durations(connection: duckdb.DuckDBPyConnection, asked: Asked) -> pl.DataFrame:
    """Kaplan–Meier quantiles and on-time shares of each cohort."""
    rows = of_cells(run(connection, "durations", asked), asked.keys)
    keys = list(asked.keys)
    if rows.is_empty():
        return rows.select(keys)
    lost = pl.col("outcome").is_in(["denied", "withdrawn"])
    decided = pl.col("closed_days").is_not_null() & (pl.col("outcome") != "withdrawn").fill_null(True)
    paid = pl.col("paid_days").is_not_null()
    until_closed = pl.when(lost).then(pl.coalesce("closed_days", "open_days")).otherwise("open_days")
    rows = rows.with_columns(
        confirm_time=pl.when(decided).then("closed_days").otherwise(until_closed),
        confirm_event=decided,
        pay_time=pl.when(paid).then("paid_days").otherwise(until_closed),
        pay_event=paid,
        # closed within k days, of cases whose k-th day has passed (a withdrawn one: before it was withdrawn)
        confirm_done=pl.when(decided).then("closed_days"),
        confirm_watched=pl.when((pl.col("outcome") == "withdrawn").fill_null(False))
        .then(pl.coalesce("closed_days", "open_days"))
        .otherwise("open_days"),
        total_done=pl.when(pl.col("outcome") == "denied").then("closed_days").otherwise("paid_days"),
        pay_done=pl.when(~lost.fill_null(False)).then("paid_after_days"),
        pay_watched=pl.when(~lost.fill_null(False)).then("open_after_days"),
    ).with_columns(total_watched=pl.col("confirm_watched"))
    shares = rows.group_by(keys).agg(
        *(_within(stage, k) for stage, k in ON_TIME),
        *(_passed(stage, k) for stage, k in ON_TIME),
        confirm_cases=pl.len().cast(pl.Float64),
        confirm_closed=pl.col("confirm_event").sum().cast(pl.Float64),
        pay_cases=pl.len().cast(pl.Float64),
        pay_closed=pl.col("pay_event").sum().cast(pl.Float64),
    )
    return shares.join(_quantiles(rows, keys), on=keys, how="left", nulls_equal=True)


def _passed(stage: str, k: int) -> pl.Expr:
    return (pl.col(f"{stage}_watched") >= k).sum().cast(pl.Float64).alias(f"passed_{stage}_{k}")


def _within(stage: str, k: int) -> pl.Expr:
    return (
        ((pl.col(f"{stage}_watched") >= k) & (pl.col(f"{stage}_done") <= k))
        .sum()
        .cast(pl.Float64)
        .alias(f"on_time_{stage}_{k}")
    )


def _quantiles(rows: pl.DataFrame, keys: list[str]) -> pl.DataFrame:
    found = []
    for key, cell in rows.partition_by(keys, as_dict=True).items():
        record: dict[str, Any] = dict(zip(keys, key, strict=True))
        for stage in ("confirm", "pay"):
            times = list(zip(cell[f"{stage}_time"].to_list(), cell[f"{stage}_event"].to_list(), strict=True))
            record[f"{stage}_median"], record[f"{stage}_p90"] = (
                kaplan_meier(times, tenths) for tenths in (5, 9)
            )
        found.append(record)
    places = {name: pl.String for name in keys if name != "window_no"}
    values = {f"{stage}_{what}": pl.Float64 for stage in ("confirm", "pay") for what in ("median", "p90")}
    return pl.DataFrame(found, schema={"window_no": pl.Int32, **places, **values}).select(*keys, *values)


def spans_of(windows: Sequence[Window]) -> list[Span]:
    """The windows asked for, then those bases that are none of them: numbered as the temporary tables number them."""
    spans = [(w.start, w.end, w.events_from) for w in windows]
    held = {(start, end) for start, end, _ in spans}
    for window in windows:
        if window.base is not None and window.base not in held:
            held.add(window.base)
            spans.append((*window.base, window.base[0]))
    return spans
