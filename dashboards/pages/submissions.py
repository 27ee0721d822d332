"""报送: what was due, what came, when, and in how many versions."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import dash_mantine_components as dmc
import polars as pl
from dash import html

from dashboards import charts, knowledge, queries
from dashboards.figures import state_heat, steps
from dashboards.figures.numbers import exact
from dashboards.view import Card, Column, Drawing, Grid, Page, Target, View, Window

DAYS_SHOWN = 45  # days of the calendar, back from the end of the period
PAIRS_SHOWN = 60  # pairs beyond which the calendar shows one row a province or platform, by its worst state


def span(view: View) -> dict[str, Any]:
    """The period and places of the view, as the queries take them."""
    last = view.date_to or date.max
    return {
        "first": view.date_from or date.min,
        "last": last,
        "provinces": view.state.provinces,
        "platforms": view.state.platforms,
    }


def read_counts(view: View) -> pl.DataFrame:
    found = queries.submission_counts(view.snapshot, view.viewer, **span(view))
    order = {state: number for number, state in enumerate(queries.STATES)}
    return found.with_columns(
        state_name=pl.Series(
            [view.words(f"submissions.state.{state}") for state in found["state"]], dtype=pl.String
        )
    ).sort(pl.col("state").replace_strict(order, return_dtype=pl.Int64))


def draw_counts(view: View, frame: pl.DataFrame) -> Drawing:
    counted = dict(frame.select("state", "units").iter_rows())
    total = sum(counted.values())
    tiles = []
    for state in queries.STATES:
        units = counted.get(state, 0)
        share = exact(units / total, "share") if total else ""
        tiles.append(
            dmc.Box(
                [
                    html.Div(
                        [
                            html.Span(className=f"swatch state-{state}"),
                            view.words(f"submissions.state.{state}"),
                        ],
                        className="tile-head",
                    ),
                    html.Div(
                        html.Span(exact(float(units), "count"), className="tile-number"),
                        className="tile-value",
                    ),
                    dmc.Text(share, size="xs", c="dimmed"),
                ],
                className="tile",
            )
        )
    return Drawing([dmc.SimpleGrid(tiles, cols={"base": 2, "sm": 7}, spacing="sm")])


def read_calendar(view: View) -> pl.DataFrame:
    """One row a pair and day, the last days of the period only."""
    chosen = span(view)
    if view.date_to:
        chosen["first"] = max(chosen["first"], view.date_to - timedelta(days=DAYS_SHOWN - 1))
    found = queries.submission_states(view.snapshot, view.viewer, **chosen)
    return found.with_columns(
        state_name=pl.Series(
            [view.words(f"submissions.state.{state}") for state in found["state"]], dtype=pl.String
        )
    )


def draw_calendar(view: View, frame: pl.DataFrame) -> Drawing:
    words = view.words
    pairs = frame.select("platform_code", "province_code").unique().height
    cells = _by_pair(view, frame) if pairs <= PAIRS_SHOWN else _by_split(view, frame)
    texts = dict(words.section("figure"))
    for state in queries.STATES:
        texts |= {
            f"state.{state}": words(f"submissions.state.{state}"),
            f"sign.{state}": words(f"submissions.sign.{state}"),
        }
    figure = state_heat.figure(cells, texts=texts, states=queries.STATES)
    note = "" if pairs <= PAIRS_SHOWN else words("submissions.calendar.worst", pairs=pairs)
    return Drawing(figure, note=note)


CELLS = {"row": pl.String, "day": pl.Date, "state": pl.String, "hover": pl.String, "point": pl.String}


def _by_pair(view: View, frame: pl.DataFrame) -> pl.DataFrame:
    cells = []
    for row in frame.iter_rows(named=True):
        name = f"{_platform(view, row)} · {_province(view, row)}"
        told = view.words(
            "submissions.hover",
            versions=row["versions"],
            refused=row["refused"],
            rows=exact(float(row["rows_orders"]), "count"),
        )
        cells.append(
            {
                "row": name,
                "day": row["business_date"],
                "state": row["state"],
                "hover": f"<b>{name}</b><br>{row['business_date']} {row['state_name']}<br>{told}",
                "point": json.dumps(
                    [row["platform_code"], row["province_code"], row["business_date"].isoformat()]
                ),
            }
        )
    return pl.DataFrame(cells, schema=CELLS)


def _by_split(view: View, frame: pl.DataFrame) -> pl.DataFrame:
    """One row a province or platform: the worst state among its pairs, the counts on hover."""
    split = view.state.split
    names = view.province_names if split == "province" else view.platform_names
    groups: dict[tuple[str, date], Counter[str]] = {}
    for code, day, state in frame.select(f"{split}_code", "business_date", "state").iter_rows():
        groups.setdefault((code, day), Counter())[state] += 1
    cells = []
    for (code, day), counts in sorted(groups.items()):
        told = "<br>".join(
            f"{view.words(f'submissions.state.{state}')} {counts[state]}"
            for state in queries.STATES
            if counts[state]
        )
        name = names.get(code, code)
        pair = [code, None] if split == "platform" else [None, code]
        cells.append(
            {
                "row": name,
                "day": day,
                "state": max(counts, key=queries.STATES.index),
                "hover": f"<b>{name}</b><br>{day}<br>{told}",
                "point": json.dumps([*pair, day.isoformat()]),
            }
        )
    return pl.DataFrame(cells, schema=CELLS)


def open_day(view: View, point: Any) -> Target | None:
    """A cell of the calendar leads to its versions: that day, that platform, that province."""
    if not point:
        return None
    platform, province, day = json.loads(point)
    on = date.fromisoformat(day)
    state = replace(view.state, date_from=on, date_to=on)
    if platform:
        state = replace(state, platforms=(platform,))
    state = replace(state, day=on)
    return PAGE.path, replace(state, provinces=(province,)) if province else state


def _platform(view: View, row: dict[str, Any]) -> str:
    return view.platform_names.get(row["platform_code"], row["platform_code"] or "")


def _province(view: View, row: dict[str, Any]) -> str:
    return view.province_names.get(row["province_code"], row["province_code"] or "")


# --- what we knew when ---------------------------------------------------------------------------------------

REVISED = ("revision_rate", "revision_signed")


def day_shown(view: View) -> date | None:
    """The reader's day, else the last one of the period that was revised, else the last one there is."""
    return view.state.day or queries.last_revised_day(view.snapshot, view.viewer, **span(view))


