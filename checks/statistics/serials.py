"""Gap-free serial numbers: how many orders are missing between the smallest and the largest, and beyond the largest.

Assumes: the platform numbers orders 1, 2, 3, … per series at acceptance. Interior gaps are then a count, not an estimate.
What was cut off after the largest seen is the German tank problem: m (1 + 1/k) − 1, unbiased when the k seen are a
uniform random sample without replacement of 1..N (not so when the last hours were dropped as a block: use pulses then).
Numbering after filtering leaves no trace here (scheme F25): no gap is not innocence.
Minimum n: gaps 1 serial; the largest serial 2 seen. Effect: share missing (0–1) of the serials spanned or estimated.
Sources: Goodman, JASA 47 (1952) 622; Ruggles and Brodie, JASA 42 (1947) 72."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from checks.statistics.result import Cells, Ints, cells


@dataclass(frozen=True)
class Gaps:
    """Runs of missing serials: `first`..`last` inclusive, `length` each."""

    first: Ints
    last: Ints
    length: Ints


def gaps(serial: npt.ArrayLike, *, start: int | None = None) -> Gaps:
    """Holes in one series. With `start` (the serial after yesterday's last) a hole at the beginning counts too."""
    seen = np.unique(np.asarray(serial, np.int64))
    if start is not None:
        seen = np.concatenate([[start - 1], seen[seen >= start]])
    hole = np.nonzero(np.diff(seen) > 1)[0]
    first, last = seen[hole] + 1, seen[hole + 1] - 1
    return Gaps(first, last, last - first + 1)


def missing_inside(smallest: npt.ArrayLike, largest: npt.ArrayLike, distinct: npt.ArrayLike) -> Cells:
    """Missing serials between smallest and largest per cell: statistic is the count, effect their share of the span."""
    low, high, k = (np.asarray(part, np.float64) for part in (smallest, largest, distinct))
    span = high - low + 1
    if ((k > span) & (k > 0)).any():
        raise ValueError("more distinct serials than the span holds")
    with np.errstate(invalid="ignore", divide="ignore"):
        return cells(
            statistic=span - k, effect=1 - k / span, n=k, applicable=k >= 1, reason="no serial in the cell"
        )


@dataclass(frozen=True)
class Tank:
    """Estimated total per series, its interval, and the share not seen. nan where refused."""

    total: npt.NDArray[np.float64]
    low: npt.NDArray[np.float64]
    high: npt.NDArray[np.float64]
    missing_share: npt.NDArray[np.float64]
    applicable: npt.NDArray[np.bool_]
    reason: str


def german_tank(largest: npt.ArrayLike, seen: npt.ArrayLike, *, confidence: float = 0.95) -> Tank:
    """Total N from the largest serial m among k drawn from 1..N: m (1 + 1/k) − 1; interval m to m / (1 − c)^(1/k)."""
    m, k = (np.asarray(part, np.float64) for part in np.broadcast_arrays(largest, seen))
    if ((k > m) & (k > 0)).any():
        raise ValueError("more serials seen than the largest allows")
    ok = k >= 2
    with np.errstate(invalid="ignore", divide="ignore"):
        total = np.where(ok, m * (1 + 1 / k) - 1, np.nan)
        high = np.where(ok, m * (1 - confidence) ** (-1 / k), np.nan)
        share = np.where(ok, 1 - k / np.maximum(total, k), np.nan)
    return Tank(
        total, np.where(ok, m, np.nan), high, share, ok, "" if ok.all() else "fewer than two serials seen"
    )
