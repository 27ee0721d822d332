"""Several measures of the same things beside each other: one column of dots a measure, each on its own scale.

Frame, one row a cell: label, panel (the measure with its unit), value (display units, null = none), text, hover. Rows and
panels stand in the order in which they first occur.
"""

from __future__ import annotations

from collections.abc import Mapping

import plotly.graph_objects as go
import polars as pl

from .style import INK, MARKERS, SERIES, axis, bands, figure_of, label, suffix

ROW, MARGINS = 24, 60  # pixels
NARROW = 1  # columns of panels on a small screen


def figure(frame: pl.DataFrame, *, texts: Mapping[str, str], narrow: bool = False) -> go.Figure:
    """Each dot prints its number, so that the scale need not be read."""
    names = frame["label"].unique(maintain_order=True).to_list()
    panels = frame["panel"].unique(maintain_order=True).to_list()
    columns = min(NARROW if narrow else len(panels), len(panels)) or 1
    rows = -(-len(panels) // columns) or 1
    across, down = bands(columns, 0.02), bands(rows, 0.12)[::-1]
    data, words, layout = [], [], {}
    for number, panel in enumerate(panels):
        key, left, up = suffix(number), across[number % columns], down[number // columns]
        points = frame.filter((pl.col("panel") == panel) & pl.col("value").is_not_null())
        values = points["value"].to_list()
        low, high = (min(values), max(values)) if values else (0.0, 1.0)
        room = (high - low) or abs(high) or 1.0
        data.append(
            {
                "type": "scatter", "mode": "markers+text", "x": values, "y": points["label"].to_list(), "name": panel,
                "xaxis": f"x{key}", "yaxis": f"y{key}", "text": points["text"].to_list(), "textposition": "middle right",
                "textfont": {"size": 11}, "hovertext": points["hover"].to_list(), "hoverinfo": "text",
                "marker": {"size": 9, "color": SERIES[number % len(SERIES)], "symbol": MARKERS[number % len(MARKERS)]},
            }
        )  # fmt: skip
        layout[f"xaxis{key}"] = axis(domain=left, anchor=f"y{key}", showticklabels=False, nticks=4,
                                     range=[low - room * 0.15, high + room * 0.75])  # fmt: skip
        layout[f"yaxis{key}"] = axis(
            domain=up, anchor=f"x{key}", type="category", categoryorder="array", categoryarray=names[::-1],
            range=[-0.6, len(names) - 0.4], showticklabels=number % columns == 0, showgrid=True, ticklabelstandoff=6,
        )  # fmt: skip
        words.append(label(panel, x=left[0], y=up[1], xref="paper", yref="paper", xanchor="left", yanchor="bottom",
                           font={"size": 11, "color": INK}))  # fmt: skip
    height = max(200, (ROW * len(names) + MARGINS) * rows)
    return figure_of(
        data,
        annotations=words,
        showlegend=False,
        height=height,
        margin={"t": 26},
        meta={"value": texts["value"]},
        **layout,
    )
