"""Rank of the injury order: uniform is silent, the very first is found at 30 cases, too few are refused."""

import numpy as np
import pytest

from checks.statistics.rank import early_injuries, relative_rank


def histories(n: int, size: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    h = rng.integers(2, 40, (size, n))
    return np.ceil(rng.random((size, n)) * h), h


def test_level_under_uniform_ranks() -> None:
    r, h = histories(30, 4000, 1)
    p = np.array([early_injuries(a, b).p_value for a, b in zip(r, h, strict=True)])
    assert (p < 0.05).mean() == pytest.approx(0.05, abs=0.012)


def test_backdating_half_of_thirty_claims_is_found() -> None:
    r, h = histories(30, 500, 2)
    r[:, :15] = 1
    found = [early_injuries(a, b) for a, b in zip(r, h, strict=True)]
    assert np.mean([one.p_value < 0.01 for one in found]) > 0.9
    assert np.mean([one.effect for one in found]) == pytest.approx(0.21, abs=0.04)


def test_every_injury_first_by_hand() -> None:
    all_first = early_injuries(np.ones(30), np.full(30, 10))
    error = ((10**2 - 1) / (12 * 10**2) / 30) ** 0.5
    assert all_first.effect == pytest.approx(0.45) and all_first.statistic == pytest.approx(0.45 / error)


def test_peers_whose_new_workers_are_also_hurt_more_make_it_honest() -> None:
    rng = np.random.default_rng(3)
    ours, peers = rng.beta(1, 1.6, 60), rng.beta(1, 1.6, 2000)
    h = np.full(60, 1000)
    position = np.ceil(ours * h)
    assert early_injuries(position, h).p_value < 0.05
    assert early_injuries(position, h, baseline=peers).p_value > 0.01


def test_refusals() -> None:
    assert "fewer than 10" in early_injuries([1] * 30, [1] * 30).reason  # one order each: no information
    assert not early_injuries([1] * 12, [5] * 12, baseline=[0.5] * 3).applicable
    assert np.isnan(relative_rank(1, 1))
    with pytest.raises(ValueError):
        relative_rank(6, 5)
