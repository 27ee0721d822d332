"""F07: on wet days and days off a share of the orders is left out."""

from __future__ import annotations

import numpy as np

from data_samples.injectors import Day, Injected, drop, lots, unchanged

SCHEME = "F07"


def inject(day: Day, rng: np.random.Generator, intensity: float) -> Injected:
    if not day.wet and day.is_workday:
        return unchanged(day)
    return drop(day, lots(day.orders["order_id"], day.lots) < intensity)
