"""What was known over time: a line that steps at every arrival, one panel under another.

Frame, one row an arrival: panel, at (datetime), value, hover. The line runs on to `until`, the last moment known.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

import plotly.graph_objects as go
import polars as pl

from .style import INK, MARKERS, SERIES, axis, bands, figure_of, label, suffix

MANY = 40  # arrivals beyond which markers are left out


def figure(frame: pl.DataFrame, *, texts: Mapping[str, str], until: datetime | None = None) -> go.Figure:
    """Panels in the order in which they first occur, each on its own scale from zero."""
    panels = frame["panel"].unique(maintain_order=True).to_list()
    heights = bands(len(panels), 0.13)[::-1] if panels else []
    data, words = [], []
    layout = {
        "xaxis": axis(
            type="date", anchor=f"y{suffix(max(len(panels) - 1, 0))}", nticks=7, tickformat="%m-%d %H:%M"
        )
    }
    for row, (panel, domain) in enumerate(zip(panels, heights, strict=True)):
        points = frame.filter(pl.col("panel") == panel).sort("at", maintain_order=True)
        points = points.unique(
            "at", keep="last", maintain_order=True
        )  # what came in the same moment is one step
        times, values, told = points["at"].to_list(), points["value"].to_list(), points["hover"].to_list()
        if until is not None and until > times[-1]:
            times, values, told = [*times, until], [*values, values[-1]], [*told, told[-1]]
        sizes = [7 if points.height <= MANY else 0] * points.height + [0] * (len(times) - points.height)
        colour = SERIES[row % len(SERIES)]
        data.append(
            {
                "type": "scatter", "mode": "lines+markers", "name": panel, "x": [at.isoformat() for at in times], "y": values,
                "line": {"shape": "hv", "color": colour, "width": 2}, "hovertext": told, "hoverinfo": "text", "yaxis": f"y{suffix(row)}",
                "marker": {"size": sizes, "symbol": MARKERS[row % len(MARKERS)], "color": colour},
            }
        )  # fmt: skip
        layout[f"yaxis{suffix(row)}"] = axis(
            domain=domain, nticks=4, rangemode="tozero", separatethousands=True
        )
        words.append(label(panel, x=0, y=domain[1], xref="paper", yref="paper", xanchor="left", yanchor="bottom",
                           font={"size": 12, "color": INK}))  # fmt: skip
    return figure_of(
        data, annotations=words, showlegend=False, margin={"t": 26}, meta={"value": texts["value"]}, **layout
    )
