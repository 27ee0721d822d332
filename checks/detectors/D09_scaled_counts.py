"""Scaled counts (按比例缩减): the missing serials are the same share of every day, province and hour, to the very order.

Where orders were numbered anew, the serials that others saw tell how many were taken out between two of them.

Whoever drops orders for a reason drops them by chance as far as their number goes: the share missing varies from day to day
and from province to province at least as a binomial does. A share that is the same everywhere was made by multiplication.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np
import polars as pl

from checks import patterns
from checks.detectors import Detector, Settings
from checks.detectors.D01_serial_gaps import missing_serials
from checks.evidence import weights
from checks.frames import Frames
from checks.missing import distances
from checks.panel import CEILING, Array, Signal

DETECTOR = Detector(
    id="D09",
    title_zh="按固定比例缩减",
    title_en="Counts scaled by one ratio",
    schemes=("F09",),
    looks_zh="缺失序号占应有序号的份额，各日、各省之间（重新编号的，各核验单之间）是否相同得超出偶然。",
    looks_en="Is the share of serials that are missing the same on all days and in all provinces (where numbered anew, between all checked orders), more so than chance allows?",
    errs_zh="序号按固定规则跳号（如每二十号留空一号）。",
    errs_en="A numbering that skips by rule (every twentieth number left out).",
    ask_zh="请平台说明编号规则，补报缺失序号对应的订单。",
    ask_en="Ask how serials are given, and for the orders behind those missing.",
    unit="variance over binomial − 1",
    explains=("D25",),
    source="binomial under-dispersion as a likelihood-ratio e-process (Kobak 2022)",
)
SIGNALS: tuple[Signal, ...] = ()
LEAST_SHARE = 0.01  # of serials missing: below it rounding is all that is left
LEAST_EXPECTED = 4.0  # missing serials of a day
HONEST = 0.7  # least honest variance, in units of the binomial's
SHRUNK = 0.08
ROUNDING = 0.6  # variance of a share of each hour, rounded to whole orders and added up
LOOK = 14
EVEN = 0.42  # variance over the binomial's below which it matters
LEAST_HOURS = 1.0  # a stretch within an hour says nothing of how even hours are
LEAST_IN_STRETCH = 2.0  # orders missing of a stretch
LEAST_STRETCHES = 12
NOT_RENUMBERED = "核验单没有显示重新编号 / no checked order shows that numbers were made anew"


def detect(frames: Frames, *, settings: Settings) -> pl.DataFrame:
    """One row per cell: shares missing that agree too well with those of the platform's other days and provinces."""
    return patterns.together([_of_holes(frames), _of_distances(frames)])


def _of_distances(frames: Frames) -> pl.DataFrame:
    """Numbered anew: between any two known orders the same share is missing. Of whole platforms, since it began."""
    stretches = distances(frames).filter((pl.col("hours") >= LEAST_HOURS) & pl.col("day").is_not_null())
    if not stretches["missing"].sum():
        return patterns.nowhere(frames, "not_applicable", NOT_RENUMBERED)
    answers = [_even(stretches.filter(pl.col("platform_code") == code)) for code in frames.platforms]
    rows = []
    for p, v in patterns.cells(frames, True):
        even = answers[p]
        row = patterns.row_of(frames, p, v)
        if v < len(frames.provinces) or even is None:
            rows.append(row | {"outcome": "not_applicable", "reason": NOT_RENUMBERED})
            continue
        row |= {
            "outcome": "tested", "log_e": even.log_e, "matters": even.ratio < EVEN, "effect": even.ratio - 1, "statistic": even.ratio,
            "expected": 1.0, "n": float(even.stretches), "period_from": even.since, "schemes": json.dumps(weights(F09=1.0, F02=0.2)),
            "sentence_zh": f"已重新编号：{even.stretches} 段核验单之间缺失都占约 {even.share:.2%}，差异只有偶然应有的 {even.ratio:.0%}",
            "sentence_en": f"Numbered anew: about {even.share:.2%} is missing in each of {even.stretches} stretches between checked orders; "
            f"it varies by {even.ratio:.0%} of what chance demands",
            "evidence": json.dumps(even.cells),
        }  # fmt: skip
        rows.append(row)
    return patterns.frame_of(rows)


@dataclass(frozen=True)
class Even:
    """How evenly a platform's missing orders are spread over its stretches: evidence, variance over the binomial's."""

    log_e: float
    ratio: float
    share: float
    stretches: int
    since: date
    cells: list[dict[str, Any]]


def _even(stretches: pl.DataFrame) -> Even | None:
    began = stretches.filter(pl.col("missing") > 0)["day"].min()
    if began is None:
        return None
    mine = stretches.filter(pl.col("day") >= began).sort("day", "province_code", "n", "missing")
    k, n, hours = (mine[name].to_numpy() for name in ("missing", "n", "hours"))
    share = float(k.sum() / n.sum())
    expected, variance = share * n, np.maximum(share * (1 - share) * n, 1e-9)
    usable = (expected >= LEAST_IN_STRETCH) & (share >= LEAST_SHARE)
    if usable.sum() < LEAST_STRETCHES:
        return None
    # which orders of an hour go is chance even where how many of them is not: two hours are cut by a stretch's ends
    cut = share * (1 - share) * (n / hours) / 3
    shrunk = np.minimum(SHRUNK * variance + cut + ROUNDING, variance)
    honest = np.maximum(HONEST * variance, shrunk)
    distance = (k - expected) ** 2
    gain = _gain(distance, honest, shrunk)
    log_e = float(np.clip(np.where(usable, gain, 0.0).sum(), 0, CEILING))
    by_day = mine.filter(pl.Series(usable)).group_by("day").agg(pl.col("missing", "n").sum()).sort("day")
    cells = [
        {"label": str(row["day"]), "observed": row["missing"], "expected": round(share * row["n"], 2)}
        for row in by_day.tail(patterns.CELLS).iter_rows(named=True)
    ]
    return Even(log_e, float((distance / variance)[usable].mean()), share, int(usable.sum()), began, cells)  # type: ignore[arg-type]


