"""The only reader: every number on a screen comes through here, from one snapshot, within the viewer's rights.

Every function takes the snapshot and the viewer first. Frames are tidy polars frames; rates are 0–1.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import polars as pl

from dashboards.access import NotAllowed, Viewer
from dashboards.snapshots import Snapshot


@dataclass(frozen=True)
class Extent:
    """What the snapshot covers: first and last business date with data (None = none), and until when things are known."""

    first: date | None
    last: date | None
    known_until: datetime | None
    last_night: date | None


def extent(snapshot: Snapshot, viewer: Viewer) -> Extent:
    """First and last business date that was accepted, within the viewer's provinces."""

    def make() -> Extent:
        days = snapshot.rows(
            """select min(business_date) as first, max(business_date) as last from marts.submission
            where status <> 'refused' and ($provinces is null or province_code in (select unnest($provinces)))""",
            {"provinces": _listed(viewer.allowed_provinces())},
        )
        about = snapshot.rows(
            "select coalesce(data_now, published_at) as known_until, last_night from marts.snapshot"
        )
        known_until, night = about.row(0) if about.height else (None, None)
        return Extent(days["first"][0], days["last"][0], known_until, night)

    return snapshot.remembered(("extent", viewer), make)


def _listed(codes: Sequence[str] | None) -> list[str] | None:
    return None if codes is None else list(codes)


def provinces(snapshot: Snapshot, viewer: Viewer) -> pl.DataFrame:
    """province_code, name_zh, name_en, short_zh, region, scheme_from (null = outside the scheme), is_visible."""

    def make() -> pl.DataFrame:
        seen = viewer.allowed_provinces()
        rows = snapshot.rows(
            "select province_code, name_zh, name_en, short_zh, region, scheme_from from ref.province order by province_code"
        )
        return rows.with_columns(
            is_visible=pl.lit(True) if seen is None else pl.col("province_code").is_in(list(seen))
        )

    return snapshot.remembered(("provinces", viewer), make)


def platforms(snapshot: Snapshot, viewer: Viewer) -> pl.DataFrame:
    """platform_code with its latest name_zh, name_en, industry, and joined_on."""
    return snapshot.remembered(
        ("platforms", viewer),
        lambda: snapshot.rows(
            """select platform_code, name_zh, name_en, industry, joined_on from ref.platform
            qualify row_number() over (
                partition by platform_code order by valid_from desc nulls last) = 1
            order by platform_code"""
        ),
    )


def indicators(
    snapshot: Snapshot,
    viewer: Viewer,
    *,
    by: Sequence[str],
    indicators: Sequence[str],
    date_from: date | None = None,
    date_to: date | None = None,
    platforms: Sequence[str] = (),
    provinces: Sequence[str] = (),
    base: str | None = None,
) -> pl.DataFrame:
    """Figures as `zhibao indicators` prints them: the `by` columns, indicator, value, numerator, denominator, unit,
    like_for_like, certified, flags, as_of. NotAllowed outside the viewer's rights."""
    from warehouse.indicators import compute

    viewer.check_platforms(by, platforms)
    arguments: dict[str, Any] = {
        "by": tuple(by),
        "indicators": tuple(indicators),
        "date_from": date_from,
        "date_to": date_to,
        "platforms": tuple(platforms) or None,
        "provinces": viewer.allowed_provinces(provinces),
        "base": base,
    }

    def make() -> pl.DataFrame:
        with snapshot.cursor() as cursor:
            return compute(cursor, **arguments)

    return snapshot.remembered(
        ("indicators", tuple(sorted(arguments.items(), key=lambda item: item[0]))), make
    )


# --- submissions ---------------------------------------------------------------------------------------------

PLACE = """($provinces is null or {column}.province_code in (select unnest($provinces)))
    and ($platforms is null or {column}.platform_code in (select unnest($platforms)))"""
UNITS = f"""
with unit as (
    select
        u.platform_code, u.province_code, u.business_date, u.versions, u.refused, u.is_due, u.is_certified, u.rows_orders,
        case
            when not u.is_accepted and u.refused > 0 then 'refused'
            when not u.is_accepted and u.is_due then 'missing'
            when not u.is_accepted then 'pending'
            when u.is_nil then 'nil'
            when u.is_late then 'late'
            when u.is_resubmitted then 'resubmitted'
            else 'on_time'
        end as state,
    from marts.unit_day u
    where u.business_date between $first and $last and {PLACE.format(column="u")}
)
"""
STATES = ("on_time", "resubmitted", "nil", "late", "pending", "refused", "missing")


