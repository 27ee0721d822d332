"""The rules and what became of them, read from the published snapshot (or from a past state)."""

from __future__ import annotations

from typing import Any

import duckdb

from pipelines.answers import Filter
from warehouse.engine import frame

OUTCOMES = ("pass", "hit", "not_applicable", "skipped", "error")


def rules(connection: duckdb.DuckDBPyConnection, ids: tuple[str, ...]) -> list[dict[str, Any]]:
    """One record per rule and version: what it says, its basis and grade, and how often it fired (marts.rule_catalogue)."""
    where = "list_contains(?::varchar[], rule_id)" if ids else "true"
    return frame(
        connection,
        f"select * from marts.rule_catalogue where {where} order by rule_id, rule_version",
        [list(ids)] if ids else [],
    ).to_dicts()


def detectors(connection: duckdb.DuckDBPyConnection, ids: tuple[str, ...]) -> list[dict[str, Any]]:
    """One record per detector: its words, how often it fired, what it could say last night (marts.detector_catalogue)."""
    where = "list_contains(?::varchar[], detector)" if ids else "true"
    return frame(
        connection,
        f"select * from marts.detector_catalogue where {where} order by detector",
        [list(ids)] if ids else [],
    ).to_dicts()


def verdicts(
    connection: duckdb.DuckDBPyConnection, wanted: Filter, outcomes: tuple[str, ...], *, by_cell: bool
) -> list[dict[str, Any]]:
    """Outcomes as last judged: one record per rule, outcome and reason, or (by_cell) per rule and cell.

    The five outcomes stay apart: a rule that lacks what it needs, is switched off or crashed is never a pass.
    ValueError names an unknown outcome.
    """
    if unknown := [outcome for outcome in outcomes if outcome not in OUTCOMES]:
        raise ValueError(f"no such outcome: {', '.join(unknown)} (expected {', '.join(OUTCOMES)})")
    where, values = wanted.where("business_date", "business_date", rule="rule_id")
    if outcomes:
        where += " and list_contains(?::varchar[], outcome)"
        values.append(list(outcomes))
    if by_cell:
        query = f"""select rule_id, rule_version, platform_code, province_code, business_date, outcome, violations, checked, reason,
            night from checks.verdict where {where}
            order by rule_id, rule_version, business_date, platform_code, province_code"""
    else:
        query = f"""select rule_id, rule_version, outcome, reason, count(*) as cells, sum(violations)::bigint as violations,
            min(business_date) as date_from, max(business_date) as date_to
            from checks.verdict where {where} group by rule_id, rule_version, outcome, reason
            order by rule_id, rule_version, outcome, reason"""
    return frame(connection, query, values).to_dicts()


def uncertified(connection: duckdb.DuckDBPyConnection, wanted: Filter) -> tuple[int, int]:
    """(not certified, all) accepted platform × province × days within the filter."""
    where, values = wanted.where("business_date", "business_date")
    row = connection.execute(
        f"select count(*) filter (not is_certified), count(*) from marts.unit_day where is_accepted and {where}",
        values,
    ).fetchone()
    assert row is not None
    return int(row[0]), int(row[1])
