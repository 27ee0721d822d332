"""Bernoulli e-processes: published bound, Ville's inequality by simulation, clusters, refusals."""

import numpy as np
import pytest
from scipy.stats import binom

from checks.statistics.e_process import (
    bernoulli,
    bernoulli_path,
    clustered,
    effective_n,
    upper_bound,
    upper_sequence,
)


def test_299_sampled_orders_all_present_exclude_one_percent_at_95() -> None:
    assert upper_bound(0, 299) == pytest.approx(1 - 0.05 ** (1 / 299))
    assert upper_bound(0, 299) < 0.01 < upper_bound(0, 298)


def test_clopper_pearson_of_a_textbook_case() -> None:
    # 4 of 20: exact two-sided 95% interval [.0573, .4366] (Clopper and Pearson 1934; Newcombe 1998); one-sided 97.5% is its end
    assert upper_bound(4, 20, confidence=0.975) == pytest.approx(0.4366, abs=1e-4)
    assert upper_bound([5, 0], [5, 0])[0] == 1.0 and np.isnan(upper_bound([5, 0], [5, 0])[1])


def test_looking_every_night_rarely_raises_a_false_alarm() -> None:
    seen = np.random.default_rng(1).random((600, 1000)) < 0.01
    path = bernoulli_path(seen, np.ones_like(seen), 0.01)
    ever = np.nanmax(path.log_e, axis=1) >= np.log(20)
    assert ever.mean() <= 0.05


def test_evidence_comes_at_300_sampled_orders_when_one_percent_is_tolerated_and_five_are_dropped() -> None:
    dropped = np.random.default_rng(2).binomial(300, 0.05, 2000)
    assert (bernoulli(dropped, 300, 0.01).log_e >= np.log(20)).mean() > 0.9


def test_an_expectation_of_one_under_the_null_and_less_below_it() -> None:
    k = np.arange(101)
    e = np.exp(bernoulli(k, 100, 0.02).log_e)
    assert (e * binom.pmf(k, 100, 0.02)).sum() == pytest.approx(1.0)
    assert (e * binom.pmf(k, 100, 0.01)).sum() < 1.0


def test_one_night_after_another_equals_the_totals() -> None:
    path = bernoulli_path([[0, 3, 1]], [[50, 60, 70]], 0.01)
    assert path.log_e[0, -1] == pytest.approx(bernoulli(4, 180, 0.01).log_e)


def test_clusters_of_one_are_the_plain_process() -> None:
    absent = np.array([1, 0, 0, 1, 0, 0])
    many = clustered(np.zeros(6, int), np.arange(6), absent, 0.02)
    assert many.log_e[0] == pytest.approx(bernoulli(2, 6, 0.02).log_e)


def test_one_angry_worker_with_fifty_orders_counts_once() -> None:
    absent, worker = np.ones(50), np.zeros(50, int)
    alone = clustered(np.zeros(50, int), worker, absent, 0.005)
    assert alone.n[0] == 1 and alone.log_e[0] == pytest.approx(bernoulli(1, 1, 0.005).log_e)
    trusted_less = clustered(np.zeros(50, int), worker, absent, 0.005, weight=0.1)
    assert not trusted_less.applicable[0] and "too few clusters" in trusted_less.reason


def test_clustered_null_holds_when_workers_differ_wildly() -> None:
    rng = np.random.default_rng(3)
    bad = np.repeat(rng.random((1000, 100)) < 0.02, 10, axis=1)  # a bad worker misses all ten orders
    cell = np.repeat(np.arange(1000), 1000)
    worker = np.tile(np.repeat(np.arange(100), 10), 1000)
    honest = clustered(cell, worker, bad.ravel(), 0.02)
    naive = bernoulli(bad.sum(axis=1), 1000, 0.02)
    assert (honest.log_e >= np.log(20)).mean() <= 0.05 < (naive.log_e >= np.log(20)).mean()


def test_too_few_checks_are_refused_with_a_reason() -> None:
    few = bernoulli([0, 0], [0, 400], 0.3)
    assert few.applicable.tolist() == [False, True] and np.isnan(few.log_e[0]) and "too few" in few.reason
    with pytest.raises(ValueError):
        bernoulli(3, 2, 0.1)


def test_effective_n_of_clusters() -> None:
    assert effective_n([10, 10], 1.0) == 2 and effective_n([10, 10], 0.0) == 20


def test_anytime_bound_is_wider_and_covers_at_every_night() -> None:
    k = np.cumsum(np.random.default_rng(4).random((1000, 500)) < 0.05, axis=1)
    n = np.arange(1, 501)
    bound = upper_sequence(k, np.broadcast_to(n, k.shape))
    assert (bound > 0.05).all(axis=1).mean() >= 0.95
    assert upper_sequence(0, 299) > upper_bound(0, 299)
