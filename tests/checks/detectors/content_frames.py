"""Frames written down for the detectors of content: six platforms, four provinces, honest counts, and what a test changes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from checks import detectors, panel
from checks.detectors import Settings
from checks.frames import Frames

PLATFORMS = tuple(f"P{i:02d}" for i in range(1, 7))
PROVINCES = ("110000", "310000", "320000", "440000")
DAYS = 50
START = date(2025, 9, 1)
INDUSTRY = "instant_delivery"
Array = NDArray[np.float64]
SHAPE = (len(PLATFORMS), len(PROVINCES), DAYS)


def dates() -> tuple[date, ...]:
    return tuple(START + timedelta(days=i) for i in range(DAYS))


def draw(seed: int = 1) -> np.random.Generator:
    return np.random.default_rng(seed)


def orders(mean: float = 400.0, unrest: float = 0.08, seed: int = 1) -> Array:
    """Honest orders a day: Poisson around a level that moves from day to day."""
    random = draw(seed)
    return random.poisson(mean * np.exp(random.normal(0, unrest, SHAPE))).astype(float)


def table(columns: Mapping[str, Array], **constant: Any) -> pl.DataFrame:
    """A frame with one row a cell and day from arrays platform × province × day."""
    p, v, t = np.indices(SHAPE).reshape(3, -1)
    days = dates()
    made: dict[str, Any] = {
        "platform_code": [PLATFORMS[i] for i in p],
        "province_code": [PROVINCES[i] for i in v],
        "business_date": [days[i] for i in t],
        **{name: np.broadcast_to(values, SHAPE).reshape(-1) for name, values in columns.items()},
    }
    return pl.DataFrame(made).with_columns(pl.lit(value).alias(name) for name, value in constant.items())


def by(values: Array, column: str, labels: Sequence[Any], top: str, **constant: Any) -> pl.DataFrame:
    """A frame with one row a cell, day and label, from an array with a fourth axis of labels."""
    return pl.concat(
        [
            table({top: values[..., i]}, **constant).with_columns(pl.lit(label).alias(column))
            for i, label in enumerate(labels)
        ]
    )


def framed(**tables: pl.DataFrame) -> Frames:
    """Frames of all days; tables that a test does not name are not there."""
    held = {
        "unit": table({"first_serial": np.ones(SHAPE)}),
        "platform": pl.DataFrame({"platform_code": PLATFORMS, "industry": [INDUSTRY] * len(PLATFORMS)}),
        "calendar": pl.DataFrame(
            {
                "date": dates(),
                "day_of_week": [day.isoweekday() for day in dates()],
                "is_workday": [day.weekday() < 5 for day in dates()],
                "holiday_en": [None] * DAYS,
            },
            schema_overrides={"holiday_en": pl.String},
        ),
    }
    return Frames(dates()[-1], PLATFORMS, PROVINCES, dates(), {**held, **tables})


def answer(name: str, frames: Frames, also: Sequence[str] = ()) -> pl.DataFrame:
    """What a detector says, with the signals it asks for (and those of others that it reads)."""
    modules = {module.header.id: module for module in detectors.load()}
    module = modules[name]
    signals = [*module.signals, *(s for other in modules.values() for s in other.signals if s.name in also)]
    rows = module.detect(frames, settings=Settings(panel.run(frames, signals), {}))
    return detectors.check(module, frames, rows)


def loudest(rows: pl.DataFrame) -> float:
    """The largest evidence that matters; 0 where nothing does."""
    speaking = rows.filter((pl.col("outcome") == "tested") & pl.col("matters"))
    return float(speaking["log_e"].max() or 0.0)  # type: ignore[arg-type]


def of(rows: pl.DataFrame, platform: int, province: int | None) -> dict[str, Any]:
    """The row of a cell, or of a platform nationally."""
    code = None if province is None else PROVINCES[province]
    return rows.filter(
        (pl.col("platform_code") == PLATFORMS[platform]) & pl.col("province_code").eq_missing(pl.lit(code))
    ).row(0, named=True)
