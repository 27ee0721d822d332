"""Claims moved to commercial cover (转走商业险): injuries on insured orders that are settled outside the scheme."""

from __future__ import annotations

import numpy as np
import polars as pl

from checks import contradictions, levels, patterns
from checks.detectors import Detector, Settings
from checks.evidence import weights
from checks.frames import Frames
from checks.panel import Signal

DETECTOR = Detector(
    id="D19",
    title_zh="伤害转走商业险",
    title_en="Injuries settled by commercial cover",
    schemes=("F19", "F17"),
    looks_zh="接单途中受伤且当时参加职业伤害保障的人员，其申领是否走了商业意外险；轻微伤占比是否远低于同业而重伤仍在；保险公司所知报案是否远多于同业。",
    looks_en="Whether workers hurt on an order while insured claim from commercial accident cover instead; whether the share of minor injuries collapses against the "
    "peers' while serious ones remain; whether insurers know of far more claims than at the peers.",
    errs_zh="两种保障依法可同时申领（同一人两份申领不算）；兼职人员只有商业险。",
    errs_en="Both covers may lawfully be claimed (two claims of one accident do not count); part-timers with commercial cover only.",
    ask_zh="请平台说明所列伤者为何未申领职业伤害待遇，并提供理赔通知。",
    ask_en="Ask why the injured listed did not claim from the scheme, and for the insurer's notices.",
    unit="share of claims",
    source="severity mix anchored on serious cases; detection.md F19",
)
SIGNALS: tuple[Signal, ...] = ()
DIVERTED = 0.01  # of injuries on orders under the scheme's cover
FEWER_MINOR = (-0.5, -1.0, -2.0, -3.0)  # log odds
LOWEST = 0.1  # a smaller drop of the share is no matter


def detect(frames: Frames, *, settings: Settings) -> pl.DataFrame:
    """One row per cell from claims on insured orders; the platform's row also from the severity mix and the insurers."""
    claims = frames.tables["claim"].with_columns(pl.col("injured_at").cast(pl.Date).alias("injured_on"))
    own = claims.filter(pl.col("programme") == "oip")
    commercial = claims.filter(pl.col("programme") == "commercial_accident")
    # a commercial claim beside one from the scheme for the same accident is lawful
    twice = own.select("platform_code", "worker_id", "injured_on").unique()
    alone = commercial.filter(pl.col("is_order_known") & pl.col("held_s").is_not_null()).join(
        twice, on=["platform_code", "worker_id", "injured_on"], how="anti"
    )
    both = pl.concat(
        [own.filter(pl.col("order_id").is_not_null()).with_columns(pl.lit(False).alias("hit")), alone.with_columns(pl.lit(True).alias("hit"))]
    ).with_columns(
        pl.coalesce("order_province_code", "province_code").alias("province_code"), pl.col("first_business_date").alias("day")
    )  # fmt: skip
    seen = contradictions.cubes(frames, both, hit="hit")
    limit = contradictions.peers(seen["hit"], seen["n"], DIVERTED)
    diverted = patterns.of_rates(
        frames,
        contradictions.run(seen["hit"], seen["n"], limit),
        weights(F19=1.0),
        lambda k, n, limit: (
            f"参保期间接单受伤的 {n:.0f} 件中有 {k:.0f} 件只走商业险（容许 {limit:.1%}）",
            f"{k:.0f} of {n:.0f} injuries on orders under the scheme's cover are claimed from commercial cover alone (tolerated {limit:.1%})",
        ),
        min_effect=0.03,
        why_not="没有接单受伤的申领 / no claims of injuries on orders",
    )
    # what the agency has as the scheme's case, the platform has as another programme's claim
    cases = frames.tables["agency_case"].filter(pl.col("is_claimed")).with_columns(
        (pl.col("claims_oip") == 0).alias("hit"), pl.col("claim_first_date").alias("day")
    )  # fmt: skip
    known = contradictions.cubes(frames, cases, hit="hit")
    renamed = patterns.of_rates(
        frames,
        contradictions.run(
            known["hit"], known["n"], contradictions.peers(known["hit"], known["n"], DIVERTED)
        ),
        weights(F19=1.0),
        lambda k, n, limit: (
            f"经办机构受理的 {n:.0f} 件职业伤害中有 {k:.0f} 件平台报为其他险种（容许 {limit:.1%}）",
            f"{k:.0f} of {n:.0f} cases of the agency are reported by the platform under another programme (tolerated {limit:.1%})",
        ),
        min_effect=0.03,
        why_not="没有经办机构案件 / no agency cases",
    )
    return patterns.together([diverted, renamed, _mix(frames, own), _insurers(frames, own)])


def _mix(frames: Frames, own: pl.DataFrame) -> pl.DataFrame:
    k = levels.by_platform(frames, own.filter(pl.col("injury_class") == "minor"))
    n = levels.by_platform(frames, own.filter(pl.col("injury_class").is_not_null()))
    log_e, share = levels.share(k, n, shifts=FEWER_MINOR, least=20)
    return levels.rows(
        frames, log_e, k, n, share * n, weights(F19=1.0, F17=0.4),
        lambda k, n, wanted: (
            f"{n:.0f} 件申领中轻微伤 {k:.0f} 件，按同业应有约 {wanted:.0f} 件",
            f"{k:.0f} of {n:.0f} claims are minor where by the peers about {wanted:.0f} were to be expected",
        ),
        matters=k <= (share - LOWEST) * n, why_not="同业或申领太少 / too few peers or claims",
    )  # fmt: skip


def _insurers(frames: Frames, own: pl.DataFrame) -> pl.DataFrame:
    """Insurers' reports beside the scheme's claims: the claims' share of both, against the peers'."""
    witness = frames.tables["witness"].filter(
        (pl.col("source") == "insurer") & (pl.col("measure") == "injuries") & pl.col("platform_code").is_not_null()
        & (pl.col("date_from") >= pl.lit(frames.days[0]))
    )  # fmt: skip
    known = levels.by_platform(frames, witness, "value")
    claims = levels.by_platform(frames, own)
    total = np.where(known > 0, known + claims, 0.0)
    log_e, share = levels.share(claims, total, shifts=(-1.0, -2.0, -3.0), least=20)
    return levels.rows(
        frames, log_e, claims, total, share * total, weights(F19=1.0),
        lambda k, n, wanted: (
            f"连同保险公司所知共 {n:.0f} 件，走职业伤害保障的 {k:.0f} 件，按同业应有约 {wanted:.0f} 件",
            f"of {n:.0f} injuries with those that insurers know of, {k:.0f} went to the scheme where by the peers about {wanted:.0f} should",
        ),
        matters=claims <= (share - LOWEST) * total, why_not="没有保险公司数据 / no figures of insurers",
    )  # fmt: skip
