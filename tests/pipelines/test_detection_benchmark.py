"""The benchmark's own arithmetic, on worlds written by hand: what counts as found, what as false, and the figures from that."""

from __future__ import annotations

import json
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest

from pipelines.benchmark import baselines, measure, pages
from pipelines.benchmark.run import OPEN

START = date(2025, 9, 1)
NIGHTS = 73  # with five platforms exactly one clean platform-year


def night(number: int) -> date:
    return START + timedelta(days=number)


def trial(
    scheme: str, platform: str, onset: int, provinces: tuple[str, ...] = ("310000", "440000"), **other: Any
) -> dict[str, Any]:
    return {
        "scheme": scheme, "intensity": 0.1, "adversary": "naive", "platform": platform, "provinces": list(provinces),
        "since": str(night(onset)), "from_start": onset == 0, "is_target": True, "identifiable": True, "within": 5, **other,
    }  # fmt: skip


def alert(
    platform: str, province: str | None, on: int, scheme: str = "F02", score: float = 0.9, until: int = NIGHTS
) -> dict[str, Any]:
    return {
        "platform": platform,
        "province": province,
        "on": on,
        "scheme": scheme,
        "score": score,
        "until": until,
    }


def write_world(
    folder: Path, name: str, kind: str, trials: list[dict[str, Any]], alerts: list[dict[str, Any]]
) -> None:
    here = folder / name
    here.mkdir(parents=True)
    platforms = ["P01", "P02", "P03", "P04", "P05"]
    record = {
        "name": name, "kind": kind, "platforms": platforms, "provinces": ["310000", "440000"], "start": str(START), "nights": NIGHTS,
        "cells": [f"{p}-{v}" for p in platforms for v in ("310000", "440000")], "orders": 1, "rules": False, "trials": trials,
        "seconds": {}, "errors": [], "touched": {f"{t['scheme']} {t['platform']} {t['adversary']}": 5 for t in trials},
    }  # fmt: skip
    (here / "world.json").write_text(json.dumps(record), encoding="utf-8")
    rows = [
        {
            "finding_id": f"{name}-{i}", "rule_id": "D99", "platform_code": a["platform"], "province_code": a["province"],
            "period_from": night(a["on"]), "detected_on": night(a["on"]), "score": a["score"],
            "scheme": json.dumps([{"id": a["scheme"], "probability": 0.9}, {"id": "F09", "probability": 0.1}]),
        }
        for i, a in enumerate(alerts)
    ]  # fmt: skip
    schema = {name: kind for name, kind in OPEN.items() if name != "night"}
    found = pl.DataFrame(rows, schema=schema)
    found.write_parquet(here / "findings.parquet")
    nightly = [
        row | {"night": night(n)}
        for row, a in zip(rows, alerts, strict=True)
        for n in range(a["on"], a["until"])
    ]
    pl.DataFrame(nightly, schema=OPEN).write_parquet(here / "open.parquet")


@pytest.fixture
def worlds(tmp_path: Path) -> list[measure.Done]:
    write_world(tmp_path, "measure-000", "measure", [], [alert("P02", "310000", 30, until=40)])
    write_world(
        tmp_path, "injected-000", "injected", [trial("F02", "P01", 40), trial("F10", "P03", 40, ("310000",))],
        [
            alert("P01", None, 43, "F02", 0.95), alert("P01", "310000", 41, "F09", 0.6),
            alert("P01", "310000", 20, "F02", until=25),  # before the onset: false
            alert("P03", "440000", 50, "F10"),  # of the honest province: false
        ],
    )  # fmt: skip
    return measure.read(tmp_path)


def test_a_trial_is_found_from_its_onset_on_and_named_by_its_strongest_finding(
    worlds: list[measure.Done],
) -> None:
    rows = {row["scheme"]: row for done in worlds for row in measure.outcomes(done, done.alerts)}
    assert (rows["F02"]["found"], rows["F02"]["nights"], rows["F02"]["right_first"]) == (True, 1, True)
    assert (rows["F10"]["found"], rows["F10"]["nights"], rows["F10"]["right_first"]) == (False, None, False)


def test_what_nothing_explains_is_false(worlds: list[measure.Done]) -> None:
    wrong = pl.concat([measure.false_alerts(done, done.alerts) for done in worlds])
    assert sorted(wrong.select("platform_code", "province_code").iter_rows()) == [
        ("P01", "310000"), ("P02", "310000"), ("P03", "440000"),
    ]  # fmt: skip


