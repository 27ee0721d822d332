"""Every indicator id of interfaces.md for any `--by`, from domain.md §6 (readings 53–70 of README.md)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Any

from .book import Book, Judged
from .cells import Cells, Key, Period, Place, at_midnight
from .figures import Figure, amount, ratio
from .indicators_claims import claim_figures
from .indicators_submissions import submission_figures
from .reference import SCHEME_START
from .typing_rows import Row

Answer = dict[tuple[str, Key], Figure]
Pair = tuple[str, str]
GROWING = ("persons_cumulative", "persons_active", "orders_valid")


class OrderCell:
    """Sums of one period and place."""

    def __init__(self) -> None:
        self.orders = self.valid = self.insured = self.in_scope = 0
        self.premium = Decimal(0)
        self.valid_of: dict[Pair, int] = defaultdict(int)
        self.active_of: dict[Pair, set[str]] = defaultdict(set)
        self.days: dict[date, dict[str, list[bool]]] = defaultdict(lambda: defaultdict(list))
        self.by_oip: dict[str, list[bool]] = defaultdict(list)

    def add(self, j: Judged) -> None:
        self.orders += 1
        self.in_scope += j.in_scope
        self.premium += j.row.get("premium_yuan") or Decimal(0)
        if not j.valid:
            return
        self.valid += 1
        self.insured += j.insured
        self.valid_of[j.row.platform, j.row.province] += 1
        if j.row.get("worker_id") is None:
            return
        self.active_of[j.row.platform, j.row.province].add(j.person)
        covered = self.days[j.row.day][j.person]
        oip = self.by_oip[j.person]
        if j.row.get("accepted_at") is not None:  # a moment that cannot be read proves neither
            covered.append(j.covered)
            oip.append(any(s.programme == "oip" for s in j.covering))

    @property
    def active(self) -> set[str]:
        return set().union(*self.active_of.values())

    def covered_days(self) -> list[set[str]]:
        """W_d for each day."""
        return [{p for p, told in day.items() if told and all(told)} for day in self.days.values()]


def order_place(row: Row, with_programme: bool) -> Place:
    programme = "oip" if with_programme else None
    return Place(row.platform, row.province, row.get("city_code"), row.get("industry"), programme)


def spell_place(row: Row) -> Place:
    return Place(row.platform, row.province, row.get("city_code"), row.get("industry"), row.get("programme"))


class Persons:
    """First cover of each person per place and platform × province, and spells per place."""

    def __init__(self, book: Book, cells: Cells) -> None:
        self.cells = cells
        self.first: dict[Key, dict[Pair, dict[str, Any]]] = defaultdict(lambda: defaultdict(dict))
        self.spells: dict[Key, list[tuple[Any, str]]] = defaultdict(list)
        begin = at_midnight(SCHEME_START)
        for spell in book.spells:
            wanted = spell.programme == "oip" or cells.by_programme
            if not wanted or not spell.readable or max(spell.start, begin) >= spell.end:
                continue
            place, person = cells.place(spell_place(spell.row)), book.person_of(spell.row)
            known = self.first[place][spell.row.platform, spell.row.province]
            start = max(spell.start, begin)
            known[person] = min(known.get(person, start), start)
            self.spells[place].append((spell, person))

    def cumulative(self, place: Key, end: date, pairs: set[Pair] | None = None) -> int:
        """Persons first covered before the end of the period (and before the cut-off)."""
        until = min(at_midnight(end), self.cells.cut_off)
        chosen = (p for pair, p in self.first[place].items() if pairs is None or pair in pairs)
        return len({person for known in chosen for person, first in known.items() if first < until})

    def enrolled(self, place: Key, period: Period) -> int:
        until = min(at_midnight(period.end), self.cells.cut_off)
        begin = at_midnight(max(period.start, SCHEME_START))
        return len({person for spell, person in self.spells[place] if spell.overlaps(begin, until)})


def indicators(book: Book, by: Sequence[str]) -> Answer:
    """(indicator, values of `by`) → figure, for every period of the data and every place in it."""
    cells = Cells(book, by)
    orders: dict[Key, OrderCell] = defaultdict(OrderCell)
    places: set[Key] = set()
    for j in book.judged:
        place = cells.place(order_place(j.row, cells.by_programme))
        places.add(place)
        orders[cells.join(cells.time(j.row.day), place)].add(j)
    persons = Persons(book, cells)
    places |= set(persons.spells)
    if cells.whole_pairs:
        places |= {cells.place(Place(p.platform, p.province)) for p in book.inbox.current}
    answer: Answer = {}
    for period in cells.periods():
        for place in places:
            key = cells.join(period.label, place)
            answer.update({(name, key): f for name, f in order_figures(orders[key])})
            answer.update({(name, key): f for name, f in person_figures(persons, place, period)})
            answer.update(
                {(name, key): f for name, f in growth_figures(cells, orders, persons, place, period)}
            )
    answer.update(claim_figures(book, cells, places, orders))
    if cells.whole_pairs:
        answer.update(submission_figures(book, cells, orders))
    _population(book, cells, persons, places, answer)
    return answer


def order_figures(cell: OrderCell) -> Iterable[tuple[str, Figure]]:
    active, days = cell.active, cell.covered_days()
    ever = set().union(*days)
    always = sum(1 for told in cell.by_oip.values() if told and all(told))
    yield "orders", amount(cell.orders)
    yield "orders_valid", amount(cell.valid)
    yield "orders_insured", amount(cell.insured)
    yield "orders_uninsured", amount(cell.valid - cell.insured)
    yield "premium_yuan", amount(cell.premium)
    yield "persons_active", amount(len(active))
    yield "coverage_rate", ratio(len(ever), len(active))
    yield "fully_covered_share", ratio(always, len(active))
    yield "order_insured_rate", ratio(cell.insured, cell.valid)
    yield "person_insured_rate", ratio(sum(map(len, days)), sum(map(len, cell.days.values())))


def person_figures(persons: Persons, place: Key, period: Period) -> Iterable[tuple[str, Figure]]:
    now, before = persons.cumulative(place, period.end), persons.cumulative(place, period.start)
    yield "persons_cumulative", amount(now)
    yield "persons_new", amount(now - before)
    yield "persons_enrolled", amount(persons.enrolled(place, period))


def growth_figures(
    cells: Cells, orders: dict[Key, OrderCell], persons: Persons, place: Key, period: Period
) -> Iterable[tuple[str, Figure]]:
    base = cells.before(period)
    if base is None:
        return
    reference = cells.reference
    last = min(period.end - timedelta(days=1), cells.book.last_day)
    pairs = {
        (p.platform, p.province)
        for p in cells.book.inbox.current
        if reference.pair_in_scheme(p.platform, p.province, base.end - timedelta(days=1))
        and reference.pair_in_scheme(p.platform, p.province, last)
    }

    def count(name: str, at: Period, only: set[Pair] | None) -> int:
        if name == "persons_cumulative":
            return persons.cumulative(place, at.end, only)
        cell = orders.get(cells.join(at.label, place)) or OrderCell()
        if name == "orders_valid":
            return sum(n for pair, n in cell.valid_of.items() if only is None or pair in only)
        return len(set().union(*(s for pair, s in cell.active_of.items() if only is None or pair in only)))

    for name in GROWING:
        n0, nt = count(name, base, None), count(name, period, None)
        m0, mt = count(name, base, pairs), count(name, period, pairs)
        whole = ratio(nt - n0, n0)
        like = Fraction(mt - m0, m0) if m0 else None
        yield f"growth_rate:{name}", Figure(whole.value, whole.numerator, whole.denominator, like)


def _population(book: Book, cells: Cells, persons: Persons, places: set[Key], answer: Answer) -> None:
    """persons_enrolled over an outside estimate (tax, else survey) of exactly the cell and period."""
    for period in cells.periods():
        for place in places:
            key = cells.join(period.label, place)
            found = [_estimate(book, cells, source, place, period) for source in ("tax", "survey")]
            outside = next((v for v in found if v is not None), None)
            answer["population_coverage", key] = ratio(persons.enrolled(place, period), outside, flags="e")


def _estimate(book: Book, cells: Cells, source: str, place: Key, period: Period) -> Decimal | None:
    if set(cells.places) - {"province", "platform"}:
        return None
    said = dict(zip(cells.places, place, strict=True))
    rows = [
        w
        for w in book.inbox.witness
        if w["source"] == source
        and w["measure"] == "workers"
        and w["date_from"] == period.start.isoformat()
        and w["date_to"] == (period.end - timedelta(days=1)).isoformat()
        and w["platform_code"] == (said.get("platform") or "")
        and w["province_code"] == (said.get("province") or "")
    ]
    return Decimal(rows[-1]["value"]) if rows else None


def as_records(answer: Answer, by: Sequence[str]) -> list[dict[str, Any]]:
    """For JSON: exact parts as text (fractions stay fractions), the value as a float beside them."""
    records = []
    for (name, key), f in sorted(
        answer.items(), key=lambda item: (item[0][0], [v or "" for v in item[0][1]])
    ):
        record: dict[str, Any] = dict(zip(by, key, strict=True))
        record |= {"indicator": name, "value": None if f.value is None else float(f.value)}
        for part in ("numerator", "denominator", "like_for_like"):
            exact: Fraction | None = getattr(f, part)
            record[part] = None if exact is None else str(exact)
        records.append(record | {"flags": f.flags})
    return records
