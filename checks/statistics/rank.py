"""Was cover bought after the injury? Rank of the injury order in the worker's history is uniform when cover came first.

For each claim: position r (1..h) of the injury order among the h orders the worker took under that cover up to a fixed day
after it. Under the null every one of the h is equally likely: (r − U)/h is uniform. Backdated or claim-day cover puts the injury
first: small values. Assumes equal hazard per order; a new worker's higher hazard is honest and shifts ranks down a little:
give `baseline` ranks of honest peers where they exist. Workers with fewer than 2 orders carry no information.
Minimum n: 10 claims. Effect: ½ minus the mean relative rank (½: always the very first; 0: as expected).
Sources: Kolmogorov 1933, Smirnov 1939 (one-sided); randomised rank: Lehmann and Romano 2005 §5; exact mean-rank normal bound."""

import numpy as np
import numpy.typing as npt
from scipy import stats

from checks.statistics.result import Floats, Outcome, refuse

MINIMUM_CLAIMS = 10


def relative_rank(position: npt.ArrayLike, history: npt.ArrayLike) -> Floats:
    """Mid-rank (r − ½)/h in (0, 1), nan where the history holds fewer than 2 orders: deterministic, mean ½ under the null."""
    r, h = (np.asarray(part, np.float64) for part in np.broadcast_arrays(position, history))
    if ((r < 1) | (r > h)).any():
        raise ValueError("the position lies in 1..history")
    return np.asarray(np.where(h >= 2, (r - 0.5) / h, np.nan))


def early_injuries(
    position: npt.ArrayLike, history: npt.ArrayLike, *, baseline: npt.ArrayLike | None = None
) -> Outcome:
    """One-sided: are injuries too early in the worker's history? Mean mid-rank, standardised by its exact variance (h² − 1)/(12 h²).

    With `baseline` (relative ranks of honest peers) a Mann–Whitney test against them instead."""
    rank = relative_rank(position, history)
    known = ~np.isnan(rank)
    n = int(known.sum())
    if n < MINIMUM_CLAIMS:
        return refuse(f"fewer than {MINIMUM_CLAIMS} claims of workers with two orders or more", n)
    if baseline is not None:
        peers = np.asarray(baseline, np.float64)
        peers = peers[~np.isnan(peers)]
        if peers.size < MINIMUM_CLAIMS:
            return refuse(f"fewer than {MINIMUM_CLAIMS} claims of peers", n)
        statistic, p_value = stats.mannwhitneyu(rank[known], peers, alternative="less")
        return Outcome(float(statistic), float(p_value), float(peers.mean() - rank[known].mean()), n)
    h = np.broadcast_to(np.asarray(history, np.float64), rank.shape)[known]
    error = float(((h**2 - 1) / (12 * h**2)).sum() ** 0.5) / n
    effect = 0.5 - float(rank[known].mean())
    return Outcome(effect / error, float(stats.norm.sf(effect / error)), effect, n)
