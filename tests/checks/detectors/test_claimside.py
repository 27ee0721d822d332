"""Detectors of cover, claims, revisions and witnesses on frames written down: silent on clean ones, loud on planted ones."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any

import numpy as np
import polars as pl
import pytest

from checks import detectors, frames, panel
from checks.detectors import D32_outage_nights, Settings
from checks.frames import Frames
from checks.missing import reported

FIRST, DAYS = date(2025, 10, 1), 50
PLATFORMS, PROVINCES = [f"P{i:02}" for i in range(1, 7)], ["310000", "440000"]
NIGHT = FIRST + timedelta(days=DAYS - 1)
LOUD = 14.0
Tables = dict[str, pl.DataFrame]
BAD = ("P03", "310000")

CELLS: dict[str, dict[str, float]] = {
    "cell_day": {"orders": 400},
    "cell_worker": {"orders": 400, "workers": 60, "workers_uncovered": 1, "workers_lapsed": 0, "new_worker_orders": 10, "orders_employee": 0},
    "cell_enrollment": {
        "starts": 3, "backdated": 0, "seen_late": 0, "short_starts": 0, "employee_starts": 0, "employee_short": 0, "cohort_moved": 0, "cohort_ended": 0,
    },
}  # fmt: skip
REVISION = {
    "orders_earlier": 400, "claimed": 1, "favoured": 0, "favoured_on_claim": 0, "dearer": 3, "added": 3, "renumbered": 0, "renamed": 0,
}  # fmt: skip


def at(day: int, hour: float = 12.0) -> datetime:
    return datetime(FIRST.year, FIRST.month, FIRST.day) + timedelta(days=day, hours=hour)


def _claim(platform: str, province: str, day: int, number: int, draw: np.random.Generator) -> dict[str, Any]:
    kind = ("minor", "minor", "medical", "disability")[number % 4]
    lag = 0.5 if draw.random() < 0.9 else 100.0
    return {
        "platform_code": platform, "province_code": province, "claim_id": f"{platform}{province}{day}-{number}", "worker_id": f"w{province}{day}-{number}", "programme": "oip",
        "order_id": f"{platform}{province}{day}-{number}", "injured_at": at(day), "reported_at": at(day, 12 + lag), "first_business_date": at(day, 12 + lag).date(),
        "injury_class": kind, "medical_yuan": float(draw.uniform(100, 2900)) if kind == "minor" else 9000.0, "benefit_yuan": 2000.0, "paid_at": at(day + 5),
        "is_order_known": True, "order_province_code": province, "order_status": "completed", "order_premium_yuan": 0.07, "finished_at": at(day, 12.2),
        "held_registered_at": at(-30), "held_undated": 0, "held_seen_on": at(-30).date(), "held_s": 86400 * 300, "first_covered_from": at(-30),
    }  # fmt: skip


def _case(claim: dict[str, Any]) -> dict[str, Any]:
    return {
        "platform_code": claim["platform_code"], "case_no": claim["claim_id"], "order_id": claim["order_id"], "province_code": claim["province_code"],
        "injured_at": claim["injured_at"], "received_at": claim["reported_at"], "paid_at": claim["paid_at"], "benefit_yuan": 2000.0, "is_claimed": True,
        "is_order_known": True, "order_province_code": claim["province_code"], "claim_reported_at": claim["reported_at"], "claim_first_date": claim["first_business_date"], "claim_paid_at": claim["paid_at"], "claim_benefit_yuan": 2000.0, "claims_oip": 1, "claim_injured_at": claim["injured_at"],
    }  # fmt: skip


def clean(seed: int = 1) -> Tables:
    """Six platforms in two provinces for fifty days: steady orders, two claims a day in each cell, checks, a revision every tenth day."""
    draw = np.random.default_rng(seed)
    tables: dict[str, list[dict[str, Any]]] = {
        name: []
        for name in ("unit", "claim", "agency_case", "worker_check", "cell_revision", "witness", *CELLS)
    }
    serial = 1
    for p, platform in enumerate(PLATFORMS):
        for province in PROVINCES:
            for day in range(DAYS):
                cell = {
                    "platform_code": platform,
                    "province_code": province,
                    "business_date": FIRST + timedelta(days=day),
                }
                tables["unit"].append(
                    cell | {"first_serial": serial, "last_serial": serial + 399, "serials": 400}
                )
                serial += 400
                for name, columns in CELLS.items():
                    tables[name].append(
                        cell | {c: float(draw.poisson(v)) if v < 20 else v for c, v in columns.items()}
                    )
                if (day + p) % 10 == 0:
                    tables["cell_revision"].append(cell | REVISION)
                claims = [_claim(platform, province, day, i, draw) for i in range(int(draw.poisson(2)))]
                claims = [c for c in claims if c["first_business_date"] <= NIGHT]
                tables["claim"] += claims
                tables["agency_case"] += [_case(c) for c in claims]
                tables["worker_check"] += [
                    {**cell, "worker_province_code": province, "serial": serial - i, "reported_serial": serial - i,
                     "accepted_at": at(day), "checked_at": at(day + 1), "draw": "sampled", "is_found": True, "reported_status": "completed",
                     "order_id": f"{platform}{province}{serial - i}", "is_worker_covered": True,
                     "reported_premium_yuan": 0.07}
                    for i in range(3) if day + 1 < DAYS
                ]  # fmt: skip
                if day % 7 == 0:
                    hurt = {
                        "platform_code": platform,
                        "province_code": province,
                        "date_from": cell["business_date"],
                        "date_to": at(day + 6).date(),
                        "measure": "injuries",
                    }
                    tables["witness"] += [
                        hurt | {"source": "hospital", "value": float(draw.binomial(14, 0.8))},
                        hurt | {"source": "insurer", "value": 2.0},
                    ]
        serial = 1
    held = {name: pl.DataFrame(rows) for name, rows in tables.items()}
    held["platform"] = pl.DataFrame(
        {"platform_code": PLATFORMS, "industry": ["instant_delivery"] * len(PLATFORMS)}
    )
    held["cell_serial_hour"] = (
        held["unit"].rename({"serials": "numbered_orders"}).with_columns(hour_no=pl.lit(12, dtype=pl.Int64))
    )
    days = [FIRST + timedelta(days=i) for i in range(DAYS)]
    held["calendar"] = pl.DataFrame(
        {"date": days, "is_workday": [day.weekday() < 5 for day in days], "holiday_en": [None] * DAYS},
        schema_overrides={"holiday_en": pl.String},
    )
    held["employee_roll"] = pl.DataFrame(
        {
            "platform_code": [BAD[0]],
            "province_code": [BAD[1]],
            "date_from": [FIRST],
            "date_to": [date(2025, 10, 31)],
            "known": [100.0],
            "claimed": [100.0],
        }
    )
    return held


def answer(name: str, tables: Tables, night: date = NIGHT) -> pl.DataFrame:
    seen = frames.of_tables(tables, night)
    module = next(m for m in detectors.load() if m.header.id == name)
    settings = Settings(panel.run(seen, module.signals))
    return detectors.check(module, seen, module.detect(seen, settings=settings))


def evidence(rows: pl.DataFrame, cell: tuple[str, str | None]) -> float:
    mine = rows.filter(
        (pl.col("platform_code") == cell[0])
        & pl.col("province_code").eq_missing(pl.lit(cell[1]))
        & pl.col("matters")
    )
    return float(mine["log_e"][0]) if mine.height else 0.0


def at_bad(table: pl.DataFrame) -> pl.Expr:
    local = (pl.col("platform_code") == BAD[0]) & (pl.col("province_code") == BAD[1])
    if "business_date" in table.columns:
        local &= pl.col("business_date") >= date(2025, 11, 5)
    if "first_business_date" in table.columns:
        local &= pl.col("first_business_date") >= date(2025, 11, 5)
    return local


def planted(tables: Tables, table: str, **changes: Any) -> Tables:
    """The tables with columns of one of them set in the bad cell, from 5 November on where it has days."""
    held = tables[table]
    where = at_bad(held)
    return tables | {
        table: held.with_columns(
            pl.when(where)
            .then(value if isinstance(value, pl.Expr) else pl.lit(value))
            .otherwise(name)
            .alias(name)
            for name, value in changes.items()
        )
    }


def without(tables: Tables, table: str, rows: pl.Expr) -> Tables:
    return tables | {table: tables[table].filter(~rows)}


def one_backdated(tables: Tables) -> Tables:
    first = tables["claim"].filter(at_bad(tables["claim"]))["claim_id"][0]
    mine = pl.col("claim_id") == first
    late = pl.when(mine).then(pl.col("injured_at") + timedelta(hours=9)).otherwise("held_registered_at")
    return tables | {"claim": tables["claim"].with_columns(late.alias("held_registered_at"))}


def suppressed(tables: Tables) -> Tables:
    """Half of a platform's claims in every province are never handed in, though the agency knows."""
    gone = (pl.col("platform_code") == BAD[0]) & pl.col("claim_id").str.ends_with("1")
    ids = tables["claim"].filter(gone)["claim_id"].to_list()
    cases = tables["agency_case"].with_columns(
        (pl.col("is_claimed") & ~pl.col("case_no").is_in(ids)).alias("is_claimed")
    )
    return without(tables, "claim", gone) | {"agency_case": cases}


