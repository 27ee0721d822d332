"""What stands around the pictures: header, navigation, filters, notices, and the frame of every card."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import dash_ag_grid as dag
import dash_mantine_components as dmc
import polars as pl
from dash import dcc, html
from dash.development.base_component import Component

from dashboards import glossary, queries
from dashboards.state import GRAINS, SPLITS, Notice, State, encode, shared
from dashboards.texts import Words
from dashboards.view import MEASURES, Card, Page, View

GRAPH_CONFIG: Any = {
    "displayModeBar": False,
    "showSendToCloud": False,
    "displaylogo": False,
    "responsive": True,
    "showTips": False,
}


def filter_id(name: str) -> dict[str, str]:
    return {"type": "filter", "name": name}


def language_switch(state: State, words: Words) -> Component:
    return dmc.SegmentedControl(
        id=filter_id("lang"),
        value=state.lang,
        size="xs",
        attributes={"root": {"aria-label": words("app.language")}},
        data=[{"value": "zh", "label": "中文"}, {"value": "en", "label": "English"}],
    )


def stamp(words: Words, day: date | None, snapshot_id: str) -> str:
    return words("app.stamp", day=day.isoformat() if day else words("app.no_data_day"), id=snapshot_id)


def navigation(pages: Sequence[Page], current: str, state: State, words: Words) -> list[Component]:
    """Links that take the language, the period and the places along."""
    return [
        dmc.NavLink(
            label=words(f"{page.name}.title"),
            href=page.path + encode(shared(state)),
            active=page.path == current,
            className="nav-link",
            id={"type": "nav", "name": page.name},
        )
        for page in pages
    ]


def notices(words: Words, told: Sequence[Notice]) -> list[Component]:
    if not told:
        return []
    lines = [html.Div(words(f"notice.{n.reason}", parameter=n.parameter, value=n.value)) for n in told]
    return [
        dmc.Alert(
            lines, title=words("notice.title"), color="yellow", variant="light", withCloseButton=True, mb="sm"
        )
    ]


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


# --- filters -------------------------------------------------------------------------------------------------


def control_values(view: View) -> dict[str, Any]:
    """What each filter's control shows for a state."""
    state = view.state
    period = [
        view.date_from.isoformat() if view.date_from else None,
        view.date_to.isoformat() if view.date_to else None,
    ]
    return {
        "lang": state.lang,
        "period": period,
        "grain": state.grain or "auto",
        "provinces": list(state.provinces),
        "platforms": list(state.platforms),
        "measure": view.measure,
        "split": state.split,
        "rules": list(state.rules),
        "consequences": list(state.consequences),
        "statuses": list(state.statuses),
    }


def with_control(view: View, name: str, value: Any) -> State:
    """The state after a control was changed; a half-chosen period changes nothing."""
    state = view.state
    if name == "period":
        if not isinstance(value, list) or len(value) != 2 or not all(value):
            return state
        first, last = (date.fromisoformat(text[:10]) for text in value)
        default = replace(view, state=replace(state, date_from=None, date_to=None))
        return replace(
            state,
            date_from=None if first == default.date_from and last == default.date_to else first,
            date_to=None if last == default.date_to else last,
        )
    if name in ("provinces", "platforms", "rules", "consequences", "statuses"):
        return replace(state, **{name: tuple(sorted(value or ()))})  # type: ignore[arg-type]
    if name == "grain":
        return replace(state, grain=None if value in (None, "auto") else value)
    if name == "measure":
        return replace(state, measure=None if value in (None, MEASURES[0]) else value)
    return replace(state, **{name: value})


def filters(page: Page, view: View) -> list[Component]:
    values = control_values(view)
    return [FILTERS[name](view, values[name]) for name in page.filters]


def _period(view: View, value: Any) -> Component:
    words, extent, last = view.words, view.extent, view.last_day
    presets: list[dict[str, Any]] = []
    if extent.first and last:
        starts = {
            "days_7": last - timedelta(days=6),
            "days_30": last - timedelta(days=29),
            "months_12": _months_back(last, 12),
            "months_36": _months_back(last, 36),
            "whole": extent.first,
        }
        presets = [
            {
                "value": [max(start, extent.first).isoformat(), last.isoformat()],
                "label": words(f"preset.{name}"),
            }
            for name, start in starts.items()
        ]
    return dmc.DatePickerInput(
        id=filter_id("period"),
        type="range",
        value=value,
        label=words("filter.period"),
        valueFormat="YYYY-MM-DD",
        size="xs",
        minDate=extent.first.isoformat() if extent.first else None,
        maxDate=last.isoformat() if last else None,
        presets=presets or None,
        allowSingleDateInRange=True,
        w=230,
        labelSeparator="–",
        className="filter",
        monthLabelFormat="YYYY-MM",
        monthsListFormat="MM",
        weekdayFormat="dd",
    )


