"""Smoothed series (平滑化序列): counts that vary less than counts of people can.

A night's orders, given everything known before it, vary at least as much as a Poisson count does: weather, weekdays and
custom only add. Whoever sends the mean of the last days, or a curve in place of the hours, sends numbers that lie closer to
what was to be expected than chance allows. No past is needed, and it does not matter when it began. Workers who are busy all the
time even an hour out, so the honest bound lies below Poisson's.
"""

from __future__ import annotations

import json

import numpy as np
import polars as pl
from numpy.typing import NDArray
from scipy.fft import dct

from checks import panel, patterns
from checks.detectors import Detector, Settings
from checks.evidence import weights
from checks.frames import Frames
from checks.panel import CEILING, Array, Signal

DETECTOR = Detector(
    id="D26",
    title_zh="序列过于平滑",
    title_en="A series too smooth",
    schemes=("F26", "F08"),
    looks_zh="每日单量与前几日均值之差、各小时单量与惯常曲线之差，是否小于偶然波动所容许的下限。",
    looks_en="Do daily orders lie closer to the mean of the days before, and the hours closer to the usual curve, than chance allows?",
    errs_zh="按名额派单的业务（每日单量固定）；从业人员极少且班次固定。",
    errs_en="Business dispatched by quota (a fixed number a day); very few workers with fixed shifts.",
    ask_zh="请平台提供原始派单日志，核对是否以均值或插值代替实际数据。",
    ask_en="Ask for the raw dispatch log; were means or interpolation sent in place of data?",
    unit="variance over the least honest variance − 1",
    source="under-dispersion (Kobak 2022) as a likelihood-ratio e-process against predictable means",
)
SIGNALS: tuple[Signal, ...] = ()
HONEST_DAYS = 0.6  # least honest variance of a night's orders, in units of Poisson's
HONEST_HOURS = 0.5  # of the fast variation of the hours
SHRUNK = np.array([0.15, 0.03])  # variance of a smoothed series, in units of Poisson's
ROUNDING = 0.29  # variance that whole numbers have at least
MIN_ORDERS = 40.0  # a night
MIN_LAMBDA = 3.0  # orders in an hour that is looked at
MIN_DAYS = 10
STEPS = np.array([0.5, 0.33])  # of the usual step from night to night, what smoothing leaves
STEP_DAYS = 14  # steps that show what is usual
STEP_LOOK = 21  # nights that a run of small steps is followed back
LAG = 7  # nights that are not yet the past
STEP_CAUTION = 2.0  # nats: quiet weeks come by themselves
NATIONAL_EFFECT = 1.5  # the provinces of a platform are quiet together
LOG_T5 = float(
    np.log(8 / (3 * np.pi * np.sqrt(5)))
)  # density of Student's t with five degrees of freedom, at 0
USUAL = 28  # days of which the usual curve is made


def detect(frames: Frames, *, settings: Settings) -> pl.DataFrame:
    """One row per cell: smoothed days, or smoothed hours."""
    return patterns.together(
        [
            _rows(frames, *_days(frames), "day"),
            _rows(frames, *_hours(frames), "hour"),
            _rows(frames, *_steps(frames), "step"),
        ]
    )


def gain(squared: Array, variance: Array, honest: float) -> Array:
    """log likelihood ratio of a smoothed against the least honest variance, for each of SHRUNK; leading axis."""
    shrunk = SHRUNK.reshape(-1, *(1,) * squared.ndim) * variance + ROUNDING
    least = np.maximum(honest * variance, shrunk)
    ratio: Array = 0.5 * np.log(least / shrunk) - 0.5 * squared * (1 / shrunk - 1 / least)
    return ratio


def run(gains: Array) -> tuple[Array, NDArray[np.int64]]:
    """(log e, first day) of the last day, from gains alternative × platform × province × day; NaN passes a day over."""
    held, start = np.zeros(gains.shape[:3]), np.full(gains.shape[1:3], gains.shape[3] - 1, dtype=np.int64)
    before = np.zeros(gains.shape[1:3])
    for day in range(gains.shape[3]):
        held = np.clip(held + np.clip(np.nan_to_num(gains[..., day]), -8, 4), 0, CEILING)
        top = held.max(axis=0)
        log_e = top + np.log(np.exp(held - top).mean(axis=0))
        start = np.where((before <= 1e-9) & (log_e > 1e-9), day, start)
        before = log_e
    return before, start


