"""Great Expectations over the night: column contracts of the standard, and the verdicts of the rules.

The only file that imports great_expectations, and only when it is needed: the import takes 3 to 4 seconds, so the
night calls `preload()` first thing and finds it done when it comes to `judge()`. Nothing is sent or fetched, and
no project files are written: the context lives in memory, the Data Docs are static pages without scripts.
A broken expectation is an error of ours and never a platform's violation: GX calls both `success=False`.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date
from functools import cache
from html import escape
from pathlib import Path
from time import perf_counter
from types import ModuleType
from typing import Any, Literal

import duckdb

from checks.contracts import (
    Claim,
    Counts,
    Rule,
    column_claims,
    column_counts,
    rule_claims,
    rule_counts,
)
from warehouse.standard import Standard

TEMPLATES = Path(__file__).parent / "data_docs"
TITLES = {"rules-run": ("规则执行", "Rules run"), "rules-hit": ("规则结果", "Rule results")}


@dataclass(frozen=True)
class Failure:
    """A claim that does not hold. `observed`: rows (contracts) or verdicts (rules) that speak against it."""

    claim: Claim
    observed: int


@dataclass(frozen=True)
class Broken:
    """A claim, a whole suite or the docs that could not be judged or written: the night is red."""

    suite: str
    subject: str
    message: str


@dataclass(frozen=True)
class GxReport:
    """What GX said of one night. `seconds`: time by step (import, count, judge, docs)."""

    night: date
    evaluated: int
    failures: tuple[Failure, ...]
    errors: tuple[Broken, ...]
    index: Path
    seconds: Mapping[str, float]

    @property
    def outcome(self) -> Literal["pass", "hit", "error"]:
        return "error" if self.errors else "hit" if self.failures else "pass"


@dataclass
class _Page:
    """One suite's page in the Data Docs."""

    suite: str
    zh: str
    en: str
    claims: list[Claim]
    counts: Counts = field(default_factory=dict)
    evaluated: int = 0
    html: str | None = None
    failures: list[Failure] = field(default_factory=list)


def preload() -> None:
    """Starts the import in the background; DuckDB's work on the main thread goes on meanwhile."""
    _loading()


@cache
def _loading() -> Future[ModuleType]:
    pool = ThreadPoolExecutor(1, thread_name_prefix="gx-import")
    loading = pool.submit(_load)
    pool.shutdown(wait=False)
    return loading


def _load() -> ModuleType:
    os.environ["GX_ANALYTICS_ENABLED"] = "false"  # read at import
    import logging
    import warnings

    import great_expectations
    import great_expectations.expectations
    import great_expectations.render.renderer
    import great_expectations.render.view
    import great_expectations.validator.v1_validator

    logging.captureWarnings(False)  # GX turns it on for the whole process
    logging.getLogger("great_expectations").setLevel(logging.CRITICAL)  # it is all in exception_info too
    warnings.filterwarnings("ignore", module=r"great_expectations\..*")
    return great_expectations


def judge(
    connection: duckdb.DuckDBPyConnection,
    *,
    standard: Standard,
    rules: Iterable[Rule],
    folder: Path,
    night: date,
    since: date | None = None,
    quiet: bool = False,
) -> GxReport:
    """Judges staging.orders, enrollment and claims, and checks.verdict; writes the Data Docs into `folder`.

    `connection` stays open; its work must be committed (else RuntimeError). To judge beside other work, commit,
    then hand a `cursor()` of it to a thread: the time goes into GX's own Python, not into DuckDB.
    Staging is judged as it stands (the night's frame); the verdicts are those of the nights `since`..`night`
    (a backfill judges all its nights at once; default `night` alone). `quiet`: the frame was empty, so that a rule
    without a verdict is no error.
    """
    _refuse_open_transaction(connection)
    started = perf_counter()
    errors: list[Broken] = []
    gx: ModuleType | None = None
    cursor = connection.cursor()
    try:
        pages = _contract_pages(cursor, standard, errors)
        pages += _rule_pages(cursor, list(rules), (since or night, night), quiet, errors)
        counted = perf_counter()
        with _reported(errors, "gx", "import"):
            gx = _loading().result()
        loaded = perf_counter()
        if gx is not None:
            with _reported(errors, "gx", "context"):
                _judge_pages(gx, cursor, pages, errors)
        judged = perf_counter()
    finally:
        cursor.close()
    with _reported(errors, "docs", "docs"):
        _write(folder, pages, errors, night)
    return GxReport(
        night=night,
        evaluated=sum(page.evaluated for page in pages),
        failures=tuple(failure for page in pages for failure in page.failures),
        errors=tuple(errors),
        index=folder / "index.html",
        seconds={
            "count": counted - started,
            "import": loaded - counted,
            "judge": judged - loaded,
            "docs": perf_counter() - judged,
        },
    )


