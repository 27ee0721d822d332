"""What honest platforms and provinces differ in, and what happens to them: the nuisances of a world.

A plain sample has none of this: its cells follow one profile with independent noise. A world to judge detectors by is
less kind: demand has a memory, provinces share shocks, platforms have profiles, tariffs, promotions and habits of their own,
launch, hire in waves, fall silent for some nights and send everything afterwards. Magnitudes come from the world's file;
what befalls whom follows from the seed. Deviations are of logarithms.
"""

from __future__ import annotations

from dataclasses import dataclass, field, fields
from datetime import date, timedelta
from functools import lru_cache

import numpy as np
import numpy.typing as npt

from data_samples.draws import day_number, rng

Floats = npt.NDArray[np.float64]
WARM_UP = 120  # days over which a series with memory forgets how it began


@dataclass(frozen=True)
class Noise:
    """A series with memory: stationary deviation of the logarithm, and the part kept from day to day."""

    deviation: float
    kept: float


@dataclass(frozen=True)
class Nature:
    """Magnitudes; every one may be left out, and then the thing does not happen.

    `flatten`: exponent of the national shares (below 1: small cells are less small). `outage_nights`: chance of a cell
    and night that nothing is sent for one to three nights, and everything afterwards. `launches`: (platform, province,
    days after the start). `whole_minutes`: platforms whose times have no seconds. `tariff_steps`: platform → 1/100 yuan
    to which fares are rounded. `pulses`: cells that send pulses. `checks`: sampled orders a cell and night.
    """

    flatten: float = 1.0
    national: Noise = Noise(0.0, 0.0)
    provincial: Noise = Noise(0.0, 0.0)
    platform: Noise = Noise(0.0, 0.0)
    cell: Noise = Noise(0.0, 0.0)
    jump_share: float = 0.0  # of days, with something local: a fair, a concert, a road closed
    jump: float = 0.0
    growth: float = 0.0  # deviation of the yearly growth of a platform
    weekday: float = 0.0
    holiday: float = 0.0
    rain: float = 0.0
    promotion_every: int = 0  # days between a platform's own promotions
    promotion: float = 0.0
    hours: float = 0.0  # a platform's own profile of the day, hour by hour
    hours_daily: float = 0.0  # the same of one cell and day
    fares: float = 0.0
    cancelled: float = 0.0
    claims: float = 0.0
    habits: float = 0.0  # of sending early, correcting, being late
    hiring_wave_every: int = 0
    hiring_wave: float = 1.0
    outage_nights: float = 0.0
    launches: tuple[tuple[str, str, int], ...] = ()
    whole_minutes: tuple[str, ...] = ()
    tariff_steps: dict[str, int] = field(default_factory=dict)
    pulses: tuple[tuple[str, str], ...] = ()
    checks: int = 4

    def __hash__(self) -> int:
        return id(self)


def parse(values: dict[str, object]) -> Nature:
    """From a world's file; ValueError for a name that is none of ours."""
    known = {each.name: each.type for each in fields(Nature)}
    if unknown := sorted(set(values) - set(known)):
        raise ValueError(f"nature: unknown {', '.join(unknown)} (known: {', '.join(known)})")
    made: dict[str, object] = {}
    for name, value in values.items():
        if known[name] == "Noise":
            made[name] = Noise(*value)  # type: ignore[misc]
        elif isinstance(value, list):
            made[name] = tuple(tuple(each) if isinstance(each, list) else each for each in value)
        else:
            made[name] = value
    return Nature(**made)  # type: ignore[arg-type]


