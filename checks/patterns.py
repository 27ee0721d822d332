"""From arrays to a detector's answer: rows per cell from tracks and rates, and how several are put together."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
import polars as pl

from checks import panel
from checks.detectors import ROW
from checks.frames import Frames
from checks.panel import Array, Track
from checks.rates import Rates

LEAST = 1e-6  # variance of a mean's orders
TOLD = 3.0  # nats from which a row carries its evidence and sentence
CELLS = 10

Weights = Mapping[str, float]
Sentence = Callable[[float, float, float], tuple[str, str]]  # (effect, observed, expected) → zh, en


def of_track(
    frames: Frames,
    track: Track,
    side: str,
    schemes: Weights,
    sentence: Sentence,
    *,
    national: bool = True,
) -> pl.DataFrame:
    """One row per cell from one direction of a track, as of the last day."""
    up = side == "up"
    log_e, effect, start = (
        (track.up, track.effect_up, track.start_up)
        if up
        else (track.down, track.effect_down, track.start_down)
    )
    day = len(frames.days) - 1
    panel_matters = panel.matters(track, side)
    rows = []
    for p, v in cells(frames, national):
        tested = bool(track.tested[p, v, max(0, day - 6) :].any())
        row = row_of(frames, p, v)
        if not tested:
            rows.append(
                row | {"outcome": "not_applicable", "reason": "历史或样本不足 / too little data or history"}
            )
            continue
        change = float(effect[p, v, day])
        since = int(start[p, v, day])
        value = max(float(log_e[p, v, day]) - track.signal.caution, 0.0)
        if value > 0 and track.signal.alike:
            value = min(value, by_few_workers(frames, track, p, v, since, change))
        matters = bool(panel_matters[p, v, day])
        row |= {
            "outcome": "tested", "log_e": value, "effect": change, "matters": matters,
            "period_from": frames.days[since] if value > 0 else frames.days[day],
            "n": float(np.nansum(track.n[p, v, since:])),
        }  # fmt: skip
        if value > TOLD:
            observed, expected = _plain(track, p, v, since)
            zh, en = sentence(change, observed, expected)
            row |= {
                "statistic": observed, "expected": expected, "schemes": json.dumps(dict(schemes)), "sentence_zh": zh, "sentence_en": en,
                "evidence": json.dumps(_worst_days(frames, track, p, v, since, up), ensure_ascii=False),
            }  # fmt: skip
        rows.append(row)
    return frame_of(rows)


def by_few_workers(frames: Frames, track: Track, p: int, v: int, since: int, change: float) -> float:
    """The most that a lasting shift of a share or mean can say where few people work: the log likelihood ratio of one look at
    the workers, each counting as 1/alike independent orders. Who leaves stays away: the nights after that are no new evidence."""
    signal = track.signal
    workers = _lately(frames.cube("cell_worker", "workers")[p, v])
    if signal.kind == "share":
        information = max(share * (1 - share) for share in _plain(track, p, v, since))
    else:
        n, total, squares = (
            panel.columns(frames, each)[p, v] for each in (signal.base, signal.top, signal.square)
        )
        mean = total / np.maximum(n, 1)
        information = 1 / max(_lately(squares / np.maximum(n, 1) - mean * mean), LEAST)
    return change * change * workers * information / (2 * signal.alike)


def _lately(values: Array) -> float:
    """The median of the last four weeks that were reported; 0 without any."""
    known = values[np.isfinite(values)][-28:]
    return float(np.median(known)) if known.size else 0.0


def _plain(track: Track, p: int, v: int, since: int) -> tuple[float, float]:
    """Observed and expected over the run, in the unit a reader knows: counts a day, shares, means."""
    seen, wanted = track.y[p, v, since:], track.expected[p, v, since:]
    both = np.isfinite(seen) & np.isfinite(wanted)
    if not both.any():
        return float("nan"), float("nan")
    return _back(track.signal.kind, float(seen[both].mean())), _back(
        track.signal.kind, float(wanted[both].mean())
    )


def _back(kind: str, y: float) -> float:
    if kind == "count":
        return float(np.exp(y) - 0.5)
    if kind == "share":
        return float(1 / (1 + np.exp(-y)))
    return y


def _worst_days(frames: Frames, track: Track, p: int, v: int, since: int, up: bool) -> list[dict[str, Any]]:
    residual = track.residual[p, v, since:]
    order = np.argsort(-residual if up else residual)
    told: list[dict[str, Any]] = []
    for i in order:
        if len(told) == CELLS or not np.isfinite(residual[i]):
            break
        day = since + int(i)
        told.append(
            {"label": str(frames.days[day]), "observed": round(_back(track.signal.kind, float(track.y[p, v, day])), 6),
             "expected": round(_back(track.signal.kind, float(track.expected[p, v, day])), 6)}
        )  # fmt: skip
    return sorted(told, key=lambda cell: cell["label"])


def of_rates(
    frames: Frames,
    rates: Rates,
    schemes: Weights | Callable[[int, int], Weights],
    sentence: Callable[[float, float, float], tuple[str, str]],
    *,
    rows_of: Callable[[int, int, int], list[dict[str, Any]]] | None = None,
    more: Callable[[int, int], tuple[str, str]] = lambda p, v: ("", ""),
    min_effect: float = 0.0,
    min_n: float = 1.0,
    national: bool = True,
    why_not: str = "没有可比的数据 / nothing to compare",
) -> pl.DataFrame:
    """One row per cell from counted contradictions; effect = share beyond what is tolerated; sentence(k, n, tolerated).

    `schemes` may depend on the cell (platform and province index); `rows_of(p, v, since)` gives the decisive rows where days say less;
    `more(p, v)` ends the sentence.
    """
    day = len(frames.days) - 1
    rows = []
    for p, v in cells(frames, national):
        row = row_of(frames, p, v)
        if np.nansum(rates.n[p, v]) < min_n:
            rows.append(row | {"outcome": "not_applicable", "reason": why_not})
            continue
        value, since = float(rates.log_e[p, v, day]), int(rates.start[p, v, day])
        k, n, limit = (
            float(rates.k_run[p, v, day]),
            float(rates.n_run[p, v, day]),
            float(rates.tolerated[p, v, day]),
        )
        effect = k / n - limit if n else 0.0
        row |= {
            "outcome": "tested", "log_e": value, "effect": effect, "matters": effect >= min_effect, "n": n,
            "statistic": k, "expected": n * limit, "period_from": frames.days[since] if value > 0 else frames.days[day],
        }  # fmt: skip
        if value > TOLD:
            zh, en = sentence(k, n, limit)
            worst = np.argsort(-np.nan_to_num(rates.k[p, v, since:]))[:CELLS]
            decisive = [
                {"label": str(frames.days[since + int(i)]), "observed": float(np.nan_to_num(rates.k[p, v, since + int(i)])),
                 "expected": round(float(np.nan_to_num(rates.n[p, v, since + int(i)]) * limit), 4)}
                for i in worst if np.nan_to_num(rates.k[p, v, since + int(i)]) > 0
            ]  # fmt: skip
            if rows_of is not None:
                decisive = rows_of(p, v, since)[:CELLS]
            told = schemes(p, v) if callable(schemes) else schemes
            end_zh, end_en = more(p, v)
            row |= {
                "schemes": json.dumps(dict(told)), "sentence_zh": zh + end_zh, "sentence_en": en + end_en,
                "evidence": json.dumps(sorted(decisive, key=lambda cell: str(cell["label"])), ensure_ascii=False),
            }  # fmt: skip
        rows.append(row)
    return frame_of(rows)


def of_arrays(frames: Frames, log_e: Array, **columns: Any) -> pl.DataFrame:
    """Rows from arrays platform × (province…, national): `log_e` NaN = not applicable; columns are arrays or callables (p, v)."""
    rows = []
    for p, v in cells(frames, True):
        row = row_of(frames, p, v)
        if not np.isfinite(log_e[p, v]):
            rows.append(row | {"outcome": "not_applicable", "reason": "数据不足 / too little data"})
            continue
        told = {name: value(p, v) if callable(value) else value[p, v] for name, value in columns.items()}
        rows.append(
            row | {"outcome": "tested", "log_e": float(log_e[p, v]), "period_from": frames.days[-1]} | told
        )
    return frame_of(rows)


def together(parts: Sequence[pl.DataFrame]) -> pl.DataFrame:
    """Several answers of one detector as one: the average of their e-values, told by the strongest that matters.

    The average of e-values is an e-value whatever their dependence (Vovk & Wang 2021).
    """
    stacked = pl.concat([part.with_columns(pl.lit(i).alias("part")) for i, part in enumerate(parts)])
    told = stacked.with_columns(
        rank=pl.when(pl.col("outcome") == "tested")
        .then(pl.col("log_e") + pl.when("matters").then(100.0).otherwise(0.0))
        .otherwise(-1.0)
    )
    best = told.sort("rank", descending=True, maintain_order=True).unique(
        ["platform_code", "province_code"], keep="first", maintain_order=True
    )
    # only what matters adds up: evidence of an effect too small to care about is none
    weighed = (
        pl.when((pl.col("outcome") == "tested") & pl.col("matters"))
        .then(pl.col("log_e").exp())
        .otherwise(1.0)
    )
    mean = stacked.group_by("platform_code", "province_code").agg(
        (weighed.sum() / len(parts)).log().alias("mean_log_e")
    )
    joined = best.join(mean, on=["platform_code", "province_code"], how="left", nulls_equal=True)
    return joined.with_columns(
        log_e=pl.when(pl.col("outcome") == "tested").then(pl.max_horizontal("mean_log_e", pl.lit(0.0)))
    ).select(list(ROW))


def nowhere(frames: Frames, outcome: str, reason: str) -> pl.DataFrame:
    """The same outcome for every cell: this data cannot say anything, and why."""
    return frame_of(
        [row_of(frames, p, v) | {"outcome": outcome, "reason": reason} for p, v in cells(frames, True)]
    )


def frame_of(rows: Sequence[Mapping[str, Any]]) -> pl.DataFrame:
    return pl.DataFrame([{name: row.get(name) for name in ROW} for row in rows], schema=dict(ROW))


def row_of(frames: Frames, p: int, v: int) -> dict[str, Any]:
    """The beginning of a cell's row: who it is, and no evidence."""
    national = v == len(frames.provinces)
    return {
        "platform_code": frames.platforms[p], "province_code": None if national else frames.provinces[v],
        "log_e": 0.0, "matters": False, "period_from": frames.days[-1],
    }  # fmt: skip


def cells(frames: Frames, national: bool) -> list[tuple[int, int]]:
    """Cells that ever reported, and each platform as a whole."""
    there = np.any(frames.reported, axis=2)
    width = there.shape[1] if national else there.shape[1] - 1
    return [(p, v) for p in range(there.shape[0]) for v in range(width) if there[p, v]]
