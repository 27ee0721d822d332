"""What is special of each page: where clicks lead, what the queue and the calendar say."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from dashboards import filters, knowledge, missing, queries
from dashboards.access import SUPERVISOR, NotAllowed, Viewer
from dashboards.app import all_pages
from dashboards.drawing import fill
from dashboards.evidence import SourceError, source_lines
from dashboards.pages import claims, findings, overview, quality, submissions
from dashboards.snapshots import Snapshot, Snapshots
from dashboards.state import State, decode
from dashboards.view import View, Window, checked
from tests.dashboards import fake, fake_labour


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
    assert len(rows) == 10 and count == 136  # resolved ones are left out
    assert {row["consequence_name"] for row in rows} == {"缺陷"}  # strictest first
    rows, _ = findings.rows_of_queue(shown, Window(0, 5, "violations", True))
    assert [row["violations"] for row in rows] == ["312", "148", "147", "146", "145"]
    rows, _ = findings.rows_of_queue(shown, Window(5, 7, "violations", True))
    assert [row["violations"] for row in rows] == ["144", "143"]
    assert findings.rows_of_queue(view(snapshot, "?status=resolved"), Window(0, 5))[1] == 15
    assert findings.rows_of_queue(view(snapshot, "?rule=X01&consequence=defect"), Window(0, 5))[1] == 0
    assert findings.rows_of_queue(shown, Window(0, 5, "title; drop table checks.finding"))[1] == 136


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


def test_a_detectors_finding_shows_its_sentence_schemes_and_decisive_cells(snapshot: Snapshot) -> None:
    shown = view(snapshot, f"?finding={fake_labour.EPISODE}")
    picture = findings.read_picture(shown)
    assert picture.height == 10  # the cells of another finding of the same place and day are left out
    figure = findings.draw_picture(shown, picture).content
    assert [trace.type for trace in figure.data] == ["bar", "scatter"]  # type: ignore[union-attr]
    assert list(figure.data[0].y) == [20.0 + n for n in range(1, 11)] and set(figure.data[1].y) == {8.0}  # type: ignore[union-attr]
    assert findings.read_schemes(shown)["scheme"].to_list() == ["F01", "F02", "F33"]
    told = json.dumps(
        fill(findings.PAGE, findings.PAGE.card("finding"), shown).body[0].to_plotly_json(),
        default=lambda part: part.to_plotly_json(), ensure_ascii=False,
    )  # fmt: skip
    assert "缺 312 个序号" in told and "诚实的解释" in told and "全部" in told  # national: of all provinces


def test_a_national_finding_is_seen_when_a_province_is_chosen_but_not_by_a_province(
    snapshot: Snapshot,
) -> None:
    assert findings.rows_of_queue(view(snapshot, "?rule=D01&province=310000"), Window(0, 5))[1] == 1
    beijing = Viewer("京", "provincial", frozenset({"110000"}))
    assert queries.finding(snapshot, beijing, fake_labour.EPISODE) is None
    assert findings.rows_of_queue(view(snapshot, "?rule=D01", beijing), Window(0, 5))[1] == 0


def test_a_rules_finding_shows_its_own_history(snapshot: Snapshot) -> None:
    row = findings.rows_of_queue(view(snapshot, "?rule=X01&platform=P02"), Window(0, 1))[0][0]
    shown = view(snapshot, f"?finding={row['id']}")
    picture = findings.read_picture(shown)
    assert picture.filter("is_marked").height == 1 and picture.height > 20
    assert findings.read_schemes(shown).height == 0
    assert {"发现", "状态变为"} <= set(findings.read_history(shown)["event"])


def test_grades_follow_their_bounds_and_absence_is_no_grade(snapshot: Snapshot) -> None:
    bounds = queries.parameter_values(snapshot, SUPERVISOR, "quality_grades", fake.LAST)
    assert bounds == {"A": 0.99, "B": 0.95, "C": 0.9}
    assert [quality.grade(value, bounds) for value in (1.0, 0.99, 0.9899, 0.95, 0.9, 0.8999, 0.0)] == list(
        "AABBCDD"
    )
    frame = quality.read_scorecard(view(snapshot))
    grades = dict(
        frame.filter(pl.col("indicator") == "agreement_rate").select("province", "grade").iter_rows()
    )
    assert (grades[fake.SILENT], grades[fake.HIDDEN], grades[fake.ZERO]) == (
        "not_reported",
        "suppressed",
        "D",
    )


def test_what_no_witness_can_tell_is_not_identifiable(
    snapshot: Snapshot, monkeypatch: pytest.MonkeyPatch
) -> None:
    def blind(connection: Any, **named: Any) -> pl.DataFrame:
        return fake.compute(connection, **named).with_columns(
            value=pl.when(pl.col("indicator") == "agreement_rate").then(None).otherwise("value")
        )

    monkeypatch.setattr("warehouse.indicators.compute", blind)
    shown = view(snapshot, "?to=2025-11-15")
    frame = quality.read_scorecard(shown)
    shanghai = frame.filter((pl.col("province") == "310000") & (pl.col("indicator") == "agreement_rate"))
    assert shanghai["grade"].to_list() == ["unknown"]
    words = [note.text for note in quality.draw_scorecard(shown, frame).content.layout.annotations]  # type: ignore[union-attr]
    assert words.count("<b>不可识别</b>") + words.count("不可识别") >= 1


def test_the_detectors_answers_are_counted_and_silence_is_no_pass(snapshot: Snapshot) -> None:
    drawing = quality.draw_detectors(view(snapshot), quality.read_detectors(view(snapshot)))
    signs = {note.text for note in drawing.content.layout.annotations}  # type: ignore[union-attr]
    assert signs == {"●", "○", "?", "–"} and "7 格不可识别" in drawing.note


def test_of_a_day_the_highest_sequence_that_is_known_counts(snapshot: Snapshot) -> None:
    at = datetime(2025, 11, 1)
    rows = [("P02", "310000", 2, "b", at + timedelta(days=2), 15), ("P02", "310000", 1, "a", at, 12), ("P02", "310000", 1, "late", at + timedelta(days=3), 99),
            ("P05", "310000", 1, "c", at + timedelta(days=1), 5)]  # fmt: skip
    frame = pl.DataFrame(
        [{"platform_code": p, "province_code": q, "sequence": n, "submission": s, "known_at": known, "rows_orders": rows, "rows_enrollment": 1, "rows_claims": 0}
         for p, q, n, s, known, rows in rows]
    )  # fmt: skip
    told = knowledge.steps(frame).filter(pl.col("extract") == "orders")
    assert told.select("submission", "rows", "change", "pairs").rows() == [
        ("a", 12, 12, 1),
        ("c", 17, 5, 2),
        ("b", 20, 3, 2),
    ]


def test_the_day_that_was_sent_again_is_the_one_shown_first(snapshot: Snapshot) -> None:
    frame = submissions.read_knowledge(view(snapshot))
    assert set(frame["business_date"]) == {fake.LAST - timedelta(days=4)}
    assert frame.filter(pl.col("extract") == "orders")["change"].to_list()[-1] == 3
    chosen = submissions.read_knowledge(view(snapshot, "?day=2025-11-10"))
    assert set(chosen["business_date"]) == {date(2025, 11, 10)}


def test_versions_name_the_receipt_they_were_sealed_under(snapshot: Snapshot) -> None:
    rows, _ = submissions.rows_of_versions(
        view(snapshot, "?from=2025-11-16&to=2025-11-16&platform=P02&province=310000"), Window(0, 5)
    )
    assert re.fullmatch(r"\d{9} [0-9a-f]{12}", rows[0]["receipt"])


def test_a_place_outside_the_funnel_is_named_and_chance_is_not(snapshot: Snapshot) -> None:
    assert [claims._side(cases, 100.0) for cases in (100, 130, 131, 140, 71, 65)] == [
        "inside",
        "inside",
        "inside",
        "high",
        "inside",
        "low",
    ]
    shown = view(snapshot)
    frame = claims.read_funnel(shown)
    figure = claims.draw_funnel(shown, frame).content
    drawn = [trace for trace in figure.data if "markers" in trace.mode]  # type: ignore[union-attr]
    assert sum(len(trace.x) for trace in drawn) == frame.height > 3


def test_sources_are_for_those_who_may_read_them(tmp_path: Path) -> None:
    clerk = Viewer("clerk", "statistician")
    with pytest.raises(NotAllowed):
        source_lines(tmp_path, clerk, "0" * 20)
    with pytest.raises(SourceError, match="zhibao"):
        source_lines(tmp_path, SUPERVISOR, "0" * 20)


def test_a_page_about_one_place_names_it_where_nobody_chose(snapshot: Snapshot) -> None:
    page = next(page for page in all_pages() if page.name == "platform")
    for search, named in (("", True), ("?platform=P02", False)):
        shown = view(snapshot, search)
        control = next(c for c in filters.filters(page, shown) if c.id["name"] == "platforms")  # type: ignore[attr-defined]
        assert (control.placeholder in shown.platform_names.values()) is named  # type: ignore[attr-defined]


def test_what_is_probably_missing_is_drawn_with_its_bounds_and_never_as_nothing(snapshot: Snapshot) -> None:
    frame = missing.read(view(snapshot))
    assert set(frame["province_code"]) == {None} and frame["platform_code"].n_unique() == 5
    figure: Any = missing.draw(view(snapshot), frame).content
    traces = {trace.name: trace for trace in figure.data if trace.mode != "text"}
    orders = traces["订单(%)"]
    assert orders.x[0] == pytest.approx(5.0) and orders.text[0] == "5.0 (3.1–8.7)"
    assert orders.x[0] - orders.error_x.arrayminus[0] == pytest.approx(100 * 300 / 9800)
    assert traces["人员(%)"].text[0].startswith("≥ 1.2")
    told = next(trace for trace in figure.data if trace.mode == "text")
    assert set(told.text) == {"不可识别"}
    by_province = missing.read(view(snapshot, "?platform=P02"))
    assert set(by_province["platform_code"]) == {"P02"} and None not in set(by_province["province_code"])


def test_estimates_of_other_provinces_are_not_shown_to_a_province(snapshot: Snapshot) -> None:
    beijing = Viewer("京", "provincial", frozenset({"110000"}))
    found = queries.estimates(snapshot, beijing, provinces=(), platforms=())
    assert set(found["province_code"]) == {"110000"}
