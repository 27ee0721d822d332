"""F21: disabilities become medical cases, and medical cases minor ones, with smaller bills and benefits."""

from __future__ import annotations

import numpy as np
import polars as pl

from data_samples.injectors import Day, Injected, alter_claims

SCHEME = "F21"
SMALL = 2_800  # yuan


def inject(day: Day, rng: np.random.Generator, intensity: float) -> Injected:
    disability = pl.col("injury_class") == "disability"
    able = pl.col("injury_class").is_in(["medical", "disability"])
    small = pl.min_horizontal(pl.col("medical_yuan").cast(pl.Float64) * 0.2 + 300, pl.lit(float(SMALL)))
    bills = pl.when(disability).then(pl.col("medical_yuan").cast(pl.Float64)).otherwise(small)
    benefit = pl.when(pl.col("benefit_yuan").is_not_null()).then(bills * 0.9)
    return alter_claims(
        day,
        able,
        intensity,
        medical_yuan=bills.round(2),
        benefit_yuan=benefit.round(2),
        injury_class=pl.when(disability).then(pl.lit("medical")).otherwise(pl.lit("minor")),
        disability_grade=pl.lit(None),
        appraised_at=pl.lit(None),
    )
