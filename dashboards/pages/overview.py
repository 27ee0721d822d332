"""总览: how many are covered, how fast that grows, how far it can be trusted; by province and platform."""

from __future__ import annotations

import tomllib
from datetime import date
from functools import cache
from typing import Any

import dash_mantine_components as dmc
import polars as pl
from dash import html
from dash.development.base_component import Component

from dashboards import glossary, shape
from dashboards.figures import growth, lines, matrix, multiples, ranking, tile_map
from dashboards.figures.numbers import number, scale_of
from dashboards.texts import FOLDER
from dashboards.view import Card, Drawing, Page, View

HEADLINE = (
    "person_insured_rate",
    "order_insured_rate",
    "coverage_rate",
    "persons_cumulative",
    "persons_active",
    "persons_new",
    "orders_valid",
    "certified_share",
)
GROWING = ("persons_cumulative", "persons_active", "orders_valid")
CORPS = "660000"


SIGNS = "①②③④⑤⑥⑦⑧⑨⑩"


@cache
def events() -> tuple[dict[str, Any], ...]:
    """Policy events that are drawn on the lines: date, zh, en, source, grade (texts/events.toml)."""
    return tuple(tomllib.loads((FOLDER / "events.toml").read_text(encoding="utf-8"))["event"])


def signed_events(view: View) -> tuple[list[tuple[date, str]], str]:
    """The events within the time shown, each by a sign, and the line that explains the signs."""
    first, last = view.date_from or date.min, view.date_to or date.max
    shown = list(zip(SIGNS, [e for e in events() if first <= e["date"] <= last], strict=False))
    told = [f"{sign} {e['date']} {e[view.lang]} ({e['source']})" for sign, e in shown]
    return [(e["date"], sign) for sign, e in shown], "; ".join(told)


def texts(view: View) -> dict[str, str]:
    return dict(view.words.section("figure"))


# --- key figures ---------------------------------------------------------------------------------------------


def read_figures(view: View) -> pl.DataFrame:
    """The period's figures, and the growth of its last whole month (day, quarter, year) beside like-for-like."""
    whole = view.indicators((), HEADLINE)
    growing = view.indicators((view.grain,), [f"growth_rate:{name}" for name in GROWING]).filter(
        pl.col("value").is_not_null()
    )
    names = sorted({str(name) for name in growing[view.grain].to_list()})
    ended = [
        name for name in names if view.date_to is None or shape.period_end(view.grain, name) <= view.date_to
    ]
    last = (ended or names)[-1:]
    growing = growing.with_columns(pl.col(view.grain).cast(pl.String)).filter(pl.col(view.grain).is_in(last))
    return pl.concat([whole, growing], how="diagonal_relaxed")


def draw_figures(view: View, frame: pl.DataFrame) -> Drawing:
    rows = {row["indicator"]: row for row in shape.records(frame)}
    tiles = [_tile(view, rows, name) for name in HEADLINE if name in rows]
    return Drawing([dmc.SimpleGrid(tiles, cols={"base": 2, "sm": 4}, spacing="sm", verticalSpacing="sm")])


def _tile(view: View, rows: dict[str, dict[str, Any]], name: str) -> Component:
    words, row = view.words, rows[name]
    value, unit, flags = row["value"], str(row["unit"]), str(row["flags"])
    parts: list[Component] = [
        dmc.Tooltip(
            dmc.Text(
                glossary.title(words, name),
                size="xs",
                c="dimmed",
                className="tile-title",
                attributes={"root": {"tabIndex": 0}},
            ),
            label=glossary.definition(words, name),
            multiline=True,
            w=260,
            withArrow=True,
            events={"hover": True, "focus": True, "touch": True},
        )
    ]
    marks = [
        html.Abbr(shape.flag_mark(words, f), title=words(f"flag.{f}"), className="mark")
        for f in shape.FLAGS
        if f in flags
    ]
    parts = [html.Div([*parts, *marks], className="tile-head")]
    status = shape.status_of(value, flags)
    if status in ("value", "zero"):
        scale = scale_of([value], unit, view.lang)
        shown = [
            html.Span(number(value, scale), className="tile-number"),
            html.Span(shape.unit_words(words, unit, scale), className="tile-unit"),
        ]
    else:
        shown = [html.Span(words(f"status.{status}"), className="tile-absent")]
    parts.append(html.Div(shown, className="tile-value"))
    grown = rows.get(f"growth_rate:{name}")
    if grown is not None:
        like = grown["like_for_like"]
        told = words(
            "overview.figures.growth",
            period=grown[view.grain],
            growth=shape.change_words(words, grown["value"]),
            like=shape.change_words(words, like),
        )
        parts.append(dmc.Text(told, size="xs", className="tile-more"))
    elif row["denominator"] is not None and row["numerator"] is not None:
        told = words(
            "overview.figures.parts",
            numerator=_plain(view, row["numerator"]),
            denominator=_plain(view, row["denominator"]),
        )
        parts.append(dmc.Text(told, size="xs", c="dimmed", className="tile-more"))
    return dmc.Box(parts, className="tile")


