"""Bars in order of size, with the place in the ranking before and now.

Frame, one row a thing: label, value (display units, null = none), text, status, hover, rank, rank_before (null = new).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import plotly.graph_objects as go
import polars as pl

from .style import INK, MARKERS, MUTED, SERIES, axis, figure_of, label

BAR, MARGINS = 24, 30  # pixels


def figure(
    frame: pl.DataFrame, *, texts: Mapping[str, str], has_before: bool = True, is_share: bool = False
) -> go.Figure:
    """Largest on top; what has no value stands below, by its state. Without a period before there are no moves.

    Bars start at zero. Shares are dots on an axis that shows only where they lie, so that 98 and 99 can be told apart.
    """
    ordered = frame.sort(["rank", "label"], nulls_last=True)
    values = [value for value in ordered["value"] if value is not None]
    low, high = (
        (min(values), max(values)) if values and is_share else (min([*values, 0.0]), max([*values, 0.0]))
    )
    room = max(high - low, 1.0 if is_share else 0.0)
    start = low - room * 0.15 if is_share else low
    names, words = [], []
    rows = ordered.select("label", "value", "text", "rank", "rank_before").iter_rows()
    for name, value, text, rank, before in rows:
        names.append(f"{rank}  {name}" if rank is not None else name)
        told = f"{text} {_move(rank, before, texts)}" if has_before else text
        font = {"size": 11, "color": INK if value is not None else MUTED}
        place = {"x": start, "xshift": 2} if value is None else {"x": value, "xshift": 8 if is_share else 3}
        words.append(label(told, y=names[-1], xanchor="left", font=font, **place))
    drawn = {"y": names, "name": texts["value"], "hovertext": ordered["hover"].to_list(), "hoverinfo": "text"}
    trace: dict[str, Any]
    if is_share:
        trace = {
            "type": "scatter", "mode": "markers", "x": ordered["value"].to_list(), **drawn,
            "marker": {"color": SERIES[0], "size": 9, "symbol": MARKERS[0]},
        }  # fmt: skip
    else:
        trace = {
            "type": "bar", "orientation": "h", "x": [value or 0 for value in ordered["value"]], "width": 0.72, **drawn,
            "marker": {"color": SERIES[0]},
        }  # fmt: skip
    return figure_of(
        [trace],
        annotations=words,
        showlegend=False,
        height=max(200, BAR * ordered.height + MARGINS),
        xaxis=axis(range=[start, high + room * 0.35 if is_share else high * 1.32 or 1], showticklabels=is_share,
                   showgrid=is_share, nticks=5),
        yaxis=axis(type="category", categoryorder="array", categoryarray=names[::-1], ticklabelstandoff=6, showgrid=is_share,
                   range=[-0.6, len(names) - 0.4]),
    )  # fmt: skip


def _move(rank: int | None, before: int | None, texts: Mapping[str, str]) -> str:
    """▲2 ▼1 = or the word for new; nothing where there is no rank."""
    if rank is None:
        return ""
    if before is None:
        return f"<i>{texts['new']}</i>"
    if rank == before:
        return "="
    return f"▲{before - rank}" if rank < before else f"▼{rank - before}"
