"""What Great Expectations is asked to judge, and the few numbers it judges by; knows nothing of GX itself.

A claim is "this count is zero". Column contracts follow from the reporting standard: one scan of a staging table
counts the rows that break each of them (at 10 million orders 1 s; column by column it is 5 s and more). Rule
results are counted from the verdicts, so no rule runs twice. Only counts leave the database.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Literal, Protocol

import duckdb

from warehouse.standard import Column, Extract, Standard

Severity = Literal["critical", "warning", "info"]
Counts = dict[tuple[str, str], int]  # (measure, subject) -> rows or verdicts that break the claim

FINE = ("pass", "hit", "not_applicable", "skipped")  # every other outcome is a rule that did not run
SEVERITY: Mapping[str, Severity] = {
    "refuse": "critical",
    "quarantine": "critical",
    "defect": "critical",
    "breach": "warning",
    "suspect": "info",
}


class Rule(Protocol):
    """What a rule of the catalogue must tell."""

    @property
    def id(self) -> str: ...
    @property
    def title_zh(self) -> str: ...
    @property
    def title_en(self) -> str: ...
    @property
    def consequence(self) -> str: ...


@dataclass(frozen=True)
class Claim:
    """`measure` of `subject` (a column, or a rule) is zero. `consequence`: the rule's, else None."""

    suite: str
    subject: str
    measure: str
    text: str
    severity: Severity
    consequence: str | None = None


@dataclass(frozen=True)
class Contract:
    """What one column of staging promises for every row that is not in quarantine; None = promises nothing."""

    column: str
    sql_type: str | None  # None: the column must not exist
    mandatory: bool
    codes: str | None = None
    shortest: int | None = None
    longest: int | None = None
    least: int | None = None
    most: int | None = None
    zh: str = ""
    en: str = ""


def contracts(extract: Extract) -> tuple[Contract, ...]:
    """The columns of one extract in staging; an identity number stands there as its token and three attributes."""
    return tuple(contract for column in extract.columns for contract in _contracts(column))


def _contracts(column: Column) -> tuple[Contract, ...]:
    titles = {"zh": column.zh, "en": column.en}
    required = not column.null
    if column.type == "identity":
        return (
            Contract(column.name, None, False, zh="证件号码不入库", en="identity numbers are never stored"),
            Contract("person", "VARCHAR", required, zh="证件号码的令牌", en="token of the identity number"),
            Contract("birth_date", "DATE", required, zh="出生日期", en="date of birth"),
            Contract("sex", "VARCHAR", required, codes="sex", zh="性别", en="sex"),
            Contract(
                "id_area", "VARCHAR", required, shortest=6, longest=6, zh="证件地区", en="area of the number"
            ),
        )
    shortest, longest = (18, 18) if column.type == "credit_code" else (None, column.max_length)
    return (
        Contract(
            column.name, column.sql_type, required, column.codes, shortest, longest,
            column.minimum, column.maximum, **titles,
        ),
    )  # fmt: skip


def column_claims(extract: Extract) -> list[Claim]:
    """The claims on one staging table; the suite is named after the extract."""
    claims = []
    for contract in contracts(extract):
        for measure, zh, en in _promises(contract):
            text = f"{contract.zh}：{zh} · {contract.en}: {en}"
            claims.append(Claim(extract.name, contract.column, measure, text, "critical"))
    return claims


def _promises(contract: Contract) -> Iterable[tuple[str, str, str]]:
    """(measure, 中文, English) of each promise of a column."""
    if contract.sql_type is None:
        yield "schema", "无此列", "no such column"
        return
    yield "schema", f"类型为 {contract.sql_type}", f"is {contract.sql_type}"
    if contract.mandatory:
        yield "empty", "不为空", "never empty"
    if contract.codes:
        yield "unlisted", f"取值在 {contract.codes} 代码表内", f"listed in {contract.codes}"
    if contract.longest is not None:
        size = f"{contract.longest}" if contract.shortest else f"≤ {contract.longest}"
        yield "length", f"长度 {size}", f"length {size}"
    if contract.least is not None or contract.most is not None:
        yield "range", f"在 {contract.least} 至 {contract.most} 之间", f"{contract.least} to {contract.most}"


def rule_claims(rules: Iterable[Rule]) -> list[Claim]:
    """Two claims a rule: it gave verdicts and never crashed (suite rules-run), and it has no hit (rules-hit)."""
    run, hit = [], []
    for rule in {rule.id: rule for rule in rules}.values():  # of several versions, the last one given
        zh, en = rule.title_zh, rule.title_en
        text = f"{zh}：有结论且无执行出错 · {en}: judged, no crash"
        run.append(Claim("rules-run", rule.id, "error", text, "critical"))
        severity = SEVERITY.get(rule.consequence, "info")
        text = f"{zh}（{rule.consequence}）：无命中 · {en}: no hit"
        hit.append(Claim("rules-hit", rule.id, "hit", text, severity, rule.consequence))
    return run + hit


