"""Identity numbers and credit codes: check digits worked out here by the texts of GB 11643 and GB 32100."""

from __future__ import annotations

from datetime import date

import numpy as np
import pytest

from data_samples.identity import credit_code, id_numbers

ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"


def id_is_valid(number: str) -> bool:
    total = sum(int(digit) * pow(2, 17 - place, 11) for place, digit in enumerate(number[:17]))
    check = (12 - total % 11) % 11
    return len(number) == 18 and number[17] == ("X" if check == 10 else str(check))


def code_is_valid(code: str) -> bool:
    values = [ALPHABET.index(letter) for letter in code]
    return (
        len(code) == 18 and (sum(v * pow(3, i, 31) for i, v in enumerate(values[:17])) + values[17]) % 31 == 0
    )


def test_numbers_of_the_standards_are_judged_rightly_here() -> None:
    assert id_is_valid("11010519491231002" + "X") and not id_is_valid(
        "110105194912310021"
    )  # the example of GB 11643
    assert code_is_valid("91350100M000100Y43")  # the example of GB 32100


def test_identity_numbers_are_valid_unassigned_and_of_working_age() -> None:
    numbers = [number.decode() for number in id_numbers(4321, np.arange(20_000), year=2025)]
    assert all(id_is_valid(number) and number.startswith("994321") for number in numbers)
    ages = [
        (date(2025, 10, 1) - date.fromisoformat(f"{n[6:10]}-{n[10:12]}-{n[12:14]}")).days / 365.25
        for n in numbers
    ]
    assert min(ages) >= 18 and max(ages) < 59 and 27 < np.median(ages) < 36


def test_no_two_persons_share_a_number() -> None:
    parts = [id_numbers(space, np.arange(300_000), year=2025, salt=7) for space in (0, 1)]
    assert np.unique(np.concatenate(parts)).size == 600_000


def test_too_many_persons_are_refused() -> None:
    with pytest.raises(ValueError, match="persons"):
        id_numbers(0, np.array([10**9]), year=2025)
    with pytest.raises(ValueError, match="namespace"):
        id_numbers(10_000, np.array([0]), year=2025)


def test_credit_codes_are_valid() -> None:
    codes = [credit_code(number, individual=number % 2 == 1) for number in range(0, 10**8, 999_983)]
    assert all(code_is_valid(code) for code in codes)
    assert {code[:8] for code in codes} == {"91990000", "92990000"}
