"""The table view and the CSV of a card: the same frame that the picture was drawn from."""

from __future__ import annotations

import io
import json
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import polars as pl
import xlsxwriter
from dash import html
from dash.development.base_component import Component

from dashboards import glossary
from dashboards.figures.numbers import exact
from dashboards.shape import FLAGS, flag_mark, value_words
from dashboards.view import Card, Column, View

ROWS_SHOWN = 200  # a screen's worth; the CSV holds all
SHEET_ROWS = 50_000  # a workbook beyond this takes longer than a reader waits; the CSV holds all
FORMATS = {
    "share": "0.00%",
    "whole": "#,##0",  # a format with optional decimals would leave a bare point behind a whole number
    "number": "#,##0.00####",
    "date": "yyyy-mm-dd",
    "time": "yyyy-mm-dd hh:mm",
}
TIMES = ("day", "month", "quarter", "year")
VALUES = ("value", "bare")  # bare: its unit stands in a column of its own
NUMERIC = ("number", "share", *VALUES)


def indicator_columns(view: View, frame: pl.DataFrame) -> list[Column]:
    """The columns of a frame of indicators, codes replaced by names; parts and comparisons only where there are any."""
    told = {name for name in frame.columns if frame[name].null_count() < frame.height}
    columns = [Column(name, f"column.{name}") for name in TIMES if name in frame.columns]
    columns += [
        Column(f"{name}_name", f"column.{name}_name")
        for name in ("province", "platform")
        if name in frame.columns
    ]
    columns += [Column("indicator_name", "column.indicator_name"), Column("value", "column.value", "value")]
    for kind, names in (
        ("number", ("numerator", "denominator")),
        ("share", ("like_for_like", "certified")),
        ("number", ("rank", "rank_before")),
    ):
        columns += [Column(name, f"column.{name}", kind) for name in names if name in told]
    return [*columns, Column("flags", "column.flags", "flags")]


def named(view: View, frame: pl.DataFrame) -> pl.DataFrame:
    """The frame with names beside its codes and with the words of its indicators and units."""
    names = {"province": view.province_names, "platform": view.platform_names}
    for field, known in names.items():
        if f"{field}_code" in frame.columns and f"{field}_name" not in frame.columns:
            frame = frame.with_columns(
                pl.col(f"{field}_code")
                .replace_strict(known, default=None, return_dtype=pl.String)
                .alias(f"{field}_name")
            )
        if field in frame.columns:
            frame = frame.with_columns(
                pl.col(field)
                .replace_strict(known, default=None, return_dtype=pl.String)
                .alias(f"{field}_name")
            )
    if "indicator" in frame.columns:
        titles = {i: glossary.title(view.words, i) for i in frame["indicator"].unique().to_list()}
        units = {u: glossary.unit(view.words, u) for u in frame["unit"].unique().to_list()}
        frame = frame.with_columns(
            indicator_name=pl.col("indicator").replace_strict(titles, return_dtype=pl.String),
            unit_name=pl.col("unit").replace_strict(units, return_dtype=pl.String),
        )
    return frame


def columns_of(card: Card, view: View, frame: pl.DataFrame) -> Sequence[Column]:
    """The card's columns that the frame has; `frame` with its names (see named)."""
    if card.columns is None:
        return indicator_columns(view, frame)
    return [column for column in card.columns(view, frame) if column.field in frame.columns]


def own_columns(frame: pl.DataFrame) -> list[Column]:
    """The columns of a frame whose names are not known beforehand: names as they are, numbers to the right."""
    return [
        Column(name, name, "number" if kind.is_numeric() else "time" if kind == pl.Datetime else "text")
        for name, kind in frame.schema.items()
    ]


def plain(view: View, frame: pl.DataFrame, height: int = 360) -> Component:
    """A frame as it is, e.g. evidence: the columns' own names are what the rule calls them."""
    return _table(view, frame, own_columns(frame), height)


def plain_columns(view: View, frame: pl.DataFrame, columns: Sequence[Column], height: int) -> Component:
    """A list as a table, in the columns given."""
    return _table(view, frame, columns, height)


def table(card: Card, view: View, frame: pl.DataFrame) -> Component:
    """The numbers as a table that scrolls within its card."""
    full = named(view, frame)
    return _table(view, full, columns_of(card, view, full), card.height)


def _table(view: View, full: pl.DataFrame, columns: Sequence[Column], height: int) -> Component:
    """One component that carries its cells as JSON; assets/40_table.js lays out the table, since a component a cell takes
    the browser seconds. The box can be scrolled by keyboard."""
    told = {
        "heads": [[_head(view, c), "number" if c.kind in NUMERIC else "", c.width] for c in columns],
        "rows": [
            [[_cell(view, row, c), _class(c, row[c.field])] for c in columns]
            for row in full.head(ROWS_SHOWN).iter_rows(named=True)
        ],
    }
    label: Any = {"aria-label": view.words("card.table"), "role": "region", "tabIndex": 0}
    cells: Any = {"data-table": json.dumps(told, ensure_ascii=False)}
    parts: list[Component] = [
        html.Div(className="table-scroll", style={"maxHeight": max(height, 260)}, **label, **cells)
    ]
    if full.height > ROWS_SHOWN:
        more = view.words("card.rows_more", shown=ROWS_SHOWN, all=full.height)
        parts.append(html.Div(more, className="table-more"))
    return html.Div(parts, className="table-box")


