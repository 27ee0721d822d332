"""What missing orders have in common: told at night and on some days, not told where they are spread; numbered anew or not."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import date, datetime, timedelta

import numpy as np
import polars as pl
import pytest

from checks import detectors
from checks.detectors import Settings
from checks.frames import Frames
from checks.missing import Common, distances, holes

FIRST, DAYS = date(2025, 9, 1), 24
BAD, PROVINCES = "P01", ("310000", "440000", "330000")
HOURS = np.array(
    [1, 1, 1, 1, 1, 2, 4, 8, 10, 12, 18, 26, 24, 14, 12, 12, 14, 24, 28, 22, 16, 10, 6, 3], dtype=float
)
PLAIN = {"F01": 1.0}

Gone = Callable[[pl.DataFrame, np.random.Generator], np.ndarray]


def share(q: float, among: pl.Expr | None = None) -> Gone:
    def gone(orders: pl.DataFrame, draw: np.random.Generator) -> np.ndarray:
        where = np.ones(orders.height, bool) if among is None else orders.select(among).to_series().to_numpy()
        return where & (draw.random(orders.height) < q)

    return gone


def scaled(q: float) -> Gone:
    """Of every hour's orders the same share, to the very order."""

    def gone(orders: pl.DataFrame, draw: np.random.Generator) -> np.ndarray:
        lost = np.zeros(orders.height, bool)
        hour = orders["at"].dt.hour().to_numpy()
        for each in np.unique(hour):
            rows = np.flatnonzero(hour == each)
            lost[draw.choice(rows, round(len(rows) * q), replace=False)] = True
        return lost

    return gone


def now_and_then(q: float) -> Gone:
    """On some days and not on others, as the few whose orders are left out happen to work."""

    def gone(orders: pl.DataFrame, draw: np.random.Generator) -> np.ndarray:
        return (draw.random(orders.height) < q) & (draw.random() < 0.4)

    return gone


def varying(q: float) -> Gone:
    """A share that is another one every day, never nothing."""

    def gone(orders: pl.DataFrame, draw: np.random.Generator) -> np.ndarray:
        return draw.random(orders.height) < q * draw.uniform(0.6, 1.4)

    return gone


AT_NIGHT = (pl.col("at").dt.hour() >= 23) | (pl.col("at").dt.hour() < 5)
ON_DAYS_OFF = pl.col("at").dt.weekday().is_in([6, 7])
LATER = pl.col("at") >= datetime(2025, 9, 12)


def world(gone: Gone, *, anew: bool, seed: int = 1, checks: int = 4, misread: float = 0.01) -> Frames:
    """One platform in three provinces, some 280 orders a day; `gone` are left out, the rest numbered `anew` or not."""
    draw = np.random.default_rng(seed)
    unit, hours, drawn = [], [], []
    for province in PROVINCES:
        true, told = 1, 1
        for day in range(DAYS):
            count = int(draw.poisson(280))
            begin = datetime(FIRST.year, FIRST.month, FIRST.day) + timedelta(days=day)
            hour = draw.choice(24, count, p=HOURS / HOURS.sum())
            at = np.sort(hour * 3600 + draw.integers(0, 3600, count))
            orders = pl.DataFrame(
                {
                    "serial": np.arange(true, true + count),
                    "at": [begin + timedelta(seconds=int(s)) for s in at],
                }
            )
            true += count
            lost = gone(orders, draw)
            kept = orders.filter(pl.Series(~lost))
            number = np.arange(told, told + kept.height) if anew else kept["serial"].to_numpy()
            told += kept.height
            kept = kept.with_columns(reported=pl.Series(number))
            cell = {"platform_code": BAD, "province_code": province, "business_date": begin.date()}
            unit.append(
                cell
                | {"first_serial": int(number[0]), "last_serial": int(number[-1]), "serials": len(number)}
            )
            for row in (
                kept.group_by(pl.col("at").dt.hour().alias("h"))
                .agg(pl.len(), pl.col("reported").min().alias("low"), pl.col("reported").max().alias("high"))
                .sort("h")
                .iter_rows(named=True)
            ):
                hours.append(
                    cell
                    | {
                        "hour_no": row["h"],
                        "numbered_orders": row["len"],
                        "first_serial": row["low"],
                        "last_serial": row["high"],
                    }
                )
            held = dict(kept.select("serial", "reported").iter_rows())
            for i in draw.choice(count, checks, replace=False):
                serial, when = orders.row(int(i))
                drawn.append(
                    {"platform_code": BAD, "province_code": province if serial in held else None, "worker_province_code": province,
                     "business_date": begin.date() if serial in held else None, "draw": "sampled", "is_found": serial in held,
                     "order_id": f"{province}{serial}", "serial": serial + (7 if draw.random() < misread else 0), "reported_serial": held.get(serial),
                     "accepted_at": when, "checked_at": begin + timedelta(days=1, hours=12), "is_worker_covered": True}
                )  # fmt: skip
    days = tuple(FIRST + timedelta(days=i) for i in range(DAYS))
    tables = {
        "calendar": pl.DataFrame({"date": days, "is_workday": [day.weekday() < 5 for day in days]}),
        "unit": pl.DataFrame(unit), "cell_serial_hour": pl.DataFrame(hours),
        "worker_check": pl.DataFrame(drawn, infer_schema_length=None),
    }  # fmt: skip
    return Frames(days[-1], (BAD,), tuple(sorted(PROVINCES)), days, tables)


