"""疑点: the queue of findings, and one of them with every row behind it. A finding is a lead, not a finding of fact."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

import dash_mantine_components as dmc
import polars as pl
from dash import dcc, html
from dash.development.base_component import Component

from dashboards import charts, evidence, queries, table
from dashboards.figures import observed, stacked
from dashboards.figures.numbers import exact
from dashboards.pages.submissions import PAGE as SUBMISSIONS
from dashboards.pages.submissions import printed
from dashboards.state import State, encode
from dashboards.texts import Words
from dashboards.view import Card, Column, Drawing, Grid, Page, Target, View, Window

CONSEQUENCES = ("refuse", "quarantine", "defect", "breach", "suspect")
OPEN = ("open", "explained", "confirmed")
STATUSES = (*OPEN, "dismissed", "waived", "resolved")
RULES_SHOWN = 25


def asked(view: View) -> queries.Asked:
    state = view.state
    return queries.Asked(
        view.date_from or date.min, view.date_to or date.max, state.provinces, state.platforms, state.rules,
        state.statuses or OPEN, state.consequences,
    )  # fmt: skip


# --- by rule -------------------------------------------------------------------------------------------------


def read_rules(view: View) -> pl.DataFrame:
    """Findings by rule, consequence and status."""
    found = queries.finding_counts(view.snapshot, view.viewer, asked(view))
    return _named(view, found)


def draw_rules(view: View, frame: pl.DataFrame) -> Drawing:
    words = view.words
    totals = (
        frame.group_by("rule_id", maintain_order=True)
        .agg(pl.col("findings").sum())
        .sort("findings", descending=True)
    )
    shown = totals["rule_id"].head(RULES_SHOWN).to_list()
    title = f"title_{view.lang}"
    rows = []
    for row in frame.filter(pl.col("rule_id").is_in(shown)).group_by("rule_id", "consequence", title, "consequence_name").agg(
        pl.col("findings").sum(), pl.col("violations").sum()
    ).sort("rule_id").iter_rows(named=True):  # fmt: skip
        name = f"{row['rule_id']} {row[title]}"
        told = words(
            "findings.hover",
            findings=exact(row["findings"], "count"),
            violations=exact(row["violations"], "count"),
        )
        rows.append(
            {
                "label": name
                if len(name) <= (20 if view.narrow else 40)
                else f"{name[: 19 if view.narrow else 39]}…",
                "part": row["consequence"],
                "value": float(row["findings"]),
                "hover": f"<b>{name}</b><br>{row['consequence_name']}<br>{told}",
                "point": row["rule_id"],
            }
        )
    parts = [(name, words(f"consequence.{name}")) for name in CONSEQUENCES]
    figure = stacked.figure(pl.DataFrame(rows), texts=dict(words.section("figure")), parts=parts)
    note = (
        words("findings.rules.more", count=totals.height - len(shown)) if totals.height > len(shown) else ""
    )
    return Drawing(figure, note=note)


def choose_rule(view: View, point: Any) -> Target | None:
    """A bar filters the queue by its rule; the same bar again takes the filter away."""
    if not point:
        return None
    return PAGE.path, replace(view.state, rules=() if view.state.rules == (point,) else (point,))


# --- the queue -----------------------------------------------------------------------------------------------

QUEUE = (
    Column("rule_id", "column.rule", width=70),
    Column("title", "column.finding", width=230, is_sortable=False),
    Column("consequence_name", "column.consequence", width=90, is_sortable=False),
    Column("status_name", "column.status", width=90, is_sortable=False),
    Column("platform_name", "column.platform_name", width=120, is_sortable=False),
    Column("province_name", "column.province_name", width=90, is_sortable=False),
    Column("period_from", "column.from", width=110),
    Column("period_to", "column.to", width=110),
    Column("violations", "column.violations", "number", width=100),
    Column("checked", "column.checked", "number", width=100),
    Column("amount_yuan", "column.amount_yuan", "number", width=110),
    Column("score", "column.score", "score", width=80),
    Column("detected_on", "column.detected_on", width=110),
    Column("responsible_name", "column.responsible", width=100, is_sortable=False),
)


def _named(view: View, frame: pl.DataFrame) -> pl.DataFrame:
    """Words beside codes: consequence, status, responsible, platform, province."""
    for field in ("consequence", "status", "responsible", "dimension"):
        if field in frame.columns:
            told = [word(view, field, value) for value in frame[field]]
            frame = frame.with_columns(pl.Series(f"{field}_name", told, dtype=pl.String))
    if "platform_code" in frame.columns:
        frame = view.with_places(frame).with_columns(title=pl.col(f"title_{view.lang}"))
    return frame


def word(view: View, field: str, value: str | None) -> str:
    """The word for a code of a finding; the code itself where there is none yet."""
    known = view.words.section("status_of" if field == "status" else field)
    return known.get(value or "", value or "")


def read_queue(view: View) -> pl.DataFrame:
    return _named(view, queries.findings(view.snapshot, view.viewer, asked(view))[0])


def rows_of_queue(view: View, window: Window) -> tuple[list[dict[str, Any]], int]:
    order = queries.Order(window.start, window.end, window.sort, window.is_descending)
    found, count = queries.findings(view.snapshot, view.viewer, asked(view), order)
    return [
        {"id": row["finding_id"]} | {c.field: _printed(row[c.field], c.kind) for c in QUEUE}
        for row in _named(view, found).iter_rows(named=True)
    ], count


def _printed(value: Any, kind: str) -> str:
    if kind != "score":
        return printed(value, kind)
    if value is None:
        return ""
    return "<0.001" if 0 < value < 0.0005 else f"{value:.3f}"


def choose_finding(view: View, row: dict[str, Any]) -> Target:
    return PAGE.path, replace(view.state, finding=row["id"])


# --- one finding ---------------------------------------------------------------------------------------------

FACTS = (
    ("rule_id", "column.rule", "text"), ("consequence_name", "column.consequence", "text"), ("status_name", "column.status", "text"),
    ("dimension_name", "column.dimension", "text"), ("responsible_name", "column.responsible", "text"),
    ("platform_name", "column.platform_name", "text"), ("province_name", "column.province_name", "text"),
    ("period_from", "column.from", "text"), ("period_to", "column.to", "text"), ("violations", "column.violations", "number"),
    ("checked", "column.checked", "number"), ("amount_yuan", "column.amount_yuan", "number"), ("effect", "column.effect", "score"),
    ("p_value", "column.p_value", "score"), ("score", "column.score", "score"), ("detected_on", "column.detected_on", "text"),
    ("changed_on", "column.changed_on", "text"), ("submission", "column.submission", "text"), ("finding_id", "column.finding_id", "text"),
)  # fmt: skip


def read_finding(view: View) -> pl.DataFrame:
    """The finding as one row; no row where none is chosen."""
    found = queries.finding(view.snapshot, view.viewer, view.state.finding) if view.state.finding else None
    return _named(view, pl.DataFrame([found], infer_schema_length=None)) if found else pl.DataFrame()


def draw_finding(view: View, frame: pl.DataFrame) -> Drawing:
    row, words = frame.row(0, named=True), view.words
    facts: list[Component] = []
    for field, title, kind in FACTS:
        if row.get(field) is not None:
            facts.append(
                html.Div([html.Dt(words(title)), html.Dd(_printed(row[field], kind))], className="fact")
            )
    parts: list[Component] = [
        dmc.Text(row["title"], fw=650, size="md"),
        dmc.Text(words("findings.lead"), size="xs", c="dimmed"),
        html.Dl(facts, className="facts"),
    ]
    parts += [dmc.Text(text, size="sm", className="said") for text in _said(view, row)]
    if row["period_from"]:
        there = State(lang=view.lang, date_from=row["period_from"], date_to=row["period_to"])
        if row["platform_code"]:
            there = replace(there, platforms=(row["platform_code"],))
        if row["province_code"]:
            there = replace(there, provinces=(row["province_code"],))
        parts.append(
            dcc.Link(
                words("findings.to_submissions"), href=SUBMISSIONS.path + encode(there), className="link"
            )
        )
    has_rows = row["kind"] != "detector"  # a detector speaks of cells, whose rows are all of a submission
    if view.viewer.sees_sources and has_rows:
        parts.append(
            html.Button(
                words("findings.source.ask"),
                id={"type": "source", "name": row["finding_id"]},
                type="button",
                className="tool",
            )
        )
        parts.append(
            html.Div(id={"type": "source-lines", "name": row["finding_id"]}, className="source-lines")
        )
    source = " --source" if has_rows else ""
    parts.append(html.Code(f"zhibao evidence {row['finding_id']}{source}", className="command"))
    return Drawing([html.Div(parts, className="finding")])


def _said(view: View, row: dict[str, Any]) -> list[str]:
    """What the finding says of itself: a detector's sentence, else the rule's message and what it rests on."""
    words = view.words
    told = queries.episode(view.snapshot, view.viewer, row["finding_id"])
    if told is not None:
        return [told[f"sentence_{view.lang}"], words("findings.honest")]
    catalogue = queries.rule_catalogue(view.snapshot, view.viewer)
    rule = catalogue.filter(pl.col("rule_id") == row["rule_id"]) if catalogue.height else catalogue
    if rule.height == 0:
        return []
    found = rule.row(0, named=True)
    basis = words("findings.basis", basis=found["basis"] or "", grade=found["weakest_grade"] or "")
    return [text for text in (found[f"message_{view.lang}"], basis) if text]


def source_view(words: Words, lines: list[dict[str, Any]]) -> list[Component]:
    """The lines of the files as they were sent; the reading was logged."""
    if not lines:
        return [html.Div(words("findings.source.none"), className="panel panel-empty", role="status")]
    told = [
        html.Div(
            [html.Div(f"{line['file']} : {line['line']}", className="line-place"), html.Code(line["text"])],
            className="line",
        )
        for line in lines
    ]
    return [html.Div(words("findings.source.logged", count=len(lines)), className="card-note"), *told]


def chosen(view: View) -> dict[str, Any] | None:
    return queries.finding(view.snapshot, view.viewer, view.state.finding) if view.state.finding else None


def read_picture(view: View) -> pl.DataFrame:
    found = chosen(view)
    return evidence.picture(view, found) if found else pl.DataFrame()


def draw_picture(view: View, frame: pl.DataFrame) -> Drawing:
    found = chosen(view)
    key = "detector" if found and found["kind"] == "detector" else "rule"
    return Drawing(
        observed.figure(frame, texts=charts.texts(view)), note=view.words(f"findings.picture.{key}")
    )


def read_schemes(view: View) -> pl.DataFrame:
    found = chosen(view)
    return evidence.schemes(view, found) if found else pl.DataFrame()


def draw_schemes(view: View, frame: pl.DataFrame) -> Drawing:
    bars = [
        {"label": f"{scheme} {name}" if name != scheme else scheme, "part": "all", "value": share * 100,
         "hover": f"<b>{scheme} {name}</b><br>{exact(share, 'share')}", "point": None}
        for scheme, name, share in frame.iter_rows()
    ]  # fmt: skip
    figure = stacked.figure(
        pl.DataFrame(bars), texts=charts.texts(view), parts=[("all", "")], is_sorted=False
    )
    return Drawing(figure, "%", view.words("findings.honest"))


def read_history(view: View) -> pl.DataFrame:
    found = chosen(view)
    return evidence.history(view, found) if found else pl.DataFrame()


def draw_history(view: View, frame: pl.DataFrame) -> Drawing:
    return Drawing([table.plain_columns(view, frame, HISTORY, 240)])


SAID_ELSEWHERE = ("finding_id", "sentence_zh", "sentence_en")


def read_evidence(view: View) -> pl.DataFrame:
    return (
        queries.evidence(view.snapshot, view.viewer, view.state.finding)
        if view.state.finding
        else pl.DataFrame()
    )


def draw_evidence(view: View, frame: pl.DataFrame) -> Drawing:
    """A rule's rows in the rule's own columns; a detector's decisive cells. What is the same in every row stands beside, and in the CSV."""
    if "label" in frame.columns:
        return Drawing([table.plain_columns(view, frame, PICTURE, 360)])
    shown = frame.drop([name for name in SAID_ELSEWHERE if name in frame.columns])
    return Drawing([table.plain(view, shown)])


