"""WGS 84, CGCS2000, GCJ-02 and BD-09: coordinates from one to the other by the published, approximate formulas."""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal, get_args

import numpy as np
import shapely

from spatial.errors import InputError
from spatial.sources.datum.mainland import in_mainland, mainland
from spatial.text import Message

Datum = Literal["wgs84", "cgcs2000", "gcj02", "bd09"]
"""How longitude and latitude of a layer are to be understood."""
DATUMS: tuple[Datum, ...] = get_args(Datum)

_Degrees = tuple[np.ndarray, np.ndarray]

_AXIS_M = 6_378_245.0
_ECCENTRICITY_SQUARED = 0.00669342162296594323
# Height in metres and waves per half turn of a degree, of the published formula.
_EAST_WAVES = ((20, 1), (40, 1 / 3), (150, 1 / 12), (300, 1 / 30))
_NORTH_WAVES = ((20, 1), (40, 1 / 3), (160, 1 / 12), (320, 1 / 30))
_BAIDU_WAVES = np.pi * 3000 / 180
# A round trip ends below a tenth of a micrometre; both shifts shrink an error at least fortyfold a step.
_CLOSE_DEG = 1e-12
_STEPS = 15
# More than any shift, in degrees.
_REACH_DEG = 0.05


def to_wgs84(lon: np.ndarray, lat: np.ndarray, datum: Datum) -> _Degrees:
    """Longitude and latitude in WGS 84 of coordinates that are given in `datum`.

    *Approximate*: GCJ-02 is not published officially; this is the formula in general use, on the ellipsoid of
    Krasovsky 1940, and BD-09 is Baidu's rotation on top of it. Both are undone iteratively: what `from_wgs84` gives
    comes back to less than a micrometre, which says nothing about how near the formula is to the official one. WGS 84
    and CGCS2000 are the same here (they differ by decimetres: the motion of the plate since 2000).

    A coordinate is shifted only if the WGS 84 position that results lies in mainland China (see `mainland`). Within
    one shift outside the border (some 600 m) two positions have the same GCJ-02 coordinate; the one in the mainland
    is taken.

    Parameters
    ----------
    lon, lat : degrees, float64, of one shape. NaN stays NaN.

    Raises
    ------
    InputError : no such datum.
    """
    return _moved(lon, lat, datum, _unshifted)


def from_wgs84(lon: np.ndarray, lat: np.ndarray, datum: Datum) -> _Degrees:
    """Longitude and latitude in `datum` of positions in WGS 84; only those in mainland China are shifted.

    The same approximate formulas, arrays and errors as in `to_wgs84`.
    """
    return _moved(lon, lat, datum, _shifted)


def geometry_to_wgs84(shapes: np.ndarray, datum: Datum) -> np.ndarray:
    """Geometries in longitude and latitude of `datum`, each vertex moved to WGS 84 as by `to_wgs84`; heights stay.

    `shapes` is an array of shapely geometries; None stays None.
    """
    return _vertices_moved(shapes, lambda lon, lat: to_wgs84(lon, lat, datum))


def geometry_from_wgs84(shapes: np.ndarray, datum: Datum) -> np.ndarray:
    """Geometries in WGS 84, each vertex moved to `datum` as by `from_wgs84`; the way back of `geometry_to_wgs84`."""
    return _vertices_moved(shapes, lambda lon, lat: from_wgs84(lon, lat, datum))


def _vertices_moved(shapes: np.ndarray, move: Callable[[np.ndarray, np.ndarray], _Degrees]) -> np.ndarray:
    moved = np.array(shapes, dtype=object)
    for with_heights in (True, False):
        part = shapely.has_z(moved) == with_heights
        moved[part] = shapely.transform(
            moved[part],
            lambda points: np.column_stack([*move(points[:, 0], points[:, 1]), points[:, 2:]]),
            include_z=with_heights,
        )
    return moved


