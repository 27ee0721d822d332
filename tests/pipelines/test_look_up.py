"""Orders of older days that a worker check means: looked up in the lake by worker and minute, whatever else is known of that minute."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import duckdb
import pytest

from pipelines import load
from warehouse.build import create_empty, models
from warehouse.home import Home

AT = datetime(2025, 10, 1, 12, 30, 45)


def test_another_order_known_of_the_same_minute_hides_none(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(load, "set_history_view", lambda *_, **__: None)  # core.order_past is a table here
    with duckdb.connect() as connection:
        create_empty(connection, views_as_tables=True)
        row = "(platform_code, order_id, worker_id, accepted_at, business_date) values ('P02', ?, 'w1', ?, ?)"
        known = ["early", AT.replace(second=10), AT.date()]
        connection.execute(f"insert into core.known_order {row}", known)
        for order in (known, ["meant", AT, AT.date()]):
            connection.execute(f"insert into core.order_past {row}", order)
        connection.execute(
            "insert into staging.worker_check (platform_code, worker_id, order_id, accepted_at, checked_at) values ('P02', 'w1', 'typo', ?, ?)",
            [AT, AT.replace(day=2)],
        )
        sql = {model.name: model.sql for model in models()}
        for name in ("core.known_reference", "core.known_moment"):
            connection.execute(f"create or replace table {name} as {sql[name]}")
        for _ in range(2):  # a second night looks nothing up again
            load._look_up_references(connection, Home(tmp_path))
            found = connection.execute("select order_id from core.known_order order by 1").fetchall()
            assert found == [("early",), ("meant",)]
