"""F32: nothing is sent for some days on which somebody was hurt, and what happened then never comes; the intensity is the share
of such days."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import numpy as np
import polars as pl

from data_samples.injectors import Day, Injected, unchanged

SCHEME = "F32"


def inject(day: Day, rng: np.random.Generator, intensity: float) -> Injected:
    lost = day.claims.filter(pl.col("injured_at").dt.date().cast(pl.String).is_in(list(day.known)))
    result = replace(
        unchanged(day),
        claims=day.claims.join(lost.select("claim_id"), on="claim_id", how="anti"),
        touched=tuple(lost["claim_id"].to_list()),
    )
    hurt = (result.claims["injured_at"].dt.date() == day.business_date).any()
    if not hurt or rng.random() >= intensity:
        return result
    later = (
        ((day.business_date + timedelta(days=1), "enrollment", day.enrollment),)
        if len(day.enrollment)
        else ()
    )
    return replace(result, withheld=True, remember=(day.business_date.isoformat(),), later=later)
