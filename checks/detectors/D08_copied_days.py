"""Copied days (复制往日): a day's orders, its workers' loads or its hours are those of an earlier day.

Three looks. Rows: time, city, fee, distance and duration of an order, without ids, are never those of an order of
another day. Loads: the same workers with the same numbers of orders; honest days share up to a quarter. Hours: two honest
days differ hour by hour at least as much as coins do, so that days that differ less were copied and then stirred.
"""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import polars as pl

from checks import patterns, rates
from checks.detectors import Detector, Settings
from checks.evidence import weights
from checks.frames import Frames
from checks.panel import CEILING, Array, Signal

DETECTOR = Detector(
    id="D08",
    title_zh="复制往日数据",
    title_en="Days copied from earlier days",
    schemes=("F08", "F28"),
    looks_zh="当日订单去掉编号后是否与以前某日逐行相同；从业人员及其单量是否与以前某日相同；各小时单量是否与以前某日过于接近。",
    looks_en="Are a day's orders, without their ids, those of an earlier day? Are the workers and their loads? Are the hours too close?",
    errs_zh="误将前日文件当作当日文件报送（应更正重报）；只有几名固定班次从业人员的单位。",
    errs_en="Yesterday's file sent by mistake (to be corrected); units of a few workers with fixed shifts.",
    ask_zh="请平台提供当日的支付或派单流水，与所示往日对照。",
    ask_en="Ask for the day's payments or dispatch log, and compare with the earlier day shown.",
    unit="share of rows",
    explains=("D16", "D25"),
    source="bottom-k sketches (Broder 1997); binomial likelihood ratio of two days' hours",
)
SIGNALS: tuple[Signal, ...] = ()
ROWS_TOLERATED = 0.02  # coarse sources (whole minutes, tariff steps) now and then repeat a row
LOADS_TOLERATED = 0.45  # most of 64 hashes that honest days of small units share with the likest of 100 days
MIN_HASHES = 8.0
PAST = 60  # earlier days that the hours are compared with
LOOK = 10  # nights that a run is followed back
MIN_HOURLY = 6.0  # orders of both days together in an hour that is looked at
MIN_HOURS = 8
HONEST = 0.7  # of the binomial variance: workers who take one order after another even the hours out
SHRINK = np.array([0.24, 0.0625])  # of the honest variance, what a stirred copy may keep


def detect(frames: Frames, *, settings: Settings) -> pl.DataFrame:
    """One row per cell: copied rows, copied loads, or hours too close to an earlier day's."""
    copy = frames.tables["cell_copy"]
    if copy.height == 0:
        return patterns.nowhere(frames, "not_applicable", "没有可比的往日 / no earlier day to compare with")
    return patterns.together(
        [
            _copied(frames, "row", ROWS_TOLERATED, 0.05, 1.0),
            _copied(frames, "load", LOADS_TOLERATED, 0.1, 2.0),
            _hours(frames),
        ]
    )


def _copied(frames: Frames, kind: str, floor: float, min_effect: float, design_effect: float) -> pl.DataFrame:
    rows = frames.tables["cell_copy"].filter((pl.col("kind") == kind) & (pl.col("hashes") >= MIN_HASHES))
    k, n = np.full(frames.shape, np.nan), np.full(frames.shape, np.nan)
    where = frames.index(rows)
    if where is not None:
        keep, at = where
        k[at], n[at] = rows["hashes_shared"].to_numpy()[keep], rows["hashes"].to_numpy()[keep]
    # a platform's own rate is no excuse, nor its peers': rows are not repeated from day to day
    found = rates.run(
        k,
        n,
        floor=floor,
        design_effect=design_effect,
        night_cap=CEILING,
        limit=np.full(frames.shape[:2], floor),
    )
    likest = _likest(rows)
    answer = patterns.of_rates(
        frames,
        found,
        weights(F08=1.0),
        lambda count, of, limit: (
            f"抽样的 {of:.0f} 项中 {count:.0f} 项与以前同一日完全相同（{'订单行' if kind == 'row' else '人员与单量'}，容许 {limit:.0%}）",
            f"{count:.0f} of {of:.0f} sampled {'rows' if kind == 'row' else 'loads of workers'} are those of one earlier day"
            f" (tolerated {limit:.0%})",
        ),
        min_effect=min_effect,
        min_n=MIN_HASHES,
    )
    return answer.with_columns(
        pl.struct("platform_code", "province_code", "evidence")
        .map_elements(lambda row: _name(row, likest), return_dtype=pl.String)
        .alias("evidence")
    )


def _likest(rows: pl.DataFrame) -> dict[tuple[str, str, str], str]:
    return {
        (
            r["platform_code"],
            r["province_code"],
            str(r["business_date"]),
        ): f"{r['like_province_code']} {r['like_date']}"
        for r in rows.filter(pl.col("hashes_shared") > 0).iter_rows(named=True)
    }


