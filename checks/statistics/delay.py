"""How many claims are still on their way? Reporting-delay correction (reverse hazard, chain ladder) and the severity mix.

Triangle: rows are days of injury, columns delays 0..D in days, cells counts reported; nan where not yet observable. The reverse
hazard h(d) = reported at d / reported by d is estimated from complete enough days; expected completeness of a day observed up
to delay d is ∏_{k>d} (1 − h(k)). Assumes the delay law of the window holds (a step in it is what `slower` tests) and that nothing
comes after D. Never call claims suppressed before dividing by completeness.
Minimum n: 30 claims in the window and completeness ≥ .1 for the day judged. Effects: completeness (share), days of delay, odds ratio.
Sources: Brookmeyer and Damiano, Statistics in Medicine 8 (1989) 23; Lawless, Canadian J. Statistics 22 (1994) 15; Mack, ASTIN Bulletin 23
(1993) 213 (Taylor and Ashe's triangle, reserve 18,680,856)."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy import stats

from checks.statistics.result import NAN, Floats, Outcome, refuse

MINIMUM_CLAIMS, MINIMUM_COMPLETENESS = 30, 0.1


@dataclass(frozen=True)
class Development:
    """`completeness[d]`: share of a day's claims reported by delay d; the last is 1."""

    completeness: Floats
    n: float
    applicable: bool = True
    reason: str = ""


def development(triangle: npt.ArrayLike) -> Development:
    """Completeness by delay from incremental counts (rows × delays, nan not yet observable)."""
    x = np.asarray(triangle, np.float64)
    n = float(np.nansum(x))
    if n < MINIMUM_CLAIMS:
        return Development(
            np.full(x.shape[-1], NAN), n, False, f"fewer than {MINIMUM_CLAIMS} claims in the window"
        )
    if np.isnan(x).all(axis=0).any():
        return Development(np.full(x.shape[-1], NAN), n, False, "no day is old enough for the longest delay")
    if (np.isnan(x[:, :-1]) & ~np.isnan(x[:, 1:])).any():
        raise ValueError("a delay is observable only after all shorter ones")
    running = np.cumsum(np.where(np.isnan(x), 0.0, x), axis=1)
    known = ~np.isnan(x)
    # only days observed up to delay d say anything about h(d): a truncated day has no chance to show it
    at = np.where(known, x, 0.0).sum(axis=0)
    by = np.where(known, running, 0.0).sum(axis=0)
    hazard = np.divide(at, by, out=np.zeros_like(at), where=by > 0)
    after = np.concatenate([np.cumprod((1 - hazard)[::-1])[::-1][1:], [1.0]])
    return Development(after, n)


def ultimate(triangle: npt.ArrayLike, law: Development | None = None) -> Floats:
    """Estimated final count of each day: reported so far over completeness; nan below a completeness of .1 or without a law.

    The law may come from peers, where a platform's own delays may be part of the scheme."""
    x = np.asarray(triangle, np.float64)
    use = development(x) if law is None else law
    last = (~np.isnan(x)).sum(axis=1) - 1
    share = np.where(last >= 0, use.completeness[np.maximum(last, 0)], NAN)
    with np.errstate(invalid="ignore", divide="ignore"):
        total = np.nansum(x, axis=1) / share
    return np.asarray(np.where(share >= MINIMUM_COMPLETENESS, total, NAN))


def slower(delays: npt.ArrayLike, baseline: npt.ArrayLike, *, observable_days: float) -> Outcome:
    """One-sided: are claims reported later than the baseline's? Mann–Whitney on delays ≤ `observable_days` in both samples.

    Cutting both at the delay that every injury in the sample could have shown removes the bias of young days.
    Effect: difference of mean delay in days; statistic: Mann–Whitney U."""
    ours, theirs = (np.asarray(part, np.float64) for part in (delays, baseline))
    ours, theirs = ours[ours <= observable_days], theirs[theirs <= observable_days]
    if min(ours.size, theirs.size) < MINIMUM_CLAIMS:
        return refuse(f"fewer than {MINIMUM_CLAIMS} claims with an observable delay", ours.size)
    statistic, p_value = stats.mannwhitneyu(ours, theirs, alternative="greater")
    return Outcome(float(statistic), float(p_value), float(ours.mean() - theirs.mean()), ours.size)


def minor_missing(
    minor: int, serious: int, *, baseline_minor: float, baseline_serious: float, phi: float = 1.0
) -> Outcome:
    """Are minor claims missing, anchored on serious ones, which are hard to hide? One-sided test of the log odds against peers.

    Effect: share of minor claims missing, 1 − (minor/serious)/(peers' minor/serious). Assumes serious claims are complete and the mix of
    work is alike. `phi`: overdispersion of the mix among honest peers. Minimum: 5 serious and 5 expected minor claims.
    Source: the conditional (binomial) comparison of two ratios, e.g. Breslow and Day 1980 §4.2."""
    if min(minor, serious) < 0 or phi < 1:
        raise ValueError("counts are not negative and phi is at least 1")
    if serious < 5 or baseline_serious < 5 or baseline_minor < 5:
        return refuse("fewer than 5 serious claims to anchor on", minor + serious)
    expected = serious * baseline_minor / baseline_serious
    if expected < 5:
        return refuse("fewer than 5 minor claims expected", minor + serious)
    log_ratio = np.log((minor + 0.5) / (serious + 0.5)) - np.log(
        (baseline_minor + 0.5) / (baseline_serious + 0.5)
    )
    parts = (
        1 / (minor + 0.5) + 1 / (serious + 0.5) + 1 / (baseline_minor + 0.5) + 1 / (baseline_serious + 0.5)
    )
    z = float(log_ratio / (phi * parts) ** 0.5)
    return Outcome(z, float(stats.norm.cdf(z)), float(1 - minor / expected), minor + serious)
