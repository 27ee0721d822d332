"""Great Expectations over a small night: what passes, what fails, what is broken, and what the docs hold."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import duckdb
import pytest

from checks import contracts, gx
from warehouse import standard

NIGHT = date(2025, 10, 1)
PERSON = "token-of-a-person"
WORKER = "worker-0007"


@dataclass(frozen=True)
class Rule:
    id: str
    title_zh: str
    title_en: str
    consequence: str


RULES = [
    Rule("X01", "接单未参保", "Order accepted without cover", "breach"),
    Rule("X04", "出险无单", "Claim without order, $5 < 6", "defect"),
    Rule("V06", "时长异常", "Odd duration", "suspect"),
]
VALUES: dict[str, Any] = {"person": PERSON, "birth_date": date(1990, 1, 1), "sex": "F", "id_area": "990101"}


def good_row(extract: standard.Extract) -> dict[str, Any]:
    """A row that keeps every contract."""
    row: dict[str, Any] = {"version_id": "v1", "row_no": 1, "business_date": NIGHT}
    for column in extract.columns:
        if column.type == "identity":
            row.update(VALUES)
        elif column.type == "code":
            codes = standard.load().codes.get(str(column.codes))
            row[column.name] = next(iter(codes)) if codes else "310100"
        else:
            row[column.name] = {
                "text": WORKER, "credit_code": "9" * 18, "integer": 7, "decimal": 1, "date": NIGHT,
                "timestamp": NIGHT,
            }[column.type]  # fmt: skip
    return row


def insert(connection: duckdb.DuckDBPyConnection, table: str, **changes: Any) -> None:
    row = good_row(standard.load().extracts[table]) | changes
    connection.execute(
        f"insert into staging.{table} by name select " + ", ".join(f'? as "{name}"' for name in row),
        list(row.values()),
    )


@pytest.fixture
def night() -> Iterator[duckdb.DuckDBPyConnection]:
    """A writer's database with one good row an extract, and one verdict a rule."""
    with duckdb.connect() as connection:
        connection.execute("create schema staging; create schema checks; create schema ref")
        connection.execute("create table ref.city as select '310100' as city_code")
        for extract in standard.load().extracts.values():
            columns = {"version_id": "VARCHAR", "row_no": "BIGINT", "business_date": "DATE"}
            for column in extract.columns:
                if column.type == "identity":
                    columns |= {
                        "person": "VARCHAR",
                        "birth_date": "DATE",
                        "sex": "VARCHAR",
                        "id_area": "VARCHAR",
                    }
                else:
                    columns[column.name] = column.sql_type
            listed = ", ".join(f'"{name}" {kind}' for name, kind in columns.items())
            connection.execute(f"create table staging.{extract.table} ({listed})")
            insert(connection, extract.table)
        connection.execute(
            "create table staging.quarantine (version_id varchar, extract varchar, row_no bigint);"
            "create table checks.verdict (rule_id varchar, outcome varchar, night date)"
        )
        for rule in RULES:
            verdict(connection, rule.id, "pass")
        yield connection


def verdict(connection: duckdb.DuckDBPyConnection, rule: str, outcome: str, on: date = NIGHT) -> None:
    connection.execute("insert into checks.verdict values (?, ?, ?)", [rule, outcome, on])


def judge(connection: duckdb.DuckDBPyConnection, folder: Path, **options: Any) -> gx.GxReport:
    return gx.judge(
        connection, standard=standard.load(), rules=options.pop("rules", RULES), folder=folder, night=NIGHT, **options
    )  # fmt: skip


def failed(report: gx.GxReport) -> dict[tuple[str, str, str], int]:
    return {(f.claim.suite, f.claim.subject, f.claim.measure): f.observed for f in report.failures}


def test_a_clean_night_passes(night: duckdb.DuckDBPyConnection, tmp_path: Path) -> None:
    report = judge(night, tmp_path)
    claims = [c for e in standard.load().extracts.values() for c in contracts.column_claims(e)]
    assert (report.outcome, report.failures, report.errors) == ("pass", (), ())
    assert report.evaluated == len(claims) + 2 * len(RULES)
    assert night.execute("select 1").fetchall() == [(1,)], "the lent connection is still open"
    assert night.execute("from duckdb_tables() where temporary").fetchall() == []


