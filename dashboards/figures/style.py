"""The common look of all figures: palette, fonts, margins. Colours are told apart by colour-blind readers
(Okabe and Ito's set), and every series has a second cue: a dash, a marker or a pattern.

Figures are put together as plain dicts and made into a plotly Figure once, at the end: plotly's own way of
adding one annotation or subplot after another takes seconds where there are many.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import plotly.graph_objects as go

FONT = (
    '"Noto Sans CJK SC", "Noto Sans SC", "Source Han Sans SC", "PingFang SC", "Hiragino Sans GB", '
    '"Microsoft YaHei", system-ui, sans-serif'
)
INK = "#1f2933"
MUTED = "#5b6770"
LINE = "#d5dbe1"
GRID = "#e8ecf0"
PAPER = "#ffffff"
VOID = "#eef0f2"
SERIES = ("#0b5cad", "#d55e00", "#009e73", "#cc79a7", "#8a6d00", "#56b4e9", "#333333")
DASHES = ("solid", "dash", "dot", "dashdot", "longdash", "solid", "dash")
MARKERS = ("circle", "diamond", "square", "triangle-up", "x", "cross", "star")
PATTERNS = ("", "/", "\\", "x", ".", "-", "|")
SEQUENTIAL = ((0.0, "#e7f0fa"), (0.25, "#b3d0ee"), (0.5, "#6ba3da"), (0.75, "#2b72b9"), (1.0, "#08407f"))
STATUS_FILL = {
    "not_applicable": "#f4f5f6",
    "not_reported": "#fff3e0",
    "suppressed": "#efe7f6",
    "undefined": VOID,
    "not_selected": "#fafbfc",
}
AXIS: Mapping[str, Any] = {
    "automargin": True, "gridcolor": GRID, "linecolor": LINE, "zeroline": False, "ticks": "", "fixedrange": True,
    "exponentformat": "none", "separatethousands": True,
}  # fmt: skip


def axis(**changes: Any) -> dict[str, Any]:
    """An axis in the common look; the reader cannot drag it, so that a swipe scrolls the page."""
    return {**AXIS, **changes}


def figure_of(data: Sequence[Mapping[str, Any]], **layout: Any) -> go.Figure:
    """A Figure in the common look. `layout`: what differs, margins among it."""
    margin = {"l": 8, "r": 8, "t": 8, "b": 8} | layout.pop("margin", {})
    legend = {"orientation": "h", "x": 0, "y": 1.02, "xanchor": "left", "yanchor": "bottom"} | layout.pop(
        "legend", {}
    )
    look = {
        "template": "none",
        "font": {"family": FONT, "size": 12, "color": INK},
        "paper_bgcolor": PAPER,
        "plot_bgcolor": PAPER,
        "hoverlabel": {"font": {"family": FONT, "size": 12}, "align": "left"},
        "dragmode": False,
        "autosize": True,
        "margin": margin,
        "legend": legend,
    }
    return go.Figure({"data": list(data), "layout": {**look, **layout}})


def label(text: str, **place: Any) -> dict[str, Any]:
    """An annotation without arrow, small and muted unless told otherwise."""
    return {"text": text, "showarrow": False, "font": {"size": 10, "color": MUTED}, **place}


def text_on(share: float | None) -> str:
    """Ink that can be read on the sequential colour at 0–1."""
    return "#ffffff" if share is not None and share > 0.55 else INK


def suffix(number: int) -> str:
    """plotly's name of the n-th axis: '' for the first, '2' for the second."""
    return "" if number == 0 else str(number + 1)


def bands(count: int, gap: float) -> list[tuple[float, float]]:
    """`count` equal parts of 0–1 with `gap` between, first part first."""
    size = (1 - gap * (count - 1)) / count
    return [(n * (size + gap), min(n * (size + gap) + size, 1.0)) for n in range(count)]
