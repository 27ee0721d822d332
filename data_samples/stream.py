"""A sample night by night in memory: all cells step through the same day together, nothing is written to disk.

For worlds of many nights, where packing files and unpacking them again would cost more than everything else. The rows
are those that `write_sample` writes.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import polars as pl

from data_samples import falsify as falsification
from data_samples import witnesses
from data_samples.cell import CellRun, wall
from data_samples.package import Sent
from data_samples.world import SECONDS, Cell, Settings, day_number

DEADLINE = 6 * 3600  # seconds after midnight: what is sent later belongs to the next night
NOWHERE = Path("nowhere")  # cells that are collected write nothing


@dataclass(frozen=True)
class StreamNight:
    """What arrives for one night: `sent` in the order of sending, `files` (witness kind, name) → rows, `pulses`."""

    night: date
    sent: tuple[Sent, ...]
    files: dict[tuple[str, str], pl.DataFrame]
    pulses: tuple[dict[str, Any], ...] = ()


@dataclass
class Stream:
    """One world while it is made; `labels` and `facts` are complete when `nights` has ended."""

    settings: Settings
    cells: tuple[Cell, ...]
    falsify: tuple[falsification.Spec, ...] = ()
    facts: list[witnesses.Facts] = field(default_factory=list)
    labels: list[dict[str, Any]] = field(default_factory=list)

    def nights(self) -> Iterator[StreamNight]:
        """One night after another, from the eve of the first business date on."""
        heap: list[Sent] = []
        moved: falsification.Moved = {}
        runs = []
        for place in falsification.in_order(self.cells, self.falsify):
            cell = self.cells[place]
            falsifier = falsification.of_cell(self.settings, cell, self.cells, self.falsify, moved)
            runs.append(CellRun(self.settings, cell, self.cells, NOWHERE, falsifier, heap.append))
        steps = [(day_number(run.cell.first) - 1, run.days()) for run in runs]
        self.facts = [run.facts for run in runs]
        first, last = day_number(self.settings.start) - 1, day_number(self.settings.dates[-1])
        for day in range(first, last + 1):
            for begin, step in steps:
                if day >= begin:
                    next(step)
            until = wall((day + 1) * SECONDS + DEADLINE)
            for run in runs:
                run.send_until(until + timedelta(seconds=1))
            on = self.settings.start + timedelta(days=day - day_number(self.settings.start))
            pulses = tuple(pulse for fact in self.facts for pulse in fact.pulses)
            for fact in self.facts:
                fact.pulses = []
            files = witnesses.published(self.settings, self.facts, on)
            yield StreamNight(on, tuple(sorted(heap, key=lambda sent: sent.submitted_at)), files, pulses)
            heap.clear()
        self.labels = [label for run in runs if run.falsifier for label in run.falsifier.labels]


def specs(texts: Sequence[str], cells: Sequence[Cell]) -> tuple[falsification.Spec, ...]:
    return falsification.parse_all(texts, cells)
