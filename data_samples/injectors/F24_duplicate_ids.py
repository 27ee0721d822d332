"""F24: orders are merged: one carries the id of another order of the same worker, and only one of them a
premium."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import polars as pl

from data_samples.injectors import Day, Injected, lots, unchanged

SCHEME = "F24"


def inject(day: Day, rng: np.random.Generator, intensity: float) -> Injected:
    chosen = (pl.col("lot") < intensity) & pl.col("before").is_not_null() & (pl.col("status") == "completed")
    # a row whose predecessor is itself renamed keeps its own id: chains of one id stay pairs
    first = pl.col("chosen") & ~pl.col("chosen").shift(1, fill_value=False).over(
        "worker_id", order_by="serial"
    )
    orders = (
        day.orders.with_columns(
            pl.col("order_id").shift(1).over("worker_id", order_by="serial").alias("before"),
            pl.Series("lot", lots(day.orders["order_id"], day.lots)),
        )
        .with_columns(chosen.alias("chosen"))
        .with_columns(first.alias("chosen"))
    )
    touched = tuple(orders.filter("chosen")["before"].to_list())
    unpaid = pl.lit(0).cast(day.orders.schema["premium_yuan"])
    orders = orders.with_columns(
        pl.when("chosen").then("before").otherwise("order_id").alias("order_id"),
        pl.when("chosen").then(unpaid).otherwise("premium_yuan").alias("premium_yuan"),
    ).select(day.orders.columns)
    return replace(unchanged(day), orders=orders, touched=touched)
