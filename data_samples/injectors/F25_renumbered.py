"""F25: some days after a day was sent, it is sent again without a share of its orders and with new
serials."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import polars as pl

from data_samples.injectors import Day, Injected, lots, unchanged

SCHEME = "F25"


def inject(day: Day, rng: np.random.Generator, intensity: float) -> Injected:
    gone = pl.Series(lots(day.orders["order_id"], day.lots) < intensity)
    if not gone.any():
        return unchanged(day)
    first = day.orders["serial"].min()
    left = day.orders.filter(~gone).sort("serial")
    left = left.with_columns((pl.int_range(pl.len(), dtype=pl.Int64) + first).alias("serial"))
    reason = ("system_fault", "系统升级后重新编号")
    return replace(
        unchanged(day), resend=(reason, left, day.enrollment, day.claims),
        touched=tuple(day.orders["order_id"].filter(gone).to_list()),
    )  # fmt: skip
