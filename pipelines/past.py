"""Any past state: what was known at a moment, rebuilt from the immutable lake with today's rules and registers."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import date, datetime, timedelta
from pathlib import Path

import duckdb

from checks import catalogue, detectorbook, estimates
from checks import run as judge
from pipelines import load
from pipelines.nightly import Settings
from warehouse.build import build, create_empty
from warehouse.engine import connect, quote
from warehouse.home import Home
from warehouse.snapshot import NothingPublished
from warehouse.standard import load as load_standard


@contextmanager
def as_known_at(home: Home, moment: datetime) -> Iterator[duckdb.DuckDBPyConnection]:
    """A warehouse that holds what was known at `moment` (known_at), with its findings and marts; gone afterwards.

    Built from the published snapshot's register and the lake, never from the writer's database.
    """
    snapshot = home.snapshot()
    if snapshot is None:
        raise NothingPublished(f"{home.root}: nothing is published yet")
    with tempfile.TemporaryDirectory(prefix="zhibao-past-") as folder:
        connection = connect(Path(folder) / "past.duckdb", spill=Path(folder) / "spill")
        try:
            create_empty(connection, home.registers)
            connection.execute(f"attach {quote(str(snapshot))} as published (read_only)")
            _copy(connection, moment)
            versions = [v for (v,) in connection.execute("select version_id from staging.package").fetchall()]
            load.rebuild(connection, home, versions)
            settings = Settings.at(moment.date())
            night = load.night_of(moment, settings.deadline)
            connection.execute("delete from checks.clock")
            connection.execute(
                "insert into checks.clock select ?, ?, coalesce((select is_live from published.checks.clock limit 1), false)",
                [moment, night],
            )
            rules = catalogue.load()
            judge.list_rules(connection, rules)
            detectorbook.list_detectors(connection)
            _judge(connection, [r for r in rules if not catalogue.reads_marts(r)], Path(folder), night)
            build(connection, ["marts"])
            complete = night if _deadline(night, settings) <= moment else night - timedelta(days=1)
            estimates.night(connection, complete)
            _judge(connection, [r for r in rules if catalogue.reads_marts(r)], Path(folder), night)
            connection.execute(
                "update checks.finding f set detected_on = p.detected_on from published.checks.finding p "
                "where p.finding_id = f.finding_id and p.detected_on <= f.detected_on"
            )
            _copy_episodes(connection, complete)
            connection.execute("detach published")
            yield connection
        finally:
            connection.close()


def _deadline(night: date, settings: Settings) -> datetime:
    return datetime.combine(night + timedelta(days=1), datetime.min.time()) + settings.deadline


def _copy_episodes(connection: duckdb.DuckDBPyConnection, night: date) -> None:
    """Detectors' findings that stood by then: an episode is a matter of the nights as they came, so it is not judged anew.

    Score, effect and evidence are those of the episode's last night.
    """
    connection.execute(
        f"""insert into checks.finding by name
        select f.* replace (case when f.changed_on > {quote(str(night))} then 'open' else f.status end as status)
        from published.checks.finding f where f.kind = 'detector' and f.detected_on <= {quote(str(night))};
        insert into checks.episode by name
        select e.* from published.checks.episode e where e.detected_on <= {quote(str(night))}"""
    )


def _judge(
    connection: duckdb.DuckDBPyConnection, rules: Sequence[catalogue.Rule], folder: Path, night: date
) -> None:
    results = judge.run(connection, rules, folder, clock=time.perf_counter)
    if not results:
        return
    judge.merge(connection, results, night=night, home=folder)


def _copy(connection: duckdb.DuckDBPyConnection, moment: datetime) -> None:
    connection.execute(
        "insert into staging.package select * from published.staging.package where known_at <= ?", [moment]
    )
    for table in ("package_fault", "lake_version", "quarantine"):
        connection.execute(
            f"insert into staging.{table} select t.* from published.staging.{table} t "
            "where exists (select 1 from staging.package p where p.version_id = t.version_id)"
        )
    for extract in load_standard().witness_files.values():
        connection.execute(
            f"insert into staging.{extract.table} select * from published.staging.{extract.table} where known_at <= ?",
            [moment],
        )