def read_knowledge(view: View) -> pl.DataFrame:
    """Every arrival that changed what was known of the day, and the rows known from then on."""
    day = day_shown(view)
    places = {"provinces": view.state.provinces, "platforms": view.state.platforms}
    found = queries.day_versions(view.snapshot, view.viewer, day=day, **places) if day else pl.DataFrame()
    if found.height == 0:
        return pl.DataFrame()
    told = knowledge.steps(found)
    names = {extract: view.words(f"submissions.extract.{extract}") for extract in knowledge.EXTRACTS}
    return told.with_columns(
        business_date=pl.lit(day),
        extract_name=pl.col("extract").replace_strict(names, return_dtype=pl.String),
    )


def draw_knowledge(view: View, frame: pl.DataFrame) -> Drawing:
    words, points = view.words, []
    for row in frame.sort("extract", descending=True, maintain_order=True).iter_rows(named=True):
        change = f"{row['change']:+,}".replace("-", "−")
        said = words(
            "submissions.knowledge.hover", rows=exact(row["rows"], "count"), change=change, pairs=row["pairs"]
        )
        points.append(
            {
                "panel": row["extract_name"],
                "at": row["known_at"],
                "value": float(row["rows"]),
                "hover": f"<b>{row['known_at']:%Y-%m-%d %H:%M}</b><br>{row['submission']}<br>{said}",
            }
        )
    figure = steps.figure(
        pl.DataFrame(points), texts=dict(words.section("figure")), until=view.extent.known_until
    )
    arrivals = frame.filter(pl.col("extract") == "orders").height
    return Drawing(
        figure, note=words("submissions.knowledge.day", day=frame["business_date"][0], arrivals=arrivals)
    )


VERSION_COLUMNS = (
    Column("submission", "column.submission", width=190),
    Column("platform_name", "column.platform_name", width=110, is_sortable=False),
    Column("province_name", "column.province_name", width=90, is_sortable=False),
    Column("business_date", "column.business_date", width=110),
    Column("status_name", "column.status", width=120, is_sortable=False),
    Column("submitted_at", "column.submitted_at", "time", width=150),
    Column("known_at", "column.known_at", "time", width=150),
    Column("rows_orders", "column.rows_orders", "number", width=100),
    Column("rows_enrollment", "column.rows_enrollment", "number", width=100),
    Column("rows_claims", "column.rows_claims", "number", width=90),
    Column("quarantined", "column.quarantined", "number", width=90),
    Column("receipt", "column.receipt", width=170, is_sortable=False),
    Column("said", "column.reasons", width=420, is_sortable=False),
)


