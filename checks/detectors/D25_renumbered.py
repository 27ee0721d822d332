"""Renumbered (重编序号): a known order under another serial or id, against the first seal and against worker checks."""

from __future__ import annotations

import numpy as np
import polars as pl

from checks import contradictions, patterns
from checks.detectors import Detector, Settings
from checks.evidence import weights
from checks.frames import Frames
from checks.missing import Common
from checks.panel import Signal

DETECTOR = Detector(
    id="D25",
    title_zh="封存后重编序号",
    title_en="Renumbered after the first seal",
    schemes=("F25", "F01", "F02", "F03", "F06", "F09", "F10", "F26"),
    looks_zh="同一订单在重报中是否换了序号或订单编号；他方核验单上的序号与报送的序号是否相同。",
    looks_en="Whether an order got another serial or id in a resubmission, and whether the serials seen by others agree with those reported.",
    errs_zh="平台系统迁移后整批重编（仍违反报送规范）；核验单抄录错误。",
    errs_en="Wholesale renumbering after a system migration (still against the standard); serials misread at the check.",
    ask_zh="请平台提供首次封存时的编号和编号日志，说明更改原因，并恢复首次编号。",
    ask_en="Ask for the numbers as first sealed and the numbering log, for the reason of the change, and for the first numbers to be restored.",
    unit="share of orders",
    source="vintage ledger; detection.md F25; rules T04, S11",
)
SIGNALS: tuple[Signal, ...] = ()
SEALED = 1e-5  # of sealed orders that may change their number: nothing honest changes them
MISREAD = 0.01  # of serials on worker checks: typed by hand
# numbers made anew before sending go with whatever was taken out or put in: they point at no scheme by themselves
ALWAYS = weights(F01=1.0, F25=1.0, F02=0.9, F10=0.7, F03=0.7, F06=0.7, F26=0.5, F09=0.5)
SINCE_A_DAY = weights(F02=1.0, F25=1.0, F01=0.6, F10=0.7, F03=0.7, F06=0.7, F26=0.5, F09=0.5)
ENOUGH = 25  # serials seen by others that agreed before the first that did not: it began one day
POINTS = 1 / 3  # what the pattern weighs by itself
# nothing else changes sealed numbers: this outweighs what the orders taken out at the same time say
SEALED_AWAY = {"F25": 2.5, "F01": 0.1}
NIGHT = 20.0  # nats that one resubmission may bring


def detect(frames: Frames, *, settings: Settings) -> pl.DataFrame:
    """One row per cell: orders whose number changed; not identifiable where nothing was ever resubmitted or checked."""
    common = Common(frames)
    k = frames.cube("cell_revision", "renumbered") + frames.cube("cell_revision", "renamed")
    n = frames.cube("cell_revision", "orders_earlier")
    resent = patterns.of_rates(
        frames,
        contradictions.run(np.minimum(k, n), n, SEALED, night_cap=NIGHT),
        SEALED_AWAY,
        lambda k, n, limit: (
            f"重报的 {n:.0f} 单中有 {k:.0f} 单换了序号或编号",
            f"{k:.0f} of {n:.0f} resubmitted orders got another serial or id",
        ),
        why_not=NO_POWER,
    )
    checks = frames.tables["worker_check"].filter(
        pl.col("serial").is_not_null() & pl.col("reported_serial").is_not_null()
    ).with_columns(
        (pl.col("serial") != pl.col("reported_serial")).alias("differs"),
        pl.coalesce("province_code", "worker_province_code").alias("province_code"),
        pl.col("checked_at").cast(pl.Date).alias("day"),
    )  # fmt: skip
    seen = contradictions.cubes(frames, checks, k="differs")
    differing = contradictions.run(seen["k"], seen["n"], contradictions.peers(seen["k"], seen["n"], MISREAD))

    def points_at(p: int, v: int) -> dict[str, float]:
        agreed = float(np.nansum(seen["n"][p, v, : differing.start[p, v, -1]]))
        spread = SINCE_A_DAY if agreed >= ENOUGH else ALWAYS
        return {scheme: POINTS * share for scheme, share in common.schemes(p, v, spread).items()}

    checked = patterns.of_rates(
        frames,
        differing,
        points_at,
        lambda k, n, limit: (
            f"他方核验的 {n:.0f} 个序号中有 {k:.0f} 个与报送的不同（容许 {limit:.1%}）：报送前已重新编号",
            f"{k:.0f} of {n:.0f} serials seen by others differ from those reported (tolerated {limit:.1%}): numbered anew before sending",
        ),
        more=lambda p, v: _taken_out(common.said(p, v)),
        why_not=NO_POWER,
    )
    both = patterns.together([resent, checked])
    blind = (pl.col("outcome") == "not_applicable").fill_null(False)
    return both.with_columns(
        pl.when(blind).then(pl.lit("not_identifiable")).otherwise("outcome").alias("outcome")
    )


NO_POWER = "没有重报、没有带序号的核验单：先筛后编不留痕迹 / neither resubmissions nor checked serials: numbering after filtering leaves no trace"


def _taken_out(said: tuple[str, str]) -> tuple[str, str]:
    """What is known of the orders that were taken out before numbering."""
    zh, en = said
    return (
        (f"；另有订单缺失，{zh.lstrip('；')}", f"; orders are missing, too: {en.lstrip('; ')}")
        if zh
        else said
    )
