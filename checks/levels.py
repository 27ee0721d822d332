"""A platform's long-run level against the others (与同业水平相比): counts with an exposure, and shares, for rare events.

Null: honest platforms differ. A level is drawn once per platform around the peers' (gamma or beta, with a spread that is
estimated from the peers and bounded below, since few peers say little of it); given it, events are Poisson or binomial.
The likelihood ratio of the running totals against the same law at shifted levels is then a martingale under the null: an
e-value that may be looked at every night, though evidence can never pass what the honest spread allows.
Sources: Clayton and Kaldor 1987; Spiegelhalter 2005 (checks/statistics/shrinkage.py); Robbins 1970 (mixtures).
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence

import numpy as np
import numpy.typing as npt
import polars as pl
from scipy import special, stats

from checks import patterns
from checks.frames import Frames
from checks.panel import CEILING, Array
from checks.statistics import shrinkage

MIN_PEERS = 3
WIDEST = 25.0  # prior events: honest platforms differ by a fifth at least (1/√25), whatever few peers show
NARROWEST = 3.0
WIDEST_SHARE = 60.0


def fewer(
    cases: npt.ArrayLike,
    expected: npt.ArrayLike,
    *,
    ratios: Sequence[float] = (0.75, 0.5, 0.28, 0.05),
    counted: bool = False,
) -> tuple[Array, Array]:
    """(log e-value that each platform has fewer cases than honest ones, cases expected of it); nan where too few peers.

    cases, expected: per platform; expected up to a common factor (exposure × risk), which the peers fix. `counted`: expected
    is itself a count of rare events (a witness's injuries), no surer than its number.
    """  # fmt: skip
    y, e = np.asarray(cases, float), np.asarray(expected, float)
    answer, wanted = np.full(len(y), np.nan), np.full(len(y), np.nan)
    for i in range(len(y)):
        others = np.flatnonzero((np.arange(len(y)) != i) & (e > 0))
        if len(others) < MIN_PEERS or not e[i] > 0 or y[others].sum() == 0:
            continue
        level = _middle_rate(y[others], e[others])
        prior = shrinkage.fit_prior(y[others], e[others] * level)
        shape = float(np.clip(prior.shape if prior.applicable else NARROWEST, NARROWEST, WIDEST))
        # the peers' own level is an estimate: it cannot be surer than their cases
        shape = 1 / (1 / shape + 1 / max(y[others].sum(), 1.0) + (1 / max(e[i], 1.0) if counted else 0.0))
        wanted[i] = e[i] * level
        null = _negative_binomial(y[i], wanted[i], shape)
        other = np.array([_negative_binomial(y[i], wanted[i] * ratio, shape) for ratio in ratios])
        answer[i] = np.clip(special.logsumexp(other) - np.log(len(ratios)) - null, -CEILING, CEILING)
    return answer, wanted


def share(
    k: npt.ArrayLike, n: npt.ArrayLike, *, shifts: Sequence[float], least: float = 1.0
) -> tuple[Array, Array]:
    """(log e-value that each platform's share k/n is shifted by one of `shifts` log odds, share expected); nan: too few peers."""
    a, b = np.asarray(k, float), np.asarray(n, float)
    answer, wanted = np.full(len(a), np.nan), np.full(len(a), np.nan)
    for i in range(len(a)):
        others = np.flatnonzero((np.arange(len(a)) != i) & (b >= 5))
        if len(others) < MIN_PEERS or b[i] < least:
            continue
        rate = (a[others] + 0.5) / (b[others] + 1)
        middle = float(special.expit(np.median(special.logit(rate))))
        wanted[i] = middle
        extra = float(
            np.median(np.square(rate - middle)) / 0.45 - np.median(middle * (1 - middle) / b[others])
        )
        spread = middle * (1 - middle) / max(extra, 1e-9) - 1
        size = float(np.clip(spread, 8.0, WIDEST_SHARE))
        size = 1 / (1 / size + 1 / float(b[others].sum()))
        null = _beta_binomial(a[i], b[i], middle, size)
        moved = special.expit(special.logit(middle) + np.array(shifts))
        other = np.array([_beta_binomial(a[i], b[i], float(m), size) for m in moved])
        answer[i] = np.clip(special.logsumexp(other) - np.log(len(shifts)) - null, -CEILING, CEILING)
    return answer, wanted


def rows(
    frames: Frames,
    log_e: Array,
    k: Array,
    n: Array,
    wanted: Array,
    schemes: Mapping[str, float],
    sentence: Callable[[float, float, float], tuple[str, str]],
    *,
    matters: npt.NDArray[np.bool_],
    why_not: str,
) -> pl.DataFrame:
    """One row per platform, nationally; sentence(k, n, wanted); `wanted` in the unit of k."""
    answers = []
    for p, v in patterns.cells(frames, True):
        if v != len(frames.provinces):
            continue
        row = patterns.row_of(frames, p, v)
        if not np.isfinite(log_e[p]):
            answers.append(row | {"outcome": "not_applicable", "reason": why_not})
            continue
        row |= {
            "outcome": "tested", "log_e": max(float(log_e[p]), 0.0), "matters": bool(matters[p]), "n": float(n[p]), "statistic": float(k[p]),
            "expected": float(wanted[p]), "effect": float(k[p] - wanted[p]), "period_from": frames.days[0],
        }  # fmt: skip
        if log_e[p] > patterns.TOLD:
            zh, en = sentence(float(k[p]), float(n[p]), float(wanted[p]))
            told = [
                {
                    "label": frames.platforms[p],
                    "observed": float(k[p]),
                    "expected": round(float(wanted[p]), 2),
                }
            ]
            row |= {
                "schemes": json.dumps(dict(schemes)), "sentence_zh": zh, "sentence_en": en,
                "evidence": json.dumps(told, ensure_ascii=False),
            }  # fmt: skip
        answers.append(row)
    return patterns.frame_of(answers)


def by_platform(frames: Frames, rows: pl.DataFrame, column: str | None = None) -> Array:
    """Rows (or the sum of a column) of each platform."""
    place = {code: i for i, code in enumerate(frames.platforms)}
    answer = np.zeros(len(frames.platforms))
    values = [1.0] * rows.height if column is None else rows[column].cast(pl.Float64).fill_null(0.0).to_list()
    for code, value in zip(rows["platform_code"].to_list(), values, strict=True):
        if code in place:
            answer[place[code]] += value
    return answer


def _middle_rate(y: Array, e: Array) -> float:
    """The peers' rate: half-way between the pooled one and the median one, so that a falsifying giant moves it little."""
    pooled, median = (
        float(y.sum() / e.sum()),
        float(np.median((y + 0.5) / (e + 0.5 * e.sum() / max(y.sum(), 1.0)))),
    )
    return float(np.sqrt(pooled * median)) if pooled > 0 and median > 0 else pooled


def _negative_binomial(y: float, mean: float, shape: float) -> float:
    return float(stats.nbinom.logpmf(y, shape, shape / (shape + mean)))


def _beta_binomial(k: float, n: float, mean: float, size: float) -> float:
    return float(stats.betabinom.logpmf(round(k), round(n), mean * size, (1 - mean) * size))
