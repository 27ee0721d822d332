"""Serial gaps (序号断号): numbers are given at acceptance, without gaps; what is taken out later leaves a hole."""

from __future__ import annotations

import numpy as np
import polars as pl

from checks import patterns, rates
from checks.detectors import Detector, Settings
from checks.evidence import weights
from checks.frames import Frames
from checks.missing import Common
from checks.panel import Array, Signal

DETECTOR = Detector(
    id="D01",
    title_zh="订单序号断号",
    title_en="Gaps in the order serials",
    schemes=("F01", "F02", "F03", "F04", "F05", "F06", "F07"),
    looks_zh="订单序号在接单时连续编号。看当日首号到末号之间、以及与前一日末号之间缺了多少号。",
    looks_en="Serials are given at acceptance without gaps. It counts the numbers missing between a day's first and last, and since the day before.",
    errs_zh="系统故障丢号、按规范之外的方式编号（如与未纳入的业务共用序号）。",
    errs_en="Numbers lost in a system fault; numbering shared with business outside the scheme.",
    ask_zh="请平台说明缺失序号对应的订单，并补报或提供编号日志。",
    ask_en="Ask for the orders behind the missing serials, or for the numbering log.",
    unit="share of serials",
    is_generic=True,
    source="报送规范 1.0 §3 serial; rule T03",
)
SIGNALS: tuple[Signal, ...] = ()
TOLERATED = 0.0006
FIRST_DAYS = 3  # holes within the first days reported were always there


def missing_serials(frames: Frames) -> tuple[Array, Array]:
    """(serials missing, serials spanned) per platform × (province…, national) × day; NaN where none was reported.

    The step from the last day counts only where that day was reported: a night not sent is T01's.
    """
    unit = frames.tables["unit"].filter(pl.col("first_serial").is_not_null()).sort("business_date")
    gap, span = np.zeros(frames.shape), np.zeros(frames.shape)
    where = frames.index(unit)
    if where is None:
        return gap * np.nan, span
    keep, (p, v, t) = where
    first, last, held = (
        np.full(frames.shape, np.nan), np.full(frames.shape, np.nan), np.zeros(frames.shape)
    )  # fmt: skip
    for target, column in ((first, "first_serial"), (last, "last_serial"), (held, "serials")):
        target[p, v, t] = unit[column].to_numpy()[keep]
    span = last - first + 1
    gap = span - held
    step = first[:, :, 1:] - last[:, :, :-1] - 1
    follows = np.isfinite(step) & (step > 0)
    gap[:, :, 1:] += np.where(follows, step, 0)
    span[:, :, 1:] += np.where(follows, step, 0)
    gap[:, -1], span[:, -1] = np.nansum(gap[:, :-1], axis=1), np.nansum(span[:, :-1], axis=1)
    return gap, span


def detect(frames: Frames, *, settings: Settings) -> pl.DataFrame:
    """One row per cell: missing serials against what is tolerated."""
    gap, span = missing_serials(frames)
    common = Common(frames)
    found = rates.run(gap, span, floor=TOLERATED, design_effect=2.0)
    return patterns.of_rates(
        frames,
        found,
        lambda p, v: common.schemes(p, v, _schemes(gap[p, v], span[p, v])),
        lambda k, n, limit: (
            f"缺 {k:.0f} 个序号，占 {n:.0f} 个应有序号的 {k / n:.2%}（容许 {limit:.2%}）",
            f"{k:.0f} serials are missing of {n:.0f} that should be there: {k / n:.2%} (tolerated {limit:.2%})",
        ),
        more=common.said,
        min_effect=0.0006,
        min_n=50,
    )


def _schemes(gap: Array, span: Array) -> dict[str, float]:
    """Thinned from the first day on, or from one day: the first hole against the first reported days."""
    reported = np.flatnonzero(np.isfinite(span) & (span > 0))
    holes = np.flatnonzero(np.nan_to_num(gap) > 0)
    from_start = len(holes) > 0 and (np.searchsorted(reported, holes[0]) < FIRST_DAYS)
    if from_start:
        return weights(F01=1.0, F02=0.35, F03=0.35, F04=0.3, F05=0.3, F06=0.35, F07=0.25)
    return weights(F01=0.35, F02=1.0, F03=0.35, F04=0.3, F05=0.3, F06=0.35, F07=0.25)
