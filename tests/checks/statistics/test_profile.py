"""Profiles: the nulls by simulation, dropping the night found, rotation invariance, hours moved, overdispersion, refusals."""

import numpy as np
import pytest

from checks.statistics.profile import circular_wasserstein, hole, psi, wasserstein, watson_tail, watson_u2

DAY = 20.0 + 15 * np.sin(np.arange(24) / 24 * 2 * np.pi + 3)
NIGHT = np.arange(24) < 6


def drawn(n: int, size: int, seed: int) -> np.ndarray:
    return np.random.default_rng(seed).multinomial(n, DAY / DAY.sum(), size)


def test_psi_null_is_scaled_chi_square() -> None:
    p = psi(drawn(4000, 4000, 1), drawn(9000, 4000, 2)).p_value
    assert (p < 0.05).mean() == pytest.approx(0.05, abs=0.012)
    assert (p < 0.5).mean() == pytest.approx(0.5, abs=0.03)


def test_psi_by_hand() -> None:
    # Siddiqi 2006 form: Σ (a − e) ln(a/e), on shares too large for the half count to matter
    a, e = np.array([0.1] * 4 + [0.15] * 4), np.array([0.125] * 8)
    assert psi(a * 1e9, e * 1e9).statistic == pytest.approx(((a - e) * np.log(a / e)).sum(), rel=1e-6)


def test_watson_tail_gives_the_published_critical_values() -> None:
    # Watson 1962; Zar 2010, table B.38a, n = m = ∞: .152 (10%), .187 (5%), .268 (1%), .385 (.1%)
    assert watson_tail([0.152, 0.187, 0.268, 0.385]) == pytest.approx([0.1, 0.05, 0.01, 0.001], rel=0.02)


def test_watson_matches_the_formula_of_untied_data_and_its_level() -> None:
    rng = np.random.default_rng(3)
    first = np.zeros(40)
    first[rng.choice(40, 18, replace=False)] = 1
    second = 1 - first
    gap = np.cumsum(first) / 18 - np.cumsum(second) / 22
    direct = 18 * 22 / 40**2 * ((gap**2).sum() - gap.sum() ** 2 / 40)
    # one order a bin is refused as too sparse; twenty copies keep the shape and multiply U² by twenty
    many = watson_u2(first * 20, second * 20)
    assert many.statistic == pytest.approx(direct * 20)
    p = watson_u2(drawn(4000, 4000, 4), drawn(9000, 4000, 5)).p_value
    assert (p < 0.05).mean() == pytest.approx(0.05, abs=0.012)


def test_the_start_of_the_day_does_not_matter() -> None:
    a, b = drawn(4000, 1, 6)[0], drawn(4000, 1, 7)[0]
    turned = watson_u2(np.roll(a, 7), np.roll(b, 7))
    assert turned.statistic == pytest.approx(watson_u2(a, b).statistic)
    assert circular_wasserstein(np.roll(a, 7), np.roll(b, 7)) == pytest.approx(circular_wasserstein(a, b))


def test_hours_moved() -> None:
    assert circular_wasserstein(np.roll(DAY, 0), DAY) == pytest.approx(0)
    spike = np.eye(24)[23]
    assert circular_wasserstein(np.eye(24)[1], spike) == pytest.approx(
        2
    )  # 23:00 to 01:00 is two hours, not 22
    assert wasserstein(np.eye(24)[1], spike) == pytest.approx(22)
    assert wasserstein([0, 0, 4], [4, 0, 0], width=5.0) == pytest.approx(10)


def test_ten_percent_of_the_night_dropped_is_found_and_sized() -> None:
    base = drawn(2_000_000, 1, 8)[0]
    dropped = base - np.random.default_rng(9).binomial(base, np.where(NIGHT, 0.1, 0.0))
    found = hole(dropped, base, NIGHT)
    assert found.p_value < 1e-10 and found.effect == pytest.approx(0.1, abs=0.01)
    assert psi(dropped, base).p_value < 1e-6 and watson_u2(dropped, base).p_value < 1e-6
    assert hole(base, base, NIGHT).p_value == pytest.approx(0.5)


def test_honest_overdispersion_is_no_finding() -> None:
    rng = np.random.default_rng(10)
    phi, shape = 67.0, DAY / DAY.sum()
    n = 200_000
    wobble = rng.gamma(n * shape / phi, phi, (1000, 24))
    base = n * 10 * shape
    assert (psi(wobble, base, phi=phi).p_value < 0.01).mean() < 0.03
    assert (psi(wobble, base).p_value < 0.01).mean() > 0.9


def test_too_little_is_refused() -> None:
    small = psi(np.ones((2, 24)) * [[1], [100]], DAY * 100)
    assert (
        small.applicable.tolist() == [False, True] and np.isnan(small.p_value[0]) and "fewer" in small.reason
    )
    assert not psi([50, 60, 70], [50, 60, 70]).applicable
    assert not watson_u2(DAY * 100, DAY * 100, phi=1000.0).applicable
    assert not hole(np.ones(24), np.ones(24), NIGHT & (np.arange(24) < 2)).applicable
    with pytest.raises(ValueError):
        psi(-DAY, DAY)
