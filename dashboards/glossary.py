"""The words of indicators and units, from the register of indicators: one place says what a number is."""

from __future__ import annotations

import polars as pl

from dashboards.texts import Words
from warehouse.indicators.registry import load
from warehouse.standard import load as load_standard


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


def codes(lang: str, name: str) -> dict[str, str]:
    """The words of one code list of the reporting standard."""
    return {code: str(getattr(entry, lang)) for code, entry in load_standard().codes[name].items()}


def definitions(lang: str) -> pl.DataFrame:
    """indicator, title, unit, numerator, denominator, definition: every indicator there is."""
    return pl.DataFrame(
        [
            {
                "indicator": found.id,
                "title": getattr(found, f"title_{lang}"),
                "unit": getattr(found, f"unit_{lang}"),
                "numerator": getattr(found, f"numerator_{lang}"),
                "denominator": getattr(found, f"denominator_{lang}") or "",
                "definition": getattr(found, f"definition_{lang}"),
            }
            for found in load().values()
        ]
    )


def dictionary(lang: str) -> pl.DataFrame:
    """extract, name, type, text, is_required: every column of the reporting standard."""
    return pl.DataFrame(
        [
            {
                "extract": getattr(extract, f"title_{lang}"),
                "name": column.name,
                "type": column.type,
                "text": getattr(column, lang),
                "is_required": not column.null,
            }
            for extract in load_standard().extracts.values()
            for column in extract.columns
        ]
    )
