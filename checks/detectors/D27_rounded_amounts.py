"""Rounded amounts (金额取整): more whole, half or five-yuan amounts than the tariff ever gave."""

from __future__ import annotations

import polars as pl

from checks import patterns
from checks.detectors import Detector, Settings
from checks.evidence import weights
from checks.frames import Frames
from checks.panel import Signal

DETECTOR = Detector(
    id="D27",
    title_zh="金额取整",
    title_en="Rounded amounts",
    schemes=("F27",),
    looks_zh="整元、半元、五元整数的金额所占份额是否高于自身历史（一贯按整数计价的不算）。",
    looks_en="Has the share of amounts in whole, half or five yuan risen above the own past? (A tariff that was always round is honest.)",
    errs_zh="计价方式改变（如改为按整元计价）、一口价活动。",
    errs_en="A new tariff (in whole yuan from a day on), fixed-price promotions.",
    ask_zh="请平台说明计价规则自何日起改变，提供支付流水核对金额。",
    ask_en="Ask since when the tariff has changed, and compare the amounts with payments.",
    unit="log odds",
    source="round-number excess against own past and peers (statistics/digits.py), CUSUM e-detector (checks/panel.py)",
)
LEAST = 0.24  # log odds: a tenth of the amounts rounded where a fifth was round already
KINDS = {
    "fees_whole": ("fees", "整元车费或配送费", "fees in whole yuan"),
    "fees_half": ("fees", "半元的费用", "fees in half yuan"),
    "fees_five": ("fees", "五元整数的费用", "fees in fives"),
    "incomes_whole": ("incomes", "整元的从业人员收入", "incomes in whole yuan"),
    "incomes_half": ("incomes", "半元的从业人员收入", "incomes in half yuan"),
}
SIGNALS = tuple(
    Signal(
        f"round_{name}", "share", f"cell_day.{name}", f"cell_day.{base}",
        min_effect=LEAST, min_n=150, caution=4.0,
    )
    for name, (base, _, _) in KINDS.items()
)  # fmt: skip


def detect(frames: Frames, *, settings: Settings) -> pl.DataFrame:
    """One row per cell: the kind of round amounts that grew most."""
    parts = []
    for name, (_, zh, en) in KINDS.items():
        parts.append(
            patterns.of_track(
                frames,
                settings.tracks[f"round_{name}"],
                "up",
                weights(F27=1.0),
                lambda effect, observed, expected, zh=zh, en=en: (  # type: ignore[misc]
                    f"{zh}占 {observed:.1%}，应有约 {expected:.1%}",
                    f"{en}: {observed:.1%} where about {expected:.1%} were to be expected",
                ),
            )
        )
    return patterns.together(parts)
