"""D06 small orders, D07 risky days, D09 scaled counts, D22 provinces, D23 industries, D27 amounts, D29 durations, D33 cancelled."""

from __future__ import annotations

import json
from datetime import datetime, time, timedelta

import numpy as np
import polars as pl

from checks.frames import Frames
from tests.checks.detectors import content_frames as world

ENOUGH = 15.0
CALM = 8.0
BINS = list(range(6, 20))
SHAPE = np.exp(-0.5 * ((np.arange(14) - 6) / 2.5) ** 2)
SHAPE /= SHAPE.sum()
LATE = slice(-8, None)


def bins(seed: int, shares: world.Array = SHAPE, mean: float = 900.0) -> world.Array:
    random = world.draw(seed)
    level = mean * np.exp(random.normal(0, 0.08, world.SHAPE))
    return random.poisson(level[..., None] * shares).astype(float)


def shaped(fee: world.Array, speed: world.Array, workers: float = 2000.0) -> Frames:
    parts = [
        world.by(values, "bin_no", BINS, "orders", measure=measure, industry=world.INDUSTRY)
        for measure, values in (
            ("fee", fee),
            ("distance", bins(12)),
            ("duration", bins(13)),
            ("speed", speed),
        )
    ]
    n = speed.sum(axis=3)
    log_speed = np.log(2) / 4 * (np.array(BINS) + 0.5)
    day = {
        "speeds": n,
        "speed_ln": (speed * log_speed).sum(axis=3),
        "speed_ln2": (speed * log_speed**2).sum(axis=3),
    }
    return world.framed(
        cell_shape=pl.concat(parts),
        cell_day=world.table(day),
        cell_worker=world.table({"workers": np.full(world.SHAPE, workers)}),
    )


def test_honest_distributions_have_all_their_ends() -> None:
    frames = shaped(bins(10), bins(11))
    assert world.loudest(world.answer("D06", frames)) < CALM
    assert world.loudest(world.answer("D29", frames)) < CALM


def test_the_lowest_fees_that_are_gone_are_missed() -> None:
    fee = bins(10)
    fee[2, :, LATE, :2] = 0
    row = world.of(world.answer("D06", shaped(fee, bins(11))), 2, None)
    assert row["log_e"] > ENOUGH and row["matters"] and json.loads(row["schemes"]) == {"F06": 1.0}
    few = world.of(world.answer("D06", shaped(fee, bins(11), workers=0.5)), 2, None)
    assert (
        few["log_e"] < row["log_e"] / 2
    )  # two in four provinces: one who took the short orders may have left


def test_a_twentieth_that_ends_a_third_too_early_is_seen_at_the_fast_end() -> None:
    speed = bins(11)
    for place in range(13, 1, -1):  # six bins are a factor of 2.8
        moved = np.round(0.05 * speed[3, :, LATE, max(place - 6, 0)])
        speed[3, :, LATE, place] += moved
    row = world.of(world.answer("D29", shaped(bins(10), speed)), 3, None)
    assert row["log_e"] > ENOUGH and row["matters"]


def amounts(rounded: float = 0.0, always: int | None = None, whole: float = 0.01) -> Frames:
    random = world.draw(6)
    n = world.orders(mean=500).astype(int)
    columns = {"fees": n.astype(float), "incomes": n.astype(float)}
    for name, base in (
        ("fees_whole", whole),
        ("fees_half", 2 * whole),
        ("fees_five", whole / 5),
        ("incomes_whole", whole),
        ("incomes_half", 2 * whole),
    ):
        share = np.full(world.SHAPE, base)
        if always is not None:
            share[always] = 0.2 if name == "fees_five" else 1.0
        if name.startswith("fees"):
            share[1, :, LATE] = np.minimum(share[1, :, LATE] + rounded, 1)
        columns[name] = random.binomial(n, share).astype(float)
    return world.framed(cell_day=world.table(columns))


def test_tariffs_that_were_always_round_are_honest() -> None:
    assert world.loudest(world.answer("D27", amounts())) < CALM
    assert world.loudest(world.answer("D27", amounts(always=4))) < CALM


def test_a_tenth_of_the_fees_rounded_is_found() -> None:
    rows = world.answer("D27", amounts(rounded=0.1))
    assert world.of(rows, 1, 2)["log_e"] > ENOUGH
    assert world.loudest(rows.filter(pl.col("platform_code") != "P02")) < CALM


def cancelled(carried: float, more: float = 0.0) -> Frames:
    random = world.draw(7)
    n = world.orders(mean=600).astype(int)
    share = np.full(world.SHAPE, 0.05)
    share[5, :, LATE] += carried + more
    moved = np.zeros(world.SHAPE)
    moved[5, :, LATE] = random.binomial(n[5, :, LATE], carried)
    paid = random.binomial(n, 0.002) + moved
    return world.framed(
        cell_day=world.table({"orders": n.astype(float), "cancelled": random.binomial(n, share).astype(float),
                              "cancelled_carried": moved, "cancelled_moved": moved, "cancelled_paid": paid})
    )  # fmt: skip


def test_cancellations_with_compensation_are_honest() -> None:
    assert world.loudest(world.answer("D33", cancelled(0.0))) < CALM


def test_a_hundredth_relabelled_is_found_by_what_was_carried() -> None:
    row = world.of(world.answer("D33", cancelled(0.01)), 5, None)
    assert row["log_e"] > ENOUGH and row["matters"]


