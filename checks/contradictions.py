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

from checks import rates
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
    limit = np.clip(np.asarray(tolerated, float), NEVER, 0.5)
    return rates.accumulate(
        k, n, limit, alternatives=np.array(alternatives), least=2.0, highest=0.95, night_cap=night_cap
    )


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
