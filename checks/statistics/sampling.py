"""How many orders must the bureau draw? Attribute sampling, and the sample that sees a dropped share with a wished power.

Assumes a random draw of single orders (or clusters, with their design effect), each found present or absent without error.
Minimum: tolerable share above the expected one. Unit: orders drawn; a deviation is an order absent from the report.
Sources: AICPA Audit Guide Audit Sampling, app. A; ISA 530; binomial as in its tables, hypergeometric where asked."""

import math
from dataclasses import dataclass

import numpy as np
from scipy import stats

from checks.statistics.e_process import alternatives

LARGEST = 200_000  # a plan beyond this is no plan


@dataclass(frozen=True)
class Plan:
    """Draw `n`; conclude that the share is tolerable if at most `deviations` are found absent."""

    n: int
    deviations: int
    applicable: bool = True
    reason: str = ""


def attribute_sample(
    population: int, *, tolerable: float, expected: float, confidence: float = 0.95, finite: bool = False
) -> Plan:
    """Smallest n that, with the expected deviations rounded up found, still excludes the tolerable share.

    The audit guides' tables are binomial; `finite` uses the hypergeometric law and needs fewer from a small population."""
    if not 0 <= expected < tolerable < 1:
        return Plan(0, 0, False, "the tolerable share must exceed the expected one")
    bad = math.ceil(tolerable * population)
    for n in range(1, min(population, LARGEST) + 1):
        allowed = math.ceil(round(expected * n, 9))
        accept = (
            stats.hypergeom.cdf(allowed, population, bad, n)
            if finite
            else stats.binom.cdf(allowed, n, tolerable)
        )
        if accept <= 1 - confidence:
            return Plan(n, allowed)
    return Plan(population, 0, False, "no sample short of the whole population is enough: check every order")


def draw_to_exclude(share: float, *, confidence: float = 0.95, design_effect: float = 1.0) -> int:
    """Orders to draw so that none absent excludes the share: 299 exclude 1% at 95%. Clusters need `design_effect` times it."""
    _share(share)
    return math.ceil(round(math.log(1 - confidence) / math.log1p(-share) * design_effect, 9))


def draw_to_see(
    dropped: float,
    *,
    tolerated: float,
    power: float = 0.95,
    log_e: float = math.log(20),
    design_effect: float = 1.0,
) -> Plan:
    """Orders to draw so that the e-process against `tolerated` reaches `log_e` with the wished power if `dropped` are absent.

    `deviations` is the number absent from which the evidence is reached at that n."""
    _share(dropped)
    _share(tolerated)
    if dropped <= tolerated:
        return Plan(0, 0, False, "a share that is tolerated cannot be evidence")
    low, high = 1, 64
    while _power(high, dropped, tolerated, log_e)[0] < power:
        low, high = high, high * 2
        if high > LARGEST:
            return Plan(0, 0, False, "the dropped share is too close to the tolerated one")
    while (
        low < high
    ):  # power saw-tooths a little in n; bisection finds an n from which it is practically kept
        middle = (low + high) // 2
        low, high = (
            (low, middle) if _power(middle, dropped, tolerated, log_e)[0] >= power else (middle + 1, high)
        )
    return Plan(math.ceil(low * design_effect), _power(low, dropped, tolerated, log_e)[1])


def _power(n: int, dropped: float, tolerated: float, log_e: float) -> tuple[float, int]:
    """Chance to reach the evidence with n draws, and the number absent that reaches it (evidence grows with it)."""
    p1 = alternatives(tolerated)
    gain, loss = np.log(p1 / tolerated), np.log((1 - p1) / (1 - tolerated))
    k = np.arange(n + 1)[:, None]
    evidence = np.logaddexp.reduce(k * gain + (n - k) * loss, axis=1) - np.log(p1.size)
    enough = np.nonzero((evidence >= log_e) & (k[:, 0] > n * tolerated))[0]
    if not enough.size:
        return 0.0, n + 1
    return float(stats.binom.sf(enough[0] - 1, n, dropped)), int(enough[0])


def _share(value: float) -> None:
    if not 0 < value < 1:
        raise ValueError("a share lies inside (0, 1)")
