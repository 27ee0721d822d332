"""All rules at once: rule × platform × province × business date → number of violating rows."""

from __future__ import annotations

from datetime import date

from . import rules_cross, rules_package, rules_programme, rules_scope, rules_validity
from .book import Book
from .found import RULES
from .reference import in_force

MODULES = (rules_package, rules_validity, rules_scope, rules_cross, rules_programme)

# Left out: their bounds or peers are statistical or not in the pages, or they judge the product's own output.
NOT_MODELLED = (
    "X03",
    "X12",
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
            if count > 0 and not switched_off(book, rule_id, cell[2]):
                found[(rule_id, *cell)] = int(count)
    return found
