"""The place under study, and the projected coordinate system that everything is measured in."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np
import shapely
from pyproj import CRS, Proj, Transformer
from pyproj.aoi import AreaOfInterest
from pyproj.database import query_utm_crs_info

from spatial.errors import CrsError, InputError
from spatial.model.layer import Layer
from spatial.parameters import parameter
from spatial.text import Message


@dataclass(frozen=True, eq=False)
class StudyArea(Layer):
    """The place under study.

    Parameters
    ----------
    name : shown to readers.
    boundary : polygon or multipolygon in `crs`: results are reported inside it.
    buffer_m : routes may use streets up to this far outside the boundary, in metres.
    crs : projected, in metres; else `CrsError`.
    water : sea and lakes in `crs`, in and around the boundary; the boundary without them is the land that densities
        divide by.
    """

    name: str
    boundary: shapely.Geometry
    buffer_m: float
    crs: CRS
    water: shapely.Geometry = field(default_factory=shapely.MultiPolygon)
    token: str = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "crs", projected_crs(self.crs))
        if shapely.get_dimensions(self.boundary) != 2 or shapely.is_empty(self.boundary):
            raise InputError(Message("area.not_a_polygon", {"name": self.name, "found": type(self.boundary).__name__}))
        _check_scale(self.crs, self.boundary)
        if not shapely.is_valid(self.boundary):
            object.__setattr__(self, "boundary", shapely.make_valid(self.boundary))
        self._seal(self.name, self.boundary, self.buffer_m, self.crs.to_wkt(), self.water)

    @property
    def analysed(self) -> shapely.Geometry:
        """Where results are reported: the boundary."""
        return self.boundary

    @cached_property
    def routed(self) -> shapely.Geometry:
        """Where routes may run: the boundary and the buffer around it."""
        return shapely.buffer(self.boundary, self.buffer_m)

    @cached_property
    def land(self) -> shapely.Geometry:
        """The boundary without sea and lakes: what densities divide by."""
        return self.boundary if shapely.is_empty(self.water) else shapely.difference(self.boundary, self.water)


def projected_crs(crs: Any) -> CRS:
    """`crs` as a projected system in metres; degrees, feet or nothing are refused with `CrsError`."""
    if crs is None:
        raise CrsError(Message("crs.missing"))
    known = CRS.from_user_input(crs)
    if not known.is_projected:
        raise CrsError(Message("crs.degrees", {"found": known.name}))
    unit = known.axis_info[0].unit_name
    if unit not in ("metre", "meter"):
        raise CrsError(Message("crs.not_metres", {"found": known.name, "unit": unit}))
    return known


def _check_scale(crs: CRS, boundary: shapely.Geometry) -> None:
    """Refuse a system that distorts lengths at the place by more than the parameter `crs_scale_refused`."""
    lonlat = to_lonlat(shapely.envelope(boundary), crs)
    finite = bool(np.isfinite(shapely.get_coordinates(lonlat)).all())
    error = scale_error(crs, lonlat) if finite else np.inf
    most = parameter("crs_scale_refused")
    if not error <= most:
        raise CrsError(Message("crs.distorted", {"found": crs.name, "percent": 100 * error, "most": 100 * most}))


def choose_crs(lonlat: shapely.Geometry) -> CRS:
    """The projected system for a place given in longitude and latitude (WGS 84).

    The UTM zone of its centre where the scale error stays below the parameter `crs_scale_error` at every
    corner of its box, else a Lambert azimuthal equal-area projection centred on it.
    """
    west, south, east, north = map(float, shapely.bounds(lonlat))
    if not (-180 <= west <= east <= 180 and -90 <= south <= north <= 90):
        raise CrsError(Message("crs.not_degrees", {"bounds": f"{west:.4g} {south:.4g} {east:.4g} {north:.4g}"}))
    lon, lat = (west + east) / 2, (south + north) / 2
    zones = query_utm_crs_info("WGS 84", AreaOfInterest(lon, lat, lon, lat))
    if zones:
        utm = CRS.from_epsg(int(zones[0].code))
        if scale_error(utm, lonlat) < parameter("crs_scale_error"):
            return utm
    return CRS.from_proj4(f"+proj=laea +lat_0={lat:.4f} +lon_0={lon:.4f} +datum=WGS84 +units=m +no_defs")


def scale_error(crs: CRS, lonlat: shapely.Geometry) -> float:
    """The largest relative error of lengths over the box of a place, at a 5 × 5 grid of points."""
    west, south, east, north = map(float, shapely.bounds(lonlat))
    lon, lat = (a.ravel() for a in np.meshgrid(np.linspace(west, east, 5), np.linspace(south, north, 5)))
    factors = Proj(crs).get_factors(lon, lat)
    scale = np.concatenate([factors.meridional_scale, factors.parallel_scale])
    return float(np.max(np.abs(scale - 1)))


def to_lonlat(geometry: shapely.Geometry, crs: CRS) -> shapely.Geometry:
    """A geometry of `crs` in longitude and latitude (WGS 84)."""
    back = Transformer.from_crs(crs, 4326, always_xy=True)
    return shapely.transform(geometry, lambda xy: np.column_stack(back.transform(xy[:, 0], xy[:, 1])))


def transformer_to(crs: CRS) -> Transformer:
    """Longitude and latitude (WGS 84) to `crs`, always in x, y order."""
    return Transformer.from_crs(4326, crs, always_xy=True)
