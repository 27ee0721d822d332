"""V01: some identity numbers of the enrollment have a wrong check digit; on a day without enrollment a
new worker with such a number is put in."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import numpy as np
import polars as pl

from data_samples.injectors import Day, Injected, pick, spell, stack, start_of, stranger, unchanged

SCHEME = "V01"
ONCE = True


def inject(day: Day, rng: np.random.Generator, intensity: float) -> Injected:
    rows = day.enrollment
    if not len(rows):
        rows = stack(rows, _newcomer(day))
    mask = pl.Series(pick(rng, np.ones(len(rows), dtype=bool), intensity))
    last = pl.col("id_number").str.tail(1)
    wrong = pl.col("id_number").str.head(17) + pl.when(last == "0").then(pl.lit("1")).otherwise(pl.lit("0"))
    enrollment = rows.with_columns(pl.when(mask).then(wrong).otherwise("id_number").alias("id_number"))
    touched = tuple(enrollment["coverage_id"].filter(mask).to_list())
    return replace(unchanged(day), enrollment=enrollment, touched=touched)


def _newcomer(day: Day) -> pl.DataFrame:
    worker, person = stranger(day, "V01", f"{day.platform}W{day.province[:2]}0000000")
    midnight = start_of(day.business_date)
    return spell(day, worker, person, midnight + timedelta(hours=18), midnight + timedelta(days=1))
