"""Text rows to typed values, with the rule (S06, S07, S08, V01, V02) that each bad cell breaks."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from .reference import Reference
from .standard import CODES, EXTRACTS, Column

TIMESTAMP = re.compile(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d", re.ASCII)
INTEGER = re.compile(r"-?\d{1,18}", re.ASCII)
DECIMAL = re.compile(r"-?\d+(\.\d+)?", re.ASCII)
ID_NUMBER = re.compile(r"\d{17}[\dX]", re.ASCII)
ID_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
CREDIT_ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"
CREDIT_WEIGHTS = tuple(pow(3, i, 31) for i in range(17))


@dataclass(slots=True)
class Row:
    """One data row of a current (or earlier) version: its cells as sent, as read, and what was wrong."""

    extract: str
    platform: str
    province: str
    day: date
    sequence: int
    number: int  # 1-based data row in the file
    submitted_at: datetime
    text: dict[str, str]
    value: dict[str, Any] = field(default_factory=dict)
    broken: dict[str, str] = field(default_factory=dict)  # column (or "" for the whole row) -> rule

    def get(self, column: str) -> Any:
        return self.value.get(column)

    @property
    def cell(self) -> tuple[str, str, str]:
        return self.platform, self.province, self.day.isoformat()

    @property
    def order(self) -> tuple[date, str, int]:
        """First by business_date, province_code, row number."""
        return self.day, self.province, self.number


def birth_date(id_number: str) -> date | None:
    try:
        return date(int(id_number[6:10]), int(id_number[10:12]), int(id_number[12:14]))
    except ValueError:
        return None


def id_number_valid(text: str, on: date) -> bool:
    """GB 11643: check digit, a birth date that exists by `on`, first digits 11–65, 81–83 or 99."""
    if not ID_NUMBER.fullmatch(text):
        return False
    born = birth_date(text)
    if born is None or born > on or born.year < 1900:
        return False
    area = int(text[:2])
    if not (11 <= area <= 65 or 81 <= area <= 83 or area == 99):
        return False
    total = sum(int(c) * w for c, w in zip(text, ID_WEIGHTS, strict=False))
    return text[17] == "10X98765432"[total % 11]


def credit_code_valid(text: str) -> bool:
    """GB 32100: 18 characters of its alphabet, the last a check character."""
    if len(text) != 18 or any(c not in CREDIT_ALPHABET for c in text):
        return False
    total = sum(CREDIT_ALPHABET.index(c) * w for c, w in zip(text, CREDIT_WEIGHTS, strict=False))
    return CREDIT_ALPHABET[(31 - total % 31) % 31] == text[17]


def _decimal(text: str, precision: int, scale: int) -> Decimal | None:
    """Exactly representable in decimal(precision, scale), or nothing: rounding would be a silent repair."""
    if not DECIMAL.fullmatch(text):
        return None
    whole, _, fraction = text.lstrip("-").partition(".")
    if len(fraction.rstrip("0")) > scale or len(whole.lstrip("0")) > precision - scale:
        return None
    return Decimal(text)


def read_cell(text: str, column: Column, on: date, reference: Reference) -> tuple[Any, str | None]:
    """(value, rule broken or None); an empty cell is null."""
    if text == "":
        return None, None if column.null else "S07"
    kind, _, rest = column.type.partition(":")
    if kind == "text":
        return (text, None) if len(text) <= int(rest) else (None, "S06")
    if kind == "timestamp":
        if TIMESTAMP.fullmatch(text):
            try:
                return datetime.fromisoformat(text), None
            except ValueError:
                pass
        return None, "S06"
    if kind in ("integer", "grade"):
        if not INTEGER.fullmatch(text):
            return None, "S06"
        number = int(text)
        return (None, "S06") if kind == "grade" and not 1 <= number <= 10 else (number, None)
    if kind == "decimal":
        amount = _decimal(text, *map(int, rest.split(":")))
        return amount, None if amount is not None else "S06"
    if kind in ("code", "city", "credit_code") and len(text) > 64:
        return None, "S06"
    if kind == "code":
        return (text, None) if text in CODES[rest] else (None, "S08")
    if kind == "city":
        return (text, None) if reference.knows_city(text) else (None, "S08")
    if kind == "identity":
        return (text, None) if id_number_valid(text, on) else (None, "V01")
    if kind == "credit_code":
        return (text, None) if credit_code_valid(text) else (None, "V02")
    raise ValueError(f"no such type: {column.type}")


def type_row(row: Row, reference: Reference) -> Row:
    """Fills `value` and `broken`; a row whose cells do not fit the header is S06 as a whole."""
    if "" in row.broken:
        return row
    columns = EXTRACTS[row.extract]
    for name, column in columns.items():
        value, rule = read_cell(row.text.get(name, ""), column, row.day, reference)
        if value is not None:
            row.value[name] = value
        if rule is not None:
            row.broken[name] = rule
    return row
