"""What a raster holds by zone. A cell belongs to the zone that holds its centre."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from pyproj import CRS, Transformer
from rasterio.features import rasterize
from shapely.affinity import affine_transform

from spatial.errors import CrsError, InputError, NotComputable
from spatial.model.raster import Raster
from spatial.text import Message

_PIECES = 200
_SAMPLES = 32


def zone_of_cells(raster: Raster, zones: gpd.GeoDataFrame) -> np.ndarray:
    """The position in `zones` of the zone that holds each cell's centre, −1 for none; of the raster's shape.

    Zones may be in another coordinate system; where they overlap, the last one has the cell.
    """
    shapes = _in_system_of(zones, raster.crs)
    found = np.full(raster.values.shape, -1, dtype=np.int32)
    drawn = [(shape, position) for position, shape in enumerate(shapes) if not shape.is_empty]
    if drawn:
        rasterize(drawn, out=found, transform=raster.transform)
    return found


def class_area_by_zone(raster: Raster, zones: gpd.GeoDataFrame) -> pd.DataFrame:
    """Area of each class (or year) in each zone, in square kilometres: one row a zone, one column a class.

    Areas are measured in the zones' system, whatever the raster's. Cells without data count nowhere.
    """
    if raster.kind not in ("classes", "years"):
        raise InputError(Message("zonal.not_classes", {"found": raster.kind}))
    cell_km2 = _cell_km2(raster, zones)
    zone = zone_of_cells(raster, zones)
    inside = raster.valid & (zone >= 0)
    classes, code = np.unique(raster.values[inside], return_inverse=True)
    row = zone[inside] * len(classes) + code.ravel()
    sums = np.bincount(row, weights=cell_km2[inside], minlength=len(zones) * len(classes))
    areas = sums.reshape(len(zones), len(classes))
    return pd.DataFrame(areas, index=zones.index, columns=pd.Index(classes, name="class"))


def sum_by_zone(raster: Raster, zones: gpd.GeoDataFrame) -> pd.Series:
    """Sum of a counts raster in each zone; NaN for a zone in which no cell with data has its centre."""
    if raster.kind != "counts":
        raise InputError(Message("zonal.not_counts", {"found": raster.kind}))
    zone = zone_of_cells(raster, zones)
    inside = raster.valid & (zone >= 0)
    sums = np.bincount(zone[inside], weights=raster.values[inside], minlength=len(zones))
    cells = np.bincount(zone[inside], minlength=len(zones))
    return pd.Series(np.where(cells > 0, sums, np.nan), index=zones.index, name="sum")


def built_up_by_year(
    first_built: Raster, zones: gpd.GeoDataFrame, boundary: shapely.Geometry, *, until: int
) -> pd.DataFrame:
    """Built-up land of each zone inside and outside a boundary, by year: running totals in square kilometres.

    Areas are measured in the zones' system, whatever the raster's.

    Parameters
    ----------
    first_built : the year in which each cell was first built up (kind "years").
    boundary : in the raster's coordinate system.
    until : the last year that is observed; later years are left out.

    Returns
    -------
    Columns `zone` (label), `year` (each year the raster holds up to `until`), `inside_km2`, `outside_km2`, `cells`
    (built-up cells by then).

    Raises
    ------
    NotComputable : no year up to `until`, or cells that cannot be placed in the zones' system.
    """
    if first_built.kind != "years":
        raise InputError(Message("zonal.not_years", {"found": first_built.kind}))
    cell_km2 = _cell_km2(first_built, zones)
    valid = first_built.valid & (first_built.values <= until)
    years = np.unique(first_built.values[valid])
    if not len(years):
        raise NotComputable(Message("zonal.no_years", {"until": until}))
    zone = zone_of_cells(first_built, zones)
    limit = gpd.GeoDataFrame(geometry=[boundary], crs=first_built.crs)
    within = zone_of_cells(first_built, limit) == 0
    parts = {"inside_km2": valid & within, "outside_km2": valid & ~within}
    labels = np.repeat(zones.index.to_numpy(), len(years))
    frame = pd.DataFrame({"zone": labels, "year": np.tile(years.astype(int), len(zones))})
    cells = np.zeros(len(frame))
    for name, part in parts.items():
        chosen = part & (zone >= 0)
        code = zone[chosen] * len(years) + np.searchsorted(years, first_built.values[chosen])
        by_year = np.bincount(code, weights=cell_km2[chosen], minlength=len(frame)).reshape(len(zones), len(years))
        frame[name] = by_year.cumsum(axis=1).ravel()
        counts = np.bincount(code, minlength=len(frame)).reshape(len(zones), len(years))
        cells += counts.cumsum(axis=1).ravel()
    frame["cells"] = cells
    return frame


def covered_share(raster: Raster, zones: gpd.GeoDataFrame) -> pd.Series:
    """Share of each zone (0–1) that lies on the raster's sheet, with or without data there."""
    rows, columns = raster.values.shape
    t = raster.transform
    sheet = affine_transform(shapely.box(0, 0, columns, rows), [t.a, t.b, t.d, t.e, t.c, t.f])
    shapes = _in_system_of(zones, raster.crs)
    whole = shapely.area(shapes)
    with np.errstate(invalid="ignore", divide="ignore"):
        share = shapely.area(shapely.intersection(shapes, sheet)) / whole
    return pd.Series(np.where(whole > 0, share, np.nan), index=zones.index, name="covered")


