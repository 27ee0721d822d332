"""F12: some workers appear under two numbers: the first half of their day under one, the rest under the other."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import numpy as np
import polars as pl

from data_samples.injectors import Day, Injected, lots, spell, stack, start_of, stranger, unchanged

SCHEME = "F12"


def inject(day: Day, rng: np.random.Generator, intensity: float) -> Injected:
    chosen = pl.Series(lots(day.orders["worker_id"], day.lots) < intensity, dtype=pl.Boolean)
    place = pl.col("serial").rank("ordinal").over("worker_id") * 2 > pl.len().over("worker_id")
    second = day.orders.select(place & pl.lit(chosen) & (pl.col("work_type") == "order")).to_series()
    workers = day.orders["worker_id"].filter(second).unique().sort().to_list()
    if not workers:
        return unchanged(day)
    twins = {worker: stranger(day, worker, worker) for worker in workers}
    renamed = pl.col("worker_id").replace({worker: twin for worker, (twin, _) in twins.items()})
    orders = day.orders.with_columns(pl.when(second).then(renamed).otherwise("worker_id").alias("worker_id"))
    new = [(twin, person) for twin, person in twins.values() if twin not in day.known]
    begin = start_of(day.business_date)
    rows = [spell(day, twin, person, begin + timedelta(seconds=40), begin) for twin, person in new]
    return replace(
        unchanged(day),
        orders=orders,
        touched=tuple(twin for twin, _ in twins.values()),
        enrollment=stack(day.enrollment, pl.concat(rows)) if rows else day.enrollment,
        remember=tuple(twin for twin, _ in new),
    )
