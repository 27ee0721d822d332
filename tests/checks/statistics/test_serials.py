"""Serial gaps and the German tank problem: the textbook case, unbiasedness by enumeration, refusals."""

from itertools import combinations

import numpy as np
import pytest

from checks.statistics.serials import gaps, german_tank, missing_inside


def test_textbook_case_19_40_42_60_gives_74() -> None:
    # largest 60 of 4: 60 (1 + 1/4) − 1 = 74 (the example of the literature on the German tank problem)
    tank = german_tank(60, 4)
    assert tank.total == 74 and tank.low == 60 and tank.missing_share == pytest.approx(1 - 4 / 74)


def test_unbiased_over_every_possible_sample() -> None:
    largest = np.array([max(sample) for sample in combinations(range(1, 13), 3)])
    assert german_tank(largest, 3).total.mean() == pytest.approx(12)


def test_interval_covers() -> None:
    rng = np.random.default_rng(1)
    largest = np.array([rng.choice(500, 10, replace=False).max() + 1 for _ in range(2000)])
    tank = german_tank(largest, 10)
    assert ((tank.low <= 500) & (tank.high >= 500)).mean() >= 0.95


def test_holes_with_and_without_yesterdays_last() -> None:
    found = gaps([5, 6, 9, 10, 15, 9])
    assert (
        found.first.tolist() == [7, 11] and found.last.tolist() == [8, 14] and found.length.tolist() == [2, 4]
    )
    assert gaps([5, 6], start=3).first.tolist() == [3] and gaps([3, 4], start=3).length.size == 0
    assert gaps([]).length.size == 0


def test_missing_inside_counts_and_refuses_an_empty_cell() -> None:
    both = missing_inside([5, 1], [15, 10], [5, 0])
    assert both.statistic[0] == 6 and both.effect[0] == pytest.approx(6 / 11)
    assert not both.applicable[1] and np.isnan(both.statistic[1]) and both.reason
    with pytest.raises(ValueError):
        missing_inside(1, 3, 4)


def test_one_serial_is_not_enough_to_extrapolate() -> None:
    tank = german_tank([60, 60], [1, 4])
    assert (
        np.isnan(tank.total[0]) and tank.applicable.tolist() == [False, True] and "two serials" in tank.reason
    )
