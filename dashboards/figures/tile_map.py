"""A map of equal tiles: one a region, no borders, so that no boundary is claimed and small places stay visible.

Frame, one row a region: code, label, value (in display units; null where there is none), text (as printed),
status (value, zero, not_reported, suppressed, not_applicable, undefined, not_selected), hover.
"""

from __future__ import annotations

from collections.abc import Mapping

import plotly.graph_objects as go
import polars as pl

from .style import LINE, MUTED, SEQUENTIAL, STATUS_FILL, VOID, figure_of, label, text_on

# (column, row) of every tile, from the north-west; 660000 has no place of its own and is told in a note
PLACES = {
    "230000": (7, 0),
    "150000": (4, 1), "210000": (6, 1), "220000": (7, 1),
    "650000": (0, 2), "620000": (1, 2), "640000": (2, 2), "140000": (3, 2), "130000": (4, 2), "110000": (5, 2), "120000": (6, 2),
    "540000": (0, 3), "630000": (1, 3), "610000": (2, 3), "410000": (3, 3), "370000": (4, 3),
    "510000": (1, 4), "500000": (2, 4), "420000": (3, 4), "340000": (4, 4), "320000": (5, 4), "310000": (6, 4),
    "530000": (1, 5), "520000": (2, 5), "430000": (3, 5), "360000": (4, 5), "330000": (5, 5),
    "450000": (3, 6), "440000": (4, 6), "350000": (5, 6), "710000": (6, 6),
    "460000": (3, 7), "820000": (4, 7), "810000": (5, 7),
}  # fmt: skip
COLUMNS, ROWS = 8, 8
# two letters of GB/T 2260, for names that do not fit their tile
LETTERS = {
    "110000": "BJ", "120000": "TJ", "130000": "HE", "140000": "SX", "150000": "NM", "210000": "LN", "220000": "JL",
    "230000": "HL", "310000": "SH", "320000": "JS", "330000": "ZJ", "340000": "AH", "350000": "FJ", "360000": "JX",
    "370000": "SD", "410000": "HA", "420000": "HB", "430000": "HN", "440000": "GD", "450000": "GX", "460000": "HI",
    "500000": "CQ", "510000": "SC", "520000": "GZ", "530000": "YN", "540000": "XZ", "610000": "SN", "620000": "GS",
    "630000": "QH", "640000": "NX", "650000": "XJ", "710000": "TW", "810000": "HK", "820000": "MO",
}  # fmt: skip
ROOM, ROOM_NARROW = 8, 4  # letters that fit a tile


def figure(frame: pl.DataFrame, *, texts: Mapping[str, str], narrow: bool = False) -> go.Figure:
    """Coloured by value; each tile prints its name and number, so colour is never the only cue."""
    drawn = frame.filter(pl.col("code").is_in(list(PLACES)))
    values = [value for value in drawn["value"] if value is not None]
    low, high = (min(values), max(values)) if values else (0.0, 1.0)
    if low == high:
        low, high = min(low, 0.0), high or 1.0
    grid: list[list[float | None]] = [[None] * COLUMNS for _ in range(ROWS)]
    hover = [[""] * COLUMNS for _ in range(ROWS)]
    codes = [[""] * COLUMNS for _ in range(ROWS)]
    words, shapes = [], []
    rows = drawn.select("code", "label", "value", "text", "status", "hover").iter_rows()
    for code, name, value, text, status, told in rows:
        column, row = PLACES[code]
        grid[row][column], hover[row][column], codes[row][column] = value, told, code
        if value is None:
            shapes.append(_empty_tile(column, row, status))
            printed, ink = f"{_short(code, name, narrow)}<br>{text}", MUTED
        else:
            printed, ink = (
                f"{_short(code, name, narrow)}<br><b>{text}</b>",
                text_on((value - low) / (high - low)),
            )
        words.append(label(printed, x=column, y=row, font={"size": 9 if narrow else 12, "color": ink}))
    void = [
        [1.0 if codes[y][x] and grid[y][x] is None else None for x in range(COLUMNS)] for y in range(ROWS)
    ]
    common = {
        "type": "heatmap",
        "text": hover,
        "customdata": codes,
        "hoverinfo": "text",
        "xgap": 3,
        "ygap": 3,
    }
    data = [
        {**common, "z": void, "name": texts["void"], "showscale": False, "opacity": 0.01, "colorscale": [[0, VOID], [1, VOID]]},
        {
            **common, "z": grid, "name": texts["value"], "zmin": low, "zmax": high, "showscale": bool(values),
            "colorscale": [list(stop) for stop in SEQUENTIAL],
            "colorbar": {
                "orientation": "h", "thickness": 10, "len": 0.42, "x": 0.0, "y": 0.98, "xanchor": "left", "yanchor": "top",
                "outlinewidth": 0, "tickfont": {"size": 10}, "nticks": 4,
            },
        },
    ]  # fmt: skip
    hidden = {"visible": False, "fixedrange": True, "constrain": "domain"}
    return figure_of(
        data,
        annotations=words,
        shapes=shapes,
        xaxis={**hidden, "range": [-0.5, COLUMNS - 0.5]},
        yaxis={**hidden, "range": [ROWS - 0.5, -0.5], "scaleanchor": "x"},
    )


def _empty_tile(column: int, row: int, status: str) -> dict[str, object]:
    """A tile without a value: pale, with a dotted edge."""
    half = 0.48
    return {
        "type": "rect", "layer": "below", "x0": column - half, "x1": column + half, "y0": row - half, "y1": row + half,
        "fillcolor": STATUS_FILL.get(status, VOID), "line": {"color": LINE, "width": 1, "dash": "dot"},
    }  # fmt: skip


def _short(code: str, label: str, narrow: bool) -> str:
    """A name that fits its tile: itself, else its two letters."""
    return label if len(label) <= (ROOM_NARROW if narrow else ROOM) else LETTERS[code]
