"""F18: every claim, and each of its stages, is reported days later than it happened; the intensity is the number of days."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import numpy as np
import polars as pl

from data_samples.injectors import Day, Injected, unchanged

SCHEME = "F18"
STAGES = ("reported_at", "applied_at", "confirmed_at", "appraised_at", "decided_at", "paid_at")


def inject(day: Day, rng: np.random.Generator, intensity: float) -> Injected:
    held = day.claims.filter(pl.col("injured_at").dt.date() >= day.from_date)
    days = round(intensity)
    if not len(held) or days < 1:
        return unchanged(day)
    shifted = held.with_columns((pl.col(name) + timedelta(days=days)).alias(name) for name in STAGES)
    return replace(
        unchanged(day),
        claims=day.claims.join(held.select("claim_id"), on="claim_id", how="anti"),
        later=((day.business_date + timedelta(days=days), "claims", shifted),),
        touched=tuple(held["claim_id"].to_list()),
    )
