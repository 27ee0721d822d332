"""Who imports whom, what SQL reads what, and what stays out of the code altogether (see design: house)."""

from __future__ import annotations

import ast
import re
import subprocess
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import sqlglot
from sqlglot import exp

from warehouse.build import framed, models
from warehouse.parameters import load as load_parameters

ROOT = Path(__file__).resolve().parents[2]
OURS = ("warehouse", "checks", "pipelines", "dashboards", "data_samples")
MAY_IMPORT = {
    "warehouse": {"warehouse"},
    "checks": {"warehouse", "checks"},
    "pipelines": {"warehouse", "checks", "pipelines"},
    "dashboards": {"warehouse", "dashboards"},
    "data_samples": {"warehouse", "data_samples"},
}
MAY_IMPORT_ALL = ("pipelines/cli.py", "pipelines/benchmark/")  # a file, or all of a folder
MAY_READ = {
    "ref": {"ref"},
    "staging": {"staging", "lake", "ref"},
    "core": {"core", "staging", "ref", "build"},  # build: the night's frame and touched keys
    "marts": {"marts", "core", "staging", "checks", "ref", "build"},
    "indicators": {"marts", "checks", "ref"},
    "rules": {"core", "staging", "ref", "checks"},
}
ALSO_MAY_READ = {"M": {"marts", "releases"}}  # rules of this letter: judged once the marts are there


@cache
def python_files() -> tuple[Path, ...]:
    return tuple(sorted(path for folder in OURS for path in (ROOT / folder).rglob("*.py")))


