"""The scripts a page loads: what the browser must run before the first chart, kept small (decision 012).

`vendor/` holds two published bundles as their makers released them, with their licences:
plotly.js-cartesian-dist-min (scatter, bar, heat map: all that our figures use, in a third of the bytes) and regenerator-runtime.
"""

from __future__ import annotations

import gzip
import re
from pathlib import Path
from typing import Any

from dash import Dash
from flask import Response, request

VENDOR = Path(__file__).parent / "vendor"
PLOTLY = "plotly-cartesian.min.js"  # of the version of the Python package, which a test holds
REGENERATOR = "regenerator-runtime.js"
PLOTLY_PATH = "/_dash-component-suites/plotly/package_data/plotly.min.js"
TABLE_TAG = re.compile(r'<script src="[^"]*/dash_table/bundle[^"]*"></script>\n?')
POLYFILL_TAG = re.compile(r'<script src="[^"]*/deps/polyfill@[^"]*"></script>')


class LeanDash(Dash):
    """Dash whose pages load only what they use.

    Dash gives every page a table that none of ours has, and a polyfill that rebuilds the language for browsers of ten years
    ago; of the latter its own scripts need the regenerator alone.
    """

    def interpolate_index(self, **parts: Any) -> str:  # type: ignore[override]  # Dash names every part
        scripts = TABLE_TAG.sub("", parts["scripts"])
        parts["scripts"] = POLYFILL_TAG.sub(f'<script src="/vendor/{REGENERATOR}"></script>', scripts)
        return super().interpolate_index(**parts)


def serve_vendored(app: Dash) -> None:
    """The vendored scripts under /vendor/, and Plotly's where Dash's graphs look for it."""
    scripts = {path.name: path.read_bytes() for path in VENDOR.glob("*.js")}
    packed = {name: gzip.compress(script, mtime=0) for name, script in scripts.items()}

    def vendored(name: str) -> Response:
        if name not in scripts:
            return Response(f"no script {name}", 404, mimetype="text/plain")
        if "gzip" in request.accept_encodings:
            answer = Response(packed[name], headers={"Content-Encoding": "gzip"})
        else:
            answer = Response(scripts[name])
        answer.mimetype = "text/javascript"
        answer.headers["Vary"] = "Accept-Encoding"
        answer.headers["Cache-Control"] = "no-cache"
        answer.add_etag()
        answer.make_conditional(request)
        return answer

    app.server.add_url_rule("/vendor/<name>", "vendored", vendored)
    app.server.add_url_rule(PLOTLY_PATH, "vendored", vendored, defaults={"name": PLOTLY})