def _plain(view: View, value: float) -> str:
    """A part of a rate, with its own 万 or 亿."""
    scale = scale_of([value], "count", view.lang)
    return f"{number(value, scale)}{' ' if view.lang == 'en' and scale.word else ''}{shape.unit_words(view.words, 'count', scale)}"


# --- by place ------------------------------------------------------------------------------------------------


def read_map(view: View) -> pl.DataFrame:
    return view.indicators(("province",), (view.measure,))


def draw_map(view: View, frame: pl.DataFrame) -> Drawing:
    cells, scale, unit = shape.places(view, frame, "province")
    figure = tile_map.figure(cells, texts=texts(view), narrow=view.narrow)
    if view.narrow:
        figure.update_layout(height=390)
    corps = cells.filter(pl.col("code") == CORPS)
    note = view.words("overview.map.corps", text=corps["text"][0]) if corps.height else ""
    return Drawing(figure, shape.unit_words(view.words, unit, scale), note)


def read_ranking(view: View) -> pl.DataFrame:
    """By province or platform, with the rank in the period of equal length before."""
    frame = view.indicators((view.state.split,), (view.measure,))
    before: list[tuple[str, float | None]] = []
    if view.date_from and view.date_to and view.extent.first and view.date_from > view.extent.first:
        length = view.date_to - view.date_from
        earlier = view.indicators(
            (view.state.split,),
            (view.measure,),
            date_from=view.date_from - length - date.resolution,
            date_to=view.date_from - date.resolution,
        )
        before = [(row[view.state.split], row["value"]) for row in shape.records(earlier)]
    places = frame.select(pl.col(view.state.split).alias("code"), pl.col("value").cast(pl.Float64))
    ranks = shape.ranked(places, before).select(pl.col("code").alias(view.state.split), "rank", "rank_before")
    return frame.join(ranks, on=view.state.split, how="left", maintain_order="left").sort(
        "rank", nulls_last=True
    )


def draw_ranking(view: View, frame: pl.DataFrame) -> Drawing:
    cells, scale, unit = shape.places(view, frame, view.state.split)
    ranks = frame.select(pl.col(view.state.split).alias("code"), "rank", "rank_before")
    shown = cells.filter(~pl.col("status").is_in(["not_applicable", "not_selected"])).join(
        ranks, on="code", how="left"
    )
    has_before = frame["rank_before"].null_count() < frame.height
    figure = ranking.figure(shown, texts=texts(view), has_before=has_before, is_share=unit == "share")
    return Drawing(figure, shape.unit_words(view.words, unit, scale))


def read_multiples(view: View) -> pl.DataFrame:
    return view.indicators((view.grain, view.state.split), (view.measure,))


def draw_multiples(view: View, frame: pl.DataFrame) -> Drawing:
    split, words = view.state.split, view.words
    rows = shape.records(frame)
    unit = next((row["unit"] for row in rows), "count")
    scale = scale_of([row["value"] for row in rows], unit, view.lang)
    points, silent = [], 0
    for code, name, absent in shape.registered(view, split):
        mine = [row for row in rows if row[split] == code]
        if all(row["value"] is None for row in mine):
            silent += absent == "not_reported"
            continue
        for row in sorted(mine, key=lambda row: str(row[view.grain])):
            period = str(row[view.grain])
            points.append(
                {
                    "label": name,
                    "start": shape.period_start(view.grain, period),
                    "period": period,
                    "value": None if row["value"] is None else row["value"] / scale.divisor,
                    "text": number(row["value"], scale),
                    "hover": shape.hover(words, f"{name} {period}", row),
                }
            )
    columns = 2 if view.narrow else 6
    figure = multiples.figure(pl.DataFrame(points), texts=texts(view), columns=columns)
    note = words("overview.multiples.silent", count=silent) if silent else ""
    return Drawing(figure, shape.unit_words(words, unit, scale), note)


def read_matrix(view: View) -> pl.DataFrame:
    return view.indicators(("province", "platform"), (view.measure,))


