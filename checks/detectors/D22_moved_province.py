"""Orders moved to another province (订单转报外省): workers who are in two provinces within the hour, ever more often."""

from __future__ import annotations

import numpy as np
import polars as pl

from checks import patterns, rates
from checks.detectors import Detector, Settings
from checks.evidence import weights
from checks.frames import Frames
from checks.panel import Array, Signal

DETECTOR = Detector(
    id="D22",
    title_zh="订单转报外省",
    title_en="Orders moved to another province",
    schemes=("F22",),
    looks_zh="同一从业人员相邻两单在不同省、一日内在几个省接单的份额，与本平台最初数周和同业相比。",
    looks_en="Workers' successive orders in different provinces, and workers in several provinces a day, against the own first weeks and peers.",
    errs_zh="省界城市的跨省接单（京津冀、长三角）；长途货运。",
    errs_en="Work across a border (Beijing and Hebei, the Yangtze delta); long-distance freight.",
    ask_zh="请平台提供这些订单的起点坐标，核对登记城市。",
    ask_en="Ask for the starting points of these orders; compare with the registered city.",
    unit="share of pairs of orders",
    source="contradictions against own first weeks and peers (checks/rates.py)",
)
SIGNALS: tuple[Signal, ...] = ()
TOLERATED = 0.002
FIRST_DAYS = 21
OWN = 2.0  # times its own early rate that is tolerated: seasons move people across borders


def detect(frames: Frames, *, settings: Settings) -> pl.DataFrame:
    """One row per cell: crossings, and workers in several provinces."""
    pairs = (
        ("cell_pattern", "crossings", "pairs", "相邻两单", "pairs of orders", "异省", "lie in two provinces"),
        (
            "cell_hours",
            "workers_in_provinces",
            "workers",
            "个人日",
            "workers' days",
            "跨省",
            "lie in several provinces",
        ),
    )
    parts = []
    for table, top, base, zh, en, what_zh, what_en in pairs:
        k, n = frames.cube(table, top), frames.cube(table, base)
        found = rates.run(k, n, floor=TOLERATED, design_effect=3.0, limit=_limit(k, n))
        parts.append(
            patterns.of_rates(
                frames,
                found,
                weights(F22=1.0),
                lambda count, of, limit, zh=zh, en=en, what_zh=what_zh, what_en=what_en: (  # type: ignore[misc]
                    f"{of:.0f} {zh}中 {count:.0f} {what_zh}（容许 {limit:.2%}）",
                    f"{count:.0f} of {of:.0f} {en} {what_en} (tolerated {limit:.2%})",
                ),
                min_effect=0.003,
                min_n=50,
            )
        )
    return patterns.together(parts)


def _limit(k: Array, n: Array) -> Array:
    """Tolerated rate per cell: the peers', and twice its own first weeks, whichever is larger."""
    limit = np.array(rates.tolerated(k, n, TOLERATED))
    for p in range(k.shape[0]):
        for v in range(k.shape[1]):
            days = np.flatnonzero(np.nan_to_num(n[p, v]) > 0)[:FIRST_DAYS]
            own = np.nansum(k[p, v, days]) / max(float(np.nansum(n[p, v, days])), 1.0)
            limit[p, v] = min(max(limit[p, v], OWN * own), 0.5)
    return limit
