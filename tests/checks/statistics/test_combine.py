"""Combination and false discovery: Benjamini and Hochberg's own example, dependence, refused tests left out."""

import numpy as np
import pytest
from scipy import stats

from checks.statistics.combine import (
    average_e,
    benjamini_hochberg,
    cauchy,
    e_benjamini_hochberg,
    log_e_from_p,
    p_from_log_e,
)

# Benjamini and Hochberg 1995, table of 15 p-values (thrombolysis trial): 4 discoveries at q = .05
BH_1995 = [
    0.0001, 0.0004, 0.0019, 0.0095, 0.0201, 0.0278, 0.0298, 0.0344, 0.0459, 0.3240, 0.4262, 0.5719, 0.6528, 0.7590, 1.0,
]  # fmt: skip


def test_benjamini_and_hochbergs_example() -> None:
    assert benjamini_hochberg(BH_1995, 0.05).sum() == 4


def test_refused_tests_do_not_dilute() -> None:
    padded = BH_1995 + [float("nan")] * 100
    assert benjamini_hochberg(padded, 0.05).sum() == 4
    assert average_e([np.log(8), np.nan, np.log(2)]) == pytest.approx(np.log(5))
    assert np.isnan(average_e([np.nan])) and np.isnan(cauchy([np.nan, np.nan]))


def test_average_of_e_values_and_weights() -> None:
    assert average_e([np.log(30), np.log(2)], weights=[3, 1]) == pytest.approx(np.log(23))
    assert average_e([700.0, 700.0]) == pytest.approx(700.0) and average_e([800.0, -800.0]) > 799


def test_cauchy_of_equal_p_values_is_that_value_even_when_tiny() -> None:
    assert cauchy([0.03] * 7) == pytest.approx(0.03)
    assert cauchy([1e-40] * 5) == pytest.approx(1e-40, rel=1e-6)
    assert cauchy([1e-6, 0.999]) < 1e-5


def test_cauchy_keeps_its_level_where_fisher_does_not() -> None:
    rng = np.random.default_rng(5)
    common = rng.normal(size=(20000, 1))
    p = stats.norm.sf(0.9**0.5 * common + 0.1**0.5 * rng.normal(size=(20000, 10)))
    fisher = stats.chi2.sf(-2 * np.log(p).sum(axis=1), 20)
    assert (cauchy(p) < 0.001).mean() < 0.002 < 0.02 < (fisher < 0.001).mean()


def test_e_bh_threshold() -> None:
    # K = 4, q = .1: one needs e >= 40, two e >= 20, three e >= 13.3
    assert e_benjamini_hochberg(np.log([39, 1, 1, 1]), 0.1).sum() == 0
    assert e_benjamini_hochberg(np.log([40.01, 1, 1, 1]), 0.1).tolist() == [True, False, False, False]
    assert e_benjamini_hochberg(np.log([21, 1, 20.01, 1]), 0.1).tolist() == [True, False, True, False]
    assert e_benjamini_hochberg(np.log([30, 5, 5, 5]), 0.1).sum() == 0
    assert e_benjamini_hochberg(np.log([40.01]), 0.1, tests=100).sum() == 0
    assert e_benjamini_hochberg([np.nan], 0.1).sum() == 0


def test_calibrators_are_valid_and_inverse_in_order() -> None:
    p = (np.arange(200000) + 0.5) / 200000
    assert np.exp(log_e_from_p(p)).mean() == pytest.approx(1.0, abs=0.1)
    assert np.exp(log_e_from_p(p)).mean() <= 1.0
    assert p_from_log_e(np.log(20)) == pytest.approx(0.05) and p_from_log_e(-3.0) == 1.0
    assert (np.diff(log_e_from_p([1e-8, 1e-3, 0.5, 0.99995, 1.0])) <= 1e-4).all()
