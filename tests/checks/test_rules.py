"""Every rule by its own examples: the cases in its header, run on an empty warehouse."""

from __future__ import annotations

from collections.abc import Iterator

import duckdb
import pytest

from checks.cases import empty_warehouse, run_case
from checks.catalogue import Case, Rule, load


@pytest.fixture(scope="session")
def tables() -> Iterator[duckdb.DuckDBPyConnection]:
    with empty_warehouse() as connection:
        yield connection


@pytest.mark.parametrize(
    ("rule", "case"),
    [
        pytest.param(rule, case, id=f"{rule.id}v{rule.version}-{case.when}")
        for rule in load()
        for case in rule.cases
    ],
)
def test_case(tables: duckdb.DuckDBPyConnection, rule: Rule, case: Case) -> None:
    result = run_case(tables, rule, case)
    assert not result.problems, str(result)
