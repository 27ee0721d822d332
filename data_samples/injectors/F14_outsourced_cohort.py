"""F14: a cohort is moved to an individual business on one day, leaves the roll together a week later, and its orders vanish."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import numpy as np
import polars as pl

from data_samples.identity import credit_code
from data_samples.injectors import Day, Injected, drop, lots, stack, start_of, unchanged

SCHEME = "F14"
LEAVE_AFTER = 7  # days


def inject(day: Day, rng: np.random.Generator, intensity: float) -> Injected:
    age = (day.business_date - day.from_date).days
    mine = pl.Series(lots(day.orders["worker_id"], day.lots) < intensity, dtype=pl.Boolean)
    if age > LEAVE_AFTER:
        theirs = pl.Series(lots(day.enrollment["worker_id"], day.lots) < intensity, dtype=pl.Boolean)
        return replace(drop(day, mine.to_numpy()), enrollment=day.enrollment.filter(~theirs))
    if age not in (0, LEAVE_AFTER):
        return unchanged(day)
    cohort = day.roll.filter((pl.col("programme") == "oip") & pl.col("covered_to").is_null())
    cohort = cohort.filter(pl.Series(lots(cohort["worker_id"], day.lots) < intensity, dtype=pl.Boolean))
    cohort = cohort.join(day.enrollment.select("coverage_id"), on="coverage_id", how="anti")
    if not len(cohort):
        return unchanged(day)
    firm = credit_code(80_000_000 + day.lots % 1_000_000, individual=True)
    rows = cohort.with_columns(pl.lit(firm).alias("contracting_party"), pl.lit("change").alias("action"))
    if age == LEAVE_AFTER:
        end = start_of(day.business_date) + timedelta(days=1)
        rows = rows.with_columns(pl.lit(end).alias("covered_to"), pl.lit("end").alias("action"))
    return replace(
        unchanged(day), enrollment=stack(day.enrollment, rows), touched=tuple(rows["coverage_id"].to_list())
    )