def _days(frames: Frames) -> tuple[Array, NDArray[np.int64], Array]:
    """(log e, first day, variance over the least honest) of the nights' totals against the days before."""
    orders = frames.cube("cell_day", "orders")
    day_1, day_2, day_3 = (_before(orders, lag) for lag in (1, 2, 3))
    week = _mean(np.stack([_before(orders, lag) for lag in range(1, 8)]), 0)
    of_three = (day_1 + day_2 + day_3) / 3
    gains, ratios = [], []
    for expected in (of_three, day_1, week):
        usable = np.isfinite(orders) & np.isfinite(expected) & (expected >= MIN_ORDERS)
        squared = np.where(usable, (orders - expected) ** 2, np.nan)
        variance = np.where(usable, expected, np.nan)
        each = gain(squared, variance, HONEST_DAYS)
        # nationally: the provinces' evidence together, for what is smoothed is smoothed before it is added up
        each[:, :, -1] = np.where(usable[:, :-1].any(axis=1), np.nansum(each[:, :, :-1], axis=2), np.nan)
        ratio = squared / variance / HONEST_DAYS
        ratio[:, -1] = _mean(ratio[:, :-1], 1)
        gains.append(each)
        ratios.append(ratio)
    log_e, start = run(np.concatenate(gains))
    few = np.isfinite(ratios[0]).sum(axis=2) < MIN_DAYS
    return np.where(few, np.nan, log_e), start, np.stack(ratios)


def _steps(frames: Frames) -> tuple[Array, NDArray[np.int64], Array]:
    """The same of the steps from night to night, against those of the cell's own past: a mean of three days takes a third.

    Peers who lately step less too (no holiday, no storm) make the honest step smaller; a Student density is honest about
    how often small steps come.
    """
    y = np.log(np.maximum(frames.cube("cell_day", "orders"), 0.5))
    steps = np.abs(y - _before(y, 1))
    steps[~(frames.cube("cell_day", "orders") >= MIN_ORDERS)] = np.nan
    gains, ratios = np.full((len(STEPS), *frames.shape), np.nan), np.full((1, *frames.shape), np.nan)
    for t in range(max(STEP_DAYS + LAG, frames.shape[2] - STEP_LOOK), frames.shape[2]):
        past = steps[..., max(0, t - LAG - USUAL) : t - LAG]
        known = np.isfinite(past)
        usual = np.where(known.sum(axis=2) >= STEP_DAYS, _median(past) / 0.6745, np.nan)
        usual = np.where(usual > 0, usual, np.nan)
        lately = _mean(steps[..., t - 6 : t + 1], 2) / usual
        calm = np.array(
            [_median(np.delete(lately[:, :-1], p, axis=0).ravel()) for p in range(frames.shape[0])]
        )
        width = usual * np.clip(np.nan_to_num(calm / 0.8, nan=1.0), 0.29, 1.0)[:, None]
        z = steps[..., t] / np.where(width > 0, width, np.nan)
        for i, shrink in enumerate(STEPS):
            log_alt = -0.5 * (z / shrink) ** 2 - np.log(shrink) - 0.5 * np.log(2 * np.pi)
            log_null = LOG_T5 - 3 * np.log1p(z * z / 5)
            gains[i, ..., t] = np.clip(log_alt - log_null, -6, 4)
        ratios[0, ..., t] = z * z
    together = np.nansum(gains[:, :, :-1], axis=2) / NATIONAL_EFFECT
    gains[:, :, -1] = np.where(np.isfinite(gains[0, :, :-1]).any(axis=1), together, np.nan)
    ratios[0, :, -1] = _mean(ratios[0, :, :-1], 1)
    log_e, start = run(gains)
    few = np.isfinite(ratios[0]).sum(axis=2) < 3
    return np.where(few, np.nan, np.maximum(log_e - STEP_CAUTION, 0)), start, ratios


def _median(values: Array) -> Array:
    """Median of what is known along the last axis; NaN where nothing is."""
    known = np.isfinite(values).any(axis=-1)
    middle: Array = np.where(known, panel.median(values, axis=-1)[..., 0], np.nan)
    return middle


def _mean(values: Array, axis: int) -> Array:
    """Mean of what is known along an axis; NaN where nothing is."""
    known = np.isfinite(values)
    count = known.sum(axis=axis)
    mean: Array = np.where(
        count > 0, np.where(known, values, 0).sum(axis=axis) / np.maximum(count, 1), np.nan
    )
    return mean


def _before(cube: Array, lag: int) -> Array:
    moved = np.full(cube.shape, np.nan)
    moved[..., lag:] = cube[..., :-lag]
    return moved