def outage(tables: Tables) -> Tables:
    lost = [date(2025, 11, 6), date(2025, 11, 9)]
    gone = (
        (pl.col("platform_code") == BAD[0])
        & (pl.col("province_code") == BAD[1])
        & pl.col("business_date").is_in(lost)
    )
    held = dict(tables)
    for name in ("unit", *CELLS, "cell_revision"):
        held = without(held, name, gone)
    return held


def one_edit(tables: Tables) -> Tables:
    first = (pl.col("platform_code") == BAD[0]) & (pl.col("province_code") == BAD[1])
    day = tables["cell_revision"].filter(first)["business_date"][3]
    mine = first & (pl.col("business_date") == day)
    return tables | {
        "cell_revision": tables["cell_revision"].with_columns(
            pl.when(mine).then(1).otherwise(name).alias(name) for name in ("favoured", "favoured_on_claim")
        )
    }


def cohort(tables: Tables) -> Tables:
    mine = at_bad(tables["cell_enrollment"]) & (pl.col("business_date") == date(2025, 11, 7))
    return tables | {
        "cell_enrollment": tables["cell_enrollment"].with_columns(
            pl.when(mine).then(12.0).otherwise("cohort_moved").alias("cohort_moved")
        )
    }


def brief(tables: Tables) -> Tables:
    short = pl.when(pl.col("claim_id").str.ends_with("0")).then(86400).otherwise("held_s")
    return planted(tables, "claim", held_s=short)


