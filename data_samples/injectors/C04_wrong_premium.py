"""C04: some orders carry a premium that no rule knows."""

from __future__ import annotations

import numpy as np
import polars as pl

from data_samples.injectors import Day, Injected, change, pick

SCHEME = "C04"
ONCE = True
ODD = 0.0315  # yuan


def inject(day: Day, rng: np.random.Generator, intensity: float) -> Injected:
    able = (day.orders["status"] == "completed").to_numpy() & (day.orders["premium_yuan"] > 0).to_numpy()
    return change(day, pick(rng, able, intensity), premium_yuan=pl.lit(ODD))
