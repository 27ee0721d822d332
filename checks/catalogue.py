"""The rule catalogue (校验规则): every file of rules/, its header read strictly, its SELECT parsed, nothing run.

A rule is one .sql file: a YAML header between `/* ---` and `--- */`, then one SELECT that returns the rows that break
the rule. Adding a rule is adding a file. Whatever is wrong with a header is a StrictError that names the file.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache
from itertools import pairwise
from pathlib import Path
from types import MappingProxyType
from typing import Any

import sqlglot
from sqlglot import exp
from sqlglot.errors import SqlglotError

from warehouse.strict_yaml import StrictError, expect_keys, parse

FOLDER = Path(__file__).parent / "rules"

CONSEQUENCES = ("refuse", "quarantine", "defect", "breach", "suspect")
DIMENSIONS = ("completeness", "timeliness", "validity", "consistency", "credibility")
RESPONSIBLE = ("platform", "agency", "tax", "insurer", "worker")
# What amount_yuan is: a contribution short (a late fee runs on it), a benefit to recover, money to give back, or a mixture
PRICES = ("contribution", "benefit", "refund", "terms")
GRADES = ("S", "V", "W", "A")  # domain.md: A is an assumption, printed as 未核实
SCHEMAS = ("staging", "core", "ref", "checks", "marts", "releases")

CELL = ("platform_code", "province_code", "business_date")  # every rule returns them: where a finding belongs
# What a rule may return besides, and what the runner makes of it. Never evidence on its own.
SPECIAL = MappingProxyType(
    {
        "amount_yuan": "the price of the row's breach; summed over the finding, null where it has none",
        "violations": "what the row counts for where that is not one; summed over the finding",
        "consequence": "stands in for the header's where one rule speaks with two strengths; strictest wins",
        "detected_on": "the night that raises it, where that is not the night of the run",
    }
)


@dataclass(frozen=True)
class Need:
    """Something a rule cannot judge without: rows of `table` that fulfil `where`; none = not_applicable (不适用)."""

    table: str
    where: str = "true"


NEEDS: Mapping[str, Need] = MappingProxyType(
    {
        "package": Need("staging.submission"),
        "enrollment": Need("staging.enrollment"),
        "orders": Need("staging.orders"),
        "claims": Need("staging.claims"),
        "vintages": Need("staging.order_version"),
        "pulses": Need("staging.pulse"),
        "worker_checks": Need("staging.worker_check"),
        "agency_cases": Need("staging.agency_case"),
        "contributions": Need("staging.witness", "measure = 'contributions_yuan'"),
        "employees": Need("staging.witness", "measure = 'employees'"),
        "platform_tiers": Need("ref.platform_tiers"),
        "contribution_floors": Need("ref.contribution_floors"),
        "city_centres": Need("ref.city_centre"),
        "published_figures": Need("ref.coverage_published"),
        "releases": Need("releases.cell"),
    }
)

_REQUIRED = (
    "id", "version", "title_zh", "title_en", "consequence", "dimension", "responsible", "basis", "effective",
    "needs", "evidence", "message_zh", "message_en", "cases",
)  # fmt: skip
_OPTIONAL = ("parameters", "checked", "defaults", "price")
_FILE = re.compile(r"([A-Z][0-9]{2})_[a-z0-9]+(_[a-z0-9]+)*\.sql")
_HEADER = re.compile(r"\A/\* ---\n(?P<header>.*?)\n--- \*/\n(?P<sql>.*)\Z", re.DOTALL)


@dataclass(frozen=True)
class Basis:
    """Where a rule comes from. Grade A is shown as 未核实."""

    text: str
    grade: str
    url: str | None = None


@dataclass(frozen=True)
class Case:
    """A rule by example: partial rows of the tables it reads, and the (partial) rows it must return for them."""

    when: str
    tables: Mapping[str, tuple[Mapping[str, Any], ...]]
    expect: tuple[Mapping[str, Any], ...]
    is_boundary: bool


@dataclass(frozen=True)
class Rule:
    """One version of one rule. `effective_from`/`_to` are business dates, half-open, None = without end.

    `parameters` are the names in ref.parameter that the SQL uses, `reads` the tables it reads. `evidence` are the
    columns that the SELECT returns besides CELL and SPECIAL. `checked` names the need whose rows are the denominator.
    """

    id: str
    version: int
    title_zh: str
    title_en: str
    consequence: str
    dimension: str
    responsible: str
    basis: Basis
    effective_from: date | None
    effective_to: date | None
    needs: tuple[str, ...]
    parameters: tuple[str, ...]
    evidence: tuple[str, ...]
    checked: str
    message_zh: str
    message_en: str
    cases: tuple[Case, ...]
    sql: str
    path: Path
    reads: frozenset[str]
    columns: tuple[str, ...]
    price: str | None = None  # one of PRICES exactly where the SELECT returns amount_yuan

    def is_effective(self, day: date) -> bool:
        """Whether this version speaks about that business date."""
        return (self.effective_from is None or self.effective_from <= day) and (
            self.effective_to is None or day < self.effective_to
        )


def reads_marts(rule: Rule) -> bool:
    """Whether the rule judges what the night made (marts, releases) and so runs after it."""
    return any(name.startswith(("marts.", "releases.")) for name in rule.reads)


@cache
def load(folder: Path = FOLDER) -> tuple[Rule, ...]:
    """All rules of a folder, by id and version; raises StrictError with every problem found, one a line."""
    rules: list[Rule] = []
    problems: list[str] = []
    for path in sorted(folder.glob("*.sql")):
        try:
            rules.append(parse_rule(path.read_text(encoding="utf-8"), path))
        except StrictError as error:
            problems.append(str(error))
    problems += _overlaps(rules)
    if problems:
        raise StrictError("\n".join(problems))
    return tuple(sorted(rules, key=lambda rule: (rule.id, rule.version)))


def parse_rule(text: str, path: Path) -> Rule:
    """A rule from its file's text; `path` gives the id that its name must begin with, and names it in errors."""
    name = path.name
    named = _FILE.fullmatch(name)
    if not named:
        raise StrictError(f"{name}: a rule's file is called like X01_order_without_cover.sql")
    match = _HEADER.match(text)
    if not match:
        raise StrictError(f"{name}: must begin with a header /* --- … --- */, each mark on a line of its own")
    raw = expect_keys(parse(match["header"], name), name, _REQUIRED, _OPTIONAL)
    if raw["id"] != named[1]:
        raise StrictError(f"{name}: id {raw['id']!r} differs from the file's name ({named[1]})")
    if not isinstance(raw["version"], int) or isinstance(raw["version"], bool) or raw["version"] < 1:
        raise StrictError(f"{name}: version must be a whole number from 1, found {raw['version']!r}")
    effective_from, effective_to = _period(raw["effective"], name)
    query = _select(match["sql"], name)
    reads = _reads(query, name)
    needs = _words(raw["needs"], f"{name} needs", tuple(NEEDS))
    evidence = _words(raw["evidence"], f"{name} evidence")
    parameters = _words(raw.get("parameters", []), f"{name} parameters", may_be_empty=True)
    columns = tuple(query.named_selects)
    _check_columns(columns, evidence, name)
    _check_parameters(parameters, _parameters_used(query), name)
    return Rule(
        id=raw["id"],
        version=raw["version"],
        title_zh=_text(raw["title_zh"], f"{name} title_zh"),
        title_en=_text(raw["title_en"], f"{name} title_en"),
        consequence=_one_of(raw["consequence"], CONSEQUENCES, f"{name} consequence"),
        dimension=_one_of(raw["dimension"], DIMENSIONS, f"{name} dimension"),
        responsible=_one_of(raw["responsible"], RESPONSIBLE, f"{name} responsible"),
        basis=_basis(raw["basis"], f"{name} basis"),
        effective_from=effective_from,
        effective_to=effective_to,
        needs=needs,
        parameters=parameters,
        evidence=evidence,
        checked=_one_of(raw.get("checked", needs[0]), tuple(NEEDS), f"{name} checked"),
        message_zh=_text(raw["message_zh"], f"{name} message_zh"),
        message_en=_text(raw["message_en"], f"{name} message_en"),
        cases=_cases(raw["cases"], raw.get("defaults", {}), name, reads, columns),
        sql=match["sql"].strip().rstrip(";"),
        path=path,
        reads=reads,
        columns=columns,
        price=_price(raw.get("price"), columns, name),
    )


