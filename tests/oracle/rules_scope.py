"""C rules: scope by the event's date, and the premium of each order (readings 31–35)."""

from __future__ import annotations

from collections import Counter
from datetime import date, datetime
from decimal import Decimal

from .book import Book
from .found import Found, rule
from .reference import FLOAT_FACTORS, SECOND_ROUND
from .typing_rows import Row

ZERO = Decimal(0)


def oip_rows(book: Book) -> list[tuple[Row, date]]:
    """(row, event date): orders that paid a premium, oip spells by their start, oip claims by the injury; a row
    whose event date cannot be read stands at the end of time: only what is never in the scheme is wrong."""
    found: list[tuple[Row, date]] = [
        (r, r.day) for r in book.first_orders if (r.get("premium_yuan") or ZERO) > 0
    ]
    for extract, column in (("enrollment", "covered_from"), ("claims", "injured_at")):
        for row in book.rows[extract]:
            at: datetime | None = row.get(column)
            if row.get("programme") == "oip":
                found.append((row, at.date() if at else date.max))
    return found


@rule("C01")
def c01(book: Book) -> Found:
    return Counter(
        r.cell for r, on in oip_rows(book) if not book.reference.province_in_scheme(r.province, on)
    )


@rule("C02")
def c02(book: Book) -> Found:
    return Counter(
        r.cell for r, on in oip_rows(book) if not book.reference.platform_in_scheme(r.platform, on)
    )


@rule("C03")
def c03(book: Book) -> Found:
    """oip rows in an industry that the scheme does not have that day; an order of one of its platforms too
    where its code is dead or unborn, since that takes it out of scope whatever it paid."""
    platforms = {r["platform_code"] for r in book.reference.rows("platform")}
    rows = [(r, on) for r, on in oip_rows(book) if r.extract == "enrollment" and r.get("covered_from")]
    for r in book.rows["orders"]:
        dead = r.get("industry") != "other" and r.platform in platforms and r.get("work_type") == "order"
        if dead or (r.get("premium_yuan") or ZERO) > 0:
            rows.append((r, r.day))
    found: Found = Counter()
    for row, on in rows:
        industry = row.get("industry")
        if industry is not None:
            found[row.cell] += not book.reference.industry_in_scheme(industry, on)
    return +found


def admissible(book: Book, row: Row) -> set[Decimal]:
    """Base amounts, floated ones where a float is in force, and the amount of the bureau's tier row."""
    reference, industry = book.reference, row.value["industry"]
    amounts = reference.base_premiums(row.platform, industry, row.day)
    amounts |= reference.floated_premiums(row.platform, row.province, industry, row.day)
    tier = reference.tier(row.platform, row.province, row.day)
    return amounts if tier is None else amounts | {tier}


def paid_in_scope(book: Book) -> list[Row]:
    """In-scope orders with a readable industry and a premium other than zero, whatever their status."""
    return [j.row for j in book.judged if j.in_scope and j.row.get("industry") and j.row.get("premium_yuan")]


@rule("C04")
def c04(book: Book) -> Found:
    return Counter(r.cell for r in paid_in_scope(book) if r.get("premium_yuan") not in admissible(book, r))


@rule("C05")
def c05(book: Book) -> Found:
    """Where the bureau's register gives a tier: another amount, or 0.25 within the first year."""
    found: Found = Counter()
    for row in paid_in_scope(book):
        tier = book.reference.tier(row.platform, row.province, row.day)
        if tier is not None:
            high = row.get("premium_yuan") == Decimal("0.25") and book.reference.first_year(
                row.platform, row.day
            )
            found[row.cell] += row.get("premium_yuan") != tier or high
    return +found


@rule("C06")
def c06(book: Book) -> Found:
    """Within the first 12 months: a base amount times a float factor, and no base amount."""
    found: Found = Counter()
    for row in paid_in_scope(book):
        if row.day >= SECOND_ROUND and book.reference.first_year(row.platform, row.day):
            base = book.reference.base_premiums(row.platform, row.value["industry"], row.day)
            floated = {b * f for b in base for f in FLOAT_FACTORS} - base
            found[row.cell] += row.get("premium_yuan") in floated
    return +found


@rule("C07")
def c07(book: Book) -> Found:
    """Valid orders that bear no premium."""
    return Counter(j.row.cell for j in book.judged if j.valid and not j.insured)


@rule("C08")
def c08(book: Book) -> Found:
    return Counter(
        r.cell
        for r in book.rows["enrollment"]
        if r.get("programme") == "oip" and (r.get("worker_paid_yuan") or ZERO) > 0
    )