def _places(viewer: Viewer, provinces: Sequence[str], platforms: Sequence[str]) -> dict[str, Any]:
    return {"provinces": _listed(viewer.allowed_provinces(provinces)), "platforms": list(platforms) or None}


def submission_states(
    snapshot: Snapshot,
    viewer: Viewer,
    *,
    first: date,
    last: date,
    provinces: Sequence[str],
    platforms: Sequence[str],
) -> pl.DataFrame:
    """platform_code, province_code, business_date, state (one of STATES), versions, refused, is_certified, rows_orders:
    one row per pair and day that was due or for which anything came."""
    viewer.check_platforms(("platform",), platforms)
    values = {"first": first, "last": last, **_places(viewer, provinces, platforms)}
    sql = f"{UNITS} select * from unit order by platform_code, province_code, business_date"
    return snapshot.remembered(("submission_states", repr(values)), lambda: snapshot.rows(sql, values))


def submission_counts(
    snapshot: Snapshot,
    viewer: Viewer,
    *,
    first: date,
    last: date,
    provinces: Sequence[str],
    platforms: Sequence[str],
) -> pl.DataFrame:
    """state, units, certified: how many pair-days of the period are in each state."""
    values = {"first": first, "last": last, **_places(viewer, provinces, platforms)}
    sql = f"{UNITS} select state, count(*) as units, count(case when is_certified then 1 end) as certified from unit group by state"
    return snapshot.remembered(("submission_counts", repr(values)), lambda: snapshot.rows(sql, values))


VERSIONS = f"""
select
    s.submission, s.platform_code, s.province_code, s.business_date, s.sequence, s.status, s.submitted_at, s.known_at, s.night,
    s.rows_enrollment, s.rows_orders, s.rows_claims,
    cast(s.quarantined_enrollment + s.quarantined_orders + s.quarantined_claims as bigint) as quarantined,
    s.reason_code, s.reason_text, s.reasons, s.version_id,
from marts.submission s
where s.business_date between $first and $last and {PLACE.format(column="s")}
"""
VERSIONS_ORDER = "business_date desc, platform_code, province_code, sequence, submitted_at"


def versions(
    snapshot: Snapshot, viewer: Viewer, *, first: date, last: date, provinces: Sequence[str], platforms: Sequence[str],
    order: Order | None = None,
) -> tuple[pl.DataFrame, int]:  # fmt: skip
    """Every version of every package of the period, refused ones too; a window of them and how many there are."""
    viewer.check_platforms(("platform",), platforms)
    values = {"first": first, "last": last, **_places(viewer, provinces, platforms)}
    return _window(snapshot, "versions", VERSIONS, values, VERSIONS_ORDER, order)


def receipts(snapshot: Snapshot, viewer: Viewer, version_ids: Sequence[str]) -> dict[str, tuple[int, str]]:
    """version_id → number and hash of the receipt under which it was sealed; a version that was not sealed is left out."""
    if not snapshot.has("marts.receipt"):
        return {}
    found = snapshot.rows(
        "select version_id, number, receipt_hash from marts.receipt where version_id in (select unnest($ids))",
        {"ids": list(version_ids)},
    )
    return {version: (number, digest) for version, number, digest in found.iter_rows()}


def day_versions(
    snapshot: Snapshot, viewer: Viewer, *, day: date, provinces: Sequence[str], platforms: Sequence[str]
) -> pl.DataFrame:
    """Accepted versions of one business day: platform_code, province_code, sequence, submission, known_at, rows_*."""
    viewer.check_platforms(("platform",), platforms)
    values = {"first": day, "last": day, **_places(viewer, provinces, platforms)}
    sql = f"""select platform_code, province_code, sequence, submission, known_at, rows_orders, rows_enrollment, rows_claims
        from ({VERSIONS}) where status <> 'refused' and known_at is not null order by known_at, sequence, submission"""
    return snapshot.remembered(("day_versions", repr(values)), lambda: snapshot.rows(sql, values))


