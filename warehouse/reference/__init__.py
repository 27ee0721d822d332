"""The registers: dated CSVs that a bureau keeps, read strictly into `ref.<name>`.

Seeds and their description (registers.yaml) lie in this folder, sources in SOURCES.md; a home has its own copies.
"""

from __future__ import annotations

import csv
import hashlib
import io
import re
import shutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation
from itertools import pairwise
from pathlib import Path
from types import MappingProxyType
from typing import Any

import duckdb

from warehouse.strict_yaml import StrictError, expect_keys
from warehouse.strict_yaml import read as read_yaml

FOLDER = Path(__file__).parent
MAP_FILE = FOLDER / "china_provinces_simplified.geojson"
_MOST_ERRORS = 20
_SQL_TYPES = {"text": "VARCHAR", "integer": "BIGINT", "boolean": "BOOLEAN", "date": "DATE"}
_DECIMAL = re.compile(r"decimal\((\d+),(\d+)\)")


class RegisterError(StrictError):
    """A register's CSV does not hold what it must; one line a problem: file, line, column, value, expected."""


@dataclass(frozen=True)
class RegisterColumn:
    name: str
    type: str  # text, integer, boolean, date or decimal(p,s)
    null: bool
    values: tuple[str, ...] = ()
    references: tuple[str, ...] = ()

    @property
    def sql_type(self) -> str:
        return _SQL_TYPES.get(self.type, self.type.upper())


@dataclass(frozen=True)
class Register:
    """One register; grain: one row per `key`, and per period where it is dated."""

    name: str
    title_zh: str
    title_en: str
    key: tuple[str, ...]
    columns: tuple[RegisterColumn, ...]

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(column.name for column in self.columns)

    @property
    def is_dated(self) -> bool:
        return "valid_from" in self.names


@dataclass(frozen=True)
class Content:
    """What a register's file holds: rows in file order, typed as the columns say, and the SHA-256 of its bytes."""

    register: Register
    rows: tuple[tuple[Any, ...], ...]
    sha256: str


def _describe() -> Mapping[str, Register]:
    registers = {}
    for name, entry in read_yaml(FOLDER / "registers.yaml").items():
        where = f"registers.yaml {name}"
        raw = expect_keys(entry, where, ("title_zh", "title_en", "key", "columns"), ("values", "references"))
        values, references = raw.get("values", {}), raw.get("references", {})
        columns = []
        for column, spec in raw["columns"].items():
            kind = spec.removesuffix("?")
            if kind not in _SQL_TYPES and not _DECIMAL.fullmatch(kind):
                raise StrictError(f"{where}: {column} has unknown type {spec!r}")
            columns.append(
                RegisterColumn(
                    name=column,
                    type=kind,
                    null=spec.endswith("?"),
                    values=tuple(values.get(column, ())),
                    references=tuple(references.get(column, ())),
                )
            )
        if lost := ({*raw["key"], *values, *references} - {column.name for column in columns}):
            raise StrictError(f"{where}: {', '.join(sorted(lost))} is no column")
        registers[name] = Register(name, raw["title_zh"], raw["title_en"], tuple(raw["key"]), tuple(columns))
    return MappingProxyType(registers)


REGISTERS: Mapping[str, Register] = _describe()


def seed(folder: Path) -> list[str]:
    """Copy the registers that `folder` lacks; returns their names. Never overwrites one."""
    folder.mkdir(parents=True, exist_ok=True)
    missing = [name for name in REGISTERS if not (folder / f"{name}.csv").exists()]
    for name in missing:
        # Bytes only: a seed may be installed read-only, and the bureau edits its copy. Renamed into place whole.
        part = folder / f"{name}.csv.part"
        shutil.copyfile(FOLDER / f"{name}.csv", part)
        part.replace(folder / f"{name}.csv")
    return missing