def _price(value: Any, columns: Sequence[str], name: str) -> str | None:
    if (value is None) != ("amount_yuan" not in columns):
        raise StrictError(
            f"{name}: price ({', '.join(PRICES)}) belongs to a SELECT with amount_yuan, and only there"
        )
    return None if value is None else _one_of(value, PRICES, f"{name} price")


def _overlaps(rules: Sequence[Rule]) -> list[str]:
    """Versions of one id whose numbers or dates collide."""
    problems = []
    ordered = sorted(rules, key=lambda rule: (rule.id, rule.effective_from or date.min, rule.version))
    for earlier, later in pairwise(ordered):
        if earlier.id != later.id:
            continue
        both = f"{earlier.path.name} and {later.path.name}"
        if earlier.version >= later.version:
            problems.append(f"{both}: a later version needs a higher number and later dates")
        if earlier.effective_to is None or earlier.effective_to > (later.effective_from or date.min):
            problems.append(
                f"{both}: versions {earlier.version} and {later.version} are in force on one date"
            )
    return problems


def _text(value: Any, where: str) -> str:
    if not isinstance(value, str) or not value.strip():
        raise StrictError(f"{where}: expected text, found {value!r}")
    return value.strip()


def _one_of(value: Any, allowed: Sequence[str], where: str) -> str:
    if value not in allowed:
        raise StrictError(f"{where}: {value!r} is none of {', '.join(allowed)}")
    return str(value)


