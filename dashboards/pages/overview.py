"""总览: how many are covered, how fast that grows, how far it can be trusted; by province and platform."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import polars as pl

from dashboards import charts, glossary, queries, shape, tiles
from dashboards.charts import texts
from dashboards.figures import boundary_map, growth, multiples, tile_map
from dashboards.figures.numbers import number, scale_of
from dashboards.geography import geography
from dashboards.view import Card, Drawing, Page, Target, View

HEADLINE = (
    "person_insured_rate", "order_insured_rate", "coverage_rate", "persons_cumulative", "persons_active", "persons_new",
    "orders_valid", "orders_insured", "certified_share",
)  # fmt: skip
PERSONS = ("persons_cumulative", "persons_active", "persons_new")
RATES = ("person_insured_rate", "order_insured_rate")
CORPS = "660000"
PLACE_PAGES = {"province": "/province", "platform": "/platform"}


# --- by place ------------------------------------------------------------------------------------------------


def read_map(view: View) -> pl.DataFrame:
    return view.indicators(("province",), (view.measure,))


def draw_map(view: View, frame: pl.DataFrame) -> Drawing:
    cells, scale, unit = shape.places(view, frame, "province")
    if view.state.map == "boundary":
        return _boundaries(view, cells, shape.unit_words(view.words, unit, scale))
    figure = tile_map.figure(cells, texts=texts(view), narrow=view.narrow)
    if view.narrow:
        figure.update_layout(height=390)
    corps = cells.filter(pl.col("code") == CORPS)
    told = [
        view.words("overview.map.corps", text=corps["text"][0]) if corps.height else "",
        charts.reconciled(view, frame),
    ]
    note = "; ".join(part for part in told if part)
    return Drawing(figure, shape.unit_words(view.words, unit, scale), note)


def _boundaries(view: View, cells: pl.DataFrame, unit: str) -> Drawing:
    """The map with boundaries, and what the law wants told beside it."""
    words = view.words
    number = queries.map_review(view.snapshot, view.viewer)
    review = words("overview.map.review", number=number) if number else words("overview.map.no_review")
    states = {f"status.{status}": text for status, text in words.section("status").items()}
    figure = boundary_map.figure(
        cells, land=geography(), texts=texts(view) | states, review=review, narrow=view.narrow
    )
    if view.narrow:
        figure.update_layout(height=330)
    return Drawing(figure, unit, words("overview.map.source"))


def open_province(view: View, code: Any) -> Target | None:
    """A tile leads to its province's page."""
    return (PLACE_PAGES["province"], replace(view.state, provinces=(code,))) if code else None


def read_ranking(view: View) -> pl.DataFrame:
    """By province or platform, with the rank in the period of equal length before; where none is known before the whole
    period, the last whole month (quarter, year) against the one before it."""
    split = view.state.split
    now, then = ranked_periods(view)
    frame = view.indicators((split,), (view.measure,), date_from=now[0], date_to=now[1])
    before = view.indicators((split,), (view.measure,), date_from=then[0], date_to=then[1]) if then else None
    return charts.with_ranks(view, frame, split, before).with_columns(
        period_from=pl.lit(now[0], dtype=pl.Date), period_to=pl.lit(now[1], dtype=pl.Date)
    )


Span = tuple[date | None, date | None]


def ranked_periods(view: View) -> tuple[Span, Span | None]:
    """The period that is ranked and the one it is compared with; None where nothing earlier is known."""
    first, last, known = view.date_from, view.date_to, view.extent.first
    if first is None or last is None or known is None:
        return (first, last), None
    if first > known:
        end = first - timedelta(days=1)
        return (first, last), (end - (last - first), end)
    grain = "month" if view.grain == "day" else view.grain
    end = last if shape.last_of(grain, last) == last else shape.first_of(grain, last) - timedelta(days=1)
    start = shape.first_of(grain, end)
    if start <= known:
        return (first, last), None
    earlier = start - timedelta(days=1)
    return (start, end), (shape.first_of(grain, earlier), earlier)


def draw_ranking(view: View, frame: pl.DataFrame) -> Drawing:
    drawing = charts.ranked_places(view, frame, view.state.split)
    first, last = frame["period_from"][0], frame["period_to"][0]
    note = view.words("overview.ranking.period", first=first, last=last) if first else ""
    return replace(drawing, note=note)


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
    figure = multiples.figure(
        pl.DataFrame(points, infer_schema_length=None), texts=texts(view), columns=2 if view.narrow else 6
    )
    note = words("overview.multiples.silent", count=silent) if silent else ""
    return Drawing(figure, shape.unit_words(words, unit, scale), note)


def read_matrix(view: View) -> pl.DataFrame:
    return view.indicators(("province", "platform"), (view.measure,))


# --- over time -----------------------------------------------------------------------------------------------


def read_growth(view: View) -> pl.DataFrame:
    return view.indicators((view.grain,), [f"growth_rate:{name}" for name in tiles.GROWING])


def draw_growth(view: View, frame: pl.DataFrame) -> Drawing:
    words, bars = view.words, []
    for row in sorted(shape.records(frame), key=lambda row: (_number(row), str(row[view.grain]))):
        period, like = str(row[view.grain]), row["like_for_like"]
        head = f"<b>{period}</b><br>"
        bars.append(
            {
                "panel": glossary.title(words, row["indicator"].removeprefix("growth_rate:")),
                "start": shape.period_start(view.grain, period),
                "period": period[5:] if view.grain == "day" else period,
                "growth": None if row["value"] is None else row["value"] * 100,
                "like_for_like": None if like is None else like * 100,
                "hover_growth": f"{head}{words('figure.growth')}{words('mark.colon')}{shape.change_words(words, row['value'])}",
                "hover_like": f"{head}{words('figure.like_for_like')}{words('mark.colon')}{shape.change_words(words, like)}",
                "is_break": "b" in row["flags"],
            }
        )
    frame = pl.DataFrame(
        bars, infer_schema_length=None, schema_overrides={"growth": pl.Float64, "like_for_like": pl.Float64}
    )
    figure = growth.figure(frame, texts=texts(view), columns=1 if view.narrow else 3)
    if view.narrow:
        figure.update_layout(height=620)
    return Drawing(figure, "%")


def _number(row: dict[str, Any]) -> int:
    return tiles.GROWING.index(row["indicator"].removeprefix("growth_rate:"))


PAGE = Page(
    path="/",
    name="overview",
    order=10,
    filters=("period", "grain", "provinces", "platforms", "measure", "split", "map"),
    cards=(
        Card(
            "figures",
            lambda v: tiles.read(v, HEADLINE),
            lambda v, f: tiles.draw(v, f, HEADLINE),
            height=190,
            is_figure=False,
        ),
        Card("map", read_map, draw_map, span=6, height=520, click=open_province),
        Card("ranking", read_ranking, draw_ranking, span=6, height=520),
        Card("growth", read_growth, draw_growth, height=300),
        Card(
            "persons",
            lambda v: v.indicators((v.grain,), PERSONS),
            lambda v, f: charts.panels(v, f, PERSONS),
            span=6,
            height=460,
        ),
        Card(
            "rates",
            lambda v: v.indicators((v.grain,), RATES),
            lambda v, f: charts.together(v, f, RATES),
            span=6,
            height=460,
        ),
        Card("multiples", read_multiples, draw_multiples, height=360),
        Card("matrix", read_matrix, charts.pairs, height=420),
    ),
)
