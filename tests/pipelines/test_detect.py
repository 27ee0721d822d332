"""Detection within the night: a backfill says what night after night says; a crash is ours; a past state can be read."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from checks import detectors
from checks.frames import Frames
from data_samples.sample import write_sample
from pipelines import answers
from pipelines.nightly import Outcome, nightly
from pipelines.past import as_known_at
from warehouse.engine import connect, frame
from warehouse.home import Home
from warehouse.snapshot import open_snapshot

FIRST, DAYS, ONSET = date(2025, 10, 6), 6, date(2025, 10, 9)


@pytest.fixture(scope="module")
def inbox(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("detect") / "inbox"
    write_sample(
        folder, days=DAYS, start=FIRST, orders_per_day=1800, seed=3, platforms=["P01", "P02", "P04"],
        provinces=["310000", "440000"], falsify=[f"F02:0.1:P02:310000:{ONSET}"],
    )  # fmt: skip
    return folder


@pytest.fixture(scope="module")
def backfilled(inbox: Path, tmp_path_factory: pytest.TempPathFactory) -> Home:
    home = Home(tmp_path_factory.mktemp("backfill") / "home")
    nightly(home, inbox, now=_morning(FIRST + timedelta(days=DAYS - 1)), data_docs=False)
    return home


def _morning(day: date) -> datetime:
    return datetime.combine(day + timedelta(days=1), datetime.min.time()).replace(hour=8)


def _episodes(home: Home) -> list[dict[str, Any]]:
    with connect(home.warehouse, read_only=True) as connection:
        rows = frame(
            connection,
            "select finding_id, rule_id, platform_code, province_code, period_from, period_to, detected_on, status, score, scheme "
            "from checks.finding where kind = 'detector' order by all",
        )
    return rows.to_dicts()


def test_serials_taken_out_are_found_where_and_when_they_were(backfilled: Home) -> None:
    found = [e for e in _episodes(backfilled) if e["rule_id"] == "D01" and e["province_code"] == "310000"]
    assert [(e["platform_code"], e["status"]) for e in found] == [("P02", "open")]
    assert found[0]["detected_on"] <= ONSET + timedelta(days=1)
    assert found[0]["period_from"] == ONSET
    assert found[0]["score"] > 0.9
    assert json.loads(found[0]["scheme"])[0]["id"] in ("F01", "F02")


def test_a_backfill_says_what_night_after_night_says(inbox: Path, backfilled: Home, tmp_path: Path) -> None:
    home = Home(tmp_path / "home")
    for i in range(-1, DAYS):
        nightly(home, inbox, now=_morning(FIRST + timedelta(days=i)), data_docs=False)
    assert _episodes(home) == _episodes(backfilled)


def test_the_evidence_of_an_episode_can_be_read(backfilled: Home) -> None:
    episode = next(
        e for e in _episodes(backfilled) if e["rule_id"] == "D01" and e["province_code"] == "310000"
    )
    with connect(backfilled.warehouse, read_only=True) as connection:
        rows = answers.evidence(connection, backfilled, episode["finding_id"])
    assert 0 < rows.height <= 10
    assert set(rows["platform_code"]) == {"P02"}
    assert "serials" in rows["sentence_en"][0]


def test_a_past_state_has_the_episodes_that_stood_then(backfilled: Home) -> None:
    with as_known_at(backfilled, _morning(ONSET - timedelta(days=1))) as connection:
        before = frame(connection, "select * from checks.finding where kind = 'detector'")
    with as_known_at(backfilled, _morning(FIRST + timedelta(days=DAYS - 1))) as connection:
        now = frame(connection, "select * from checks.finding where kind = 'detector' and status = 'open'")
    assert before.filter(pl.col("rule_id") == "D01").height == 0
    assert "D01" in now["rule_id"].to_list()


@pytest.fixture
def broken() -> Iterator[None]:
    def detect(frames: Frames, *, settings: detectors.Settings) -> pl.DataFrame:
        raise ZeroDivisionError("ours")

    held = detectors.load()
    module = held[0]
    object.__setattr__(module, "detect", detect)
    yield
    detectors.load.cache_clear()


@pytest.mark.usefixtures("broken")
def test_a_crashed_detector_is_an_error_of_ours(inbox: Path, tmp_path: Path) -> None:
    home = Home(tmp_path / "home")
    outcome = nightly(home, inbox, now=_morning(FIRST), data_docs=False)
    assert outcome.is_red
    assert any("ZeroDivisionError" in error for error in outcome.errors)
    with connect(home.warehouse, read_only=True) as connection:
        rows = frame(connection, "select * from marts.detector_coverage where outcome = 'error'")
        others = frame(
            connection, "select distinct detector from checks.detector_verdict where outcome <> 'error'"
        )
    assert rows["platform_code"].to_list() == [None]
    assert others.height > 1


# with one real day: what needs no history, and what needs no witness
ABLE = {
    "D01", "D08", "D10", "D11", "D13", "D15", "D16", "D18", "D19", "D20", "D22", "D23", "D24", "D28", "D33", "D35",
}  # fmt: skip


@pytest.mark.real
def test_real_orders_accuse_nobody(
    real: Path, home: Home, night: Callable[[Home, Path, datetime], Outcome]
) -> None:
    """Every detector that has power on a real day was asked and is silent; durations in whole minutes are no template (D28)."""
    night(home, real, datetime(2025, 11, 6, 8))
    with open_snapshot(home) as connection:
        told = connection.execute(
            "select detector, list(distinct outcome) from marts.detector_coverage group by detector"
        ).fetchall()
    outcomes = {detector: set(each) for detector, each in told}
    assert {detector for detector, each in outcomes.items() if "clean" in each} >= ABLE
    assert not any({"evidence", "error"} & each for each in outcomes.values()), outcomes