@pytest.mark.parametrize(
    ("extract", "changes", "expected"),
    [
        ("orders", {"serial": None}, ("empty", "serial")),
        ("orders", {"picked_up_at": None}, None),  # may be null
        ("orders", {"industry": "teleport"}, ("unlisted", "industry")),
        ("orders", {"city_code": "999900"}, ("unlisted", "city_code")),
        ("orders", {"order_id": "x" * 64}, None),  # boundary
        ("orders", {"order_id": "x" * 65}, ("length", "order_id")),
        ("enrollment", {"person": None}, ("empty", "person")),
        ("enrollment", {"sex": "X"}, ("unlisted", "sex")),
        ("enrollment", {"contracting_party": None}, None),
        ("enrollment", {"contracting_party": "9" * 17}, ("length", "contracting_party")),
        ("claims", {"disability_grade": 10}, None),
        ("claims", {"disability_grade": 11}, ("range", "disability_grade")),
        ("claims", {"disability_grade": 0}, ("range", "disability_grade")),
    ],
)
def test_contracts(
    night: duckdb.DuckDBPyConnection,
    extract: str,
    changes: dict[str, Any],
    expected: tuple[str, str] | None,
) -> None:
    insert(night, extract, row_no=2, **changes)
    assert broken(night, extract) == ({expected: 1} if expected else {})


def broken(connection: duckdb.DuckDBPyConnection, extract: str) -> contracts.Counts:
    """What speaks against the contracts, as (measure, column) -> rows."""
    known = standard.load()
    counts = contracts.column_counts(connection, known.extracts[extract], known)
    return {key: count for key, count in counts.items() if count}


def test_a_violated_contract_is_a_failure(night: duckdb.DuckDBPyConnection, tmp_path: Path) -> None:
    insert(night, "orders", row_no=2, serial=None)
    insert(night, "claims", row_no=2, disability_grade=11)
    night.execute("alter table staging.enrollment drop column trade")
    report = judge(night, tmp_path)
    assert failed(report) == {
        ("orders", "serial", "empty"): 1,
        ("claims", "disability_grade", "range"): 1,
        ("enrollment", "trade", "schema"): 1,
    }
    assert (report.outcome, report.errors) == ("hit", ())


def test_rows_in_quarantine_promise_nothing(night: duckdb.DuckDBPyConnection) -> None:
    for row in (2, 3):
        insert(night, "orders", row_no=row, serial=None, industry="teleport")
    night.execute(
        "insert into staging.quarantine values ('v1', 'orders', 2), ('v1', 'claims', 3), ('v2', 'orders', 3)"
    )
    assert broken(night, "orders") == {("empty", "serial"): 1, ("unlisted", "industry"): 1}


def test_schema_is_part_of_the_contract(night: duckdb.DuckDBPyConnection) -> None:
    night.execute("alter table staging.orders drop column distance_m")
    night.execute("alter table staging.orders alter premium_yuan type decimal(18, 4)")
    night.execute("alter table staging.claims add column id_number varchar")
    assert broken(night, "orders") == {("schema", "distance_m"): 1, ("schema", "premium_yuan"): 1}
    assert broken(night, "claims") == {("schema", "id_number"): 1}


def test_verdicts_are_judged_by_rule(night: duckdb.DuckDBPyConnection, tmp_path: Path) -> None:
    for outcome in ("hit", "hit", "not_applicable", "skipped"):
        verdict(night, "X04", outcome)
    verdict(night, "X01", "error")
    verdict(night, "V06", "hit", date(2025, 9, 30))  # another night's
    report = judge(night, tmp_path)
    assert failed(report) == {("rules-hit", "X04", "hit"): 2, ("rules-run", "X01", "error"): 1}
    assert {(f.claim.consequence, f.claim.severity) for f in report.failures} == {
        ("defect", "critical"),
        (None, "critical"),
    }
    assert ("rules-hit", "V06", "hit") in failed(judge(night, tmp_path, since=date(2025, 9, 30)))


def test_a_rule_without_verdict_did_not_run(night: duckdb.DuckDBPyConnection, tmp_path: Path) -> None:
    rules = [*RULES, Rule("T01", "缺报", "Missing", "defect")]
    assert failed(judge(night, tmp_path, rules=rules)) == {("rules-run", "T01", "error"): 1}
    assert failed(judge(night, tmp_path, rules=rules, quiet=True)) == {}


@pytest.fixture
def broken_expectation(monkeypatch: pytest.MonkeyPatch) -> None:
    """The expectation on X01's hits asks for a column that is not there."""
    build = gx._expectation

    def mutated(claim: contracts.Claim, *rest: Any) -> Any:
        expectation = build(claim, *rest)
        if (claim.subject, claim.measure) == ("X01", "hit"):
            expectation.column = "nowhere"
        return expectation

    monkeypatch.setattr(gx, "_expectation", mutated)


