"""The boundary map: nothing that must be on it is missing, nothing is covered, and what it draws is what it was given."""

from __future__ import annotations

import polars as pl
import pytest

from dashboards.figures import boundary_map
from dashboards.geography import MAIN, SOUTH, Line, albers, cut, geography
from dashboards.texts import load

TEXTS = dict(load("zh").section("figure")) | {
    f"status.{key}": text for key, text in load("zh").section("status").items()
}


def _frame(values: dict[str, float | None], status: str = "not_reported") -> pl.DataFrame:
    rows = [
        {"code": code, "label": code, "value": values.get(code), "text": "", "hover": f"told {code}",
         "status": "value" if values.get(code) is not None else status}
        for code in geography().outlines
    ]  # fmt: skip
    return pl.DataFrame(rows, schema_overrides={"value": pl.Float64})


def _points(lines: tuple[Line, ...]) -> list[tuple[float, float]]:
    return [point for line in lines for point in line]


def test_every_province_taiwan_hainan_and_the_dash_line_are_there() -> None:
    land = geography()
    assert len(land.outlines) == 34 and all(land.outlines.values())
    assert {"710000", "460000", "810000", "820000"} <= set(land.outlines)
    left, bottom, right, top = land.inset
    within = [line for line in land.dashes if all(left <= x <= right and bottom <= y <= top for x, y in line)]
    assert len(within) >= 9  # the inset shows the whole line


def test_the_inset_covers_no_land_and_stays_on_the_map() -> None:
    land = geography()
    left, bottom, right, top = land.inset
    assert MAIN[0] < left < right < MAIN[2] and MAIN[1] < bottom < top < MAIN[3]
    covered = [
        code for code, lines in land.outlines.items() for x, y in _points(lines) if left <= x <= right and bottom <= y <= top
    ]  # fmt: skip
    assert covered == []


def test_the_inset_holds_the_islands_of_hainan_and_nothing_outside_it() -> None:
    land = geography()
    left, bottom, right, top = land.inset
    points = _points(land.inset_outlines["460000"])
    assert len(land.inset_outlines["460000"]) > 50
    assert all(left - 0.1 <= x <= right + 0.1 and bottom - 0.1 <= y <= top + 0.1 for x, y in points)


def test_hainan_ends_on_the_main_map_with_its_southern_tip() -> None:
    tip = albers(109.5, 18.2)[1]
    assert MAIN[1] < min(y for _, y in _points(geography().outlines["460000"])) <= tip + 30


def test_the_projection_keeps_areas() -> None:
    """A square degree in Hainan and one in Heilongjiang have the areas that the sphere gives them."""

    def area(lon: float, lat: float) -> float:
        ring = [albers(lon + x, lat + y) for x, y in ((0, 0), (1, 0), (1, 1), (0, 1))]
        return (
            abs(sum(a[0] * b[1] - b[0] * a[1] for a, b in zip(ring, [*ring[1:], ring[0]], strict=True))) / 2
        )

    assert area(109, 19) == pytest.approx(11_640, rel=0.01)  # 6371² · (π/180) · (sin 20° − sin 19°)
    assert area(127, 47) == pytest.approx(8_353, rel=0.01)  # 6371² · (π/180) · (sin 48° − sin 47°)


def test_a_ring_is_cut_at_the_edges_of_a_box() -> None:
    left, bottom = SOUTH[0], SOUTH[1]
    square = [
        (left - 10, bottom - 10),
        (left + 10, bottom - 10),
        (left + 10, bottom + 10),
        (left - 10, bottom + 10),
    ]
    assert sorted(cut(square, SOUTH)) == [
        (left, bottom),
        (left, bottom + 10),
        (left + 10, bottom),
        (left + 10, bottom + 10),
    ]
    assert cut([(left - 9, bottom - 9), (left - 5, bottom - 9), (left - 5, bottom - 5)], SOUTH) == []


def test_colour_follows_the_value_and_absence_has_its_hatching() -> None:
    figure = boundary_map.figure(
        _frame({"310000": 1.0, "440000": 9.0}), land=geography(), texts=TEXTS, review="审图号:GS(2026)1号"
    )
    fills = {trace.meta: trace for trace in figure.data if "fill" in trace}
    assert fills["310000"].fillcolor == "#e7f0fa" and fills["440000"].fillcolor == "#08407f"
    assert fills["110000"].fillpattern.shape == "/" and fills["310000"].fillpattern.shape is None
    assert [trace.name for trace in figure.data if trace.type == "bar"] == ["未报"]
    assert [note.text for note in figure.layout.annotations] == ["南海诸岛", "审图号:GS(2026)1号"]
    names = next(trace for trace in figure.data if "customdata" in trace and trace.customdata is not None)
    assert set(names.customdata) == set(geography().outlines) and not any(
        trace.type.endswith("geo") for trace in figure.data
    )


def test_what_lies_within_another_is_drawn_after_it() -> None:
    order = [
        trace.meta
        for trace in boundary_map.figure(_frame({}), land=geography(), texts=TEXTS, review="").data
        if "fill" in trace
    ]
    assert order.index("130000") < order.index("110000") and order.index("440000") < order.index("820000")
