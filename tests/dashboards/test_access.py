"""Rights are part of every question, before there is a single account."""

from __future__ import annotations

import inspect
from pathlib import Path

import pytest

from dashboards import queries
from dashboards.access import SUPERVISOR, NotAllowed, Viewer
from dashboards.snapshots import Snapshots
from tests.dashboards import fake

SHANGHAI = Viewer("沪", "provincial", frozenset({"310000"}))
PUBLIC = Viewer("公众", "public", sees_platforms=False)


def test_every_query_takes_the_snapshot_and_the_viewer_first() -> None:
    for name, function in inspect.getmembers(queries, inspect.isfunction):
        if function.__module__ == queries.__name__ and not name.startswith("_"):
            assert list(inspect.signature(function).parameters)[:2] == ["snapshot", "viewer"], name


def test_rights_and_wishes_are_intersected() -> None:
    assert SUPERVISOR.allowed_provinces() is None
    assert SUPERVISOR.allowed_provinces(["310000"]) == ("310000",)
    assert SHANGHAI.allowed_provinces() == ("310000",)
    assert SHANGHAI.allowed_provinces(["310000", "440000"]) == ("310000",)
    with pytest.raises(NotAllowed):
        SHANGHAI.allowed_provinces(["440000"])


def test_a_viewer_who_may_not_see_platforms_gets_no_cell_that_names_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("warehouse.indicators.compute", fake.compute, raising=False)
    with Snapshots(fake.publish(tmp_path)).use() as snapshot:
        for by, platforms in ((("platform",), ()), (("month",), ("P02",))):
            with pytest.raises(NotAllowed):
                queries.indicators(snapshot, PUBLIC, by=by, indicators=("orders",), platforms=platforms)
        assert queries.indicators(snapshot, PUBLIC, by=("month",), indicators=("orders_valid",)).height > 0


def test_a_provincial_viewer_gets_his_province_only(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("warehouse.indicators.compute", fake.compute, raising=False)
    with Snapshots(fake.publish(tmp_path)).use() as snapshot:
        frame = queries.indicators(snapshot, SHANGHAI, by=("province",), indicators=("orders_valid",))
        assert frame["province"].to_list() == ["310000"]
