"""Orders under another number (编号拆分或借用): the bureau drew a worker's order, and it is reported as somebody else's.

Whoever splits a worker over two numbers, or has several work under one, leaves the worker's own account of the order behind.
"""

from __future__ import annotations

import numpy as np
import polars as pl

from checks import patterns, rates
from checks.detectors import Detector, Settings
from checks.evidence import weights
from checks.frames import Frames
from checks.panel import Array, Signal

DETECTOR = Detector(
    id="D12",
    title_zh="订单报在他人编号下",
    title_en="Orders reported under another worker's number",
    schemes=("F12", "F13"),
    looks_zh="监管部门抽查或测试的订单中，报送的从业人员编号与本人编号不符的有多少（本人自查的不计）。",
    looks_en="Of the orders that the bureau drew or placed, how many are reported under another number than the worker's own?",
    errs_zh="从业人员换号而旧号未注销；没有接单时间的核验不计（订单号抄错会落到他人订单上）；抽查名单编号登记有误。",
    errs_en="A worker whose number changed; checks without a time are not counted (a mistyped number hits somebody else's order); a wrong number in the call list.",
    ask_zh="请平台说明所示订单由何人完成，两个编号是否同属一人或一号多人。",
    ask_en="Ask who did these orders: two numbers of one person, or one number of several?",
    unit="share of drawn orders",
    source="exact contradiction with worker checks (checks/rates.py); random draws only",
)
SIGNALS: tuple[Signal, ...] = ()
TOLERATED = 0.0003  # numbers entered wrongly in a call list
DRAWN = ("sampled", "test")


def contradicted(frames: Frames) -> tuple[Array, Array]:
    """(orders under another number, drawn orders found), platform × (province…, national) × day of the order."""
    # a number typed wrongly hits somebody else's order: only where the check says when, and the worker has no order then, is it told
    checks = frames.tables["worker_check"].filter(
        pl.col("draw").is_in(DRAWN)
        & pl.col("is_found")
        & pl.col("worker_id").is_not_null()
        & pl.col("accepted_at").is_not_null()
    )
    rows = checks.select(
        "platform_code",
        "province_code",
        "business_date",
        other=pl.col("reported_worker_id").is_not_null()
        & (pl.col("reported_worker_id") != pl.col("worker_id")),
    )
    k, n = np.zeros(frames.shape), np.zeros(frames.shape)
    where = frames.index(rows)
    if where is not None:
        keep, at = where
        np.add.at(n, at, 1.0)
        np.add.at(k, at, rows["other"].to_numpy()[keep].astype(float))
    k[:, -1], n[:, -1] = k[:, :-1].sum(axis=1), n[:, :-1].sum(axis=1)
    return k, n


def detect(frames: Frames, *, settings: Settings) -> pl.DataFrame:
    """One row per cell: drawn orders under another number against what is tolerated."""
    if frames.tables["worker_check"].height == 0:
        return patterns.nowhere(
            frames,
            "not_identifiable",
            "没有抽查订单，报送数据本身看不出拆分编号 / no drawn orders: the extracts alone do not show it",
        )
    k, n = contradicted(frames)
    found = rates.run(k, n, floor=TOLERATED, limit=np.full(frames.shape[:2], TOLERATED))
    return patterns.of_rates(
        frames,
        found,
        weights(F12=1.0, F13=0.8),
        lambda count, of, limit: (
            f"抽查的 {of:.0f} 单中 {count:.0f} 单报在他人编号下（容许 {limit:.2%}）",
            f"{count:.0f} of {of:.0f} drawn orders are reported under another worker's number (tolerated {limit:.2%})",
        ),
        min_effect=0.002,
        min_n=20,
        why_not="抽查订单不足二十 / fewer than twenty drawn orders",
    )
