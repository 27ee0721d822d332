"""Marts of labour protection, flows, chains and programmes by example: nulls, nothing at all, midnight, both sides of a bound."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime
from typing import Any

import duckdb
import pytest

from warehouse.build import build, create_empty
from warehouse.engine import connect
from warehouse.indicators import compute

CORE = ("core.worker_labour", "core.worker_month", "core.contract", "core.shift", "core.premium_day")
TABLES = (
    "core.cover", "core.worker", "core.claims", "core.worker_day", "core.unit", "core.orders", "staging.enrollment",
    "staging.submission", "staging.dispute", "staging.witness", "staging.agency_case", "build.frame", "build.touched_worker",
    *CORE, "marts.order_day", "marts.labour_hours", "ref.minimum_wages", "ref.contribution_floors", "ref.contracting_chain", "ref.platform_tiers", "checks.clock",
)  # fmt: skip


class World:
    """core.orders and the rest as plain tables; `rows` builds everything and reads one mart."""

    def __init__(self, connection: duckdb.DuckDBPyConnection) -> None:
        self.connection, self.numbers = connection, 0
        for table in TABLES:
            connection.execute(f"delete from {table}")
        self.clock(datetime(2025, 12, 1, 8))

    def clock(self, now: datetime) -> None:
        self.connection.execute("delete from checks.clock")
        self.insert("checks.clock", now=now, night=now.date(), is_live=False)

    def insert(self, table: str, **row: Any) -> None:
        names = ", ".join(row)
        self.connection.execute(
            f"insert into {table} ({names}) values ({', '.join('?' * len(row))})", [*row.values()]
        )

    def day(self, on: date, platform: str = "P02", province: str = "310000") -> None:
        """An accepted submission."""
        known = datetime(on.year, on.month, on.day, 23)
        self.insert(
            "staging.submission", version_id=f"{platform}{province}{on}", submission="s", platform_code=platform,
            province_code=province, business_date=on, sequence=1, status="accepted", submitted_at=known, known_at=known,
        )  # fmt: skip
        self.insert("core.unit", platform_code=platform, province_code=province, business_date=on)

    def order(
        self, worker: str | None, accepted: str | None, finished: str | None, on: str, **row: Any
    ) -> None:
        self.numbers += 1
        told = {
            "platform_code": "P02", "province_code": "310000", "business_date": date.fromisoformat(on), "order_id": str(self.numbers),
            "worker_id": worker, "industry": "instant_delivery", "work_type": "order", "work_class": "order", "status": "completed",
            "accepted_at": accepted, "finished_at": finished, "worker_income_yuan": 10, "customer_paid_yuan": 20, "premium_yuan": 0.07,
            "is_in_scope": True, "needs_cover": True,
        }  # fmt: skip
        self.insert("core.orders", **(told | row))

    def worked(
        self, worker: str, on: str, *, platform: str = "P02", province: str = "310000", income: float = 10
    ) -> None:
        """A day with one valid order of half an hour."""
        at = f"{on} 10:00:00"
        self.order(
            worker,
            at,
            f"{on} 10:30:00",
            on,
            platform_code=platform,
            province_code=province,
            worker_income_yuan=income,
        )
        self.insert(
            "core.worker_day", platform_code=platform, province_code=province, business_date=date.fromisoformat(on),
            industry="instant_delivery", worker_id=worker, orders=1, orders_in_scope=1, orders_valid=1, orders_insured=1,
            orders_covered=1, premium_yuan=0.07, worker_income_yuan=income,
        )  # fmt: skip

    def cover(self, worker: str, since: str, until: str | None, programme: str = "oip", **row: Any) -> None:
        told = {
            "platform_code": "P02", "province_code": "310000", "coverage_id": f"{worker}{since}{programme}", "worker_id": worker,
            "person": worker, "programme": programme, "covered_from": since, "covered_to": until, "engagement": "crowdsourced",
        }  # fmt: skip
        self.insert("core.cover", **(told | row))

    def rows(self, mart: str, where: str = "true") -> list[dict[str, Any]]:
        self.connection.execute(
            "delete from build.frame; insert into build.frame select distinct platform_code, business_date from core.orders "
            "union select distinct platform_code, business_date from core.unit; delete from build.touched_worker; "
            "insert into build.touched_worker select distinct platform_code, worker_id from staging.enrollment; "
            "delete from core.worker; insert into core.worker select platform_code, worker_id, any_value(person) from core.cover group by 1, 2"
        )
        build(self.connection, ["core"], only=CORE)
        build(self.connection, ["marts"])
        found = self.connection.execute(f"select * from marts.{mart} where {where} order by all")
        names = [column[0] for column in found.description or ()]
        return [dict(zip(names, row, strict=True)) for row in found.fetchall()]

    def row(self, mart: str, where: str = "true") -> dict[str, Any]:
        found = self.rows(mart, where)
        assert len(found) == 1, f"{mart} where {where}: {len(found)} rows"
        return found[0]


@pytest.fixture(scope="module")
def empty() -> Iterator[duckdb.DuckDBPyConnection]:
    connection = connect()
    create_empty(connection)
    columns = [row[0:2] for row in connection.execute("describe core.orders").fetchall()]
    connection.execute("drop view core.orders")
    connection.execute(f"create table core.orders ({', '.join(f'{name} {kind}' for name, kind in columns)})")
    yield connection
    connection.close()


@pytest.fixture
def world(empty: duckdb.DuckDBPyConnection) -> World:
    return World(empty)


def pick(row: dict[str, Any], *names: str) -> tuple[Any, ...]:
    return tuple(row[name] for name in names)


# -- labour protection ---------------------------------------------------------------------------------


def test_重叠的订单时间只计一次_跨零点归接单之日(world: World) -> None:
    world.day(date(2025, 11, 3))
    world.order("a", "2025-11-03 22:00:00", "2025-11-03 23:00:00", "2025-11-03")
    world.order("a", "2025-11-03 22:30:00", "2025-11-03 22:40:00", "2025-11-03")
    world.order("a", "2025-11-03 22:45:00", "2025-11-04 00:30:00", "2025-11-03")
    world.order("a", "2025-11-04 00:10:00", "2025-11-04 00:40:00", "2025-11-04")
    hours = {row["tenth_hours"]: row["worker_days"] for row in world.rows("labour_hours")}
    assert hours == {25: 1, 5: 1}
    assert world.row("labour_month")["busy_s"] == 3 * 3600


def test_读不出时间_工号_金额的订单(world: World) -> None:
    world.day(date(2025, 11, 3))
    world.order("a", "2025-11-03 10:00:00", None, "2025-11-03", status="running")
    world.order("a", None, "2025-11-03 11:00:00", "2025-11-03")
    world.order("a", "2025-11-03 10:00:00", "2025-11-05 10:00:00", "2025-11-03", customer_paid_yuan=None)
    world.order(None, "2025-11-03 10:00:00", "2025-11-03 11:00:00", "2025-11-03")
    world.order(
        "b",
        "2025-11-03 10:00:00",
        "2025-11-03 11:00:00",
        "2025-11-03",
        worker_income_yuan=None,
        industry=None,
    )
    rows = {row["industry"]: row for row in world.rows("labour_month")}
    assert pick(rows["instant_delivery"], "workers", "orders", "worker_days", "hours_p95") == (1, 3, 0, None)
    assert pick(rows["instant_delivery"], "orders_priced", "commission_rate", "hourly_income_yuan") == (
        1,
        0.5,
        None,
    )
    assert pick(rows[None], "workers", "orders_priced", "commission_rate", "hours_p95") == (1, 0, None, 1.0)


def test_最低工资_恰在标准为不低_无登记不判断_按当月1日的标准(world: World) -> None:
    world.insert(
        "ref.minimum_wages",
        province_code="310000",
        hourly_yuan=20,
        valid_to=date(2025, 11, 1),
        grade="A",
        source="x",
    )
    world.insert(
        "ref.minimum_wages",
        province_code="310000",
        hourly_yuan=24,
        valid_from=date(2025, 11, 1),
        grade="A",
        source="x",
    )
    for worker, on, income in (("a", "2025-10-31", 10), ("a", "2025-11-01", 12), ("b", "2025-11-30", 11.99)):
        world.day(date.fromisoformat(on))
        world.worked(worker, on, income=income)
    world.day(date(2025, 11, 2), province="350000")
    world.worked("c", "2025-11-02", province="350000", income=1)
    told = {
        (r["province_code"], str(r["month"])[:7]): pick(r, "wage_judged", "wage_below")
        for r in world.rows("labour_month")
    }
    assert told == {
        ("310000", "2025-10"): (1, 0),
        ("310000", "2025-11"): (2, 1),
        ("350000", "2025-11"): (0, 0),
    }


def test_速度_恰在25公里为不超速_网约车不判断(world: World) -> None:
    world.day(date(2025, 11, 3))
    for metres, industry in (
        (2500, "instant_delivery"),
        (2501, "instant_delivery"),
        (9000, "ride_hailing"),
        (None, "instant_delivery"),
    ):
        world.order("a", "2025-11-03 10:00:00", "2025-11-03 10:10:00", "2025-11-03", picked_up_at="2025-11-03 10:04:00",
                    distance_m=metres, industry=industry)  # fmt: skip
    rows = {row["industry"]: row for row in world.rows("labour_month")}
    assert pick(rows["instant_delivery"], "orders_ridden", "orders_bounded", "orders_fast") == (2, 2, 1)
    assert pick(rows["ride_hailing"], "orders_ridden", "orders_bounded", "orders_fast") == (1, 0, 0)


# -- flows ---------------------------------------------------------------------------------------------


def test_首次_留存_回流_流失_及同一人两平台(world: World) -> None:
    for on in ("2025-08-31", "2025-09-01", "2025-10-15", "2025-11-30"):
        world.day(date.fromisoformat(on))
        world.day(date.fromisoformat(on), "P03")
    world.cover("a", "2025-08-01 00:00:00", None)
    world.cover("x", "2025-08-01 00:00:00", None, person="a", platform_code="P03")
    for worker, on, platform in (("a", "2025-08-31", "P02"), ("b", "2025-08-31", "P02"), ("x", "2025-09-01", "P03"), ("a", "2025-10-15", "P02"),
                                 ("b", "2025-11-30", "P02"), ("a", "2025-11-30", "P02"), ("x", "2025-11-30", "P03")):  # fmt: skip
        world.worked(worker, on, platform=platform)
    rows = world.rows("worker_flow_month", "province_code = '' and platform_code in ('', 'P02')")
    names = (
        "persons_active",
        "persons_new",
        "persons_kept",
        "persons_returned",
        "persons_lost",
        "persons_several_platforms",
    )
    told = {(row["platform_code"], str(row["month"])[:7]): pick(row, *names) for row in rows}
    assert told == {
        ("", "2025-08"): (2, 2, 0, 0, 0, 0), ("", "2025-09"): (1, 0, 1, 0, 1, 0), ("", "2025-10"): (1, 0, 1, 0, 0, 0),
        ("", "2025-11"): (2, 0, 1, 1, 0, 1), ("P02", "2025-08"): (2, 2, 0, 0, 0, 0), ("P02", "2025-09"): (0, 0, 0, 0, 2, 0),
        ("P02", "2025-10"): (1, 0, 0, 1, 0, 0), ("P02", "2025-11"): (2, 0, 1, 1, 0, 1),
    }  # fmt: skip
    figures = compute(
        world.connection,
        by=["month"],
        indicators=["persons_first_active", "persons_kept", "persons_returned", "persons_lost"],
    )
    values = {
        month: rows["value"].to_list()
        for (month,), rows in figures.partition_by("month", as_dict=True).items()
    }
    assert values == {
        "2025-08": [None] * 4,
        "2025-09": [0, 1, 0, 1],
        "2025-10": [0, 1, 0, 0],
        "2025-11": [0, 1, 1, 0],
    }


# -- programmes ----------------------------------------------------------------------------------------


def test_一人几项保障_总数计一次_各项各计_月末午夜结束的不入次月(world: World) -> None:
    world.day(date(2025, 11, 30))
    world.cover("a", "2025-10-20 00:00:00", "2025-11-01 00:00:00")
    world.cover("a", "2025-10-20 00:00:00", None, "flexible_medical")
    world.cover("b", "2025-11-30 23:59:59", "2025-12-01 00:00:00")
    world.cover("b", "2025-11-01 00:00:00", "2025-11-02 00:00:00", "commercial_accident")
    world.cover("c", "2025-11-05 00:00:00", "2025-11-05 00:00:00")
    rows = world.rows("programme_combination_month", "province_code = ''")
    told = {(str(r["month"])[:7], r["programmes"]): pick(r, "persons", "persons_at_once") for r in rows}
    assert told == {
        ("2025-10", "flexible_medical+oip"): (1, 1), ("2025-11", "flexible_medical"): (1, 0), ("2025-11", "commercial_accident+oip"): (1, 0),
    }  # fmt: skip
    months = {
        (str(r["month"])[:7], r["programme"]): pick(r, "persons", "person_days", "lapses")
        for r in world.rows("programme_month", "platform_code = '' and province_code = ''")
    }
    assert months["2025-10", "oip"] == (1, 12, 1)
    assert months["2025-11", "oip"] == (1, 1, 0), "cover that runs to the end of what is known has not lapsed"


def test_中断与恢复_重叠与相接不算中断(world: World) -> None:
    world.day(date(2025, 11, 30))
    for since, until in (("01", "10"), ("05", "08"), ("10", "12"), ("14", "20")):
        world.cover("a", f"2025-11-{since} 00:00:00", f"2025-11-{until} 00:00:00")
    row = world.row("programme_month", "platform_code = 'P02' and province_code = '310000'")
    assert pick(row, "person_days", "lapses", "resumed") == (11 + 6, 2, 1)


def test_养老补贴_恰达下限_缺发_多发_金额不对_历史不足不判(world: World) -> None:
    world.clock(datetime(2026, 5, 2, 8))
    world.insert(
        "ref.contribution_floors",
        province_code="310000",
        floor_yuan=4000,
        valid_from=date(2025, 1, 1),
        grade="A",
        source="x",
    )
    world.day(date(2025, 11, 1))
    world.day(date(2026, 4, 30))
    for worker, months, income in (
        ("missing", ("2026-01-31", "2026-03-01", "2026-04-10"), 4000), ("under", ("2026-01-31", "2026-03-01", "2026-04-10"), 3999.99),
        ("wrong", ("2026-02-10", "2026-03-10", "2026-04-10"), 5000), ("right", ("2026-02-10", "2026-03-10", "2026-04-10"), 5000),
        ("idle", ("2026-01-10", "2026-02-10", "2026-03-10"), 5000),
    ):  # fmt: skip
        for on in months:
            world.worked(worker, on, income=income)
    for worker, yuan in (("under", 400), ("wrong", 300), ("right", 400), ("idle", 400)):
        world.cover(
            worker, "2026-04-01 00:00:00", "2026-05-01 00:00:00", "pension_subsidy", subsidy_yuan=yuan
        )
    april = {r["worker_id"]: r for r in world.rows("pension_subsidy", "month = '2026-04-01'")}
    assert {w: r["outcome"] for w, r in april.items()} == {
        "missing": "missing", "under": "undue", "wrong": "amount", "right": "paid", "idle": "undue",
    }  # fmt: skip
    assert pick(april["missing"], "months_reached", "due_yuan", "paid_yuan") == (3, 400, 0)
    month = world.row("pension_subsidy_month", "month = '2026-04-01'")
    assert pick(month, "due", "missing", "undue", "wrong_amount", "missing_yuan", "undue_yuan") == (
        3,
        1,
        2,
        1,
        400,
        800,
    )
    early = {r["worker_id"]: r["outcome"] for r in world.rows("pension_subsidy", "month = '2026-03-01'")}
    assert early["idle"] == "missing" and early["right"] == "unknown", (
        "five months of reports do not prove that nothing is due"
    )


def test_微工卡_恰在打卡时起_24小时_跨零点的班(world: World) -> None:
    world.day(date(2025, 11, 3), "W01")
    shift = {
        "platform_code": "W01",
        "work_type": "shift",
        "work_class": "shift",
        "industry": "other",
        "is_in_scope": False,
    }
    for worker, since, until in (
        ("a", "22:00:00", "04 22:00:00"),
        ("b", "22:00:01", "04 22:00:01"),
        ("c", "22:00:00", "04 05:00:00"),
    ):
        world.cover(
            worker,
            f"2025-11-03 {since}",
            f"2025-11-{until}",
            "weigongka",
            platform_code="W01",
            premium_yuan=2.01 if worker == "c" else 0.3,
        )
        world.order(worker, "2025-11-03 22:00:00", "2025-11-04 06:00:00", "2025-11-03", **shift)
    row = world.row("weigongka_month")
    names = (
        "policies",
        "window_wrong",
        "premium_wrong",
        "shifts",
        "night_shifts",
        "begun_at_clock_in",
        "shifts_covered",
    )
    assert pick(row, *names) == (3, 1, 1, 3, 3, 2, 1)


def test_京东全职_断档_兼职_只有商业险(world: World) -> None:
    for on in ("2025-11-01", "2025-11-28"):
        world.day(date.fromisoformat(on), "P04")
        for worker in ("full", "gap", "part", "none"):
            world.worked(worker, on, platform="P04")
    here = {"platform_code": "P04"}
    world.cover(
        "full",
        "2025-10-01 00:00:00",
        None,
        "employee_insurance",
        engagement="full_time",
        contribution_base_yuan=8000,
        **here,
    )
    world.cover(
        "gap",
        "2025-10-01 00:00:00",
        "2025-11-10 00:00:00",
        "employee_insurance",
        engagement="full_time",
        **here,
    )
    world.cover("gap", "2025-11-12 00:00:00", None, "employee_insurance", engagement="full_time", **here)
    world.cover("part", "2025-10-01 00:00:00", None, "commercial_accident", engagement="part_time", **here)
    rows = {r["engagement"]: r for r in world.rows("employee_insurance_month")}
    assert pick(rows["full_time"], "workers", "insured_throughout", "insured_with_gap") == (2, 1, 1)
    assert pick(rows["part_time"], "workers", "commercial_only", "uncovered") == (1, 1, 0)
    assert pick(rows[""], "workers", "uncovered") == (1, 1)


# -- chains, disputes, money ------------------------------------------------------------------------------


def test_成批换签_继续接单才算_链条层级(world: World) -> None:
    for on in ("2025-11-01", "2025-11-12", "2025-11-20"):
        world.day(date.fromisoformat(on))
    world.insert("ref.contracting_chain", party="A", upstream_party="B", role="sign")
    number = 0
    for worker in [f"w{n:02}" for n in range(12)]:
        for on, party, action, to in (
            ("2025-11-01", "A", "start", None),
            ("2025-11-12", "92X" if worker < "w10" else "A", "change", None),
        ):
            number += 1
            end = "2025-11-12 00:00:00" if worker == "w11" and on > "2025-11-05" else to
            world.insert(
                "staging.enrollment", platform_code="P02", province_code="310000", business_date=date.fromisoformat(on), row_no=number,
                coverage_id=worker, action="end" if end else action, worker_id=worker, programme="oip", covered_from="2025-11-01 00:00:00",
                covered_to=end, contracting_party=party, registered_at=f"{on} 08:00:00",
            )  # fmt: skip
    world.worked("w00", "2025-11-20")
    cohort = world.row("contract_cohort")
    assert pick(cohort, "contracting_party", "workers", "moved", "seen_working", "to_party", "is_cohort") == (
        "A",
        10,
        10,
        1,
        "92X",
        True,
    )
    rows = {r["contracting_party"]: r for r in world.rows("contract_month")}
    assert pick(rows["A"], "workers", "levels", "top_party", "departed", "moved", "moved_to_individual") == (
        12,
        2,
        "B",
        11,
        10,
        10,
    )
    assert pick(rows["92X"], "workers", "levels", "is_individual") == (10, 1, True)


def test_争议_最后公布的状态_同日办结为零日(world: World) -> None:
    world.day(date(2025, 11, 30))
    for file, stage, closed in (("1", "received", None), ("2", "closed", "2025-11-03 23:00:00")):
        world.insert(
            "staging.dispute", case_no="1", platform_code="P02", province_code="310000", received_at="2025-11-03 00:00:00", stage=stage,
            closed_at=closed, outcome="调解成功" if closed else None, file=file, known_at=f"2025-11-0{file} 00:00:00",
        )  # fmt: skip
    world.insert(
        "staging.dispute",
        case_no="2",
        received_at="2025-11-20 00:00:00",
        stage="mediation",
        file="2",
        known_at="2025-11-21 00:00:00",
    )
    rows = {r["stage"]: r for r in world.rows("dispute_month")}
    assert pick(rows["closed"], "platform_code", "cases", "closed", "days_closed", "days_median") == (
        "P02",
        1,
        1,
        0,
        0,
    )
    assert pick(rows["mediation"], "platform_code", "cases", "closed", "days_open") == ("", 1, 0, 10)


def test_应缴_先行平台有上下限_有登记档次则一_六月三十与七月一日(world: World) -> None:
    for on in ("2025-06-30", "2025-07-01"):
        world.day(date.fromisoformat(on))
        world.worked("a", on)
    told = {
        str(r["month"])[:7]: pick(r, "payable_yuan", "payable_high_yuan") for r in world.rows("fund_month")
    }
    assert [[float(v) for v in told[m]] for m in ("2025-06", "2025-07")] == [[0.04, 0.04], [0.07, 0.25]]
    world.insert(
        "ref.platform_tiers",
        platform_code="P02",
        province_code="310000",
        premium_yuan=0.25,
        valid_from=date(2025, 7, 1),
    )
    july = world.row("fund_month", "month = '2025-07-01'")
    assert float(july["payable_yuan"]) == float(july["payable_high_yuan"]) == 0.25
    assert pick(july, "collected_yuan", "is_gap_estimated") == (None, True)


def test_支缴率按法定窗口重算_恰为200为高档_收缴不满窗口不判(world: World) -> None:
    world.day(date(2025, 7, 1))
    world.worked("a", "2025-07-01")
    assert world.row("oip_tier")["verdict"] == "ratio_unknown"
    world.insert(
        "staging.witness", source="tax", platform_code="P02", province_code="310000", date_from=date(2022, 7, 1), date_to=date(2024, 12, 31),
        measure="contributions_yuan", value=50, file="w", known_at="2025-01-10 00:00:00", row_no=1,
    )  # fmt: skip
    case = {
        "platform_code": "P02",
        "person": "p",
        "injured_at": "2023-01-01 00:00:00",
        "received_at": "2023-01-02 00:00:00",
        "file": "c",
    }
    world.cover("p", "2022-07-01 00:00:00", None)
    world.insert(
        "staging.agency_case",
        case_no="1",
        paid_at="2024-12-31 23:59:59",
        benefit_yuan=99.99,
        known_at="2025-01-02 00:00:00",
        **case,
    )
    row = world.row("oip_tier")
    assert (row["verdict"], float(row["expected_yuan"])) == ("base", 0.07)
    world.insert(
        "staging.agency_case",
        case_no="2",
        paid_at="2025-01-01 00:00:00",
        benefit_yuan=99,
        known_at="2025-01-02 00:00:00",
        **case,
    )
    assert world.row("oip_tier")["verdict"] == "base", "paid after the window"
    world.insert(
        "staging.agency_case",
        case_no="3",
        paid_at="2024-12-31 00:00:00",
        benefit_yuan=0.01,
        known_at="2025-01-02 00:00:00",
        **case,
    )
    row = world.row("oip_tier")
    assert (row["verdict"], float(row["expected_yuan"]), row["ratio"], float(row["paid_yuan"])) == (
        "high",
        0.25,
        2.0,
        0.07,
    )


def test_什么都没有时每张表都是空的(world: World) -> None:
    names = [name for (name,) in world.connection.execute(
        "select table_name from information_schema.tables where table_schema = 'marts' and "
        "(table_name like '%_month' or table_name like 'contract%' or table_name in ('pension_subsidy', 'labour_hours', 'oip_tier'))"
    ).fetchall()]  # fmt: skip
    assert len(names) >= 18
    for name in names:
        assert world.rows(name) == [], name
