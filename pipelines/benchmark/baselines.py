"""What detectors are held against: four simple ways to look at the same nights, each allowed the same false alerts.

Every baseline gives each cell and day a score, in hindsight over the whole world (which favours it). Its threshold is set on the
worlds kept for calibration so that it raises at most one false alert per platform-year there; a cell that has raised one is
silent for QUIET nights.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Sequence
from datetime import date
from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl

from pipelines.benchmark.measure import Done, clean_nights

QUIET = 14  # nights after an alert of a cell
BUDGET = 1.0  # false alerts per platform-year
POOL = 7  # days over which first digits are pooled
BENFORD = np.log10(1 + 1 / np.arange(1, 10))
FEATURES = (
    "orders",
    "workers",
    "cancelled",
    "premium",
    "income",
    "metres",
    "minutes",
    "night",
    "noon",
    "claims",
    "enrollment",
)
CELL = ["platform_code", "province_code"]
Floats = npt.NDArray[np.float64]


def daily(done: Done) -> pl.DataFrame:
    """Cell × business date: the last version's aggregates, in time order."""
    rows = pl.read_parquet(done.folder / "daily.parquet").sort("sequence")
    return rows.unique([*CELL, "business_date"], keep="last").sort(*CELL, "business_date")


def z_score(done: Done) -> pl.DataFrame:
    """The remainder of a seasonal-trend decomposition (STL, one week) of log orders over its median deviation."""
    from statsmodels.tsa.seasonal import STL

    def of_cell(rows: pl.DataFrame) -> Floats:
        series = np.log1p(rows["orders"].to_numpy().astype(float))
        if series.size < 21:
            return np.zeros(series.size)
        rest = np.asarray(STL(series, period=7, robust=True).fit().resid, dtype=float)
        return np.abs(rest) / _spread(rest)

    return _each(daily(done), of_cell)


def benford(done: Done) -> pl.DataFrame:
    """Mean absolute deviation of the incomes' first digits of a week from Benford's shares."""

    def of_cell(rows: pl.DataFrame) -> Floats:
        counts = (
            rows.select(f"digit_{digit}" for digit in range(1, 10)).to_numpy().astype(float).cumsum(axis=0)
        )
        week = counts - np.concatenate([np.zeros((min(POOL, len(counts)), 9)), counts[:-POOL]])
        shares = week / np.maximum(week.sum(axis=1, keepdims=True), 1)
        return np.abs(shares - BENFORD).mean(axis=1)

    return _each(daily(done), of_cell)


def rules_only(done: Done) -> pl.DataFrame:
    """Violations of row rules of a cell and night, against what the cell had before (log ratio)."""
    hits = pl.read_parquet(done.folder / "rules.parquet").filter(
        pl.col("consequence").is_in(["breach", "suspect"])
    )
    nights = hits.group_by(*CELL, pl.col("detected_on").alias("business_date")).agg(
        pl.col("violations").sum()
    )
    rows = (
        daily(done)
        .join(nights, on=[*CELL, "business_date"], how="left")
        .with_columns(pl.col("violations").fill_null(0))
    )

    def of_cell(cell: pl.DataFrame) -> Floats:
        count = cell["violations"].to_numpy().astype(float)
        before = np.concatenate([[0.0], np.cumsum(count)[:-1]]) / np.maximum(np.arange(count.size), 1)
        return np.log1p(count) - np.log1p(before)

    return _each(rows, of_cell)


def forest(calibrate: Sequence[Done]) -> Callable[[Done], pl.DataFrame]:
    """Isolation forest on daily aggregates, each against its cell's own median; grown on the worlds of calibration."""
    from sklearn.ensemble import IsolationForest

    def features(rows: pl.DataFrame) -> Floats:
        values = rows.select(pl.col(name).cast(pl.Float64) for name in FEATURES).to_numpy()
        values = np.log1p(np.maximum(values, 0))
        centre = np.median(values, axis=0)
        spread = np.maximum(1.4826 * np.median(np.abs(values - centre), axis=0), 0.02)
        return np.asarray((values - centre) / spread)

    def of_world(done: Done) -> list[Floats]:
        return [features(rows) for rows in daily(done).partition_by(CELL, maintain_order=True)]

    grown = IsolationForest(n_estimators=200, random_state=1, n_jobs=1)
    grown.fit(np.concatenate([part for done in calibrate for part in of_world(done)]))
    return lambda done: _each(
        daily(done), lambda rows: -np.asarray(grown.score_samples(features(rows)), dtype=float)
    )


