"""Detectors (识别器): one file each, found by its name `D08_copied_days.py`, never registered.

A detector file holds DETECTOR (who it is, in words for auditors), SIGNALS (the series of checks.panel that it wants
watched; may be empty) and `detect(frames, *, settings) -> frame`, pure: frames in, frame out; no database, no clock.
It returns one row per platform × province (province_code null = the platform nationally) with the columns of ROW.
"""

from __future__ import annotations

import importlib
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Any

import polars as pl

from checks.frames import Frames
from checks.panel import Signal, Track

FOLDER = Path(__file__).parent
_FILE = re.compile(r"(D[0-9]{2})_[a-z0-9]+(_[a-z0-9]+)*\.py")
SCHEMES = tuple(f"F{number:02d}" for number in range(1, 35))

ROW: Mapping[str, Any] = MappingProxyType(
    {
        "platform_code": pl.String,
        "province_code": pl.String,  # null: the platform nationally
        "outcome": pl.String,  # tested, not_applicable (not enough data), not_identifiable (this data has no power)
        "reason": pl.String,  # of an outcome other than tested; bilingual: zh / en
        "period_from": pl.Date,  # when the evidence began to grow
        "n": pl.Float64,  # orders, persons, claims, … looked at since then
        "statistic": pl.Float64,
        "expected": pl.Float64,
        "effect": pl.Float64,  # in the detector's unit
        "log_e": pl.Float64,  # natural logarithm of the e-value; at most CEILING
        "matters": pl.Boolean,  # the effect passes the detector's gate
        "schemes": pl.String,  # JSON {scheme: weight}, what this pattern speaks for
        "sentence_zh": pl.String,
        "sentence_en": pl.String,
        "evidence": pl.String,  # JSON list of at most ten {label, observed, expected}
    }
)


class DetectorError(ValueError):
    """A detector's file is not well formed, or its answer is not; the message names it."""


@dataclass(frozen=True)
class Detector:
    """Who a detector is; every text is for auditors, without formulas."""

    id: str
    title_zh: str
    title_en: str
    schemes: tuple[str, ...]  # it may speak for
    looks_zh: str  # what it looks at
    looks_en: str
    errs_zh: str  # which honest explanation looks the same
    errs_en: str
    ask_zh: str  # what to ask the platform for
    ask_en: str
    unit: str  # of the effect
    source: str  # the test's source
    is_generic: bool = (
        False  # its pattern follows from many schemes: in the ranking it yields to detectors of one
    )
    explains: tuple[str, ...] = ()  # detectors whose patterns follow from its own: they yield to it
    version: int = 1


@dataclass(frozen=True)
class Settings:
    """What a detector may use besides the frames: the tracks of its signals, and numbers from dated parameters."""

    tracks: Mapping[str, Track] = field(default_factory=dict)
    parameters: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True)
class Module:
    """A detector as loaded."""

    header: Detector
    signals: tuple[Signal, ...]
    detect: Callable[..., pl.DataFrame]


@cache
def load() -> tuple[Module, ...]:
    """All detectors by id; DetectorError names a file that is not well formed."""
    found: dict[str, Module] = {}
    for path in sorted(FOLDER.glob("D*.py")):
        head = _FILE.fullmatch(path.name)
        if head is None:
            raise DetectorError(f"{path.name}: expected a name like D08_copied_days.py")
        module = importlib.import_module(f"checks.detectors.{path.stem}")
        header: Detector = module.DETECTOR
        if header.id != head[1] or header.id in found:
            raise DetectorError(f"{path.name}: id {header.id} is not its own")
        unknown = set(header.schemes) - set(SCHEMES)
        if unknown or not header.schemes:
            raise DetectorError(f"{path.name}: schemes {sorted(unknown) or 'missing'} (expected F01 … F34)")
        for name in (
            "title_zh",
            "title_en",
            "looks_zh",
            "looks_en",
            "errs_zh",
            "errs_en",
            "ask_zh",
            "ask_en",
            "unit",
            "source",
        ):
            if not getattr(header, name):
                raise DetectorError(f"{path.name}: {name} is empty")
        found[header.id] = Module(header, tuple(module.SIGNALS), module.detect)
    names = [signal.name for module in found.values() for signal in module.signals]
    twice = {name for name in names if names.count(name) > 1}
    if twice:
        raise DetectorError(f"signals named twice: {sorted(twice)}")
    return tuple(found.values())


def check(module: Module, frames: Frames, rows: pl.DataFrame) -> pl.DataFrame:
    """A detector's answer with exactly the columns of ROW; DetectorError where it is no answer."""
    missing = set(ROW) - set(rows.columns)
    if missing:
        raise DetectorError(f"{module.header.id}: columns missing {sorted(missing)}")
    rows = rows.select(pl.col(name).cast(kind) for name, kind in ROW.items())
    if rows.height and not set(rows["outcome"].to_list()) <= {"tested", "not_applicable", "not_identifiable"}:
        raise DetectorError(f"{module.header.id}: outcome {rows['outcome'].unique().to_list()}")
    strangers = set(rows["platform_code"].drop_nulls().to_list()) - set(frames.platforms)
    if strangers or rows["platform_code"].null_count():
        raise DetectorError(f"{module.header.id}: platforms {sorted(strangers)} are not in the frames")
    if rows.select("platform_code", "province_code").is_duplicated().any():
        raise DetectorError(f"{module.header.id}: two rows for one cell")
    return rows
