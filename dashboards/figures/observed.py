"""What was observed beside what was expected: bars, and a diamond where an expectation is known; cell by cell.

Frame, one row a cell: label, observed, expected (null = none), hover, is_marked (the cell that is spoken of: hatched).
"""

from __future__ import annotations

from collections.abc import Mapping

import plotly.graph_objects as go
import polars as pl

from .style import PAPER, SERIES, axis, figure_of

UPRIGHT = 12  # cells up to which labels are read without turning


def figure(frame: pl.DataFrame, *, texts: Mapping[str, str]) -> go.Figure:
    """Cells from left to right, as they come."""
    labels = frame["label"].to_list()
    data = [
        {
            "type": "bar", "name": texts["observed"], "x": labels, "y": frame["observed"].to_list(), "hovertext": frame["hover"].to_list(),
            "hoverinfo": "text", "marker": {
                "color": SERIES[0],
                "pattern": {"shape": ["/" if marked else "" for marked in frame["is_marked"]], "fillmode": "overlay", "fgcolor": PAPER,
                            "size": 6, "solidity": 0.35},
            },
        }
    ]  # fmt: skip
    if frame["expected"].null_count() < frame.height:
        data.append(
            {
                "type": "scatter", "mode": "markers", "name": texts["expected"], "x": labels, "y": frame["expected"].to_list(),
                "hovertext": frame["hover"].to_list(), "hoverinfo": "text",
                "marker": {"symbol": "diamond", "size": 10, "color": SERIES[1], "line": {"color": PAPER, "width": 1}},
            }
        )  # fmt: skip
    return figure_of(
        data,
        showlegend=len(data) > 1,
        bargap=0.3,
        margin={"t": 30 if len(data) > 1 else 8},
        xaxis=axis(type="category", nticks=UPRIGHT, showgrid=False),
        yaxis=axis(nticks=5, rangemode="tozero", separatethousands=True),
    )
