"""The orders of one cell and day: shifts filled with orders, journeys, fares.

A worker's orders of a shift are laid out in time order with random gaps, denser where demand is; no
worker accepts more at a time than the industry's bound, every journey's speed is drawn first, so
distance, duration and speed agree.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import partial

import numpy as np
import numpy.typing as npt
import polars as pl

from data_samples import profiles
from data_samples.enrollment import optional, seconds, yuan
from data_samples.roll import OIP, Ints, Roll
from data_samples.world import SECONDS, Cell, from_number

COMPLETED, CANCELLED, RUNNING = 0, 1, 2
STATUS = pl.Series(["completed", "cancelled", "running"])
WORK_TYPES = pl.Series(["order", "order", "shift"])
OWN, OTHER, SHIFT = 0, 1, 2  # work of the platform's industry, of other trades, by the shift
LATEST = 29 * 3600  # every order has ended by 05:00 of the next day
LAST_START = 28.4  # hours: the latest end of a night shift's acceptances
SCRAMBLE = 37_000_043  # coprime to 10^8: order ids do not follow the serials


@dataclass(frozen=True)
class Orders:
    """Equal-length arrays, one row an order; `worker`: row of the roll; money in 1/100 yuan, premium in
    1/10000; -1 where there is no value (premium, before `number`: 1 due, 0 cancelled, -1 never). `number`
    makes the order id."""

    worker: Ints
    accepted: Ints
    picked: Ints
    finished: Ints
    status: npt.NDArray[np.int8]
    metres: Ints
    paid: Ints
    income: Ints
    premium: Ints
    city: npt.NDArray[np.int16]
    number: Ints
    serial: Ints
    kind: npt.NDArray[np.int8]

    def __len__(self) -> int:
        return int(self.worker.size)

    def take(self, rows: Ints | npt.NDArray[np.bool_] | slice) -> Orders:
        return Orders(*(getattr(self, name)[rows] for name in self.__dataclass_fields__))


@dataclass(frozen=True)
class Own:
    """What a cell has of its own on a day. `hours`: factors on the demand of 48 hours; `fare`, `cancelled`: factors;
    `step`: 1/100 yuan to which fares are rounded; `whole_minutes`: durations have no seconds."""

    hours: npt.NDArray[np.float64] | None = None
    fare: float = 1.0
    cancelled: float = 1.0
    step: int = 1
    whole_minutes: bool = False


NONE = Own()


def empty() -> Orders:
    none = np.empty(0, dtype=np.int64)
    small = np.empty(0, dtype=np.int8)
    return Orders(
        none, none, none, none, small, none, none, none, none, none.astype(np.int16), none, none, small
    )


def join(parts: list[Orders]) -> Orders:
    names = list(Orders.__dataclass_fields__)
    parts = [part for part in parts if len(part)] or parts[:1]
    if len(parts) == 1:
        return parts[0]
    return Orders(*(np.concatenate([getattr(part, name) for part in parts]) for name in names))


def generate(
    cell: Cell, roll: Roll, day: int, draw: np.random.Generator, *, factor: float,
    off: tuple[bool, bool], wet: bool, only_night: bool = False, own: Own = NONE,
) -> Orders:  # fmt: skip
    """Orders of all shifts that begin on `day`, by worker and time; those accepted after midnight
    included."""
    industry = cell.industry(from_number(day))
    shape = profiles.INDUSTRIES[industry]
    begin = day * SECONDS
    who = np.flatnonzero(
        (draw.random(len(roll)) < roll.active) & (only_night | (roll.ready < begin + SECONDS))
    )
    who = who[(roll.parity[who] < 0) | (roll.parity[who] == day % 2)]
    if only_night:
        who = who[roll.night[who]]
    shift_from = np.maximum(roll.start[who] + draw.normal(0, 0.5, who.size), 5.05)
    if not only_night:
        shift_from = np.maximum(shift_from, (roll.ready[who] - begin) / 3600)
    limit = np.where(roll.night[who], LAST_START, 23.95)
    shift_to = np.minimum(shift_from + roll.length[who] * draw.uniform(0.8, 1.1, who.size), limit)
    fits = shift_to - shift_from > 0.5
    who, shift_from, shift_to = who[fits], shift_from[fits], shift_to[fits]
    most = ((shift_to - shift_from) * 3600 / (shape.spacing * 4)).astype(np.int64)
    count = np.minimum(1 + draw.poisson(np.maximum(roll.load[who] * factor - 1, 0)), most)
    who, shift_from, shift_to, count = (
        who[count > 0],
        shift_from[count > 0],
        shift_to[count > 0],
        count[count > 0],
    )
    demand = (
        profiles.cumulative(industry, *off)
        if own.hours is None
        else profiles.accumulated(industry, *off, own.hours)
    )
    accepted = _moments(shape, demand, draw, shift_from, shift_to, count)
    worker = np.repeat(who, count)
    slot = np.repeat(np.arange(who.size), count)
    made = _journeys(cell, roll, shape, draw, begin, worker, slot, accepted, wet, own)
    return made if own.step == 1 and not own.whole_minutes else _rounded(made, own)


def _moments(
    shape: profiles.Industry, demand: npt.NDArray[np.float64], draw: np.random.Generator,
    shift_from: npt.NDArray[np.float64], shift_to: npt.NDArray[np.float64], count: Ints,
) -> Ints:  # fmt: skip
    """Acceptance in seconds of the day (86400 and above: after midnight), by shift and time, at least
    `spacing` apart within a shift."""
    gaps = draw.gamma(2.5, size=int(count.sum() + count.size)).astype(np.float32)
    last = np.cumsum(count + 1) - 1  # each shift has one gap more than orders: after the last
    total = np.add.reduceat(gaps, np.concatenate([[0], last[:-1] + 1])) if count.size else gaps
    running = np.cumsum(gaps, dtype=np.float64)
    before = np.concatenate([[0.0], running[last[:-1]]]) if count.size else running
    keep = np.ones(gaps.size, dtype=bool)
    keep[last] = False
    place = (running[keep] - np.repeat(before, count)) / np.repeat(total.astype(np.float64), count)
    low = np.interp(shift_from, profiles.MINUTES, demand)
    high = np.interp(shift_to, profiles.MINUTES, demand)
    hour = np.interp(np.repeat(low, count) + place * np.repeat(high - low, count), demand, profiles.MINUTES)
    at = (hour * 3600).astype(np.int64)
    position = np.arange(at.size) - np.repeat(np.cumsum(count) - count, count)
    shift = np.repeat(np.arange(count.size), count) * (4 * SECONDS)
    # spread what lies too close: a running maximum of (time − least time needed so far), restarted for each
    # shift
    pushed = np.maximum.accumulate(at - position * shape.spacing + shift) + position * shape.spacing - shift
    return np.minimum(pushed, LATEST - 8 * shape.spacing)


def _journeys(
    cell: Cell, roll: Roll, shape: profiles.Industry, draw: np.random.Generator, begin: int, worker: Ints,
    slot: Ints, accepted: Ints, wet: bool, own: Own,
) -> Orders:  # fmt: skip
    n = worker.size
    normal = partial(draw.standard_normal, n, np.float32)
    uniform = partial(draw.random, n, np.float32)
    km = np.minimum(shape.km[0] * np.exp(shape.km[1] * normal()), shape.km[2] * (0.8 + 0.2 * uniform()))
    km = np.maximum(km, 0.3)
    mean, deviation, least, greatest = shape.kmh
    # long ways are faster ways; a wet day slows everybody
    kmh = (mean + deviation * normal()) * (km / shape.km[0]) ** np.float32(0.18) * (0.9 if wet else 1.0)
    kmh = np.clip(kmh, least, greatest * (0.85 + 0.15 * uniform()))
    wait = shape.wait_minutes[0] * 60 * np.exp(shape.wait_minutes[1] * normal())
    ride = km / kmh * 3600 + shape.dwell_minutes * 60 * (0.4 + 1.2 * uniform()) + 45
    # an order ends before the worker's next-but-one (or so) begins, and by LATEST
    end = np.full(n, LATEST, dtype=np.int64)
    ahead = shape.overlap
    if n > ahead:
        same = slot[ahead:] == slot[:-ahead]
        end[:-ahead][same] = accepted[ahead:][same]
    room = np.minimum(end, LATEST) - accepted
    shrink = np.minimum(room * (0.80 + 0.19 * uniform()) / (wait + ride), 1).astype(np.float32)
    wait, ride, km = wait * shrink, ride * shrink, km * shrink
    picked = accepted + wait.astype(np.int64)
    finished = np.maximum(picked + np.ceil(ride).astype(np.int64), accepted + 62)
    del wait, ride, room, shrink, kmh, end
    metres = np.maximum((km * 1000).astype(np.int32), 60)
    surge = np.exp(shape.fare[2] * normal())
    paid = (100 * (shape.fare[0] + shape.fare[1] * km) * surge * (1.12 if wet else 1.0) * own.fare).astype(
        np.int32
    )
    income = (paid * np.clip(shape.worker_share[0] + shape.worker_share[1] * normal(), 0.55, 0.97)).astype(
        np.int32
    )
    del surge, km
    city = roll.city[worker].astype(np.int16)
    elsewhere = (uniform() < 0.02) & ~roll.fixed[worker]
    if len(cell.cities) > 1:
        city[elsewhere] = draw.integers(0, len(cell.cities), int(elsewhere.sum()))
    orders = Orders(
        worker=worker, accepted=begin + accepted, picked=begin + picked, finished=begin + finished,
        status=np.zeros(n, dtype=np.int8), metres=metres, paid=paid, income=income,
        premium=np.where(roll.programme[worker] == OIP, np.int8(1), np.int8(-1)), city=city,
        number=np.full(n, -1, dtype=np.int8), serial=np.full(n, -1, dtype=np.int8), kind=np.zeros(n, dtype=np.int8),
    )  # fmt: skip
    return _cancel(orders, shape.cancelled * own.cancelled, draw)


def _rounded(orders: Orders, own: Own) -> Orders:
    """Tariffs in steps, times without seconds: some platforms are like that. Rounding keeps the order of things."""
    done = orders.status == COMPLETED
    changed = orders
    if own.step > 1:
        paid = np.where(done, np.maximum(np.round(orders.paid / own.step) * own.step, own.step), orders.paid)
        income = np.where(done, orders.income * (paid / np.maximum(orders.paid, 1)), orders.income)
        changed = replace(changed, paid=paid.astype(np.int32), income=income.astype(np.int32))
    if own.whole_minutes:
        length = np.maximum((orders.finished - orders.accepted) // 60, 1) * 60
        picked = np.where(
            orders.picked >= 0, orders.accepted + (orders.picked - orders.accepted) // 60 * 60, orders.picked
        )
        changed = replace(
            changed, picked=picked, finished=np.where(done, orders.accepted + length, orders.finished)
        )
    return changed


def _cancel(orders: Orders, share: float, draw: np.random.Generator) -> Orders:
    """Some orders are cancelled: most within minutes and for nothing, a few with a compensation for the
    way made."""
    rows = np.flatnonzero(draw.random(len(orders), dtype=np.float32) < share)
    paid_off = draw.random(rows.size) < 0.08
    wait = np.minimum(20 + draw.gamma(1.5, 110, rows.size), orders.finished[rows] - orders.accepted[rows] - 1)
    orders.status[rows] = CANCELLED
    orders.picked[rows] = -1
    orders.finished[rows] = orders.accepted[rows] + wait.astype(np.int64)
    orders.metres[rows] = -1
    compensation = np.where(paid_off, draw.integers(200, 900, rows.size), 0)
    orders.paid[rows] = np.where(paid_off, compensation + 100, 0)
    orders.income[rows] = compensation
    orders.premium[rows] = np.minimum(orders.premium[rows], 0)
    return orders


def number(cell: Cell, orders: Orders, day: int, next_serial: int, premium: int) -> Orders:
    """In order of acceptance, with serials, the numbers that make the order ids, and the premium of that
    day; one platform in three pays it on cancelled orders too."""
    orders = orders.take(np.argsort(orders.accepted, kind="stable"))
    place = np.arange(len(orders))
    stamp = int(from_number(day).strftime("%y%m%d"))
    prefix = (int(cell.province[:2]) * 1_000_000 + stamp) * 10**8
    due = (orders.premium > 0) | (
        (orders.status == CANCELLED) & (cell.platform_no % 3 == 0) & (orders.premium >= 0)
    )
    return replace(
        orders,
        premium=np.where(due, premium, 0).astype(np.int32),
        serial=next_serial + place,
        number=prefix + (place * SCRAMBLE + day * 7_919) % 10**8,
    )


def as_sent(orders: Orders, sent_at: int) -> Orders:
    """How the orders looked at a moment: those that had not ended are running."""
    open_ = orders.finished > sent_at
    if not open_.any():
        return orders
    riding = open_ & (orders.picked <= sent_at)
    return replace(
        orders,
        status=np.where(open_, RUNNING, orders.status).astype(np.int8),
        picked=np.where(open_ & ~riding, -1, orders.picked),
        finished=np.where(open_, -1, orders.finished),
        metres=np.where(open_, -1, orders.metres),
        paid=np.where(open_, -1, orders.paid),
        income=np.where(open_, 0, orders.income),
    )


def frame(cell: Cell, worker_ids: pl.Series, orders: Orders, day: int) -> pl.DataFrame:
    """The standard's table of orders."""
    kind = pl.Series(orders.kind.astype(np.int64))
    return pl.DataFrame(
        {
            "order_id": order_ids(cell, orders.number),
            "serial": orders.serial,
            "work_type": WORK_TYPES.gather(kind),
            "worker_id": worker_ids.gather(orders.worker),
            "industry": pl.Series([cell.industry(from_number(day)), "other", "other"]).gather(kind),
            "city_code": pl.Series(cell.cities, dtype=pl.String).gather(orders.city.astype(np.int64)),
            "accepted_at": seconds(orders.accepted),
            "picked_up_at": seconds(orders.picked),
            "finished_at": seconds(orders.finished),
            "status": STATUS.gather(orders.status.astype(np.int64)),
            "distance_m": optional(orders.metres),
            "customer_paid_yuan": yuan(optional(orders.paid), 2),
            "worker_income_yuan": yuan(orders.income, 2),
            "premium_yuan": yuan(orders.premium, 4),
        }
    )


def order_ids(cell: Cell, numbers: Ints) -> pl.Series:
    return pl.select(pl.lit(cell.platform) + pl.Series(numbers).cast(pl.String)).to_series()


def with_errors(orders: Orders, draw: np.random.Generator) -> Orders:
    """A first version that will be corrected: about one order in a hundred has another income or
    distance, up or down alike."""
    rows = np.flatnonzero((draw.random(len(orders)) < 0.01) & (orders.status == COMPLETED))
    income, metres = orders.income.copy(), orders.metres.copy()
    income[rows] = income[rows] * draw.integers(90, 111, rows.size) // 100
    metres[rows] = np.maximum(metres[rows] * draw.integers(85, 101, rows.size) // 100, 50)
    return replace(orders, income=income, metres=metres)


def linger(orders: Orders, since: int, until: int) -> bool:
    """Lets the last completed order accepted after `since` end only at `until`, in place; False if there is none."""
    rows = np.flatnonzero((orders.accepted >= since) & (orders.status == COMPLETED) & (orders.kind == OWN))
    if not rows.size:
        return False
    orders.finished[rows[-1]] = until
    return True
