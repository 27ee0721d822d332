"""F27: a share of the amounts is rounded to 5 yuan."""

from __future__ import annotations

import numpy as np
import polars as pl

from data_samples.injectors import Day, Injected, change, lots

SCHEME = "F27"
STEP = 5


def inject(day: Day, rng: np.random.Generator, intensity: float) -> Injected:
    chosen = (day.orders["status"] == "completed").to_numpy()
    chosen &= lots(day.orders["order_id"], day.lots) < intensity

    def rounded(name: str) -> pl.Expr:
        return ((pl.col(name).cast(pl.Float64) / STEP).round() * STEP).clip(lower_bound=STEP)

    return change(
        day,
        chosen,
        worker_income_yuan=rounded("worker_income_yuan"),
        customer_paid_yuan=pl.when(pl.col("customer_paid_yuan").is_not_null()).then(
            rounded("customer_paid_yuan")
        ),
    )
