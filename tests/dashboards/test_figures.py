"""Figures are pure: a frame in, traces out. What is asserted is what is drawn."""

from __future__ import annotations

import ast
from collections.abc import Mapping
from datetime import date
from pathlib import Path

import polars as pl
import pytest

from dashboards import figures
from dashboards.figures import growth, lines, matrix, multiples, ranking, style, tile_map
from dashboards.texts import load

TEXTS = dict(load("zh").section("figure"))


def places(**changed: Mapping[str, object]) -> pl.DataFrame:
    rows = []
    for code in tile_map.PLACES:
        row = {
            "code": code,
            "label": tile_map.LETTERS[code],
            "value": 10.0,
            "text": "10",
            "status": "value",
            "hover": code,
        }
        rows.append(row | dict(changed.get(f"c{code}", {})))
    return pl.DataFrame(rows, schema_overrides={"value": pl.Float64})


def test_figures_import_nothing_of_ours() -> None:
    for path in Path(figures.__path__[0]).glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Import):
                names = [alias.name for alias in node.names]
            elif isinstance(node, ast.ImportFrom) and node.level == 0:
                names = [node.module or ""]
            else:
                continue
            assert not any(
                name.split(".")[0] in ("dashboards", "warehouse", "dash", "checks") for name in names
            ), path.name


def test_the_map_has_34_tiles_no_two_in_one_place() -> None:
    assert len(tile_map.PLACES) == len(set(tile_map.PLACES.values())) == 34
    assert set(tile_map.PLACES) == set(tile_map.LETTERS)
    assert {"710000", "810000", "820000"} < set(tile_map.PLACES) and "660000" not in tile_map.PLACES


def test_a_tile_prints_name_and_number_and_has_its_colour() -> None:
    figure = tile_map.figure(places(c310000={"label": "上海", "value": 30.0, "text": "30.0"}), texts=TEXTS)
    column, row = tile_map.PLACES["310000"]
    assert figure.data[1].z[row][column] == 30.0
    assert figure.data[1].customdata[row][column] == "310000"
    printed = {(note.x, note.y): note.text for note in figure.layout.annotations}
    assert printed[column, row] == "上海<br><b>30.0</b>"
    assert len(printed) == 34


def test_a_tile_without_a_value_is_not_a_zero() -> None:
    absent = {"value": None, "text": "不适用", "status": "not_applicable"}
    figure = tile_map.figure(
        places(c710000=absent, c460000={"value": 0.0, "text": "0", "status": "zero"}), texts=TEXTS
    )
    column, row = tile_map.PLACES["710000"]
    assert figure.data[1].z[row][column] is None
    assert figure.data[0].z[row][column] == 1.0
    assert [shape.x0 for shape in figure.layout.shapes] == [column - 0.48]
    column, row = tile_map.PLACES["460000"]
    assert figure.data[1].z[row][column] == 0.0


def test_names_that_do_not_fit_a_tile_become_letters() -> None:
    long = places(c150000={"label": "Inner Mongolia"}, c310000={"label": "Shanghai"})
    wide = [note.text.split("<br>")[0] for note in tile_map.figure(long, texts=TEXTS).layout.annotations]
    narrow = [
        note.text.split("<br>")[0]
        for note in tile_map.figure(long, texts=TEXTS, narrow=True).layout.annotations
    ]
    assert "NM" in wide and "Shanghai" in wide
    assert "SH" in narrow and "Shanghai" not in narrow


def line_points(**changed: object) -> pl.DataFrame:
    rows = [
        {"panel": "甲", "series": series, "start": date(2025, month, 1), "period": f"2025-{month:02}", "value": float(month),
         "text": str(month), "hover": f"{series} {month}", "is_provisional": month == 3, "is_break": month == 2} | changed
        for series in ("一", "二")
        for month in (1, 2, 3)
    ]  # fmt: skip
    return pl.DataFrame(rows)


def test_lines_are_told_apart_by_colour_dash_and_marker() -> None:
    figure = lines.figure(line_points(), texts=TEXTS)
    first, second = figure.data
    assert list(first.y) == [1.0, 2.0, 3.0]
    assert first.line.color != second.line.color
    assert first.line.dash != second.line.dash
    assert first.marker.symbol != second.marker.symbol
    assert first.marker.color[2] == "#ffffff"  # provisional: hollow


def test_breaks_and_events_are_drawn_where_they_happened() -> None:
    figure = lines.figure(
        line_points(), texts=TEXTS, events=[(date(2025, 1, 15), "①"), (date(2031, 1, 1), "②")]
    )
    assert [shape.x0 for shape in figure.layout.shapes] == ["2025-02-01", "2025-01-15"]
    assert [note.text for note in figure.layout.annotations] == [TEXTS["break"], "①"]


