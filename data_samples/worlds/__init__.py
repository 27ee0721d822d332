"""The world file of the detection benchmark, read strictly, and the plan of worlds that follows from it and a seed."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from data_samples import nature as natures
from data_samples.draws import rng
from data_samples.injectors import ADVERSARIES
from data_samples.world import Cell, Settings, build_cells
from warehouse.strict_yaml import parse

FILE = Path(__file__).parent / "detection.yaml"
CLEAN = ("calibrate", "measure")


@dataclass(frozen=True)
class Scheme:
    """One scheme as the file states it; `identifiable` by adversary. `from_start`: there is no honest time before;
    `from_a_day`: there always is, by the scheme's nature."""

    id: str
    intensity: float
    recall: float | None
    nights: int
    scope: str
    from_start: bool
    from_a_day: bool
    identifiable: dict[str, bool]
    why: str


@dataclass(frozen=True)
class Size:
    """How much of the file one run takes. `intensity`: a factor on every target intensity below 1 (at most .5); `claims`: on
    the injuries per million orders: what small worlds lack in orders."""

    platforms: int
    provinces: int
    nights: int
    orders_per_cell: int
    calibrate: int
    measure: int
    per_world: int
    onset: tuple[int, int]
    adversaries: tuple[str, ...]
    curve: tuple[float, ...]
    curve_each: int = 1
    schemes: tuple[str, ...] = ()
    intensity: float = 1.0
    claims: float = 1.0


@dataclass(frozen=True)
class WorldFile:
    start: date
    platforms: tuple[str, ...]
    provinces: tuple[str, ...]
    claims_per_million: float
    nature: natures.Nature
    sizes: dict[str, Size]
    schemes: dict[str, Scheme]


@dataclass(frozen=True)
class Trial:
    """One platform that falsifies: by one scheme, from a night on, in some provinces. `is_target`: at the file's intensity;
    `within`: the nights that the target allows."""

    scheme: str
    intensity: float
    adversary: str
    platform: str
    provinces: tuple[str, ...]
    since: date
    from_start: bool
    is_target: bool
    identifiable: bool
    within: int

    @property
    def falsify(self) -> tuple[str, ...]:
        return tuple(
            f"{self.scheme}:{self.intensity}:{self.platform}:{province}:{self.since}:{self.adversary}"
            for province in self.provinces
        )


@dataclass(frozen=True)
class World:
    """One world: `kind` is calibrate, measure (both clean) or injected."""

    name: str
    kind: str
    seed: int
    platforms: tuple[str, ...]
    provinces: tuple[str, ...]
    settings: Settings
    trials: tuple[Trial, ...] = ()

    def cells(self) -> tuple[Cell, ...]:
        return build_cells(self.settings, self.platforms, self.provinces)


def load(path: Path = FILE) -> WorldFile:
    """Raises ValueError for anything unknown or missing."""
    raw: dict[str, Any] = parse(path.read_text(encoding="utf-8"), path.name)
    schemes = {
        name: Scheme(
            name, float(each["intensity"]), each["recall"], int(each["nights"]), each["scope"],
            bool(each.get("from_start", False)), bool(each.get("from_a_day", False)),
            {who: mark == "y" for who, mark in zip(ADVERSARIES, each["identifiable"], strict=True)}, each["why"],
        )
        for name, each in raw["schemes"].items()
    }  # fmt: skip
    sizes = {name: _size(each) for name, each in raw["sizes"].items()}
    start = raw["start"] if isinstance(raw["start"], date) else date.fromisoformat(raw["start"])
    return WorldFile(
        start, tuple(raw["platforms"]), tuple(raw["provinces"]), float(raw["claims_per_million"]),
        natures.parse(raw["nature"]), sizes, schemes,
    )  # fmt: skip


def _size(values: dict[str, Any]) -> Size:
    made: dict[str, Any] = {
        key: tuple(value) if isinstance(value, list) else value for key, value in values.items()
    }
    return Size(**made)


def plan(file: WorldFile, size: Size, seed: int, schemes: tuple[str, ...] = ()) -> tuple[World, ...]:
    """All worlds of a run: clean ones to calibrate, clean ones to measure, and those with falsified platforms."""
    worlds = [
        _world(file, size, seed, kind, number) for kind in CLEAN for number in range(getattr(size, kind))
    ]
    wanted = _wanted(file, size, schemes or size.schemes or tuple(file.schemes))
    # neighbours in the list are of different schemes, so that no world is all of one kind
    order = rng(seed, "order of trials").permutation(len(wanted)).tolist()
    for number, first in enumerate(range(0, len(order), size.per_world)):
        world = _world(file, size, seed, "injected", number)
        worlds.append(
            _falsified(file, size, world, [wanted[i] for i in order[first : first + size.per_world]])
        )
    return tuple(worlds)


@dataclass(frozen=True)
class Wanted:
    """One trial before it is given to a platform of a world."""

    scheme: Scheme
    intensity: float
    adversary: str
    from_start: bool
    is_target: bool


def _wanted(file: WorldFile, size: Size, names: tuple[str, ...]) -> list[Wanted]:
    """Every trial of a run. Along a curve every second one falsifies from the first night on (a fractional design: the
    intensities that begin at once for one scheme begin one day for the next)."""
    if lost := [name for name in names if name not in file.schemes]:
        raise ValueError(f"unknown scheme {', '.join(lost)} (known: {', '.join(file.schemes)})")
    found = []
    for row, name in enumerate(names):
        scheme = file.schemes[name]
        strength = _stronger(scheme.intensity, size.intensity)
        found += [Wanted(scheme, strength, who, scheme.from_start, True) for who in size.adversaries]
        if scheme.intensity < 1:
            for number, step in enumerate(size.curve):
                at_once = scheme.from_start or (not scheme.from_a_day and (row + number) % 2 == 0)
                found += [Wanted(scheme, step, "naive", at_once, False)] * size.curve_each
    return found


def _stronger(intensity: float, factor: float) -> float:
    return intensity if intensity >= 1 else max(intensity, min(intensity * factor, 0.5))


def _world(file: WorldFile, size: Size, seed: int, kind: str, number: int) -> World:
    platforms, provinces = file.platforms[: size.platforms], file.provinces[: size.provinces]
    own = seed * 100_000 + {"calibrate": 0, "measure": 10_000, "injected": 20_000}[kind] + number
    settings = Settings(
        size.nights, file.start, float(size.orders_per_cell * len(platforms) * len(provinces)), own, False, "parquet",
        file.claims_per_million * size.claims, file.nature,
    )  # fmt: skip
    return World(f"{kind}-{number:03d}", kind, own, platforms, provinces, settings)


def _falsified(file: WorldFile, size: Size, world: World, wanted: list[Wanted]) -> World:
    draw = rng(world.seed, "who falsifies")
    who = [world.platforms[i] for i in draw.permutation(len(world.platforms))[: len(wanted)].tolist()]
    trials = []
    for platform, each in zip(who, wanted, strict=True):
        scheme = each.scheme
        nights = 0 if each.from_start else int(draw.integers(*size.onset))
        launched = {province for launcher, province, _ in file.nature.launches if launcher == platform}
        able = [province for province in world.provinces if province not in launched]
        provinces = (
            world.provinces if scheme.scope == "all" else (able[int(draw.integers(0, min(3, len(able))))],)
        )
        trials.append(
            Trial(
                scheme.id, each.intensity, each.adversary, platform, tuple(provinces), file.start + timedelta(days=nights),
                each.from_start, each.is_target, scheme.identifiable[each.adversary], scheme.nights,
            )
        )  # fmt: skip
    return replace(world, trials=tuple(trials))
