"""The people of a raster as weighted points: one a cell, their total that of the raster."""

from __future__ import annotations

from typing import Literal

import geopandas as gpd
import numpy as np
import shapely
from pyproj import CRS, Transformer
from rasterio.features import shapes
from shapely.affinity import affine_transform
from shapely.geometry import shape

from spatial.errors import CrsError, InputError
from spatial.model.people import People
from spatial.model.provenance import OK, DataStatus, Ledger
from spatial.model.raster import Raster
from spatial.model.study_area import projected_crs
from spatial.parameters import parameter
from spatial.text import Message

_LAYER = "people"
_PIECES = 100


def people_from_raster(
    raster: Raster,
    crs: CRS,
    *,
    ledger: Ledger,
    holds: Literal["residents", "jobs"] = "residents",
    water: shapely.Geometry | None = None,
    cell_max_m: float = parameter("people_cell_max_m"),
) -> People:
    """The people of a counts raster, at the centres of its cells; the total is the raster's.

    Doubtful where cells are wider than `cell_max_m`: too coarse for walking distances. Residents are known where the
    raster holds a value.

    Parameters
    ----------
    water : in `crs`. A cell without a value that reaches into the water is a shore's, and nothing is unknown there.
    """
    if raster.kind != "counts":
        raise InputError(Message("dasymetric.not_counts", {"found": raster.kind}))
    target = projected_crs(crs)
    filled = raster.valid & (raster.values > 0)
    x, y = _centres(raster, filled, target)
    people = raster.values[filled].astype(np.float64)
    unknown = np.full(len(people), np.nan)
    width_m = cell_width_m(raster, target)
    coarse = Message("dasymetric.coarse_cells", {"width_m": width_m, "allowed_m": cell_max_m})
    status = DataStatus("doubtful", coarse) if width_m > cell_max_m else OK
    said = {"total": float(people.sum()), "points": len(people), "width_m": width_m}
    ledger.record(_LAYER, "chosen", Message(f"dasymetric.raster_{holds}", said), count=len(people))
    group = np.full(len(people), "", dtype=object)
    residents, jobs = (people, unknown) if holds == "residents" else (unknown, people)
    known = _known(raster, target, water, width_m / np.sqrt(2))
    return People(x, y, residents, jobs, group, "raster", status, known)


def cell_width_m(raster: Raster, crs: CRS) -> float:
    """Width of the square as large as the cell in the middle of the raster, in the metres of `crs`."""
    row, column = (n // 2 for n in raster.values.shape)
    cell = _placed(shapely.box(column, row, column + 1, row + 1), raster)
    return float(np.sqrt(shapely.area(_moved(cell, raster, crs))))


def _known(raster: Raster, target: CRS, water: shapely.Geometry | None, reach_m: float) -> shapely.Geometry:
    """Where the raster says how many people live: its cells with a value, and those without one at the water."""
    empty = ~raster.valid
    if water is not None and not shapely.is_empty(water) and empty.any():
        shapely.prepare(water)
        at_shore = shapely.dwithin(water, shapely.points(*_centres(raster, empty, target)), reach_m)
        empty[empty] = ~at_shore
    rows, columns = empty.shape
    if not empty.any():
        return _moved(_placed(shapely.box(0, 0, columns, rows), raster), raster, target)
    pieces = shapes(empty.astype(np.uint8), mask=~empty, transform=raster.transform)
    outlines = [shape(outline) for outline, _ in pieces]
    return _moved(shapely.union_all(outlines), raster, target)


def _centres(raster: Raster, chosen: np.ndarray, target: CRS) -> tuple[np.ndarray, np.ndarray]:
    """The centres of some cells in the target system."""
    x, y = (axis[chosen] for axis in raster.centres())
    x, y = Transformer.from_crs(raster.crs, target, always_xy=True).transform(x, y)
    if not (np.isfinite(x).all() and np.isfinite(y).all()):
        raise _not_projectable(raster, target)
    return np.asarray(x, float), np.asarray(y, float)


def _placed(cells: shapely.Geometry, raster: Raster) -> shapely.Geometry:
    """A shape in columns and rows, in the raster's system."""
    t = raster.transform
    return affine_transform(cells, [t.a, t.b, t.d, t.e, t.c, t.f])


def _moved(place: shapely.Geometry, raster: Raster, target: CRS) -> shapely.Geometry:
    """A shape of the raster in the target system, with its sides split so that they bend as the projection does."""
    west, south, east, north = shapely.bounds(place)
    fine = shapely.segmentize(place, max(east - west, north - south) / _PIECES)
    moved: shapely.Geometry = gpd.GeoSeries([fine], crs=raster.crs).to_crs(target).iloc[0]
    if not np.isfinite(shapely.get_coordinates(moved)).all():
        raise _not_projectable(raster, target)
    return shapely.make_valid(moved)


def _not_projectable(raster: Raster, target: CRS) -> CrsError:
    return CrsError(Message("raster.not_projectable", {"found": raster.crs.name, "wanted": target.name}))
