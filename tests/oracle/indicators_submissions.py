"""Indicators about the submissions: timeliness, completeness, typed, revision, certified, agreement."""

from __future__ import annotations

from collections import Counter, defaultdict
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import TYPE_CHECKING

from .book import Book, Cell
from .cells import Cells, Key, Place
from .figures import Figure, ratio
from .inbox import as_date
from .package import Package
from .reference import deadline
from .rules import violations
from .rules_package import expected_days, first_sent, is_late
from .rules_validity import quarantined

if TYPE_CHECKING:
    from .indicators import OrderCell

PACKAGE_DEFECTS = ("S04", "S09", "S11", "T01", "T06", "X13", "X16")
ROW_DEFECTS = {
    "V10": ("enrollment",),
    "V11": ("claims",),
    "V12": ("claims",),
    "V13": ("claims",),
    "C01": ("enrollment", "orders", "claims"),
    "C02": ("enrollment", "orders", "claims"),
    "C03": ("enrollment", "orders"),
    "X04": ("claims",),
    "X07": ("claims",),
    "X09": ("claims",),
    "X17": ("claims",),
    "T03": ("orders",),
    "T04": ("orders",),
}
SHARE = Fraction(1, 1000)


def certified_cells(book: Book) -> set[Cell]:
    """Current cells without quarantined row, package defect, or row defect from 0.1% of its rows on."""
    current: dict[Cell, Package] = {p.key: p for p in book.inbox.current}
    bad = {row.cell for row in quarantined(book).values()}
    for (rule_id, *rest), count in violations(book).items():
        cell: Cell = (rest[0], rest[1], rest[2])
        if rule_id in PACKAGE_DEFECTS:
            bad.add(cell)
        elif rule_id in ROW_DEFECTS and cell in current:
            rows = sum(len(current[cell].rows[e]) for e in ROW_DEFECTS[rule_id])
            if rows == 0 or Fraction(count, rows) >= SHARE:
                bad.add(cell)
    return set(current) - bad


def order_count(p: Package) -> int:
    return len({r.get("order_id") for r in p.rows["orders"] if r.get("order_id") is not None})


def revisions(book: Book) -> dict[Cell, tuple[int, int]]:
    """(orders first handed in, orders as known at night D+30, or now if that is earlier)."""
    versions: dict[Cell, list[Package]] = defaultdict(list)
    for p in book.inbox.accepted:
        versions[p.key].append(p)
    found = {}
    for cell, first in first_sent(book).items():
        known = [p for p in versions[cell] if p.sent <= deadline(p.on + timedelta(days=30))] or [first]
        found[cell] = order_count(first), order_count(max(known, key=lambda p: p.sequence))
    return found


def submission_figures(
    book: Book, cells: Cells, orders: dict[Key, OrderCell]
) -> dict[tuple[str, Key], Figure]:
    def key(cell: Cell) -> Key:
        return cells.join(cells.time(date.fromisoformat(cell[2])), cells.place(Place(cell[0], cell[1])))

    sums: dict[Key, Counter[str]] = defaultdict(Counter)
    sent, there = first_sent(book), {p.key for p in book.inbox.current}
    certified, expected = certified_cells(book), expected_days(book)
    for cell in expected:
        sums[key(cell)].update(
            due=1, on_time=cell in sent and not is_late(sent[cell]), accepted=cell in there
        )
    for cell in expected | there:
        sums[key(cell)].update(cells=1, certified=cell in certified)
    untyped = Counter(
        r.cell
        for rows in book.rows.values()
        for r in rows
        if set(r.broken.values()) & {"S06", "S07", "S08", "V01", "V02"}
    )
    for p in book.inbox.current:
        declared = sum(x["rows"] for x in p.manifest["extracts"])
        sums[key(p.key)].update(declared=declared, typed=declared - untyped[p.key])
    for cell, (first, later) in revisions(book).items():
        sums[key(cell)].update(first=first, moved=abs(later - first), signed=later - first)
    answer: dict[tuple[str, Key], Figure] = {}
    agreement = _agreement(book, cells)
    for k, s in sums.items():
        answer["timeliness_rate", k] = ratio(s["on_time"], s["due"])
        answer["completeness_rate", k] = ratio(s["accepted"], s["due"])
        answer["typed_rate", k] = ratio(s["typed"], s["declared"])
        answer["revision_rate", k] = ratio(s["moved"], s["first"])
        answer["revision_signed", k] = ratio(s["signed"], s["first"])
        answer["certified_share", k] = ratio(s["certified"], s["cells"])
        answer["agreement_rate", k] = ratio(agreement[k]["agree"], agreement[k]["rows"])
    return answer


def _agreement(book: Book, cells: Cells) -> dict[Key, Counter[str]]:
    """Tax rows of contributions within 2% of our premiums over the row's own period, by its last day."""
    found: dict[Key, Counter[str]] = defaultdict(Counter)
    totals: dict[tuple[str, str, date], Decimal] = defaultdict(Decimal)
    for j in book.judged:
        totals[j.row.platform, j.row.province, j.row.day] += j.row.get("premium_yuan") or 0
    for w in book.inbox.witness:
        first, last = as_date(w["date_from"]), as_date(w["date_to"])
        if w["source"] != "tax" or w["measure"] != "contributions_yuan" or first is None or last is None:
            continue
        named = ("platform" not in cells.places or w["platform_code"]) and (
            not {"region", "province"} & set(cells.places) or w["province_code"]
        )
        if not named or first < book.first_day or last > book.last_day:
            continue
        ours = sum(
            (
                value
                for (platform, province, on), value in totals.items()
                if w["platform_code"] in ("", platform)
                and w["province_code"] in ("", province)
                and first <= on <= last
            ),
            Decimal(0),
        )
        place = Place(w["platform_code"] or None, w["province_code"] or None)
        k = cells.join(cells.time(last), cells.place(place))
        found[k].update(rows=1, agree=abs(ours - Decimal(w["value"])) * 100 <= 2 * Decimal(w["value"]))
    return found
