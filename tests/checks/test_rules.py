"""Every rule by its own examples: the cases in its header, run on an empty warehouse."""

from __future__ import annotations

from collections.abc import Iterator

import duckdb
import pytest

from checks.cases import run_case
from checks.catalogue import Case, Rule, load
from warehouse.standard import load as load_standard

_UNIT = "platform_code varchar, province_code varchar, business_date date"
_SOURCE = f"{_UNIT}, submission varchar, version_id varchar, row_no bigint"
_PERSON = "person varchar, birth_date date, sex varchar, id_area varchar"
_ORDER = (
    f"{_UNIT}, submission varchar, version_id varchar, order_id varchar, serial bigint, work_type varchar, "
    "worker_id varchar, industry varchar, city_code varchar, accepted_at timestamp, picked_up_at timestamp, "
    "finished_at timestamp, status varchar, distance_m bigint, customer_paid_yuan decimal(12,2), "
    "worker_income_yuan decimal(12,2), premium_yuan decimal(12,4), is_in_scope boolean, work_class varchar, "
    "needs_cover boolean"
)


def _extract(name: str) -> str:
    columns = [column for column in load_standard().extracts[name].columns if column.name != "id_number"]
    return ", ".join(f"{column.name} {column.sql_type}" for column in columns)


def create_tables(connection: duckdb.DuckDBPyConnection) -> None:
    tables = {
        "staging.submission": f"version_id varchar, submission varchar, {_UNIT}, sequence bigint, status varchar, "
        "submitted_at timestamp, received_at timestamp, known_at timestamp, night date, manifest_digest varchar, "
        "previous_digest varchar, reason_code varchar, reason_text varchar, manifest varchar",
        "staging.package_reason": f"version_id varchar, submission varchar, {_UNIT}, rule_id varchar, "
        "reason_zh varchar, reason_en varchar, file varchar, line_no bigint, value varchar, expected varchar",
        "staging.orders": f"{_SOURCE}, {_extract('orders')}",
        "staging.enrollment": f"{_SOURCE}, {_extract('enrollment')}, {_PERSON}",
        "staging.claims": f"{_SOURCE}, {_extract('claims')}, {_PERSON}",
        "staging.quarantine": f"{_SOURCE}, extract varchar, line_no bigint, column_name varchar, "
        "original_text varchar, rule_id varchar, reason varchar",
        "staging.order_version": f"version_id varchar, sequence bigint, order_id varchar, serial bigint, {_UNIT}",
        "staging.pulse": "platform_code varchar, province_code varchar, hour varchar, last_serial bigint, "
        "orders bigint, workers_enrolled bigint, rows_hash varchar, file varchar, known_at timestamp",
        "core.orders": _ORDER,
        "core.known_order": _ORDER,
        "core.order_tail": _ORDER,
        "core.order_cover": f"{_ORDER}, is_covered boolean, is_employee boolean, person varchar",
        "core.duplicate_order": f"{_UNIT}, submission varchar, version_id varchar, row_no bigint, order_id varchar, "
        "serial bigint",
        "core.cover": f"{_UNIT}, first_business_date date, submission varchar, {_extract('enrollment')}, {_PERSON}",
        "core.claims": f"{_UNIT}, first_business_date date, submission varchar, {_extract('claims')}, {_PERSON}",
        "core.unit": f"{_UNIT}, submission varchar, version_id varchar, orders bigint, enrollment bigint, "
        "claims bigint, first_serial bigint, last_serial bigint, serials bigint",
        "core.worker_day": f"{_UNIT}, city_code varchar, industry varchar, worker_id varchar, orders bigint, "
        "orders_valid bigint, orders_insured bigint, orders_covered bigint, premium_yuan decimal(18,4), "
        "first_accepted_at timestamp, last_accepted_at timestamp",
        "checks.clock": "now timestamp, night date, is_live boolean",
        "ref.parameter": "parameter varchar, key varchar, value varchar, number decimal(18,6), valid_from date, "
        "valid_to date, unit varchar, grade varchar, source varchar",
    }
    for schema in ("staging", "core", "ref", "checks"):
        connection.execute(f"create schema if not exists {schema}")
    for table, columns in tables.items():
        connection.execute(f"create table {table} ({columns})")


@pytest.fixture(scope="session")
def warehouse() -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect() as connection:
        create_tables(connection)
        from warehouse.reference import FOLDER

        for path in sorted(FOLDER.glob("*.csv")):
            connection.execute(f"create table ref.{path.stem} as from read_csv('{path}', header=true, nullstr='')")
        yield connection


@pytest.mark.parametrize(
    ("rule", "case"),
    [pytest.param(rule, case, id=f"{rule.id}v{rule.version}-{case.when}") for rule in load() for case in rule.cases],
)
def test_case(warehouse: duckdb.DuckDBPyConnection, rule: Rule, case: Case) -> None:
    result = run_case(warehouse, rule, case)
    assert not result.problems, str(result)
