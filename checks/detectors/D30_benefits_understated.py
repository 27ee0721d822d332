"""Benefits understated (少报待遇): the platform's benefits lie below what the agency paid, so that its ratio stays under a threshold."""

from __future__ import annotations

import json

import polars as pl

from checks import contradictions, patterns
from checks.detectors import Detector, Settings
from checks.evidence import weights
from checks.frames import Frames
from checks.panel import Signal

DETECTOR = Detector(
    id="D30",
    title_zh="待遇金额少报",
    title_en="Benefits stated below the agency's",
    schemes=("F30", "F21"),
    looks_zh="同一案件，平台报送的待遇金额是否低于经办机构已支付的金额。",
    looks_en="Whether the benefit reported by the platform lies below what the agency paid for the same case.",
    errs_zh="分期支付、口径不同（容许百分之二）；抄录错误。",
    errs_en="Payments in parts, other definitions (two per cent tolerated); typing errors.",
    ask_zh="请平台与经办机构逐案核对待遇金额，重算支缴率。",
    ask_en="Reconcile the benefits case by case with the agency and recompute the payout ratio.",
    unit="share of cases",
    source="agency ledger; detection.md F30; rule M04",
)
SIGNALS: tuple[Signal, ...] = ()
AGREES = 0.98  # of the agency's amount
TOLERATED = 0.02  # of paid cases
ALIKE = 0.02  # of the agency's amount
EVERY = 0.7  # of the cases that are stated lower


def detect(frames: Frames, *, settings: Settings) -> pl.DataFrame:
    """One row per cell: paid cases whose benefit the platform states lower."""
    paid, stated = pl.col("benefit_yuan").cast(pl.Float64), pl.col("claim_benefit_yuan").cast(pl.Float64)
    cases = frames.tables["agency_case"].filter(
        pl.col("paid_at").is_not_null() & (paid > 0) & pl.col("claim_paid_at").is_not_null() & (stated > 0)
    ).with_columns(
        (stated < AGREES * paid).alias("lower"), pl.col("paid_at").cast(pl.Date).alias("day")
    )  # fmt: skip
    seen = contradictions.cubes(frames, cases, lower="lower")
    limit = contradictions.peers(seen["lower"], seen["n"], TOLERATED)
    rows = patterns.of_rates(
        frames,
        contradictions.run(seen["lower"], seen["n"], limit, night_cap=12.0),
        weights(F30=1.0),
        lambda k, n, limit: (
            f"经办机构已付的 {n:.0f} 件中有 {k:.0f} 件平台报得较低（容许 {limit:.0%}）",
            f"the platform states {k:.0f} of {n:.0f} paid cases lower than the agency (tolerated {limit:.0%})",
        ),
        min_effect=0.02,
        min_n=3,
        why_not="没有经办机构支付的案件 / no cases paid by the agency",
    )
    # whoever lowers the ratio lowers every case by one share; a lowered grade brings smaller bills of all kinds
    ratio = stated / paid
    even = cases.filter("lower").group_by("platform_code").agg(
        ((ratio - ratio.median()).abs() <= ALIKE).mean().alias("even")
    )  # fmt: skip
    told = (
        pl.when(pl.col("even") >= EVERY)
        .then(pl.lit(json.dumps(weights(F30=1.0, F21=0.2))))
        .otherwise(pl.lit(json.dumps(weights(F21=1.0, F30=0.7))))
    )
    return (
        rows.join(even, on="platform_code", how="left", maintain_order="left")
        .with_columns(schemes=pl.when(pl.col("schemes").is_not_null()).then(told))
        .drop("even")
    )