def last_revised_day(
    snapshot: Snapshot,
    viewer: Viewer,
    *,
    first: date,
    last: date,
    provinces: Sequence[str],
    platforms: Sequence[str],
) -> date | None:
    """The last business day of the period that has more than one accepted version of a pair; else the last one with any."""
    values = {"first": first, "last": last, **_places(viewer, provinces, platforms)}
    sql = f"""select max(case when versions > 1 then business_date end) as revised, max(business_date) as last from (
        select business_date, platform_code, province_code, count(*) as versions from ({VERSIONS})
        where status <> 'refused' group by business_date, platform_code, province_code)"""
    found = snapshot.remembered(("last_revised_day", repr(values)), lambda: snapshot.rows(sql, values))
    revised, newest = found.row(0)
    return revised or newest


@dataclass(frozen=True)
class Order:
    """A window of a long list: rows start … end, ordered by one of its columns ('' = its own order)."""

    start: int = 0
    end: int | None = None
    column: str = ""
    is_descending: bool = False


def _window(
    snapshot: Snapshot, name: str, sql: str, values: dict[str, Any], own_order: str, order: Order | None
) -> tuple[pl.DataFrame, int]:
    """Rows of a statement by window. The column to order by is only taken where the statement has it."""
    wanted = order or Order()
    key = (name, repr(values))
    with snapshot.cursor() as cursor:
        found = cursor.sql(sql, params=values)
        direction = "desc" if wanted.is_descending else "asc"
        by = (
            f"{wanted.column} {direction} nulls last, {own_order}"
            if wanted.column in found.columns
            else own_order
        )
        ordered = found.order(by)
        if wanted.end is not None:
            ordered = ordered.limit(wanted.end - wanted.start, offset=wanted.start)
        rows = pl.DataFrame(ordered.to_arrow_table())
    count = snapshot.remembered(
        ("count", key), lambda: int(snapshot.rows(f"select count(*) as n from ({sql})", values)["n"][0])
    )
    return rows, count


# --- findings ------------------------------------------------------------------------------------------------

FINDINGS = """
select
    f.finding_id, f.rule_id, f.rule_version, f.kind, f.consequence, f.dimension, f.responsible, f.amount_yuan,
    f.platform_code, f.province_code, f.period_from, f.period_to, f.detected_on, f.submission, f.violations, f.checked,
    f.effect, f.p_value, f.score, f.scheme, f.title_zh, f.title_en, f.status, f.changed_on,
from checks.finding f
where (f.period_to is null or f.period_to >= $first) and (f.period_from is null or f.period_from <= $last)
    and ($provinces is null or f.province_code in (select unnest($provinces)) or (f.province_code is null and $sees_nation))
    and ($platforms is null or f.platform_code in (select unnest($platforms)))
    and ($rules is null or f.rule_id in (select unnest($rules)))
    and ($statuses is null or f.status in (select unnest($statuses)))
    and ($consequences is null or f.consequence in (select unnest($consequences)))
"""
FINDINGS_ORDER = (
    "list_position(['refuse', 'quarantine', 'defect', 'breach', 'suspect'], consequence), score desc nulls last, period_from desc, rule_id, platform_code, "
    "province_code, finding_id"
)


@dataclass(frozen=True)
class Asked:
    """Which findings are asked for; empty = all."""

    first: date
    last: date
    provinces: tuple[str, ...] = ()
    platforms: tuple[str, ...] = ()
    rules: tuple[str, ...] = ()
    statuses: tuple[str, ...] = ()
    consequences: tuple[str, ...] = ()


def _asked(viewer: Viewer, asked: Asked) -> dict[str, Any]:
    return {
        "first": asked.first,
        "last": asked.last,
        **_places(viewer, asked.provinces, asked.platforms),
        "sees_nation": viewer.provinces is None,  # a national finding is about each of the provinces
        "rules": list(asked.rules) or None,
        "statuses": list(asked.statuses) or None,
        "consequences": list(asked.consequences) or None,
    }


def findings(
    snapshot: Snapshot, viewer: Viewer, asked: Asked, order: Order | None = None
) -> tuple[pl.DataFrame, int]:
    """A window of the findings, strictest consequence first, and how many there are."""
    viewer.check_platforms(("platform",), asked.platforms)
    return _window(snapshot, "findings", FINDINGS, _asked(viewer, asked), FINDINGS_ORDER, order)


