"""Drawings that several pages share: indicators as lines, as a ranking, as a grid of places and figures."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from datetime import date
from functools import cache
from typing import Any

import polars as pl

from dashboards import glossary, shape
from dashboards.figures import lines, matrix, ranking
from dashboards.figures.numbers import number, scale_of
from dashboards.texts import FOLDER
from dashboards.view import Drawing, View

SIGNS = "①②③④⑤⑥⑦⑧⑨⑩"
CELLS = {
    "row": pl.String,
    "column": pl.String,
    "status": pl.String,
    "value": pl.Float64,
    "text": pl.String,
    "hover": pl.String,
}


def texts(view: View) -> dict[str, str]:
    """The words that figures use."""
    return dict(view.words.section("figure"))


@cache
def events() -> tuple[dict[str, Any], ...]:
    """Policy events that are drawn on the lines: date, zh, en, source, grade (texts/events.toml)."""
    return tuple(tomllib.loads((FOLDER / "events.toml").read_text(encoding="utf-8"))["event"])


@cache
def releases() -> tuple[dict[str, Any], ...]:
    """What changed in figures and definitions: date, version, zh, en, affects_zh, affects_en (texts/releases.toml)."""
    return tuple(tomllib.loads((FOLDER / "releases.toml").read_text(encoding="utf-8"))["release"])


def signed_events(view: View) -> tuple[list[tuple[date, str]], str]:
    """The events within the time shown, each by a sign, and the line that explains the signs."""
    first, last = view.date_from or date.min, view.date_to or date.max
    shown = list(zip(SIGNS, [e for e in events() if first <= e["date"] <= last], strict=False))
    told = [f"{sign} {e['date']} {e[view.lang]} ({e['source']})" for sign, e in shown]
    return [(e["date"], sign) for sign, e in shown], "; ".join(told)


def panels(view: View, frame: pl.DataFrame, ids: Sequence[str]) -> Drawing:
    """Every indicator in its own panel, on its own axis."""
    points, _ = shape.lines(view, frame, {glossary.title(view.words, name): (name,) for name in ids})
    marks, note = signed_events(view)
    return Drawing(
        lines.figure(points.with_columns(series=pl.lit("")), texts=texts(view), events=marks), note=note
    )


def together(view: View, frame: pl.DataFrame, ids: Sequence[str]) -> Drawing:
    """Indicators of one unit on one axis; shares where they lie, not from zero."""
    points, scales = shape.lines(view, frame, {"": ids})
    unit = next(iter(frame["unit"].to_list()), "count")
    marks, note = signed_events(view)
    figure = lines.figure(points, texts=texts(view), events=marks, percent=unit == "share")
    return Drawing(figure, shape.unit_words(view.words, unit, scales[""]), note)


def ranked_places(view: View, frame: pl.DataFrame, dimension: str) -> Drawing:
    """A ranking of provinces or platforms; `frame` has rank and rank_before."""
    cells, scale, unit = shape.places(view, frame, dimension)
    ranks = frame.select(pl.col(dimension).alias("code"), "rank", "rank_before")
    is_there = ~pl.col("status").is_in(["not_applicable", "not_selected"])
    shown = cells.filter(is_there).join(ranks, on="code", how="left")
    has_before = frame["rank_before"].null_count() < frame.height
    figure = ranking.figure(shown, texts=texts(view), has_before=has_before, is_share=unit == "share")
    return Drawing(figure, shape.unit_words(view.words, unit, scale))


ADDED_UP = ("persons", "person-days", "orders", "yuan", "cases")


def reconciled(view: View, frame: pl.DataFrame) -> str:
    """Whether the parts shown add up to the whole, and what the difference is where they do not; '' of what is no count.

    Orders and money add up exactly. A person with cover or orders in several places counts in each of them.
    """
    rows = shape.records(frame)
    if not rows or rows[0]["unit"] not in ADDED_UP or all(row["value"] is None for row in rows):
        return ""
    parts = sum(row["value"] for row in rows if row["value"] is not None)
    whole = shape.records(view.indicators((), (rows[0]["indicator"],)))[0]["value"]
    if whole is None:
        return ""
    unit, difference = rows[0]["unit"], parts - whole
    told = {
        "parts": shape.value_words(view.words, parts, unit),
        "whole": shape.value_words(view.words, whole, unit),
    }
    if abs(difference) < 0.005:
        return view.words("sums.equal", **told)
    reason = view.words("sums.shared" if unit in ("persons", "person-days") else "sums.other")
    return view.words(
        "sums.differ", difference=shape.value_words(view.words, difference, unit), reason=reason, **told
    )


def with_ranks(view: View, frame: pl.DataFrame, dimension: str, before: pl.DataFrame | None) -> pl.DataFrame:
    """Adds rank and rank_before to figures of one indicator by place, first in rank first."""
    old = [(row[dimension], row["value"]) for row in shape.records(before)] if before is not None else []
    places = frame.select(pl.col(dimension).alias("code"), pl.col("value").cast(pl.Float64))
    ranks = shape.ranked(places, old).select(pl.col("code").alias(dimension), "rank", "rank_before")
    return frame.join(ranks, on=dimension, how="left", maintain_order="left").sort("rank", nulls_last=True)


def pairs(view: View, frame: pl.DataFrame, row_of: str = "province", column_of: str = "platform") -> Drawing:
    """One indicator by province × platform."""
    rows = shape.records(frame)
    unit = next((row["unit"] for row in rows), "count")
    scale = scale_of([row["value"] for row in rows], unit, view.lang)
    names = {"province": view.province_names, "platform": view.platform_names}
    cells = []
    for row in sorted(rows, key=lambda row: (row[row_of] or "", row[column_of] or "")):
        across, down = names[row_of].get(row[row_of]), names[column_of].get(row[column_of])
        if (
            across is not None
            and down is not None
            and shape.status_of(row["value"], row["flags"]) != "not_applicable"
        ):
            cells.append(_cell(view, row, across, down, scale, f"{across} × {down}"))
    figure = matrix.figure(pl.DataFrame(cells, schema=CELLS), texts=texts(view), printed=not view.narrow)
    return Drawing(figure, shape.unit_words(view.words, unit, scale))


def _cell(
    view: View, row: Mapping[str, Any], across: str, down: str, scale: Any, name: str
) -> dict[str, Any]:
    status = shape.status_of(row["value"], row["flags"])
    has_value = status in ("value", "zero")
    return {
        "row": across,
        "column": down,
        "status": status,
        "value": row["value"] / scale.divisor if has_value else None,
        "text": number(row["value"], scale) if has_value else view.words(f"status.{status}"),
        "hover": shape.hover(view.words, name, row),
    }
