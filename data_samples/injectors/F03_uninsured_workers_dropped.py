"""F03: some workers are never enrolled, and their orders are left out: whoever is reported is insured.

From the first date on, their earlier enrollment is left out too."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import polars as pl

from data_samples.injectors import Day, Injected, drop, lots

SCHEME = "F03"
ENROLLS = True  # acts on the enrollment of the eve too


def inject(day: Day, rng: np.random.Generator, intensity: float) -> Injected:
    result = drop(day, lots(day.orders["worker_id"], day.lots) < intensity)
    unknown = pl.Series(lots(day.enrollment["worker_id"], day.lots) < intensity, dtype=pl.Boolean)
    return replace(result, enrollment=day.enrollment.filter(~unknown))
