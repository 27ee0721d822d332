"""F33: completed orders are called cancelled: no premium, the serial is kept."""

from __future__ import annotations

import numpy as np
import polars as pl

from data_samples.injectors import Day, Injected, change, lots

SCHEME = "F33"


def inject(day: Day, rng: np.random.Generator, intensity: float) -> Injected:
    completed = (day.orders["status"] == "completed").to_numpy() & (
        day.orders["work_type"] == "order"
    ).to_numpy()
    chosen = completed & (lots(day.orders["order_id"], day.lots) < intensity)
    return change(day, chosen, status=pl.lit("cancelled"), premium_yuan=pl.lit(0.0))
