"""One planted country: for every rule a package (or a register's row, or a witness's) that breaks it, and how many rows do.

`PLANTS` maps rule → what breaks it. A plant stands in a platform × province of its own, with its own workers and orders, so that
each count is exact; `Country.expected` is all that the night may say, side effects included.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import date, datetime, timedelta

from tests.checks.country import DAY, Country
from tests.packages import CREDIT, identity, package

NOW = datetime(2025, 12, 8, 8)


def country() -> Country:
    made = Country()
    for plant in PLANTS:
        plant(made)
    return made


def structure(c: Country) -> None:
    cell = c.cell("P02", "110000")  # S01
    broken = cell.send([cell.order()], [cell.spell()], expect={"S01": 1, "T01": 1})
    c.sent[-1] = broken.with_files(manifest_json=b"{")
    cell = c.cell("P02", "120000")  # S02
    sent = cell.send([cell.order()], [cell.spell()], expect={"S02": 1, "T01": 1})
    c.sent[-1] = sent.with_files(orders_csv=sent.files["orders.csv"] + b"\n")
    c.registers["platform_keys"] = [f"P07,k1,ed25519,{'A' * 43}=,2025-01-01,"]
    c.cell("P07", "110000").one({"S03": 1, "T01": 1})
    cell = c.cell("P02", "130000")
    cell.send([cell.order()], [cell.spell()], previous="0" * 64, expect={"S04": 1})
    c.cell("P02", "210000").one({"S05": 1, "T01": 1}, unknown_column="x")
    c.cell("P02", "310000").one({"S06": 1}, distance_m="far")
    c.cell("P02", "320000").one({"S07": 1}, worker_id="")
    c.cell("P02", "330000").one({"S08": 1}, city_code="999999")
    cell = c.cell("P02", "340000")
    totals = {"orders": 2, "workers": 1, "premium_yuan": "0.07", "first_serial": 1, "last_serial": 1}
    cell.send([cell.order()], [cell.spell()], entry={"orders": {"totals": totals}}, expect={"S09": 1})
    cell = c.cell("P02", "350000")
    cell.send([cell.order()], [cell.spell()], sequence=2, change={"reason": None}, expect={"S10": 1})
    cell = c.cell("P02", "370000")
    cell.send([cell.order()], [cell.spell()], expect={"S11": 1})
    c.files["pulse-P02-370000-2025110523.json"] = json.dumps(
        {"platform_code": "P02", "province_code": "370000", "hour": "2025110523", "last_serial": 1, "orders": 2,
         "workers_enrolled": 1, "rows_hash": None}
    )  # fmt: skip
    cell = c.cell("P02", "420000")
    spell = cell.spell()
    order = cell.order()
    cell.send([order], [spell], expect={"S12": 1})
    c.zipped.append(package(platform="P02", province="420000", on=DAY, orders=[order], enrollment=[spell], sent=f"{DAY + timedelta(days=1)}T02:30:00+08:00"))  # fmt: skip


def values(c: Country) -> None:
    right = identity(900)
    c.cell("P03", "110000").one(
        {"V01": 1}, spell={"id_number": right[:-1] + ("0" if right[-1] != "0" else "1")}
    )
    c.cell("P03", "120000").one({"V02": 1}, spell={"contracting_party": CREDIT["P02"][:-1] + "A"})
    c.cell("P03", "130000").one({"V03": 1}, spell={"id_number": identity(901, "20150101")})
    c.cell("P03", "210000").one({"V04": 1}, at="23:00:00", minutes=240)
    c.cell("P03", "310000").one({"V05": 1}, spell={"id_number": MEMBER}, picked_up_at=f"{DAY} 08:59:59")
    c.cell("P03", "320000").one({"V06": 1}, finished_at=f"{DAY} 09:00:59", distance_m="100")
    c.cell("P03", "330000").one({"V07": 1}, distance_m="50000")
    c.cell("P03", "340000").one({"V08": 1}, accepted_at="2025-11-04 23:59:59", finished_at=f"{DAY} 00:10:00")
    cell = c.cell("P03", "350000")
    first = cell.order()
    cell.send(
        [first, cell.order(at="10:00:00") | {"order_id": first["order_id"]}],
        [cell.spell()],
        expect={"V09": 1},
    )
    cell = c.cell("P03", "370000")
    backwards = cell.spell("x", covered_to="2025-11-01 08:00:00")
    cell.send([cell.order()], [cell.spell(), backwards], expect={"V10": 1})
    cell = c.cell("P03", "420000")
    order, spell = cell.order(), cell.spell()
    stages = {
        "applied_at": f"{DAY} 11:00:00",
        "confirmed_at": f"{DAY} 13:00:00",
        "decided_at": f"{DAY} 12:00:00",
    }
    cell.send([order], [spell], [cell.claim(order, spell, **stages)], expect={"V11": 1})
    cell = c.cell("P03", "440000")
    order, spell = cell.order(), cell.spell()
    cell.send([order], [spell], [cell.claim(order, spell, disability_grade="5")], expect={"V12": 1})
    c.cell("P03", "450000").one({"V14": 1}, worker_income_yuan="10001")


def scope(c: Country) -> None:
    cell = c.cell("P02", "140000")
    cell.send([cell.order()], expect={"C01": 1})
    cell = c.cell("P21", "310000")
    cell.send([cell.order()], expect={"C02": 1})
    cell = c.cell("P02", "440000")
    cell.send(
        [cell.order(industry="instant_delivery") | {"industry": "food_delivery"}],
        [cell.spell()],
        expect={"C03": 1},
    )
    c.cell("P05", "110000").one({"C04": 1}, premium_yuan="0.06")
    c.registers["platform_tiers"] = ["P05,330000,0.2500,2025-07-01,"]
    c.cell("P05", "330000").one({"C05": 1})
    c.cell("P09", "500000").one({"C04": 1, "C06": 1}, premium_yuan="0.056")
    c.cell("P05", "120000").one({"C07": 1}, premium_yuan="0")
    c.cell("P05", "130000").one({"C08": 1}, spell={"worker_paid_yuan": "0.50"})


def crosses(c: Country) -> None:
    cell = c.cell("P05", "210000")
    cell.send([cell.order()], expect={"X01": 1})
    late = {"registered_at": f"{DAY} 12:00:00", "covered_from": f"{DAY} 00:00:00"}
    c.cell("P05", "310000").one({"X02": 1}, spell=late)
    cell = c.cell("P05", "320000")
    order, spell = cell.order(), cell.spell()
    cell.send([order], [spell], [cell.claim(order, spell, order_id="nowhere")], expect={"X04": 1})
    cell = c.cell("P05", "340000")
    order, spell = cell.order(), cell.spell()
    hurt = {"injured_at": f"{DAY} 11:10:00", "reported_at": f"{DAY} 12:00:00"}
    cell.send([order], [spell], [cell.claim(order, spell, **hurt)], expect={"X05": 1})
    cell = c.cell("P05", "350000")
    order = cell.order()
    cell.send([order], [], [cell.claim(order, {"id_number": identity(902)})], expect={"X01": 1, "X06": 1})
    cell = c.cell("P05", "370000")
    order, spell = cell.order(), cell.spell(**late)
    cell.send([order], [spell], [cell.claim(order, spell)], expect={"X02": 1, "X07": 1})
    cell = c.cell("P06", "310000")  # the order comes with a resubmission, its claim a night later still
    spell, first, hidden = cell.spell(), cell.order(), cell.order(at="10:00:00")
    sent = cell.send([first], [spell], expect={"X07": 1})
    at = f"{DAY + timedelta(days=1)}T03:00:00+08:00"
    sent = cell.send([first, hidden], [spell], sequence=2, sent=at, previous=sent.digest)
    hurt = {"injured_at": f"{DAY} 10:05:00", "reported_at": f"{DAY} 11:00:00"}
    cell.send([], [], [cell.claim(hidden, spell, **hurt)], on=DAY + timedelta(days=2), previous=sent.digest)
    cell = c.cell("P05", "420000")
    spell = cell.spell()
    employed = spell | {
        "coverage_id": "e1",
        "programme": "employee_insurance",
        "labor_relation": "employment",
    }
    cell.send([], [spell, employed], expect={"X08": 1})
    cell = c.cell("P05", "440000")
    order, spell = cell.order(), cell.spell()
    other = c.cell("P03", "500000")
    elsewhere = other.spell(
        id_number=spell["id_number"], programme="employee_insurance", labor_relation="employment"
    )
    paid = {"applied_at": f"{DAY} 11:00:00", "confirmed_at": f"{DAY} 12:00:00", "decided_at": f"{DAY} 13:00:00",
            "paid_at": f"{DAY} 14:00:00", "benefit_yuan": "100", "outcome": "confirmed"}  # fmt: skip
    cell.send([order], [spell], [cell.claim(order, spell, **paid)], expect={"X09": 1})
    second = other.claim(order, spell, **paid) | {"claim_id": "e-k1", "worker_id": elsewhere["worker_id"], "order_id": "", "programme": "employee_insurance"}  # fmt: skip
    other.send([], [elsewhere], [second])
    cell = c.cell("P01", "110000")
    cell.send([cell.order(at=f"09:0{n}:00", minutes=30) for n in range(5)], [cell.spell()], expect={"X10": 2})
    cell = c.cell("P05", "450000")
    again = cell.spell(covered_from=f"{DAY} 08:00:00")
    cell.send([], [cell.spell(covered_to=f"{DAY} 08:00:00"), again], expect={"X11": 1})
    c.registers["city_centre"] = ["320100,118.80,32.06,A,test", "640100,106.23,38.49,A,test"]
    cell, other = c.cell("P05", "640000"), c.cell("P09", "320000")
    spell = cell.spell()
    cell.send([cell.order()], [spell], expect={"X12": 1})
    other.send([other.order(at="10:00:00")], [other.spell(id_number=spell["id_number"])], expect={"X12": 1})
    cell = c.cell("P09", "110000")
    spell = cell.spell()
    cell.send([cell.order()], [spell], expect={"X13": 1})
    c.files["worker-checks-20251106.csv"] = (
        "checked_at,platform_code,worker_id,order_id,serial,accepted_at,draw\n"
        f"{DAY} 20:00:00,P09,{spell['worker_id']},hidden,,{DAY} 10:00:00,test\n"
    )
    here, there = c.cell("P09", "120000"), c.cell("P09", "130000")
    spell = here.spell()
    here.send([here.order()], [spell])
    there.send([there.order() | {"worker_id": spell["worker_id"]}], expect={"X14": 1})
    c.cell("P09", "210000").one({"X15": 1}, status="running", finished_at="", premium_yuan="0.07")
    cell = c.cell("P04", "110000")
    employed = cell.spell(programme="employee_insurance", labor_relation="employment", engagement="full_time")
    cell.send([], [employed])
    c.expected["X16", "P04", "110000", "2025-11-30"] = 1
    c.files["witness-social_insurance-20251205.csv"] = (
        "source,platform_code,province_code,date_from,date_to,measure,value,unit,note\n"
        "social_insurance,P04,110000,2025-11-01,2025-11-30,employees,0,,\n"
    )
    cell = c.cell("P08", "110000")
    order, spell = cell.order(), cell.spell()
    stages = {"applied_at": f"{DAY} 11:00:00", "confirmed_at": f"{DAY} 12:00:00", "outcome": "confirmed"}
    cell.send([order], [spell], [cell.claim(order, spell, **stages)], expect={"X17": 1})
    c.files["agency-cases-20251110.csv"] = (
        "case_no,platform_code,id_number,order_id,injured_at,received_at,confirmed_at,paid_at,benefit_yuan\n"
        f"A1,P08,{spell['id_number']},{order['order_id']},{DAY} 09:05:00,{DAY} 10:00:00,2025-11-07 09:00:00,,\n"
    )


def idle(c: Country) -> None:
    """X03: thirty new spells without an order; the other platforms' new workers work."""
    cell = c.cell("P10", "110000")
    cell.send(
        [],
        [
            cell.spell(f"w{n}", registered_at=f"{DAY} 08:00:00", covered_from=f"{DAY} 08:00:00")
            for n in range(30)
        ],
    )
    c.expected["X03", "P10", "", "2025-11-30"] = 30


