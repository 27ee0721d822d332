"""The few callbacks of the application; all pages share them.

The address is the only state. `look` turns an address into a page: it resolves the snapshot once and writes it,
with the address, into the store `view`; every card is then drawn, when it is its turn, from exactly that snapshot. `steer` turns what
the reader does into a new address. Patterns of ids are dear in the browser: what can be a link is one (downloads, tables).
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from typing import Any

from dash import ALL, MATCH, ClientsideFunction, Dash, Input, Output, State, ctx, no_update
from dash.exceptions import PreventUpdate

from dashboards import evidence, filters, frames, queries, shell
from dashboards.access import NotAllowed, current_viewer
from dashboards.drawing import Filled, fill
from dashboards.pages import findings
from dashboards.snapshots import NoSnapshot, Snapshot, SnapshotGone, Snapshots
from dashboards.state import decode, encode
from dashboards.texts import load
from dashboards.view import Page, Target, View, Window, checked

log = logging.getLogger("zhibao.dashboards")
CARD_OUTPUTS = ("head", "body", "foot")


def register(app: Dash, snapshots: Snapshots, pages: Sequence[Page]) -> None:
    """Attach every callback to an app."""
    by_path = {page.path: page for page in pages}
    by_name = {page.name: page for page in pages}
    _register_look(app, snapshots, pages, by_path)
    _register_steer(app, snapshots, by_name)
    _register_cards(app, snapshots, by_name)
    _register_rows(app, snapshots, by_name)
    _register_sources(app, snapshots)
    app.clientside_callback(
        ClientsideFunction("zhibao", "show"), Output("page-title", "title"), Input("view", "data")
    )
    app.clientside_callback(
        ClientsideFunction("zhibao", "burger"),
        Output("shell", "navbar"),
        Input("burger", "opened"),
        Input("url", "pathname"),
        State("shell", "navbar"),
    )


def _register_look(app: Dash, snapshots: Snapshots, pages: Sequence[Page], by_path: dict[str, Page]) -> None:
    @app.callback(
        Output("view", "data"),
        Output("header", "children"),
        Output("navigation", "children"),
        Output("filters", "children"),
        Output("notices", "children"),
        Output("body", "children"),
        Output("page-title", "children"),
        Output("stamp", "children"),
        Output("dates", "settings"),
        Input("url", "pathname"),
        Input("url", "search"),
        Input("screen", "data"),
        Input("tick", "n_intervals"),
        State("view", "data"),
        State({"type": "filter", "name": ALL}, "value"),
        State({"type": "filter", "name": ALL}, "id"),
        prevent_initial_call=True,  # the first call is the browser's word on its width
    )
    def look(
        path: str,
        search: str | None,
        screen: dict[str, Any] | None,
        tick: int,
        shown: dict[str, Any] | None,
        values: list[Any],
        ids: list[dict[str, str]],
    ) -> tuple[Any, ...]:
        if screen is None:
            raise PreventUpdate
        shown = shown or {}
        state, told = decode(search)
        words = load(state.lang)
        page = by_path.get(path.rstrip("/") or "/")
        settings = {"locale": "zh-cn" if state.lang == "zh" else "en", "firstDayOfWeek": 1}
        header = no_update if shown.get("lang") == state.lang else shell.language_switch(state, words)
        common = {
            "address": path
            + (search or ""),  # as the browser has it; `search` below is what was understood of it
            "path": path,
            "lang": state.lang,
            "narrow": screen.get("narrow", False),
        }
        links = shell.navigation(pages, path, state, words)
        try:
            current = snapshots.current_id()
        except NoSnapshot:
            return (
                {**common, "title": words("app.title")},
                header,
                links,
                [],
                [],
                frames.panel(words, "unpublished"),
                words("app.title"),
                "",
                settings,
            )
        if page is None:
            missing = frames.panel(words, "not_found", path=path[:80])
            return (
                {**common, "title": words("panel.not_found_title")},
                header,
                links,
                [],
                [],
                missing,
                words("panel.not_found_title"),
                "",
                settings,
            )
        if ctx.triggered_id == "tick" and shown.get("snapshot") == current:
            raise PreventUpdate
        with snapshots.use(current) as snapshot:
            view, more = checked(
                View(current_viewer(), state, snapshot, bool(common["narrow"]), page.until_night)
            )
            told = (*told, *more)
            wanted = filters.control_values(view)
            on_screen = {key["name"]: value for key, value in zip(ids, values, strict=True)}
            is_same_page = shown.get("page") == page.name and shown.get("lang") == state.lang
            is_same_filters = is_same_page and all(
                on_screen.get(name) == wanted[name] and not (name in page.subject and not wanted[name])
                for name in page.filters
            )
            data = {
                **common,
                "page": page.name,
                "search": encode(view.state),
                "snapshot": snapshot.id,
                "title": f"{words(f'{page.name}.title')} · {words('app.title')}",
            }
            notices = shell.notices(words, told)
            if shown.get("snapshot") not in (None, snapshot.id) and ctx.triggered_id == "tick":
                notices = [shell.updated(words, snapshot.id), *notices]
            return (
                data,
                header,
                links,
                no_update if is_same_filters else filters.filters(page, view),
                notices,
                no_update if is_same_page else frames.cards(page, words),
                words(f"{page.name}.title"),
                shell.stamp(words, view.extent.last, snapshot.id),
                settings,
            )


def _register_steer(app: Dash, snapshots: Snapshots, pages: dict[str, Page]) -> None:
    @app.callback(
        Output("url", "pathname"),
        Output("url", "search"),
        Input({"type": "filter", "name": ALL}, "value"),
        Input({"type": "graph", "name": ALL}, "clickData"),
        Input({"type": "rows", "name": ALL, "view": ALL}, "selectedRows"),
        State("url", "search"),
        State("view", "data"),
        prevent_initial_call=True,
    )
    def steer(*given: Any) -> Any:
        search, shown = given[-2:]
        source, value = ctx.triggered_id, ctx.triggered[0]["value"] if ctx.triggered else None
        if not isinstance(source, dict) or not shown or "snapshot" not in shown:
            raise PreventUpdate
        if value is None and source["type"] != "filter":  # a filter that was cleared is a choice
            raise PreventUpdate
        state, _ = decode(search)
        with snapshots.use() as snapshot:
            page = pages[shown["page"]]
            view, _ = checked(View(current_viewer(), state, snapshot, until_night=page.until_night))
            target = _target(view, page, source, value)
        if target is None or (target[0] == shown["path"] and encode(target[1]) == encode(state)):
            raise PreventUpdate
        path, changed = target
        return (no_update if path == shown["path"] else path), encode(changed)


def _target(view: View, page: Page, source: dict[str, str], value: Any) -> Target | None:
    """Where what the reader did leads; None = nowhere."""
    match source["type"]:
        case "filter":
            if value == filters.control_values(view).get(source["name"]):
                return None
            return page.path, filters.with_control(view, source["name"], value)
        case "graph":
            card = page.card(source["name"])
            return (
                card.click(view, value["points"][0].get("customdata"))
                if card.click and value.get("points")
                else None
            )
        case _:
            grid = page.card(source["name"]).grid
            return grid.target(view, value[0]) if grid and grid.target and value else None


def view_of(snapshot: Snapshot, shown: dict[str, Any], page: Page) -> View:
    """The view that the store describes, on its snapshot."""
    state, _ = decode(shown["search"])
    return View(current_viewer(), state, snapshot, bool(shown.get("narrow")), page.until_night)


def _register_cards(app: Dash, snapshots: Snapshots, pages: dict[str, Page]) -> None:
    def drawn(shown: dict[str, Any] | None, name: str) -> Filled:
        page = pages.get((shown or {}).get("page", ""))
        if shown is None or page is None or name not in {card.name for card in page.cards}:
            raise PreventUpdate
        try:
            with snapshots.use(shown["snapshot"]) as snapshot:
                return fill(page, page.card(name), view_of(snapshot, shown, page))
        except SnapshotGone:
            return Filled([], frames.panel(load(shown["lang"]), "superseded"), [], None)

    @app.callback(
        *(Output({"type": f"figure-{part}", "name": MATCH}, "children") for part in CARD_OUTPUTS),
        Output({"type": "graph", "name": MATCH}, "figure"),
        Output({"type": "graph", "name": MATCH}, "style"),
        Input({"type": "figure-turn", "name": MATCH}, "data"),
        State({"type": "graph", "name": MATCH}, "id"),
        State({"type": "graph", "name": MATCH}, "style"),
        prevent_initial_call=True,
    )
    def draw_figure(
        shown: dict[str, Any] | None, own: dict[str, str], style: dict[str, Any]
    ) -> tuple[Any, ...]:
        filled = drawn(shown, own["name"])
        visible = {**style, "display": "none" if filled.figure is None else "block"}
        if filled.height:
            visible["height"] = filled.height
        return (
            filled.head,
            filled.body,
            filled.foot,
            no_update if filled.figure is None else filled.figure,
            visible,
        )

    @app.callback(
        *(Output({"type": f"panel-{part}", "name": MATCH}, "children") for part in CARD_OUTPUTS),
        Input({"type": "panel-turn", "name": MATCH}, "data"),
        State({"type": "panel-body", "name": MATCH}, "id"),
        prevent_initial_call=True,
    )
    def draw_panel(shown: dict[str, Any] | None, own: dict[str, str]) -> tuple[Any, ...]:
        filled = drawn(shown, own["name"])
        return filled.head, filled.body, filled.foot


def _register_rows(app: Dash, snapshots: Snapshots, pages: dict[str, Page]) -> None:
    own = {"type": "rows", "name": MATCH, "view": MATCH}

    @app.callback(
        Output(own, "getRowsResponse"), Input(own, "getRowsRequest"), State("view", "data"), State(own, "id")
    )
    def rows(request: dict[str, Any] | None, shown: dict[str, Any] | None, grid_id: dict[str, str]) -> Any:
        if request is None or not shown or "page" not in shown:
            raise PreventUpdate
        page = pages[shown["page"]]
        card = next((card for card in page.cards if card.name == grid_id["name"]), None)
        if card is None or card.grid is None:
            raise PreventUpdate
        sort = (request.get("sortModel") or [{}])[0]
        window = Window(
            request["startRow"], request["endRow"], sort.get("colId", ""), sort.get("sort") == "desc"
        )
        with snapshots.use(shown["snapshot"]) as snapshot:
            found, count = card.grid.rows(view_of(snapshot, shown, page), window)
        return {"rowData": found, "rowCount": count}


def _register_sources(app: Dash, snapshots: Snapshots) -> None:
    @app.callback(
        Output({"type": "source-lines", "name": MATCH}, "children"),
        Input({"type": "source", "name": MATCH}, "n_clicks"),
        State("view", "data"),
        prevent_initial_call=True,
    )
    def sources(clicks: int | None, shown: dict[str, Any] | None) -> Any:
        """Lines of the files as they were sent: read by a process of its own, which logs who asked."""
        if not clicks or not shown or not isinstance(ctx.triggered_id, dict):
            raise PreventUpdate
        words, wanted, viewer = load(shown["lang"]), ctx.triggered_id["name"], current_viewer()
        try:
            with snapshots.use() as snapshot:
                if queries.finding(snapshot, viewer, wanted) is None:
                    raise NotAllowed(f"{viewer.name} may not see this finding")
            return findings.source_view(words, evidence.source_lines(snapshots.home.root, viewer, wanted))
        except NotAllowed:
            return frames.panel(words, "not_allowed")
        except evidence.SourceError as error:
            log.warning("source lines of %s: %s", wanted, error)
            return frames.panel(words, "source_failed", said=str(error)[:300])
