"""T01: nothing is sent for one day."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from data_samples.injectors import Day, Injected, unchanged

SCHEME = "T01"
ONCE = True


def inject(day: Day, rng: np.random.Generator, intensity: float) -> Injected:
    return replace(unchanged(day), withheld=True, touched=("manifest.json",))
