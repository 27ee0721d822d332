"""The register of rule functions: one function a rule, from a Book to violating rows per cell."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable

from .book import Book, Cell

Found = Counter[Cell]
RULES: dict[str, Callable[[Book], Found]] = {}


def rule(rule_id: str) -> Callable[[Callable[[Book], Found]], Callable[[Book], Found]]:
    def keep(function: Callable[[Book], Found]) -> Callable[[Book], Found]:
        assert rule_id not in RULES, rule_id
        RULES[rule_id] = function
        return function

    return keep
