"""Exact contradictions counted against what is tolerated: the evidence of a rate that should be almost nothing.

For things that honest data hardly hold (an order that a witness knows and the platform does not, rows copied from
another day, a serial that changed) no past is needed: the null is a tolerated rate, the larger of a stated floor and
three times what the other platforms show. The likelihood ratio of k out of n, mixed over several larger rates, runs
through the nights as a CUSUM (an e-detector, average run length ≥ threshold). Falsified from the first day on or
not makes no difference to it.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from checks.panel import CEILING, Array, log_mean

ALTERNATIVES = np.array(
    [0.0035, 0.011, 0.05, 0.33]
)  # rates that the mixture is made for, at least three times the tolerated
PEERS = 3.0  # how many times the peers' rate is still tolerated
TRIMMED = 0.33  # share of the peers, the worst ones, that are no measure of honesty
FADING = (
    0.97  # what is left of the evidence after a night without a contradiction: an episode must be able to end
)


@dataclass(frozen=True)
class Rates:
    """k of n against a tolerated rate, platform × (province…, national) × day."""

    k: Array
    n: Array
    tolerated: Array  # of the nights since the evidence began to grow, weighed by n
    log_e: Array
    start: NDArray[np.int64]
    k_run: Array  # k and n since the evidence began to grow
    n_run: Array


def tolerated(k: Array, n: Array, floor: float) -> Array:
    """The rate that is tolerated in each cell: max(floor, 3 × pooled rate of the other platforms but the worst third)."""
    totals_k, totals_n = np.nansum(k[:, -1], axis=-1), np.nansum(n[:, -1], axis=-1)
    limit = np.full(len(totals_k), floor)
    for i in range(len(totals_k)):
        others = np.array([j for j in range(len(totals_k)) if j != i and totals_n[j] > 0], dtype=np.int64)
        if len(others) < 3:
            continue
        order = others[np.argsort(totals_k[others] / totals_n[others])]
        kept = order[: len(order) - int(np.ceil(TRIMMED * len(order)))]
        limit[i] = max(floor, PEERS * float(totals_k[kept].sum() / totals_n[kept].sum()))
    return np.broadcast_to(np.minimum(limit, 0.5)[:, None], k.shape[:2])


def run(
    k: Array,
    n: Array,
    *,
    floor: float,
    design_effect: float = 1.0,
    night_cap: float = 12.0,
    limit: Array | None = None,
) -> Rates:
    """The running evidence of k out of n being more than tolerated (`limit`, platform × cell; else what `tolerated` says)."""
    limit = tolerated(k, n, floor) if limit is None else limit
    return accumulate(
        k, n, limit[..., None], alternatives=ALTERNATIVES, least=PEERS, highest=0.9, night_cap=night_cap,
        design_effect=design_effect, fading=FADING,
    )  # fmt: skip


def accumulate(
    k: Array, n: Array, limit: Array, *, alternatives: Array, least: float, highest: float, night_cap: float,
    design_effect: float = 1.0, fading: float = 1.0,
) -> Rates:  # fmt: skip
    """The CUSUM of likelihood ratios of k out of n, mixed over `alternatives` of at least `least` × the limit, at most `highest`.

    `limit`: the tolerated rate, broadcast to platform × cell × day. `design_effect`: how many alike rows come together (one
    mistake seldom concerns one row); it divides the evidence. `night_cap`: nats that one night may bring at most. `fading`:
    what is left of the evidence after a night without a contradiction.
    """
    counted = np.nan_to_num(k)
    of = np.maximum(np.nan_to_num(n), counted)
    limit = np.broadcast_to(limit, k.shape)
    shares = alternatives[:, None, None]
    log_m = np.zeros((len(alternatives), *k.shape[:2]))
    start, days = np.zeros(k.shape[:2], dtype=np.int64), np.zeros(k.shape[:2])
    k_run, n_run, tolerated_run = np.zeros(k.shape[:2]), np.zeros(k.shape[:2]), np.zeros(k.shape[:2])
    history: list[tuple[Array, ...]] = []
    starts: list[NDArray[np.int64]] = []
    for day in range(k.shape[2]):
        a, b, p = counted[..., day] / design_effect, of[..., day] / design_effect, limit[..., day]
        p1 = np.minimum(np.maximum(shares, least * p), highest)
        gain = a * np.log(p1 / p) + (b - a) * np.log((1 - p1) / (1 - p))
        log_m = np.clip(log_m + np.minimum(gain, night_cap), 0.0, CEILING)
        log_m = np.where((b > 0) & (a <= 0), fading * log_m, log_m)
        log_e = log_mean(log_m)
        runs = log_e > 1e-9
        start = np.where(runs & (days == 0), day, start)
        days = np.where(runs, days + 1, 0)
        k_run = np.where(runs, k_run + counted[..., day], 0)
        n_run = np.where(runs, n_run + of[..., day], 0)
        tolerated_run = np.where(runs, tolerated_run + of[..., day] * p, 0)
        shown = np.where(n_run > 0, tolerated_run / np.maximum(n_run, 1e-12), p)
        history.append((shown, log_e, k_run, n_run))
        starts.append(start)
    shown, log_e, k_all, n_all = (np.stack([night[i] for night in history], -1) for i in range(4))
    return Rates(k, n, shown, log_e, np.stack(starts, -1), k_all, n_all)
