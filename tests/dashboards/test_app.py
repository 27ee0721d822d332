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


def test_scripts_are_served_by_a_process_that_has_not_served_the_page(tmp_path: Path) -> None:
    home = fake.publish(tmp_path)
    page = create_app(home).server.test_client().get("/").text
    other = create_app(home).server.test_client()
    scripts = re.findall(r'src="(/_dash-component-suites/[^"]+)"', page)
    assert len(scripts) > 5
    assert {source: other.get(source).status_code for source in scripts} == dict.fromkeys(scripts, 200)


def test_a_file_has_an_address(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("warehouse.indicators.compute", fake.compute, raising=False)
    client = create_app(fake.publish(tmp_path)).server.test_client()
    name = "20251117T010000-abc123"
    answer = client.get(f"/download/{name}/overview/rates.csv?table=rates")
    assert answer.status_code == 200
    assert answer.headers["Content-Disposition"] == f'attachment; filename="zhibao-overview-rates-{name}.csv"'
    assert answer.data.startswith(b"\xef\xbb\xbf") and answer.data.count(b"\n") > 20
    assert client.get(f"/download/{name}/overview/rates.xlsx").data[:2] == b"PK"


@pytest.mark.parametrize(
    ("address", "status"),
    [
        ("20251117T010000-abc123/overview/rates.exe", 404),
        ("20251117T010000-abc123/nowhere/rates.csv", 404),
        ("20251117T010000-abc123/overview/nothing.csv", 404),
        ("20200101T000000-000000/overview/rates.csv", 410),
        ("...warehouse/overview/rates.csv", 410),
        ("20251117T010000-abc123/overview/rates.csv?province=310000&measure=%ff&x=1", 200),
    ],
)
def test_a_wrong_address_of_a_file_is_told_so(
    address: str, status: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("warehouse.indicators.compute", fake.compute, raising=False)
    client = create_app(fake.publish(tmp_path)).server.test_client()
    assert client.get(f"/download/{address}").status_code == status
