"""Claims suppressed (压案不报): accidents that others know of without a claim, and too few claims for the orders (rule M03)."""

from __future__ import annotations

from datetime import date, timedelta

import numpy as np
import polars as pl

from checks import contradictions, levels, patterns
from checks.detectors import Detector, Settings
from checks.evidence import weights
from checks.frames import Frames
from checks.panel import Array, Signal

DETECTOR = Detector(
    id="D17",
    title_zh="伤害申领被压低",
    title_en="Claims suppressed",
    schemes=("F17", "F18", "F32"),
    looks_zh="经办机构已受理、医院和交警已知的事故，平台是否报送了申领；以及全国口径下申领数是否远低于按订单量和同业水平应有的数。只看已过报案时延的日子。",
    looks_en="Whether accidents that the agency received, or that hospitals and police know of, have a claim; and whether claims nationally are far fewer "
    "than the orders and the peers' level lead one to expect. Only days old enough for reports to have come are looked at.",
    errs_zh="本人直接向经办机构申报；平台业务风险确实较低；医院、交警口径包含非工作时间事故。",
    errs_en="Workers who apply to the agency themselves; business of truly low risk; witnesses that count accidents off work.",
    ask_zh="请平台说明所列案件为何未报送申领，并提供报案受理记录。",
    ask_en="Ask why the cases listed were not reported as claims, and for the log of accident reports.",
    unit="share of cases, or claims",
    source="Poisson–gamma shrinkage (Clayton and Kaldor 1987); detection.md F17; rule M03",
)
SIGNALS: tuple[Signal, ...] = ()
GRACE = timedelta(days=10)  # a claim may reach the platform after the agency, and the night after that
UNCLAIMED = 0.03  # of the agency's cases: workers who went there themselves
LOWEST = 0.8  # a level above this share of the expected one is no matter
MIN_EXPECTED = 5.0
WITNESSES = ("hospital", "traffic_police")


def detect(frames: Frames, *, settings: Settings) -> pl.DataFrame:
    """One row per cell from the agency's cases; the platform's row also from incidence and from other witnesses."""
    span = _span(frames)
    cases = (
        frames.tables["agency_case"]
        .with_columns(
            pl.col("received_at").cast(pl.Date).alias("day"), (~pl.col("is_claimed")).alias("unclaimed")
        )
        .join(span, on="platform_code")
        .filter((pl.col("day") <= pl.col("until")) & (pl.col("injured_at").cast(pl.Date) >= pl.col("since")))
    )
    seen = contradictions.cubes(frames, cases, unclaimed="unclaimed")
    limit = contradictions.peers(seen["unclaimed"], seen["n"], UNCLAIMED, times=2.0)
    agency = patterns.of_rates(
        frames,
        contradictions.run(seen["unclaimed"], seen["n"], limit),
        weights(F17=1.0, F32=0.3, F18=0.2),
        lambda k, n, limit: (
            f"经办机构受理的 {n:.0f} 件中有 {k:.0f} 件平台未报送申领（容许 {limit:.0%}）",
            f"{k:.0f} of {n:.0f} cases of the agency have no claim by the platform (tolerated {limit:.0%})",
        ),
        min_effect=0.03,
        why_not="没有经办机构案件 / no agency cases",
    )
    return patterns.together([agency, _incidence(frames, span), _witnessed(frames, span)])


def _span(frames: Frames) -> pl.DataFrame:
    """platform_code, since, until: the days whose claims should have come by the last day that the platform reported."""
    days = pl.col("business_date")
    span = (
        frames.tables["unit"]
        .group_by("platform_code")
        .agg(days.min().alias("since"), days.max().alias("last"))
    )
    return span.select("platform_code", "since", (pl.col("last") - GRACE).alias("until"))


def _old(frames: Frames, span: pl.DataFrame) -> Array:
    """platform × day: 1 within the span."""
    held = {code: (since, until) for code, since, until in span.iter_rows()}
    none = (date.max, date.min)
    return np.array(
        [
            [float(held.get(code, none)[0] <= day <= held.get(code, none)[1]) for day in frames.days]
            for code in frames.platforms
        ]
    )


def _claims(frames: Frames) -> pl.DataFrame:
    return frames.tables["claim"].filter(pl.col("programme") == "oip").with_columns(
        pl.col("injured_at").cast(pl.Date).alias("day")
    )  # fmt: skip


def _incidence(frames: Frames, span: pl.DataFrame) -> pl.DataFrame:
    old = _old(frames, span)
    orders = (np.nan_to_num(frames.cube("cell_day", "orders")[:, -1, :]) * old).sum(axis=-1)
    y: Array = (contradictions.cubes(frames, _claims(frames))["n"][:, -1, :] * old).sum(axis=-1)
    log_e, wanted = levels.fewer(y, orders)
    return _rows(
        frames, log_e, y, wanted,
        "按订单量和同业发生率", "by the orders and the peers' incidence",
        "同业太少或应有申领太少 / too few peers or expected claims",
    )  # fmt: skip


def _witnessed(frames: Frames, span: pl.DataFrame) -> pl.DataFrame:
    witness = frames.tables["witness"].join(span, on="platform_code").filter(
        pl.col("source").is_in(WITNESSES) & (pl.col("measure") == "injuries")
        & (pl.col("date_from") >= pl.col("since")) & (pl.col("date_to") <= pl.col("until"))
    )  # fmt: skip
    known = levels.by_platform(frames, witness, "value")
    days = np.zeros((len(frames.platforms), len(frames.days)))
    place = {code: i for i, code in enumerate(frames.platforms)}
    for code, begin, end in witness.select("platform_code", "date_from", "date_to").iter_rows():
        days[place[code], (begin - frames.days[0]).days : (end - frames.days[0]).days + 1] = 1
    y: Array = (contradictions.cubes(frames, _claims(frames))["n"][:, -1, :] * days).sum(axis=-1)
    log_e, wanted = levels.fewer(y, known, counted=True)
    return _rows(
        frames, log_e, y, wanted, "按医院和交警所知事故", "by the accidents that hospitals and police know of",
        "没有医院或交警数据 / no figures of hospitals or police",
    )  # fmt: skip


def _rows(
    frames: Frames, log_e: Array, y: Array, wanted: Array, zh: str, en: str, why_not: str
) -> pl.DataFrame:
    log_e = np.where(np.nan_to_num(wanted) >= MIN_EXPECTED, log_e, np.nan)
    return levels.rows(
        frames, log_e, y, wanted, wanted, weights(F17=1.0, F18=0.2),
        lambda k, n, expected: (
            f"申领 {k:.0f} 件，{zh}应有约 {expected:.0f} 件", f"{k:.0f} claims where {en} about {expected:.0f} were to be expected",
        ),
        matters=np.nan_to_num(y) <= LOWEST * np.nan_to_num(wanted), why_not=why_not,
    )  # fmt: skip
