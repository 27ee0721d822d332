"""F17: a share of the claims is never reported."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import polars as pl

from data_samples.injectors import Day, Injected, lots, unchanged

SCHEME = "F17"


def inject(day: Day, rng: np.random.Generator, intensity: float) -> Injected:
    if not len(day.claims):
        return unchanged(day)
    gone = pl.Series(lots(day.claims["claim_id"], day.lots) < intensity)
    gone = gone & (day.claims["injured_at"].dt.date() >= day.from_date)
    return replace(
        unchanged(day),
        claims=day.claims.filter(~gone),
        touched=tuple(day.claims["claim_id"].filter(gone).to_list()),
    )
