"""Fills: the boundary paths of a hatch, of sides or of edges, to outlines with their islands."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import shapely
from ezdxf.entities.boundary_paths import (
    AbstractBoundaryPath,
    AbstractEdge,
    ArcEdge,
    EdgePath,
    EllipseEdge,
    LineEdge,
    PolylinePath,
    SplineEdge,
)
from ezdxf.math import BSpline, Vec3, fit_points_to_cad_cv

from spatial.sources.dxf.curves import Points, bulged_points, circle_points, ellipse_points, spline_points

_TEXT_BOX = 8
_OUTERMOST, _THROUGH = 1, 2
# Ends of edges that differ by less than this share of the outline's size are the same point.
_SAME = 1e-6


@dataclass(frozen=True)
class Fill:
    """The pieces of a fill in its plane: each an outline and its holes, shape (n, 2)."""

    parts: tuple[tuple[Points, ...], ...]
    curved: bool
    text_islands: int


def fill_of(hatch: Any, chord: float) -> Fill:
    """The pieces of a HATCH or MPOLYGON.

    The rings lie in one another by turns, as the hatch style says: filled, island, filled … (normal); filled and
    island only (outermost); no islands (through the entire area). Gaps left free for a text are no islands.
    """
    paths = [path for path in hatch.paths if not path.path_type_flags & _TEXT_BOX]
    rings = [ring for path in paths for ring in _rings(path, chord) if len(ring) > 2]
    offset = hatch.dxf.get("offset_vector") if hatch.dxftype() == "MPOLYGON" else None
    if offset is not None:
        rings = [ring + np.array([offset.x, offset.y]) for ring in rings]
    style = int(hatch.dxf.get("hatch_style", 0)) if hatch.dxftype() == "HATCH" else 0
    return Fill(_nested(rings, style), any(_is_curved(path) for path in paths), len(hatch.paths) - len(paths))


def _is_curved(path: AbstractBoundaryPath) -> bool:
    if isinstance(path, PolylinePath):
        return path.has_bulge()
    return isinstance(path, EdgePath) and any(not isinstance(edge, LineEdge) for edge in path.edges)


def _rings(path: AbstractBoundaryPath, chord: float) -> list[Points]:
    if isinstance(path, PolylinePath):
        corners = np.array(path.vertices, dtype=float).reshape(-1, 3)
        return [bulged_points(corners, True, chord)] if len(corners) else []
    if isinstance(path, EdgePath):
        return _joined([_edge(edge, chord) for edge in path.edges])
    return []


def _edge(edge: AbstractEdge, chord: float) -> Points:
    """The points of an edge. Arcs are stored counter-clockwise, whichever way they are run through."""
    if isinstance(edge, LineEdge):
        return np.array([[edge.start.x, edge.start.y], [edge.end.x, edge.end.y]])
    if isinstance(edge, ArcEdge):
        start = float(np.radians(edge.start_angle))
        sweep = float((np.radians(edge.end_angle) - start) % (2 * np.pi)) or 2 * np.pi
        points = circle_points((edge.center[0], edge.center[1]), abs(edge.radius), start, sweep, chord)
        return points if edge.ccw else points[::-1]
    if isinstance(edge, EllipseEdge):
        tool = edge.construction_tool()
        axes = [np.array([axis.x, axis.y]) for axis in (tool.center, tool.major_axis, tool.minor_axis)]
        points = ellipse_points(axes[0], axes[1], axes[2], tool.start_param, tool.param_span, chord)
        return points if edge.ccw else points[::-1]
    if isinstance(edge, SplineEdge):
        return spline_points(_curve(edge), chord)[:, :2]
    return np.empty((0, 2))


def _curve(edge: SplineEdge) -> BSpline:
    if len(edge.control_points):
        weights = edge.weights or None
        return BSpline(edge.control_points, order=edge.degree + 1, knots=edge.knot_values, weights=weights)
    tangents = (edge.start_tangent, edge.end_tangent)
    ends = [Vec3(tangent) for tangent in tangents if tangent]
    return fit_points_to_cad_cv(edge.fit_points, tangents=ends if len(ends) == len(tangents) else None)


def _joined(edges: Sequence[Points]) -> list[Points]:
    """Edges set end to end, turned round where that fits better; a ring that closes is followed by a new one."""
    edges = [edge for edge in edges if len(edge)]
    if not edges:
        return []
    every = np.concatenate(edges)
    same = _SAME * float(np.ptp(every, axis=0).max())
    rings, loop = [], edges[0]
    for edge in edges[1:]:
        ways = [(loop, edge), (loop, edge[::-1]), (edge, loop), (edge[::-1], loop)]
        gaps = [float(np.hypot(*(second[0] - first[-1]))) for first, second in ways]
        best = int(np.argmin(gaps))
        if gaps[best] > same and np.hypot(*(loop[-1] - loop[0])) <= same and len(loop) > 2:
            rings.append(loop)
            loop = edge
        else:
            first, second = ways[best]
            loop = np.concatenate([first, second[1:] if gaps[best] <= same else second])
    return [_shut(ring, same) for ring in (*rings, loop)]


def _shut(ring: Points, same: float) -> Points:
    """The ring without a last point that is almost the first: the sliver between them would cross itself."""
    return ring[:-1] if len(ring) > 3 and np.hypot(*(ring[-1] - ring[0])) <= same else ring


def _nested(rings: list[Points], style: int) -> tuple[tuple[Points, ...], ...]:
    """Outlines, each with the rings directly inside it that are islands by the style."""
    shapes = _distinct([shapely.Polygon(ring) for ring in rings])
    if not shapes:
        return ()
    inner, outer = shapely.STRtree(shapes).query(shapely.point_on_surface(shapes), predicate="intersects")
    inner, outer = inner[outer < inner], outer[outer < inner]
    depth = np.bincount(inner, minlength=len(shapes))
    holes: dict[int, list[int]] = {int(ring): [] for ring in np.flatnonzero(_is_filled(depth, style))}
    if style != _THROUGH:
        for ring, around in zip(inner, outer, strict=True):
            if int(around) in holes and depth[ring] == depth[around] + 1:
                holes[int(around)].append(int(ring))
    return tuple(
        tuple(shapely.get_coordinates(shapes[ring]) for ring in (outline, *sorted(inside)))
        for outline, inside in sorted(holes.items())
    )


def _is_filled(depth: npt.NDArray[np.int64], style: int) -> npt.NDArray[np.bool_]:
    filled = depth == 0 if style in (_OUTERMOST, _THROUGH) else depth % 2 == 0
    return np.asarray(filled)


def _distinct(shapes: list[shapely.Polygon]) -> list[shapely.Polygon]:
    """Rings from the largest to the smallest; one that is listed twice is one ring."""
    sizes = shapely.area(shapely.convex_hull(shapes))
    ordered = [shapely.normalize(shapes[place]) for place in np.argsort(-sizes, kind="stable")]
    kept: list[shapely.Polygon] = []
    for shape in ordered:
        within = _SAME * float(shapely.length(shape))
        if not kept or not shapely.equals_exact(kept[-1], shape, within):
            kept.append(shape)
    return kept
