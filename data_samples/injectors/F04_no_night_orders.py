"""F04: orders accepted at night are left out."""

from __future__ import annotations

import numpy as np
import polars as pl

from data_samples.injectors import Day, Injected, drop, lots

SCHEME = "F04"
NIGHT = (23, 5)  # from, to (excluded)


def inject(day: Day, rng: np.random.Generator, intensity: float) -> Injected:
    hour = day.orders["accepted_at"].dt.hour()
    night = ((hour >= NIGHT[0]) | (hour < NIGHT[1])).cast(pl.Boolean).to_numpy()
    return drop(day, night & (lots(day.orders["order_id"], day.lots) < intensity))
