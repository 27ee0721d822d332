"""Row and cross rules on tiny inboxes: each boundary, and both of its sides."""

from __future__ import annotations

import hashlib
import json
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest

from .rules import violations
from .tiny import NOW, book, claim, identity, order, package, spell

CELL = ("P01", "310000", "2025-11-05")


def found(root: Path, now: datetime = NOW, registers: Any = None, **rows: Any) -> dict[str, int]:
    """Violations of one package of these rows, w1 covered unless enrollment is given."""
    package(root / "inbox", **{"enrollment": [spell(1)], **rows})
    return {k[0]: n for k, n in violations(book(root, now, **(registers or {}))).items()}


# cover ------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("accepted", "hit"),
    [
        ("2025-11-05 10:00:00", 0),  # exactly at covered_from
        ("2025-11-05 09:59:59", 1),
        ("2025-11-05 11:59:59", 0),
        ("2025-11-05 12:00:00", 1),  # exactly at covered_to: half-open
    ],
)
def test_x01_at_the_edges_of_cover(tmp_path: Path, accepted: str, hit: int) -> None:
    cover = spell(1, covered_from="2025-11-05 10:00:00", covered_to="2025-11-05 12:00:00")
    assert found(tmp_path, orders=[order(1, accepted_at=accepted)], enrollment=[cover]) == (
        {"X01": 1} if hit else {}
    )


def test_x01_cancelled_orders_too(tmp_path: Path) -> None:
    assert found(tmp_path, orders=[order(1, worker_id="w2", status="cancelled", premium_yuan="0")]) == {
        "X01": 1
    }


def test_x01_employee_insurance_covers_and_takes_the_order_out_of_c07(tmp_path: Path) -> None:
    cover = spell(1, programme="employee_insurance", engagement="full_time")
    assert found(tmp_path, orders=[order(1, premium_yuan="0")], enrollment=[cover]) == {}


@pytest.mark.parametrize(
    "programme", ["commercial_accident", "pension_subsidy", "union_shanghai", "weigongka"]
)
def test_x01_other_programmes_cover_nothing(tmp_path: Path, programme: str) -> None:
    cover = spell(1, programme=programme, covered_to="2025-11-06 08:00:00")
    assert found(tmp_path, orders=[order(1)], enrollment=[cover])["X01"] == 1


def test_x01_cover_of_another_platform_does_not_count(tmp_path: Path) -> None:
    package(tmp_path / "inbox", platform="P08", enrollment=[spell(1)])
    assert found(tmp_path, orders=[order(1)], enrollment=[]) == {"X01": 1}


def test_x14_cover_of_another_province_covers_and_is_said(tmp_path: Path) -> None:
    package(tmp_path / "inbox", province="110000", enrollment=[spell(1, city_code="110100")])
    assert found(tmp_path, orders=[order(1)], enrollment=[]) == {"X14": 1}


def test_x14_is_silent_where_local_cover_stands_beside_it(tmp_path: Path) -> None:
    package(tmp_path / "inbox", province="110000", enrollment=[spell(1, city_code="110100")])
    rows = [spell(2, worker_id="w1", id_number=identity(1))]
    assert "X14" not in found(tmp_path, orders=[order(1)], enrollment=rows)


def test_the_latest_state_of_a_spell_counts_for_earlier_orders(tmp_path: Path) -> None:
    first = package(tmp_path / "inbox", on=date(2025, 11, 4), enrollment=[spell(1)])
    ended = spell(1, action="end", covered_to="2025-11-05 09:01:00")
    assert found(tmp_path, previous=first, orders=[order(1), order(2)], enrollment=[ended]) == {"X01": 2}


def test_a_quarantined_spell_with_readable_times_still_covers(tmp_path: Path) -> None:
    bad = identity(1)[:-1] + ("1" if identity(1)[-1] != "1" else "2")
    assert found(tmp_path, orders=[order(1)], enrollment=[spell(1, id_number=bad)]) == {"V01": 1}


