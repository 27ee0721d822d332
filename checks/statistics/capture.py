"""How many are on no list? Two lists (Chapman) with bounds over their dependence; three or more lists (loglinear Poisson).

Two lists assume independence, and nothing in the data can check it: workers with a lawyer are on both the agency's and
the court's list (odds ratio > 1: the estimate is too low). So every estimate comes with bounds over odds ratios.
Three or more lists allow pairwise dependence; the highest-order interaction stays an assumption.
Also assumed: a closed population, right matching, each person equally likely to be listed (or heterogeneity in the terms).
Minimum n: 7 matches for two lists (Seber 1982: then the bias is negligible), every two-list overlap above 0 for loglinear
terms (else the estimate does not exist). Effect: share on no list (0–1).
Sources: Chapman 1951; Seber 1970 (variance); Fienberg, Biometrika 59 (1972) 591; Bishop, Fienberg and Holland 1975, ch. 6;
Cormack, Biometrics 45 (1989) 395; Gerritse, van der Heijden and Bakker, JOS 31 (2015) 357 (odds ratios)."""

import warnings
from dataclasses import dataclass
from itertools import combinations

import numpy as np
import numpy.typing as npt
from scipy import stats

from checks.statistics.result import NAN

MINIMUM_MATCHES = 7


@dataclass(frozen=True)
class Size:
    """A population's size with standard error and interval; `low`/`high` of an odds-ratio range are the bounds."""

    total: float
    standard_error: float
    low: float
    high: float
    missing_share: float
    n: int
    aic: float = NAN
    applicable: bool = True
    reason: str = ""


def _refused(reason: str, n: int) -> Size:
    return Size(NAN, NAN, NAN, NAN, NAN, n, NAN, False, reason)


def chapman(first: int, second: int, both: int, *, confidence: float = 0.95) -> Size:
    """(n₁ + 1)(n₂ + 1)/(m + 1) − 1 with Seber's variance; log-normal interval on the unseen part (Burnham et al. 1987)."""
    _check(first, second, both)
    seen = first + second - both
    if both < MINIMUM_MATCHES:
        return _refused(f"only {both} on both lists; {MINIMUM_MATCHES} are needed", seen)
    total = (first + 1) * (second + 1) / (both + 1) - 1
    variance = (first + 1) * (second + 1) * (first - both) * (second - both) / ((both + 1) ** 2 * (both + 2))
    return _sized(total, variance**0.5, seen, confidence)


def chapman_bounds(
    first: int,
    second: int,
    both: int,
    *,
    odds_ratios: tuple[float, float] = (0.5, 3.0),
    confidence: float = 0.95,
) -> Size:
    """Independence in the middle; low and high are the outermost interval ends over the given odds ratios between the lists.

    With odds ratio θ the unseen cell is θ (n₁ − m)(n₂ − m)/(m + 1)."""
    middle = chapman(first, second, both, confidence=confidence)
    if not middle.applicable:
        return middle
    seen, unseen, error = middle.n, middle.total - middle.n, middle.standard_error
    ends = [_sized(seen + ratio * unseen, ratio * error, seen, confidence) for ratio in odds_ratios]
    low, high = min(end.low for end in ends), max(end.high for end in ends)
    return Size(middle.total, error, low, high, middle.missing_share, seen)


def loglinear(
    histories: npt.ArrayLike,
    counts: npt.ArrayLike,
    *,
    interactions: tuple[tuple[int, int], ...] = (),
    confidence: float = 0.95,
) -> Size:
    """Poisson loglinear model of three or more lists. `histories`: rows of 0/1, one column a list (absent rows count 0).

    The unseen cell is e^intercept. Standard error of the total: √(N̂₀² var(intercept) + N̂₀) (Bishop, Fienberg and Holland;
    Rcapture); interval: Wald's on the intercept (SparseMSE), so that it never falls below what was seen."""
    import statsmodels.api as sm  # half a second to import: only who estimates pays it

    rows, count = np.asarray(histories, np.int64), np.asarray(counts, np.float64)
    lists = rows.shape[1]
    if lists < 3:
        raise ValueError("two lists: use chapman_bounds; one list says nothing")
    grid = (np.arange(1, 2**lists)[:, None] >> np.arange(lists)) & 1
    observed = np.zeros(2**lists)
    np.add.at(observed, (rows << np.arange(lists)).sum(axis=1), count)
    seen = int(observed.sum())
    if observed[0] > 0:
        raise ValueError("a history without any list cannot have been observed")
    y = observed[1:]
    columns = [np.ones(len(grid)), *(grid[:, i] for i in range(lists))]
    for a, b in interactions:
        if not y[(grid[:, a] == 1) & (grid[:, b] == 1)].sum():
            return _refused(
                f"nobody is on both list {a} and list {b}: their interaction has no estimate", seen
            )
        columns.append(grid[:, a] * grid[:, b])
    overlap = sum(y[(grid[:, a] == 1) & (grid[:, b] == 1)].sum() for a, b in combinations(range(lists), 2))
    if overlap < MINIMUM_MATCHES or (grid * y[:, None]).sum(axis=0).min() == 0:
        return _refused("a list is empty, or too few people are on two lists", seen)
    with warnings.catch_warnings():
        warnings.simplefilter(
            "ignore"
        )  # a saturated model fits perfectly, as it must; failure is judged below
        fit = sm.GLM(y, np.column_stack(columns), family=sm.families.Poisson()).fit(maxiter=200, tol=1e-10)
    unseen, spread = float(np.exp(fit.params[0])), float(fit.cov_params()[0, 0] ** 0.5)
    error = float((unseen**2 * spread**2 + unseen) ** 0.5)
    if not fit.converged or not np.isfinite(error) or error > 50 * (seen + unseen):
        return _refused("the model has no stable estimate (lists without enough overlap)", seen)
    factor = float(np.exp(stats.norm.ppf((1 + confidence) / 2) * spread))
    total = seen + unseen
    return Size(
        total, error, seen + unseen / factor, seen + unseen * factor, unseen / total, seen, float(fit.aic)
    )


def best_loglinear(histories: npt.ArrayLike, counts: npt.ArrayLike, *, confidence: float = 0.95) -> Size:
    """Forward selection of pairwise interactions by AIC, starting from independence. The interval is that of the model chosen
    and does not know of the choosing: show it beside the independent model."""
    lists = np.asarray(histories).shape[1]
    chosen: tuple[tuple[int, int], ...] = ()
    best = loglinear(histories, counts, confidence=confidence)
    left = set(combinations(range(lists), 2))
    while best.applicable and left:
        tried = {
            pair: loglinear(histories, counts, interactions=(*chosen, pair), confidence=confidence)
            for pair in sorted(left)
        }
        pair, size = min(tried.items(), key=lambda item: item[1].aic if item[1].applicable else np.inf)
        if not size.applicable or size.aic >= best.aic:
            break
        chosen, best, left = (*chosen, pair), size, left - {pair}
    return best


def _sized(total: float, error: float, seen: int, confidence: float) -> Size:
    """Log-normal interval on the unseen part, so that it never falls below what was seen."""
    unseen = total - seen
    if unseen <= 0:
        return Size(total, error, float(seen), float(seen), 0.0, seen)
    z = float(stats.norm.ppf((1 + confidence) / 2))
    factor = float(np.exp(z * np.sqrt(np.log1p((error / unseen) ** 2))))
    return Size(total, error, seen + unseen / factor, seen + unseen * factor, unseen / total, seen)


def _check(first: int, second: int, both: int) -> None:
    if min(first, second, both) < 0 or both > min(first, second):
        raise ValueError("needs 0 <= both <= first, second")
