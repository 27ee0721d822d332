"""Merged or rented ids (编号共用): one number does the work of several persons.

More orders at once than the platform ever gives one worker, or days of more than twenty hours.
"""

from __future__ import annotations

import numpy as np
import polars as pl

from checks import patterns, rates, running
from checks.detectors import Detector, Settings
from checks.evidence import weights
from checks.frames import Frames
from checks.panel import Array, Signal

DETECTOR = Detector(
    id="D13",
    title_zh="从业人员编号合并或出租",
    title_en="Merged or rented worker ids",
    schemes=("F13", "F10"),
    looks_zh="同一从业人员同时在途单数超过平台自身上限（按其最初数周；看不出上限的平台不判）；一日接单超过二十小时。",
    looks_en="Workers with more orders at once than the platform's own cap (by its first weeks; where no cap shows, nothing is said); days of over twenty hours.",
    errs_zh="平台提高派单上限；完成时间登记过晚；夫妻轮班共用账号（仍属违规）。",
    errs_en="A raised cap on batching; finishes entered late; couples sharing an account (still a breach).",
    ask_zh="请平台提供登录、人脸核验记录，说明所示从业人员当日由何人接单。",
    ask_en="Ask for log-ins and face checks: who worked under the numbers shown?",
    unit="share of workers' days",
    source="exact contradictions against the platform's own cap (checks/running.py, checks/rates.py)",
)
SIGNALS: tuple[Signal, ...] = ()
TOLERATED = 0.0006  # of workers' days
LONG_TOLERATED = 0.0006
LOOK = 7  # nights over which another explanation is looked for
MANY = 2.0  # orders above the cap per worker above it: a second person, not a stray order


def detect(frames: Frames, *, settings: Settings) -> pl.DataFrame:
    """One row per cell: workers above the cap, or days too long."""
    k, n = running.beyond(frames, "worker")
    orders, _ = running.beyond(frames, "order")
    # what repeated, made-up and template orders put on top of one another is theirs (D10, D28)
    chance = frames.cube("cell_day", "accepted_minute") * frames.cube("cell_day", "finished_minute")
    timed = np.maximum(frames.cube("cell_day", "durations"), 1)
    template = np.maximum(frames.cube("cell_day", "both_minute") - chance / timed, 0)
    twins = frames.cube("cell_twin", "twins_other") + frames.cube("cell_twin", "twins_same")
    explained = np.cumsum(np.nan_to_num(twins) + np.nan_to_num(template), axis=2)
    explained[..., LOOK:] -= explained[..., :-LOOK].copy()
    # a rented number is above its cap again and again; a filler order now and then
    rented = np.where(explained > 0.5 * _lately(orders), 0.0, np.minimum(k, orders / MANY))
    full = rates.run(rented, n, floor=TOLERATED, limit=running.tolerated(k, n, TOLERATED), night_cap=20.0)
    over, of = frames.cube("cell_hours", "long_days"), frames.cube("cell_hours", "workers")
    # what the platform's first weeks had of them, or the others have, is its way of recording
    limit = np.maximum(rates.tolerated(over, of, LONG_TOLERATED), running.tolerated(over, of, LONG_TOLERATED))
    long = rates.run(over, of, floor=LONG_TOLERATED, limit=limit, night_cap=20.0)
    return patterns.together(
        [
            patterns.of_rates(
                frames,
                full,
                weights(F13=1.0, F10=0.3),
                lambda count, of, limit: (
                    f"{of:.0f} 个人日中约 {count:.0f} 个多次超过平台同时在途单数上限（容许 {limit:.2%}）",
                    f"about {count:.0f} of {of:.0f} workers' days went beyond the platform's cap of orders at once, again and again"
                    f" (tolerated {limit:.2%})",
                ),
                min_effect=0.0012,
                min_n=20,
            ),
            patterns.of_rates(
                frames,
                long,
                weights(F13=1.0),
                lambda count, of, limit: (
                    f"{of:.0f} 个人日中 {count:.0f} 个接单超过二十小时（容许 {limit:.2%}）",
                    f"{count:.0f} of {of:.0f} workers' days had orders for over twenty hours (tolerated {limit:.2%})",
                ),
                min_effect=0.0006,
                min_n=20,
            ),
        ]
    )


def _lately(orders: Array) -> Array:
    """The sum of the last LOOK nights, at least 1."""
    total = np.cumsum(np.nan_to_num(orders), axis=2)
    total[..., LOOK:] -= total[..., :-LOOK].copy()
    return np.maximum(total, 1.0)
