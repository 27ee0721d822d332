"""The scripts of a page: those that are used, of the versions that are declared."""

from __future__ import annotations

import gzip
import hashlib
import inspect
import re
from pathlib import Path

import plotly.graph_objs as go
from plotly.basedatatypes import BaseTraceType
from plotly.offline import get_plotlyjs_version

from dashboards import scripts
from dashboards.app import create_app
from tests.dashboards import fake

DASHBOARDS = Path(scripts.__file__).parent
# As the maker of the bundle lists them (README of plotly.js-cartesian-dist-min 4.1.1).
CARTESIAN = {
    "bar",
    "box",
    "contour",
    "heatmap",
    "histogram",
    "histogram2d",
    "histogram2dcontour",
    "image",
    "pie",
    "scatter",
    "scatterternary",
    "violin",
}
# The digests of the packages' files, as published for these versions.
PUBLISHED = {
    "plotly-cartesian.min.js": "79542150855a52c567260e3137095dbe2b744e6d702a5cabe67da246942fba7a",
    "regenerator-runtime.js": "7beda998b3fd277f3548e12b277bafc3037d243421f007032d38dffee412224c",
}


def test_the_vendored_plotly_is_that_of_the_python_package() -> None:
    head = (scripts.VENDOR / scripts.PLOTLY).read_text(encoding="utf-8")[:200]
    assert f"plotly.js (cartesian - minified) v{get_plotlyjs_version()}" in head


def test_every_kind_of_trace_that_is_drawn_is_in_the_bundle() -> None:
    known = {
        cls._path_str  # type: ignore[attr-defined]
        for _, cls in inspect.getmembers(go, inspect.isclass)
        if issubclass(cls, BaseTraceType) and cls is not BaseTraceType
    }
    drawn = {
        kind
        for path in DASHBOARDS.rglob("*.py")
        for kind in re.findall(r'"type": "(\w+)"', path.read_text(encoding="utf-8"))
    } & known
    assert {"scatter", "bar", "heatmap"} <= drawn <= CARTESIAN


def test_a_page_loads_the_regenerator_in_the_place_of_the_polyfill_and_no_unused_table(
    tmp_path: Path,
) -> None:
    client = create_app(fake.publish(tmp_path)).server.test_client()
    page = client.get("/").text
    assert "polyfill" not in page and "dash_table/bundle" not in page
    assert page.index("/vendor/regenerator-runtime.js") < page.index(
        "dash_renderer"
    )  # before whoever needs it


def test_vendored_scripts_are_served_packed_or_plain_and_kept_by_the_browser(tmp_path: Path) -> None:
    client = create_app(fake.publish(tmp_path)).server.test_client()
    plain = client.get(scripts.PLOTLY_PATH)
    packed = client.get(scripts.PLOTLY_PATH, headers={"Accept-Encoding": "gzip, br"})
    assert plain.mimetype == "text/javascript"
    assert packed.headers["Content-Encoding"] == "gzip" and len(packed.data) < len(plain.data) / 2
    assert gzip.decompress(packed.data) == plain.data == (scripts.VENDOR / scripts.PLOTLY).read_bytes()
    again = client.get(
        scripts.PLOTLY_PATH, headers={"Accept-Encoding": "gzip", "If-None-Match": packed.headers["ETag"]}
    )
    assert (again.status_code, again.data) == (304, b"")
    assert client.get("/vendor/regenerator-runtime.js").status_code == 200
    assert client.get("/vendor/nothing.js").status_code == 404
    assert "LeanDash" not in client.get("/vendor/..%2fscripts.py").text  # an address like any other: the page


def test_the_vendored_files_are_as_their_makers_released_them() -> None:
    found = {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in scripts.VENDOR.glob("*.js")}
    assert found == PUBLISHED
    licences = {path.name.split(".")[0] for path in scripts.VENDOR.glob("*.LICENSE")}
    assert licences == {name.split(".")[0] for name in found}
