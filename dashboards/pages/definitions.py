"""口径: what every figure is, the law's parameters with their sources, the rules, the policy events, the reporting standard, what changed."""

from __future__ import annotations

from collections.abc import Callable

import polars as pl

from dashboards import charts, glossary, queries
from dashboards.pages.findings import word
from dashboards.table import plain_columns
from dashboards.view import Card, Column, Drawing, Page, View

DEFINITIONS = (
    Column("title", "column.indicator_name"), Column("indicator", "column.id"), Column("unit", "column.unit_name"),
    Column("numerator", "column.numerator", width=200), Column("denominator", "column.denominator", width=160), Column("definition", "column.definition", width=340),
)  # fmt: skip
PARAMETERS = (
    Column("title", "column.parameter"), Column("key", "column.key"), Column("value", "column.value"), Column("unit", "column.unit_name"),
    Column("valid_from", "column.from"), Column("valid_to", "column.until"), Column("grade", "column.grade"), Column("source", "column.source", width=300),
)  # fmt: skip
RULES = (
    Column("rule_id", "column.rule"), Column("rule_version", "column.version", "number", width=50), Column("title", "column.finding", width=190),
    Column("consequence_name", "column.consequence"), Column("dimension_name", "column.dimension"), Column("responsible_name", "column.responsible"),
    Column("state", "column.state", width=60), Column("findings_open", "column.findings_open", "number"),
    Column("effective_from", "column.from", width=90), Column("effective_to", "column.until", width=90), Column("weakest_grade", "column.grade", width=60),
    Column("basis", "column.basis", width=240), Column("message", "column.meaning", width=300), Column("parameters", "column.parameter", width=130),
)  # fmt: skip
EVENTS = (
    Column("date", "column.date"), Column("event", "column.event", width=260), Column("source", "column.source", width=320),
    Column("grade", "column.grade", width=60),
)  # fmt: skip
RELEASES = (
    Column("date", "column.date"), Column("version", "column.version", width=70), Column("affects", "column.affects", width=180),
    Column("text", "column.meaning", width=420),
)  # fmt: skip
DICTIONARY = (
    Column("extract", "column.extract"), Column("name", "column.id"), Column("type", "column.type"), Column("text", "column.meaning", width=320),
    Column("required", "column.required"),
)  # fmt: skip


def read_definitions(view: View) -> pl.DataFrame:
    return glossary.definitions(view.lang)


def read_parameters(view: View) -> pl.DataFrame:
    return queries.parameters(view.snapshot, view.viewer).with_columns(title=pl.col(f"title_{view.lang}"))


def read_dictionary(view: View) -> pl.DataFrame:
    found = glossary.dictionary(view.lang)
    told = [
        view.words("definitions.required" if required else "definitions.optional")
        for required in found["is_required"]
    ]
    return found.with_columns(pl.Series("required", told, dtype=pl.String))


def read_rules(view: View) -> pl.DataFrame:
    """Every rule of the catalogue, newest version first, with what it found; none where the snapshot has no catalogue."""
    found = queries.rule_catalogue(view.snapshot, view.viewer)
    if found.height == 0:
        return found
    told = {
        f"{field}_name": pl.Series([word(view, field, value) for value in found[field]], dtype=pl.String)
        for field in ("consequence", "dimension", "responsible")
    }
    states = [
        view.words("definitions.switch.on" if is_on else "definitions.switch.off") for is_on in found["is_on"]
    ]
    return found.with_columns(
        title=pl.col(f"title_{view.lang}"),
        message=pl.col(f"message_{view.lang}"),
        state=pl.Series(states, dtype=pl.String),
        **told,
    )


def read_events(view: View) -> pl.DataFrame:
    """The policy events that are drawn on the lines, each with its source and grade."""
    rows = [
        {"date": event["date"], "event": event[view.lang], "source": event["source"], "grade": event["grade"]}
        for event in charts.events()
    ]
    return pl.DataFrame(rows)


def read_releases(view: View) -> pl.DataFrame:
    """What changed in the figures and their definitions, newest first."""
    rows = [
        {
            "date": note["date"],
            "version": note["version"],
            "affects": note[f"affects_{view.lang}"],
            "text": note[view.lang],
        }
        for note in charts.releases()
    ]
    return pl.DataFrame(rows).sort("date", descending=True, maintain_order=True)


def list_card(
    name: str, read: Callable[[View], pl.DataFrame], columns: tuple[Column, ...], height: int
) -> Card:
    """A card that is a list: its picture is its table."""
    return Card(
        name,
        read,
        lambda view, frame: Drawing([plain_columns(view, frame, columns, 460)]),
        columns=lambda _, __: columns,
        height=height,
        is_figure=False,
        is_list=True,
    )


PAGE = Page(
    path="/definitions",
    name="definitions",
    order=90,
    filters=(),
    cards=(
        list_card("indicators", read_definitions, DEFINITIONS, 460),
        list_card("parameters", read_parameters, PARAMETERS, 460),
        list_card("rules", read_rules, RULES, 460),
        list_card("events", read_events, EVENTS, 300),
        list_card("dictionary", read_dictionary, DICTIONARY, 460),
        list_card("releases", read_releases, RELEASES, 260),
    ),
)