def _words(
    value: Any, where: str, allowed: Sequence[str] | None = None, *, may_be_empty: bool = False
) -> tuple[str, ...]:
    if not isinstance(value, list) or not (value or may_be_empty):
        raise StrictError(f"{where}: expected a list of names")
    words = tuple(_text(word, where) for word in value)
    if repeated := sorted({word for word in words if words.count(word) > 1}):
        raise StrictError(f"{where}: {', '.join(repeated)} is given twice")
    if allowed is not None and (unknown := [word for word in words if word not in allowed]):
        raise StrictError(f"{where}: {', '.join(unknown)} is none of {', '.join(allowed)}")
    return words


def _basis(value: Any, where: str) -> Basis:
    raw = expect_keys(value, where, ("text", "grade"), ("url",))
    url = _text(raw["url"], f"{where} url") if "url" in raw else None
    return Basis(_text(raw["text"], where), _one_of(raw["grade"], GRADES, f"{where} grade"), url)


def _period(value: Any, name: str) -> tuple[date | None, date | None]:
    is_date = isinstance(value, list) and all(day is None or type(day) is date for day in value)
    if not is_date or len(value) != 2:
        raise StrictError(f"{name}: effective must be [from, to) as dates or null, found {value!r}")
    start, end = value
    if start is not None and end is not None and start >= end:
        raise StrictError(f"{name}: effective ends ({end}) before it begins ({start})")
    return start, end


def _select(sql: str, name: str) -> exp.Query:
    """The rule's one SELECT; its columns are all spelled out."""
    try:
        statements = [statement for statement in sqlglot.parse(sql, read="duckdb") if statement is not None]
    except SqlglotError as error:
        raise StrictError(f"{name}: SQL cannot be parsed: {error}") from None
    if len(statements) != 1 or not isinstance(statements[0], exp.Query):
        raise StrictError(f"{name}: expected exactly one SELECT after the header")
    query = statements[0]
    if any(not isinstance(star.parent, exp.Count) for star in query.find_all(exp.Star)):
        raise StrictError(f"{name}: spell the columns out instead of *")
    return query


def _reads(query: exp.Query, name: str) -> frozenset[str]:
    """schema.table of all that is read, without the query's own CTEs."""
    own = {cte.alias for cte in query.find_all(exp.CTE)}
    reads = set()
    for table in query.find_all(exp.Table):
        if not table.db and table.name in own:
            continue
        if table.db not in SCHEMAS:
            raise StrictError(f"{name}: reads {table.sql()!r}; a rule reads tables of {', '.join(SCHEMAS)}")
        reads.add(f"{table.db}.{table.name}")
    return frozenset(reads)


