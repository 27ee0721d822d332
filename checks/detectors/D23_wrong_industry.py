"""Industry misclassified (行业归类不实): orders in a cheaper industry that the platform did not have."""

from __future__ import annotations

import numpy as np
import polars as pl

from checks import patterns, rates
from checks.detectors import Detector, Settings
from checks.evidence import weights
from checks.frames import Frames
from checks.panel import Signal

DETECTOR = Detector(
    id="D23",
    title_zh="行业归类不实",
    title_en="Industry misclassified",
    schemes=("F23",),
    looks_zh="不属于平台登记行业的订单所占份额，与平台自身最初数周相比；这些订单的速度、费用应与所报行业相符。",
    looks_en="The share of orders outside the platform's registered industry, against its own first weeks.",
    errs_zh="平台开办新业务（应先变更登记）。",
    errs_en="A new line of business (the register should have been changed first).",
    ask_zh="请平台说明新行业何时开办、由哪些从业人员承担，并按登记行业重算保费。",
    ask_en="Ask since when the new industry is served and by whom; recompute the premiums by the registered industry.",
    unit="share of orders",
    source="exact against the register and the platform's own first weeks (checks/rates.py)",
)
SIGNALS: tuple[Signal, ...] = ()
TOLERATED = 0.0012
FIRST_DAYS = 14
OWN = 2.0  # times its own early share that a platform may grow in a second industry


def foreign(frames: Frames) -> tuple[np.ndarray, np.ndarray]:
    """(orders outside the registered industry, orders), platform × (province…, national) × day."""
    rows = frames.tables["cell_day"].filter(pl.col("industry").is_not_null())
    main = {code: name for code, name in zip(frames.platforms, frames.industry(), strict=True) if name}
    wanted = pl.col("platform_code").replace_strict(main, default=None, return_dtype=pl.String)
    sums = np.zeros(frames.shape)
    other = rows.filter(wanted.is_not_null() & (pl.col("industry") != wanted))
    where = frames.index(other)
    if where is not None:
        np.add.at(sums, where[1], other["orders"].to_numpy()[where[0]].astype(float))
    sums[:, -1] = sums[:, :-1].sum(axis=1)
    orders = frames.cube("cell_day", "orders")
    named = np.array([code in main for code in frames.platforms])[:, None, None]
    return np.where(np.isfinite(orders) & named, sums, np.nan), np.where(named, orders, np.nan)


def detect(frames: Frames, *, settings: Settings) -> pl.DataFrame:
    """One row per cell: orders outside the registered industry, beyond twice the cell's own early share."""
    k, n = foreign(frames)
    limit = np.full(frames.shape[:2], TOLERATED)
    for p, v in patterns.cells(frames, True):
        days = np.flatnonzero(np.nan_to_num(n[p, v]) > 0)[:FIRST_DAYS]
        own = np.nansum(k[p, v, days]) / max(np.nansum(n[p, v, days]), 1)
        limit[p, v] = min(max(TOLERATED, OWN * own), 0.5)
    found = rates.run(k, n, floor=TOLERATED, design_effect=1.5, night_cap=20.0, limit=limit)
    return patterns.of_rates(
        frames,
        found,
        weights(F23=1.0),
        lambda count, of, tolerated: (
            f"{of:.0f} 单中 {count:.0f} 单不属于平台登记的行业（自身早期及容许 {tolerated:.2%}）",
            f"{count:.0f} of {of:.0f} orders lie outside the platform's registered industry (own early share and tolerance {tolerated:.2%})",
        ),
        min_effect=0.002,
        min_n=50,
        why_not="登记未列行业 / the register names no industry",
    )