def finding_counts(snapshot: Snapshot, viewer: Viewer, asked: Asked) -> pl.DataFrame:
    """rule_id, title_zh, title_en, consequence, dimension, status, findings, violations, amount_yuan."""
    values = _asked(viewer, asked)
    sql = f"""select rule_id, max(title_zh) as title_zh, max(title_en) as title_en, consequence, dimension, status,
        count(*) as findings, cast(sum(violations) as bigint) as violations, cast(sum(amount_yuan) as double) as amount_yuan
        from ({FINDINGS}) group by rule_id, consequence, dimension, status order by findings desc, rule_id, status"""
    return snapshot.remembered(("finding_counts", repr(values)), lambda: snapshot.rows(sql, values))


def finding(snapshot: Snapshot, viewer: Viewer, finding_id: str) -> dict[str, Any] | None:
    """One finding by its id; None where there is none, or none that the viewer may see."""
    viewer.check_platforms(("platform",), ())
    rows = snapshot.rows("select * from checks.finding where finding_id = $id", {"id": finding_id})
    seen = viewer.allowed_provinces()
    found = rows.row(0, named=True) if rows.height else None
    return found if found and (seen is None or found["province_code"] in seen) else None


def evidence(snapshot: Snapshot, viewer: Viewer, finding_id: str) -> pl.DataFrame:
    """Every row behind a finding, as the rule returned it; no rows where the rule kept none."""
    found = finding(snapshot, viewer, finding_id)
    if found is None or not found["evidence"]:
        return pl.DataFrame()
    rows = snapshot.rows(
        """select * from read_parquet($path)
        where platform_code is not distinct from $platform and province_code is not distinct from $province
            and coalesce(business_date, date '1970-01-01') between $first and $last""",
        {
            "path": found["evidence"], "platform": found["platform_code"], "province": found["province_code"],
            "first": found["period_from"], "last": found["period_to"],
        },
    )  # fmt: skip
    return rows.filter(pl.col("finding_id") == finding_id) if "finding_id" in rows.columns else rows


# --- detectors -----------------------------------------------------------------------------------------------

OUTCOMES = ("evidence", "clean", "not_identifiable", "not_applicable", "error")


def detector_coverage(
    snapshot: Snapshot, viewer: Viewer, *, provinces: Sequence[str], platforms: Sequence[str]
) -> pl.DataFrame:
    """detector, platform_code, province_code (null = nationally), outcome (one of OUTCOMES), reason: what every detector
    could say of every platform in the last night. No rows where the snapshot knows of no detectors."""
    viewer.check_platforms(("platform",), platforms)
    if not snapshot.has("marts.detector_coverage"):
        return pl.DataFrame()
    values = _places(viewer, provinces, platforms)
    sql = """select d.detector, d.platform_code, d.province_code, d.outcome, d.reason from marts.detector_coverage d
        where (d.province_code is null or $provinces is null or d.province_code in (select unnest($provinces)))
            and (d.platform_code is null or $platforms is null or d.platform_code in (select unnest($platforms)))
        order by d.platform_code, d.detector, d.province_code nulls first"""
    return snapshot.remembered(("detector_coverage", repr(values)), lambda: snapshot.rows(sql, values))


def estimates(
    snapshot: Snapshot, viewer: Viewer, *, provinces: Sequence[str], platforms: Sequence[str]
) -> pl.DataFrame:
    """The best estimate of every platform, province (null = nationally) and measure: outcome, reported, missing, missing_low,
    missing_high, n, reason_zh, reason_en. No rows where the snapshot knows of none."""
    viewer.check_platforms(("platform",), platforms)
    if not snapshot.has("marts.estimate"):
        return pl.DataFrame()
    values = {**_places(viewer, provinces, platforms), "sees_nation": viewer.provinces is None}
    sql = """select e.platform_code, e.province_code, e.measure, e.outcome, e.reported, e.missing, e.missing_low, e.missing_high, e.n,
        e.reason_zh, e.reason_en, e.flags from marts.estimate e
        where e.is_best
            and ($provinces is null or e.province_code in (select unnest($provinces)) or (e.province_code is null and $sees_nation))
            and ($platforms is null or e.platform_code in (select unnest($platforms)))
        order by e.platform_code, e.province_code nulls first, e.measure"""
    return snapshot.remembered(("estimates", repr(values)), lambda: snapshot.rows(sql, values))


def episode(snapshot: Snapshot, viewer: Viewer, finding_id: str) -> dict[str, Any] | None:
    """A detector's own words on its finding: sentence_zh, sentence_en, statistic, expected, n; None where there are none."""
    if not snapshot.has("checks.episode") or finding(snapshot, viewer, finding_id) is None:
        return None
    found = snapshot.rows("select * from checks.episode where finding_id = $id", {"id": finding_id})
    return found.row(0, named=True) if found.height else None


