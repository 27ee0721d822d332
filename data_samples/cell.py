"""One cell from its first day to its last: orders, enrollment and claims day by day, sent as packages in
the order in which the platform sends them, so that the chain of receipts holds."""

from __future__ import annotations

import heapq
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

from data_samples import (
    claims,
    daywork,
    enrollment,
    falsify,
    injectors,
    orders,
    package,
    registers,
    roll,
    turnover,
    witnesses,
)
from data_samples import nature as natures
from data_samples.world import SECONDS, Cell, Settings, day_number, from_number, is_wet, rng

SLICE = 400_000  # rows made into text at a time: bounds memory
EARLY = 0.10  # share of days sent while orders still run, and closed by a resubmission (honest imperfection)
CORRECTED = 0.02  # share of days corrected later
LATE = 0.015  # share of days sent after the deadline


@dataclass(frozen=True)
class Sending:
    """One version of a day: when it is sent, why again, and how it differs from the truth."""

    sequence: int
    at: datetime
    reason: tuple[str, str] | None
    kind: str  # final, early (orders still run) or flawed (to be corrected)


def wall(seconds: int) -> datetime:
    return datetime(1970, 1, 1) + timedelta(seconds=int(seconds))


class CellRun:
    """State of one cell while its days are made: `write` them as packages, or step through `days` with a
    `collect` that is handed every version in the order of sending instead (nothing is written then)."""

    def __init__(
        self,
        settings: Settings,
        cell: Cell,
        cells: tuple[Cell, ...],
        out: Path,
        falsifier: falsify.Falsifier | None = None,
        collect: Callable[[package.Sent], None] | None = None,
    ) -> None:
        self.settings, self.cell, self.out, self.collect = settings, cell, out, collect
        self.style = package.style_of(cell, settings.formats)
        self.roll = roll.found(settings, cell, cells)
        self.regulars = len(self.roll) // (10 if cell.submitter else 1)  # members come and go more slowly
        if (day_workers := daywork.recruit(settings, cell)) is not None:
            self.roll.append(day_workers)
        self.falsifier = falsifier
        self.facts = witnesses.Facts(cell, falsifier=falsifier)
        nature = settings.nature
        self.pulses = (
            (cell.platform, cell.province) in nature.pulses if nature else witnesses.has_pulses(cell, cells)
        )
        self.habit = natures.habit(nature, settings.seed, cell.platform)
        self.waiting: list[tuple[datetime, str, package.Draft | package.Sent]] = []
        self.previous: str | None = None
        self.serial = 1 + int(
            rng(settings.seed, "serial", cell.platform, cell.province).integers(10_000, 900_000)
        )
        self.packages = self.orders = self.claims = self.workers = self.bytes = self.files = 0

    def write(self) -> None:
        for day in self.days():
            self.send_until(wall((day + 1) * SECONDS))
        self.send_until(None)
        self.workers = len(self.roll)

    def days(self) -> Iterator[int]:
        """Makes one business date after another, the eve of the first included, and yields its number."""
        first = day_number(self.cell.first)
        self._enroll_all(first - 1)
        yield first - 1
        carry = self._night_before(first)
        for day in range(first, day_number(self.settings.dates[-1]) + 1):
            carry = self._day(day, carry)
            yield day

    def _draw(self, what: str, day: int) -> np.random.Generator:
        return rng(self.settings.seed, what, self.cell.platform, self.cell.province, day)

    def _enroll_all(self, day: int) -> None:
        """The day before the first order day: everybody's enrollment, no orders, no claims."""
        at = wall((day + 1) * SECONDS + int(self._draw("send", day).integers(1800, 21_500)))
        tables: Iterable[pl.DataFrame] = self._first_enrollment(day)
        if self.falsifier is not None:
            blank = pl.DataFrame(schema=package.SCHEMAS["enrollment"])
            whole = injectors.stack(blank, pl.concat([blank, *tables], how="diagonal_relaxed"))
            tables = [self.falsifier.enroll(from_number(day), whole)]
        self._draft(day, Sending(1, at, None, "final"), tables, [], [])

    def _first_enrollment(self, day: int) -> Iterator[pl.DataFrame]:
        covered = np.flatnonzero(self.roll.registered != roll.NEVER)
        for i in range(0, covered.size, SLICE):
            rows = covered[i : i + SLICE]
            yield enrollment.main(self.settings, self.cell, self.roll, rows, "start", day)
            yield from enrollment.accident(self.cell, self.roll, rows, "start", day)
        yield from enrollment.month(self.cell, self.roll, day, (day + 1) * SECONDS)
        yield from daywork.eve(self.settings, self.cell, self.roll, day)

    def _night_before(self, first: int) -> orders.Orders:
        """Orders of the night shifts that began on the eve and are accepted after midnight."""
        made = self._generate(first - 1, "eve", only_night=True)
        return made.take(made.accepted >= first * SECONDS)

    def _generate(self, day: int, stream: str, *, only_night: bool = False) -> orders.Orders:
        on = from_number(day)
        demand_day = max(day, day_number(self.cell.first))
        off, next_off = (not registers.day(on + timedelta(days=i)).is_workday for i in (0, 1))
        return orders.generate(
            self.cell, self.roll, day, self._draw(stream, day),
            factor=turnover.load_factor(self.settings, self.cell, self.roll, demand_day), off=(off, next_off),
            wet=is_wet(self.settings, self.cell.province, on), only_night=only_night, own=self._own(day),
        )  # fmt: skip

    def _own(self, day: int) -> orders.Own:
        """What this cell has of its own on a day, in a world with a nature."""
        nature, seed, platform = self.settings.nature, self.settings.seed, self.cell.platform
        if nature is None:
            return orders.NONE
        return orders.Own(
            hours=natures.hours(nature, seed, platform, self.cell.province, day),
            fare=float(np.exp(natures.own(seed, nature.fares, "fares", platform))),
            cancelled=float(np.exp(natures.own(seed, nature.cancelled, "cancelled", platform))),
            step=nature.tariff_steps.get(platform, 1), whole_minutes=platform in nature.whole_minutes,
        )  # fmt: skip

    def _day(self, day: int, carry: orders.Orders) -> orders.Orders:
        """Writes the packages of one business date; returns the orders accepted after its midnight."""
        settings, cell, people = self.settings, self.cell, self.roll
        on = from_number(day)
        started, late = turnover.morning(settings, cell, people, day, self.regulars)
        made = self._generate(day, "orders")
        work = daywork.of_day(settings, cell, people, day)
        tomorrow = made.accepted >= (day + 1) * SECONDS
        parts = orders.join([carry, made.take(~tomorrow), work.orders])
        carry = made.take(tomorrow)
        del made  # a large cell's day is some gigabytes: no copy is kept that is not needed
        today = orders.number(cell, parts, day, self.serial, self._rate(on))
        del parts
        self.serial += len(today)
        self.orders += len(today)
        turnover.register_late(people, late, self._first_orders(today, late, day), self._draw("late", day))
        sendings = self._plan(day, today)
        injuries = self._injuries(day, today) if sendings[0].kind != "late" else 0
        events = turnover.evening(settings, cell, people, day, self.regulars, carry.worker)
        events.started += [*started, late]
        witnesses.note(self.facts, people, today, injuries, day)
        if sendings[0].kind != "late":
            witnesses.check(settings, self.facts, people, today, day)
        if self.pulses:
            self.facts.pulses = witnesses.pulses(cell, people, today, day)
            if self.collect is None:
                self.files += witnesses.write_pulses(self.out, self.facts.pulses)
        changes = enrollment.of_day(settings, cell, people, events, day)
        paid = enrollment.subsidies(cell, people, self.facts.earned, day)
        spells = pl.concat([changes, *paid, *work.enrollment], how="diagonal")
        self._send(day, sendings, today, spells, self.facts.book.on(on))
        return carry

    def _send(
        self,
        day: int,
        sendings: list[Sending],
        today: orders.Orders,
        spells: pl.DataFrame,
        claim_rows: list[claims.Row],
    ) -> None:
        """Drafts every version of a day, as it was or as it is falsified."""
        claim_table = claims.frame(claim_rows, package.SCHEMAS["claims"])
        for sending in sendings:
            if sending.at > self.settings.seen_at:
                break
            tables = self._order_tables(today, day, sending)
            if self.falsifier is None:
                self._draft(day, sending, [spells], tables, [claim_table])
                continue
            on = from_number(day)
            empty = orders.frame(self.cell, pl.Series([], dtype=pl.String), orders.empty(), day)
            blank = pl.DataFrame(schema=package.SCHEMAS["enrollment"])
            sent = self.falsifier.apply(
                on, package.shaped(pl.concat([empty, *tables]), package.SCHEMAS["orders"]),
                injectors.stack(blank, spells), claim_table, final=sending is sendings[-1],
            )  # fmt: skip
            if self.falsifier.colludes:
                self.facts.days[on]["premium"] = round(float(sent.orders["premium_yuan"].sum()) * 10_000)
            if sent.withheld:
                continue
            self._draft(day, sending, [sent.enrollment], [sent.orders], [sent.claims], sent.manifest)
            if sent.resend and sending is sendings[-1]:
                self._resend(day, sending, sent.resend)

    def _resend(
        self, day: int, sending: Sending, version: tuple[tuple[str, str], pl.DataFrame, Any, Any]
    ) -> None:
        reason, order_table, spells, claim_table = version
        at = sending.at + timedelta(days=1, hours=int(self._draw("resend", day).integers(4, 12)))
        if at <= self.settings.seen_at:
            again = Sending(sending.sequence + 1, at, reason, "final")
            self._draft(day, again, [spells], [order_table], [claim_table])

    def _rate(self, on: date) -> int:
        if self.cell.submitter:
            return 0
        platform = registers.platforms(on)[self.cell.platform]
        return registers.premium(platform.industry, platform.joined_on or on, self.cell.province, on)

    def _injuries(self, day: int, today: orders.Orders) -> int:
        settings, cell, book, draw = self.settings, self.cell, self.facts.book, self._draw("claims", day)
        covered = self.roll.covers(today.accepted, today.worker)
        wet = is_wet(settings, cell.province, from_number(day))
        injuries = claims.at_work(settings, cell, self.roll, today, covered, day, draw, book, wet)
        self.claims += injuries + claims.off_work(settings, cell, self.roll, day, draw, book)
        return injuries

    def _first_orders(self, today: orders.Orders, rows: roll.Ints, day: int) -> roll.Ints:
        """First acceptance of each of `rows` (rows of the roll); nine o'clock for those without orders."""
        first = np.full(len(self.roll), day * SECONDS + 9 * 3600)
        mine = np.isin(today.worker, rows)
        # the orders are in time order: written backwards, the earliest stays
        first[today.worker[mine][::-1]] = today.accepted[mine][::-1]
        return first[rows]

    def _plan(self, day: int, today: orders.Orders) -> list[Sending]:
        """When the day is sent, and whether it is sent again."""
        draw = self._draw("send", day)
        begin = (day + 1) * SECONDS
        at = begin + int(draw.integers(1800, 21_300))
        ended = int(today.finished.max()) if len(today) else begin
        fate, after = draw.random(), int(draw.integers(8 * 3600, 40 * 3600))
        whole = max(at, ended + int(draw.integers(60, 900)))
        until = natures.silent_until(
            self.settings.nature, self.settings.seed, self.cell.platform, self.cell.province, day
        )
        if until is not None:  # an honest outage: everything comes, but later
            return [Sending(1, wall(until * SECONDS + 9 * 3600 + after // 12 + day % 7 * 60), None, "final")]
        fate /= self.habit
        if self.settings.pristine or fate > EARLY + CORRECTED + LATE:
            return [Sending(1, wall(whole), None, "final")]
        if fate < LATE:
            return [Sending(1, wall(begin + 22_000 + int(draw.integers(0, 40 * 3600))), None, "late")]
        if fate < LATE + CORRECTED:
            reason = ("correction", "收入与里程更正")
            return [
                Sending(1, wall(whole), None, "flawed"),
                Sending(2, wall(begin + after + 12 * 3600), reason, "final"),
            ]
        at = begin + int(draw.integers(1800, 4500))
        if at >= ended and not orders.linger(today, begin - 2 * 3600, at + int(draw.integers(300, 3600))):
            return [Sending(1, wall(at), None, "final")]
        return [
            Sending(1, wall(at), None, "early"),
            Sending(2, wall(begin + after), ("late_data", "补报午夜后完成的订单"), "final"),
        ]

    def _draft(
        self, day: int, sending: Sending, spells: Iterable[pl.DataFrame], tables: Iterable[pl.DataFrame],
        claim_tables: Iterable[pl.DataFrame], changes: tuple[tuple[str, str, Any], ...] = (),
    ) -> None:  # fmt: skip
        """Writes the files of one version; its manifest follows when it is known what was sent before it."""
        on = from_number(day)
        if self.collect is not None:
            frames = [
                pl.concat([pl.DataFrame(schema=schema), *(package.shaped(part, schema) for part in parts)])
                for schema, parts in zip(
                    package.SCHEMAS.values(), (spells, tables, claim_tables), strict=True
                )
            ]
            sent = package.Sent(self.cell, on, sending.sequence, sending.at, sending.reason, *frames)
            self.packages += 1
            heapq.heappush(self.waiting, (sending.at, sent.name, sent))
            return
        folder = self.out / f"{package.package_name(self.cell, on, sending.sequence)}.part"
        folder.mkdir()
        entries = []
        for name, parts in (("enrollment", spells), ("orders", tables), ("claims", claim_tables)):
            whole = parts[0] if isinstance(parts, list) and parts else None
            header = package.columns_of(name, self.style, self.cell, whole)
            entry = package.write_extract(folder, name, parts, header, self.style)
            for extract, key, value in changes:
                if extract == name:
                    *path, last = key.split(".")
                    (entry[path[0]] if path else entry)[last] = value
            entries.append(entry)
        draft = package.Draft(
            self.cell, on, sending.sequence, sending.at, sending.reason, folder, self.style, tuple(entries)
        )
        self.packages += 1
        self.bytes += sum(entry["bytes"] for entry in entries)
        heapq.heappush(self.waiting, (sending.at, draft.name, draft))

    def _order_tables(self, today: orders.Orders, day: int, sending: Sending) -> Iterator[pl.DataFrame]:
        """The orders as this version shows them, a slice at a time."""
        if sending.kind == "early":
            today = orders.as_sent(today, int((sending.at - datetime(1970, 1, 1)).total_seconds()))
        if sending.kind == "flawed":
            today = orders.with_errors(today, self._draw("errors", day))
        ids = pl.Series(self.roll.worker_id.astype(str), dtype=pl.String)
        for i in range(0, len(today), SLICE):
            yield orders.frame(self.cell, ids, today.take(slice(i, i + SLICE)), day)

    def send_until(self, moment: datetime | None) -> None:
        """Finishes the packages sent before `moment` (None: all), in the order of sending: that is the
        chain."""
        while self.waiting and (moment is None or self.waiting[0][0] < moment):
            _, _, draft = heapq.heappop(self.waiting)
            if isinstance(draft, package.Sent):
                if self.collect is not None:
                    self.collect(draft)
            else:
                self.previous = package.finish(self.out, draft, self.previous)
