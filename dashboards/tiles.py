"""Key figures: one number a tile, with its unit, its parts, its growth beside like-for-like, and its marks."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import dash_mantine_components as dmc
import polars as pl
from dash import html
from dash.development.base_component import Component

from dashboards import glossary, shape
from dashboards.figures.numbers import number, scale_of
from dashboards.view import Drawing, View

GROWING = ("persons_cumulative", "persons_active", "orders_valid")


def read(view: View, ids: Sequence[str], **changed: Any) -> pl.DataFrame:
    """The period's figures, and the growth of its last whole month (day, quarter, year) beside like-for-like."""
    whole = view.indicators((), ids, **changed)
    growth = [f"growth_rate:{name}" for name in GROWING if name in ids]
    if not growth:
        return whole
    growing = view.indicators((view.grain,), growth, **changed)
    growing = growing.filter(pl.col("value").is_not_null()).with_columns(pl.col(view.grain).cast(pl.String))
    names = sorted(set(growing[view.grain].to_list()))
    ended = [
        name for name in names if view.date_to is None or shape.period_end(view.grain, name) <= view.date_to
    ]
    return pl.concat(
        [whole, growing.filter(pl.col(view.grain).is_in((ended or names)[-1:]))], how="diagonal_relaxed"
    )


def draw(view: View, frame: pl.DataFrame, ids: Sequence[str]) -> Drawing:
    rows = {row["indicator"]: row for row in shape.records(frame)}
    tiles = [tile(view, rows, name) for name in ids if name in rows]
    return Drawing([dmc.SimpleGrid(tiles, cols={"base": 2, "sm": 4}, spacing="sm", verticalSpacing="sm")])


def tile(view: View, rows: Mapping[str, Mapping[str, Any]], name: str) -> Component:
    words, row = view.words, rows[name]
    head: list[Component] = [
        dmc.Tooltip(
            html.Button(glossary.title(words, name), type="button", className="tile-title"),
            label=glossary.definition(words, name),
            multiline=True,
            w=300,
            withArrow=True,
            events={"hover": True, "focus": True, "touch": True},
        )
    ]
    head += [
        html.Abbr(shape.flag_mark(words, flag), title=words(f"flag.{flag}"), className="mark")
        for flag in shape.FLAGS
        if flag in row["flags"]
    ]
    parts: list[Component] = [
        html.Div(head, className="tile-head"),
        html.Div(_value(view, row), className="tile-value"),
    ]
    grown = rows.get(f"growth_rate:{name}")
    if grown is not None:
        told = words(
            "tile.growth",
            period=grown[view.grain],
            growth=shape.change_words(words, grown["value"]),
            like=shape.change_words(words, grown["like_for_like"]),
        )
        parts.append(dmc.Text(told, size="xs", className="tile-more"))
    elif row["denominator"] is not None and row["numerator"] is not None:
        told = words(
            "tile.parts", numerator=_part(view, row["numerator"]), denominator=_part(view, row["denominator"])
        )
        parts.append(dmc.Text(told, size="xs", c="dimmed", className="tile-more"))
    return dmc.Box(parts, className="tile")


def _value(view: View, row: Mapping[str, Any]) -> list[Component]:
    status = shape.status_of(row["value"], row["flags"])
    if status not in ("value", "zero"):
        return [html.Span(view.words(f"status.{status}"), className="tile-absent")]
    scale = scale_of([row["value"]], row["unit"], view.lang)
    return [
        html.Span(number(row["value"], scale), className="tile-number"),
        html.Span(shape.unit_words(view.words, row["unit"], scale), className="tile-unit"),
    ]


def _part(view: View, value: float) -> str:
    """A part of a rate, with its own 万 or 亿."""
    scale = scale_of([value], "count", view.lang)
    gap = " " if view.lang == "en" and scale.word else ""
    return f"{number(value, scale)}{gap}{shape.unit_words(view.words, 'count', scale)}"
