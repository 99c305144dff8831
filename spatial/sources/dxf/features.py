"""Entities of a drawing to geometries in metres."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import shapely
from ezdxf.entities.dxfentity import DXFTagStorage
from ezdxf.lldxf.const import DXFError

from spatial.sources.dxf.curves import Points
from spatial.sources.dxf.labels import TEXTS, anchor_of, text_of
from spatial.sources.dxf.placing import Placed
from spatial.sources.dxf.shapes import Shape, shape_of
from spatial.sources.dxf.tally import Tally

Geometries = npt.NDArray[np.object_]

_FAULTS = (DXFError, ArithmeticError, AttributeError, LookupError, TypeError, ValueError, shapely.errors.ShapelyError)
_PROXY = "ACAD_PROXY_ENTITY"


@dataclass(frozen=True)
class Drawn:
    """An entity with its shape in drawing units; `text` is what it says, None for what is no text."""

    placed: Placed
    shape: Shape
    text: str | None = None


def drawn_roughly(placed: list[Placed], tally: Tally) -> list[Drawn]:
    """What can be read of the entities, curves with few points; the rest is counted by type. Empty texts are none."""
    found = []
    for entity in placed:
        kind = entity.entity.dxftype()
        try:
            drawn = _drawn(entity, np.inf)
        except _FAULTS:
            tally.add("faulty", kind)
            continue
        if drawn is None:
            custom = isinstance(entity.entity, DXFTagStorage) or kind == _PROXY
            tally.add("custom_objects" if custom else "unsupported", kind)
        elif not all(len(ring) and np.isfinite(ring).all() for part in drawn.shape.parts for ring in part):
            tally.add("faulty", kind)
        elif not drawn.shape.parts:
            tally.add("degenerate", kind)
        elif drawn.text != "":
            found.append(drawn)
    return found


def drawn_finely(rough: list[Drawn], chord: float, tally: Tally) -> list[Drawn]:
    """The same with curves that no chord is farther from than `chord`, in drawing units."""
    return [_finer(entity, chord, tally) if entity.shape.curved else entity for entity in rough]


def _drawn(placed: Placed, chord: float) -> Drawn | None:
    if placed.entity.dxftype() not in TEXTS:
        shape = shape_of(placed, chord)
        return None if shape is None else Drawn(placed, shape)
    anchor = anchor_of(placed.entity)
    if placed.matrix is not None:
        anchor = anchor @ placed.matrix[:3, :3] + placed.matrix[3, :3]
    return Drawn(placed, Shape(((anchor,),), "point"), text_of(placed.entity))


def _finer(rough: Drawn, chord: float, tally: Tally) -> Drawn:
    shape = shape_of(rough.placed, chord)
    tally.add("curves", rough.placed.entity.dxftype())
    return rough if shape is None else Drawn(rough.placed, shape, rough.text)


def boxes(drawn: list[Drawn]) -> npt.NDArray[np.float64]:
    """The box around each, in drawing units, shape (n, 4)."""
    rings = [np.concatenate([ring for part in entity.shape.parts for ring in part])[:, :2] for entity in drawn]
    starts = np.cumsum([0, *(len(ring) for ring in rings)])[:-1]
    points = np.concatenate(rings)
    return np.hstack([np.minimum.reduceat(points, starts), np.maximum.reduceat(points, starts)])


@dataclass(frozen=True)
class Built:
    """Geometries in metres, None for what has no extent; which lines were closed by distance, and which had heights."""

    shapes: Geometries
    closed: npt.NDArray[np.bool_]
    high: npt.NDArray[np.bool_]


def geometries(drawn: list[Drawn], metres: float, *, within_m: float) -> Built:
    """The geometry of each entity.

    Parameters
    ----------
    metres : of a drawing unit.
    within_m : an open line of which the ends are this near to each other, and which goes round an area, is closed.
    """
    shapes = np.full(len(drawn), None, dtype=object)
    closed = np.zeros(len(drawn), dtype=bool)
    high = np.array([_is_high(entity) for entity in drawn], dtype=bool)
    forms = np.array([entity.shape.form if _is_simple(entity.shape) else "pieces" for entity in drawn], dtype=str)
    for form, least in (("closed", 3), ("open", 2), ("point", 1)):
        places = np.flatnonzero(forms == form)
        places = places[[len(drawn[place].shape.parts[0][0]) >= least for place in places]] if len(places) else places
        if not len(places):
            continue
        rings = [drawn[place].shape.parts[0][0][:, :2] * metres for place in places]
        if form == "open":
            shut = _ends_meet(rings, within_m)
            shapes[places[~shut]] = _lines([ring for ring, is_shut in zip(rings, shut, strict=True) if not is_shut])
            places, rings = places[shut], [ring[:-1] for ring, is_shut in zip(rings, shut, strict=True) if is_shut]
            closed[places] = True
        shapes[places] = shapely.points(np.concatenate(rings)) if form == "point" else _polygons(rings)
    for place in np.flatnonzero(forms == "pieces"):
        shapes[place] = _pieces(drawn[place].shape, metres)
    shapes[~_has_extent(shapes, within_m)] = None
    return Built(shapes, closed & ~shapely.is_missing(shapes), high & ~shapely.is_missing(shapes))


def _is_simple(shape: Shape) -> bool:
    return len(shape.parts) == 1 and len(shape.parts[0]) == 1


def _is_high(drawn: Drawn) -> bool:
    return drawn.text is None and any(bool(ring[:, 2].any()) for part in drawn.shape.parts for ring in part)


def _lines(rings: list[Points]) -> Geometries:
    if not rings:
        return np.empty(0, dtype=object)
    owners = np.repeat(np.arange(len(rings)), [len(ring) for ring in rings])
    return np.asarray(shapely.linestrings(np.concatenate(rings), indices=owners))


def _polygons(rings: list[Points]) -> Geometries:
    if not rings:
        return np.empty(0, dtype=object)
    owners = np.repeat(np.arange(len(rings)), [len(ring) for ring in rings])
    return np.asarray(shapely.polygons(shapely.linearrings(np.concatenate(rings), indices=owners)))


def _ends_meet(rings: list[Points], within_m: float) -> npt.NDArray[np.bool_]:
    """Which open lines come back to where they start."""
    gaps = np.array([np.hypot(*(ring[-1] - ring[0])) if len(ring) > 3 else np.inf for ring in rings])
    around = shapely.area(shapely.convex_hull(_lines(rings)))
    return np.asarray((gaps <= within_m) & (around > within_m**2))


def _pieces(shape: Shape, metres: float) -> shapely.Geometry:
    pieces = [[ring[:, :2] * metres for ring in part] for part in shape.parts]
    made = [shapely.Polygon(outline, holes) for outline, *holes in pieces]
    return made[0] if len(made) == 1 else shapely.MultiPolygon(made)


def _has_extent(shapes: Geometries, within_m: float) -> npt.NDArray[np.bool_]:
    """Points always; lines of some length; polygons whose hull, so that one that crosses itself counts, has an area."""
    kind = shapely.get_type_id(shapes)
    hull = shapely.area(shapely.convex_hull(shapes))
    polygonal = np.isin(kind, (3, 6)) & (hull > within_m**2)
    return np.asarray((kind == 0) | ((kind == 1) & (shapely.length(shapes) > 0)) | polygonal)
