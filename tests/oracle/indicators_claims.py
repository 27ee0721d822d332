"""Indicators of claims, benefits and contributions (readings 61–67 of README.md)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from fractions import Fraction
from typing import TYPE_CHECKING

from .book import Book
from .cells import Cells, Key, Place
from .figures import Figure, amount, kaplan_meier, ratio
from .inbox import as_date, as_time
from .rules_programme import start_of
from .rules_witness import match
from .typing_rows import Row

if TYPE_CHECKING:
    from .indicators import OrderCell

ON_TIME = (
    ("confirm", 2),
    ("confirm", 7),
    ("confirm", 30),
    ("pay", 5),
    ("total", 7),
    ("total", 15),
)


@dataclass
class ClaimCell:
    benefits: Decimal = Decimal(0)
    benefits_estimated: bool = False
    reported: int = 0
    confirmed: int = 0
    injuries_reported: int = 0
    injuries_confirmed: int = 0
    confirm_days: list[tuple[int, bool]] = field(default_factory=list)
    pay_days: list[tuple[int, bool]] = field(default_factory=list)
    on_time: dict[tuple[str, int], int] = field(default_factory=lambda: defaultdict(int))
    passed: dict[tuple[str, int], int] = field(default_factory=lambda: defaultdict(int))


def claim_place(book: Book, claim: Row, programme: str | None) -> Place:
    """Province of the submission, city of the injury, industry of the order, else of the worker's spell."""
    j = book.order_by_key.get((claim.platform, claim.get("order_id")))
    industry = j.row.get("industry") if j else None
    if industry is None:
        spells = [
            s
            for s in book.spells_of.get((claim.platform, claim.get("worker_id")), [])
            if s.programme == claim.get("programme")
        ]
        there = [s for s in spells if claim.get("injured_at") and s.covers(claim.get("injured_at"))]
        industry = (there or spells)[-1].row.get("industry") if spells else None
    return Place(claim.platform, claim.province, claim.get("injury_city_code"), industry, programme)


def case_place(book: Book, case: dict[str, str], programme: str | None) -> Place:
    """Of the claim it is about, else of its order, else of the person's latest oip spell on the platform."""
    claim = match(book, case)
    if claim is not None:
        return claim_place(book, claim, programme)
    j = book.order_by_key.get((case["platform_code"], case.get("order_id", "")))
    spells = book.spells_of_identity.get((case["platform_code"], case["id_number"]), [])
    row = j.row if j else spells[-1] if spells else None
    if row is None:
        return Place(case["platform_code"], None, None, None, programme)
    return Place(row.platform, row.province, row.get("city_code"), row.get("industry"), programme)


def _date(at: datetime | None) -> date | None:
    return at.date() if at else None


def claim_figures(
    book: Book, cells: Cells, places: set[Key], orders: dict[Key, OrderCell]
) -> dict[tuple[str, Key], Figure]:
    found: dict[Key, ClaimCell] = defaultdict(ClaimCell)
    for period in cells.periods():
        for place in places:
            found[cells.join(period.label, place)]
    programme = "oip" if cells.by_programme else None

    def at(on: date | None, place: Place) -> ClaimCell | None:
        if on is None or on > book.last_day:
            return None
        return found[cells.join(cells.time(on), cells.place(place))]

    watched = {c["platform_code"] for c in book.inbox.agency_cases}
    for claim in book.oip_claims:
        _add_claim(book, claim, claim_place(book, claim, programme), at, claim.platform in watched, programme)
    for case in book.inbox.agency_cases:
        _add_case(book, case, case_place(book, case, programme), at, programme)
    collected = contributions(book, cells)
    answer: dict[tuple[str, Key], Figure] = {}
    for key, cell in found.items():
        answer.update({(n, key): f for n, f in _figures(cell, collected.get(key), orders.get(key))})
    return answer


def _add_claim(book, claim, place, at, watched, programme) -> None:  # type: ignore[no-untyped-def]
    if (cell := at(_date(claim.get("reported_at")), place)) is not None:
        cell.reported += 1
    if not watched:
        if (
            claim.get("outcome") == "confirmed"
            and (cell := at(_date(claim.get("confirmed_at")), place)) is not None
        ):
            cell.confirmed += 1
        benefit = claim.get("benefit_yuan")
        if benefit is not None and (cell := at(_date(claim.get("paid_at")), place)) is not None:
            cell.benefits += benefit
            cell.benefits_estimated = True
    j = book.order_by_key.get((claim.platform, claim.get("order_id")))
    if j is not None and j.in_scope:
        cell = at(_date(claim.get("injured_at")), _order_place(j.row, programme))
        if cell is not None:
            cell.injuries_reported += 1
            cell.injuries_confirmed += not watched and claim.get("outcome") == "confirmed"
    _add_days(book, claim, place, at)


