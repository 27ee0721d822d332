"""A funnel plot: a rate against how much it rests on, with the limits within which chance alone would leave it.

Frame, one row a place: label, exposure (e.g. orders), cases, rate (display units), hover, state (inside, high, low).
Limits, one row an exposure: exposure, low95, high95, low998, high998, in the unit of `rate`.
Spiegelhalter, Funnel plots for comparing institutional performance, Statistics in Medicine 24 (2005).
"""

from __future__ import annotations

from collections.abc import Mapping

import plotly.graph_objects as go
import polars as pl

from .style import LINE, MUTED, SERIES, axis, figure_of

LOOKS = {
    "inside": (SERIES[0], "circle"),
    "high": (SERIES[1], "triangle-up"),
    "low": (SERIES[3], "triangle-down"),
}


def figure(
    frame: pl.DataFrame, limits: pl.DataFrame, centre: float, *, texts: Mapping[str, str]
) -> go.Figure:
    """Points by state, each with its own sign; names stand at those outside the wider limits."""
    data = []
    for field, dash in (("low95", "dot"), ("high95", "dot"), ("low998", "dash"), ("high998", "dash")):
        data.append(
            {"type": "scatter", "mode": "lines", "x": limits["exposure"].to_list(), "y": limits[field].to_list(), "hoverinfo": "skip",
             "line": {"color": MUTED, "width": 1, "dash": dash}, "name": texts["limit95" if field.endswith("95") else "limit998"],
             "showlegend": field.startswith("high")}
        )  # fmt: skip
    ends = [limits["exposure"].min(), limits["exposure"].max()]
    data.append({"type": "scatter", "mode": "lines", "x": ends, "y": [centre, centre], "hoverinfo": "skip", "name": texts["centre"],
                 "line": {"color": LINE, "width": 2}})  # fmt: skip
    for state, (colour, symbol) in LOOKS.items():
        mine = frame.filter(pl.col("state") == state)
        if mine.height:
            data.append(
                {
                    "type": "scatter", "mode": "markers+text" if state != "inside" else "markers", "name": texts[f"funnel.{state}"],
                    "x": mine["exposure"].to_list(), "y": mine["rate"].to_list(), "text": mine["label"].to_list(), "textposition": "top center",
                    "hovertext": mine["hover"].to_list(), "hoverinfo": "text", "textfont": {"size": 11},
                    "marker": {"color": colour, "symbol": symbol, "size": 10},
                }
            )  # fmt: skip
    return figure_of(
        data,
        margin={"t": 44, "b": 36},
        xaxis=axis(type="log", title={"text": texts["exposure"], "font": {"size": 11}}, nticks=6),
        yaxis=axis(rangemode="tozero", nticks=6, separatethousands=True),
    )
