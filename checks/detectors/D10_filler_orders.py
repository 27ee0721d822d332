"""Filler orders (凑单、虚构订单): made-up orders are taken from real ones, or lie on top of what the worker was doing."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import polars as pl

from checks import patterns, rates, running
from checks.detectors import Detector, Settings
from checks.evidence import weights
from checks.frames import Frames
from checks.panel import Array, Signal

DETECTOR = Detector(
    id="D10",
    title_zh="凑单与虚构订单",
    title_en="Filler orders",
    schemes=("F10", "F11", "F26"),
    looks_zh="同城、同里程、同费用、同用时（到米、分、秒）的成对订单；同时在途单数超过平台自身上限的订单（看不出上限的平台不判）。",
    looks_en="Pairs of orders alike in city, distance, fee and seconds; orders accepted beyond the platform's own cap of orders at once, where it has one.",
    errs_zh="里程和用时只记到整数的数据源（按平台最初数周扣除）；一人代取多份相同订单。",
    errs_en="Sources that round distances and durations (taken out by the platform's first weeks); one errand run for several customers.",
    ask_zh="请平台提供成对订单的支付记录和轨迹。",
    ask_en="Ask for the payments and tracks of both orders of a pair.",
    unit="share of orders",
    explains=("D25",),
    source="exact twins (core.cell_twin) and the platform's own cap (core.cell_running) against first weeks (checks/rates.py)",
)
SIGNALS: tuple[Signal, ...] = ()
TWINS_TOLERATED = 0.0006
ABOVE_TOLERATED = 0.0008
LOOK = 14
MOST = 0.85  # of the twins have one of the two newly covered: after a hiring wave it is two thirds


def detect(frames: Frames, *, settings: Settings) -> pl.DataFrame:
    """One row per cell: twins under other numbers, twins under the same number, or orders on top of others."""
    orders = frames.cube("cell_twin", "orders")
    above, accepted = running.beyond(frames, "order")
    return patterns.together(
        [
            _part(frames, frames.cube("cell_twin", "twins_other"), orders, TWINS_TOLERATED, _whose(frames),
                  "与另一人的订单完全相同", "are those of another worker to the metre, the cent and the second"),
            _part(frames, frames.cube("cell_twin", "twins_same"), orders, TWINS_TOLERATED, lambda p, v: weights(F26=1.0, F10=0.8),
                  "与同一人当日另一单完全相同", "repeat another order of the same worker to the metre, the cent and the second"),
            _part(frames, above, accepted, ABOVE_TOLERATED, lambda p, v: weights(F10=0.6, F13=0.6, F28=0.29),
                  "接单时已达平台同时在途上限", "were accepted when the worker already had all that the platform gives at once"),
        ]
    )  # fmt: skip


def _whose(frames: Frames) -> Callable[[int, int], patterns.Weights]:
    """Twins under other numbers are fillers, or, where most of them are of a number that is new, orders of nobody (ghosts)."""
    new = np.nansum(frames.cube("twin_new", "twins_new")[..., -LOOK:], axis=2)
    twins = np.nansum(frames.cube("twin_new", "twins")[..., -LOOK:], axis=2)

    def told(p: int, v: int) -> patterns.Weights:
        ghosts = twins[p, v] > 0 and new[p, v] >= MOST * twins[p, v]
        return weights(F11=1.0, F10=0.5) if ghosts else weights(F10=1.0, F11=0.5)

    return told


def _part(
    frames: Frames,
    k: Array,
    n: Array,
    floor: float,
    schemes: Callable[[int, int], patterns.Weights],
    zh: str,
    en: str,
) -> pl.DataFrame:
    found = rates.run(
        k, n, floor=floor, design_effect=1.5, limit=running.tolerated(k, n, floor), night_cap=20.0
    )
    return patterns.of_rates(
        frames,
        found,
        schemes,
        lambda count, of, limit: (
            f"{of:.0f} 单中 {count:.0f} 单{zh}（容许 {limit:.2%}）",
            f"{count:.0f} of {of:.0f} orders {en} (tolerated {limit:.2%})",
        ),
        min_effect=0.0006,
        min_n=50,
    )
