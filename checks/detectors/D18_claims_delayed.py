"""Claims delayed (迟报申领): reports that come days after the accident, or after the agency already knew."""

from __future__ import annotations

from datetime import timedelta

import polars as pl

from checks import contradictions, patterns
from checks.detectors import Detector, Settings
from checks.evidence import weights
from checks.frames import Frames
from checks.panel import Signal

DETECTOR = Detector(
    id="D18",
    title_zh="申领被拖延",
    title_en="Claims delayed",
    schemes=("F18", "F17"),
    looks_zh="平台记录的报案时间是否晚于经办机构的受理时间；受伤三日以后才报的申领是否多于同业。",
    looks_en="Whether the platform's time of report is later than the agency's receipt; and whether claims reported over three days after the injury are more than the "
    "peers'.",
    errs_zh="伤者自己报案晚；节假日积压；伤情后来才显现。",
    errs_en="Workers who report late themselves; a backlog after holidays; injuries that show only later.",
    ask_zh="请平台提供事故首次报告的原始记录（客服录音、工单时间）。",
    ask_en="Ask for the first record of the accident (calls, tickets, their times).",
    unit="share of claims",
    source="reporting-lag tail against peers; agency's receipt; detection.md F18",
)
SIGNALS: tuple[Signal, ...] = ()
LATER = timedelta(hours=18)  # than the agency's receipt
CONTRADICTED = 0.03
TAIL = timedelta(days=3)
TAIL_FLOOR = 0.15  # of claims reported over three days late: people wait


def detect(frames: Frames, *, settings: Settings) -> pl.DataFrame:
    """One row per cell: reports later than the agency's receipt, and the tail of the lag."""
    cases = frames.tables["agency_case"].filter(pl.col("claim_reported_at").is_not_null()).with_columns(
        (pl.col("claim_reported_at") > pl.col("received_at") + LATER).alias("late"), pl.col("claim_first_date").alias("day")
    )  # fmt: skip
    claims = frames.tables["claim"].filter(pl.col("programme") == "oip").with_columns(
        # a claim is late by its own words, or by the night on which it was first handed in
        ((pl.col("reported_at") > pl.col("injured_at") + TAIL) | (pl.col("first_business_date") > pl.col("injured_at").cast(pl.Date) + TAIL)).alias("late"),
        pl.coalesce("order_province_code", "province_code").alias("province_code"),
        pl.col("first_business_date").alias("day"),
    )  # fmt: skip
    parts = []
    for rows, column, floor, times, shares, zh, en in (
        (cases, "late", CONTRADICTED, 3.0, weights(F18=1.0), "平台记录的报案晚于经办机构受理", "were reported to the platform later than the agency received them"),
        (claims, "late", TAIL_FLOOR, 1.5, weights(F18=1.0), "受伤三日后才报", "were reported over three days after the injury"),
    ):  # fmt: skip
        seen = contradictions.cubes(frames, rows, hit=column)
        limit = contradictions.peers(seen["hit"], seen["n"], floor, times=times)
        parts.append(
            patterns.of_rates(
                frames,
                contradictions.run(
                    seen["hit"], seen["n"], limit, alternatives=(0.1, 0.35, 0.5, 0.7, 0.95), night_cap=6.0
                ),
                shares,
                lambda k, n, limit, zh=zh, en=en: (  # type: ignore[misc]
                    f"{n:.0f} 件申领中有 {k:.0f} 件{zh}（容许 {limit:.0%}）",
                    f"{k:.0f} of {n:.0f} claims {en} (tolerated {limit:.0%})",
                ),
                min_effect=0.1,
                min_n=5,
                why_not="申领太少 / too few claims",
            )
        )
    return patterns.together(parts)
