"""Typed rows → immutable lake → staging; every version kept; and what a night has to rebuild."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict
from datetime import date, datetime, time, timedelta
from pathlib import Path

import duckdb
import pyarrow as pa

from pipelines import pulses
from pipelines.read import QUARANTINE, Batch
from pipelines.receive import Package
from warehouse.build import build, lake_columns
from warehouse.engine import file_list, quote
from warehouse.home import Home, sync_file


def night_of(known_at: datetime, deadline: timedelta) -> date:
    """The first night whose deadline (this long after its business date's end) is not before `known_at`."""
    shifted = known_at - deadline
    day = shifted.date()
    return day - timedelta(days=1) if shifted == datetime.combine(day, time()) else day


def register(
    connection: duckdb.DuckDBPyConnection, home: Home, packages: Sequence[Package], batch: Batch | None, *, live: bool,
    deadline: timedelta,
) -> None:  # fmt: skip
    """Insert packages, their reasons, lake rows and quarantine. Within the caller's transaction."""
    versions = [package.version_id for package in packages]
    for table in ("staging.package", "staging.package_fault"):
        connection.execute(
            f"delete from {table} where version_id in (select unnest(?::varchar[]))", [versions]
        )
    _append(
        connection, "staging.package", [_row(package, live=live, deadline=deadline) for package in packages]
    )
    faults = [
        (
            p.version_id,
            p.submission,
            p.platform_code,
            p.province_code,
            p.business_date,
            *asdict(reason).values(),
        )
        for p in packages
        for reason in p.reasons
    ]
    _append(connection, "staging.package_fault", faults)
    if batch is None:
        return
    for extract, path in batch.lake.items():
        sync_file(path)
        found = connection.execute(
            "select version_id, any_value(platform_code), any_value(business_date), min(file_row_number), count(*), "
            "count(*) filter (is_untyped), max(file_row_number) from read_parquet(?, file_row_number = true) group by 1",
            [str(path)],
        ).fetchall()
        for version, _, _, first, count, _, last in found:
            if last - first + 1 != count:
                raise AssertionError(f"{path}: rows of {version} are not contiguous")
        name = str(path.relative_to(home.root))
        _append(connection, "staging.lake_version", [(extract, name, *row[:-1]) for row in found])
    if batch.quarantine is not None:
        target = home.quarantine / batch.quarantine.name
        batch.quarantine.replace(target)
        sync_file(target)
        listed = ", ".join(QUARANTINE.names)
        connection.execute(
            f"insert into staging.quarantine ({listed}) select {listed} from read_parquet({quote(str(target))})"
        )


def _row(package: Package, *, live: bool, deadline: timedelta) -> tuple[object, ...]:
    """A package as a row of staging.package."""
    known = package.known_at(live=live)
    rows = {file.extract: file.rows for file in package.files}
    return (
        package.version_id, package.submission, package.platform_code, package.province_code, package.business_date,
        package.sequence, package.submitted_at, package.received_at, known, night_of(known, deadline),
        package.manifest_digest, package.previous_digest, package.reason_code, package.reason_text,
        package.manifest_text, json.dumps(dict(package.originals)), package.refused,
        rows.get("enrollment"), rows.get("orders"), rows.get("claims"),
    )  # fmt: skip


def _append(connection: duckdb.DuckDBPyConnection, table: str, rows: Sequence[tuple[object, ...]]) -> None:
    """Rows under a table in one statement: a night has hundreds of packages, and a statement each takes seconds."""
    if not rows:
        return
    columns = [pa.array(list(column)) for column in zip(*rows, strict=True)]
    connection.register("appended", pa.table(columns, names=[f"c{i}" for i in range(len(columns))]))
    connection.execute(f"insert into {table} select * from appended")
    connection.unregister("appended")


# -- the frame -------------------------------------------------------------------------------------


def rebuild(
    connection: duckdb.DuckDBPyConnection,
    home: Home,
    new_versions: Sequence[str],
    pulse_files: Sequence[str] = (),
) -> int:
    """Bring staging and core up to date after packages were registered; returns the number of frame pairs.

    The frame is grown until nothing outside it can have changed: the changed units (refused packages too: their
    refusal is told), the day after them and the next day with serials, days whose workers' cover changed, days
    that hold a repeated order key.
    """
    before = dict(_current(connection))
    build(connection, ["ref"])
    build(connection, ["staging"], only=["staging.submission"])
    after = dict(_current(connection))
    changed = {unit for unit in before.keys() | after.keys() if before.get(unit) != after.get(unit)}
    for platform, province, day in connection.execute(
        "select platform_code, coalesce(province_code, ''), business_date from staging.submission "
        "where platform_code is not null and business_date is not null and version_id in (select unnest(?::varchar[]))",
        [list(new_versions)],
    ).fetchall():  # fmt: skip
        changed.add((platform, province, day))
    # a pulse that comes after its day's package speaks about that day
    for platform, province, day in connection.execute(
        "select distinct p.platform_code, p.province_code, s.business_date from staging.pulse p join staging.submission s "
        "on s.status = 'accepted' and s.platform_code = p.platform_code and s.province_code = p.province_code "
        "and strftime(s.business_date, '%Y%m%d') = substr(p.hour, 1, 8) where list_contains(?::varchar[], p.file)",
        [list(pulse_files)],
    ).fetchall():
        changed.add((platform, province, day))
    connection.execute(
        "delete from build.frame; delete from build.changed_unit; delete from build.repeated_key"
    )
    if changed:
        connection.executemany("insert into build.changed_unit values (?, ?, ?)", sorted(changed))
    connection.execute(
        "insert into build.frame select distinct platform_code, business_date from build.changed_unit union "
        "select s.platform_code, s.business_date from staging.submission s join build.changed_unit c "
        "on c.platform_code = s.platform_code and s.business_date = c.business_date + 1 where s.status = 'accepted' union "
        "select u.platform_code, min(u.business_date) from core.unit u join build.changed_unit c "
        "on c.platform_code = u.platform_code and c.province_code = u.province_code and u.business_date > c.business_date "
        "where u.first_serial is not null group by u.platform_code, c.province_code, c.business_date"
    )
    set_lake_views(connection, home)
    _rebuild_people(connection)
    set_lake_views(connection, home)
    _grow_by_repeated_keys(connection, home)
    skip = {
        "staging.submission",
        "staging.enrollment",
        "staging.claims",
        "core.cover",
        "core.worker",
        "core.claims",
    }
    from warehouse.build import models

    build(connection, ["staging", "core"], only=[model.name for model in models() if model.name not in skip])
    pulses.refresh(connection)
    _look_up_references(connection, home)
    row = connection.execute("select count(*) from build.frame").fetchone()
    return row[0] if row else 0


def _current(connection: duckdb.DuckDBPyConnection) -> list[tuple[tuple[str, str, date], str]]:
    rows = connection.execute(
        "select platform_code, province_code, business_date, version_id from staging.submission where status = 'accepted'"
    ).fetchall()
    return [((platform, province, day), version) for platform, province, day, version in rows]


def _rebuild_people(connection: duckdb.DuckDBPyConnection) -> None:
    """Enrollment and claims of the frame; cover; and the frame grown by the days a changed cover reaches."""
    connection.execute(
        """delete from build.touched_spell;
        insert into build.touched_spell
        select distinct platform_code, coverage_id from lake.enrollment
        union select distinct e.platform_code, e.coverage_id from staging.enrollment e
        join build.frame f on f.platform_code = e.platform_code and f.business_date = e.business_date"""
    )
    # only a worker with orders already counted can have a day that a changed cover reaches
    reachable = """from core.cover c
        where exists (select 1 from build.touched_spell t where t.platform_code = c.platform_code and t.coverage_id = c.coverage_id)
            and exists (select 1 from core.worker_day w where w.platform_code = c.platform_code and w.worker_id = c.worker_id)"""
    columns = "platform_code, worker_id, person, programme, registered_at, covered_from, covered_to"
    connection.execute(
        f"create or replace temp table cover_before as select coverage_id, {columns} {reachable}"
    )
    touched_workers = """insert into build.touched_worker select distinct c.platform_code, c.worker_id from core.cover c
        join build.touched_spell t on t.platform_code = c.platform_code and t.coverage_id = c.coverage_id"""
    connection.execute(f"delete from build.touched_worker; {touched_workers}")
    build(connection, ["staging"], only=["staging.enrollment", "staging.claims"])
    row = connection.execute("select count(*) from build.touched_spell").fetchone()
    if row and row[0]:
        build(connection, ["core"], only=["core.cover"])
        connection.execute(touched_workers)
        build(connection, ["core"], only=["core.worker"])
        connection.execute(
            f"""create or replace temp table cover_change as
            with now as (select coverage_id, {columns} {reachable}),
            change as (
                (select * from cover_before except select * from now) union all (select * from now except select * from cover_before)
            ),
            -- where only the end moved, nothing before the earlier end can differ
            moved as (
                select platform_code, coverage_id,
                    count(*) = 2 and count(distinct worker_id) = 1 and count(distinct programme) = 1
                        and count(distinct covered_from) = 1 and count(distinct person) = 1
                        and count(distinct registered_at) = 1 and count(registered_at) = 2 as only_end,
                    min(coalesce(covered_to, timestamp '9999-01-01')) as first_end,
                from change group by platform_code, coverage_id
            )
            select distinct c.platform_code, c.worker_id,
                case when m.only_end then m.first_end else c.covered_from end as from_at,
                coalesce(c.covered_to, timestamp '9999-01-01') as to_at,
            from change c join moved m on m.platform_code = c.platform_code and m.coverage_id = c.coverage_id"""
        )
        connection.execute(
            """insert into build.frame
            select distinct w.platform_code, w.business_date
            from core.worker_day w
            join cover_change c on c.platform_code = w.platform_code and c.worker_id = w.worker_id
                and w.business_date >= cast(c.from_at as date) and w.business_date <= cast(c.to_at as date)
            where not exists (select 1 from build.frame f where f.platform_code = w.platform_code and f.business_date = w.business_date)"""
        )
    build(connection, ["core"], only=["core.claims"])


def _grow_by_repeated_keys(connection: duckdb.DuckDBPyConnection, home: Home) -> None:
    """Take into the frame every day that shares an order key with it, until none is left outside; name those keys.

    A replaced version counts with the keys it had: what repeated them elsewhere may be the first now. Hashes find the
    candidates, the keys themselves decide: at ten million orders that is a third of the time.
    """
    connection.execute(
        """insert into build.frame
        select distinct d.platform_code, d.business_date from core.duplicate_order d
        where exists (select 1 from lake.order_version v where v.platform_code = d.platform_code and v.order_id = d.order_id)
            and not exists (select 1 from build.frame f where f.platform_code = d.platform_code and f.business_date = d.business_date)"""
    )
    set_lake_views(connection, home)
    while connection.execute("select 1 from staging.order_history limit 1").fetchall():
        connection.execute(
            """create or replace temp table shared_hash as select distinct hash(h.order_id) as key_hash from staging.order_history h
            where h.order_id is not null and hash(h.order_id) in (select hash(o.order_id) from staging.orders o where o.order_id is not null)"""
        )
        if not connection.execute("select 1 from shared_hash limit 1").fetchall():
            break
        grown = connection.execute(
            """insert into build.frame select distinct h.platform_code, h.business_date from staging.order_history h
            where hash(h.order_id) in (select key_hash from shared_hash) and exists (
                select 1 from staging.orders o where hash(o.order_id) in (select key_hash from shared_hash)
                    and o.platform_code = h.platform_code and o.order_id = h.order_id)
            returning 1"""
        ).fetchall()
        if not grown:
            break
        set_lake_views(connection, home)
    connection.execute(
        """insert into build.repeated_key select o.platform_code, o.order_id from staging.orders o
        where hash(o.order_id) in (
            select hash(k.order_id) from staging.orders k where k.order_id is not null group by 1 having count(*) > 1)
        group by o.platform_code, o.order_id having count(*) > 1"""
    )


def _look_up_references(connection: duckdb.DuckDBPyConnection, home: Home) -> None:
    """Orders of older days that a claim, case or check names for the first time, by number or by worker and second."""
    connection.execute(
        """create or replace table build.new_reference as
        select r.platform_code, r.order_id, r.around from core.known_reference r
        where not exists (select 1 from core.known_order k where k.platform_code = r.platform_code and k.order_id = r.order_id)
            and not exists (select 1 from ops.reference_sought s where s.platform_code = r.platform_code and s.order_id = r.order_id);
        create or replace table build.new_moment as
        select distinct m.platform_code, m.worker_id, m.minute from core.known_moment m
        where not exists (select 1 from ops.moment_sought s
            where s.platform_code = m.platform_code and s.worker_id = m.worker_id and s.minute = m.minute)"""
    )
    wanted = (
        "(select platform_code from build.new_reference union select platform_code from build.new_moment)"
    )
    if not connection.execute(f"select 1 from {wanted} limit 1").fetchall():
        return
    set_history_view(connection, home, of=wanted)
    # near days first, then all; a moment names its day
    near = "h.business_date between (select cast(min(around) as date) - 2 from build.new_reference) and (select cast(max(around) as date) + 2 from build.new_reference)"
    for window in (near, f"not ({near})"):
        connection.execute(
            f"""insert into core.known_order by name
            select h.* from core.order_past h
            where {window} and exists (
                select 1 from build.new_reference r where r.platform_code = h.platform_code and r.order_id = h.order_id);
            delete from build.new_reference r where exists (
                select 1 from core.known_order k where k.platform_code = r.platform_code and k.order_id = r.order_id)"""
        )
        if not connection.execute("select 1 from build.new_reference limit 1").fetchall():
            break
    connection.execute(
        """insert into core.known_order by name
        select h.* from core.order_past h
        where h.business_date between (select cast(min(minute) as date) from build.new_moment)
                and (select cast(max(minute) as date) from build.new_moment)
            and exists (select 1 from build.new_moment m where m.platform_code = h.platform_code
                and m.worker_id = h.worker_id and m.minute = date_trunc('minute', h.accepted_at))
            and not exists (select 1 from core.known_order k where k.platform_code = h.platform_code and k.order_id = h.order_id)"""
    )
    # what no current order answers is not sought again, nor is a moment, which several orders may answer: a later one comes through the frame
    connection.execute(
        """insert into ops.reference_sought select platform_code, order_id from build.new_reference;
        insert into ops.moment_sought select platform_code, worker_id, minute from build.new_moment"""
    )
    set_history_view(connection, home)


# -- the lake's views ------------------------------------------------------------------------------


def set_lake_views(connection: duckdb.DuckDBPyConnection, home: Home) -> None:
    """Point lake.* at the files that hold the frame's versions; an order's row_no is its place in its lake file."""
    connection.execute(
        """create or replace table build.frame_version as
        select v.extract, v.version_id, v.path, v.first_row, s.status, s.platform_code, s.business_date, s.province_code
        from staging.lake_version v
        join staging.submission s on s.version_id = v.version_id and s.status <> 'refused'
        join build.frame f on f.platform_code = s.platform_code and f.business_date = s.business_date"""
    )
    for extract in ("orders", "enrollment", "claims"):
        versions = connection.execute(
            "select path, version_id from build.frame_version where extract = ? and status = 'accepted'",
            [extract],
        ).fetchall()
        _set_view(connection, home, extract, extract, versions)
    versions = connection.execute(
        """select path, version_id from (
            select *, count(*) over (partition by platform_code, province_code, business_date) as versions
            from build.frame_version where extract = 'orders') where versions > 1"""
    ).fetchall()
    _set_view(connection, home, "order_version", "orders", versions)
    set_history_view(connection, home)


def set_history_view(
    connection: duckdb.DuckDBPyConnection, home: Home, of: str = "(select platform_code from build.frame)"
) -> None:
    """Point lake.order_history at the current versions of some platforms outside the frame."""
    versions = connection.execute(
        f"""select v.path, v.version_id from staging.lake_version v
        join staging.submission s on s.version_id = v.version_id and s.status = 'accepted'
        where v.extract = 'orders' and s.platform_code in {of}
            and not exists (select 1 from build.frame f where f.platform_code = s.platform_code and f.business_date = s.business_date)"""
    ).fetchall()
    _set_view(connection, home, "order_history", "orders", versions)


def _set_view(
    connection: duckdb.DuckDBPyConnection,
    home: Home,
    name: str,
    extract: str,
    versions: list[tuple[str, str]],
) -> None:
    columns = lake_columns(extract)
    if not versions:
        empty = ", ".join(f"null::{kind} as {column}" for column, kind in columns)
        connection.execute(
            f"create or replace view lake.{name} as select {empty}, null::bigint as row_no where false"
        )
        return
    by_path: dict[str, list[str]] = {}
    for path, version in versions:
        by_path.setdefault(path, []).append(version)
    if extract != "orders":  # small: row_no is the data row of the file itself
        paths = _parquet(home, sorted(by_path))
        chosen = ", ".join(f"l.{column}" for column, _ in columns)
        connection.execute(
            f"create or replace view lake.{name} as select {chosen}, l.file_row_number - v.first_row + 1 as row_no "
            f"from {paths} l join build.frame_version v on v.version_id = l.version_id and v.extract = {quote(extract)} and v.status = 'accepted'"
        )
        return
    held = dict(
        connection.execute(
            "select path, count(*) from staging.lake_version where extract = ? group by path", [extract]
        ).fetchall()
    )
    whole = [path for path, wanted in by_path.items() if len(wanted) == held[path]]
    partly = [path for path in by_path if path not in set(whole)]
    listed = ", ".join(column for column, _ in columns)
    parts = []
    if whole:
        parts.append(f"select {listed}, file_row_number as row_no from {_parquet(home, whole)}")
    if partly:
        wanted = ", ".join(quote(version) for path in partly for version in by_path[path])
        parts.append(
            f"select {listed}, file_row_number as row_no from {_parquet(home, partly)} where version_id in ({wanted})"
        )
    connection.execute(f"create or replace view lake.{name} as {' union all '.join(parts)}")


def _parquet(home: Home, paths: Sequence[str]) -> str:
    return f"read_parquet({file_list([home.root / path for path in paths])}, file_row_number = true)"


def forget_orphans(connection: duckdb.DuckDBPyConnection, home: Home) -> list[Path]:
    """Remove what a killed run left: lake files that no committed version names."""
    known = {
        path for (path,) in connection.execute("select distinct path from staging.lake_version").fetchall()
    }
    removed = []
    for path in home.lake.glob("*/*"):
        if str(path.relative_to(home.root)) not in known:
            path.unlink()
            removed.append(path)
    return removed
