"""Who is new, kept, returned and lost each month, how long persons stay, and who works in several places.

Persons are counted once within a cell, so cells cannot be added up: it is told for everything, one platform, one province, or
one platform in one province, and for nothing else.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

import polars as pl

from dashboards import charts, queries, shape
from dashboards.figures import lines, stacked
from dashboards.figures.numbers import exact, number, scale_of
from dashboards.view import Column, Drawing, View

SEVERAL = ("persons_several_platforms", "persons_several_provinces")
MOVES = ("persons_kept", "persons_new", "persons_returned", "persons_lost")
TENURES = ("tenure_1", "tenure_2_3", "tenure_4_6", "tenure_7_12", "tenure_over_12")


def read(
    view: View, platforms: Sequence[str] | None = None, provinces: Sequence[str] | None = None
) -> pl.DataFrame:
    """Months of one cell of marts.worker_flow_month; no rows where several places are chosen."""
    chosen = view.state.platforms if platforms is None else platforms
    where = view.state.provinces if provinces is None else provinces
    if len(chosen) > 1 or len(where) > 1:
        return pl.DataFrame()
    return queries.worker_flow(
        view.snapshot, view.viewer, first=(view.date_from or date.min).replace(day=1), last=view.date_to or date.max,
        platform="".join(chosen), province="".join(where),
    )  # fmt: skip


def _lines(view: View, frame: pl.DataFrame, fields: Sequence[str], note: str = "") -> Drawing:
    """Counts of persons by month, on one axis."""
    words = view.words
    known = [float(value) for field in fields for value in frame[field].drop_nulls()]
    scale = scale_of(known, "persons", view.lang)
    points: list[dict[str, Any]] = []
    for field in fields:
        name = words(f"flows.{field}")
        for month, value, active in frame.select("month", field, "persons_active").iter_rows():
            share = (
                f" ({exact(value / active, 'share')})"
                if value is not None and active and value <= active
                else ""
            )
            points.append(
                {"panel": "", "series": name, "start": month, "period": f"{month:%Y-%m}", "value": None if value is None else value / scale.divisor,
                 "text": number(value, scale), "hover": f"<b>{month:%Y-%m}</b><br>{name} {exact(value, 'count')}{share}",
                 "is_provisional": False, "is_break": False}
            )  # fmt: skip
    marks, told = charts.signed_events(view)
    figure = lines.figure(
        pl.DataFrame(points, schema=shape.LINE_SCHEMA), texts=charts.texts(view), events=marks
    )
    return Drawing(
        figure, shape.unit_words(words, "persons", scale), "; ".join(part for part in (note, told) if part)
    )


def draw_several(view: View, frame: pl.DataFrame) -> Drawing:
    return _lines(view, frame, SEVERAL, view.words("flows.lawful"))


def draw_moves(view: View, frame: pl.DataFrame) -> Drawing:
    """The first month has no month before: it would call everybody new, and is left out."""
    known = frame.filter(~pl.col("is_first_month"))
    return _lines(view, known if known.height else frame, MOVES)


def draw_tenure(view: View, frame: pl.DataFrame) -> Drawing:
    """The last month's active persons by the months they have worked here."""
    words, last = view.words, frame.sort("month").row(-1, named=True)
    scale = scale_of([float(last[field] or 0) for field in TENURES], "persons", view.lang)
    total = sum(last[field] or 0 for field in TENURES)
    bars = [
        {"label": words(f"flows.{field}"), "part": "all", "value": (last[field] or 0) / scale.divisor, "point": None,
         "hover": f"<b>{words(f'flows.{field}')}</b><br>{exact(last[field] or 0, 'count')}"
         + (f" ({exact((last[field] or 0) / total, 'share')})" if total else "")}
        for field in TENURES
    ]  # fmt: skip
    figure = stacked.figure(
        pl.DataFrame(bars), texts=charts.texts(view), parts=[("all", "")], is_sorted=False
    )
    note = words(
        "flows.tenure_note", month=f"{last['month']:%Y-%m}", median=exact(last["tenure_months_median"], "")
    )
    return Drawing(figure, shape.unit_words(words, "persons", scale), note)


COLUMNS = (
    Column("month", "column.month"),
    Column("persons_active", "flows.persons_active", "number"),
    *(Column(field, f"flows.{field}", "number") for field in (*MOVES, *SEVERAL, *TENURES)),
    Column("tenure_months_median", "flows.tenure_months_median", "number"),
)
