"""Reused order ids (订单编号重复使用): one id, and one premium, for several orders. Exact."""

from __future__ import annotations

import numpy as np
import polars as pl

from checks import patterns, rates
from checks.detectors import Detector, Settings
from checks.evidence import weights
from checks.frames import Frames
from checks.panel import Signal

DETECTOR = Detector(
    id="D24",
    title_zh="订单编号重复使用",
    title_en="Reused order ids",
    schemes=("F24",),
    looks_zh="同一订单编号下有多个不同订单（从业人员、接单时间、里程或费用不同）的行数；已完成而未缴费的份额是否上升。",
    looks_en="Rows under one order id that are different orders (worker, acceptance, distance or fee); completed orders without premium rising.",
    errs_zh="拼单、并单沿用母单编号（按规范应逐单编号）；同一行重复发送不计。",
    errs_en="Pooled or batched orders under the parent's id (the standard wants one id an order); rows sent twice over are not counted.",
    ask_zh="请平台逐单重新编号并补缴保费。",
    ask_en="Ask for an id for each order, and for the premiums.",
    unit="share of rows",
    source="exact; rule V09 of the catalogue",
)
TOLERATED = 0.0003
SIGNALS: tuple[Signal, ...] = ()


def detect(frames: Frames, *, settings: Settings) -> pl.DataFrame:
    """One row per cell: reused ids against what is tolerated. Peers' habits are no excuse: the standard is exact."""
    found = rates.run(
        frames.cube("cell_key", "reused"), frames.cube("cell_key", "rows_sent"), floor=TOLERATED, night_cap=20.0,
        limit=np.full(frames.shape[:2], TOLERATED),
    )  # fmt: skip
    return patterns.of_rates(
        frames,
        found,
        weights(F24=1.0),
        lambda k, n, limit: (
            f"{n:.0f} 行中 {k:.0f} 行沿用了另一订单的编号（容许 {limit:.2%}）",
            f"{k:.0f} of {n:.0f} rows carry the id of another order (tolerated {limit:.2%})",
        ),
        min_effect=0.0006,
        min_n=50,
    )