def test_the_line_of_a_method(worlds: list[measure.Done]) -> None:
    line = measure.summary("x", worlds, {done.record["name"]: done.alerts for done in worlds}, detector=True)
    assert line["trials"] == 2
    assert line["recall_macro"] == line["recall_in_time"] == 0.5
    # 5 × 73 honest nights in one world, 3 × 73 + 2 × 40 in the other
    assert line["clean_platform_years"] == pytest.approx((5 * 73 + 3 * 73 + 2 * 40) / 365)
    assert line["false_alerts"] == 3
    assert line["false_bound_95"] == pytest.approx(
        7.7537 / line["clean_platform_years"], rel=1e-4
    )  # Garwood: 3 events
    assert line["fdr"] == 3 / 5
    # P01 scores .95, above the honest P02 (.9); P03 has only its honest province's finding, .9 too
    assert line["average_precision"] == pytest.approx(0.5 + 0.5 * 2 / 3)
    assert line["precision_at_5"] == pytest.approx(0.05 * 0.5 / (0.05 * 0.5 + 0.95 * 1 / 8))
    # 10 nights of P02's one cell, 5 of P01's before its onset, over all clean cell-nights
    assert line["cells_under_alert"] == pytest.approx(15 / (10 * 73 + 6 * 73 + 4 * 40))


def test_not_identifiable_does_not_count_and_a_world_of_calibration_neither(tmp_path: Path) -> None:
    write_world(tmp_path, "calibrate-000", "calibrate", [], [alert("P02", None, 3)])
    write_world(
        tmp_path,
        "injected-000",
        "injected",
        [trial("F01", "P01", 0, identifiable=False), trial("F02", "P02", 9)],
        [alert("P02", None, 9)],
    )
    done = measure.read(tmp_path)
    line = measure.summary("x", done, {each.record["name"]: each.alerts for each in done}, detector=True)
    assert (line["trials"], line["recall_macro"], line["false_alerts"], line["average_precision"]) == (
        1,
        1.0,
        0,
        1.0,
    )


def test_average_precision_of_ties_and_of_chance() -> None:
    assert measure.average_precision([1, 1, 1, 1], [True, False, False, False]) == 0.25
    assert measure.average_precision([4, 3, 2, 1], [True, False, True, False]) == pytest.approx(
        (1 + 2 / 3) / 2
    )
    assert np.isnan(measure.average_precision([1, 2], [False, False]))


def test_poisson_bounds() -> None:
    assert measure.poisson_bound(0, 30) == pytest.approx(2.9957 / 30, rel=1e-4)
    assert measure.poisson_bound(5, 1) == pytest.approx(10.513, rel=1e-4)


def scores(levels: dict[str, list[float]]) -> pl.DataFrame:
    rows = [
        {"platform_code": platform, "province_code": "310000", "business_date": night(i), "score": level}
        for platform, each in levels.items()
        for i, level in enumerate(each)
    ]
    return pl.DataFrame(rows)


def test_a_baseline_is_allowed_as_many_false_alerts_as_the_budget(tmp_path: Path) -> None:
    write_world(tmp_path, "calibrate-000", "calibrate", [], [])
    done = measure.read(tmp_path)[0]  # one platform-year: one false alert
    draw = np.random.default_rng(1).random((5, NIGHTS))
    each = scores({f"P0{i + 1}": row.tolist() for i, row in enumerate(draw)})
    threshold = baselines.calibrated([(done, each)])
    assert baselines.alerts(each, threshold, "x").height == 1
    assert baselines.alerts(each, threshold - 0.02, "x").height > 1


def test_a_cell_that_raised_an_alert_is_silent_for_a_while() -> None:
    each = scores({"P01": [0.0] * 5 + [9.0] * 20})
    assert baselines.alerts(each, 1.0, "x")["detected_on"].to_list() == [night(5), night(20)]


def test_the_page_says_what_was_not_run(worlds: list[measure.Done], tmp_path: Path) -> None:
    for done in worlds:
        target = tmp_path / "run" / "worlds" / done.record["name"]
        target.parent.mkdir(parents=True, exist_ok=True)
        done.folder.rename(target)
    lines = pages.write(tmp_path / "run", "small", 1)
    text = (tmp_path / "run" / "README.md").read_text(encoding="utf-8")
    assert [line["method"] for line in lines] == ["detectors"]
    assert "Not run: all baselines: no world of calibration was run." in text
    assert "| F10 | naive |" in text
    assert "plotly" in (tmp_path / "run" / "pictures.html").read_text(encoding="utf-8")
