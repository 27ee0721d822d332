"""F23: a share of the orders is classed in an industry with a lower premium."""

from __future__ import annotations

import numpy as np
import polars as pl

from data_samples.injectors import Day, Injected, change, lots, unchanged

SCHEME = "F23"
CHEAPER = {
    "instant_delivery": "ride_hailing",
    "food_delivery": "ride_hailing",
    "intracity_freight": "instant_delivery",
    "ride_hailing": "other",
}


def inject(day: Day, rng: np.random.Generator, intensity: float) -> Injected:
    target = CHEAPER.get(day.industry)
    if target is None:
        return unchanged(day)
    chosen = (day.orders["industry"] == day.industry).to_numpy()
    chosen &= lots(day.orders["order_id"], day.lots) < intensity
    premium = (
        pl.when(pl.col("premium_yuan") > 0).then(pl.lit(day.rates.get(target, 0.0))).otherwise(pl.lit(0.0))
    )
    return change(day, chosen, industry=pl.lit(target), premium_yuan=premium)
