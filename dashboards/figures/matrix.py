"""A grid of two dimensions, e.g. province × platform, coloured by value and printing it.

Frame, one row a cell: row, column, value (display units, null = none), text, status, hover. A cell that is missing
from the frame stays white.
"""

from __future__ import annotations

from collections.abc import Mapping

import plotly.graph_objects as go
import polars as pl

from .style import LINE, SEQUENTIAL, STATUS_FILL, axis, figure_of, label, text_on

PRINTED = 14  # columns beyond which numbers no longer fit their cells
ROW, MARGINS = 26, 120  # pixels


def figure(frame: pl.DataFrame, *, texts: Mapping[str, str], printed: bool = True) -> go.Figure:
    """Rows and columns in the order in which they first occur."""
    rows = frame["row"].unique(maintain_order=True).to_list()
    columns = frame["column"].unique(maintain_order=True).to_list()
    values = frame["value"].drop_nulls().to_list()
    low, high = (min(values), max(values)) if values else (0.0, 1.0)
    if low == high:
        low = min(low - 1, 0.0)
    grid: list[list[float | None]] = [[None] * len(columns) for _ in rows]
    void: list[list[float | None]] = [[None] * len(columns) for _ in rows]
    hover = [[""] * len(columns) for _ in rows]
    words = []
    show_text = printed and len(columns) <= PRINTED
    for row, column, value, text, told in frame.select("row", "column", "value", "text", "hover").iter_rows():
        y, x = rows.index(row), columns.index(column)
        grid[y][x], hover[y][x] = value, told
        void[y][x] = 1.0 if value is None else None
        if show_text:
            ink = text_on(None if value is None else (value - low) / (high - low))
            words.append(label(text, x=x, y=y, font={"size": 11, "color": ink}))
    empty = STATUS_FILL["not_reported"]
    common = {"type": "heatmap", "x": list(range(len(columns))), "y": list(range(len(rows))), "xgap": 2, "ygap": 2,
              "text": hover, "hoverinfo": "text"}  # fmt: skip
    data = [
        {**common, "z": void, "name": texts["void"], "showscale": False, "colorscale": [[0, empty], [1, empty]]},
        {
            **common, "z": grid, "name": texts["value"], "zmin": low, "zmax": high, "colorscale": [list(stop) for stop in SEQUENTIAL],
            "colorbar": {"thickness": 10, "outlinewidth": 0, "tickfont": {"size": 10}, "nticks": 5},
        },
    ]  # fmt: skip
    return figure_of(
        data,
        annotations=words,
        height=max(200, ROW * len(rows) + MARGINS),
        xaxis=axis(
            side="top",
            showgrid=False,
            linecolor=LINE,
            tickmode="array",
            tickvals=list(range(len(columns))),
            ticktext=columns,
        ),
        yaxis=axis(
            autorange="reversed",
            showgrid=False,
            tickmode="array",
            tickvals=list(range(len(rows))),
            ticktext=rows,
        ),
    )
