"""A hole in the hours of the day (时段缺口): night orders, or any block of hours, grow rarer. Rule M02 of the catalogue."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import polars as pl

from checks import patterns
from checks.detectors import Detector, Settings
from checks.evidence import weights
from checks.frames import Frames
from checks.panel import Array, Signal

DETECTOR = Detector(
    id="D04",
    title_zh="时段缺口",
    title_en="A hole in the hours of the day",
    schemes=("F04", "F02", "F06"),
    looks_zh="各时段订单占全天的份额，与自身历史和同业变动相比是否下降（夜间22–6时、早、午、晚）。",
    looks_en="The share of each part of the day (night 22–6, morning, midday, evening) against own past and peers.",
    errs_zh="营业时间调整、夜间运力政策、当地管制；人少时个别人员进出（已按人数设限）。",
    errs_en="Changed opening hours, a night policy, local restrictions; where few work, one who leaves (bounded by their number).",
    ask_zh="请平台说明该时段订单减少的原因，提供该时段的调度日志。",
    ask_en="Ask why orders of these hours fell, and for the dispatch log of the hours.",
    unit="log odds",
    source="CUSUM e-detector on shares (checks/panel.py)",
)
BLOCKS = {
    "night": (22, 23, 0, 1, 2, 3, 4, 5),
    "morning": (6, 7, 8, 9),
    "midday": (10, 11, 12, 13, 14),
    "evening": (15, 16, 17, 18, 19, 20, 21),
}
NAMES = {
    "night": ("夜间22–6时", "night 22–6"),
    "morning": ("6–10时", "6–10"),
    "midday": ("10–15时", "10–15"),
    "evening": ("15–22时", "15–22"),
}


def _of_hours(hours: tuple[int, ...]) -> Callable[[Frames], Array]:
    def cube(frames: Frames) -> Array:
        rows = frames.tables["cell_hour"].filter(pl.col("hour_no").is_in(list(hours)))
        sums = np.zeros(frames.shape)
        where = frames.index(rows)
        if where is not None:
            np.add.at(sums, where[1], rows["orders"].to_numpy()[where[0]].astype(float))
        sums[:, -1] = sums[:, :-1].sum(axis=1)
        return np.where(frames.reported, sums, np.nan)

    return cube


SIGNALS = tuple(
    Signal(
        f"hours_{name}",
        "share",
        _of_hours(hours),
        "cell_hour.orders",
        min_effect=0.1,
        min_n=80,
        min_top=25,
        alike=0.5,
        caution=3.0,
    )
    for name, hours in BLOCKS.items()
)


def detect(frames: Frames, *, settings: Settings) -> pl.DataFrame:
    """One row per cell: the part of the day that fell most."""
    parts = []
    for name in BLOCKS:
        zh, en = NAMES[name]
        shares = weights(F04=1.0) if name == "night" else weights(F02=0.3, F06=0.2, F04=0.15)
        parts.append(
            patterns.of_track(
                frames,
                settings.tracks[f"hours_{name}"],
                "down",
                shares,
                lambda effect, observed, expected, zh=zh, en=en: (  # type: ignore[misc]
                    f"{zh}订单占 {observed:.1%}，应有约 {expected:.1%}",
                    f"{en}: {observed:.1%} of the day's orders where about {expected:.1%} were to be expected",
                ),
            )
        )
    return patterns.together(parts)
