"""F13: several persons work under one number: the orders of some workers are reported as those of another, who works at
the same time."""

from __future__ import annotations

import numpy as np
import polars as pl

from data_samples.injectors import Day, Injected, change, lots, unchanged

SCHEME = "F13"


def inject(day: Day, rng: np.random.Generator, intensity: float) -> Injected:
    workers = day.orders.filter(pl.col("work_type") == "order")["worker_id"].unique().sort()
    if len(workers) < 3:
        return unchanged(day)
    lot = lots(workers, day.lots)
    lenders = workers.filter(pl.Series(lot >= intensity, dtype=pl.Boolean)).to_list()
    borrowers = workers.filter(pl.Series(lot < intensity, dtype=pl.Boolean)).to_list()
    if not lenders or not borrowers:
        return unchanged(day)
    names = {worker: lenders[place % len(lenders)] for place, worker in enumerate(borrowers)}
    chosen = day.orders["worker_id"].is_in(borrowers).to_numpy()
    return change(day, chosen, worker_id=pl.col("worker_id").replace(names))
