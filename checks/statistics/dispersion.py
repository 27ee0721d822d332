"""Is a series too even, or less even than Poisson? Left-tail χ² under-dispersion and the empirical overdispersion φ.

Null (left tail): independent Poisson counts of one mean; Σ(x − x̄)²/x̄ ~ χ²(n − 1). Counts of people are over-dispersed in
honesty, so a left tail is the stronger evidence: a bare Poisson null is here on the safe side. The right tail is never
tested against Poisson: honest profiles differ by φ ≈ 67; φ is estimated and used.
Minimum n: 5 counts with mean ≥ 5. Effect: variance over mean (1 is Poisson, 0 a constant).
Source: Kobak, Significance 19 (2022) 10 (Russian Covid counts); McCullagh and Nelder 1989, §6.2.3; Fisher 1936 on Mendel."""

import numpy as np
import numpy.typing as npt
from scipy import stats

from checks.statistics.result import Cells, Floats, cells

MINIMUM_COUNTS, MINIMUM_MEAN = 5, 5.0


def underdispersion(counts: npt.ArrayLike, *, expected: npt.ArrayLike | None = None) -> Cells:
    """Left-tail χ² of each series (last axis). With `expected` (known profile) the shape is removed and its total kept."""
    x = np.asarray(counts, np.float64)
    profile = (
        np.ones_like(x) if expected is None else np.broadcast_to(np.asarray(expected, np.float64), x.shape)
    )
    seen = ~np.isnan(x) & (profile > 0)
    n = seen.sum(axis=-1)
    with np.errstate(invalid="ignore", divide="ignore"):
        total, weight = np.where(seen, x, 0.0).sum(axis=-1), np.where(seen, profile, 0.0).sum(axis=-1)
        mean = profile * (total / weight)[..., None]
        statistic = np.where(seen, (x - mean) ** 2 / mean, 0.0).sum(axis=-1)
        fine = (n >= MINIMUM_COUNTS) & (total / n >= MINIMUM_MEAN)
        return cells(
            statistic=statistic,
            p_value=stats.chi2.cdf(statistic, n - 1),
            effect=statistic / (n - 1),
            n=n,
            applicable=fine,
            reason=f"fewer than {MINIMUM_COUNTS} counts, or a mean below {MINIMUM_MEAN:g}",
        )


def overdispersion(observed: npt.ArrayLike, expected: npt.ArrayLike, *, fitted: int = 0) -> Floats:
    """φ of each series (last axis): Pearson's χ² over degrees of freedom with `fitted` parameters; never below 1.

    Robust to a share of falsified nights: the median squared residual over that of χ²(1) is used where it is smaller
    (.4549; Rousseeuw and Croux 1993). nan below 5 degrees of freedom."""
    x, e = (np.asarray(part, np.float64) for part in np.broadcast_arrays(observed, expected))
    with np.errstate(invalid="ignore", divide="ignore"):
        squared = np.where(e > 0, (x - e) ** 2 / e, np.nan)
        degrees = (~np.isnan(squared)).sum(axis=-1) - fitted
        pearson = np.nansum(squared, axis=-1) / degrees
        robust = _median(squared) / stats.chi2.median(1)
    return np.asarray(
        np.where(degrees >= MINIMUM_COUNTS, np.maximum(np.minimum(pearson, robust), 1.0), np.nan)
    )


def _median(x: Floats) -> Floats:
    filled = np.where(np.isnan(x).all(axis=-1, keepdims=True), 0.0, x)
    return np.asarray(np.nanmedian(filled, axis=-1))
