"""C07: some completed orders carry no premium."""

from __future__ import annotations

import numpy as np
import polars as pl

from data_samples.injectors import Day, Injected, change, pick

SCHEME = "C07"
ONCE = True


def inject(day: Day, rng: np.random.Generator, intensity: float) -> Injected:
    able = (day.orders["status"] == "completed").to_numpy() & (day.orders["premium_yuan"] > 0).to_numpy()
    return change(day, pick(rng, able, intensity), premium_yuan=pl.lit(0.0))
