"""数据质量: how far the figures can be trusted, by province, platform and dimension; and what nobody can know."""

from __future__ import annotations

from datetime import date

import dash_mantine_components as dmc
import polars as pl
from dash import html

from dashboards import charts, queries
from dashboards.figures import stacked
from dashboards.figures.numbers import exact
from dashboards.pages.findings import OPEN
from dashboards.pages.findings import PAGE as FINDINGS
from dashboards.state import State
from dashboards.view import Card, Column, Drawing, Page, Target, View

# one indicator a dimension: completeness, timeliness, validity, consistency, credibility; and what follows from them all
DIMENSIONS = (
    "completeness_rate", "timeliness_rate", "typed_rate", "internal_agreement_rate", "agreement_rate", "certified_share",
)  # fmt: skip
TREND = ("certified_share", "completeness_rate", "timeliness_rate", "typed_rate")
RULES_SHOWN = 20
UNKNOWABLE = ("orders", "injuries", "workers", "agreement")


def read_scorecard(view: View) -> pl.DataFrame:
    return view.indicators((view.state.split,), DIMENSIONS)


def draw_scorecard(view: View, frame: pl.DataFrame) -> Drawing:
    return charts.scorecard(view, frame, view.state.split, DIMENSIONS)


def read_rules(view: View) -> pl.DataFrame:
    """Open findings that keep data from being certified or make it doubtful, by rule."""
    state = view.state
    asked = queries.Asked(
        view.date_from or date.min, view.date_to or date.max, state.provinces, state.platforms, (), OPEN,
        ("refuse", "quarantine", "defect", "suspect"),
    )  # fmt: skip
    found = queries.finding_counts(view.snapshot, view.viewer, asked)
    told = [view.words(f"dimension.{dimension}") for dimension in found["dimension"]]
    return found.with_columns(
        pl.Series("dimension_name", told, dtype=pl.String), title=pl.col(f"title_{view.lang}")
    )


def draw_rules(view: View, frame: pl.DataFrame) -> Drawing:
    words = view.words
    totals = frame.group_by("rule_id", "title", "dimension", "dimension_name", maintain_order=True).agg(
        pl.col("findings").sum()
    )
    rows = []
    for row in totals.sort("findings", descending=True).head(RULES_SHOWN).iter_rows(named=True):
        name = f"{row['rule_id']} {row['title']}"
        rows.append(
            {
                "label": name if len(name) < 40 else f"{name[:39]}…",
                "part": row["dimension"],
                "value": float(row["findings"]),
                "hover": f"<b>{name}</b><br>{row['dimension_name']}<br>{exact(row['findings'], 'count')}",
                "point": row["rule_id"],
            }
        )
    parts = [(name, words(f"dimension.{name}")) for name in words.section("dimension")]
    return Drawing(stacked.figure(pl.DataFrame(rows), texts=charts.texts(view), parts=parts))


def open_rule(view: View, point: str | None) -> Target | None:
    """A bar leads to the findings of its rule."""
    state = view.state
    kept = State(state.lang, state.date_from, state.date_to, state.grain, state.provinces, state.platforms)
    return (FINDINGS.path, State(**{**vars(kept), "rules": (point,)})) if point else None


def read_unknown(view: View) -> pl.DataFrame:
    """What cannot be known from what is reported, and what would tell."""
    words = view.words
    return pl.DataFrame(
        [
            {"question": words(f"quality.unknown.{n}"), "reason": words(f"quality.unknown.{n}_why")}
            for n in UNKNOWABLE
        ]
    )


def draw_unknown(view: View, frame: pl.DataFrame) -> Drawing:
    told = [
        html.Div([html.Dt(question), html.Dd(reason)], className="fact wide")
        for question, reason in frame.iter_rows()
    ]
    return Drawing([dmc.Box(html.Dl(told, className="facts"))])


RULE_COLUMNS = (
    Column("rule_id", "column.rule"),
    Column("title", "column.finding"),
    Column("dimension_name", "column.dimension"),
    Column("findings", "column.findings", "number"),
    Column("violations", "column.violations", "number"),
)
UNKNOWN_COLUMNS = (Column("question", "column.question"), Column("reason", "column.reason"))
PAGE = Page(
    path="/quality",
    name="quality",
    order=50,
    filters=("period", "grain", "provinces", "platforms", "split"),
    until_night=True,
    cards=(
        Card(
            "certified",
            lambda v: v.indicators(("province", "platform"), ("certified_share",)),
            charts.pairs,
            span=7,
            height=420,
        ),
        Card("scorecard", read_scorecard, draw_scorecard, span=5, height=420),
        Card(
            "trend",
            lambda v: v.indicators((v.grain,), TREND),
            lambda v, f: charts.together(v, f, TREND),
            span=7,
            height=360,
        ),
        Card(
            "rules",
            read_rules,
            draw_rules,
            columns=lambda _, __: RULE_COLUMNS,
            span=5,
            height=360,
            click=open_rule,
        ),
        Card(
            "unknown",
            read_unknown,
            draw_unknown,
            columns=lambda _, __: UNKNOWN_COLUMNS,
            height=160,
            is_figure=False,
        ),
    ),
)
