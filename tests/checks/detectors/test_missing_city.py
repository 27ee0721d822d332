"""D05: a city that was there every night is gone, and stays gone through nights of which nothing can be said."""

from __future__ import annotations

import numpy as np
import polars as pl

from checks.frames import Frames
from tests.checks.detectors import content_frames as world

CITIES = ("440100", "440300", "440600")
GONE = 25
PLATFORM, PROVINCE = 1, 3


def cities(
    gone_from: int | None, holiday: range = range(0), back_from: int | None = None, load: float = 10.0
) -> Frames:
    """Three cities in one province; the second is gone for one platform from a day on. On a holiday everybody has a tenth."""
    random = world.draw(3)
    mean = 100.0 * np.exp(random.normal(0, 0.05, world.SHAPE))
    for day in holiday:
        mean[:, :, day] *= 0.1
    parts = []
    for i, code in enumerate(CITIES):
        orders = random.poisson(mean).astype(float)
        if gone_from is not None and i == 1:
            orders[PLATFORM, PROVINCE, gone_from:back_from] = 0
        parts.append(
            world.table({"orders": orders, "workers": np.ceil(orders / load)}).with_columns(
                city_code=pl.lit(code)
            )
        )
    rows = pl.concat(parts).filter(
        (pl.col("province_code") == world.PROVINCES[PROVINCE]) & (pl.col("orders") > 0)
    )
    return world.framed(cell_city=rows)


def evidence(frames: Frames) -> float:
    return float(world.of(world.answer("D05", frames), PLATFORM, PROVINCE)["log_e"])


def test_cities_that_come_and_go_with_everybody_are_honest() -> None:
    assert world.loudest(world.answer("D05", cities(None))) == 0
    assert world.loudest(world.answer("D05", cities(None, holiday=range(46, 50)))) == 0


def test_a_city_that_is_gone_is_found_and_no_other_cell_is_accused() -> None:
    rows = world.answer("D05", cities(world.DAYS - 3))
    mine = world.of(rows, PLATFORM, PROVINCE)
    assert mine["log_e"] > 15 and CITIES[1] in mine["sentence_en"] and CITIES[0] not in mine["sentence_en"]
    assert mine["period_from"] == world.dates()[world.DAYS - 3]
    others = rows.filter(pl.col("platform_code") != world.PLATFORMS[PLATFORM])
    assert world.loudest(others) == 0


def test_a_long_silence_stays_found() -> None:
    assert evidence(cities(GONE)) > 15  # 25 nights: longer than any memory of the silence itself


def test_a_holiday_does_not_end_a_silence_and_a_return_does() -> None:
    silent = cities(GONE + 10, holiday=range(world.DAYS - 6, world.DAYS))
    assert evidence(silent) > 15
    assert evidence(cities(GONE, back_from=world.DAYS - 8)) == 0


def test_small_cities_left_one_by_one_do_not_add_up() -> None:
    """Each of them is a city of two; that three of twelve are empty says nothing together either."""
    random = world.draw(4)
    parts = []
    for i in range(12):
        orders = random.poisson(40.0, world.SHAPE).astype(float)
        if i < 3:
            orders[PLATFORM, PROVINCE, GONE + 5 * i :] = 0
        parts.append(
            world.table({"orders": orders, "workers": np.ceil(orders / 20)}).with_columns(
                city_code=pl.lit(f"44{i + 1:02d}00")
            )
        )
    rows = pl.concat(parts).filter(
        (pl.col("province_code") == world.PROVINCES[PROVINCE]) & (pl.col("orders") > 0)
    )
    assert evidence(world.framed(cell_city=rows)) < 12


def test_a_city_of_four_workers_may_be_left_by_all_of_them() -> None:
    assert evidence(cities(GONE, load=30.0)) < 12