def times(c: Country) -> None:
    c.due.add(f"P09,330000,{DAY},{DAY + timedelta(days=1)}")
    c.expected["T01", "P09", "330000", str(DAY)] = 1
    cell = c.cell("P09", "340000")
    cell.send(
        [cell.order()], [cell.spell()], sent=f"{DAY + timedelta(days=1)}T06:00:01+08:00", expect={"T02": 1}
    )
    cell = c.cell("P09", "350000")
    orders = [cell.order(at=f"1{n}:00:00") for n in range(3)]
    cell.send([orders[0], orders[2]], [cell.spell()], expect={"T03": 1})
    cell = c.cell("P09", "370000")
    order, spell = cell.order(), cell.spell()
    first = cell.send([order], [spell], expect={"T04": 1})
    cell.send(
        [order | {"serial": "2"}],
        [spell],
        sequence=2,
        sent=f"{DAY + timedelta(days=1)}T03:00:00+08:00",
        previous=first.digest,
    )
    cell = c.cell("P09", "420000")
    order, spell = cell.order(), cell.spell()
    claim = cell.claim(order, spell)
    first = cell.send([order], [spell], [claim], expect={"T05": 1})
    shorter = order | {"finished_at": f"{DAY} 09:06:00"}
    cell.send(
        [shorter],
        [spell],
        [claim],
        sequence=2,
        sent=f"{DAY + timedelta(days=1)}T03:00:00+08:00",
        previous=first.digest,
    )
    cell = c.cell("P06", "440000")
    cell.send([cell.order()], [cell.spell()], expect={"T06": 1})
    c.files["witness-tax-20251205.csv"] = (
        "source,platform_code,province_code,date_from,date_to,measure,value,unit,note\n"
        f"tax,P06,440000,{DAY},{DAY},contributions_yuan,100,,\n"
        "tax,P03,310000,2022-07-01,2024-12-31,contributions_yuan,1000,,\n"
    )
    cell = c.cell("P09", "450000")
    order, spell = cell.order(), cell.spell()
    old = {"injured_at": "2025-09-01 09:00:00", "reported_at": "2025-09-01 10:00:00", "applied_at": "2025-09-01 11:00:00",
           "confirmed_at": f"{DAY} 12:00:00", "outcome": "confirmed", "order_id": ""}  # fmt: skip
    cell.send([order], [spell], [cell.claim(order, spell, **old)], expect={"T07": 1})
    cell = c.cell("P09", "440000")
    order, spell = cell.order(), cell.spell()
    cell.send(
        [order],
        [spell],
        [cell.claim(order, spell, applied_at=f"{DAY} 11:00:00", injury_class="minor")],
        expect={"T08": 1},
    )
    cell = c.cell("P09", "640000")
    spell = cell.spell(registered_at="2025-09-01 08:00:00", covered_from="2025-09-01 08:00:00")
    order = cell.order()
    hurt = {"injured_at": "2025-10-01 09:00:00", "reported_at": "2025-10-02 09:00:00", "applied_at": f"{DAY} 09:00:00",
            "reported_by": "platform", "order_id": ""}  # fmt: skip
    cell.send([order], [spell], [cell.claim(order, spell, **hurt)], expect={"T09": 1})


