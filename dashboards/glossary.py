"""The words of indicators and units, from the register of indicators: one place says what a number is."""

from __future__ import annotations

from dashboards.texts import Words
from warehouse.indicators.registry import load


def title(words: Words, indicator: str) -> str:
    """The indicator's name on screen."""
    return str(getattr(load()[indicator], f"title_{words.lang}"))


def definition(words: Words, indicator: str) -> str:
    """What it is, what is divided by what."""
    found = load()[indicator]
    parts = [str(getattr(found, f"definition_{words.lang}"))]
    top, bottom = getattr(found, f"numerator_{words.lang}"), getattr(found, f"denominator_{words.lang}")
    if bottom:
        parts.append(words("hover.definition", numerator=top, denominator=bottom))
    return " ".join(parts)


def unit(words: Words, name: str) -> str:
    """The unit's name: 人, 单, 元/单; '' for bare counts."""
    known = {found.unit: found for found in load().values()}
    return str(getattr(known[name], f"unit_{words.lang}")) if name in known else ""
