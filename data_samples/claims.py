"""Claims: who was hurt, and the stages of each claim as they become known, one state a business date.

Injuries hit the worker of an order while it runs; a few more happen off work and go to other programmes.
The rate is far above life's (some 1.5 per million orders), so that a small sample has claims at all.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

import numpy as np
import polars as pl

from data_samples import registers
from data_samples.enrollment import ACCIDENT
from data_samples.nature import own
from data_samples.orders import CANCELLED, OTHER, OWN, SHIFT, Orders, order_ids
from data_samples.roll import EMPLOYEE, NEVER, OIP, UNION, Bools, Roll
from data_samples.world import SECONDS, Cell, Settings, from_number

NEIGHBOURS = {
    "110000": "131000",
    "120000": "131000",
    "310000": "320500",
    "320000": "310100",
    "330000": "310100",
}
CLASSES = ("minor", "medical", "disability", "death")
CLASS_SHARES = (0.66, 0.27, 0.06, 0.01)
MINOR_CAP = 2_600  # yuan of medical bills of a minor injury, below the cap of 3,000
REPORTERS = ("worker", "platform", "family", "authority")
OFF_WORK = 1e-6  # injuries of an insured person and day off work, per unit of claims_per_million
Row = dict[str, Any]


@dataclass
class Book:
    """All claims of a cell: their states by business date (the state at that day's end)."""

    states: dict[date, list[Row]] = field(default_factory=dict)
    count: int = 0

    def on(self, day: date) -> list[Row]:
        return self.states.get(day, [])

    def number(self, cell: Cell, on: date) -> str:
        self.count += 1
        return f"{cell.platform}K{cell.province[:2]}{on:%y%m%d}{self.count:05d}"

    def add(self, states: dict[date, Row]) -> None:
        for on, state in states.items():
            self.states.setdefault(on, []).append(state)


def _at(on: date, draw: np.random.Generator) -> datetime:
    """Some moment of office hours."""
    return datetime(on.year, on.month, on.day, 9) + timedelta(seconds=int(draw.integers(0, 8 * 3600)))


def at_work(
    settings: Settings, cell: Cell, roll: Roll, orders: Orders, covered: Bools, day: int,
    draw: np.random.Generator, book: Book, wet: bool,
) -> int:  # fmt: skip
    """Adds the injuries of a day's orders to the book; returns how many. `orders` are numbered; those of
    workers without cover are spared, as are cancelled ones."""
    hour = orders.accepted % SECONDS // 3600
    risk = np.where((hour >= 22) | (hour < 5), 1.7, 1.0) * np.where(covered, 1.0, 0.0)
    risk[(orders.kind == SHIFT)] *= 8  # a shift is a day's work
    risk[orders.status == CANCELLED] = 0.0
    expected = settings.claims_per_million / 1e6 * float(risk.sum()) * (1.5 if wet else 1.0)
    if settings.nature is not None:
        expected *= float(
            np.exp(own(settings.seed, settings.nature.claims, "claims", cell.platform, cell.province))
        )
    count = min(int(draw.poisson(expected)), int((risk > 0).sum()))
    if count == 0:
        return 0
    on = from_number(day)
    rows = np.sort(draw.choice(len(orders), size=count, replace=False, p=risk / risk.sum()))
    ids = order_ids(cell, orders.number[rows])
    for row, order_id in zip(rows.tolist(), ids, strict=True):
        worker, kind = int(orders.worker[row]), int(orders.kind[row])
        begin = int(orders.picked[row]) if orders.picked[row] >= 0 else int(orders.accepted[row])
        injured = datetime(1970, 1, 1) + timedelta(
            seconds=int(draw.integers(begin, int(orders.finished[row])))
        )
        programme, suffix = "oip", f"C{roll.spell[worker]}"
        if kind == SHIFT:
            programme, suffix = "weigongka", f"D{on:%y%m%d}"
        elif kind == OTHER:
            programme, suffix = "yilubao", f"Y{on:%y%m%d}"
        elif roll.programme[worker] == EMPLOYEE:
            programme = "employee_insurance"
        city = cell.cities[int(orders.city[row])]
        if kind == OWN and cell.province in NEIGHBOURS and draw.random() < 0.06:
            city = NEIGHBOURS[cell.province]
        base = _base(cell, roll, worker, book.number(cell, on), programme, suffix, order_id, injured, city)
        book.add(_course(settings, cell, base, injured, draw))
    return count


def off_work(
    settings: Settings, cell: Cell, roll: Roll, day: int, draw: np.random.Generator, book: Book
) -> int:
    """Injuries without an order, which other programmes pay: accident insurance, the union's benefit."""
    if cell.platform in ACCIDENT:
        programme, letter, mine = "commercial_accident", "A", roll.programme == OIP
    elif bool((roll.programme == UNION).any()):
        programme, letter, mine = "union_shanghai", "C", roll.programme == UNION
    else:
        return 0
    begin = day * SECONDS
    rows = np.flatnonzero(mine & (roll.covered_from <= begin) & (roll.covered_to == NEVER))
    boost = 10 if programme == "union_shanghai" else 1
    count = int(draw.poisson(OFF_WORK * settings.claims_per_million * rows.size * boost))
    on = from_number(day)
    for worker in draw.choice(rows, size=min(count, rows.size), replace=False).tolist():
        injured = datetime(1970, 1, 1) + timedelta(seconds=begin + int(draw.integers(7 * 3600, 23 * 3600)))
        city = cell.cities[int(roll.city[worker])]
        suffix = f"{letter}{roll.spell[worker]}"
        base = _base(cell, roll, worker, book.number(cell, on), programme, suffix, None, injured, city)
        book.add(_course(settings, cell, base, injured, draw))
    return min(count, rows.size)


def _base(
    cell: Cell, roll: Roll, worker: int, claim_id: str, programme: str, suffix: str, order_id: str | None,
    injured: datetime, city: str,
) -> Row:  # fmt: skip
    return {
        "claim_id": claim_id,
        "worker_id": str(roll.worker_id[worker]),
        "id_number": roll.id_number[worker].decode(),
        "programme": programme,
        "coverage_id": f"{roll.worker_id[worker]}{suffix}",
        "order_id": order_id,
        "injured_at": injured,
        "injury_city_code": city,
    }


def _course(
    settings: Settings, cell: Cell, base: Row, injured: datetime, draw: np.random.Generator
) -> dict[date, Row]:
    """The states of one claim by business date, each holding all that is known by the day's end."""
    official = base["programme"] in ("oip", "employee_insurance")
    kind = CLASSES[int(draw.choice(4, p=CLASS_SHARES))]
    if not official and kind in ("disability", "death"):
        kind = "medical"
    reporter = REPORTERS[int(draw.choice(4, p=(0.55, 0.33, 0.08, 0.04)))]
    lag = (
        float(draw.lognormal(0.9, 1.2)) * 3600 if draw.random() < 0.9 else float(draw.uniform(1, 9)) * SECONDS
    )
    reported = (injured + timedelta(seconds=max(120, lag))).replace(microsecond=0)
    bills = {
        "minor": draw.uniform(120, MINOR_CAP), "medical": draw.lognormal(9.1, 0.6),
        "disability": draw.lognormal(10.4, 0.5), "death": draw.lognormal(9.8, 0.8),
    }[kind]  # fmt: skip
    medical = round(float(np.clip(bills, 60, 80_000)), 2)
    fate = draw.random()
    outcome = "confirmed" if fate < 0.92 else "denied" if fate < 0.97 else "withdrawn"
    state: Row = base | {
        "reported_at": reported, "reported_by": reporter, "applied_at": None, "confirmed_at": None,
        "appraised_at": None, "decided_at": None, "paid_at": None, "outcome": "pending", "suspended_days": None,
        "injury_class": kind, "disability_grade": None, "medical_yuan": medical, "benefit_yuan": None,
    }  # fmt: skip
    steps: list[tuple[date, Row]] = [(reported.date(), {})]
    # Shanghai pays without an application (免申即享); elsewhere the badly hurt may take some days to apply
    applied: datetime | None = reported + timedelta(minutes=30)
    if official and cell.province == "310000" and draw.random() < 0.7:
        applied = None
    elif official and kind != "minor" and draw.random() < 0.3:
        applied = _at(registers.add_workdays(reported.date(), int(draw.integers(1, 4))), draw)
    if applied is not None:
        steps.append((applied.date(), {"applied_at": applied}))
    origin = (applied or reported).date()
    if official:
        steps += _decisions(settings, kind, outcome, origin, medical, draw)
    else:
        steps += _settled(outcome, origin, medical, draw)
    states: dict[date, Row] = {}
    for on, change in steps:
        state = state | change
        states[on] = state
    return states


def _settled(outcome: str, origin: date, medical: float, draw: np.random.Generator) -> list[tuple[date, Row]]:
    """Commercial and union cover: confirmed on the next working day, decided and paid on the one after."""
    confirmed = _at(registers.add_workdays(origin, 1), draw)
    if outcome != "confirmed":
        return [(confirmed.date(), {"outcome": outcome})]
    paid = _at(registers.add_workdays(origin, 2), draw)
    benefit = round(min(medical, 60_000) * float(draw.uniform(0.5, 0.8)), 2)
    return [
        (confirmed.date(), {"confirmed_at": confirmed, "outcome": "confirmed"}),
        (paid.date(), {"decided_at": paid - timedelta(minutes=20), "paid_at": paid, "benefit_yuan": benefit}),
    ]


def _decisions(
    settings: Settings, kind: str, outcome: str, origin: date, medical: float, draw: np.random.Generator
) -> list[tuple[date, Row]]:
    """Confirmation to payment: working days after `origin`. Minor injuries are confirmed within 2 and
    paid within 5 working days; some authorities are late unless the sample is pristine."""
    slow = not settings.pristine and draw.random() < 0.04
    if kind == "minor":
        days = int(draw.integers(1, 3)) + (int(draw.integers(2, 6)) if slow else 0)
    else:
        days = int(draw.integers(2, 7)) + (int(draw.integers(20, 40)) if slow else 0)
    confirmed = _at(registers.add_workdays(origin, days), draw)
    if outcome != "confirmed":
        return [(confirmed.date(), {"outcome": outcome})]
    change: Row = {"confirmed_at": confirmed, "outcome": "confirmed"}
    if slow and kind != "minor":
        change["suspended_days"] = int(draw.integers(1, days))
    steps: list[tuple[date, Row]] = [(confirmed.date(), change)]
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
    steps.append((decided.date(), {"decided_at": decided, "benefit_yuan": round(benefit, 2)}))
    wait = 1 if kind == "minor" else int(draw.integers(1, 5))
    paid = _at(registers.add_workdays(decided.date(), wait + (4 if slow and kind == "minor" else 0)), draw)
    steps.append((paid.date(), {"paid_at": paid}))
    return steps


def frame(rows: list[Row], schema: dict[str, pl.DataType]) -> pl.DataFrame:
    """The standard's table of claims, by claim_id."""
    loose = {name: pl.Float64() if kind.is_decimal() else kind for name, kind in schema.items()}
    return pl.DataFrame(rows, schema=loose, orient="row").cast(dict(schema)).sort("claim_id")  # type: ignore[arg-type]
