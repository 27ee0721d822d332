"""Orders at once (同时在途单数): how full a worker's fullest moment honestly is, on each platform, and who goes beyond.

Dispatch systems cap what one worker carries at a time, and each platform has its own cap: it is read off the platform's own
first weeks (core.cell_running), so that batching is honest where it was always done. Where the numbers at once just thin out,
there is no cap, and nobody can be said to go beyond it: the tail grows with the load of a holiday as well.
"""

from __future__ import annotations

import numpy as np
import polars as pl
from numpy.typing import NDArray

from checks.frames import Frames
from checks.panel import Array

TOP = 20
FIRST_DAYS = 21  # days of a platform that show its cap
ABOVE = 0.0011  # of workers' days that may lie above it by chance
THINNING = 0.5  # of the step from one number to the next, what the step after it is in a tail that thins out
SHARP = 0.0033  # of workers' days that a tail would have put above, where nothing lies above


def caps(frames: Frames) -> NDArray[np.int64]:
    """Per platform: the fullest moment that all but ABOVE of the workers' days of its first weeks stayed within; TOP where the
    numbers at once thin out without a cap."""
    levels = of_kind(frames, "worker")[:, -1]
    found = np.full(len(frames.platforms), TOP, dtype=np.int64)
    for p in range(len(frames.platforms)):
        days = np.flatnonzero(levels[p].sum(axis=1) > 0)[:FIRST_DAYS]
        counted = levels[p, days].sum(axis=0)
        total = max(counted.sum(), 1)
        above = counted.sum() - counted.cumsum()
        within = np.flatnonzero(above <= ABOVE * total)
        if len(within) and _is_sharp(counted / total, int(within[0])):
            found[p] = int(within[0])
    return found


def _is_sharp(shares: Array, cap: int) -> bool:
    """Whether a tail as steep as the step to the cap would have put far more above it."""
    if cap <= 1:
        return True  # one at a time: there is no step to judge by
    before = max(float(shares[cap - 1]), 1e-9)
    return float(shares[cap]) * min(float(shares[cap]) / before, 1.0) * THINNING >= SHARP


def of_kind(frames: Frames, kind: str) -> Array:
    """Counts platform × (province…, national) × day × level 0–20."""
    counts = np.zeros((*frames.shape, TOP + 1))
    rows = frames.tables["cell_running"].filter(pl.col("kind") == kind)
    where = frames.index(rows)
    if where is not None:
        keep, (p, v, t) = where
        level = rows["level"].to_numpy()[keep].astype(np.int64)
        np.add.at(counts, (p, v, t, level), rows["counted"].to_numpy()[keep].astype(float))
    counts[:, -1] = counts[:, :-1].sum(axis=1)
    return counts


def beyond(frames: Frames, kind: str) -> tuple[Array, Array]:
    """(counted above the platform's cap, counted), platform × (province…, national) × day; NaN where none was reported, or there
    is no cap."""
    counts, cap = of_kind(frames, kind), caps(frames)
    above = np.arange(TOP + 1)[None, :] > cap[:, None]
    k = (counts * above[:, None, None, :]).sum(axis=3)
    there = frames.reported & (cap < TOP)[:, None, None]
    return np.where(there, k, np.nan), np.where(there, counts.sum(axis=3), np.nan)


def tolerated(k: Array, n: Array, floor: float) -> Array:
    """What a platform's first weeks allow of its cells: twice its own early rate, half a case more, at least `floor`."""
    limit = np.full(k.shape[:2], floor)
    for p in range(k.shape[0]):
        days = np.flatnonzero(np.nan_to_num(n[p, -1]) > 0)[:FIRST_DAYS]
        early, of = np.nansum(k[p, -1, days]), np.nansum(n[p, -1, days])
        limit[p] = min(max(floor, 2 * (early + 0.5) / max(of, 1.0)), 0.5)
    return limit
