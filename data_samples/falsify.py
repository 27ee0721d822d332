"""Brings the injectors to the cells: reads the specifications, applies them day by day, keeps the labels.

A specification is SCHEME:INTENSITY:PLATFORM:PROVINCE:FROM_DATE, with * for every platform or province, and may end
in :ADVERSARY: naive (the default), noisy (the intensity varies from day to day), aware (noisy, numbers what is left
without gaps, and spares orders that carry claims) or colluding (aware, and the witnesses are altered too).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from typing import Any

import numpy as np
import polars as pl

from data_samples import injectors, package, registers
from data_samples.injectors import Day, Injected
from data_samples.world import Cell, Settings, day_number, is_wet, rng

HISTORY = 14  # days of sent orders that an injector may look back at
IDS = 50  # ids kept in a label; `rows` counts them all
NOISE = 0.4  # deviation of the logarithm of an intensity that varies
Moved = dict[
    tuple[str, str, date], list[pl.DataFrame]
]  # platform, province, date → orders from other provinces


@dataclass(frozen=True)
class Spec:
    scheme: str
    intensity: float
    platform: str
    province: str
    since: date
    adversary: str = "naive"

    def concerns(self, cell: Cell) -> bool:
        return (
            not cell.submitter
            and self.platform in ("*", cell.platform)
            and self.province in ("*", cell.province)
        )

    @property
    def module(self) -> Any:
        return injectors.modules()[self.scheme]

    @property
    def careful(self) -> bool:
        return self.adversary in ("aware", "colluding")


def parse(text: str) -> Spec:
    """One specification; ValueError says what is wrong with it."""
    parts = text.split(":")
    if len(parts) not in (5, 6):
        raise ValueError(
            f"--falsify {text}: expected SCHEME:INTENSITY:PLATFORM:PROVINCE:FROM_DATE[:ADVERSARY]"
        )
    scheme, intensity, platform, province, since = parts[:5]
    adversary = parts[5] if len(parts) == 6 else "naive"
    if scheme not in injectors.modules():
        raise ValueError(
            f"--falsify {text}: unknown scheme {scheme} (known: {', '.join(injectors.modules())})"
        )
    if adversary not in injectors.ADVERSARIES:
        raise ValueError(f"--falsify {text}: unknown adversary (known: {', '.join(injectors.ADVERSARIES)})")
    try:
        spec = Spec(scheme, float(intensity), platform, province, date.fromisoformat(since), adversary)
    except ValueError:
        raise ValueError(f"--falsify {text}: intensity is a number, FROM_DATE a date as 2025-10-06") from None
    if not spec.intensity > 0:
        raise ValueError(f"--falsify {text}: the intensity must be above 0")
    return spec


def parse_all(texts: Sequence[str], cells: Sequence[Cell]) -> tuple[Spec, ...]:
    """All specifications; ValueError too where one concerns no cell of the sample."""
    specs = tuple(parse(text) for text in texts)
    for text, spec in zip(texts, specs, strict=True):
        if not any(spec.concerns(cell) for cell in cells):
            raise ValueError(f"--falsify {text}: no such platform and province in the sample")
        if getattr(spec.module, "MOVES", False):
            for cell in cells:
                if spec.concerns(cell) and target(spec, cell, cells) is None:
                    raise ValueError(
                        f"--falsify {text}: needs another province of {cell.platform} in the sample"
                    )
    return specs


def target(spec: Spec, cell: Cell, cells: Sequence[Cell]) -> str | None:
    """The province to which a scheme moves orders: the platform's first one that it does not concern, else the last."""
    others = [each for each in cells if each.platform == cell.platform and each.province != cell.province]
    free = [each for each in others if not spec.concerns(each)]
    chosen = free[0] if free else others[-1] if others else None
    return chosen.province if chosen is not None and chosen.province != cell.province else None


def in_order(cells: Sequence[Cell], specs: Sequence[Spec]) -> list[int]:
    """The cells' places, those first whose orders others will report."""
    moving = [spec for spec in specs if getattr(spec.module, "MOVES", False)]
    return sorted(range(len(cells)), key=lambda i: (not any(spec.concerns(cells[i]) for spec in moving), i))


