"""What a reader has chosen, and its place in the address: decode(encode(state)) == state for any state.

A parameter that is not understood is left out and told as a Notice; nothing in an address can break a page.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, fields, replace
from datetime import date
from typing import Any
from urllib.parse import parse_qsl, quote

LANGUAGES = ("zh", "en")
GRAINS = ("day", "month", "quarter", "year")
SPLITS = ("province", "platform")
MAPS = ("tile", "boundary")


@dataclass(frozen=True)
class State:
    """Every choice; None or empty means the default, which is not written into the address."""

    lang: str = "zh"
    date_from: date | None = None
    date_to: date | None = None
    grain: str | None = None
    provinces: tuple[str, ...] = ()
    platforms: tuple[str, ...] = ()
    measure: str | None = None
    split: str = "province"
    map: str = "tile"
    rules: tuple[str, ...] = ()
    statuses: tuple[str, ...] = ()
    consequences: tuple[str, ...] = ()
    finding: str | None = None
    day: date | None = None
    tables: tuple[str, ...] = ()

    def toggled(self, card: str) -> State:
        """The same state with one card turned from chart to table or back."""
        return replace(self, tables=tuple(sorted(set(self.tables) ^ {card})))


@dataclass(frozen=True)
class Notice:
    """Something in the address that was not used: `reason` is a key of the texts' [notice] section."""

    reason: str
    parameter: str
    value: str


@dataclass(frozen=True)
class Parameter:
    """How one field is written in the address."""

    name: str
    field: str
    decode: Callable[[str], Any]
    encode: Callable[[Any], str]


def _one_of(allowed: Iterable[str]) -> Callable[[str], str]:
    known = frozenset(allowed)

    def decode(text: str) -> str:
        if text not in known:
            raise ValueError(text)
        return text

    return decode


def _matching(pattern: str) -> Callable[[str], str]:
    compiled = re.compile(pattern)

    def decode(text: str) -> str:
        if compiled.fullmatch(text) is None:
            raise ValueError(text)
        return text

    return decode


def _several(decode_one: Callable[[str], str]) -> Callable[[str], tuple[str, ...]]:
    return lambda text: tuple(sorted({decode_one(part) for part in text.split(",")}))


def _day(text: str) -> date:
    if re.fullmatch(r"\d{4}-\d{2}-\d{2}", text) is None:
        raise ValueError(text)
    return date.fromisoformat(text)


FINDING = r"[0-9a-f]{8,64}"
MEASURE = r"[a-z][a-z0-9_]{1,60}(:[a-z0-9_]{1,30}){0,2}"
WORD = r"[a-z][a-z_]{1,30}"

PARAMETERS = (
    Parameter("lang", "lang", _one_of(LANGUAGES), str),
    Parameter("from", "date_from", _day, date.isoformat),
    Parameter("to", "date_to", _day, date.isoformat),
    Parameter("by", "grain", _one_of(GRAINS), str),
    Parameter("province", "provinces", _several(_matching(r"\d{6}")), ",".join),
    Parameter("platform", "platforms", _several(_matching(r"[A-Z]\d{2,3}")), ",".join),
    Parameter("measure", "measure", _matching(MEASURE), str),
    Parameter("split", "split", _one_of(SPLITS), str),
    Parameter("map", "map", _one_of(MAPS), str),
    Parameter("rule", "rules", _several(_matching(r"[A-Z]\d{2}")), ",".join),
    Parameter("status", "statuses", _several(_matching(WORD)), ",".join),
    Parameter("consequence", "consequences", _several(_matching(WORD)), ",".join),
    Parameter("finding", "finding", _matching(FINDING), str),
    Parameter("day", "day", _day, date.isoformat),
    Parameter("table", "tables", _several(_matching(WORD)), ",".join),
)
DEFAULT = State()
SHARED = ("lang", "date_from", "date_to", "grain", "provinces", "platforms")


def encode(state: State) -> str:
    """The address's query, with its question mark; '' where everything is as it is by default."""
    parts = []
    for parameter in PARAMETERS:
        value = getattr(state, parameter.field)
        if value != getattr(DEFAULT, parameter.field):
            parts.append(f"{parameter.name}={quote(parameter.encode(value), safe=',:')}")
    return "?" + "&".join(parts) if parts else ""


def decode(search: str | None) -> tuple[State, tuple[Notice, ...]]:
    """State from a query, and what in it was not understood. Never raises."""
    known = {parameter.name: parameter for parameter in PARAMETERS}
    values: dict[str, Any] = {}
    notices = []
    for name, text in parse_qsl((search or "").lstrip("?"), keep_blank_values=True):
        parameter = known.get(name)
        if parameter is None:
            notices.append(Notice("unknown_parameter", name[:40], text[:40]))
            continue
        if parameter.field in values:
            notices.append(Notice("repeated_parameter", name, text[:40]))
            continue
        try:
            values[parameter.field] = parameter.decode(text)
        except ValueError:
            notices.append(Notice("wrong_value", name, text[:40]))
    state = State(**values)
    if state.date_from and state.date_to and state.date_from > state.date_to:
        notices.append(Notice("dates_reversed", "from", f"{state.date_from} > {state.date_to}"))
        state = replace(state, date_from=None, date_to=None)
    return state, tuple(notices)


def shared(state: State) -> State:
    """What is taken along to another page: language, period and places."""
    return State(
        **{field.name: getattr(state, field.name) for field in fields(State) if field.name in SHARED}
    )
