"""Small multiples: one small line a thing, all on the same axes, so that they can be compared at a glance.

Frame, one row a point: label, start, period, value (display units), hover, text (of the point; the last one stands
beside the name). Labels are drawn in the order in which they first occur.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import plotly.graph_objects as go
import polars as pl

from .style import INK, LINE, SERIES, axis, bands, figure_of, label, suffix

ROW, MARGINS = 84, 30  # pixels


def figure(frame: pl.DataFrame, *, texts: Mapping[str, str], columns: int = 6) -> go.Figure:
    """A grid of sparklines with the same axes."""
    names = frame["label"].unique(maintain_order=True).to_list()
    columns = max(1, min(columns, len(names)))
    rows = max(1, -(-len(names) // columns))
    across, down = bands(columns, 0.015), bands(rows, min(0.36 / rows, 0.2))[::-1]
    known = frame["value"].drop_nulls()
    low, high = (float(known.min()), float(known.max())) if len(known) else (0.0, 1.0)  # type: ignore[arg-type]
    room = (high - low) * 0.1 or 1.0
    times = [frame["start"].min(), frame["start"].max()]
    data, words = [], []
    layout: dict[str, Any] = {}
    for number, name in enumerate(names):
        key, left, up = suffix(number), across[number % columns], down[number // columns]
        points = frame.filter(pl.col("label") == name).sort("start")
        data.append(
            {
                "type": "scatter", "mode": "lines+markers", "name": name, "xaxis": f"x{key}", "yaxis": f"y{key}",
                "x": [day.isoformat() for day in points["start"]], "y": points["value"].to_list(), "connectgaps": False,
                "line": {"color": SERIES[0], "width": 1.5}, "hovertext": points["hover"].to_list(), "hoverinfo": "text",
                "marker": {"size": [2] * (points.height - 1) + [6], "color": SERIES[0]},
            }
        )  # fmt: skip
        words.append(label(f"{name} <b>{points['text'][-1]}</b>", x=left[0], y=up[1], xref="paper", yref="paper", xanchor="left",
                           yanchor="bottom", font={"size": 11, "color": INK}))  # fmt: skip
        layout[f"xaxis{key}"] = axis(type="date", domain=left, anchor=f"y{key}", showticklabels=False, showgrid=False,
                                     range=_around(times), showline=True)  # fmt: skip
        layout[f"yaxis{key}"] = axis(domain=up, anchor=f"x{key}", showticklabels=False, nticks=3, linecolor=LINE,
                                     range=[low - room, high + room])  # fmt: skip
    return figure_of(
        data,
        annotations=words,
        showlegend=False,
        margin={"t": 24, "b": 6},
        height=ROW * rows + MARGINS,
        **layout,
    )


def _around(times: list[Any]) -> list[str]:
    """From the first to the last period, with room for the last marker."""
    first, last = times
    room = (last - first) * 0.03
    return [(first - room).isoformat(), (last + room).isoformat()]
