"""A new read-only snapshot: built beside the old one, checked against the warehouse, switched to in one step."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Iterable
from datetime import datetime
from pathlib import Path

import duckdb

from pipelines import load
from pipelines.receive import CHINA
from warehouse.build import build, models
from warehouse.engine import connect, file_list, quote
from warehouse.home import Home, sync_file, write_atomically
from warehouse.standard import load as load_standard

KEPT_SNAPSHOTS = 5
MONTHLY = "marts.person_month"  # by month in Parquet: grows for ever, so a night rewrites only the months it touched


# what was received and where its rows lie: lets a reader rebuild any past state from the lake
REGISTER = (
    "staging.package", "staging.package_fault", "staging.lake_version", "staging.quarantine", "staging.witness_file",
    *(f"staging.{extract.table}" for extract in load_standard().witness_files.values()),
)  # fmt: skip


class PublishError(RuntimeError):
    """The new snapshot does not say what the warehouse says; the old one stays."""


def digest_of(parts: Iterable[str]) -> str:
    total = hashlib.sha256()
    for part in parts:
        total.update(part.encode() + b"\n")
    return total.hexdigest()


def build_marts(connection: duckdb.DuckDBPyConnection, home: Home) -> None:
    """Bring the marts up to date for everything that this call (or a killed one before it) rebuilt."""
    connection.execute("begin")
    connection.execute("delete from build.frame")
    connection.execute(
        "insert into build.frame select distinct platform_code, business_date from build.marts_frame"
    )
    build(connection, ["marts"])
    connection.execute("commit")
    load.set_lake_views(connection, home)


def publish(connection: duckdb.DuckDBPyConnection, home: Home) -> str:
    """Write, check and switch to a new snapshot; returns its id. PublishError leaves the old one in place."""
    name = f"{datetime.now(CHINA):%Y%m%dT%H%M%S}-{secrets.token_hex(3)}"
    path = home.snapshots / f"{name}.duckdb"
    temporary = path.with_suffix(".part")
    tables = _tables(connection)
    months = _months(connection, home)
    connection.execute(f"attach {quote(str(temporary))} as snapshot")
    try:
        for schema in ("marts", "ref", "checks", "staging"):
            connection.execute(f"create schema if not exists snapshot.{schema}")
        for table in tables:
            if table == MONTHLY and months:
                continue
            connection.execute(f"create table snapshot.{table} as select * from {table}")
        _monthly_view(connection, home, months)
        connection.execute(
            "create table snapshot.marts.snapshot as select ? as snapshot, ? as published_at, "
            "(select max(now) from checks.clock) as data_now, (select max(night) from checks.verdict) as last_night",
            [name, datetime.now(CHINA).replace(tzinfo=None, microsecond=0)],
        )
        connection.execute("create table snapshot.marts.month_file as select * from ops.month_file")
        connection.execute(
            "create table snapshot.marts.receipt as select number, version_id, submission, receipt_hash from ops.receipt"
        )
        _compare(connection, tables, months)
        connection.execute("checkpoint snapshot")
    finally:
        connection.execute("detach snapshot")
    sync_file(temporary)
    temporary.rename(path)
    write_atomically(home.current, f"{name}\n".encode())
    connection.execute("delete from build.marts_frame")
    _forget_old(connection, home, name)
    return name


def _tables(connection: duckdb.DuckDBPyConnection) -> list[str]:
    """What readers get: marts, verdicts and findings, registers. Never a row that could name a person's identity."""
    rows = connection.execute(
        "select table_schema || '.' || table_name from information_schema.tables "
        "where table_schema in ('marts', 'ref', 'checks') and table_catalog = current_database() order by 1"
    ).fetchall()
    return [*(name for (name,) in rows), *REGISTER]


def _months(connection: duckdb.DuckDBPyConnection, home: Home) -> dict[str, Path]:
    """Month → Parquet file of MONTHLY; written anew, under a new name, where this call touched the month."""
    if MONTHLY not in {model.name for model in models()}:
        return {}
    folder = home.snapshots / "person_month"
    folder.mkdir(exist_ok=True)
    touched = {
        m
        for (m,) in connection.execute(
            "select distinct strftime(business_date, '%Y-%m') from build.marts_frame"
        ).fetchall()
    }
    held = dict(connection.execute("select month, path from ops.month_file").fetchall())
    present = {
        m
        for (m,) in connection.execute(
            "select distinct strftime(business_date, '%Y-%m') from core.worker_day"
        ).fetchall()
    }
    for month in sorted(present):
        old = held.get(month)
        if month not in touched and old is not None and (home.root / old).exists():
            continue
        path = folder / f"{month}-{secrets.token_hex(6)}.parquet"
        connection.execute(
            f"copy (select * from {MONTHLY} where month = cast({quote(month + '-01')} as date) "
            f"order by platform_code, province_code) to {quote(str(path))} (format parquet)"
        )
        sync_file(path)
        held[month] = str(path.relative_to(home.root))
    for month in set(held) - present:
        del held[month]
    connection.execute("delete from ops.month_file")
    for month, relative in held.items():
        connection.execute("insert into ops.month_file values (?, ?)", [month, relative])
    return {month: home.root / relative for month, relative in sorted(held.items())}


def _monthly_view(connection: duckdb.DuckDBPyConnection, home: Home, months: dict[str, Path]) -> None:
    """The view names its files from the home's root: readers set file_search_path to it, so a home can be moved."""
    if not months:
        return
    relative = [str(path.relative_to(home.root)) for path in months.values()]
    connection.execute(f"set file_search_path = {quote(str(home.root))}")
    connection.execute(f"create view snapshot.{MONTHLY} as select * from read_parquet({file_list(relative)})")


def _compare(connection: duckdb.DuckDBPyConnection, tables: list[str], months: dict[str, Path]) -> None:
    for table in tables:
        query = "select count(*), coalesce(sum(hash(t)), 0) from {} t"
        if table == MONTHLY and months:
            query = "select count(*), sum(orders_valid) from {} t"
        mine, theirs = (
            connection.execute(query.format(name)).fetchone() for name in (table, f"snapshot.{table}")
        )
        if mine != theirs:
            raise PublishError(f"{table}: the snapshot has {theirs}, the warehouse {mine}")


def _forget_old(connection: duckdb.DuckDBPyConnection, home: Home, current: str) -> None:
    """Keep the newest snapshots and the evidence and months they name; a reader keeps what it has open until it lets go."""
    snapshots = sorted(home.snapshots.glob("*.duckdb"))
    old = [path for path in snapshots if path.stem != current][: -KEPT_SNAPSHOTS + 1]
    for path in old:
        path.unlink()
    named = {path for (path,) in connection.execute("select path from ops.month_file").fetchall()}
    named |= {
        path
        for (path,) in connection.execute(
            "select distinct evidence from checks.finding where evidence is not null"
        ).fetchall()
    }
    for path in set(snapshots) - set(old):
        with connect(path, read_only=True) as reader:
            named |= {
                name
                for (name,) in reader.execute(
                    "select distinct evidence from checks.finding where evidence is not null"
                ).fetchall()
            }
            named |= {name for (name,) in reader.execute("select path from marts.month_file").fetchall()}
    for path in [
        *home.evidence.iterdir(),
        *(home.snapshots / "person_month").glob("*"),
        *home.snapshots.glob("*.part*"),
    ]:
        if str(path.relative_to(home.root)) not in named:
            path.unlink()
