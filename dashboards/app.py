"""The application: one Dash app over one home, and how it is served."""

from __future__ import annotations

import importlib
import logging
import os
import pkgutil
import threading
import time
from functools import cache
from pathlib import Path
from typing import Any

import dash_mantine_components as dmc
from dash import Dash, dcc, html
from flask import Response
from gunicorn.app.base import BaseApplication

from dashboards import callbacks, downloads, pages
from dashboards.access import current_viewer
from dashboards.figures.style import FONT
from dashboards.scripts import LeanDash, serve_vendored
from dashboards.snapshots import NoSnapshot, SnapshotGone, Snapshots
from dashboards.state import State
from dashboards.view import Page, View

SECONDS_BETWEEN_LOOKS = 60  # how often an open page asks whether there is a new snapshot
SECONDS_BETWEEN_WATCHES = 5
WORKERS = 2
log = logging.getLogger("zhibao.dashboards")
INDEX = """<!DOCTYPE html>
<html lang="zh-CN">
<head>{%metas%}<title>{%title%}</title>{%favicon%}{%css%}</head>
<body>{%app_entry%}<footer>{%config%}{%scripts%}{%renderer%}</footer></body>
</html>"""
THEME = {
    "fontFamily": FONT,
    "headings": {"fontFamily": FONT},
    "primaryColor": "blue",
    "defaultRadius": "sm",
}


@cache
def all_pages() -> tuple[Page, ...]:
    """Every page of dashboards/pages, in its order; a page is a module with a PAGE."""
    modules = [
        importlib.import_module(f"{pages.__name__}.{info.name}")
        for info in pkgutil.iter_modules(pages.__path__)
    ]
    return tuple(sorted((m.PAGE for m in modules if hasattr(m, "PAGE")), key=lambda page: page.order))


def layout() -> Any:
    """The frame that never changes; everything in it is filled from the address."""
    header = dmc.Group(
        [
            dmc.Group(
                [
                    dmc.Burger(
                        id="burger",
                        opened=False,
                        hiddenFrom="sm",
                        size="sm",
                        attributes={"root": {"aria-label": "菜单 Menu"}},
                    ),
                    html.Span("职保", className="brand"),
                    html.Span("zhibao", className="brand-latin"),
                ],
                gap="xs",
                wrap="nowrap",
            ),
            dmc.Group(
                [html.Div(id="stamp", className="stamp"), html.Div(id="header")], gap="md", wrap="nowrap"
            ),
        ],
        justify="space-between",
        wrap="nowrap",
        h="100%",
        px="md",
    )
    polite: Any = {"aria-live": "polite"}
    main = [
        html.H1(id="page-title", className="page-title"),
        html.Div(id="filters", className="filters"),
        html.Div(id="notices", **polite),
        html.Div(dmc.Skeleton(h=320, radius="sm"), id="body"),
    ]
    return dmc.MantineProvider(
        dmc.DatesProvider(
            [
                dcc.Location(id="url", refresh="callback-nav"),
                dcc.Store(id="view"),
                dcc.Store(id="screen"),
                dcc.Interval(id="tick", interval=SECONDS_BETWEEN_LOOKS * 1000),
                dmc.AppShell(
                    [
                        dmc.AppShellHeader(header, className="header"),
                        dmc.AppShellNavbar(html.Div(id="navigation"), p="xs", className="navigation"),
                        dmc.AppShellMain(main, id="main", className="main"),
                    ],
                    id="shell",
                    header={"height": 52},
                    padding="sm",
                    navbar={"width": 176, "breakpoint": "sm", "collapsed": {"mobile": True}},
                ),
            ],
            id="dates",
            settings={"locale": "zh-cn", "firstDayOfWeek": 1},
        ),
        theme=THEME,
        forceColorScheme="light",
    )


def create_app(home: Path) -> Dash:
    """The dashboards of one home. Reads its published snapshots only; a new one appears without a restart."""
    snapshots = Snapshots(Path(home))
    folder = Path(__file__).parent
    app = LeanDash(
        "dashboards",
        assets_folder=str(folder / "assets"),
        serve_locally=True,
        compress=True,
        title="职保 zhibao",
        update_title="",
        index_string=INDEX,
        suppress_callback_exceptions=True,
        meta_tags=[{"name": "viewport", "content": "width=device-width, initial-scale=1"}],
    )
    app.layout = layout()
    callbacks.register(app, snapshots, all_pages())
    downloads.register(app.server, snapshots, all_pages())
    serve_vendored(app)
    app.server.extensions["zhibao_snapshots"] = snapshots
    app.server.after_request(_guard)
    app.server.add_url_rule("/healthz", "healthz", lambda: _health(snapshots))
    # Dash learns which scripts it may serve when it first makes the page; a browser's next request may reach another process.
    app.server.test_client().get("/")
    return app


def _guard(response: Response) -> Response:
    """Nothing is fetched from or sent to anywhere else; nothing may frame these pages."""
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["X-Frame-Options"] = "DENY"
    response.headers["Referrer-Policy"] = "no-referrer"
    return response


def _health(snapshots: Snapshots) -> tuple[dict[str, str | None], int]:
    """For supervisors of the process: is there a snapshot to serve?"""
    name = snapshots.home.snapshot_id()
    return {"snapshot": name}, 200 if name else 503


def warm(snapshots: Snapshots) -> str | None:
    """Ask for the numbers of the first page as everybody will; they are remembered. The snapshot's id, None without one."""
    try:
        with snapshots.use() as snapshot:
            view = View(current_viewer(), State(), snapshot)
            for card in all_pages()[0].cards:
                card.read(view)
            return snapshot.id
    except (NoSnapshot, SnapshotGone):
        return None


def keep_warm(snapshots: Snapshots) -> threading.Thread:
    """Warm every new snapshot as soon as it is published, so that the first reader of the day does not wait for it."""

    def watch() -> None:
        done: str | None = None
        while True:
            if snapshots.home.snapshot_id() != done:
                try:
                    done = warm(snapshots)
                except Exception:
                    log.exception("the first page could not be read beforehand")
                    done = snapshots.home.snapshot_id()
            time.sleep(SECONDS_BETWEEN_WATCHES)

    thread = threading.Thread(target=watch, name="keep-warm", daemon=True)
    thread.start()
    return thread


class _Server(BaseApplication):
    """gunicorn, set up from here instead of from a command line."""

    def __init__(self, home: Path, options: dict[str, Any]) -> None:
        self.home, self.options = home, options
        super().__init__()

    def load_config(self) -> None:
        for name, value in self.options.items():
            self.cfg.set(name, value)

    def load(self) -> Any:
        app = create_app(self.home)
        keep_warm(app.server.extensions["zhibao_snapshots"])
        return app.server


def serve(home: Path, host: str = "127.0.0.1", port: int = 8050) -> None:
    """Serve until stopped. Each worker opens the snapshot for itself, read-only."""
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(name)s %(levelname)s %(message)s")
    options = {
        "bind": f"{host}:{port}",
        "workers": int(os.environ.get("ZHIBAO_WORKERS", WORKERS)),
        "threads": 8,
        "worker_class": "gthread",
        "timeout": 120,
        "graceful_timeout": 10,
        "proc_name": "zhibao-serve",
        "control_socket_disable": True,  # nothing is written outside the home
    }
    _Server(Path(home), options).run()
