"""Who takes part: settings, cells (platform × province) and the random streams. Nothing here depends on
the order in which platforms, provinces or days are worked off."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta

import numpy as np

from data_samples import nature as natures
from data_samples import profiles, registers
from data_samples.draws import EPOCH, day_number, from_number, rng

__all__ = ["EPOCH", "Cell", "Settings", "day_number", "from_number", "rng"]

PLATFORMS = ("P01", "P02", "P04", "P06", "P08", "P09")
PROVINCES = ("110000", "310000", "320000", "330000", "350000", "440000")
# Where those who report other programmes than oip are at work (A): 微工卡, 益鹭保, 上海工会.
SUBMITTER_PROVINCES = {"W01": ("310000", "320000", "440000"), "Y01": ("350000",), "U01": ("310000",)}
XIAMEN = "350200"
PROMOTIONS = {(6, 18): 1.22, (11, 11): 1.25, (12, 12): 1.12, (2, 14): 1.1}  # month, day → demand (A)
COAST, TYPHOON = ("330000", "350000", "440000", "460000"), 0.5
OUTAGE_SHARE = 0.006  # of a cell's days (honest imperfection)
SECONDS = 86_400
CITIES = 9  # a cell works in so many prefectures of its province at most


@dataclass(frozen=True)
class Settings:
    """What the caller asked for; `claims_per_million`: injuries per million orders (far above life's 1.5); `nature`:
    what else befalls honest platforms, in a world to judge detectors by."""

    days: int
    start: date
    orders_per_day: float
    seed: int
    pristine: bool
    formats: str
    claims_per_million: float
    nature: natures.Nature | None = None

    @property
    def dates(self) -> tuple[date, ...]:
        return tuple(self.start + timedelta(days=i) for i in range(self.days))

    @property
    def seen_at(self) -> datetime:
        """The inbox is as it lies on the morning after the last business date: what comes later is not in it yet."""
        return datetime.combine(self.dates[-1] + timedelta(days=1), time(8))


@dataclass(frozen=True)
class Cell:
    """One platform in one province; `share` of the orders of all cells; `first`: its first order day."""

    platform: str
    province: str
    platform_no: int
    province_no: int
    credit_code: str
    share: float
    first: date
    cities: tuple[str, ...]
    city_weights: tuple[float, ...]
    submitter: bool = False  # no platform of oip: a city, a labour company or a union

    def industry(self, on: date) -> str:
        return "other" if self.submitter else registers.platforms(on)[self.platform].industry

    @property
    def name(self) -> str:
        return f"{self.platform}-{self.province}"


def midnight(on: date) -> int:
    """00:00 of a date in seconds of Shanghai wall time since 1970."""
    return day_number(on) * SECONDS


def build_cells(
    settings: Settings, platforms: Sequence[str] | None, provinces: Sequence[str] | None
) -> tuple[Cell, ...]:
    """Every pair that is in the scheme on some day of the sample, and, unless platforms are named, the
    submitters of other programmes. Raises ValueError if nothing is left, or a code is unknown."""
    known = registers.platforms(settings.start)
    others = registers.submitters(settings.start)
    wanted = sorted(set(platforms or (*PLATFORMS, *others)))
    wanted_provinces = sorted(set(provinces or PROVINCES))
    if lost := [code for code in wanted if code not in known and code not in others]:
        raise ValueError(f"unknown platform {', '.join(lost)} (known: {', '.join([*known, *others])})")
    if lost := [code for code in wanted_provinces if code not in registers.provinces()]:
        raise ValueError(f"unknown province {', '.join(lost)} (six digits, as 310000)")
    numbers = {code: i for i, code in enumerate([*sorted(known), *sorted(others)])}
    province_numbers = {code: i for i, code in enumerate(sorted(registers.provinces()))}
    cells: list[Cell] = []
    for platform in wanted:
        for province in wanted_provinces:
            first, weight = _part(settings, platform, province)
            if first in settings.dates:
                cells.append(
                    Cell(
                        platform,
                        province,
                        numbers[platform],
                        province_numbers[province],
                        {**known, **others}[platform].credit_code,
                        weight,
                        first,
                        *_cities(platform, province),
                        submitter=platform in others,
                    )
                )
    total = sum(cell.share for cell in cells)
    if not total:
        raise ValueError("no platform and province asked for is in the scheme between these dates")
    return tuple(replace(cell, share=cell.share / total) for cell in cells)


def _part(settings: Settings, platform: str, province: str) -> tuple[date | None, float]:
    """The first order day of a pair, None if there is none, and its weight."""
    if platform in registers.submitters(settings.start):
        return (settings.start if province in SUBMITTER_PROVINCES.get(platform, ()) else None), 0.0
    scheme, joined = registers.provinces()[province], registers.platforms(settings.start)[platform].joined_on
    if scheme is None or joined is None:
        raise ValueError(f"{platform} in {province}: there is no scheme")
    weight = profiles.PLATFORM_WEIGHT.get(platform, profiles.OTHER_PLATFORM)
    weight *= profiles.PROVINCE_WEIGHT.get(province, profiles.OTHER_PROVINCE)
    first = max(settings.start, scheme, joined)
    if settings.nature is not None:
        weight **= settings.nature.flatten
        first = max(first, natures.launch(settings.nature, platform, province, settings.start) or first)
    return first, weight


def _cities(platform: str, province: str) -> tuple[tuple[str, ...], tuple[float, ...]]:
    """Where a cell works, the larger first (A: the register's order)."""
    codes = (XIAMEN,) if platform == "Y01" else registers.cities(province)[:CITIES]
    weights = 1 / (np.arange(len(codes)) + 1.0) ** 0.9
    return codes, tuple(weights / weights.sum())


def demand(settings: Settings, cell: Cell, on: date) -> float:
    """Expected orders of a cell on a day: weekday, holiday, weather, and a shock that all platforms share."""
    if cell.submitter:
        return 0.0
    expected = settings.orders_per_day * cell.share * _factor(settings, cell, on) / _scale(settings, cell)
    if settings.nature is None:
        return expected
    day = registers.day(on)
    return expected * natures.demand(
        settings.nature, settings.seed, cell.platform, cell.province, on, settings.start,
        holiday=bool(day.holiday) and not day.is_workday, wet=is_wet(settings, cell.province, on),
    )  # fmt: skip


def _scale(settings: Settings, cell: Cell) -> float:
    """Makes `orders_per_day` the expected number on the first day of the sample, whichever day of the
    week it is."""
    return _factor(settings, cell, settings.start)


def _factor(settings: Settings, cell: Cell, on: date) -> float:
    shape = profiles.INDUSTRIES[cell.industry(on)]
    day = registers.day(on)
    factor = shape.holiday if day.holiday and not day.is_workday else shape.weekday[on.weekday()]
    if is_wet(settings, cell.province, on):
        factor *= shape.rain
    factor *= PROMOTIONS.get((on.month, on.day), 1.0)
    if is_typhoon(settings, cell.province, on):
        factor *= TYPHOON
    outage = rng(settings.seed, "outage", cell.platform, cell.province, day_number(on)).random()
    if not settings.pristine and outage < OUTAGE_SHARE:
        factor *= 1 - 40 * outage  # some hours without orders
    common = rng(settings.seed, "shock", day_number(on)).normal(0, 0.02)
    own = rng(settings.seed, "shock", cell.platform, cell.province, day_number(on)).normal(0, 0.03)
    return float(factor * np.exp(common + own))


def is_typhoon(settings: Settings, province: str, on: date) -> bool:
    """On the coast, in the season: about one day in sixty, when most stay at home."""
    if province not in COAST or on.month not in (7, 8, 9, 10):
        return False
    return bool(rng(settings.seed, "typhoon", province, day_number(on)).random() < 0.016)


def is_wet(settings: Settings, province: str, on: date) -> bool:
    """Rain or snow over most of the province: about one day in five, in spells."""
    if is_typhoon(settings, province, on):
        return True
    draws = [rng(settings.seed, "rain", province, day_number(on) - back).random() for back in (0, 1)]
    return draws[0] < 0.14 or draws[1] < 0.07
