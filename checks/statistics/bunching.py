"""Is there too much mass just below a threshold? Excess against a smooth counterfactual, with round-number tariffs controlled for.

Counts per bin of the value (amount, duration, minutes after finish). The counterfactual is a Poisson regression on a polynomial of the
bins outside the window around the threshold, with one term for bins that hold a round number: a round tariff makes its own spike,
and a threshold that is itself round is judged against the other round values. The window's missing mass above is reported too.
Null: the expected counts run smoothly through the threshold; overdispersion φ is estimated outside the window (never below 1).
Minimum n: 200 outside the window, 12 bins outside beyond the terms fitted, 5 expected in the window.
Effect: excess mass over the counterfactual mass in the window (0: none; 1: doubled).
Sources: Saez, AEJ Policy 2 (2010) 180; Chetty et al., QJE 126 (2011) 749; Kleven, Annual Review of Economics 8 (2016) 435 (round numbers);
McCrary, J. Econometrics 142 (2008) 698."""

import warnings

import numpy as np
import numpy.typing as npt
from scipy import stats

from checks.statistics.result import Bools, Floats, Outcome, refuse

MINIMUM_OUTSIDE, MINIMUM_BINS, MINIMUM_EXPECTED = 200, 12, 5.0


def bunching(
    counts: npt.ArrayLike,
    edges: npt.ArrayLike,
    threshold: float,
    *,
    below: float,
    above: float = 0.0,
    round_to: tuple[float, ...] = (),
    degree: int = 4,
) -> Outcome:
    """One-sided excess in [threshold − below, threshold) over bins [edge_i, edge_{i+1}); `above` widens the hole that is left out.

    `round_to`: the steps of tariffs or habits (e.g. 10, 50): one term each for the bins that hold a multiple."""
    import statsmodels.api as sm  # half a second to import: only who tests pays it

    y, edge = np.asarray(counts, np.float64), np.asarray(edges, np.float64)
    if edge.size != y.size + 1 or (np.diff(edge) <= 0).any():
        raise ValueError("edges rise and are one more than counts")
    start = edge[:-1]
    inside: Bools = (start >= threshold - below - 1e-9) & (start < threshold - 1e-9)
    fitted = ~((start >= threshold - below - 1e-9) & (start < threshold + above - 1e-9))
    if not inside.any():
        return refuse("no bin lies wholly in the window below the threshold", float(y.sum()))
    design = _design(start, edge[1:], round_to, degree)
    used = [column for column in range(design.shape[1]) if np.ptp(design[fitted, column]) > 0 or column == 0]
    design = design[:, used]
    n = float(y.sum())
    degrees = int(fitted.sum()) - design.shape[1]
    if y[fitted].sum() < MINIMUM_OUTSIDE or degrees < MINIMUM_BINS:
        return refuse(f"fewer than {MINIMUM_OUTSIDE} values or too few bins outside the window", n)
    lost = set(range(1, 1 + len(round_to))) - set(used)
    if lost and any(_holds(start[inside], edge[1:][inside], round_to[step - 1]).any() for step in lost):
        return refuse("no other round value to judge the threshold's own roundness by", n)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # failure to converge is judged below
        fit = sm.GLM(y[fitted], design[fitted], family=sm.families.Poisson()).fit(maxiter=200)
    if not fit.converged:
        return refuse("no smooth counterfactual could be fitted", n)
    smooth = fit.predict(design)
    expected = float(smooth[inside].sum())
    if expected < MINIMUM_EXPECTED:
        return refuse(f"fewer than {MINIMUM_EXPECTED:g} values expected in the window", n)
    phi = max(1.0, float(((y - smooth) ** 2 / smooth)[fitted].sum()) / degrees)
    slope = (smooth[:, None] * design)[inside].sum(axis=0)
    variance = phi * (expected + float(slope @ fit.cov_params() @ slope))
    excess = float(y[inside].sum()) - expected
    z = excess / variance**0.5
    return Outcome(z, float(stats.norm.sf(z)), excess / expected, n)


def _design(start: Floats, end: Floats, round_to: tuple[float, ...], degree: int) -> Floats:
    """Constant, one column a round step, then Legendre polynomials of the position: well conditioned."""
    position = 2 * (start - start[0]) / (start[-1] - start[0]) - 1
    powers = np.polynomial.legendre.legvander(position, degree)
    marks = [_holds(start, end, step).astype(np.float64) for step in round_to]
    return np.column_stack([powers[:, 0], *marks, powers[:, 1:]])


def _holds(start: Floats, end: Floats, step: float) -> Bools:
    """Whether a multiple of the step lies in [start, end)."""
    return np.asarray(np.ceil(start / step - 1e-9) * step < end - 1e-9)
