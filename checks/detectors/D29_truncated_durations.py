"""Truncated durations (用时截短): orders end too early, so that speeds rise."""

from __future__ import annotations

import polars as pl

from checks import patterns, tails
from checks.detectors import Detector, Settings
from checks.evidence import weights
from checks.frames import Frames
from checks.panel import Signal

DETECTOR = Detector(
    id="D29",
    title_zh="用时截短",
    title_en="Truncated durations",
    schemes=("F29", "F20"),
    looks_zh="速度最快的一小部分订单（按平台自身早期分布划定）所占份额是否上升，平均速度是否上升。",
    looks_en="The share of the fastest orders by the platform's own early distribution, and mean speed, rising.",
    errs_zh="路况变化（假期、限行）、改变完成时间的口径、业务转向长途。",
    errs_en="Traffic (holidays, restrictions), a new meaning of the finish, a turn to longer distances.",
    ask_zh="请平台提供完成时间的定义与轨迹末点时间，核对事故时间是否落在截短之后。",
    ask_en="Ask for the meaning of the finish and the last points of tracks; do injuries fall just after the finish?",
    unit="log odds",
    source="tail shares and mean log speed against own past and peers: CUSUM e-detector (checks/tails.py, checks/panel.py)",
)
SHARES = (0.015, 0.003)  # whoever ends an order by a third earlier moves it far into the fast end
LEAST = 3.0  # usual orders a night at the fast end: log odds of one or two follow no normal law
SIGNALS = (
    *(
        Signal(
            f"fast_{share:.1%}", "share", tails.inside("speed", low=False, share=share), tails.measured("speed"),
            min_effect=0.28, min_n=150, min_top=LEAST, caution=3.0,
        )
        for share in SHARES
    ),
    Signal(
        "mean_speed", "mean", "cell_day.speed_ln", "cell_day.speeds", "cell_day.speed_ln2",
        min_effect=0.03, min_n=100, caution=5.0,
    ),
)  # fmt: skip


def detect(frames: Frames, *, settings: Settings) -> pl.DataFrame:
    """One row per cell: what moved most, the fast end or mean speed."""
    parts = [
        patterns.of_track(
            frames,
            settings.tracks[f"fast_{share:.1%}"],
            "up",
            weights(F29=1.0),
            lambda effect, observed, expected: (
                f"速度最快一端的订单占 {observed:.2%}，应有约 {expected:.2%}",
                f"orders at the fast end: {observed:.2%} where about {expected:.2%} were to be expected",
            ),
        )
        for share in SHARES
    ]
    parts.append(
        patterns.of_track(
            frames,
            settings.tracks["mean_speed"],
            "up",
            weights(F29=1.0),
            lambda effect, observed, expected: (
                f"平均（对数）速度比应有的高 {effect:.1%}",
                f"mean (log) speed lies {effect:.1%} above expectation",
            ),
        )
    )
    return patterns.together(parts)