def of_cell(
    settings: Settings, cell: Cell, cells: tuple[Cell, ...], specs: tuple[Spec, ...], moved: Moved
) -> Falsifier | None:
    """None for a cell that nothing concerns."""
    mine = tuple(spec for spec in specs if spec.concerns(cell))
    receives = any(
        target(spec, other, cells) == cell.province
        for spec in specs
        if getattr(spec.module, "MOVES", False)
        for other in cells
        if other.platform == cell.platform and spec.concerns(other)
    )
    if not mine and not receives:
        return None
    return Falsifier(settings, cell, mine, cells, moved)


@dataclass
class Falsifier:
    """What is falsified in one cell. `shift`: by how many the serials sent run behind the true ones; `roll`: the
    latest state of every spell; `moved`: shared by all cells."""

    settings: Settings
    cell: Cell
    specs: tuple[Spec, ...]
    cells: tuple[Cell, ...]
    moved: Moved
    labels: list[dict[str, Any]] = field(default_factory=list)
    history: dict[date, pl.DataFrame] = field(default_factory=dict)
    counts: dict[date, int] = field(default_factory=dict)
    roll: pl.DataFrame = field(default_factory=lambda: pl.DataFrame(schema=package.SCHEMAS["enrollment"]))
    later: dict[date, list[tuple[str, pl.DataFrame]]] = field(default_factory=dict)
    known: dict[str, set[str]] = field(default_factory=dict)  # scheme → what it asked to be remembered
    hidden_orders: set[str] = field(default_factory=set)  # colluding: unknown to the witnesses too
    hidden_claims: set[str] = field(default_factory=set)
    identities: dict[str, str] = field(default_factory=dict)  # claim → the person it now speaks of
    shift: int = 0

    @property
    def colludes(self) -> bool:
        return any(spec.adversary == "colluding" for spec in self.specs)

    def enroll(self, on: date, enrollment: pl.DataFrame) -> pl.DataFrame:
        """The enrollment of the eve of the first order day, as it is sent."""
        nothing = (
            pl.DataFrame(schema=package.SCHEMAS["orders"]),
            pl.DataFrame(schema=package.SCHEMAS["claims"]),
        )
        for spec in self.specs:
            if getattr(spec.module, "ENROLLS", False) and spec.since <= on + timedelta(days=1):
                state = Injected(nothing[0], enrollment, nothing[1])
                day = self._day(on, state, spec)
                enrollment = spec.module.inject(day, self._draw(spec, on), spec.intensity).enrollment
        self._keep_roll(enrollment)
        return enrollment

    def apply(
        self, on: date, orders: pl.DataFrame, enrollment: pl.DataFrame, claims: pl.DataFrame, *, final: bool
    ) -> Injected:
        """The day as it is sent. `final`: the last version of the day that the honest platform would send; labels
        and what carries over to later days come from it alone."""
        result = Injected(orders, enrollment, claims)
        due: list[tuple[date, str, pl.DataFrame]] = []
        renumber = False
        for spec in self.specs:
            if spec.since > on or (spec.since != on and getattr(spec.module, "ONCE", False)):
                continue
            day = self._day(on, result, spec)
            done = self._inject(spec, day, on)
            renumber |= done.renumber or spec.careful
            due += done.later
            if final:
                self._remember(spec, on, day, done)
            result = replace(
                done,
                later=(),
                resend=done.resend or result.resend,
                withheld=done.withheld or result.withheld,
                manifest=result.manifest + done.manifest,
            )
        if came := self.moved.get((self.cell.platform, self.cell.province, on), []):
            here = pl.concat(came).with_columns(pl.lit(self.cell.cities[0]).alias("city_code"))
            result = replace(result, orders=injectors.stack(result.orders, here))
            renumber = True
        for extract, frame in self.later.get(on, []):
            result = replace(result, **{extract: injectors.stack(getattr(result, extract), frame)})  # type: ignore[arg-type]
        result, shift = _serials(result, orders, self.shift, renumber)
        if final:
            self.shift = shift
            for when, extract, frame in due:
                self.later.setdefault(max(when, on + timedelta(days=1)), []).append((extract, frame))
            self._close(on, orders, claims, result)
        return result

    def _inject(self, spec: Spec, day: Day, on: date) -> Injected:
        draw = self._draw(spec, on)
        intensity = spec.intensity
        if spec.adversary != "naive" and intensity < 1:
            intensity = min(intensity * float(np.exp(draw.normal(0, NOISE))), 1.0)
        done: Injected = spec.module.inject(day, draw, intensity)
        return _spare(day, done) if spec.careful else done

    def _day(self, on: date, state: Injected, spec: Spec) -> Day:
        platform = registers.platforms(on)[self.cell.platform]
        rates = registers.premiums(platform.joined_on or on, self.cell.province, on)
        return Day(
            platform=self.cell.platform,
            province=self.cell.province,
            industry=platform.industry,
            business_date=on,
            from_date=spec.since,
            orders=state.orders,
            enrollment=state.enrollment,
            claims=state.claims,
            roll=self.roll,
            cities=self.cell.cities,
            history=dict(self.history),
            counts=dict(self.counts),
            rates={industry: rate / 10_000 for industry, rate in rates.items()},
            premium=rates[platform.industry] / 10_000,
            lots=int(self._draw(spec, None).integers(0, 2**62)),
            known=frozenset(self.known.get(spec.scheme, ())),
            wet=is_wet(self.settings, self.cell.province, on),
            is_workday=registers.day(on).is_workday,
            year=self.settings.start.year,
        )

    def _draw(self, spec: Spec, on: date | None) -> np.random.Generator:
        day = 0 if on is None else day_number(on)
        return rng(self.settings.seed, "falsify", spec.scheme, self.cell.platform, self.cell.province, day)

    def _remember(self, spec: Spec, on: date, day: Day, done: Injected) -> None:
        self.known.setdefault(spec.scheme, set()).update(done.remember)
        if done.moved is not None and (to := target(spec, self.cell, self.cells)):
            self.moved.setdefault((self.cell.platform, to, on), []).append(done.moved)
        if spec.adversary == "colluding":
            self.hidden_orders |= set(day.orders["order_id"]) - set(done.orders["order_id"])
            self.hidden_claims |= set(day.claims["claim_id"]) - set(done.claims["claim_id"])
        if not done.touched and not done.withheld:
            return
        self.labels.append(
            {
                "scheme": spec.scheme, "intensity": spec.intensity, "adversary": spec.adversary,
                "platform_code": self.cell.platform, "province_code": self.cell.province,
                "business_date": on.isoformat(), "rows": len(done.touched), "ids": list(done.touched[:IDS]),
            }
        )  # fmt: skip

    def _close(self, on: date, orders: pl.DataFrame, claims: pl.DataFrame, result: Injected) -> None:
        """What the next days may look back at."""
        self.counts[on] = len(orders)
        self.history[on] = result.orders
        self.history.pop(on - timedelta(days=HISTORY), None)
        self._keep_roll(result.enrollment)
        true_ids = dict(zip(claims["claim_id"], claims["id_number"], strict=True))
        for claim, person in zip(result.claims["claim_id"], result.claims["id_number"], strict=True):
            if true_ids.get(claim, person) != person:
                self.identities[claim] = person

    def _keep_roll(self, enrollment: pl.DataFrame) -> None:
        if len(enrollment):
            both = injectors.stack(self.roll, enrollment)
            self.roll = both.unique("coverage_id", keep="last", maintain_order=True)


def _spare(day: Day, done: Injected) -> Injected:
    """Orders that carry a claim stay as they were: whoever knows what gives him away."""
    kept = day.orders.join(day.claims.select("order_id").unique(), on="order_id", how="semi")
    if not len(kept):
        return done
    others = done.orders.join(kept.select("order_id"), on="order_id", how="anti")
    moved = (
        None if done.moved is None else done.moved.join(kept.select("order_id"), on="order_id", how="anti")
    )
    return replace(done, orders=pl.concat([others, kept]).sort("serial"), moved=moved)


def _serials(result: Injected, truth: pl.DataFrame, shift: int, renumber: bool) -> tuple[Injected, int]:
    """The serials as sent, and how far they now run behind."""
    if not len(truth) or (not renumber and not shift):
        return result, shift
    if not renumber:
        moved = result.orders.with_columns(pl.col("serial") - shift)
        return replace(result, orders=moved), shift
    first = int(truth["serial"].min()) - shift  # type: ignore[arg-type]
    orders = result.orders.sort("accepted_at", "serial").with_columns(
        (pl.int_range(pl.len(), dtype=pl.Int64) + first).alias("serial")
    )
    return replace(result, orders=orders), shift + len(truth) - len(orders)
