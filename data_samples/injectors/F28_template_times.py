"""F28: a share of the orders has times that were made up: full minutes, and one of a few durations."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import polars as pl

from data_samples.injectors import Day, Injected, change, lots

SCHEME = "F28"
MINUTES = (15, 20, 25, 30)


def inject(day: Day, rng: np.random.Generator, intensity: float) -> Injected:
    lot = lots(day.orders["order_id"], day.lots)
    chosen = (lot < intensity) & (day.orders["status"] == "completed").to_numpy()
    length = np.array(MINUTES)[(lot * 1e6).astype(np.int64) % len(MINUTES)]
    accepted = pl.col("accepted_at").dt.truncate("1m")
    ride = pl.lit(pl.Series(length * 60_000_000).cast(pl.Duration("us")))
    wait = pl.lit(pl.Series(length // 3 * 60_000_000).cast(pl.Duration("us")))
    picked = pl.when(pl.col("picked_up_at").is_not_null()).then(accepted + wait)
    result = change(day, chosen, accepted_at=accepted, picked_up_at=picked, finished_at=accepted + ride)
    # times moved back by seconds: the serials follow the new order, so that nothing but the times is odd
    serials = result.orders["serial"].sort()
    orders = result.orders.sort("accepted_at", "serial").with_columns(serials.alias("serial"))
    return replace(result, orders=orders)
