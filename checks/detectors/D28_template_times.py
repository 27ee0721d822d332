"""Template timestamps (套用模板的时间): orders that begin and end on the full minute, the same few durations again and again.

In honest data a time falls on the full minute once in sixty, both times of an order once in 3,600. A source that keeps whole
minutes does so for (nearly) all orders and from its first day on; there only the durations can speak.
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
    id="D28",
    title_zh="套用模板的时间",
    title_en="Template timestamps",
    schemes=("F28", "F10"),
    looks_zh="接单与完成时间都恰在整分的订单（偶然只有三千六百分之一）；五分钟整数倍用时、与前一单用时相同的份额是否上升。",
    looks_en="Orders that begin and end on the full minute (one in 3,600 by chance); rising shares of durations in fives of minutes, or repeated.",
    errs_zh="数据源只记到分钟（自首日起、几乎全部订单如此，已扣除）；补录、人工登记的订单。",
    errs_en="A source that keeps whole minutes (from the first day on and for nearly all orders: taken out); orders entered by hand.",
    ask_zh="请平台提供这些订单的派单、轨迹原始时间。",
    ask_en="Ask for the original dispatch and track times of these orders.",
    unit="share of orders",
    source="exact chance of full minutes (checks/rates.py); CUSUM e-detector on shares (checks/panel.py)",
)
BY_CHANCE = 0.0006  # twice 1/3600
TWICE = 2.0  # what chance gives, by the platform's own shares of full minutes at either end
FIRST_DAYS = 14  # by which a source is known
SIGNALS = tuple(
    Signal(
        name,
        "share",
        f"{table}.{name}",
        f"{table}.{base}",
        min_effect=least,
        min_n=150,
        caution=3.0,
    )
    for name, table, base, least in (
        ("accepted_minute", "cell_day", "accepted", 0.28),
        ("finished_minute", "cell_day", "finished", 0.28),
        ("durations_five", "cell_day", "durations", 0.08),
        ("same_duration", "cell_pattern", "pairs", 0.5),
    )
)

NAMES = {
    "accepted_minute": ("接单在整分的订单", "orders accepted on the full minute"),
    "finished_minute": ("完成在整分的订单", "orders finished on the full minute"),
    "durations_five": ("用时为五分钟整数倍的订单", "orders that took a multiple of five minutes"),
    "same_duration": (
        "用时与同一人前一单完全相同的订单",
        "orders that took exactly as long as the worker's one before",
    ),
}


def detect(frames: Frames, *, settings: Settings) -> pl.DataFrame:
    """One row per cell: full minutes against chance, or repeated durations against expectation."""
    both, timed = frames.cube("cell_day", "both_minute"), frames.cube("cell_day", "durations")
    limit = _by_chance(frames)
    found = rates.run(both, timed, floor=BY_CHANCE, design_effect=1.5, night_cap=20.0, limit=limit)
    parts = [
        patterns.of_rates(
            frames,
            found,
            weights(F28=1.0),
            lambda k, n, limit: (
                f"{n:.0f} 单中 {k:.0f} 单起止都在整分（偶然至多 {limit:.2%}）",
                f"{k:.0f} of {n:.0f} orders begin and end on the full minute (chance allows {limit:.2%})",
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
                weights(F28=1.0),
                lambda effect, observed, expected, zh=zh, en=en: (  # type: ignore[misc]
                    f"{zh}占 {observed:.2%}，应有约 {expected:.2%}",
                    f"{en}: {observed:.2%} where about {expected:.2%} were to be expected",
                ),
            )
        )
    return patterns.together(parts)


def _by_chance(frames: Frames) -> Array:
    """What chance gives a cell: by its platform's early shares of full minutes at either end, twice over.

    A source that keeps whole minutes at one end, or whole minutes of duration, makes both ends full one time in sixty.
    """
    shares = {}
    for top, base in (
        ("accepted_minute", "accepted"),
        ("finished_minute", "finished"),
        ("durations_minute", "durations"),
    ):
        k, n = frames.cube("cell_day", top)[:, -1], frames.cube("cell_day", base)[:, -1]
        early = [np.flatnonzero(np.isfinite(row))[:FIRST_DAYS] for row in k]
        shares[top] = np.array(
            [k[p, days].sum() / max(n[p, days].sum(), 1.0) for p, days in enumerate(early)]
        )
    product = shares["accepted_minute"] * np.maximum(shares["finished_minute"], shares["durations_minute"])
    limit = np.clip(TWICE * product, BY_CHANCE, 0.9)
    return np.array(np.broadcast_to(limit[:, None], frames.shape[:2]))
