"""Who comes and goes on the roll from day to day: starters, late registrations, ends, returns, changes,
movers."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from data_samples import profiles
from data_samples.roll import (
    DAILY,
    EMPLOYEE,
    EMPLOYER,
    FULL,
    MOVER,
    NEVER,
    OIP,
    Ints,
    Roll,
    agents,
    people,
)
from data_samples.world import SECONDS, Cell, Settings, demand, from_number, rng

DAILY_STARTS = 0.008  # new workers a day, as a share of the roll (A); as many end
DAILY_RETURNS = 0.01  # of those who ended, a day
DAILY_CHANGES = 0.0005  # of the roll: signed by another agent
DAILY_PROMOTIONS = (
    0.002  # of part-timers, where full-timers are employees (honest imperfection: income may fall)
)
LATE_SHARE = 0.005  # orders by workers who are registered only later (honest imperfection)
NONE = np.empty(0, dtype=np.int64)


@dataclass
class Events:
    """Rows of the roll by what happens to their main cover on one business date. `promoted`: their spell
    ends, and one of employee insurance starts at the same midnight."""

    started: list[Ints] = field(default_factory=list)
    changed: Ints = field(default_factory=lambda: NONE)
    ended: Ints = field(default_factory=lambda: NONE)
    promoted: Ints = field(default_factory=lambda: NONE)


def load_factor(settings: Settings, cell: Cell, roll: Roll, day: int) -> float:
    """By how much the loads of a day are scaled so that the expected orders match demand."""
    able = roll.ready < (day + 1) * SECONDS
    expected = float((roll.active * roll.load)[able].sum())
    return demand(settings, cell, from_number(day)) / max(expected, 1e-9)


def morning(settings: Settings, cell: Cell, roll: Roll, day: int, regulars: int) -> tuple[list[Ints], Ints]:
    """Before the orders of a day. Returns the rows that start today (new and returning) and those who are
    late.

    Starters register between 6 and 11 o'clock and may take orders ten minutes later. Late ones (honest
    imperfection) take orders first; `register_late` gives them their cover after the orders are known.
    """
    draw = rng(settings.seed, "starts", cell.platform, cell.province, day)
    begin = day * SECONDS
    count = int(draw.poisson(DAILY_STARTS * regulars * 0.5 * hiring(settings, cell, day)))
    late = 0
    if not settings.pristine and not cell.submitter:
        shape = profiles.INDUSTRIES[cell.industry(cell.first)]
        active = sum(m * a for m, a in zip(shape.mix, shape.active, strict=True))
        late = int(draw.poisson(LATE_SHARE * regulars * active))
    newcomers = people(settings, cell, draw, roll.next_number(), count + late)
    newcomers.night[:] = False
    newcomers.active[count:] = np.maximum(newcomers.active[count:], 0.6)
    rows = roll.append(newcomers)
    started, latecomers = rows[:count], rows[count:]
    at = begin + draw.integers(6 * 3600, 11 * 3600, count)
    roll.open_spell(started, registered=at, begin=at)
    roll.ready[started] = at + 600
    roll.ready[latecomers] = begin
    ended = np.flatnonzero((roll.covered_to <= begin) & (roll.leaves == NEVER) & (roll.programme == OIP))
    back = ended[draw.random(ended.size) < DAILY_RETURNS]
    at = begin + draw.integers(6 * 3600, 11 * 3600, back.size)
    roll.open_spell(back, registered=at, begin=at)
    roll.ready[back] = at + 600
    return [started, back], latecomers


def hiring(settings: Settings, cell: Cell, day: int) -> float:
    """By how much more are hired than on other days: a platform hires in waves of three days, in all its provinces."""
    nature = settings.nature
    if nature is None or not nature.hiring_wave_every:
        return 1.0
    first = int(
        rng(settings.seed, "wave", cell.platform, day // nature.hiring_wave_every).integers(
            0, nature.hiring_wave_every
        )
    )
    return nature.hiring_wave if 0 <= day % nature.hiring_wave_every - first < 3 else 1.0


def register_late(roll: Roll, rows: Ints, first_order: Ints, draw: np.random.Generator) -> None:
    """Cover for workers who have taken orders without: some hours after the first of them, not backdated,
    on the same day."""
    last = (first_order // SECONDS + 1) * SECONDS - 60
    at = np.minimum(first_order + draw.integers(1800, 6 * 3600, rows.size), last)
    roll.open_spell(rows, registered=at, begin=at)


def evening(settings: Settings, cell: Cell, roll: Roll, day: int, regulars: int, at_work: Ints) -> Events:
    """After the orders of a day: who starts tomorrow, who changes, who ends. `at_work`: rows with orders
    accepted after this midnight, whose cover therefore ends in the morning."""
    draw = rng(settings.seed, "ends", cell.platform, cell.province, day)
    tomorrow = (day + 1) * SECONDS
    count = int(draw.poisson(DAILY_STARTS * regulars * 0.5 * hiring(settings, cell, day)))
    newcomers = roll.append(people(settings, cell, draw, roll.next_number(), count))
    started = np.concatenate([newcomers, np.flatnonzero(roll.joins == day + 1)])
    roll.open_spell(started, registered=tomorrow - draw.integers(60, 12 * 3600, started.size), begin=tomorrow)
    covered = (roll.covered_to == NEVER) & (roll.covered_from < day * SECONDS) & (roll.programme != DAILY)
    staying = np.flatnonzero(covered & (roll.group != MOVER))
    lot = draw.random(staying.size)
    ended = np.concatenate([staying[lot < DAILY_STARTS], np.flatnonzero(covered & (roll.leaves == day + 1))])
    changed = staying[(lot > 1 - DAILY_CHANGES) & (roll.programme[staying] == OIP)]
    roll.party[changed] = draw.integers(0, agents(cell), changed.size)
    promoted = NONE
    if cell.platform == EMPLOYER and not settings.pristine:
        able = (roll.kind[staying] == 1) & (roll.programme[staying] == OIP) & ~np.isin(staying, at_work)
        promoted = staying[able & (lot > 0.5) & (lot < 0.5 + DAILY_PROMOTIONS)]
    roll.covered_to[ended] = np.where(np.isin(ended, at_work), tomorrow + 6 * 3600, tomorrow)
    roll.covered_to[promoted] = tomorrow
    roll.ready[ended] = NEVER
    return Events([started], changed, ended, promoted)


def promote(roll: Roll, rows: Ints, day: int) -> None:
    """Part-timers become employees from the next midnight on: call when their old spell's end is written."""
    tomorrow = (day + 1) * SECONDS
    roll.kind[rows] = FULL
    roll.programme[rows] = EMPLOYEE
    roll.relation[rows] = 0
    roll.party[rows] = -1
    roll.open_spell(rows, registered=np.full(rows.size, tomorrow - 4 * 3600), begin=tomorrow)
