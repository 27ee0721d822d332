"""Ghost workers (虚构人员): many enrolled in one minute, who then hardly work, or repeat the orders of real ones.

Enrolling in bulk is honest by itself (a hiring wave, a nightly batch); it speaks only where the new workers do not live.
"""

from __future__ import annotations

import numpy as np
import polars as pl
from numpy.typing import NDArray

from checks import patterns, rates, running
from checks.detectors import Detector, Settings
from checks.evidence import weights
from checks.frames import Frames
from checks.panel import Array, Signal

DETECTOR = Detector(
    id="D11",
    title_zh="虚构从业人员",
    title_en="Ghost workers",
    schemes=("F11", "F10"),
    looks_zh="同一分钟内成批参保，而新参保人员单量远低于他人，或其订单与他人订单完全相同。",
    looks_en="Bulk enrollment within a minute, of workers who take far fewer orders than others, or whose orders repeat those of others.",
    errs_zh="批量招募后新人尚未熟练；批处理参保（按平台最初数周扣除）。",
    errs_en="Beginners after a hiring wave; enrollment in batches (taken out by the platform's first weeks).",
    ask_zh="请平台提供新参保人员的实名认证、登录和收入支付记录。",
    ask_en="Ask for identity checks, log-ins and income payments of the newly enrolled.",
    unit="share of enrollments",
    explains=("D25",),
    source="bulk enrollment against the platform's first weeks (checks/rates.py), twins and loads as a gate",
)
SIGNALS: tuple[Signal, ...] = ()
TOLERATED = 0.1  # of those enrolled, within a minute of many others
BULK = 4.0  # persons enrolled in one minute
NIGHT = 7.0  # nats that one batch may bring: a batch comes together
LOOK = 14
TWINS = 2.0
IDLE = 0.35  # of the others' orders a worker and day
MIN_NEW = 10.0


def detect(frames: Frames, *, settings: Settings) -> pl.DataFrame:
    """One row per cell: bulk enrollment of workers who do not live."""
    minute, started = (
        frames.cube("cell_enrollment", "in_one_minute"),
        frames.cube("cell_enrollment", "persons_started"),
    )
    k = np.where(minute >= BULK, minute, 0.0)
    k[:, -1] = k[:, :-1].sum(axis=1)
    k = np.where(np.isfinite(started), k, np.nan)
    found = rates.run(
        k, started, floor=TOLERATED, limit=running.tolerated(k, started, TOLERATED), night_cap=NIGHT
    )
    rows = patterns.of_rates(
        frames,
        found,
        weights(F11=1.0, F10=0.2),
        lambda count, of, limit: (
            f"新参保 {of:.0f} 人中 {count:.0f} 人成批在一分钟内登记（容许 {limit:.0%}），且其单量过低或与他人相同",
            f"{count:.0f} of {of:.0f} new workers were enrolled in bulk within a minute (tolerated {limit:.0%}), and hardly work or repeat others",
        ),
        min_effect=0.1,
        min_n=5,
        why_not="新参保人员不足 / too few enrolled",
    )
    gate = dict(zip(_cells(frames), _lifeless(frames).reshape(-1).tolist(), strict=True))
    lifeless = [gate[cell] for cell in rows.select("platform_code", "province_code").iter_rows()]
    return rows.with_columns(matters=pl.col("matters") & pl.Series(lifeless, dtype=pl.Boolean))


def _cells(frames: Frames) -> list[tuple[str, str | None]]:
    return [(platform, province) for platform in frames.platforms for province in (*frames.provinces, None)]


def _lifeless(frames: Frames) -> NDArray[np.bool_]:
    """platform × (province…, national): of late, twins under other numbers, or new workers with a fraction of a load."""

    def lately(table: str, column: str) -> Array:
        total: Array = np.nansum(frames.cube(table, column)[..., -LOOK:], axis=2)
        return total

    new, new_orders = lately("cell_worker", "new_workers"), lately("cell_worker", "new_worker_orders")
    old = np.maximum(lately("cell_worker", "workers") - new, 1)
    old_orders = lately("cell_worker", "orders") - new_orders
    idle = (new >= MIN_NEW) & (new_orders / np.maximum(new, 1) < IDLE * old_orders / old)
    lifeless: NDArray[np.bool_] = idle | (lately("cell_twin", "twins_other") >= TWINS)
    return lifeless
