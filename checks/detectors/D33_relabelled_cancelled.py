"""Completed orders called cancelled (完成改为取消): cancelled, yet carried over a distance; more cancellations than before."""

from __future__ import annotations

import polars as pl

from checks import patterns, rates
from checks.detectors import Detector, Settings
from checks.evidence import weights
from checks.frames import Frames
from checks.panel import Signal

DETECTOR = Detector(
    id="D33",
    title_zh="完成订单改标为取消",
    title_en="Completed orders called cancelled",
    schemes=("F33",),
    looks_zh="已取消的订单中，已取货（接到乘客）且有行驶里程的有多少；取消、有收入而不缴费的份额是否上升。",
    looks_en="Cancelled orders that were picked up and carried over a distance; the share of cancelled orders, and of those with income, rising.",
    errs_zh="途中取消、货物退回（平台给予补偿）；取消规则改变。",
    errs_en="Cancelled on the way, goods returned (with compensation); new rules of cancellation.",
    ask_zh="请平台提供这些订单的轨迹与支付记录；核对从业人员自查、申领中涉及的已取消订单。",
    ask_en="Ask for tracks and payments of these orders; compare workers' checks and claims on cancelled orders.",
    unit="share of orders",
    source="exact contradictions against peers (checks/rates.py); CUSUM e-detector (checks/panel.py)",
)
TOLERATED = 0.002  # orders that honestly end on the way
SIGNALS = (
    Signal(
        "cancelled", "share", "cell_day.cancelled", "cell_day.orders",
        min_effect=0.12, min_n=80, caution=4.0,
    ),
    Signal(
        "cancelled_paid", "share", "cell_day.cancelled_paid", "cell_day.orders",
        min_effect=0.6, min_n=80, caution=2.0,
    ),
    Signal(
        "cancelled_moved", "share", "cell_day.cancelled_moved", "cell_day.orders",
        min_effect=0.6, min_n=80, caution=2.0,
    ),
)  # fmt: skip
NAMES = {
    "cancelled": ("已取消的订单", "cancelled orders"),
    "cancelled_paid": ("取消、有收入而未缴费的订单", "cancelled orders with income and no premium"),
    "cancelled_moved": ("取消而有里程的订单", "cancelled orders with a distance"),
}


def detect(frames: Frames, *, settings: Settings) -> pl.DataFrame:
    """One row per cell: carried and cancelled against what is tolerated, or cancellations against expectation."""
    carried = rates.run(
        frames.cube("cell_day", "cancelled_carried"),
        frames.cube("cell_day", "orders"),
        floor=TOLERATED,
        design_effect=1.5,
    )
    parts = [
        patterns.of_rates(
            frames,
            carried,
            weights(F33=1.0),
            lambda k, n, limit: (
                f"{n:.0f} 单中 {k:.0f} 单标为取消却已取货并有里程（容许 {limit:.2%}）",
                f"{k:.0f} of {n:.0f} orders are called cancelled, yet were picked up and carried (tolerated {limit:.2%})",
            ),
            min_effect=0.002,
            min_n=50,
        )
    ]
    for name, (zh, en) in NAMES.items():
        parts.append(
            patterns.of_track(
                frames,
                settings.tracks[name],
                "up",
                weights(F33=1.0),
                lambda effect, observed, expected, zh=zh, en=en: (  # type: ignore[misc]
                    f"{zh}占 {observed:.2%}，应有约 {expected:.2%}",
                    f"{en}: {observed:.2%} where about {expected:.2%} were to be expected",
                ),
            )
        )
    return patterns.together(parts)
