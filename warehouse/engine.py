"""DuckDB, set up the same way everywhere: local only, bounded, spilling inside the home."""

from __future__ import annotations

import os
from pathlib import Path

import duckdb
import polars as pl

DEFAULT_MEMORY = "2500MB"  # the night must stay under 4 GiB as a whole process (measured: see decisions/)


def connect(database: Path | str = ":memory:", *, read_only: bool = False, spill: Path | None = None,
            memory: str | None = None, threads: int | None = None) -> duckdb.DuckDBPyConnection:  # fmt: skip
    """A DuckDB connection without extensions from the network and with a bounded memory."""
    config: dict[str, str | bool | int | float | list[str]] = {
        "autoinstall_known_extensions": "false",
        "autoload_known_extensions": "false",
        "memory_limit": memory or os.environ.get("ZHIBAO_MEMORY", DEFAULT_MEMORY),
        "threads": str(threads or os.environ.get("ZHIBAO_THREADS", os.cpu_count() or 2)),
    }
    if spill is not None:
        spill.mkdir(parents=True, exist_ok=True)
        config["temp_directory"] = str(spill)
    connection = duckdb.connect(str(database), read_only=read_only, config=config)
    connection.execute("set TimeZone = 'Asia/Shanghai'")
    return connection


def quote(text: str) -> str:
    """A text as an SQL literal."""
    return "'" + text.replace("'", "''") + "'"


def file_list(paths: list[Path] | list[str]) -> str:
    """Paths as an SQL list literal for the file readers."""
    return "[" + ", ".join(quote(str(path)) for path in paths) + "]"


def frame(
    connection: duckdb.DuckDBPyConnection, query: str, parameters: list[object] | None = None
) -> pl.DataFrame:
    """The rows of a query as a Polars frame."""
    return pl.DataFrame(connection.sql(query, params=parameters or []).to_arrow_table())
