"""What is special of each page: where clicks lead, what the queue and the calendar say."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import date

import pytest

from dashboards import filters, queries
from dashboards.access import SUPERVISOR, Viewer
from dashboards.app import all_pages
from dashboards.drawing import fill
from dashboards.pages import findings, overview, submissions
from dashboards.snapshots import Snapshot, Snapshots
from dashboards.state import State, decode
from dashboards.view import View, Window, checked
from tests.dashboards import fake


@pytest.fixture(scope="module")
def snapshot(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Snapshot]:
    with Snapshots(fake.publish(tmp_path_factory.mktemp("home"))).use() as found:
        yield found


@pytest.fixture(autouse=True)
def made_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("warehouse.indicators.compute", fake.compute, raising=False)


def view(snapshot: Snapshot, search: str = "", viewer: Viewer = SUPERVISOR) -> View:
    return checked(View(viewer, decode(search)[0], snapshot, until_night=True))[0]


def test_the_map_leads_to_the_province(snapshot: Snapshot) -> None:
    target = overview.open_province(view(snapshot, "?by=month"), "310000")
    assert target == ("/province", State(grain="month", provinces=("310000",)))
    assert target[0] in {page.path for page in all_pages()}


def test_the_calendar_counts_every_due_day_once(snapshot: Snapshot) -> None:
    shown = view(snapshot)
    frame = submissions.read_calendar(shown)
    assert frame.height == 5 * 4 * 20  # the last 45 days, 20 of which have data
    counted = dict(submissions.read_counts(shown).select("state", "units").iter_rows())
    assert sum(counted.values()) == 5 * 4 * 21
    assert set(counted) == {"on_time", "late", "missing", "nil", "resubmitted", "refused"}
    figure = submissions.draw_calendar(shown, frame).content
    assert len(figure.data[0].z) == 20  # type: ignore[union-attr]
    assert [trace.name for trace in figure.data[1:]] == ["按时", "重报", "零报送", "迟报", "被拒", "缺报"]  # type: ignore[union-attr]


def test_a_day_of_the_calendar_leads_to_its_versions(snapshot: Snapshot) -> None:
    point = json.dumps(["P02", "310000", "2025-11-16"])
    target = submissions.open_day(view(snapshot), point)
    day = date(2025, 11, 16)
    assert target == (
        "/submissions",
        State(date_from=day, date_to=day, platforms=("P02",), provinces=("310000",), day=day),
    )
    assert submissions.open_day(view(snapshot), None) is None
    rows, count = submissions.rows_of_versions(replace(view(snapshot), state=target[1]), Window(0, 100))
    assert (count, rows[0]["submission"]) == (1, "P02-310000-20251116-1")


def test_many_pairs_are_put_together_by_their_worst_state(
    snapshot: Snapshot, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(submissions, "PAIRS_SHOWN", 3)
    shown = view(snapshot)
    drawing = submissions.draw_calendar(shown, submissions.read_calendar(shown))
    assert len(drawing.content.data[0].z) == 4  # type: ignore[union-attr]
    assert "20" in drawing.note


def test_why_a_version_was_refused_is_told_in_both_languages(snapshot: Snapshot) -> None:
    for search, reason in (("", "S02 摘要不符"), ("?lang=en", "S02 digest differs")):
        rows, _ = submissions.rows_of_versions(view(snapshot, search), Window(0, 500))
        assert reason in {row["said"] for row in rows}


def test_the_queue_is_ordered_filtered_and_read_by_windows(snapshot: Snapshot) -> None:
    shown = view(snapshot)
    rows, count = findings.rows_of_queue(shown, Window(0, 10))
    assert len(rows) == 10 and count == 135  # resolved ones are left out
    assert {row["consequence_name"] for row in rows} == {"缺陷"}  # strictest first
    rows, _ = findings.rows_of_queue(shown, Window(0, 5, "violations", True))
    assert [row["violations"] for row in rows] == ["148", "147", "146", "145", "144"]
    rows, _ = findings.rows_of_queue(shown, Window(5, 7, "violations", True))
    assert [row["violations"] for row in rows] == ["143", "142"]
    assert findings.rows_of_queue(view(snapshot, "?status=resolved"), Window(0, 5))[1] == 15
    assert findings.rows_of_queue(view(snapshot, "?rule=X01&consequence=defect"), Window(0, 5))[1] == 0
    assert findings.rows_of_queue(shown, Window(0, 5, "title; drop table checks.finding"))[1] == 135


def test_a_rule_is_chosen_and_let_go(snapshot: Snapshot) -> None:
    shown = view(snapshot)
    target = findings.choose_rule(shown, "X01")
    assert target is not None and target[1].rules == ("X01",)
    again = findings.choose_rule(replace(shown, state=target[1]), "X01")
    assert again is not None and again[1].rules == ()


def test_a_finding_shows_its_evidence_and_leads_to_its_submission(snapshot: Snapshot) -> None:
    row = findings.rows_of_queue(view(snapshot, "?rule=X01"), Window(0, 1))[0][0]
    path, state = findings.choose_finding(view(snapshot), row)
    assert path == "/findings"
    shown = replace(view(snapshot), state=state)
    evidence = findings.read_evidence(shown)
    assert set(evidence.columns) == {
        "platform_code",
        "province_code",
        "business_date",
        "order_id",
        "worker_id",
    }
    assert evidence.height >= 3 and evidence["platform_code"].n_unique() == 1
    filled = fill(findings.PAGE, findings.PAGE.card("finding"), shown)
    told = json.dumps(
        filled.body[0].to_plotly_json(), default=lambda part: part.to_plotly_json(), ensure_ascii=False
    )
    assert "/submissions?from=" in told and "线索" in told and "接单未参保" in told


def test_a_finding_of_another_province_is_not_shown(snapshot: Snapshot) -> None:
    beijing = Viewer("京", "provincial", frozenset({"110000"}))
    rows, _ = queries.findings(
        snapshot, SUPERVISOR, queries.Asked(date.min, date.max, provinces=("310000",)), queries.Order(0, 1)
    )
    assert queries.finding(snapshot, beijing, rows["finding_id"][0]) is None
    assert queries.evidence(snapshot, beijing, rows["finding_id"][0]).height == 0
    assert set(
        queries.findings(snapshot, beijing, queries.Asked(date.min, date.max))[0]["province_code"]
    ) == {"110000"}


def test_every_filter_of_every_page_is_drawn(snapshot: Snapshot) -> None:
    for search in ("", "?lang=en&rule=X01&status=open&platform=P02"):
        for page in all_pages():
            assert len(filters.filters(page, view(snapshot, search))) == len(page.filters)
