"""A map with boundaries, always with the South China Sea in its inset, its source and a place for the 审图号.

Frame as for the tile map: code, label, value (display units; null = none), text, status, hover. `land` has, by code,
`outlines` and `inset_outlines` (rings of points), `labels` (a point), and for all `dashes`, `inset` and `box`; the units
are its own. It is drawn on plain axes: plotly's geo figures would fetch the world from elsewhere.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Any, Protocol

import plotly.graph_objects as go
import polars as pl

from .style import INK, LINE, MUTED, PAPER, SEQUENTIAL, STATUS_FILL, VOID, figure_of, label, text_on

HATCH = {"not_reported": "/", "suppressed": "x", "undefined": ".", "not_applicable": "", "not_selected": ""}
EDGE = "#8a949e"
PLACED = {
    "110000": "top center",
    "120000": "middle right",
    "310000": "middle right",
    "810000": "bottom right",
    "820000": "bottom left",
}

Lines = Sequence[Sequence[tuple[float, float]]]


class Land(Protocol):
    """The outlines that are filled."""

    @property
    def outlines(self) -> Mapping[str, Lines]: ...
    @property
    def inset_outlines(self) -> Mapping[str, Lines]: ...
    @property
    def labels(self) -> Mapping[str, tuple[float, float]]: ...
    @property
    def dashes(self) -> Lines: ...
    @property
    def inset(self) -> tuple[float, float, float, float]: ...
    @property
    def box(self) -> tuple[float, float, float, float]: ...


def figure(
    frame: pl.DataFrame, *, land: Land, texts: Mapping[str, str], review: str, narrow: bool = False
) -> go.Figure:
    """Coloured by value; what has none is hatched by its state. `review` is the line with the 审图号."""
    values = [value for value in frame["value"] if value is not None]
    low, high = (min(values), max(values)) if values else (0.0, 1.0)
    if low == high:
        low, high = min(low, 0.0), high or 1.0
    data: list[dict[str, Any]] = []
    points: dict[str, list[Any]] = {
        "x": [],
        "y": [],
        "text": [],
        "hover": [],
        "code": [],
        "ink": [],
        "position": [],
    }
    seen: list[str] = []
    rows = frame.filter(pl.col("code").is_in(list(land.outlines))).select(
        "code", "label", "value", "status", "hover"
    )
    for code, name, value, status, told in sorted(
        rows.iter_rows(), key=lambda row: -_extent(land.outlines[row[0]])
    ):
        xs, ys = _joined([*land.outlines[code], *land.inset_outlines.get(code, ())])
        fill = _colour((value - low) / (high - low)) if value is not None else STATUS_FILL.get(status, VOID)
        trace = {
            "type": "scatter", "mode": "lines", "x": xs, "y": ys, "fill": "toself", "fillcolor": fill, "hoveron": "fills",
            "line": {"width": 0.7, "color": EDGE}, "text": told, "hoverinfo": "text", "name": name, "showlegend": False, "meta": code,
        }  # fmt: skip
        if value is None and HATCH.get(status):
            trace["fillpattern"] = {
                "shape": HATCH[status],
                "bgcolor": fill,
                "fgcolor": EDGE,
                "size": 6,
                "solidity": 0.15,
            }
        if value is None and status not in seen:
            seen.append(status)
        data.append(trace)
        x, y = land.labels[code]
        ink = text_on(None if value is None or code in PLACED else (value - low) / (high - low))
        shown = ("" if narrow else name, told, code, ink, PLACED.get(code, "middle center"))
        for key, item in zip(points, (x, y, *shown), strict=True):
            points[key].append(item)
    xs, ys = _joined(land.dashes)
    data.append(
        {"type": "scatter", "mode": "lines", "x": xs, "y": ys, "line": {"width": 1.4, "color": INK}, "hoverinfo": "skip",
         "showlegend": False, "name": texts["dash_line"]}
    )  # fmt: skip
    data.append(
        {
            "type": "scatter", "mode": "markers+text", "x": points["x"], "y": points["y"], "text": points["text"],
            "customdata": points["code"], "hovertext": points["hover"], "hoverinfo": "text", "showlegend": False, "name": texts["value"],
            "textfont": {"size": 9, "color": points["ink"]}, "textposition": points["position"], "marker": {
                "size": 16, "opacity": 0, "color": [low] * len(points["x"]), "cmin": low, "cmax": high, "showscale": bool(values),
                "colorscale": [list(stop) for stop in SEQUENTIAL],
                "colorbar": {"orientation": "h", "thickness": 10, "len": 0.36, "x": 0.0, "y": 0.06, "xanchor": "left", "yanchor": "bottom",
                             "outlinewidth": 0, "tickfont": {"size": 10}, "nticks": 4},
            },
        }
    )  # fmt: skip
    data += [_key(status, texts[f"status.{status}"]) for status in seen]
    left, bottom, right, top = land.inset
    place = {"xref": "x", "yref": "y"}
    words = [
        label(texts["inset"], x=right, y=top, xanchor="right", yanchor="bottom", **place),
        label(review, x=0, y=0, xref="paper", yref="paper", xanchor="left", yanchor="bottom"),
    ]
    hidden = {"visible": False, "fixedrange": True, "constrain": "domain"}
    return figure_of(
        data,
        annotations=words,
        shapes=[{"type": "rect", "x0": left, "x1": right, "y0": bottom, "y1": top, "line": {"width": 1, "color": MUTED}, **place}],
        xaxis={**hidden, "range": [land.box[0], land.box[2]]},
        yaxis={**hidden, "range": [land.box[1], land.box[3]], "scaleanchor": "x"},
        legend={"y": 1.0, "yanchor": "top", "font": {"size": 11}},
        margin={"t": 8},
        hovermode="closest",
    )  # fmt: skip


def _key(status: str, words: str) -> dict[str, Any]:
    """A legend entry for a state without a value."""
    return {
        "type": "bar", "x": [None], "y": [None], "name": words,
        "marker": {"color": STATUS_FILL.get(status, VOID), "line": {"color": LINE, "width": 1},
                   "pattern": {"shape": HATCH.get(status, ""), "fgcolor": EDGE, "bgcolor": STATUS_FILL.get(status, PAPER), "size": 5, "solidity": 0.2}},
    }  # fmt: skip


def _joined(lines: Lines) -> tuple[list[float | None], list[float | None]]:
    """One path with gaps."""
    xs: list[float | None] = []
    ys: list[float | None] = []
    for line in lines:
        xs += [*(x for x, _ in line), None]
        ys += [*(y for _, y in line), None]
    return xs[:-1], ys[:-1]


def _extent(lines: Lines) -> float:
    """Width × height of all rings: the large are drawn first, so that what lies within them stays visible."""
    xs, ys = [x for line in lines for x, _ in line], [y for line in lines for _, y in line]
    return (max(xs) - min(xs)) * (max(ys) - min(ys)) if xs else 0.0


def _colour(share: float) -> str:
    """The sequential colour at 0–1, between its stops."""
    for (low, start), (high, end) in pairwise(SEQUENTIAL):
        if share <= high:
            part = (share - low) / (high - low)
            mixed = (
                round(int(start[n : n + 2], 16) * (1 - part) + int(end[n : n + 2], 16) * part)
                for n in (1, 3, 5)
            )
            return "#" + "".join(f"{channel:02x}" for channel in mixed)
    return SEQUENTIAL[-1][1]
