"""From what the nights published to the table: recall, nights, precision, false alerts, each with its interval.

Judged are findings of kind `detector` alone, by platform, province and date; nothing is known here of how they came about.
A trial is one platform that falsifies in one world. It is found when a finding speaks of a falsified province of it, or of the
platform nationally, raised on or after the first falsified night and before the world ends. Everything else is false: any
finding on a platform that does not falsify, one raised before the onset, one of a province that is left honest.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl
from scipy import stats

PREVALENCE = 0.05
DRAWS = 2000
CELLS = 0.02  # of clean cell-nights may lie under an open alert
Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Done:
    """One world as it was run. `opened`: finding × night it stood; `alerts`: one row a finding of any method:
    platform_code, province_code, detected_on, score, schemes (ranked ids)."""

    record: dict[str, Any]
    opened: pl.DataFrame
    alerts: pl.DataFrame
    folder: Path

    @property
    def start(self) -> date:
        return date.fromisoformat(self.record["start"])

    @property
    def nights(self) -> int:
        return int(self.record["nights"])

    @property
    def trials(self) -> list[dict[str, Any]]:
        return list(self.record["trials"])


def read(folder: Path) -> list[Done]:
    """Every finished world of a run, by name."""
    return [_done(path.parent) for path in sorted(folder.glob("*/world.json"))]


def _done(folder: Path) -> Done:
    """Scores are the highest a finding had; its ranking of schemes is the one it had last, which is what an auditor reads."""
    record = json.loads((folder / "world.json").read_text(encoding="utf-8"))
    opened = pl.read_parquet(folder / "open.parquet")
    best = opened.group_by("finding_id").agg(
        pl.col("score").max().alias("best"), pl.col("scheme").sort_by("night").last().alias("ranking")
    )
    found = pl.read_parquet(folder / "findings.parquet").join(best, on="finding_id", how="left")
    alerts = found.select(
        "rule_id", "platform_code", "province_code", "detected_on",
        pl.coalesce("best", "score").fill_null(0.0).alias("score"),
        pl.coalesce("ranking", "scheme").map_elements(_ids, return_dtype=pl.List(pl.String)).alias("schemes"),
    )  # fmt: skip
    return Done(record, opened, alerts, folder)


def _ids(ranking: str | None) -> list[str]:
    return [each["id"] for each in json.loads(ranking or "[]")]


# -- trials ----------------------------------------------------------------------------------------


def outcomes(done: Done, alerts: pl.DataFrame, kept: int | None = None) -> list[dict[str, Any]]:
    """One row a trial: found or not, after how many nights, by which detector, named as what."""
    rows = []
    for trial in done.trials:
        since = date.fromisoformat(trial["since"])
        mine = _true(alerts, trial, since)
        touched = done.record["touched"].get(f"{trial['scheme']} {trial['platform']} {trial['adversary']}", 0)
        first = mine.sort("detected_on").head(1)
        # the strongest finding; of equals the one on the platform as a whole, which is what an auditor reads first
        by_strength = mine.with_columns(whole=pl.col("province_code").is_null()).sort(
            "score", "whole", "detected_on", "rule_id", descending=[True, True, False, False]
        )
        named = by_strength.head(1)["schemes"].to_list()
        nights = (first["detected_on"][0] - since).days if first.height else None
        rows.append(
            {
                "world": done.record["name"], "platform": trial["platform"], "scheme": trial["scheme"],
                "adversary": trial["adversary"], "intensity": trial["intensity"], "is_target": trial["is_target"],
                "from_start": trial["from_start"],
                "identifiable": trial["identifiable"], "touched": touched, "found": first.height > 0,
                "in_time": nights is not None and nights <= trial["within"], "nights": nights, "left": done.nights - (since - done.start).days,
                "detectors": ",".join(mine.sort("detected_on")["rule_id"].unique(maintain_order=True).to_list()),
                "first_scheme": named[0][0] if named and named[0] else None,
                "right_first": bool(named and named[0] and named[0][0] == trial["scheme"]),
                "right_in_three": bool(named and trial["scheme"] in (named[0] or [])[:3]),
                "score": float(mine["score"].max() or 0.0),  # type: ignore[arg-type]
            }
        )  # fmt: skip
    return rows


def _true(alerts: pl.DataFrame, trial: dict[str, Any], since: date) -> pl.DataFrame:
    """The findings that a trial explains. Orders moved to another province (F22) are seen there as well."""
    anywhere = trial["scheme"] == "F22"
    return alerts.filter(
        (pl.col("platform_code") == trial["platform"])
        & (
            pl.lit(anywhere)
            | pl.col("province_code").is_null()
            | pl.col("province_code").is_in(trial["provinces"])
        )
        & (pl.col("detected_on") >= since)
    )


def false_alerts(done: Done, alerts: pl.DataFrame) -> pl.DataFrame:
    """The findings that nothing explains."""
    true = [_true(alerts, trial, date.fromisoformat(trial["since"])) for trial in done.trials]
    whole = alerts.with_row_index("row")
    explained = (
        pl.concat([_true(whole, trial, date.fromisoformat(trial["since"])) for trial in done.trials])["row"]
        if true
        else pl.Series([], dtype=pl.UInt32)
    )
    return (
        whole.filter(~pl.col("row").is_in(explained.to_list()))
        .drop("row")
        .with_columns(world=pl.lit(done.record["name"]))
    )


def clean_nights(done: Done) -> dict[str, int]:
    """Platform → nights on which it was honest: all, or those before its onset."""
    whole = dict.fromkeys(done.record["platforms"], done.nights)
    for trial in done.trials:
        whole[trial["platform"]] = (date.fromisoformat(trial["since"]) - done.start).days
    return whole


# -- figures ---------------------------------------------------------------------------------------


def poisson_bound(count: int, exposure: float, confidence: float = 0.95) -> float:
    """The one-sided upper bound of a rate (Garwood), per unit of exposure."""
    return float(stats.chi2.ppf(confidence, 2 * (count + 1)) / 2 / exposure) if exposure > 0 else float("inf")


def bootstrap(values: Sequence[float], statistic: Any = np.mean, seed: int = 1) -> tuple[float, float]:
    """The central 90% of a statistic over units drawn again; NaN without a unit."""
    if not len(values):
        return float("nan"), float("nan")
    data = np.asarray(values, dtype=float)
    draw = np.random.default_rng(seed).integers(0, data.size, (DRAWS, data.size))
    low, high = np.quantile([statistic(data[rows]) for rows in draw], [0.05, 0.95])
    return float(low), float(high)


def average_precision(scores: Sequence[float], is_true: Sequence[bool]) -> float:
    """Area under precision over recall by steps; ties count together. NaN where nothing is true."""
    order = sorted(set(scores), reverse=True)
    score, truth = np.asarray(scores), np.asarray(is_true, dtype=bool)
    if not truth.any():
        return float("nan")
    total, before = 0.0, 0.0
    for level in order:
        shown = score >= level
        recall = float(truth[shown].sum() / truth.sum())
        total += (recall - before) * float(truth[shown].mean())
        before = recall
    return total


def ranked_platforms(worlds: Sequence[Done], method: dict[str, pl.DataFrame]) -> pl.DataFrame:
    """One row a platform of a world: its highest score, and whether it falsified (identifiably)."""
    rows = []
    for done in worlds:
        alerts = method[done.record["name"]]
        trials = {trial["platform"]: trial for trial in done.trials}
        for platform in done.record["platforms"]:
            trial = trials.get(platform)
            if trial is not None and not (trial["is_target"] and trial["identifiable"]):
                continue
            since = done.start if trial is None else date.fromisoformat(trial["since"])
            mine = alerts.filter((pl.col("platform_code") == platform) & (pl.col("detected_on") >= since))
            rows.append(
                {
                    "world": done.record["name"], "platform": platform, "is_true": trial is not None,
                    "score": float(mine["score"].max() or 0.0),  # type: ignore[arg-type]
                }
            )  # fmt: skip
    return pl.DataFrame(rows)


def cells_under_alert(worlds: Sequence[Done]) -> float:
    """Share of the clean cell-nights that lie under an open finding of a detector."""
    under = total = 0
    for done in worlds:
        cells = [tuple(name.split("-")) for name in done.record["cells"]]
        onset = {platform: done.start + timedelta(days=days) for platform, days in clean_nights(done).items()}
        by_night = done.opened.partition_by("night", as_dict=True)
        for night in (done.start + timedelta(days=i) for i in range(done.nights)):
            clean = [(platform, province) for platform, province in cells if night < onset[platform]]
            total += len(clean)
            opened = by_night.get((night,))
            if opened is not None:
                said = set(opened.select("platform_code", "province_code").iter_rows())
                under += sum((p, v) in said or (p, None) in said for p, v in clean)
    return under / total if total else float("nan")


def summary(
    name: str, worlds: Sequence[Done], method: dict[str, pl.DataFrame], *, detector: bool
) -> dict[str, Any]:
    """One line of the table: a method over all worlds but those it was calibrated on, and those it was not run in.
    `method`: alerts by world."""
    judged = [done for done in worlds if done.record["kind"] != "calibrate" and done.record["name"] in method]
    trials = [row for done in judged for row in outcomes(done, method[done.record["name"]])]
    asked = [row for row in trials if row["is_target"] and row["identifiable"] and row["touched"]]
    wrong = pl.concat([false_alerts(done, method[done.record["name"]]) for done in judged])
    exposure = sum(sum(clean_nights(done).values()) for done in judged) / 365
    caught = [row for row in asked if row["found"]]
    all_alerts = sum(method[done.record["name"]].height for done in judged)
    schemes = sorted({row["scheme"] for row in asked})
    macro = [float(np.mean([row["found"] for row in asked if row["scheme"] == each])) for each in schemes]
    ranks = ranked_platforms(judged, method)
    clean = ranks.filter(~pl.col("is_true")) if ranks.height else ranks
    wrong_share = float((clean["score"] > 0).mean() or 0.0) if clean.height else float("nan")  # type: ignore[arg-type]
    recall = float(np.mean(macro)) if macro else float("nan")
    nights = [row["nights"] for row in caught]
    return {
        "method": name, "trials": len(asked), "recall_macro": recall,
        "recall_interval": bootstrap([row["found"] for row in asked]),
        "recall_in_time": _mean([row["in_time"] for row in asked]),
        "recall_aware": _mean([row["found"] for row in asked if row["adversary"] == "aware"]),
        "false_alerts": wrong.height, "clean_platform_years": exposure,
        "false_per_platform_year": wrong.height / exposure if exposure else float("nan"),
        "false_bound_95": poisson_bound(wrong.height, exposure),
        "precision_at_5": _precision(recall, wrong_share),
        "fdr": wrong.height / all_alerts if all_alerts else 0.0,
        "nights_median": float(np.median(nights)) if nights else float("nan"),
        "nights_90": float(np.quantile(nights, 0.9)) if nights else float("nan"),
        "average_precision": average_precision(ranks["score"].to_list(), ranks["is_true"].to_list()) if ranks.height else float("nan"),
        "right_first": _mean([row["right_first"] for row in caught]) if detector else float("nan"),
        "right_in_three": _mean([row["right_in_three"] for row in caught]) if detector else float("nan"),
        "cells_under_alert": cells_under_alert(judged) if detector else float("nan"),
    }  # fmt: skip


def _mean(values: Sequence[Any]) -> float:
    return float(np.mean(values)) if len(values) else float("nan")


def _precision(recall: float, wrong: float) -> float:
    """Precision where one platform in twenty falsifies, from recall and the share of honest platforms accused."""
    true, false = PREVALENCE * recall, (1 - PREVALENCE) * wrong
    return true / (true + false) if true + false > 0 else float("nan")


def by_scheme(worlds: Sequence[Done], method: dict[str, pl.DataFrame]) -> pl.DataFrame:
    """One row a scheme × adversary at the target intensity: trials, found, nights, named; and whether it can be known."""
    rows = [row for done in worlds for row in outcomes(done, method[done.record["name"]])]
    if not rows:
        return pl.DataFrame()
    table = pl.DataFrame(rows, infer_schema_length=None).filter(pl.col("is_target"))
    return (
        table.group_by("scheme", "adversary", "intensity", "identifiable")
        .agg(
            pl.len().alias("trials"), pl.col("touched").sum(), pl.col("found").mean().alias("recall"), pl.col("in_time").mean(),
            pl.col("nights").median().alias("nights_median"), pl.col("nights").quantile(0.9).alias("nights_90"),
            pl.col("right_first").filter(pl.col("found")).mean().alias("right_first"),
            pl.col("first_scheme").drop_nulls().unique().sort().str.join(" ").alias("named"),
            pl.col("detectors").filter(pl.col("found")).unique().sort().str.join(" ").alias("detectors"),
        )
        .sort("scheme", "adversary")
    )  # fmt: skip


def curve(worlds: Sequence[Done], method: dict[str, pl.DataFrame]) -> pl.DataFrame:
    """One row an intensity of the curves × begin (from the first night on, or one day): trials that can be known, how many were found."""
    rows = [row for done in worlds for row in outcomes(done, method[done.record["name"]])]
    asked = [row for row in rows if not row["is_target"] and row["identifiable"] and row["touched"]]
    if not asked:
        return pl.DataFrame()
    return (
        pl.DataFrame(asked, infer_schema_length=None)
        .group_by("intensity", "from_start")
        .agg(
            pl.len().alias("trials"), pl.col("found").sum(), pl.col("found").mean().alias("recall"),
            pl.col("nights").median().alias("nights_median"), pl.col("right_first").filter(pl.col("found")).mean().alias("right_first"),
            pl.col("scheme").filter(~pl.col("found")).sort().str.join(" ").alias("missed"),
        )
        .sort("from_start", "intensity")
    )  # fmt: skip


def smallest(worlds: Sequence[Done], method: dict[str, pl.DataFrame]) -> pl.DataFrame:
    """Scheme → smallest intensity of the curve from which on at least half, at least 90% of the trials are found (naive)."""
    rows = [
        row
        for done in worlds
        for row in outcomes(done, method[done.record["name"]])
        if row["adversary"] == "naive" and row["touched"]
    ]
    found: list[dict[str, Any]] = []
    for scheme in sorted({row["scheme"] for row in rows}):
        mine = [row for row in rows if row["scheme"] == scheme]
        steps = sorted({row["intensity"] for row in mine})
        if len(steps) < 2:
            continue  # one intensity is no curve
        shares = {step: _mean([row["found"] for row in mine if row["intensity"] >= step]) for step in steps}
        found.append(
            {
                "scheme": scheme,
                **{
                    f"intensity_{int(level * 100)}": next((s for s in steps if shares[s] >= level), None)
                    for level in (0.5, 0.9)
                },
            }
        )
    schema = {"scheme": pl.String, "intensity_50": pl.Float64, "intensity_90": pl.Float64}
    return pl.DataFrame(found, schema=schema)
