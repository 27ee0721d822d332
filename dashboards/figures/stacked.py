"""Horizontal bars made of parts, the longest or the first on top; every part has its colour and its pattern.

Frame, one row a part: label, part, value (display units), hover, point (handed back by a click). Parts are drawn in the
order of `parts`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import plotly.graph_objects as go
import polars as pl

from .style import PATTERNS, SERIES, axis, figure_of

ROW, MARGINS = 26, 70  # pixels
ROWS_AT_LEAST = 4  # so that a single bar is not a block


def figure(
    frame: pl.DataFrame, *, texts: Mapping[str, str], parts: Sequence[tuple[str, str]], is_sorted: bool = True
) -> go.Figure:
    """`parts`: (part, its words) in order. The legend is left out where there is only one. Unsorted: as they come."""
    totals = frame.group_by("label", maintain_order=True).agg(pl.col("value").sum())
    names = (totals.sort("value", descending=True, maintain_order=True) if is_sorted else totals)[
        "label"
    ].to_list()
    data = []
    for number, (part, words) in enumerate(parts):
        mine = frame.filter(pl.col("part") == part)
        if mine.height == 0:
            continue
        data.append(
            {
                "type": "bar", "orientation": "h", "name": words, "y": mine["label"].to_list(), "x": mine["value"].to_list(),
                "hovertext": mine["hover"].to_list(), "hoverinfo": "text", "customdata": mine["point"].to_list(),
                "marker": {"color": SERIES[number % len(SERIES)],
                           "pattern": {"shape": PATTERNS[number % len(PATTERNS)], "fillmode": "overlay", "fgcolor": "#ffffff", "size": 5,
                                       "solidity": 0.3}},
            }
        )  # fmt: skip
    return figure_of(
        data,
        barmode="stack",
        bargap=0.28,
        showlegend=len(data) > 1,
        height=max(160, ROW * len(names) + MARGINS),
        legend={"y": 0, "yref": "container", "yanchor": "bottom", "traceorder": "normal"},
        margin={"b": 44 if len(data) > 1 else 8},
        xaxis=axis(nticks=5, rangemode="tozero", separatethousands=True, title={"text": ""}),
        yaxis=axis(
            type="category",
            categoryorder="array",
            categoryarray=names[::-1],
            range=[len(names) - max(len(names), ROWS_AT_LEAST) - 0.5, len(names) - 0.5],
            showgrid=False,
            ticklabelstandoff=6,
        ),
        meta={"value": texts["value"]},
    )