@contextmanager
def _reported(errors: list[Broken], suite: str, subject: str) -> Iterator[None]:
    """A tool's crash becomes an error of the night: never silent, and never a hit."""
    try:
        yield
    except Exception as error:
        errors.append(Broken(suite, subject, f"{type(error).__name__}: {error}"))


def _refuse_open_transaction(connection: duckdb.DuckDBPyConnection) -> None:
    """GX reads through a cursor, which sees committed rows only; judging the last night's would pass in silence."""
    numbers = {connection.execute("select txid_current()").fetchall()[0] for _ in range(2)}
    if len(numbers) == 1:  # outside a transaction every statement has a number of its own
        raise RuntimeError("the night's transaction is still open: commit before checks.gx.judge()")


def _contract_pages(
    cursor: duckdb.DuckDBPyConnection, standard: Standard, errors: list[Broken]
) -> list[_Page]:
    """One page an extract, with its claims and counts; a count that cannot be taken breaks its suite only."""
    pages = []
    for extract in standard.extracts.values():
        page = _Page(extract.name, extract.title_zh, extract.title_en, column_claims(extract))
        pages.append(page)
        with _reported(errors, page.suite, f"staging.{extract.table}"):
            page.counts = column_counts(cursor, extract, standard)
    return pages


def _rule_pages(
    cursor: duckdb.DuckDBPyConnection,
    rules: list[Rule],
    nights: tuple[date, date],
    quiet: bool,
    errors: list[Broken],
) -> list[_Page]:
    """The two pages of the catalogue: whether every rule ran, and what it said."""
    claims = rule_claims(rules)
    counts: Counts = {}
    with _reported(errors, "rules-run", "checks.verdict"):
        counts = rule_counts(cursor, rules, *nights, quiet=quiet)
    return [
        _Page(suite, zh, en, [claim for claim in claims if claim.suite == suite], counts)
        for suite, (zh, en) in TITLES.items()
    ]


def _judge_pages(
    gx: Any, cursor: duckdb.DuckDBPyConnection, pages: list[_Page], errors: list[Broken]
) -> None:
    """Lets GX judge every page whose counts are known; fills in its failures and HTML, and the errors."""
    from checks.gx_dialect import lent

    with lent(cursor) as url:
        context = gx.get_context(mode="ephemeral")
        context.variables.progress_bars = {"globally": False}
        source = context.data_sources.add_sql("night", connection_string=url, create_temp_table=False)
        view = _view()
        for page in pages:
            if not page.counts:
                continue
            with _reported(errors, page.suite, "suite"):
                result = _validate(gx, cursor, source, page)
                _read(result, page, errors)
                page.html = _render(view, result)


def _validate(gx: Any, cursor: duckdb.DuckDBPyConnection, source: Any, page: _Page) -> Any:
    """GX's result over the table of counts: a row a measure, a column a subject."""
    table = "gx_" + page.suite.replace("-", "_")
    measures = list(dict.fromkeys(claim.measure for claim in page.claims))
    subjects = list(dict.fromkeys(claim.subject for claim in page.claims))
    columns = ", ".join(f'"{subject}" bigint' for subject in subjects)
    cursor.execute(f'create or replace temp table "{table}" (measure varchar, {columns})')
    for measure in measures:
        row = [measure, *(page.counts.get((measure, subject), 0) for subject in subjects)]
        cursor.execute(f'insert into "{table}" values ({", ".join("?" for _ in row)})', row)
    several = len(measures) > 1
    suite = gx.ExpectationSuite(
        name=page.suite,
        expectations=[_expectation(claim, i, several) for i, claim in enumerate(page.claims)],
    )
    asset = source.add_table_asset(page.suite, table_name=table)
    batch = asset.add_batch_definition_whole_table("all").get_batch()
    return batch.validate(suite, result_format="BASIC")  # COMPLETE would copy raw rows into the docs


