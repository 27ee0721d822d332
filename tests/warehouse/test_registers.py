"""The registers' reader: strict, and its complaints name file, line, column, value and what is expected."""

import hashlib
from datetime import date
from decimal import Decimal
from pathlib import Path

import duckdb
import pytest

from warehouse.reference import REGISTERS, RegisterError, load, read, read_all, seed


@pytest.fixture
def registers(tmp_path: Path) -> Path:
    folder = tmp_path / "registers"
    assert seed(folder) == list(REGISTERS)
    return folder


def append(folder: Path, name: str, *lines: str) -> None:
    path = folder / f"{name}.csv"
    path.write_text(
        path.read_text(encoding="utf-8") + "".join(f"{line}\n" for line in lines), encoding="utf-8"
    )


def test_seed_copies_only_what_is_missing(registers: Path) -> None:
    append(registers, "expected_submissions", "P02,310000,2025-07-01,")
    before = (registers / "expected_submissions.csv").read_bytes()
    (registers / "city.csv").unlink()
    assert seed(registers) == ["city"]
    assert seed(registers) == []
    assert (registers / "expected_submissions.csv").read_bytes() == before
    assert sorted(path.name for path in registers.iterdir()) == sorted(f"{name}.csv" for name in REGISTERS)


def test_load_types_every_register_and_returns_its_hash(registers: Path) -> None:
    append(registers, "platform_tiers", "P02,310000,0.2500,2025-07-01,")
    connection = duckdb.connect()
    hashes = load(connection, registers)
    assert hashes["city"] == hashlib.sha256((registers / "city.csv").read_bytes()).hexdigest()
    for name, register in REGISTERS.items():
        described = connection.execute(f"describe ref.{name}").fetchall()
        assert [(row[0], row[1]) for row in described] == [(c.name, c.sql_type) for c in register.columns]
        counted = connection.execute(f"select count(*) from ref.{name}").fetchone()
        assert counted == (len(read(registers, name).rows),)
    tier = connection.execute("select * from ref.platform_tiers").fetchall()
    assert tier == [("P02", "310000", Decimal("0.2500"), date(2025, 7, 1), None)]


def test_load_twice_replaces(registers: Path) -> None:
    connection = duckdb.connect()
    first = load(connection, registers)
    append(registers, "rule_switches", "X03,false,2025-07-01,,试运行")
    second = load(connection, registers)
    assert {name for name in first if first[name] != second[name]} == {"rule_switches"}
    assert connection.execute("select rule_id, enabled from ref.rule_switches").fetchall() == [("X03", False)]


def test_columns_in_any_order_a_bom_and_crlf_are_read(registers: Path) -> None:
    (registers / "rule_switches.csv").write_bytes(
        "\ufeffreason,rule_id,enabled,valid_to,valid_from\r\n试运行,X03,true,,\r\n".encode()
    )
    assert read(registers, "rule_switches").rows == (("X03", True, None, None, "试运行"),)


@pytest.mark.parametrize(
    ("name", "line", "complaint"),
    [
        ("expected_submissions", "P02,310000,2025-13-01,", 'line 2: valid_from "2025-13-01" is not valid (expected YYYY-MM-DD)'),
        ("expected_submissions", "P02,310000,20250701,", 'valid_from "20250701"'),
        ("expected_submissions", "P02,,2025-07-01,", 'province_code "" is not valid (expected text, not empty)'),
        ("expected_submissions", "P02,310000,2025-07-01", "line 2: 3 cells (expected 4)"),
        ("expected_submissions", "P99,310000,,", 'platform_code "P99" is unknown (expected in platform.csv or submitters.csv)'),
        ("expected_submissions", "P02,310000,2025-07-02,2025-07-02", "is not after valid_from"),
        ("platform_tiers", "P02,310000,0.25001,,", "premium_yuan"),
        ("platform_tiers", "P02,310000,1e3,,", "expected a decimal with at most 8 digits before and 4 after"),
        ("platform_tiers", "P02,310000,123456789,,", "premium_yuan"),
        ("rule_switches", "X03,yes,,,x", 'enabled "yes" is not valid (expected true or false)'),
        ("platform_keys", "P02,k1,rsa,AAAA,,", 'algorithm "rsa" is not valid (expected one of ed25519)'),
        ("population", "110000,2019,1.00,x", "province_code 110000, year 2019 repeats line 2"),
        ("population", "110000,two,1.00,x", 'year "two" is not valid (expected a whole number)'),
        ("platform", "P01,甲,A,91990001100079385Y,ride_hailing,2022-07-01,2025-01-01,,V,", "overlaps line 2"),
    ],
)  # fmt: skip
def test_a_bad_line_is_named(registers: Path, name: str, line: str, complaint: str) -> None:
    append(registers, name, line)
    with pytest.raises(RegisterError) as caught:
        read_all(registers)
    assert complaint in str(caught.value)
    assert str(caught.value).startswith(f"{name}.csv line ")


@pytest.mark.parametrize(
    ("second", "clash"),
    [
        ("P02,310000,2025-08-01,2025-09-01", False),  # 相接 → silent
        ("P02,310000,2025-07-31,2025-09-01", True),  # 重叠一日
        ("P02,320000,2025-07-01,", False),  # another key
        ("P02,310000,,2025-07-01", False),  # open to the left, ends where the other begins
        ("P02,310000,,2025-07-02", True),
    ],
)
def test_dated_rows_of_one_key_may_touch_but_not_overlap(registers: Path, second: str, clash: bool) -> None:
    append(registers, "expected_submissions", "P02,310000,2025-07-01,2025-08-01", second)
    if clash:
        with pytest.raises(
            RegisterError, match="line 3: platform_code P02, province_code 310000 overlaps line 2"
        ):
            read(registers, "expected_submissions")
    else:
        assert len(read(registers, "expected_submissions").rows) == 2


def test_every_problem_is_told_at_once(registers: Path) -> None:
    append(registers, "expected_submissions", "P02,310000,x,", "P02,310000,y,")
    append(registers, "rule_switches", "X03,maybe,,,x")
    with pytest.raises(RegisterError) as caught:
        read_all(registers)
    assert len(str(caught.value).splitlines()) == 3


@pytest.mark.parametrize(
    ("content", "complaint"),
    [
        ("规则".encode("gb18030"), "not UTF-8"),
        (b"", "line 1: columns"),
        (b"rule_id,enabled\n", "expected rule_id,enabled,valid_from,valid_to,reason"),
        (b"rule_id,enabled,valid_from,valid_to,reason,rule_id\n", "line 1: columns"),
        (b'rule_id,enabled,valid_from,valid_to,reason\n"X03', "not CSV"),
    ],
)
def test_an_unreadable_file_is_refused(registers: Path, content: bytes, complaint: str) -> None:
    (registers / "rule_switches.csv").write_bytes(content)
    with pytest.raises(RegisterError, match=complaint):
        read(registers, "rule_switches")


def test_a_missing_file_is_refused_and_nothing_is_written(registers: Path) -> None:
    (registers / "rule_switches.csv").unlink()
    connection = duckdb.connect()
    with pytest.raises(RegisterError, match=r"rule_switches\.csv: missing"):
        load(connection, registers)
    assert connection.execute("select count(*) from information_schema.tables").fetchone() == (0,)