def commercial(tables: Tables) -> Tables:
    minor = (
        pl.when((pl.col("injury_class") == "minor") & (pl.col("claim_id").str.ends_with("0")))
        .then(pl.lit("commercial_accident"))
        .otherwise("programme")
    )
    return planted(tables, "claim", programme=minor)


def downgraded(tables: Tables) -> Tables:
    mine = pl.col("platform_code") == BAD[0]
    return tables | {
        "claim": tables["claim"].with_columns(
            pl.when(mine).then(pl.lit("minor")).otherwise("injury_class").alias("injury_class"),
            pl.when(mine).then(2800.0).otherwise("medical_yuan").alias("medical_yuan"),
        )
    }


def relabelled(tables: Tables) -> Tables:
    """Every fifth confirmed order is reported as cancelled."""
    hit = (pl.int_range(pl.len()) % 5) == 0
    status = pl.when(hit).then(pl.lit("cancelled")).otherwise("reported_status")
    premium = pl.when(hit).then(0.0).otherwise("reported_premium_yuan")
    return planted(tables, "worker_check", reported_status=status, reported_premium_yuan=premium)


PLANTED: dict[str, tuple[str, str | None, Callable[[Tables], Tables]]] = {
    "one edit of a claimed order": ("D31", BAD[1], one_edit),
    "renumbered after the seal": ("D25", BAD[1], lambda t: planted(t, "cell_revision", renumbered=350)),
    "serials differ from the checks": ("D25", BAD[1], lambda t: planted(t, "worker_check", reported_serial=pl.col("serial") + 7)),
    "one cover dated back": ("D15", BAD[1], one_backdated),
    "employees unknown to the roll": ("D34", BAD[1], lambda t: planted(t, "employee_roll", claimed=150.0)),
    "employees for a day": ("D34", BAD[1], lambda t: planted(t, "cell_enrollment", employee_starts=4.0, employee_short=4.0)),
    "orders exempted all at once": ("D34", BAD[1], lambda t: planted(t, "cell_worker", orders_employee=20.0)),
    "claims suppressed": ("D17", None, suppressed),
    "two nights lost": ("D32", BAD[1], outage),
    "cover of a day": ("D16", BAD[1], brief),
    "workers without cover": ("D16", BAD[1], lambda t: planted(t, "cell_worker", workers_uncovered=12.0)),
    "at work after the cover ended": ("D16", BAD[1], lambda t: planted(t, "cell_worker", workers_lapsed=2.0)),
    "checked orders cancelled": ("D35", BAD[1], relabelled),
    "a cohort moved": ("D14", BAD[1], cohort),
    "late against the agency": (
        "D18", BAD[1], lambda t: planted(t, "agency_case", claim_reported_at=pl.col("received_at") + timedelta(days=4))),
    "reported days later": (
        "D18", BAD[1], lambda t: planted(t, "claim", reported_at=pl.col("injured_at") + timedelta(days=5))),
    "minor claims to commercial cover": ("D19", BAD[1], commercial),
    "hurt just after the order": ("D20", BAD[1], lambda t: planted(t, "claim", injured_at=pl.col("finished_at") + timedelta(minutes=50))),
    "dated otherwise than by the agency": (
        "D20", BAD[1], lambda t: planted(t, "agency_case", claim_injured_at=pl.col("injured_at") + timedelta(minutes=50))),
    "the agency's cases under another programme": ("D19", BAD[1], lambda t: planted(t, "agency_case", claims_oip=0)),
    "everything minor, near the cap": ("D21", None, downgraded),
    "benefits understated": ("D30", BAD[1], lambda t: planted(t, "agency_case", claim_benefit_yuan=1500.0)),
}  # fmt: skip
NAMES = sorted({name for name, _, _ in PLANTED.values()})