def _gain(distance: Array, honest: Array, shrunk: Array) -> Array:
    """Nats by which a squared distance speaks for the shrunk variance against the honest one; one of them says only so much."""
    gain: Array = np.clip(0.5 * np.log(honest / shrunk) - 0.5 * distance * (1 / shrunk - 1 / honest), -8, 4)
    return gain


def _of_holes(frames: Frames) -> pl.DataFrame:
    """Not numbered anew: each day's and province's holes."""
    gap, span = missing_serials(frames)
    last = frames.shape[2]
    first = max(0, last - LOOK)
    if not np.nansum(gap):
        return patterns.nowhere(frames, "not_applicable", "没有断号 / no serials are missing")
    log_e, since = np.zeros(frames.shape[:2]), np.full(frames.shape[:2], last - 1)
    total, days = np.zeros(frames.shape[:2]), np.zeros(frames.shape[:2])
    share_seen = np.zeros(frames.shape[:2])
    for t in range(first, last):
        expected, share = _expected(gap, span, first, t)
        variance = np.maximum(expected * (1 - share), 1e-9)
        usable = np.isfinite(gap[:, :-1, t]) & (share >= LEAST_SHARE) & (expected >= LEAST_EXPECTED)
        shrunk = SHRUNK * variance + ROUNDING
        honest = np.maximum(HONEST * variance, shrunk)
        distance = np.where(usable, (gap[:, :-1, t] - expected) ** 2, 0.0)
        gain = np.where(usable, _gain(distance, honest, shrunk), 0.0)
        ratio = np.where(usable, distance / variance, 0.0)
        gain = np.concatenate([gain, gain.sum(axis=1, keepdims=True)], axis=1)
        count = np.concatenate([usable, usable.sum(axis=1, keepdims=True)], axis=1).astype(float)
        ratio = np.concatenate([ratio, ratio.sum(axis=1, keepdims=True)], axis=1)
        since = np.where((log_e <= 0) & (gain > 0), t, since)
        starts = log_e <= 0
        total, days = np.where(starts, 0, total) + ratio, np.where(starts, 0, days) + count
        log_e = np.clip(log_e + gain, 0, CEILING)
        share_seen = np.concatenate([share, share.max(axis=1, keepdims=True)], axis=1)
    evenness = total / np.maximum(days, 1)
    # the lowest fees may be cut off to a fixed share too
    speaks = json.dumps(weights(F09=1.0, F06=0.5, F02=0.3))
    return patterns.of_arrays(
        frames,
        log_e,
        matters=lambda p, v: bool(log_e[p, v] > 0 and evenness[p, v] < EVEN),
        effect=lambda p, v: float(evenness[p, v] - 1),
        statistic=evenness,
        expected=lambda p, v: 1.0,
        n=lambda p, v: float(np.nansum(span[p, v, since[p, v] :])),
        period_from=lambda p, v: frames.days[since[p, v]],
        schemes=lambda p, v: speaks,
        sentence_zh=lambda p, v: f"各日各省缺失序号都占约 {share_seen[p, v]:.2%}，差异只有偶然应有的 {evenness[p, v]:.0%}",
        sentence_en=lambda p, v: f"About {share_seen[p, v]:.2%} of serials are missing everywhere; it varies by {evenness[p, v]:.0%} of what chance demands",
        evidence=lambda p, v: _cells(frames, gap, span, p, v),
    )  # fmt: skip


def _expected(gap: Array, span: Array, first: int, t: int) -> tuple[Array, Array]:
    """(serials missing to be expected, share) of each platform × province on day t, by all its other cells and days since
    the gaps began: the days on which less than half of the largest daily share was missing are before it."""
    k, n = np.nan_to_num(gap[:, :-1, first : t + 1]), np.nan_to_num(span[:, :-1, first : t + 1])
    by_day = k.sum(axis=1) / np.maximum(n.sum(axis=1), 1)
    began = (by_day >= 0.5 * by_day.max(axis=1, keepdims=True))[:, None, :]
    k_all, n_all = (k * began).sum(axis=(1, 2)), (n * began).sum(axis=(1, 2))
    k_rest, n_rest = k_all[:, None] - k[:, :, -1], n_all[:, None] - n[:, :, -1]
    share = np.where(n_rest > 0, k_rest / np.maximum(n_rest, 1), 0.0)
    return share * n[:, :, -1], share


def _cells(frames: Frames, gap: Array, span: Array, p: int, v: int) -> str:
    days = range(max(0, frames.shape[2] - patterns.CELLS), frames.shape[2])
    share = np.nansum(gap[p, v, days.start :]) / max(float(np.nansum(span[p, v, days.start :])), 1.0)
    return json.dumps(
        [
            {"label": str(frames.days[t]), "observed": float(np.nan_to_num(gap[p, v, t])),
             "expected": round(float(np.nan_to_num(span[p, v, t]) * share), 2)}
            for t in days
        ]
    )  # fmt: skip
