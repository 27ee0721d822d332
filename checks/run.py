"""Verdicts and findings of a night: every rule runs once, on its own; a crash is an outcome, never a hit.

Rules run outside the night's transaction, so one that fails cannot take the others with it; their results
are merged in one transaction by `merge`.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import duckdb

from checks.catalogue import CELL, CONSEQUENCES, NEEDS, Rule
from warehouse.build import framed
from warehouse.engine import quote
from warehouse.home import sync_file

SORTED_BELOW = (
    200_000  # evidence of at most this many rows is written in order, so that reruns give equal files
)


@dataclass(frozen=True)
class Result:
    """What one rule did: its evidence file (None = no row), rows, seconds, or the error it died of."""

    rule: Rule
    evidence: Path | None
    rows: int
    seconds: float
    error: str | None = None


def run(
    connection: duckdb.DuckDBPyConnection,
    rules: Sequence[Rule],
    folder: Path,
    *,
    clock: Callable[[], float],
    side_by_side: bool = False,
) -> list[Result]:
    """Run the rules against staging and core as they stand (frame set); evidence goes to Parquet in `folder`.

    `side_by_side`: two at a time. A small night spends its time on planning queries, which takes one core each; a
    large one uses both cores for every query and is better off with its memory undivided.
    """

    def one(rule: Rule) -> Result:
        begin = clock()
        path = folder / f"{rule.id}-{rule.version}-{secrets.token_hex(8)}.parquet"
        with connection.cursor() as cursor:
            try:
                rows = _write(cursor, rule, path)
                return Result(rule, path if rows else None, rows, clock() - begin)
            except duckdb.Error as error:
                path.unlink(missing_ok=True)
                return Result(rule, None, 0, clock() - begin, f"{type(error).__name__}: {error}"[:2000])

    with ThreadPoolExecutor(max_workers=2 if side_by_side else 1) as pool:
        return list(pool.map(one, rules))


def _write(connection: duckdb.DuckDBPyConnection, rule: Rule, path: Path) -> int:
    """All evidence rows of a rule, none cut; an empty result leaves no file."""
    row = connection.execute(f"copy ({rule.sql}) to {quote(str(path))} (format parquet)").fetchone()
    count = int(row[0]) if row else 0
    if count == 0:
        path.unlink()
        return 0
    if count <= SORTED_BELOW:
        ordered = path.with_suffix(".part")
        connection.execute(
            f"copy (select * from read_parquet({quote(str(path))}) order by all) to {quote(str(ordered))} (format parquet)"
        )
        ordered.rename(path)
    sync_file(path)
    return count


def list_rules(connection: duckdb.DuckDBPyConnection, rules: Sequence[Rule]) -> None:
    """checks.rule and checks.rule_parameter: the catalogue as this run has it, for marts.rule_catalogue."""
    connection.execute("begin; delete from checks.rule; delete from checks.rule_parameter")
    connection.executemany(
        f"insert into checks.rule values ({', '.join('?' * 20)})",
        [
            (r.id, r.version, r.path.stem, r.title_zh, r.title_en, r.consequence, r.dimension, r.responsible, r.basis.text,
             r.basis.grade, r.basis.url, r.effective_from, r.effective_to, ", ".join(r.needs), ", ".join(r.parameters),
             ", ".join(r.evidence), r.message_zh, r.message_en, len(r.cases), r.price)
            for r in rules
        ],
    )  # fmt: skip
    connection.execute(
        "insert into checks.rule_parameter select r.rule_id, r.rule_version, unnest(string_split(r.parameters, ', ')) "
        "from checks.rule r where r.parameters <> ''"
    )
    connection.execute("commit")


def merge(
    connection: duckdb.DuckDBPyConnection, results: Sequence[Result], *, night: date, home: Path
) -> None:
    """Verdicts and findings from a night's results. Within the caller's transaction.

    A rule that reads framed tables speaks for the frame's platform × business_date pairs only; another speaks
    for everything. What a rule no longer says is resolved; what it says again is open again.
    """
    _tables(connection, results, home)
    connection.execute(
        """create or replace temp table hit as
        select h.* exclude (rank, business_date),
            coalesce(h.business_date, date '1970-01-01') as business_date,
            substr(sha256(concat_ws('|', h.rule_id, coalesce(h.platform_code, ''), coalesce(h.province_code, ''),
                coalesce(cast(h.business_date as varchar), ''))), 1, 20) as finding_id,
        from raw_hit h
        join rule_run r on r.rule_id = h.rule_id and r.rule_version = h.rule_version
        where (r.effective_from is null or h.business_date >= r.effective_from)
            and (r.effective_to is null or h.business_date < r.effective_to)
            and not exists (
                select 1 from ref.rule_switches s
                where s.rule_id = h.rule_id and not s.enabled
                    and (s.valid_from is null or s.valid_from <= h.business_date)
                    and (s.valid_to is null or s.valid_to > h.business_date))"""
    )
    # outside the frame a framed rule sees only what it reads of whole tables: that may raise a finding, never recount one
    connection.execute(
        """delete from hit h where exists (select 1 from rule_run r where r.rule_id = h.rule_id and r.is_framed)
            and not exists (
                select 1 from build.frame b where b.platform_code = h.platform_code and b.business_date = h.business_date)
            and exists (select 1 from checks.finding f where f.finding_id = h.finding_id and f.status <> 'resolved')"""
    )
    connection.execute(
        f"""create or replace temp table resolved as
        select f.finding_id from checks.finding f
        join rule_run r on r.rule_id = f.rule_id and r.error is null
        where f.status <> 'resolved'
            and not exists (select 1 from hit h where h.finding_id = f.finding_id)
            and (not r.is_framed or exists (
                select 1 from build.frame b where b.platform_code = f.platform_code and b.business_date = f.period_from));
        update checks.finding f set status = 'resolved', changed_on = {quote(str(night))}
        where f.finding_id in (select finding_id from resolved);
        update checks.finding f set
            rule_version = h.rule_version, consequence = h.consequence, amount_yuan = h.amount_yuan,
            submission = coalesce(h.submission, f.submission), version_id = h.version_id, violations = h.violations,
            checked = h.checked, evidence = h.evidence, title_zh = r.title_zh, title_en = r.title_en,
            changed_on = case when f.status = 'resolved' then {quote(str(night))} else f.changed_on end,
            status = case when f.status = 'resolved' then 'open' else f.status end
        from hit h join rule_run r on r.rule_id = h.rule_id and r.rule_version = h.rule_version
        where f.finding_id = h.finding_id;
        insert into checks.finding
        select h.finding_id, h.rule_id, h.rule_version, 'rule', h.consequence, r.dimension, r.responsible, h.amount_yuan,
            h.platform_code, h.province_code, h.business_date, h.business_date,
            coalesce(h.detected_on, {quote(str(night))}), h.submission, h.version_id, h.violations, h.checked,
            null, null, null, null, r.title_zh, r.title_en, 'open', h.evidence, {quote(str(night))}
        from hit h join rule_run r on r.rule_id = h.rule_id and r.rule_version = h.rule_version
        where not exists (select 1 from checks.finding f where f.finding_id = h.finding_id)"""
    )
    _verdicts(connection, night)


def _tables(connection: duckdb.DuckDBPyConnection, results: Sequence[Result], home: Path) -> None:
    """rule_run: what ran; raw_hit: rule × cell with counts, amount, submission and evidence file."""
    connection.execute(
        """create or replace temp table rule_run (rule_id varchar, rule_version bigint, effective_from date, effective_to date,
            is_framed boolean, checked varchar, dimension varchar, responsible varchar, title_zh varchar, title_en varchar, error varchar);
        create or replace temp table rule_need (rule_id varchar, need varchar);
        create or replace temp table raw_hit (rule_id varchar, rule_version bigint, platform_code varchar, province_code varchar,
            business_date date, violations bigint, amount_yuan decimal(18, 4), consequence varchar, rank bigint, detected_on date,
            submission varchar, version_id varchar, checked bigint, evidence varchar)"""
    )
    tables = framed()
    rules = [result.rule for result in results]
    connection.executemany(
        "insert into rule_run values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        [
            (r.id, r.version, r.effective_from, r.effective_to, bool(r.reads & tables), r.checked, r.dimension, r.responsible,
             r.title_zh, r.title_en, result.error)
            for r, result in zip(rules, results, strict=True)
        ],
    )  # fmt: skip
    needs = sorted({(rule.id, need) for rule in rules for need in rule.needs})
    connection.execute(
        "insert into rule_need select unnest(?::varchar[]), unnest(?::varchar[])",
        [[r for r, _ in needs], [n for _, n in needs]],
    )
    for result in results:
        rule = result.rule
        if result.evidence is None:
            continue
        columns = set(rule.columns)
        count = "sum(violations)" if "violations" in columns else "count(*)"
        amount = "sum(amount_yuan)" if "amount_yuan" in columns else "null"
        ranks = ", ".join(f"'{name}': {place}" for place, name in enumerate(reversed(CONSEQUENCES)))
        consequence = (
            f"list_extract({list(reversed(CONSEQUENCES))}, max(map {{{ranks}}}[consequence]) + 1)"
            if "consequence" in columns
            else quote(rule.consequence)
        )
        detected = "min(detected_on)" if "detected_on" in columns else "null"
        submission = (
            "max_by(e.submission, (length(e.submission), e.submission))"
            if "submission" in columns
            else "null"
        )
        connection.execute(
            f"""insert into raw_hit
            select {quote(rule.id)}, {rule.version}, e.platform_code, e.province_code, e.business_date, {count}, {amount},
                {consequence}, 0, {detected}, coalesce({submission}, max(u.submission)), max(u.version_id),
                max(case {quote(rule.checked)} when 'orders' then u.orders when 'enrollment' then u.enrollment
                    when 'claims' then u.claims when 'package' then 1 end),
                {quote(str(result.evidence.relative_to(home)))}
            from read_parquet({quote(str(result.evidence))}) e
            left join core.unit u on u.platform_code = e.platform_code and u.province_code = e.province_code
                and u.business_date = e.business_date
            group by {", ".join(f"e.{name}" for name in CELL)}"""
        )


def _verdicts(connection: duckdb.DuckDBPyConnection, night: date) -> None:
    """checks.verdict for the frame's units (and for every cell that is hit): one of five outcomes, never merged."""
    connection.execute(
        "create or replace temp table need_met (need varchar, platform_code varchar, province_code varchar, business_date date)"
    )
    needs = [need for (need,) in connection.execute("select distinct need from rule_need").fetchall()]
    units = """(select u.* from core.unit u join build.frame f
        on f.platform_code = u.platform_code and f.business_date = u.business_date)"""
    for need in needs:
        table = NEEDS[need].table
        if need in ("package", "enrollment", "orders", "claims"):
            condition = "true"  # an accepted submission holds all three extracts, a nil return too
        else:
            schema, name = table.split(".")
            held = {column for (column,) in connection.execute(
                "select column_name from information_schema.columns where table_schema = ? and table_name = ?", [schema, name]
            ).fetchall()}  # fmt: skip
            same = [
                f"(n.{column} is null or n.{column} = u.{column})"
                for column in ("platform_code", "province_code")
                if column in held
            ]
            if "business_date" in held:
                same.append("n.business_date = u.business_date")
            elif "hour" in held:
                same.append("substr(n.hour, 1, 8) = strftime(u.business_date, '%Y%m%d')")
            condition = f"exists (select 1 from {table} n where {NEEDS[need].where}{''.join(' and ' + part for part in same)})"
        connection.execute(
            f"insert into need_met select {quote(need)}, u.platform_code, u.province_code, u.business_date from {units} u where {condition}"
        )
    connection.execute(
        f"""create or replace temp table new_verdict as
        with judged as (
            select r.*, u.platform_code, u.province_code, u.business_date,
                case r.checked when 'orders' then u.orders when 'enrollment' then u.enrollment when 'claims' then u.claims
                    when 'package' then 1 end as rows_checked,
                exists (select 1 from ref.rule_switches s where s.rule_id = r.rule_id and not s.enabled
                    and (s.valid_from is null or s.valid_from <= u.business_date)
                    and (s.valid_to is null or s.valid_to > u.business_date)) as is_off,
                (select max(n.need) from rule_need n where n.rule_id = r.rule_id and not exists (
                    select 1 from need_met m where m.need = n.need and m.platform_code = u.platform_code
                        and m.province_code = u.province_code and m.business_date = u.business_date)) as missing_need,
            from rule_run r cross join {units} u
            where (r.effective_from is null or u.business_date >= r.effective_from)
                and (r.effective_to is null or u.business_date < r.effective_to)
        )
        select j.rule_id, j.rule_version, j.platform_code, j.province_code, j.business_date,
            case when j.is_off then 'skipped' when j.error is not null then 'error' when h.finding_id is not null then 'hit'
                when j.missing_need is not null then 'not_applicable' else 'pass' end as outcome,
            coalesce(h.violations, 0) as violations, coalesce(h.checked, j.rows_checked) as checked,
            case when j.is_off then 'switched off' when j.error is not null then j.error
                when h.finding_id is null and j.missing_need is not null then j.missing_need || ' absent' end as reason,
            cast({quote(str(night))} as date) as night,
        from judged j
        left join hit h on h.rule_id = j.rule_id and h.platform_code = j.platform_code
            and h.province_code = j.province_code and h.business_date = j.business_date
        union all
        -- a rule outside its dates on a unit of the frame
        select r.rule_id, r.rule_version, u.platform_code, u.province_code, u.business_date, 'skipped', 0, 0,
            'outside its dates', cast({quote(str(night))} as date)
        from rule_run r cross join {units} u
        where not ((r.effective_from is null or u.business_date >= r.effective_from)
                and (r.effective_to is null or u.business_date < r.effective_to))
            and not exists (select 1 from rule_run o where o.rule_id = r.rule_id and o.rule_version <> r.rule_version)
        union all
        -- a hit outside the frame, or where no submission was accepted
        select h.rule_id, h.rule_version, h.platform_code, h.province_code, h.business_date, 'hit', h.violations, h.checked, null,
            cast({quote(str(night))} as date)
        from hit h
        where not exists (select 1 from {units} u where u.platform_code = h.platform_code
            and u.province_code = h.province_code and u.business_date = h.business_date);
        delete from checks.verdict v where exists (
            select 1 from new_verdict n where n.rule_id = v.rule_id and n.platform_code is not distinct from v.platform_code
                and n.province_code is not distinct from v.province_code and n.business_date = v.business_date);
        -- what was hit before and is resolved now, outside the frame
        update checks.verdict v set outcome = 'pass', violations = 0, night = cast({quote(str(night))} as date)
        where v.outcome = 'hit' and exists (
            select 1 from checks.finding f join resolved s on s.finding_id = f.finding_id
            where f.rule_id = v.rule_id and f.platform_code is not distinct from v.platform_code
                and f.province_code is not distinct from v.province_code and f.period_from = v.business_date);
        insert into checks.verdict select * from new_verdict"""
    )
