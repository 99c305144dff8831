"""One entity to rings of points in drawing units; heights are still there."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from ezdxf.entities.dxfentity import DXFEntity
from ezdxf.entities.polyline import Polyline
from ezdxf.math import OCS

from spatial.sources.dxf.curves import Points, bulged_points, circle_points, ellipse_points, spline_points
from spatial.sources.dxf.fills import fill_of
from spatial.sources.dxf.placing import Placed

_SPLINE_FRAME = 16
_OFF_THE_CURVE = 4


@dataclass(frozen=True)
class Shape:
    """What an entity looks like from above.

    Parts hold rings of points, shape (n, 3), in drawing units: a closed shape has its outline and then its holes, one
    part for each piece; open shapes and points have one ring. `fill`: drawn as a fill, not as an outline.
    """

    parts: tuple[tuple[Points, ...], ...]
    form: Literal["closed", "open", "point"]
    curved: bool = False
    fill: bool = False
    text_islands: int = 0


def shape_of(placed: Placed, chord: float) -> Shape | None:
    """The shape of an entity at its place, None for a type that is not read.

    `chord`: how far a chord may be from its curve, in drawing units; infinite for a rough shape.
    """
    if placed.matrix is None:
        return _read(placed.entity, chord)
    turn, shift = placed.matrix[:3, :3], placed.matrix[3, :3]
    shape = _read(placed.entity, chord / (float(np.linalg.norm(turn, 2)) or 1.0))
    if shape is None:
        return None
    parts = tuple(tuple(ring @ turn + shift for ring in part) for part in shape.parts)
    return Shape(parts, shape.form, shape.curved, shape.fill, shape.text_islands)


def _read(entity: DXFEntity, chord: float) -> Shape | None:
    kind = entity.dxftype()
    if kind in _STRAIGHT:
        return _STRAIGHT[kind](entity)
    return _CURVED[kind](entity, chord) if kind in _CURVED else None


def to_world(flat: Points, height: float, ocs: OCS) -> Points:
    """Points of a plane that an entity is drawn in, shape (n, 2), in the coordinates around it, shape (n, 3)."""
    points = np.column_stack([flat, np.full(len(flat), height)])
    return points @ np.array(list(ocs.matrix.rows()))[:3, :3] if ocs.transform else points


def _one(points: Points, closed: bool, *, curved: bool = False, fill: bool = False) -> Shape:
    if closed and curved and len(points) > 1 and np.allclose(points[0], points[-1], rtol=1e-12, atol=0):
        points[-1] = points[0]
    return Shape(((points,),), "closed" if closed else "open", curved, fill)


def _line(entity: Any) -> Shape:
    return _one(np.array([entity.dxf.start.xyz, entity.dxf.end.xyz]), closed=False)


def _point(entity: Any) -> Shape:
    return Shape(((np.array([entity.dxf.location.xyz]),),), "point")


def _light_polyline(entity: Any, chord: float) -> Shape:
    corners = np.array(entity.get_points("xyb")).reshape(-1, 3)
    return _bulged(corners, entity.closed, float(entity.dxf.elevation), entity.ocs(), chord)


def _polyline(entity: Polyline, chord: float) -> Shape | None:
    if entity.is_polygon_mesh or entity.is_poly_face_mesh:
        return None
    frame = _SPLINE_FRAME if entity.dxf.flags & _OFF_THE_CURVE else 0
    corners = [corner for corner in entity.vertices if not corner.dxf.flags & frame]
    points = np.array([corner.dxf.location.xyz for corner in corners]).reshape(-1, 3)
    if entity.is_3d_polyline:
        return _one(points, entity.is_closed)
    height = float(points[0, 2]) if len(points) else 0.0
    points[:, 2] = [corner.dxf.get("bulge", 0.0) for corner in corners]
    return _bulged(points, entity.is_closed, height, entity.ocs(), chord)


def _bulged(corners: Points, closed: bool, height: float, ocs: OCS, chord: float) -> Shape:
    flat = bulged_points(corners, closed, chord) if len(corners) > 1 else corners[:, :2]
    return _one(to_world(flat, height, ocs), closed, curved=bool(corners[:, 2].any()))


def _circle(entity: Any, chord: float) -> Shape:
    return _round(entity, 0.0, 2 * np.pi, chord)


def _arc(entity: Any, chord: float) -> Shape:
    start, end = np.radians(entity.dxf.start_angle), np.radians(entity.dxf.end_angle)
    return _round(entity, float(start), float((end - start) % (2 * np.pi)) or 2 * np.pi, chord)


def _round(entity: Any, start: float, sweep: float, chord: float) -> Shape:
    centre = entity.dxf.center
    flat = circle_points((centre.x, centre.y), abs(entity.dxf.radius), start, sweep, chord)
    return _one(to_world(flat, centre.z, entity.ocs()), _is_full(sweep), curved=True)


def _ellipse(entity: Any, chord: float) -> Shape:
    tool = entity.construction_tool()
    centre, major, minor = (np.array(axis.xyz) for axis in (tool.center, tool.major_axis, tool.minor_axis))
    points = ellipse_points(centre, major, minor, tool.start_param, tool.param_span, chord)
    return _one(points, _is_full(tool.param_span), curved=True)


def _is_full(sweep: float) -> bool:
    return bool(abs(sweep - 2 * np.pi) < 1e-9)


def _spline(entity: Any, chord: float) -> Shape:
    return _one(spline_points(entity.construction_tool(), chord), bool(entity.closed), curved=True)


def _solid(entity: Any) -> Shape:
    return _one(np.array([corner.xyz for corner in entity.wcs_vertices()]), closed=True, fill=True)


def _fill(entity: Any, chord: float) -> Shape:
    fill = fill_of(entity, chord)
    height, ocs = entity.dxf.elevation.z, entity.ocs()
    parts = tuple(tuple(to_world(ring, height, ocs) for ring in part) for part in fill.parts)
    return Shape(parts, "closed", fill.curved, fill=True, text_islands=fill.text_islands)


_STRAIGHT: dict[str, Callable[[Any], Shape]] = {"LINE": _line, "POINT": _point, "SOLID": _solid, "TRACE": _solid}
_CURVED: dict[str, Callable[[Any, float], Shape | None]] = {
    "LWPOLYLINE": _light_polyline,
    "POLYLINE": _polyline,
    "CIRCLE": _circle,
    "ARC": _arc,
    "ELLIPSE": _ellipse,
    "SPLINE": _spline,
    "HATCH": _fill,
    "MPOLYGON": _fill,
}
