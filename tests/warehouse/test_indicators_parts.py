"""The pieces: periods and bases, Kaplan–Meier, witness totals, the registry's strictness, and the marts around submissions."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import duckdb
import pytest
import sqlglot

from warehouse.build import FOLDER, build, create_empty, models
from warehouse.engine import connect
from warehouse.indicators import cells, measures, witness
from warehouse.indicators.cells import Asked, Known, Window
from warehouse.indicators.durations import kaplan_meier
from warehouse.indicators.registry import FILE, load
from warehouse.strict_yaml import StrictError

KNOWN = Known(date(2025, 9, 10), date(2025, 10, 21), datetime(2025, 10, 21, 8))


# -- periods ------------------------------------------------------------------------------------------------------------


def test_months_run_from_the_first_to_the_last_known_day_and_the_last_is_cut_short() -> None:
    first, last = cells.windows(("month",), KNOWN, None, None, None)
    assert (first.start, first.end, first.base) == (
        date(2025, 9, 1),
        date(2025, 10, 1),
        (date(2025, 8, 1), date(2025, 9, 1)),
    )
    assert (last.start, last.end, last.is_complete) == (date(2025, 10, 1), date(2025, 10, 21), False)
    assert last.base == (date(2025, 9, 11), date(2025, 10, 1))


def test_a_narrowed_month_is_compared_with_as_many_days_before_it() -> None:
    (window,) = cells.windows(("month",), KNOWN, date(2025, 10, 6), date(2025, 10, 12), None)
    assert (window.start, window.end, window.base) == (
        date(2025, 10, 6),
        date(2025, 10, 13),
        (date(2025, 9, 29), date(2025, 10, 6)),
    )
    assert window.is_complete


def test_the_finest_period_decides() -> None:
    assert len(cells.windows(("year", "day"), KNOWN, None, None, None)) == 41
    assert cells.label("quarter", date(2025, 10, 1)) == "2025-Q4"


def test_without_a_period_the_whole_span_and_no_base_unless_narrowed() -> None:
    (whole,) = cells.windows((), KNOWN, None, None, None)
    assert (whole.start, whole.end, whole.base, whole.events_from) == (
        KNOWN.first,
        KNOWN.end,
        None,
        cells.EVER,
    )
    (narrowed,) = cells.windows((), KNOWN, date(2025, 10, 1), date(2025, 10, 10), None)
    assert narrowed.base == (date(2025, 9, 21), date(2025, 10, 1))
    assert cells.windows((), KNOWN, date(2026, 1, 1), None, None) == ()


@pytest.mark.parametrize(
    ("text", "start", "end"),
    [
        ("2024", date(2024, 1, 1), date(2025, 1, 1)),
        ("2024-Q4", date(2024, 10, 1), date(2025, 1, 1)),
        ("2024-02", date(2024, 2, 1), date(2024, 3, 1)),
        ("2024-02-29", date(2024, 2, 29), date(2024, 3, 1)),
        ("2024-12-30..2025-01-05", date(2024, 12, 30), date(2025, 1, 6)),
    ],
)
def test_a_base_by_name(text: str, start: date, end: date) -> None:
    assert cells.named_period(text) == (start, end)


@pytest.mark.parametrize(
    "text", ["", "yesterday", "2024-13", "2024-Q5", "2024-02-30", "2024-01..", "1-2-3-4"]
)
def test_no_base(text: str) -> None:
    with pytest.raises(ValueError, match="no such base"):
        cells.named_period(text)


def test_a_year_before_29_february() -> None:
    assert cells._year_before(date(2024, 2, 29)) == date(2023, 2, 28)


def test_stretches_read_no_month_between() -> None:
    spans = [
        (date(2025, 10, 1), date(2025, 11, 1), cells.EVER),
        (date(2024, 10, 1), date(2024, 11, 1), cells.EVER),
        (date(2025, 9, 1), date(2025, 10, 1), cells.EVER),
    ]
    assert measures.stretches(spans) == [
        (date(2024, 10, 1), date(2024, 11, 1)),
        (date(2025, 9, 1), date(2025, 11, 1)),
    ]


# -- Kaplan–Meier -------------------------------------------------------------------------------------------------------

# Freireich et al. 1963, weeks of remission under 6-MP (published median 23; S(6)=0.857, S(23)=0.448)
REMISSION = [
    *((t, True) for t in (6, 6, 6, 7, 10, 13, 16, 22, 23)),
    *((t, False) for t in (6, 9, 10, 11, 17, 19, 20, 25, 32, 32, 34, 35)),
]


def test_kaplan_meier_on_published_remission_times() -> None:
    assert kaplan_meier(REMISSION, 5) == 23
    assert kaplan_meier(REMISSION, 9) is None


@pytest.mark.parametrize(
    ("times", "tenths", "expected"),
    [
        ([], 5, None),
        ([(4, False)], 5, None),
        ([(0, True)], 5, 0),
        ([(1, True), (2, True)], 5, 1),  # exactly half have closed
        ([(1, True), (1, False)], 5, 1),  # closed before censored at a tie
        ([(1, False), (2, True)], 5, 2),
        ([(n, True) for n in range(1, 11)], 9, 9),
        ([(n, True) for n in range(1, 11)], 5, 5),
        ([(None, True), (3, True)], 5, 3),
    ],
)
def test_kaplan_meier_boundaries(
    times: list[tuple[float | None, bool]], tenths: int, expected: float | None
) -> None:
    assert kaplan_meier(times, tenths) == expected


# -- witnesses ----------------------------------------------------------------------------------------------------------

OCTOBER = (date(2025, 10, 1), date(2025, 10, 31))
REGIONS = {"310000": "东部", "110000": "东部", "500000": "西部"}


def asked(by: str, **more: Any) -> Asked:
    window = Window(date(2025, 10, 1), date(2025, 11, 1), date(2025, 11, 1), date(2025, 10, 1))
    return Asked(
        tuple(name for name in by.split(",") if name),
        (window,),
        KNOWN,
        more.get("platforms"),
        more.get("provinces"),
        False,
    )


@pytest.mark.parametrize(
    ("by", "values", "more", "expected"),
    [
        ("", {("P01", "310000"): 5, ("P02", "310000"): 7}, {}, {(): 12}),
        ("", {("P01", "310000"): 5, ("P02", "310000"): 7, ("", ""): 20}, {}, {(): 20}),  # the total stands
        ("", {("", "310000"): 9, ("P01", "310000"): 5, ("P01", "110000"): 4}, {}, {(): 13}),
        ("platform", {("P01", "310000"): 5, ("P01", "110000"): 4, ("", ""): 20}, {}, {("P01",): 9}),
        ("province", {("", "310000"): 9, ("P01", "310000"): 5, ("P01", "110000"): 4}, {}, {("310000",): 9, ("110000",): 4}),
        ("region", {("P01", "310000"): 5, ("P01", "110000"): 4, ("P01", "500000"): 1}, {}, {("东部",): 9, ("西部",): 1}),
        ("", {("P01", "310000"): 5, ("P02", "310000"): 7, ("", ""): 20}, {"platforms": ("P01",)}, {(): 5}),
        ("platform,province", {("P01", ""): 5, ("P01", "310000"): 2}, {}, {("310000", "P01"): 2}),
    ],
)  # fmt: skip
def test_contributions_never_add_a_total_to_its_parts(
    by: str,
    values: dict[tuple[str, str], float],
    more: dict[str, Any],
    expected: dict[tuple[str, ...], float],
) -> None:
    assert witness._by_cell(asked(by, **more), values, REGIONS) == expected


def test_a_year_stands_before_its_months() -> None:
    year, month = (date(2025, 1, 1), date(2025, 12, 31)), OCTOBER
    assert witness._apart([month, year]) == [year]
    assert witness._apart([month, (date(2025, 11, 1), date(2025, 11, 30))]) == [
        month,
        (date(2025, 11, 1), date(2025, 11, 30)),
    ]


# -- registry -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("    places: all", "    places: some", "places is 'some'"),
        ("    unit: persons\n    part", "    unit: heads\n    part", "unit is 'heads'"),
        ("    nature: stock", "    nature: stock\n    colour: red", "unknown key colour"),
        ("    denominator_zh: 有效订单\n", "", "belong together"),
        ("  persons_new:", "  persons_cumulative:", "is given twice"),
    ],
)
def test_a_careless_registry_is_refused_by_name(tmp_path: Path, old: str, new: str, words: str) -> None:
    text = FILE.read_text(encoding="utf-8")
    assert old in text
    path = tmp_path / "indicators.yaml"
    path.write_text(text.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(StrictError, match=words):
        load(path)


def test_every_measure_named_is_made_by_some_part() -> None:
    made = "".join(path.read_text(encoding="utf-8") for path in FILE.parent.glob("*.sql"))
    made += "".join(path.read_text(encoding="utf-8") for path in FILE.parent.glob("*.py"))
    for indicator in load().values():
        for name in (indicator.numerator, indicator.denominator):
            stem = (
                (name or "orders").split("_")[-1]
                if indicator.part in ("durations", "growth")
                else (name or "orders")
            )
            assert stem in made, f"{indicator.id}: nobody makes {name}"


# -- marts --------------------------------------------------------------------------------------------------------------


def test_marts_read_no_framed_table_and_speak_spark() -> None:
    framed = {"staging.orders", "core.orders", "core.order_cover", "core.order_tail"}
    marts = [model for model in models() if model.name.startswith("marts.")]
    assert len(marts) >= 12
    for model in marts:
        assert not model.reads & framed, model.name
        sqlglot.transpile(model.sql, read="duckdb", write="spark", unsupported_level=sqlglot.ErrorLevel.RAISE)
    assert (FOLDER / "marts").is_dir()


@pytest.fixture
def home() -> Iterator[duckdb.DuckDBPyConnection]:
    connection = connect()
    create_empty(connection)
    connection.execute("insert into checks.clock values ('2025-10-08 08:00:00', '2025-10-07', false)")
    yield connection
    connection.close()


def test_submission_tells_status_reasons_and_quarantine(home: duckdb.DuckDBPyConnection) -> None:
    day = date(2025, 10, 6)
    for number, status in ((1, "superseded"), (2, "accepted"), (3, "refused")):
        home.execute(
            "insert into staging.submission (version_id, submission, platform_code, province_code, business_date, sequence, status, is_same_sequence, "
            "rows_orders, rows_enrollment, rows_claims, manifest_digest, known_at) values (?, ?, 'P02', '310000', ?, ?, ?, false, 100, 5, 0, 'd', ?)",
            [f"v{number}", f"s{number}", day, number, status, datetime(2025, 10, 7, number)],
        )
    home.execute(
        "insert into staging.package_reason (version_id, rule_id, reason_zh, reason_en, file, line_no, value) values ('v3', 'S02', '摘要\n不符', 'digest \"differs\"', 'a\\b.csv', 7, null)"
    )
    home.execute(
        "insert into staging.quarantine (version_id, extract, row_no, line_no, column_name, rule_id) values ('v2', 'orders', 4, 5, 'city_code', 'S08'), ('v2', 'orders', 4, 5, 'serial', 'S06'), ('v2', 'enrollment', 1, 2, 'id_number', 'V01')"
    )
    home.execute(
        "insert into checks.finding (finding_id, rule_id, consequence, status, platform_code, province_code, period_from, period_to, violations, title_zh, title_en) values ('f', 'V08', 'quarantine', 'open', 'P02', '310000', ?, ?, 3, '业务日不符', 'outside')",
        [day, day],
    )
    build(home, ["marts"])
    rows = {
        row[0]: row[1:]
        for row in home.execute(
            "select submission, status, reasons, quarantined_orders, quarantined_enrollment from marts.submission"
        ).fetchall()
    }
    assert rows["s1"][0] == "superseded"
    assert rows["s2"][0] == "accepted_with_warnings"
    assert rows["s2"][2:] == (4, 1)
    assert [reason["rule_id"] for reason in json.loads(rows["s2"][1])] == ["V08"]
    assert rows["s3"][0] == "refused"
    (reason,) = json.loads(rows["s3"][1])
    assert (reason["rule_id"], reason["en"], reason["file"], reason["line"]) == (
        "S02",
        'digest "differs"',
        "a\\b.csv",
        7,
    )
    assert json.loads(rows["s1"][1]) == []


def test_unit_day_expects_by_register_and_else_from_the_first_accepted_date(
    home: duckdb.DuckDBPyConnection,
) -> None:
    home.execute(
        "insert into staging.submission (version_id, submission, platform_code, province_code, business_date, sequence, status, is_same_sequence, known_at) "
        "values ('v', 's', 'P02', '310000', '2025-10-06', 1, 'accepted', false, '2025-10-07 02:00:00')"
    )
    home.execute("insert into ref.expected_submissions values ('P01', '110000', '2025-10-05', '2025-10-07')")
    build(home, ["marts"])
    rows = home.execute(
        "select platform_code, cast(business_date as varchar), is_due, is_accepted from marts.unit_day order by 1, 2"
    ).fetchall()
    assert rows == [
        ("P01", "2025-10-05", True, False), ("P01", "2025-10-06", True, False),
        ("P02", "2025-10-06", True, True), ("P02", "2025-10-07", True, False),
    ]  # fmt: skip


def test_version_day_settles_at_night_30(home: duckdb.DuckDBPyConnection) -> None:
    home.execute("update checks.clock set now = '2025-12-31 08:00:00', night = '2025-12-30'")
    day = date(2025, 10, 6)
    for number, (night, orders) in enumerate(
        ((day, 10), (day + timedelta(days=30), 12), (day + timedelta(days=31), 99)), start=1
    ):
        home.execute(
            "insert into staging.submission (version_id, submission, platform_code, province_code, business_date, sequence, status, is_same_sequence, known_at, night, rows_orders) "
            "values (?, ?, 'P02', '310000', ?, ?, 'superseded', false, ?, ?, ?)",
            [f"v{number}", f"s{number}", day, number, datetime.combine(night, datetime.min.time()) + timedelta(hours=26), night, orders],
        )  # fmt: skip
    build(home, ["marts"])
    rows = home.execute(
        "select orders, is_first, is_settled, is_open from marts.version_day order by sequence"
    ).fetchall()
    assert rows == [(10, True, False, False), (12, False, True, False), (99, False, False, False)]


def test_a_case_finds_its_claim_by_order_else_by_person_within_the_days(
    home: duckdb.DuckDBPyConnection,
) -> None:
    injured = datetime(2025, 10, 1, 12)
    claim = "insert into core.claims (platform_code, province_code, claim_id, programme, business_date, injured_at, reported_at, person, order_id, injury_city_code) values ('P02', '310000', ?, 'oip', '2025-10-06', ?, ?, ?, ?, '310100')"
    home.execute(claim, ["k1", injured, injured, "T1", "o1"])
    home.execute(claim, ["k2", injured, injured, "T2", None])
    case = "insert into staging.agency_case (case_no, platform_code, person, order_id, injured_at, received_at, known_at, file, row_no) values (?, 'P02', ?, ?, ?, ?, ?, 'f', 1)"
    for case_no, person, order, at in (
        ("c1", "T9", "o1", injured + timedelta(days=20)), ("c2", "T2", None, injured + timedelta(days=3)),
        ("c3", "T2", None, injured + timedelta(days=3, seconds=1)), ("c4", "T1", "o7", injured),
    ):  # fmt: skip
        home.execute(case, [case_no, person, order, at, at, at])
    build(home, ["marts"])
    rows = home.execute(
        "select case_no, claim_id, province_code from marts.agency_case order by 1"
    ).fetchall()
    assert rows == [("c1", "k1", "310000"), ("c2", "k2", "310000"), ("c3", None, ""), ("c4", None, "")]
