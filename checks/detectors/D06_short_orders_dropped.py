"""Small orders dropped (低额短途订单缺失): the lower end of fees, distances or durations grows thin."""

from __future__ import annotations

import polars as pl

from checks import patterns, tails
from checks.detectors import Detector, Settings
from checks.evidence import weights
from checks.frames import Frames
from checks.panel import Signal

DETECTOR = Detector(
    id="D06",
    title_zh="低额或短途订单缺失",
    title_en="Low-fee or short orders dropped",
    schemes=("F06", "F02"),
    looks_zh="费用最低、距离最短、用时最短的一小部分订单（按平台自身早期分布划定）所占份额是否下降。",
    looks_en="The share of orders at the lower end of fees, distances and durations, by the platform's own early distribution.",
    errs_zh="提高起步价、停止补贴低价单、退出短途业务。",
    errs_en="A higher minimum fare, an end to subsidised small orders, leaving short distances.",
    ask_zh="请平台说明起步价或业务范围何时改变；核对序号断号是否落在低价时段和订单。",
    ask_en="Ask when minimum fares or the range of business changed; are the missing serials those of cheap orders?",
    unit="log odds",
    explains=("D29",),
    source="truncated tail against own past and peers: CUSUM e-detector on tail shares (checks/tails.py, checks/panel.py)",
)
KINDS = {
    "fee": ("费用", "fees", (0.045, 0.12)),
    "distance": ("距离", "distances", (0.055,)),
    "duration": ("用时", "durations", (0.055,)),
}  # what is low, and the parts of the lower end that are watched
ALIKE = {"fee": 0.1, "distance": 0.1, "duration": 1 / 3}  # how quick an order is depends on who rides
SIGNALS = tuple(
    Signal(
        f"low_{measure}_{share:.0%}", "share", tails.inside(measure, low=True, share=share), tails.measured(measure),
        min_effect=0.28, min_n=100, caution=3.0, alike=ALIKE[measure],
    )
    for measure, (_, _, shares) in KINDS.items()
    for share in shares
)  # fmt: skip


def detect(frames: Frames, *, settings: Settings) -> pl.DataFrame:
    """One row per cell: the lower end that grew thinnest."""
    parts = []
    for measure, (zh, en, shares) in KINDS.items():
        for share in shares:
            parts.append(
                patterns.of_track(
                    frames,
                    settings.tracks[f"low_{measure}_{share:.0%}"],
                    "down",
                    weights(F06=1.0),
                    lambda effect, observed, expected, zh=zh, en=en: (  # type: ignore[misc]
                        f"{zh}最低一端的订单占 {observed:.1%}，应有约 {expected:.1%}",
                        f"orders at the lower end of {en}: {observed:.1%} where about {expected:.1%} were to be expected",
                    ),
                )
            )
    return patterns.together(parts)