def read(folder: Path, name: str) -> Content:
    """One register, typed; raises RegisterError naming file, line, column, value and what is expected.

    Checks the file by itself; references to other registers are checked by `read_all`.
    """
    return _read(folder, name)[0]


def read_all(folder: Path) -> dict[str, Content]:
    """Every register, with the references between them checked; raises RegisterError with every problem found."""
    contents: dict[str, Content] = {}
    lines: dict[str, tuple[int, ...]] = {}
    errors: list[str] = []
    for name in REGISTERS:
        try:
            contents[name], lines[name] = _read(folder, name)
        except RegisterError as error:
            errors.append(str(error))
    if not errors:
        errors = _dangling(contents, lines)
    if errors:
        raise RegisterError("\n".join(errors[:_MOST_ERRORS]))
    return contents


def load(connection: duckdb.DuckDBPyConnection, folder: Path) -> dict[str, str]:
    """Create or replace ref.<name> for every register; returns name → SHA-256. Reads all before it writes any."""
    contents = read_all(folder)
    connection.execute("create schema if not exists ref")
    for name, content in contents.items():
        insert(connection, f"ref.{name}", content.register.columns, content.rows)
    return {name: content.sha256 for name, content in contents.items()}


def insert(
    connection: duckdb.DuckDBPyConnection,
    table: str,
    columns: tuple[RegisterColumn, ...],
    rows: tuple[tuple[Any, ...], ...],
) -> None:
    """Create or replace `table` with these rows, in one statement each way (text is cast by the engine, exactly)."""
    definition = ", ".join(f'"{column.name}" {column.sql_type}' for column in columns)
    connection.execute(f"create or replace table {table} ({definition})")
    if not rows:
        return
    casts = ", ".join(
        f"cast(unnest(?::varchar[]) as {column.sql_type})"
        if column.type != "text"
        else "unnest(?::varchar[])"
        for column in columns
    )
    connection.execute(
        f"insert into {table} select {casts}", [_as_text(column) for column in zip(*rows, strict=True)]
    )


def _as_text(values: tuple[Any, ...]) -> list[str | None]:
    return [None if value is None else str(value) for value in values]


def _read(folder: Path, name: str) -> tuple[Content, tuple[int, ...]]:
    register, file = REGISTERS[name], f"{name}.csv"
    path = folder / file
    if not path.is_file():
        raise RegisterError(f"{file}: missing in {folder.name}/ (zhibao init puts it there)")
    content = path.read_bytes()
    try:
        reader = csv.reader(io.StringIO(content.decode("utf-8-sig"), newline=""), strict=True)
        records = [(reader.line_num, record) for record in reader if record]
    except UnicodeDecodeError as error:
        raise RegisterError(f"{file}: not UTF-8 at byte {error.start} (save it as CSV UTF-8)") from None
    except csv.Error as error:
        raise RegisterError(f"{file} line {reader.line_num}: not CSV: {error}") from None
    header = records[0][1] if records else []
    if sorted(header) != sorted(register.names):
        raise RegisterError(
            f"{file} line 1: columns {','.join(header)} (expected {','.join(register.names)})"
        )
    errors: list[str] = []
    rows, lines = [], []
    for line, record in records[1:]:
        if len(record) != len(header):
            errors.append(f"{file} line {line}: {len(record)} cells (expected {len(header)})")
            continue
        cells = dict(zip(header, record, strict=True))
        row = []
        for column in register.columns:
            value, expected = _typed(cells[column.name].strip(), column)
            if expected:
                errors.append(
                    f'{file} line {line}: {column.name} "{cells[column.name]}" is not valid (expected {expected})'
                )
            row.append(value)
        rows.append(tuple(row))
        lines.append(line)
    if not errors:
        errors = _clashes(register, rows, lines)
    if errors:
        raise RegisterError("\n".join(errors[:_MOST_ERRORS]))
    return Content(register, tuple(rows), hashlib.sha256(content).hexdigest()), tuple(lines)


