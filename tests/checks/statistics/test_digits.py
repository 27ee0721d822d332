"""Digits: Whipple and Myers of the published vector, exact Newcomb–Benford shares, refusals on bounded fields."""

import numpy as np
import pytest

from checks.statistics.digits import (
    benford,
    benford_expected,
    first_digits,
    myers,
    round_excess,
    terminal_digits,
    whipple,
)

# Males by single age 0–99 of the PASEX spreadsheet SINGAGE (US Census Bureau), data set pop1m_pasex of the R package DemoTools
PASEX = """80626 95823 104315 115813 100796 105086 97266 116328 75984 89982 95525 56973 78767 65672 53438 85014 47600 64363 42195 42262
73221 30080 34391 29072 20531 66171 24029 44227 24128 23599 82088 16454 22628 17108 12531 57325 17220 28425 16206 17532 65976 11593
15828 13541 8133 44696 11165 18543 12614 12041 55798 9324 10772 10453 6773 28358 9916 13348 8039 7583 42470 5288 5317 6582 3361 17949
3650 5873 3279 3336 27368 1965 2495 2319 1335 12022 1401 1668 1360 1185 9167 424 568 462 282 6206 343 409 333 291 4137 133 169 157 89
2068 68 81 66 57"""
COUNTS, AGES = np.array(PASEX.split(), float), np.arange(100)


def test_whipple_of_the_pasex_vector() -> None:
    assert whipple(COUNTS, AGES, lowest=25, highest=60) == pytest.approx(2.33873, abs=5e-6)
    assert whipple(np.full(100, 10.0), AGES) == 1.0
    assert np.isnan(whipple(np.zeros(100), AGES))


def test_myers_of_the_pasex_vector_in_both_readings() -> None:
    assert myers(COUNTS, AGES, lowest=10, highest=89) == pytest.approx(23.62787, abs=5e-6)
    assert 2 * myers(COUNTS, AGES, lowest=10, highest=89, pasex=True) == pytest.approx(47.46, abs=5e-3)
    assert myers(np.full(100, 10.0), AGES) == pytest.approx(0.0, abs=1e-12)
    with pytest.raises(ValueError):
        myers(COUNTS, AGES, lowest=10, highest=85)


def test_newcomb_benford_shares_are_exact() -> None:
    # Newcomb 1881, Benford 1938: first digits in percent; second digits .1197 … .0850
    assert (100 * benford_expected(1)).round(1).tolist() == [30.1, 17.6, 12.5, 9.7, 7.9, 6.7, 5.8, 5.1, 4.6]
    assert benford_expected(2).round(4)[[0, 9]].tolist() == [0.1197, 0.0850]
    assert benford_expected(1).sum() == pytest.approx(1) and benford_expected(3).sum() == pytest.approx(1)


def test_benford_holds_for_powers_of_two_and_breaks_for_typed_numbers() -> None:
    powers = 2.0 ** np.arange(1000)
    assert (first_digits(powers) == 1).mean() == pytest.approx(0.301, abs=1e-3)
    honest = benford(powers, bounded=False)
    assert honest.applicable and honest.p_value > 0.99 and honest.effect < 0
    typed = benford(
        np.random.default_rng(1).integers(1, 10, 2000) * 10.0 ** np.tile([0, 2, 4, 6], 500), bounded=False
    )
    assert typed.p_value < 1e-20 and typed.effect > 0.04


def test_benford_refuses_bounded_short_and_narrow_fields() -> None:
    fees = np.random.default_rng(2).normal(6, 1, 5000)
    assert "bounded" in benford(fees, bounded=True).reason
    narrow = benford(fees, bounded=False)
    assert not narrow.applicable and "decades" in narrow.reason and np.isnan(narrow.p_value)
    assert "fewer than 300" in benford(2.0 ** np.arange(50), bounded=False).reason


def test_first_digit_at_exact_powers_of_ten() -> None:
    assert first_digits([0.001, 0.01, 1000.0, 1e15, 999.0, 0.0, np.nan]).tolist() == [1, 1, 1, 1, 9]


def test_terminal_digits_uniform_silent_heaped_found_narrow_refused() -> None:
    rng = np.random.default_rng(3)
    honest = rng.lognormal(7, 0.5, 5000).round(2)
    assert terminal_digits(honest, unit=0.01).p_value > 0.001
    heaped = np.where(rng.random(5000) < 0.1, honest.round(1), honest)
    found = terminal_digits(heaped, unit=0.01)
    assert found.p_value < 1e-10 and found.effect == pytest.approx(0.09, abs=0.02)
    assert "too few tens" in terminal_digits(rng.normal(15, 5, 500)).reason
    assert not terminal_digits(honest[:50]).applicable


def test_round_excess_is_against_peers_never_theory() -> None:
    tariff = round_excess(6000, 10000, baseline_multiples=60000, baseline_n=100000)
    assert tariff.effect == 0 and tariff.p_value == 0.5  # a round tariff everywhere is no excess
    found = round_excess(7000, 10000, baseline_multiples=60000, baseline_n=100000, phi=67)
    assert found.effect == pytest.approx(0.1) and 1e-3 < found.p_value < 0.02
    assert not round_excess(1, 20, baseline_multiples=0, baseline_n=30).applicable
