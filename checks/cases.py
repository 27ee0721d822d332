"""Runs the cases that stand in a rule's header: the rule's example rows in, the rows that it must return out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import duckdb

from checks.catalogue import SCHEMAS, Case, Rule
from warehouse.build import create_empty
from warehouse.engine import connect

REPLACED = ("ref", "checks")  # tables that come filled: a case's rows stand in for all of theirs


@dataclass(frozen=True)
class CaseResult:
    """What came of one case. `problems` is empty where the rule returned exactly what was expected."""

    rule: Rule
    case: Case
    rows: tuple[Mapping[str, Any], ...]
    problems: tuple[str, ...]

    def __str__(self) -> str:
        return f"{self.rule.path.name}: {self.case.when}: " + ("; ".join(self.problems) or "as expected")


def empty_warehouse() -> duckdb.DuckDBPyConnection:
    """Every relation that a rule may read, as a plain empty table in memory; registers and parameters are filled."""
    connection = connect()
    create_empty(connection)
    views = connection.execute(
        "select table_schema, table_name from information_schema.tables where table_type = 'VIEW' and table_schema in "
        f"({', '.join(repr(schema) for schema in SCHEMAS)})"
    ).fetchall()
    for schema, name in views:  # views may read each other: take all the columns before dropping any
        connection.execute(f"create table {schema}._{name} as select * from {schema}.{name} where false")
    for schema, name in views:
        connection.execute(f"drop view {schema}.{name}; alter table {schema}._{name} rename to {name}")
    return connection


def run_cases(connection: duckdb.DuckDBPyConnection, rule: Rule) -> tuple[CaseResult, ...]:
    """All cases of a rule, each on the empty warehouse that the connection holds, which stays as it was."""
    return tuple(run_case(connection, rule, case) for case in rule.cases)


def run_case(connection: duckdb.DuckDBPyConnection, rule: Rule, case: Case) -> CaseResult:
    """One case. A row gives some columns, the others are null; an expected row names the columns that matter.

    Raises duckdb.Error where the rule's SQL crashes or a case names a table or column that does not exist.
    """
    connection.execute("begin")
    try:
        for table, rows in case.tables.items():
            _fill(connection, table, rows)
        cursor = connection.execute(rule.sql)
        columns = [column[0] for column in cursor.description or []]
        rows = tuple(dict(zip(columns, row, strict=True)) for row in cursor.fetchall())
    finally:
        connection.execute("rollback")
    problems = []
    if tuple(columns) != rule.columns:
        problems.append(f"the engine returns columns {columns}, the file reads as {list(rule.columns)}")
    if not matches(case.expect, rows):
        expected = [{key: _plain(value) for key, value in row.items()} for row in case.expect]
        shown = sorted({key for row in case.expect for key in row}) or columns
        found = [{key: _plain(row.get(key)) for key in shown} for row in rows]
        problems.append(f"expected {expected}, found {found}")
    return CaseResult(rule, case, rows, tuple(problems))


def _fill(connection: duckdb.DuckDBPyConnection, table: str, rows: Sequence[Mapping[str, Any]]) -> None:
    if table.partition(".")[0] in REPLACED:
        connection.execute(f"delete from {table}")
    for row in rows:
        names, marks = ", ".join(row), ", ".join("?" for _ in row)
        connection.execute(f"insert into {table} ({names}) values ({marks})", list(row.values()))


def matches(expected: Sequence[Mapping[str, Any]], rows: Sequence[Mapping[str, Any]]) -> bool:
    """Whether each expected row stands for exactly one returned row, and none is left over."""
    if len(expected) != len(rows):
        return False
    taken: dict[int, int] = {}  # returned row → the expected row it stands for

    def place(i: int, tried: set[int]) -> bool:
        for j, row in enumerate(rows):
            if j in tried or any(_plain(row.get(key)) != _plain(expected[i][key]) for key in expected[i]):
                continue
            tried.add(j)
            if j not in taken or place(taken[j], tried):
                taken[j] = i
                return True
        return False

    return all(place(i, set()) for i in range(len(expected)))


def _plain(value: Any) -> Any:
    """One spelling for a value of YAML and of the engine: 0.5 is 0.50, a date is its ISO text, 310000 its digits."""
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, (int, float, Decimal)):
        return format(Decimal(str(value)).normalize(), "f")
    if isinstance(value, datetime):
        return value.isoformat(sep=" ")
    if isinstance(value, date):
        return value.isoformat()
    return str(value)
