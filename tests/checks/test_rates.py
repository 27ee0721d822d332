"""Exact contradictions: the tolerated rate, the evidence, and its fading."""

from __future__ import annotations

import numpy as np

from checks import rates


def cubes(days: int = 40) -> tuple[np.ndarray, np.ndarray]:
    k, n = np.zeros((6, 4, days)), np.full((6, 4, days), 100.0)
    return k, n


def test_nothing_contradicts_nothing() -> None:
    k, n = cubes()
    assert rates.run(k, n, floor=0.001).log_e.max() == 0


def test_a_percent_from_a_day_on_is_found_in_a_few_nights() -> None:
    k, n = cubes()
    k[2, 1, 30:] = 3
    found = rates.run(k, n, floor=0.001)
    assert found.log_e[2, 1, 29] == 0
    assert found.log_e[2, 1, 34] > 13
    assert found.start[2, 1, 34] == 30
    assert (found.k_run[2, 1, 34], found.n_run[2, 1, 34]) == (15, 500)


def test_from_the_first_day_on_makes_no_difference() -> None:
    k, n = cubes()
    k[2, 1] = 3
    assert rates.run(k, n, floor=0.001).log_e[2, 1, 5] > 13


def test_what_all_platforms_show_is_tolerated() -> None:
    k, n = cubes()
    k[:] = 2
    k[:, -1] = 6
    n[:, -1] = 300
    assert rates.run(k, n, floor=0.001).log_e[:, :-1].max() < 1


def test_the_tolerated_rate_ignores_oneself() -> None:
    k, n = cubes()
    k[0] = 50
    limit = rates.tolerated(k, n, 0.001)
    assert limit[0, 0] == 0.001
    assert limit[1, 0] == 0.001  # the median of the others, one of whom falsifies


def test_evidence_fades_when_the_contradictions_end() -> None:
    k, n = cubes(120)
    k[2, 1, 30:40] = 5
    log_e = rates.run(k, n, floor=0.001).log_e[2, 1]
    assert log_e[39] > 13
    assert log_e[-1] < 1


def test_rows_that_come_together_count_less() -> None:
    k, n = cubes()
    k[2, 1, 30:] = 3
    alone, together = (rates.run(k, n, floor=0.001, design_effect=d).log_e[2, 1, 31] for d in (1.0, 4.0))
    assert together < alone / 2
