"""Published snapshots, opened read-only and closed when a newer one has taken over and nobody reads them.

A picture is drawn from one snapshot: whoever draws asks for it once (by id, or the current one) and reads all
its numbers from what he got. Answers are remembered per snapshot, because a snapshot never changes.
"""

from __future__ import annotations

import re
import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar

import duckdb
import polars as pl

from warehouse.engine import connect, quote
from warehouse.home import Home

NAME = re.compile(r"[0-9A-Za-z-]+")
REMEMBERED = 512  # answers kept per snapshot
MEMORY = "1500MB"  # one server process

T = TypeVar("T")


class NoSnapshot(LookupError):
    """Nothing is published yet."""


class SnapshotGone(LookupError):
    """The snapshot asked for was superseded and its file removed."""


class Snapshot:
    """One published snapshot. Safe to use from several threads: each reading has its own cursor."""

    def __init__(self, home: Home, snapshot_id: str) -> None:
        path = home.snapshots / f"{snapshot_id}.duckdb"
        if (
            not NAME.fullmatch(snapshot_id) or not path.is_file()
        ):  # ids come from addresses: no path may be smuggled in
            raise SnapshotGone(snapshot_id)
        self.id = snapshot_id
        self.readers = 0
        self._connection = connect(path, read_only=True, memory=MEMORY)
        self._search_path = str(home.root.resolve())
        self._answers: OrderedDict[Hashable, Any] = OrderedDict()
        self._making: dict[Hashable, threading.Lock] = {}
        self._lock = threading.Lock()

    @contextmanager
    def cursor(self) -> Iterator[duckdb.DuckDBPyConnection]:
        """A connection of one's own on the snapshot; relative file names in it start at the home."""
        cursor = self._connection.cursor()
        try:
            cursor.execute("set TimeZone = 'Asia/Shanghai'")
            cursor.execute(f"set file_search_path = {quote(self._search_path)}")
            yield cursor
        finally:
            cursor.close()

    def rows(self, sql: str, values: dict[str, Any] | None = None) -> pl.DataFrame:
        """The answer to one statement."""
        with self.cursor() as cursor:
            return pl.DataFrame(cursor.sql(sql, params=values or {}).to_arrow_table())

    def has(self, table: str) -> bool:
        """Whether the snapshot holds a table or view; an older one may lack what came later."""
        return table in self.remembered("tables", self._tables)

    def _tables(self) -> frozenset[str]:
        found = self.rows("select table_schema || '.' || table_name as name from information_schema.tables")
        return frozenset(found["name"])

    def remembered(self, key: Hashable, make: Callable[[], T]) -> T:
        """The answer under `key`; made once, however many ask for it at the same moment."""
        with self._lock:
            if key in self._answers:
                self._answers.move_to_end(key)
                return self._answers[key]
            making = self._making.setdefault(key, threading.Lock())
        with making:
            with self._lock:
                if key in self._answers:
                    return self._answers[key]
            answer = make()
            with self._lock:
                self._answers[key] = answer
                self._making.pop(key, None)
                if len(self._answers) > REMEMBERED:
                    self._answers.popitem(last=False)
            return answer

    def close(self) -> None:
        self._connection.close()


class Snapshots:
    """The snapshots of one home that are open in this process."""

    def __init__(self, root: Path) -> None:
        self.home = Home(Path(root))
        self._open: dict[str, Snapshot] = {}
        self._lock = threading.Lock()

    def current_id(self) -> str:
        name = self.home.snapshot_id()
        if name is None:
            raise NoSnapshot(f"{self.home.root}: nothing is published yet")
        return name

    @contextmanager
    def use(self, snapshot_id: str | None = None) -> Iterator[Snapshot]:
        """Hold one snapshot (the current one without an id) for as long as a picture is drawn from it."""
        current = self.current_id()
        with self._lock:
            wanted = snapshot_id or current
            snapshot = self._open.get(wanted)
            if snapshot is None:
                snapshot = self._open[wanted] = Snapshot(self.home, wanted)
            snapshot.readers += 1
        try:
            yield snapshot
        finally:
            with self._lock:
                snapshot.readers -= 1
                self._close_superseded(current)

    def _close_superseded(self, current: str) -> None:
        """Close what nobody reads and nobody will be sent to again; the last one before the current stays for open pages."""
        idle = [name for name, snapshot in self._open.items() if name != current and snapshot.readers == 0]
        for name in sorted(idle)[:-1] if current in self._open else []:
            self._open.pop(name).close()

    def open_ids(self) -> list[str]:
        return sorted(self._open)

    def close(self) -> None:
        with self._lock:
            for snapshot in self._open.values():
                snapshot.close()
            self._open.clear()
