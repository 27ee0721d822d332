"""Published snapshots: one picture one snapshot, a new one without a restart, old ones let go."""

from __future__ import annotations

import threading
from pathlib import Path

import duckdb
import pytest

from dashboards.snapshots import NoSnapshot, SnapshotGone, Snapshots
from tests.dashboards import fake

OLD, MIDDLE, NEW = "20251117T010000-aaaaaa", "20251118T010000-bbbbbb", "20251119T010000-cccccc"


def about(snapshots: Snapshots, name: str | None = None) -> str:
    with snapshots.use(name) as snapshot:
        return str(snapshot.rows("select snapshot from marts.snapshot")["snapshot"][0])


def test_a_new_snapshot_appears_without_a_restart_and_is_not_mixed_in(tmp_path: Path) -> None:
    snapshots = Snapshots(fake.publish(tmp_path, OLD))
    with snapshots.use() as held:
        fake.publish(tmp_path, NEW)
        assert about(snapshots) == NEW
        assert held.rows("select snapshot from marts.snapshot")["snapshot"][0] == OLD
        assert about(snapshots, OLD) == OLD  # a page that was drawn from the old one goes on with it


def test_what_nobody_reads_any_more_is_closed(tmp_path: Path) -> None:
    snapshots = Snapshots(fake.publish(tmp_path, OLD))
    for name in (OLD, MIDDLE, NEW):
        if name != OLD:
            fake.publish(tmp_path, name)
        about(snapshots)
    assert snapshots.open_ids() == [MIDDLE, NEW]
    (tmp_path / "snapshots" / f"{OLD}.duckdb").unlink()
    with pytest.raises(SnapshotGone):
        about(snapshots, OLD)


def test_before_the_first_night_there_is_nothing(tmp_path: Path) -> None:
    with pytest.raises(NoSnapshot):
        about(Snapshots(tmp_path))


def test_the_snapshot_cannot_be_written(tmp_path: Path) -> None:
    with Snapshots(fake.publish(tmp_path, OLD)).use() as snapshot, pytest.raises(duckdb.Error):
        snapshot.rows("create table marts.mine as select 1")


def test_an_answer_is_made_once_however_many_ask(tmp_path: Path) -> None:
    made = []
    with Snapshots(fake.publish(tmp_path, OLD)).use() as snapshot:

        def ask() -> None:
            snapshot.remembered("key", lambda: made.append(threading.get_ident()))

        askers = [threading.Thread(target=ask) for _ in range(8)]
        for asker in askers:
            asker.start()
        for asker in askers:
            asker.join()
    assert len(made) == 1


def test_a_failure_is_not_remembered(tmp_path: Path) -> None:
    with Snapshots(fake.publish(tmp_path, OLD)).use() as snapshot:
        with pytest.raises(ZeroDivisionError):
            snapshot.remembered("key", lambda: 1 // 0)
        assert snapshot.remembered("key", lambda: 7) == 7
