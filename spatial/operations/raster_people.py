"""The people of a raster as weighted points: one a cell, their total that of the raster."""

from __future__ import annotations

from typing import Literal

import geopandas as gpd
import numpy as np
import shapely
from pyproj import CRS, Transformer
from shapely.affinity import affine_transform

from spatial.errors import CrsError, InputError
from spatial.model.people import People
from spatial.model.provenance import OK, DataStatus, Ledger
from spatial.model.raster import Raster
from spatial.model.study_area import projected_crs
from spatial.parameters import parameter
from spatial.text import Message, Value

_LAYER = "people"


def people_from_raster(
    raster: Raster,
    crs: CRS,
    *,
    ledger: Ledger,
    holds: Literal["residents", "jobs"] = "residents",
    land: shapely.Geometry | None = None,
    cell_max_m: float = parameter("people_cell_max_m"),
) -> People:
    """The people of a counts raster, at the centres of its cells; the total is the raster's.

    Doubtful where cells are wider than `cell_max_m`: too coarse for walking distances.

    Parameters
    ----------
    land : in `crs`. A cell whose centre is in the water stands on the land nearest to it, if that is within half a
        cell's diagonal: a shore's residents would else be in no zone.
    """
    if raster.kind != "counts":
        raise InputError(Message("dasymetric.not_counts", {"found": raster.kind}))
    target = projected_crs(crs)
    filled = raster.valid & (raster.values > 0)
    x, y = (a[filled] for a in raster.centres())
    x, y = Transformer.from_crs(raster.crs, target, always_xy=True).transform(x, y)
    if not (np.isfinite(x).all() and np.isfinite(y).all()):
        raise CrsError(Message("raster.not_projectable", {"found": raster.crs.name, "wanted": target.name}))
    people = raster.values[filled].astype(np.float64)
    unknown = np.full(len(people), np.nan)
    width_m = _cell_width_m(raster, target)
    if land is not None:
        x, y = _ashore(np.asarray(x, float), np.asarray(y, float), people, land, width_m, ledger)
    coarse = Message("dasymetric.coarse_cells", {"width_m": width_m, "allowed_m": cell_max_m})
    status = DataStatus("doubtful", coarse) if width_m > cell_max_m else OK
    said = {"total": float(people.sum()), "points": len(people), "width_m": width_m}
    ledger.record(_LAYER, "chosen", Message(f"dasymetric.raster_{holds}", said), count=len(people))
    group = np.full(len(people), "", dtype=object)
    residents, jobs = (people, unknown) if holds == "residents" else (unknown, people)
    return People(np.asarray(x, float), np.asarray(y, float), residents, jobs, group, "raster", status)


def _ashore(
    x: np.ndarray, y: np.ndarray, people: np.ndarray, land: shapely.Geometry, width_m: float, ledger: Ledger
) -> tuple[np.ndarray, np.ndarray]:
    """The points, with those in the water a metre inside the nearest land; none moves more than half a diagonal."""
    shapely.prepare(land)
    wet = np.flatnonzero(~shapely.intersects_xy(land, x, y))
    ways: np.ndarray = np.asarray(shapely.shortest_line(shapely.points(x[wet], y[wet]), land))
    far_m: np.ndarray = np.asarray(shapely.length(ways))
    near = (far_m > 0) & (far_m <= width_m / np.sqrt(2))
    ends = shapely.get_coordinates(shapely.get_point(ways[near], -1)).reshape(-1, 2)
    moved, stretch = wet[near], 1 + 1 / far_m[near]
    x, y = x.copy(), y.copy()
    x[moved] += (ends[:, 0] - x[moved]) * stretch
    y[moved] += (ends[:, 1] - y[moved]) * stretch
    if len(wet):
        values: dict[str, Value] = {
            "moved": len(moved),
            "people": float(people[moved].sum()),
            "left": len(wet) - len(moved),
            "left_people": float(people[wet[~near]].sum()),
        }
        ledger.record(_LAYER, "snapped", Message("dasymetric.ashore", values), count=len(moved))
    return x, y


def _cell_width_m(raster: Raster, target: CRS) -> float:
    """Width of the square as large as the cell in the middle of the raster."""
    row, column = (n // 2 for n in raster.values.shape)
    t = raster.transform
    cell = affine_transform(shapely.box(column, row, column + 1, row + 1), [t.a, t.b, t.d, t.e, t.c, t.f])
    return float(np.sqrt(shapely.area(gpd.GeoSeries([cell], crs=raster.crs).to_crs(target).iloc[0])))
