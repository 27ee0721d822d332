"""Did the profile of the day change its shape? PSI with its null, Watson's U² on the circle, Wasserstein in hours.

Counts per bin of one sample against another (own history, peers). Shape only: totals cancel.
Overdispersion: honest same-weekday profiles differ by χ²/df ≈ 67, so every p-value takes `phi`, estimated on honest history;
counts are divided by it (n and m become effective numbers). A hole is reported by `hole`: the bins that lost most.
Minimum: 8 bins, effective n and m ≥ 5 per bin on average. Effects: PSI in nats; U² has none of its own (use Wasserstein); hours.
Sources: Yurdakul 2018 (PSI's null (1/n + 1/m) χ²(B − 1)); Watson, Biometrika 49 (1962) 57, Zar 2010 §27.6 (tied data);
Rabin, Delon and Gousseau 2011 (Wasserstein on the circle)."""

import numpy as np
import numpy.typing as npt
from scipy import stats

from checks.statistics.result import Bools, Cells, Floats, cells

MINIMUM_BINS, MINIMUM_PER_BIN = 8, 5.0
REASON = f"fewer than {MINIMUM_BINS} bins, or fewer than {MINIMUM_PER_BIN:g} effective counts a bin"


def psi(observed: npt.ArrayLike, baseline: npt.ArrayLike, *, phi: npt.ArrayLike = 1.0) -> Cells:
    """Population stability index of each cell (bins on the last axis); the statistic over (1/n + 1/m) is χ²(B − 1)."""
    p, q, n, m, enough = _shares(observed, baseline, phi)
    # half a count keeps an emptied bin finite: dropping all night orders must score high, not nan
    size_n, size_m = n[..., None], m[..., None]
    bins = p.shape[-1]
    smooth_p, smooth_q = (
        (p * size_n + 0.5) / (size_n + bins / 2),
        (q * size_m + 0.5) / (size_m + bins / 2),
    )
    with np.errstate(invalid="ignore", divide="ignore"):
        index = ((smooth_p - smooth_q) * np.log(smooth_p / smooth_q)).sum(axis=-1)
        p_value = stats.chi2.sf(index / (1 / n + 1 / m), bins - 1)
    return cells(statistic=index, p_value=p_value, effect=index, n=n, applicable=enough, reason=REASON)


def watson_u2(observed: npt.ArrayLike, baseline: npt.ArrayLike, *, phi: npt.ArrayLike = 1.0) -> Cells:
    """Watson's two-sample U² on a circle of bins (tied data), with its asymptotic p-value: a little conservative with few bins.

    The start of the day does not matter. Effect: hours moved round the clock."""
    p, q, n, m, enough = _shares(observed, baseline, phi)
    gap = np.cumsum(p - q, axis=-1)
    with np.errstate(invalid="ignore", divide="ignore"):
        weight = (p * n[..., None] + q * m[..., None]) / (n + m)[..., None]
        mean = (weight * gap).sum(axis=-1, keepdims=True)
        statistic = n * m / (n + m) * (weight * (gap - mean) ** 2).sum(axis=-1)
    return cells(
        statistic=statistic,
        p_value=watson_tail(statistic),
        effect=circular_wasserstein(observed, baseline),
        n=n,
        applicable=enough,
        reason=REASON,
    )


def watson_tail(statistic: npt.ArrayLike) -> Floats:
    """Asymptotic p-value of U²: 2 Σ (−1)^{k−1} exp(−2 k² π² U²); .187 is 5%, .268 is 1%."""
    u2 = np.asarray(statistic, np.float64)
    k = np.arange(1, 50)
    series = 2 * ((-1.0) ** (k - 1) * np.exp(-2 * (k * np.pi) ** 2 * u2[..., None])).sum(axis=-1)
    return np.asarray(
        np.where(u2 < 0.02, 1.0, np.clip(series, 0.0, 1.0))
    )  # the series does not converge near 0


def circular_wasserstein(observed: npt.ArrayLike, baseline: npt.ArrayLike, *, period: float = 24.0) -> Floats:
    """Hours that the average order was moved, the shorter way round the clock; nan without orders."""
    p, q, _, _, _ = _shares(observed, baseline, 1.0)
    gap = np.cumsum(p - q, axis=-1)
    shift = np.median(gap, axis=-1, keepdims=True)  # the cut of the circle that moves least
    return np.asarray(np.abs(gap - shift).mean(axis=-1) * period)


def wasserstein(observed: npt.ArrayLike, baseline: npt.ArrayLike, *, width: float = 1.0) -> Floats:
    """First Wasserstein distance on a line of bins of equal width (durations, fees), in the width's unit; nan without counts."""
    p, q, _, _, _ = _shares(observed, baseline, 1.0)
    return np.asarray(np.abs(np.cumsum(p - q, axis=-1)[..., :-1]).sum(axis=-1) * width)


def hole(
    observed: npt.ArrayLike, baseline: npt.ArrayLike, bins: npt.ArrayLike, *, phi: npt.ArrayLike = 1.0
) -> Cells:
    """Share of the orders in the given bins (night) that are missing, if the other bins are whole; one-sided p (too few).

    Effect: missing share of those bins (1: none left, below 0: more than expected)."""
    inside: Bools = np.asarray(bins, np.bool_)
    scale = np.asarray(phi, np.float64)
    x, y = (np.asarray(part, np.float64) for part in np.broadcast_arrays(observed, baseline))
    a, b = x[..., inside].sum(axis=-1) / scale, y[..., inside].sum(axis=-1) / scale
    c, d = x[..., ~inside].sum(axis=-1) / scale, y[..., ~inside].sum(axis=-1) / scale
    with np.errstate(invalid="ignore", divide="ignore"):
        expected = b * c / d
        ratio = np.log((a + 0.5) * (d + 0.5) / ((b + 0.5) * (c + 0.5)))
        error = np.sqrt(1 / (a + 0.5) + 1 / (b + 0.5) + 1 / (c + 0.5) + 1 / (d + 0.5))
        return cells(
            statistic=ratio / error,
            p_value=stats.norm.cdf(ratio / error),
            effect=1 - a / expected,
            n=a + c,
            applicable=(expected >= 5) & (np.minimum(b, d) >= 5),
            reason="fewer than 5 orders expected in these bins",
        )


def _shares(
    observed: npt.ArrayLike, baseline: npt.ArrayLike, phi: npt.ArrayLike
) -> tuple[Floats, Floats, Floats, Floats, Bools]:
    x, y = (np.asarray(part, np.float64) for part in np.broadcast_arrays(observed, baseline))
    scale = np.asarray(phi, np.float64)
    if (x < 0).any() or (y < 0).any() or (scale < 1).any():
        raise ValueError("counts are not negative and phi is at least 1")
    total_x, total_y = x.sum(axis=-1), y.sum(axis=-1)
    with np.errstate(invalid="ignore", divide="ignore"):
        p, q = x / total_x[..., None], y / total_y[..., None]
    n, m = total_x / scale, total_y / scale
    bins = x.shape[-1]
    enough = (bins >= MINIMUM_BINS) & (np.minimum(n, m) >= MINIMUM_PER_BIN * bins)
    return p, q, n, m, np.asarray(enough)