def series(seed: int, noise: Noise, name: str, *who: str, day: int) -> float:
    """One day of a named series with memory."""
    if not noise.deviation:
        return 0.0
    return float(_walk(seed, noise, name, who, day // 512)[day % 512])


@lru_cache(maxsize=4096)
def _walk(seed: int, noise: Noise, name: str, who: tuple[str, ...], block: int) -> Floats:
    """512 days from block × 512 on; warmed up on the days before, so that blocks join."""
    draws = np.concatenate(
        [rng(seed, "walk", name, *who, part).standard_normal(512) for part in (block - 1, block)]
    )
    value, values = 0.0, np.empty(1024)
    fresh = np.sqrt(1 - noise.kept**2)
    for place, draw in enumerate(draws):
        value = noise.kept * value + fresh * draw
        values[place] = value
    return values[512:] * noise.deviation


@lru_cache(maxsize=16384)
def own(seed: int, deviation: float, name: str, *who: str | int) -> float:
    """A deviation that somebody has once and for all."""
    if not deviation:
        return 0.0
    return float(rng(seed, "own", name, *who).normal(0, deviation))


def demand(
    nature: Nature,
    seed: int,
    platform: str,
    province: str,
    on: date,
    start: date,
    *,
    holiday: bool,
    wet: bool,
) -> float:
    """The factor on a cell's demand of a day, beside weekday, holiday and weather as all have them."""
    day = day_number(on)
    log = series(seed, nature.national, "national", day=day)
    log += series(seed, nature.provincial, "provincial", province, day=day)
    log += series(seed, nature.platform, "platform", platform, day=day)
    quiet = Noise(
        nature.cell.deviation * np.exp(own(seed, 0.3, "noise", platform, province)), nature.cell.kept
    )
    log += series(seed, quiet, "cell", platform, province, day=day)
    log += own(seed, nature.growth, "growth", platform) * (on - start).days / 365
    week = on.weekday()
    log += own(seed, nature.weekday, "weekday", platform, week) + own(
        seed, nature.weekday / 2, "weekday", province, week
    )
    if holiday:
        log += own(seed, nature.holiday, "holiday", platform) + own(
            seed, nature.holiday / 2, "holiday", province
        )
    if wet:
        log += own(seed, nature.rain, "rain", platform)
    log += _promotion(nature, seed, platform, day)
    if nature.jump_share:
        draw = rng(seed, "jump", platform, province, day)
        if draw.random() < nature.jump_share:
            log += float(draw.normal(0, nature.jump))
    return float(np.exp(log)) * _ramp(nature, platform, province, on, start)


def _promotion(nature: Nature, seed: int, platform: str, day: int) -> float:
    """One to three days in every period of `promotion_every`, in all provinces of the platform."""
    if not nature.promotion_every:
        return 0.0
    draw = rng(seed, "promotion", platform, day // nature.promotion_every)
    first, length = int(draw.integers(0, nature.promotion_every - 3)), int(draw.integers(1, 4))
    lift = abs(float(draw.normal(nature.promotion, nature.promotion / 2)))
    return lift if first <= day % nature.promotion_every < first + length else 0.0


def launch(nature: Nature, platform: str, province: str, start: date) -> date | None:
    """The day a platform begins in a province, where that is within the world."""
    for each, where, days in nature.launches:
        if (each, where) == (platform, province):
            return start + timedelta(days=days)
    return None


def _ramp(nature: Nature, platform: str, province: str, on: date, start: date) -> float:
    begun = launch(nature, platform, province, start)
    return 1.0 if begun is None else min(1.0, 0.15 + max((on - begun).days, 0) / 40)


@lru_cache(maxsize=8192)
def hours(nature: Nature, seed: int, platform: str, province: str, day: int) -> Floats | None:
    """Factors on the demand of 48 hours from a day's midnight; None where all days are alike."""
    if not (nature.hours or nature.hours_daily):
        return None
    habit = np.tile(smooth(rng(seed, "hours", platform), nature.hours, 24), 2)
    local = np.tile(smooth(rng(seed, "hours", platform, province), nature.hours / 2, 24), 2)
    today = [
        smooth(rng(seed, "hours", platform, province, each), nature.hours_daily, 24)
        for each in (day, day + 1)
    ]
    return np.exp(habit + local + np.concatenate(today))


def smooth(draw: np.random.Generator, deviation: float, count: int) -> Floats:
    """A closed series whose neighbours are alike."""
    rough = draw.normal(0, 1, count)
    return deviation * (rough + np.roll(rough, 1) + np.roll(rough, -1)) / np.sqrt(3)


def habit(nature: Nature | None, seed: int, platform: str) -> float:
    """How much more than others a platform sends early, corrects, is late."""
    return 1.0 if nature is None else float(np.exp(own(seed, nature.habits, "habits", platform)))


def silent_until(nature: Nature | None, seed: int, platform: str, province: str, day: int) -> int | None:
    """The day number on which a package of `day` is sent after all, where an outage holds it back."""
    if nature is None or not nature.outage_nights:
        return None
    for back in range(3):
        draw = rng(seed, "silent", platform, province, day - back)
        if draw.random() < nature.outage_nights:
            length = int(draw.integers(1, 4))
            if back < length:
                return day - back + length + 1
    return None
