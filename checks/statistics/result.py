"""What a test answers: one Outcome for one sample, one Cells for many at once. A refusal carries its reason and no number."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]
NAN = float("nan")


@dataclass(frozen=True)
class Outcome:
    """One test on one sample. `p_value` is nan where the test answers by `log_e` (natural logarithm of an e-value), and
    the reverse; all numbers are nan and `reason` says why where `applicable` is False."""

    statistic: float
    p_value: float
    effect: float
    n: float
    log_e: float = NAN
    applicable: bool = True
    reason: str = ""


@dataclass(frozen=True)
class Cells:
    """One test on many cells: arrays of one shape. Refused cells hold nan; `reason` is one sentence for all of them."""

    statistic: Floats
    p_value: Floats
    effect: Floats
    n: Floats
    log_e: Floats
    applicable: Bools
    reason: str = ""


def refuse(reason: str, n: float = 0) -> Outcome:
    return Outcome(NAN, NAN, NAN, float(n), NAN, False, reason)


def cells(
    *,
    n: npt.ArrayLike,
    applicable: npt.ArrayLike,
    reason: str,
    statistic: npt.ArrayLike = NAN,
    p_value: npt.ArrayLike = NAN,
    effect: npt.ArrayLike = NAN,
    log_e: npt.ArrayLike = NAN,
) -> Cells:
    """Broadcasts to one shape and blanks the numbers of the refused cells; `reason` is kept only where one was refused."""
    parts = [np.asarray(part, dtype=np.float64) for part in (statistic, p_value, effect, n, log_e)]
    allowed = np.asarray(applicable, dtype=np.bool_)
    shape = np.broadcast_shapes(allowed.shape, *(part.shape for part in parts))
    allowed = np.broadcast_to(allowed, shape)
    s, p, e, count, log = (np.broadcast_to(part, shape) for part in parts)
    s, p, e, log = (np.where(allowed, part, np.nan) for part in (s, p, e, log))
    return Cells(s, p, e, count, log, allowed, "" if allowed.all() else reason)
