"""F11: workers who do not exist are enrolled all at once; each repeats a few orders of a real one."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import numpy as np
import polars as pl

from data_samples.injectors import Day, Injected, fresh_ids, lots, spell, stack, start_of, stranger, unchanged

SCHEME = "F11"
EACH = 3  # orders of the real worker that a ghost repeats


def inject(day: Day, rng: np.random.Generator, intensity: float) -> Injected:
    models = day.orders.filter((pl.col("status") == "completed") & (pl.col("work_type") == "order"))
    models = models.filter(pl.Series(lots(models["worker_id"], day.lots) < intensity, dtype=pl.Boolean))
    models = (
        models.sort("serial").group_by("worker_id", maintain_order=True).head(EACH).select(day.orders.columns)
    )
    if not len(models):
        return unchanged(day)
    ghosts = {
        worker: stranger(day, worker, worker) for worker in models["worker_id"].unique().sort().to_list()
    }
    new = [(ghost, person) for ghost, person in ghosts.values() if ghost not in day.known]
    begin, registered = start_of(day.business_date), start_of(day.business_date) + timedelta(minutes=3)
    rows = [spell(day, ghost, person, registered, begin) for ghost, person in new]
    seconds = pl.Series(rng.integers(1, 9, len(models)) * 1_000_000).cast(pl.Duration("us"))
    made = models.with_columns(
        fresh_ids(day, models["order_id"]).alias("order_id"),
        pl.col("worker_id").replace_strict({worker: ghost for worker, (ghost, _) in ghosts.items()}),
        *((pl.col(name) + seconds).alias(name) for name in ("accepted_at", "picked_up_at", "finished_at")),
    ).filter(pl.col("accepted_at").dt.date() == day.business_date)
    enrollment = stack(day.enrollment, pl.concat(rows)) if rows else day.enrollment
    return replace(
        unchanged(day),
        orders=stack(day.orders, made),
        enrollment=enrollment,
        renumber=True,
        touched=tuple(ghost for ghost, _ in ghosts.values()),
        remember=tuple(ghost for ghost, _ in new),
    )