def rule_history(
    snapshot: Snapshot, viewer: Viewer, found: dict[str, Any], first: date, last: date
) -> pl.DataFrame:
    """business_date, outcome, violations, checked of a finding's rule in its own place, from first to last."""
    viewer.allowed_provinces((found["province_code"],) if found["province_code"] else ())
    return snapshot.rows(
        """select business_date, outcome, violations, checked from checks.verdict
        where rule_id = $rule and platform_code is not distinct from $platform and province_code is not distinct from $province
            and business_date between $first and $last order by business_date""",
        {"rule": found["rule_id"], "platform": found["platform_code"], "province": found["province_code"], "first": first, "last": last},
    )  # fmt: skip


def rule_catalogue(snapshot: Snapshot, viewer: Viewer) -> pl.DataFrame:
    """Every rule and version: rule_id, title_*, consequence, dimension, responsible, basis, weakest_grade, message_*, is_on,
    parameters, effective_from, effective_to, findings_open, cells_*. No rows where the snapshot has no catalogue."""
    if not snapshot.has("marts.rule_catalogue"):
        return pl.DataFrame()
    return snapshot.remembered(
        ("rule_catalogue", viewer),
        lambda: snapshot.rows("select * from marts.rule_catalogue order by rule_id, rule_version desc"),
    )


# --- labour protection, flows, chains -------------------------------------------------------------------------

LABOUR = ("labour_month", "labour_hours", "dispute_month", "contract_month", "contract_cohort")


def labour_cells(
    snapshot: Snapshot,
    viewer: Viewer,
    mart: str,
    *,
    first: date,
    last: date,
    provinces: Sequence[str],
    platforms: Sequence[str],
) -> pl.DataFrame:
    """Rows of one of the LABOUR marts by month, at the places; '' there means that the place was not told."""
    if mart not in LABOUR:
        raise ValueError(f"no such mart: {mart}")
    viewer.check_platforms(("platform",), platforms)
    if not snapshot.has(f"marts.{mart}"):
        return pl.DataFrame()
    values = {"first": first, "last": last, **_places(viewer, provinces, platforms)}
    sql = f"select m.* from marts.{mart} m where m.month between $first and $last and {PLACE.format(column='m')}"
    return snapshot.remembered((mart, repr(values)), lambda: snapshot.rows(sql, values))


def worker_flow(
    snapshot: Snapshot, viewer: Viewer, *, first: date, last: date, platform: str, province: str
) -> pl.DataFrame:
    """Months of one cell of marts.worker_flow_month ('' = all of them). NotAllowed where it is more than the viewer may see."""
    if province == "" and viewer.provinces is not None:
        raise NotAllowed(f"{viewer.name} may see single provinces only")
    viewer.allowed_provinces((province,) if province else ())
    viewer.check_platforms((), (platform,) if platform else ())
    if not snapshot.has("marts.worker_flow_month"):
        return pl.DataFrame()
    return snapshot.rows(
        """select * from marts.worker_flow_month where platform_code = $platform and province_code = $province
            and month between $first and $last order by month""",
        {"platform": platform, "province": province, "first": first, "last": last},
    )


def labour_relations(
    snapshot: Snapshot, viewer: Viewer, *, last: date, provinces: Sequence[str], platforms: Sequence[str]
) -> pl.DataFrame:
    """labor_relation, engagement, persons: distinct persons under any cover on a day; one with two relations counts in each."""
    viewer.check_platforms((), platforms)
    values = {"last": last, **_places(viewer, provinces, platforms)}
    sql = f"""select c.labor_relation, c.engagement, count(distinct c.person) as persons from marts.cover c
        where c.first_date <= $last and (c.last_date is null or c.last_date >= $last) and {PLACE.format(column="c")}
        group by c.labor_relation, c.engagement order by persons desc, c.labor_relation, c.engagement"""
    return snapshot.remembered(("labour_relations", repr(values)), lambda: snapshot.rows(sql, values))


# --- definitions ---------------------------------------------------------------------------------------------


