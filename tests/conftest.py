"""Shared by all tests: a fresh home, one night, and a loud word where the real orders are not there."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

import hypothesis
import pytest

from pipelines.nightly import Outcome
from tests.budget import THOROUGH
from warehouse.home import Home

REAL = os.environ.get("ZHIBAO_REAL", "")

hypothesis.settings.register_profile(
    "zhibao", deadline=None, derandomize=not THOROUGH, print_blob=True, database=None,
    suppress_health_check=[hypothesis.HealthCheck.too_slow, hypothesis.HealthCheck.function_scoped_fixture],
)  # fmt: skip
hypothesis.settings.load_profile("zhibao")


def real_inbox() -> tuple[Path | None, str]:
    """The folder of real orders, or why there is none."""
    if not REAL:
        return None, "ZHIBAO_REAL is not set"
    if not Path(REAL).is_dir():
        return None, f"ZHIBAO_REAL names {REAL}, which is no folder"
    return Path(REAL), ""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    inbox, why = real_inbox()
    if inbox is None:
        for item in items:
            if item.get_closest_marker("real"):
                item.add_marker(pytest.mark.skip(reason=f"REAL ORDERS NOT TESTED: {why}"))


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    skipped = [
        r for r in terminalreporter.stats.get("skipped", []) if "REAL ORDERS NOT TESTED" in str(r.longrepr)
    ]
    if skipped:
        terminalreporter.section("REAL ORDERS NOT TESTED", sep="!", red=True, bold=True)
        terminalreporter.line(
            f"{len(skipped)} tests on real orders were skipped: {real_inbox()[1]}. Set ZHIBAO_REAL to their inbox."
        )


@pytest.fixture(scope="session")
def real() -> Path:
    """The inbox of real orders; only for tests marked `real`."""
    inbox, why = real_inbox()
    assert inbox is not None, f"mark this test `real`: {why}"
    return inbox


@pytest.fixture(scope="session")
def new_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home as `zhibao init` leaves it, made once: tests copy it."""
    from pipelines.nightly import init

    root = tmp_path_factory.mktemp("template") / "home"
    init(Home(root))
    return root


@pytest.fixture
def home(new_home: Path, tmp_path: Path) -> Home:
    """A fresh installation."""
    return Home(Path(shutil.copytree(new_home, tmp_path / "home")))


@pytest.fixture
def only_rules(monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Let a night run some rules only (all with ZHIBAO_THOROUGH): most of a small night is rules."""
    from checks import run as judge

    real_run = judge.run

    def choose(*wanted: str) -> None:
        def run(connection: Any, rules: Any, *more: Any, **named: Any) -> Any:
            return real_run(
                connection, rules if THOROUGH else [r for r in rules if r.id in wanted], *more, **named
            )

        monkeypatch.setattr(judge, "run", run)

    return choose


@pytest.fixture
def inbox(tmp_path: Path) -> Path:
    folder = tmp_path / "inbox"
    folder.mkdir()
    return folder


@pytest.fixture(scope="session")
def night() -> Callable[[Home, Path, datetime], Outcome]:
    """One call of the night as a replay, without Great Expectations."""
    from pipelines.nightly import nightly

    def call(home: Home, inbox: Path, now: datetime) -> Outcome:
        return nightly(home, inbox, now=now, data_docs=False)

    return call
