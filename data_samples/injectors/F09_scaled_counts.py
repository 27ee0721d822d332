"""F09: the count of every hour is scaled by the same ratio, 1 − intensity, to the very order."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from data_samples.injectors import Day, Injected, drop

SCHEME = "F09"


def inject(day: Day, rng: np.random.Generator, intensity: float) -> Injected:
    hour = day.orders["accepted_at"].dt.hour().to_numpy()
    gone = np.zeros(hour.size, dtype=bool)
    for each in np.unique(hour):
        rows = np.flatnonzero(hour == each)
        gone[rng.choice(rows, size=round(rows.size * intensity), replace=False)] = True
    return replace(drop(day, gone), renumber=True)
