"""Who takes part: settings, cells (platform × province) and the random streams. Nothing here depends on the order in
which platforms, provinces or days are worked off."""

from __future__ import annotations

import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np

from data_samples import profiles, registers

PLATFORMS = ("P01", "P02", "P04", "P06", "P08", "P09")
PROVINCES = ("110000", "310000", "320000", "330000", "350000", "440000")
EPOCH = date(1970, 1, 1)
SECONDS = 86_400
CITIES = 9  # a cell works in so many prefectures of its province at most


@dataclass(frozen=True)
class Settings:
    """What the caller asked for; `claims_per_million`: injuries per million orders (far above life's 1.5)."""

    days: int
    start: date
    orders_per_day: float
    seed: int
    pristine: bool
    formats: str
    claims_per_million: float

    @property
    def dates(self) -> tuple[date, ...]:
        return tuple(self.start + timedelta(days=i) for i in range(self.days))


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

    def industry(self, on: date) -> str:
        return registers.platforms(on)[self.platform].industry

    @property
    def name(self) -> str:
        return f"{self.platform}-{self.province}"


def rng(seed: int, *parts: str | int) -> np.random.Generator:
    """An independent stream for every name, such as rng(seed, "orders", platform, province, day number)."""
    words = [part if isinstance(part, int) else zlib.crc32(part.encode()) for part in parts]
    return np.random.Generator(np.random.SFC64(np.random.SeedSequence([seed, *words])))


def day_number(on: date) -> int:
    return (on - EPOCH).days


def midnight(on: date) -> int:
    """00:00 of a date in seconds of Shanghai wall time since 1970."""
    return day_number(on) * SECONDS


def from_number(number: int) -> date:
    return EPOCH + timedelta(days=number)


def build_cells(
    settings: Settings, platforms: Sequence[str] | None, provinces: Sequence[str] | None
) -> tuple[Cell, ...]:
    """Every pair that is in the scheme on some day of the sample; raises ValueError if none is, or a code is unknown."""
    known_platforms, known_provinces = registers.platforms(settings.start), registers.provinces()
    wanted_platforms, wanted_provinces = sorted(set(platforms or PLATFORMS)), sorted(set(provinces or PROVINCES))
    if lost := [code for code in wanted_platforms if code not in known_platforms]:
        raise ValueError(f"unknown platform {', '.join(lost)} (known: {', '.join(known_platforms)})")
    if lost := [code for code in wanted_provinces if code not in known_provinces]:
        raise ValueError(f"unknown province {', '.join(lost)} (six digits, as 310000)")
    pairs: list[tuple[str, str, date, float]] = []
    for platform in wanted_platforms:
        for province in wanted_provinces:
            scheme = known_provinces[province]
            if scheme is None:
                raise ValueError(f"province {province} has no scheme")
            first = max(settings.start, scheme, known_platforms[platform].joined_on)
            if first in settings.dates:
                weight = profiles.PLATFORM_WEIGHT.get(platform, profiles.OTHER_PLATFORM)
                weight *= profiles.PROVINCE_WEIGHT.get(province, profiles.OTHER_PROVINCE)
                pairs.append((platform, province, first, weight))
    if not pairs:
        raise ValueError("no platform and province asked for is in the scheme between these dates")
    total = sum(weight for *_, weight in pairs)
    platform_nos = {code: i for i, code in enumerate(sorted(known_platforms))}
    province_nos = {code: i for i, code in enumerate(sorted(known_provinces))}
    return tuple(
        Cell(
            platform, province, platform_nos[platform], province_nos[province],
            known_platforms[platform].credit_code, weight / total, first, *_cities(province),
        )
        for platform, province, first, weight in pairs
    )  # fmt: skip


def _cities(province: str) -> tuple[tuple[str, ...], tuple[float, ...]]:
    codes = registers.cities(province)[:CITIES]
    weights = 1 / (np.arange(len(codes)) + 1.0) ** 0.9
    return codes, tuple(weights / weights.sum())


def demand(settings: Settings, cell: Cell, on: date) -> float:
    """Expected orders of a cell on a day: weekday, holiday, weather, and a shock that all platforms share."""
    return settings.orders_per_day * cell.share * _factor(settings, cell, on) / _scale(settings, cell)


def _scale(settings: Settings, cell: Cell) -> float:
    """Makes `orders_per_day` the expected number on the first day of the sample, whichever day of the week it is."""
    return _factor(settings, cell, settings.start)


def _factor(settings: Settings, cell: Cell, on: date) -> float:
    shape = profiles.INDUSTRIES[cell.industry(on)]
    day = registers.day(on)
    factor = shape.holiday if day.holiday and not day.is_workday else shape.weekday[on.weekday()]
    if is_wet(settings, cell.province, on):
        factor *= shape.rain
    common = rng(settings.seed, "shock", day_number(on)).normal(0, 0.02)
    own = rng(settings.seed, "shock", cell.platform, cell.province, day_number(on)).normal(0, 0.03)
    return float(factor * np.exp(common + own))


def is_wet(settings: Settings, province: str, on: date) -> bool:
    """Rain or snow over most of the province: about one day in five, in spells."""
    draws = [
        rng(settings.seed, "rain", province, day_number(on) - back).random() for back in (0, 1)
    ]
    return draws[0] < 0.14 or draws[1] < 0.07
