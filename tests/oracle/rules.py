"""All rules at once: rule × platform × province × business date → number of violating rows."""

from __future__ import annotations

from datetime import date

from . import rules_cross, rules_package, rules_programme, rules_scope, rules_validity, rules_witness
from .book import Book
from .found import RULES
from .reference import SCHEME_START, SECOND_ROUND, YILUBAO_START, in_force

MODULES = (rules_package, rules_validity, rules_scope, rules_cross, rules_witness, rules_programme)

# Left out: their bounds or peers are statistical or not in the pages, or they judge the product's own output.
NOT_MODELLED = (
    "X03",
    "T05",
    "P04",
    "P06",
    "P09",
    "M01",
    "M02",
    "M03",
    "M04",
    "M05",
    "M06",
    "M07",
)

# Business dates from which a rule speaks at all: its law, programme or promise was not there before.
EFFECTIVE = {
    **dict.fromkeys(
        ("C04", "C07", "C08", "T06", "T07", "T08", "T09", "X01", "X02", "X08", "X09", "X14", "X17"),
        SCHEME_START,
    ),
    **dict.fromkeys(("C05", "C06"), SECOND_ROUND),
    "P01": YILUBAO_START,
    "P03": date(2025, 3, 1),
    "P08": date(2023, 1, 1),
}


def switched_off(book: Book, rule_id: str, on: str) -> bool:
    return any(
        r["rule_id"] == rule_id
        and r["enabled"].lower() in ("0", "false", "f", "no")
        and (not on or in_force(r, date.fromisoformat(on)))
        for r in book.reference.rows("rule_switches")
    )


def violations(book: Book) -> dict[tuple[str, str, str, str], int]:
    """(rule_id, platform, province, business_date) → count; only counts above zero."""
    found: dict[tuple[str, str, str, str], int] = {}
    for rule_id in sorted(RULES):
        for cell, count in RULES[rule_id](book).items():
            if cell[2] and cell[2] < EFFECTIVE.get(rule_id, date.min).isoformat():
                continue
            if count > 0 and not switched_off(book, rule_id, cell[2]):
                found[(rule_id, *cell)] = int(count)
    return found
