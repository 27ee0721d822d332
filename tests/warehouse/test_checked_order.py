"""core.checked_order: which order a worker check means, whatever was typed."""

from __future__ import annotations

from datetime import datetime

import duckdb
import pytest

from warehouse.build import create_empty, models

AT = datetime(2025, 10, 1, 12, 30, 17)
OTHER = datetime(2025, 10, 1, 18, 0, 5)


@pytest.mark.parametrize(
    ("order_id", "worker", "accepted_at", "meant"),
    [
        ("o1", "w1", AT, "o1"),
        ("o1", "w1", OTHER, "o1"),  # the right number counts, whatever the time
        ("oX", "w1", AT, "o1"),  # a wrong number that nobody has
        ("o2", "w1", AT, "o1"),  # a wrong number that hits somebody else's order
        ("oX", "w1", AT.replace(second=0), "o1"),  # the check keeps whole minutes
        ("oX", "w3", AT.replace(second=44), "o3"),  # the platform keeps whole minutes
        ("oX", "w1", AT.replace(second=44), None),  # another second is another order
        ("oX", "w1", None, None),
        ("o2", "w1", OTHER, "o2"),  # nothing of the worker's then: it is reported for somebody else
        ("oX", "w9", AT, None),
    ],
)  # fmt: skip
def test_an_order_is_told_by_number_or_by_worker_and_second(
    order_id: str, worker: str, accepted_at: datetime | None, meant: str | None
) -> None:
    with duckdb.connect() as connection:
        create_empty(connection, views_as_tables=True)
        for order, who, at in (("o1", "w1", AT), ("o2", "w2", AT), ("o3", "w3", AT.replace(second=0))):
            connection.execute(
                "insert into core.orders (platform_code, order_id, worker_id, accepted_at, business_date) values ('P02', ?, ?, ?, ?)",
                [order, who, at, at.date()],
            )
        connection.execute(
            "insert into staging.worker_check (platform_code, worker_id, order_id, accepted_at, checked_at) values ('P02', ?, ?, ?, ?)",
            [worker, order_id, accepted_at, AT.replace(day=2)],
        )
        sql = {model.name: model.sql for model in models()}
        for name in ("core.known_reference", "core.known_moment", "core.known_order"):
            connection.execute(f"create or replace table {name} as {sql[name]}")
        rows = connection.execute(f"select meant_order_id from ({sql['core.checked_order']})").fetchall()
        assert rows == [(meant,)]