def _name(row: dict[str, Any], likest: dict[tuple[str, str, str], str]) -> str | None:
    """Evidence cells with the day that each day was copied from."""
    if row["evidence"] is None:
        return None
    cells = json.loads(row["evidence"])
    for cell in cells:
        from_day = likest.get((row["platform_code"], row["province_code"], cell["label"]))
        cell["label"] += f" = {from_day}" if from_day else ""
    return json.dumps(cells, ensure_ascii=False)


def _hours(frames: Frames) -> pl.DataFrame:
    """Hours closer to one earlier day's than two honest days can be; of the cell itself, not nationally."""
    rows = frames.tables["cell_hour"]
    counts = np.zeros((*frames.shape, 24))
    where = frames.index(rows)
    if where is not None:
        keep, (p, v, t) = where
        hour = rows["hour_no"].to_numpy()[keep].astype(np.int64)
        np.add.at(counts, (p, v, t, hour), rows["orders"].to_numpy()[keep].astype(float))
    last = frames.shape[2]
    there = frames.reported & (counts.sum(axis=3) >= MIN_HOURS * MIN_HOURLY / 2)
    there[:, -1] = False
    log_e, since = np.full(frames.shape[:2], np.nan), np.zeros(frames.shape[:2], dtype=np.int64)
    likest, closeness = np.zeros(frames.shape[:2], dtype=np.int64), np.full(frames.shape[:2], np.nan)
    for t_i in range(max(1, last - LOOK), last):
        first = max(0, t_i - PAST)
        each, ratio = _closeness(counts[:, :, t_i], counts[:, :, first:t_i])
        each = np.where(there[:, :, first:t_i], each, -np.inf)
        told = there[:, :, t_i] & there[:, :, first:t_i].any(axis=2)
        top = np.where(told, each.max(axis=2), 0.0)
        earlier = np.maximum(there[:, :, first:t_i].sum(axis=2), 1)
        gain = top + np.log(np.where(told, np.exp(each - top[..., None]).sum(axis=2) / earlier, 1.0))
        run = np.nan_to_num(log_e)
        since = np.where(told & (run <= 0) & (gain > 0), t_i, since)
        log_e = np.where(told, np.clip(run + gain, 0, CEILING), log_e)
        best = each.argmax(axis=2)
        likest = np.where(told, first + best, likest)
        closeness = np.where(told, np.take_along_axis(ratio, best[..., None], axis=2)[..., 0], closeness)
    speaks = weights(F08=1.0)
    return patterns.of_arrays(
        frames,
        log_e,
        matters=lambda p, v: bool(log_e[p, v] > 0),
        statistic=closeness,
        expected=lambda p, v: 1.0,
        effect=lambda p, v: float(closeness[p, v] - 1.0),
        n=lambda p, v: float(counts[p, v, since[p, v] :].sum()),
        period_from=lambda p, v: frames.days[since[p, v]] if log_e[p, v] > 0 else frames.days[-1],
        schemes=lambda p, v: json.dumps(speaks),
        sentence_zh=lambda p, v: f"各小时单量与 {frames.days[likest[p, v]]} 过于接近：差异只有偶然应有的 {closeness[p, v]:.0%}",
        sentence_en=lambda p, v: f"The hours are those of {frames.days[likest[p, v]]}: they differ by {closeness[p, v]:.0%} of what chance demands",
        evidence=lambda p, v: json.dumps(
            [
                {"label": f"{frames.days[-1]} {hour:02d}h", "observed": float(counts[p, v, -1, hour]),
                 "expected": float(counts[p, v, likest[p, v], hour])}
                for hour in range(8, 18)
            ]
        ),
    )  # fmt: skip


def _closeness(day: Array, past: Array) -> tuple[Array, Array]:
    """(log e, mean squared standard difference) of a day's hours against each earlier day's; platform × province × earlier day.

    Given the orders of both days in an hour, those of the first are at least as dispersed as binomial; a copy is a
    binomial drawn together. The e-value is the ratio of the two probabilities, averaged over how far.
    """
    day = day[:, :, None]
    share = (day.sum(axis=3) / np.maximum(day.sum(axis=3) + past.sum(axis=3), 1))[..., None]
    both = day + past
    variance = HONEST * both * share * (1 - share)
    used = (both >= MIN_HOURLY) & (variance >= 1)
    variance = np.maximum(variance, 1e-9)
    distance = (day - both * share) ** 2
    hours = used.sum(axis=3)
    ratio = np.where(used, distance / variance, 0).sum(axis=3) / np.maximum(hours, 1)
    sides = []
    for shrink in SHRINK:
        drawn = variance * shrink + 0.35  # counts are whole numbers: no copy is closer than these
        odds = 0.5 * distance * (1 / variance - 1 / drawn) + 0.5 * np.log(variance / drawn)
        sides.append(np.where(used, odds, 0).sum(axis=3))
    stacked = np.stack(sides)
    top = stacked.max(axis=0)
    log_e = top + np.log(np.exp(stacked - top).mean(axis=0))
    return np.where(hours >= MIN_HOURS, np.clip(log_e, -6, 12), 0.0), ratio
