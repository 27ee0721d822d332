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
from datetime import date, datetime, time
from functools import cache
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl

from data_samples import identity

ADVERSARIES = ("naive", "noisy", "aware", "colluding")
MASK = (1 << 64) - 1


@dataclass(frozen=True)
class Day:
    """One business date of one platform in one province as it truly was. Frames hold the standard's columns.

    `roll`: the latest state of every spell of cover up to the eve; `history`: the orders sent on earlier dates
    (up to 14); `counts`: the true number of orders of earlier dates; `lots`: a number drawn once for the scheme in
    this cell, so that a worker or a claim meets the same fate on every date; `known`: what the scheme has asked
    to be remembered; `premium`: yuan due for an order here, `rates`: by industry; `wet`: rain over most of the
    province; `year`: of the identity numbers' ages.
    """

    platform: str
    province: str
    industry: str
    business_date: date
    from_date: date
    orders: pl.DataFrame
    enrollment: pl.DataFrame
    claims: pl.DataFrame
    roll: pl.DataFrame
    cities: tuple[str, ...]
    history: Mapping[date, pl.DataFrame]
    counts: Mapping[date, int]
    rates: Mapping[str, float]
    premium: float
    lots: int
    known: frozenset[str]
    wet: bool
    is_workday: bool
    year: int


@dataclass(frozen=True)
class Injected:
    """The day as it is sent, and what was done to it.

    `touched`: ids of the rows concerned, for the labels; `renumber`: serials run gap-free again over what is left;
    `later`: rows for later dates (date, extract, frame); `resend`: orders, enrollment and claims of a second version,
    after its reason, sent days later; `withheld`: nothing is sent; `remember`: to be known on later dates;
    `manifest`: (extract, key, value) written instead of the truth; `moved`: orders that another province of the
    platform will report.
    """

    orders: pl.DataFrame
    enrollment: pl.DataFrame
    claims: pl.DataFrame
    touched: tuple[str, ...] = ()
    renumber: bool = False
    later: tuple[tuple[date, str, pl.DataFrame], ...] = ()
    resend: tuple[tuple[str, str], pl.DataFrame, pl.DataFrame, pl.DataFrame] | None = None
    withheld: bool = False
    remember: tuple[str, ...] = ()
    manifest: tuple[tuple[str, str, Any], ...] = ()
    moved: pl.DataFrame | None = None


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


def alter_claims(day: Day, able: pl.Expr, intensity: float, **columns: pl.Expr) -> Injected:
    """Gives a share of the claims that are able, injured from the first date on, other values in some columns."""
    if not len(day.claims):
        return unchanged(day)
    lot = pl.Series(lots(day.claims["claim_id"], day.lots) < intensity, dtype=pl.Boolean)
    recent = pl.col("injured_at").dt.date() >= day.from_date
    chosen = day.claims.select(able & recent & pl.lit(lot)).to_series().fill_null(False)
    claims = day.claims.with_columns(
        pl.when(chosen).then(value).otherwise(pl.col(name)).cast(day.claims.schema[name]).alias(name)
        for name, value in columns.items()
    )
    return replace(
        unchanged(day), claims=claims, touched=tuple(day.claims["claim_id"].filter(chosen).to_list())
    )


def pick(rng: np.random.Generator, able: npt.NDArray[np.bool_], intensity: float) -> npt.NDArray[np.bool_]:
    """Some of the rows that are able: a share below 1, a number from 1 on (at least one, where one is
    able)."""
    rows = np.flatnonzero(able)
    count = round(intensity) if intensity >= 1 else max(1, round(intensity * rows.size))
    chosen = np.zeros(able.size, dtype=bool)
    chosen[rng.choice(rows, size=min(count, rows.size), replace=False)] = True
    return chosen


def stranger(day: Day, key: str, like: str) -> tuple[str, str]:
    """A worker number in the manner of `like`, and an identity number, that nobody else has; both follow from `key`."""
    place = int(lots(pl.Series([key]), day.lots ^ 1)[0] * 900_000)
    space = (zlib.crc32(f"{day.platform}{day.province}".encode()) % 1000) * 10 + 9
    person = identity.id_numbers(space, np.array([place]), year=day.year, salt=day.lots % 1000)[0]
    return f"{like[:-7]}{7_000_000 + place:07d}", person.decode()


def spell(
    day: Day, worker: str, person: str, registered: datetime, begin: datetime, **others: Any
) -> pl.DataFrame:
    """The enrollment row of a new oip spell; `others` gives further columns."""
    row = {
        "coverage_id": worker + "C1",
        "action": "start",
        "worker_id": worker,
        "id_number": person,
        "programme": "oip",
        "registered_at": registered.replace(microsecond=0),
        "covered_from": begin,
        "labor_relation": "partial",
        "engagement": "crowdsourced",
        "industry": day.industry,
        "city_code": day.cities[0],
        "agreement": "written_agreement",
        "worker_paid_yuan": 0.0,
    }
    return pl.DataFrame([row | others])


def start_of(on: date) -> datetime:
    return datetime.combine(on, time())


def fresh_ids(day: Day, sources: pl.Series) -> pl.Series:
    """New order ids in the manner of the given ones, that are not among the day's."""
    taken = set(day.orders["order_id"].to_list())
    made: list[str] = []
    for place, source in enumerate(sources.to_list()):
        number = int(source[-8:])
        while True:
            number = (number * 48_271 + place + 11) % 10**8
            candidate = f"{source[:-8]}{number:08d}"
            if candidate not in taken:
                break
        taken.add(candidate)
        made.append(candidate)
    return pl.Series(made, dtype=pl.String)