def parameters(snapshot: Snapshot, viewer: Viewer) -> pl.DataFrame:
    """parameter, title_zh, title_en, key, value, unit, valid_from, valid_to, grade, source: the law as dated data."""
    return snapshot.remembered(
        ("parameters", viewer),
        lambda: snapshot.rows(
            """select p.parameter, t.title_zh, t.title_en, p.key, p.value, p.unit, p.valid_from, p.valid_to, p.grade, p.source
            from ref.parameter p left join ref.parameter_title t on t.parameter = p.parameter
            order by p.parameter, p.key, p.valid_from"""
        ),
    )


def parameter_values(snapshot: Snapshot, viewer: Viewer, name: str, day: date | None) -> dict[str, float]:
    """Key → number of one parameter as in force on a day (None = the last night); empty where it has none."""
    found = snapshot.rows(
        """select p.key, p.number from ref.parameter p cross join marts.snapshot s
        where p.parameter = $name and p.valid_from <= coalesce($day, s.last_night)
            and (p.valid_to is null or p.valid_to > coalesce($day, s.last_night))""",
        {"name": name, "day": day},
    )
    return {key: float(number) for key, number in found.iter_rows()}


def map_review(snapshot: Snapshot, viewer: Viewer) -> str | None:
    """The review number (审图号) of the boundary map that is in force; None where the bureau has registered none."""

    def make() -> str | None:
        if not snapshot.has("ref.map_review"):
            return None
        found = snapshot.rows(
            """select r.review_number from ref.map_review r cross join marts.snapshot s
            where r.map = 'provinces' and (r.valid_from is null or r.valid_from <= cast(s.published_at as date))
                and (r.valid_to is null or r.valid_to > cast(s.published_at as date))"""
        )
        return str(found["review_number"][0]) if found.height else None

    return snapshot.remembered(("map_review", viewer), make)


def rule_titles(snapshot: Snapshot, viewer: Viewer) -> pl.DataFrame:
    """rule_id, title_zh, title_en of every rule that ever found something."""
    return snapshot.remembered(
        ("rule_titles", viewer),
        lambda: snapshot.rows(
            "select rule_id, max(title_zh) as title_zh, max(title_en) as title_en from checks.finding group by rule_id order by rule_id"
        ),
    )


def programmes(snapshot: Snapshot, viewer: Viewer) -> pl.DataFrame:
    """programme, name_zh, name_en."""
    return snapshot.remembered(
        ("programmes", viewer),
        lambda: snapshot.rows("select programme, name_zh, name_en from ref.programme order by programme"),
    )


# --- claims --------------------------------------------------------------------------------------------------

CLAIMS = f"""
from marts.claim c
where cast(c.injured_at as date) between $first and $last and c.programme = 'oip' and {PLACE.format(column="c")}
"""


def claim_stages(
    snapshot: Snapshot,
    viewer: Viewer,
    *,
    first: date,
    last: date,
    provinces: Sequence[str],
    platforms: Sequence[str],
) -> pl.DataFrame:
    """stage (reported, applied, confirmed, decided, paid), claims: oip claims of injuries in the period that reached it."""
    values = {"first": first, "last": last, **_places(viewer, provinces, platforms)}
    sql = f"""with claim as (select c.* {CLAIMS})
        select 'reported' as stage, count(*) as claims from claim
        union all select 'applied', count(applied_at) from claim
        union all select 'confirmed', count(confirmed_at) from claim
        union all select 'decided', count(decided_at) from claim
        union all select 'paid', count(paid_at) from claim"""
    return snapshot.remembered(("claim_stages", repr(values)), lambda: snapshot.rows(sql, values))


def claim_severity(
    snapshot: Snapshot,
    viewer: Viewer,
    *,
    first: date,
    last: date,
    provinces: Sequence[str],
    platforms: Sequence[str],
) -> pl.DataFrame:
    """injury_class (null = not told), claims: oip claims of injuries in the period."""
    values = {"first": first, "last": last, **_places(viewer, provinces, platforms)}
    sql = f"select c.injury_class, count(*) as claims {CLAIMS} group by c.injury_class order by claims desc, injury_class"
    return snapshot.remembered(("claim_severity", repr(values)), lambda: snapshot.rows(sql, values))


def submitters(snapshot: Snapshot, viewer: Viewer) -> pl.DataFrame:
    """submitter_code with its latest name_zh, name_en: who submits besides platforms."""
    return snapshot.remembered(
        ("submitters", viewer),
        lambda: snapshot.rows(
            """select submitter_code, name_zh, name_en from ref.submitters
            qualify row_number() over (partition by submitter_code order by valid_from desc nulls last) = 1
            order by submitter_code"""
        ),
    )
