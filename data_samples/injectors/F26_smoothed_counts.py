"""F26: the count of each day is drawn towards the mean of the last three; the intensity is by how much of the way. Orders are
left out, or repeated under new ids."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import numpy as np

from data_samples.injectors import Day, Injected, drop, fresh_ids, stack, unchanged

SCHEME = "F26"


def inject(day: Day, rng: np.random.Generator, intensity: float) -> Injected:
    counts = [day.counts.get(day.business_date - timedelta(days=back)) for back in (1, 2)]
    known = [count for count in counts if count is not None]
    true = len(day.orders)
    if len(known) < 2 or not true:
        return unchanged(day)
    wanted = round(true + intensity * ((true + sum(known)) / 3 - true))
    if wanted < true:
        gone = np.zeros(true, dtype=bool)
        gone[rng.choice(true, size=true - wanted, replace=False)] = True
        return replace(drop(day, gone), renumber=True)
    able = np.flatnonzero((day.orders["work_type"] == "order").to_numpy())
    rows = np.sort(rng.choice(able, size=min(wanted - true, able.size), replace=False)).tolist()
    models = day.orders[rows]
    made = models.with_columns(fresh_ids(day, models["order_id"]).alias("order_id"))
    return replace(
        unchanged(day),
        orders=stack(day.orders, made),
        touched=tuple(made["order_id"].to_list()),
        renumber=True,
    )
