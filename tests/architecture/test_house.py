"""Who may import whom, what SQL may read, and what may stand in no file: parsed, not trusted."""

from __future__ import annotations

import ast
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import sqlglot
from sqlglot import exp

from checks import catalogue
from warehouse.build import framed, models

ROOT = Path(__file__).parents[2]
HOUSES = ("warehouse", "checks", "pipelines", "dashboards", "data_samples", "tests")
# house → what of ours it may import
ARROWS = {
    "warehouse": {"warehouse"},
    "checks": {"checks", "warehouse"},
    "dashboards": {"dashboards", "warehouse"},
    "data_samples": {"data_samples", "warehouse"},
    "pipelines": {"pipelines", "checks", "warehouse"},
}
DOORS = {"pipelines/cli.py", "pipelines/benchmark.py"}  # may import all
SQL_READS = {
    "ref": {"ref"},
    "staging": {"lake", "ref", "staging", "build"},
    "core": {"staging", "core", "ref", "build", "ops"},
    "marts": {"marts", "core", "checks", "ref", "staging", "build", "ops"},
    "rules": {"staging", "core", "ref", "checks", "marts"},
}


def python_files(house: str) -> Iterator[Path]:
    yield from sorted((ROOT / house).rglob("*.py"))


def imported(path: Path) -> set[str]:
    """First names of all that a file imports."""
    names: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names |= {alias.name.split(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.level == 0 and node.module:
            names.add(node.module.split(".")[0])
    return names


@pytest.mark.parametrize("house", list(ARROWS))
def test_imports_follow_the_arrows(house: str) -> None:
    wrong = {
        f"{path.relative_to(ROOT)} imports {name}"
        for path in python_files(house)
        if str(path.relative_to(ROOT)) not in DOORS
        for name in imported(path) & set(HOUSES) - ARROWS[house]
    }
    assert not wrong


def test_nobody_imports_tests() -> None:
    doors = [ROOT / door for door in DOORS]
    assert not [path for path in doors if "tests" in imported(path)]


def test_figures_import_nothing_of_ours() -> None:
    for path in (ROOT / "dashboards" / "figures").glob("*.py"):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        modules = [n.module or "" for n in ast.walk(tree) if isinstance(n, ast.ImportFrom)]
        ours = [m for m in modules if m.split(".")[0] in HOUSES and not m.startswith("dashboards.figures")]
        assert not ours, f"{path.name}: {ours}"
        assert "dash" not in imported(path), f"{path.name} imports dash"


def test_only_gx_imports_great_expectations() -> None:
    users = {
        str(path.relative_to(ROOT))
        for house in HOUSES[:-1]
        for path in python_files(house)
        if "great_expectations" in imported(path)
    }
    assert users <= {"checks/gx.py"}


def test_sql_reads_only_what_lies_below_it() -> None:
    wrong = {
        f"{model.name} reads {table}"
        for model in models()
        for table in model.reads
        if table.split(".")[0] not in SQL_READS[model.name.split(".")[0]]
    }
    wrong |= {
        f"{rule.id} reads {table}"
        for rule in catalogue.load()
        for table in rule.reads
        if table.split(".")[0] not in SQL_READS["rules"]
    }
    assert not wrong


def test_marts_do_not_read_what_holds_the_frame_only() -> None:
    wrong = {
        f"{m.name} reads {t}" for m in models() if m.name.startswith("marts.") for t in m.reads & framed()
    }
    assert not wrong


# -- one SQL for two engines -----------------------------------------------------------------------

# what DuckDB and Spark say differently without a word, or only one of them can say (decisions, stack notes)
BANNED_FUNCTIONS = {
    "hash", "dayofweek", "isodow", "dow", "weekday", "quantile_cont", "try_strptime", "strptime", "regexp_full_match",
    "list_extract", "list_value", "struct_pack", "map_from_entries", "read_parquet", "read_csv", "now", "current_date",
    "current_timestamp", "today", "random", "strlen",
}  # fmt: skip


def statements() -> Iterator[tuple[str, Any]]:
    for model in models():
        yield model.name, sqlglot.parse_one(model.sql, read="duckdb")
    for rule in catalogue.load():
        yield rule.id, sqlglot.parse_one(rule.sql, read="duckdb")


def faults(tree: Any) -> set[str]:
    """What a statement says that the two engines would not understand alike."""
    found = set()
    for node in tree.walk():
        if isinstance(node, exp.Anonymous) and node.name.lower() in BANNED_FUNCTIONS:
            found.add(f"{node.name}()")
        elif isinstance(node, (exp.CurrentDate, exp.CurrentTimestamp, exp.CurrentTime)):
            found.add("the wall clock")
        elif isinstance(node, (exp.DayOfWeek, exp.DayOfWeekIso)):
            found.add("day of week (join ref.calendar)")
        elif isinstance(node, exp.Pivot):
            found.add("pivot")
        elif isinstance(node, exp.Lambda):
            found.add("lambda")
        elif isinstance(node, exp.DateDiff) and (node.text("unit") or "day").lower() not in (
            "day",
            "second",
            "days",
            "seconds",
        ):
            found.add(f"date_diff in {node.text('unit')}")
        elif isinstance(node, exp.Extract) and node.name.lower() in ("dow", "isodow", "week"):
            found.add(f"extract {node.name}")
        elif isinstance(node, exp.Join) and str(node.args.get("method") or "").upper() == "ASOF":
            found.add("asof join")
    return found


def test_models_and_rules_speak_the_common_tongue() -> None:
    wrong = {f"{name}: {fault}" for name, tree in statements() for fault in faults(tree)}
    assert not wrong


def test_the_lint_itself_sees_what_it_bans() -> None:
    for sql in (
        "select hash(a) from core.orders",
        "select current_date",
        "select date_diff('month', a, b) from core.orders",
        "select dayofweek(a) from core.orders",
        "select * from core.orders asof join core.cover using (a)",
    ):
        assert faults(sqlglot.parse_one(sql, read="duckdb")), sql


def test_no_legal_number_in_sql() -> None:
    """Rates and bounds live in ref.parameter: SQL holds only 0, 1 and small structural numbers."""
    legal = re.compile(
        r"(?<![\w.])(0\.0[0-9]+|0\.1[0-9]|0\.2[0-9]?|0\.5|3000|90800|400000|800000|150|120)(?![\w.])"
    )
    cents = {"P04": {"0.01"}}  # amounts are compared to the cent, the smallest coin: no legal number
    wrong = {}
    for rule in catalogue.load():
        numbers = {
            n.this
            for n in sqlglot.parse_one(rule.sql, read="duckdb").find_all(exp.Literal)
            if not n.is_string
        }
        found = {number for number in numbers if legal.fullmatch(number)} - cents.get(rule.id, set())
        if found:
            wrong[rule.id] = found
    assert not wrong


# -- what may stand in no file ---------------------------------------------------------------------


def tracked() -> list[Path]:
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=False)
    if listed.returncode:
        pytest.skip("not a git checkout")
    return [ROOT / name for name in listed.stdout.decode().split("\0") if name]


def test_identity_numbers_are_of_area_99_only() -> None:
    shape = re.compile(
        rb"(?<![0-9A-Za-z])([1-8][0-9]{5})(19|20)[0-9]{2}(0[1-9]|1[0-2])[0-3][0-9][0-9]{3}[0-9X](?![0-9A-Za-z])"
    )
    weights = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)

    def is_real(number: bytes) -> bool:
        return (
            b"10X98765432"[sum((d - 48) * w for d, w in zip(number, weights, strict=False)) % 11]
            == number[17]
        )

    wrong = [
        f"{path.relative_to(ROOT)}: {found[0].decode()}"
        for path in tracked()
        if path.is_file() and path.suffix not in (".png", ".geojson", ".lock")
        for found in shape.finditer(path.read_bytes())
        if is_real(found[0])
    ]
    assert not wrong


def test_no_path_of_a_machine_is_named() -> None:
    machine = re.compile(rb"(?<![\w.])/(work/(main|shared|notes)|root/\.|home/[a-z]+/)")
    wrong = [
        str(path.relative_to(ROOT))
        for path in tracked()
        if path.is_file() and path != Path(__file__) and machine.search(path.read_bytes())
    ]
    assert not wrong


def test_nothing_of_ours_asks_the_network_at_run_time() -> None:
    wrong = [
        f"{path.relative_to(ROOT)} imports {name}"
        for house in HOUSES[:-1]
        for path in python_files(house)
        for name in imported(path)
        & {"requests", "httpx", "urllib3", "aiohttp", "socket", "ftplib", "smtplib"}
    ]
    assert not wrong
