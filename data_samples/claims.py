"""Claims: who was hurt, and the stages of each claim as they become known, one state a business date.

Injuries hit the worker of an order while it runs. The rate is far above life's (some 1.5 per million orders), so that
a small sample has claims at all.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

import numpy as np
import polars as pl

from data_samples import registers
from data_samples.orders import CANCELLED, Orders, order_ids
from data_samples.workers import Bools, Roll
from data_samples.world import SECONDS, Cell, Settings, from_number

NEIGHBOURS = {"110000": "131000", "120000": "131000", "310000": "320500", "320000": "310100", "330000": "310100"}
CLASSES = ("minor", "medical", "disability", "death")
CLASS_SHARES = (0.66, 0.27, 0.06, 0.01)
REPORTERS = ("worker", "platform", "family", "authority")
Row = dict[str, Any]


@dataclass
class Book:
    """All claims of a cell: their states by business date (the state at that day's end)."""

    states: dict[date, list[Row]] = field(default_factory=dict)
    count: int = 0

    def on(self, day: date) -> list[Row]:
        return self.states.get(day, [])


def _at(on: date, draw: np.random.Generator) -> datetime:
    """Some moment of office hours."""
    return datetime(on.year, on.month, on.day, 9) + timedelta(seconds=int(draw.integers(0, 8 * 3600)))


def happen(
    settings: Settings, cell: Cell, roll: Roll, orders: Orders, covered: Bools, day: int,
    draw: np.random.Generator, book: Book, wet: bool,
) -> int:  # fmt: skip
    """Adds the injuries of a day's orders to the book; returns how many. `orders` are numbered; those of workers
    without cover are spared, as are cancelled ones."""
    if not len(orders):
        return 0
    hour = orders.accepted % SECONDS // 3600
    risk = np.where((hour >= 22) | (hour < 5), 1.7, 1.0) * np.where(covered, 1.0, 0.0)
    risk[(orders.status == CANCELLED) | (orders.picked < 0)] = 0.0
    expected = settings.claims_per_million / 1e6 * risk.sum() * (1.5 if wet else 1.0)
    count = min(int(draw.poisson(expected)), int((risk > 0).sum()))
    if count == 0:
        return 0
    ids = order_ids(cell, orders.number)
    for row in np.sort(draw.choice(len(orders), size=count, replace=False, p=risk / risk.sum())):
        begin, end = int(orders.picked[row]), int(orders.finished[row])
        injured = datetime(1970, 1, 1) + timedelta(seconds=int(draw.integers(begin, end)))
        worker = int(orders.worker[row])
        book.count += 1
        programme = "employee_insurance" if roll.employee[worker] else "oip"
        city = cell.cities[int(orders.city[row])]
        if cell.province in NEIGHBOURS and draw.random() < 0.06:
            city = NEIGHBOURS[cell.province]
        base: Row = {
            "claim_id": f"{cell.platform}K{cell.province[:2]}{from_number(day):%y%m%d}{book.count:05d}",
            "worker_id": str(roll.worker_id[worker]),
            "id_number": roll.id_number[worker].decode(),
            "programme": programme,
            "coverage_id": f"{roll.worker_id[worker]}C{roll.spell[worker]}",
            "order_id": ids[int(row)],
            "injured_at": injured,
            "injury_city_code": city,
        }
        for on, state in _course(settings, cell, base, injured, draw).items():
            book.states.setdefault(on, []).append(state)
    return count


def _course(
    settings: Settings, cell: Cell, base: Row, injured: datetime, draw: np.random.Generator
) -> dict[date, Row]:
    """The states of one claim by business date, each holding all that is known by the day's end."""
    kind = CLASSES[int(draw.choice(4, p=CLASS_SHARES))]
    reporter = REPORTERS[int(draw.choice(4, p=(0.55, 0.33, 0.08, 0.04)))]
    lag = float(draw.lognormal(0.9, 1.2)) * 3600 if draw.random() < 0.9 else float(draw.uniform(1, 9)) * SECONDS
    reported = (injured + timedelta(seconds=max(120, lag))).replace(microsecond=0)
    medical = {"minor": draw.uniform(120, 2600), "medical": draw.lognormal(9.1, 0.6), "disability": draw.lognormal(10.4, 0.5),
               "death": draw.lognormal(9.8, 0.8)}[kind]  # fmt: skip
    medical = round(float(np.clip(medical, 60, 180_000)), 2)
    fate = draw.random()
    outcome = "confirmed" if fate < 0.92 else "denied" if fate < 0.97 else "withdrawn"
    state: Row = base | {
        "reported_at": reported, "reported_by": reporter, "applied_at": None, "confirmed_at": None,
        "appraised_at": None, "decided_at": None, "paid_at": None, "outcome": "pending", "suspended_days": None,
        "injury_class": kind, "disability_grade": None, "medical_yuan": medical, "benefit_yuan": None,
    }  # fmt: skip
    steps: list[tuple[date, Row]] = [(reported.date(), {})]
    # Shanghai pays without an application (免申即享); elsewhere most apply within days of the report
    applied = None if cell.province == "310000" and draw.random() < 0.7 else reported + timedelta(minutes=30)
    if applied is not None and draw.random() < 0.3:
        applied = _at(registers.add_workdays(reported.date(), int(draw.integers(1, 4))), draw)
    if applied is not None:
        steps.append((applied.date(), {"applied_at": applied}))
    origin = (applied or reported).date()
    for on, change in _decisions(settings, kind, outcome, origin, medical, draw):
        steps.append((on, change))
    states: dict[date, Row] = {}
    for on, change in steps:
        state = state | change
        states[on] = state
    return states


def _decisions(
    settings: Settings, kind: str, outcome: str, origin: date, medical: float, draw: np.random.Generator
) -> list[tuple[date, Row]]:
    """Confirmation to payment: working days after `origin`. Minor injuries are confirmed within 2 and paid within
    5 working days; some authorities are late unless the sample is pristine."""
    slow = not settings.pristine and draw.random() < 0.04
    if kind == "minor":
        days = int(draw.integers(1, 3)) + (int(draw.integers(2, 6)) if slow else 0)
    else:
        days = int(draw.integers(2, 7)) + (int(draw.integers(20, 40)) if slow else 0)
    confirmed = _at(registers.add_workdays(origin, days), draw)
    if outcome != "confirmed":
        return [(confirmed.date(), {"outcome": outcome})]
    steps: list[tuple[date, Row]] = [(confirmed.date(), {"confirmed_at": confirmed, "outcome": "confirmed"})]
    last = confirmed.date()
    benefit = medical * float(draw.uniform(0.82, 1.0))
    if kind == "disability":
        appraised = _at(registers.add_workdays(last, int(draw.integers(15, 45))), draw)
        grade = int(draw.choice(np.arange(5, 11), p=(0.02, 0.04, 0.08, 0.16, 0.28, 0.42)))
        steps.append((appraised.date(), {"appraised_at": appraised, "disability_grade": grade}))
        last = appraised.date()
        benefit += 9_000 * (12 - grade) * float(draw.uniform(0.8, 1.2))
    if kind == "death":
        benefit += float(draw.uniform(820_000, 1_020_000))
    decided = _at(registers.add_workdays(last, 1), draw)
    benefit = round(benefit, 2)
    steps.append((decided.date(), {"decided_at": decided, "benefit_yuan": benefit}))
    wait = 1 if kind == "minor" else int(draw.integers(1, 5))
    paid = _at(registers.add_workdays(decided.date(), wait + (4 if slow and kind == "minor" else 0)), draw)
    steps.append((paid.date(), {"paid_at": paid}))
    return steps


def frame(rows: list[Row], schema: dict[str, pl.DataType]) -> pl.DataFrame:
    """The standard's table of claims, by claim_id."""
    table = pl.DataFrame(
        rows, schema={name: pl.Float64() if kind.is_decimal() else kind for name, kind in schema.items()}, orient="row"
    )
    return table.cast(dict(schema)).sort("claim_id")  # type: ignore[arg-type]
