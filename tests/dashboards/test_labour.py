"""Labour protection: rates from summed parts, exact percentiles of any union, persons never added up."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Any

import polars as pl
import pytest

from dashboards import flows, labour, queries, table
from dashboards.access import SUPERVISOR, NotAllowed, Viewer
from dashboards.pages import labour as page
from dashboards.snapshots import Snapshot, Snapshots
from dashboards.state import decode
from dashboards.view import View
from tests.dashboards import fake


@pytest.fixture(scope="module")
def snapshot(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Snapshot]:
    with Snapshots(fake.publish(tmp_path_factory.mktemp("home"))).use() as found:
        yield found


def view(snapshot: Snapshot, search: str = "", viewer: Viewer = SUPERVISOR) -> View:
    return View(viewer, decode(search)[0], snapshot)


def _cells(rows: list[dict[str, float]]) -> pl.DataFrame:
    return pl.DataFrame(
        [dict.fromkeys(labour.PARTS, 0.0) | {"platform_code": f"P{n}"} | row for n, row in enumerate(rows)]
    )


def test_a_rate_is_the_ratio_of_the_sums_not_the_mean_of_ratios() -> None:
    cells = _cells(
        [
            {"priced_worker_yuan": 90, "priced_customer_yuan": 100},
            {"priced_worker_yuan": 500, "priced_customer_yuan": 1000},
        ]
    )
    hours = pl.DataFrame({"platform_code": ["P0"], "tenth_hours": [10], "worker_days": [1]})
    told = {row["measure"]: row["value"] for row in labour.measures(cells, hours, ()).iter_rows(named=True)}
    assert told["commission_rate"] == pytest.approx(1 - 590 / 1100)
    assert told["hourly_income_yuan"] is None  # no hours, no income per hour


def test_percentiles_of_a_union_are_exact_to_a_tenth_of_an_hour() -> None:
    hours = pl.DataFrame({"tenth_hours": [10, 80, 95, 120], "worker_days": [50, 44, 1, 5]})
    assert labour.percentile(hours, 0.95) == 9.5
    assert labour.percentile(hours, 0.94) == 8.0
    assert labour.percentile(hours.head(0), 0.95) is None


def test_bars_of_hours_hold_every_worker_day_once() -> None:
    hours = pl.DataFrame({"tenth_hours": [0, 1, 10, 11, 20, 21], "worker_days": [1, 2, 4, 8, 16, 32]})
    assert labour.histogram(hours).rows() == [(1, 7), (2, 24), (3, 32)]


def test_the_tiles_say_what_the_parts_say(snapshot: Snapshot) -> None:
    cells = queries.labour_cells(snapshot, SUPERVISOR, "labour_month", **page.span(view(snapshot)))
    told = {row["measure"]: row for row in page._read(view(snapshot), ()).iter_rows(named=True)}
    worker, customer = float(cells["priced_worker_yuan"].sum()), float(cells["priced_customer_yuan"].sum())
    assert told["commission_rate"]["value"] == pytest.approx(1 - worker / customer)
    assert told["commission_rate"]["shown"] == f"{(1 - worker / customer) * 100:.1f}"
    assert told["speed_kmh"]["value"] == pytest.approx(
        float(cells["ride_m"].sum()) / float(cells["ride_s"].sum()) * 3.6
    )


def test_the_parts_of_places_add_up_to_the_whole(snapshot: Snapshot) -> None:
    shown = view(snapshot)
    whole = {row["measure"]: row for row in page._read(shown, ()).iter_rows(named=True)}
    for by in ("province_code", "platform_code", "month"):
        parts = page._read(shown, (by,))
        for name in labour.NAMES:
            mine = parts.filter(pl.col("measure") == name)
            assert mine["denominator"].sum() == pytest.approx(whole[name]["denominator"])


def test_persons_of_several_places_are_not_added_up(snapshot: Snapshot) -> None:
    assert flows.read(view(snapshot, "?platform=P01,P02")).height == 0
    assert set(flows.read(view(snapshot))["platform_code"]) == {""}
    assert set(
        flows.read(view(snapshot, "?platform=P02&province=310000"))
        .select("platform_code", "province_code")
        .rows()
    ) == {("P02", "310000")}


def test_a_province_sees_its_own_flow_only(snapshot: Snapshot) -> None:
    shanghai = Viewer("沪", "provincial", frozenset({"310000"}))
    asked: dict[str, Any] = {"first": date(2025, 1, 1), "last": date(2025, 12, 31), "platform": ""}
    assert queries.worker_flow(snapshot, shanghai, province="310000", **asked).height > 0
    for province in ("", "440000"):
        with pytest.raises(NotAllowed):
            queries.worker_flow(snapshot, shanghai, province=province, **asked)


def test_months_before_the_second_do_not_call_everybody_new(snapshot: Snapshot) -> None:
    shown = view(snapshot)
    drawn: Any = flows.draw_moves(shown, flows.read(shown)).content
    assert drawn.data[0].x[0] == "2025-02-01"


def test_disputes_count_every_case_once(snapshot: Snapshot) -> None:
    shown = view(snapshot)
    frame = page.read_disputes(shown)
    raw = queries.labour_cells(snapshot, SUPERVISOR, "dispute_month", **page.span(shown))
    assert frame["cases"].sum() == raw["cases"].sum() == 45
    figure: Any = page.draw_disputes(shown, frame).content
    assert sum(sum(trace.x) for trace in figure.data) == 45


def test_who_signs_for_the_workers_and_through_how_many_hands(snapshot: Snapshot) -> None:
    frame = page.read_chains(view(snapshot))
    assert frame.select("party", "levels", "workers", "moved").rows() == [
        ("平台自身", 0, 300, 0), ("91990000MA0001AA0A", 1, 220, 6), ("92990000MA0002BB0B", 3, 60, 18),
    ]  # fmt: skip
    assert page.read_cohorts(view(snapshot))["cohort"].to_list() == ["是"]


def test_the_table_names_a_unit_once(snapshot: Snapshot) -> None:
    shown = view(snapshot)
    card = next(card for card in page.PAGE.cards if card.name == "figures")
    held = table.named(shown, card.read(shown))
    columns = {column.field: column for column in table.columns_of(card, shown, held)}
    for row in held.iter_rows(named=True):
        told = table._cell(shown, row, columns["value"])
        assert row["value"] is None or row["unit"] == "share" or row["unit_name"] not in told
        assert table._cell(shown, row, columns["unit_name"]) == row["unit_name"]