def programmes(c: Country) -> None:
    day = {"programme": "yilubao", "industry": "other", "covered_from": f"{DAY} 00:00:00", "covered_to": "2025-11-06 00:00:00",
           "registered_at": "2025-11-04 08:00:00", "premium_yuan": "0.8", "subsidy_yuan": "0.4", "subsidy_payer": "fiscal"}  # fmt: skip
    cell = c.cell("Y01", "350000")
    right, short = (
        cell.spell("a", **day),
        cell.spell("b", **day | {"premium_yuan": "0.6", "subsidy_yuan": "0.3"}),
    )
    benefit = {"programme": "yilubao", "order_id": "", "benefit_yuan": "400001"}
    order = cell.order("a") | {"order_id": "none"}
    cell.send([], [right, short], [cell.claim(order, right, **benefit)], expect={"P01": 2, "V13": 1})
    cell = c.cell("W01", "310000")
    cell.send([], [cell.spell(programme="weigongka", industry="other", premium_yuan="1", covered_from=f"{DAY} 07:00:00", covered_to=f"{DAY} 19:00:00")], expect={"P02": 1})  # fmt: skip
    cell = c.cell("P04", "310000")
    cell.send([cell.order()], [cell.spell(engagement="full_time")], expect={"P03": 1})
    cell = c.cell("P02", "450000")
    c.registers["contribution_floors"] = ["450000,4492,2025-01-01,,A,test"]
    first = cell.spell(registered_at="2025-09-01 08:00:00", covered_from="2025-09-01 08:00:00")
    subsidy = cell.spell(
        "z", programme="pension_subsidy", covered_to="2025-12-01 00:00:00", subsidy_yuan="449.20"
    )
    previous = None
    for on, enrollment in ((date(2025, 9, 10), [first]), (date(2025, 10, 10), []), (DAY, [subsidy])):
        sent = cell.send([cell.order(on=on, worker_income_yuan="5000")], enrollment, on=on, previous=previous)
        previous = sent.digest
    c.expected["P04", "P02", "450000", "2025-11-30"] = 1
    cell = c.cell("U01", "310000")
    member = cell.spell(programme="union_shanghai", industry="other")
    paid = {"programme": "union_shanghai", "order_id": "", "benefit_yuan": "90801", "paid_at": f"{DAY} 14:00:00",
            "outcome": "confirmed"}  # fmt: skip
    cell.send(
        [],
        [member],
        [cell.claim(cell.order() | {"order_id": "u"}, member, **paid)],
        expect={"P05": 1, "V13": 1},
    )
    c.registers["contracting_chain"] = [
        f"{CREDIT['P10']},{CREDIT['P11']},sign,,",
        f"{CREDIT['P11']},{CREDIT['P12']},sign,,",
    ]
    c.cell("P05", "500000").one({"P06": 1}, spell={"contracting_party": CREDIT["P10"]})
    cell = c.cell("P03", "510000")
    c.registers["contribution_floors"].append("510000,4492,2025-01-01,,A,test")
    employed = cell.spell(programme="employee_insurance", labor_relation="employment", engagement="full_time",
                          contribution_base_yuan="4492", registered_at="2025-10-01 08:00:00", covered_from="2025-10-01 08:00:00")  # fmt: skip
    cell.send([cell.order(worker_income_yuan="4493", premium_yuan="0")], [employed])
    c.expected["P07", "P03", "510000", "2025-11-30"] = 1
    c.cell("P05", "510000").one({"P08": 1}, spell={"agreement": "none"})
    cell = c.cell("P04", "320000")
    before = cell.spell(
        registered_at="2025-10-01 08:00:00",
        covered_from="2025-10-01 08:00:00",
        covered_to="2025-11-01 00:00:00",
    )
    earlier = date(2025, 10, 20)
    past = cell.send([cell.order(at=f"{8 + n // 3:02}:{n % 3 * 20:02}:00", on=earlier, worker_income_yuan="6") for n in range(30)], [before], on=earlier)  # fmt: skip
    after = before | {"coverage_id": "moved", "programme": "employee_insurance", "labor_relation": "employment", "engagement": "full_time",
                      "registered_at": "2025-11-01 00:00:00", "covered_from": "2025-11-01 00:00:00", "covered_to": ""}  # fmt: skip
    poorer = [
        cell.order(at=f"{8 + n // 3:02}:{n % 3 * 20:02}:00", worker_income_yuan="3", premium_yuan="0")
        for n in range(30)
    ]
    cell.send(poorer, [after], previous=past.digest, expect={"P09": 1})


def aggregates(c: Country) -> None:
    """M04: benefits of 250% of the contributions, yet the low tier; M05: a figure that falls; M06: a break not marked."""
    c.registers["platform_tiers"].append("P03,310000,0.0700,2025-07-01,")
    c.files["agency-cases-20251110.csv"] += (
        f"A2,P03,{MEMBER},,2024-05-01 09:00:00,2024-05-01 10:00:00,2024-05-10 09:00:00,2024-06-01 09:00:00,2500\n"
    )
    c.expected["M04", "P03", "310000", "2025-07-01"] = 1
    c.registers["coverage_published"] = [
        "全国,,17省,2026-04-30,day,2400,false,cumulative,,,,A,test",
        "全国,,7省,2026-05-31,day,2600,false,cumulative,,,,A,test",
    ]
    c.expected["M05", "", "", "2026-04-30"] = 1
    c.expected["M06", "", "", "2026-05-31"] = 1
    c.expected["M07", "", "", "2025-12-01"] = 1


MEMBER = identity(950)
PLANTS: tuple[Callable[[Country], None], ...] = (
    structure,
    values,
    scope,
    crosses,
    idle,
    times,
    programmes,
    aggregates,
)