def _class(column: Column, value: Any) -> str:
    return "number" if column.kind in NUMERIC else "date" if isinstance(value, date) else ""


def _head(view: View, column: Column) -> str:
    return view.words(column.title) if "." in column.title else column.title


def _cell(view: View, row: dict[str, Any], column: Column) -> str:
    value = row[column.field]
    words = view.words
    match column.kind:
        case "value" | "bare":
            if value is None:
                return value_words(words, None, row["unit"], row["flags"])
            is_bare = column.kind == "bare" or row["unit"] in ("share", "count")
            return exact(float(value), row["unit"]) + ("" if is_bare else f" {row['unit_name']}")
        case "number":
            return exact(None if value is None else float(value), "count")
        case "share":
            return exact(None if value is None else float(value), "share")
        case "flags":
            return " ".join(flag_mark(words, flag) for flag in FLAGS if flag in (value or ""))
        case "time" if isinstance(value, datetime):
            return value.strftime("%Y-%m-%d %H:%M")
    if isinstance(value, date):
        return value.isoformat()
    return "" if value is None else str(value)


def csv(card: Card, view: View, frame: pl.DataFrame) -> bytes:
    """All rows, machine-readable: every column of the frame, names beside codes, the snapshot; UTF-8 with BOM for
    spreadsheets. Cells that a spreadsheet would run as a formula are quoted by a leading apostrophe."""
    full = named(view, frame).with_columns(snapshot=pl.lit(view.snapshot.id))
    texts = [name for name, kind in full.schema.items() if kind == pl.String]
    full = full.with_columns(
        pl.when(pl.col(name).str.contains(r"^[=+@\t\r]|^-[^0-9]"))
        .then("'" + pl.col(name))
        .otherwise(pl.col(name))
        .alias(name)
        for name in texts
    )
    buffer = io.BytesIO()
    full.write_csv(buffer)
    return b"\xef\xbb\xbf" + buffer.getvalue()


def xlsx(card: Card, view: View, frame: pl.DataFrame, about: Mapping[str, str]) -> bytes:
    """A workbook: a sheet with what the table view shows (numbers as numbers, shares as percentages), and a sheet that
    says what it is (`about`: heading → text). Texts stay texts: nothing in it is run as a formula."""
    full = named(view, frame)
    columns = columns_of(card, view, full)
    buffer = io.BytesIO()
    with xlsxwriter.Workbook(
        buffer, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    ) as book:
        formats = {kind: book.add_format({"num_format": text}) for kind, text in FORMATS.items()}
        bold = book.add_format({"bold": True, "bottom": 1})
        sheet = book.add_worksheet(view.words("card.sheet_data"))
        sheet.freeze_panes(1, 0)
        units = full["unit"].to_list() if "unit" in full.columns else [None] * full.height
        for number, column in enumerate(columns):
            sheet.write_string(0, number, _head(view, column), bold)
            sheet.set_column(number, number, max(column.width / 7, 10))
            for line, (value, unit) in enumerate(
                zip(full[column.field].head(SHEET_ROWS).to_list(), units, strict=False), 1
            ):
                kind = ("share" if unit == "share" else "number") if column.kind in VALUES else column.kind
                _write(sheet, line, number, value, kind, formats)
        note = book.add_worksheet(view.words("card.sheet_about"))
        note.set_column(0, 0, 18)
        note.set_column(1, 1, 90)
        told = dict(about)
        if full.height > SHEET_ROWS:
            told[view.words("card.rows")] = view.words("card.rows_more", shown=SHEET_ROWS, all=full.height)
        for line, (heading, text) in enumerate(told.items()):
            note.write_string(line, 0, heading, bold)
            note.write_string(line, 1, text)
    return buffer.getvalue()


def _write(sheet: Any, line: int, number: int, value: Any, kind: str, formats: Mapping[str, Any]) -> None:
    """One cell by its type; an absent value stays empty."""
    match value:
        case None:
            return
        case bool() | str():
            sheet.write_string(line, number, str(value))
        case int() | float() | Decimal():
            form = "share" if kind == "share" else "whole" if float(value).is_integer() else "number"
            sheet.write_number(line, number, float(value), formats[form])
        case datetime():
            sheet.write_datetime(line, number, value, formats["time"])
        case date():
            sheet.write_datetime(line, number, datetime(value.year, value.month, value.day), formats["date"])
        case _:
            sheet.write_string(line, number, str(value))
