"""F16: some workers are taken off the roll, and put back for the days on which they have a claim."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import numpy as np
import polars as pl

from data_samples.injectors import Day, Injected, lots, stack, start_of, unchanged

SCHEME = "F16"


def inject(day: Day, rng: np.random.Generator, intensity: float) -> Injected:
    begin = start_of(day.business_date)
    rows = pl.Series(lots(day.enrollment["worker_id"], day.lots) < intensity, dtype=pl.Boolean)
    result = replace(
        unchanged(day), enrollment=day.enrollment.filter(~(rows & (day.enrollment["programme"] == "oip")))
    )
    mine = day.roll.filter((pl.col("programme") == "oip") & pl.col("covered_to").is_null())
    mine = mine.filter(pl.Series(lots(mine["worker_id"], day.lots) < intensity, dtype=pl.Boolean))
    if day.business_date == day.from_date:
        ended = mine.with_columns(pl.lit(begin).alias("covered_to"), pl.lit("end").alias("action"))
        ended = ended.filter(pl.col("covered_from") < begin)
        return replace(
            result, enrollment=stack(result.enrollment, ended), touched=tuple(ended["coverage_id"].to_list())
        )
    hurt = day.claims.filter(pl.col("injured_at").dt.date() == day.business_date)["worker_id"].unique()
    back = mine.filter(pl.col("worker_id").is_in(hurt.to_list()))
    if not len(back):
        return result
    back = back.with_columns(
        pl.col("worker_id") + f"R{day.business_date:%y%m%d}",
        pl.lit("start").alias("action"),
        pl.lit(begin).alias("covered_from"),
        pl.lit(begin + timedelta(days=1)).alias("covered_to"),
        pl.lit(begin + timedelta(hours=21)).alias("registered_at"),
    ).with_columns(coverage_id=pl.col("worker_id"), worker_id=pl.col("worker_id").str.head(-7))
    return replace(
        result, enrollment=stack(result.enrollment, back), touched=tuple(back["coverage_id"].to_list())
    )
