"""The pages on what a real night publishes: every card is drawn, and what is drawn is what the indicators say."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import date, datetime
from pathlib import Path

import polars as pl
import pytest

from checks import run as judge
from dashboards import charts, table
from dashboards.access import SUPERVISOR
from dashboards.app import all_pages
from dashboards.drawing import fill
from dashboards.evidence import source_lines
from dashboards.pages import findings, overview, submissions
from dashboards.snapshots import Snapshot, Snapshots
from dashboards.state import State
from dashboards.view import Page, View, Window
from data_samples.sample import write_sample
from pipelines.nightly import Outcome, init
from warehouse.home import Home
from warehouse.indicators import compute

RULES = ("T01", "T02", "X01", "X02", "V01")


@pytest.fixture(scope="module")
def snapshot(
    tmp_path_factory: pytest.TempPathFactory, night: Callable[[Home, Path, datetime], Outcome]
) -> Iterator[Snapshot]:
    """Three days of two platforms in two provinces, one of which hides some enrollments."""
    folder = tmp_path_factory.mktemp("night")
    inbox, home = folder / "inbox", Home(folder / "home")
    write_sample(inbox, days=3, start=date(2025, 10, 6), orders_per_day=400, seed=5, platforms=["P02", "P08"],
                 provinces=["310000", "440000"], falsify=["X01:0.2:P02:310000:2025-10-07"])  # fmt: skip
    init(home)
    with pytest.MonkeyPatch.context() as patch:
        real_run = judge.run
        patch.setattr(judge, "run", lambda connection, rules, *more, **named: real_run(
            connection, [rule for rule in rules if rule.id in RULES], *more, **named))  # fmt: skip
        night(home, inbox, datetime(2025, 10, 10, 8))
    with Snapshots(home.root).use() as found:
        yield found


def view(snapshot: Snapshot, page: Page, state: State | None = None) -> View:
    return View(SUPERVISOR, state or State(), snapshot, until_night=page.until_night)


@pytest.mark.parametrize("page", all_pages(), ids=lambda page: page.name)
def test_every_card_is_drawn(snapshot: Snapshot, page: Page, caplog: pytest.LogCaptureFixture) -> None:
    for state in (State(), State(lang="en", split="platform", platforms=("P02",))):
        for card in page.cards:
            shown = view(snapshot, page, state)
            fill(page, card, shown)
            frame = card.read(shown)
            table.csv(card, shown, frame)
            if frame.height:
                table.table(card, shown, frame)
    assert caplog.records == []


@pytest.mark.parametrize("measure", ["person_insured_rate", "persons_active", "orders_valid", "premium_yuan"])
def test_the_map_draws_what_the_indicators_say(snapshot: Snapshot, measure: str) -> None:
    shown = view(snapshot, overview.PAGE, State(measure=measure))
    with snapshot.cursor() as cursor:
        told = compute(
            cursor, by=["province"], indicators=[measure], date_from=shown.date_from, date_to=shown.date_to
        )
    figure = overview.draw_map(shown, overview.read_map(shown)).content
    drawn = {code: value for codes, values in zip(figure.data[1].customdata, figure.data[1].z, strict=True)  # type: ignore[union-attr]
             for code, value in zip(codes, values, strict=True) if value is not None}  # fmt: skip
    expected = dict(
        told.filter(pl.col("value").is_not_null())
        .select("province", pl.col("value").cast(pl.Float64))
        .iter_rows()
    )
    assert set(drawn) == set(expected) == {"310000", "440000"}
    scales = {round(expected[code] / drawn[code], 6) for code in drawn}
    assert len(scales) == 1 and scales <= {0.01, 1.0, 1e4}


def test_parts_make_up_the_whole(snapshot: Snapshot) -> None:
    shown = view(snapshot, overview.PAGE)
    for indicator in ("orders_valid", "orders_insured", "premium_yuan"):
        whole = float(shown.indicators((), (indicator,))["value"][0])
        for by in (("province",), ("platform",), ("province", "platform"), ("day",)):
            parts = shown.indicators(by, (indicator,))["value"].drop_nulls().cast(pl.Float64).sum()
            assert parts == pytest.approx(whole), (indicator, by)


def test_a_difference_between_parts_and_whole_is_named(snapshot: Snapshot) -> None:
    for measure in ("orders_valid", "premium_yuan", "persons_active"):
        shown = view(snapshot, overview.PAGE, State(measure=measure))
        frame = overview.read_map(shown)
        parts = frame["value"].drop_nulls().cast(pl.Float64).sum()
        whole = float(shown.indicators((), (measure,))["value"][0])
        note = charts.reconciled(shown, frame)
        assert (
            (" = " in note)
            if parts == pytest.approx(whole)
            else ("同一人" in note and measure == "persons_active")
        ), note


@pytest.mark.parametrize("by", ["province", "month"])
def test_every_number_is_what_the_command_prints(snapshot: Snapshot, by: str) -> None:
    """zhibao indicators, as a process of its own, against the frames that the pictures are drawn from."""
    root = Path(snapshot._search_path)
    command = str(Path(sys.executable).parent / "zhibao")
    done = subprocess.run(
        [command, "indicators", "--home", str(root), "--by", by, "--format", "json"],
        capture_output=True,
        text=True,
        check=True,
    )
    printed = {(row["indicator"], row[by]): row["value"] for row in json.loads(done.stdout)}
    drawn = 0
    for page in all_pages():
        for card in page.cards:
            frame = card.read(view(snapshot, page, State(grain="month")))
            if {"indicator", by} <= set(frame.columns) and not {
                "province",
                "platform",
                "month",
                "programme",
            } - {by} & set(frame.columns):
                if "period_from" in frame.columns or page.name in ("province", "platform"):
                    continue  # another period, or one place only
                for row in frame.filter(pl.col(by).is_not_null()).iter_rows(
                    named=True
                ):  # key figures of the whole have none
                    told = printed[row["indicator"], row[by]]
                    assert (told is None) == (row["value"] is None), (card.name, row)
                    assert told is None or float(row["value"]) == pytest.approx(told, rel=1e-9), (
                        card.name,
                        row,
                    )
                    drawn += told is not None
    assert drawn >= 6


def test_a_finding_leads_to_the_lines_as_they_were_sent(snapshot: Snapshot) -> None:
    root = Path(snapshot._search_path)
    shown = view(snapshot, findings.PAGE, State(rules=("X01",), platforms=("P02",), provinces=("310000",)))
    row = findings.rows_of_queue(shown, Window(0, 1, "violations", True))[0][0]
    evidence = findings.read_evidence(replace(shown, state=findings.choose_finding(shown, row)[1]))
    lines = source_lines(root, SUPERVISOR, row["id"])
    assert lines and {line["key"] for line in lines} <= set(evidence["order_id"])
    assert all(line["key"] in line["text"] and line["line"] > 1 for line in lines)
    log = (root / "logs" / "access.jsonl").read_text(encoding="utf-8").splitlines()
    assert json.loads(log[-1])["finding"] == row["id"]


def test_the_planted_fault_is_found_from_the_queue_down_to_its_rows(snapshot: Snapshot) -> None:
    shown = view(snapshot, findings.PAGE, State(rules=("X01",), platforms=("P02",), provinces=("310000",)))
    rows, count = findings.rows_of_queue(shown, Window(0, 50, "violations", True))
    assert count >= 1 and rows[0]["period_from"] >= "2025-10-07"
    chosen = replace(shown, state=findings.choose_finding(shown, rows[0])[1])
    evidence = findings.read_evidence(chosen)
    assert f"{evidence.height:,}" == rows[0]["violations"]
    assert set(evidence["platform_code"]) == {"P02"} and "order_id" in evidence.columns


def test_the_calendar_shows_what_came(snapshot: Snapshot) -> None:
    shown = view(snapshot, submissions.PAGE)
    frame = submissions.read_calendar(shown)
    came = frame.filter(
        pl.col("business_date").is_between(date(2025, 10, 6), date(2025, 10, 8))
        & (pl.col("state") != "missing")
    )
    assert came.filter(pl.col("platform_code").is_in(["P02", "P08"])).height == 12
