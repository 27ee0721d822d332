"""Outage nights (借故断报): days never reported on which others know of orders or accidents."""

from __future__ import annotations

import numpy as np
import polars as pl

from checks import contradictions, patterns
from checks.detectors import Detector, Settings
from checks.evidence import weights
from checks.frames import Frames
from checks.panel import Array, Signal

DETECTOR = Detector(
    id="D32",
    title_zh="借故断报",
    title_en="Nights missing that others know of",
    schemes=("F32",),
    looks_zh="未报送、且数日后仍未补报的日子，他方（抽查、测试单、经办案件、订单序号）是否知道当日有订单；断报的日子是否偏偏是出了事故的日子。",
    looks_en="Whether others (checks, test orders, agency cases, the serials of the days around) know of orders on days that were not reported and not "
    "filled in days later, and whether the missing days are the ones with accidents.",
    errs_zh="系统故障后数据确已丢失；补报尚在途中；停业。",
    errs_en="Data really lost in a fault; a late submission still to come; business at a standstill.",
    ask_zh="请平台补报所列日期，提供故障记录；核对当日支付与事故。",
    ask_en="Ask for the submissions of the days listed and for the fault record; compare payments and accidents of those days.",
    unit="share of days",
    explains=("D07",),
    source="detection.md F32 (missingness against accidents and witnesses); rule T01",
)
SIGNALS: tuple[Signal, ...] = ()
BACKFILL_DAYS = 7  # an honest outage is filled in by then
LOST = 1e-5  # of days lost for ever though others know of orders: set so that one such night is a fault, two in a month are not
EVERYBODY = 0.5  # where so many platforms of a province are missing, the fault is ours
CHANCE = 0.5  # accidents on missing days: at least this tolerated share where days with accidents are common


def _known(frames: Frames) -> tuple[Array, Array]:
    """(orders or cases others know, accidents the agency knows) per platform × cell × day they happened on."""
    checks = frames.tables["worker_check"].with_columns(
        pl.coalesce("province_code", "worker_province_code").alias("province_code"),
        pl.col("accepted_at").cast(pl.Date).alias("day"),
    )
    cases = frames.tables["agency_case"].with_columns(pl.col("injured_at").cast(pl.Date).alias("day"))
    claims = (
        frames.tables["claim"]
        .filter(pl.col("programme") == "oip")
        .with_columns(pl.col("injured_at").cast(pl.Date).alias("day"))
    )
    checked = contradictions.cubes(frames, checks)["n"]
    hurt = contradictions.cubes(frames, cases)["n"] + contradictions.cubes(frames, claims)["n"]
    return checked + hurt, hurt


def _stepped(frames: Frames) -> Array:
    """platform × cell × day: 1 on missing days that the serials of the days before and after have left room for."""
    first, last = np.full(frames.shape, np.nan), np.full(frames.shape, np.nan)
    unit = frames.tables["unit"].filter(pl.col("first_serial").is_not_null())
    where = frames.index(unit)
    if where is not None:
        keep, index = where
        first[index], last[index] = (
            unit["first_serial"].to_numpy()[keep],
            unit["last_serial"].to_numpy()[keep],
        )
    room = np.zeros(frames.shape)
    for t in range(1, frames.shape[2] - 1):
        before = _carried(last[:, :, :t], -1)
        after = _carried(first[:, :, t + 1 :], 1)
        room[:, :, t] = np.nan_to_num(after - before - 1) > 0
    return room


def _carried(values: Array, side: int) -> Array:
    """The last (side −1) or first (1) known value along the days; nan where none."""
    ordered = values[:, :, ::-1] if side < 0 else values
    known = np.isfinite(ordered)
    place = np.argmax(known, axis=2)
    found = np.take_along_axis(ordered, place[:, :, None], axis=2)[:, :, 0]
    return np.where(known.any(axis=2), found, np.nan)


def missing(frames: Frames) -> Array:
    """platform × (province…) × day: 1 where a day between the first and the last reported one is not there, and should be by now."""
    there = frames.reported
    begun = np.cumsum(there, axis=2) > 0
    lost = begun & ~there
    present = (begun & there).sum(axis=0) / np.maximum(begun.sum(axis=0), 1)
    lost &= (present >= EVERYBODY)[None] | (begun.sum(axis=0) < 3)[None]
    days = np.array([(frames.night - day).days >= BACKFILL_DAYS for day in frames.days])
    lost &= days[None, None, :]
    lost[:, -1] = lost[:, :-1].any(axis=1)
    return lost.astype(float)


def detect(frames: Frames, *, settings: Settings) -> pl.DataFrame:
    """One row per cell: lost days that others know of, and lost days that are days of accidents."""
    lost = missing(frames)
    known, hurt = _known(frames)
    there = frames.reported
    begun = (np.cumsum(there, axis=2) > 0).astype(float)
    # nationally, a province's day is one of as many
    k = lost * ((known > 0) | (_stepped(frames) > 0))
    n = begun.copy()
    k[:, -1], n[:, -1] = k[:, :-1].sum(axis=1), n[:, :-1].sum(axis=1)
    unfilled = patterns.of_rates(
        frames,
        contradictions.run(k, n, contradictions.peers(k, n, LOST)),
        weights(F32=1.0),
        lambda k, n, limit: (
            f"{n:.0f} 日中有 {k:.0f} 日断报且未补报，而他方知道当日有订单",
            f"{k:.0f} of {n:.0f} days were never reported, though others know of orders on them",
        ),
        min_n=7,
        why_not="报送日数不足 / too few days reported",
    )
    days_hurt = (hurt > 0) & (begun > 0)
    usual = contradictions.totals(days_hurt * (1 - lost)) / np.maximum(
        contradictions.totals(begun * (1 - lost)), 1
    )
    on_accident, all_lost = lost * days_hurt, lost.copy()
    on_accident[:, -1], all_lost[:, -1] = on_accident[:, :-1].sum(axis=1), lost[:, :-1].sum(axis=1)
    usual[:, -1] = (usual[:, :-1] * contradictions.totals(lost[:, :-1])).sum(axis=1) / np.maximum(
        contradictions.totals(lost[:, :-1]).sum(axis=1), 1
    )
    chosen = patterns.of_rates(
        frames,
        contradictions.run(on_accident, all_lost, np.clip(2 * usual, 0.05, CHANCE)),
        weights(F32=1.0),
        lambda k, n, limit: (
            f"断报的 {n:.0f} 日中有 {k:.0f} 日发生了事故（偶然约 {limit:.0%}）",
            f"{k:.0f} of {n:.0f} missing days had an accident (by chance about {limit:.0%})",
        ),
        why_not="没有断报 / no day missing",
    )
    return patterns.together([unfilled, chosen])
