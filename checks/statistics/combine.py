"""Many tests into one answer, under any dependence: averaged e-values and Cauchy within a scheme, BH and e-BH across cells.

Within a scheme the tests look at the same rows, so Fisher's product is wrong; the mean of e-values is an e-value whatever
their dependence, and the Cauchy combination keeps its tail. nan entries (refused tests) are left out, never counted as 1.
Sources: Vovk and Wang, Ann. Stat. 49 (2021) 1736; Liu and Xie, JASA 115 (2020) 393; Benjamini and Hochberg, JRSS B 57 (1995)
289; Wang and Ramdas, JRSS B 84 (2022) 822; Sellke, Bayarri and Berger 2001 (calibrator)."""

import numpy as np
import numpy.typing as npt
from scipy import special, stats

from checks.statistics.result import Bools, Floats


def average_e(log_e: npt.ArrayLike, *, weights: npt.ArrayLike = 1.0, axis: int = -1) -> Floats:
    """Log of the weighted mean e-value; nan where every entry is nan. Weights are fixed beforehand, not fitted."""
    log = np.asarray(log_e, np.float64)
    w = np.broadcast_to(np.asarray(weights, np.float64), log.shape) * ~np.isnan(log)
    total = w.sum(axis=axis)
    with np.errstate(divide="ignore", invalid="ignore"):
        mean = special.logsumexp(np.where(np.isnan(log), -np.inf, log), b=w, axis=axis) - np.log(total)
    return np.asarray(np.where(total > 0, mean, np.nan))


def cauchy(p_value: npt.ArrayLike, *, weights: npt.ArrayLike = 1.0, axis: int = -1) -> Floats:
    """Combined p-value, accurate in the small tail under arbitrary dependence; nan where every entry is nan."""
    p = np.asarray(p_value, np.float64)
    w = np.broadcast_to(np.asarray(weights, np.float64), p.shape) * ~np.isnan(p)
    total = w.sum(axis=axis)
    clipped = np.clip(
        np.where(np.isnan(p), 0.5, p), 1e-300, 1 - 1e-12
    )  # p = 1 must not outweigh everything else
    # tan((½ − p)π) loses all digits below 1e-15; there it is 1/(pπ)
    tangent = np.where(
        clipped < 1e-15, 1 / (clipped * np.pi), np.tan((0.5 - np.maximum(clipped, 1e-15)) * np.pi)
    )
    with np.errstate(divide="ignore", invalid="ignore"):
        statistic = (w * tangent).sum(axis=axis) / total
    return np.asarray(np.where(total > 0, stats.cauchy.sf(statistic), np.nan))


def benjamini_hochberg(p_value: npt.ArrayLike, q: float) -> Bools:
    """Which hypotheses of a flat list are discovered at false-discovery rate q (independent or positively dependent)."""
    p = np.asarray(p_value, np.float64)
    tested = ~np.isnan(p)
    found = np.zeros(p.shape, np.bool_)
    if tested.any():
        found[tested] = stats.false_discovery_control(p[tested]) <= q
    return found


def e_benjamini_hochberg(log_e: npt.ArrayLike, q: float, *, tests: int | None = None) -> Bools:
    """Which hypotheses of a flat list are discovered at false-discovery rate q, under any dependence.

    `tests` counts the hypotheses looked at, where the list holds only the largest e-values; default: the entries not nan."""
    log = np.asarray(log_e, np.float64)
    tested = ~np.isnan(log)
    count = int(tested.sum()) if tests is None else tests
    if count < tested.sum():
        raise ValueError("tests must be at least the number of e-values given")
    ordered = np.sort(log[tested])[::-1]
    rank = np.arange(1, ordered.size + 1)
    reached = np.nonzero(ordered >= np.log(count / (q * rank)))[0] if ordered.size else np.array([], np.int64)
    if not reached.size:
        return np.zeros(log.shape, np.bool_)
    return np.asarray(tested & (np.where(tested, log, -np.inf) >= np.log(count / (q * (reached[-1] + 1)))))


def log_e_from_p(p_value: npt.ArrayLike) -> Floats:
    """A valid log e-value from a valid p-value: the mixture calibrator (1 − p + p ln p) / (p ln² p), which has no tuning."""
    p = np.clip(np.asarray(p_value, np.float64), 1e-300, 1.0)
    log = np.log(p)
    with np.errstate(divide="ignore", invalid="ignore"):
        e = (1 - p + p * log) / (p * log**2)
    return np.asarray(np.log(np.where(p > 1 - 1e-4, 0.5, e)))  # limit at p = 1 is one half


def p_from_log_e(log_e: npt.ArrayLike) -> Floats:
    """A valid p-value from a log e-value: min(1, 1/e)."""
    return np.asarray(np.exp(-np.maximum(np.asarray(log_e, np.float64), 0.0)))
