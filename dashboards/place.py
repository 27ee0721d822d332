"""One province, or one platform, with its peers as context. The pages 省份 and 平台 are this, each with its dimension."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import polars as pl

from dashboards import charts, flows, glossary, queries, shape, tiles
from dashboards.figures import lines, stacked
from dashboards.figures.numbers import number, scale_of
from dashboards.view import Card, Drawing, Page, View

HEADLINE = (
    "person_insured_rate", "order_insured_rate", "fully_covered_share", "persons_cumulative", "persons_active", "orders_valid",
    "persons_enrolled", "certified_share",
)  # fmt: skip
MOBILITY = ("persons_multi_platform", "persons_multi_province")
RATES = ("person_insured_rate", "order_insured_rate")
PERSONS = ("persons_cumulative", "persons_active", "persons_new")
RATIO = ("payout_contribution_ratio",)
FUND = ("contributions_collected_yuan", "benefits_yuan", "fund_gap_yuan")
OTHER = {"province": "platform", "platform": "province"}
FIELD = {"province": "provinces", "platform": "platforms"}


def page_of(dimension: str, path: str, order: int) -> Page:
    """The page of one province or platform; the one is the first that is chosen, else the one with most orders."""

    def read_figures(view: View) -> pl.DataFrame:
        return tiles.read(view, HEADLINE, **only(view, dimension))

    def read_peers(view: View) -> pl.DataFrame:
        wide = {FIELD[dimension]: ()}
        return view.indicators((view.grain, dimension), (view.measure,), **wide)

    def read_ranking(view: View) -> pl.DataFrame:
        frame = view.indicators((dimension,), (view.measure,), **{FIELD[dimension]: ()})
        return charts.with_ranks(view, frame, dimension, None)

    def read_others(view: View) -> pl.DataFrame:
        frame = view.indicators((OTHER[dimension],), (view.measure,), **only(view, dimension))
        return charts.with_ranks(view, frame, OTHER[dimension], None)

    def read_programmes(view: View) -> pl.DataFrame:
        return _programmes(
            view, view.indicators(("programme",), ("persons_enrolled",), **only(view, dimension))
        )

    def read_flow(view: View) -> pl.DataFrame:
        return flows.read(view, **only(view, dimension))

    def over_time(ids: tuple[str, ...]) -> Any:
        return lambda view: view.indicators((view.grain,), ids, **only(view, dimension))

    def draw_ranking(view: View, frame: pl.DataFrame) -> Drawing:
        everyone = replace(view, state=replace(view.state, **{FIELD[dimension]: ()}))  # type: ignore[arg-type]
        return charts.ranked_places(everyone, frame, dimension)

    return Page(
        path=path,
        name=dimension,
        order=order,
        filters=("period", "grain", "provinces", "platforms", "measure"),
        subject={FIELD[dimension]: lambda view: name_of(view, dimension)},
        cards=(
            Card(
                "figures", read_figures, lambda v, f: tiles.draw(v, f, HEADLINE), height=190, is_figure=False
            ),
            Card("peers", read_peers, lambda v, f: draw_peers(v, f, dimension), span=7, height=400),
            Card("ranking", read_ranking, draw_ranking, span=5, height=400),
            Card(
                "persons", over_time(PERSONS), lambda v, f: charts.panels(v, f, PERSONS), span=6, height=420
            ),
            Card("rates", over_time(RATES), lambda v, f: charts.together(v, f, RATES), span=6, height=420),
            Card(
                "others",
                read_others,
                lambda v, f: charts.ranked_places(v, f, OTHER[dimension]),
                span=6,
                height=320,
            ),
            Card("programmes", read_programmes, draw_programmes, span=6, height=320),
            Card(
                "mobility",
                over_time(MOBILITY),
                lambda v, f: charts.panels(v, f, MOBILITY),
                span=4,
                height=320,
            ),
            Card(
                "flow", read_flow, flows.draw_moves, columns=lambda _, __: flows.COLUMNS, span=4, height=320
            ),
            Card(
                "tenure",
                read_flow,
                flows.draw_tenure,
                columns=lambda _, __: flows.COLUMNS,
                span=4,
                height=320,
            ),
            Card("fund", over_time(FUND), lambda v, f: charts.together(v, f, FUND), span=6, height=320),
            Card("ratio", over_time(RATIO), lambda v, f: charts.together(v, f, RATIO), span=6, height=320),
        ),
    )


def chosen(view: View, dimension: str) -> str:
    """The place the page is about."""
    codes = getattr(view.state, FIELD[dimension])
    if codes:
        return str(codes[0])
    frame = view.indicators((dimension,), ("orders_valid",)).filter(pl.col("value").is_not_null())
    if frame.height:
        return str(frame.sort("value", descending=True)[dimension][0])
    return str((view.provinces if dimension == "province" else view.platforms)[f"{dimension}_code"][0])


def only(view: View, dimension: str) -> dict[str, tuple[str, ...]]:
    return {FIELD[dimension]: (chosen(view, dimension),)}


def name_of(view: View, dimension: str) -> str:
    names = view.province_names if dimension == "province" else view.platform_names
    code = chosen(view, dimension)
    return names.get(code, code)


def draw_peers(view: View, frame: pl.DataFrame, dimension: str) -> Drawing:
    """The one as a line of its own, beside the median and the range of all the others."""
    words, mine = view.words, chosen(view, dimension)
    rows = [row for row in shape.records(frame) if row["value"] is not None]
    unit = next((row["unit"] for row in rows), "count")
    scale = scale_of([row["value"] for row in rows], unit, view.lang)
    points: list[dict[str, Any]] = []
    series = (name_of(view, dimension), words("place.median"), words("place.low"), words("place.high"))
    for period in sorted({str(row[view.grain]) for row in rows}):
        now = [row for row in rows if str(row[view.grain]) == period]
        others = sorted(row["value"] for row in now)
        own = next((row for row in now if row[dimension] == mine), None)
        values = (own["value"] if own else None, *(_quantile(others, q) for q in (0.5, 0.1, 0.9)))
        for name, value in zip(series, values, strict=True):
            told = (
                shape.hover(words, f"{name} {period}", own)
                if own and name == series[0]
                else f"<b>{name} {period}</b><br>{number(value, scale)}"
            )
            points.append(
                {
                    "panel": "", "series": name, "start": shape.period_start(view.grain, period),
                    "period": period[5:] if view.grain == "day" else period, "value": None if value is None else value / scale.divisor,
                    "text": "", "hover": told, "is_provisional": bool(own and "p" in own["flags"]), "is_break": bool(own and "b" in own["flags"]),
                }
            )  # fmt: skip
    order = {name: number for number, name in enumerate(series)}
    drawn = pl.DataFrame(points, schema=shape.LINE_SCHEMA).sort(
        pl.col("series").replace_strict(order, return_dtype=pl.Int64), "start"
    )
    marks, note = charts.signed_events(view)
    figure = lines.figure(drawn, texts=charts.texts(view), events=marks, percent=unit == "share")
    return Drawing(figure, shape.unit_words(words, unit, scale), note)


def _quantile(ordered: list[float], share: float) -> float | None:
    """Linear between neighbours; None of nothing."""
    if not ordered:
        return None
    at = (len(ordered) - 1) * share
    low = int(at)
    return ordered[low] + (ordered[min(low + 1, len(ordered) - 1)] - ordered[low]) * (at - low)


def _programmes(view: View, frame: pl.DataFrame) -> pl.DataFrame:
    names = dict(
        queries.programmes(view.snapshot, view.viewer).select("programme", f"name_{view.lang}").iter_rows()
    )
    told = [names.get(code, code or "") for code in frame["programme"]]
    return (
        frame.filter(pl.col("value").is_not_null() | (pl.col("flags") != "x")).with_columns(
            programme_name=pl.Series(told, dtype=pl.String)
        )
        if frame.height
        else frame
    )


def draw_programmes(view: View, frame: pl.DataFrame) -> Drawing:
    rows = [row for row in shape.records(frame) if row["value"] is not None]
    scale = scale_of([row["value"] for row in rows], "persons", view.lang)
    bars = [
        {"label": row["programme_name"], "part": "all", "value": row["value"] / scale.divisor,
         "hover": shape.hover(view.words, row["programme_name"], row), "point": row["programme"]}
        for row in rows
    ]  # fmt: skip
    figure = stacked.figure(
        pl.DataFrame(bars),
        texts=charts.texts(view),
        parts=[("all", glossary.title(view.words, "persons_enrolled"))],
    )
    return Drawing(figure, shape.unit_words(view.words, "persons", scale))
