"""PELT: the Nile, a step put in, a series without one, refusals."""

import numpy as np
import pytest
from statsmodels.datasets import nile

from checks.statistics.change import pelt


def test_the_nile_changes_at_28() -> None:
    volume = nile.load_pandas().data["volume"].to_numpy()
    found = pelt(volume)
    assert found.at.tolist() == [28]  # 1871 + 28 = 1899, the year after Cobb's (1978) change
    assert found.level == pytest.approx([1097.75, 849.97], abs=0.01) and found.step == pytest.approx(
        [-247.78], abs=0.01
    )


def test_a_step_is_dated_across_missing_nights_and_noise_alone_is_silent() -> None:
    rng = np.random.default_rng(1)
    x = rng.normal(size=120)
    x[70:] -= 2
    x[10:15] = np.nan
    assert np.abs(pelt(x).at - 70).max() <= 2 and pelt(x).at.size == 1
    alarms = sum(pelt(rng.normal(size=120)).at.size > 0 for _ in range(100))
    assert alarms <= 10


def test_refusals() -> None:
    assert "fewer than 20" in pelt([1.0] * 10).reason
    assert "does not vary" in pelt([1.0] * 40).reason and not pelt([1.0] * 40).applicable
