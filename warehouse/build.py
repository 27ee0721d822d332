"""Finds the SQL files, orders them by what they read, and builds what changed.

A model is one SELECT in a file; its path is its table (`core/cover.sql` → core.cover). Its first lines say
its grain and how it is kept:
  view   not stored; holds the frame only where it reads the frame's lake views
  frame  stored anew each night, for the frame only
  unit   stored for ever; the rows of the frame's platform × business_date pairs are replaced
  keys T (a, b)  stored for ever; the rows whose key columns a, b are listed in table T are replaced
  whole  stored for ever; replaced as a whole where anything it reads changed
The frame is the list of platform × business_date pairs that a night has to rebuild (build.frame).
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from graphlib import TopologicalSorter
from pathlib import Path

import duckdb
import sqlglot
from sqlglot import exp

from warehouse import parameters, reference
from warehouse.standard import Column, load

FOLDER = Path(__file__).parent
LAYERS = ("ref", "staging", "core", "marts")
KEPT = ("view", "frame", "unit", "keys", "whole")
LAKE = ("orders", "order_history", "order_version", "enrollment", "claims")


class ModelError(ValueError):
    """A model's file is not well formed; the message names it."""


@dataclass(frozen=True)
class Model:
    """One table of the warehouse: `name` as schema.table, the tables it reads, how it is kept."""

    name: str
    grain: str
    kept: str
    sql: str
    reads: frozenset[str]
    keys: tuple[str, tuple[str, ...]] | None = None  # (table of touched keys, key columns)


def tables(sql: str) -> frozenset[str]:
    """The schema-qualified tables a statement reads."""
    tree = sqlglot.parse_one(sql, read="duckdb")
    return frozenset(f"{table.db}.{table.name}" for table in tree.find_all(exp.Table) if table.db)


@cache
def models() -> tuple[Model, ...]:
    """Every model, in an order in which each comes after what it reads; ModelError on a cycle or a bad header."""
    found: dict[str, Model] = {}
    for layer in LAYERS:
        for path in sorted((FOLDER / layer).glob("*.sql")):
            text = path.read_text(encoding="utf-8")
            head = re.match(r"-- grain: (.+)\n-- kept: (\w+)(?: ([\w.]+) \(([\w, ]+)\))?\n", text)
            if head is None or head[2] not in KEPT or (head[2] == "keys") != (head[3] is not None):
                raise ModelError(
                    f"{layer}/{path.name}: the first lines must be `-- grain: …` and `-- kept: {'|'.join(KEPT)}`"
                )
            keys = (head[3], tuple(head[4].replace(" ", "").split(","))) if head[3] else None
            found[f"{layer}.{path.stem}"] = Model(
                f"{layer}.{path.stem}", head[1], head[2], text, tables(text), keys
            )
    order = TopologicalSorter({name: model.reads & set(found) for name, model in found.items()})
    return tuple(found[name] for name in order.static_order())


@cache
def framed() -> frozenset[str]:
    """Tables that hold only the frame's rows: the lake's views, `frame` models, and views over any of these."""
    names = {f"lake.{name}" for name in LAKE}
    for model in models():
        if model.kept == "frame" or (model.kept == "view" and model.reads & names):
            names.add(model.name)
    return frozenset(names)


def lake_columns(extract: str) -> list[tuple[str, str]]:
    """(name, SQL type) of an extract's columns in the lake: the identity number replaced by its token and facts."""
    columns = [
        ("platform_code", "VARCHAR"), ("province_code", "VARCHAR"), ("business_date", "DATE"), ("submission", "VARCHAR"),
        ("version_id", "VARCHAR"),
    ]  # fmt: skip
    for column in load().extracts[extract].columns:
        columns += tokenised(column)
    return [*columns, ("is_untyped", "BOOLEAN")]


def tokenised(column: Column) -> list[tuple[str, str]]:
    """What is stored of a column: itself, or a person's token and derived facts in place of an identity number."""
    if column.type == "identity":
        return [("person", "VARCHAR"), ("birth_date", "DATE"), ("sex", "VARCHAR"), ("id_area", "VARCHAR")]
    return [(column.name, column.sql_type)]


def create_empty(
    connection: duckdb.DuckDBPyConnection, registers: Path | None = None, *, views_as_tables: bool = False
) -> dict[str, str]:
    """Create every schema and table that does not exist yet, empty, with registers and parameters loaded.

    Returns the content hashes of registers and parameters, by name.
    `views_as_tables` is for rule cases: a case fills core.orders itself, so it must be a table there.
    """
    connection.execute((FOLDER / "schema.sql").read_text(encoding="utf-8"))
    for extract in load().witness_files.values():
        columns = ", ".join(
            f"{name} {kind}" for column in extract.columns for name, kind in tokenised(column)
        )
        connection.execute(
            f"create table if not exists staging.{extract.table} ({columns}, file varchar, known_at timestamp, row_no bigint)"
        )
    hashes = load_reference(connection, registers or FOLDER / "reference")
    there = {
        f"{schema}.{name}"
        for schema, name in connection.execute(
            "select table_schema, table_name from information_schema.tables"
        ).fetchall()
    }
    for name in LAKE:
        if f"lake.{name}" not in there:
            extract_name = name if name in load().extracts else "orders"
            empty = ", ".join(f"null::{kind} as {column}" for column, kind in lake_columns(extract_name))
            connection.execute(
                f"create view lake.{name} as select {empty}, null::bigint as row_no where false"
            )
    for model in models():
        if model.kept == "view" and not views_as_tables:  # always anew: its SQL may be newer than the home
            connection.execute(f"create or replace view {model.name} as {model.sql}")
        elif model.name not in there:
            connection.execute(f"create table {model.name} as {model.sql}")
    return hashes


def load_reference(connection: duckdb.DuckDBPyConnection, registers: Path) -> dict[str, str]:
    """ref.* from the registers and parameters; returns content hashes by name. Errors name file, line and value."""
    hashes = reference.load(connection, registers)
    return hashes | {"parameters": parameters.load_into(connection)}


def build(
    connection: duckdb.DuckDBPyConnection, layers: Iterable[str], only: Iterable[str] | None = None
) -> list[str]:
    """Rebuild the models of some layers (or some names) for the current frame; returns the names built."""
    wanted, names = set(layers), set(only) if only is not None else None
    done = []
    for model in models():
        if model.name.split(".")[0] not in wanted or (names is not None and model.name not in names):
            continue
        match model.kept:
            case "view":
                continue
            case "unit" | "keys":
                table, keys = model.keys or ("build.frame", ("platform_code", "business_date"))
                same = " and ".join(f"k.{key} = t.{key}" for key in keys)
                connection.execute(
                    f"delete from {model.name} t where exists (select 1 from {table} k where {same})"
                )
                connection.execute(f"insert into {model.name} by name {model.sql}")
            case _:
                connection.execute(f"create or replace table {model.name} as {model.sql}")
        done.append(model.name)
    return done
