"""Growth beside its like-for-like value: two bars a period, one panel a figure that grows.

Frame, one row a period: panel, start, period, growth and like_for_like (percent; null = none), hover_growth,
hover_like, is_break. The like-for-like bar is hatched; a break of scope is marked above its period.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import plotly.graph_objects as go
import polars as pl

from .style import INK, MUTED, SERIES, axis, bands, figure_of, label, suffix

BARS = (("growth", "hover_growth", SERIES[0], ""), ("like_for_like", "hover_like", SERIES[1], "/"))


def figure(frame: pl.DataFrame, *, texts: Mapping[str, str], columns: int = 3) -> go.Figure:
    """Panels side by side, `columns` in a row."""
    panels = frame["panel"].unique(maintain_order=True).to_list()
    columns = max(1, min(columns, len(panels)))
    rows = max(1, -(-len(panels) // columns))
    across, down = bands(columns, 0.06), bands(rows, 0.12)[::-1]
    data, words = [], []
    layout: dict[str, Any] = {}
    for number, panel in enumerate(panels):
        name, left, low = suffix(number), across[number % columns], down[number // columns]
        points = frame.filter(pl.col("panel") == panel).sort("start")
        layout[f"xaxis{name}"] = axis(type="category", nticks=8, domain=left, anchor=f"y{name}")
        layout[f"yaxis{name}"] = axis(
            domain=low, anchor=f"x{name}", nticks=5, zeroline=True, zerolinecolor=MUTED, zerolinewidth=1
        )
        place = {"xref": "paper", "yref": "paper", "xanchor": "left", "yanchor": "bottom"}
        words.append(label(panel, x=left[0], y=low[1], font={"size": 12, "color": INK}, **place))
        for field, told, colour, pattern in BARS:
            data.append(
                {
                    "type": "bar", "name": texts[field], "legendgroup": field, "showlegend": number == 0,
                    "x": points["period"].to_list(), "y": points[field].to_list(), "xaxis": f"x{name}", "yaxis": f"y{name}",
                    "hovertext": points[told].to_list(), "hoverinfo": "text",
                    "marker": {"color": colour, "pattern": {"fillmode": "overlay", "shape": pattern, "fgcolor": "#ffffff", "size": 5, "solidity": 0.35}},
                }
            )  # fmt: skip
        tops = points.with_columns(top=pl.max_horizontal("growth", "like_for_like", pl.lit(0.0)))
        for period, top in tops.filter(pl.col("is_break")).select("period", "top").iter_rows():
            words.append(
                label(texts["break"], x=period, y=top, xref=f"x{name}", yref=f"y{name}", yanchor="bottom")
            )
    return figure_of(
        data,
        annotations=words,
        barmode="group",
        bargap=0.25,
        bargroupgap=0.05,
        margin={"t": 52},
        legend={"y": 1.1},
        **layout,
    )
