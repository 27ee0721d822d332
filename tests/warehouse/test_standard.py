"""The standard as data: what it says, and that a malformed file is refused by name."""

import csv
import re
from pathlib import Path
from typing import Any

import pytest

from warehouse import reference
from warehouse.standard import FOLDER, REGISTER_CODES, dictionary, load, parse, versions
from warehouse.strict_yaml import StrictError
from warehouse.strict_yaml import parse as parse_yaml

TEXT = (FOLDER / "v1.0.yaml").read_text(encoding="utf-8")


def altered(old: str, new: str) -> Any:
    assert TEXT.count(old) >= 1, f"the test's own text is stale: {old}"
    return parse(parse_yaml(TEXT.replace(old, new, 1), "v1.0.yaml"), "v1.0.yaml")


def test_three_extracts_with_the_columns_of_the_page() -> None:
    standard = load()
    assert versions() == ("1.0",)
    assert {name: len(extract.columns) for name, extract in standard.extracts.items()} == {
        "enrollment": 20,
        "orders": 14,
        "claims": 21,
    }
    assert standard.extracts["orders"].key == ("order_id",)
    assert standard.extracts["orders"].mandatory == (
        "order_id",
        "serial",
        "work_type",
        "worker_id",
        "industry",
        "city_code",
        "accepted_at",
        "status",
        "worker_income_yuan",
        "premium_yuan",
    )


@pytest.mark.parametrize(
    ("extract", "column", "sql_type"),
    [
        ("orders", "order_id", "VARCHAR"),
        ("orders", "serial", "BIGINT"),
        ("orders", "accepted_at", "TIMESTAMP"),
        ("orders", "premium_yuan", "DECIMAL(12,4)"),
        ("claims", "benefit_yuan", "DECIMAL(14,2)"),
        ("enrollment", "id_number", "VARCHAR"),
    ],
)
def test_sql_types(extract: str, column: str, sql_type: str) -> None:
    assert load().extracts[extract].column(column).sql_type == sql_type


def test_witness_files_have_their_names_and_tables() -> None:
    files = load().witness_files
    assert {name: extract.table for name, extract in files.items()} == {
        "witness": "witness",
        "worker_checks": "worker_check",
        "agency_cases": "agency_case",
        "disputes": "dispute",
        "pulse": "pulse",
    }
    names = {
        "witness": "witness-hotline_12333-20251101.csv",
        "worker_checks": "worker-checks-20251101.csv",
        "agency_cases": "agency-cases-20251101.csv",
        "disputes": "disputes-20251101.csv",
        "pulse": "pulse-P02-310000-2025110123.json",
    }
    for kind, extract in files.items():
        assert extract.file_pattern is not None
        matching = [k for k, name in names.items() if re.fullmatch(extract.file_pattern, name)]
        assert matching == [kind]


def test_package_name_gives_its_parts() -> None:
    match = re.fullmatch(load().package_name, "P02-310000-20251001-1")
    assert match and match.groupdict() == {
        "platform_code": "P02",
        "province_code": "310000",
        "business_date": "20251001",
        "sequence": "1",
    }
    assert not re.fullmatch(load().package_name, "P02-310000-20251001-0")


@pytest.mark.parametrize("name", ["industry", "programme"])
def test_code_lists_and_registers_agree(name: str) -> None:
    with (reference.FOLDER / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        register = {row[name]: (row["name_zh"], row["name_en"]) for row in csv.DictReader(file)}
    assert set(load().codes[name]) == set(register)


def test_every_code_list_is_used_and_every_used_one_exists() -> None:
    standard = load()
    tables = [*standard.extracts.values(), *standard.witness_files.values()]
    columns = [column for table in tables for column in table.columns]
    manifest = standard.manifest
    columns += [*manifest.keys, *manifest.reason, *manifest.signature, *manifest.extract]
    used = {column.codes for column in columns if column.codes}
    assert used - set(REGISTER_CODES) == set(standard.codes)


@pytest.mark.parametrize(
    ("old", "new", "complaint"),
    [
        ("{name: serial, type: integer,", "{name: serial, typ: integer,", "unknown key typ"),
        ("{name: serial, type: integer,", "{name: serial, name: x, type: integer,", "'name' is given twice"),
        ("{name: serial, type: integer,", "{name: serial, type: number,", "unknown type 'number'"),
        (
            "{name: serial, type: integer,",
            "{name: order_id, type: integer,",
            "column order_id is given twice",
        ),
        ("type: code, codes: action,", "type: code, codes: actions,", "found 'actions'"),
        ("precision: 12, scale: 4,", "precision: 12,", "precision and scale belong"),
        ("nullable: false,", 'nullable: "no",', "nullable must be true or false"),
        ("key: [order_id]", "key: [order_number]", "order_number is no column"),
        ("title_zh: 订单", "title: 订单", "unknown key title"),
        ("  claims:\n    title_zh", "  claim:\n    title_zh", "expected enrollment, orders, claims"),
        ('version: "1.0"', "version: 1.0", "expected text, found 1.0"),
        ("start: {zh: 开始, en: start}", "start: {zh: 开始}", "missing key en"),
        ("start: {zh: 开始, en: start}", "on: {zh: 开始, en: start}", "must be text"),
    ],
)
def test_malformed_standard_is_refused(old: str, new: str, complaint: str) -> None:
    with pytest.raises(StrictError, match=re.escape(complaint)) as caught:
        altered(old, new)
    assert "v1.0.yaml" in str(caught.value)


def test_unknown_version_is_refused() -> None:
    with pytest.raises(StrictError, match=r"known: 1\.0"):
        load("9.9")


@pytest.mark.parametrize("language", ["zh", "en"])
def test_dictionary_is_up_to_date(language: str) -> None:
    path = Path(__file__).parents[2] / "docs" / f"data-dictionary.{dictionary.LANGUAGES[language]}.md"
    assert path.read_text(encoding="utf-8") == dictionary.render(language), (
        "run python -m warehouse.standard.dictionary docs"
    )


def test_dictionary_names_every_column_and_code_in_both_languages() -> None:
    standard = load()
    pages = {language: dictionary.render(language) for language in ("zh", "en")}
    for table in [*standard.extracts.values(), *standard.witness_files.values()]:
        for column in table.columns:
            assert f"| `{column.name}` |" in pages["zh"] and column.zh.replace("|", "\\|") in pages["zh"]
            assert column.en in pages["en"]
    for codes in standard.codes.values():
        for code in codes.values():
            assert f"| `{code.code}` | {code.zh} |" in pages["zh"]
            assert f"| `{code.code}` | {code.en} |" in pages["en"]


def test_dictionary_in_another_language_is_refused() -> None:
    with pytest.raises(ValueError, match="expected zh, en"):
        dictionary.render("fr")
