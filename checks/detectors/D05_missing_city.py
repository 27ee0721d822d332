"""A city that falls silent (城市缺口): orders of a prefecture vanish or collapse while the rest goes on."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from checks import panel, patterns
from checks.detectors import Detector, Settings
from checks.evidence import weights
from checks.frames import Frames
from checks.panel import CEILING, Array, Signal

DETECTOR = Detector(
    id="D05",
    title_zh="城市缺口",
    title_en="A city falls silent",
    schemes=("F05", "F22"),
    looks_zh="某一地市按其在本平台本省的惯常份额应有的订单，当夜是否完全没有或近于没有。",
    looks_en="A prefecture that by its usual share should have had orders had none, or next to none, that night.",
    errs_zh="退出该城市、当地停运（台风、管制）、系统只在该市故障、该市只有少数几名从业人员。",
    errs_en="Leaving the city; a local standstill (typhoon, lockdown); a fault in that city alone; a city of a few workers only.",
    ask_zh="请平台说明该市当夜为何没有订单，核对该市补贴与支付记录。",
    ask_en="Ask why there were no orders in the city that night; compare the city's payments.",
    unit="orders missing",
    explains=("D22",),
    source="negative binomial likelihood ratio; detection.md F05 (cities with ≥ 20 expected orders)",
)
SIGNALS: tuple[Signal, ...] = ()
MIN_EXPECTED = 15.0  # orders a night
MIN_WORKERS = 4.0  # silent cities of three workers together fall silent by themselves
LEAVING = 2.3  # -log of one in ten: a city's workers may leave it by themselves, and those who left stay away
MIN_HANDS = 1.5  # workers a night in one city
HISTORY = 35
MIN_DAYS = 7
LOOK = 35  # nights that a run of silence is followed back
PEER_DROP = 0.5  # where all others fell to less than half, the city stands still


def detect(frames: Frames, *, settings: Settings) -> pl.DataFrame:
    """One row per cell: the city that is most conspicuously silent in a run of nights that lasts until now."""
    rows = frames.tables["cell_city"]
    where = frames.index(rows)
    if where is None:
        return patterns.nowhere(frames, "not_applicable", "没有城市数据 / no cities")
    codes = sorted(rows["city_code"].unique().to_list())
    place = {code: i for i, code in enumerate(codes)}
    keep, (p, v, t) = where
    city = np.array([place[code] for code in rows["city_code"].to_list()])[keep]
    # a city belongs to one province: series are (platform, city)
    of_city = np.zeros(len(codes), dtype=np.int64)
    of_city[city] = v
    orders, workers = (
        np.zeros((frames.shape[0], len(codes), frames.shape[2])),
        np.zeros((frames.shape[0], len(codes), frames.shape[2])),
    )
    np.add.at(orders, (p, city, t), rows["orders"].to_numpy()[keep].astype(float))
    np.add.at(workers, (p, city, t), rows["workers"].to_numpy()[keep].astype(float))
    total = np.nan_to_num(frames.cube("cell_city", "orders"))[:, of_city, :]
    reported = frames.reported[:, of_city, :] & (total > 0)
    log_e, since, seen, wanted, hands = _silence(orders, workers, total, reported)
    answers = []
    for p_i, v_i in patterns.cells(frames, False):
        row: dict[str, Any] = patterns.row_of(frames, p_i, v_i)
        days = int((frames.reported[p_i, v_i]).sum())
        if days <= MIN_DAYS:
            answers.append(row | {"outcome": "not_applicable", "reason": "历史不足 / too little history"})
            continue
        own = np.flatnonzero((of_city == v_i) & (orders[p_i].sum(axis=1) > 0))
        # which cities are silent is chosen once, from all of them; what is left of their evidence adds up
        told = np.minimum(log_e[p_i, own], hands[p_i, own] * LEAVING)
        parts = np.maximum(told - np.log(max(len(own), 1)), 0)
        people = hands[p_i, own[parts > 0]].sum()
        value = float(min(parts.sum(), CEILING)) if people >= MIN_WORKERS else 0.0
        c = int(own[np.argmax(parts)]) if len(own) else -1
        silent = own[parts > 0]
        row |= {"outcome": "tested", "log_e": value, "matters": value > 0}
        if value > 0:
            begin = int(since[p_i, c])
            row |= {
                "period_from": frames.days[begin], "n": float(wanted[p_i, silent].sum()), "statistic": float(seen[p_i, silent].sum()),
                "expected": float(wanted[p_i, silent].sum()), "effect": float((seen - wanted)[p_i, silent].sum()),
                "schemes": json.dumps(weights(F05=1.0, F22=0.3)),
                "sentence_zh": f"{'、'.join(codes[i] for i in silent)} 自 {frames.days[begin]} 起 {seen[p_i, silent].sum():.0f} 单，"
                f"按惯常份额应有约 {wanted[p_i, silent].sum():.0f} 单",
                "sentence_en": f"{', '.join(codes[i] for i in silent)} since {frames.days[begin]}: {seen[p_i, silent].sum():.0f} orders "
                f"where about {wanted[p_i, silent].sum():.0f} were to be expected",
                "evidence": json.dumps(_cells_of(frames, orders[p_i, c], codes[c], begin)),
            }  # fmt: skip
        answers.append(row)
    return patterns.frame_of(answers)


def _cells_of(frames: Frames, orders: Array, code: str, begin: int) -> list[dict[str, Any]]:
    first = max(0, min(begin - 3, len(frames.days) - patterns.CELLS))
    usual = float(np.median(orders[max(0, begin - HISTORY) : begin])) if begin else 0.0
    return [
        {"label": f"{code} {frames.days[t]}", "observed": float(orders[t]), "expected": round(usual, 1)}
        for t in range(first, min(first + patterns.CELLS, len(frames.days)))
    ]


def _silence(
    orders: Array, workers: Array, total: Array, reported: NDArray[np.bool_]
) -> tuple[Array, NDArray[np.int64], Array, Array, Array]:
    """(log e, first day, orders seen, orders expected, usual workers) of the run of silent nights of each platform × city."""
    share = np.where(reported, orders / np.maximum(total, 1), np.nan)
    hands = np.where(reported, workers, np.nan)
    shape, last = orders.shape[:2], orders.shape[2]
    log_e: Array = np.zeros(shape)
    since: NDArray[np.int64] = np.zeros(shape, dtype=np.int64)
    seen: Array = np.zeros(shape)
    wanted: Array = np.zeros(shape)
    all_hands: Array = np.zeros(shape)
    silent_before: NDArray[np.bool_] = np.zeros(orders.shape, dtype=bool)
    for t in range(max(MIN_DAYS, last - LOOK), last):
        window = slice(max(0, t - HISTORY), t)
        past = np.where(silent_before[:, :, window], np.nan, share[:, :, window])
        count = np.isfinite(past).sum(axis=2)
        usual, spread = _middle(past)
        usual_hands, _ = _middle(np.where(np.isfinite(past), hands[:, :, window], np.nan))
        all_hands = usual_hands
        others = _others(orders, reported, t)
        expected = usual * total[:, :, t] * np.minimum(others, 1.0)
        able = (
            reported[:, :, t] & (count >= MIN_DAYS) & (expected >= MIN_EXPECTED) & (usual_hands >= MIN_HANDS) & (others > PEER_DROP)
        )  # fmt: skip
        # shape of the negative binomial: the city's own unrest beyond Poisson's, and never more orders than hands
        unrest = np.maximum(
            (spread / np.maximum(usual, 1e-9)) ** 2 - 1 / np.maximum(expected, 1),
            2.0 / np.maximum(usual_hands, 1),
        )
        gain = _log_odds(orders[:, :, t], np.maximum(expected, 1e-6), 1 / np.maximum(unrest, 0.02))
        gone = reported[:, :, t] & (orders[:, :, t] < 0.5 * expected)
        silent = able & gone
        # a night of which nothing can be said (a holiday, too few expected) neither adds to a run nor ends it
        silent_before[:, :, t] = silent | (gone & (log_e > 0))
        begins = silent & (log_e <= 0)
        since = np.where(begins, t, since)
        seen = np.where(silent, np.where(begins, 0, seen) + orders[:, :, t], seen)
        wanted = np.where(silent, np.where(begins, 0, wanted) + expected, wanted)
        log_e = np.where(
            silent,
            np.clip(log_e + gain, 0, CEILING),
            np.where(reported[:, :, t] & ~gone, np.maximum(log_e - 8, 0), log_e),
        )
    return log_e, since, seen, wanted, all_hands


def _middle(values: Array) -> tuple[Array, Array]:
    """(median, scaled median deviation) along the last axis without NaN; 0 where nothing is known."""
    middle = panel.median(values, axis=2)
    return middle[..., 0], 1.4826 * panel.median(np.abs(values - middle), axis=2)[..., 0]


def _others(orders: Array, reported: NDArray[np.bool_], t: int) -> Array:
    """How the other platforms' orders in the city stand to their week before: 1 where nobody else is there."""
    past = np.where(reported, orders, 0)[:, :, max(0, t - 7) : t].sum(axis=2) / np.maximum(
        reported[:, :, max(0, t - 7) : t].sum(axis=2), 1
    )
    ratio = np.where((past >= 5) & reported[:, :, t], orders[:, :, t] / np.maximum(past, 1), np.nan)
    result = np.ones(ratio.shape)
    for p in range(ratio.shape[0]):
        rest = np.delete(ratio, p, axis=0)
        enough = np.isfinite(rest).sum(axis=0) >= 2
        if enough.any():
            result[p, enough] = panel.median(rest[:, enough], axis=0)[0]
    return result


def _log_odds(now: Array, expected: Array, shape: Array) -> Array:
    """log likelihood ratio of a city at a twentieth of its expectation against an honest one, both negative binomial."""
    low = 0.05 * expected
    odds: Array = now * (np.log(low / (low + shape)) - np.log(expected / (expected + shape))) + shape * (
        np.log(shape / (low + shape)) - np.log(shape / (expected + shape))
    )
    return odds
