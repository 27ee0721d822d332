"""Single cases that honest records hardly hold (个案矛盾): evidence of k out of n when one or a few cases suffice.

Unlike checks.rates, the alternatives are absolute shares, so that a case that ought never to happen speaks for itself;
what is tolerated may differ from night to night (the share of the same thing among rows that prove nothing).
Sums run as a CUSUM of likelihood ratios (an e-detector: average run length ≥ the threshold). Also: cubes from event rows.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import polars as pl

from checks.frames import Frames
from checks.panel import CEILING, Array
from checks.rates import Rates

ALTERNATIVES = (0.003, 0.02, 0.1, 0.35, 0.9)
# An act that has no honest counterpart: a policy number (one case suffices), no estimate. It lets a single case among
# some dozens pass any threshold that an alarm budget asks for.
NEVER = 1e-9
PEERS = 3.0  # how many times the peers' share is still tolerated


def run(
    k: Array,
    n: Array,
    tolerated: npt.ArrayLike,
    *,
    alternatives: Sequence[float] = ALTERNATIVES,
    night_cap: float = CEILING,
) -> Rates:
    """The running evidence that k of n is more than `tolerated` (a share; broadcast to platform × cell × day)."""
    counted, of = np.nan_to_num(k), np.maximum(np.nan_to_num(n), np.nan_to_num(k))
    limit = np.broadcast_to(np.clip(np.asarray(tolerated, float), NEVER, 0.5), k.shape)
    shares = np.array(alternatives)[:, None, None]
    log_m = np.zeros((len(alternatives), *k.shape[:2]))
    start, days = np.zeros(k.shape[:2], dtype=np.int64), np.zeros(k.shape[:2])
    k_run, n_run, tolerated_run = np.zeros(k.shape[:2]), np.zeros(k.shape[:2]), np.zeros(k.shape[:2])
    history: list[tuple[Array, npt.NDArray[np.int64], Array, Array, Array]] = []
    for day in range(k.shape[2]):
        a, b, p = counted[..., day], of[..., day], limit[..., day]
        p1 = np.minimum(np.maximum(shares, 2 * p), 0.95)
        gain = a * np.log(p1 / p) + (b - a) * np.log((1 - p1) / (1 - p))
        log_m = np.clip(log_m + np.minimum(gain, night_cap), 0.0, CEILING)
        top = log_m.max(axis=0)
        log_e = top + np.log(np.exp(log_m - top).mean(axis=0))
        runs = log_e > 1e-9
        start = np.where(runs & (days == 0), day, start)
        days = np.where(runs, days + 1, 0)
        k_run = np.where(runs, k_run + a, 0)
        n_run = np.where(runs, n_run + b, 0)
        tolerated_run = np.where(runs, tolerated_run + b * p, 0)
        history.append((log_e, start.copy(), k_run.copy(), n_run.copy(), tolerated_run.copy()))
    log_e_all, k_all, n_all, want = (
        np.stack([np.asarray(h[i], float) for h in history], -1) for i in (0, 2, 3, 4)
    )
    start_all = np.stack([h[1] for h in history], -1)
    shown = np.where(n_all > 0, want / np.maximum(n_all, 1e-12), limit)
    return Rates(k, n, shown, log_e_all, start_all, k_all, n_all)


def peers(k: Array, n: Array, floor: float, *, times: float = PEERS, highest: float = 0.5) -> Array:
    """What is tolerated in each platform (platform × 1 × 1): max(floor, times × the median share of the other platforms);
    the floor alone where fewer than 3 peers have rows."""
    total_k, total_n = np.nansum(k[:, -1], axis=-1), np.nansum(n[:, -1], axis=-1)
    share = np.where(total_n > 0, total_k / np.maximum(total_n, 1), np.nan)
    limit = np.full(len(share), floor)
    for i in range(len(share)):
        others = np.delete(share, i)
        others = others[np.isfinite(others)]
        if len(others) >= 3:
            limit[i] = max(floor, times * float(np.median(others)))
    return np.minimum(limit, highest)[:, None, None]


def cubes(frames: Frames, rows: pl.DataFrame, **columns: str) -> dict[str, Array]:
    """Sums of boolean or numeric columns of event rows onto platform × (province…, national) × day.

    rows: platform_code, province_code (null or unknown: national only), day (a date). columns: name=column, and `n` always:
    the rows. Null counts 0. Rows outside the axes are left out.
    """
    names = {"n": None} | columns
    answer = {name: np.zeros(frames.shape) for name in names}
    if rows.height == 0:
        return answer
    place_p = {code: i for i, code in enumerate(frames.platforms)}
    place_v = {code: i for i, code in enumerate(frames.provinces)}
    p = np.array([place_p.get(code, -1) for code in rows["platform_code"].to_list()])
    v = np.array([place_v.get(code, -1) for code in rows["province_code"].to_list()])
    first = frames.days[0].toordinal()
    t = np.array([-1 if day is None else day.toordinal() - first for day in rows["day"].to_list()])
    inside = (p >= 0) & (t >= 0) & (t < len(frames.days))
    for name, column in names.items():
        values = (
            np.ones(rows.height)
            if column is None
            else rows[column].cast(pl.Float64).fill_null(0.0).to_numpy()
        )
        local = inside & (v >= 0)
        np.add.at(answer[name], (p[local], v[local], t[local]), values[local])
        np.add.at(
            answer[name],
            (p[inside], np.full(int(inside.sum()), len(frames.provinces)), t[inside]),
            values[inside],
        )
    return answer


def totals(cube: Array) -> Array:
    """Sum over all days of each platform × cell, kept as a third axis of one."""
    return np.asarray(np.nansum(cube, axis=-1, keepdims=True))
