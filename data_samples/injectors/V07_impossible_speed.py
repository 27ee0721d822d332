"""V07: some journeys are ten times as long as they were, in the same time."""

from __future__ import annotations

import numpy as np
import polars as pl

from data_samples.injectors import Day, Injected, change, pick

SCHEME = "V07"
ONCE = True


def inject(day: Day, rng: np.random.Generator, intensity: float) -> Injected:
    able = (
        day.orders["distance_m"].is_not_null().to_numpy() & (day.orders["status"] == "completed").to_numpy()
    )
    return change(day, pick(rng, able, intensity), distance_m=pl.col("distance_m") * 10 + 60_000)