@pytest.fixture(scope="module")
def world() -> Tables:
    return clean()


@pytest.mark.parametrize("name", NAMES)
def test_clean_frames_are_silent(name: str, world: Tables) -> None:
    rows = answer(name, world)
    assert rows.height and rows.filter((pl.col("log_e") > 6) & pl.col("matters")).height == 0


@pytest.mark.parametrize("what", PLANTED)
def test_planted_is_found_in_its_cell_alone(what: str, world: Tables) -> None:
    name, province, plant = PLANTED[what]
    rows = answer(name, plant(world))
    assert evidence(rows, (BAD[0], province)) > LOUD
    told = rows.filter((pl.col("platform_code") == BAD[0]) & (pl.col("log_e") > LOUD))
    assert told["sentence_zh"].null_count() == 0 and (told["evidence"].str.len_chars() > 2).all()
    assert (
        rows.filter((pl.col("platform_code") != BAD[0]) & (pl.col("log_e") > 6) & pl.col("matters")).height
        == 0
    )


@pytest.mark.parametrize(
    ("stated", "named"),
    [(pl.col("benefit_yuan") * 0.8, "F30"), (pl.col("benefit_yuan") * 0.2 + 300, "F21")],
)
def test_one_share_off_every_benefit_is_told_from_smaller_bills(
    stated: pl.Expr, named: str, world: Tables
) -> None:
    amounts = pl.int_range(pl.len()) % 7 * 900.0 + 1000
    tables = world | {
        "agency_case": world["agency_case"].with_columns(benefit_yuan=amounts, claim_benefit_yuan=amounts)
    }
    rows = answer("D30", planted(tables, "agency_case", claim_benefit_yuan=stated))
    schemes = json.loads(rows.filter(pl.col("platform_code") == BAD[0]).drop_nulls("schemes")["schemes"][0])
    assert max(schemes, key=schemes.__getitem__) == named