def test_relabelled_orders_without_their_distance_show_in_the_share() -> None:
    assert world.of(world.answer("D33", cancelled(0.0, more=0.04)), 5, None)["log_e"] > ENOUGH


def industries(since: int | None, always: float = 0.0) -> Frames:
    n = np.full(world.SHAPE, 400.0)
    other = np.full(world.SHAPE, 400 * always)
    if since is not None:
        other[2, :, since:] += 8
    return world.framed(
        cell_day=pl.concat([
            world.table({"orders": n - other}, industry=world.INDUSTRY),
            world.table({"orders": other}, industry="ride_hailing"),
        ])
    )  # fmt: skip


def test_a_second_industry_from_the_start_is_honest_and_a_new_one_is_asked_for() -> None:
    assert world.loudest(world.answer("D23", industries(None, always=0.03))) < CALM
    assert world.of(world.answer("D23", industries(-3)), 2, None)["log_e"] > ENOUGH


def crossings(moved: float) -> Frames:
    k = np.full(world.SHAPE, 1.0)
    k[1, 0, -5:] += moved
    pairs, workers = np.full(world.SHAPE, 380.0), np.full(world.SHAPE, 25.0)
    return world.framed(
        cell_pattern=world.table({"pairs": pairs, "crossings": k}),
        cell_hours=world.table({"workers": workers, "workers_in_provinces": np.zeros(world.SHAPE)}),
    )


def test_borders_are_crossed_honestly_but_not_all_at_once() -> None:
    assert world.loudest(world.answer("D22", crossings(0))) < CALM
    assert world.of(world.answer("D22", crossings(16)), 1, 0)["log_e"] > ENOUGH


NO_CHECKS = pl.DataFrame(
    schema={
        "platform_code": pl.String, "province_code": pl.String, "business_date": pl.Date, "serial": pl.Int64,
        "reported_serial": pl.Int64, "accepted_at": pl.Datetime("us"),
    }
)  # fmt: skip


def serials(even: bool) -> Frames:
    random = world.draw(8)
    n = world.orders(mean=400).astype(int)
    gap = np.zeros(world.SHAPE)
    gap[3, :, LATE] = np.round(0.05 * n[3, :, LATE]) if even else random.binomial(n[3, :, LATE], 0.05)
    last = n.cumsum(axis=2)
    first = last - n + 1
    return world.framed(
        unit=world.table(
            {"first_serial": first.astype(float), "last_serial": last.astype(float), "serials": n - gap}
        ),
        worker_check=NO_CHECKS,
    )


def test_a_share_missing_by_chance_is_not_scaled_and_one_to_the_order_is() -> None:
    assert world.loudest(world.answer("D09", serials(even=False))) < CALM
    row = world.of(world.answer("D09", serials(even=True)), 3, None)
    assert row["log_e"] > ENOUGH and json.loads(row["schemes"])["F09"] == 1.0


def off(days: set[int], drop: float) -> Frames:
    n = world.orders(mean=900, unrest=0.03)
    for t in range(20, world.DAYS):
        if (world.START + timedelta(days=t)).weekday() in days:
            n[2, :, t] = np.round(n[2, :, t] * (1 - drop))
    return world.framed(cell_day=world.table({"orders": n}))


def test_a_shortfall_on_days_off_alone_adds_up() -> None:
    assert world.loudest(world.answer("D07", off({5, 6}, 0.0), also=("orders",))) < CALM
    row = world.of(world.answer("D07", off({5, 6}, 0.2), also=("orders",)), 2, None)
    assert row["log_e"] > 10 and row["matters"]


def test_a_shortfall_on_all_days_is_not_one_of_risky_days() -> None:
    assert world.loudest(world.answer("D07", off({0, 1, 2, 3, 4, 5, 6}, 0.2), also=("orders",))) < CALM


def checks(others: int, *, timed: bool = True) -> Frames:
    """Twenty drawn orders a night of P05 in one province; `others` of the last nights are reported under another number. `timed`: the
    checks say when the orders were accepted."""
    rows = [
        {"platform_code": "P05", "province_code": "310000", "business_date": day, "draw": "sampled" if i else "self",
         "is_found": True, "worker_id": "w", "accepted_at": datetime.combine(day, time(12)) if timed else None, "reported_worker_id": "x" if (i == 1 and world.DAYS - t <= others) or i == 0 else "w"}
        for t, day in enumerate(world.dates()) for i in range(21)
    ]  # fmt: skip
    return world.framed(worker_check=pl.DataFrame(rows))


def test_drawn_orders_under_another_number_are_counted_and_own_look_ups_are_not() -> None:
    assert world.loudest(world.answer("D12", checks(0))) == 0
    row = world.of(world.answer("D12", checks(4)), 4, 1)
    assert row["log_e"] > ENOUGH and row["statistic"] == 4


def test_a_check_without_a_time_may_have_been_typed_wrongly() -> None:
    assert world.loudest(world.answer("D12", checks(4, timed=False))) == 0


def test_without_draws_it_is_said_that_splitting_is_not_seen() -> None:
    rows = world.answer("D12", world.framed(worker_check=pl.DataFrame(schema={"platform_code": pl.String})))
    assert set(rows["outcome"].to_list()) == {"not_identifiable"}
