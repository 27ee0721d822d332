"""Work by the day and its policies: 微工卡 (a policy of 24 hours from each clock-in), 益鹭保 (a policy a day).

Day workers are rows of the roll whose main cover is DAILY. Shifts never follow each other within 24
hours, so that two policies of one worker never overlap.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial

import numpy as np
import polars as pl

from data_samples import enrollment, registers
from data_samples.orders import OTHER, SHIFT, Orders, empty
from data_samples.roll import (
    CROWD,
    DAILY,
    DAY_WORKER,
    PART,
    Ints,
    Roll,
    identities,
    namespace,
    people,
    worker_ids,
)
from data_samples.world import SECONDS, XIAMEN, Cell, Settings, from_number, rng

TRADES = pl.Series(["sorting", "retail", "housekeeping", "repair", "livestream", "courier", "保洁", "driver"])


def programme(cell: Cell) -> str | None:
    """Which day insurance a cell's day workers have; None where it has none."""
    if cell.platform == "W01":
        return "weigongka"
    if cell.platform == "Y01" or (cell.platform == "P02" and XIAMEN in cell.cities):
        return "yilubao"
    return None


def recruit(settings: Settings, cell: Cell) -> Roll | None:
    """The cell's day workers, to be appended to its roll."""
    if programme(cell) is None:
        return None
    draw = rng(settings.seed, "daywork", cell.platform, cell.province)
    count = max(8, round(settings.orders_per_day * (0.004 if cell.submitter else 0.001)))
    roll = people(settings, cell, draw, 0, count)
    numbers = np.arange(count)
    roll.worker_id = worker_ids(cell, 8_000_000 + numbers)
    roll.id_number = identities(settings, namespace(cell, 4), numbers)
    roll.group[:] = DAY_WORKER
    roll.programme[:] = DAILY
    roll.kind = np.where(roll.luck < 0.6, PART, CROWD)
    roll.relation[:] = 2
    roll.active[:] = 0.0
    roll.fixed[:] = True
    roll.party[:] = 0 if programme(cell) == "weigongka" else -1
    if programme(cell) == "yilubao":
        roll.city[:] = cell.cities.index(XIAMEN)
    return roll


@dataclass(frozen=True)
class DayWork:
    """Orders (or shifts) of a day and the enrollment rows that belong into that day's package."""

    orders: Orders
    enrollment: list[pl.DataFrame]


def of_day(settings: Settings, cell: Cell, roll: Roll, day: int) -> DayWork:
    """The day work of one business date."""
    kind = programme(cell)
    if kind == "weigongka":
        return _shifts(settings, cell, roll, day)
    if kind == "yilubao":
        rows = _present(settings, cell, roll, day)
        made = empty() if cell.submitter else _errands(settings, cell, roll, rows, day)
        return DayWork(made, eve(settings, cell, roll, day))
    return DayWork(empty(), [])


def eve(settings: Settings, cell: Cell, roll: Roll, day: int) -> list[pl.DataFrame]:
    """益鹭保 policies for the next day, registered in the evening of `day`: half from the public budget, the
    other half from the worker or, for every third, the platform."""
    if programme(cell) != "yilubao":
        return []
    rows = _present(settings, cell, roll, day + 1)
    on = from_number(day + 1)
    share, subsidy = (
        round((registers.number("yilubao_premium", on, key) or 0.4) * 10_000) for key in ("payer", "subsidy")
    )
    fill = partial(np.full, rows.size)
    begin = (day + 1) * SECONDS
    table = enrollment.spells(
        cell, roll, rows, day, suffix=f"Y{on:%y%m%d}", action="start", programme="yilubao",
        registered=begin - 3600 - (roll.luck[rows] * 7200).astype(np.int64), begin=fill(begin), end=fill(begin + SECONDS),
        premium=fill(share + subsidy), paid=np.where(roll.luck[rows] * 11 % 1 < 1 / 3, 0, share),
        subsidy=fill(subsidy), payer="fiscal",
    )  # fmt: skip
    return [_trade(table, roll, rows)] if rows.size else []


def _present(settings: Settings, cell: Cell, roll: Roll, day: int) -> Ints:
    mine = np.flatnonzero(roll.programme == DAILY)
    lot = rng(settings.seed, "present", cell.platform, cell.province, day).random(mine.size)
    return mine[lot < 0.6]


def _trade(table: pl.DataFrame, roll: Roll, rows: Ints) -> pl.DataFrame:
    trade = TRADES.gather(pl.Series((roll.luck[rows] * 131).astype(np.int64) % len(TRADES)))
    return table.with_columns(trade.alias("trade"), industry=pl.lit("other"))


def _shifts(settings: Settings, cell: Cell, roll: Roll, day: int) -> DayWork:
    """Each day labourer works every second day at most; one in four at night, until five at the latest."""
    rows = _present(settings, cell, roll, day)
    rows = rows[(rows + day) % 2 == 0]
    draw = rng(settings.seed, "shifts", cell.platform, cell.province, day)
    n = rows.size
    night = roll.luck[rows] < 0.25
    begin = day * SECONDS + np.where(night, 20 * 3600, 7 * 3600) + draw.integers(0, 5400, n)
    end = begin + np.where(night, draw.integers(6 * 3600, 27_000, n), draw.integers(7 * 3600, 10 * 3600, n))
    income = 100 * (130 + (roll.luck[rows] * 90).astype(np.int64)) + draw.integers(0, 40, n) * 100
    made = _orders(roll, rows, begin, end, income, SHIFT)
    low, high = (
        (registers.number("weigongka_premium", from_number(day), key) or 1.0) for key in ("min", "max")
    )
    premium = np.round((low + (high - low) * (roll.luck[rows] * 17 % 1)) * 10).astype(np.int64) * 1000
    hours = round(registers.number("weigongka_hours", from_number(day)) or 24)
    table = enrollment.spells(
        cell, roll, rows, day, suffix=f"D{from_number(day):%y%m%d}", action="start", programme="weigongka",
        registered=begin, begin=begin, end=begin + hours * 3600, premium=premium,
        paid=np.zeros(n, dtype=np.int64),
    )  # fmt: skip
    return DayWork(made, [_trade(table, roll, rows)] if n else [])


def _errands(settings: Settings, cell: Cell, roll: Roll, rows: Ints, day: int) -> Orders:
    """One to three jobs a day in other trades: housekeeping and the like."""
    draw = rng(settings.seed, "errands", cell.platform, cell.province, day)
    count = draw.integers(1, 4, rows.size)
    who = np.repeat(rows, count)
    place = np.arange(who.size) - np.repeat(np.cumsum(count) - count, count)
    begin = day * SECONDS + 8 * 3600 + place * 4 * 3600 + draw.integers(0, 3600, who.size)
    end = begin + draw.integers(3600, 3 * 3600, who.size)
    return _orders(roll, who, begin, end, draw.integers(60, 260, who.size) * 100, OTHER)


def _orders(roll: Roll, rows: Ints, begin: Ints, end: Ints, income: Ints, kind: int) -> Orders:
    n = rows.size
    none = np.full(n, -1)
    paid = (income * 1.2).astype(np.int64) if kind == OTHER else none
    return Orders(
        worker=rows, accepted=begin, picked=none, finished=end, status=np.zeros(n, dtype=np.int8), metres=none,
        paid=paid, income=income, premium=none, city=roll.city[rows].astype(np.int16), number=none, serial=none,
        kind=np.full(n, kind, dtype=np.int8),
    )  # fmt: skip
