"""The roll of one cell: who works there, how much, and the main cover of each.

A roll is a table of equal-length arrays, one row a worker; rows are only ever appended, so a row number
stays good. Times are seconds of Shanghai wall time since 1970; `NEVER` stands for "not yet" or "open".
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from datetime import date

import numpy as np
import numpy.typing as npt

from data_samples import identity, profiles
from data_samples.world import SECONDS, Cell, Settings, day_number, midnight, rng

NEVER = 2**60
# Provinces between which some work to and fro, with cover at home (honest imperfection)
ADJACENT = (("110000", "120000"), ("110000", "130000"), ("310000", "320000"), ("320000", "330000"),
            ("310000", "330000"), ("350000", "440000"), ("500000", "510000"))  # fmt: skip
COMMUTE_SHARE = 0.006  # of the smaller of two such provinces
MOVE_SHARE = 0.01  # of the smaller of two provinces: moves there over two months
SHARED_SHARE = 0.03  # of the smaller of two platforms in one province: persons on both
FULL, PART, CROWD = 0, 1, 2
OIP, EMPLOYEE, UNION, DAILY = 0, 1, 2, 3  # main cover; DAILY: a policy a day
REGULAR, MOVER, DAY_WORKER = 0, 1, 2
EMPLOYER, EMPLOYER_SINCE = "P04", date(2025, 3, 1)  # 京东: full-time riders are employees
UNION_SUBMITTER = "U01"

Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]
Floats = npt.NDArray[np.float64]


@dataclass
class Roll:
    """One row a worker. `active`: chance to work on a day; `load`: mean orders then; `start`, `length`:
    of the usual shift in hours; `luck`: a lot drawn once, for further programmes and the like; `ready`:
    first second at which orders may be accepted; `covered_from`, `covered_to`, `registered`, `spell`: the
    latest spell of main cover; `leaves`, `joins`: the day number on which a mover does; `fixed`: neither
    changes city nor works past midnight."""

    worker_id: npt.NDArray[np.str_]
    id_number: npt.NDArray[np.bytes_]
    group: Ints
    kind: Ints
    programme: Ints
    relation: Ints
    active: Floats
    load: Floats
    start: Floats
    length: Floats
    luck: Floats
    night: Bools
    fixed: Bools
    city: Ints
    party: Ints
    parity: Ints
    joins: Ints
    leaves: Ints
    ready: Ints
    registered: Ints
    covered_from: Ints
    covered_to: Ints
    spell: Ints

    def __len__(self) -> int:
        return int(self.kind.size)

    def append(self, other: Roll) -> Ints:
        """The row numbers that the other's workers get."""
        first = len(self)
        for field in fields(self):
            setattr(self, field.name, np.concatenate([getattr(self, field.name), getattr(other, field.name)]))
        return np.arange(first, len(self))

    def covers(self, at: Ints, row: Ints) -> Bools:
        """Whether the latest spell of each row covers the moment `at`; day workers always have their
        policy."""
        spell = (self.covered_from[row] <= at) & (at < self.covered_to[row])
        return spell | (self.programme[row] == DAILY)

    def open_spell(self, rows: Ints, *, registered: Ints, begin: Ints | int) -> None:
        """A new spell of main cover for each of `rows`."""
        self.registered[rows] = registered
        self.covered_from[rows] = begin
        self.covered_to[rows] = NEVER
        self.ready[rows] = np.maximum(begin, registered)
        self.spell[rows] += 1

    def next_number(self) -> int:
        """The next free number of a regular worker."""
        return int((self.group == REGULAR).sum())


def mean_load(cell: Cell) -> float:
    """Orders that a worker of the roll takes on an average day."""
    shape = profiles.INDUSTRIES[cell.industry(cell.first)]
    return float(sum(m * n * a for m, n, a in zip(shape.mix, shape.load, shape.active, strict=True)))


def size(settings: Settings, cell: Cell) -> int:
    """Workers on the roll at the start, known to every other cell without building the roll."""
    if cell.platform == UNION_SUBMITTER:
        return max(20, round(settings.orders_per_day * 0.004))
    if cell.submitter:
        return 0
    return max(4, round(settings.orders_per_day * cell.share / mean_load(cell)))


