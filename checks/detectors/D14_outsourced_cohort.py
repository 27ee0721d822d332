"""Outsourcing to individual businesses (转签个体户): a cohort is moved to one individual business, or leaves with it, on one day."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import polars as pl
from scipy import stats

from checks import patterns
from checks.detectors import Detector, Settings
from checks.evidence import weights
from checks.frames import Frames
from checks.panel import CEILING, Array, Signal

DETECTOR = Detector(
    id="D14",
    title_zh="成批转签个体工商户",
    title_en="A cohort moved to an individual business",
    schemes=("F14",),
    looks_zh="一日之内改签到同一个体工商户（信用代码以92开头）的参保人员，或随同一个体工商户一起退保的人员，是否远多于平日。",
    looks_en="Whether the workers moved to one individual business (credit codes that begin with 92) on one day, or whose cover ended with it, are far more "
    "than on other days.",
    errs_zh="合作商正常更换、合同集中到期；不涉及保障的改签。",
    errs_en="A partner replaced in good order; contracts that end together; a change that leaves the cover as it was.",
    ask_zh="请平台提供该批人员的改签协议、退保理由，以及退保后是否仍在接单。",
    ask_en="Ask for the agreements of these workers, the reason why cover ended, and whether they went on working.",
    unit="persons a day",
    source="negative binomial likelihood ratio against own past; detection.md F14",
)
SIGNALS: tuple[Signal, ...] = ()
LEAST = 5.0  # persons
LEAST_SHARE = 0.01  # of those at work
SHAPE = 1.0  # honest days of changes are very uneven
MEMORY = 60
HOLD = 30  # days that a cohort's leaving stays worth a look
TOWERS = 3.0  # over the largest day so far
FEW = 0.5  # persons a day that any cell may change


def detect(frames: Frames, *, settings: Settings) -> pl.DataFrame:
    """One row per cell: the most conspicuous day among the last ones."""
    workers = frames.cube("cell_worker", "workers")
    best, day, kind, count, usual = _best(frames, workers)
    answers = []
    for p, v in patterns.cells(frames, True):
        row: dict[str, Any] = patterns.row_of(frames, p, v)
        if np.isfinite(workers[p, v]).sum() < 7:
            answers.append(row | {"outcome": "not_applicable", "reason": "历史不足 / too little history"})
            continue
        t, seen = int(day[p, v]), float(count[p, v])
        size = (
            float(np.nanmean(workers[p, v, max(0, t - 14) : t + 1]))
            if np.isfinite(workers[p, v, max(0, t - 14) : t + 1]).any()
            else 0.0
        )
        row |= {
            "outcome": "tested", "log_e": float(best[p, v]), "matters": seen >= max(LEAST, LEAST_SHARE * size), "period_from": frames.days[t],
            "n": size, "statistic": seen, "expected": float(usual[p, v]), "effect": seen - float(usual[p, v]),
        }  # fmt: skip
        if best[p, v] > patterns.TOLD:
            zh, en = ("改签到", "moved to") if kind[p, v] == 0 else ("退保于", "left with")
            row |= {
                "schemes": json.dumps(weights(F14=1.0)),
                "sentence_zh": f"{frames.days[t]} 有 {seen:.0f} 人同日{zh}同一个体工商户，平日约 {usual[p, v]:.1f} 人",
                "sentence_en": f"On {frames.days[t]} {seen:.0f} workers {en} one individual business together, where about {usual[p, v]:.1f} do on other days",
                "evidence": json.dumps(
                    [
                        {
                            "label": str(frames.days[t]),
                            "observed": seen,
                            "expected": round(float(usual[p, v]), 2),
                        }
                    ]
                ),
            }
        answers.append(row)
    return patterns.frame_of(answers)


def _best(frames: Frames, workers: Array) -> tuple[Array, Array, Array, Array, Array]:
    """(log e, day, kind, persons, usual persons) of the most conspicuous recent day, platform × cell."""
    shape = frames.shape[:2]
    best, day, kind, count, usual = (np.zeros(shape) for _ in range(5))
    last = frames.shape[2]
    for number, column in enumerate(("cohort_moved", "cohort_ended")):
        k = frames.cube("cell_enrollment", column)
        for t in range(max(7, last - HOLD), last):
            past = k[:, :, max(0, t - MEMORY) : t]
            days = np.isfinite(past).sum(axis=2)
            # the past, its single largest day left out: one cohort must not hide the next
            top = np.max(np.nan_to_num(past), axis=2, initial=0)
            mean = (np.nansum(past, axis=2) - top + FEW) / np.maximum(days - 1, 1)
            now = np.nan_to_num(k[:, :, t])
            size = np.nanmean(
                np.where(
                    np.isfinite(workers[:, :, max(0, t - 14) : t + 1]),
                    workers[:, :, max(0, t - 14) : t + 1],
                    0,
                ),
                axis=2,
            )
            null = stats.nbinom.logpmf(now, SHAPE, SHAPE / (SHAPE + mean))
            # a cohort of any size up to the whole workforce, each as likely
            odds = -np.log(np.maximum(size, LEAST)) - null
            odds = np.where(
                (now >= LEAST) & (days >= 6) & (now > TOWERS * (top + 1)), np.clip(odds, 0, CEILING), 0.0
            )
            better = odds > best
            best, day, kind = (
                np.where(better, odds, best),
                np.where(better, t, day),
                np.where(better, number, kind),
            )
            count, usual = np.where(better, now, count), np.where(better, mean, usual)
    return best, day, kind, count, usual
