"""Workers declared employees (虚报职工): cover as an employee that the social-insurance roll does not know, or that lasts a day."""

from __future__ import annotations

import polars as pl

from checks import contradictions, patterns
from checks.detectors import Detector, Settings
from checks.evidence import weights
from checks.frames import Frames
from checks.panel import Signal

DETECTOR = Detector(
    id="D34",
    title_zh="虚报职工身份",
    title_en="Workers declared employees",
    schemes=("F34",),
    looks_zh="申报为职工（五险一金）的人数与社会保险参保名册是否相符；职工身份是否只覆盖一两日；以职工身份免缴的订单份额是否突然上升。",
    looks_en="Whether persons claimed as employees are on the social-insurance roll, whether such cover lasts only a day or two, and whether the share of "
    "orders exempted by it jumps.",
    errs_zh="平台集中转为劳动关系（名册随后增加）；入职当日离职；名册公布滞后。",
    errs_en="A platform that really employs its workers (the roll then grows); people who leave at once; a roll that lags.",
    ask_zh="请平台提供所列期间的劳动合同和社会保险缴费凭证。",
    ask_en="Ask for the labour contracts and social-insurance receipts of the period shown.",
    unit="share of persons or orders",
    source="detection.md F34; rule X16",
)
# alike: all orders of a worker are exempted, or none
SIGNALS = (
    Signal("employee_orders", "share", "cell_worker.orders_employee", "cell_worker.orders", min_effect=0.45, min_n=50, caution=4.0, alike=1.0),
)  # fmt: skip
UNKNOWN = 0.02  # of employees whom the roll may not know yet
BRIEF = 0.03  # of employees' spells that may last two days or less
RARE = 0.05  # of orders exempted as employees' where employing is not the platform's way
TOGETHER = 1.5  # spells are declared in batches


def _roll(frames: Frames) -> pl.DataFrame:
    roll = frames.tables["employee_roll"]
    return roll.with_columns(
        pl.col("date_to").alias("day"),
        pl.col("claimed").cast(pl.Float64),
        (pl.col("claimed").cast(pl.Float64) - pl.col("known").cast(pl.Float64)).clip(0.0).alias("unknown"),
    )


def detect(frames: Frames, *, settings: Settings) -> pl.DataFrame:
    """One row per cell: employees against the roll, brief employment, and exempted orders."""
    seen = contradictions.cubes(frames, _roll(frames), unknown="unknown", claimed="claimed")
    roll = patterns.of_rates(
        frames,
        contradictions.run(seen["unknown"] / TOGETHER, seen["claimed"] / TOGETHER, UNKNOWN),
        weights(F34=1.0),
        lambda k, n, limit: (
            f"申报职工 {n * TOGETHER:.0f} 人中有 {k * TOGETHER:.0f} 人不在社会保险名册上",
            f"{k * TOGETHER:.0f} of {n * TOGETHER:.0f} persons claimed as employees are unknown to the social-insurance roll",
        ),
        min_effect=0.01,
        why_not="没有社会保险名册 / no social-insurance roll",
    )
    starts, brief = (frames.cube("cell_enrollment", name) for name in ("employee_starts", "employee_short"))
    short = patterns.of_rates(
        frames,
        contradictions.run(brief / TOGETHER, starts / TOGETHER, BRIEF, night_cap=10.0),
        weights(F34=1.0),
        lambda k, n, limit: (
            f"{n * TOGETHER:.0f} 段职工参保中有 {k * TOGETHER:.0f} 段只有一两日",
            f"{k * TOGETHER:.0f} of {n * TOGETHER:.0f} spells as an employee last two days or less",
        ),
        min_effect=0.1,
        why_not="没有职工参保 / no cover as employees",
    )
    jump = patterns.of_track(
        frames,
        settings.tracks["employee_orders"],
        "up",
        weights(F34=1.0),
        lambda effect, observed, expected: (
            f"以职工身份免缴的订单占 {observed:.1%}，应有约 {expected:.1%}",
            f"{observed:.1%} of orders exempted as employees' where about {expected:.1%} were to be expected",
        ),
    )
    # where many are employees already, some more are no news: there the roll decides
    rare = pl.col("expected").is_null() | (pl.col("expected") < RARE)
    jump = jump.with_columns(matters=pl.col("matters") & rare)
    return patterns.together([roll, short, jump])