@cache
def _count_is_zero() -> Any:
    """ExpectColumnMaxToBeBetween whose configuration is computed once: GX asks 50 times, for a third of its time.

    GX makes a new expectation from its configuration for each step and changes none afterwards.
    """
    from great_expectations.compatibility.pydantic import PrivateAttr
    from great_expectations.expectations import ExpectColumnMaxToBeBetween

    class ExpectCountToBeZero(ExpectColumnMaxToBeBetween):
        max_value: Any = 0
        _configuration: Any = PrivateAttr(None)

        @property
        def configuration(self) -> Any:
            if self._configuration is None:
                self._configuration = super().configuration
            return self._configuration

    return ExpectCountToBeZero


def _expectation(claim: Claim, number: int, several: bool) -> Any:
    """The claim in GX's words; `number` finds it again in the results."""
    from great_expectations.expectations.row_conditions import Column

    # A condition costs GX half as much again, so one-row tables go without.
    condition = {"row_condition": Column("measure") == claim.measure} if several else {}
    return _count_is_zero()(
        column=claim.subject,
        severity=claim.severity,
        # GX fills $names in a description and escapes nothing
        description=escape(claim.text, quote=False).replace("$", "$$"),
        meta={"claim": number},
        **condition,
    )


def _read(result: Any, page: _Page, errors: list[Broken]) -> None:
    """Sorts GX's results into failures and errors. No observed value means that GX never looked."""
    unseen = dict(enumerate(page.claims))
    for one in result.results:
        claim = unseen.pop(one.expectation_config.meta["claim"])
        place = f"{claim.subject} {claim.measure}"
        observed = one.result.get("observed_value")
        if (raised := _raised(one.exception_info)) or observed is None:
            errors.append(Broken(page.suite, place, raised or "no value was observed"))
            continue
        page.evaluated += 1
        if not one.success:
            page.failures.append(Failure(claim, int(observed)))
    for claim in unseen.values():
        errors.append(Broken(page.suite, f"{claim.subject} {claim.measure}", "GX returned no result"))


def _raised(info: Mapping[str, Any]) -> str | None:
    """The first exception in GX's exception_info, which is one record or one record a metric."""
    records = [info] if "raised_exception" in info else list(info.values())
    for record in records:
        if isinstance(record, Mapping) and record.get("raised_exception"):
            return str(record.get("exception_message"))
    return None


def _view() -> Any:
    """GX's page view with our templates before its own: no scripts, no fonts, no address outside the folder."""
    from great_expectations.render.view import DefaultJinjaPageView
    from jinja2 import ChoiceLoader, FileSystemLoader

    view = DefaultJinjaPageView()
    theirs = view.env.loader
    assert theirs is not None
    view.env.loader = ChoiceLoader([FileSystemLoader(TEMPLATES), theirs])
    return view


def _render(view: Any, result: Any) -> str:
    from great_expectations.render.renderer import ValidationResultsPageRenderer

    html = str(view.render(ValidationResultsPageRenderer(run_info_at_end=True).render(result)))
    return re.sub(
        r'href="[./]*/expectations/[^"]*"', 'href="index.html"', html
    )  # GX's own folders are not here


def _write(folder: Path, pages: Sequence[_Page], errors: Sequence[Broken], night: date) -> None:
    """index.html and a page a suite; pages of an earlier run are removed."""
    from jinja2 import Environment, FileSystemLoader

    folder.mkdir(parents=True, exist_ok=True)
    for old in folder.glob("*.html"):
        old.unlink()
    for page in pages:
        if page.html is not None:
            (folder / f"{page.suite}.html").write_text(page.html, encoding="utf-8")
    template = Environment(loader=FileSystemLoader(TEMPLATES), autoescape=True).get_template("index.j2")
    (folder / "index.html").write_text(
        template.render(pages=pages, errors=errors, night=night), encoding="utf-8"
    )
