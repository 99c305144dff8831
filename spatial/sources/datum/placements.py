"""The same features as each datum would place them: a sample, its points, and their positions in metres."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
import shapely
from pyproj import CRS, Transformer

from spatial.sources.datum.conversion import Datum, geometry_to_wgs84, to_wgs84

Form = Literal["points", "lines", "polygons"]

_FORMS: tuple[Form, ...] = ("points", "lines", "polygons")
_WGS84 = CRS.from_epsg(4326)
# Wider than any two datums lie apart, in degrees.
_ROUND_ABOUT_DEG = 0.05


@dataclass(frozen=True)
class Placements:
    """Points on a sample of features, as each datum places them.

    Attributes
    ----------
    form : whether the features are points, lines or polygons (whose outlines are sampled).
    parts : the features themselves, in degrees as the file has them.
    positions : datum → float64 array (features, points on each, 2) in metres.
    """

    form: Form
    parts: np.ndarray
    positions: dict[Datum, np.ndarray]
    crs: CRS

    def __len__(self) -> int:
        return len(self.parts)

    def apart_m(self, one: Datum, other: Datum) -> np.ndarray:
        """How far two datums place each feature apart, in metres."""
        steps = self.positions[one] - self.positions[other]
        return np.asarray(np.hypot(steps[..., 0], steps[..., 1]).mean(axis=1))

    def only(self, kept: np.ndarray) -> Placements:
        """The features that a mask keeps."""
        positions = {datum: points[kept] for datum, points in self.positions.items()}
        return Placements(self.form, self.parts[kept], positions, self.crs)

    def shapes(self, datum: Datum) -> np.ndarray:
        """The features in metres, as one datum places them."""
        to_metres = Transformer.from_crs(_WGS84, self.crs, always_xy=True)
        degrees = geometry_to_wgs84(self.parts, datum)
        return np.asarray(
            shapely.transform(degrees, lambda xy: np.column_stack(to_metres.transform(xy[:, 0], xy[:, 1])))
        )


def place(
    shapes: np.ndarray, datums: tuple[Datum, ...], crs: CRS, around: np.ndarray | None, *, most: int, points: int
) -> Placements:
    """Points on up to `most` parts of `shapes` (degrees), as each of `datums` places them in `crs`.

    Only parts whose middle lies in the box `around` (west, south, east, north in `crs`) count, or all where none does.
    The sample is spread evenly over the parts in order of their position, so that it does not depend on the order of
    rows. Lines and outlines carry `points` points each. Where kinds of features are mixed, the most frequent counts.
    """
    parts = shapely.get_parts(shapely.get_parts(shapes))
    parts = parts[np.isfinite(shapely.bounds(parts)).all(axis=1)]
    form = int(np.bincount(shapely.get_dimensions(parts), minlength=3).argmax())
    parts = parts[shapely.get_dimensions(parts) == form]
    nearby = parts[_within(parts, around, crs)]
    chosen = _spread(nearby if len(nearby) else parts, most)
    degrees = _points_on(chosen, form, points)
    to_metres = Transformer.from_crs(_WGS84, crs, always_xy=True)
    placed: dict[Datum, np.ndarray] = {}
    for datum in datums:
        lon, lat = to_wgs84(degrees[..., 0], degrees[..., 1], datum)
        placed[datum] = np.stack(to_metres.transform(lon, lat), axis=-1)
    finite = np.logical_and.reduce([np.isfinite(xy).all(axis=(1, 2)) for xy in placed.values()])
    return Placements(_FORMS[form], chosen, placed, crs).only(finite)


def _middles(parts: np.ndarray) -> np.ndarray:
    west, south, east, north = shapely.bounds(parts).T
    return np.column_stack([west + east, south + north]) / 2


def _within(parts: np.ndarray, around: np.ndarray | None, crs: CRS) -> np.ndarray:
    """True where the middle of a part lies in the box, give or take the shift of any datum."""
    if around is None:
        return np.zeros(len(parts), dtype=bool)
    degrees = Transformer.from_crs(crs, _WGS84, always_xy=True).transform_bounds(*around)
    west, south, east, north = np.array(degrees) + _ROUND_ABOUT_DEG * np.array([-1, -1, 1, 1])
    x, y = _middles(parts).T
    return np.asarray((x >= west) & (x <= east) & (y >= south) & (y <= north))


def _spread(parts: np.ndarray, most: int) -> np.ndarray:
    x, y = _middles(parts).T
    order = np.lexsort([x, y])
    if len(order) > most:
        order = order[np.linspace(0, len(order) - 1, most).astype(int)]
    return parts[order]


def _points_on(parts: np.ndarray, form: int, points: int) -> np.ndarray:
    """Coordinates (parts, points, 2): a point itself, or points at equal steps along a line or an outline."""
    if form == 0:
        return shapely.get_coordinates(parts).reshape(-1, 1, 2)
    lines = shapely.get_exterior_ring(parts) if form == 2 else parts
    steps = (np.arange(points) + 0.5) / points
    along = shapely.line_interpolate_point(lines[:, None], steps[None, :], normalized=True)
    return shapely.get_coordinates(along).reshape(len(parts), points, 2)
