"""Known orders that are reported as cancelled (已知订单被报为取消): others know that they were carried out."""

from __future__ import annotations

import polars as pl

from checks import contradictions, patterns
from checks.detectors import Detector, Settings
from checks.evidence import weights
from checks.frames import Frames
from checks.panel import Signal

DETECTOR = Detector(
    id="D35",
    title_zh="已知完成的订单被报为取消",
    title_en="Orders known to others are reported as cancelled",
    schemes=("F33", "F01", "F31"),
    looks_zh="抽查、测试单所证实的订单，以及有伤害申领的订单，被平台报为已取消且未缴保费的有多少。",
    looks_en="How many orders that sampled checks, test orders or claims speak of are reported as cancelled, without premium.",
    errs_zh="接单后客户确实取消；事故本身导致取消（按同业份额的三倍容许）。",
    errs_en="A customer's real cancellation after acceptance; an accident that ended the order (three times the peers' share is tolerated).",
    ask_zh="请平台提供所列订单的轨迹、支付和状态变更日志。",
    ask_en="Ask for the track, the payment and the status log of the orders listed.",
    unit="share of known orders",
    source="detection.md F33; rule X15; Bernoulli e-process",
)
SIGNALS: tuple[Signal, ...] = ()
CHECKED = 0.003  # of orders that others confirmed as carried out
INJURED = 0.05  # of orders with an injury: an accident may end the order


def detect(frames: Frames, *, settings: Settings) -> pl.DataFrame:
    """One row per cell: confirmed orders reported as cancelled."""
    unpaid = pl.col("reported_premium_yuan").cast(pl.Float64).fill_null(0.0) == 0
    checks = frames.tables["worker_check"].filter(
        pl.col("is_found") & pl.col("draw").is_in(["sampled", "test"])
    ).with_columns(
        ((pl.col("reported_status") == "cancelled") & unpaid).fill_null(False).alias("hit"),
        pl.coalesce("province_code", "worker_province_code").alias("province_code"),
        pl.col("checked_at").cast(pl.Date).alias("day"),
    )  # fmt: skip
    claims = frames.tables["claim"].filter((pl.col("programme") == "oip") & pl.col("is_order_known")).with_columns(
        ((pl.col("order_status") == "cancelled") & (pl.col("order_premium_yuan").cast(pl.Float64).fill_null(0.0) == 0)).fill_null(False).alias("hit"),
        pl.coalesce("order_province_code", "province_code").alias("province_code"),
        pl.col("first_business_date").alias("day"),
    )  # fmt: skip
    parts = []
    for rows, floor, schemes, zh, en in (
        (checks, CHECKED, weights(F33=1.0, F01=0.1), "抽查证实的", "orders confirmed by checks"),
        (claims, INJURED, weights(F33=1.0, F31=0.8), "有伤害申领的", "orders with an injury"),
    ):
        seen = contradictions.cubes(frames, rows, hit="hit")
        limit = contradictions.peers(seen["hit"], seen["n"], floor, highest=0.35)
        parts.append(
            patterns.of_rates(
                frames,
                contradictions.run(seen["hit"], seen["n"], limit),
                schemes,
                lambda k, n, limit, zh=zh, en=en: (  # type: ignore[misc]
                    f"{zh} {n:.0f} 单中有 {k:.0f} 单被报为已取消且无保费（容许 {limit:.1%}）",
                    f"{k:.0f} of {n:.0f} {en} are reported as cancelled without premium (tolerated {limit:.1%})",
                ),
                min_n=3,
                why_not="没有可比的已知订单 / no known orders to compare",
            )
        )
    return patterns.together(parts)