@pytest.mark.parametrize(
    ("registered", "covered_from", "hit"),
    [
        ("2025-11-05 09:01:00", "2025-11-05 09:01:00", {}),  # enrolled at the moment of the first order
        ("2025-11-05 09:01:01", "2025-11-05 09:01:01", {"X01": 1, "X02": 1}),
        ("2025-11-05 09:30:00", "2025-11-05 09:00:00", {"X02": 1}),  # backdated: covered, yet enrolled after
    ],
)
def test_x02(tmp_path: Path, registered: str, covered_from: str, hit: dict[str, int]) -> None:
    cover = spell(1, registered_at=registered, covered_from=covered_from)
    assert (
        found(tmp_path, orders=[order(1), order(2, accepted_at="2025-11-05 09:40:00")], enrollment=[cover])
        == hit
    )


# rows -------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("cells", "rule"),
    [
        ({"accepted_at": "2025-11-05 24:00:00"}, "S06"),
        ({"serial": "1.0"}, "S06"),
        ({"serial": ""}, "S07"),
        ({"premium_yuan": "0.00701"}, "S06"),
        ({"city_code": "319999"}, "S08"),
        ({"status": "done"}, "S08"),
        ({"work_type": ""}, "S07"),
    ],
)
def test_cells(tmp_path: Path, cells: dict[str, Any], rule: str) -> None:
    assert found(tmp_path, orders=[order(1, **cells)])[rule] == 1


@pytest.mark.parametrize(
    ("accepted", "finished", "hit"),
    [
        ("2025-11-05 00:00:00", "2025-11-05 00:10:00", {}),
        ("2025-11-05 23:59:59", "2025-11-06 00:10:00", {}),
        ("2025-11-06 00:00:00", "2025-11-06 00:10:00", {"V08": 1}),  # midnight belongs to the next day
        ("2025-11-04 23:59:59", "2025-11-05 00:10:00", {"V08": 1}),
    ],
)
def test_v08_the_business_day(tmp_path: Path, accepted: str, finished: str, hit: dict[str, int]) -> None:
    assert found(tmp_path, orders=[order(1, accepted_at=accepted, finished_at=finished)]) == hit


def test_v08_city_outside_the_province(tmp_path: Path) -> None:
    assert found(tmp_path, orders=[order(1, city_code="330100")]) == {"V08": 1}


@pytest.mark.parametrize(
    ("finished", "hit"),
    [
        ("2025-11-05 09:02:00", {}),
        ("2025-11-05 09:01:59", {"V06": 1}),
        ("2025-11-05 09:00:59", {"V05": 1, "V06": 1}),
    ],
)
def test_v05_v06(tmp_path: Path, finished: str, hit: dict[str, int]) -> None:
    assert found(tmp_path, orders=[order(1, finished_at=finished)]) == hit


def test_v06_24_hours(tmp_path: Path) -> None:
    after = datetime(2025, 11, 6, 10)
    row = order(1, finished_at="2025-11-06 09:01:00")
    assert found(tmp_path / "a", after, sent="2025-11-06T09:30:00+08:00", orders=[row]) == {"T02": 1}
    row = order(1, finished_at="2025-11-06 09:01:01")
    assert found(tmp_path / "b", after, sent="2025-11-06T09:30:00+08:00", orders=[row]) == {
        "T02": 1,
        "V06": 1,
    }


def test_v04_the_moment_of_sending(tmp_path: Path) -> None:
    assert found(tmp_path / "a", orders=[order(1, finished_at="2025-11-06 02:00:00")]) == {}
    assert found(tmp_path / "b", orders=[order(1, finished_at="2025-11-06 02:00:01")]) == {"V04": 1}
    later = spell(1, covered_from="2025-12-01 00:00:00")
    assert found(tmp_path / "c", enrollment=[later]) == {}


def test_v07(tmp_path: Path) -> None:
    at = {"accepted_at": "2025-11-05 09:00:00", "finished_at": "2025-11-05 09:10:00"}
    assert found(tmp_path / "a", orders=[order(1, distance_m=25000, **at)]) == {}  # 150 km/h
    assert found(tmp_path / "b", orders=[order(1, distance_m=25001, **at)]) == {"V07": 1}


def test_v09_same_key(tmp_path: Path) -> None:
    twin = order(1)
    assert found(tmp_path / "a", orders=[twin, twin]) == {"T03": 1}  # the same content is no V09
    assert found(tmp_path / "b", orders=[order(1), order(2, order_id="o1")]) == {"V09": 1}