def _months_back(last: date, months: int) -> date:
    total = last.year * 12 + last.month - months
    return date(total // 12, total % 12 + 1, 1)


def _grain(view: View, value: str) -> Component:
    data = [{"value": grain, "label": view.words(f"grain.{grain}")} for grain in ("auto", *GRAINS)]
    return dmc.Select(
        id=filter_id("grain"),
        data=data,
        value=value,
        label=view.words("filter.grain"),
        allowDeselect=False,
        size="xs",
        w=110,
        className="filter",
    )


def _provinces(view: View, value: list[str]) -> Component:
    rows = view.provinces.filter(pl.col("scheme_from").is_not_null() & pl.col("is_visible"))
    data = [{"value": code, "label": view.province_names[code]} for code in rows["province_code"]]
    return _several("provinces", view.words, data, value)


def _platforms(view: View, value: list[str]) -> Component:
    data = [{"value": code, "label": view.platform_names[code]} for code in view.platforms["platform_code"]]
    return _several("platforms", view.words, data, value)


def _several(name: str, words: Words, data: list[dict[str, str]], value: list[str]) -> Component:
    return dmc.MultiSelect(
        id=filter_id(name),
        data=data,
        value=value,
        label=words(f"filter.{name}"),
        placeholder="" if value else words(f"filter.all_{name}"),
        searchable=True,
        clearable=True,
        hidePickedOptions=True,
        size="xs",
        miw=190,
        maw=420,
        className="filter",
    )


def _measure(view: View, value: str) -> Component:
    data = [{"value": measure, "label": glossary.title(view.words, measure)} for measure in MEASURES]
    return dmc.Select(
        id=filter_id("measure"),
        data=data,
        value=value,
        label=view.words("filter.measure"),
        allowDeselect=False,
        size="xs",
        w=190,
        className="filter",
    )


def _split(view: View, value: str) -> Component:
    data = [{"value": split, "label": view.words(f"split.{split}")} for split in SPLITS]
    return dmc.Select(
        id=filter_id("split"),
        data=data,
        value=value,
        label=view.words("filter.split"),
        allowDeselect=False,
        size="xs",
        w=120,
        className="filter",
    )


def _rules(view: View, value: list[str]) -> Component:
    titles = queries.rule_titles(view.snapshot, view.viewer)
    data = [
        {"value": row["rule_id"], "label": f"{row['rule_id']} {row[f'title_{view.lang}']}"}
        for row in titles.iter_rows(named=True)
    ]
    return _several("rules", view.words, data, value)


def _consequences(view: View, value: list[str]) -> Component:
    return _words_of("consequences", "consequence", view, value)


def _statuses(view: View, value: list[str]) -> Component:
    return _words_of("statuses", "status_of", view, value)


def _words_of(name: str, section: str, view: View, value: list[str]) -> Component:
    data = [{"value": code, "label": text} for code, text in view.words.section(section).items()]
    return _several(name, view.words, data, value)


FILTERS: dict[str, Callable[[View, Any], Component]] = {
    "period": _period,
    "grain": _grain,
    "provinces": _provinces,
    "platforms": _platforms,
    "measure": _measure,
    "split": _split,
    "rules": _rules,
    "consequences": _consequences,
    "statuses": _statuses,
}


# --- cards ---------------------------------------------------------------------------------------------------


def cards(page: Page, words: Words) -> Component:
    """The empty frames of a page's cards; each is filled by its own callback."""
    return dmc.Grid(
        [dmc.GridCol(_frame(card), span={"base": 12, "md": card.span}) for card in page.cards], gutter="sm"
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
    parts.append(dcc.Download(id={"type": "download", "name": card.name}))
    return html.Section(parts, className="card")


def card_head(page: Page, card: Card, view: View, title: str, as_table: bool) -> list[Component]:
    """Title with its unit, definition on hover, the switch to the table, the downloads."""
    words = view.words
    help_key = f"{page.name}.{card.name}.help"
    downloads = [dmc.MenuItem(words("card.csv"), id={"type": "csv", "name": card.name})]
    if card.is_figure and not as_table:
        downloads += [
            dmc.MenuItem(words(f"card.{form}"), id={"type": "image", "form": form, "name": card.name})
            for form in ("png", "svg")
        ]
    turn = dmc.Button(
        words("card.chart" if as_table else "card.table"),
        id={"type": "table", "name": card.name},
        size="compact-xs",
        variant="default",
        attributes={
            "root": {"aria-label": words("card.show_chart" if as_table else "card.show_table", title=title)}
        },
    )
    menu = dmc.Menu(
        [
            dmc.MenuTarget(
                dmc.Button(
                    words("card.download"),
                    size="compact-xs",
                    variant="default",
                    attributes={"root": {"aria-label": words("card.download_of", title=title)}},
                )
            ),
            dmc.MenuDropdown(downloads),
        ],
        position="bottom-end",
        withinPortal=True,
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
    flags = ""
    if frame is not None and "flags" in frame.columns:
        flags = "".join(sorted(set("".join(frame["flags"].drop_nulls().to_list()))))
    lines: list[Component] = [html.Div(note, className="card-note")] if note else []
    told = [words(f"flag.{flag}") for flag in "prbecxz" if flag in flags]
    if told:
        lines.append(
            html.Div(f"{words('card.flags')}{words('mark.colon')}{'; '.join(told)}", className="card-flags")
        )
    lines.append(html.Div(stamp(words, as_of, view.snapshot.id), className="card-stamp"))
    return lines


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


def updated(words: Words, snapshot_id: str) -> Component:
    """Told once when an open page moves to a new snapshot."""
    return dmc.Alert(
        words("app.updated", id=snapshot_id), color="blue", variant="light", withCloseButton=True, mb="sm"
    )
