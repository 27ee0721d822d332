"""Runs one world of the detection benchmark and keeps what the nights published, one folder a world.

world.json      the world, its trials, seconds, orders, errors
findings.parquet  detector findings as they stood at the end: id, detector, cell, dates, scheme ranking, highest score
open.parquet    finding × night it stood open, with that night's score
rules.parquet   platform × night: violations that row rules found (where rules were run)
daily.parquet   cell × business date: plain aggregates of what was sent, for the baselines
"""

from __future__ import annotations

import json
import shutil
import tempfile
import time
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import Any

import polars as pl

from data_samples.package import Sent
from data_samples.stream import Stream, specs
from data_samples.worlds import World
from pipelines.benchmark import quick
from pipelines.nightly import Night
from warehouse.engine import frame
from warehouse.home import Home

OPEN = {
    "finding_id": pl.String, "rule_id": pl.String, "platform_code": pl.String, "province_code": pl.String,
    "period_from": pl.Date, "detected_on": pl.Date, "score": pl.Float64, "scheme": pl.String, "night": pl.Date,
}  # fmt: skip
MEMORY = Path("/dev/shm")
Tell = Callable[[str], None]


def world(each: World, folder: Path, *, rules: bool, tell: Tell = lambda line: None) -> Path:
    """Runs a world into `folder`/its name; a world that is there already is left as it is."""
    target = folder / each.name
    if (target / "world.json").exists():
        return target
    shutil.rmtree(target, ignore_errors=True)
    part = folder / f"{each.name}.part"
    shutil.rmtree(part, ignore_errors=True)
    part.mkdir(parents=True)
    # nothing of the home is kept: where there is a disk in memory, its writes cost nothing
    with tempfile.TemporaryDirectory(
        prefix=f"{each.name}-", dir=MEMORY if MEMORY.is_dir() else folder
    ) as home:
        _nights(each, part, Home(Path(home)), rules, tell)
    part.rename(target)
    return target


def _nights(each: World, part: Path, home: Home, rules: bool, tell: Tell) -> None:
    cells = each.cells()
    falsify = [text for trial in each.trials for text in trial.falsify]
    stream = Stream(each.settings, cells, specs(falsify, cells))
    previous: dict[tuple[str, str], str] = {}
    opened: list[pl.DataFrame] = []
    daily: list[dict[str, Any]] = []
    making, orders, begin = 0.0, 0, time.perf_counter()
    with quick.opened(home, rules=rules) as night:
        start = time.perf_counter()
        for arrived in stream.nights():
            making += time.perf_counter() - start
            orders += sum(len(sent.orders) for sent in arrived.sent)
            daily += [aggregate(sent) for sent in arrived.sent]
            quick.take(night, arrived, previous)
            now = _open(night).with_columns(night=pl.lit(arrived.night))
            opened.append(now.select(pl.col(name).cast(kind) for name, kind in OPEN.items()))
            new = now.filter(pl.col("detected_on") == arrived.night).select(
                "rule_id", "platform_code", "province_code"
            )
            said = ", ".join(" ".join(part or "*" for part in row) for row in new.iter_rows())
            tell(f"{each.name} {arrived.night} {now.height} open {said}")
            start = time.perf_counter()
        found = frame(
            night.connection,
            "select f.*, e.sentence_en as said from checks.finding f "  # said: for whoever mends a detector
            "left join checks.episode e on e.finding_id = f.finding_id "
            "where f.kind = 'detector' order by f.detected_on, f.finding_id",
        )
        rules_found = frame(
            night.connection,
            "select platform_code, province_code, rule_id, consequence, period_from, detected_on, violations "
            "from checks.finding where kind = 'rule'",
        )
    found.write_parquet(part / "findings.parquet")
    pl.concat([pl.DataFrame(schema=OPEN), *opened]).write_parquet(part / "open.parquet")
    rules_found.write_parquet(part / "rules.parquet")
    pl.DataFrame(daily).write_parquet(part / "daily.parquet")
    record = {
        "name": each.name, "kind": each.kind, "seed": each.seed, "platforms": each.platforms, "provinces": each.provinces,
        "start": each.settings.start, "nights": each.settings.days, "cells": [cell.name for cell in cells], "orders": orders,
        "rules": rules, "trials": [asdict(trial) for trial in each.trials],
        "seconds": {"all": time.perf_counter() - begin, "making": making, **night.steps.seconds},
        "rule_seconds": night.rule_seconds, "errors": sorted(set(night.errors)),
        "touched": _touched(stream),
    }  # fmt: skip
    (part / "world.json").write_text(json.dumps(record, default=str, indent=1) + "\n", encoding="utf-8")


def _open(night: Night) -> pl.DataFrame:
    return frame(
        night.connection,
        "select finding_id, rule_id, platform_code, province_code, period_from, detected_on, score, scheme "
        "from checks.finding where kind = 'detector' and status <> 'resolved'",
    )


def _touched(stream: Stream) -> dict[str, int]:
    """Rows falsified by scheme and platform: an injector that found nothing to do has not falsified anything."""
    found: dict[str, int] = {}
    for label in stream.labels:
        key = f"{label['scheme']} {label['platform_code']} {label['adversary']}"
        found[key] = found.get(key, 0) + label["rows"]
    return found


def aggregate(sent: Sent) -> dict[str, Any]:
    """One version of a cell's day in a few plain figures; first digits of incomes and of distances."""
    done = sent.orders.filter(pl.col("status") == "completed")
    hour = sent.orders["accepted_at"].dt.hour()
    income = done["worker_income_yuan"].cast(pl.Float64)
    minutes = (done["finished_at"] - done["accepted_at"]).dt.total_seconds() / 60
    size = max(sent.orders.height, 1)
    first = (10.0 ** (income.filter(income > 0).log10() % 1)).floor()
    digits = [int((first == digit).sum()) for digit in range(1, 10)]
    return {
        "platform_code": sent.cell.platform, "province_code": sent.cell.province, "business_date": sent.business_date,
        "sequence": sent.sequence, "submitted_at": sent.submitted_at, "orders": sent.orders.height,
        "workers": sent.orders["worker_id"].n_unique(), "cancelled": sent.orders.height - done.height,
        "premium": float(sent.orders["premium_yuan"].cast(pl.Float64).sum()), "income": float(income.mean() or 0),  # type: ignore[arg-type]
        "metres": float(done["distance_m"].mean() or 0), "minutes": float(minutes.mean() or 0),  # type: ignore[arg-type]
        "night": int(((hour >= 23) | (hour < 5)).sum()) / size, "noon": int(((hour >= 10) & (hour < 14)).sum()) / size,
        "claims": sent.claims.height, "enrollment": sent.enrollment.height,
        **{f"digit_{place + 1}": count for place, count in enumerate(digits)},
    }  # fmt: skip