def _parameters_used(query: exp.Query) -> frozenset[str]:
    """Texts that a column called `parameter` is compared with."""
    used = set()
    for comparison in query.find_all(exp.EQ, exp.In):
        if isinstance(comparison.this, exp.Column) and comparison.this.name == "parameter":
            used |= {text.this for text in comparison.find_all(exp.Literal) if text.is_string}
    return frozenset(used)


def _check_columns(columns: Sequence[str], evidence: Sequence[str], name: str) -> None:
    if missing := [column for column in CELL if column not in columns]:
        raise StrictError(f"{name}: the SELECT lacks {', '.join(missing)}")
    beside = (*CELL, *SPECIAL)
    returned = {column for column in columns if column not in beside}
    declared = {column for column in evidence if column not in beside}
    if returned != declared:
        raise StrictError(
            f"{name}: evidence differs from the SELECT: declared only {sorted(declared - returned)}, "
            f"returned only {sorted(returned - declared)}"
        )
    if lost := [column for column in evidence if column not in columns]:
        raise StrictError(f"{name}: evidence {', '.join(lost)} is not returned")


def _check_parameters(declared: Sequence[str], used: frozenset[str], name: str) -> None:
    if set(declared) != used:
        raise StrictError(
            f"{name}: parameters differ from the SQL: declared only {sorted(set(declared) - used)}, "
            f"used only {sorted(used - set(declared))}"
        )


def _cases(
    value: Any, defaults: Any, name: str, reads: frozenset[str], columns: Sequence[str]
) -> tuple[Case, ...]:
    if not isinstance(value, list):
        raise StrictError(f"{name}: cases must be a list")
    if not isinstance(defaults, dict):
        raise StrictError(f"{name}: defaults must map tables to columns")
    _check_tables(defaults, reads, f"{name} defaults")
    cases = tuple(
        _case(entry, defaults, f"{name} case {i}", reads, columns) for i, entry in enumerate(value, 1)
    )
    kinds = {
        "a case that fires": any(case.expect and not case.is_boundary for case in cases),
        "a silent case": any(not case.expect and not case.is_boundary for case in cases),
        "a boundary case (boundary: true)": any(case.is_boundary for case in cases),
    }
    if absent := [kind for kind, there in kinds.items() if not there]:
        raise StrictError(f"{name}: needs {', '.join(absent)}")
    return cases


def _case(
    entry: Any, defaults: dict[str, Any], where: str, reads: frozenset[str], columns: Sequence[str]
) -> Case:
    tables = [key for key in entry if "." in key] if isinstance(entry, dict) else []
    raw = expect_keys(entry, where, ("when", "expect"), ("boundary", *tables))
    when = _text(raw["when"], f"{where} when")
    where = f"{where} ({when})"
    _check_tables(tables, reads, where)
    expect = _rows(raw["expect"], f"{where} expect")
    for row in expect:
        if unknown := [column for column in row if column not in columns]:
            raise StrictError(f"{where} expect: the SELECT does not return {', '.join(unknown)}")
    filled = {
        table: tuple(
            MappingProxyType({**(defaults.get(table) or {}), **row})
            for row in _rows(raw[table], f"{where} {table}")
        )
        for table in tables
    }
    boundary = raw.get("boundary", False)
    if not isinstance(boundary, bool):
        raise StrictError(f"{where} boundary: expected true or false")
    return Case(
        when=when,
        tables=MappingProxyType(filled),
        expect=expect,
        is_boundary=boundary or "boundary" in when or "边界" in when,
    )


def _check_tables(tables: Iterable[str], reads: frozenset[str], where: str) -> None:
    if unread := [table for table in tables if table not in reads]:
        raise StrictError(f"{where}: the rule does not read {', '.join(unread)} ({', '.join(sorted(reads))})")


def _rows(value: Any, where: str) -> tuple[Mapping[str, Any], ...]:
    if not isinstance(value, list) or not all(isinstance(row, dict) for row in value):
        raise StrictError(f"{where}: expected a list of rows, each a mapping of columns")
    return tuple(MappingProxyType(row) for row in value)