def _typed(text: str, column: RegisterColumn) -> tuple[Any, str]:
    """The value, and '' or what was expected instead."""
    if not text:
        return None, "" if column.null else f"{column.type}, not empty"
    if column.values and text not in column.values:
        return None, "one of " + ", ".join(column.values)
    return _PARSERS[column.type.partition("(")[0]](text, column.type)


def _integer(text: str, kind: str) -> tuple[Any, str]:
    return (int(text), "") if re.fullmatch(r"-?[0-9]{1,18}", text) else (None, "a whole number")


def _boolean(text: str, kind: str) -> tuple[Any, str]:
    return (text == "true", "") if text in ("true", "false") else (None, "true or false")


def _date(text: str, kind: str) -> tuple[Any, str]:
    try:
        return (
            (date.fromisoformat(text), "")
            if re.fullmatch(r"\d{4}-\d{2}-\d{2}", text)
            else (None, "YYYY-MM-DD")
        )
    except ValueError:
        return None, "YYYY-MM-DD"


def _decimal(text: str, kind: str) -> tuple[Any, str]:
    match = _DECIMAL.fullmatch(kind)
    assert match is not None
    precision, scale = int(match[1]), int(match[2])
    expected = f"a decimal with at most {precision - scale} digits before and {scale} after the point"
    if not re.fullmatch(r"-?[0-9]+(\.[0-9]+)?", text):
        return None, expected
    try:
        value = Decimal(text).quantize(Decimal(1).scaleb(-scale))
    except InvalidOperation:
        return None, expected
    fits = value == Decimal(text) and abs(value) < Decimal(10) ** (precision - scale)
    return (value, "") if fits else (None, expected)


_PARSERS: dict[str, Callable[[str, str], tuple[Any, str]]] = {
    "text": lambda text, kind: (text, ""),
    "integer": _integer,
    "boolean": _boolean,
    "date": _date,
    "decimal": _decimal,
}


def _clashes(register: Register, rows: list[tuple[Any, ...]], lines: list[int]) -> list[str]:
    """Rows of one key that are repeated, or overlap in time where the register is dated."""
    errors = []
    at = {name: i for i, name in enumerate(register.names)}
    groups: dict[tuple[Any, ...], list[tuple[date, date, int]]] = {}
    for row, line in zip(rows, lines, strict=True):
        begin = (row[at["valid_from"]] or date.min) if register.is_dated else date.min
        end = (row[at["valid_to"]] or date.max) if register.is_dated else date.max
        if end <= begin:
            errors.append(f"{register.name}.csv line {line}: valid_to {end} is not after valid_from {begin}")
        groups.setdefault(tuple(row[at[name]] for name in register.key), []).append((begin, end, line))
    for key, periods in groups.items():
        periods.sort()
        for (_, end, first), (begin, _, second) in pairwise(periods):
            if begin < end:
                named = ", ".join(f"{name} {value}" for name, value in zip(register.key, key, strict=True))
                what = "overlaps" if register.is_dated else "repeats"
                errors.append(
                    f"{register.name}.csv line {max(first, second)}: {named} {what} line {min(first, second)}"
                )
    return errors


def _dangling(contents: Mapping[str, Content], lines: Mapping[str, tuple[int, ...]]) -> list[str]:
    """References to rows that are nowhere."""
    known = {
        name: {row[content.register.names.index(content.register.key[0])] for row in content.rows}
        for name, content in contents.items()
    }
    errors = []
    for name, content in contents.items():
        for i, column in enumerate(content.register.columns):
            if not column.references:
                continue
            allowed = set().union(*(known[other] for other in column.references))
            for row, line in zip(content.rows, lines[name], strict=True):
                if row[i] is not None and row[i] not in allowed:
                    named = " or ".join(f"{other}.csv" for other in column.references)
                    errors.append(
                        f'{name}.csv line {line}: {column.name} "{row[i]}" is unknown (expected in {named})'
                    )
    return errors