def draw_matrix(view: View, frame: pl.DataFrame) -> Drawing:
    rows = shape.records(frame)
    unit = next((row["unit"] for row in rows), "count")
    scale = scale_of([row["value"] for row in rows], unit, view.lang)
    cells = []
    for row in sorted(rows, key=lambda row: (row["province"], row["platform"])):
        province, platform = (
            view.province_names.get(row["province"]),
            view.platform_names.get(row["platform"]),
        )
        if province is None or platform is None:
            continue
        status = shape.status_of(row["value"], row["flags"])
        cells.append(
            {
                "row": province,
                "column": platform,
                "status": status,
                "value": None if row["value"] is None else row["value"] / scale.divisor,
                "text": number(row["value"], scale),
                "hover": shape.hover(view.words, f"{province} × {platform}", row),
            }
        )
    schema = {
        "row": pl.String,
        "column": pl.String,
        "status": pl.String,
        "value": pl.Float64,
        "text": pl.String,
        "hover": pl.String,
    }
    shown = pl.DataFrame(cells, schema=schema)
    figure = matrix.figure(shown, texts=texts(view), printed=not view.narrow)
    return Drawing(figure, shape.unit_words(view.words, unit, scale))


# --- over time -----------------------------------------------------------------------------------------------


def read_persons(view: View) -> pl.DataFrame:
    return view.indicators((view.grain,), ("persons_cumulative", "persons_active", "persons_new"))


def draw_persons(view: View, frame: pl.DataFrame) -> Drawing:
    panels = {
        glossary.title(view.words, name): (name,)
        for name in ("persons_cumulative", "persons_active", "persons_new")
    }
    points, _ = shape.lines(view, frame, panels)
    one_line = points.with_columns(series=pl.lit(""))
    marks, note = signed_events(view)
    return Drawing(lines.figure(one_line, texts=texts(view), events=marks), note=note)


def read_rates(view: View) -> pl.DataFrame:
    return view.indicators((view.grain,), ("person_insured_rate", "order_insured_rate"))


def draw_rates(view: View, frame: pl.DataFrame) -> Drawing:
    points, _ = shape.lines(view, frame, {"": ("person_insured_rate", "order_insured_rate")})
    marks, note = signed_events(view)
    return Drawing(lines.figure(points, texts=texts(view), events=marks, percent=True), "%", note)


def read_growth(view: View) -> pl.DataFrame:
    return view.indicators((view.grain,), [f"growth_rate:{name}" for name in GROWING])


def draw_growth(view: View, frame: pl.DataFrame) -> Drawing:
    words = view.words
    bars = []
    for row in sorted(shape.records(frame), key=lambda row: (row["indicator"], str(row[view.grain]))):
        period, name = str(row[view.grain]), row["indicator"].removeprefix("growth_rate:")
        bars.append(
            {
                "panel": glossary.title(words, name),
                "start": shape.period_start(view.grain, period),
                "period": period[5:] if view.grain == "day" else period,
                "growth": None if row["value"] is None else row["value"] * 100,
                "like_for_like": None if row["like_for_like"] is None else row["like_for_like"] * 100,
                "hover_growth": f"<b>{period}</b><br>{words('figure.growth')}{words('mark.colon')}{shape.change_words(words, row['value'])}",
                "hover_like": f"<b>{period}</b><br>{words('figure.like_for_like')}{words('mark.colon')}"
                f"{shape.change_words(words, row['like_for_like'])}",
                "is_break": "b" in row["flags"],
            }
        )
    order = [glossary.title(words, name) for name in GROWING]
    schema = {
        "panel": pl.String,
        "start": pl.Date,
        "period": pl.String,
        "growth": pl.Float64,
        "like_for_like": pl.Float64,
        "hover_growth": pl.String,
        "hover_like": pl.String,
        "is_break": pl.Boolean,
    }
    ordered = pl.DataFrame(bars, schema=schema).sort(
        pl.col("panel").replace_strict({name: i for i, name in enumerate(order)}), "start"
    )
    figure = growth.figure(ordered, texts=texts(view), columns=1 if view.narrow else 3)
    if view.narrow:
        figure.update_layout(height=620)
    return Drawing(figure, "%")


PAGE = Page(
    path="/",
    name="overview",
    order=10,
    filters=("period", "grain", "provinces", "platforms", "measure", "split"),
    cards=(
        Card("figures", read_figures, draw_figures, height=190, is_figure=False),
        Card("map", read_map, draw_map, span=6, height=520),
        Card("ranking", read_ranking, draw_ranking, span=6, height=520),
        Card("growth", read_growth, draw_growth, height=300),
        Card("persons", read_persons, draw_persons, span=6, height=460),
        Card("rates", read_rates, draw_rates, span=6, height=460),
        Card("multiples", read_multiples, draw_multiples, height=360),
        Card("matrix", read_matrix, draw_matrix, height=420),
    ),
)
