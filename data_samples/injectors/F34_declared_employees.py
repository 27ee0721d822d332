"""F34: workers are declared employees for the days on which they work, and no premium is paid for their orders."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import numpy as np
import polars as pl

from data_samples.injectors import Day, Injected, change, lots, stack, start_of

SCHEME = "F34"


def inject(day: Day, rng: np.random.Generator, intensity: float) -> Injected:
    chosen = (day.orders["premium_yuan"] > 0).to_numpy() & (
        lots(day.orders["worker_id"], day.lots) < intensity
    )
    result = change(day, chosen, premium_yuan=pl.lit(0.0))
    workers = day.orders["worker_id"].filter(pl.Series(chosen)).unique().sort()
    begin = start_of(day.business_date)
    rows = (
        day.roll.filter((pl.col("programme") == "oip") & pl.col("worker_id").is_in(workers.to_list()))
        .unique("worker_id", keep="last", maintain_order=True)
        .with_columns(
            (pl.col("worker_id") + f"E{day.business_date:%y%m%d}").alias("coverage_id"),
            pl.lit("start").alias("action"),
            pl.lit("employee_insurance").alias("programme"),
            pl.lit(begin + timedelta(minutes=1)).alias("registered_at"),
            pl.lit(begin).alias("covered_from"),
            pl.lit(begin + timedelta(days=1)).alias("covered_to"),
            pl.lit("employment").alias("labor_relation"),
            pl.lit("labour_contract").alias("agreement"),
            pl.lit(5000.0).cast(day.roll.schema["contribution_base_yuan"]).alias("contribution_base_yuan"),
        )
    )
    return replace(result, enrollment=stack(day.enrollment, rows))
