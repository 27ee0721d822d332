"""F05: all orders of some cities are left out; the intensity is the share of the cities, at least one,
and never the largest; a province of one prefecture is left alone."""

from __future__ import annotations

import numpy as np

from data_samples.injectors import Day, Injected, drop, unchanged

SCHEME = "F05"


def inject(day: Day, rng: np.random.Generator, intensity: float) -> Injected:
    others = day.cities[1:]
    if not others:
        return unchanged(day)
    count = max(1, round(intensity * len(day.cities)))
    first = day.lots % min(2, len(others))  # the second or third largest, and those after it
    gone = others[first : first + count]
    return drop(day, day.orders["city_code"].is_in(list(gone)).to_numpy())
