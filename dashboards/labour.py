"""Labour protection from its parts: every rate is the sum of the parts over the cells shown, never an average of rates."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import polars as pl

P95 = 0.95


@dataclass(frozen=True)
class Measure:
    """One measure: sums of which columns are divided, times a factor; its unit is a key of texts' labour.unit."""

    name: str
    numerator: str
    denominator: str
    factor: float
    unit: str
    is_complement: bool = False  # 1 − the ratio

    def value(self, row: dict[str, Any]) -> float | None:
        if not row[self.denominator]:
            return None
        ratio = float(row[self.numerator] or 0) / float(row[self.denominator]) * self.factor
        return 1 - ratio if self.is_complement else ratio


MEASURES = (
    Measure(
        "commission_rate", "priced_worker_yuan", "priced_customer_yuan", 1.0, "share", is_complement=True
    ),
    Measure("hourly_income_yuan", "timed_income_yuan", "busy_s", 3600.0, "yuan_hour"),
    Measure("wage_below_share", "wage_below", "wage_judged", 1.0, "share"),
    Measure("hours_mean", "busy_s", "worker_days", 1 / 3600, "hours"),
    Measure("long_day_share", "long_days", "worker_days", 1.0, "share"),
    Measure("speed_kmh", "ride_m", "ride_s", 3.6, "kmh"),
    Measure("fast_share", "orders_fast", "orders_bounded", 1.0, "share"),
)
HOURS_P95 = "hours_p95"
NAMES = (*(measure.name for measure in MEASURES), HOURS_P95)
UNITS = {measure.name: measure.unit for measure in MEASURES} | {HOURS_P95: "hours"}
PARTS = tuple(dict.fromkeys(column for m in MEASURES for column in (m.numerator, m.denominator)))
TIDY: dict[str, Any] = {
    "measure": pl.String,
    "value": pl.Float64,
    "numerator": pl.Float64,
    "denominator": pl.Float64,
}


def measures(cells: pl.DataFrame, hours: pl.DataFrame, by: Sequence[str]) -> pl.DataFrame:
    """`by` columns, measure, value, numerator, denominator. cells: marts.labour_month; hours: marts.labour_hours."""
    keys = list(by)
    summed = _grouped(cells, keys, [pl.col(part).cast(pl.Float64).sum() for part in PARTS])
    found: list[dict[str, Any]] = []
    for row in summed.sort(keys).iter_rows(named=True) if keys else summed.iter_rows(named=True):
        at = {key: row[key] for key in keys}
        found += [
            at | {"measure": m.name, "value": m.value(row), "numerator": row[m.numerator], "denominator": row[m.denominator]}
            for m in MEASURES
        ]  # fmt: skip
    days = _grouped(hours, [*keys, "tenth_hours"], [pl.col("worker_days").cast(pl.Float64).sum()])
    parts = days.partition_by(keys, as_dict=True) if keys else {(): days}
    for key, part in sorted(parts.items(), key=lambda item: str(item[0])):
        at = dict(zip(keys, key, strict=True))
        total = float(part["worker_days"].sum())
        found.append(
            at
            | {"measure": HOURS_P95, "value": percentile(part, P95), "numerator": None, "denominator": total}
        )
    schema = {key: cells.schema[key] for key in keys} | TIDY
    return pl.DataFrame(found, schema=schema)


def _grouped(frame: pl.DataFrame, keys: Sequence[str], sums: list[pl.Expr]) -> pl.DataFrame:
    return frame.group_by(keys).agg(sums) if keys else frame.select(sums)


def percentile(distribution: pl.DataFrame, share: float) -> float | None:
    """Hours that `share` of the worker-days do not exceed, to a tenth; tenth_hours, worker_days. None of nothing."""
    ordered = distribution.sort("tenth_hours")
    total = float(ordered["worker_days"].sum())
    if total == 0:
        return None
    reached = ordered.with_columns(held=pl.col("worker_days").cum_sum()).filter(
        pl.col("held") >= share * total - 1e-9
    )
    return float(reached["tenth_hours"][0]) / 10


def histogram(hours: pl.DataFrame) -> pl.DataFrame:
    """hour (whole hours begun: 1 = up to one), worker_days: the distribution in bars that can be read."""
    return (
        hours.with_columns(hour=((pl.col("tenth_hours").cast(pl.Int64) + 9) // 10).clip(lower_bound=1))
        .group_by("hour")
        .agg(pl.col("worker_days").cast(pl.Int64).sum())
        .sort("hour")
    )


def summed(frame: pl.DataFrame, by: Sequence[str], columns: Sequence[str]) -> pl.DataFrame:
    """Counts added up by some columns."""
    return frame.group_by(list(by), maintain_order=True).agg(
        pl.col(column).cast(pl.Int64).sum() for column in columns
    )
