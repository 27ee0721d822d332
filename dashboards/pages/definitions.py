"""口径: what every figure is, the law's parameters with their sources, the columns of the reporting standard."""

from __future__ import annotations

import polars as pl

from dashboards import glossary, queries
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


def draw_list(columns: tuple[Column, ...]):  # type: ignore[no-untyped-def]
    """A card that is a list: its picture is its table."""
    return lambda view, frame: Drawing([plain_columns(view, frame, columns, 460)])


PAGE = Page(
    path="/definitions",
    name="definitions",
    order=90,
    filters=(),
    cards=(
        Card(
            "indicators",
            read_definitions,
            draw_list(DEFINITIONS),
            columns=lambda _, __: DEFINITIONS,
            height=460,
            is_figure=False,
            is_list=True,
        ),
        Card(
            "parameters",
            read_parameters,
            draw_list(PARAMETERS),
            columns=lambda _, __: PARAMETERS,
            height=460,
            is_figure=False,
            is_list=True,
        ),
        Card(
            "dictionary",
            read_dictionary,
            draw_list(DICTIONARY),
            columns=lambda _, __: DICTIONARY,
            height=460,
            is_figure=False,
            is_list=True,
        ),
    ),
)
