"""Several measures of the same things beside each other: one column of dots a measure, each on its own scale.

Frame, one row a cell: label, panel (the measure with its unit), value (display units, null = none: its text alone is written), text,
hover; and low, high where values have bounds. Rows and panels stand in the order in which they first occur.
"""

from __future__ import annotations

from collections.abc import Mapping

import plotly.graph_objects as go
import polars as pl

from .style import INK, MARKERS, MUTED, SERIES, axis, bands, figure_of, label, suffix

ROW, TALL = 24, 34  # pixels a row; tall: the text stands above its bar
MARGINS, HEADING = 60, 40  # pixels around a panel, and of them between two
NARROW = 1  # columns of panels on a small screen


def figure(frame: pl.DataFrame, *, texts: Mapping[str, str], narrow: bool = False) -> go.Figure:
    """Each dot prints its number, so that the scale need not be read."""
    names = frame["label"].unique(maintain_order=True).to_list()
    panels = frame["panel"].unique(maintain_order=True).to_list()
    columns = min(NARROW if narrow else len(panels), len(panels)) or 1
    rows = -(-len(panels) // columns) or 1
    bounded = "low" in frame.columns
    height = max(200, ((TALL if bounded else ROW) * len(names) + MARGINS) * rows)
    across, down = bands(columns, 0.02), bands(rows, HEADING / height)[::-1]
    data, words, layout = [], [], {}
    for number, panel in enumerate(panels):
        key, left, up = suffix(number), across[number % columns], down[number // columns]
        shown = frame.filter(pl.col("panel") == panel)
        points, absent = shown.filter(pl.col("value").is_not_null()), shown.filter(pl.col("value").is_null())
        values = points["value"].to_list()
        ends = values + (points["low"].to_list() + points["high"].to_list() if bounded else [])
        known = [end for end in ends if end is not None]
        low, high = (min(known), max(known)) if known else (0.0, 1.0)
        room = (high - low) or abs(high) or 1.0
        data.append(
            {
                "type": "scatter", "mode": "markers+text", "x": values, "y": points["label"].to_list(), "name": panel,
                "xaxis": f"x{key}", "yaxis": f"y{key}", "text": points["text"].to_list(), "textposition": "middle right",
                "textfont": {"size": 11}, "hovertext": points["hover"].to_list(), "hoverinfo": "text",
                "marker": {"size": 9, "color": SERIES[number % len(SERIES)], "symbol": MARKERS[number % len(MARKERS)]},
            }
        )  # fmt: skip
        if bounded:
            data[-1]["textposition"] = "top right"
            data[-1]["error_x"] = {
                "type": "data", "symmetric": False, "array": _reach(points["high"], points["value"]),
                "arrayminus": _reach(points["value"], points["low"]), "color": SERIES[number % len(SERIES)], "thickness": 1.5, "width": 4,
            }  # fmt: skip
        if absent.height:
            data.append(
                {
                    "type": "scatter", "mode": "text", "x": [low] * absent.height, "y": absent["label"].to_list(), "name": panel,
                    "xaxis": f"x{key}", "yaxis": f"y{key}", "text": absent["text"].to_list(), "textposition": "middle right",
                    "textfont": {"size": 11, "color": MUTED}, "hovertext": absent["hover"].to_list(), "hoverinfo": "text",
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
    return figure_of(
        data,
        annotations=words,
        showlegend=False,
        height=height,
        margin={"t": 26},
        meta={"value": texts["value"]},
        **layout,
    )


def _reach(upper: pl.Series, lower: pl.Series) -> list[float]:
    """The length of a bar on one side; 0 where that bound is not known."""
    return (upper - lower).fill_null(0.0).clip(lower_bound=0.0).to_list()
