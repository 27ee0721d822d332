"""Injuries moved off the order (移出订单时段): injuries dated just after the finish of their order."""

from __future__ import annotations

from datetime import timedelta

import polars as pl

from checks import contradictions, patterns
from checks.detectors import Detector, Settings
from checks.evidence import weights
from checks.frames import Frames
from checks.panel import Signal

DETECTOR = Detector(
    id="D20",
    title_zh="受伤时间移到订单之后",
    title_en="Injuries dated just after the order",
    schemes=("F20",),
    looks_zh="申领所指订单已报送完成时间的，受伤时间落在完成之后数小时内的份额是否远高于同业；与经办机构所记受伤时间是否相符。",
    looks_en="Of claims whose order has a reported finish: whether the share of injuries dated within some hours after it is far above the peers', and whether the agency dates "
    "the injuries otherwise.",
    errs_zh="平台在事故后自动结束订单；受伤时间凭记忆填写。",
    errs_en="A platform that closes the order at the accident; times of injury written from memory.",
    ask_zh="请平台提供所列订单的轨迹与完成时间日志。",
    ask_en="Ask for the track and the log of the finish of the orders listed.",
    unit="share of claims",
    source="bunching after a cut-off; detection.md F20; rule X05",
)
SIGNALS: tuple[Signal, ...] = ()
JUST_AFTER = timedelta(hours=6)
MARGIN = timedelta(minutes=2)
APART = timedelta(minutes=20)
DISAGREED = 0.05  # of cases whose time of injury the agency holds otherwise
TOLERATED = 0.08  # of claims: times written from memory fall on either side


def detect(frames: Frames, *, settings: Settings) -> pl.DataFrame:
    """One row per cell: injuries dated after the finish of their own order."""
    after = pl.col("injured_at") - pl.col("finished_at")
    claims = frames.tables["claim"].filter(
        (pl.col("programme") == "oip") & pl.col("is_order_known") & pl.col("finished_at").is_not_null() & (pl.col("order_status") == "completed")
    ).with_columns(
        ((after > MARGIN) & (after < JUST_AFTER)).alias("hit"),
        pl.coalesce("order_province_code", "province_code").alias("province_code"),
        pl.col("first_business_date").alias("day"),
    )  # fmt: skip
    seen = contradictions.cubes(frames, claims, hit="hit")
    limit = contradictions.peers(seen["hit"], seen["n"], TOLERATED, times=2.0)
    after_finish = patterns.of_rates(
        frames,
        contradictions.run(seen["hit"], seen["n"], limit, alternatives=(0.15, 0.35, 0.6, 0.9)),
        weights(F20=1.0),
        lambda k, n, limit: (
            f"{n:.0f} 件申领中有 {k:.0f} 件的受伤时间在订单完成后数小时内（容许 {limit:.0%}）",
            f"{k:.0f} of {n:.0f} injuries are dated within hours after the finish of their order (tolerated {limit:.0%})",
        ),
        min_effect=0.08,
        min_n=5,
        why_not="带订单的申领太少 / too few claims with an order",
    )
    cases = frames.tables["agency_case"].filter(pl.col("claim_injured_at").is_not_null()).with_columns(
        ((pl.col("claim_injured_at") - pl.col("injured_at")).abs() > APART).alias("hit"), pl.col("claim_first_date").alias("day")
    )  # fmt: skip
    known = contradictions.cubes(frames, cases, hit="hit")
    moved = patterns.of_rates(
        frames,
        contradictions.run(
            known["hit"], known["n"], contradictions.peers(known["hit"], known["n"], DISAGREED, times=2.0)
        ),
        weights(F20=1.0),
        lambda k, n, limit: (
            f"{n:.0f} 件中有 {k:.0f} 件平台所报受伤时间与经办机构不同（容许 {limit:.0%}）",
            f"in {k:.0f} of {n:.0f} cases the platform dates the injury otherwise than the agency (tolerated {limit:.0%})",
        ),
        min_effect=0.05,
        min_n=3,
        why_not="没有经办机构案件 / no agency cases",
    )
    return patterns.together([after_finish, moved])
