"""Injury incidence made comparable: standardised for industry, corrected for late reports; and a share with its interval.

Indirect standardisation (as for standardised mortality ratios): observed injuries over those that the industries' overall rates
of the same period would give, times the overall rate. The correction for delay is the reverse-time hazard of Kalbfleisch & Lawless
(1989): the reporting lag's distribution from injuries seen so far, each truncated at the cut-off; it assumes that the lag's
distribution is the same everywhere and always, and says nothing of injuries never reported.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable
from datetime import timedelta

import duckdb
import polars as pl

from warehouse.engine import frame
from warehouse.indicators.cells import Asked
from warehouse.indicators.measures import of_cells, run

Z95 = 1.959963984540054  # normal quantile of a two-sided 95% interval


def standardised(connection: duckdb.DuckDBPyConnection, asked: Asked) -> pl.DataFrame:
    """injuries_observed and injuries_expected by cell, per million at the overall rate: the value is their ratio × that rate.

    The standard is every platform and province of the window, whatever the filters.
    """
    rows = run(connection, "incidence", asked)
    rate = pl.when(pl.col("orders_all") > 0).then(pl.col("injuries_all") / pl.col("orders_all"))
    overall = rows.group_by("window_no", "industry_of").agg(
        pl.col("injuries_all").first(), pl.col("orders_all").first()
    )
    crude = overall.group_by("window_no").agg(
        crude_rate=pl.col("injuries_all").sum() / pl.col("orders_all").sum()
    )
    cells = rows.with_columns(expected=pl.col("orders") * rate.fill_null(0))
    summed = cells.group_by(list(asked.keys)).agg(
        injuries_observed=pl.col("injuries").sum(), injuries_expected=pl.col("expected").sum()
    )
    found = summed.join(crude, on="window_no", how="left").with_columns(
        incidence_standardised=pl.when(pl.col("injuries_expected") > 0).then(
            pl.col("injuries_observed") / pl.col("injuries_expected") * pl.col("crude_rate") * 1_000_000
        )
    )
    return of_cells(found.drop("crude_rate"), asked.keys)


def completeness(lags: Iterable[tuple[int, int]], days: int) -> list[float]:
    """Share of injuries reported within 0, 1, … days, from (lag, days watched since the injury) of those seen.

    Reverse-time hazard: of the injuries watched for at least t days and reported within t, the share reported at t exactly.
    """
    seen = [(min(lag, days), watched) for lag, watched in lags if 0 <= lag <= watched]
    at: Counter[int] = Counter()
    within: Counter[int] = Counter()
    for lag, watched in seen:
        at[lag] += 1
        for t in range(lag, min(watched, days) + 1):
            within[t] += 1
    share = [1.0] * (days + 1)
    for t in range(days, 0, -1):
        share[t - 1] = share[t] * (1 - at[t] / within[t]) if within[t] else share[t]
    return share


def corrected(connection: duckdb.DuckDBPyConnection, asked: Asked, days: int) -> pl.DataFrame:
    """injuries_corrected by cell: each injury weighs 1 / the share reported by its age; after `days` days every one is taken as told."""
    last = asked.known.end - timedelta(days=1)
    seen = frame(
        connection,
        "select date_diff('day', cast(injured_at as date), first_business_date) as lag, "
        "date_diff('day', cast(injured_at as date), cast(? as date)) as watched from marts.claim "
        "where programme = 'oip' and is_order_in_scope and injured_at is not null and cast(injured_at as date) <= ?",
        [last, last],
    )
    share = completeness(seen.iter_rows(), days)
    weights = pl.DataFrame(
        {"age": range(days + 1), "weight": [1 / s if s > 0 else 1.0 for s in share]},
        schema={"age": pl.Float64, "weight": pl.Float64},
    )
    rows = run(connection, "injuries", asked, cap=days)
    weighed = rows.join(weights, on="age", how="left")
    return weighed.group_by(list(asked.keys)).agg(
        injuries_corrected=(pl.col("injuries") * pl.col("weight").fill_null(1)).sum()
    )


def wilson(found: float, drawn: float) -> tuple[float, float]:
    """95% score interval of a share (Wilson 1927); the whole of 0…1 where nothing was drawn."""
    if drawn <= 0:
        return 0.0, 1.0
    share, z2 = found / drawn, Z95 * Z95
    middle = (share + z2 / (2 * drawn)) / (1 + z2 / drawn)
    half = Z95 / (1 + z2 / drawn) * math.sqrt(share * (1 - share) / drawn + z2 / (4 * drawn * drawn))
    low, high = (0.0 if found == 0 else middle - half), (1.0 if found == drawn else middle + half)
    return max(0.0, low), min(1.0, high)


def drawn(connection: duckdb.DuckDBPyConnection, asked: Asked) -> pl.DataFrame:
    """orders_drawn, orders_missing and the interval of their share, by platform."""
    rows = of_cells(run(connection, "checks", asked), asked.keys)
    bounds = [wilson(m, n) for m, n in rows.select("orders_missing", "orders_drawn").iter_rows()]
    return rows.with_columns(
        missing_low=pl.Series([low for low, _ in bounds], dtype=pl.Float64),
        missing_high=pl.Series([high for _, high in bounds], dtype=pl.Float64),
    )
