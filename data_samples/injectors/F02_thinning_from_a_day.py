"""F02: from one day on a share of the orders is left out: a break in the series, where F01 has none."""

from __future__ import annotations

import numpy as np

from data_samples.injectors import Day, Injected, drop, lots

SCHEME = "F02"


def inject(day: Day, rng: np.random.Generator, intensity: float) -> Injected:
    return drop(day, lots(day.orders["order_id"], day.lots) < intensity)