def said(view: View, row: dict[str, Any]) -> str:
    """Why a version was refused or warned of, and what the platform said of a resubmission."""
    reasons = json.loads(row["reasons"] or "[]")
    parts = [f"{reason['rule_id']} {reason[view.lang]}" for reason in reasons]
    if row["reason_text"]:
        parts.append(f"{row['reason_code'] or ''} {row['reason_text']}".strip())
    return "; ".join(dict.fromkeys(parts))


def _told(view: View, frame: pl.DataFrame) -> pl.DataFrame:
    rows = list(frame.iter_rows(named=True))
    sealed = queries.receipts(view.snapshot, view.viewer, frame["version_id"].to_list())
    receipts = [sealed.get(row["version_id"]) for row in rows]
    return frame.with_columns(
        receipt=pl.Series([f"{r[0]:09d} {r[1][:12]}" if r else "" for r in receipts], dtype=pl.String),
        receipt_hash=pl.Series([r[1] if r else None for r in receipts], dtype=pl.String),
        platform_name=pl.Series([_platform(view, row) for row in rows], dtype=pl.String),
        province_name=pl.Series([_province(view, row) for row in rows], dtype=pl.String),
        status_name=pl.Series(
            [view.words(f"submissions.status.{row['status']}") for row in rows], dtype=pl.String
        ),
        said=pl.Series([said(view, row) for row in rows], dtype=pl.String),
    )


def read_versions(view: View) -> pl.DataFrame:
    return _told(view, queries.versions(view.snapshot, view.viewer, **span(view))[0]).drop("reasons")


def rows_of_versions(view: View, window: Window) -> tuple[list[dict[str, Any]], int]:
    order = queries.Order(window.start, window.end, window.sort, window.is_descending)
    found, count = queries.versions(view.snapshot, view.viewer, **span(view), order=order)
    return [
        {"id": row["version_id"]} | {c.field: printed(row[c.field], c.kind) for c in VERSION_COLUMNS}
        for row in _told(view, found).iter_rows(named=True)
    ], count


def printed(value: Any, kind: str) -> str:
    """A cell of a grid as text."""
    if value is None:
        return ""
    if kind == "number":
        return exact(float(value), "count")
    return f"{value:%Y-%m-%d %H:%M}" if kind == "time" else str(value)


COUNT_COLUMNS = (
    Column("state_name", "column.state"),
    Column("units", "column.units", "number"),
    Column("certified", "column.certified_units", "number"),
)
CALENDAR_COLUMNS = (
    Column("platform_name", "column.platform_name"),
    Column("province_name", "column.province_name"),
    Column("business_date", "column.business_date"),
    Column("state_name", "column.state"),
    Column("versions", "column.versions", "number"),
    Column("refused", "column.refused", "number"),
    Column("rows_orders", "column.rows_orders", "number"),
)

KNOWLEDGE_COLUMNS = (
    Column("business_date", "column.business_date"),
    Column("known_at", "column.known_at", "time", width=130),
    Column("extract_name", "column.extract"),
    Column("rows", "column.rows", "number"),
    Column("change", "column.change", "number"),
    Column("pairs", "column.pairs", "number"),
    Column("submission", "column.submission", width=190),
)
PAGE = Page(
    path="/submissions",
    name="submissions",
    order=40,
    filters=("period", "grain", "provinces", "platforms", "split", "day"),
    until_night=True,
    cards=(
        Card(
            "counts",
            read_counts,
            draw_counts,
            columns=lambda _, __: COUNT_COLUMNS,
            height=110,
            is_figure=False,
        ),
        Card(
            "calendar",
            read_calendar,
            draw_calendar,
            columns=lambda _, __: CALENDAR_COLUMNS,
            height=420,
            click=open_day,
        ),
        Card(
            "knowledge",
            read_knowledge,
            draw_knowledge,
            columns=lambda _, __: KNOWLEDGE_COLUMNS,
            span=6,
            height=380,
        ),
        Card(
            "revised",
            lambda v: v.indicators((v.grain,), REVISED),
            lambda v, f: charts.together(v, f, REVISED),
            span=6,
            height=380,
        ),
        Card(
            "versions",
            read_versions,
            lambda _, __: Drawing([]),
            columns=lambda _, __: VERSION_COLUMNS,
            height=420,
            is_figure=False,
            grid=Grid(rows_of_versions),
        ),
    ),
)
