"""X01: some orders are taken by a worker whom nobody has enrolled."""

from __future__ import annotations

import numpy as np
import polars as pl

from data_samples.injectors import Day, Injected, change, pick

SCHEME = "X01"
ONCE = True


def inject(day: Day, rng: np.random.Generator, intensity: float) -> Injected:
    able = (day.orders["status"] == "completed").to_numpy() & (day.orders["premium_yuan"] > 0).to_numpy()
    chosen = pick(rng, able, intensity)
    stranger = pl.col("worker_id").str.head(-7) + f"{7_900_000 + day.lots % 90_000:07d}"
    return change(day, chosen, worker_id=stranger)