@pytest.mark.usefixtures("broken_expectation")
def test_a_broken_expectation_is_an_error_and_no_hit(
    night: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    verdict(night, "X04", "hit")
    report = judge(night, tmp_path)
    assert [(e.suite, e.subject) for e in report.errors] == [("rules-hit", "X01 hit")]
    assert "nowhere" in report.errors[0].message
    assert failed(report) == {("rules-hit", "X04", "hit"): 1}, "its neighbours are judged all the same"
    assert report.outcome == "error"
    assert "X01 hit" in report.index.read_text(encoding="utf-8")


def test_a_lost_table_breaks_its_suite_only(night: duckdb.DuckDBPyConnection, tmp_path: Path) -> None:
    night.execute("drop table staging.claims")
    report = judge(night, tmp_path)
    assert [(e.suite, e.subject) for e in report.errors] == [("claims", "staging.claims")]
    night.execute("drop table checks.verdict")
    report = judge(night, tmp_path)
    assert [e.suite for e in report.errors] == ["claims", "rules-run"]
    assert not (tmp_path / "rules-hit.html").exists(), "no page of an earlier run stays"


def test_an_import_that_fails_is_an_error(
    night: duckdb.DuckDBPyConnection, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refused() -> Any:
        raise ImportError("no such tool")

    monkeypatch.setattr(gx, "_load", refused)
    gx._loading.cache_clear()
    try:
        report = judge(night, tmp_path)
    finally:
        gx._loading.cache_clear()
    assert [(e.suite, e.message) for e in report.errors] == [("gx", "ImportError: no such tool")]
    assert report.evaluated == 0


def test_an_open_transaction_is_refused(night: duckdb.DuckDBPyConnection, tmp_path: Path) -> None:
    night.execute("begin")
    verdict(night, "X01", "hit")
    with pytest.raises(RuntimeError, match="commit"):
        judge(night, tmp_path)
    night.execute("commit")
    assert failed(judge(night, tmp_path)) == {("rules-hit", "X01", "hit"): 1}


@pytest.mark.usefixtures("broken_expectation")
def test_the_docs_fetch_nothing_and_tell_nobody(night: duckdb.DuckDBPyConnection, tmp_path: Path) -> None:
    insert(night, "orders", row_no=2, worker_id=WORKER * 9, industry="teleport")
    judge(night, tmp_path)
    pages = {path.name: path.read_text(encoding="utf-8") for path in tmp_path.iterdir()}
    assert set(pages) == {
        "index.html", "orders.html", "enrollment.html", "claims.html", "rules-run.html", "rules-hit.html",
    }  # fmt: skip
    for name, html in pages.items():
        assert not re.findall(r"https?://|<script|<link(?! rel=\"icon\" href=\"data:)|@import|url\(", html), (
            name
        )
        assert "default-src 'none'" in html
        assert not [secret for secret in (WORKER, PERSON, "teleport") if secret in html], name
        for target in re.findall(r'href="([^"#]+)"', html):
            assert target.startswith("data:") or target in pages, (name, target)
    assert "接单未参保" in pages["rules-hit.html"]
    assert "$5 &lt; 6" in pages["rules-hit.html"]


def test_importing_the_module_does_not_import_gx() -> None:
    code = "import sys, checks.gx, checks.contracts; sys.exit('great_expectations' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_nothing_is_written_outside_the_folder(tmp_path: Path) -> None:
    code = (
        "import sys, tempfile, pathlib; from checks import gx; gx.preload();"
        "g = gx._loading().result(); g.get_context(mode='ephemeral');"
        "sys.exit(any(pathlib.Path('.').iterdir()) or any(pathlib.Path.home().iterdir()))"
    )
    here, home = tmp_path / "here", tmp_path / "home"
    here.mkdir()
    home.mkdir()
    environment = {"HOME": str(home), "PATH": ""}
    done = subprocess.run([sys.executable, "-c", code], cwd=here, env=environment, check=False)
    assert done.returncode == 0


@pytest.mark.browser
def test_a_browser_asks_for_the_pages_only(night: duckdb.DuckDBPyConnection, tmp_path: Path) -> None:
    from playwright.sync_api import sync_playwright

    chromium = shutil.which("chromium")
    if chromium is None:
        pytest.skip("no chromium on PATH")
    insert(night, "orders", row_no=2, serial=None)
    judge(night, tmp_path)
    asked: list[str] = []
    complaints: list[str] = []
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        page = browser.new_page()
        page.on("request", lambda request: asked.append(request.url))
        page.on("console", lambda message: complaints.append(message.text))
        for path in sorted(tmp_path.glob("*.html")):
            page.goto(path.as_uri())
        page.goto((tmp_path / "orders.html").as_uri())
        headings = page.locator(".ge-section:visible").count()
        page.check("#failed-only")
        assert page.locator(".ge-section:visible").count() < headings, "passed columns are hidden"
        assert page.get_by_text("不为空").filter(visible=True).count() == 1
        browser.close()
    assert [url for url in asked if not url.startswith((tmp_path.as_uri(), "data:"))] == []
    assert complaints == []
