"""The application as a server: health, headers, local assets, first page read beforehand."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from dashboards.app import create_app, warm
from dashboards.snapshots import Snapshots
from tests.dashboards import fake


def test_health_tells_whether_there_is_something_to_serve(tmp_path: Path) -> None:
    client = create_app(tmp_path).server.test_client()
    assert client.get("/healthz").status_code == 503
    fake.publish(tmp_path)
    answer = client.get("/healthz")
    assert (answer.status_code, answer.json) == (200, {"snapshot": "20251117T010000-abc123"})


def test_everything_is_served_from_here(tmp_path: Path) -> None:
    client = create_app(fake.publish(tmp_path)).server.test_client()
    page = client.get("/anything?x=1")
    assert page.status_code == 200
    sources = re.findall(r'(?:src|href)="([^"]+)"', page.text)
    assert sources and all(source.startswith("/") and not source.startswith("//") for source in sources)
    assert 'lang="zh-CN"' in page.text
    assert page.headers["X-Frame-Options"] == "DENY" and page.headers["Referrer-Policy"] == "no-referrer"


def test_the_first_page_is_read_beforehand(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    asked = []

    def compute(connection: object, **arguments: object) -> object:
        asked.append(arguments["by"])
        return fake.compute(connection, **arguments)  # type: ignore[arg-type]

    monkeypatch.setattr("warehouse.indicators.compute", compute, raising=False)
    snapshots = Snapshots(tmp_path)
    assert warm(snapshots) is None
    fake.publish(tmp_path)
    assert warm(snapshots) == "20251117T010000-abc123"
    first = len(asked)
    assert first > 5
    warm(snapshots)
    assert len(asked) == first  # remembered
