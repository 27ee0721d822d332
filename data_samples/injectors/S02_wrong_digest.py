"""S02: the manifest states a digest that is not that of the orders file."""

from __future__ import annotations

import hashlib
from dataclasses import replace

import numpy as np

from data_samples.injectors import Day, Injected, unchanged

SCHEME = "S02"
ONCE = True


def inject(day: Day, rng: np.random.Generator, intensity: float) -> Injected:
    wrong = hashlib.sha256(f"{day.platform}{day.province}{day.business_date}".encode()).hexdigest()
    return replace(unchanged(day), manifest=(("orders", "sha256", wrong),), touched=("manifest.json",))
