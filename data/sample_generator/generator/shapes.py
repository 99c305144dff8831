"""Outlines of buildings and how they stand in rows, on a plot turned so that its streets run east and north."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import shapely
from shapely import affinity

from generator.place import to_board, to_ground

STEP_M = 4.0


class Building(NamedTuple):
    """A building in EPSG:4547. `levels` are true; `mapped`: whether OSM has them."""

    shape: shapely.Polygon
    building: str
    levels: int
    mapped: bool
    use: str  # class of the urban scheme that its floors serve
    year: int
    home: str  # "" or the compound or quarter that people live in
    tags: dict[str, str]

    @property
    def floor_m2(self) -> float:
        return self.shape.area * self.levels


class Turned(NamedTuple):
    """A plot laid flat: the turning, and the point about which it was turned."""

    shape: shapely.Polygon
    angle_deg: float
    origin: tuple[float, float]

    def back(self, shape: shapely.Geometry) -> shapely.Geometry:
        return affinity.rotate(shape, self.angle_deg, origin=self.origin)


def lay_flat(shape: shapely.Polygon, extra_deg: float = 0) -> Turned:
    """Turn a shape on the ground so that the streets around it run along the axes."""
    (x, y) = shape.centroid.coords[0]
    board = to_board([(x, y)])
    (x0, y0), (x1, y1) = to_ground(np.vstack([board, board + np.array([[20.0, 0.0]])]))
    angle = float(np.degrees(np.arctan2(y1 - y0, x1 - x0))) + extra_deg
    return Turned(affinity.rotate(shape, -angle, origin=(x, y)), angle, (x, y))


def box(x: float, y: float, width: float, depth: float) -> shapely.Polygon:
    """A rectangle with its south-western corner at x, y."""
    return shapely.box(x, y, x + width, y + depth)


def slab(x: float, y: float, width: float, depth: float, units: int) -> shapely.Polygon:
    """A row of stairwell units, each a little behind or before its neighbour."""
    xs = np.linspace(x, x + width, units + 1)
    shift = [0.0 if n % 2 == 0 else 1.4 for n in range(units)]
    south = [(xs[n + k], y + shift[n]) for n in range(units) for k in (0, 1)]
    north = [(xs[n + k], y + depth + shift[n]) for n in reversed(range(units)) for k in (1, 0)]
    return shapely.Polygon(south + north)


def point_block(x: float, y: float, width: float, depth: float) -> shapely.Polygon:
    """A tower with notched corners."""
    a, b = width * 0.24, depth * 0.22
    corners = [(a, 0), (width - a, 0), (width - a, b), (width, b), (width, depth - b), (width - a, depth - b),
               (width - a, depth), (a, depth), (a, depth - b), (0, depth - b), (0, b), (a, b)]  # fmt: skip
    return shapely.Polygon([(x + dx, y + dy) for dx, dy in corners])


def teaching(x: float, y: float, width: float, wings: int) -> shapely.Polygon:
    """A school's teaching building: wings along a corridor."""
    rooms = [box(x, y + 24 * n, width, 10) for n in range(wings)]
    return shapely.union_all([*rooms, box(x + width * 0.72, y, 9, 24 * wings - 14)])


def oval(x: float, y: float, width: float, depth: float, corners: int = 32) -> shapely.Polygon:
    """An ellipse about x, y."""
    turn = np.linspace(0, 2 * np.pi, corners, endpoint=False)
    return shapely.Polygon(np.column_stack([x + width / 2 * np.cos(turn), y + depth / 2 * np.sin(turn)]))


def track(x: float, y: float, width: float, depth: float) -> shapely.Polygon:
    """A running track about x, y: two straights and two bends."""
    half = max(width - depth, 1) / 2
    return shapely.LineString([(x - half, y), (x + half, y)]).buffer(depth / 2, quad_segs=5)


def rows(
    allowed: shapely.Geometry,
    rng: np.random.Generator,
    *,
    widths: list[float],
    depth_m: float,
    pitch_m: float,
    gap_m: float,
    jitter_m: float = 2.0,
) -> list[tuple[float, float, float]]:
    """West corner, south side and width of all that fits in rows from south to north; the places are tried in steps."""
    if allowed.is_empty:
        return []
    shapely.prepare(allowed)
    x0, y0, x1, y1 = allowed.bounds
    room = y1 - y0 - depth_m
    count = max(1, int(room // pitch_m) + 1)
    spare = max(0.0, room - (count - 1) * pitch_m)
    found = []
    for row in range(count):
        y, x = y0 + spare / 2 + row * pitch_m, x0
        while x < x1:
            width = float(widths[int(rng.integers(len(widths)))])
            here = y + float(rng.uniform(-jitter_m, jitter_m))
            fitting = [w for w in (width, min(widths)) if allowed.contains(box(x, here, w, depth_m + 1.4))]
            if fitting:
                found.append((x, here, fitting[0]))
                x += fitting[0] + gap_m
            else:
                x += STEP_M
    return found


def best_spot(
    allowed: shapely.Geometry, width: float, depth: float, aim: tuple[float, float]
) -> shapely.Polygon | None:
    """The rectangle of that size inside `allowed` that comes nearest to `aim`, a place in shares of its extent."""
    if allowed.is_empty:
        return None
    x0, y0, x1, y1 = allowed.bounds
    shapely.prepare(allowed)
    xs, ys = np.meshgrid(np.linspace(x0, x1 - width, 21), np.linspace(y0, y1 - depth, 21))
    candidates = shapely.box(xs.ravel(), ys.ravel(), xs.ravel() + width, ys.ravel() + depth)
    good = np.flatnonzero(shapely.contains(allowed, candidates))
    if not len(good):
        return None
    wanted = np.array([x0 + aim[0] * (x1 - x0 - width), y0 + aim[1] * (y1 - y0 - depth)])
    corners = np.column_stack([xs.ravel()[good], ys.ravel()[good]])
    return candidates[good[int(np.argmin(np.hypot(*(corners - wanted).T)))]]