def test_v09_orders_for_ever_enrollment_within_the_day(tmp_path: Path) -> None:
    at = "2025-11-04 10:00:00"
    first = package(
        tmp_path / "inbox", on=date(2025, 11, 4), orders=[order(1, accepted_at=at)], enrollment=[spell(1)]
    )
    changed = spell(1, action="change", agreement="written_agreement")
    rows = found(tmp_path, previous=first, orders=[order(2, order_id="o1")], enrollment=[changed])
    assert rows == {"V09": 1}


def test_v10(tmp_path: Path) -> None:
    touching = [
        spell(1, covered_to="2025-11-03 00:00:00"),
        spell(2, worker_id="w1", id_number=identity(1), covered_from="2025-11-03 00:00:00"),
    ]
    assert found(tmp_path / "a", enrollment=touching) == {}
    touching[1]["covered_from"] = "2025-11-02 23:59:59"
    assert found(tmp_path / "b", enrollment=touching) == {"V10": 1}
    assert found(tmp_path / "c", enrollment=[spell(1, covered_to="2025-11-01 08:00:00")]) == {"V10": 1}


def test_v03_the_sixteenth_birthday(tmp_path: Path) -> None:
    assert found(tmp_path / "a", enrollment=[spell(1, id_number=identity(1, "20091101"))]) == {}
    assert found(tmp_path / "b", enrollment=[spell(1, id_number=identity(1, "20091102"))]) == {"V03": 1}


# scope and premium ------------------------------------------------------------------------------------
def test_c01_c02_c03(tmp_path: Path) -> None:
    rows: dict[str, Any] = {
        "orders": [order(1, city_code="520100")],
        "enrollment": [spell(1, city_code="520100")],
    }
    assert found(tmp_path / "a", province="520000", **rows) == {"C01": 2}
    on, at = date(2025, 6, 30), "2025-06-30 10:00:00"
    rows = {
        "orders": [order(1, accepted_at=at, premium_yuan="0.04")],
        "enrollment": [spell(1, registered_at=at, covered_from=at)],
    }
    assert found(tmp_path / "b", datetime(2025, 7, 1, 6, 30), platform="P08", on=on, **rows)["C02"] == 2
    assert found(tmp_path / "c", orders=[order(1, industry="food_delivery", premium_yuan="0")])["C03"] == 1


@pytest.mark.parametrize(
    ("platform", "province", "city", "industry", "premium", "hit"),
    [
        ("P01", "310000", "310100", "ride_hailing", "0.0100", {}),
        ("P01", "310000", "310100", "ride_hailing", "0.04", {"C04": 1}),
        ("P02", "310000", "310100", "instant_delivery", "0.07", {}),
        ("P02", "310000", "310100", "instant_delivery", "0.25", {}),
        ("P08", "310000", "310100", "instant_delivery", "0.25", {"C04": 1}),
        ("P02", "500000", "500100", "instant_delivery", "0.084", {}),  # 0.07 × 1.2, where a float is in force
        ("P02", "310000", "310100", "instant_delivery", "0.084", {"C04": 1}),
        ("P02", "310000", "310100", "other", "0.99", {"C03": 1, "X01": 1}),  # other asks for yilubao
        ("P01", "310000", "310100", "ride_hailing", "0", {"C07": 1}),
    ],
)
def test_c04_c07(
    tmp_path: Path, platform: str, province: str, city: str, industry: str, premium: str, hit: dict[str, int]
) -> None:
    row = order(1, city_code=city, industry=industry, premium_yuan=premium)
    assert (
        found(
            tmp_path,
            platform=platform,
            province=province,
            orders=[row],
            enrollment=[spell(1, city_code=city)],
        )
        == hit
    )


def test_c04_and_c05_with_a_tier_row(tmp_path: Path) -> None:
    tiers = {
        "platform_tiers": "platform_code,province_code,premium_yuan,valid_from,valid_to\n"
        "P02,310000,0.25,2025-07-01,\n"
    }
    rows = [order(n, industry="instant_delivery", premium_yuan=p) for n, p in enumerate(("0.25", "0.07"), 1)]
    assert found(tmp_path, registers=tiers, platform="P02", orders=rows) == {"C05": 1}


def test_c07_a_cancelled_order_may_carry_nothing(tmp_path: Path) -> None:
    assert found(tmp_path, orders=[order(1, status="cancelled", premium_yuan="0")]) == {}


