"""Law at the event's date: every boundary date of parameters, registers and rules, its eve and itself.

The same orders and spells stand on every date; the rules in SQL are held against the oracle, whose rates, bounds and dates are
typed again from the design pages.
"""

from __future__ import annotations

from collections import Counter
from datetime import date, datetime, timedelta
from decimal import Decimal
from functools import cache
from itertools import product
from types import SimpleNamespace
from typing import Any

import duckdb
import polars as pl
import pytest

from checks.catalogue import load
from tests.oracle import reference as oracle_reference
from tests.oracle.book import Book
from tests.oracle.found import RULES
from tests.oracle.rules import EFFECTIVE
from tests.oracle.typing_rows import Row
from warehouse.build import build, create_empty, lake_columns
from warehouse.engine import connect
from warehouse.parameters import load as load_parameters
from warehouse.reference import FOLDER

WALKED = ("C01", "C02", "C03", "C04", "C06", "C07", "C08", "V03")
PLATFORMS = ("P01", "P02", "P09", "P12")
PROVINCES = ("310000", "330000", "370000", "500000", "520000")
INDUSTRIES = ("ride_hailing", "food_delivery", "instant_delivery", "intracity_freight", "other")
PREMIUMS = ("0", "0.01", "0.04", "0.06", "0.07", "0.18", "0.2", "0.25", "0.035", "0.056")
PROGRAMMES = ("oip", "yilubao", "commercial_accident")
DAY = timedelta(days=1)
CONVENTION = date(2019, 1, 1)  # bounds that no text gives begin here: no boundary of any law
Found = dict[tuple[str, str, str, str], int]


@cache
def boundaries() -> tuple[date, ...]:
    """Every date at which a parameter, register or rule begins or ends, and the end of every platform's first year."""
    found: set[date | None] = set()
    for parameter in load_parameters():
        found |= {day for value in parameter.values for day in (value.valid_from, value.valid_to)}
    for rule in load():
        found |= {rule.effective_from, rule.effective_to}
    connection = connect()
    create_empty(connection)
    for register, columns in (("province", ("scheme_from",)), ("platform", ("joined_on", "valid_from", "valid_to")),
                              ("industry", ("valid_from", "valid_to")), ("programme", ("valid_from", "valid_to"))):  # fmt: skip
        for column in columns:
            found |= {
                day
                for (day,) in connection.execute(f"select distinct {column} from ref.{register}").fetchall()
            }
    found |= {oracle_reference.same_day(day, 1) for (day,) in connection.execute("select distinct joined_on from ref.platform").fetchall()}  # fmt: skip
    return tuple(sorted(day for day in found if day is not None and day > CONVENTION))


@cache
def dates() -> tuple[date, ...]:
    return tuple(sorted({day - DAY for day in boundaries()} | set(boundaries())))


@cache
def orders() -> tuple[dict[str, Any], ...]:
    """The same orders on every date: platform × province × industry × premium, completed, at nine."""
    grid = product(dates(), PLATFORMS, PROVINCES, INDUSTRIES, PREMIUMS)
    return tuple(
        {
            "platform_code": platform, "province_code": province, "business_date": on, "submission": "s", "version_id": "v", "row_no": n,
            "order_id": f"o{n}", "serial": n, "work_type": "order", "worker_id": "w", "industry": industry,
            "accepted_at": datetime(on.year, on.month, on.day, 9), "status": "completed", "premium_yuan": Decimal(premium),
        }
        for n, (on, platform, province, industry, premium) in enumerate(grid)
    )  # fmt: skip


@cache
def spells() -> tuple[dict[str, Any], ...]:
    """The same spells on every date: programmes, and workers who turn sixteen that day or the day after."""
    grid = product(dates(), PLATFORMS, PROVINCES, PROGRAMMES, (0, 1))
    return tuple(
        {
            "platform_code": platform, "province_code": province, "business_date": on, "submission": "s", "version_id": "v", "row_no": n,
            "coverage_id": f"c{n}", "programme": programme, "worker_id": "w", "covered_from": datetime(on.year, on.month, on.day),
            "birth_date": oracle_reference.same_day(on, -16) + days * DAY, "industry": "ride_hailing",
            "worker_paid_yuan": Decimal("0.4"),
        }
        for n, (on, platform, province, programme, days) in enumerate(grid)
    )  # fmt: skip


