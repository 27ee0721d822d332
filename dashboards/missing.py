"""What is probably missing from what was reported: shares with their bounds, per platform, or per province where one is asked for."""

from __future__ import annotations

from typing import Any

import polars as pl

from dashboards import charts, queries
from dashboards.figures import dots
from dashboards.figures.numbers import NONE, SHARE, exact, number
from dashboards.view import Column, Drawing, View

MEASURES = ("orders", "workers", "injuries")
COLUMNS = (
    Column("platform_name", "column.platform_name"),
    Column("province_name", "column.province_name"),
    Column("measure_name", "column.indicator_name", width=90),
    Column("reported", "column.reported", "number"),
    Column("missing", "column.missing", "number"),
    Column("missing_low", "column.missing_low", "number"),
    Column("missing_high", "column.missing_high", "number"),
    Column("outcome_name", "column.outcome", width=110),
    Column("reason", "column.reason", width=380),
)


def read(view: View) -> pl.DataFrame:
    """The best estimate of each measure: national ones of every platform; by province where a province, or one platform, is chosen."""
    state, words = view.state, view.words
    found = queries.estimates(
        view.snapshot, view.viewer, provinces=state.provinces, platforms=state.platforms
    )
    if found.height == 0:
        return found
    by_province = (
        bool(state.provinces) or len(state.platforms) == 1 or found["province_code"].null_count() == 0
    )
    national = pl.col("province_code").is_null()
    found = found.filter(~national if by_province else national)
    return view.with_places(found).with_columns(
        pl.Series("measure_name", [words(f"missing.{name}") for name in found["measure"]], dtype=pl.String),
        pl.Series("outcome_name", [words(f"missing.{name}") for name in found["outcome"]], dtype=pl.String),
        reason=pl.col(f"reason_{view.lang}"),
    )  # fmt: skip


def draw(view: View, frame: pl.DataFrame) -> Drawing:
    """A column of dots with bounds a measure: the share that is missing of all there is. What cannot be known is written, not drawn."""
    words, points = view.words, []
    for measure in MEASURES:
        for row in frame.filter(pl.col("measure") == measure).iter_rows(named=True):
            places = [row["platform_name"]] + ([row["province_name"]] if row["province_code"] else [])
            share, low, high = (
                _share(row["reported"], row[name]) for name in ("missing", "missing_low", "missing_high")
            )
            bound = share is None and low is not None  # at least so many
            points.append(
                {
                    "label": " · ".join(places),
                    "panel": f"{words(f'missing.{measure}')}(%)" if view.lang == "zh" else f"{words(f'missing.{measure}')} (%)",
                    "value": _percent(low if bound else share), "low": _percent(low), "high": _percent(high),
                    "text": _told(view, row, share, low, high), "hover": _hover(view, row, places),
                }
            )  # fmt: skip
    schema = {"label": pl.String, "panel": pl.String, "value": pl.Float64, "low": pl.Float64, "high": pl.Float64, "text": pl.String,
              "hover": pl.String}  # fmt: skip
    figure = dots.figure(pl.DataFrame(points, schema=schema), texts=charts.texts(view), narrow=view.narrow)
    return Drawing(figure, note=words("missing.note"))


def _share(reported: float | None, missing: float | None) -> float | None:
    whole = (reported or 0.0) + (missing or 0.0)
    return None if missing is None or whole <= 0 else missing / whole


def _percent(share: float | None) -> float | None:
    return None if share is None else share * 100


def _told(view: View, row: dict[str, Any], share: float | None, low: float | None, high: float | None) -> str:
    """The share with its bounds; ≥ for a lower bound; else why there is no number."""
    if share is not None:
        bounds = (
            f"({number(low, SHARE)}–{number(high, SHARE)})" if low is not None and high is not None else ""
        )
        return f"{number(share, SHARE)} {bounds}".strip()
    return f"≥ {number(low, SHARE)}" if low is not None else view.words(f"missing.{row['outcome']}")


def _hover(view: View, row: dict[str, Any], places: list[str]) -> str:
    words = view.words
    shown = {
        "column.reported": row["reported"], "column.missing": row["missing"], "column.missing_low": row["missing_low"],
        "column.missing_high": row["missing_high"],
    }  # fmt: skip
    lines = [
        f"{words(title)}{words('mark.colon')}{NONE if value is None else exact(round(value), 'count')}"
        for title, value in shown.items()
    ]
    return "<br>".join(
        [f"<b>{' · '.join(places)}</b>", words(f"missing.{row['outcome']}"), *lines, row["reason"] or ""]
    )
