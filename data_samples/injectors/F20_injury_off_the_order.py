"""F20: injuries are dated to after the order had ended."""

from __future__ import annotations

from datetime import timedelta

import numpy as np
import polars as pl

from data_samples.injectors import Day, Injected, alter_claims

SCHEME = "F20"
AFTER = timedelta(minutes=100)


def inject(day: Day, rng: np.random.Generator, intensity: float) -> Injected:
    able = (pl.col("injured_at") + AFTER < pl.col("reported_at")) & pl.col("order_id").is_not_null()
    return alter_claims(day, able, intensity, injured_at=pl.col("injured_at") + AFTER)
