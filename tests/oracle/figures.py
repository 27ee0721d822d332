"""A figure with its parts, and the Kaplan–Meier quantile."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

Number = int | Decimal | Fraction


@dataclass(frozen=True)
class Figure:
    """value is None where it does not exist (denominator 0, or what it needs is absent)."""

    value: Fraction | None
    numerator: Fraction | None = None
    denominator: Fraction | None = None
    like_for_like: Fraction | None = None
    flags: str = ""


def amount(value: Number | None, flags: str = "") -> Figure:
    exact = None if value is None else Fraction(value)
    return Figure(exact, exact, None, None, flags)


def ratio(numerator: Number | None, denominator: Number | None, per: int = 1, flags: str = "") -> Figure:
    top = None if numerator is None else Fraction(numerator)
    bottom = None if denominator is None else Fraction(denominator)
    exists = top is not None and bottom is not None and bottom != 0
    return Figure(top / bottom * per if exists else None, top, bottom, None, flags)  # type: ignore[operator]


def kaplan_meier(cases: Sequence[tuple[int, bool]], share: Fraction) -> int | None:
    """Smallest t by which `share` of the cases are closed; cases are (days, closed), open ones censored."""
    still = Fraction(1)
    for t in sorted({t for t, closed in cases if closed}):
        at_risk = sum(1 for d, _ in cases if d >= t)
        closed = sum(1 for d, c in cases if c and d == t)
        still *= 1 - Fraction(closed, at_risk)
        if still <= 1 - share:
            return t
    return None
