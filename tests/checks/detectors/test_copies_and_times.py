"""D08 copied days, D26 smoothed series, D28 template times, D10 filler, D13 rented and D24 reused ids."""

from __future__ import annotations

import json

import numpy as np
import polars as pl
import pytest

from checks import running
from checks.frames import Frames
from tests.checks.detectors import content_frames as world

ENOUGH = 15.0
CALM = 8.0  # far below what an alert needs
HOURS = list(range(24))
PROFILE = np.array([1, 1, 1, 1, 1, 2, 3, 5, 7, 8, 9, 12, 11, 9, 8, 8, 9, 11, 10, 8, 6, 4, 3, 2], float)
PROFILE /= PROFILE.sum()


def hours(seed: int = 3, mean: float = 500.0) -> world.Array:
    random = world.draw(seed)
    level = mean * np.exp(random.normal(0, 0.08, world.SHAPE))
    return random.poisson(level[..., None] * PROFILE).astype(float)


def copies(row: float = 0, load: float = 10) -> pl.DataFrame:
    parts = []
    for kind, shared in (("row", row), ("load", load)):
        counts = np.zeros(world.SHAPE)
        counts[:] = load if kind == "load" else 0
        counts[2, 1, -2:] = shared
        parts.append(world.table({"hashes": np.full(world.SHAPE, 60.0), "hashes_shared": counts}, kind=kind))
    return pl.concat(parts).with_columns(
        like_province_code=pl.lit("310000"), like_date=pl.col("business_date") - pl.duration(days=7)
    )


def copied(counts: world.Array, **shared: float) -> Frames:
    return world.framed(cell_copy=copies(**shared), cell_hour=world.by(counts, "hour_no", HOURS, "orders"))


def test_honest_days_are_not_copies() -> None:
    assert world.loudest(world.answer("D08", copied(hours()))) < CALM


def test_a_day_whose_rows_are_those_of_another_is_found_the_same_night() -> None:
    rows = world.answer("D08", copied(hours(), row=60))
    cell = world.of(rows, 2, 1)
    assert cell["log_e"] > ENOUGH and cell["matters"]
    assert json.loads(cell["schemes"]) == {"F08": 1.0}
    assert "310000" in json.loads(cell["evidence"])[0]["label"]
    assert world.loudest(rows.filter(pl.col("platform_code") != "P03")) < CALM


def test_stirred_copies_are_known_by_their_hours() -> None:
    counts = hours()
    random = world.draw(9)
    for back in range(1, 8):  # every hour as a week before, but for an order or two
        counts[2, 1, -back] = np.maximum(counts[2, 1, -back - 7] + random.integers(-1, 2, 24), 0)
    assert world.of(world.answer("D08", copied(counts)), 2, 1)["log_e"] > ENOUGH


def test_workers_with_fixed_loads_are_honest_up_to_a_point() -> None:
    assert world.loudest(world.answer("D08", copied(hours(), load=20))) < CALM
    assert world.of(world.answer("D08", copied(hours(), load=59)), 2, 1)["log_e"] > ENOUGH


def smooth_frames(daily: world.Array, hourly: world.Array) -> Frames:
    return world.framed(
        cell_day=world.table({"orders": daily}), cell_hour=world.by(hourly, "hour_no", HOURS, "orders")
    )


def test_counts_of_people_are_not_smooth() -> None:
    daily = world.orders()
    assert world.loudest(world.answer("D26", smooth_frames(daily, hours()))) < CALM
    # the least unrest that people can have: Poisson alone
    assert world.loudest(world.answer("D26", smooth_frames(world.orders(unrest=0.0), hours()))) < CALM


def test_days_that_follow_the_mean_of_the_last_three_are_found_wherever_they_began() -> None:
    for first in (3, world.DAYS - 16):
        daily = world.orders()
        for t in range(first, world.DAYS):
            daily[4, :, t] = np.round(daily[4, :, t - 3 : t].mean(axis=1))
        rows = world.answer("D26", smooth_frames(daily, hours()))
        assert world.of(rows, 4, None)["log_e"] > ENOUGH
        assert world.of(rows, 4, 0)["log_e"] > ENOUGH
        assert world.loudest(rows.filter(pl.col("platform_code") != "P05")) < CALM


def test_a_running_mean_that_knows_the_day_itself_takes_the_steps_away() -> None:
    true = world.orders(unrest=0.15)
    daily = true.copy()
    for t in range(world.DAYS - 14, world.DAYS):
        daily[4, :, t] = np.round(true[4, :, t - 2 : t + 1].mean(axis=1))
    assert world.of(world.answer("D26", smooth_frames(daily, hours())), 4, None)["log_e"] > 8


def test_a_curve_drawn_through_the_hours_is_found() -> None:
    hourly = hours(mean=700)
    drawn = hourly[4]
    hourly[4] = np.round((np.roll(drawn, 1, axis=2) + drawn + np.roll(drawn, -1, axis=2)) / 3)
    rows = world.answer("D26", smooth_frames(world.orders(), hourly))
    assert world.of(rows, 4, None)["log_e"] > ENOUGH
    assert world.loudest(rows.filter(pl.col("platform_code") != "P05")) < CALM


