"""Estimates with a known truth: the interval holds it as often as it says, and where no list exists nothing is said."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import duckdb
import numpy as np
import polars as pl
import pytest

from checks import estimates
from warehouse.build import create_empty

SINCE, NIGHT = date(2025, 8, 1), date(2025, 10, 29)
EMPTY = {
    "orders": {"platform_code": pl.String, "province_code": pl.String, "business_date": pl.Date, "orders": pl.Int64},
    "checks": {"platform_code": pl.String, "province_code": pl.String, "order_id": pl.String, "worker_id": pl.String, "draw": pl.String,
               "day": pl.Date, "is_found": pl.Boolean},
    "serials": {"platform_code": pl.String, "province_code": pl.String, "business_date": pl.Date, "first_serial": pl.Int64,
                "last_serial": pl.Int64, "serials": pl.Int64},
    "workers": {"source": pl.String, "platform_code": pl.String, "province_code": pl.String, "date_from": pl.Date, "date_to": pl.Date,
                "value": pl.Float64, "ours": pl.Int64, "days": pl.Int64},
    "claims": {"platform_code": pl.String, "province_code": pl.String, "claim_id": pl.String, "day": pl.Date},
    "cases": {"platform_code": pl.String, "province_code": pl.String, "case_no": pl.String, "claim_id": pl.String, "day": pl.Date},
}  # fmt: skip


def _tables(**given: list[dict[str, object]]) -> dict[str, pl.DataFrame]:
    where = {"platform_code": "P01", "province_code": "310000"}
    rows = {"orders": [{"business_date": NIGHT - timedelta(days=5), "orders": 10_000}]} | given
    return {
        name: pl.DataFrame([where | row for row in rows.get(name, [])], schema=schema)
        for name, schema in EMPTY.items()
    }


def _told(
    tables: dict[str, pl.DataFrame], measure: str, province: str | None = "310000"
) -> estimates.Estimate:
    rows = [
        r
        for r in estimates.estimate(tables, SINCE, NIGHT)
        if (r.measure, r.province_code, r.is_best) == (measure, province, True)
    ]
    assert len(rows) == 1, "one best row a measure"
    return rows[0]


@pytest.mark.parametrize("dropped", [0.003, 0.02, 0.2])
def test_the_interval_of_the_share_covers_the_truth(dropped: float) -> None:
    """Single orders, and workers who are hidden as a whole (five orders each): 95% or more in both."""
    rng = np.random.default_rng(1)
    for size in (1, 5):
        held = 0
        for _ in range(600):
            absent = rng.random(300) < dropped
            s = estimates.share((absent * size).tolist(), [size] * 300)
            held += s.low <= dropped <= s.high
        assert held / 600 >= 0.94, (size, held)


def test_published_share() -> None:
    """299 single orders, all present: one-sided 1% (detection.md §1), so the two-sided end lies at 1 − .025^(1/299)."""
    s = estimates.share([0] * 299, [1] * 299)
    assert (s.low, s.worth) == (0.0, 299)
    assert s.high == pytest.approx(1 - 0.025 ** (1 / 299), rel=1e-9)


def test_orders_that_hang_together_are_worth_less() -> None:
    alone = estimates.share([1, 0] * 50, [1] * 100)
    together = estimates.share([10, 0] * 5, [10] * 10)
    assert together.worth < 20 < 95 < alone.worth
    assert together.high - together.low > 2 * (alone.high - alone.low)


def _drawn(found: list[bool], **more: object) -> list[dict[str, object]]:
    return [
        {"order_id": f"o{i}", "worker_id": f"w{i}", "draw": "sampled", "day": NIGHT - timedelta(days=5), "is_found": f, **more}
        for i, f in enumerate(found)
    ]  # fmt: skip


def test_orders_from_checks() -> None:
    told = _told(_tables(checks=_drawn([False] * 20 + [True] * 80)), "orders")
    assert (told.method, told.outcome, told.flags, told.n) == ("checks", "estimated", "e", 100)
    assert told.missing == pytest.approx(10_000 * 0.2 / 0.8)
    assert told.missing is not None and told.missing_low is not None and told.missing_high is not None
    assert told.missing_low < told.missing < told.missing_high


def test_a_draw_of_a_day_not_reported_or_too_fresh_is_no_trial() -> None:
    for day in (NIGHT - timedelta(days=6), NIGHT):
        told = [
            e
            for e in estimates.estimate(_tables(checks=_drawn([False] * 9, day=day)), SINCE, NIGHT)
            if e.method == "checks"
        ]
        assert {e.outcome for e in told} == {"not_identifiable"}


def test_a_draw_without_a_province_counts_nationally_alone() -> None:
    tables = _tables(checks=_drawn([False] * 3 + [True] * 97))
    tables["checks"] = tables["checks"].with_columns(
        pl.when(pl.col("is_found")).then("province_code").alias("province_code")
    )
    assert _told(tables, "orders").missing == 0
    assert (_told(tables, "orders", None).missing or 0) > 300


def test_holes_in_the_serials_are_a_count_and_a_lower_bound() -> None:
    day = NIGHT - timedelta(days=5)
    units: list[dict[str, object]] = [
        {"business_date": day, "first_serial": 1, "last_serial": 100, "serials": 97},
        {"business_date": day + timedelta(days=1), "first_serial": 103, "last_serial": 110, "serials": 8},
        {"business_date": day + timedelta(days=3), "first_serial": 999, "last_serial": 999, "serials": 1},
    ]
    told = _told(_tables(serials=units), "orders")
    assert (told.method, told.outcome, told.missing, told.missing_low, told.missing_high) == ("serials", "lower_bound", None, 5, None)  # fmt: skip
    both = _told(_tables(serials=units, checks=_drawn([True] * 500)), "orders")
    assert both.method == "checks" and both.missing_low == 5 and both.missing == 5, (
        "a hole is there, whatever the draw says"
    )


def _span(source: str, value: float, ours: int, days: int) -> dict[str, object]:
    return {"source": source, "date_from": date(2025, 9, 1), "date_to": date(2025, 9, 30), "value": value, "ours": ours, "days": days}  # fmt: skip


def test_workers_by_the_tax_office_before_a_survey_and_only_over_spans_reported_throughout() -> None:
    told = _told(_tables(workers=[_span("survey", 150, 100, 30), _span("tax", 130, 100, 30)]), "workers")
    assert (told.method, told.reported, told.missing, told.missing_low, told.missing_high) == (
        "tax",
        100,
        30,
        30,
        30,
    )
    told = _told(_tables(workers=[_span("survey", 150, 100, 30)]), "workers")
    assert (told.method, told.missing, told.missing_high) == ("survey", 50, None)
    told = _told(_tables(workers=[_span("tax", 130, 60, 15)]), "workers")
    assert (told.outcome, told.missing, told.flags) == ("not_identifiable", None, "x")


def _lists(rng: np.random.Generator, total: int, seen: float, known: float, tie: float) -> dict[str, pl.DataFrame]:  # fmt: skip
    """Injuries of which the platform reports some and the agency knows some; `tie` raises the chance of both together."""
    claimed = rng.random(total) < seen
    cased = rng.random(total) < np.where(claimed, min(known + tie, 1), known)
    day = NIGHT - timedelta(days=40)
    return _tables(
        claims=[{"claim_id": f"k{i}", "day": day} for i in range(total) if claimed[i]],
        cases=[{"case_no": f"a{i}", "claim_id": f"k{i}" if claimed[i] else None, "day": day} for i in range(total) if cased[i]],
    )  # fmt: skip


@pytest.mark.parametrize("tie", [0.0, 0.15, -0.1])
def test_the_bounds_on_injuries_hold_the_truth_also_where_the_lists_depend(tie: float) -> None:
    rng, held = np.random.default_rng(4), 0
    for _ in range(100):
        told = _told(_lists(rng, 200, 0.6, 0.6, tie), "injuries")
        assert told.outcome == "estimated" and told.missing_low is not None and told.missing_high is not None
        held += told.missing_low <= 200 - told.reported <= told.missing_high
    assert held >= 93


def test_few_matches_tell_only_what_the_agency_has_in_excess_and_no_list_tells_nothing() -> None:
    told = _told(_lists(np.random.default_rng(4), 8, 0.3, 0.5, 0), "injuries")
    assert told.outcome == "lower_bound" and told.missing is None and (told.missing_low or 0) > 0
    told = _told(_tables(claims=[{"claim_id": "k1", "day": SINCE}]), "injuries")
    assert (told.outcome, told.missing, told.missing_low, told.missing_high) == (
        "not_identifiable",
        None,
        None,
        None,
    )


def test_cases_made_from_claims_are_no_second_list() -> None:
    rows: list[dict[str, object]] = [{"claim_id": f"k{i}", "day": SINCE} for i in range(50)]
    cases: list[dict[str, object]] = [
        {"case_no": f"a{i}", "claim_id": f"k{i}" if i < 50 else None, "day": SINCE} for i in range(53)
    ]
    for known, excess in ((cases[:50], 0), (cases, 3)):
        told = _told(_tables(claims=rows, cases=known), "injuries")
        assert (told.outcome, told.missing, told.missing_low, told.missing_high) == ("lower_bound", None, excess, None)  # fmt: skip


def test_an_empty_home_has_no_estimates() -> None:
    with duckdb.connect() as connection:
        create_empty(connection)
        connection.execute("insert into checks.clock values (?, ?, false)", [datetime(2025, 10, 7, 8), NIGHT])
        estimates.night(connection)
        assert connection.execute("select count(*) from marts.estimate").fetchall() == [(0,)]
