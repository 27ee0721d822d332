"""A disk that fills up anywhere in the night: exit 7, nothing lost, and the next run completes with the same content."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.budget import THOROUGH
from tests.crash.state import content, leftovers
from tests.packages import claim, good, order, spell
from warehouse.home import Home

ROOT = Path(__file__).parents[2]
NIGHT = [
    sys.executable,
    "-m",
    "pipelines.cli",
    "nightly",
    "--no-data-docs",
    "--now",
    "2025-11-06T08:00:00+08:00",
]


def night(home: Path, inbox: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [*NIGHT, "--home", str(home), "--inbox", str(inbox)],
        capture_output=True,
        text=True,
        check=False,
        cwd=ROOT,
    )


@pytest.fixture(scope="module")
def disk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A small disk of its own; only root can make one."""
    place = tmp_path_factory.mktemp("disk")
    if os.geteuid() != 0 or not shutil.which("mount"):
        pytest.skip("FULL DISK NOT TESTED: only root can mount a small disk")
    made = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=64m", "tmpfs", str(place)],
        capture_output=True,
        text=True,
        check=False,
    )
    if made.returncode:
        pytest.skip(f"FULL DISK NOT TESTED: {made.stderr.strip()}")
    yield place
    subprocess.run(["umount", "-l", str(place)], check=False)


def leave(disk: Path, free: int) -> Path:
    """Fill the disk until so many bytes are free."""
    ballast = disk / "ballast"
    ballast.unlink(missing_ok=True)
    room = shutil.disk_usage(disk).free - free
    with ballast.open("wb") as handle:
        os.posix_fallocate(handle.fileno(), 0, max(room, 1))
    return ballast


def test_full_at_any_step(disk: Path, new_home: Path, tmp_path: Path) -> None:
    inbox = tmp_path / "inbox"
    many = [order(n, order_id=f"订单-{n}") for n in range(1, 600)]
    good(orders=many, enrollment=[spell(n) for n in range(1, 300)], claims=[claim(1)]).zip(inbox)
    good(province="110000", orders=[order(1, city_code="110100", order_id="b1", accepted_at="never")]).folder(
        inbox
    )
    whole = Path(shutil.copytree(new_home, tmp_path / "whole"))
    assert night(whole, inbox).returncode in (3, 4)
    expected = content(Home(whole))
    sizes = [4 << 10, 300 << 10, 1 << 20, 3 << 20, 6 << 20] if THOROUGH else [100 << 10, 2 << 20]
    stopped = 0
    for size in sizes:
        home = disk / f"home-{size}"
        shutil.copytree(new_home, home)
        ballast = leave(disk, size)
        done = night(home, inbox)
        assert done.returncode in (3, 4, 7), f"{size} bytes free: {done.stderr[-1500:]}"
        if done.returncode == 7:
            stopped += 1
            assert "error: storage:" in done.stderr and "Traceback" not in done.stderr
        ballast.unlink()
        again = night(home, inbox)
        assert again.returncode in (3, 4), again.stderr[-1500:]
        assert content(Home(home)) == expected, f"{size} bytes free"
        assert not leftovers(Home(home))
        shutil.rmtree(home)
    assert stopped, "no size was small enough to stop the night"


def test_an_inbox_that_cannot_be_listed(new_home: Path, tmp_path: Path) -> None:
    home = Path(shutil.copytree(new_home, tmp_path / "home"))
    (tmp_path / "file").write_text("no folder")
    for inbox in (tmp_path / "missing", tmp_path / "file"):
        done = night(home, inbox)
        assert done.returncode == 7 and "storage" in done.stderr and "Traceback" not in done.stderr
    good().folder(tmp_path / "inbox")
    assert night(home, tmp_path / "inbox").returncode in (0, 3)
