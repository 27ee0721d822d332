"""Orders that others know of (他方所知而未报的订单): sampled worker checks, test orders, claims and agency cases."""

from __future__ import annotations

import polars as pl

from checks import contradictions, patterns, rates
from checks.detectors import Detector, Settings
from checks.evidence import weights
from checks.frames import Frames
from checks.missing import Common, drawn, reported
from checks.panel import Signal

DETECTOR = Detector(
    id="D02",
    title_zh="他方所知订单未报送",
    title_en="Orders that others know of are not reported",
    schemes=("F01", "F02", "F03", "F04", "F05", "F06", "F07"),
    looks_zh="人社部门抽查（抽样名单、测试单）、待遇申领和经办案件所指的订单，有多少不在平台报送的订单中。",
    looks_en="How many of the orders named by the bureau's sample, its test orders, claims and agency cases are not among the platform's orders.",
    errs_zh="没有接单时间的核验、申领与案件中订单号抄录错误；订单随后续补报到达。自行查询（self）不是随机样本，只作线索，不计入。",
    errs_en="A mistyped order number in a claim, a case or a check without a time; an order that a later correction brings. Self look-ups are no random sample and are not counted.",
    ask_zh="请平台提供所列订单的原始记录，说明未报原因。",
    ask_en="Ask for the records of the listed orders and why they were not reported.",
    unit="share of orders known to others",
    is_generic=True,
    source="Bernoulli e-process; detection.md §1(2)",
)
SIGNALS: tuple[Signal, ...] = ()
ENOUGH = 25  # known orders that were all found before the first missing one: it began one day
SAMPLED_TOLERATED = 1e-9  # an order that the bureau itself drew and that is missing needs no statistics, unless the peers miss some too
TYPED_TOLERATED = 0.0035  # claims, cases and checks without a time: order numbers typed by hand


def _of_cell(frames: Frames, rows: pl.DataFrame, p: int, v: int) -> pl.DataFrame:
    """A cell's known orders, by day."""
    mine = rows.filter(pl.col("platform_code") == frames.platforms[p])
    if v < len(frames.provinces):
        mine = mine.filter(pl.col("province_code") == frames.provinces[v])
    return mine.sort("day", "order_id")


def _schemes(known: pl.DataFrame, common: Common, p: int, v: int) -> dict[str, float]:
    """What the missing orders have in common: whose they are, when they were, since when they are missing."""
    missing = known.filter(~pl.col("is_found"))
    before = known.filter(pl.col("day") < missing["day"].min()).height if missing.height else 0
    uncovered = missing.filter(~pl.col("is_worker_covered")).height
    if missing.height >= 3 and uncovered >= 0.6 * missing.height:
        return weights(F03=1.0, F01=0.3, F02=0.3)
    if before >= ENOUGH:
        return common.schemes(p, v, weights(F02=1.0, F01=0.6, F03=0.3, F06=0.4, F05=0.3, F07=0.3))
    return common.schemes(p, v, weights(F01=1.0, F02=0.6, F03=0.3, F06=0.4, F05=0.3, F07=0.3))


def detect(frames: Frames, *, settings: Settings) -> pl.DataFrame:
    """One row per cell: orders that others know of and that are not among the reported ones."""
    common = Common(frames)
    checks = drawn(frames)
    # where a check says when, a number typed wrongly finds its order all the same (core.checked_order); else it is as good as a claim's
    timed = pl.col("hour").is_not_null()
    claims = frames.tables["claim"].filter((pl.col("programme") == "oip") & pl.col("order_id").is_not_null()).select(
        "platform_code", pl.coalesce("order_province_code", "province_code").alias("province_code"),
        pl.col("injured_at").cast(pl.Date).alias("day"), pl.col("is_order_known").alias("is_found"),
        "order_id", pl.col("injured_at").dt.hour().alias("hour"), pl.lit(True).alias("is_worker_covered"),
    )  # fmt: skip
    cases = frames.tables["agency_case"].filter(pl.col("order_id").is_not_null()).select(
        "platform_code", pl.col("order_province_code").alias("province_code"),
        pl.col("injured_at").cast(pl.Date).alias("day"), pl.col("is_order_known").alias("is_found"),
        "order_id", pl.col("injured_at").dt.hour().alias("hour"), pl.lit(True).alias("is_worker_covered"),
    )  # fmt: skip
    named = pl.concat(
        [pl.concat([claims, cases]).pipe(reported, frames), checks.filter(~timed)], how="vertical_relaxed"
    )
    parts = []
    for told, floor in ((checks.filter(timed), SAMPLED_TOLERATED), (named, TYPED_TOLERATED)):
        seen = contradictions.cubes(frames, told, found="is_found")
        found = rates.run(seen["n"] - seen["found"], seen["n"], floor=floor, night_cap=20.0)
        parts.append(
            patterns.of_rates(
                frames,
                found,
                lambda p, v, told=told: _schemes(_of_cell(frames, told, p, v), common, p, v),  # type: ignore[misc]
                lambda k, n, limit: (
                    f"他方所知 {n:.0f} 单中 {k:.0f} 单未报送（{k / n:.2%}，容许 {limit:.2%}）",
                    f"{k:.0f} of {n:.0f} orders known to others are not reported ({k / n:.2%}, tolerated {limit:.2%})",
                ),
                rows_of=lambda p, v, since, told=told: [  # type: ignore[misc]
                    {"label": f"{row['day']} {row['order_id']}", "observed": 0.0, "expected": 1.0}
                    for row in _of_cell(frames, told, p, v).filter(~pl.col("is_found")).iter_rows(named=True)
                ][::-1],
                more=common.said,
                why_not="没有抽查、测试单或案件 / no sampled checks, test orders or cases",
            )
        )
    return patterns.together(parts)
