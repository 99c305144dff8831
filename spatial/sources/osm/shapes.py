"""Shapes of OSM objects, from degrees to the study system: cut to the box, projected, repaired."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import shapely
from pyproj import CRS

from spatial.model.provenance import Action, Ledger
from spatial.model.shapes import polygonal
from spatial.model.study_area import transformer_to
from spatial.sources.osm.header import Box
from spatial.text import Message

# The sides of a box bend when projected; vertices along them keep shapes that were cut by it flush.
PARTS_OF_A_SIDE = 200


class Shapes(NamedTuple):
    """`geometry` in the study system, in the order asked for; `kept` marks those with anything left in the box.

    `share_inside` is the share of each shape's area (in square degrees) that lies in the box; 1 for points.
    """

    geometry: np.ndarray
    kept: np.ndarray
    share_inside: np.ndarray
    clipped: int
    repaired: int

    @property
    def lost(self) -> int:
        return int(np.count_nonzero(~self.kept))


def study_shapes(hex_wkb: Sequence[str], box: Box, crs: CRS) -> Shapes:
    """Points and polygons given as hex WKB in degrees, cut to the box and projected."""
    shapes = np.asarray(shapely.from_wkb(np.array(hex_wkb, dtype=object)), dtype=object).reshape(-1)
    areal = shapely.get_dimensions(shapes) == 2
    reaching = np.flatnonzero(areal & ~_within(shapes, box))
    share = np.ones(len(shapes))
    if len(reaching):
        whole = polygonal(shapely.make_valid(shapes[reaching]))
        shapes[reaching] = polygonal(shapely.intersection(whole, box_frame(box)))
        share[reaching] = shapely.area(shapes[reaching]) / np.maximum(shapely.area(whole), np.finfo(float).tiny)
    projected = project(shapes, crs)
    faulty = np.flatnonzero(areal & ~shapely.is_valid(projected))
    projected[faulty] = polygonal(shapely.make_valid(projected[faulty]))
    single = areal & (shapely.get_num_geometries(projected) == 1)
    projected[single] = shapely.get_geometry(projected[single], 0)
    return Shapes(projected, ~shapely.is_empty(projected), share, len(reaching), len(faulty))


def record_shapes(shapes: Shapes, layer: str, ledger: Ledger) -> None:
    """Note what was cut, repaired and lost, where anything was."""
    done: tuple[tuple[Action, str, int], ...] = (
        ("clipped", "osm.clipped", shapes.clipped - shapes.lost),
        ("imputed", "osm.repaired", shapes.repaired),
        ("dropped", "osm.lost", shapes.lost),
    )
    for action, key, count in done:
        if count > 0:
            ledger.record(layer, action, Message(key, {"count": count}), count=count)


def box_frame(box: Box) -> shapely.Polygon:
    """The box in degrees, with vertices along its sides."""
    west, south, east, north = box
    step = max(east - west, north - south) / PARTS_OF_A_SIDE
    return shapely.segmentize(shapely.box(west, south, east, north), step)


def project(shapes: np.ndarray, crs: CRS) -> np.ndarray:
    """Shapes in longitude and latitude as shapes of `crs`."""
    lonlat = shapely.get_coordinates(shapes)
    x, y = transformer_to(crs).transform(lonlat[:, 0], lonlat[:, 1])
    moved: np.ndarray = shapely.set_coordinates(shapes.copy(), np.column_stack([x, y]))
    return moved


def _within(shapes: np.ndarray, box: Box) -> np.ndarray:
    bounds = shapely.bounds(shapes)
    west, south, east, north = box
    inside: np.ndarray = (
        (bounds[:, 0] >= west) & (bounds[:, 1] >= south) & (bounds[:, 2] <= east) & (bounds[:, 3] <= north)
    )
    return inside
