"""数据质量: how far the figures can be trusted, by province, platform and dimension; and what nobody can know."""

from __future__ import annotations

from datetime import date
from typing import Any

import dash_mantine_components as dmc
import polars as pl
from dash import html

from dashboards import charts, glossary, missing, queries, shape
from dashboards.figures import stacked, state_grid
from dashboards.figures.numbers import Scale, exact, number
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


GRADES = ("A", "B", "C", "D")
LOOKS = {  # fill and ink: lighter is better, and every cell prints its letter
    "A": ("#e7f0fa", "#1f2933"), "B": ("#a9cbec", "#1f2933"), "C": ("#f3c969", "#1f2933"), "D": ("#b3421e", "#ffffff"),
    "unknown": ("#ffffff", "#5b6770"), "not_reported": ("#fff3e0", "#5b6770"), "suppressed": ("#efe7f6", "#5b6770"),
}  # fmt: skip


def grade(value: float, bounds: dict[str, float]) -> str:
    """The best grade whose lower bound the share reaches; D below them all."""
    return next((name for name in GRADES if name in bounds and value >= bounds[name]), GRADES[-1])


def read_scorecard(view: View) -> pl.DataFrame:
    """The indicator of every dimension by place, and its grade; 'unknown' where nothing can tell."""
    frame = view.indicators((view.state.split,), DIMENSIONS)
    bounds = queries.parameter_values(view.snapshot, view.viewer, "quality_grades", view.date_to)
    graded = [
        grade(row["value"], bounds) if row["value"] is not None else _absence(row)
        for row in shape.records(frame)
    ]
    told = [view.words(f"quality.grade.{name}") for name in graded]
    return frame.with_columns(
        grade=pl.Series(graded, dtype=pl.String), grade_name=pl.Series(told, dtype=pl.String)
    )


def _absence(row: dict[str, Any]) -> str:
    status = shape.status_of(None, row["flags"])
    return "unknown" if status == "undefined" else status


def draw_scorecard(view: View, frame: pl.DataFrame) -> Drawing:
    """Grades by place and dimension. A place of which nothing was heard is left out, and told."""
    words, split = view.words, view.state.split
    rows = {(row[split], row["indicator"]): row for row in shape.records(frame)}
    cells, silent = [], 0
    for code, name, absent in shape.registered(view, split):
        mine = [rows[code, i] for i in DIMENSIONS if (code, i) in rows]
        if absent in ("not_applicable", "not_selected") or all(row["value"] is None for row in mine):
            silent += absent == "not_reported"
            continue
        for row in mine:
            if row["grade"] == "not_applicable":
                continue
            title = glossary.title(words, row["indicator"])
            known = row["value"] is not None
            value = number(row["value"], Scale(0.01, "percent", 1)) if known else ""
            letter = row["grade"] if known else words(f"quality.grade.{row['grade']}")
            reason = "" if known or row["grade"] != "unknown" else f"<br>{words('quality.scorecard.unknown')}"
            cells.append(
                {
                    "row": name,
                    "column": words(f"quality.dimension.{row['indicator']}"),
                    "state": row["grade"],
                    "text": f"<b>{letter}</b> {value}" if known and not view.narrow else letter,
                    "hover": shape.hover(words, name, row) + reason
                    if known
                    else f"<b>{name}</b><br>{title}{reason}",
                }
            )
    looks = {state: (words(f"quality.grade.{state}"), *look) for state, look in LOOKS.items()}
    schema = dict.fromkeys(("row", "column", "state", "text", "hover"), pl.String)
    figure = state_grid.figure(
        pl.DataFrame(cells, schema=schema), texts=charts.texts(view), states=looks, narrow=view.narrow
    )
    note = words("quality.scorecard.silent", count=silent) if silent else ""
    return Drawing(figure, "%", note)


# --- what the detectors could say ----------------------------------------------------------------------------