def _in_system_of(zones: gpd.GeoDataFrame, crs: CRS) -> np.ndarray:
    """The zones in the raster's system; long sides are split so that they bend as the projection does."""
    if zones.crs is None:
        raise CrsError(Message("crs.missing"))
    shapes = zones.geometry.to_numpy()
    if zones.crs == crs:
        return np.asarray(shapes, dtype=object)
    west, south, east, north = zones.total_bounds
    fine = shapely.segmentize(shapes, max(east - west, north - south) / _PIECES)
    moved = gpd.GeoSeries(fine, crs=zones.crs).to_crs(crs)
    if not np.isfinite(shapely.get_coordinates(moved.to_numpy())).all():
        raise CrsError(Message("raster.not_projectable", {"found": zones.crs.name, "wanted": crs.name}))
    return np.asarray(shapely.make_valid(moved.to_numpy()), dtype=object)


def _cell_km2(raster: Raster, zones: gpd.GeoDataFrame) -> np.ndarray:
    """Area of each cell as the zones' projected system measures it, of the raster's shape.

    A projection stretches smoothly: cells are measured on a lattice over the raster, and between it interpolated.
    """
    target = zones.crs
    if target is None:
        raise CrsError(Message("crs.missing"))
    if not target.is_projected:
        raise CrsError(Message("crs.degrees", {"found": target.name}))
    metres = float(target.axis_info[0].unit_conversion_factor)
    shape = raster.values.shape
    if target == raster.crs:
        return np.full(shape, raster.cell_area * metres**2 / 1e6)
    rows, columns = (np.unique(np.linspace(0, n - 1, _SAMPLES).round()) for n in shape)
    row, column = np.meshgrid(rows, columns, indexing="ij")
    corners = np.stack([(row, column), (row, column + 1), (row + 1, column + 1), (row + 1, column)])
    t = raster.transform
    x = t.a * corners[:, 1] + t.b * corners[:, 0] + t.c
    y = t.d * corners[:, 1] + t.e * corners[:, 0] + t.f
    x, y = Transformer.from_crs(raster.crs, target, always_xy=True).transform(x, y)
    if not (np.isfinite(x).all() and np.isfinite(y).all()):
        raise NotComputable(Message("raster.not_projectable", {"found": raster.crs.name, "wanted": target.name}))
    areas = np.abs(shapely.area(shapely.polygons(np.stack([x, y], axis=-1).transpose(1, 2, 0, 3)))) * metres**2 / 1e6
    between = np.stack([np.interp(np.arange(shape[1]), columns, line) for line in areas])
    return np.stack([np.interp(np.arange(shape[0]), rows, line) for line in between.T], axis=1)