def test_a_correction_of_everything_touches_claims_too(world: Tables) -> None:
    """A third of all orders retimed, of the claimed ones as well: no edit after the accident."""
    rows = answer("D31", planted(world, "cell_revision", favoured=133, favoured_on_claim=1, dearer=130))
    assert evidence(rows, BAD) < 6


def test_a_platform_that_registers_in_the_evening_is_not_accused(world: Tables) -> None:
    held = world | {
        "cell_enrollment": world["cell_enrollment"].with_columns(pl.col("starts").alias("backdated"))
    }
    assert evidence(answer("D15", one_backdated(held)), BAD) < 6


def test_an_outage_that_is_filled_in_or_hits_everybody_is_silent(world: Tables) -> None:
    lost = pl.col("business_date").is_in([date(2025, 11, 6), date(2025, 11, 9)]) & (
        pl.col("province_code") == BAD[1]
    )
    everybody = world
    for name in ("unit", *CELLS, "cell_revision"):
        everybody = without(everybody, name, lost)
    assert evidence(answer("D32", everybody), BAD) < 6
    assert D32_outage_nights.missing(frames.of_tables(everybody, NIGHT)).sum() == 0
    recent = without(
        world,
        "unit",
        (pl.col("platform_code") == BAD[0])
        & (pl.col("business_date") >= NIGHT - timedelta(days=3))
        & (pl.col("business_date") < NIGHT),
    )
    assert evidence(answer("D32", recent), BAD) < 6


def test_a_wave_of_hiring_is_full_of_beginners(world: Tables) -> None:
    """For five days two fifths of the orders are beginners', and so are many of the injured."""
    wave = pl.col("injured_at").is_between(at(20, 0), at(25, 0)) & ~pl.col("claim_id").str.ends_with("0")
    fresh = pl.when(wave).then(pl.col("injured_at") - timedelta(hours=8)).otherwise("first_covered_from")
    claims = world["claim"].with_columns(fresh.alias("first_covered_from"))
    week = pl.col("business_date").is_between(FIRST + timedelta(days=20), FIRST + timedelta(days=25))
    workers = world["cell_worker"].with_columns(
        pl.when(week).then(160.0).otherwise("new_worker_orders").alias("new_worker_orders")
    )
    rows = answer("D15", world | {"claim": claims, "cell_worker": workers}, FIRST + timedelta(days=25))
    assert rows.filter((pl.col("log_e") > 6) & pl.col("matters")).height == 0


def test_a_small_cohort_in_every_province_adds_up(world: Tables) -> None:
    day = (pl.col("platform_code") == BAD[0]) & (pl.col("business_date") == date(2025, 11, 7))
    held = world["cell_enrollment"].with_columns(
        pl.when(day).then(4.0).otherwise("cohort_moved").alias("cohort_moved")
    )
    assert evidence(answer("D14", world | {"cell_enrollment": held}), (BAD[0], None)) > LOUD


def test_checks_of_a_night_not_sent_speak_of_the_outage_alone(world: Tables) -> None:
    """Three nights held back: what was checked of them is not found, with or without the time of the order."""
    mine = (pl.col("platform_code") == BAD[0]) & (pl.col("province_code") == BAD[1])
    held = without(
        world,
        "unit",
        mine & pl.col("business_date").is_between(NIGHT - timedelta(days=5), NIGHT - timedelta(days=3)),
    )
    lost = mine & pl.col("accepted_at").is_between(at(DAYS - 6, 0), at(DAYS - 3, 0))
    checks = world["worker_check"].with_columns(
        (pl.col("is_found") & ~lost).alias("is_found"),
        pl.when(pl.int_range(pl.len()) % 3 > 0).then("accepted_at").alias("accepted_at"),
    )
    rows = answer("D02", held | {"worker_check": checks})
    assert rows.filter((pl.col("log_e") > 6) & pl.col("matters")).height == 0


