"""T03: some orders are missing, and their serials with them."""

from __future__ import annotations

import numpy as np

from data_samples.injectors import Day, Injected, drop, pick

SCHEME = "T03"
ONCE = True


def inject(day: Day, rng: np.random.Generator, intensity: float) -> Injected:
    able = np.ones(len(day.orders), dtype=bool)
    able[[0, -1]] = len(day.orders) <= 2  # a gap has two sides
    return drop(day, pick(rng, able, intensity))
