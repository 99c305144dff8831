"""What is drawn on the map: lines, areas, marks, and the site that collects them for one plot."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np
import shapely

from generator.shapes import Building

STREET_REACH_M = 48.0  # a plot's edge nearer than this to a centre line faces that street
CORNER_M = 40.0


class Line(NamedTuple):
    """A way on the map in EPSG:4547. `level`: 0 on the ground, where lines that cross share a node.

    `trim`: a free end that sticks out beyond its last junction is cut off; `reach`: a free end is led to the
    nearest line.
    """

    shape: shapely.LineString
    tags: dict[str, str]
    level: int = 0
    trim: bool = False
    reach: bool = False


class Area(NamedTuple):
    """A closed way or, with holes or of several parts, a multipolygon in EPSG:4547."""

    shape: shapely.Polygon | shapely.MultiPolygon
    tags: dict[str, str]


class Mark(NamedTuple):
    """A node with tags in EPSG:4547; where a line or outline runs through, it takes the node in."""

    x: float
    y: float
    tags: dict[str, str]


@dataclass
class Site:
    """All that stands on some plots."""

    buildings: list[Building] = field(default_factory=list)
    lines: list[Line] = field(default_factory=list)
    areas: list[Area] = field(default_factory=list)
    marks: list[Mark] = field(default_factory=list)

    def add(self, other: Site) -> None:
        self.buildings += other.buildings
        self.lines += other.lines
        self.areas += other.areas
        self.marks += other.marks


class Gate(NamedTuple):
    """A way into a plot: the place on its edge, the place on the street, and the side ("S", "N", "W", "E")."""

    edge: tuple[float, float]
    street: tuple[float, float]
    side: str


def find_gates(shape: shapely.Polygon, streets: shapely.STRtree, order: str, *, most: int) -> list[Gate]:
    """Places in the middle of a plot's sides that face a street; the sides in the order asked for."""
    outline = shape.exterior
    along = np.arange(0, outline.length, 8.0)
    points = shapely.line_interpolate_point(outline, along)
    number, distance = streets.query_nearest(points, return_distance=True, all_matches=False)
    lines = streets.geometries[number[1]]
    feet = shapely.get_coordinates(shapely.line_interpolate_point(lines, shapely.line_locate_point(lines, points)))
    at = shapely.get_coordinates(points)
    across = feet - at
    middle = np.array(shape.centroid.coords[0])
    turned = np.abs(across[:, 0]) > np.abs(across[:, 1])
    side = np.where(turned, np.where(across[:, 0] > 0, "E", "W"), np.where(across[:, 1] > 0, "N", "S"))
    outward = np.sum(across * (at - middle), axis=1) > 0
    facing = (distance < STREET_REACH_M) & outward
    gates = []
    for wanted in order:
        here = np.flatnonzero(facing & (side == wanted))
        if len(here) * 8.0 < CORNER_M:
            continue
        axis = 0 if wanted in "SN" else 1
        centre = (at[here, axis].min() + at[here, axis].max()) / 2
        best = here[int(np.argmin(np.abs(at[here, axis] - centre)))]
        gates.append(Gate(tuple(at[best].tolist()), tuple(feet[best].tolist()), wanted))
    return gates[:most]
