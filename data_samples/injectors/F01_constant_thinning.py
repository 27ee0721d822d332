"""F01: the same share of all orders is left out on every day, whatever they are."""

from __future__ import annotations

import numpy as np

from data_samples.injectors import Day, Injected, drop, lots

SCHEME = "F01"


def inject(day: Day, rng: np.random.Generator, intensity: float) -> Injected:
    return drop(day, lots(day.orders["order_id"], day.lots) < intensity)
