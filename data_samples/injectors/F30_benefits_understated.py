"""F30: benefits are stated lower than paid, by the intensity, so that the ratio of benefits to premiums stays under a threshold."""

from __future__ import annotations

import numpy as np
import polars as pl

from data_samples.injectors import Day, Injected, alter_claims

SCHEME = "F30"


def inject(day: Day, rng: np.random.Generator, intensity: float) -> Injected:
    lower = (pl.col("benefit_yuan").cast(pl.Float64) * (1 - intensity)).round(2)
    return alter_claims(day, pl.col("benefit_yuan").is_not_null(), 1.0, benefit_yuan=lower)
