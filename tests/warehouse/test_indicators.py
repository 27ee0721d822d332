"""Indicators by example: a warehouse of a few rows, its marts built for real, and the figures they must give."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from typing import Any

import duckdb
import polars as pl
import pytest

from warehouse.build import build, create_empty
from warehouse.engine import connect
from warehouse.indicators import compute, decompose, load

NOW = datetime(2025, 10, 8, 8)
DAY = date(2025, 10, 6)
RIDE, COURIER = "ride_hailing", "instant_delivery"


class World:
    """Rows put straight into staging and core; `figures` builds the marts and asks."""

    def __init__(self, connection: duckdb.DuckDBPyConnection) -> None:
        self.connection = connection
        self.touched = {"checks.clock", "core.worker"}
        self.insert("checks.clock", now=NOW, night=NOW.date() - timedelta(days=1), is_live=False)

    def clear(self) -> None:
        for table in self.touched:
            self.connection.execute(f"delete from {table}")

    def insert(self, table: str, **row: Any) -> None:
        self.touched.add(table)
        names = ", ".join(row)
        self.connection.execute(
            f"insert into {table} ({names}) values ({', '.join('?' * len(row))})", list(row.values())
        )
        self.built = False

    def unit(
        self, platform: str = "P01", province: str = "310000", day: date = DAY, *, orders: int = 10, first: int | None = None,
        untyped: int = 0, known: datetime | None = None, judged: bool = True, status: str = "accepted",
    ) -> None:  # fmt: skip
        """A submission (with an earlier version of `first` orders, where given) and its verdict."""
        known = known or datetime.combine(day + timedelta(days=1), datetime.min.time()) + timedelta(hours=2)
        sent = {
            "platform_code": platform,
            "province_code": province,
            "business_date": day,
            "is_same_sequence": False,
            "rows_enrollment": 0,
            "rows_claims": 0,
        }
        if first is not None:
            version = f"{platform}{province}{day}-1"
            self.insert(
                "staging.submission",
                version_id=version,
                submission=version,
                sequence=1,
                status="superseded",
                known_at=known,
                submitted_at=known,
                night=day,
                rows_orders=first,
                **sent,
            )
            known += timedelta(days=1)
        version = f"{platform}{province}{day}-2"
        self.insert(
            "staging.submission",
            version_id=version,
            submission=version,
            sequence=2,
            status=status,
            known_at=known,
            submitted_at=known,
            night=known.date() - timedelta(days=1),
            rows_orders=orders,
            **sent,
        )
        if status == "refused":
            return
        self.insert(
            "core.unit",
            platform_code=platform,
            province_code=province,
            business_date=day,
            submission=version,
            version_id=version,
            sequence=2,
            known_at=known,
            orders=orders,
            enrollment=0,
            claims=0,
            untyped_rows=untyped,
        )
        if judged:
            self.insert(
                "checks.verdict",
                rule_id="X01",
                rule_version=1,
                platform_code=platform,
                province_code=province,
                business_date=day,
                outcome="pass",
                violations=0,
                checked=orders,
            )

    def work(
        self, worker: str | None, valid: int = 1, covered: int | None = None, *, platform: str = "P01", province: str = "310000",
        day: date = DAY, city: str = "310100", industry: str = RIDE, orders: int | None = None, insured: int | None = None,
        in_scope: int | None = None, premium: float = 0,
    ) -> None:  # fmt: skip
        """What one worker did on one day in one city and industry."""
        self.insert(
            "core.worker_day", platform_code=platform, province_code=province, business_date=day, city_code=city, industry=industry,
            worker_id=worker, orders=valid if orders is None else orders, orders_in_scope=valid if in_scope is None else in_scope,
            orders_valid=valid, orders_insured=valid if insured is None else insured,
            orders_covered=valid if covered is None else covered, premium_yuan=premium, worker_income_yuan=0,
        )  # fmt: skip

    def cover(
        self, worker: str, since: datetime | date = DAY, until: datetime | date | None = None, *, person: str | None = None, platform: str = "P01",
        province: str = "310000", city: str = "310100", industry: str = RIDE, programme: str = "oip", day: date = DAY,
    ) -> None:  # fmt: skip
        """A spell; its number is its worker and start."""
        self.insert(
            "core.cover", platform_code=platform, province_code=province, coverage_id=f"{worker}{since}{programme}", worker_id=worker,
            person=person, programme=programme, covered_from=since, covered_to=until, industry=industry, city_code=city,
            business_date=day, first_business_date=day,
        )  # fmt: skip

    def claim(self, claim_id: str, **row: Any) -> None:
        defaults = {
            "platform_code": "P01", "province_code": "310000", "business_date": DAY, "worker_id": "a", "programme": "oip",
            "injured_at": datetime(2025, 9, 1, 12), "reported_at": datetime(2025, 9, 1, 13), "outcome": "pending", "injury_city_code": "310100",
        }  # fmt: skip
        self.insert("core.claims", claim_id=claim_id, **(defaults | row))

    def finding(
        self, rule: str, consequence: str, violations: int, checked: int | None, status: str = "open"
    ) -> None:
        self.insert(
            "checks.finding", finding_id=rule, rule_id=rule, consequence=consequence, platform_code="P01", province_code="310000",
            period_from=DAY, period_to=DAY, violations=violations, checked=checked, status=status,
        )  # fmt: skip

    def ask(self, by: str = "", **more: Any) -> pl.DataFrame:
        if not self.built:
            self.connection.execute(
                "delete from marts.order_day; delete from build.frame; "
                "insert into build.frame select distinct platform_code, business_date from core.worker_day; "
                "delete from core.worker; insert into core.worker (platform_code, worker_id, person) "
                "select platform_code, worker_id, any_value(person) from core.cover where person is not null group by 1, 2"
            )
            build(self.connection, ["marts"])
            self.built = True
        return compute(self.connection, by=[part for part in by.split(",") if part], **more)

    def row(
        self, indicator: str, by: str = "", cell: tuple[str | None, ...] = (), **more: Any
    ) -> dict[str, Any]:
        rows = self.ask(by, indicators=[indicator], **more)
        found = [
            r for r in rows.iter_rows(named=True) if tuple(r[name] for name in by.split(",") if name) == cell
        ]
        assert len(found) == 1, f"{indicator} {by} {cell}: {len(found)} rows of {rows.height}"
        return found[0]

    def value(
        self, indicator: str, by: str = "", cell: tuple[str | None, ...] = (), **more: Any
    ) -> float | None:
        answer: float | None = self.row(indicator, by, cell, **more)["value"]
        return answer


@pytest.fixture(scope="module")
def empty() -> Iterator[duckdb.DuckDBPyConnection]:
    connection = connect()
    create_empty(connection)
    yield connection
    connection.close()


@pytest.fixture
def world(empty: duckdb.DuckDBPyConnection) -> Iterator[World]:
    made = World(empty)
    yield made
    made.clear()


# -- persons ------------------------------------------------------------------------------------------------------------


def test_w_d_当日每个有效订单都在保障中才算(world: World) -> None:
    world.unit(orders=5)
    world.work("a", 3, 3)
    world.work("b", 2, 1)
    row = world.row("person_insured_rate")
    assert (row["numerator"], row["denominator"], row["value"]) == (1, 2, 0.5)
    assert world.value("coverage_rate") == 0.5
    assert world.value("fully_covered_share") == 0.5


def test_同一人在格内任一单未参保即不入W_在别的格内仍可入(world: World) -> None:
    world.unit(orders=4)
    world.work("a", 2, 2, city="310100")
    world.work("a", 2, 1, city="310200")
    assert world.value("person_insured_rate") == 0
    assert world.value("person_insured_rate", "city", ("310100",)) == 1
    assert world.value("person_insured_rate", "city", ("310200",)) == 0
    assert world.value("person_days") == 1


def test_一人两平台按身份合并_无身份者各算一人(world: World) -> None:
    world.unit("P01")
    world.unit("P08")
    world.cover("a", person="T1")
    world.cover("x", person="T1", platform="P08")
    world.work("a")
    world.work("x", platform="P08")
    world.work("u", covered=0)
    world.work("u", covered=0, platform="P08")
    assert world.value("persons_active") == 3
    assert world.value("persons_active", "platform", ("P01",)) == 2
    assert world.value("persons_multi_platform") == 1
    assert world.value("person_insured_rate") == pytest.approx(1 / 3)


def test_身份晚于订单得知_仍并为一人(world: World) -> None:
    """The person is looked up when read, so a mart built before the enrollment still counts right."""
    world.unit(day=DAY)
    world.unit(day=DAY + timedelta(days=1))
    world.work("a", covered=0, day=DAY)
    assert world.value("persons_active") == 1
    world.work("b", day=DAY + timedelta(days=1))
    world.cover("b", DAY + timedelta(days=1), person="T1")
    world.cover("a", DAY + timedelta(days=1), person="T1")
    assert world.value("persons_active") == 1
    assert world.value("person_days") == 2


def test_覆盖率随期间变长而升_每人必保率不然(world: World) -> None:
    for offset, covered in ((0, 0), (1, 1)):
        world.unit(day=DAY + timedelta(days=offset))
        world.work("a", 1, covered, day=DAY + timedelta(days=offset))
    assert world.value("coverage_rate", "day", ("2025-10-06",)) == 0
    assert world.value("coverage_rate") == 1
    assert world.value("person_insured_rate") == 0.5
    assert world.value("fully_covered_share") == 0


def test_月末31日与月初1日都在位(world: World) -> None:
    """Days are bits of an integer: the last one must not fall off."""
    for day in (date(2025, 8, 31), date(2025, 9, 1)):
        world.unit(day=day)
        world.work("a", day=day)
    assert world.value("person_days", "month", ("2025-08",)) == 1
    assert world.value("person_days", "month", ("2025-09",)) == 1
    assert world.value("person_days") == 2
    assert world.value("person_days", date_from=date(2025, 9, 1)) == 1


def test_没有工号的有效订单计单不计人(world: World) -> None:
    world.unit()
    world.work(None, 4)
    assert world.value("orders_valid") == 4
    assert world.value("persons_active") == 0


# -- cover --------------------------------------------------------------------------------------------------------------


def test_累计与新增_按首次参保(world: World) -> None:
    for offset in (-1, 0, 1):
        world.unit(day=DAY + timedelta(days=offset))
    world.cover("a", date(2023, 1, 1), datetime(2024, 1, 1), person="T1")
    world.cover("a", DAY, person="T1")
    world.cover("b", datetime(2025, 10, 6, 23, 59), person="T2")
    world.cover("c", DAY + timedelta(days=5), person="T3")
    told = {
        day: world.value("persons_cumulative", "day", (day,))
        for day in ("2025-10-05", "2025-10-06", "2025-10-07")
    }
    assert told == {"2025-10-05": 1, "2025-10-06": 2, "2025-10-07": 2}
    assert world.value("persons_new", "day", ("2025-10-06",)) == 1
    assert (
        world.value("persons_cumulative", "month", ("2025-10",)) == 2
    )  # what starts after the cut-off is not told yet


def test_制度开始之前的保障自2022年7月1日起算(world: World) -> None:
    for day in (date(2022, 6, 30), date(2022, 7, 1)):
        world.unit(day=day)
    world.cover("a", date(2021, 1, 1), person="T1")
    world.cover("b", date(2021, 1, 1), datetime(2022, 7, 1), person="T2")
    assert world.row("persons_cumulative", "day", ("2022-06-30",))["value"] in (0, None)
    assert world.value("persons_cumulative", "day", ("2022-07-01",)) == 1


def test_在保人数_同一人几段相接或重叠只计一次(world: World) -> None:
    for offset in range(-3, 2):
        world.unit(day=DAY + timedelta(days=offset))
    world.cover("a", datetime(2025, 10, 3), datetime(2025, 10, 5), person="T1")
    world.cover("a", datetime(2025, 10, 4), datetime(2025, 10, 6), person="T1")
    world.cover("b", datetime(2025, 10, 3), datetime(2025, 10, 4), person="T2")
    world.cover("b", datetime(2025, 10, 6, 12), person="T2")
    told = [world.value("persons_enrolled", "day", (f"2025-10-0{n}",)) for n in (3, 4, 5, 6, 7)]
    assert told == [2, 1, 1, 1, 1]
    assert world.value("persons_enrolled") == 2


def test_保障项目各计各的_缺省只计职业伤害保障(world: World) -> None:
    world.unit()
    world.cover("a", person="T1")
    world.cover("b", person="T2", programme="commercial_accident")
    assert world.value("persons_enrolled") == 1
    assert world.value("persons_enrolled", "programme", ("commercial_accident",)) == 1
    rows = world.ask("programme", indicators=["persons_enrolled", "orders_valid"]).filter(
        programme="commercial_accident"
    )
    assert dict(rows.select("indicator", "flags").iter_rows()) == {
        "persons_enrolled": "",
        "orders_valid": "x",
    }


# -- orders, growth, scope ----------------------------------------------------------------------------------------------


def test_每单必保率与缴费额(world: World) -> None:
    world.unit()
    world.work("a", valid=4, insured=3, orders=6, in_scope=5, premium=0.05)
    row = world.row("order_insured_rate")
    assert (row["numerator"], row["denominator"]) == (3, 4)
    assert world.value("orders_uninsured") == 1
    assert world.value("orders") == 6
    assert world.value("premium_yuan") == pytest.approx(0.05)


def test_增长率并列同口径_跨口径标b(world: World) -> None:
    """310000 is in the scheme on both days, 330000 from 2025-07-01."""
    for day, valid in ((date(2025, 6, 30), 10), (date(2025, 7, 1), 12)):
        world.unit(day=day)
        world.work("a", valid, day=day)
    world.unit(province="330000", day=date(2025, 7, 1))
    world.work("z", 8, province="330000", city="330100", day=date(2025, 7, 1))
    row = world.row("growth_rate:orders_valid", "day", ("2025-07-01",))
    assert row["value"] == pytest.approx(1.0)
    assert row["like_for_like"] == pytest.approx(0.2)
    assert (row["numerator"], row["denominator"]) == (10, 10)
    assert "b" in row["flags"]
    persons = world.row("growth_rate:persons_active", "day", ("2025-07-01",))
    assert (persons["value"], persons["like_for_like"]) == (1.0, 0.0)
    apart = world.row("growth_rate:orders_valid", "day,province", ("2025-07-01", "330000"))
    assert (apart["value"], apart["like_for_like"]) == (None, None)


def test_增长的构成_各部分相加等于总变化(world: World) -> None:
    """P01 and 310000 are in the scheme from 2022, 330000 and P08 (of the second batch) from 2025-07-01."""
    late = world.connection.execute(
        "select min(platform_code) from ref.platform where joined_on = date '2025-07-01'"
    ).fetchall()[0][0]
    before, after = date(2025, 6, 30), date(2025, 7, 1)
    world.unit(day=before)
    world.work("a", 10, day=before)
    world.cover("a", person="T1", day=before)
    for platform, province, valid, person in (
        ("P01", "310000", 12, "T1"),
        ("P01", "330000", 3, "T2"),
        (late, "310000", 4, "T1"),
        (late, "330000", 5, "T3"),
    ):
        world.unit(platform, province, day=after)
        worker = f"{person}{province}"
        world.work(worker, valid, platform=platform, province=province, city=f"{province[:2]}0100", day=after)
        world.cover(worker, after, person=person, platform=platform, province=province, day=after)
    world.ask()
    dates: dict[str, Any] = {"period": (after, after), "base": (before, before)}
    orders = decompose(world.connection, level="orders_valid", **dates)
    assert dict(orders.select("part", "change").iter_rows()) == {
        "matched": 2,
        "new_platform": 4,
        "new_province": 3,
        "both_new": 5,
        "left": 0,
        "shared": 0,
    }
    persons = decompose(world.connection, level="persons_active", **dates)
    assert dict(persons.select("part", "value").iter_rows()) == {
        "matched": 1,
        "new_platform": 1,
        "new_province": 1,
        "both_new": 1,
        "left": 0,
        "shared": -1,
    }
    assert persons["value"].sum() == 3
    with pytest.raises(ValueError, match="no growth of"):
        decompose(world.connection, level="orders", **dates)


def test_未满的月份与紧邻的等长期间相比(world: World) -> None:
    for number, day in enumerate(
        (date(2025, 9, 15), date(2025, 9, 29), date(2025, 9, 30), date(2025, 10, 1), date(2025, 10, 2))
    ):
        world.unit(day=day)
        world.work("a", 2**number, day=day)
    world.connection.execute("update checks.clock set now = '2025-10-03 08:00:00', night = '2025-10-02'")
    row = world.row("growth_rate:orders_valid", "month", ("2025-10",))
    assert row["denominator"] == 2 + 4  # 29 and 30 September, not the whole month
    assert row["numerator"] == (8 + 16) - 6
    assert "p" in row["flags"]
    assert world.row("growth_rate:orders_valid", "month", ("2025-10",), base="2025-09")["denominator"] == 7


def test_无基期则不适用(world: World) -> None:
    world.unit()
    world.work("a")
    assert world.row("growth_rate:orders_valid")["flags"] == "x"


def test_港澳台与未启动省份不适用_在制度内而未报为z(world: World) -> None:
    world.unit()
    world.work("a")
    assert world.row("orders_valid", "province", ("810000",))["flags"] == "x"
    assert world.row("orders", "province", ("710000",))["flags"] == "x"
    assert world.row("orders_valid", "province", ("140000",))["flags"] == "x"
    assert world.row("orders_valid", "province", ("110000",))["flags"] == "z"
    assert world.value("orders_valid", "province", ("110000",)) is None


def test_应报未报之日为z而非零(world: World) -> None:
    world.unit(day=DAY)
    world.work("a", day=DAY)
    world.cover("a", DAY, person="T1")
    row = world.row("orders", "day", ("2025-10-07",))
    assert (row["value"], row["flags"], row["certified"]) == (None, "z", 0)
    assert world.value("persons_cumulative", "day", ("2025-10-07",)) == 1


def test_零报送是零(world: World) -> None:
    world.unit(day=DAY, orders=0)
    row = world.row("orders", "day", ("2025-10-06",))
    assert (row["value"], row["flags"]) == (0, "")


def test_维度不适用的指标标x(world: World) -> None:
    world.unit()
    world.work("a")
    assert world.row("timeliness_rate", "city", ("310100",))["flags"] == "x"


# -- submissions and certification --------------------------------------------------------------------------------------


def test_及时率与完整率(world: World) -> None:
    world.unit(day=DAY, known=datetime(2025, 10, 7, 6))
    world.unit(province="110000", day=DAY, known=datetime(2025, 10, 7, 6, 0, 1))
    timely = world.row("timeliness_rate")
    assert (timely["numerator"], timely["denominator"]) == (1, 4)  # two pairs, due on the 6th and the 7th
    complete = world.row("completeness_rate")
    assert (complete["numerator"], complete["denominator"]) == (2, 4)


def test_被拒收的不算报送(world: World) -> None:
    world.unit(day=DAY)
    world.unit(day=DAY + timedelta(days=1), status="refused")
    assert world.value("completeness_rate") == 0.5


def test_修订率有方向(world: World) -> None:
    world.unit(day=DAY, first=10, orders=8)
    world.unit(province="110000", day=DAY, first=10, orders=13)
    assert world.value("revision_rate") == pytest.approx(5 / 20)
    row = world.row("revision_signed")
    assert row["value"] == pytest.approx(1 / 20)
    assert "p" in row["flags"]
    assert "r" in world.row("orders", "day", ("2025-10-06",))["flags"]


@pytest.mark.parametrize(
    ("rule", "consequence", "violations", "checked", "status", "certified"),
    [
        ("C03", "defect", 1, 1001, "open", 1),  # below 0.1% of its rows
        ("C03", "defect", 1, 1000, "open", 0),  # exactly 0.1%
        ("C03", "defect", 5, 1000, "explained", 0),  # an explanation alone unblocks nothing
        ("C03", "defect", 5, 1000, "waived", 1),
        ("C03", "defect", 5, 1000, "resolved", 1),
        ("S09", "defect", 1, 1, "open", 0),  # a package rule always
        ("X01", "breach", 900, 1000, "open", 1),  # conduct honestly reported never
        ("V06", "suspect", 900, 1000, "open", 1),
    ],
)  # fmt: skip
def test_认证_缺陷阻断_违规不阻断(
    world: World, rule: str, consequence: str, violations: int, checked: int, status: str, certified: int
) -> None:
    world.unit(orders=1000)
    world.finding(rule, consequence, violations, checked, status)
    assert world.value("certified_share", "day", ("2025-10-06",)) == certified


def test_认证_不可解析的行_未校验_出错各自阻断(world: World) -> None:
    world.unit(province="110000", orders=1000)
    world.insert(
        "staging.quarantine",
        platform_code="P01",
        province_code="110000",
        business_date=DAY,
        version_id=f"P01110000{DAY}-2",
        extract="orders",
        row_no=7,
        line_no=8,
        rule_id="S06",
    )
    world.unit(province="120000", judged=False)
    world.unit(province="130000")
    world.insert(
        "checks.verdict",
        rule_id="X02",
        platform_code="P01",
        province_code="130000",
        business_date=DAY,
        outcome="error",
    )
    world.unit(province="310000")
    causes = world.ask("day,province", indicators=["certified_share"], date_to=DAY)
    told = dict(causes.filter(pl.col("value").is_not_null()).select("province", "value").iter_rows())
    assert told == {"110000": 0, "120000": 0, "130000": 0, "310000": 1}
    rows = world.connection.execute(
        "select province_code, cause from marts.certification order by 1"
    ).fetchall()
    assert rows == [("110000", "quarantine"), ("120000", "unjudged"), ("130000", "error")]


def test_只取已认证单元(world: World) -> None:
    world.unit(orders=1)
    world.finding("S09", "defect", 1, 1)
    world.work("a", 5)
    world.unit(province="110000", orders=1)
    world.work("b", 7, province="110000", city="110100")
    assert world.value("orders_valid") == 12
    assert world.value("orders_valid", certified_only=True) == 7
    assert world.value("persons_active", certified_only=True) == 1
    assert world.row("orders_valid", date_to=DAY)["certified"] == 0.5


# -- claims -------------------------------------------------------------------------------------------------------------


def test_待遇_有经办机构案件以案件为准_否则估计(world: World) -> None:
    for platform in ("P01", "P08"):
        world.unit(platform)
        world.work("a", 100, platform=platform, premium=10)
    paid = {
        "paid_at": datetime(2025, 10, 6, 9),
        "confirmed_at": datetime(2025, 10, 6, 8),
        "outcome": "confirmed",
    }
    world.claim("k1", benefit_yuan=500, **paid)
    world.claim("k2", benefit_yuan=300, platform_code="P08", **paid)
    world.insert(
        "staging.agency_case",
        case_no="c1",
        platform_code="P01",
        order_id=None,
        person=None,
        injured_at=datetime(2025, 9, 1, 12),
        received_at=datetime(2025, 9, 2),
        confirmed_at=datetime(2025, 10, 6),
        paid_at=datetime(2025, 10, 6),
        benefit_yuan=450,
        known_at=NOW,
        file="f",
        row_no=1,
    )
    assert world.value("benefits_yuan") == 750
    assert "e" in world.row("benefits_yuan")["flags"]
    assert "e" not in world.row("benefits_yuan", "platform", ("P01",))["flags"]
    assert world.value("benefits_yuan", "platform", ("P01",)) == 450
    assert world.value("claims_confirmed") == 2
    assert world.value("benefit_per_case_yuan") == 375
    assert world.value("payout_contribution_ratio") == pytest.approx(750 / 20)
    assert world.value("fund_gap_yuan") == pytest.approx(730)


def test_案件以最后公布者为准(world: World) -> None:
    world.unit()
    case = {
        "case_no": "c1",
        "platform_code": "P01",
        "injured_at": datetime(2025, 9, 1),
        "received_at": datetime(2025, 9, 2),
        "row_no": 1,
    }
    world.insert("staging.agency_case", known_at=datetime(2025, 10, 5), file="a", **case)
    world.insert(
        "staging.agency_case",
        known_at=datetime(2025, 10, 6),
        file="b",
        paid_at=datetime(2025, 10, 6),
        benefit_yuan=9,
        **case,
    )
    assert world.value("benefits_yuan") == 9


def test_伤害率_按受伤日_只计范围内订单(world: World) -> None:
    world.unit()
    world.work("a", valid=4, in_scope=5)
    injured = {"injured_at": datetime(2025, 10, 6, 12), "reported_at": datetime(2025, 10, 6, 13)}
    world.claim("k1", order_id="o1", **injured)
    world.claim("k2", order_id="o2", **injured)
    world.claim("k3", order_id="missing", **injured)
    for order, in_scope in (("o1", True), ("o2", False)):
        world.insert(
            "core.known_order",
            platform_code="P01",
            province_code="310000",
            order_id=order,
            city_code="310100",
            industry=RIDE,
            is_in_scope=in_scope,
        )
    row = world.row("injuries_reported_per_million_orders")
    assert (row["numerator"], row["denominator"], row["value"]) == (1, 5, 200_000)
    assert "p" in row["flags"]
    assert world.value("claims_reported") == 3


def test_办理用时_工作日_未结截尾_不予确认亦结案(world: World) -> None:
    """From Monday 2025-09-22: confirmed on Wednesday (2), denied on Thursday (3), still open at the cut-off."""
    world.unit(day=date(2025, 9, 22))
    start = {"reported_at": datetime(2025, 9, 22, 9)}
    world.claim(
        "k1",
        outcome="confirmed",
        confirmed_at=datetime(2025, 9, 24, 9),
        paid_at=datetime(2025, 9, 30, 9),
        **start,
    )
    world.claim("k2", outcome="denied", business_date=date(2025, 9, 25), **start)
    world.claim("k3", **start)
    month = ("2025-09",)
    assert world.value("days_to_confirm:median", "month", month) == 3
    assert world.value("days_to_confirm:p90", "month", month) is None
    row = world.row("on_time_share:confirm:2", "month", month)
    assert (row["numerator"], row["denominator"]) == (1, 3)
    assert world.value("on_time_share:confirm:7", "month", month) == pytest.approx(2 / 3)
    assert world.value("on_time_share:pay:5", "month", month) == 1  # 28 September is a make-up working day
    assert world.value("on_time_share:total:7", "month", month) == pytest.approx(2 / 3)


def test_中止日扣除(world: World) -> None:
    world.unit(day=date(2025, 9, 22))
    world.claim(
        "k1",
        reported_at=datetime(2025, 9, 22, 9),
        outcome="confirmed",
        confirmed_at=datetime(2025, 9, 26, 9),
        suspended_days=3,
    )
    assert world.value("days_to_confirm:median", "month", ("2025-09",)) == 1
    assert world.value("on_time_share:confirm:2", "month", ("2025-09",)) == 1


# -- the registry and the question --------------------------------------------------------------------------------------


IDS = """persons_cumulative persons_active persons_new persons_enrolled orders orders_valid orders_insured orders_uninsured coverage_rate
order_insured_rate person_insured_rate growth_rate:persons_cumulative growth_rate:persons_active growth_rate:orders_valid premium_yuan
contributions_collected_yuan benefits_yuan fund_gap_yuan payout_contribution_ratio benefit_per_order_yuan benefit_per_case_yuan
claims_reported claims_confirmed injuries_reported_per_million_orders injuries_confirmed_per_million_orders days_to_confirm:median
days_to_confirm:p90 days_to_pay:median days_to_pay:p90 on_time_share:confirm:2 on_time_share:confirm:7 on_time_share:confirm:30
on_time_share:pay:5 on_time_share:total:7 on_time_share:total:15 fully_covered_share population_coverage typed_rate revision_signed
timeliness_rate completeness_rate revision_rate agreement_rate certified_share"""


def test_every_id_of_the_interface_is_there_with_words_in_both_languages() -> None:
    registry = load()
    assert set(IDS.split()) <= set(registry)
    for indicator in registry.values():
        assert all(
            (
                indicator.title_zh,
                indicator.title_en,
                indicator.definition_zh,
                indicator.definition_en,
                indicator.unit_zh,
            )
        )


@pytest.mark.parametrize(
    "by",
    [
        "",
        "day",
        "month,province,platform",
        "quarter,region",
        "year,city,industry",
        "day,programme",
        "platform,city,industry,programme",
        "region,province,city",
    ],
)
def test_every_indicator_answers_any_dimensions_once_a_cell(world: World, by: str) -> None:
    world.unit(first=9)
    world.work("a", 3, 2)
    world.cover("a", person="T1")
    world.claim("k1")
    rows = world.ask(by)
    keys = [name for name in by.split(",") if name]
    assert rows.columns == [
        *keys,
        "indicator",
        "value",
        "numerator",
        "denominator",
        "unit",
        "like_for_like",
        "certified",
        "flags",
        "as_of",
    ]
    assert set(rows["indicator"]) == set(load())
    assert rows.select(*keys, "indicator").is_duplicated().sum() == 0
    assert set("".join(rows["flags"])) <= set("prbecxz")
    assert rows.filter(pl.col("flags").str.contains("[xz]") & pl.col("value").is_not_null()).is_empty()


def test_nothing_known_answers_no_rows_with_the_same_columns(world: World) -> None:
    rows = world.ask("month,province")
    assert rows.height == 0
    assert rows.columns[:3] == ["month", "province", "indicator"]


@pytest.mark.parametrize(
    ("asked", "words"),
    [({"by": ["week"]}, "no such dimension: week"), ({"by": ["day", "day"]}, "named twice"), ({"by": [], "indicators": ["coverage"]}, "no such indicator: coverage"),
     ({"by": ["day"], "base": "last year"}, "no such base")],
)  # fmt: skip
def test_a_wrong_question_is_told_what_is_expected(world: World, asked: dict[str, Any], words: str) -> None:
    world.unit()
    with pytest.raises(ValueError, match=words):
        compute(world.connection, **asked)


def test_filters_narrow_to_platforms_and_provinces(world: World) -> None:
    for platform, province in (("P01", "310000"), ("P01", "110000"), ("P08", "310000")):
        world.unit(platform, province)
        world.work("a", platform=platform, province=province)
    assert world.value("orders_valid", platforms=["P01"]) == 2
    assert world.value("orders_valid", platforms=["P01"], provinces=["110000"]) == 1
    rows = world.ask("province", indicators=["orders_valid"], provinces=["110000"])
    assert rows["province"].to_list() == ["110000"]


def test_works_on_a_read_only_database(world: World, tmp_path: Any) -> None:
    world.unit()
    world.work("a")
    world.ask()
    path = tmp_path / "snapshot.duckdb"
    world.connection.execute(f"attach '{path}' as snapshot")
    for schema in ("marts", "ref", "checks"):
        world.connection.execute(f"create schema snapshot.{schema}")
    tables = world.connection.execute(
        "select table_schema || '.' || table_name from information_schema.tables where table_schema in ('marts', 'ref', 'checks')"
    ).fetchall()
    for (name,) in tables:
        world.connection.execute(f"create table snapshot.{name} as select * from {name}")
    world.connection.execute("detach snapshot")
    with duckdb.connect(str(path), read_only=True) as reader:
        theirs = compute(reader, by=["month", "province"])
    assert theirs.equals(world.ask("month,province"))
