"""The loader of rules: what it reads, and everything it refuses, by name."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path

import pytest
from sqlglot import exp, parse_one

from checks import catalogue
from checks.cases import matches
from checks.catalogue import FOLDER, NEEDS, load, parse_rule
from warehouse.parameters import load as load_parameters
from warehouse.standard import load as load_standard
from warehouse.strict_yaml import StrictError

HEADER = """\
id: X99
version: 1
title_zh: 示例
title_en: example
consequence: breach
dimension: validity
responsible: platform
basis: {text: 项目约定, grade: A}
effective: [2025-07-01, null]
needs: [orders]
parameters: [order_duration]
evidence: [submission, order_id]
message_zh: 请更正。
message_en: Correct it.
defaults:
  staging.orders: {platform_code: P02}
cases:
  - {when: 命中, staging.orders: [{order_id: o1, status: completed}], expect: [{order_id: o1}]}
  - {when: 不命中, staging.orders: [{order_id: o1}], expect: []}
  - {when: 恰在界上, boundary: true, staging.orders: [{order_id: o1}], expect: []}
"""
SQL = """\
with bound as (
    select number,
    from ref.parameter
    where parameter = 'order_duration'
)

select platform_code, province_code, business_date, submission, order_id,
from staging.orders
cross join bound
where status = 'completed'
"""


def rule(header: str = HEADER, sql: str = SQL, name: str = "X99_example.sql") -> catalogue.Rule:
    return parse_rule(f"/* ---\n{header}--- */\n{sql}", Path(name))


def test_a_rule_is_read() -> None:
    read = rule()
    assert (read.id, read.version, read.consequence, read.needs) == ("X99", 1, "breach", ("orders",))
    assert (read.effective_from, read.effective_to) == (date(2025, 7, 1), None)
    assert read.reads == {"ref.parameter", "staging.orders"}
    assert read.parameters == ("order_duration",)
    assert read.checked == "orders"
    assert read.columns == ("platform_code", "province_code", "business_date", "submission", "order_id")
    assert [case.is_boundary for case in read.cases] == [False, False, True]
    assert dict(read.cases[0].tables["staging.orders"][0]) == {
        "platform_code": "P02", "order_id": "o1", "status": "completed",
    }  # fmt: skip
    assert not read.is_effective(date(2025, 6, 30)) and read.is_effective(date(2025, 7, 1))


@pytest.mark.parametrize(
    ("old", "new", "complaint"),
    [
        ("title_zh: 示例", "titel_zh: 示例", "unknown key titel_zh"),
        ("version: 1\n", "version: 1\nversion: 2\n", "'version' is given twice"),
        ("message_en: Correct it.\n", "", "missing key message_en"),
        ("message_en: Correct it.", "message_en: ''", "message_en: expected text"),
        ("id: X99", "id: X98", "differs from the file's name"),
        ("version: 1", "version: one", "version must be a whole number"),
        ("version: 1", "version: true", "version must be a whole number"),
        ("consequence: breach", "consequence: fine", "'fine' is none of refuse, quarantine"),
        ("dimension: validity", "dimension: beauty", "'beauty' is none of completeness"),
        ("responsible: platform", "responsible: nobody", "'nobody' is none of platform"),
        ("grade: A", "grade: B", "'B' is none of S, V, W, A"),
        ("basis: {text: 项目约定, grade: A}", "basis: 项目约定", "expected a mapping"),
        ("[2025-07-01, null]", "[2025-07-01]", "effective must be"),
        ("[2025-07-01, null]", "[July, null]", "effective must be"),
        ("[2025-07-01, null]", "[2025-07-01, 2025-07-01]", "ends (2025-07-01) before it begins"),
        ("needs: [orders]", "needs: [order]", "order is none of package, enrollment"),
        ("needs: [orders]", "needs: []", "needs: expected a list"),
        ("needs: [orders]", "needs: [orders, orders]", "orders is given twice"),
        ("needs: [orders]", "needs: [orders]\nchecked: rows", "'rows' is none of package"),
        ("[submission, order_id]", "[submission, order_id, serial]", "declared only ['serial']"),
        ("[submission, order_id]", "[submission]", "returned only ['order_id']"),
        ("[submission, order_id]", "[submission, order_id, amount_yuan]", "amount_yuan is not returned"),
        ("parameters: [order_duration]", "parameters: []", "used only ['order_duration']"),
        ("[order_duration]", "[order_duration, speed_bound]", "declared only ['speed_bound']"),
        ("expect: [{order_id: o1}]", "expect: []", "needs a case that fires"),
        ("  - {when: 不命中, staging.orders: [{order_id: o1}], expect: []}\n", "", "needs a silent case"),
        ("boundary: true", "boundary: false", "needs a boundary case"),
        ("boundary: true", "boundary: maybe", "boundary: expected true or false"),
        ("expect: [{order_id: o1}]", "expect: [{serial: 1}]", "the SELECT does not return serial"),
        ("expect: [{order_id: o1}]", "expect: {order_id: o1}", "expected a list of rows"),
        ("when: 命中", "wenn: 命中", "unknown key wenn"),
        ("staging.orders: [{order_id: o1, s", "core.cover: [{order_id: o1, s", "does not read core.cover"),
        ("  staging.orders: {platform_code: P02}", "  core.cover: {}", "does not read core.cover"),
    ],
)  # fmt: skip
def test_a_wrong_header_is_refused(old: str, new: str, complaint: str) -> None:
    assert old in HEADER
    with pytest.raises(StrictError, match=re.escape(complaint)) as error:
        rule(HEADER.replace(old, new, 1))
    assert "X99_example.sql" in str(error.value)


@pytest.mark.parametrize(
    ("old", "new", "complaint"),
    [
        ("order_id,\n", "order_id, *,\n", "spell the columns out"),
        ("platform_code, ", "", "lacks platform_code"),
        ("business_date, ", "", "lacks business_date"),
        ("staging.orders", "orders", "reads 'orders'"),
        ("staging.orders", "ops.run", "reads 'ops.run'"),
        ("where status = 'completed'\n", "where status = 'completed';\nselect 1\n", "exactly one SELECT"),
        ("select platform_code", "delete platform_code", "X99_example.sql"),
        ("'order_duration'", "'order_durations'", "used only ['order_durations']"),
    ],
)
def test_a_wrong_select_is_refused(old: str, new: str, complaint: str) -> None:
    assert old in SQL
    with pytest.raises(StrictError, match=re.escape(complaint)):
        rule(sql=SQL.replace(old, new, 1))


@pytest.mark.parametrize(
    "name", ["X99.sql", "x99_example.sql", "X9_example.sql", "X99_Example.sql", "X99-a.sql"]
)
def test_a_wrong_file_name_is_refused(name: str) -> None:
    with pytest.raises(StrictError, match="is called like X01_order_without_cover"):
        rule(name=name)


def test_a_file_without_header_is_refused() -> None:
    with pytest.raises(StrictError, match="must begin with a header"):
        parse_rule(SQL, Path("X99_example.sql"))


def _write(folder: Path, name: str, version: int, effective: str) -> None:
    header = HEADER.replace("version: 1", f"version: {version}").replace("[2025-07-01, null]", effective)
    (folder / name).write_text(f"/* ---\n{header}--- */\n{SQL}", encoding="utf-8")


def test_versions_follow_each_other(tmp_path: Path) -> None:
    _write(tmp_path, "X99_example.sql", 1, "[2025-07-01, 2025-10-01]")
    _write(tmp_path, "X99_example_2.sql", 2, "[2025-10-01, null]")
    assert [read.version for read in load(tmp_path)] == [1, 2]


@pytest.mark.parametrize(
    ("version", "effective", "complaint"),
    [
        (2, "[2025-09-30, null]", "versions 1 and 2 are in force on one date"),
        (2, "[null, null]", "higher number and later dates"),
        (1, "[2025-10-01, null]", "higher number and later dates"),
    ],
)
def test_versions_that_collide_are_refused(
    tmp_path: Path, version: int, effective: str, complaint: str
) -> None:
    _write(tmp_path, "X99_example.sql", 1, "[2025-07-01, 2025-10-01]")
    _write(tmp_path, "X99_example_2.sql", version, effective)
    with pytest.raises(StrictError, match=complaint):
        load(tmp_path)


def test_every_problem_is_told_at_once(tmp_path: Path) -> None:
    (tmp_path / "X01_a.sql").write_text("select 1", encoding="utf-8")
    (tmp_path / "X02_b.sql").write_text("select 1", encoding="utf-8")
    with pytest.raises(StrictError) as error:
        load(tmp_path)
    assert "X01_a.sql" in str(error.value) and "X02_b.sql" in str(error.value)


@pytest.mark.parametrize(
    ("expected", "rows", "fits"),
    [
        ([], [], True),
        ([], [{"a": 1}], False),
        ([{"a": 1}], [{"a": 1, "b": 2}], True),
        ([{"a": 0.5}], [{"a": "0.50"}], False),
        ([{"a": None}], [{"a": None}], True),
        ([{"a": None}], [{"a": 0}], False),
        ([{"a": date(2025, 10, 1)}], [{"a": "2025-10-01"}], True),
        # the vague expectation must not take the row that the exact one needs
        ([{"a": 1}, {"a": 1, "b": 2}], [{"a": 1, "b": 2}, {"a": 1, "b": 3}], True),
        ([{"a": 1}, {"a": 1}], [{"a": 1, "b": 2}], False),
    ],
)
def test_expected_rows_stand_for_one_row_each(
    expected: list[dict[str, object]], rows: list[dict[str, object]], fits: bool
) -> None:
    assert matches(expected, rows) is fits


# -- the catalogue as it stands -------------------------------------------------------------------------


def test_parameters_of_rules_exist() -> None:
    known = {parameter.id for parameter in load_parameters()}
    missing = {(read.id, name) for read in load() for name in read.parameters if name not in known}
    assert not missing


def test_needs_are_read_or_stand_for_a_package() -> None:
    assert all(re.fullmatch(r"(staging|ref|releases)\.\w+", need.table) for need in NEEDS.values())


def test_code_lists_in_sql_are_those_of_the_standard() -> None:
    """S08 spells the standard's code lists out (they are no register): keep the two alike."""
    standard = load_standard()
    sql = next(read.sql for read in load() if read.id == "S08")
    found: dict[str, set[str]] = {}
    for membership in parse_one(sql, read="duckdb").find_all(exp.In):
        codes = {literal.this for literal in membership.expressions if isinstance(literal, exp.Literal)}
        if codes:
            found.setdefault(membership.this.name, set()).update(codes)
    registers = {"industry", "programme"}
    listed = {
        column.name: set(standard.codes[column.codes])
        for extract in standard.extracts.values()
        for column in extract.columns
        if column.codes is not None and column.codes in standard.codes and column.codes not in registers
    }
    assert found == listed


def test_no_rate_or_bound_of_law_in_sql() -> None:
    """Decimal numbers belong into ref.parameter; what stands here is a tolerance of rounding (one fen)."""
    loose = {
        (read.id, literal.this)
        for read in load()
        for literal in parse_one(read.sql, read="duckdb").find_all(exp.Literal)
        if not literal.is_string and "." in literal.this
    }
    assert loose <= {("P04", "0.01")}


def test_dates_are_the_event_s() -> None:
    for read in load():
        assert not re.search(r"current_date|current_timestamp|\bnow\(\)|today\(\)", read.sql), read.path.name


def test_every_file_is_loaded() -> None:
    assert len(load()) == len(list(FOLDER.glob("*.sql")))
