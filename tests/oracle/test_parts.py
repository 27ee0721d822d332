"""Parts of the oracle against published examples."""

from __future__ import annotations

from datetime import date, datetime
from fractions import Fraction

import pytest

from .cells import period_of, time_label
from .figures import kaplan_meier, ratio
from .package import parse_time
from .reference import deadline, last_night, night_of, province_of_city, same_day
from .signature import canonical, ed25519_valid
from .tiny import CREDIT, identity
from .typing_rows import _decimal, credit_code_valid, id_number_valid


def test_rfc_8032_vectors() -> None:
    public = bytes.fromhex("3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c")
    signature = bytes.fromhex(
        "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da"
        "085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00"
    )
    assert ed25519_valid(public, b"\x72", signature)
    assert not ed25519_valid(public, b"\x73", signature)


def test_rfc_8785_examples() -> None:
    assert canonical({"b": 1, "a": [None, True, "é\n"]}) == '{"a":[null,true,"é\\n"],"b":1}'
    numbers = [333333333.33333329, 1e30, 4.50, 2e-3, 1e-27, 0.0, 9.05, 47.71]
    assert canonical(numbers) == "[333333333.3333333,1e+30,4.5,0.002,1e-27,0,9.05,47.71]"


def test_identity_numbers() -> None:
    on = date(2025, 11, 5)
    assert id_number_valid("11010519491231002" + "X", on)  # the example printed in GB 11643
    assert not id_number_valid("11010519491231002x", on)
    assert not id_number_valid("110105194912310021", on)
    assert id_number_valid(identity(7), on)
    assert not id_number_valid(identity(7, "20251106"), on)  # born after the business date
    assert id_number_valid(identity(7, "20251105"), on)
    assert not id_number_valid(identity(7, "19900230"), on)


def test_credit_codes() -> None:
    assert all(map(credit_code_valid, CREDIT.values()))
    assert not credit_code_valid("91990001100079385X")
    assert not credit_code_valid("91990001100079385I")


@pytest.mark.parametrize(
    ("text", "fits"),
    [
        ("0.0701", True),
        ("0.07010", True),
        ("0.07011", False),
        ("99999999", True),
        ("100000000", False),
        ("1e3", False),
        ("+1", False),
        (" 1", False),
        ("-0.01", True),
        (".5", False),
        ("1,000", False),
    ],
)
def test_decimal_12_4(text: str, fits: bool) -> None:
    assert (_decimal(text, 12, 4) is not None) == fits


def test_clocks() -> None:
    d = date(2025, 11, 5)
    assert deadline(d) == datetime(2025, 11, 6, 6)
    assert night_of(datetime(2025, 11, 6, 6)) == d
    assert night_of(datetime(2025, 11, 6, 6, 0, 1)) == date(2025, 11, 6)
    assert night_of(datetime(2025, 11, 5, 6, 0, 1)) == d
    assert last_night(datetime(2025, 11, 6, 6)) == d
    assert last_night(datetime(2025, 11, 6, 5, 59, 59)) == date(2025, 11, 4)
    assert parse_time("2025-11-05T18:10:00Z") == datetime(2025, 11, 6, 2, 10)
    assert parse_time("2025-11-06T02:10:00") is None
    assert same_day(date(2024, 2, 29), 1) == date(2025, 3, 1)


def test_places_and_periods() -> None:
    assert province_of_city("659001") == "660000"
    assert province_of_city("650100") == "650000"
    assert period_of("quarter", date(2025, 11, 5)) == (date(2025, 10, 1), date(2026, 1, 1))
    assert period_of("month", date(2025, 12, 31)) == (date(2025, 12, 1), date(2026, 1, 1))
    assert time_label("quarter", date(2025, 6, 30)) == "2025-Q2"


def test_kaplan_meier() -> None:
    half = Fraction(1, 2)
    assert kaplan_meier([(1, True), (2, True), (3, True), (4, True)], half) == 2
    assert kaplan_meier([(1, False), (2, True), (3, True)], half) == 2
    assert kaplan_meier([(1, True), (5, False), (6, False)], half) is None
    assert kaplan_meier([(2, True), (2, False)], half) == 2  # a case censored at t is still at risk at t
    assert ratio(1, 0).value is None
