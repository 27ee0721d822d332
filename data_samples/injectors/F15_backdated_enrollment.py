"""F15: a worker who was never enrolled is hurt, and is enrolled afterwards with a cover that began before.

The intensity is the share of the injuries of a day concerned. The worker appears under a number of his
own, for that day's orders only; the platform's claim speaks of him.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import numpy as np
import polars as pl

from data_samples.injectors import Day, Injected, lots, spell, stack, start_of, stranger, unchanged

SCHEME = "F15"


def inject(day: Day, rng: np.random.Generator, intensity: float) -> Injected:
    claims = day.claims
    if not len(claims):
        return unchanged(day)
    since = start_of(day.from_date)
    chosen = (lots(claims["claim_id"], day.lots) < intensity) & (claims["injured_at"] >= since).to_numpy()
    chosen &= claims["order_id"].is_not_null().to_numpy() & (claims["programme"] == "oip").to_numpy()
    result = unchanged(day)
    later: list[tuple[date, str, pl.DataFrame]] = []
    touched: list[str] = []
    for row in np.flatnonzero(chosen).tolist():
        claim = claims.row(row, named=True)
        if claim["injured_at"].date() != claim["reported_at"].date():
            continue
        worker, person = stranger(day, claim["claim_id"], claim["worker_id"])
        is_claim = pl.col("claim_id") == claim["claim_id"]
        result = replace(
            result,
            claims=result.claims.with_columns(
                pl.when(is_claim).then(pl.lit(worker)).otherwise("worker_id").alias("worker_id"),
                pl.when(is_claim).then(pl.lit(person)).otherwise("id_number").alias("id_number"),
                pl.when(is_claim).then(pl.lit(worker + "C1")).otherwise("coverage_id").alias("coverage_id"),
            ),
        )
        touched.append(claim["claim_id"])
        if claim["reported_at"].date() != day.business_date:
            continue  # a later state of a claim whose first one was changed on its own date
        result = replace(
            result,
            orders=result.orders.with_columns(
                pl.when(pl.col("worker_id") == claim["worker_id"])
                .then(pl.lit(worker))
                .otherwise("worker_id")
                .alias("worker_id")
            ),
        )
        registered = claim["reported_at"] + timedelta(hours=1 + 20 * rng.random())
        mine = result.orders.filter(pl.col("worker_id") == worker)
        city = mine["city_code"][0] if len(mine) else day.cities[0]
        entry = spell(day, worker, person, registered, start_of(day.business_date), city_code=city)
        if registered.date() == day.business_date:
            result = replace(result, enrollment=stack(result.enrollment, entry))
        else:
            later.append((registered.date(), "enrollment", entry))
    return replace(result, touched=tuple(touched), later=tuple(later))
