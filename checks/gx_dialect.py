"""A SQLAlchemy dialect over a DuckDB connection that is already open; for Great Expectations only.

There is no dialect for DuckDB 2, and a second process cannot open a database that its writer holds. So the night
lends its own connection: SQLAlchemy may read through it and can neither close it, commit nor roll back on it.
Results are fetched whole before they are handed over, because Great Expectations reads them after it has given
the connection back (its issues 10738 and 11579: every expectation then fails with a hidden exception).
Only small results (counts) go through here.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any
from uuid import uuid4

import duckdb
from sqlalchemy import types
from sqlalchemy.dialects import registry
from sqlalchemy.engine import URL, default

_lent: dict[str, duckdb.DuckDBPyConnection] = {}
registry.register("duckdb.zhibao", __name__, "LentDuckDB")


@contextmanager
def lent(connection: duckdb.DuckDBPyConnection) -> Iterator[str]:
    """The URL under which SQLAlchemy reaches `connection`, as long as the block lasts."""
    name = uuid4().hex
    _lent[name] = connection
    try:
        yield f"duckdb+zhibao://{name}"
    finally:
        del _lent[name]


class _Cursor:
    """A DBAPI cursor that holds its whole result in memory."""

    arraysize = 1
    rowcount = -1
    lastrowid = None

    def __init__(self, connection: duckdb.DuckDBPyConnection) -> None:
        self._connection = connection
        self._rows: list[Any] = []
        self.description: Any = None

    def execute(self, sql: str, parameters: Sequence[Any] = ()) -> None:
        self._connection.execute(sql, list(parameters))
        self.description = self._connection.description
        self._rows = self._connection.fetchall() if self.description else []

    def executemany(self, sql: str, rows: Sequence[Sequence[Any]]) -> None:
        for row in rows:
            self.execute(sql, row)

    def fetchone(self) -> Any:
        return self._rows.pop(0) if self._rows else None

    def fetchmany(self, size: int = 1) -> list[Any]:
        taken, self._rows = self._rows[:size], self._rows[size:]
        return taken

    def fetchall(self) -> list[Any]:
        taken, self._rows = self._rows, []
        return taken

    def close(self) -> None:
        self._rows = []


class _Lent:
    """A DBAPI connection that belongs to somebody else: what would end it or its transaction does nothing."""

    def __init__(self, connection: duckdb.DuckDBPyConnection) -> None:
        self._connection = connection

    def cursor(self) -> _Cursor:
        return _Cursor(self._connection)

    def commit(self) -> None: ...

    def rollback(self) -> None: ...

    def close(self) -> None: ...


class LentDuckDB(default.DefaultDialect):
    """Generic SQL with `?` parameters; reflection reads names only, which is all that the suites ask for."""

    name = "duckdb"
    driver = "zhibao"
    default_paramstyle = "qmark"
    supports_statement_cache = True

    @classmethod
    def import_dbapi(cls) -> Any:
        return duckdb

    def create_connect_args(self, url: URL) -> Any:
        return [url.host], {}

    def connect(self, *arguments: Any, **_options: Any) -> Any:
        (name,) = arguments
        if name not in _lent:
            raise duckdb.OperationalError("this DuckDB connection is no longer lent")
        return _Lent(_lent[name])

    def get_default_isolation_level(self, dbapi_conn: Any) -> Any:
        return "SERIALIZABLE"

    def has_table(self, connection: Any, table_name: str, schema: str | None = None, **_: Any) -> bool:
        return bool(self.get_columns(connection, table_name, schema))

    def get_columns(self, connection: Any, table_name: str, schema: str | None = None, **_: Any) -> Any:
        names = connection.exec_driver_sql(
            "select column_name from duckdb_columns() where table_name = ? and schema_name = coalesce(?, schema_name) "
            "order by column_index",
            (str(table_name), schema),
        ).scalars()
        return [{"name": name, "type": types.NullType(), "nullable": True, "default": None} for name in names]

    def get_pk_constraint(self, connection: Any, table_name: str, schema: str | None = None, **_: Any) -> Any:
        return {"constrained_columns": [], "name": None}
