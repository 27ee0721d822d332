"""S09: the manifest states another premium than the rows add up to."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from data_samples.injectors import Day, Injected, unchanged

SCHEME = "S09"
ONCE = True


def inject(day: Day, rng: np.random.Generator, intensity: float) -> Injected:
    right = float(day.orders["premium_yuan"].sum() or 0)
    wrong = f"{right + 10 * max(intensity, 1):.4f}"
    return replace(
        unchanged(day), manifest=(("orders", "totals.premium_yuan", wrong),), touched=("manifest.json",)
    )