def test_a_gap_stays_a_gap() -> None:
    figure = lines.figure(
        line_points(value=None).with_columns(value=pl.lit(None, pl.Float64)), texts=TEXTS, percent=True
    )
    assert list(figure.data[0].y) == [None, None, None]
    assert figure.data[0].connectgaps is False


def test_growth_stands_beside_its_like_for_like() -> None:
    frame = pl.DataFrame(
        [{"panel": panel, "start": date(2025, month, 1), "period": f"2025-{month:02}", "growth": 5.0 * month, "like_for_like": 1.0,
          "hover_growth": "g", "hover_like": "l", "is_break": month == 7} for panel in ("甲", "乙") for month in (6, 7)]
    )  # fmt: skip
    figure = growth.figure(frame, texts=TEXTS)
    assert [trace.name for trace in figure.data] == ["增长", "同口径增长"] * 2
    assert list(figure.data[0].y) == [30.0, 35.0] and list(figure.data[1].y) == [1.0, 1.0]
    assert figure.data[0].marker.pattern.shape != figure.data[1].marker.pattern.shape
    assert [trace.showlegend for trace in figure.data] == [True, True, False, False]
    assert [note.text for note in figure.layout.annotations].count(TEXTS["break"]) == 2


def ranks(**changed: object) -> pl.DataFrame:
    rows = [
        ("甲", 3.0, 1, 2),
        ("乙", 2.0, 2, 1),
        ("丙", 1.0, 3, 3),
        ("丁", 0.5, 4, None),
        ("戊", None, None, None),
    ]
    return pl.DataFrame(
        [{"label": a, "value": b, "text": str(b), "status": "value", "hover": a, "rank": c, "rank_before": d} | changed
         for a, b, c, d in rows], infer_schema_length=None,
    )  # fmt: skip


def test_the_ranking_shows_who_moved() -> None:
    figure = ranking.figure(ranks(), texts=TEXTS)
    assert list(figure.data[0].y) == ["1  甲", "2  乙", "3  丙", "4  丁", "戊"]
    told = [note.text for note in figure.layout.annotations]
    assert (
        told[0].endswith("▲1")
        and told[1].endswith("▼1")
        and told[2].endswith("=")
        and TEXTS["new"] in told[3]
    )
    assert figure.layout.xaxis.range[0] == 0  # bars start at zero
    assert not any(
        "▲" in note.text for note in ranking.figure(ranks(), texts=TEXTS, has_before=False).layout.annotations
    )


def test_shares_are_dots_because_their_axis_does_not_start_at_zero() -> None:
    figure = ranking.figure(ranks(), texts=TEXTS, is_share=True)
    assert figure.data[0].type == "scatter" and figure.data[0].mode == "markers"
    assert list(figure.data[0].x) == [3.0, 2.0, 1.0, 0.5, None]


def test_small_multiples_share_their_axes() -> None:
    frame = pl.DataFrame(
        [{"label": name, "start": date(2025, month, 1), "period": f"2025-{month:02}", "value": float(n * month), "text": str(n * month),
          "hover": ""} for n, name in enumerate("甲乙丙丁戊己庚", start=1) for month in (1, 2, 3)]
    )  # fmt: skip
    figure = multiples.figure(frame, texts=TEXTS, columns=3)
    assert len(figure.data) == 7
    ranges = {tuple(figure.layout[f"yaxis{n}"].range) for n in ("", 2, 7)}
    assert len(ranges) == 1
    assert figure.layout.annotations[6].text == "庚 <b>21</b>"


def test_the_matrix_prints_its_cells_and_leaves_missing_ones_white() -> None:
    cells = pl.DataFrame(
        [{"row": "沪", "column": "甲", "value": 1.0, "text": "1", "status": "value", "hover": ""},
         {"row": "沪", "column": "乙", "value": None, "text": "未报", "status": "not_reported", "hover": ""},
         {"row": "粤", "column": "甲", "value": 3.0, "text": "3", "status": "value", "hover": ""}],
        infer_schema_length=None,
    )  # fmt: skip
    figure = matrix.figure(cells, texts=TEXTS)
    assert [list(line) for line in figure.data[1].z] == [[1.0, None], [3.0, None]]
    assert [list(line) for line in figure.data[0].z] == [[None, 1.0], [None, None]]
    assert [note.text for note in figure.layout.annotations] == ["1", "未报", "3"]


def test_no_figure_can_send_anything_away() -> None:
    from dashboards.frames import GRAPH_CONFIG

    assert GRAPH_CONFIG["showSendToCloud"] is False
    assert (
        tile_map.figure(places(), texts=TEXTS).data[0].type == "heatmap"
    )  # no geo trace, no topology to fetch


@pytest.mark.parametrize("gap", [0.02, 40 / 420, 40 / 780, 0.12])
def test_bands_stay_within_the_picture(gap: float) -> None:
    for count in range(1, 9):
        parts = style.bands(count, gap)
        assert all(0 <= low < high <= 1 for low, high in parts) and len(parts) == count
