"""The one formatter: units once, no false 100%, a little is not nothing."""

from __future__ import annotations

import pytest

from dashboards.figures.numbers import SHARE, Scale, exact, number, scale_of, signed


@pytest.mark.parametrize(
    ("values", "unit", "lang", "word", "shown"),
    [
        ([25_100_000], "persons", "zh", "ten_thousand", "2,510"),
        ([12_345_700], "persons", "zh", "ten_thousand", "1,235"),
        ([1_040_000_000], "orders", "zh", "hundred_million", "10.4"),
        ([400_000_000], "orders", "zh", "ten_thousand", "40,000"),
        ([99_999], "persons", "zh", "", "99,999"),
        ([123_456], "persons", "zh", "ten_thousand", "12.3"),
        ([25_100_000], "persons", "en", "million", "25.1"),
        ([812], "persons", "en", "", "812"),
        ([14_100], "orders", "en", "", "14,100"),
        ([729_900], "persons", "en", "thousand", "729.9"),
        ([0.07], "yuan/order", "zh", "", "0.07"),
        ([0.98765], "share", "zh", "percent", "98.8"),
        ([], "persons", "zh", "", "–"),
    ],
)
def test_one_scale_for_one_picture(values: list[float], unit: str, lang: str, word: str, shown: str) -> None:
    scale = scale_of(values, unit, lang)
    assert scale.word == word
    assert number(values[0] if values else None, scale) == shown


@pytest.mark.parametrize(
    ("value", "shown"),
    [(1.0, "100.0"), (0.9999, "99.99"), (0.99949, "99.9"), (0.99951, "99.95"), (0.999999, "99.9999"), (0.99999999, ">99.9999"),
     (0.0, "0.0"), (0.0004, "<0.1"), (1.02, "102.0")],
)  # fmt: skip
def test_a_share_is_never_rounded_up_to_the_whole(value: float, shown: str) -> None:
    assert number(value, SHARE) == shown


def test_changes_carry_their_sign() -> None:
    assert signed(0.123, SHARE) == "+12.3"
    assert signed(-0.02, SHARE) == "−2.0"
    assert signed(0, SHARE) == "0.0"
    assert signed(None, SHARE) == "–"


def test_exact_numbers_of_the_table_view() -> None:
    assert exact(12_345_678.0, "persons") == "12,345,678"
    assert exact(0.98765, "share") == "98.77%"
    assert exact(0.99999, "share") == "99.999%"
    assert exact(None, "persons") == "–"
    assert exact(float("nan"), "yuan") == "–"
    assert number(float("inf"), Scale()) == "–"
