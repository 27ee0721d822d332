"""A grid of kinds: rows × columns, each cell with a colour and a printed sign, e.g. grades, or what a detector could say.

Frame, one row a cell: row, column, state, text (printed), hover. `states`: state → (its words, fill, ink) in the order of
the legend. A cell that is missing from the frame stays white.
"""

from __future__ import annotations

from collections.abc import Mapping

import plotly.graph_objects as go
import polars as pl

from .style import LINE, axis, figure_of, label

ROW, MARGINS = 26, 128  # pixels
Looks = Mapping[str, tuple[str, str, str]]


def figure(
    frame: pl.DataFrame, *, texts: Mapping[str, str], states: Looks, narrow: bool = False
) -> go.Figure:
    """Rows and columns in the order in which they first occur; only states that occur stand in the legend."""
    rows = frame["row"].unique(maintain_order=True).to_list()
    columns = frame["column"].unique(maintain_order=True).to_list()
    order = list(states)
    grid: list[list[int | None]] = [[None] * len(columns) for _ in rows]
    hover = [[""] * len(columns) for _ in rows]
    words = []
    for row, column, state, text, told in frame.select("row", "column", "state", "text", "hover").iter_rows():
        y, x = rows.index(row), columns.index(column)
        grid[y][x], hover[y][x] = order.index(state), told
        words.append(label(text, x=x, y=y, font={"size": 9 if narrow else 11, "color": states[state][2]}))
    edges = [
        [edge, states[state][1]]
        for n, state in enumerate(order)
        for edge in (n / len(order), (n + 1) / len(order))
    ]
    heat = {
        "type": "heatmap", "z": grid, "x": list(range(len(columns))), "y": list(range(len(rows))), "text": hover, "hoverinfo": "text",
        "zmin": -0.5, "zmax": len(order) - 0.5, "colorscale": edges, "showscale": False, "xgap": 2, "ygap": 2, "name": texts["value"],
        "showlegend": False,
    }  # fmt: skip
    present = set(frame["state"])
    keys = [
        {"type": "scatter", "x": [None], "y": [None], "mode": "markers", "name": said,
         "marker": {"symbol": "square", "size": 11, "color": fill, "line": {"color": LINE, "width": 1}}}
        for state, (said, fill, _) in states.items() if state in present
    ]  # fmt: skip
    return figure_of(
        [heat, *keys],
        annotations=words,
        height=max(200, ROW * len(rows) + MARGINS),
        legend={"y": 0, "yref": "container", "yanchor": "bottom"},
        margin={"b": 40},
        xaxis=axis(side="top", showgrid=False, tickmode="array", tickvals=list(range(len(columns))), ticktext=columns, linecolor=LINE,
                   range=[-0.5, len(columns) - 0.5]),
        yaxis=axis(showgrid=False, tickmode="array", tickvals=list(range(len(rows))), ticktext=rows, range=[len(rows) - 0.5, -0.5]),
    )  # fmt: skip
