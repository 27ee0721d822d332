"""The one evidence step (疑点汇总): what all detectors say of a night, weighed together, against one alarm budget.

Threshold. Every cell × detector runs an e-detector whose average run length is at least exp(threshold). With C cells of
a platform and K detectors the platform-year has C·K·365 chances, so a threshold of log(C·K·365 / budget) keeps the
expected number of false alerts of all detectors together within the budget, whatever their dependence; CAUTION is added
because residuals are estimated, not known (measured on clean worlds: `zhibao benchmark detection`).
Where many cells speak at once the threshold falls as in e-BH (the k-th strongest needs 1/k of the first's evidence), at
most by RELIEF: common evidence is rarely chance, but an alarm budget counts alarms.

Episode. A finding stands while its evidence passes the threshold and its effect matters; whether it stands depends on the data
alone, never on the order in which they came. A relapse within RELAPSE_DAYS is the same finding, open again. It is told by the
night that raised it, for ever.

Schemes. Each row names the schemes its pattern speaks for. A cell's evidence for a scheme adds up over detectors, of the cell
and of the platform nationally; the ranking is the softmax of these sums.
"""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import numpy as np
import polars as pl

from checks.detectors import Module

CAUTION = 2.0
RELIEF = math.log(4.0)
RELAPSE_DAYS = 45
DIGITS = (
    6  # sums of floats differ in their last digits with the order in which rows lie; what is told must not
)
GENERIC = 0.35  # what a detector that follows from many schemes weighs where one of a single scheme passes the threshold
SPECIFIC = 0.6  # share of the threshold from which a specific pattern explains generic ones
SHARPNESS = 3.0  # of the ranking: evidence as strong as the threshold is worth exp(3)


@dataclass(frozen=True)
class Judged:
    """A night's answers with their score, and the findings that open, last or end."""

    rows: pl.DataFrame  # detector × cell: ROW's columns, detector, score, threshold
    open: pl.DataFrame  # findings that stand tonight: finding_id, …, is_new
    threshold: float


def threshold(rows: pl.DataFrame, detectors: int, budget: float) -> float:
    """Nats that one cell × detector needs, for `budget` false alerts per platform-year of all together."""
    tested = rows.filter(pl.col("outcome") == "tested")
    if tested.height == 0:
        return math.log(365 / budget) + CAUTION
    platforms = max(tested["platform_code"].n_unique(), 1)
    chances = max(tested.height / platforms, float(detectors))
    return math.log(chances * 365 / budget) + CAUTION


def score(log_e: float, limit: float) -> float:
    """0–1, comparable between detectors: ½ at the threshold, 0.88 at two nats beyond, about 0 without evidence."""
    return 1 / (1 + math.exp(-(log_e - limit)))


def limits(log_e: Sequence[float], limit: float) -> list[float]:
    """Each row's own threshold after e-BH: the k-th strongest needs log k less, at most RELIEF less."""
    order = sorted(range(len(log_e)), key=lambda i: -log_e[i])
    passed = 0
    for rank, i in enumerate(order, start=1):
        if log_e[i] >= limit - min(math.log(rank), RELIEF):
            passed = rank
    relief = min(math.log(passed), RELIEF) if passed else 0.0
    return [limit - relief] * len(log_e)


def judge(
    answers: Mapping[str, pl.DataFrame],
    modules: Sequence[Module],
    held: pl.DataFrame,
    *,
    night: date,
    budget: float,
) -> Judged:
    """What stands tonight, from every detector's answer and the episodes `held` from the nights before.

    held: finding_id, rule_id, platform_code, province_code, period_from, detected_on, period_to of earlier episodes.
    """
    rows = pl.concat(
        [answer.with_columns(pl.lit(name).alias("detector")) for name, answer in sorted(answers.items())]
    )
    limit = threshold(rows, len(modules), budget)
    rows = rows.with_columns(
        log_e=pl.col("log_e").fill_null(0.0),
        matters=pl.col("matters").fill_null(False),
        threshold=pl.lit(limit),
    )
    recent = held.filter(pl.col("period_to") >= night - timedelta(days=RELAPSE_DAYS)).sort(
        "period_to", "detected_on"
    )
    standing = {
        (r["rule_id"], r["platform_code"], r["province_code"]): r for r in recent.iter_rows(named=True)
    }
    speaking = rows.filter((pl.col("outcome") == "tested") & pl.col("matters") & (pl.col("log_e") > 0))
    own = limits(speaking["log_e"].to_list(), limit)
    generic = frozenset(module.header.id for module in modules if module.header.is_generic)
    explains = {module.header.id: module.header.explains for module in modules}
    ranked = _ranking(speaking, limit, generic, explains)
    stands = []
    for row, needed in zip(speaking.iter_rows(named=True), own, strict=True):
        key = (row["detector"], row["platform_code"], row["province_code"])
        old = standing.get(key)
        if row["log_e"] < needed:
            continue
        stands.append(
            {
                "finding_id": old["finding_id"] if old else _id(*key, night),
                "is_new": old is None,
                "detector": row["detector"], "platform_code": row["platform_code"], "province_code": row["province_code"],
                "period_from": old["period_from"] if old else row["period_from"], "period_to": night,
                "detected_on": old["detected_on"] if old else night,
                "n": row["n"], "statistic": row["statistic"], "expected": row["expected"], "effect": row["effect"], "log_e": row["log_e"],
                "score": score(row["log_e"], needed), "p_value": math.exp(-min(row["log_e"], 700.0)),
                "scheme": json.dumps(ranked(row)), "sentence_zh": row["sentence_zh"], "sentence_en": row["sentence_en"],
                "evidence": row["evidence"],
            }
        )  # fmt: skip
    return Judged(rows, pl.DataFrame(stands, schema=FINDING), limit)