@cache
def told_by_rules() -> Found:
    connection = connect()
    create_empty(connection)
    build(connection, ["ref"])
    _fill(connection, "lake_orders", orders())
    have = set(orders()[0])
    chosen = ", ".join(
        f"{name if name in have else 'null'}::{kind} as {name}"
        for name, kind in [*lake_columns("orders"), ("row_no", "bigint")]
    )
    connection.execute(f"create or replace view lake.orders as select {chosen} from lake_orders")
    _fill(connection, "given", spells())
    connection.execute(f"insert into staging.enrollment by name select {', '.join(spells()[0])} from given")
    connection.execute(
        "insert into core.unit by name select distinct platform_code, province_code, business_date from lake_orders"
    )
    found: Counter[tuple[str, str, str, str]] = Counter()
    for rule in load():
        if rule.id in WALKED:
            rows = connection.execute(
                f"select platform_code, province_code, business_date, count(*) from ({rule.sql}) group by 1, 2, 3"
            ).fetchall()
            for platform, province, on, count in rows:
                if rule.is_effective(on):
                    found[rule.id, platform, province, str(on)] += count
    return dict(found)


def _fill(connection: duckdb.DuckDBPyConnection, name: str, rows: tuple[dict[str, Any], ...]) -> None:
    connection.register("rows_given", pl.DataFrame(rows, infer_schema_length=None))
    connection.execute(f"create table {name} as select * from rows_given")
    connection.unregister("rows_given")


@cache
def told_by_oracle() -> Found:
    now = datetime(2030, 1, 1)
    rows = {
        "orders": [_row("orders", r, now) for r in orders()],
        "enrollment": [
            _row("enrollment", r, now, id_number=f"990001{r['birth_date']:%Y%m%d}0010") for r in spells()
        ],
        "claims": [],
    }
    inbox: Any = SimpleNamespace(
        now=now, current=[SimpleNamespace(rows=rows, on=date(2020, 1, 1))], packages=[], witness_nights=[]
    )
    book = Book(inbox, oracle_reference.load(FOLDER))
    found: Found = {}
    for rule in WALKED:
        for (platform, province, on), count in RULES[rule](book).items():
            if count > 0 and on >= EFFECTIVE.get(rule, date.min).isoformat():
                found[rule, platform, province, on] = count
    return found


def _row(extract: str, cells: dict[str, Any], now: datetime, **more: Any) -> Row:
    place = ("platform_code", "province_code", "business_date", "submission", "version_id", "row_no")
    value = {name: cell for name, cell in cells.items() if name not in place} | more
    return Row(
        extract,
        cells["platform_code"],
        cells["province_code"],
        cells["business_date"],
        1,
        cells["row_no"],
        now,
        {},
        value,
    )


@pytest.mark.parametrize("on", [str(day) for day in dates()])
def test_rules_and_oracle_agree_on(on: str) -> None:
    ours = {key: count for key, count in told_by_rules().items() if key[3] == on}
    theirs = {key: count for key, count in told_by_oracle().items() if key[3] == on}
    assert ours == theirs


def test_the_dates_of_the_scheme_are_among_them() -> None:
    assert {date(2022, 7, 1), date(2025, 7, 1), date(2026, 7, 1), date(2027, 1, 1), date(2023, 9, 13), date(2025, 3, 1),
            date(2025, 10, 27)} <= set(boundaries())  # fmt: skip
    assert len(dates()) > 2 * 8


@pytest.mark.parametrize("day", [date(2022, 7, 1), date(2025, 7, 1), date(2026, 7, 1), date(2027, 1, 1)])
def test_the_eve_is_judged_otherwise(day: date) -> None:
    """A boundary that changed nothing would not be one."""
    eve, itself = (
        Counter((rule, count) for (rule, _, _, on), count in told_by_rules().items() if on == str(d))
        for d in (day - DAY, day)
    )
    assert eve != itself


@pytest.mark.parametrize(
    ("rule", "platform", "province", "before", "after"),
    [
        # of ten premiums in each of four industries of the scheme (nine of them above zero)
        ("C01", "P01", "330000", 45, 0),  # Zhejiang joined on 2025-07-01
        ("C01", "P01", "520000", 45, 45),  # Guizhou did not
        ("C02", "P09", "310000", 45, 0),  # so did 顺丰同城
        ("C02", "P01", "310000", 0, 0),
        ("C03", "P01", "310000", 9, 19),  # food_delivery ended: its ten orders, and the nine paid ones of other
        ("C07", "P01", "310000", 4, 3),  # unpaid ones of the industries in the scheme
        ("C07", "P09", "330000", 0, 3),
    ],
)  # fmt: skip
def test_thirty_june_and_first_july_2025(
    rule: str, platform: str, province: str, before: int, after: int
) -> None:
    told = [told_by_rules().get((rule, platform, province, on), 0) for on in ("2025-06-30", "2025-07-01")]
    spells_of_oip = 2 if rule in ("C01", "C02") else 0
    assert told == [before + spells_of_oip * (before > 0), after + spells_of_oip * (after > 0)]
