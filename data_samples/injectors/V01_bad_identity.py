"""V01: some identity numbers of the enrollment have a wrong check digit; on a day without enrollment a
new worker with such a number is put in."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, time, timedelta

import numpy as np
import polars as pl

from data_samples.injectors import Day, Injected, pick, stack, unchanged

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
    midnight = datetime.combine(day.business_date, time())
    worker = f"{day.platform}W{day.province[:2]}{7_800_000 + day.lots % 90_000:07d}"
    return pl.DataFrame(
        {
            "coverage_id": [worker + "C1"], "action": ["start"], "worker_id": [worker],
            "id_number": ["990000199001010014"], "programme": ["oip"],
            "registered_at": [midnight + timedelta(hours=18)], "covered_from": [midnight + timedelta(days=1)],
            "labor_relation": ["partial"], "engagement": ["crowdsourced"], "industry": [day.industry],
            "city_code": [day.cities[0]], "agreement": ["written_agreement"],
        }
    )  # fmt: skip
