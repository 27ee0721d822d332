"""A calendar of states: a row a thing, a column a day, a colour and a sign a state.

Frame, one row a cell: row, day, state, hover, point (handed back by a click). `states` gives the states in the order of
the legend; their words and signs are texts["state.<state>"] and texts["sign.<state>"].
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import Any

import plotly.graph_objects as go
import polars as pl

from .style import LINE, axis, figure_of, label

COLOURS = {
    "on_time": "#cfe3f5", "resubmitted": "#6ba3da", "nil": "#e9e9e9", "late": "#f0b429", "pending": "#ffffff",
    "refused": "#8c3b8c", "missing": "#c8442e",
}  # fmt: skip
DARK = ("refused", "missing", "resubmitted")
SIGNED = 1500  # cells beyond which signs are too small and too many
ROW, MARGINS = 22, 96  # pixels


def figure(frame: pl.DataFrame, *, texts: Mapping[str, str], states: Sequence[str]) -> go.Figure:
    """Rows in the order in which they first occur; days without a cell stay white."""
    rows = frame["row"].unique(maintain_order=True).to_list()
    days = _days(frame["day"].to_list())
    at_row, at_day = {name: n for n, name in enumerate(rows)}, {day: n for n, day in enumerate(days)}
    grid: list[list[int | None]] = [[None] * len(days) for _ in rows]
    hover = [[""] * len(days) for _ in rows]
    points: list[list[Any]] = [[None] * len(days) for _ in rows]
    words = []
    is_signed = len(rows) * len(days) <= SIGNED
    for row, day, state, told, point in frame.select("row", "day", "state", "hover", "point").iter_rows():
        y, x = at_row[row], at_day[day]
        grid[y][x], hover[y][x], points[y][x] = states.index(state), told, point
        if is_signed and texts[f"sign.{state}"]:
            ink = "#ffffff" if state in DARK else "#1f2933"
            words.append(label(texts[f"sign.{state}"], x=x, y=y, font={"size": 10, "color": ink}))
    present = [state for state in states if state in set(frame["state"])]
    steps = [
        [edge, COLOURS[state]]
        for n, state in enumerate(states)
        for edge in (n / len(states), (n + 1) / len(states))
    ]
    heat = {
        "type": "heatmap", "z": grid, "x": list(range(len(days))), "y": list(range(len(rows))), "text": hover, "customdata": points,
        "hoverinfo": "text", "zmin": -0.5, "zmax": len(states) - 0.5, "colorscale": steps, "showscale": False, "xgap": 1, "ygap": 1,
        "showlegend": False, "name": texts["value"],
    }  # fmt: skip
    keys = [
        {"type": "scatter", "x": [None], "y": [None], "mode": "markers", "name": texts[f"state.{state}"],
         "marker": {"symbol": "square", "size": 11, "color": COLOURS[state], "line": {"color": LINE, "width": 1}}}
        for state in present
    ]  # fmt: skip
    ticks = [n for n, day in enumerate(days) if len(days) <= 16 or day.weekday() == 0]
    return figure_of(
        [heat, *keys],
        annotations=words,
        height=max(180, ROW * len(rows) + MARGINS),
        margin={"t": 40},
        legend={"y": 1.0, "yref": "paper", "yanchor": "bottom"},
        xaxis=axis(tickmode="array", tickvals=ticks, ticktext=[days[n].strftime("%m-%d") for n in ticks], showgrid=False,
                   range=[-0.5, len(days) - 0.5]),
        yaxis=axis(tickmode="array", tickvals=list(range(len(rows))), ticktext=rows, showgrid=False,
                   range=[len(rows) - 0.5, -0.5]),
    )  # fmt: skip


def _days(found: list[date]) -> list[date]:
    """Every day from the first to the last, so that a gap is seen as one."""
    if not found:
        return []
    first, last = min(found), max(found)
    return [first + timedelta(days=n) for n in range((last - first).days + 1)]
