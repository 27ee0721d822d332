"""Do the digits look typed or rounded? Terminal digits, round-number excess, Whipple, Myers; Benford where it applies at all.

Terminal digits: null uniform, when the values spread over many tens (sd ≥ 30 units of the last place) and are not rounded by
the source or by a tariff. Minimum n 100. Effect: largest excess share of one digit (0–1).
Round excess: share of values that are a multiple, against a baseline share from peers or own history, never against theory:
tariffs are round. Minimum expected count 5 on both sides. Effect: difference of shares.
Benford refuses bounded fields, spans below 3 decades and n < 300; effect is mean absolute deviation in excess of what chance gives at
this n (fixed MAD cut-offs are wrong at small n).
Sources: Whipple (Spoorenberg 2007); Myers 1940 (PASEX SINGAGE; R package DemoTools); Newcomb 1881, Benford 1938; Nigrini 2012;
Mosimann, Wiseman and Edelman 1995 (terminal digits); Goodman, Significance 13 (2016) 38 (limits of Benford)."""

import numpy as np
import numpy.typing as npt
from scipy import stats

from checks.statistics.result import Floats, Outcome, refuse

MINIMUM_DIGITS, MINIMUM_BENFORD, MINIMUM_DECADES = 100, 300, 3.0
BENFORD_FIRST: Floats = np.log10(1 + 1 / np.arange(1, 10))


def terminal_digits(values: npt.ArrayLike, *, unit: float = 1.0) -> Outcome:
    """χ² of the last digit (of `unit`, e.g. .01 for yuan to the fen) against uniform."""
    x = _finite(values)
    if x.size < MINIMUM_DIGITS:
        return refuse(f"fewer than {MINIMUM_DIGITS} values", x.size)
    scaled = np.rint(x / unit)
    if scaled.std() < 30:
        return refuse("the values spread over too few tens for a uniform last digit", x.size)
    counts = np.bincount((np.abs(scaled) % 10).astype(np.int64), minlength=10)
    statistic, p_value = stats.chisquare(counts)
    return Outcome(float(statistic), float(p_value), float((counts / x.size).max() - 0.1), x.size)


def round_excess(
    multiples: int, n: int, *, baseline_multiples: int, baseline_n: int, phi: float = 1.0
) -> Outcome:
    """One-sided: is the share of multiples (of 1, 5, 10 …) above the baseline's? `phi` is the overdispersion among honest peers."""
    if not (0 <= multiples <= n and 0 <= baseline_multiples <= baseline_n) or phi < 1:
        raise ValueError("needs 0 <= multiples <= n, the same for the baseline, and phi >= 1")
    if min(n, baseline_n) == 0:
        return refuse("nothing to compare", n)
    pooled = (multiples + baseline_multiples) / (n + baseline_n)
    if min(n, baseline_n) * min(pooled, 1 - pooled) < 5:
        return refuse("fewer than 5 expected multiples or others", n)
    effect = multiples / n - baseline_multiples / baseline_n
    z = effect / (phi * pooled * (1 - pooled) * (1 / n + 1 / baseline_n)) ** 0.5
    return Outcome(float(z), float(stats.norm.sf(z)), float(effect), n)


def whipple(counts: npt.ArrayLike, ages: npt.ArrayLike, *, lowest: int = 25, highest: int = 60) -> float:
    """Whipple's index for 0 and 5: 1 without heaping, 5 when all end so. Denominator reaches two ages beyond either end."""
    n, age = np.asarray(counts, np.float64), np.asarray(ages, np.int64)
    heaped = n[(age >= lowest) & (age <= highest) & (age % 5 == 0)].sum()
    everyone = n[(age >= lowest - 2) & (age <= highest + 2)].sum()
    return float(5 * heaped / everyone) if everyone > 0 else float("nan")


def myers(
    counts: npt.ArrayLike, ages: npt.ArrayLike, *, lowest: int = 10, highest: int = 89, pasex: bool = False
) -> float:
    """Myers' blended index in percent: the share that would have to move for no digit preference (0–90).

    Blends sums over [lowest, highest − 10] with weights 1..10 and over [lowest + 10, highest] with 9..0. `pasex` lets the first
    sum run to `highest`, as the PASEX spreadsheet does."""
    n, age = np.asarray(counts, np.float64), np.asarray(ages, np.int64)
    if (highest - lowest + 1) % 10 or highest - lowest < 19:
        raise ValueError("the ages must span whole tens, two at least")
    digits = (lowest + np.arange(10)) % 10

    def sums(low: int, high: int) -> Floats:
        inside = (age >= low) & (age <= high)
        return np.array([n[inside & (age % 10 == digit)].sum() for digit in digits])

    step = np.arange(1, 11)
    blend = sums(lowest, highest if pasex else highest - 10) * step + sums(lowest + 10, highest) * (10 - step)
    if blend.sum() <= 0:
        return float("nan")
    return float(50 * np.abs(blend / blend.sum() - 1 / 10).sum())


def benford_expected(place: int = 1) -> Floats:
    """Exact Newcomb–Benford shares of the digit at `place`: nine for the first (1–9), ten after it (0–9)."""
    if place == 1:
        return BENFORD_FIRST.copy()
    prefix = np.arange(10 ** (place - 2), 10 ** (place - 1))
    return np.asarray(np.log10(1 + 1 / (10 * prefix[:, None] + np.arange(10))).sum(axis=0))


def first_digits(values: npt.ArrayLike) -> npt.NDArray[np.int64]:
    """Leading digit of each positive finite value; zeros and gaps are left out."""
    x = _finite(values)
    x = x[x > 0]
    digit = (x / 10.0 ** np.floor(np.log10(x))).astype(np.int64)
    return np.clip(digit, 1, 9)  # a value a rounding error below a power of ten


def benford(values: npt.ArrayLike, *, bounded: bool) -> Outcome:
    """First-digit χ² against Newcomb–Benford. `bounded` is said by whoever knows the field (a tariff's fee, a count with a cap).

    Effect: mean absolute deviation minus its mean under the null at this n (share)."""
    x = _finite(values)
    x = x[x > 0]
    if bounded:
        return refuse(
            "the field is bounded: honest values do not follow Benford (honest fees give MAD .09)", x.size
        )
    if x.size < MINIMUM_BENFORD:
        return refuse(f"fewer than {MINIMUM_BENFORD} positive values", x.size)
    low, high = np.quantile(x, [0.005, 0.995])
    decades = float(np.log10(high / low))
    if decades < MINIMUM_DECADES:
        return refuse(f"the values span {decades:.1f} decades; {MINIMUM_DECADES:g} are needed", x.size)
    counts = np.bincount(first_digits(x), minlength=10)[1:]
    statistic, p_value = stats.chisquare(counts, BENFORD_FIRST * x.size)
    chance = np.sqrt(2 * BENFORD_FIRST * (1 - BENFORD_FIRST) / (np.pi * x.size)).mean()
    effect = np.abs(counts / x.size - BENFORD_FIRST).mean() - chance
    return Outcome(float(statistic), float(p_value), float(effect), x.size)


def _finite(values: npt.ArrayLike) -> Floats:
    x = np.asarray(values, np.float64).ravel()
    return x[np.isfinite(x)]
