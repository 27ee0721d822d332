"""Law and bounds as dated data: one parameter a YAML file, read strictly into `ref.parameter`.

A value holds from valid_from (inclusive) to valid_to (exclusive, null = open) and is applied at the event's date,
never at today's. Bounds that no text gives are grade A (未核实) and start on 2019-01-01.
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from itertools import pairwise
from pathlib import Path
from typing import Any

import duckdb

from warehouse.reference import RegisterColumn, insert
from warehouse.strict_yaml import StrictError, expect_keys, read

FOLDER = Path(__file__).parent
GRADES = ("S", "V", "W", "A")
_NUMBER = re.compile(r"-?[0-9]{1,12}(\.[0-9]{1,6})?")
_TABLE = tuple(
    RegisterColumn(name, kind, null)
    for name, kind, null in (
        ("parameter", "text", False),
        ("key", "text", False),
        ("value", "text", False),
        ("number", "decimal(18,6)", True),
        ("valid_from", "date", False),
        ("valid_to", "date", True),
        ("unit", "text", False),
        ("grade", "text", False),
        ("source", "text", False),
    )
)
_TITLES = tuple(
    RegisterColumn(name, "text", name == "note")
    for name in ("parameter", "title_zh", "title_en", "unit", "note")
)


@dataclass(frozen=True)
class Value:
    """One value of a parameter. `key` is '' where there is only one; `number` is None where the value is text."""

    key: str
    value: str
    number: Decimal | None
    valid_from: date
    valid_to: date | None
    grade: str
    source: str


@dataclass(frozen=True)
class Parameter:
    id: str
    title_zh: str
    title_en: str
    unit: str
    note: str | None
    values: tuple[Value, ...]

    def at(self, day: date, key: str = "") -> Value | None:
        """The value in force on a day, or None."""
        for value in self.values:
            if (
                value.key == key
                and value.valid_from <= day
                and (value.valid_to is None or day < value.valid_to)
            ):
                return value
        return None


def load(folder: Path = FOLDER) -> list[Parameter]:
    """Every parameter, by id; raises StrictError naming the file where one is not well formed."""
    return [parse(read(path), path.name, path.stem) for path in sorted(folder.glob("*.yaml"))]


def digest(folder: Path = FOLDER) -> str:
    """SHA-256 over the names and bytes of all parameter files: what a run record keeps."""
    total = hashlib.sha256()
    for path in sorted(folder.glob("*.yaml")):
        content = path.read_bytes()
        total.update(f"{path.name} {len(content)}\n".encode() + content)
    return total.hexdigest()


def load_into(connection: duckdb.DuckDBPyConnection, folder: Path = FOLDER) -> str:
    """Create or replace ref.parameter (grain: parameter × key × period) and ref.parameter_title; returns the digest."""
    parameters = load(folder)
    rows = tuple(
        (p.id, v.key, v.value, v.number, v.valid_from, v.valid_to, p.unit, v.grade, v.source)
        for p in parameters
        for v in p.values
    )
    connection.execute("create schema if not exists ref")
    insert(connection, "ref.parameter", _TABLE, rows)
    titles = tuple((p.id, p.title_zh, p.title_en, p.unit, p.note) for p in parameters)
    insert(connection, "ref.parameter_title", _TITLES, titles)
    return digest(folder)


def parse(raw: Any, where: str, name: str) -> Parameter:
    """A Parameter from parsed YAML; `where` names the file in errors, `name` is its stem and must be the id."""
    entry = expect_keys(raw, where, ("id", "title_zh", "title_en", "unit", "values"), ("note",))
    if entry["id"] != name:
        raise StrictError(f"{where}: id {entry['id']!r} differs from the file's name")
    for key in ("title_zh", "title_en", "unit", *(("note",) if "note" in entry else ())):
        _text(entry[key], f"{where} {key}")
    if not isinstance(entry["values"], list) or not entry["values"]:
        raise StrictError(f"{where}: expected a list of values")
    values = tuple(_value(item, f"{where} value {i}") for i, item in enumerate(entry["values"], 1))
    _refuse_overlaps(values, where)
    return Parameter(
        entry["id"], entry["title_zh"], entry["title_en"], entry["unit"], entry.get("note"), values
    )


def _text(value: Any, where: str) -> str:
    if not isinstance(value, str) or not value.strip():
        raise StrictError(f"{where}: expected text, found {value!r}")
    return value


def _value(raw: Any, where: str) -> Value:
    item = expect_keys(raw, where, ("value", "valid_from", "valid_to", "grade", "source"), ("key",))
    value = _text(item["value"], f"{where} value (quote it)")
    begin, end = item["valid_from"], item["valid_to"]
    # datetime is a date too: a time of day here would be a mistake
    if type(begin) is not date or (end is not None and type(end) is not date):
        raise StrictError(f"{where}: valid_from must be a date, valid_to a date or null (YYYY-MM-DD)")
    if end is not None and end <= begin:
        raise StrictError(f"{where}: valid_to {end} is not after valid_from {begin}")
    if item["grade"] not in GRADES:
        raise StrictError(f"{where}: grade {item['grade']!r} (expected {', '.join(GRADES)})")
    return Value(
        key=_text(item["key"], f"{where} key") if "key" in item else "",
        value=value,
        number=Decimal(value) if _NUMBER.fullmatch(value) else None,
        valid_from=begin,
        valid_to=end,
        grade=item["grade"],
        source=_text(item["source"], f"{where} source"),
    )


def _refuse_overlaps(values: tuple[Value, ...], where: str) -> None:
    for key in {value.key for value in values}:
        periods = sorted((v.valid_from, v.valid_to or date.max) for v in values if v.key == key)
        for (_, end), (begin, _) in pairwise(periods):
            if begin < end:
                raise StrictError(f"{where}: key {key!r} has overlapping periods at {begin}")
