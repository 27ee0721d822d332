"""F19: a share of the minor injuries is settled by a commercial policy instead."""

from __future__ import annotations

import numpy as np
import polars as pl

from data_samples.injectors import Day, Injected, alter_claims

SCHEME = "F19"


def inject(day: Day, rng: np.random.Generator, intensity: float) -> Injected:
    able = (pl.col("injury_class") == "minor") & (pl.col("programme") == "oip")
    return alter_claims(
        day,
        able,
        intensity,
        programme=pl.lit("commercial_accident"),
        coverage_id=pl.lit(None, dtype=pl.String),
    )
