"""Sizes and their spread: what is drawn adds up, no platform and no province is left out, and the power is what was wished."""

from __future__ import annotations

import numpy as np
import pytest

from checks import draw

REPORTED = {("P01", "310000"): 90_000.0, ("P01", "440000"): 900.0, ("P02", "310000"): 10.0}


def test_every_platform_gets_its_size_however_small() -> None:
    sized = draw.size(0.02, 0.95, tolerated=0.0001)
    cells = draw.plan(sized, REPORTED, nights=7, test_share=0.2, response=0.5, salt="s")
    for platform in ("P01", "P02"):
        own = [cell for cell in cells if cell.platform_code == platform]
        assert sum(cell.answers + sum(cell.tests) for cell in own) == sized.total
        assert sum(sum(cell.tests) for cell in own) == round(0.2 * sized.total)
    assert all(sum(cell.calls) >= cell.answers / 0.5 for cell in cells)
    assert all(max(cell.calls) - min(cell.calls) <= 1 for cell in cells)
    shanghai, guangdong = cells[0], cells[1]
    assert 8 < shanghai.answers / guangdong.answers < 12, "by the square root: 10:1, not 100:1"


def test_a_hundred_times_the_orders_is_not_a_hundred_times_the_sample_and_one_is_the_least() -> None:
    assert draw.allocate(5, {"a": 1e9, "b": 1.0, "c": 1.0}) == {"a": 3, "b": 1, "c": 1}
    assert draw.allocate(2, {"a": 1e9, "b": 1.0, "c": 1.0})["a"] == 2
    assert draw.allocate(0, {"a": 1.0}) == {"a": 0}


def test_a_published_size() -> None:
    """299 unclustered orders, all present, exclude 1% at 95% (detection.md §1)."""
    sized = draw.size(0.01, 0.95, tolerated=0.0001)
    assert sized.exclude == 299 and sized.total == max(sized.see, 299)
    assert draw.visible_share(299, 0.95) == pytest.approx(0.00997, abs=1e-5)


def test_the_power_is_what_was_wished() -> None:
    """Simulated: with the share dropped, at least the wished part of samples reaches the number missing for evidence."""
    sized = draw.size(0.02, 0.9, tolerated=0.0005)
    missing = np.random.default_rng(1).binomial(sized.see, 0.02, 20_000)
    assert (missing >= sized.deviations).mean() > 0.89
    honest = np.random.default_rng(2).binomial(sized.see, 0.0005, 20_000)
    assert (honest >= sized.deviations).mean() < 0.05


def test_a_share_that_is_tolerated_has_no_size() -> None:
    with pytest.raises(ValueError, match="tolerated"):
        draw.size(0.01, 0.95, tolerated=0.02)


def test_nights_follow_from_the_salt_alone() -> None:
    counts = draw.spread(10, 7, "a")
    assert sum(counts) == 10 and set(counts) == {1, 2}
    assert draw.spread(10, 7, "a") == counts
    assert sorted(draw.slots(counts, "a")) == [night for night, n in enumerate(counts) for _ in range(n)]
    assert draw.slots(counts, "a") != draw.slots(counts, "b")
