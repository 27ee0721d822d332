"""Tails of measured distributions (分布尾部): how many orders lie in the lowest or highest few per cent of the past.

The edge is the platform's own: the bin of core.cell_shape (a quarter of an octave) below or above which about `share` of the
orders of its first days lay, in its main industry. It stays where it is, so that what is cut off or pushed over the edge later shows.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import polars as pl

from checks.frames import Frames
from checks.panel import Array

FIRST_DAYS = 28  # reported days of a platform that set its edges


def edges(frames: Frames, measure: str, *, low: bool, share: float) -> dict[str, int]:
    """platform → the last bin of the lower tail (low) or the first of the upper one, holding nearest to `share`."""
    rows = _main(frames, measure)
    found: dict[str, int] = {}
    for (platform,), part in rows.group_by("platform_code", maintain_order=True):
        first = sorted(part["business_date"].unique().to_list())[:FIRST_DAYS]
        bins = (
            part.filter(pl.col("business_date").is_in(first))
            .group_by("bin_no")
            .agg(pl.col("orders").sum())
            .sort("bin_no", descending=not low)
        )
        within = bins["orders"].to_numpy().cumsum() / max(bins["orders"].sum(), 1)
        best = int(np.argmin(np.abs(np.log(np.maximum(within, 1e-9) / share))))
        found[str(platform)] = int(bins["bin_no"][best])
    return found


def _main(frames: Frames, measure: str) -> pl.DataFrame:
    """The measure's bins of each platform's own industry by the register; of all where it names none."""
    rows = frames.tables["cell_shape"].filter(pl.col("measure") == measure)
    main = {code: name for code, name in zip(frames.platforms, frames.industry(), strict=True) if name}
    wanted = pl.col("platform_code").replace_strict(main, default=None, return_dtype=pl.String)
    return rows.filter(wanted.is_null() | (pl.col("industry") == wanted))


def inside(measure: str, *, low: bool, share: float) -> Callable[[Frames], Array]:
    """A signal's cube: orders inside the tail, platform × (province…, national) × day."""

    def cube(frames: Frames) -> Array:
        edge = edges(frames, measure, low=low, share=share)
        at = pl.col("platform_code").replace_strict(edge, default=None, return_dtype=pl.Int64)
        rows = _main(frames, measure).filter(pl.col("bin_no") <= at if low else pl.col("bin_no") >= at)
        return _summed(frames, rows)

    return cube


def measured(measure: str) -> Callable[[Frames], Array]:
    """A signal's cube: orders that have the measure."""

    def cube(frames: Frames) -> Array:
        return _summed(frames, _main(frames, measure))

    return cube


def _summed(frames: Frames, rows: pl.DataFrame) -> Array:
    sums = np.zeros(frames.shape)
    where = frames.index(rows)
    if where is not None:
        np.add.at(sums, where[1], rows["orders"].to_numpy()[where[0]].astype(float))
    sums[:, -1] = sums[:, :-1].sum(axis=1)
    return np.where(frames.reported, sums, np.nan)