FINDING: Mapping[str, Any] = {
    "finding_id": pl.String, "is_new": pl.Boolean, "detector": pl.String, "platform_code": pl.String, "province_code": pl.String,
    "period_from": pl.Date, "period_to": pl.Date, "detected_on": pl.Date, "n": pl.Float64, "statistic": pl.Float64,
    "expected": pl.Float64, "effect": pl.Float64, "log_e": pl.Float64, "score": pl.Float64, "p_value": pl.Float64,
    "scheme": pl.String, "sentence_zh": pl.String, "sentence_en": pl.String, "evidence": pl.String,
}  # fmt: skip


def _ranking(
    speaking: pl.DataFrame, limit: float, generic: frozenset[str], explains: Mapping[str, tuple[str, ...]]
) -> Any:
    """row → ranked schemes with probabilities, from everything that speaks of the row's cell."""
    support: dict[tuple[str, str | None], dict[str, float]] = {}
    told: dict[tuple[str, str | None], dict[str, float]] = {}  # of a platform, by its provinces
    # cell → detectors that yield there, to one that tells a single scheme or whose pattern brings theirs with it
    yielding: dict[tuple[str, str | None], set[str]] = {}
    for row in speaking.iter_rows(named=True):
        if row["detector"] not in generic and row["log_e"] >= SPECIFIC * limit:
            for key in ((row["platform_code"], row["province_code"]), (row["platform_code"], None)):
                yielding.setdefault(key, set()).update(generic, explains.get(row["detector"], ()))

    def add(cells: dict[tuple[str, str | None], dict[str, float]], row: Mapping[str, Any]) -> None:
        key = (row["platform_code"], row["province_code"])
        cell = cells.setdefault(key, {})
        share_of_it = GENERIC if row["detector"] in yielding.get(key, ()) else 1.0
        weight = min(row["log_e"], 1.5 * limit) / limit * share_of_it
        for scheme, share in json.loads(row["schemes"] or "{}").items():
            cell[scheme] = cell.get(scheme, 0.0) + weight * float(share)

    for row in speaking.iter_rows(named=True):
        add(support, row)
    for row in _told_by_provinces(speaking, generic):
        add(told, row)

    def ranked(row: Mapping[str, Any]) -> list[dict[str, Any]]:
        platform, province = row["platform_code"], row["province_code"]
        more, share = (told, 1.0) if province is None else (support, 0.5)
        total = dict(support.get((platform, province), {}))
        for scheme, value in more.get((platform, None), {}).items():
            total[scheme] = total.get(scheme, 0.0) + share * value
        if not total:
            return []
        top = max(total.values())
        shares = {scheme: math.exp(SHARPNESS * (value - top)) for scheme, value in total.items()}
        whole = sum(shares.values())
        order = sorted(shares.items(), key=lambda item: (-item[1], item[0]))
        return [{"id": scheme, "probability": round(value / whole, 4)} for scheme, value in order[:8]]

    return ranked


def _told_by_provinces(speaking: pl.DataFrame, generic: frozenset[str]) -> list[dict[str, Any]]:
    """What a specific detector says in one province only is said of the platform too: its strongest row, without the province."""
    own = speaking.filter(pl.col("province_code").is_null()).select("platform_code", "detector")
    specific = speaking.filter(~pl.col("detector").is_in(sorted(generic))).join(
        own, on=["platform_code", "detector"], how="anti"
    )
    strongest = specific.sort("log_e", "province_code", descending=[True, False]).unique(
        ["platform_code", "detector"], keep="first", maintain_order=True
    )
    return strongest.with_columns(province_code=pl.lit(None, dtype=pl.String)).rows(named=True)


def _id(detector: str, platform: str, province: str | None, night: date) -> str:
    return hashlib.sha256(f"{detector}|{platform}|{province or ''}|{night}".encode()).hexdigest()[:20]


def weights(**shares: float) -> dict[str, float]:
    """Scheme weights of a pattern, as keyword arguments F01=…; the largest is 1."""
    top = max(shares.values())
    return {name: float(np.round(value / top, 4)) for name, value in shares.items()}