def _order_place(row: Row, programme: str | None) -> Place:
    return Place(row.platform, row.province, row.get("city_code"), row.get("industry"), programme)


def _add_case(book, case, place, at, programme) -> None:  # type: ignore[no-untyped-def]
    confirmed = as_date(case.get("confirmed_at"))
    if (cell := at(confirmed, place)) is not None:
        cell.confirmed += 1
    if case.get("benefit_yuan") and (cell := at(as_date(case.get("paid_at")), place)) is not None:
        cell.benefits += Decimal(case["benefit_yuan"])
    j = book.order_by_key.get((case["platform_code"], case.get("order_id", "")))
    if j is None or not j.in_scope or confirmed is None:
        return
    if (cell := at(_date(as_time(case["injured_at"])), _order_place(j.row, programme))) is not None:
        cell.injuries_confirmed += 1


def _add_days(book, claim, place, at) -> None:  # type: ignore[no-untyped-def]
    """Working days from application (else report), suspended days left out, in the cohort of that day."""
    start = start_of(claim)
    cell = at(_date(start), place)
    if start is None or cell is None:
        return
    lost = claim.get("suspended_days") or 0

    def taken(since: datetime, end: date) -> int:
        return max(0, int(book.reference.workdays(since.date(), end)) - lost)

    for until, days in (
        (claim.get("confirmed_at"), cell.confirm_days),
        (claim.get("paid_at"), cell.pay_days),
    ):
        closed = until is not None and until.date() <= book.last_day
        days.append((taken(start, until.date() if closed else book.last_day), closed))
    for stage, k in ON_TIME:
        since = claim.get("confirmed_at") if stage == "pay" else start
        until = claim.get("confirmed_at") if stage == "confirm" else claim.get("paid_at")
        if since is None or taken(since, book.last_day) < k:
            continue
        cell.passed[stage, k] += 1
        cell.on_time[stage, k] += (
            until is not None and until.date() <= book.last_day and taken(since, until.date()) <= k
        )


def _figures(
    cell: ClaimCell, collected: Decimal | None, sums: OrderCell | None
) -> Iterator[tuple[str, Figure]]:
    premium = sums.premium if sums else Decimal(0)
    valid, in_scope = (sums.valid, sums.in_scope) if sums else (0, 0)
    paid_in = premium if collected is None else collected
    estimated = "e" if cell.benefits_estimated or collected is None else ""
    yield "benefits_yuan", amount(cell.benefits, "e" if cell.benefits_estimated else "")
    yield "contributions_collected_yuan", amount(collected)
    yield "fund_gap_yuan", amount(cell.benefits - paid_in, estimated)
    yield "payout_contribution_ratio", ratio(cell.benefits, paid_in, flags=estimated)
    yield "benefit_per_order_yuan", ratio(cell.benefits, valid)
    yield "benefit_per_case_yuan", ratio(cell.benefits, cell.confirmed)
    yield "claims_reported", amount(cell.reported)
    yield "claims_confirmed", amount(cell.confirmed)
    yield "injuries_reported_per_million_orders", ratio(cell.injuries_reported, in_scope, 1_000_000)
    yield "injuries_confirmed_per_million_orders", ratio(cell.injuries_confirmed, in_scope, 1_000_000)
    for name, days in (("days_to_confirm", cell.confirm_days), ("days_to_pay", cell.pay_days)):
        closed = Fraction(sum(c for _, c in days))
        for label, share in (("median", Fraction(1, 2)), ("p90", Fraction(9, 10))):
            value = kaplan_meier(days, share)
            exact = None if value is None else Fraction(value)
            yield f"{name}:{label}", Figure(exact, closed, Fraction(len(days)))
    for stage, k in ON_TIME:
        yield f"on_time_share:{stage}:{k}", ratio(cell.on_time[stage, k], cell.passed[stage, k])


def contributions(book: Book, cells: Cells) -> dict[Key, Decimal]:
    """What the tax office collected, by the period of its rows; only where a row lies within one cell."""
    if set(cells.places) - {"region", "province", "platform"}:
        return {}
    latest: dict[tuple[str, ...], dict[str, str]] = {}
    for w in sorted(book.inbox.witness, key=lambda w: w["published"]):
        if w["source"] == "tax" and w["measure"] == "contributions_yuan":
            latest[w["platform_code"], w["province_code"], w["date_from"], w["date_to"]] = w
    found: dict[Key, Decimal] = defaultdict(Decimal)
    for (platform, province, first, last), w in latest.items():
        a, b = date.fromisoformat(first), date.fromisoformat(last)
        if ("platform" in cells.places and not platform) or (
            set(cells.places) & {"region", "province"} and not province
        ):
            continue
        if cells.time(a) == cells.time(b):
            found[cells.join(cells.time(a), cells.place(Place(platform, province)))] += Decimal(w["value"])
    return found