def test_c08(tmp_path: Path) -> None:
    assert found(tmp_path / "a", enrollment=[spell(1, worker_paid_yuan="0.01")]) == {"C08": 1}
    assert found(tmp_path / "b", enrollment=[spell(1, worker_paid_yuan="0")]) == {}


# claims -----------------------------------------------------------------------------------------------
def test_x04_x05_x06(tmp_path: Path) -> None:
    assert found(tmp_path / "a", orders=[order(1)], claims=[claim(1)]) == {}
    assert found(tmp_path / "b", orders=[order(1)], claims=[claim(1, order_id="o7")]) == {"X04": 1}
    edge = claim(1, injured_at="2025-11-05 09:41:00")  # the order ends 09:11
    assert found(tmp_path / "c", orders=[order(1)], claims=[edge]) == {}
    edge["injured_at"] = "2025-11-05 09:41:01"
    assert found(tmp_path / "d", orders=[order(1)], claims=[edge]) == {"X05": 1}
    rows: dict[str, Any] = {"orders": [order(1)], "enrollment": [spell(1, covered_to="2025-11-05 09:30:00")]}
    assert found(tmp_path / "e", claims=[claim(1)], **rows) == {"X06": 1}


def test_x07_cover_registered_after_the_injury(tmp_path: Path) -> None:
    cover = spell(1, registered_at="2025-11-05 09:30:00", covered_from="2025-11-05 09:00:00")
    assert "X07" not in found(tmp_path / "a", orders=[order(1)], claims=[claim(1)], enrollment=[cover])
    cover["registered_at"] = "2025-11-05 09:30:01"
    assert found(tmp_path / "b", orders=[order(1)], claims=[claim(1)], enrollment=[cover])["X07"] == 1


def test_x07_order_that_first_appears_on_resubmission(tmp_path: Path) -> None:
    first = package(
        tmp_path / "inbox", orders=[order(1)], enrollment=[spell(1)], claims=[claim(1, order_id="o2")]
    )
    rows: dict[str, Any] = {"orders": [order(1), order(2)], "claims": [claim(1, order_id="o2")]}
    assert found(tmp_path, previous=first, sequence=2, sent="2025-11-06T05:00:00+08:00", **rows) == {"X07": 1}


def test_x08_counts_persons(tmp_path: Path) -> None:
    both = [spell(1), spell(2, worker_id="w1", id_number=identity(1), programme="employee_insurance")]
    assert found(tmp_path / "a", enrollment=both) == {"X08": 1}
    both[0]["covered_to"] = both[1]["covered_from"] = "2025-11-05 12:00:00"  # moved over at noon
    assert found(tmp_path / "b", enrollment=both) == {}


def test_x10_the_bound_is_reached(tmp_path: Path) -> None:
    rows = [order(n, accepted_at="2025-11-05 09:00:00", finished_at="2025-11-05 10:00:00") for n in (1, 2, 3)]
    assert found(tmp_path / "a", orders=rows) == {}
    more = [*rows, order(4, accepted_at="2025-11-05 09:59:59"), order(5, accepted_at="2025-11-05 10:00:00")]
    assert found(tmp_path / "b", orders=more) == {"X10": 1}


def test_x13(tmp_path: Path) -> None:
    (tmp_path / "inbox").mkdir()
    text = "checked_at,platform_code,worker_id,order_id,accepted_at\n"
    text += "2025-11-05 22:00:00,P01,w1,{},2025-11-05 09:01:00\n"
    path = tmp_path / "inbox/worker-checks-20251105.csv"
    path.write_text(text.format("o1"))
    assert found(tmp_path, orders=[order(1)]) == {}
    path.write_text(text.format("o2"))
    assert {k[0] for k in violations(book(tmp_path))} == {"X13"}


def test_x15_running_for_48_hours(tmp_path: Path) -> None:
    row = order(1, status="running", finished_at="")
    assert "X15" not in found(tmp_path, datetime(2025, 11, 7, 9, 1), orders=[row])
    assert {k[0] for k in violations(book(tmp_path, datetime(2025, 11, 7, 9, 1, 1)))} >= {"X15"}


