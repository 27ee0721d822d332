"""The auditors' page says what the detector files say, in both languages, and hides no scheme that nobody looks for."""

from __future__ import annotations

import tomllib
from pathlib import Path

import duckdb
import pytest

from checks import detectorbook, detectors
from checks.schemes import SCHEMES
from warehouse.build import create_empty

ROOT = Path(__file__).resolve().parents[2]


@pytest.mark.parametrize("language", ["zh", "en"])
def test_every_detector_stands_with_its_words(language: str) -> None:
    page = detectorbook.render(language)
    for module in detectors.load():
        for field in ("title", "looks", "errs", "ask"):
            assert getattr(module.header, f"{field}_{language}") in page
        assert module.header.source in page and module.header.unit in page


@pytest.mark.parametrize("language", ["zh", "en"])
def test_the_page_in_docs_is_the_one_of_this_code(language: str) -> None:
    page = ROOT / "docs" / f"detectors.{detectorbook.LANGUAGES[language]}.md"
    assert page.read_text(encoding="utf-8") == detectorbook.render(language), "run make docs"


def test_every_scheme_names_its_detectors_or_says_that_it_has_none() -> None:
    heads = [module.header for module in detectors.load()]
    rows = {
        line.split(" | ")[0].removeprefix("| "): line
        for line in detectorbook.render("en", heads[:1]).splitlines()
        if line.startswith("| F")
    }
    assert list(rows) == [f"F{n:02d}" for n in range(1, 35)] == list(detectors.SCHEMES)
    for name, line in rows.items():
        assert line.endswith(f"| {heads[0].id if name in heads[0].schemes else '(none yet)'} |")


def test_schemes_have_the_names_that_the_screens_show() -> None:
    for language in ("zh", "en"):
        shown = tomllib.loads((ROOT / "dashboards" / "texts" / f"{language}.toml").read_text("utf-8"))[
            "scheme"
        ]
        assert shown == {name: getattr(each, f"title_{language}") for name, each in SCHEMES.items()}


def test_counts_of_a_home_and_the_outcomes_stay_apart() -> None:
    with duckdb.connect() as connection:
        create_empty(connection)
        detectorbook.list_detectors(connection)
        connection.execute(
            """insert into checks.detector_verdict (detector, platform_code, province_code, outcome, night) values
            ('D01', 'P01', '110000', 'tested', '2025-10-07'), ('D01', 'P02', '110000', 'tested', '2025-10-07'),
            ('D01', 'P03', '110000', 'not_identifiable', '2025-10-07'), ('D01', 'P04', null, 'not_applicable', '2025-10-07');
            insert into checks.finding (finding_id, rule_id, kind, platform_code, province_code, status, detected_on) values
            ('a', 'D01', 'detector', 'P02', '110000', 'open', '2025-10-06'),
            ('b', 'D01', 'detector', 'P05', '110000', 'dismissed', '2025-10-05')"""
        )
        told = connection.execute(
            "select findings, findings_open, cells_evidence, cells_clean, cells_not_applicable, cells_not_identifiable, cells_error, "
            "first_detected_on::varchar from marts.detector_catalogue where detector = 'D01'"
        ).fetchall()
        assert told == [(2, 1, 1, 1, 1, 1, 0, "2025-10-05")]
        schemes = connection.execute(
            "select count(*), min(detectors), sum(findings_open) from marts.scheme_catalogue"
        ).fetchall()
        assert schemes[0][0] == 34 and schemes[0][2] == len(detectors.load()[0].header.schemes)
        row = dict(zip(("findings", "findings_open", "cells_evidence", "cells_clean", "cells_not_applicable",
                        "cells_not_identifiable", "cells_error"), told[0][:7], strict=True))  # fmt: skip
    page = detectorbook.render("en", [detectors.load()[0].header], {"D01": row})
    assert (
        "2 findings (1 open); cells: evidence 1, none 1, not applicable 1, not identifiable 1, crashed 0"
        in page
    )


def test_another_language_is_refused() -> None:
    with pytest.raises(ValueError, match="expected zh, en"):
        detectorbook.render("fr")