HISTORY = (
    Column("at", "column.at", width=120),
    Column("event", "column.event", width=110),
    Column("detail", "column.detail", width=190),
)
PICTURE = (
    Column("label", "column.cell", width=120),
    Column("observed", "figure.observed", "number"),
    Column("expected", "figure.expected", "number"),
)
SCHEMES = (
    Column("scheme", "column.id"),
    Column("name", "column.scheme", width=220),
    Column("probability", "column.probability", "share"),
)
RULES = (
    Column("rule_id", "column.rule"),
    Column("consequence_name", "column.consequence"),
    Column("status_name", "column.status"),
    Column("findings", "column.findings", "number"),
    Column("violations", "column.violations", "number"),
    Column("amount_yuan", "column.amount_yuan", "number"),
)
PAGE = Page(
    path="/findings",
    name="findings",
    order=60,
    filters=("period", "provinces", "platforms", "rules", "consequences", "statuses"),
    until_night=True,
    cards=(
        Card("rules", read_rules, draw_rules, columns=lambda _, __: RULES, span=4, height=430, click=choose_rule),
        Card(
            "queue", read_queue, lambda _, __: Drawing([]), columns=lambda _, __: QUEUE, span=8, height=430, is_figure=False,
            grid=Grid(rows_of_queue, choose_finding),
        ),
        Card("finding", read_finding, draw_finding, columns=lambda _, __: QUEUE, span=5, height=240, is_figure=False),
        Card("picture", read_picture, draw_picture, columns=lambda _, __: PICTURE, span=7, height=300),
        Card("schemes", read_schemes, draw_schemes, columns=lambda _, __: SCHEMES, span=5, height=240),
        Card("evidence", read_evidence, draw_evidence, columns=lambda _, frame: table.own_columns(frame), span=7, height=240,
             is_figure=False, is_list=True),
        Card("history", read_history, draw_history, columns=lambda _, __: HISTORY, height=240, is_figure=False, is_list=True),
    ),
)  # fmt: skip
