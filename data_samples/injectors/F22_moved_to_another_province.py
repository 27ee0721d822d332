"""F22: a share of the orders is reported by the same platform in another province."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import polars as pl

from data_samples.injectors import Day, Injected, drop, lots

SCHEME = "F22"
MOVES = True  # the cells that report what was moved are written after this one


def inject(day: Day, rng: np.random.Generator, intensity: float) -> Injected:
    gone = lots(day.orders["order_id"], day.lots) < intensity
    gone &= (day.orders["work_type"] == "order").to_numpy()
    return replace(drop(day, gone), moved=day.orders.filter(pl.Series(gone)), renumber=True)
