"""Poisson–gamma shrinkage: the prior recovered, suppressed claims found, funnel limits, the zero test, refusals."""

import numpy as np
import pytest
from scipy import stats

from checks.statistics.shrinkage import Prior, fit_prior, funnel_limits, shrunken, zero_test


def test_prior_is_recovered_from_peers() -> None:
    rng = np.random.default_rng(1)
    expected = rng.uniform(20, 200, 3000)
    prior = fit_prior(rng.poisson(expected * rng.gamma(8, 1 / 8, 3000)), expected)
    assert prior.mean == pytest.approx(1, abs=0.03) and prior.shape == pytest.approx(8, rel=0.15)


def test_posterior_by_hand() -> None:
    # conjugacy: gamma(4, 4) and 0 cases of 6 expected: mean 4/10; predictive chance of none (4/10)^4
    found = shrunken(0, 6.0, Prior(4, 4))
    assert found.statistic == pytest.approx(0.4) and found.p_value == pytest.approx(0.4**4)
    assert found.effect == pytest.approx(1 - stats.gamma.ppf(0.95, 4, scale=1 / 10))


def test_a_fifth_of_200_claims_suppressed_is_found_among_alike_peers_and_honest_peers_are_not() -> None:
    rng = np.random.default_rng(2)
    expected = np.full(400, 200.0)
    honest = rng.poisson(expected * rng.gamma(400, 1 / 400, 400))
    prior = fit_prior(honest, expected)
    assert (shrunken(honest, expected, prior).p_value < 0.01).mean() <= 0.03
    hidden = shrunken(rng.poisson(160, 400), np.full(400, 200.0), prior)
    assert (hidden.p_value < 0.05).mean() > 0.75
    assert np.median(hidden.statistic) == pytest.approx((prior.shape + 160) / (prior.rate + 200), rel=0.01)


def test_funnel_limits_bracket_one_and_narrow() -> None:
    low, high = funnel_limits([1, 10, 100, 1000])
    assert (low < 1).all() and (high > 1).all() and (np.diff(high - low) < 0).all()
    # exact Poisson: Spiegelhalter's 95% limits at E = 10 contain 4..17 and not 3, 18 by the gamma interpolation
    low, high = funnel_limits(10.0, level=0.95)
    assert 0.3 < low < 0.5 and 1.7 < high < 2.0
    assert np.isnan(funnel_limits(0.5)[0])
    assert funnel_limits(100.0, phi=4.0)[1] - 1 == pytest.approx(2 * (funnel_limits(100.0)[1] - 1))


def test_zero_test_and_the_rule_of_three() -> None:
    # Hanley and Lippman-Hand, JAMA 249 (1983) 1743: none of an expected 3 has chance .05
    assert zero_test(3.0).p_value == pytest.approx(0.0498, abs=1e-4)
    assert zero_test(3.0, prior=Prior(2, 2)).p_value == pytest.approx((2 / 5) ** 2)
    assert zero_test(3.0, prior=Prior(1e9, 1e9)).p_value == pytest.approx(np.exp(-3))
    few = zero_test([0.1, 3.0])
    assert few.applicable.tolist() == [False, True] and np.isnan(few.p_value[0]) and "too few" in few.reason


def test_no_prior_from_too_few_peers() -> None:
    none = fit_prior([1, 2], [1, 2])
    assert not none.applicable and not shrunken([5], [5.0], none).applicable.any()
    assert "single case" in fit_prior(np.zeros(9), np.ones(9)).reason
    assert not shrunken(0, 0.2, Prior(4, 4)).applicable
