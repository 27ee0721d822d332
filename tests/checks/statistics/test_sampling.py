"""Sample sizes: the audit guide's table, 299 orders, and the power that was wished, checked by simulation."""

import numpy as np
import pytest

from checks.statistics.e_process import bernoulli
from checks.statistics.sampling import attribute_sample, draw_to_exclude, draw_to_see


def test_audit_guide_68_with_two_deviations() -> None:
    plan = attribute_sample(3653, tolerable=0.09, expected=0.02)
    assert (plan.n, plan.deviations) == (68, 2)


@pytest.mark.parametrize(
    ("tolerable", "expected", "n", "deviations"), [(0.05, 0.0, 59, 0), (0.1, 0.0, 29, 0), (0.05, 0.01, 93, 1)]
)
def test_other_cells_of_the_aicpa_table(tolerable: float, expected: float, n: int, deviations: int) -> None:
    plan = attribute_sample(100_000, tolerable=tolerable, expected=expected)
    assert (plan.n, plan.deviations) == (n, deviations)


def test_a_small_population_needs_fewer() -> None:
    assert attribute_sample(100, tolerable=0.05, expected=0.0, finite=True).n < 59


def test_299_exclude_one_percent() -> None:
    assert draw_to_exclude(0.01) == 299 and draw_to_exclude(0.01, design_effect=2.0) == 597


def test_wished_power_is_reached() -> None:
    plan = draw_to_see(0.05, tolerated=0.01, power=0.9)
    absent = np.random.default_rng(6).binomial(plan.n, 0.05, 20000)
    hit = bernoulli(absent, plan.n, 0.01).log_e >= np.log(20)
    assert hit.mean() >= 0.89 and (hit == (absent >= plan.deviations)).all()
    fewer = np.random.default_rng(6).binomial(plan.n // 2, 0.05, 20000)
    assert (bernoulli(fewer, plan.n // 2, 0.01).log_e >= np.log(20)).mean() < 0.9


def test_no_plan_where_none_is_possible() -> None:
    assert "tolerated" in draw_to_see(0.01, tolerated=0.01).reason
    assert not attribute_sample(50, tolerable=0.02, expected=0.01).applicable
    assert not attribute_sample(50, tolerable=0.01, expected=0.02).applicable
    with pytest.raises(ValueError):
        draw_to_exclude(0.0)
