"""What falsifies a day: one file a scheme, `inject(day, rng, intensity) -> Injected`, found by its name.

An injector is a pure function of the day's true frames. It shares no code and no constant with what
detects. `SCHEME` is its id (F01 … F34: schemes; others: simple planted faults, named by the rule that
speaks); `ONCE` says that it acts on the first date only, as planted faults do.
"""

from __future__ import annotations

import importlib
import zlib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from functools import cache
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl

ADVERSARIES = ("naive", "noisy", "aware", "colluding")
MASK = (1 << 64) - 1


@dataclass(frozen=True)
class Day:
    """One business date of one platform in one province as it truly was. Frames hold the standard's columns.

    `history`: the orders sent on earlier dates (up to 14); `lots`: a number drawn once for the scheme in
    this cell, so that a worker or a claim meets the same fate on every date; `premium`: yuan due for an
    order; `offices`: all provinces of the platform in the sample; `wet`: rain or snow over most of the
    province.
    """

    platform: str
    province: str
    industry: str
    business_date: date
    from_date: date
    orders: pl.DataFrame
    enrollment: pl.DataFrame
    claims: pl.DataFrame
    cities: tuple[str, ...]
    history: Mapping[date, pl.DataFrame]
    lots: int
    premium: float
    wet: bool = False
    is_workday: bool = True
    year: int = 2025


@dataclass(frozen=True)
class Injected:
    """The day as it is sent, and what was done to it.

    `touched`: ids of the rows concerned, for the labels; `renumber`: serials run gap-free again over what
    is left; `later`: rows for later dates (date, extract, frame); `resend`: frames of a second version,
    with its reason, sent days later; `withheld`: nothing is sent; `manifest`: (extract, key, value)
    written instead of the truth.
    """

    orders: pl.DataFrame
    enrollment: pl.DataFrame
    claims: pl.DataFrame
    touched: tuple[str, ...] = ()
    renumber: bool = False
    later: tuple[tuple[date, str, pl.DataFrame], ...] = ()
    resend: tuple[tuple[str, str], pl.DataFrame, pl.DataFrame, pl.DataFrame] | None = None
    withheld: bool = False
    manifest: tuple[tuple[str, str, Any], ...] = ()


def unchanged(day: Day) -> Injected:
    return Injected(day.orders, day.enrollment, day.claims)


@cache
def modules() -> dict[str, ModuleType]:
    """Scheme id → module, for every file of this folder named like one."""
    found: dict[str, ModuleType] = {}
    for path in sorted(Path(__file__).parent.glob("[A-Z][0-9][0-9]_*.py")):
        module = importlib.import_module(f"{__name__}.{path.stem}")
        if path.stem[:3] != module.SCHEME:
            raise ValueError(f"{path.name} says it is {module.SCHEME}")
        found[module.SCHEME] = module
    return found


def lots(ids: pl.Series, salt: int) -> npt.NDArray[np.float64]:
    """A number in [0, 1) for each id, the same wherever and whenever the id is seen."""
    unique = ids.unique()
    table = {each: _mix((zlib.crc32(each.encode()) << 32) ^ salt ^ len(each)) for each in unique.to_list()}
    return np.array([table[each] for each in ids.to_list()], dtype=np.float64)


def _mix(value: int) -> float:
    """splitmix64: a good scattering of any number, the same in every version of every library."""
    value = (value + 0x9E3779B97F4A7C15) & MASK
    value = ((value ^ (value >> 30)) * 0xBF58476D1CE4E5B9) & MASK
    value = ((value ^ (value >> 27)) * 0x94D049BB133111EB) & MASK
    return ((value ^ (value >> 31)) >> 11) / 2**53


def drop(day: Day, gone: npt.NDArray[np.bool_]) -> Injected:
    """Leaves orders out, and says which."""
    mask = pl.Series(gone)
    touched = tuple(day.orders["order_id"].filter(mask).to_list())
    return replace(unchanged(day), orders=day.orders.filter(~mask), touched=touched)


def change(day: Day, chosen: npt.NDArray[np.bool_], **columns: pl.Expr) -> Injected:
    """Gives the chosen orders other values in some columns."""
    mask = pl.Series(chosen)
    orders = day.orders.with_columns(
        pl.when(mask).then(value).otherwise(pl.col(name)).cast(day.orders.schema[name]).alias(name)
        for name, value in columns.items()
    )
    return replace(
        unchanged(day), orders=orders, touched=tuple(day.orders["order_id"].filter(mask).to_list())
    )


def stack(frame: pl.DataFrame, rows: pl.DataFrame) -> pl.DataFrame:
    """More rows under a frame; columns they lack are null."""
    return pl.concat(
        [
            frame,
            rows.select(
                pl.col(name).cast(kind) if name in rows.columns else pl.lit(None, dtype=kind).alias(name)
                for name, kind in frame.schema.items()
            ),
        ]
    )


def pick(rng: np.random.Generator, able: npt.NDArray[np.bool_], intensity: float) -> npt.NDArray[np.bool_]:
    """Some of the rows that are able: a share below 1, a number from 1 on (at least one, where one is
    able)."""
    rows = np.flatnonzero(able)
    count = round(intensity) if intensity >= 1 else max(1, round(intensity * rows.size))
    chosen = np.zeros(able.size, dtype=bool)
    chosen[rng.choice(rows, size=min(count, rows.size), replace=False)] = True
    return chosen
