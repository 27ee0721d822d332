"""F08: on some days the orders of an earlier day are sent again, with new numbers and shifted dates."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import numpy as np
import polars as pl

from data_samples.injectors import Day, Injected, unchanged

SCHEME = "F08"


def inject(day: Day, rng: np.random.Generator, intensity: float) -> Injected:
    back = 7 if day.business_date - timedelta(days=7) in day.history else 1
    source = day.history.get(day.business_date - timedelta(days=back))
    if rng.random() >= intensity or source is None or not len(source):
        return unchanged(day)
    moved = source.sort("serial").with_columns(
        (pl.col("accepted_at", "picked_up_at", "finished_at") + timedelta(days=back)),
    )
    # order ids carry the date in digits 6 to 11 (platform, province, yymmdd, number)
    head, stamp = len(day.platform) + 2, f"{day.business_date:%y%m%d}"
    ids = pl.col("order_id").str.slice(0, head) + stamp + pl.col("order_id").str.slice(head + 6)
    moved = moved.with_columns(ids.alias("order_id"), premium_yuan=_premium(day))
    return replace(unchanged(day), orders=moved, touched=tuple(moved["order_id"].to_list()), renumber=True)


def _premium(day: Day) -> pl.Expr:
    kind = day.orders.schema["premium_yuan"]
    return (
        pl.when(pl.col("premium_yuan") > 0)
        .then(pl.lit(day.premium).cast(kind))
        .otherwise(pl.col("premium_yuan"))
    )
