"""F31: days later a day is sent again in which orders that carry a claim have become cancelled ones."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import polars as pl

from data_samples.injectors import Day, Injected, lots, unchanged

SCHEME = "F31"


def inject(day: Day, rng: np.random.Generator, intensity: float) -> Injected:
    hurt = (
        day.claims.filter(pl.col("order_id").is_in(day.orders["order_id"].to_list()))["order_id"]
        .unique()
        .sort()
    )
    hurt = hurt.filter(pl.Series(lots(hurt, day.lots) < intensity, dtype=pl.Boolean))
    if not len(hurt):
        return unchanged(day)
    mine = pl.col("order_id").is_in(hurt.to_list())
    edited = day.orders.with_columns(
        pl.when(mine).then(pl.lit("cancelled")).otherwise("status").alias("status"),
        pl.when(mine)
        .then(pl.lit(0.0))
        .otherwise("premium_yuan")
        .cast(day.orders.schema["premium_yuan"])
        .alias("premium_yuan"),
        pl.when(mine)
        .then(pl.col("accepted_at") + pl.duration(seconds=95))
        .otherwise("finished_at")
        .alias("finished_at"),
        *(
            pl.when(mine).then(None).otherwise(pl.col(name)).alias(name)
            for name in ("picked_up_at", "distance_m", "customer_paid_yuan")
        ),
    )
    reason = ("correction", "状态更正")
    return replace(
        unchanged(day), resend=(reason, edited, day.enrollment, day.claims), touched=tuple(hurt.to_list())
    )
