"""The one evidence step: budget, episodes, ranking."""

from __future__ import annotations

import json
import math
from datetime import date
from typing import Any

import polars as pl
import pytest

from checks import evidence
from checks.detectors import ROW, Detector, Module

NIGHT = date(2025, 11, 1)
HELD = {"finding_id": pl.String, "rule_id": pl.String, "platform_code": pl.String, "province_code": pl.String,
        "period_from": pl.Date, "period_to": pl.Date, "detected_on": pl.Date}  # fmt: skip


def answer(*rows: dict[str, Any]) -> pl.DataFrame:
    base: dict[str, Any] = dict.fromkeys(ROW) | {
        "platform_code": "P01", "province_code": "110000", "outcome": "tested", "period_from": date(2025, 10, 20), "log_e": 0.0,
        "matters": True, "effect": 0.1, "n": 100.0, "schemes": json.dumps({"F02": 1.0}), "sentence_zh": "…", "sentence_en": "…",
        "evidence": "[]",
    }  # fmt: skip
    return pl.DataFrame([base | row for row in rows], schema=dict(ROW))


def judged(
    answers: dict[str, pl.DataFrame], held: pl.DataFrame | None = None, budget: float = 1.0
) -> evidence.Judged:
    return evidence.judge(
        answers, [], pl.DataFrame(schema=HELD) if held is None else held, night=NIGHT, budget=budget
    )


def test_the_threshold_is_the_budget_over_all_chances_of_a_platform_year() -> None:
    rows = answer(*({"province_code": f"{i}0000"} for i in range(10, 20)))
    held = judged({"D01": rows, "D02": rows})
    assert held.threshold == pytest.approx(math.log(20 * 365 / 1.0) + evidence.CAUTION)
    assert judged({"D01": rows, "D02": rows}, budget=10.0).threshold == pytest.approx(
        held.threshold - math.log(10)
    )


def test_a_finding_opens_above_the_threshold_and_not_below() -> None:
    limit = judged({"D01": answer({})}).threshold
    assert judged({"D01": answer({"log_e": limit + 0.01})}).open.height == 1
    assert judged({"D01": answer({"log_e": limit - 0.01})}).open.height == 0


def test_large_n_and_small_effect_is_no_finding() -> None:
    assert judged({"D01": answer({"log_e": 29.0, "matters": False})}).open.height == 0


def _old(until: date) -> pl.DataFrame:
    row = {"finding_id": "old", "rule_id": "D01", "platform_code": "P01", "province_code": "110000",
           "period_from": date(2025, 9, 1), "period_to": until, "detected_on": date(2025, 9, 9)}  # fmt: skip
    return pl.DataFrame([row], schema=HELD)


def test_an_episode_keeps_its_id_and_its_night() -> None:
    first = judged({"D01": answer({"log_e": 29.0})}).open.row(0, named=True)
    assert (first["is_new"], first["detected_on"]) == (True, NIGHT)
    again = judged({"D01": answer({"log_e": 29.0})}, _old(date(2025, 10, 31))).open.row(0, named=True)
    assert (again["finding_id"], again["detected_on"], again["is_new"]) == ("old", date(2025, 9, 9), False)
    assert (again["period_from"], again["period_to"]) == (date(2025, 9, 1), NIGHT)


def test_whether_a_finding_stands_depends_on_the_data_alone() -> None:
    limit = judged({"D01": answer({})}).threshold
    assert judged({"D01": answer({"log_e": limit - 0.1})}, _old(date(2025, 10, 31))).open.height == 0


def test_a_late_relapse_is_another_finding() -> None:
    again = judged({"D01": answer({"log_e": 29.0})}, _old(date(2025, 9, 10))).open.row(0, named=True)
    assert again["is_new"]


def test_common_evidence_needs_less_but_never_less_than_the_relief() -> None:
    assert evidence.limits([20.0], 13.0) == [13.0]
    assert evidence.limits([12.8, 12.7, 12.6], 13.0)[0] == pytest.approx(13 - math.log(3))
    assert evidence.limits([12.0] * 50, 13.0)[0] == pytest.approx(13 - evidence.RELIEF)
    assert evidence.limits([5.0] * 50, 13.0)[0] == 13.0


def test_schemes_are_ranked_by_all_that_speaks_of_the_cell() -> None:
    answers = {
        "D01": answer({"log_e": 20.0, "schemes": json.dumps({"F01": 1.0, "F02": 0.9})}),
        "D03": answer({"log_e": 12.0, "schemes": json.dumps({"F02": 1.0})}),
        "D09": answer({"log_e": 25.0, "province_code": "310000", "schemes": json.dumps({"F09": 1.0})}),
    }
    found = judged(answers).open.filter(pl.col("detector") == "D01").row(0, named=True)
    ranking = json.loads(found["scheme"])
    assert [entry["id"] for entry in ranking] == ["F02", "F01"]
    assert sum(entry["probability"] for entry in ranking) == pytest.approx(1.0, abs=0.01)


def test_scores_are_one_half_at_the_threshold() -> None:
    assert evidence.score(13.0, 13.0) == 0.5
    assert evidence.score(20.0, 13.0) > 0.99
    assert evidence.score(0.0, 13.0) < 0.01


def _module(name: str, *, generic: bool = False, explains: tuple[str, ...] = ()) -> Module:
    text: Any = dict.fromkeys(
        ("title_zh", "title_en", "looks_zh", "looks_en", "errs_zh", "errs_en", "ask_zh", "ask_en", "unit", "source"), "…"
    )  # fmt: skip
    header = Detector(id=name, schemes=("F01",), is_generic=generic, explains=explains, version=1, **text)
    return Module(header, (), lambda frames, settings: pl.DataFrame())


def test_an_exact_pattern_explains_the_generic_ones_it_brings_with_it() -> None:
    """A copied day makes drawn orders unknown and serials contradict: the name is F08, not F01 or F25."""
    modules = [_module("D02", generic=True), _module("D08", explains=("D25",)), _module("D25")]
    answers = {
        "D02": answer({"log_e": 29.0, "schemes": json.dumps({"F01": 1.0})}),
        "D08": answer({"log_e": 18.0, "schemes": json.dumps({"F08": 1.0})}),
        "D25": answer({"log_e": 29.0, "schemes": json.dumps({"F25": 1.0})}),
    }
    nothing = pl.DataFrame(schema=HELD)
    for one in evidence.judge(answers, modules, nothing, night=NIGHT, budget=1.0).open["scheme"]:
        assert json.loads(one)[0]["id"] == "F08"
    del answers["D08"]
    left = evidence.judge(answers, modules, nothing, night=NIGHT, budget=1.0).open["scheme"]
    assert json.loads(left[0])[0]["id"] in ("F01", "F25")


def test_what_one_province_shows_exactly_names_the_platform_s_finding_too() -> None:
    """Cities missing in one province, orders unknown everywhere: the platform withholds cities, it does not thin out."""
    modules = [_module("D02", generic=True), _module("D05")]
    answers = {
        "D02": answer({"log_e": 29.0, "province_code": None, "schemes": json.dumps({"F02": 1.0})}),
        "D05": answer({"log_e": 29.0, "province_code": "310000", "schemes": json.dumps({"F05": 1.0})}),
    }
    found = evidence.judge(answers, modules, pl.DataFrame(schema=HELD), night=NIGHT, budget=1.0).open
    for one in found["scheme"]:
        assert json.loads(one)[0]["id"] == "F05"
