"""Which coordinate system a layer must be in to lie at the study area: for layers that say none, or a wrong one."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import shapely
from pyproj import CRS, Proj, Transformer

from spatial.model.study_area import to_lonlat, transformer_to
from spatial.parameters import parameter

_DEGREES = 4326
_WEB_MERCATOR = 3857
# EPSG numbers its zones one after the other: first code, first zone, last zone
_THREE_DEGREES = (
    (4513, 25, 45), (4534, 25, 45),  # CGCS2000, zone number before the easting; without
    (2349, 25, 45), (2370, 25, 45),  # Xian 1980
    (2401, 25, 45), (2422, 25, 45),  # Beijing 1954
)  # fmt: skip
_SIX_DEGREES = ((4491, 13, 23), (4502, 13, 23), (2327, 13, 23), (2338, 13, 23), (21413, 13, 23), (21453, 13, 23))


@dataclass(frozen=True)
class Fit:
    """A system that puts a layer at the study area.

    `swapped`: with its two axes the other way round. `others`: further systems that would put it near as well, but
    elsewhere.
    """

    epsg: int
    name: str
    swapped: bool
    others: tuple[str, ...] = ()


def fitting(
    bounds: tuple[float, float, float, float],
    near: shapely.Geometry,
    near_crs: CRS,
    *,
    declared: CRS | None = None,
    fit_km: float = parameter("crs_fit_km"),
    same_m: float = parameter("crs_fit_same_m"),
) -> Fit | None:
    """The system in which the middle of a layer lies nearest to the middle of the study area; None where none does.

    Tried are those in use at the place: longitude and latitude, CGCS2000 / Gauss-Krüger in 3° and 6° zones with and
    without the zone number, UTM, Xian 1980, Beijing 1954 and Web Mercator; then the declared one and all of them with
    their axes swapped. Systems that agree to within `same_m` cannot be told apart: the first of them is named.

    Parameters
    ----------
    bounds : of the layer, as its file has them: west, south, east, north.
    near : the study area, in `near_crs`; the layer's middle must come within `fit_km` of it.
    """
    west, south, east, north = bounds
    middle = ((west + east) / 2, (south + north) / 2)
    centre = shapely.centroid(near)
    lon, lat = map(float, shapely.get_coordinates(to_lonlat(centre, near_crs))[0])
    known = None if declared is None else declared.to_epsg()
    to_near = transformer_to(near_crs)
    for swapped in (False, True):
        codes = [code for code in _candidates(lon, lat) if swapped or code != known]
        if swapped and known is not None:
            codes = [known, *codes]
        found = []
        for code in dict.fromkeys(codes):
            crs = CRS.from_epsg(code)
            place = _place(middle[::-1] if swapped else middle, crs, to_near)
            if place is not None and shapely.distance(place, near) <= 1000 * fit_km:
                found.append((crs, place))
        if found:
            return _nearest(found, centre, swapped, same_m)
    return None


def _nearest(found: list[tuple[CRS, shapely.Point]], centre: shapely.Point, swapped: bool, same_m: float) -> Fit:
    best = min(shapely.distance(place, centre) for _, place in found)
    crs, place = next(entry for entry in found if shapely.distance(entry[1], centre) <= best + same_m)
    others = {}
    for other, elsewhere in found:
        off_m = shapely.distance(elsewhere, place)
        if off_m > same_m and round(off_m, -1) not in others:
            others[round(off_m, -1)] = f"{other.name} (EPSG:{other.to_epsg()})"
    return Fit(crs.to_epsg() or 0, crs.name, swapped, tuple(others.values()))


def _place(point: tuple[float, float], crs: CRS, to_near: Transformer) -> shapely.Point | None:
    """Where a point of a system lies, datums left alone: they change it by some 100 m at the most."""
    x, y = point
    lon, lat = (x, y) if crs.is_geographic else Proj(crs)(x, y, inverse=True)
    if not (abs(lon) <= 180 and abs(lat) <= 90):
        return None
    moved = to_near.transform(lon, lat)
    return shapely.Point(moved) if np.isfinite(moved).all() else None


def _candidates(lon: float, lat: float) -> Iterator[int]:
    """The systems in use at a place, the likeliest first: zones of its own before those beside it."""
    yield _DEGREES
    three, six, utm = round(lon / 3), int(lon // 6) + 1, int((lon + 180) // 6)
    for beside in (0, -1, 1):
        for datum in range(3):
            for family, zone in ((_THREE_DEGREES, three + beside), (_SIX_DEGREES, six + beside)):
                for first_code, first_zone, last_zone in family[2 * datum : 2 * datum + 2]:
                    if first_zone <= zone <= last_zone:
                        yield first_code + zone - first_zone
            if datum == 0:
                yield (32601 if lat >= 0 else 32701) + (utm + beside) % 60
    yield _WEB_MERCATOR
