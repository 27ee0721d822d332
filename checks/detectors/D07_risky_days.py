"""Risky days thinned (高风险日缺单): on days off, and on days when the whole province moved, the cell falls short.

Ordinary days are passed over, so that a shortfall which comes back on risky days alone adds up.
"""

from __future__ import annotations

import json
from datetime import timedelta

import numpy as np
import polars as pl
from numpy.typing import NDArray

from checks import patterns
from checks.detectors import Detector, Settings
from checks.evidence import weights
from checks.frames import Frames
from checks.panel import CEILING, Array, Signal, Track

DETECTOR = Detector(
    id="D07",
    title_zh="高风险日订单缺失",
    title_en="Risky days thinned",
    schemes=("F07", "F02"),
    looks_zh="休息日（节日前后除外）和全省订单异动的日子（天气、活动）里，扣除同业变动后本单位是否一再偏少，而平日不少。",
    looks_en="On days off (not around holidays) and days when the province as a whole moved, does the cell fall short of its peers again and again, and not on ordinary days?",
    errs_zh="恶劣天气暂停服务的安全政策；节假日运力不足。",
    errs_en="A policy of pausing service in bad weather; a lack of riders on holidays.",
    ask_zh="请平台提供这些日期的停运公告和派单日志。",
    ask_en="Ask for notices of suspension and dispatch logs of these days.",
    unit="log ratio",
    source="likelihood-ratio CUSUM on peer-adjusted residuals of risky days (checks/panel.py)",
)
SIGNALS: tuple[Signal, ...] = ()
MOVED = 0.08  # log: a province that moved so much against the weeks before had something special that day
LEAST = 0.055  # log: a shortfall that matters
SHIFT = 1.5  # standard deviations
CLIP = 3.5
CAUTION = 4.0  # nats: platforms differ honestly in how holidays and weather move them
MIN_RISKY = 4
TRACK = "orders"  # of D03


def risky(frames: Frames, track: Track) -> NDArray[np.bool_]:
    """(province…, national) × day: a day off by the calendar, or one on which the platforms' median moved.

    Named holidays and the days around them are left out: they move goods, meals and people each in their own way.
    """
    calendar = frames.tables["calendar"]
    off = {row[0] for row in calendar.filter(~pl.col("is_workday")).select("date").iter_rows()}
    named = {row[0] for row in calendar.filter(pl.col("holiday_en").is_not_null()).select("date").iter_rows()}
    near = {day + timedelta(days=i) for day in named for i in range(-2, 3)}
    holiday = np.array([day in off for day in frames.days])
    apart = np.array([day not in near for day in frames.days])
    expected = track.expected
    weeks = np.full((2, *expected.shape), np.nan)
    for i, lag in enumerate((7, 14)):
        weeks[i, ..., lag:] = expected[..., :-lag]
    known = np.isfinite(weeks)
    before = np.where(known, weeks, 0).sum(axis=0) / np.maximum(known.sum(axis=0), 1)
    moved = np.where(known.any(axis=0) & np.isfinite(expected), expected - before, 0.0)
    common = np.median(moved, axis=0)
    return apart[None, :] & (holiday[None, :] | (np.abs(common) >= MOVED))


def detect(frames: Frames, *, settings: Settings) -> pl.DataFrame:
    """One row per cell: shortfalls on risky days, beyond those of ordinary days."""
    track = settings.tracks.get(TRACK)
    if track is None:
        return patterns.nowhere(frames, "not_applicable", "没有单量序列 / no series of orders")
    days = risky(frames, track)
    usable = track.tested & np.isfinite(track.residual)
    on, ordinary = usable & days[None], usable & ~days[None]
    sigma = np.sqrt(track.unrest**2 + 1 / np.maximum(np.nan_to_num(track.n), 1))
    usual = _running(np.where(ordinary, track.residual, np.nan))
    z = np.where(
        on,
        np.clip(
            (np.nan_to_num(track.residual) - np.minimum(usual, 0)) / np.maximum(sigma, 1e-6), -CLIP, CLIP
        ),
        0,
    )
    log_e, since = np.zeros(frames.shape[:2]), np.full(frames.shape[:2], frames.shape[2] - 1)
    for t in range(frames.shape[2]):
        gain = np.where(on[..., t], -SHIFT * z[..., t] - SHIFT * SHIFT / 2, 0.0)
        since = np.where((log_e <= 0) & (gain > 0), t, since)
        log_e = np.clip(log_e + gain, 0, CEILING)
    effect = _mean_since(np.where(on, track.residual, np.nan), since) - np.minimum(
        _mean_since(np.where(ordinary, track.residual, np.nan), since), 0
    )
    value = np.where(on.sum(axis=2) >= MIN_RISKY, np.maximum(log_e - CAUTION, 0), np.nan)
    bound = np.maximum(LEAST, 0.75 * track.unrest[..., -1])
    speaks = json.dumps(weights(F07=1.0, F02=0.1))
    return patterns.of_arrays(
        frames,
        value,
        matters=lambda p, v: bool(effect[p, v] <= -bound[p, v]),
        effect=effect,
        statistic=lambda p, v: float(on[p, v, since[p, v] :].sum()),
        expected=lambda p, v: 0.0,
        n=lambda p, v: float(np.nansum(np.where(on, track.n, 0)[p, v, since[p, v] :])),
        period_from=lambda p, v: frames.days[since[p, v]],
        schemes=lambda p, v: speaks,
        sentence_zh=lambda p, v: f"自 {frames.days[since[p, v]]} 起的休息日和异动日，单量比应有的低 {-effect[p, v]:.1%}，平日不低",
        sentence_en=lambda p, v: f"On days off and days of a common movement since {frames.days[since[p, v]]}, orders lie {-effect[p, v]:.1%} below expectation, ordinary days do not",
        evidence=lambda p, v: _cells(frames, track, on, p, v, int(since[p, v])),
    )  # fmt: skip


def _running(values: Array) -> Array:
    """Mean of the known values of the two weeks before each day; 0 where there is none."""
    total, count = np.zeros(values.shape), np.zeros(values.shape)
    for lag in range(1, 15):
        moved = np.full(values.shape, np.nan)
        moved[..., lag:] = values[..., :-lag]
        known = np.isfinite(moved)
        total, count = total + np.where(known, moved, 0), count + known
    mean: Array = total / np.maximum(count, 1)
    return mean


def _mean_since(values: Array, since: NDArray[np.int64]) -> Array:
    later = np.arange(values.shape[2])[None, None, :] >= since[..., None]
    known = np.isfinite(values) & later
    mean: Array = np.where(known, values, 0).sum(axis=2) / np.maximum(known.sum(axis=2), 1)
    return mean


def _cells(frames: Frames, track: Track, on: NDArray[np.bool_], p: int, v: int, since: int) -> str:
    days = [t for t in range(since, frames.shape[2]) if on[p, v, t]][-patterns.CELLS :]
    return json.dumps(
        [
            {"label": str(frames.days[t]), "observed": round(float(np.exp(track.y[p, v, t]) - 0.5), 1),
             "expected": round(float(np.exp(track.expected[p, v, t]) - 0.5), 1)}
            for t in days
        ]
    )  # fmt: skip
