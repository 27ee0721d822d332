"""The table view and the CSV of a card: the same frame that the picture was drawn from."""

from __future__ import annotations

import io
from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

import dash_mantine_components as dmc
import polars as pl
from dash.development.base_component import Component

from dashboards import glossary
from dashboards.figures.numbers import exact
from dashboards.shape import FLAGS, flag_mark, value_words
from dashboards.view import Card, Column, View

ROWS_SHOWN = 200  # a screen's worth; the CSV holds all
TIMES = ("day", "month", "quarter", "year")
NUMERIC = ("number", "value", "share")


def indicator_columns(view: View, frame: pl.DataFrame) -> list[Column]:
    """The columns of a frame of indicators, codes replaced by names."""
    columns = [Column(name, f"column.{name}") for name in TIMES if name in frame.columns]
    columns += [
        Column(f"{name}_name", f"column.{name}_name")
        for name in ("province", "platform")
        if name in frame.columns
    ]
    columns += [Column("indicator_name", "column.indicator_name"), Column("value", "column.value", "value")]
    columns += [Column(name, f"column.{name}", "number") for name in ("numerator", "denominator")]
    columns += [Column(name, f"column.{name}", "share") for name in ("like_for_like", "certified")]
    columns += [Column("rank", "column.rank", "number")] if "rank" in frame.columns else []
    columns += (
        [Column("rank_before", "column.rank_before", "number")] if "rank_before" in frame.columns else []
    )
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
    return card.columns(view, frame) if card.columns else indicator_columns(view, frame)


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
    return _table(view, named(view, frame), columns_of(card, view, frame), card.height)


def _table(view: View, full: pl.DataFrame, columns: Sequence[Column], height: int) -> Component:
    body = [
        dmc.TableTr([dmc.TableTd(_cell(view, row, c), className=_class(c, row[c.field])) for c in columns])
        for row in full.head(ROWS_SHOWN).iter_rows(named=True)
    ]
    head = dmc.TableThead(
        dmc.TableTr(
            [
                dmc.TableTh(
                    _head(view, c),
                    className="number" if c.kind in NUMERIC else "",
                    style={"minWidth": c.width},
                )
                for c in columns
            ]
        )
    )
    parts: list[Component] = [
        dmc.TableScrollContainer(
            dmc.Table(
                [head, dmc.TableTbody(body)], striped=True, highlightOnHover=True, stickyHeader=True, fz="xs"
            ),
            minWidth=sum(c.width for c in columns),
            maxHeight=max(height, 260),
        )
    ]
    if full.height > ROWS_SHOWN:
        parts.append(
            dmc.Text(view.words("card.rows_more", shown=ROWS_SHOWN, all=full.height), size="xs", c="dimmed")
        )
    return dmc.Box(parts)


def _class(column: Column, value: Any) -> str:
    return "number" if column.kind in NUMERIC else "date" if isinstance(value, date) else ""


def _head(view: View, column: Column) -> str:
    return view.words(column.title) if "." in column.title else column.title


def _cell(view: View, row: dict[str, Any], column: Column) -> str:
    value = row[column.field]
    words = view.words
    match column.kind:
        case "value":
            if value is None:
                return value_words(words, None, row["unit"], row["flags"])
            unit = "" if row["unit"] in ("share", "count") else f" {row['unit_name']}"
            return exact(float(value), row["unit"]) + unit
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