def _spread(values: Floats) -> float:
    return max(1.4826 * float(np.median(np.abs(values - np.median(values)))), 9e-4)


def _each(rows: pl.DataFrame, of_cell: Callable[[pl.DataFrame], Floats]) -> pl.DataFrame:
    """Cell × business date with a score."""
    parts = []
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for cell in rows.partition_by(CELL, maintain_order=True):
            parts.append(
                cell.select(*CELL, "business_date").with_columns(
                    score=pl.Series(of_cell(cell), dtype=pl.Float64)
                )
            )
    return pl.concat(parts)


def alerts(scores: pl.DataFrame, threshold: float, name: str) -> pl.DataFrame:
    """Alerts in the manner of findings: one where a cell passes the threshold, then QUIET nights of silence."""
    rows: list[dict[str, Any]] = []
    last: dict[tuple[str, str], date] = {}
    for platform, province, on, score in (
        scores.filter(pl.col("score") > threshold).sort("business_date").iter_rows()
    ):
        before = last.get((platform, province))
        if before is None or (on - before).days > QUIET:
            last[platform, province] = on
            rows.append(
                {
                    "platform_code": platform,
                    "province_code": province,
                    "detected_on": on,
                    "score": score - threshold,
                }
            )
    schema = {
        "platform_code": pl.String,
        "province_code": pl.String,
        "detected_on": pl.Date,
        "score": pl.Float64,
    }
    return pl.DataFrame(rows, schema=schema).select(
        pl.lit(name).alias("rule_id"), pl.all(), pl.lit([], dtype=pl.List(pl.String)).alias("schemes")
    )


def calibrated(scores: Sequence[tuple[Done, pl.DataFrame]]) -> float:
    """The lowest threshold at which the worlds of calibration hold no more than BUDGET alerts a platform-year."""
    exposure = sum(sum(clean_nights(done).values()) for done, _ in scores) / 365
    allowed = int(BUDGET * exposure)
    levels = np.unique(pl.concat([each["score"] for _, each in scores]).to_numpy())
    low, high = 0, levels.size - 1
    while low < high:
        middle = (low + high) // 2
        if sum(alerts(each, float(levels[middle]), "").height for _, each in scores) <= allowed:
            high = middle
        else:
            low = middle + 1
    return float(levels[low])


def methods(worlds: Sequence[Done]) -> tuple[dict[str, dict[str, pl.DataFrame]], dict[str, str]]:
    """Alerts of every baseline by world; and of those that could not be run, or not in every world, the reason."""
    calibrate = [done for done in worlds if done.record["kind"] == "calibrate"]
    made: dict[str, dict[str, pl.DataFrame]] = {}
    left_out: dict[str, str] = {}
    if not calibrate:
        return {}, {"all baselines": "no world of calibration was run"}
    ways: dict[str, Callable[[], Callable[[Done], pl.DataFrame]]] = {
        "row rules only": lambda: rules_only, "isolation forest": lambda: forest(calibrate),
        "Benford only": lambda: benford, "z-score (STL)": lambda: z_score,
    }  # fmt: skip
    for name, way in ways.items():
        needs_rules = name == "row rules only"
        able = [done for done in worlds if done.record["rules"] or not needs_rules]
        if needs_rules and not all(done.record["rules"] for done in calibrate):
            left_out[name] = "the rules were not run in the worlds of calibration (--rules)"
            continue
        if len(able) < len(worlds):
            left_out[name] = (
                f"in {len(worlds) - len(able)} of {len(worlds)} worlds (the rules were not run there)"
            )
        try:
            score = way()
        except ImportError as error:
            left_out[name] = f"{error.name} is not installed (a dependency of development)"
            continue
        scores = {done.record["name"]: score(done) for done in able}
        threshold = calibrated([(done, scores[done.record["name"]]) for done in calibrate])
        made[name] = {world: alerts(each, threshold, name) for world, each in scores.items()}
    return made, left_out
