"""The reporting standard (报送规范) as data: one file a version, loaded strictly.

Every reader's schema, expectation suite, sample column and dictionary entry derives from `load()`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Any

from warehouse.strict_yaml import StrictError, expect_keys, read

FOLDER = Path(__file__).parent
REGISTER_CODES = ("city", "province", "platform")  # code lists that are registers, not lists of the standard

_SQL_TYPES = {
    "text": "VARCHAR",
    "code": "VARCHAR",
    "identity": "VARCHAR",
    "credit_code": "VARCHAR",
    "integer": "BIGINT",
    "timestamp": "TIMESTAMP",
    "date": "DATE",
}
_JSON_ONLY = ("instant", "boolean", "object", "list")  # types a manifest may use and a table may not
_COLUMN_KEYS = ("name", "type", "nullable", "zh", "en")
_COLUMN_OPTIONS = ("max_length", "precision", "scale", "codes", "minimum", "maximum")
_EXTRACT_KEYS = ("title_zh", "title_en", "meaning_zh", "meaning_en", "key", "columns")


@dataclass(frozen=True)
class Code:
    """One value of a code list, with its titles."""

    code: str
    zh: str
    en: str


@dataclass(frozen=True)
class Column:
    """One column or key. `null`: may be empty, and then left out altogether; bounds are inclusive."""

    name: str
    type: str
    null: bool
    max_length: int | None = None
    precision: int | None = None
    scale: int | None = None
    codes: str | None = None
    zh: str = ""
    en: str = ""
    minimum: int | None = None
    maximum: int | None = None

    @property
    def sql_type(self) -> str:
        """The DuckDB type of the typed value; raises StrictError for types that only JSON has."""
        if self.type == "decimal":
            return f"DECIMAL({self.precision},{self.scale})"
        if self.type not in _SQL_TYPES:
            raise StrictError(f"{self.name}: type {self.type} has no column type")
        return _SQL_TYPES[self.type]


@dataclass(frozen=True)
class Extract:
    """One kind of file: grain is one row per `key` (for extracts: and business date). `table`: name in staging."""

    name: str
    title_zh: str
    title_en: str
    key: tuple[str, ...]
    columns: tuple[Column, ...]
    meaning_zh: str = ""
    meaning_en: str = ""
    table: str = ""
    file_pattern: str | None = None

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(column.name for column in self.columns)

    @property
    def mandatory(self) -> tuple[str, ...]:
        """Columns that a file must have."""
        return tuple(column.name for column in self.columns if not column.null)

    def column(self, name: str) -> Column:
        for column in self.columns:
            if column.name == name:
                return column
        raise KeyError(f"{self.name} has no column {name}")


@dataclass(frozen=True)
class Manifest:
    """Keys of manifest.json and of the objects inside it; `totals` by extract."""

    keys: tuple[Column, ...]
    reason: tuple[Column, ...]
    signature: tuple[Column, ...]
    extract: tuple[Column, ...]
    totals: Mapping[str, tuple[Column, ...]]


@dataclass(frozen=True)
class Standard:
    version: str
    package_name: str  # regular expression with groups platform_code, province_code, business_date, sequence
    extracts: Mapping[str, Extract]
    codes: Mapping[str, Mapping[str, Code]]
    manifest: Manifest
    witness_files: Mapping[str, Extract]


def versions() -> tuple[str, ...]:
    """The versions that exist, oldest first."""
    return tuple(sorted(path.stem.removeprefix("v") for path in FOLDER.glob("v*.yaml")))


@cache
def load(version: str = "1.0") -> Standard:
    """The standard of one version; raises StrictError naming the file and the place if it is not well formed."""
    path = FOLDER / f"v{version}.yaml"
    if not path.is_file():
        raise StrictError(f"standard version {version!r} does not exist (known: {', '.join(versions())})")
    return parse(read(path), path.name)


def parse(value: Any, where: str) -> Standard:
    """A Standard from the parsed YAML; `where` names the file in errors."""
    raw = expect_keys(value, where, ("version", "package_name", "extracts", "codes", "manifest", "witness"))
    codes = {name: _codes(entries, f"{where} codes.{name}") for name, entries in raw["codes"].items()}
    known = frozenset(codes) | frozenset(REGISTER_CODES)
    extracts = {
        name: _extract(name, entry, f"{where} extracts.{name}", known, table=name)
        for name, entry in raw["extracts"].items()
    }
    if set(extracts) != {"enrollment", "orders", "claims"}:
        raise StrictError(
            f"{where} extracts: expected enrollment, orders, claims, found {', '.join(extracts)}"
        )
    witness = {
        name: _extract(name, entry, f"{where} witness.{name}", known)
        for name, entry in raw["witness"].items()
    }
    manifest = _manifest(raw["manifest"], f"{where} manifest", known, tuple(extracts))
    return Standard(
        version=_text(raw["version"], f"{where} version"),
        package_name=_pattern(raw["package_name"], f"{where} package_name"),
        extracts=MappingProxyType(extracts),
        codes=MappingProxyType(codes),
        manifest=manifest,
        witness_files=MappingProxyType(witness),
    )


def _text(value: Any, where: str) -> str:
    if not isinstance(value, str) or not value.strip():
        raise StrictError(f"{where}: expected text, found {value!r}")
    return value


def _pattern(value: Any, where: str) -> str:
    try:
        re.compile(_text(value, where))
    except re.error as error:
        raise StrictError(f"{where}: not a regular expression: {error}") from None
    return str(value)


def _codes(entries: Any, where: str) -> Mapping[str, Code]:
    if not isinstance(entries, dict) or not entries:
        raise StrictError(f"{where}: expected a mapping of codes")
    result = {}
    for code, titles in entries.items():
        expect_keys(titles, f"{where}.{code}", ("zh", "en"))
        result[code] = Code(
            code, _text(titles["zh"], f"{where}.{code}"), _text(titles["en"], f"{where}.{code}")
        )
    return MappingProxyType(result)


def _extract(name: str, entry: Any, where: str, known: frozenset[str], table: str = "") -> Extract:
    raw = expect_keys(entry, where, (*_EXTRACT_KEYS, *(() if table else ("table", "file_pattern"))))
    columns = _columns(raw["columns"], where, known, json_types=False)
    key = tuple(raw["key"])
    if lost := [part for part in key if part not in {column.name for column in columns}]:
        raise StrictError(f"{where}: key {', '.join(lost)} is no column")
    return Extract(
        name=name,
        title_zh=_text(raw["title_zh"], where),
        title_en=_text(raw["title_en"], where),
        key=key,
        columns=columns,
        meaning_zh=_text(raw["meaning_zh"], where),
        meaning_en=_text(raw["meaning_en"], where),
        table=table or _text(raw["table"], where),
        file_pattern=None if table else _pattern(raw["file_pattern"], where),
    )


def _manifest(value: Any, where: str, known: frozenset[str], extracts: tuple[str, ...]) -> Manifest:
    raw = expect_keys(value, where, ("keys", "reason", "signature", "extract", "totals"))
    totals = expect_keys(raw["totals"], f"{where}.totals", extracts)

    def columns(part: Any, name: str) -> tuple[Column, ...]:
        return _columns(part, f"{where}.{name}", known, json_types=True)

    return Manifest(
        keys=columns(raw["keys"], "keys"),
        reason=columns(raw["reason"], "reason"),
        signature=columns(raw["signature"], "signature"),
        extract=columns(raw["extract"], "extract"),
        totals=MappingProxyType({name: columns(totals[name], f"totals.{name}") for name in extracts}),
    )


def _columns(entries: Any, where: str, known: frozenset[str], *, json_types: bool) -> tuple[Column, ...]:
    if not isinstance(entries, list) or not entries:
        raise StrictError(f"{where}: expected a list of columns")
    columns = tuple(
        _column(entry, f"{where} column {i}", known, json_types) for i, entry in enumerate(entries, 1)
    )
    names = [column.name for column in columns]
    if repeated := sorted({name for name in names if names.count(name) > 1}):
        raise StrictError(f"{where}: column {', '.join(repeated)} is given twice")
    return columns


def _column(entry: Any, where: str, known: frozenset[str], json_types: bool) -> Column:
    raw = expect_keys(entry, where, _COLUMN_KEYS, _COLUMN_OPTIONS)
    where = f"{where} ({raw['name']})"
    kind = raw["type"]
    if kind not in (*_SQL_TYPES, "decimal", *(_JSON_ONLY if json_types else ())):
        raise StrictError(f"{where}: unknown type {kind!r}")
    if not isinstance(raw["nullable"], bool):
        raise StrictError(f"{where}: nullable must be true or false")
    if (kind == "decimal") != ("precision" in raw and "scale" in raw):
        raise StrictError(f"{where}: precision and scale belong to type decimal, both")
    if (kind == "code") != ("codes" in raw) or ("codes" in raw and raw["codes"] not in known):
        raise StrictError(f"{where}: type code names one list of codes, found {raw.get('codes')!r}")
    for option in ("max_length", "precision", "scale", "minimum", "maximum"):
        if option in raw and (not isinstance(raw[option], int) or isinstance(raw[option], bool)):
            raise StrictError(f"{where}: {option} must be an integer")
    return Column(
        name=_text(raw["name"], where),
        type=kind,
        null=raw["nullable"],
        zh=_text(raw["zh"], where),
        en=_text(raw["en"], where),
        **{option: raw[option] for option in _COLUMN_OPTIONS if option in raw},
    )
