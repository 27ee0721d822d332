"""Backdated enrollment (倒填参保): cover registered after the injury that it covers, or bought only for the injured."""

from __future__ import annotations

from datetime import timedelta

import numpy as np
import polars as pl

from checks import contradictions, patterns
from checks.contradictions import NEVER
from checks.detectors import Detector, Settings
from checks.evidence import weights
from checks.frames import Frames
from checks.panel import Array, Signal

DETECTOR = Detector(
    id="D15",
    title_zh="事故后倒填参保",
    title_en="Cover dated back after the injury",
    schemes=("F15", "F16"),
    looks_zh="待遇申领人受伤时所依据的参保，是否在受伤之后才登记或才首次报送；以及受伤者中刚参保一日之内的人是否远多于其订单所占的份额。",
    looks_en="Whether the cover of an injured worker was registered or first reported only after the injury; and whether the injured were covered for less "
    "than a day far more often than such workers' orders would lead one to expect.",
    errs_zh="平台普遍在日终批量登记（按本平台非申领人员的倒填比例扣除）；新手事故率本来较高（容许数倍）。",
    errs_en="A platform that registers everyone in the evening (taken out by its share of other backdated starts); beginners are hurt more often (some times tolerated).",
    ask_zh="请平台提供参保登记的系统日志和首次接单时间；倒填的参保不得作为依据。",
    ask_en="Ask for the system log of the registration and the time of the first order; cover is not dated back.",
    unit="share of claims",
    source="detection.md F15 (one case suffices on a later date); rule X07",
)
SIGNALS: tuple[Signal, ...] = ()
MARGIN = timedelta(minutes=5)  # clocks of two systems
FRESH = timedelta(days=1)
BEGINNERS = 5.0  # how much more often beginners may be hurt
MANY_BEGINNERS = 0.15  # of a day's orders: a launch or a wave of hiring
FRESH_FLOOR = 0.02


def _claims(frames: Frames) -> pl.DataFrame:
    late_registered = (pl.col("held_undated") == 0) & (
        pl.col("held_registered_at") > pl.col("injured_at") + MARGIN
    )
    late_seen = pl.col("held_seen_on") > pl.col("injured_at").cast(pl.Date)
    return (
        frames.tables["claim"]
        .filter(pl.col("programme") == "oip")
        .with_columns(
            pl.coalesce("order_province_code", "province_code").alias("province_code"),
            pl.col("first_business_date").alias("day"),
            (late_registered | late_seen).fill_null(False).alias("late"),
            (pl.col("injured_at") - pl.col("first_covered_from") < FRESH).fill_null(False).alias("fresh"),
        )
    )  # fmt: skip


def backdated_share(frames: Frames, mine: Array) -> Array:
    """Share of all other starts of cover that are dated back or reported late, per platform × cell (× 1), without the claims' own."""
    backdated, late, starts = (
        contradictions.totals(frames.cube("cell_enrollment", name))
        for name in ("backdated", "seen_late", "starts")
    )
    return np.where(
        starts > 0, np.maximum(backdated + late - contradictions.totals(mine), 0) / np.maximum(starts, 1), 0.0
    )


def detect(frames: Frames, *, settings: Settings) -> pl.DataFrame:
    """One row per cell: covers that came after their injury, and injuries on the first day of cover."""
    claims = _claims(frames)
    seen = contradictions.cubes(frames, claims, late="late")
    exact = contradictions.run(
        seen["late"], seen["n"], np.maximum(NEVER, 3 * backdated_share(frames, seen["late"]))
    )
    late = patterns.of_rates(
        frames,
        exact,
        weights(F15=1.0, F16=0.1),
        lambda k, n, limit: (
            f"{n:.0f} 件申领中有 {k:.0f} 件的参保在受伤之后才登记，却倒填到受伤之前",
            f"the cover of {k:.0f} of {n:.0f} claims was registered after the injury and dated back before it",
        ),
        why_not="没有申领 / no claims",
    )
    k, n, tolerated = _first_day(frames, claims)
    fresh = contradictions.run(k, n, tolerated, night_cap=12.0)
    first_day = patterns.of_rates(
        frames,
        fresh,
        weights(F15=1.0, F16=0.3),
        lambda k, n, limit: (
            f"{n:.0f} 件申领中有 {k:.0f} 件发生在首次参保后一日之内（容许 {limit:.1%}）",
            f"{k:.0f} of {n:.0f} claims fell within a day of the first cover (tolerated {limit:.1%})",
        ),
        min_n=5,
        min_effect=0.05,
        why_not="申领太少 / too few claims",
    )
    return patterns.together([late, first_day])


def _first_day(frames: Frames, claims: pl.DataFrame) -> tuple[Array, Array, Array]:
    """(claims within a day of the first cover, claims, tolerated share) by the day of injury, without days of many beginners.

    What is tolerated follows from the orders of workers in their first week, a seventh of which fall on the first day.
    """
    seen = contradictions.cubes(
        frames, claims.with_columns(pl.col("injured_at").cast(pl.Date).alias("day")), fresh="fresh"
    )
    new, orders = (
        np.nan_to_num(frames.cube("cell_worker", name)) for name in ("new_worker_orders", "orders")
    )
    usual = (new <= MANY_BEGINNERS * orders) & (orders > 0)
    k, n, new, orders = (values * usual for values in (seen["fresh"], seen["n"], new, orders))
    for values in (k, n, new, orders):
        values[:, -1] = values[:, :-1].sum(axis=1)
    share = contradictions.totals(new) / np.maximum(contradictions.totals(orders), 1) / 7
    return k, n, np.maximum(FRESH_FLOOR, BEGINNERS * share)