def _moved(
    lon: np.ndarray, lat: np.ndarray, datum: Datum, move: Callable[..., tuple[_Degrees, np.ndarray]]
) -> _Degrees:
    """Copies of the coordinates in which those that `move` calls mainland have moved."""
    if datum not in DATUMS:
        raise InputError(Message("datum.unknown", {"found": str(datum), "known": DATUMS}))
    lon, lat = np.array(lon, dtype=np.float64), np.array(lat, dtype=np.float64)
    if datum in ("wgs84", "cgcs2000"):
        return lon, lat
    west, south, east, north = shapely.bounds(mainland())
    near = (lon > west - _REACH_DEG) & (lon < east + _REACH_DEG)
    near &= (lat > south - _REACH_DEG) & (lat < north + _REACH_DEG)
    (new_lon, new_lat), inside = move(lon[near], lat[near], datum)
    lon[near], lat[near] = np.where(inside, new_lon, lon[near]), np.where(inside, new_lat, lat[near])
    return lon, lat


def _shifted(lon: np.ndarray, lat: np.ndarray, datum: Datum) -> tuple[_Degrees, np.ndarray]:
    return _FORMULAS[datum](lon, lat), in_mainland(lon, lat)


def _unshifted(lon: np.ndarray, lat: np.ndarray, datum: Datum) -> tuple[_Degrees, np.ndarray]:
    """The positions that the formula moves to `lon`, `lat`, by fixed-point iteration."""
    x, y = lon.copy(), lat.copy()
    for _ in range(_STEPS):
        there_lon, there_lat = _FORMULAS[datum](x, y)
        off_lon, off_lat = there_lon - lon, there_lat - lat
        x -= off_lon
        y -= off_lat
        if max(np.abs(off_lon).max(initial=0), np.abs(off_lat).max(initial=0)) < _CLOSE_DEG:
            break
    return (x, y), in_mainland(x, y)


def _gcj02(lon: np.ndarray, lat: np.ndarray) -> _Degrees:
    """GCJ-02 by the published formula, wherever it is."""
    x, y = lon - 105, lat - 35
    bend = 0.1 * x * y
    wave = 2 / 3 * (20 * np.sin(6 * np.pi * x) + 20 * np.sin(2 * np.pi * x))
    root = np.sqrt(np.abs(x))
    east = 300 + x + 2 * y + 0.1 * x * x + bend + 0.1 * root + wave + _waves(x, _EAST_WAVES)
    north = -100 + 2 * x + 3 * y + 0.2 * y * y + bend + 0.2 * root + wave + _waves(y, _NORTH_WAVES)
    angle = np.radians(lat)
    flat = 1 - _ECCENTRICITY_SQUARED * np.sin(angle) ** 2
    across_m = _AXIS_M / np.sqrt(flat) * np.cos(angle)
    along_m = _AXIS_M * (1 - _ECCENTRICITY_SQUARED) / flat**1.5
    return lon + np.degrees(east / across_m), lat + np.degrees(north / along_m)


def _waves(position: np.ndarray, waves: tuple[tuple[float, float], ...]) -> np.ndarray:
    total = np.zeros_like(position)
    for height, frequency in waves:
        total += 2 / 3 * height * np.sin(np.pi * frequency * position)
    return total


def _bd09(lon: np.ndarray, lat: np.ndarray) -> _Degrees:
    """BD-09 wherever it is: Baidu's rotation of GCJ-02."""
    x, y = _gcj02(lon, lat)
    radius = np.hypot(x, y) + 0.00002 * np.sin(_BAIDU_WAVES * y)
    angle = np.arctan2(y, x) + 0.000003 * np.cos(_BAIDU_WAVES * x)
    return radius * np.cos(angle) + 0.0065, radius * np.sin(angle) + 0.006


_FORMULAS: dict[Datum, Callable[[np.ndarray, np.ndarray], _Degrees]] = {"gcj02": _gcj02, "bd09": _bd09}