def _hours(frames: Frames) -> tuple[Array, NDArray[np.int64], Array]:
    """The same of the fast half of the hours' spectrum: what a curve drawn through the hours takes away."""
    rows = frames.tables["cell_hour"]
    counts = np.zeros((*frames.shape, 24))
    where = frames.index(rows)
    if where is not None:
        keep, (p, v, t) = where
        hour = rows["hour_no"].to_numpy()[keep].astype(np.int64)
        np.add.at(counts, (p, v, t, hour), rows["orders"].to_numpy()[keep].astype(float))
    gains, ratios = np.full((len(SHRUNK), *frames.shape), np.nan), np.full((1, *frames.shape), np.nan)
    for p_i, v_i in patterns.cells(frames, False):
        known = np.flatnonzero(frames.reported[p_i, v_i] & (counts[p_i, v_i].sum(axis=1) >= MIN_ORDERS))
        if len(known) < MIN_DAYS:
            continue
        x = counts[p_i, v_i, known]
        curve = x[-USUAL:].sum(axis=0) / x[-USUAL:].sum()
        expected = x.sum(axis=1, keepdims=True) * curve
        used = expected.mean(axis=0) >= MIN_LAMBDA
        if used.sum() < 8:
            continue
        z = (x[:, used] - expected[:, used]) / np.sqrt(np.maximum(expected[:, used], 1))
        waves = dct(z, axis=1, norm="ortho")
        fast = waves[:, waves.shape[1] // 2 :] ** 2
        rounding = ROUNDING / expected[:, used].mean(axis=1, keepdims=True)
        shrunk = SHRUNK[:, None, None] + rounding[None]
        odds = 0.5 * np.log(np.maximum(HONEST_HOURS / shrunk, 1)) - 0.5 * fast * np.maximum(
            1 / shrunk - 1 / HONEST_HOURS, 0
        )
        gains[:, p_i, v_i, known] = odds.sum(axis=2)
        ratios[0, p_i, v_i, known] = fast.mean(axis=1) / HONEST_HOURS
    there = np.isfinite(gains[0, :, :-1]).any(axis=1)
    gains[:, :, -1] = np.where(there, np.nansum(gains[:, :, :-1], axis=2), np.nan)
    ratios[0, :, -1] = _mean(ratios[0, :, :-1], 1)
    log_e, start = run(gains)
    few = np.isfinite(ratios[0]).sum(axis=2) < MIN_DAYS
    return np.where(few, np.nan, log_e), start, ratios


def _rows(frames: Frames, log_e: Array, start: NDArray[np.int64], ratios: Array, what: str) -> pl.DataFrame:
    last = frames.shape[2] - 1

    def mean(p: int, v: int) -> float:
        """Variance over the least honest since the evidence began; of the expectation that fits best."""
        since = ratios[:, p, v, start[p, v] :]
        known = np.isfinite(since)
        each = np.where(known, since, 0).sum(axis=1) / np.maximum(known.sum(axis=1), 1)
        return float(each.min())

    zh, en = {
        "day": ("每日单量与前几日均值", "Daily orders and the days before"),
        "hour": ("各小时单量与惯常曲线", "The hours and the usual curve"),
        "step": ("逐日变化与自身以往", "Steps from night to night and those of the past"),
    }[what]
    orders = frames.cube("cell_day", "orders")
    speaks = json.dumps(weights(F26=1.0, F08=0.1))
    return patterns.of_arrays(
        frames,
        log_e,
        matters=lambda p, v: bool(log_e[p, v] > 0 and mean(p, v) < (0.35 if what == "step" else 0.6)),
        effect=lambda p, v: mean(p, v) - 1,
        statistic=mean,
        expected=lambda p, v: 1.0,
        n=lambda p, v: float(np.nansum(orders[p, v, start[p, v] :])),
        period_from=lambda p, v: frames.days[start[p, v] if log_e[p, v] > 0 else last],
        schemes=lambda p, v: speaks,
        sentence_zh=lambda p, v: f"{zh}之差只有偶然波动下限的 {mean(p, v):.0%}",
        sentence_en=lambda p, v: f"{en} differ by {mean(p, v):.0%} of the least that chance demands",
        evidence=lambda p, v: _worst(frames, orders, p, v, int(start[p, v])),
    )  # fmt: skip


def _worst(frames: Frames, orders: Array, p: int, v: int, since: int) -> str:
    days = range(max(since, frames.shape[2] - patterns.CELLS, 3), frames.shape[2])
    return json.dumps(
        [
            {"label": str(frames.days[t]), "observed": float(np.nan_to_num(orders[p, v, t])),
             "expected": round(float(np.nan_to_num(orders[p, v, t - 3 : t].mean())), 1)}
            for t in days
        ]
    )  # fmt: skip