def test_v11_v12_v13(tmp_path: Path) -> None:
    stages = {
        "applied_at": "2025-11-05 11:00:00",
        "confirmed_at": "2025-11-05 12:00:00",
        "outcome": "confirmed",
    }
    good: dict[str, Any] = {"orders": [order(1)]}
    assert found(tmp_path / "a", claims=[claim(1, **stages)], **good) == {}
    backwards = {**stages, "confirmed_at": "2025-11-05 10:59:59"}
    assert found(tmp_path / "b", claims=[claim(1, **backwards)], **good) == {"V11": 1}
    unasked = {**stages, "applied_at": ""}
    assert (
        found(tmp_path / "c", claims=[claim(1, **unasked)], **good) == {}
    )  # Shanghai pays without application
    graded = {**stages, "injury_class": "disability", "disability_grade": 9}
    assert found(tmp_path / "d", claims=[claim(1, **graded)], **good) == {"V12": 1}
    assert found(tmp_path / "e", claims=[claim(1, **stages, benefit_yuan="-0.01")], **good) == {"V13": 1}


def test_rules_can_be_switched_off(tmp_path: Path) -> None:
    off = {
        "rule_switches": "rule_id,enabled,valid_from,valid_to,reason\nC07,false,2025-11-05,2025-11-06,test\n"
    }
    assert found(tmp_path, registers=off, orders=[order(1, premium_yuan="0")]) == {}


# the other programmes, the clock of claims, witnesses --------------------------------------------------
def test_v14_an_order_in_fen_among_orders_in_yuan(tmp_path: Path) -> None:
    rows = [order(n, customer_paid_yuan="10.00") for n in range(1, 31)]
    rows[7]["customer_paid_yuan"] = "500.00"  # exactly 50 times
    assert "V14" not in found(tmp_path / "a", orders=rows)
    rows[7]["customer_paid_yuan"] = "500.01"
    assert found(tmp_path / "b", orders=rows)["V14"] == 1
    assert "V14" not in found(tmp_path / "c", orders=rows[1:])  # 29 rows are too few


def test_s11_the_night_against_the_hour(tmp_path: Path) -> None:
    (tmp_path / "inbox").mkdir()
    lines = "1,o1,w1,2025-11-05 09:01:00\n2,o2,w1,2025-11-05 09:59:59\n"
    pulse = {
        "platform_code": "P01",
        "province_code": "310000",
        "hour": 9,
        "last_serial": 2,
        "orders": 2,
        "workers_enrolled": 1,
        "rows_hash": hashlib.sha256(lines.encode()).hexdigest(),
    }
    (tmp_path / "inbox/pulse-P01-310000-2025110509.json").write_text(json.dumps(pulse))
    rows = [
        order(1),
        order(2, accepted_at="2025-11-05 09:59:59"),
        order(3, accepted_at="2025-11-05 10:00:00"),
    ]
    assert found(tmp_path, orders=rows) == {}
    pulse["orders"] = 3
    (tmp_path / "inbox/pulse-P01-310000-2025110509.json").write_text(json.dumps(pulse))
    assert {k[0] for k in violations(book(tmp_path))} == {"S11"}


def test_t07_t08_t09(tmp_path: Path) -> None:
    """From Wednesday 5 November: working day 2 is Friday the 7th, working day 30 Wednesday 17 December."""
    now, sent = datetime(2025, 12, 31, 8), "2025-12-30T02:00:00+08:00"
    stages = {"applied_at": "2025-11-05 11:00:00", "outcome": "confirmed"}
    rows: dict[str, Any] = {"orders": [order(1)], "sent": sent}

    def rules(name: str, **cells: str) -> set[str]:
        got = found(tmp_path / name, now, claims=[claim(1, **{**stages, **cells})], **rows)
        return set(got) & {"T07", "T08", "T09"}

    assert rules("a", confirmed_at="2025-12-17 23:00:00") == set()
    assert rules("b", confirmed_at="2025-12-18 00:00:00") == {"T07"}
    assert rules("c", confirmed_at="2025-12-18 00:00:00", suspended_days="1") == set()
    minor = {"injury_class": "minor", "paid_at": "2025-11-14 12:00:00"}  # paid within 5 working days
    assert rules("d", confirmed_at="2025-11-09 12:00:00", **minor) == set()  # a Sunday
    assert rules("i", confirmed_at="2025-11-09 12:00:00", injury_class="minor") == {"T08"}  # still unpaid
    assert rules("j") == {"T07"}  # still open
    assert rules("e", confirmed_at="2025-11-10 12:00:00", injury_class="minor") == {"T08"}
    assert rules("f", applied_at="2025-12-05 11:00:00", reported_by="platform") == set()
    assert rules("g", applied_at="2025-12-06 11:00:00", reported_by="platform") == {"T09"}
    assert rules("h", applied_at="2025-12-06 11:00:00") == set()


