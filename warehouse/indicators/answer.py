"""From the table of cells to rows: value, parts, and the flag that says why there is none."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, timedelta

import polars as pl

from warehouse.indicators import cells
from warehouse.indicators.cells import Asked
from warehouse.indicators.registry import PERIODS, Indicator


def rows(
    asked: Asked, wanted: Sequence[Indicator], table: pl.DataFrame, provisional: Mapping[str, int]
) -> pl.DataFrame:
    """One row per indicator and cell, by the dimensions asked for, then in the registry's order."""
    table = _with_labels(asked, table)
    parts = [
        _of_indicator(asked, indicator, place, table, provisional) for place, indicator in enumerate(wanted)
    ]
    return pl.concat(parts).sort(*asked.by, "place", nulls_last=True, maintain_order=True).drop("place")


def _with_labels(asked: Asked, table: pl.DataFrame) -> pl.DataFrame:
    windows = asked.windows
    labels: dict[str, list[str] | list[date] | list[bool] | range] = {
        name: [cells.label(name, w.start) for w in windows] for name in asked.by if name in PERIODS
    }
    labels |= {
        "window_no": range(len(windows)),
        "window_end": [w.end for w in windows],
        "is_complete": [w.is_complete for w in windows],
        "has_base": [w.base is not None for w in windows],
        "is_whole_months": [cells.is_whole_months(w, asked.known) for w in windows],
        "has_history": [cells.months_before(w) >= cells.first_of_month(asked.known.first) for w in windows],
    }
    return table.join(pl.DataFrame(labels).with_columns(pl.col("window_no").cast(pl.Int32)), on="window_no")


def _of_indicator(
    asked: Asked, indicator: Indicator, place: int, table: pl.DataFrame, provisional: Mapping[str, int]
) -> pl.DataFrame:
    """One indicator's rows, by the rule of each flag."""
    has = set(table.columns)

    def measure(name: str | None) -> pl.Expr:
        return pl.col(name) if name in has else pl.lit(None, dtype=pl.Float64)

    numerator, denominator = measure(indicator.numerator), measure(indicator.denominator)
    if indicator.numerator not in ("contributions_yuan",):
        numerator = numerator.fill_null(0)
    if indicator.denominator not in (None, "outside_workers"):
        denominator = denominator.fill_null(0)
    if indicator.value is not None:
        value = measure(indicator.value)
    elif indicator.denominator is not None:
        value = pl.when(denominator > 0).then(numerator * indicator.scale / denominator)
    else:
        value = numerator
    like = (
        measure(f"like_{indicator.id.split(':')[1]}")
        if indicator.part == "growth"
        else pl.lit(None, dtype=pl.Float64)
    )
    not_of_cell = not all(indicator.allows(name) for name in asked.by)
    outside = pl.lit(not_of_cell)
    if "programme" in asked.by and indicator.is_oip_only:
        outside = outside | (pl.col("programme") != "oip").fill_null(True)
    if indicator.part == "growth":
        outside = outside | ~pl.col("has_base")
    if indicator.is_monthly:  # marts by month cannot be narrowed to certified days
        outside = outside | ~pl.col("is_whole_months") | pl.lit(asked.certified_only)
    if indicator.part == "flows":
        outside = outside | ~pl.col("has_history")
    nothing_there = (numerator.fill_null(0) == 0) & (denominator.fill_null(0) == 0)
    if indicator.is_of_scheme:
        outside = outside | (~pl.col("is_in_scheme") & nothing_there)
    else:  # nothing is expected from outside the scheme either
        outside = outside | (~pl.col("is_in_scheme") & pl.col("units").is_null())
    if indicator.part == "submissions":
        silent = pl.col("units").fill_null(0) == 0
    elif indicator.part == "disputes":  # not the platform's to report
        silent = pl.lit(False)
    elif indicator.part in ("witness", "checks"):
        silent = numerator.is_null() if indicator.denominator is None else denominator.fill_null(0) == 0
    elif indicator.part == "growth":  # of a level that is 0 for want of a report
        silent = (pl.col("units_accepted").fill_null(0) == 0) & (numerator + denominator == 0)
    else:  # a total that older reports tell stands
        silent = (pl.col("units_accepted").fill_null(0) == 0) & nothing_there
    blank = outside | silent
    flags = pl.concat_str(
        pl.when(blank)
        .then(pl.lit(""))
        .when(_is_provisional(indicator, asked, provisional))
        .then(pl.lit("p"))
        .otherwise(pl.lit("")),
        pl.when(~blank & (pl.col("units_resubmitted").fill_null(0) > 0))
        .then(pl.lit("r"))
        .otherwise(pl.lit("")),
        pl.when(~blank & pl.col("is_break") & pl.lit(indicator.is_of_scheme))
        .then(pl.lit("b"))
        .otherwise(pl.lit("")),
        pl.when(~blank & _is_estimate(indicator, has)).then(pl.lit("e")).otherwise(pl.lit("")),
        pl.when(outside).then(pl.lit("x")).otherwise(pl.lit("")),
        pl.when(silent & ~outside).then(pl.lit("z")).otherwise(pl.lit("")),
    )
    nothing = pl.lit(None, dtype=pl.Float64)
    return table.select(
        *asked.by,
        indicator=pl.lit(indicator.id),
        value=pl.when(blank).then(nothing).otherwise(value),
        numerator=pl.when(blank).then(nothing).otherwise(numerator),
        denominator=pl.when(blank).then(nothing).otherwise(denominator if indicator.denominator else nothing),
        unit=pl.lit(indicator.unit),
        like_for_like=pl.when(blank).then(nothing).otherwise(like),
        certified=pl.when(pl.col("units").fill_null(0) > 0).then(pl.col("units_certified") / pl.col("units")),
        flags=flags,
        as_of=pl.lit(asked.known.as_of),
        place=pl.lit(place),
    )


def _is_provisional(indicator: Indicator, asked: Asked, provisional: Mapping[str, int]) -> pl.Expr:
    """The period has not ended, or is too young for what is counted; a revision rate with a night D+30 still to come."""
    if indicator.provisional == "revision_days":
        return ~pl.col("is_complete") | (pl.col("revisions_open").fill_null(0) > 0)
    days = provisional.get(indicator.provisional or "", 0)
    return ~pl.col("is_complete") | (pl.col("window_end") > pl.lit(asked.known.end - timedelta(days=days)))


def _is_estimate(indicator: Indicator, has: set[str]) -> pl.Expr:
    if indicator.id == "population_coverage" or indicator.part in ("incidence", "checks"):
        return pl.lit(True)
    claimed = (
        (pl.col("benefits_estimated").fill_null(0) > 0) if "benefits_estimated" in has else pl.lit(False)
    )
    if indicator.numerator == "fund_gap_yuan" or indicator.denominator == "paid_in_yuan":
        return claimed | (pl.col("is_paid_in_estimated") if "is_paid_in_estimated" in has else pl.lit(True))
    return claimed if indicator.numerator == "benefits_yuan" else pl.lit(False)


def none(by: Sequence[str]) -> pl.DataFrame:
    """The answer where nothing is known: no rows, the same columns."""
    floats = ("value", "numerator", "denominator", "like_for_like", "certified")
    order = (
        "indicator",
        "value",
        "numerator",
        "denominator",
        "unit",
        "like_for_like",
        "certified",
        "flags",
        "as_of",
    )
    types = {
        name: pl.Float64 if name in floats else pl.Datetime if name == "as_of" else pl.String
        for name in order
    }
    return pl.DataFrame(schema={**dict.fromkeys(by, pl.String), **types})