def timed(template: float = 0.0, platform: int = 1, whole: int | None = None) -> Frames:
    random = world.draw(4)
    n = world.orders()
    chance = np.full(world.SHAPE, 1 / 60)
    both, lasting, five = chance / 60, chance.copy(), np.full(world.SHAPE, 1 / 300)
    if whole is not None:  # durations in whole minutes from the first day on
        lasting[whole], both[whole], five[whole] = 1.0, 1 / 60, 0.2
    accepted, finished = chance.copy(), chance.copy()
    for share in (accepted, finished, both, five):
        share[platform, :, -5:] += template
    draw = {name: random.binomial(n.astype(int), np.minimum(share, 1)).astype(float)
            for name, share in (("accepted_minute", accepted), ("finished_minute", finished), ("both_minute", both),
                                ("durations_minute", lasting), ("durations_five", five))}  # fmt: skip
    return world.framed(
        cell_day=world.table({"accepted": n, "finished": n, "durations": n, **draw}),
        cell_pattern=world.table(
            {"pairs": n, "same_duration": random.binomial(n.astype(int), 0.001).astype(float)}
        ),
    )


def test_full_minutes_by_chance_and_sources_of_whole_minutes_are_honest() -> None:
    assert world.loudest(world.answer("D28", timed())) < CALM
    assert world.loudest(world.answer("D28", timed(whole=3))) < CALM


def test_templates_are_found_on_the_first_nights() -> None:
    rows = world.answer("D28", timed(template=0.02))
    assert world.of(rows, 1, None)["log_e"] > ENOUGH and world.of(rows, 1, None)["matters"]
    assert world.loudest(rows.filter(pl.col("platform_code") != "P02")) < CALM


def full(
    rented: float = 0.0, filler: float = 0.0, twins: tuple[float, float] = (0, 0), new: float = 0.0
) -> Frames:
    """Two hundred workers a cell, at most two orders at once; on the last three days of P02 some go beyond. `new`: the share of
    twins under other numbers of which one is newly covered."""
    random = world.draw(5)
    workers, accepted = np.zeros((*world.SHAPE, 3)), np.zeros((*world.SHAPE, 3))
    workers[..., 0], workers[..., 1] = 60, 140
    accepted[..., 0], accepted[..., 1] = 900, 700
    late = (1, slice(None), slice(-3, None))
    workers[(*late, 2)] = random.poisson(rented * 200, (4, 3)) + random.poisson(filler * 1600, (4, 3))
    accepted[(*late, 2)] = workers[(*late, 2)] * (6 if rented else 1)
    zero, n = np.zeros(world.SHAPE), np.full(world.SHAPE, 1600.0)
    other, same = zero.copy(), zero.copy()
    other[late], same[late] = twins
    return world.framed(
        cell_running=pl.concat([
            world.by(workers, "level", [1, 2, 3], "counted", kind="worker"),
            world.by(accepted, "level", [1, 2, 3], "counted", kind="order"),
        ]),
        cell_hours=world.table({"workers": np.full(world.SHAPE, 200.0), "long_days": zero}),
        cell_day=world.table({"accepted_minute": n / 60, "finished_minute": n / 60, "both_minute": zero, "durations": n}),
        cell_twin=world.table({"orders": n, "twins_other": other, "twins_same": same}),
        twin_new=world.table({"twins": other, "twins_new": np.round(new * other)}),
    )  # fmt: skip


def test_within_the_cap_nobody_is_two() -> None:
    for name in ("D10", "D13"):
        assert world.loudest(world.answer(name, full())) == 0


@pytest.mark.parametrize(("steps", "cap"), [
    ((0.75, 0.2, 0.05, 0.0), 3),  # thins out, and one in twenty is no wall
    ((0.64, 0.31, 0.045, 0.0045, 0.0003), None),
    ((0.16, 0.18, 0.22, 0.19, 0.13, 0.12, 0.0), 6),
    ((0.25, 0.75, 0.0), 2),
    ((1.0, 0.0), 1),
])  # fmt: skip
def test_a_cap_is_a_wall_and_not_the_end_of_a_tail(steps: tuple[float, ...], cap: int | None) -> None:
    workers = np.full((*world.SHAPE, len(steps)), 5000.0) * np.array(steps)
    levels = list(range(1, len(steps) + 1))
    frames = world.framed(cell_running=world.by(workers, "level", levels, "counted", kind="worker"))
    assert set(running.caps(frames).tolist()) == {cap or running.TOP}


