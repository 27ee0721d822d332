"""Dated parameters: the law's numbers at a date, and that a careless file is refused by name."""

import re
from datetime import date
from decimal import Decimal
from pathlib import Path

import duckdb
import pytest

from warehouse.parameters import FOLDER, digest, load, load_into
from warehouse.reference import FOLDER as REGISTERS
from warehouse.standard import load as standard
from warehouse.strict_yaml import StrictError

BEFORE, AFTER = date(2025, 6, 30), date(2025, 7, 1)
GOOD = """id: late_fee
title_zh: 滞纳金
title_en: Late fee
unit: share/day
values:
  - {value: "0.0005", valid_from: 2022-07-01, valid_to: 2025-07-01, grade: A, source: 某文}
  - {value: "0.0004", valid_from: 2025-07-01, valid_to: null, grade: V, source: 另文}
"""


def number(name: str, key: str, day: date) -> Decimal | None:
    (parameter,) = (p for p in load() if p.id == name)
    value = parameter.at(day, key)
    return value.number if value else None


@pytest.mark.parametrize(
    ("key", "day", "expected"),
    [
        ("ride_hailing/all", date(2022, 6, 30), None),
        ("ride_hailing/all", date(2022, 7, 1), "0.04"),
        ("ride_hailing/all", BEFORE, "0.04"),
        ("ride_hailing/all", AFTER, "0.01"),
        ("food_delivery/all", BEFORE, "0.06"),
        ("food_delivery/all", AFTER, None),
        ("instant_delivery/all", BEFORE, "0.04"),
        ("instant_delivery/all", AFTER, None),
        ("instant_delivery/new", BEFORE, None),
        ("instant_delivery/new", AFTER, "0.07"),
        ("instant_delivery/early", AFTER, "0.07"),
        ("instant_delivery/early_high", AFTER, "0.25"),
        ("intracity_freight/all", BEFORE, "0.20"),
        ("intracity_freight/all", AFTER, "0.18"),
    ],
)
def test_premium_of_an_order_by_its_date(key: str, day: date, expected: str | None) -> None:
    assert number("premium_rate", key, day) == (Decimal(expected) if expected else None)


@pytest.mark.parametrize(
    ("name", "key", "expected"),
    [
        ("submission_deadline", "", "6"),
        ("future_tolerance", "", "10"),
        ("order_duration", "min", "60"),
        ("order_duration", "max", "86400"),
        ("speed_bound", "ride_hailing", "150"),
        ("speed_bound", "instant_delivery", "80"),
        ("speed_bound", "intracity_freight", "120"),
        ("parallel_bound", "ride_hailing", "3"),
        ("parallel_bound", "instant_delivery", "15"),
        ("injury_window", "", "30"),
        ("contribution_tolerance", "", "0.02"),
        ("row_defect_share", "", "0.001"),
        ("handling_days", "confirm/standard", "30"),
        ("handling_days", "confirm/clear", "7"),
        ("handling_days", "confirm/minor", "2"),
        ("handling_days", "pay/minor", "5"),
        ("handling_days", "total/standard", "15"),
        ("application_days", "platform", "30"),
        ("application_days", "person", "90"),
        ("minor_injury_cap", "", "3000"),
        ("benefit_cap", "yilubao", "400000"),
        ("benefit_cap", "weigongka", "800000"),
        ("benefit_cap_year", "union_shanghai", "90800"),
        ("late_fee_rate", "", "0.0005"),
        ("claims_provisional_days", "", "120"),
        ("pension_subsidy", "months_required", "3"),
    ],
)
def test_the_numbers_of_the_design(name: str, key: str, expected: str) -> None:
    assert number(name, key, date(2025, 11, 1)) == Decimal(expected)


def test_cover_follows_the_kind_of_work() -> None:
    (cover,) = (p for p in load() if p.id == "cover_programmes")
    by_work: dict[str, set[str]] = {}
    for value in cover.values:
        work, programme = value.key.split("/")
        by_work.setdefault(work, set()).add(programme)
    assert by_work == {
        "order": {"oip", "employee_insurance"},
        "shift": {"weigongka", "yilubao", "employee_insurance"},
        "other": {"yilubao", "employee_insurance"},
    }


