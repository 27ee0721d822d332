"""Check digits: resident identity numbers (GB 11643) and unified social credit codes (GB 32100)."""

from __future__ import annotations

from datetime import date

import numpy as np
import polars as pl

_WEIGHTS = np.array([7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2])
_CHECK = np.frombuffer(b"10X98765432", dtype=np.uint8)
TEST_AREA = "99"  # unassigned: sample and test data only; a production profile refuses it
_CREDIT_ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"
_CREDIT_VALUES = {letter: value for value, letter in enumerate(_CREDIT_ALPHABET)}


def identity_faults(numbers: pl.Series, *, latest_birth: date, test_area: bool) -> pl.DataFrame:
    """Judge identity numbers, one row each in the order given.

    Columns: number, fault (null where valid, else a short reason), birth_date, sex (M/F), id_area.
    The area's first two digits must be 11–65 or 81–83 (districts are not checked: old codes live on), or
    99 where `test_area` is allowed. Source: GB 11643.
    """
    frame = pl.DataFrame({"number": numbers.cast(pl.String)})
    shaped = frame["number"].str.contains(r"^[0-9]{17}[0-9X]$").fill_null(False)
    text = frame["number"].zip_with(shaped, pl.Series([("0" * 18)]).new_from_index(0, frame.height))
    raw = np.frombuffer("".join(text.to_list()).encode("ascii"), dtype=np.uint8).reshape(-1, 18)
    digits = raw[:, :17].astype(np.int64) - 48
    right = _CHECK[(digits @ _WEIGHTS) % 11] == raw[:, 17]
    area = pl.col("number").str.slice(0, 2)
    number = area.cast(pl.Int32, strict=False)
    allowed = number.is_between(11, 65) | number.is_between(81, 83)
    if test_area:
        allowed = allowed | (area == TEST_AREA)
    return (
        frame.with_columns(shaped=shaped, right=pl.Series(right))
        .with_columns(
            birth_date=pl.col("number").str.slice(6, 8).str.to_date("%Y%m%d", strict=False),
            sex=pl.when(pl.col("number").str.slice(16, 1).cast(pl.Int32, strict=False) % 2 == 1)
            .then(pl.lit("M"))
            .otherwise(pl.lit("F")),
            id_area=pl.col("number").str.slice(0, 6),
        )
        .with_columns(
            fault=pl.when(~pl.col("shaped"))
            .then(pl.lit("not 17 digits and a digit or X"))
            .when(~pl.col("right"))
            .then(pl.lit("check digit wrong"))
            .when(
                pl.col("birth_date").is_null()
                | ~pl.col("birth_date").is_between(date(1900, 1, 1), latest_birth)
            )
            .then(pl.lit("birth date impossible"))
            .when(~allowed)
            .then(pl.lit("area not assigned"))
            .otherwise(None)
        )
        .select(
            "number",
            "fault",
            *(pl.when(pl.col("fault").is_null()).then(pl.col(name)).alias(name) for name in ("birth_date", "sex", "id_area")),
        )
    )  # fmt: skip


def credit_code_is_valid(code: str) -> bool:
    """GB 32100: 18 characters without I O S V Z, weights 3^(i−1) mod 31, check (31 − S mod 31) mod 31."""
    if len(code) != 18 or any(letter not in _CREDIT_VALUES for letter in code):
        return False
    total = sum(_CREDIT_VALUES[letter] * pow(3, place, 31) for place, letter in enumerate(code[:17]))
    return _CREDIT_VALUES[code[17]] == (31 - total % 31) % 31
