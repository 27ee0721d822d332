"""Bunching: mass moved below a threshold found and sized; a round tariff alone is no finding; refusals."""

import numpy as np
import pytest

from checks.statistics.bunching import bunching

EDGES = np.arange(0, 201, 2.0)
SMOOTH = 400 * np.exp(-(((EDGES[:-1] - 80) / 60) ** 2))


def drawn(seed: int, mean: np.ndarray = SMOOTH) -> np.ndarray:
    return np.random.default_rng(seed).poisson(mean).astype(float)


def test_level_on_a_smooth_density() -> None:
    p = [bunching(drawn(seed), EDGES, 100, below=6, above=10).p_value for seed in range(300)]
    assert np.mean(np.array(p) < 0.05) < 0.1


def test_mass_moved_from_above_to_below_is_found_and_sized() -> None:
    y = drawn(1)
    above, below = (EDGES[:-1] >= 100) & (EDGES[:-1] < 110), (EDGES[:-1] >= 94) & (EDGES[:-1] < 100)
    moved = np.floor(y[above] * 0.3)
    y[above] -= moved
    y[below] += moved.sum() / below.sum()
    found = bunching(y, EDGES, 100, below=6, above=10)
    assert found.p_value < 1e-6 and found.effect == pytest.approx(moved.sum() / SMOOTH[below].sum(), abs=0.1)


def test_a_round_tariff_at_the_threshold_is_controlled_for() -> None:
    tariff = SMOOTH * np.where(
        EDGES[:-1] % 10 == 0, 2.0, 1.0
    )  # every multiple of 10 yuan is twice as frequent
    y = drawn(2, tariff)
    naive = bunching(y, EDGES, 102, below=2)  # the bin [100, 102)
    fair = bunching(y, EDGES, 102, below=2, round_to=(10.0,))
    assert naive.p_value < 0.01 and naive.effect > 0.5
    assert fair.p_value > 0.01 and abs(fair.effect) < 0.15


def test_refusals() -> None:
    assert "outside the window" in bunching(SMOOTH * 0.001, EDGES, 100, below=6).reason
    assert "no bin" in bunching(SMOOTH, EDGES, 0, below=1).reason
    only = bunching(SMOOTH, EDGES, 102, below=2, round_to=(100.0,), above=0)
    assert only.applicable  # 0 is another multiple of 100
    assert "roundness" in bunching(SMOOTH[10:], EDGES[10:], 102, below=2, round_to=(100.0,)).reason
    with pytest.raises(ValueError):
        bunching(SMOOTH, EDGES[:-1], 100, below=6)
