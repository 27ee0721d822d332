"""Is the share of absent orders above a tolerated rate? Bernoulli e-processes: evidence that may be looked at every night.

Null: each trial is absent with probability ≤ p0 given the past. The e-process is a mixture, over a grid of alternatives
p1 > p0, of likelihood ratios; it is a supermartingale under the null, so by Ville's inequality the chance that it ever
reaches 1/α is at most α, however often one looks. e-values of cells may be averaged (combine.py).
Assumes: the bureau drew the trials (self-chosen look-ups are selected: use them clustered and say so).
Minimum n: the fewest trials with which even all absent could reach e = 20; below it the cell is refused.
Effect: observed share absent minus p0 (a share, 0–1).
Sources: Ville 1939; Robbins 1970; Waudby-Smith and Ramdas, JRSS B 86 (2024) 1; Clopper and Pearson 1934."""

import numpy as np
import numpy.typing as npt
from scipy import special

from checks.statistics.result import Cells, Floats, cells

EVIDENCE = np.log(
    20.0
)  # what the largest possible result must be able to reach before a cell is judged at all


def alternatives(p0: float, *, count: int = 24, highest: float = 0.75) -> Floats:
    """The grid of shares above p0, closest first, spaced evenly in log odds: as sharp for 2 p0 as for a half dropped."""
    low, high = special.logit(min(1.2 * p0, (1 + p0) / 2)), special.logit(max(highest, (1 + p0) / 2))
    return np.asarray(special.expit(np.linspace(low, high, count)))


def bernoulli(absent: npt.ArrayLike, checked: npt.ArrayLike, p0: float) -> Cells:
    """Log e-value of each cell from its totals so far. Unclustered trials: one worker, one order, or drawn one by one.

    The likelihood ratio depends on the past only through the totals, so calling this each night with running totals
    traces the e-process itself."""
    k, n, tolerated = _counts(absent, checked, p0)
    p1 = alternatives(tolerated)
    gain, loss = np.log(p1 / tolerated), np.log((1 - p1) / (1 - tolerated))
    log_e = _mixture(k[..., None] * gain + (n - k)[..., None] * loss)
    with np.errstate(invalid="ignore", divide="ignore"):
        share = k / n
    best = _mixture(n[..., None] * gain)
    reason = (
        f"too few checks: even if every one were absent, e would stay below 20 at a tolerated share of {p0:g}"
    )
    return cells(
        statistic=k, effect=share - tolerated, n=n, log_e=log_e, applicable=best >= EVIDENCE, reason=reason
    )


def bernoulli_path(absent: npt.ArrayLike, checked: npt.ArrayLike, p0: float) -> Cells:
    """The e-process of each series night by night: counts per night, time on the last axis."""
    k, n, _ = _counts(absent, checked, p0)
    return bernoulli(np.cumsum(k, axis=-1), np.cumsum(n, axis=-1), p0)


def clustered(
    cell: npt.ArrayLike,
    cluster: npt.ArrayLike,
    absent: npt.ArrayLike,
    p0: float,
    *,
    cell_count: int | None = None,
    weight: npt.ArrayLike = 1.0,
) -> Cells:
    """Log e-value of each cell when trials hang together within clusters (a worker who checks ten of his own orders).

    One row a trial: the cell's number, the cluster's number (both from 0), absent 0/1. Each cluster bets once, on its mean, so any
    dependence within it is allowed; `weight` in [0, 1] per trial (averaged over the cluster) shrinks the bet of sources
    that are trusted less. With clusters of one and weight 1 this is `bernoulli`. n counts clusters."""
    where, group, x = (
        np.asarray(cell, np.int64),
        np.asarray(cluster, np.int64),
        np.asarray(absent, np.float64),
    )
    w = np.broadcast_to(np.asarray(weight, np.float64), x.shape)
    if not 0 < p0 < 1 or ((x < 0) | (x > 1)).any() or ((w < 0) | (w > 1)).any():
        raise ValueError("p0 must lie inside (0, 1), absent and weight inside [0, 1]")
    size = int(cell_count if cell_count is not None else (where.max() + 1 if where.size else 0))
    clusters = int(group.max()) + 1 if group.size else 1
    pairs, back = np.unique(where * clusters + group, return_inverse=True)
    home, trials = pairs // clusters, np.bincount(back)
    mean, trust = np.bincount(back, x) / trials, np.bincount(back, w) / trials
    p1 = alternatives(p0)
    bet = (p1 - p0) / (p0 * (1 - p0))  # 1 + bet (x - p0) is the likelihood ratio when x is 0 or 1
    log_factor = np.log1p(trust[:, None] * bet * (mean - p0)[:, None])
    most = np.log1p(trust[:, None] * bet * (1 - p0))
    total, best = np.zeros((size, p1.size)), np.zeros((size, p1.size))
    np.add.at(total, home, log_factor)
    np.add.at(best, home, most)
    n = np.bincount(home, minlength=size).astype(np.float64)
    with np.errstate(invalid="ignore", divide="ignore"):
        share = np.bincount(home, mean, minlength=size) / n
    reason = (
        f"too few clusters: even if all were absent, e would stay below 20 at a tolerated share of {p0:g}"
    )
    return cells(
        statistic=share * n,
        effect=share - p0,
        n=n,
        log_e=_mixture(total),
        applicable=_mixture(best) >= EVIDENCE,
        reason=reason,
    )


