"""Indicators on tiny inboxes, counted by hand."""

from __future__ import annotations

from datetime import date, datetime
from fractions import Fraction
from pathlib import Path

from .cells import Key
from .indicators import indicators
from .tiny import book, claim, identity, order, package, spell


def values(root: Path, by: str = "", now: datetime | None = None) -> dict[tuple[str, Key], Fraction | None]:
    known = book(root) if now is None else book(root, now)
    return {k: f.value for k, f in indicators(known, [d for d in by.split(",") if d]).items()}


def test_orders_and_rates(tmp_path: Path) -> None:
    rows = [
        order(1),
        order(2, premium_yuan="0"),
        order(3, status="cancelled", premium_yuan="0"),
        order(4, worker_id="w2"),
        order(5, worker_id="w2", accepted_at="2025-11-05 12:00:00"),
        order(6, industry="other", worker_id="w3", premium_yuan="0"),
    ]
    cover = [spell(1), spell(2, covered_to="2025-11-05 12:00:00")]  # w2's second order is not covered
    package(tmp_path / "inbox", orders=rows, enrollment=cover)
    got = values(tmp_path)
    assert got["orders", ()] == 6
    assert got["orders_valid", ()] == 4
    assert got["orders_uninsured", ()] == 1
    assert got["order_insured_rate", ()] == Fraction(3, 4)
    assert got["person_insured_rate", ()] == Fraction(1, 2)
    assert got["coverage_rate", ()] == Fraction(1, 2)
    assert got["premium_yuan", ()] == Fraction(3, 100)
    assert got["persons_active", ()] == 2
    assert got["persons_enrolled", ()] == 2


def test_coverage_rises_with_the_period_full_cover_falls(tmp_path: Path) -> None:
    """w1 is covered on the 4th only: person-days 1/2, ever covered 1, always covered 0."""
    first = package(
        tmp_path / "inbox",
        on=date(2025, 11, 4),
        orders=[order(1, accepted_at="2025-11-04 10:00:00")],
        enrollment=[spell(1, covered_to="2025-11-05 00:00:00")],
    )
    package(tmp_path / "inbox", previous=first, orders=[order(2)])
    month = values(tmp_path, "month")
    assert month["person_insured_rate", ("2025-11",)] == Fraction(1, 2)
    assert month["coverage_rate", ("2025-11",)] == 1
    assert month["fully_covered_share", ("2025-11",)] == 0
    day = values(tmp_path, "day")
    assert day["coverage_rate", ("2025-11-05",)] == 0
    assert day["persons_enrolled", ("2025-11-05",)] == 0
    assert day["persons_cumulative", ("2025-11-05",)] == 1


def test_one_person_on_two_platforms_counts_once(tmp_path: Path) -> None:
    package(tmp_path / "inbox", orders=[order(1)], enrollment=[spell(1)])
    package(
        tmp_path / "inbox",
        platform="P08",
        orders=[order(1, worker_id="x")],
        enrollment=[spell(1, worker_id="x", id_number=identity(1))],
    )
    assert values(tmp_path)["persons_active", ()] == 1
    assert values(tmp_path)["orders", ()] == 2
    by = values(tmp_path, "platform")
    assert by["persons_cumulative", ("P01",)] == by["persons_cumulative", ("P08",)] == 1


def test_new_persons_start_at_midnight(tmp_path: Path) -> None:
    first = package(
        tmp_path / "inbox",
        on=date(2025, 11, 4),
        enrollment=[
            spell(1, covered_from="2025-11-04 23:59:59"),
            spell(2, covered_from="2025-11-05 00:00:00"),
        ],
    )
    package(tmp_path / "inbox", previous=first, enrollment=[spell(3, covered_from="2025-11-06 00:00:00")])
    got = values(tmp_path, "day")
    assert got["persons_new", ("2025-11-04",)] == 1
    assert got["persons_new", ("2025-11-05",)] == 1
    assert got["persons_cumulative", ("2025-11-05",)] == 2  # cover from the 6th lies beyond the cut-off
    assert values(tmp_path, "month")["persons_cumulative", ("2025-11",)] == 2


