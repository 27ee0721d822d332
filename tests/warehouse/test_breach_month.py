"""Money: what the findings come to by platform, province and month, with the late fee on contributions only."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import duckdb
import pytest

from checks import run as judge
from checks.catalogue import load
from warehouse.build import create_empty
from warehouse.engine import connect

NIGHT = date(2025, 12, 10)


@pytest.fixture
def warehouse() -> duckdb.DuckDBPyConnection:
    connection = connect()
    create_empty(connection)
    judge.list_rules(connection, load())
    connection.execute("insert into checks.clock values (?, ?, false)", [NIGHT, NIGHT])
    return connection


def find(connection: duckdb.DuckDBPyConnection, rule: str, day: str, amount: str | None, status: str = "open",
         platform: str = "P02") -> None:  # fmt: skip
    connection.execute(
        "insert into checks.finding by name select ? as finding_id, ? as rule_id, 1 as rule_version, 'rule' as kind, "
        "?::decimal(18, 4) as amount_yuan, ? as platform_code, '310000' as province_code, ?::date as period_from, ?::date as period_to, "
        "3 as violations, ? as status",
        [f"{rule}{day}{platform}{status}", rule, amount, platform, day, day, status],
    )


def told(connection: duckdb.DuckDBPyConnection) -> list[tuple[object, ...]]:
    return connection.execute(
        "select platform_code, month, rule_id, price, findings, violations, amount_yuan, late_fee_yuan from marts.breach_month "
        "order by 1, 2, 3"
    ).fetchall()


def test_sums_by_month_and_late_fee(warehouse: duckdb.DuckDBPyConnection) -> None:
    find(warehouse, "C07", "2025-10-01", "70")
    find(warehouse, "C07", "2025-10-31", "30")
    find(warehouse, "C07", "2025-11-01", "1000")  # payable in December: not late yet
    find(warehouse, "X06", "2025-10-02", "500")
    find(warehouse, "X06", "2025-10-02", "5", platform="P03")
    rows = told(warehouse)
    # October is paid in November: late from 1 December, nine days to the night of the 10th
    assert rows[0] == (
        "P02",
        date(2025, 10, 1),
        "C07",
        "contribution",
        2,
        6,
        Decimal("100.0000"),
        Decimal("0.45"),
    )
    assert rows[1] == ("P02", date(2025, 10, 1), "X06", "benefit", 1, 3, Decimal("500.0000"), None)
    assert rows[2][2] == "C07" and rows[2][7] == 0
    assert rows[3][0] == "P03" and rows[3][6] == 5


@pytest.mark.parametrize("status", ["resolved", "dismissed", "waived"])
def test_what_no_longer_stands_costs_nothing(warehouse: duckdb.DuckDBPyConnection, status: str) -> None:
    find(warehouse, "C07", "2025-10-01", "70", status)
    find(warehouse, "X01", "2025-10-01", None)
    assert told(warehouse) == []


def test_last_day_of_the_month_of_payment_is_in_time(warehouse: duckdb.DuckDBPyConnection) -> None:
    find(warehouse, "C07", "2025-10-31", "100")
    for night, fee in (("2025-11-30", "0"), ("2025-12-01", "0"), ("2025-12-02", "0.05")):
        warehouse.execute("update checks.clock set night = ?::date", [night])
        assert told(warehouse)[0][7] == Decimal(fee)