def found(settings: Settings, cell: Cell, cells: tuple[Cell, ...]) -> Roll:
    """The roll before the first order day: the regular workers, persons shared with other platforms, and
    movers."""
    draw = rng(settings.seed, "roll", cell.platform, cell.province)
    count = size(settings, cell)
    roll = people(settings, cell, draw, 0, count)
    begin = midnight(cell.first)
    roll.open_spell(
        np.arange(count), registered=begin - SECONDS + draw.integers(21_600, SECONDS, count), begin=begin
    )
    if cell.submitter:
        return roll
    _share_persons(settings, cell, cells, roll)
    for other in cells:
        if other.platform == cell.platform and other.province != cell.province:
            leaving = _movers(settings, cell, other, home=True)
            leaving.open_spell(
                np.arange(len(leaving)), registered=np.full(len(leaving), begin - 32_400), begin=begin
            )
            roll.append(leaving)
            roll.append(_movers(settings, other, cell, home=False))
            if not settings.pristine:
                roll.append(_commuters(settings, cell, other, home=True))
                roll.append(_commuters(settings, other, cell, home=False))
    return roll


def people(settings: Settings, cell: Cell, draw: np.random.Generator, first: int, count: int) -> Roll:
    """`count` new workers of a cell, numbered from `first`; without cover yet."""
    shape = profiles.INDUSTRIES[cell.industry(cell.first)]
    kind = draw.choice(3, size=count, p=np.array(shape.mix))
    share, firm = np.array(shape.active)[kind], np.array([18.0, 5.0, 2.2])[kind]
    steady = np.array([12.0, 5.0, 2.0])[kind]
    night = (draw.random(count) < shape.night_share) & (kind != PART)
    start = np.where(kind == FULL, draw.normal(8.4, 1.3, count), draw.normal(10.6, 2.6, count))
    start = np.where((kind != FULL) & (draw.random(count) < 0.45), draw.normal(16.6, 1.2, count), start)
    length = np.where(kind == FULL, draw.normal(10.4, 1.2, count), draw.normal(5.2, 1.6, count))
    programme = np.full(count, UNION if cell.platform == UNION_SUBMITTER else OIP)
    if cell.platform == EMPLOYER and cell.first >= EMPLOYER_SINCE:
        programme[kind == FULL] = EMPLOYEE
    relation = np.where(draw.random(count) < 0.08, 2, 1)
    numbers = np.arange(first, first + count)
    never = np.full(count, NEVER)
    return Roll(
        worker_id=worker_ids(cell, numbers),
        id_number=identities(settings, namespace(cell, 0), numbers),
        group=np.zeros(count, dtype=np.int64),
        kind=kind,
        programme=programme,
        relation=np.where(programme == EMPLOYEE, 0, relation),
        active=draw.beta(share * firm, (1 - share) * firm) * (0.0 if cell.submitter else 1.0),
        load=np.array(shape.load)[kind] * draw.gamma(steady) / steady,
        start=np.clip(np.where(night, draw.normal(20.3, 0.9, count), start), 5.3, 22.0),
        length=np.clip(np.where(night, draw.normal(8.3, 0.7, count), length), 2.0, 13.5),
        luck=draw.random(count),
        night=night,
        fixed=np.zeros(count, dtype=bool),
        city=draw.choice(len(cell.cities), size=count, p=np.array(cell.city_weights)),
        party=np.where((draw.random(count) < 0.62) & (programme == OIP), draw.integers(0, agents(cell), count), -1),
        parity=np.full(count, -1), joins=never.copy(), leaves=never.copy(), ready=never.copy(), registered=never.copy(),
        covered_from=never.copy(), covered_to=never.copy(), spell=np.zeros(count, dtype=np.int64),
    )  # fmt: skip


def namespace(cell: Cell, part: int) -> int:
    """A number space for persons: ten a cell (0 regular, 4 day workers, 6 movers, 8 shared with other
    platforms)."""
    return 10 * (cell.platform_no * 34 + cell.province_no) + part


def identities(settings: Settings, space: int, numbers: Ints) -> npt.NDArray[np.bytes_]:
    return identity.id_numbers(space, numbers, year=settings.start.year, salt=settings.seed)


def worker_ids(cell: Cell, numbers: Ints) -> npt.NDArray[np.str_]:
    """The platform's own numbers; one platform's hold Chinese characters, so that encodings are put to
    the test."""
    prefix = ("骑手" if cell.platform == "P09" else cell.platform + "W") + cell.province[:2]
    return np.array([f"{prefix}{number:07d}" for number in numbers.tolist()], dtype="U16")


