"""The outlines of the boundary map, projected once: kilometres in the Albers equal-area projection that Chinese national
maps use (parallels 25° N and 47° N, meridian 105° E).

The main map ends south of Hainan's main island; what lies further south, with the dash line, stands at a smaller scale in
an inset to the south-east, which covers neither Hainan nor Taiwan (a test measures it).
"""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cache

from warehouse.reference import MAP_FILE

Point = tuple[float, float]
Line = tuple[Point, ...]
Box = tuple[float, float, float, float]  # left, bottom, right, top

DASH_LINE = "100000_JD"
RADIUS_KM = 6371.0
PARALLELS, MERIDIAN = (25.0, 47.0), 105.0
MAIN: Box = (-2700.0, 1830.0, 2780.0, 6000.0)
SOUTH: Box = (100.0, 200.0, 1900.0, 2500.0)  # what the inset shows
SCALE = 0.4  # of the inset
CORNER: Point = (2030.0, 1850.0)  # its lower left in the main map


@dataclass(frozen=True)
class Geography:
    """Outlines by GB/T 2260 code, in the main map and in the inset; the dash line's pieces; where a name stands."""

    outlines: dict[str, tuple[Line, ...]]
    inset_outlines: dict[str, tuple[Line, ...]]
    dashes: tuple[Line, ...]
    inset: Box
    box: Box
    labels: dict[str, Point]


@cache
def geography() -> Geography:
    """The register's map, projected and cut."""
    outlines: dict[str, tuple[Line, ...]] = {}
    inset: dict[str, tuple[Line, ...]] = {}
    labels: dict[str, Point] = {}
    dashes: list[Line] = []
    for feature in json.loads(MAP_FILE.read_text(encoding="utf-8"))["features"]:
        code, parts = feature["properties"]["adcode"], feature["geometry"]["coordinates"]
        if code == DASH_LINE:
            lines = [[albers(*point) for point in part] for part in parts]
            dashes += [tuple(line) for line in lines if all(_holds(MAIN, point) for point in line)]
            dashes += [tuple(_to_inset(point) for point in line) for line in lines]
            continue
        rings = [[albers(*point) for point in part[0]] for part in parts]
        outlines[code] = tuple(
            _rounded(ring) for ring in (cut(ring, MAIN) for ring in rings) if len(ring) > 2
        )
        south = [cut(ring, SOUTH) for ring in rings]
        inset[code] = tuple(_rounded(map(_to_inset, ring)) for ring in south if len(ring) > 2)
        labels[code] = albers(*feature["properties"]["cp"])
    left, bottom = CORNER
    width, height = (SOUTH[2] - SOUTH[0]) * SCALE, (SOUTH[3] - SOUTH[1]) * SCALE
    return Geography(
        outlines, inset, tuple(dashes), (left, bottom, left + width, bottom + height), MAIN, labels
    )


def albers(longitude: float, latitude: float, *_: float) -> Point:
    """Degrees → kilometres east and north of the projection's origin (Snyder, Map Projections, 1987, p. 100)."""
    first, second = (math.radians(parallel) for parallel in PARALLELS)
    n = (math.sin(first) + math.sin(second)) / 2
    c = math.cos(first) ** 2 + 2 * n * math.sin(first)
    rho = RADIUS_KM * math.sqrt(c - 2 * n * math.sin(math.radians(latitude))) / n
    theta = n * math.radians(longitude - MERIDIAN)
    return rho * math.sin(theta), RADIUS_KM * math.sqrt(c) / n - rho * math.cos(theta)


def cut(ring: list[Point], box: Box) -> list[Point]:
    """The part of a ring that lies in a box (Sutherland and Hodgman); empty where none does."""
    for axis, edge, keeps in ((0, box[0], 1), (1, box[1], 1), (0, box[2], -1), (1, box[3], -1)):
        inside: Callable[[Point], bool] = lambda p, a=axis, e=edge, k=keeps: (p[a] - e) * k >= 0  # type: ignore[misc]  # noqa: E731
        found: list[Point] = []
        for before, point in zip([ring[-1], *ring[:-1]] if ring else [], ring, strict=True):
            if inside(point) != inside(before):
                share = (edge - before[axis]) / (point[axis] - before[axis])
                crossing = [before[n] + share * (point[n] - before[n]) for n in (0, 1)]
                crossing[axis] = edge
                found.append((crossing[0], crossing[1]))
            if inside(point):
                found.append(point)
        ring = found
    return ring


def _to_inset(point: Point) -> Point:
    return CORNER[0] + (point[0] - SOUTH[0]) * SCALE, CORNER[1] + (point[1] - SOUTH[1]) * SCALE


def _rounded(ring: Iterable[Point]) -> Line:
    """Closed, to a tenth of a kilometre in the inset's finest places and small on the wire."""
    points = [(round(x, 1), round(y, 1)) for x, y in ring]
    return (*points, points[0])


def _holds(box: Box, point: Point) -> bool:
    return box[0] <= point[0] <= box[2] and box[1] <= point[1] <= box[3]
