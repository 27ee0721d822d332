"""Orders fall against the platform's own past and its peers (单量骤降): rule M01 of the catalogue."""

from __future__ import annotations

import polars as pl

from checks import patterns
from checks.detectors import Detector, Settings
from checks.evidence import weights
from checks.frames import Frames
from checks.panel import Signal

DETECTOR = Detector(
    id="D03",
    title_zh="单量相对自身与同业骤降",
    title_en="Orders fall against own past and peers",
    schemes=("F02", "F01", "F05", "F14", "F32"),
    looks_zh="每日订单数与按自身历史、星期和同业同省变动推算的应有数之差，连日累积。",
    looks_en="Daily orders against what own history, weekday and the peers' movement lead one to expect, added up over days.",
    errs_zh="市场份额真实流失、退出城市、促销结束、运力不足。",
    errs_en="A real loss of market share, leaving a city, the end of a promotion, a lack of riders.",
    ask_zh="请平台说明自所示日期起单量下降的经营原因，并提供同期收入或支付数据。",
    ask_en="Ask for the business reason since the date shown, and for payments of the same days.",
    unit="log ratio",
    is_generic=True,
    source="CUSUM e-detector on peer-adjusted residuals (checks/panel.py)",
)
SIGNALS = (
    Signal("orders", "count", "cell_day.orders", min_effect=0.02, min_n=50, caution=3.0),
    Signal("workers", "count", "cell_worker.workers", min_effect=0.03, min_n=30),
)


def detect(frames: Frames, *, settings: Settings) -> pl.DataFrame:
    """One row per cell: orders below expectation."""
    track = settings.tracks["orders"]
    return patterns.of_track(
        frames,
        track,
        "down",
        weights(F02=1.0, F05=0.3, F14=0.3, F32=0.2),
        lambda effect, observed, expected: (
            f"日均 {observed:.0f} 单，应有约 {expected:.0f} 单（{effect:+.1%}，已扣除同业同省变动）",
            f"{observed:.0f} orders a day where about {expected:.0f} were to be expected ({effect:+.1%}, peers' movement taken out)",
        ),
    )
