"""F15: a worker who was never enrolled is hurt, and is enrolled afterwards with a cover that began before.

The intensity is the share of the injuries of a day concerned. The worker appears under a number of his
own, for that day's orders only; the platform's claim speaks of him.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, time, timedelta

import numpy as np
import polars as pl

from data_samples import identity
from data_samples.injectors import Day, Injected, lots, stack, unchanged

SCHEME = "F15"
SPACE = 9  # last digit of the number space for persons that only this scheme needs


def inject(day: Day, rng: np.random.Generator, intensity: float) -> Injected:
    claims = day.claims
    if not len(claims):
        return unchanged(day)
    since = datetime.combine(day.from_date, time())
    chosen = (lots(claims["claim_id"], day.lots) < intensity) & (claims["injured_at"] >= since).to_numpy()
    chosen &= claims["order_id"].is_not_null().to_numpy() & (claims["programme"] == "oip").to_numpy()
    result = unchanged(day)
    later: list[tuple[date, str, pl.DataFrame]] = []
    touched: list[str] = []
    for row in np.flatnonzero(chosen).tolist():
        claim = claims.row(row, named=True)
        if claim["injured_at"].date() != claim["reported_at"].date():
            continue
        worker, person = _stranger(day, claim["claim_id"], claim["worker_id"])
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
        spell = _spell(day, worker, person, registered, result.orders)
        if registered.date() == day.business_date:
            result = replace(result, enrollment=stack(result.enrollment, spell))
        else:
            later.append((registered.date(), "enrollment", spell))
    return replace(result, touched=tuple(touched), later=tuple(later))


def _stranger(day: Day, claim_id: str, worker_id: str) -> tuple[str, str]:
    """A worker number and an identity number that nobody else has."""
    place = int(lots(pl.Series([claim_id]), day.lots ^ 1)[0] * 900_000)
    space = int(claim_id[1:3]) * 100 + 10 * (int(day.province[:2]) % 10) + SPACE
    person = identity.id_numbers(space % 10_000, np.array([place]), year=day.year, salt=day.lots % 1000)[0]
    return f"{worker_id[:-7]}{7_000_000 + place:07d}", person.decode()


def _spell(day: Day, worker: str, person: str, registered: datetime, orders: pl.DataFrame) -> pl.DataFrame:
    mine = orders.filter(pl.col("worker_id") == worker)
    return pl.DataFrame(
        {
            "coverage_id": [worker + "C1"], "action": ["start"], "worker_id": [worker], "id_number": [person],
            "programme": ["oip"], "registered_at": [registered.replace(microsecond=0)],
            "covered_from": [datetime.combine(day.business_date, time())], "labor_relation": ["partial"],
            "engagement": ["crowdsourced"], "industry": [day.industry],
            "city_code": [mine["city_code"][0] if len(mine) else day.cities[0]], "agreement": ["written_agreement"],
            "worker_paid_yuan": [0.0],
        }
    )  # fmt: skip