def test_x09_x17(tmp_path: Path) -> None:
    paid = {
        "applied_at": "2025-11-05 11:00:00",
        "confirmed_at": "2025-11-05 12:00:00",
        "outcome": "confirmed",
        "decided_at": "2025-11-05 13:00:00",
        "paid_at": "2025-11-05 14:00:00",
        "benefit_yuan": "100.00",
    }
    twice = [claim(1, **paid), claim(2, programme="employee_insurance", **paid)]
    cover = [spell(1), spell(2, worker_id="w1", id_number=identity(1), programme="employee_insurance")]
    got = found(tmp_path / "a", orders=[order(1, premium_yuan="0")], enrollment=cover, claims=twice)
    assert got == {"X08": 1, "X09": 1}
    (tmp_path / "b/inbox").mkdir(parents=True)
    path = tmp_path / "b/inbox/agency-cases-20251106.csv"
    head = (
        "case_no,platform_code,id_number,order_id,injured_at,received_at,confirmed_at,paid_at,benefit_yuan\n"
    )
    path.write_text(head + f"A1,P01,{identity(1)},,2025-11-05 09:30:00,2025-11-05 10:00:00,,,101.00\n")
    assert found(tmp_path / "b", orders=[order(1)], claims=[claim(1, **paid)]) == {}  # within a yuan
    path.write_text(path.read_text().replace("101.00", "101.01"))
    assert {k[0] for k in violations(book(tmp_path / "b"))} == {"X17"}


def test_t06_contributions_of_the_period_within_two_per_cent(tmp_path: Path) -> None:
    now = datetime(2025, 12, 31, 8)
    (tmp_path / "inbox").mkdir()
    package(tmp_path / "inbox", on=date(2025, 11, 4))
    head = "source,platform_code,province_code,date_from,date_to,measure,value,unit,note\n"
    path = tmp_path / "inbox/witness-tax-20251230.csv"
    path.write_text(head + "tax,P01,310000,2025-11-04,2025-11-05,contributions_yuan,1.02,yuan,\n")
    got = found(tmp_path, now, orders=[order(n) for n in range(1, 101)])
    assert "T06" not in got  # 100 orders owe 1.00 yuan
    path.write_text(path.read_text().replace("1.02", "1.03"))
    keys = [k for k in violations(book(tmp_path, now)) if k[0] == "T06"]
    assert keys == [("T06", "P01", "310000", "2025-11-05")]


def test_programmes(tmp_path: Path) -> None:
    day = {"programme": "yilubao", "covered_to": "2025-11-03 08:00:00", "industry": "other"}
    assert found(tmp_path / "a", enrollment=[spell(1, premium_yuan="1.6", subsidy_yuan="0.8", **day)]) == {}
    assert found(tmp_path / "b", enrollment=[spell(1, premium_yuan="1.5", subsidy_yuan="0.8", **day)]) == {
        "P01": 1
    }
    shift = {"programme": "weigongka", "industry": "other", "premium_yuan": "0.3"}
    shift |= {"registered_at": "2025-11-05 09:01:00", "covered_from": "2025-11-05 09:01:00"}
    whole = spell(1, covered_to="2025-11-06 09:01:00", **shift)
    work = order(1, work_type="shift", industry="other", premium_yuan="0", finished_at="2025-11-05 18:00:00")
    assert found(tmp_path / "c", orders=[work], enrollment=[whole]) == {}
    short = {**whole, "covered_to": "2025-11-05 17:00:00"}
    assert found(tmp_path / "d", orders=[work], enrollment=[short]) == {"P02": 2}
    assert found(tmp_path / "e", enrollment=[spell(1, agreement="none")]) == {"P08": 1}