def test_more_load_where_there_is_no_cap_accuses_nobody() -> None:
    """A holiday doubles the orders at once of P02, and of its fuller moments more than doubles."""
    tail = np.array([3000.0, 1500, 220, 22, 2, 0, 0])
    counts = np.full((*world.SHAPE, len(tail)), 1.0) * tail
    counts[1, :, -5:] = [2200, 1900, 600, 150, 35, 9, 2]
    levels = list(range(1, len(tail) + 1))
    frames = world.framed(
        cell_running=pl.concat([world.by(counts, "level", levels, "counted", kind=kind) for kind in ("worker", "order")]),
        cell_hours=world.table({"workers": counts.sum(axis=3), "long_days": np.zeros(world.SHAPE)}),
        cell_day=world.table({name: np.zeros(world.SHAPE) for name in ("accepted_minute", "finished_minute", "both_minute", "durations")}),
        cell_twin=world.table({name: np.zeros(world.SHAPE) for name in ("orders", "twins_other", "twins_same")}),
        twin_new=world.table({name: np.zeros(world.SHAPE) for name in ("twins", "twins_new")}),
    )  # fmt: skip
    for name in ("D10", "D13"):
        assert world.loudest(world.answer(name, frames)) == 0


def test_days_of_over_twenty_hours_that_were_always_there_are_a_way_of_recording() -> None:
    for early, found in ((6.0, False), (0.0, True)):
        long = np.zeros(world.SHAPE)
        long[1] = early
        long[1, :, -4:] = 8
        frames = full()
        frames = world.framed(
            **{
                **frames.tables,
                "cell_hours": world.table({"workers": np.full(world.SHAPE, 200.0), "long_days": long}),
            }
        )
        assert (world.of(world.answer("D13", frames), 1, None)["log_e"] > ENOUGH) is found


def test_rented_numbers_go_beyond_the_cap_again_and_again() -> None:
    row = world.of(world.answer("D13", full(rented=0.01)), 1, None)
    assert row["log_e"] > ENOUGH and row["matters"] and json.loads(row["schemes"])["F13"] == 1.0


def test_what_twins_explain_is_not_called_rented() -> None:
    frames = full(filler=0.01, twins=(16.0, 0.0))
    assert world.loudest(world.answer("D13", frames)) < CALM
    row = world.of(world.answer("D10", frames), 1, None)
    assert row["log_e"] > ENOUGH and json.loads(row["schemes"])["F10"] == 1.0


@pytest.mark.parametrize(("new", "scheme"), [(0.0, "F10"), (0.3, "F10"), (0.9, "F11")])
def test_twins_of_newly_covered_numbers_are_ghosts(new: float, scheme: str) -> None:
    row = world.of(world.answer("D10", full(twins=(16.0, 0.0), new=new)), 1, None)
    assert row["log_e"] > ENOUGH and json.loads(row["schemes"])[scheme] == 1.0


@pytest.mark.parametrize(("share", "found"), [(0.0, False), (0.005, True)])
def test_reused_ids_are_exact(share: float, found: bool) -> None:
    sent, reused = np.full(world.SHAPE, 400.0), np.zeros(world.SHAPE)
    reused[3, :, -2:] = 400 * share
    rows = world.answer("D24", world.framed(cell_key=world.table({"rows_sent": sent, "reused": reused})))
    assert (world.loudest(rows) > ENOUGH) is found


def enrolled(*, wave: bool, load: float, twins: float = 0.0) -> Frames:
    """Ten enrolled a night; on four of the last nights of P06 thirty more in one minute, who take `load` orders a day."""
    started, minute = np.full(world.SHAPE, 10.0), np.full(world.SHAPE, 2.0)
    new, other = np.full(world.SHAPE, 8.0), np.zeros(world.SHAPE)
    late = (5, slice(None), slice(-8, None, 2))
    if wave:
        started[late], minute[late] = 40, 30
        new[5, :, -8:] += 60
        other[5, :, -8:] = twins
    new_orders = np.full(world.SHAPE, 8 * 20.0)
    new_orders[5, :, -8:] += (new[5, :, -8:] - 8) * load
    workers = 200 + new
    return world.framed(
        cell_enrollment=world.table({"persons_started": started, "in_one_minute": minute}),
        cell_worker=world.table({"workers": workers, "orders": 200 * 20 + new_orders, "new_workers": new, "new_worker_orders": new_orders}),
        cell_twin=world.table({"twins_other": other}),
    )  # fmt: skip


def test_a_hiring_wave_of_people_who_work_is_honest() -> None:
    assert world.loudest(world.answer("D11", enrolled(wave=False, load=20))) == 0
    assert world.loudest(world.answer("D11", enrolled(wave=True, load=18))) == 0


@pytest.mark.parametrize(("load", "twins"), [(2.0, 0.0), (18.0, 5.0)])
def test_enrolled_in_bulk_and_idle_or_repeating_others_are_ghosts(load: float, twins: float) -> None:
    row = world.of(world.answer("D11", enrolled(wave=True, load=load, twins=twins)), 5, 1)
    assert row["log_e"] > ENOUGH and row["matters"] and json.loads(row["schemes"])["F11"] == 1.0