def effective_n(cluster_sizes: npt.ArrayLike, intraclass: float) -> float:
    """How many independent trials the clusters are worth: each of size m counts m / (1 + (m − 1) ρ). Source: Kish 1965."""
    size = np.asarray(cluster_sizes, np.float64)
    if not 0 <= intraclass <= 1:
        raise ValueError("intraclass correlation must lie in [0, 1]")
    return float((size / (1 + (size - 1) * intraclass)).sum())


def upper_bound(
    absent: npt.ArrayLike, checked: npt.ArrayLike, *, confidence: float = 0.95, worth: npt.ArrayLike = 1.0
) -> Floats:
    """One-sided upper bound on the share absent for a sample size fixed beforehand (Clopper–Pearson), nan without trials.

    299 sampled orders, all present, exclude 1% at 95%: 1 − .05^(1/299) = .00997. `worth` is effective n over n."""
    k, n = np.asarray(absent, np.float64), np.asarray(checked, np.float64)
    k, n = k * np.asarray(worth, np.float64), n * np.asarray(worth, np.float64)
    with np.errstate(invalid="ignore"):
        bound = special.betaincinv(k + 1, np.maximum(n - k, 1e-300), confidence)
    return np.asarray(np.where(n <= 0, np.nan, np.where(k >= n, 1.0, bound)))


def upper_sequence(absent: npt.ArrayLike, checked: npt.ArrayLike, *, confidence: float = 0.95) -> Floats:
    """Upper bound on the share absent that holds at every night at once (beta(½, ½)-mixture confidence sequence).

    All p at which the mixture's likelihood over p's stays under 1/α; wider than `upper_bound`, the price of looking nightly."""
    k, n = (np.asarray(part, np.float64) for part in np.broadcast_arrays(absent, checked))
    mixture = special.betaln(k + 0.5, n - k + 0.5) - special.betaln(0.5, 0.5)
    with np.errstate(invalid="ignore", divide="ignore"):
        low, high = np.where(n > 0, k / n, 0.0), np.ones_like(n)
        for _ in range(60):  # bisection: the log likelihood falls from k/n upwards
            middle = (low + high) / 2
            log_likelihood = special.xlogy(k, middle) + special.xlog1py(n - k, -middle)
            inside = mixture - log_likelihood < -np.log(1 - confidence)
            low, high = np.where(inside, middle, low), np.where(inside, high, middle)
    return np.asarray(np.where(n > 0, high, np.nan))


def _counts(absent: npt.ArrayLike, checked: npt.ArrayLike, p0: float) -> tuple[Floats, Floats, float]:
    k, n = (np.asarray(part, np.float64) for part in np.broadcast_arrays(absent, checked))
    if not 0 < p0 < 1 or (k < 0).any() or (k > n).any():
        raise ValueError("needs 0 < p0 < 1 and 0 <= absent <= checked")
    return k, n, float(p0)


def _mixture(log_ratios: Floats) -> Floats:
    return np.asarray(special.logsumexp(log_ratios, axis=-1) - np.log(log_ratios.shape[-1]))
