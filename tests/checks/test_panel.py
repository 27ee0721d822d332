"""The expectation model: calm on honest unrest, prompt on a break, deaf to what the peers share."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import numpy as np
import polars as pl
import pytest

from checks import panel
from checks.frames import Frames
from checks.panel import Array, Signal, Track

PLATFORMS = tuple(f"P{i:02d}" for i in range(1, 12))
PROVINCES = tuple(f"{i}0000" for i in range(11, 23))
ORDERS = Signal("orders", "count", "day.orders", min_effect=0.02, min_n=50)
BUDGET = 13.0  # about what the evidence step asks for


def framed(counts: Array) -> Frames:
    days = tuple(date(2025, 8, 1) + timedelta(days=i) for i in range(counts.shape[2]))
    tables = {
        "platform": pl.DataFrame({"platform_code": PLATFORMS, "industry": ["ride"] * 4 + ["food"] * 5 + ["freight"] * 2}),
        "unit": pl.DataFrame(),
    }  # fmt: skip
    frames = Frames(days[-1], PLATFORMS, PROVINCES, days, tables)
    frames.cubes["day", "orders"] = np.concatenate([counts, counts.sum(axis=1, keepdims=True)], axis=1)
    return frames


def honest(seed: int, days: int = 90, linked: float = 0.5) -> Array:
    """Orders a day with weekdays, province shocks, platform unrest and heavy-tailed, autocorrelated noise."""
    rng = np.random.default_rng(seed)

    def noise(shape: tuple[int, ...], size: float) -> Array:
        steps = rng.standard_t(5, shape) * size
        for t in range(1, shape[-1]):
            steps[..., t] = linked * steps[..., t - 1] + np.sqrt(1 - linked**2) * steps[..., t]
        return steps

    p, v = len(PLATFORMS), len(PROVINCES)
    week = rng.normal(0, 0.1, 7)[np.arange(days) % 7]
    base = np.exp(rng.normal(6.5, 0.5, (p, v, 1)))
    rate = base * np.exp(
        week + noise((1, v, days), 0.08) + noise((p, 1, days), 0.01) + noise((p, v, days), 0.03)
    )
    return rng.poisson(rate).astype(float)


def tracked(counts: Array) -> Track:
    return panel.run(framed(counts), [ORDERS])["orders"]


def alarms(track: Track, side: str) -> Any:
    log_e = track.up if side == "up" else track.down
    return np.where(panel.matters(track, side), log_e, 0) > BUDGET


def test_honest_unrest_hardly_ever_alarms() -> None:
    cells = sum(int(alarms(tracked(honest(seed)), "down").any(axis=2).sum()) for seed in (1, 2, 3))
    platform_years = 3 * len(PLATFORMS) * 90 / 365
    assert cells / platform_years < 0.5


def test_a_tenth_less_from_a_day_on_is_found_within_a_week_and_not_before() -> None:
    counts = honest(4)
    counts[2, 3, 60:] *= 0.8
    found = alarms(tracked(counts), "down")[2, 3]
    assert not found[:60].any()
    assert found[60:67].any()


def test_the_start_told_is_the_day_it_began() -> None:
    counts = honest(5)
    counts[2, 3, 60:] *= 0.7
    track = tracked(counts)
    assert abs(int(track.start_down[2, 3, 66]) - 60) <= 1
    assert track.effect_down[2, 3, 66] == pytest.approx(np.log(0.7), abs=0.1)


def test_what_all_peers_share_is_no_evidence() -> None:
    """A typhoon takes a third of a province's orders for four days, on every platform."""
    counts = honest(6)
    counts[:, 5, 60:64] *= 0.66
    assert not alarms(tracked(counts), "down")[:, 5].any()


def test_a_falsifying_peer_is_not_its_neighbours_evidence() -> None:
    counts = honest(7)
    counts[2, :, 60:] *= 0.5
    found = alarms(tracked(counts), "up")
    found[2] = False
    assert not found.any()


def test_days_that_were_not_reported_are_no_zeros() -> None:
    counts = honest(8)
    counts[2, 3, 60:64] = np.nan
    with np.errstate(invalid="ignore"):
        track = tracked(counts)
    assert not alarms(track, "down")[2, 3].any()
    assert not track.tested[2, 3, 60:64].any()


def test_two_weeks_are_needed_before_anything_is_said() -> None:
    track = tracked(honest(9, days=20))
    assert not track.tested[:, :, : panel.BURN_IN].any()
    assert track.tested[:, :, panel.BURN_IN :].all()


def test_shares_and_means() -> None:
    rng = np.random.default_rng(10)
    orders = honest(10)
    night = rng.binomial(orders.astype(int), 0.2).astype(float)
    night[1, 1, 60:] *= 0.6
    frames = framed(orders)
    frames.cubes["day", "night"] = np.concatenate([night, night.sum(axis=1, keepdims=True)], axis=1)
    frames.cubes["day", "sum"] = frames.cubes["day", "orders"] * 2.0
    frames.cubes["day", "sum"][3, 2, 60:] *= 1.1
    frames.cubes["day", "square"] = frames.cubes["day", "orders"] * 4.5
    tracks = panel.run(
        frames,
        [Signal("night", "share", "day.night", "day.orders"), Signal("mean", "mean", "day.sum", "day.orders", "day.square", min_effect=0.01)],
    )  # fmt: skip
    assert alarms(tracks["night"], "down")[1, 1, 60:66].any()
    assert not alarms(tracks["night"], "down")[0].any()
    assert alarms(tracks["mean"], "up")[3, 2, 60:66].any()


def test_a_platform_alone_has_no_peers() -> None:
    counts = honest(12)[:1, :1]
    days = tuple(date(2025, 8, 1) + timedelta(days=i) for i in range(counts.shape[2]))
    tables = {
        "platform": pl.DataFrame({"platform_code": ["P01"], "industry": ["ride"]}),
        "unit": pl.DataFrame(),
    }
    frames = Frames(days[-1], ("P01",), PROVINCES[:1], days, tables)
    frames.cubes["day", "orders"] = np.concatenate([counts, counts], axis=1)
    assert panel.run(frames, [ORDERS])["orders"].tested.any()


def test_the_median_is_numpy_s() -> None:
    rng = np.random.default_rng(11)
    values = rng.normal(size=(4, 9, 5))
    values[rng.random(values.shape) < 0.3] = np.nan
    values[1, :, 2] = np.nan
    with pytest.warns(RuntimeWarning):
        expected = np.nan_to_num(np.nanmedian(values, axis=1, keepdims=True))
    assert np.allclose(panel.median(values, axis=1), expected)
