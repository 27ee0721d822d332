"""A card's numbers as a file: an address of its own, so that a link to the file is a link to the picture's numbers."""

from __future__ import annotations

from collections.abc import Sequence

from flask import Flask, Response, abort, request

from dashboards.access import NotAllowed, current_viewer
from dashboards.drawing import file_of
from dashboards.snapshots import NoSnapshot, SnapshotGone, Snapshots
from dashboards.state import decode
from dashboards.view import Page, View, checked

KINDS = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}


def register(server: Flask, snapshots: Snapshots, pages: Sequence[Page]) -> None:
    """GET /download/SNAPSHOT/PAGE/CARD.FORM?state: the file; 404 for what is not there, 410 for a snapshot that is gone."""
    by_name = {page.name: page for page in pages}

    @server.get("/download/<snapshot_id>/<page_name>/<card_name>.<form>")
    def download(snapshot_id: str, page_name: str, card_name: str, form: str) -> Response:
        page = by_name.get(page_name)
        card = next((card for card in page.cards if card.name == card_name), None) if page else None
        if page is None or card is None or form not in KINDS:
            abort(404)
        state, _ = decode(request.query_string.decode("utf-8", "replace"))
        try:
            with snapshots.use(snapshot_id) as snapshot:
                view, _ = checked(View(current_viewer(), state, snapshot, until_night=page.until_night))
                content = file_of(page, card, view, form)
        except (NoSnapshot, SnapshotGone):
            abort(410)
        except NotAllowed:
            abort(403)
        name = f"zhibao-{page.name}-{card.name}-{snapshot_id}.{form}"
        return Response(
            content,
            content_type=KINDS[form],
            headers={"Content-Disposition": f'attachment; filename="{name}"'},
        )
