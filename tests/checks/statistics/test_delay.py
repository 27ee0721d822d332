"""Reporting delay: Mack's published triangle, thinned claims told from late ones, severity mix, refusals."""

import numpy as np
import pytest

from checks.statistics.delay import development, minor_missing, slower, ultimate

# Taylor and Ashe 1983 as in Mack, ASTIN Bulletin 23 (1993) 213, table 1: incremental claims; chain-ladder reserve 18,680,856
TAYLOR_ASHE = """357848 766940 610542 482940 527326 574398 146342 139950 227229 67948
352118 884021 933894 1183289 445745 320996 527804 266172 425046
290507 1001799 926219 1016654 750816 146923 495992 280405
310608 1108250 776189 1562400 272482 352053 206286
443160 693190 991983 769488 504851 470639
396132 937085 847498 805037 705960
440832 847631 1131398 1063269
359480 1061648 1443370
376686 986608
344014"""


def triangle() -> np.ndarray:
    table = np.full((10, 10), np.nan)
    for row, line in enumerate(TAYLOR_ASHE.splitlines()):
        values = [float(number) for number in line.split()]
        table[row, : len(values)] = values
    return table


def test_chain_ladder_of_taylor_and_ashe() -> None:
    x = triangle()
    law = development(x)
    reserve = np.nansum(x, axis=1) / law.completeness[::-1] - np.nansum(x, axis=1)
    assert reserve.sum() == pytest.approx(18_680_856, abs=1)
    assert reserve[[1, 4, 9]] == pytest.approx([94634, 984889, 4625811], abs=1)
    assert np.isnan(ultimate(x)[9])  # the last year is 7% complete: no number


def simulated(seed: int, *, extra: float = 0.0, hidden: float = 0.0) -> np.ndarray:
    rng = np.random.default_rng(seed)
    count = rng.poisson(8 * (1 - hidden), 60)
    table = np.zeros((60, 21))
    for day, n in enumerate(count):
        late = np.minimum(rng.geometric(0.25 if not extra else 1 / (4 + extra), n) - 1, 20)
        table[day] = np.bincount(late.astype(int), minlength=21)
        table[day, 60 - day :] = np.nan
    return table


def test_late_is_not_suppressed() -> None:
    table = simulated(1)
    young = np.nansum(table, axis=1)[-8:].mean()
    final = ultimate(table)
    assert young < 7 and np.nanmean(final[-8:]) == pytest.approx(8, rel=0.25)
    assert np.nanmean(ultimate(simulated(2, hidden=0.4))[-30:]) < 6.5


def test_three_days_slower_is_found_and_equal_is_not() -> None:
    rng = np.random.default_rng(3)
    base, late = rng.geometric(0.25, 800), rng.geometric(1 / 7, 150)
    found = slower(late, base, observable_days=20)
    assert found.p_value < 1e-4 and found.effect == pytest.approx(2.0, abs=1.0)
    level = [slower(rng.geometric(0.25, 100), base, observable_days=20).p_value < 0.05 for _ in range(400)]
    assert np.mean(level) < 0.1
    assert not slower(late[:10], base, observable_days=20).applicable


def test_a_fifth_of_the_minor_claims_gone_at_500() -> None:
    rng = np.random.default_rng(4)
    p = []
    for _ in range(300):
        serious = rng.poisson(150)
        p.append(minor_missing(rng.poisson(280), serious, baseline_minor=7000, baseline_serious=3000).p_value)
    assert np.mean(np.array(p) < 0.05) > 0.6
    honest = [
        minor_missing(rng.poisson(350), rng.poisson(150), baseline_minor=7000, baseline_serious=3000).p_value
        for _ in range(2000)
    ]
    assert np.mean(np.array(honest) < 0.05) == pytest.approx(0.05, abs=0.02)
    assert minor_missing(280, 150, baseline_minor=7000, baseline_serious=3000).effect == pytest.approx(0.2)


def test_refusals() -> None:
    assert (
        "fewer than 30" in development(np.zeros((5, 3))).reason and np.isnan(ultimate(np.zeros((5, 3)))).all()
    )
    young = np.full((40, 5), np.nan)
    young[:, 0] = 3
    assert "old enough" in development(young).reason
    assert "anchor" in minor_missing(3, 2, baseline_minor=700, baseline_serious=300).reason
    with pytest.raises(ValueError):
        development(np.array([[np.nan, 40.0], [20.0, 20.0]]))
