"""Kobak's week reproduced; level by simulation; φ robust to falsified nights; refusals."""

import numpy as np
import pytest

from checks.statistics.dispersion import overdispersion, underdispersion

KOBAK = [
    792,
    795,
    790,
    798,
    799,
    796,
    793,
]  # Kobak, Significance 19 (2022) 10: daily Covid counts of one Russian region


def test_kobaks_week() -> None:
    week = underdispersion(KOBAK)
    assert np.mean(KOBAK) == pytest.approx(794.714, abs=5e-4)
    assert np.var(KOBAK, ddof=1) == pytest.approx(10.571, abs=5e-4)
    assert week.p_value == pytest.approx(1.03e-5, rel=0.005)
    assert week.effect == pytest.approx(10.571 / 794.714, rel=1e-3) and week.n == 7


def test_level_under_poisson_and_silence_on_overdispersed_honesty() -> None:
    rng = np.random.default_rng(2)
    poisson = underdispersion(rng.poisson(40, (20000, 14))).p_value
    assert (poisson < 0.05).mean() == pytest.approx(0.05, abs=0.006)
    honest = underdispersion(rng.poisson(rng.gamma(20, 40 / 20, (20000, 14)))).p_value
    assert (honest < 0.01).mean() < 0.001


def test_three_point_mean_of_a_poisson_series_is_too_even_once_its_profile_is_known() -> None:
    rng = np.random.default_rng(3)
    profile = np.tile([1.0, 1.1, 0.9, 1.0, 1.2, 1.5, 1.4], 9)
    raw = rng.poisson(400 * profile, (200, 63)) / profile
    smooth = (raw[:, :-2] + raw[:, 1:-1] + raw[:, 2:]) / 3 * profile[1:-1]
    assert (underdispersion(smooth, expected=profile[1:-1]).p_value < 1e-3).mean() > 0.95


def test_too_few_or_too_small_counts_are_refused() -> None:
    few = underdispersion(np.array([[792, 795, 790, 798, np.nan, np.nan], [1, 2, 1, 0, 2, 3]]))
    assert not few.applicable.any() and np.isnan(few.p_value).all() and "fewer than 5" in few.reason


def test_phi_is_estimated_and_a_falsified_week_does_not_inflate_it() -> None:
    rng = np.random.default_rng(4)
    expected = np.full((400, 90), 1000.0)
    seen = expected + rng.normal(size=expected.shape) * (expected * 67) ** 0.5
    assert overdispersion(seen, expected).mean() == pytest.approx(67, rel=0.1)
    seen[:, 80:] *= 0.2
    assert overdispersion(seen, expected).mean() < 67 * 1.5
    assert overdispersion(KOBAK, np.mean(KOBAK)) == 1.0
    assert np.isnan(overdispersion([1.0, 2.0], [1.0, 2.0]))
