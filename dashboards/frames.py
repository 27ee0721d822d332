"""The frame of a card: its head with title and tools, its foot with stamp and flags, its grid, its states."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import dash_ag_grid as dag
import dash_mantine_components as dmc
import polars as pl
from dash import dcc, html
from dash.development.base_component import Component

from dashboards.shell import stamp
from dashboards.state import encode
from dashboards.texts import Words
from dashboards.view import Card, Page, View

GRAPH_CONFIG: Any = {
    "displayModeBar": False,
    "showSendToCloud": False,
    "displaylogo": False,
    "responsive": True,
    "showTips": False,
}


def panel(words: Words, kind: str, **values: object) -> Component:
    """A state that is not a picture: empty, not_reported, suppressed, not_applicable, error, …"""
    return html.Div(
        [
            dmc.Text(words(f"panel.{kind}_title"), fw=600),
            dmc.Text(words(f"panel.{kind}_text", **values), size="sm", c="dimmed"),
        ],
        className=f"panel panel-{kind.replace('_', '-')}",
        role="alert" if kind == "error" else "status",
    )


def absent(page: Page, card: Card, words: Words, kind: str) -> Component:
    """Why a card has nothing to draw; in the card's own words where it has some (<page>.<card>.empty)."""
    own = f"{page.name}.{card.name}.empty"
    if kind == "empty" and words.has(own):
        return html.Div(
            dmc.Text(words(own), size="sm", c="dimmed"), className="panel panel-empty", role="status"
        )
    return panel(words, kind)


def cards(page: Page, words: Words) -> Component:
    """The empty frames of a page's cards; each is filled by its own callback."""
    return dmc.Grid(
        [dmc.GridCol(_frame(card), span={"base": 12, "md": card.span}) for card in page.cards],
        gutter="sm",
        className=f"cards-{page.name}-{words.lang}",  # by which the browser knows that they are up
    )


def _frame(card: Card) -> Component:
    kind = "figure" if card.is_figure else "panel"
    parts: list[Component] = [html.Div(id={"type": f"{kind}-head", "name": card.name}, className="card-head")]
    body: list[Component] = []
    if card.is_figure:
        body.append(
            dcc.Graph(
                id={"type": "graph", "name": card.name},
                config=GRAPH_CONFIG,
                responsive=True,
                style={"height": card.height, "display": "none"},
            )
        )
    skeleton = dmc.Skeleton(h=card.height, radius="sm")
    body.append(html.Div(skeleton, id={"type": f"{kind}-body", "name": card.name}))
    parts.append(
        dcc.Loading(
            body,
            delay_show=250,
            show_initially=False,
            custom_spinner=dmc.Loader(size="sm", type="dots"),
            overlay_style={"visibility": "visible", "opacity": 0.45},
        )
    )
    parts.append(html.Div(id={"type": f"{kind}-foot", "name": card.name}, className="card-foot"))
    parts.append(dcc.Store(id={"type": f"{kind}-turn", "name": card.name}))
    return html.Section(parts, className="card")


def card_head(page: Page, card: Card, view: View, title: str, as_table: bool) -> list[Component]:
    """Title with its unit, definition on hover, the switch to the table, the downloads."""
    words = view.words
    help_key = f"{page.name}.{card.name}.help"
    saved = f"/download/{view.snapshot.id}/{page.name}/{card.name}"
    downloads: list[Component] = [
        html.A(words(f"card.{form}"), href=f"{saved}.{form}{encode(view.state)}", download="")
        for form in ("csv", "xlsx")
    ]
    if card.is_figure and not as_table:
        for form in ("png", "svg"):  # made in the browser, see 30_zhibao.js
            which: Any = {"data-image": form, "data-card": card.name}
            downloads.append(html.Button(words(f"card.{form}"), type="button", **which))
    told: Any = {"aria-label": words("card.show_chart" if as_table else "card.show_table", title=title)}
    turn = dcc.Link(
        html.Span(words("card.chart" if as_table else "card.table"), **told),
        href=page.path + encode(view.state.toggled(card.name)),
        className="tool",
    )
    told = {"aria-label": words("card.download_of", title=title)}
    menu = html.Details(
        [
            html.Summary(words("card.download"), className="tool", **told),
            html.Div(downloads, className="menu-list"),
        ],
        className="menu",
    )
    tools = dmc.Group([menu] if card.is_list else [turn, menu], gap=6, wrap="nowrap", className="card-tools")
    heading: list[Component] = [dmc.Title(title, order=2, size="h5", className="card-title")]
    if words.has(help_key):
        label: Any = {"aria-label": f"{words('card.help')}{words('mark.colon')}{words(help_key)}"}
        heading.append(
            dmc.Tooltip(
                html.Button("?", className="help", type="button", **label),
                label=words(help_key),
                multiline=True,
                w=280,
                withArrow=True,
                events={"hover": True, "focus": True, "touch": True},
            )
        )
    return [
        dmc.Group(
            [dmc.Group(heading, gap=6, wrap="nowrap"), tools],
            justify="space-between",
            align="flex-start",
            wrap="nowrap",
        )
    ]


def card_foot(view: View, frame: pl.DataFrame | None, note: str) -> list[Component]:
    """As-of stamp, snapshot, the flags that occur in the picture."""
    words = view.words
    as_of = view.extent.last
    lines: list[Component] = [html.Div(note, className="card-note")] if note else []
    told = [words(f"flag.{flag}") for flag in flags_of(frame)]
    if told:
        lines.append(
            html.Div(f"{words('card.flags')}{words('mark.colon')}{'; '.join(told)}", className="card-flags")
        )
    lines.append(html.Div(stamp(words, as_of, view.snapshot.id), className="card-stamp"))
    return lines


def flags_of(frame: pl.DataFrame | None) -> str:
    """The flags that occur in a frame of indicators, in their order."""
    if frame is None or "flags" not in frame.columns:
        return ""
    found = set("".join(frame["flags"].drop_nulls().to_list()))
    return "".join(flag for flag in "prbecxz" if flag in found)


def grid(card: Card, view: View) -> Component:
    """A grid whose rows come from the server by windows. Its id changes with what is listed, so that it starts afresh."""
    words = view.words
    columns = card.columns(view, pl.DataFrame()) if card.columns else ()
    listed = replace(view.state, finding=None, tables=())  # what its rows depend on
    return dag.AgGrid(
        id={"type": "rows", "name": card.name, "view": f"{view.snapshot.id}{encode(listed)}"},
        rowModelType="infinite",
        columnDefs=[
            {
                "field": c.field,
                "headerName": words(c.title),
                "type": "rightAligned" if c.kind in ("number", "value", "share") else None,
                "width": c.width,
                "sortable": c.is_sortable,
            }
            for c in columns
        ],
        defaultColDef={"resizable": True, "suppressMovable": True},
        dashGridOptions={
            "cacheBlockSize": 100,
            "rowSelection": {"mode": "singleRow", "checkboxes": False, "enableClickSelection": True},
            "rowHeight": 32,
            "headerHeight": 34,
            "localeText": dict(words.section("grid")),
            "theme": {
                "function": "themeQuartz.withParams({fontFamily: 'inherit', fontSize: 12, accentColor: '#0b5cad'})"
            },
            "tooltipShowDelay": 400,
        },
        getRowId="params.data.id",
        style={"height": card.height},
    )
