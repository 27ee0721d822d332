"""Is a rate too low, given how little was exposed? Poisson–gamma empirical Bayes, funnel limits and the zero test.

Null: cases ~ Poisson(E_i θ_i), θ_i ~ gamma with mean 1 over peers; E_i are risk-adjusted expected cases (exposure × peers' rate).
Assumes most peers are honest, and that the expectation is corrected for reporting delay (delay.py) before it comes here.
Minimum: 5 peers with expected cases for the prior; 1 expected case for a limit; the zero test needs e^−E ≤ .5 (E ≥ .69).
Effect: 1 − shrunken ratio: the share of cases that is missing against peers.
Sources: Clayton and Kaldor, Biometrics 43 (1987) 671; Marshall, Applied Statistics 40 (1991) 283 (moment prior);
Spiegelhalter, Statistics in Medicine 24 (2005) 1185 (funnel, overdispersion)."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy import special, stats

from checks.statistics.result import Cells, Floats, cells

MINIMUM_PEERS = 5


@dataclass(frozen=True)
class Prior:
    """θ ~ gamma(shape, rate): mean shape/rate. An infinite shape means the peers do not differ beyond Poisson."""

    shape: float
    rate: float
    applicable: bool = True
    reason: str = ""

    @property
    def mean(self) -> float:
        return self.shape / self.rate


def fit_prior(cases: npt.ArrayLike, expected: npt.ArrayLike) -> Prior:
    """Marshall's moment estimate of the prior from peers; give peers only, without the cell that is judged."""
    y, e = (np.asarray(part, np.float64).ravel() for part in np.broadcast_arrays(cases, expected))
    y, e = y[e > 0], e[e > 0]
    if y.size < MINIMUM_PEERS:
        return Prior(np.nan, np.nan, False, f"fewer than {MINIMUM_PEERS} peers with expected cases")
    mean = float(y.sum() / e.sum())
    if mean == 0:
        return Prior(np.nan, np.nan, False, "no peer has a single case")
    spread = float((e * (y / e - mean) ** 2).sum() / e.sum())
    variance = max(
        spread - mean / float(e.mean()), mean**2 * 1e-6
    )  # peers alike: all but no variance, never zero
    return Prior(mean**2 / variance, mean / variance)


def shrunken(cases: npt.ArrayLike, expected: npt.ArrayLike, prior: Prior, *, level: float = 0.95) -> Cells:
    """Posterior mean ratio per cell (statistic); p_value is the prior-predictive chance of so few cases (negative binomial);
    effect 1 − upper posterior limit: the share missing at least, at `level` (0 where it may be none)."""
    y, e = (np.asarray(part, np.float64) for part in np.broadcast_arrays(cases, expected))
    if not prior.applicable:
        return cells(n=e, applicable=np.zeros(y.shape, np.bool_), reason=prior.reason)
    posterior = (prior.shape + y) / (prior.rate + e)
    upper = stats.gamma.ppf(level, prior.shape + y, scale=1 / (prior.rate + e))
    return cells(
        statistic=posterior,
        p_value=stats.nbinom.cdf(y, prior.shape, prior.rate / (prior.rate + e)),
        effect=np.maximum(1 - upper / prior.mean, 0.0),
        n=e,
        applicable=e >= 1,
        reason="fewer than one case expected",
    )


def funnel_limits(
    expected: npt.ArrayLike, *, level: float = 0.998, phi: float = 1.0
) -> tuple[Floats, Floats]:
    """Limits of the ratio cases/expected around 1 (exact Poisson; widened by √φ). nan below one expected case."""
    e = np.asarray(expected, np.float64)
    tail = (1 - level) / 2
    with np.errstate(invalid="ignore", divide="ignore"):
        # continuous in E: the gamma quantiles interpolate the Poisson ones
        low = 1 + phi**0.5 * (stats.chi2.ppf(tail, 2 * e) / (2 * e) - 1)
        high = 1 + phi**0.5 * (stats.chi2.ppf(1 - tail, 2 * (e + 1)) / (2 * e) - 1)
    return np.asarray(np.where(e >= 1, np.maximum(low, 0), np.nan)), np.asarray(
        np.where(e >= 1, high, np.nan)
    )


def zero_test(expected: npt.ArrayLike, *, prior: Prior | None = None) -> Cells:
    """No case at all where E were expected: p = e^−E, or (b/(b + E))^a when honest peers differ (gamma prior a, b)."""
    e = np.asarray(expected, np.float64)
    log_p = -e if prior is None else -prior.shape * special.log1p(e / prior.rate)
    return cells(
        statistic=e,
        p_value=np.exp(log_p),
        effect=np.ones_like(e),
        n=e,
        applicable=(e >= np.log(2)) & (prior is None or prior.applicable),
        reason="too few cases expected for their absence to mean anything",
    )