@cache
def tree_of(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"), str(path))


def imports(path: Path) -> Iterator[tuple[int, str]]:
    """(line, dotted name) of everything that a file imports, inside functions too."""
    for node in ast.walk(tree_of(path)):
        if isinstance(node, ast.Import):
            yield from ((node.lineno, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            if node.level:
                base = path.relative_to(ROOT).parent.parts
                name = ".".join(base[: len(base) - node.level + 1])
                yield node.lineno, f"{name}.{node.module}" if node.module else name
            elif node.module:
                yield node.lineno, node.module
                yield from ((node.lineno, f"{node.module}.{alias.name}") for alias in node.names)


def test_imports_point_one_way() -> None:
    wrong = []
    for path in python_files():
        name = path.relative_to(ROOT).as_posix()
        house = name.split("/")[0]
        for line, imported in imports(path):
            top = imported.split(".")[0]
            if top == "tests":
                wrong.append(f"{name}:{line} imports the tests")
            if top not in OURS or top in MAY_IMPORT[house] or name.startswith(MAY_IMPORT_ALL):
                continue
            if name.startswith("checks/report/") and imported.startswith("dashboards.figures"):
                continue
            wrong.append(
                f"{name}:{line} imports {imported}; {house} may import {', '.join(sorted(MAY_IMPORT[house]))}"
            )
    assert not wrong, "\n".join(wrong)


def test_figures_import_nothing_of_ours_but_each_other() -> None:
    wrong = [
        f"{path.name}:{line} imports {imported}"
        for path in (ROOT / "dashboards" / "figures").glob("*.py")
        for line, imported in imports(path)
        if (imported.split(".")[0] in OURS and not imported.startswith("dashboards.figures"))
        or imported.split(".")[0] == "dash"
    ]
    assert not wrong, "\n".join(wrong)


def test_great_expectations_is_imported_in_one_place() -> None:
    users = {
        path.relative_to(ROOT).as_posix()
        for path in python_files()
        for _, imported in imports(path)
        if imported.split(".")[0] == "great_expectations"
    }
    assert users <= {"checks/gx.py", "checks/gx_dialect.py"}


# -- SQL -------------------------------------------------------------------------------------------


def sql_files() -> list[Path]:
    return sorted([*(ROOT / "warehouse").glob("*/*.sql"), *(ROOT / "checks" / "rules").glob("*.sql")])


@cache
def query_of(path: Path) -> Any:
    """The one statement of a file, without the rule's header."""
    text = re.sub(r"^/\* ---.*?--- \*/", "", path.read_text(encoding="utf-8"), flags=re.S)
    statements = [statement for statement in sqlglot.parse(text, read="duckdb") if statement is not None]
    assert len(statements) == 1, f"{path.name}: {len(statements)} statements, expected one"
    return statements[0]


@pytest.mark.parametrize("path", sql_files(), ids=lambda path: f"{path.parent.name}.{path.stem}")
def test_sql_reads_only_what_its_layer_may(path: Path) -> None:
    layer = path.parent.name
    allowed = MAY_READ[layer] | (ALSO_MAY_READ.get(path.stem[0], set()) if layer == "rules" else set())
    query = query_of(path)
    named = {cte.alias for cte in query.find_all(exp.CTE)}
    for table in query.find_all(exp.Table):
        if table.db:
            assert table.db in allowed, (
                f"{table.db}.{table.name}: {layer} may read {', '.join(sorted(allowed))}"
            )
        else:
            # indicators are joined to a table `cell` that their caller makes
            assert table.name in named or layer == "indicators", (
                f"{table.name}: no schema, and no such name in this file"
            )


def test_marts_read_of_staging_only_registers_of_what_came_in() -> None:
    """A mart over orders goes through core: else a repeated or unreadable row would count."""
    wrong = [
        f"{path.stem} reads staging.{table.name}"
        for path in (ROOT / "warehouse" / "marts").glob("*.sql")
        for table in query_of(path).find_all(exp.Table)
        if table.db == "staging"
        and table.name in ("orders", "order_history", "order_version", "enrollment", "claims")
    ]
    assert not [line for line in wrong if not line.startswith("version_day")], wrong


def test_marts_do_not_read_what_holds_the_frame_only() -> None:
    """Marts are built once for many nights: a table that holds the last night's frame would miss the others."""
    wrong = {
        f"{m.name} reads {t}" for m in models() if m.name.startswith("marts.") for t in m.reads & framed()
    }
    assert not wrong


def test_dashboards_read_published_tables_only() -> None:
    wrong = []
    for path in (ROOT / "dashboards").rglob("*.py"):
        for node in ast.walk(tree_of(path)):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                for schema in re.findall(
                    r"\b(?:from|join)\s+(staging|core|lake|build|ops)\.\w+", node.value, flags=re.I
                ):
                    wrong.append(f"{path.relative_to(ROOT)}:{node.lineno} reads {schema}")
    assert not wrong, "\n".join(wrong)


# -- what stays out --------------------------------------------------------------------------------

LEGAL = sorted(
    {
        float(value.value)
        for parameter in load_parameters()
        if parameter.id in ("premium_rate", "benefit_cap", "benefit_cap_year", "minor_injury_cap", "late_fee_rate", "high_tier_ratio",
                            "yilubao_premium", "weigongka_premium", "pension_subsidy", "contribution_tolerance", "row_defect_share")
        for value in parameter.values
        if re.fullmatch(r"[0-9.]+", str(value.value)) and (float(value.value) % 1 or float(value.value) > 100)
    }
)  # fmt: skip
NOT_LEGAL = {  # a number that only looks like one, and why
    ("P04_pension_subsidy", 0.01): "one fen: amounts are compared to the fen",
}


def test_there_are_legal_numbers_to_look_for() -> None:
    assert {0.07, 0.25, 400000.0, 90800.0, 3000.0} <= set(LEGAL)


@pytest.mark.parametrize("path", sql_files(), ids=lambda path: f"{path.parent.name}.{path.stem}")
def test_no_legal_number_in_sql(path: Path) -> None:
    numbers = {
        float(literal.this) for literal in query_of(path).find_all(exp.Literal) if not literal.is_string
    }
    found = {number for number in numbers & set(LEGAL) if (path.stem, number) not in NOT_LEGAL}
    assert not found, (
        f"{sorted(found)}: a legal number is a parameter (warehouse/parameters), joined by the event's date"
    )


def scheme_weights(path: Path) -> set[ast.AST]:
    """The numbers inside a detector's `weights(F01=…)`: how strongly a pattern points at a scheme, no law."""
    if "detectors" not in path.parts:
        return set()
    return {
        part
        for call in ast.walk(tree_of(path))
        if isinstance(call, ast.Call) and isinstance(call.func, ast.Name) and call.func.id == "weights"
        for part in ast.walk(call)
    }


def test_no_legal_number_in_code() -> None:
    wrong = [
        f"{path.relative_to(ROOT)}:{node.lineno} {node.value}"
        for path in python_files()
        if path.parts[len(ROOT.parts)] in ("pipelines", "checks", "warehouse")
        for node in ast.walk(tree_of(path))
        if isinstance(node, ast.Constant) and isinstance(node.value, (int, float)) and not isinstance(node.value, bool)
        and float(node.value) in LEGAL and float(node.value) not in (0.5, 0.01, 0.02)
        and node not in scheme_weights(path)
    ]  # fmt: skip
    assert not wrong, "\n".join(wrong)


def test_a_crash_is_never_swallowed() -> None:
    """No bare except, and no handler of everything that only passes or goes on (house, taste 7)."""
    wrong = []
    for path in python_files():
        for node in ast.walk(tree_of(path)):
            if isinstance(node, ast.ExceptHandler):
                everything = node.type is None or (
                    isinstance(node.type, ast.Name) and node.type.id in ("Exception", "BaseException")
                )
                silent = all(isinstance(part, (ast.Pass, ast.Continue)) for part in node.body)
                if node.type is None or (everything and silent):
                    wrong.append(f"{path.relative_to(ROOT)}:{node.lineno}")
    assert not wrong, "\n".join(wrong)


def test_every_module_says_what_it_is_for() -> None:
    wrong = [
        str(path.relative_to(ROOT))
        for path in python_files()
        if path.stat().st_size and not ast.get_docstring(tree_of(path))
    ]
    assert not wrong, "\n".join(wrong)


NETWORK = {"requests", "httpx", "urllib3", "aiohttp", "ftplib", "smtplib", "telnetlib", "paramiko", "boto3"}


def test_no_module_goes_to_the_network() -> None:
    wrong = [
        f"{path.relative_to(ROOT)}:{line} imports {imported}"
        for path in python_files()
        for line, imported in imports(path)
        if imported.split(".")[0] in NETWORK or imported.startswith(("urllib.request", "http.client"))
    ]
    assert not wrong, "\n".join(wrong)


@cache
def tracked() -> tuple[Path, ...]:
    """Every text file of the project that is, or would be, committed."""
    command = ["git", "-C", str(ROOT), "ls-files", "--cached", "--others", "--exclude-standard"]
    try:
        names = subprocess.run(command, check=True, capture_output=True, text=True).stdout.splitlines()
    except (OSError, subprocess.CalledProcessError):  # a copy without its history
        names = [
            str(path.relative_to(ROOT))
            for folder in (*OURS, "tests")
            for path in (ROOT / folder).rglob("*")
            if path.is_file()
        ]
    return tuple(
        ROOT / name for name in names if (ROOT / name).is_file() and (ROOT / name).stat().st_size < 5_000_000
    )


def text_of(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except UnicodeDecodeError:
        return ""


def test_no_path_of_a_machine_is_named() -> None:
    machine = re.compile(r"(?<![\w.])/(work/(main|shared|notes)|root/\.|home/[a-z]+/)")
    wrong = [
        str(path.relative_to(ROOT))
        for path in tracked()
        if path != Path(__file__) and machine.search(text_of(path))
    ]
    assert not wrong


ALLOWED_HOSTS = re.compile(
    r"(www\.w3\.org|json-schema\.org|schema\.org|creativecommons\.org|www\.apache\.org|localhost|127\.0\.0\.1|0\.0\.0\.0|example\.(?:org|com)|\{)"
)


def test_code_and_assets_name_no_host() -> None:
    """What runs may not reach out: no CDN, no map tiles, no fonts. Sources of law are cited in parameters and registers.

    Vendored scripts stay as released; that a page asks nobody else is seen in the browser tests.
    """
    wrong = []
    for path in tracked():
        if path.suffix not in (".py", ".js", ".css", ".j2", ".html", ".sql") or any(
            path.is_relative_to(ROOT / folder) for folder in ("tests", "dashboards/vendor")
        ):
            continue
        for number, line in enumerate(text_of(path).splitlines(), start=1):
            for host in re.findall(r"https?://([^\s\"'`)>/]*)", line):
                if not ALLOWED_HOSTS.match(host):
                    wrong.append(f"{path.relative_to(ROOT)}:{number} {host}")
    assert not wrong, "\n".join(wrong)


_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)


def identity_numbers(text: str) -> Iterator[str]:
    """Runs of 18 characters that are valid identity numbers: birth date and check digit right."""
    for found in re.finditer(
        r"(?<![0-9A-Za-z])[1-9][0-9]{5}(?:19|20)[0-9]{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12][0-9]|3[01])[0-9]{3}[0-9X](?![0-9A-Za-z])",
        text,
    ):
        number = found[0]
        total = sum(int(digit) * weight for digit, weight in zip(number, _WEIGHTS, strict=False))
        if "10X98765432"[total % 11] == number[17]:
            yield number


def test_identity_numbers_of_persons_are_in_no_file() -> None:
    """Tests and samples use the unassigned area 99 only."""
    wrong = [
        f"{path.relative_to(ROOT)}: {n[:6]}…"
        for path in tracked()
        for n in identity_numbers(text_of(path))
        if not n.startswith("99")
    ]
    assert not wrong, "\n".join(wrong)


def test_the_search_for_identity_numbers_finds_one() -> None:
    assert list(identity_numbers(f"a {'11010519491231' + '002X'} b")) == ["11010519491231" + "002X"]