def test_growth_beside_like_for_like(tmp_path: Path) -> None:
    """Two orders on 30 June; on 1 July three, one of them in a province that has just joined."""
    now = datetime(2025, 7, 2, 8)
    before = [order(n, accepted_at="2025-06-30 10:00:00", premium_yuan="0.04") for n in (1, 2)]
    first = package(tmp_path / "inbox", on=date(2025, 6, 30), orders=before)
    after = [order(n, accepted_at="2025-07-01 10:00:00") for n in (3, 4)]
    package(tmp_path / "inbox", on=date(2025, 7, 1), orders=after, previous=first)
    package(
        tmp_path / "inbox",
        on=date(2025, 7, 1),
        province="330000",
        orders=[order(1, order_id="z", city_code="330100", accepted_at="2025-07-01 10:00:00")],
    )
    figure = indicators(book(tmp_path, now), ["day"])["growth_rate:orders_valid", ("2025-07-01",)]
    assert figure.value == Fraction(1, 2)
    assert figure.like_for_like == 0


def test_submission_rates_and_revision(tmp_path: Path) -> None:
    first = package(
        tmp_path / "inbox",
        on=date(2025, 11, 4),
        orders=[order(1, accepted_at="2025-11-04 10:00:00")],
        enrollment=[spell(1)],
    )
    package(
        tmp_path / "inbox",
        on=date(2025, 11, 4),
        sequence=2,
        previous=first,
        sent="2025-11-05T12:00:00+08:00",
        orders=[order(n, accepted_at="2025-11-04 10:00:00") for n in (1, 2)],
        enrollment=[spell(1)],
    )
    got = values(tmp_path)  # the 5th is missing
    assert got["timeliness_rate", ()] == got["completeness_rate", ()] == Fraction(1, 2)
    assert got["revision_rate", ()] == got["revision_signed", ()] == 1
    assert got["certified_share", ()] == Fraction(1, 2)
    assert got["typed_rate", ()] == 1


def test_claims_and_money(tmp_path: Path) -> None:
    done = {
        "applied_at": "2025-11-03 10:00:00",
        "confirmed_at": "2025-11-05 12:00:00",
        "outcome": "confirmed",
        "decided_at": "2025-11-05 13:00:00",
        "paid_at": "2025-11-05 14:00:00",
        "benefit_yuan": "100.00",
    }
    package(
        tmp_path / "inbox",
        orders=[order(1), order(2)],
        enrollment=[spell(1)],
        claims=[claim(1, **done), claim(2, order_id="o2")],
    )
    got = values(tmp_path, "province")
    assert got["claims_reported", ("310000",)] == 2
    assert got["claims_confirmed", ("310000",)] == 1
    assert got["injuries_reported_per_million_orders", ("310000",)] == 1_000_000
    assert got["benefits_yuan", ("310000",)] == 100
    assert got["fund_gap_yuan", ("310000",)] == Fraction(9998, 100)
    assert got["benefit_per_case_yuan", ("310000",)] == 100
    assert got["on_time_share:confirm:2", ("310000",)] == 1  # Monday to Wednesday: two working days
    assert got["days_to_confirm:median", ("310000",)] == 2


def test_agency_cases_take_the_place_of_claims(tmp_path: Path) -> None:
    done = {
        "applied_at": "2025-11-05 11:00:00",
        "confirmed_at": "2025-11-05 12:00:00",
        "outcome": "confirmed",
        "paid_at": "2025-11-05 14:00:00",
        "benefit_yuan": "100.00",
    }
    package(tmp_path / "inbox", orders=[order(1)], enrollment=[spell(1)], claims=[claim(1, **done)])
    (tmp_path / "inbox/agency-cases-20251106.csv").write_text(
        "case_no,platform_code,id_number,order_id,injured_at,received_at,confirmed_at,paid_at,benefit_yuan\n"
        f"A1,P01,{identity(1)},o1,2025-11-05 09:30:00,2025-11-05 10:00:00,2025-11-05 12:00:00,"
        "2025-11-05 15:00:00,90.00\n"
    )
    got = values(tmp_path, "province,industry")
    assert got["benefits_yuan", ("310000", "ride_hailing")] == 90
    assert got["claims_confirmed", ("310000", "ride_hailing")] == 1
