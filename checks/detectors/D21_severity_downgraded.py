"""Severity or amount downgraded (伤情降级): minor injuries in excess, with bills just under the cap of a minor injury."""

from __future__ import annotations

import numpy as np
import polars as pl

from checks import levels, patterns
from checks.detectors import Detector, Settings
from checks.evidence import weights
from checks.frames import Frames
from checks.panel import Signal

DETECTOR = Detector(
    id="D21",
    title_zh="伤情或金额降级",
    title_en="Severity or amount downgraded",
    schemes=("F21",),
    looks_zh="全国口径下，轻微伤占比是否远高于同业，轻微伤的医疗费是否堆积在上限之下，伤残是否远少于同业。",
    looks_en="Nationally: whether minor injuries are a far larger share than at the peers, whether their bills pile up under the cap, and whether disabilities are far "
    "fewer.",
    errs_zh="业务风险较轻（如步行配送）；按上限结算的医疗机构。",
    errs_en="Business of lighter risk (deliveries on foot); clinics that bill up to the cap.",
    ask_zh="请平台和经办机构核对所列案件的病历、发票与鉴定申请。",
    ask_en="Compare medical records, bills and appraisals of the cases with the agency.",
    unit="claims",
    source="severity mix and bunching below a notch; detection.md F21",
)
SIGNALS: tuple[Signal, ...] = ()
MORE_MINOR = (0.5, 1.0, 1.5, 2.5)  # log odds
MORE_BUNCHED = (0.7, 1.5, 2.5)
LOWEST = 0.08
BUNCH = 0.15  # of the cap: how far below it bills count as bunched
CAP = "minor_injury_cap"  # parameter; without it the largest minor bills stand in


def detect(frames: Frames, *, settings: Settings) -> pl.DataFrame:
    """One row per platform: the severity mix, and minor bills just under their upper end."""
    claims = frames.tables["claim"].filter(
        (pl.col("programme") == "oip") & pl.col("injury_class").is_not_null()
    )
    n = levels.by_platform(frames, claims)
    parts = []
    minor = levels.by_platform(frames, claims.filter(pl.col("injury_class") == "minor"))
    log_e, share = levels.share(minor, n, shifts=MORE_MINOR, least=20)
    parts.append(
        levels.rows(
            frames, log_e, minor, n, share * n, weights(F21=1.0),
            lambda k, n, wanted: (
                f"{n:.0f} 件申领中轻微伤 {k:.0f} 件，按同业应有约 {wanted:.0f} 件",
                f"{k:.0f} of {n:.0f} claims are minor where by the peers about {wanted:.0f} were to be expected",
            ),
            matters=minor >= (share + LOWEST) * n, why_not="同业或申领太少 / too few peers or claims",
        )
    )  # fmt: skip
    bills = claims.filter((pl.col("injury_class") == "minor") & pl.col("medical_yuan").is_not_null()).with_columns(
        pl.col("medical_yuan").cast(pl.Float64)
    )  # fmt: skip
    if bills.height:
        cap = settings.parameters.get(CAP) or float(np.quantile(bills["medical_yuan"].to_numpy(), 0.995))
        near = bills.filter(pl.col("medical_yuan") >= (1 - BUNCH) * cap)
        k, m = levels.by_platform(frames, near), levels.by_platform(frames, bills)
        log_e, share = levels.share(k, m, shifts=MORE_BUNCHED, least=20)
        parts.append(
            levels.rows(
                frames, log_e, k, m, share * m, weights(F21=1.0),
                lambda k, n, wanted: (
                    f"{n:.0f} 件轻微伤中有 {k:.0f} 件医疗费贴近上限，按同业应有约 {wanted:.0f} 件",
                    f"{k:.0f} of {n:.0f} minor injuries are billed just under the cap where by the peers about {wanted:.0f} were to be expected",
                ),
                matters=k >= (share + LOWEST) * m, why_not="同业或轻微伤太少 / too few peers or minor injuries",
            )
        )  # fmt: skip
    return patterns.together(parts)
