"""The one formatter of numbers. Units stand once, in a title; the numbers below them are bare.

A Scale divides: 万 and 亿 in Chinese, thousand, million and billion in English. A share is never rounded up to
100%: what is not whole must not look whole.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass

NONE = "–"
STEPS = {  # divisor, its word, from where on it is used
    "zh": ((1e8, "hundred_million", 1e9), (1e4, "ten_thousand", 1e5)),
    "en": ((1e9, "billion", 1e9), (1e6, "million", 1e6), (1e3, "thousand", 1e5)),
}


@dataclass(frozen=True)
class Scale:
    """What numbers are divided by, the key of its word ('' = none), and the decimals shown."""

    divisor: float = 1.0
    word: str = ""
    decimals: int = 0


SHARE = Scale(0.01, "percent", 1)


def scale_of(values: Iterable[float | None], unit: str, lang: str) -> Scale:
    """One scale for all numbers of one picture, from the largest of them; `unit` as in the indicators ('share' = 0–1).

    Shares that lie within one point of each other get a second decimal.
    """
    known = [value for value in values if value is not None and math.isfinite(value)]
    if unit == "share":
        is_close = len(known) > 1 and 0 < max(known) - min(known) < 0.01
        return Scale(0.01, "percent", 2) if is_close else SHARE
    top = max(map(abs, known), default=0.0)
    for divisor, word, begins in STEPS[lang]:
        if top >= begins:
            return Scale(divisor, word, _decimals(top / divisor))
    if unit in ("persons", "orders", "cases", "count", "rows", "findings"):
        return Scale()
    return Scale(decimals=_decimals(top))


def _decimals(top: float) -> int:
    return 2 if top < 10 else 1 if top < 1000 else 0


def number(value: float | None, scale: Scale) -> str:
    """Without its unit: 12,345 · 1,234.5 · 98.7 (of a share). None is a dash."""
    if value is None or not math.isfinite(value):
        return NONE
    shown, decimals = value / scale.divisor, scale.decimals
    if scale.word == "percent" and shown < 100:
        decimals = next((d for d in range(scale.decimals, 5) if float(f"{shown:.{d}f}") < 100), -1)
        if decimals < 0:
            return ">99.9999"
    text = f"{shown:,.{decimals}f}"
    if value != 0 and float(text.replace(",", "")) == 0:  # a little is not nothing
        return f"{'<' if value > 0 else '>−'}{10**-decimals:.{decimals}f}"
    return text.replace("-", "−")


def signed(value: float | None, scale: Scale) -> str:
    """A change: +1.2, −0.4, 0."""
    text = number(value, scale)
    return f"+{text}" if value is not None and value > 0 else text


def exact(value: float | None, unit: str) -> str:
    """The number as the table view gives it: unscaled, grouped; shares in percent with two decimals."""
    if value is None or not math.isfinite(value):
        return NONE
    if unit == "share":
        return number(value, Scale(0.01, "percent", 2)) + "%"
    if float(value).is_integer():
        return f"{value:,.0f}".replace("-", "−")
    return f"{value:,.2f}".replace("-", "−")
