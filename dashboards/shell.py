"""What stands around the pictures: language switch, navigation, notices, the stamp."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

import dash_mantine_components as dmc
from dash import html
from dash.development.base_component import Component

from dashboards.filters import filter_id
from dashboards.state import Notice, State, encode, shared
from dashboards.texts import Words
from dashboards.view import Page


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


def updated(words: Words, snapshot_id: str) -> Component:
    """Told once when an open page moves to a new snapshot."""
    return dmc.Alert(
        words("app.updated", id=snapshot_id), color="blue", variant="light", withCloseButton=True, mb="sm"
    )
