"""The roll of one cell: who works there, how much, and the cover of each, from day to day.

A roll is a table of equal-length arrays, one row a worker; rows are only ever appended, so a row number stays good.
Times are seconds of Shanghai wall time since 1970; `NEVER` stands for "not yet" or "open".
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from datetime import timedelta

import numpy as np
import numpy.typing as npt
import polars as pl

from data_samples import identity, profiles
from data_samples.world import SECONDS, Cell, Settings, day_number, demand, from_number, midnight, rng

NEVER = np.int64(2**60)
DAILY_STARTS = 0.008  # new workers a day, as a share of the roll (A); as many end
DAILY_RETURNS = 0.01  # of those who ended, a day
DAILY_CHANGES = 0.0005  # of the roll: a new agent, or a new city
LATE_SHARE = 0.005  # orders by workers who are registered only later (honest imperfection)
MOVE_SHARE = 0.01  # of the smaller of two provinces: moves there over two months
SHARED_SHARE = 0.03  # of the smaller of two platforms in one province: persons on both
FULL, PART, CROWD = 0, 1, 2
ENGAGEMENTS = pl.Series(["full_time", "part_time", "crowdsourced"])
RELATIONS = pl.Series(["employment", "partial", "civil"])
AGREEMENTS = pl.Series(["labour_contract", "written_agreement", "none"])

Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]


@dataclass
class Roll:
    """One row a worker. `active`: chance to work on a day; `load`: mean orders then; `ready`: first second at which
    orders may be accepted; `covered_from`, `covered_to`, `registered`, `spell`: the worker's latest spell of cover;
    `leaves`: the day on which a mover ends here; `fixed`: neither changes city nor works past midnight."""

    worker_id: npt.NDArray[np.str_]
    id_number: npt.NDArray[np.bytes_]
    kind: Ints
    active: npt.NDArray[np.float64]
    load: npt.NDArray[np.float64]
    start: npt.NDArray[np.float64]
    length: npt.NDArray[np.float64]
    night: Bools
    city: Ints
    party: Ints
    relation: Ints
    employee: Bools
    fixed: Bools
    joins: Ints
    leaves: Ints
    ready: Ints
    registered: Ints
    covered_from: Ints
    covered_to: Ints
    spell: Ints

    def __len__(self) -> int:
        return int(self.kind.size)

    def append(self, other: Roll) -> None:
        for field in fields(self):
            joined = np.concatenate([getattr(self, field.name), getattr(other, field.name)])
            setattr(self, field.name, joined)

    def covers(self, at: Ints, row: Ints) -> Bools:
        """Whether the latest spell of each row covers the moment `at`."""
        return (self.covered_from[row] <= at) & (at < self.covered_to[row])


def mean_load(settings: Settings, cell: Cell) -> float:
    """Orders that a worker of the roll takes on an average day."""
    shape = profiles.INDUSTRIES[cell.industry(cell.first)]
    return float(sum(m * n * a for m, n, a in zip(shape.mix, shape.load, shape.active, strict=True)))


def size(settings: Settings, cell: Cell) -> int:
    """Workers on the roll at the start, known to every other cell without building the roll."""
    return max(4, round(settings.orders_per_day * cell.share / mean_load(settings, cell)))


def found(settings: Settings, cell: Cell, cells: tuple[Cell, ...]) -> Roll:
    """The roll before the first order day: the regular workers, persons shared with other platforms, and movers."""
    draw = rng(settings.seed, "roll", cell.platform, cell.province)
    count = size(settings, cell)
    roll = _people(settings, cell, draw, 0, count)
    begin = midnight(cell.first)
    _share_persons(settings, cell, cells, roll)
    _open(roll, np.arange(count), registered=begin - SECONDS + draw.integers(6 * 3600, SECONDS, count), begin=begin)
    for other in cells:
        if other.platform == cell.platform and other.province != cell.province:
            leaving = _movers(settings, cell, other, home=True)
            _open(leaving, np.arange(len(leaving)), registered=np.full(len(leaving), begin - 9 * 3600), begin=begin)
            roll.append(leaving)
            roll.append(_movers(settings, other, cell, home=False))
    return roll


def _people(settings: Settings, cell: Cell, draw: np.random.Generator, first: int, count: int) -> Roll:
    """`count` new workers of a cell, numbered from `first`; without cover yet."""
    industry = cell.industry(cell.first)
    shape = profiles.INDUSTRIES[industry]
    kind = draw.choice(3, size=count, p=np.array(shape.mix))
    share = np.array(shape.active)[kind]
    spread = np.array([18.0, 5.0, 2.2])[kind]
    active = draw.beta(share * spread, (1 - share) * spread)
    load = np.array(shape.load)[kind] * draw.gamma(np.array([12.0, 5.0, 2.0])[kind]) / np.array([12.0, 5.0, 2.0])[kind]
    night = (draw.random(count) < shape.night_share) & (kind != PART)
    start = np.where(kind == FULL, draw.normal(8.4, 1.3, count), draw.normal(10.6, 2.6, count))
    start = np.where((kind != FULL) & (draw.random(count) < 0.45), draw.normal(16.6, 1.2, count), start)
    start = np.clip(np.where(night, draw.normal(18.8, 0.8, count), start), 5.3, 20.5)
    length = np.where(kind == FULL, draw.normal(10.4, 1.2, count), draw.normal(5.2, 1.6, count))
    length = np.clip(np.where(night, draw.normal(8.3, 0.7, count), length), 2.0, 13.5)
    relation = np.where(draw.random(count) < 0.08, 2, 1)
    numbers = np.arange(first, first + count)
    namespace = 10 * (cell.platform_no * 36 + cell.province_no)
    return Roll(
        worker_id=_worker_ids(cell, numbers),
        id_number=identity.id_numbers(namespace, numbers, year=settings.start.year, salt=settings.seed),
        kind=kind, active=active, load=load, start=start, length=length, night=night,
        city=draw.choice(len(cell.cities), size=count, p=np.array(cell.city_weights)),
        party=np.where(draw.random(count) < 0.62, draw.integers(0, agents(cell), count), -1),
        relation=relation,
        employee=np.zeros(count, dtype=bool),
        fixed=np.zeros(count, dtype=bool),
        joins=np.full(count, NEVER), leaves=np.full(count, NEVER), ready=np.full(count, NEVER),
        registered=np.full(count, NEVER), covered_from=np.full(count, NEVER), covered_to=np.full(count, NEVER),
        spell=np.zeros(count, dtype=np.int64),
    )  # fmt: skip


def _worker_ids(cell: Cell, numbers: Ints) -> npt.NDArray[np.str_]:
    """The platform's own numbers; one platform's hold Chinese characters, so that encodings are put to the test."""
    prefix = ("骑手" if cell.platform == "P09" else cell.platform + "W") + cell.province[:2]
    return np.array([f"{prefix}{number:07d}" for number in numbers.tolist()], dtype="U16")


def agents(cell: Cell) -> int:
    """How many agents and outsourcers sign workers for the platform there."""
    return 3 + (cell.platform_no * 7 + cell.province_no * 5) % 5


def party_codes(cell: Cell) -> pl.Series:
    """Their credit codes; the last one is an individual business (92)."""
    base = 20_000_000 + cell.platform_no * 100_000 + cell.province_no * 1_000
    count = agents(cell)
    return pl.Series([identity.credit_code(base + i, individual=i == count - 1) for i in range(count)])


def _share_persons(settings: Settings, cell: Cell, cells: tuple[Cell, ...], roll: Roll) -> None:
    """Gives the first workers of the roll the identity (and city) of persons who work for another platform too."""
    here = 0
    for other in cells:
        if other.province != cell.province or other.platform == cell.platform:
            continue
        low, high = sorted((cell.platform, other.platform))
        draw = rng(settings.seed, "shared", low, high, cell.province)
        expected = SHARED_SHARE * min(size(settings, cell), size(settings, other))
        count = int(expected) + int(draw.random() < expected % 1)
        cities = draw.choice(len(cell.cities), size=count, p=np.array(cell.city_weights))
        if here + count > size(settings, cell) // 2:
            continue
        owner = cell if cell.platform == low else other
        partner = other if cell.platform == low else cell
        namespace = 10 * (owner.platform_no * 36 + owner.province_no) + 8
        numbers = partner.platform_no * 100_000 + np.arange(count)
        rows = np.arange(here, here + count)
        roll.id_number[rows] = identity.id_numbers(
            namespace, numbers, year=settings.start.year, salt=settings.seed
        )
        roll.city[rows] = cities
        roll.fixed[rows] = True
        here += count


def _movers(settings: Settings, origin: Cell, target: Cell, *, home: bool) -> Roll:
    """Workers who move from one province to another with their worker number; `home`: as the origin sees them."""
    draw = rng(settings.seed, "movers", origin.platform, origin.province, target.province)
    expected = MOVE_SHARE * min(size(settings, origin), size(settings, target))
    count = int(expected) + int(draw.random() < expected % 1)
    numbers = 9_000_000 + target.province_no * 10_000 + np.arange(count)
    movers = _people(settings, origin, draw, 0, count)
    days = day_number(max(origin.first, target.first)) + draw.integers(2, 60, count)
    movers.worker_id = _worker_ids(origin, numbers)
    movers.id_number = identity.id_numbers(
        10 * (origin.platform_no * 36 + origin.province_no) + 6,
        target.province_no * 10_000 + np.arange(count), year=settings.start.year, salt=settings.seed,
    )  # fmt: skip
    movers.night[:] = False
    movers.start = np.minimum(movers.start, 14.0)
    movers.length = np.minimum(movers.length, 9.0)
    movers.fixed[:] = True
    movers.party[:] = -1
    if home:
        movers.leaves = days
    else:
        movers.joins = days
        movers.city = draw.choice(len(target.cities), size=count, p=np.array(target.city_weights))
    return movers


def _open(roll: Roll, rows: Ints, *, registered: Ints, begin: Ints | int) -> None:
    """A new spell for each of `rows`."""
    roll.registered[rows] = registered
    roll.covered_from[rows] = begin
    roll.covered_to[rows] = NEVER
    roll.ready[rows] = np.maximum(begin, registered)
    roll.spell[rows] += 1


def morning(settings: Settings, cell: Cell, roll: Roll, day: int, regulars: int) -> tuple[Ints, Ints, Ints]:
    """Before the orders of a day: starters of the day itself. Returns rows (started today, late, returned today).

    Starters register between 6 and 11 o'clock and may take orders ten minutes later. Late ones (honest imperfection)
    take orders first; `register_late` gives them their cover after the orders are known.
    """
    draw = rng(settings.seed, "starts", cell.platform, cell.province, day)
    begin = day * SECONDS
    count = int(draw.poisson(DAILY_STARTS * regulars * 0.5))
    late = 0
    if not settings.pristine:
        shape = profiles.INDUSTRIES[cell.industry(cell.first)]
        active = sum(m * a for m, a in zip(shape.mix, shape.active, strict=True))
        late = int(draw.poisson(LATE_SHARE * regulars * active))
    first = numbered(roll)
    people = _people(settings, cell, draw, first, count + late)
    rows = len(roll) + np.arange(count + late)
    people.night[:] = False
    people.active[count:] = np.maximum(people.active[count:], 0.6)
    roll.append(people)
    started, latecomers = rows[:count], rows[count:]
    at = begin + draw.integers(6 * 3600, 11 * 3600, count)
    _open(roll, started, registered=at, begin=at)
    roll.ready[started] = at + 600
    roll.ready[latecomers] = begin
    ended = np.flatnonzero((roll.covered_to <= begin) & (roll.leaves == NEVER))
    back = ended[draw.random(ended.size) < DAILY_RETURNS]
    at = begin + draw.integers(6 * 3600, 11 * 3600, back.size)
    _open(roll, back, registered=at, begin=at)
    roll.ready[back] = at + 600
    return started, latecomers, back


def numbered(roll: Roll) -> int:
    """The next free worker number of the cell: movers have numbers of their own, all others count."""
    return len(roll) - int(((roll.leaves != NEVER) | (roll.joins != NEVER)).sum())


def register_late(roll: Roll, rows: Ints, first_order: Ints, draw: np.random.Generator) -> None:
    """Cover for workers who have taken orders without: some hours after the first of them, not backdated, on the
    same day."""
    last = (first_order // SECONDS + 1) * SECONDS - 60
    at = np.minimum(first_order + draw.integers(1800, 6 * 3600, rows.size), last)
    _open(roll, rows, registered=at, begin=at)


def evening(
    settings: Settings, cell: Cell, roll: Roll, day: int, regulars: int, at_work: Ints
) -> tuple[Ints, Ints, Ints]:
    """After the orders of a day: rows (started for tomorrow, changed, ended). `at_work`: rows with orders accepted
    after this midnight, whose cover therefore ends in the morning."""
    draw = rng(settings.seed, "ends", cell.platform, cell.province, day)
    tomorrow = (day + 1) * SECONDS
    people = _people(settings, cell, draw, numbered(roll), int(draw.poisson(DAILY_STARTS * regulars * 0.5)))
    started = len(roll) + np.arange(len(people))
    roll.append(people)
    arrivals = np.flatnonzero(roll.joins == day + 1)
    started = np.concatenate([started, arrivals])
    _open(roll, started, registered=tomorrow - draw.integers(60, 12 * 3600, started.size), begin=tomorrow)
    covered = (roll.covered_to == NEVER) & (roll.covered_from < day * SECONDS)
    staying = np.flatnonzero(covered & (roll.leaves == NEVER) & (roll.joins == NEVER))
    ended = staying[draw.random(staying.size) < DAILY_STARTS]
    ended = np.concatenate([ended, np.flatnonzero(covered & (roll.leaves == day + 1))])
    roll.covered_to[ended] = np.where(np.isin(ended, at_work), tomorrow + 6 * 3600, tomorrow)
    roll.ready[ended] = NEVER
    changed = np.setdiff1d(staying[draw.random(staying.size) < DAILY_CHANGES], ended)
    roll.party[changed] = draw.integers(0, agents(cell), changed.size)
    return started, changed, ended


def rows_of(cell: Cell, roll: Roll, rows: Ints, action: str, day: int) -> pl.DataFrame:
    """Enrollment rows (the standard's columns that are not all null) for the main cover of `rows`."""
    industry = cell.industry(from_number(day))
    parties = party_codes(cell)
    party = roll.party[rows]
    relation = np.where(roll.employee[rows], 0, roll.relation[rows])
    base = pl.Series(roll.worker_id[rows].astype(str), dtype=pl.String)
    return pl.DataFrame(
        {
            "coverage_id": base + "C" + pl.Series(roll.spell[rows]).cast(pl.String),
            "action": pl.Series([action], dtype=pl.String).new_from_index(0, rows.size),
            "worker_id": base,
            "id_number": pl.Series(roll.id_number[rows].astype("U18"), dtype=pl.String),
            "programme": pl.Series(["oip", "employee_insurance"]).gather(roll.employee[rows].astype(np.int64)),
            "registered_at": seconds(roll.registered[rows]),
            "covered_from": seconds(roll.covered_from[rows]),
            "covered_to": seconds(np.where(roll.covered_to[rows] == NEVER, -1, roll.covered_to[rows])),
            "labor_relation": RELATIONS.gather(relation),
            "engagement": ENGAGEMENTS.gather(roll.kind[rows]),
            "contracting_party": pl.select(
                pl.when(pl.Series(party) >= 0).then(parties.gather(np.maximum(party, 0)))
            ).to_series(),
            "industry": pl.Series([industry], dtype=pl.String).new_from_index(0, rows.size),
            "city_code": pl.Series(cell.cities, dtype=pl.String).gather(roll.city[rows]),
            "agreement": AGREEMENTS.gather(relation),
            "worker_paid_yuan": pl.zeros(rows.size, dtype=pl.Decimal(12, 4), eager=True),
        }
    )


def seconds(values: Ints) -> pl.Series:
    """Seconds since 1970 as timestamps; negative values become null."""
    series = pl.Series(values.astype(np.int64) * 1_000_000)
    return pl.select(pl.when(series >= 0).then(series)).to_series().cast(pl.Datetime("us"))


def first_dates(settings: Settings, cell: Cell) -> tuple[int, ...]:
    """The day numbers of the cell's order days."""
    last = settings.start + timedelta(days=settings.days - 1)
    return tuple(range(day_number(cell.first), day_number(last) + 1))


def load_factor(settings: Settings, cell: Cell, roll: Roll, day: int) -> float:
    """By how much the loads of a day are scaled so that the expected orders match demand."""
    able = roll.ready < (day + 1) * SECONDS
    expected = float((roll.active * roll.load)[able].sum())
    return demand(settings, cell, from_number(day)) / max(expected, 1e-9)