SIGNS = {"evidence": "●", "clean": "○", "not_identifiable": "?", "not_applicable": "–", "error": "!"}
OUTCOME_LOOKS = {
    "evidence": ("#b3421e", "#ffffff"), "clean": ("#e7f0fa", "#1f2933"), "not_identifiable": ("#fff3e0", "#5b6770"),
    "not_applicable": ("#f4f5f6", "#5b6770"), "error": ("#333333", "#ffffff"),
}  # fmt: skip


def read_detectors(view: View) -> pl.DataFrame:
    """One row a detector, platform and place, as it answered in the last night."""
    state = view.state
    found = queries.detector_coverage(
        view.snapshot, view.viewer, provinces=state.provinces, platforms=state.platforms
    )
    if found.height == 0:
        return found
    told = [view.words(f"quality.outcome.{outcome}") for outcome in found["outcome"]]
    return view.with_places(found).with_columns(pl.Series("outcome_name", told, dtype=pl.String))


def draw_detectors(view: View, frame: pl.DataFrame) -> Drawing:
    """Platform × detector: the strongest of its answers over the places shown; counts and reasons on hover."""
    words, cells = view.words, []
    crashed = frame.filter(pl.col("platform_code").is_null())["detector"].unique().to_list()
    known = frame.filter(pl.col("platform_code").is_not_null())
    groups = dict(known.partition_by("platform_code", "detector", as_dict=True).items())
    for (platform, detector), part in sorted(groups.items()):
        outcomes = part["outcome"].to_list()
        state = "error" if detector in crashed else next(o for o in queries.OUTCOMES if o in outcomes)
        counts = words("mark.comma").join(
            f"{words(f'quality.outcome.{o}')} {outcomes.count(o)}" for o in queries.OUTCOMES if o in outcomes
        )
        reasons = (
            part.filter(pl.col("outcome") == state)["reason"]
            .drop_nulls()
            .unique(maintain_order=True)
            .to_list()[:3]
        )
        name = view.platform_names.get(str(platform), str(platform))
        row, column = (
            (str(detector), name) if view.narrow else (name, str(detector))
        )  # a small screen is long, not wide
        cells.append(
            {"row": row, "column": column, "state": state, "text": SIGNS[state],
             "hover": "<br>".join([f"<b>{name} · {detector}</b>", counts, *reasons])}
        )  # fmt: skip
    looks = {
        state: (f"{SIGNS[state]} {words(f'quality.outcome.{state}')}", *look)
        for state, look in OUTCOME_LOOKS.items()
    }
    schema = dict.fromkeys(("row", "column", "state", "text", "hover"), pl.String)
    figure = state_grid.figure(
        pl.DataFrame(cells, schema=schema), texts=charts.texts(view), states=looks, narrow=view.narrow
    )
    blind = sum(cell["state"] == "not_identifiable" for cell in cells)
    return Drawing(figure, note=words("quality.detectors.blind", blind=blind, all=len(cells)))


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
GRADE_COLUMNS = (
    Column("province_name", "column.province_name"),
    Column("platform_name", "column.platform_name"),
    Column("indicator_name", "column.dimension", width=120),
    Column("grade_name", "column.quality_grade", width=110),
    Column("value", "column.value", "value"),
    Column("numerator", "column.numerator", "number"),
    Column("denominator", "column.denominator", "number"),
    Column("flags", "column.flags", "flags"),
)
UNKNOWN_COLUMNS = (Column("question", "column.question"), Column("reason", "column.reason"))
DETECTOR_COLUMNS = (
    Column("detector", "column.detector"),
    Column("platform_name", "column.platform_name"),
    Column("province_name", "column.province_name"),
    Column("outcome_name", "column.outcome", width=120),
    Column("reason", "column.reason", width=380),
)
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
        Card(
            "scorecard",
            read_scorecard,
            draw_scorecard,
            columns=lambda _, __: GRADE_COLUMNS,
            span=5,
            height=420,
        ),
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
            "detectors",
            read_detectors,
            draw_detectors,
            columns=lambda _, __: DETECTOR_COLUMNS,
            height=360,
        ),
        Card("missing", missing.read, missing.draw, columns=lambda _, __: missing.COLUMNS, height=360),
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
