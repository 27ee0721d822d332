"""F10: orders that nobody made: at any time of the day, by workers of the day, without regard to what these were doing."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import numpy as np
import polars as pl

from data_samples.injectors import Day, Injected, fresh_ids, stack, start_of, unchanged

SCHEME = "F10"


def inject(day: Day, rng: np.random.Generator, intensity: float) -> Injected:
    able = day.orders.filter((pl.col("status") == "completed") & (pl.col("work_type") == "order"))
    count = min(round(intensity * len(day.orders)), len(able))
    if not count:
        return unchanged(day)
    models = able[np.sort(rng.choice(len(able), size=count, replace=False)).tolist()]
    at = pl.Series(
        [
            start_of(day.business_date) + timedelta(seconds=int(s))
            for s in rng.integers(6 * 3600, 85_000, count)
        ]
    )
    moved = at.cast(pl.Datetime("us")) - models["accepted_at"]
    made = models.with_columns(
        (pl.col(name) + moved).alias(name) for name in ("accepted_at", "picked_up_at", "finished_at")
    ).with_columns(
        fresh_ids(day, models["order_id"]).alias("order_id"),
        models["worker_id"].sample(count, shuffle=True, seed=int(rng.integers(0, 2**31))).alias("worker_id"),
    )
    orders = stack(day.orders, made)
    return replace(unchanged(day), orders=orders, touched=tuple(made["order_id"].to_list()), renumber=True)
