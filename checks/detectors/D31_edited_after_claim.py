"""Records edited after an accident (事后改动): a resubmission takes orders out of an accident, or out of the premium."""

from __future__ import annotations

import numpy as np
import polars as pl

from checks import contradictions, patterns
from checks.contradictions import NEVER
from checks.detectors import Detector, Settings
from checks.evidence import weights
from checks.frames import Frames
from checks.panel import Signal

DETECTOR = Detector(
    id="D31",
    title_zh="事故后改动订单",
    title_en="Orders edited after their accident",
    schemes=("F31", "F20", "F01"),
    looks_zh="重报时，带有待遇申领的订单是否被删除、改为取消、减少保费、改动完成时间或换人；同一批次里没有申领的订单被同样改动的比例作为对照。",
    looks_en="Whether a resubmission deleted, cancelled, cheapened, retimed or reassigned orders that carry a claim; the share of the other orders of "
    "the same submission that were changed in the same way is what is tolerated.",
    errs_zh="整批更正恰好也改到有申领的订单（按同批其他订单的改动比例扣除）；客户事后退单。",
    errs_en="A correction of everything that happens to touch claimed orders (taken out by its share); a customer's later refund.",
    ask_zh="请平台提供所列日期首报与重报之间的修改日志、修改人和修改理由。",
    ask_en="Ask for the log of changes between the first and the later submission of the days listed: who changed what and why.",
    unit="share of claimed orders",
    source="signed-revision test on vintages; detection.md F31; rule T05",
)
SIGNALS: tuple[Signal, ...] = ()
ONE_SIDED = 0.02  # of resubmitted orders changed in the platform's favour, net of those changed against it
RELATED = 3.0  # claimed orders may be changed thrice as often as the others


def detect(frames: Frames, *, settings: Settings) -> pl.DataFrame:
    """One row per cell: claimed orders changed in a resubmission; and resubmissions that go one way only."""
    cube = {
        name: frames.cube("cell_revision", name)
        for name in ("claimed", "favoured_on_claim", "favoured", "orders_earlier", "dearer", "added", "renumbered", "renamed")
    }  # fmt: skip
    k, n = cube["favoured_on_claim"], cube["claimed"]
    rest = np.maximum(cube["orders_earlier"] - n, 0)
    others = np.where(rest > 0, (cube["favoured"] - k) / np.maximum(rest, 1), 0.0)
    edited = contradictions.run(k, n, np.maximum(NEVER, RELATED * np.nan_to_num(others)))
    claimed = patterns.of_rates(
        frames,
        edited,
        weights(F31=1.0, F20=0.2),
        lambda k, n, limit: (
            f"重报的 {n:.0f} 张带申领的订单中有 {k:.0f} 张被删除、取消、减费、改时或换人",
            f"{k:.0f} of {n:.0f} resubmitted orders that carry a claim were deleted, cancelled, cheapened, retimed or reassigned",
        ),
        why_not="没有带申领订单的重报 / no resubmission of orders that carry a claim",
    )
    # deletions that come with new numbers are a renumbering (D25): here only the rest counts
    removed = np.maximum(cube["favoured"] - k - cube["renamed"], 0)
    against = cube["dearer"] + cube["added"]
    renumbering = (cube["renumbered"] + cube["renamed"]) > 0.02 * cube["orders_earlier"]
    net = np.where(renumbering, 0, np.maximum(removed - against, 0))
    total = np.where(renumbering, 0, cube["orders_earlier"])
    limit = contradictions.peers(net, total, ONE_SIDED)
    one_way = contradictions.run(net / DESIGN, total / DESIGN, limit, night_cap=8.0)
    revised = patterns.of_rates(
        frames,
        one_way,
        weights(F31=1.0, F01=0.4),
        lambda k, n, limit: (
            f"重报使 {k * DESIGN:.0f} 单净向有利于平台的方向改动，占 {n * DESIGN:.0f} 单的 {k / n:.1%}（容许 {limit:.1%}）",
            f"Resubmissions changed {k * DESIGN:.0f} of {n * DESIGN:.0f} orders ({k / n:.1%}, tolerated {limit:.1%}), net, in the platform's favour",
        ),
        min_effect=ONE_SIDED,
        why_not="没有重报 / no resubmission",
    )
    return patterns.together([claimed, revised])


DESIGN = 5.0  # orders of one resubmission are changed together: five say as much as one
