"""From a finding back to the line that was sent: the right line of the right file, persons masked, and written down."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import duckdb
import pytest

from pipelines import answers
from pipelines.nightly import Outcome
from tests.packages import NOW, csv_bytes, good, identity, order, spell
from warehouse.home import Home
from warehouse.snapshot import open_snapshot

ROWS = [
    order(1),
    order(2, accepted_at="2025-11-05T09:02:00"),
    order(3, city_code="319999"),
    order(4, worker_id="w9"),
    order(5, order_id='o"5', worker_id=identity(99)),
]
ROLL = [spell(1), spell(2, id_number=identity(2)[:-1] + ("1" if identity(2)[-1] != "1" else "2"))]
FORMS: dict[str, dict[str, Any]] = {
    "csv": {}, "gz": {"forms": "csv.gz"}, "gb18030": {"encoding": "gb18030"}, "crlf": {"newline": "\r\n", "bom": True},
    "parquet": {"forms": {"enrollment": "parquet"}},
}  # fmt: skip


@pytest.fixture(params=list(FORMS))
def published(
    request: pytest.FixtureRequest,
    home: Home,
    inbox: Path,
    night: Callable[[Home, Path, datetime], Outcome],
    only_rules: Callable[..., None],
) -> Iterator[tuple[duckdb.DuckDBPyConnection, Home]]:
    only_rules("S06", "S08", "V01", "X01")
    good(orders=ROWS, enrollment=ROLL, **FORMS[request.param]).folder(inbox)
    night(home, inbox, NOW)
    connection = open_snapshot(home)
    yield connection, home
    connection.close()


def lines(published: tuple[duckdb.DuckDBPyConnection, Home], rule: str) -> list[dict[str, Any]]:
    connection, home = published
    [finding] = answers.findings(connection, answers.Filter(rules=(rule,)))
    return answers.source_lines(connection, home, finding["finding_id"], 100, "auditor")


def test_the_line_of_each_finding(published: tuple[duckdb.DuckDBPyConnection, Home]) -> None:
    text = csv_bytes("orders", ROWS).decode().splitlines()
    [unread] = lines(published, "S06")
    assert (unread["line"], unread["text"]) == (3, text[2])
    [unknown] = lines(published, "S08")
    assert (unknown["line"], unknown["key"], unknown["text"]) == (4, "o3", text[3])
    uncovered = lines(published, "X01")
    assert [(line["line"], line["key"]) for line in uncovered] == [(5, "o4"), (6, 'o"5')]
    assert identity(99) not in uncovered[1]["text"] and "*" * 18 in uncovered[1]["text"]
    assert {line["submission"] for line in uncovered} == {"P01-310000-20251105-1"}


def test_an_identity_number_is_masked_and_the_look_is_written_down(
    published: tuple[duckdb.DuckDBPyConnection, Home],
) -> None:
    [wrong] = lines(published, "V01")
    assert wrong["line"] in (2, 3)  # in Parquet it is the row, in CSV the line
    assert ROLL[1]["id_number"] not in wrong["text"] and "*" * 18 in wrong["text"] and "c2" in wrong["text"]
    said = [
        json.loads(line)
        for line in (published[1].logs / "access.jsonl").read_text(encoding="utf-8").splitlines()
    ]
    assert said[-1]["who"] == "auditor" and said[-1]["lines"] == 1 and said[-1]["finding"]
