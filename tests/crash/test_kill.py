"""SIGKILL after every step and at random instants; then the same call again: the same content as if nothing had been."""

from __future__ import annotations

import os
import random
import shutil
import signal
import subprocess
import sys
import time
from datetime import date
from pathlib import Path

import duckdb
import pytest

from data_samples.sample import write_sample
from pipelines import vault
from tests.crash.state import content, leftovers
from warehouse.home import Home

NOW = "2025-10-08T08:00:00+08:00"
# runs the night and kills itself when the n-th event of the run is told; events are the begin and end of each step
KILLER = """
import os, signal, sys
from datetime import datetime
from pathlib import Path
from pipelines.nightly import Steps, nightly
from warehouse.home import Home
count = 0
def tell(step, facts):
    global count
    count += 1
    if count == int(sys.argv[3]):
        os.kill(os.getpid(), signal.SIGKILL)
nightly(Home(Path(sys.argv[2])), Path(sys.argv[1]), now=datetime(2025, 10, 8, 8), steps=Steps(tell), data_docs=False)
print(count)
"""


def run(inbox: Path, home: Path, kill_at: int) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-c", KILLER, str(inbox), str(home), str(kill_at)]
    return subprocess.run(command, capture_output=True, text=True, check=False, cwd=Path(__file__).parents[2])


@pytest.fixture(scope="module")
def inbox(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two days, two platforms, one province, with faults: several nights, resubmissions and witnesses."""
    folder = tmp_path_factory.mktemp("crash") / "inbox"
    write_sample(
        folder, days=2, start=date(2025, 10, 6), orders_per_day=300, platforms=["P01", "P02"], provinces=["310000"],
        falsify=["X01:0.05:P02:310000:2025-10-06", "C07:0.05:P01:310000:2025-10-07"],
    )  # fmt: skip
    return folder


@pytest.fixture(scope="module")
def keys(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Keys that every home of this module gets: tokens, and so contents, can then be compared."""
    home = Home(tmp_path_factory.mktemp("keys") / "home")
    home.create()
    vault.ensure_keys(home)
    return home.keys


def fresh(root: Path, keys: Path) -> Home:
    root.mkdir(parents=True)
    shutil.copytree(keys, root / "keys")
    return Home(root)


@pytest.fixture(scope="module")
def whole(inbox: Path, keys: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[dict[str, str], int]:
    """The content of an uninterrupted run, and how many events it told."""
    home = fresh(tmp_path_factory.mktemp("whole") / "home", keys).root
    done = run(inbox, home, 0)
    assert done.returncode == 0, done.stderr
    return content(Home(home)), int(done.stdout)


def test_killed_after_each_step_and_repeated(
    inbox: Path, whole: tuple[dict[str, str], int], keys: Path, tmp_path: Path
) -> None:
    expected, events = whole
    thorough = os.environ.get("ZHIBAO_THOROUGH") == "1"
    moments = range(1, events + 1) if thorough else sorted(random.Random(1).sample(range(1, events + 1), 4))
    for moment in moments:
        home = fresh(tmp_path / f"home-{moment}", keys)
        assert run(inbox, home.root, moment).returncode == -signal.SIGKILL
        done = run(inbox, home.root, 0)
        assert done.returncode == 0, f"killed at event {moment}: {done.stderr}"
        assert content(home) == expected, f"killed at event {moment}"
        assert not leftovers(home)


def test_killed_again_and_again_at_one_home(
    inbox: Path, whole: tuple[dict[str, str], int], keys: Path, tmp_path: Path
) -> None:
    expected, events = whole
    home = fresh(tmp_path / "home", keys)
    for moment in (events // 4, events // 3, events // 4, 3):
        run(inbox, home.root, moment)
    assert run(inbox, home.root, 0).returncode == 0
    assert content(home) == expected


def test_killed_at_random_instants_while_a_reader_reads(
    inbox: Path, whole: tuple[dict[str, str], int], keys: Path, tmp_path: Path
) -> None:
    """Real kills of the real command; the snapshot of the night before is served all along."""
    expected, _ = whole
    home = fresh(tmp_path / "home", keys)
    early = tmp_path / "early"
    early.mkdir()
    for package in inbox.glob("*-20251005-*"):
        (early / package.name).symlink_to(package) if package.is_file() else subprocess.run(
            ["cp", "-r", package, early], check=True
        )
    for link in [p for p in early.iterdir() if p.is_symlink()]:
        data = link.read_bytes()
        link.unlink()
        link.write_bytes(data)
    command = [
        sys.executable,
        "-m",
        "pipelines.cli",
        "nightly",
        "--home",
        str(home.root),
        "--no-data-docs",
        "--now",
    ]
    subprocess.run(
        [*command, "2025-10-06T08:00:00+08:00", "--inbox", str(early)], check=False, capture_output=True
    )
    before = home.snapshot_id()
    assert before is not None
    with duckdb.connect(str(home.snapshot()), read_only=True) as reader:
        rows = reader.execute("select count(*) from marts.submission").fetchone()
        for seconds in (0.4, 1.1, 1.9):
            process = subprocess.Popen(
                [*command, NOW, "--inbox", str(inbox)], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
            )
            time.sleep(seconds)
            process.kill()
            process.wait()
            assert reader.execute("select count(*) from marts.submission").fetchone() == rows
            snapshot = home.snapshot()
            assert snapshot is not None and snapshot.exists(), "the pointer names a snapshot that is there"
    done = subprocess.run([*command, NOW, "--inbox", str(inbox)], capture_output=True, text=True, check=False)
    assert done.returncode in (0, 3, 4), done.stderr
    assert content(home) == expected
    assert home.snapshot_id() != before


def test_a_repeated_night_changes_nothing(
    inbox: Path, whole: tuple[dict[str, str], int], keys: Path, tmp_path: Path
) -> None:
    expected, _ = whole
    home = fresh(tmp_path / "home", keys)
    for _ in range(2):
        assert run(inbox, home.root, 0).returncode == 0
        assert content(home) == expected


def test_two_runs_at_once(inbox: Path, tmp_path: Path) -> None:
    home = Home(tmp_path / "home")
    home.create()
    with home.lock():
        done = subprocess.run(
            [sys.executable, "-m", "pipelines.cli", "nightly", "--inbox", str(inbox), "--home", str(home.root), "--now", NOW],
            capture_output=True, text=True, check=False,
        )  # fmt: skip
    assert done.returncode == 6
    assert "another run holds" in done.stderr


def test_unreadable_inbox_and_full_disk_are_storage(inbox: Path, tmp_path: Path) -> None:
    command = [
        sys.executable,
        "-m",
        "pipelines.cli",
        "nightly",
        "--no-data-docs",
        "--now",
        NOW,
        "--home",
        str(tmp_path / "home"),
    ]
    missing = subprocess.run(
        [*command, "--inbox", str(tmp_path / "nowhere")], capture_output=True, text=True, check=False
    )
    assert missing.returncode == 7 and "storage" in missing.stderr
    # every file of this process may grow to 256 KB only: what the disk says when it is full
    limited = f"ulimit -f 256; exec {' '.join(command)} --inbox {inbox}"
    full = subprocess.run(
        ["bash", "-c", limited],
        capture_output=True,
        text=True,
        check=False,
        preexec_fn=lambda: signal.signal(signal.SIGXFSZ, signal.SIG_IGN),
    )
    assert full.returncode == 7, full.stderr[-2000:]
    again = subprocess.run([*command, "--inbox", str(inbox)], capture_output=True, text=True, check=False)
    assert again.returncode in (0, 3, 4), again.stderr[-2000:]
