"""Rotating enrollment (轮换参保): cover only around accidents, while other days' orders run without."""

from __future__ import annotations

import numpy as np
import polars as pl

from checks import contradictions, patterns
from checks.detectors import Detector, Settings
from checks.evidence import weights
from checks.frames import Frames
from checks.panel import Signal

DETECTOR = Detector(
    id="D16",
    title_zh="轮换参保",
    title_en="Rotating cover",
    schemes=("F16", "F15"),
    looks_zh="受伤者所依据的参保是否只有一两日，远多于这类短期参保在全部在岗人日中的份额；曾参保的人员断保后是否仍在接单；接单而无参保的人员份额是否突然上升。",
    looks_en="Whether the injured were covered by spells of a day or two far more often than such spells' share of the days worked; whether workers go on after their cover ended; and whether the share of "
    "workers who take orders without cover jumps.",
    errs_zh="按日参保的业务；集中到期续保的空档。",
    errs_en="Business insured by the day; a gap when many covers are renewed at once.",
    ask_zh="请平台提供所列人员的参保起止记录和同期接单记录，补缴未参保日的费用。",
    ask_en="Ask for the spells and the orders of the workers concerned, and for the premiums of the days without cover.",
    unit="share of claims, or log odds",
    source="detection.md F16",
)
SIGNALS = (
    Signal("uncovered_workers", "share", "cell_worker.workers_uncovered", "cell_worker.workers", min_effect=0.5, min_n=30, caution=4.0),
)  # fmt: skip
UNCOVERED = {"F16": 0.6, "F15": 0.05}  # copied or invented days leave workers without cover too
LAPSED = 0.0008  # of the days at work: a cover that ends hours before the last order
BRIEF_DAYS = 2
TOLERATED = 0.002  # of claims under brief cover
RELATED = 5.0  # brief cover may go with accidents this much more often than with work: beginners


def detect(frames: Frames, *, settings: Settings) -> pl.DataFrame:
    """One row per cell: claims under brief cover, and workers without any."""
    claims = frames.tables["claim"].filter((pl.col("programme") == "oip") & pl.col("held_s").is_not_null()).with_columns(
        (pl.col("held_s") <= BRIEF_DAYS * 86400).alias("brief"),
        pl.coalesce("order_province_code", "province_code").alias("province_code"),
        pl.col("first_business_date").alias("day"),
    )  # fmt: skip
    seen = contradictions.cubes(frames, claims, brief="brief")
    starts, workers = (
        contradictions.totals(frames.cube(*name))
        for name in (("cell_enrollment", "short_starts"), ("cell_worker", "workers"))
    )
    # worker-days under brief cover, without those of the claims themselves
    usual = np.maximum(starts - contradictions.totals(seen["brief"]), 0) * BRIEF_DAYS / np.maximum(workers, 1)
    limit = np.maximum(contradictions.peers(seen["brief"], seen["n"], TOLERATED), RELATED * usual)
    brief = patterns.of_rates(
        frames,
        contradictions.run(seen["brief"], seen["n"], limit),
        weights(F16=1.0, F15=0.1),
        lambda k, n, limit: (
            f"{n:.0f} 件申领中有 {k:.0f} 件的参保只有一两日（容许 {limit:.1%}）",
            f"{k:.0f} of {n:.0f} claims fall under cover of a day or two (tolerated {limit:.1%})",
        ),
        why_not="没有申领 / no claims",
    )
    lapsed, at_work = frames.cube("cell_worker", "workers_lapsed"), frames.cube("cell_worker", "workers")
    gone_on = patterns.of_rates(
        frames,
        contradictions.run(lapsed, at_work, contradictions.peers(lapsed, at_work, LAPSED), night_cap=8.0),
        UNCOVERED,
        lambda k, n, limit: (
            f"{n:.0f} 个接单人日中有 {k:.0f} 个曾参保而已断保（容许 {limit:.2%}）",
            f"on {k:.0f} of {n:.0f} days at work the worker, once covered, was covered no more (tolerated {limit:.2%})",
        ),
        min_effect=LAPSED,
        min_n=100,
        why_not="接单人日太少 / too few days at work",
    )
    uncovered = patterns.of_track(
        frames,
        settings.tracks["uncovered_workers"],
        "up",
        UNCOVERED,
        lambda effect, observed, expected: (
            f"接单人员中 {observed:.1%} 有未参保订单，应有约 {expected:.1%}",
            f"{observed:.1%} of the workers took orders without cover where about {expected:.1%} were to be expected",
        ),
    )
    return patterns.together([brief, gone_on, uncovered])
