"""F29: a share of the orders ends earlier than it did."""

from __future__ import annotations

import numpy as np
import polars as pl

from data_samples.injectors import Day, Injected, change, lots

SCHEME = "F29"
KEPT = 0.6  # of the time from pick-up to finish


def inject(day: Day, rng: np.random.Generator, intensity: float) -> Injected:
    begin = pl.coalesce("picked_up_at", "accepted_at")
    ride = (pl.col("finished_at") - begin).dt.total_seconds()
    long = day.orders.select((pl.col("status") == "completed") & (ride > 180)).to_series().to_numpy()
    chosen = long & (lots(day.orders["order_id"], day.lots) < intensity)
    return change(day, chosen, finished_at=begin + pl.duration(seconds=(ride * KEPT).cast(pl.Int64)))