def test_keys_name_industries_programmes_and_provinces_that_exist() -> None:
    industries, programmes = set(standard().codes["industry"]), set(standard().codes["programme"])
    provinces = {
        line.split(",")[0] for line in (REGISTERS / "province.csv").read_text("utf-8").splitlines()[1:]
    }
    for parameter in load():
        for value in parameter.values:
            if parameter.id == "premium_rate":
                industry, tier = value.key.split("/")
                assert industry in industries and tier in {"all", "new", "early", "early_high"}
            if parameter.id in ("speed_bound", "parallel_bound"):
                assert value.key in industries
            if parameter.id in ("benefit_cap", "benefit_cap_year", "maximum_age"):
                assert value.key in programmes
            if parameter.id in ("float_in_force", "high_tier_ratio"):
                assert value.key in provinces


def test_every_value_is_graded_sourced_and_assumptions_say_so() -> None:
    for parameter in load():
        for value in parameter.values:
            assert value.grade in "SVWA" and value.source
            if value.grade in "SV":
                assert "项目约定" not in value.source, f"{parameter.id} {value.key}: a convention is grade A"


def test_table_has_text_and_numbers() -> None:
    connection = duckdb.connect()
    assert load_into(connection) == digest()
    described = connection.execute("describe ref.parameter").fetchall()
    assert [(row[0], row[1]) for row in described] == [
        ("parameter", "VARCHAR"),
        ("key", "VARCHAR"),
        ("value", "VARCHAR"),
        ("number", "DECIMAL(18,6)"),
        ("valid_from", "DATE"),
        ("valid_to", "DATE"),
        ("unit", "VARCHAR"),
        ("grade", "VARCHAR"),
        ("source", "VARCHAR"),
    ]
    text = "select key, value, number from ref.parameter where parameter = 'early_platform_until'"
    assert connection.execute(text).fetchall() == [("", "2025-07-01", None)]
    high = "select number from ref.parameter where key = 'instant_delivery/early_high'"
    assert connection.execute(high).fetchall() == [(Decimal("0.250000"),)]
    titles = connection.execute("select count(*) from ref.parameter_title").fetchone()
    assert titles == (len(load()),)


def test_a_good_file_is_read(tmp_path: Path) -> None:
    (tmp_path / "late_fee.yaml").write_text(GOOD, encoding="utf-8")
    (parameter,) = load(tmp_path)
    first = parameter.at(BEFORE)
    second = parameter.at(AFTER)
    assert first and second and (first.value, second.value) == ("0.0005", "0.0004")
    assert parameter.at(date(2022, 6, 30)) is None


@pytest.mark.parametrize(
    ("old", "new", "complaint"),
    [
        ("unit:", "units:", "unknown key units"),
        ("unit: share/day\n", "unit: share/day\nunit: x\n", "'unit' is given twice"),
        ("id: late_fee", "id: late_fees", "differs from the file's name"),
        ("grade: A, ", "", "missing key grade"),
        (", source: 某文", "", "missing key source"),
        ("source: 某文", 'source: " "', "expected text"),
        ("grade: A", "grade: B", "grade 'B' (expected S, V, W, A)"),
        ('value: "0.0005"', "value: 0.0005", "expected text, found 0.0005"),
        ("valid_to: 2025-07-01", "valid_to: 2025-07-02", "overlapping periods at 2025-07-01"),
        ("valid_to: 2025-07-01", "valid_to: null", "overlapping periods at 2025-07-01"),
        ("valid_to: 2025-07-01", "valid_to: 2022-07-01", "is not after valid_from"),
        ("valid_from: 2022-07-01", "valid_from: 2022-07-01 06:00:00", "must be a date"),
        ("valid_from: 2022-07-01", 'valid_from: "2022-07"', "must be a date"),
        ("values:", "values: [", "not YAML"),
    ],
)
def test_a_careless_file_is_refused(tmp_path: Path, old: str, new: str, complaint: str) -> None:
    assert old in GOOD
    (tmp_path / "late_fee.yaml").write_text(GOOD.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(StrictError, match=re.escape(complaint)) as caught:
        load(tmp_path)
    assert "late_fee.yaml" in str(caught.value)


def test_the_digest_changes_with_any_file(tmp_path: Path) -> None:
    for path in FOLDER.glob("*.yaml"):
        (tmp_path / path.name).write_bytes(path.read_bytes())
    assert digest(tmp_path) == digest()
    (tmp_path / "late_fee_rate.yaml").write_bytes(b"#\n" + (tmp_path / "late_fee_rate.yaml").read_bytes())
    assert digest(tmp_path) != digest()
