"""The published snapshot, opened the one way every reader does: read-only, files named from the home's root."""

from __future__ import annotations

import duckdb

from warehouse.engine import connect, quote
from warehouse.home import Home


class NothingPublished(RuntimeError):
    """No night has been published in this home yet."""


def open_snapshot(home: Home, snapshot_id: str | None = None) -> duckdb.DuckDBPyConnection:
    """A read-only connection to a snapshot (default: the current one); NothingPublished before the first night."""
    name = snapshot_id or home.snapshot_id()
    path = home.snapshots / f"{name}.duckdb" if name else None
    if path is None or not path.exists():
        raise NothingPublished(
            f"{home.root}: nothing is published yet; run `zhibao nightly --inbox DIR --home {home.root}`"
        )
    connection = connect(path, read_only=True)
    connection.execute(f"set file_search_path = {quote(str(home.root))}")
    return connection
