"""Polygons out of whatever cutting and repairing leave."""

from __future__ import annotations

import numpy as np
import shapely


def polygonal(shapes: np.ndarray) -> np.ndarray:
    """The shapes without the lines and points that cutting or repairing may leave; empty where nothing else is left."""
    found = np.array(shapes, dtype=object)
    for i in np.flatnonzero(shapely.get_type_id(found) == shapely.GeometryType.GEOMETRYCOLLECTION):
        parts = shapely.get_parts(shapely.get_parts(found[i]))
        found[i] = shapely.union_all(parts[shapely.get_dimensions(parts) == 2])
    found[shapely.get_dimensions(found) < 2] = shapely.Polygon()
    return found
