"""Lines over time, in one panel or in several under each other.

Frame, one row a point: panel, series, start (date the period begins), period (its name), value (display units, null
= a gap), hover, is_provisional, is_break. Breaks of scope are drawn as dotted verticals; provisional points hollow.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

import plotly.graph_objects as go
import polars as pl

from .style import DASHES, INK, LINE, MARKERS, MUTED, PAPER, SERIES, axis, bands, figure_of, label, suffix

MANY = 16  # points beyond which markers are left out
NAMES = 8  # names of periods on the axis


def figure(
    frame: pl.DataFrame,
    *,
    texts: Mapping[str, str],
    events: Sequence[tuple[date, str]] = (),
    percent: bool = False,
) -> go.Figure:
    """One panel a `panel`, one line a `series`; `events` are (date, sign) drawn across all panels."""
    panels = frame["panel"].unique(maintain_order=True).to_list()
    series = frame["series"].unique(maintain_order=True).to_list()
    heights = bands(len(panels), 0.11)[::-1] if panels else []
    layout: dict[str, Any] = {
        "xaxis": axis(type="date", anchor=f"y{suffix(max(len(panels) - 1, 0))}", **_ticks(frame))
    }
    data, words = [], []
    for row, (panel, domain) in enumerate(zip(panels, heights, strict=True)):
        points = frame.filter(pl.col("panel") == panel)
        span = {"range": _share_range(points)} if percent else {"rangemode": "tozero"}
        layout[f"yaxis{suffix(row)}"] = axis(
            domain=domain, nticks=5 if len(panels) < 3 else 4, separatethousands=True, **span
        )
        for number, part in enumerate(series):
            line = points.filter(pl.col("series") == part).sort("start")
            if line.height:
                data.append({**_trace(line, part, number), "yaxis": f"y{suffix(row)}"})
        if len(panels) > 1:
            words.append(label(panel, x=0, y=domain[1], xref="paper", yref="paper", xanchor="left", yanchor="bottom",
                               font={"size": 12, "color": INK}))  # fmt: skip
    shapes = []
    for kind, day, told in _verticals(frame, texts, events):
        shapes.append({"type": "line", "x0": day.isoformat(), "x1": day.isoformat(), "yref": "paper", "y0": 0, "y1": 1,
                       "layer": "below", "line": {"width": 1, **kind}})  # fmt: skip
        words.append(
            label(told, x=day.isoformat(), y=0, yref="paper", yanchor="bottom", bgcolor=PAPER, borderpad=1)
        )
    has_head = len(series) > 1 or len(panels) > 1
    return figure_of(
        data,
        annotations=words,
        shapes=shapes,
        showlegend=len(series) > 1,
        margin={"t": 30 if has_head else 12},
        **layout,
    )


def _verticals(
    frame: pl.DataFrame, texts: Mapping[str, str], events: Sequence[tuple[date, str]]
) -> list[tuple[dict[str, str], date, str]]:
    """Breaks of scope and policy events within the time shown: line style, day, words."""
    breaks = frame.filter(pl.col("is_break")).select("start", "period").unique().sort("start")
    found = [({"color": MUTED, "dash": "dot"}, start, texts["break"]) for start, _ in breaks.iter_rows()]
    first, last = (frame["start"].min(), frame["start"].max()) if frame.height else (None, None)
    if isinstance(first, date) and isinstance(last, date):
        found += [
            ({"color": LINE, "dash": "dash"}, day, words) for day, words in events if first <= day <= last
        ]
    return found


def _trace(points: pl.DataFrame, name: str, number: int) -> dict[str, Any]:
    colour = SERIES[number % len(SERIES)]
    few = points.height <= MANY
    return {
        "type": "scatter",
        "x": [day.isoformat() for day in points["start"]],
        "y": points["value"].to_list(),
        "name": name,
        "mode": "lines+markers" if few or any(points["is_provisional"]) else "lines",
        "connectgaps": False,
        "line": {"color": colour, "dash": DASHES[number % len(DASHES)], "width": 2},
        "marker": {
            "symbol": MARKERS[number % len(MARKERS)],
            "size": [6 if few or provisional else 0 for provisional in points["is_provisional"]],
            "color": [PAPER if provisional else colour for provisional in points["is_provisional"]],
            "line": {"color": colour, "width": 1.5},
        },
        "hovertext": points["hover"].to_list(),
        "hoverinfo": "text",
    }


def _share_range(frame: pl.DataFrame) -> list[float]:
    """Rates are read near their top, so the axis shows what there is; never beyond 0–100."""
    known = frame["value"].drop_nulls().to_list()
    low, high = (min(known), max(known)) if known else (0.0, 100.0)
    room = max((high - low) * 0.15, 0.2)
    return [max(low - room, 0.0), min(high + room, 100.0) + 0.02]


def _ticks(frame: pl.DataFrame) -> dict[str, Any]:
    """The names of at most eight periods, evenly spaced."""
    points = frame.select("start", "period").unique().sort("start")
    chosen = points.gather_every(max(1, -(-points.height // NAMES)))
    return {
        "tickmode": "array",
        "tickvals": [day.isoformat() for day in chosen["start"]],
        "ticktext": chosen["period"].to_list(),
    }
