"""Kaplan–Meier: how long a stage takes while some cases are still open."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from fractions import Fraction


def kaplan_meier(times: Iterable[tuple[float | None, bool]], tenths: int) -> float | None:
    """Smallest time by which `tenths`/10 of the cases have closed, or None where too many are still open.

    `times`: (time, closed); an open case is censored at its time, after the closures of that same time. Exact
    fractions, so that a curve that touches the quantile counts as reaching it.
    """
    closed: Counter[float] = Counter()
    left: Counter[float] = Counter()
    for time, is_closed in times:
        if time is None:
            continue
        left[time] += 1
        closed[time] += is_closed
    at_risk, surviving = sum(left.values()), Fraction(1)
    wanted = 1 - Fraction(tenths, 10)
    for time in sorted(left):
        if closed[time]:
            surviving *= Fraction(at_risk - closed[time], at_risk)
            if surviving <= wanted:
                return time
        at_risk -= left[time]
    return None
