"""One call writes a labelled synthetic inbox by the reporting standard: see `write_sample`."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

from data_samples import falsify as falsification
from data_samples import witnesses
from data_samples.cell import CellRun
from data_samples.world import Settings, build_cells

CLAIMS_PER_MILLION = (
    400.0  # injuries per million orders: life has about 1.5, and then a small sample has none
)
Progress = Callable[[int, int, str], None]  # done, total, what


@dataclass
class SampleSummary:
    """What was written. `labels`: beside the inbox, not in it."""

    out: Path
    labels: Path
    packages: int = 0
    files: int = 0  # witness files and pulses
    orders: int = 0
    workers: int = 0
    claims: int = 0
    bytes: int = 0
    cells: tuple[str, ...] = ()
    first_date: date | None = None
    last_date: date | None = None
    faults: list[dict[str, Any]] = field(default_factory=list)

    def __str__(self) -> str:
        """One line for whoever called; the planted faults are counted here and named in `labels`."""
        planted = f"; {len(self.faults)} planted faults, named in {self.labels}" if self.faults else ""
        return (
            f"{self.out}: {self.packages:,} packages and {self.files:,} witness files of {len(self.cells)} platforms × provinces, "
            f"{self.first_date} to {self.last_date}; {self.orders:,} orders, {self.workers:,} workers, {self.claims:,} claims, "
            f"{self.bytes / 1e6:.1f} MB{planted}"
        )


def write_sample(
    out: Path,
    *,
    days: int = 14,
    start: date = date(2025, 10, 6),
    orders_per_day: float = 6000,
    seed: int = 1,
    platforms: Sequence[str] | None = None,
    provinces: Sequence[str] | None = None,
    falsify: Sequence[str] = (),
    pristine: bool = False,
    formats: str = "mixed",
    claims_per_million: float = CLAIMS_PER_MILLION,
    progress: Progress | None = None,
) -> SampleSummary:
    """Writes the packages of `days` business dates from `start` on, and of the day before (enrollment only).

    `orders_per_day`: all cells together, expected on the first day; the others follow weekday, holiday
    and weather. The same arguments write the same bytes. `{out}.labels.json` says what is honest and what
    is not. Raises ValueError for arguments that make no sample and FileExistsError if `out` holds
    anything already.
    """
    if days < 1 or orders_per_day <= 0:
        raise ValueError("days and orders_per_day must be positive")
    settings = Settings(days, start, orders_per_day, seed, pristine, formats, claims_per_million)
    cells = build_cells(settings, platforms, provinces)
    specs = falsification.parse_all(falsify, cells)
    out = Path(out)
    out.mkdir(parents=True, exist_ok=True)
    if any(out.iterdir()):
        raise FileExistsError(f"{out} is not empty: give a new folder (packages are never overwritten)")
    summary = SampleSummary(out, out.with_name(out.name + ".labels.json"), cells=tuple(c.name for c in cells))
    summary.first_date, summary.last_date = settings.dates[0], settings.dates[-1]
    facts: list[witnesses.Facts] = []
    moved: falsification.Moved = {}
    for done, place in enumerate(falsification.in_order(cells, specs)):
        cell = cells[place]
        if progress:
            progress(done, len(cells), cell.name)
        run = CellRun(settings, cell, cells, out, falsification.of_cell(settings, cell, cells, specs, moved))
        run.write()
        summary.packages += run.packages
        summary.orders += run.orders
        summary.workers += run.workers
        summary.claims += run.claims
        summary.bytes += run.bytes
        summary.files += run.files
        summary.faults += run.falsifier.labels if run.falsifier else []
        facts.append(run.facts)
    summary.files += witnesses.write(settings, out, facts)
    if progress:
        progress(len(cells), len(cells), "done")
    _write_labels(summary, settings, specs)
    return summary


def _write_labels(summary: SampleSummary, settings: Settings, specs: tuple[falsification.Spec, ...]) -> None:
    labels = {
        "schemes": [asdict(spec) for spec in specs],
        "settings": {name: value for name, value in asdict(settings).items() if name != "nature"}
        | {"start": settings.start.isoformat()},
        "cells": summary.cells,
        "labels": summary.faults,
    }
    summary.labels.write_text(
        json.dumps(labels, ensure_ascii=False, indent=1, default=str) + "\n", encoding="utf-8"
    )
