"""What a page file consists of: a Page of Cards, and the View that every card reads and draws from."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from functools import cached_property
from typing import Any

import plotly.graph_objects as go
import polars as pl
from dash.development.base_component import Component

from dashboards import queries
from dashboards.access import Viewer
from dashboards.snapshots import Snapshot
from dashboards.state import Notice, State
from dashboards.texts import Words, load

MONTHS_SHOWN = 36
DAYS_BY_DAY = 62  # a span up to this is shown by day unless the reader says otherwise
MEASURES = (
    "person_insured_rate",
    "order_insured_rate",
    "coverage_rate",
    "persons_active",
    "persons_new",
    "persons_cumulative",
    "orders_valid",
    "orders_insured",
    "orders_uninsured",
    "premium_yuan",
    "certified_share",
)


@dataclass(frozen=True)
class View:
    """One reader's choice on one snapshot: everything that a card needs to read and draw."""

    viewer: Viewer
    state: State
    snapshot: Snapshot
    narrow: bool = False
    until_night: bool = False

    @property
    def words(self) -> Words:
        return load(self.state.lang)

    @property
    def lang(self) -> str:
        return self.state.lang

    @cached_property
    def extent(self) -> queries.Extent:
        return queries.extent(self.snapshot, self.viewer)

    @cached_property
    def date_to(self) -> date | None:
        """Last day shown: the reader's, else the last with data; on pages about what is missing the last night."""
        return self.state.date_to or self.last_day

    @cached_property
    def last_day(self) -> date | None:
        days = [self.extent.last, self.extent.last_night if self.until_night else None]
        return max((day for day in days if day is not None), default=None)

    @cached_property
    def date_from(self) -> date | None:
        """First day shown: the reader's, else the first with data, at most 36 months back."""
        if self.state.date_from or self.date_to is None or self.extent.first is None:
            return self.state.date_from
        months = self.date_to.year * 12 + self.date_to.month - MONTHS_SHOWN
        return max(self.extent.first, date(months // 12, months % 12 + 1, 1))

    @cached_property
    def grain(self) -> str:
        if self.state.grain:
            return self.state.grain
        if self.date_from is None or self.date_to is None:
            return "month"
        return "day" if (self.date_to - self.date_from).days < DAYS_BY_DAY else "month"

    @property
    def measure(self) -> str:
        return self.state.measure or MEASURES[0]

    @cached_property
    def provinces(self) -> pl.DataFrame:
        return queries.provinces(self.snapshot, self.viewer)

    @cached_property
    def platforms(self) -> pl.DataFrame:
        return queries.platforms(self.snapshot, self.viewer)

    @cached_property
    def province_names(self) -> dict[str, str]:
        """Code → the short name on screen."""
        column = "short_zh" if self.lang == "zh" else "name_en"
        return dict(self.provinces.select("province_code", column).iter_rows())

    @cached_property
    def platform_names(self) -> dict[str, str]:
        """Code → name of every platform, and of the submitters that are none (city, labour company, union, insurer)."""
        names = queries.submitters(self.snapshot, self.viewer).select("submitter_code", f"name_{self.lang}")
        return dict(names.iter_rows()) | dict(
            self.platforms.select("platform_code", f"name_{self.lang}").iter_rows()
        )

    def with_places(self, frame: pl.DataFrame) -> pl.DataFrame:
        """Adds platform_name and province_name beside the codes; where there is no code, the word for all of them."""
        for place, names in (("platform", self.platform_names), ("province", self.province_names)):
            told = [
                names.get(code, code) if code else self.words("findings.all")
                for code in frame[f"{place}_code"]
            ]
            frame = frame.with_columns(pl.Series(f"{place}_name", told, dtype=pl.String))
        return frame

    def indicators(self, by: Sequence[str], ids: Sequence[str], **changed: Any) -> pl.DataFrame:
        """Figures within the reader's period and places."""
        chosen = {
            "date_from": self.date_from,
            "date_to": self.date_to,
            "provinces": self.state.provinces,
            "platforms": self.state.platforms,
        } | changed
        return queries.indicators(self.snapshot, self.viewer, by=by, indicators=ids, **chosen)


def checked(view: View) -> tuple[View, tuple[Notice, ...]]:
    """The view without places and measures that do not exist, and a notice for each that was left out."""
    state, notices = view.state, []
    known = {
        "provinces": ("province", set(view.provinces["province_code"])),
        "platforms": ("platform", set(view.platforms["platform_code"])),
    }
    for name, (parameter, codes) in known.items():
        strange = [code for code in getattr(state, name) if code not in codes]
        if strange:
            notices.append(Notice("unknown_code", parameter, ", ".join(strange)))
            kept = {name: tuple(code for code in getattr(state, name) if code in codes)}
            state = replace(state, **kept)  # type: ignore[arg-type]
    if state.measure is not None and state.measure not in MEASURES:
        notices.append(Notice("wrong_value", "measure", state.measure))
        state = replace(state, measure=None)
    return replace(view, state=state), tuple(notices)


@dataclass(frozen=True)
class Drawing:
    """What a card shows: a figure, or components in its place; the unit for its title; a line below it."""

    content: go.Figure | Component | list[Component]
    unit: str = ""
    note: str = ""


@dataclass(frozen=True)
class Column:
    """A column of a card's table view: the frame's field, the text key of its head, how it is written."""

    field: str
    title: str
    kind: str = "text"
    width: int = 90
    is_sortable: bool = True


@dataclass(frozen=True)
class Window:
    """The part of a long list that a grid asks for: rows start … end, ordered by a field ('' = the list's own order)."""

    start: int
    end: int
    sort: str = ""
    is_descending: bool = False


Target = tuple[str, State]  # a page's path and what is chosen there


@dataclass(frozen=True)
class Grid:
    """A list too long to send: its rows come by windows from the server, ready to print; `target` is where a row leads."""

    rows: Callable[[View, Window], tuple[list[dict[str, Any]], int]]
    target: Callable[[View, dict[str, Any]], Target] | None = None


@dataclass(frozen=True)
class Card:
    """One picture with its numbers. `read` gives the numbers, `draw` the picture of them; the table view and the
    downloads are made from the same frame. Its words are the texts <page>.<name>.title and .help.
    `is_list`: the picture is a table itself. `grid`: the list is shown in a grid and `read` gives all of it, for the CSV. `click`: where a click on a point of
    the figure leads, from the point's customdata."""

    name: str
    read: Callable[[View], pl.DataFrame]
    draw: Callable[[View, pl.DataFrame], Drawing]
    columns: Callable[[View, pl.DataFrame], Sequence[Column]] | None = None
    span: int = 12
    height: int = 340
    is_figure: bool = True
    is_list: bool = False
    grid: Grid | None = None
    click: Callable[[View, Any], Target | None] | None = None


@dataclass(frozen=True)
class Page:
    """One page: where it is, its filters in order, its cards in order. Its words are under texts <name>.
    until_night: its period ends with the last night instead of the last data, because what is missing is shown.
    subject: for a page about one place, the name of the one that it is about where nobody chose, by filter."""

    path: str
    name: str
    order: int
    cards: tuple[Card, ...]
    filters: tuple[str, ...]
    until_night: bool = False
    subject: Mapping[str, Callable[[View], str]] = field(default_factory=dict)

    def card(self, name: str) -> Card:
        return next(card for card in self.cards if card.name == name)