def agents(cell: Cell) -> int:
    """How many agents and outsourcers sign workers for the platform there."""
    return 3 + (cell.platform_no * 7 + cell.province_no * 5) % 5


def party_codes(cell: Cell) -> list[str]:
    """Their credit codes; the last one is an individual business (92)."""
    base = 20_000_000 + cell.platform_no * 100_000 + cell.province_no * 1_000
    count = agents(cell)
    return [identity.credit_code(base + i, individual=i == count - 1) for i in range(count)]


def _share_persons(settings: Settings, cell: Cell, cells: tuple[Cell, ...], roll: Roll) -> None:
    """Gives the first workers of the roll the identity (and city) of persons who work for another
    platform too."""
    here = 0
    for other in cells:
        if other.province != cell.province or other.platform == cell.platform or other.submitter:
            continue
        owner, partner = sorted((cell, other), key=lambda each: each.platform)
        draw = rng(settings.seed, "shared", owner.platform, partner.platform, cell.province)
        expected = SHARED_SHARE * min(size(settings, cell), size(settings, other))
        count = int(expected) + int(draw.random() < expected % 1)
        cities = draw.choice(len(cell.cities), size=count, p=np.array(cell.city_weights))
        if here + count > size(settings, cell) // 2:
            continue
        rows = np.arange(here, here + count)
        numbers = partner.platform_no * 100_000 + np.arange(count)
        roll.id_number[rows] = identities(settings, namespace(owner, 8), numbers)
        roll.city[rows] = cities
        roll.fixed[rows] = True
        here += count


def _itinerant(
    settings: Settings, origin: Cell, target: Cell, draw: np.random.Generator, count: int, *, first: int
) -> Roll:
    """People of two provinces, numbered from `first` in a space of their own; none works past midnight."""
    numbers = target.province_no * 10_000 + first + np.arange(count)
    found = people(settings, origin, draw, 0, count)
    found.worker_id = worker_ids(origin, 9_000_000 + numbers)
    found.id_number = identities(settings, namespace(origin, 6), numbers)
    found.group[:] = MOVER
    found.night[:] = False
    found.start = np.minimum(found.start, 14.0)
    found.length = np.minimum(found.length, 9.0)
    found.active = np.minimum(found.active, 0.3)  # never enough for a month's pension subsidy
    found.fixed[:] = True
    found.party[:] = -1
    return found


def _movers(settings: Settings, origin: Cell, target: Cell, *, home: bool) -> Roll:
    """Workers who move from one province to another with their worker number; `home`: as the origin sees
    them."""
    draw = rng(settings.seed, "movers", origin.platform, origin.province, target.province)
    expected = MOVE_SHARE * min(size(settings, origin), size(settings, target))
    count = int(expected) + int(draw.random() < expected % 1)
    days = day_number(max(origin.first, target.first)) + draw.integers(2, 60, count)
    movers = _itinerant(settings, origin, target, draw, count, first=0)
    if home:
        movers.leaves = days
    else:
        movers.joins = days
        movers.spell[:] = 1  # the spell at the origin: the next one has a number of its own
        movers.city = draw.choice(len(target.cities), size=count, p=np.array(target.city_weights))
    return movers


def _commuters(settings: Settings, origin: Cell, place: Cell, *, home: bool) -> Roll:
    """Workers who are enrolled at home and take orders in the next province on every second day."""
    draw = rng(settings.seed, "commuters", origin.platform, origin.province, place.province)
    near = (origin.province, place.province) in ADJACENT or (place.province, origin.province) in ADJACENT
    expected = COMMUTE_SHARE * min(size(settings, origin), size(settings, place)) * near
    count = int(expected) + int(draw.random() < expected % 1)
    movers = _itinerant(settings, origin, place, draw, count, first=5_000)
    begin = midnight(max(origin.first, place.first))
    if home:
        movers.open_spell(
            np.arange(count), registered=np.full(count, midnight(origin.first) - 30_000), begin=begin
        )
        movers.parity[:] = 0
    else:
        movers.covered_from[:] = begin
        movers.ready[:] = begin
        movers.spell[:] = 1
        movers.parity[:] = 1
        movers.city = draw.choice(len(place.cities), size=count, p=np.array(place.city_weights))
    return movers
