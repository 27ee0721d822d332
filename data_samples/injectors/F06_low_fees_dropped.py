"""F06: the orders with the lowest fares are left out; the intensity is their share."""

from __future__ import annotations

import numpy as np

from data_samples.injectors import Day, Injected, drop, unchanged

SCHEME = "F06"


def inject(day: Day, rng: np.random.Generator, intensity: float) -> Injected:
    paid = day.orders["customer_paid_yuan"].cast(float).fill_null(1e9).to_numpy()
    able = (day.orders["status"] == "completed").to_numpy() & (paid < 1e9)
    if not able.any():
        return unchanged(day)
    return drop(day, able & (paid <= np.quantile(paid[able], intensity)))
