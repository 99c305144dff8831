"""Road land, river, and the parcels between streets: exact to the millimetre, without overlaps or slivers."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import shapely

from generator import layout
from generator.layout import AROUND, BLOCKS, STREETS, Block, Plot
from generator.place import GRID_M, box_on_ground, on_ground, to_board

CORNER_M = 6.0  # how round the corners of blocks are
SMALLEST_M2 = 350.0
WIDEST_SLIVER_M = 8.0

WATER = Plot("1701", "河流水面", "river", 0, 0, 0, 1, 1, 0, 0, "清澜河")
GREEN = Plot("1401", "公园绿地", "belt", 2016, 0, 0, 1, 1, 0, 0, "清澜河滨河公园")


class Parcel(NamedTuple):
    """A plot on the ground (EPSG:4547); `block` "river" for the river and its green belt."""

    block: str
    plot: Plot
    shape: shapely.Polygon


class Ground(NamedTuple):
    """What everything else is drawn on, in EPSG:4547."""

    district: shapely.Polygon
    box: shapely.Polygon
    centre_lines: list[shapely.LineString]
    roads: shapely.Geometry
    river: shapely.Geometry
    belt: shapely.Geometry
    parcels: list[Parcel]
    around: list[Parcel]


def make_ground() -> Ground:
    """Lay out streets, river and parcels."""
    box = box_on_ground()
    district = shapely.set_precision(on_ground(shapely.Polygon(layout.district_outline())), GRID_M)
    centre_lines = [on_ground(shapely.LineString(street.points)) for street in STREETS]
    halves = [street.half_m for street in STREETS]
    roads = shapely.union_all(shapely.buffer(centre_lines, halves, cap_style="flat", join_style="mitre"))
    line = on_ground(shapely.LineString(layout.RIVER))
    river = shapely.simplify(line.buffer(layout.RIVER_HALF_M, cap_style="flat"), 0.4)
    beside = [point for point in layout.RIVER if layout.BESIDE_ROAD[0] <= point[1] <= layout.BESIDE_ROAD[1]]
    between = on_ground(shapely.Polygon([*layout.BANK_ROAD, *reversed(beside)]))
    belt = shapely.union_all([line.buffer(layout.BELT_HALF_M, cap_style="flat"), between])
    belt = shapely.simplify(belt, 0.4)
    banks = belt.difference(shapely.union_all([roads, river]))
    wet = [("river", WATER, river.intersection(district)), ("river", GREEN, banks.intersection(district))]
    parcels = _cut(BLOCKS, district.difference(shapely.union_all([roads, belt])), line, wet)
    around = _cut(AROUND, box.difference(shapely.union_all([roads, belt, district])), line, [])
    return Ground(district, box, centre_lines, roads, river, belt, parcels, around)


def _cut(
    blocks: list[Block],
    free: shapely.Geometry,
    river: shapely.LineString,
    given: list[tuple[str, Plot, shapely.Geometry]],
) -> list[Parcel]:
    """Cut the free land between roads along the edges of all plots, on one grid with what is `given` as it is."""
    free = free.buffer(-CORNER_M).buffer(CORNER_M, quad_segs=3)
    rectangles = [(block, plot, rectangle(block, plot)) for block in blocks for plot in block.plots]
    edges = [on_ground(shapely.LinearRing(corners)) for _, _, corners in rectangles]
    borders = [free.boundary, *(shape.boundary for *_, shape in given)]
    lines = shapely.union_all([*borders, *edges], grid_size=GRID_M)
    faces = shapely.get_parts(shapely.polygonize(shapely.get_parts(lines)))
    inside = shapely.point_on_surface(faces)
    owner = _owners(inside, free, rectangles, river)
    for number, (*_, shape) in enumerate(given, start=len(rectangles)):
        owner[shapely.contains(shape, inside)] = number
    plots = [(block.id, plot) for block, plot, _ in rectangles] + [(block, plot) for block, plot, _ in given]
    parcels = []
    for number, (block, plot) in enumerate(plots):
        whole = shapely.union_all(faces[owner == number], grid_size=GRID_M)
        parcels += [Parcel(block, plot, part) for part in _parts(whole)]
    return parcels


def _owners(
    inside: np.ndarray,
    free: shapely.Geometry,
    rectangles: list[tuple[Block, Plot, list[tuple[float, float]]]],
    river: shapely.LineString,
) -> np.ndarray:
    """The number of the first plot that each place lies in, -1 for none; only B42 lies across the river."""
    at = to_board(shapely.get_coordinates(inside))
    bank = to_board(shapely.get_coordinates(river))
    south = at[:, 1] < np.interp(at[:, 0], bank[:, 0], bank[:, 1])
    owner = np.full(len(inside), -1)
    for number, (block, _, corners) in reversed(list(enumerate(rectangles))):
        within = np.all((at >= corners[0]) & (at <= corners[2]), axis=1)
        owner[within & (south != (block.id == "B42"))] = number
    owner[~shapely.contains(free, inside)] = -1
    return owner


def rectangle(block: Block, plot: Plot) -> list[tuple[float, float]]:
    """A plot's four corners on the board, from the south-west, anticlockwise."""
    width, height = block.x1 - block.x0, block.y1 - block.y0
    x0, x1 = block.x0 + plot.u0 * width, block.x0 + plot.u1 * width
    y0, y1 = block.y0 + plot.v0 * height, block.y0 + plot.v1 * height
    return [(x0, y0), (x1, y0), (x1, y1), (x0, y1)]


def _parts(whole: shapely.Geometry) -> list[shapely.Polygon]:
    """The pieces worth calling a parcel, the westernmost first."""
    parts = [
        p for p in shapely.get_parts(whole) if p.area >= SMALLEST_M2 and not p.buffer(-WIDEST_SLIVER_M / 2).is_empty
    ]
    return sorted(parts, key=lambda part: (round(part.bounds[0], 3), round(part.bounds[1], 3)))
