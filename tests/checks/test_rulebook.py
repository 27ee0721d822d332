"""The catalogue page says what the rule files say, in both languages."""

from __future__ import annotations

from pathlib import Path

import pytest

from checks import rulebook
from checks.catalogue import load


@pytest.mark.parametrize("language", ["zh", "en"])
def test_page_is_up_to_date(language: str) -> None:
    path = Path(__file__).parents[2] / "docs" / f"rules.{rulebook.LANGUAGES[language]}.md"
    assert path.read_text(encoding="utf-8") == rulebook.render(language), "run make docs"


def test_every_rule_stands_with_title_basis_and_parameters() -> None:
    zh, en = (
        {line.split(" | ")[0].removeprefix("| "): line for line in rulebook.render(tongue).splitlines()}
        for tongue in ("zh", "en")
    )
    for rule in load():
        assert rule.title_zh in zh[rule.id] and rule.message_zh in zh[rule.id]
        assert rule.title_en in en[rule.id] and rule.message_en in en[rule.id]
        assert rule.basis.text.replace("|", "\\|") in zh[rule.id] and f"({rule.basis.grade}" in en[rule.id]
        assert all(f"`{name}`" in en[rule.id] for name in rule.parameters)
        assert (rule.basis.grade == "A") == ("A 未核实)" in zh[rule.id])


def test_counts_of_a_home() -> None:
    rule = load()[0]
    fired = {(rule.id, rule.version): {"findings": 12, "findings_open": 3, "violations_open": 40, "amount_yuan": 1234.5,
                                       "cells_pass": 7, "cells_not_applicable": 1, "cells_skipped": 2, "cells_error": 0}}  # fmt: skip
    page = rulebook.render("en", [rule], fired)
    assert "| 12 | 3 | 40 | 1,234.50 | 7/1/2/0 |" in page


def test_another_language_is_refused() -> None:
    with pytest.raises(ValueError, match="expected zh, en"):
        rulebook.render("fr")
