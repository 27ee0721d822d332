"""One card drawn: its numbers read, its picture or table made. What fails here fails alone."""

from __future__ import annotations

import hashlib
import logging
import traceback
from typing import Any

import plotly.graph_objects as go
import polars as pl
from dash.development.base_component import Component

from dashboards import frames, glossary, table
from dashboards.access import NotAllowed
from dashboards.place import FIELD, name_of
from dashboards.state import encode
from dashboards.view import Card, Drawing, Page, View

log = logging.getLogger("zhibao.dashboards")


class Filled:
    """A card's parts, ready for the screen; `figure` None where something stands in its place."""

    def __init__(
        self,
        head: list[Component],
        body: Any,
        foot: list[Component],
        figure: go.Figure | None,
        height: int | None = None,
    ) -> None:
        self.head, self.body, self.foot, self.figure, self.height = head, body, foot, figure, height


def fill(page: Page, card: Card, view: View) -> Filled:
    """One card drawn. What fails here fails alone: it is logged with a code, and the card says so."""
    words = view.words
    as_table = card.name in view.state.tables
    frame: pl.DataFrame | None = None
    title = words(f"{page.name}.{card.name}.title", **title_words(page, view))
    try:
        if card.grid and not as_table:
            head = frames.card_head(page, card, view, title, as_table)
            return Filled(head, frames.grid(card, view), frames.card_foot(view, None, ""), None)
        frame = card.read(view)
        absent = absence(frame)
        if absent:
            head = frames.card_head(page, card, view, title, False)
            return Filled(
                head, frames.absent(page, card, words, absent), frames.card_foot(view, frame, ""), None
            )
        drawing = card.draw(view, frame)
        if drawing.unit:
            title = f"{title}{words('mark.open')}{drawing.unit}{words('mark.close')}"
        head = frames.card_head(page, card, view, title, as_table)
        foot = frames.card_foot(view, frame, drawing.note)
        if as_table:
            return Filled(head, table.table(card, view, frame), foot, None)
        return _placed(head, drawing, foot)
    except NotAllowed:
        return Filled([], frames.panel(words, "not_allowed"), [], None)
    except Exception as error:
        code = hashlib.sha256(traceback.format_exc().encode()).hexdigest()[:8]
        log.exception(
            "card %s.%s failed, code %s, snapshot %s, %s",
            page.name,
            card.name,
            code,
            view.snapshot.id,
            type(error).__name__,
        )
        return Filled(
            frames.card_head(page, card, view, title, False),
            frames.panel(words, "error", code=code),
            [],
            None,
        )


def _placed(head: list[Component], drawing: Drawing, foot: list[Component]) -> Filled:
    if isinstance(drawing.content, go.Figure):
        return Filled(head, [], foot, drawing.content, drawing.content.layout.height)
    return Filled(head, drawing.content, foot, None)


def file_of(page: Page, card: Card, view: View, form: str) -> bytes:
    """The numbers of a card as a file: csv or xlsx, from the frame that the picture is drawn from."""
    frame = card.read(view)
    if form == "csv":
        return table.csv(card, view, frame)
    words = view.words
    title = words(f"{page.name}.{card.name}.title", **title_words(page, view))
    about = {
        words("card.sheet_title"): title,
        words("filter.period"): f"{view.date_from or ''} – {view.date_to or ''}",
        words("card.sheet_stamp"): frames.stamp(words, view.extent.last, view.snapshot.id),
        words("card.sheet_link"): page.path + encode(view.state),
    }
    help_key = f"{page.name}.{card.name}.help"
    if words.has(help_key):
        about[words("card.help")] = words(help_key)
    if flags := frames.flags_of(frame):
        about[words("card.flags")] = "; ".join(words(f"flag.{flag}") for flag in flags)
    return table.xlsx(card, view, frame, about)


def title_words(page: Page, view: View) -> dict[str, str]:
    """What a card's title may name."""
    place = name_of(view, page.name) if page.name in FIELD else ""
    return {
        "place": place,
        "measure": glossary.title(view.words, view.measure),
        "split": view.words(f"split.{view.state.split}"),
    }


def absence(frame: pl.DataFrame) -> str | None:
    """empty, or the one reason why no cell of the frame has a value; None where there is something to draw."""
    if frame.height == 0:
        return "empty"
    if "value" not in frame.columns or frame["value"].null_count() < frame.height:
        return None
    flags = "".join(frame["flags"].drop_nulls().to_list())
    return next(
        (
            kind
            for flag, kind in (("z", "not_reported"), ("c", "suppressed"), ("x", "not_applicable"))
            if flag in flags
        ),
        "empty",
    )