def test_an_order_taken_in_a_silent_province_is_not_missing_where_the_worker_is_registered(
    world: Tables,
) -> None:
    """The other province of the platform sends nothing for three nights; workers of this one took orders there."""
    there = (pl.col("platform_code") == BAD[0]) & (pl.col("province_code") != BAD[1])
    held = without(
        world,
        "unit",
        there & pl.col("business_date").is_between(NIGHT - timedelta(days=5), NIGHT - timedelta(days=3)),
    )
    away = pl.col("accepted_at").is_between(at(DAYS - 6, 0), at(DAYS - 3, 0)) & (
        pl.int_range(pl.len()) % 4 == 0
    )
    lost = (pl.col("platform_code") == BAD[0]) & (pl.col("province_code") == BAD[1]) & away
    checks = world["worker_check"].with_columns(
        is_found=pl.col("is_found") & ~lost,
        worker_province_code="province_code",
        province_code=pl.when(~lost).then("province_code"),
    )
    assert checks.filter(~pl.col("is_found")).height > 0
    rows = answer("D02", held | {"worker_check": checks})
    assert rows.filter((pl.col("log_e") > 6) & pl.col("matters")).height == 0
    assert evidence(answer("D02", world | {"worker_check": checks}), (BAD[0], BAD[1])) > LOUD


def test_a_province_that_fell_silent_is_waited_for_as_long_as_an_outage_lasts() -> None:
    """On most of the days so far the other province of the platform did not report."""
    known = pl.DataFrame(
        {"platform_code": "P1", "province_code": "a", "day": [date(2025, 9, 1), date(2025, 9, 3), date(2025, 9, 4)], "is_found": False}
    )  # fmt: skip
    there = [("a", day) for day in range(1, 20)] + [("b", day) for day in (1, 2)]
    unit = pl.DataFrame(
        {"platform_code": "P1", "province_code": [p for p, _ in there], "business_date": [date(2025, 9, day) for _, day in there]}
    )  # fmt: skip

    def kept(night: int) -> list[date]:
        tables = {"unit": unit.filter(pl.col("business_date") <= date(2025, 9, night))}
        return reported(known, Frames(date(2025, 9, night), ("P1",), ("a", "b"), (), tables))["day"].to_list()

    assert kept(6) == [date(2025, 9, 1)]
    assert kept(12) == known["day"].to_list(), "ten nights of silence are no outage: it reports no more"


def test_a_worker_who_becomes_an_employee_is_no_scheme(world: Tables) -> None:
    few = world | {"cell_worker": world["cell_worker"].with_columns(workers=pl.lit(4.0))}
    rows = answer("D34", planted(few, "cell_worker", orders_employee=100.0))
    assert evidence(rows, (BAD[0], BAD[1])) < LOUD
    assert (
        evidence(answer("D34", planted(world, "cell_worker", orders_employee=100.0)), (BAD[0], BAD[1])) > LOUD
    )


def test_reports_still_to_come_are_not_suppressed(world: Tables) -> None:
    recent = pl.col("received_at") < at(DAYS - 9)
    cases = world["agency_case"].with_columns((pl.col("is_claimed") & recent).alias("is_claimed"))
    rows = answer("D17", world | {"agency_case": cases})
    assert rows.filter((pl.col("log_e") > 6) & pl.col("matters")).height == 0


def test_without_resubmissions_and_checks_renumbering_is_not_identifiable(world: Tables) -> None:
    held = without(world, "cell_revision", pl.lit(True)) | {"worker_check": world["worker_check"].head(0)}
    rows = answer("D25", held)
    assert set(rows["outcome"].to_list()) == {"not_identifiable"} and rows["reason"].null_count() == 0


def test_both_covers_claimed_for_one_accident_are_lawful(world: Tables) -> None:
    beside = world["claim"].with_columns(
        pl.lit("commercial_accident").alias("programme"), pl.format("{}-A", "claim_id").alias("claim_id")
    )
    rows = answer("D19", world | {"claim": pl.concat([world["claim"], beside])})
    assert rows.filter((pl.col("log_e") > 6) & pl.col("matters")).height == 0


def test_small_platforms_are_said_to_be_too_small(world: Tables) -> None:
    few = without(world, "claim", pl.lit(True))
    rows = answer("D21", few | {"claim": world["claim"].head(3)})
    assert set(rows["outcome"].to_list()) == {"not_applicable"}