def column_counts(cursor: duckdb.DuckDBPyConnection, extract: Extract, standard: Standard) -> Counts:
    """Rows of staging.<extract>, as it stands, outside quarantine, that break each claim; one scan.

    A column that is missing or of another type counts 1 under `schema` and is left out of the rest. Raises
    duckdb.Error when a table is missing.
    """
    types: dict[str, str] = dict(
        cursor.execute(
            "select column_name, data_type from duckdb_columns() where database_name = current_database() "
            "and schema_name = 'staging' and table_name = $name",
            {"name": extract.table},
        ).fetchall()
    )
    if not types:
        raise duckdb.CatalogException(f"table staging.{extract.table} does not exist")
    counts: Counts = {}
    rows: dict[tuple[str, str], str] = {}  # predicates on a row
    groups: dict[tuple[str, str], str] = {}  # predicates on a combination of codes
    parameters: dict[str, Any] = {"extract": extract.name}
    for contract in contracts(extract):
        name = f'"{contract.column}"'
        fits = types.get(contract.column) == contract.sql_type
        counts["schema", contract.column] = 0 if fits else 1
        if not fits or contract.sql_type is None:
            continue
        for measure, _zh, _en in _promises(contract):
            key = (measure, contract.column)
            if measure == "empty":
                rows[key] = f"{name} is null"
            elif measure == "length":
                rows[key] = f"length({name}) not between {contract.shortest or 0} and {contract.longest}"
            elif measure == "range":
                bounds = ((f"{name} < ", contract.least), (f"{name} > ", contract.most))
                rows[key] = " or ".join(f"{test}{bound}" for test, bound in bounds if bound is not None)
            elif measure == "unlisted":
                groups[key] = f"not list_contains($codes_{contract.column}, {name})"
                parameters[f"codes_{contract.column}"] = _codes(cursor, standard, str(contract.codes))
    for measured in cursor.execute(_scan(extract, rows, groups), parameters).fetchall():
        counts.update(zip([*rows, *groups], measured, strict=True))
    return counts


def _scan(
    extract: Extract, rows: Mapping[tuple[str, str], str], groups: Mapping[tuple[str, str], str]
) -> str:
    """One scan, grouped by the codes: a long code list is then looked up once a combination, not once a row."""
    inner = [f'"{column}"' for _measure, column in groups]
    inner += ["count(*) as n", *(f"count(*) filter (where {p}) as m{i}" for i, p in enumerate(rows.values()))]
    outer = [f"coalesce(sum(m{i}), 0)::bigint" for i in range(len(rows))]
    outer += [f"coalesce(sum(n) filter (where {p}), 0)::bigint" for p in groups.values()]
    return f"""
        with set_aside as (
            select distinct version_id, row_no from staging.quarantine where extract = $extract
        ),
        grouped as (
            select {", ".join(inner)}
            from staging."{extract.table}" as r
            where not exists (
                select 1 from set_aside as q where q.version_id = r.version_id and q.row_no = r.row_no
            )
            group by all
        )
        select {", ".join(outer)} from grouped
    """


def _codes(cursor: duckdb.DuckDBPyConnection, standard: Standard, name: str) -> list[str]:
    """The codes of one list: of the standard, else of the register of that name (whatever its dates)."""
    if name == "sex":
        return ["F", "M"]
    if name in standard.codes:
        return list(standard.codes[name])
    return [code for (code,) in cursor.execute(f"select distinct {name}_code from ref.{name}").fetchall()]


def rule_counts(
    cursor: duckdb.DuckDBPyConnection, rules: Iterable[Rule], since: date, night: date, *, quiet: bool
) -> Counts:
    """Verdicts of the nights since..night by rule: `hit`, and `error`.

    A rule without any verdict counts as one error (absence is not innocence), unless the nights were quiet.
    """
    fine = ", ".join(f"'{outcome}'" for outcome in FINE)
    found = {
        rule_id: (hits, errors)
        for rule_id, hits, errors in cursor.execute(
            f"""
            select
                rule_id,
                count(*) filter (where outcome = 'hit') as hits,
                count(*) filter (where outcome is null or outcome not in ({fine})) as errors
            from checks.verdict
            where night between $since and $night
            group by rule_id
            """,
            {"since": since, "night": night},
        ).fetchall()
    }
    counts: Counts = {}
    for rule in rules:
        counts["hit", rule.id], counts["error", rule.id] = found.get(rule.id, (0, 0 if quiet else 1))
    return counts