def told(frames: Frames) -> str:
    """The scheme that the platform's missing orders point at; F01 where nothing is told."""
    schemes = Common(frames).schemes(0, len(PROVINCES), PLAIN)
    return max(schemes, key=lambda name: schemes[name])


@pytest.mark.parametrize("anew", [False, True])
@pytest.mark.parametrize("seed", [1, 2, 3])
@pytest.mark.parametrize(
    ("gone", "scheme"),
    [
        (share(0.5, AT_NIGHT), "F04"), (share(1.0, AT_NIGHT), "F04"), (share(0.4, ON_DAYS_OFF), "F07"), (share(0.1, ON_DAYS_OFF), "F07"),
        (share(0.05), "F01"), (share(0.3), "F01"), (share(0.1, LATER), "F01"), (scaled(0.2), "F01"), (varying(0.1), "F01"), (now_and_then(0.05), "F01"),
    ],
)  # fmt: skip
def test_what_the_missing_have_in_common_is_told(gone: Gone, scheme: str, seed: int, anew: bool) -> None:
    assert told(world(gone, anew=anew, seed=seed)) == scheme


def test_the_sentence_ends_with_what_was_found() -> None:
    at_night = Common(world(share(0.5, AT_NIGHT), anew=True))
    assert at_night.said(0, len(PROVINCES)) == ("；缺失集中在夜间", "; they lie at night")
    assert Common(world(share(0.3), anew=True)).said(0, len(PROVINCES)) == ("", "")


def test_without_a_missing_order_nothing_is_told() -> None:
    frames = world(share(0.0), anew=False)
    assert told(frames) == "F01"
    assert holes(frames)["missing"].sum() == 0


def test_holes_are_counted_once_and_in_their_hour() -> None:
    frames = world(share(1.0, pl.col("at").dt.hour() == 3), anew=False)
    found = holes(frames).filter(pl.col("missing") > 0)
    span = frames.tables["unit"].group_by("province_code").agg(
        (pl.col("last_serial").max() - pl.col("first_serial").min() + 1 - pl.col("serials").sum()).alias("missing")
    )  # fmt: skip
    assert found["missing"].sum() == span["missing"].sum() > 0
    assert found["is_night"].all()


def test_distances_between_known_orders_are_the_orders_taken_out_between_them() -> None:
    frames = world(share(0.2), anew=True, misread=0.0)
    found = distances(frames)
    assert float(found["missing"].sum()) / float(found["n"].sum()) == pytest.approx(0.2, abs=0.03)
    assert distances(world(share(0.2), anew=False, misread=0.0))["missing"].sum() == 0


def even(frames: Frames) -> dict[str, object]:
    module = next(each for each in detectors.load() if each.header.id == "D09")
    rows = detectors.check(module, frames, module.detect(frames, settings=Settings()))
    return rows.filter(pl.col("province_code").is_null()).row(0, named=True)


@pytest.mark.parametrize("seed", [1, 2, 3])
@pytest.mark.parametrize(
    ("gone", "is_even"),
    [(scaled(0.2), True), (share(0.2), False), (varying(0.2), False), (share(0.4, ON_DAYS_OFF), False)],
)
def test_one_ratio_behind_new_numbers_is_told_from_chance(gone: Gone, is_even: bool, seed: int) -> None:
    row = even(world(gone, anew=True, seed=seed))
    assert (float(str(row["log_e"])) > 10 and bool(row["matters"])) == is_even
    if is_even:
        assert json.loads(str(row["schemes"]))["F09"] == 1.0
        cells = json.loads(str(row["evidence"]))
        assert len({cell["label"] for cell in cells}) == len(cells) > 3
