"""Rasters in another coordinate system or cell size, by the rule that fits what they hold."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from affine import Affine
from pyproj import CRS, Transformer
from rasterio.crs import CRS as RasterioCRS
from rasterio.warp import Resampling
from rasterio.warp import reproject as warp

from spatial.errors import CrsError, InputError
from spatial.model.provenance import Ledger
from spatial.model.raster import Raster
from spatial.model.study_area import projected_crs
from spatial.parameters import parameter
from spatial.text import Message


def reproject(
    raster: Raster,
    crs: CRS,
    *,
    cell_m: float,
    ledger: Ledger,
    layer: str = "raster",
    pieces: float = parameter("regrid_pieces"),
    moved_max: float = parameter("regrid_moved_max"),
) -> Raster:
    """The raster on a square grid of `cell_m` metres in `crs`, aligned to whole multiples of the cell.

    Counts: every cell is cut into equal pieces, at least `pieces` to the width of a new cell (and of an old one),
    and each piece goes to the new cell that holds its middle: the total is conserved. A share takes the mean of the
    pieces. Classes take the majority where the new cell is the wider one, else the nearest; years the nearest.

    Raises
    ------
    CrsError : `crs` is not a projected system in metres, or the raster cannot be expressed in it.
    InputError : the total of a count changed by more than the share `moved_max`.
    """
    target = projected_crs(crs)
    corners = _Corners.of(raster, target)
    grid = _Grid.over(corners, cell_m)
    if raster.kind in ("counts", "share"):
        values, nodata = _by_pieces(raster, corners, grid, pieces), None
    else:
        values, nodata = _by_choice(raster, target, corners, grid)
    made = Raster(values, grid.transform, target, nodata, raster.kind)
    said = {"from": raster.crs.name, "to": target.name, "cell_m": cell_m}
    if raster.kind == "counts":
        before, after = float(np.nansum(raster.values)), float(np.nansum(values))
        moved = abs(after - before) / before if before > 0 else abs(after - before)
        if not moved <= moved_max:
            limits = {"before": before, "after": after, "percent": 100 * moved, "allowed": 100 * moved_max}
            raise InputError(Message("raster.total_changed", limits))
        ledger.record(layer, "reprojected", Message("raster.reprojected_counts", {**said, "before": before, "after": after}))
    else:
        ledger.record(layer, "reprojected", Message(f"raster.reprojected_{raster.kind}", said))
    return made


@dataclass(frozen=True)
class _Corners:
    """Corners of all cells in the new system: arrays one longer than the raster each way."""

    x: np.ndarray
    y: np.ndarray

    @classmethod
    def of(cls, raster: Raster, target: CRS) -> _Corners:
        rows, columns = np.indices((raster.values.shape[0] + 1, raster.values.shape[1] + 1))
        x, y = raster.transform * (columns, rows)
        moved_x, moved_y = Transformer.from_crs(raster.crs, target, always_xy=True).transform(x, y)
        if not (np.isfinite(moved_x).all() and np.isfinite(moved_y).all()):
            raise CrsError(Message("raster.not_projectable", {"found": raster.crs.name, "wanted": target.name}))
        return cls(moved_x, moved_y)

    @property
    def cell_width_m(self) -> float:
        """Width of the square that is as large as the cell in the middle of the raster."""
        row, column = (n // 2 for n in (self.x.shape[0] - 1, self.x.shape[1] - 1))
        x, y = self.x[row : row + 2, column : column + 2], self.y[row : row + 2, column : column + 2]
        twice = (x[1, 1] - x[0, 0]) * (y[1, 0] - y[0, 1]) - (x[1, 0] - x[0, 1]) * (y[1, 1] - y[0, 0])
        return float(np.sqrt(abs(twice) / 2))


@dataclass(frozen=True)
class _Grid:
    transform: Affine
    rows: int
    columns: int
    cell_m: float

    @classmethod
    def over(cls, corners: _Corners, cell_m: float) -> _Grid:
        west, east = np.floor(corners.x.min() / cell_m), np.ceil(corners.x.max() / cell_m)
        south, north = np.floor(corners.y.min() / cell_m), np.ceil(corners.y.max() / cell_m)
        transform = Affine(cell_m, 0.0, float(west * cell_m), 0.0, -cell_m, float(north * cell_m))
        return cls(transform, max(1, int(north - south)), max(1, int(east - west)), cell_m)

    def position(self, x: np.ndarray, y: np.ndarray) -> np.ndarray:
        """The running number of the cell that holds each point; a point on the outer rim belongs to the rim."""
        column = np.floor((x - self.transform.c) / self.cell_m).astype(np.int64)
        row = np.floor((self.transform.f - y) / self.cell_m).astype(np.int64)
        return np.clip(row, 0, self.rows - 1) * self.columns + np.clip(column, 0, self.columns - 1)


def _by_pieces(raster: Raster, corners: _Corners, grid: _Grid, pieces: float) -> np.ndarray:
    valid = raster.valid
    values = raster.values[valid].astype(np.float64)
    x, y = (_cell_corners(a, valid) for a in (corners.x, corners.y))
    across = int(np.ceil(pieces * max(1.0, corners.cell_width_m / grid.cell_m)))
    steps = (np.arange(across) + 0.5) / across
    sums, hits = np.zeros(grid.rows * grid.columns), np.zeros(grid.rows * grid.columns)
    for v in steps:
        for u in steps:
            at = grid.position(_between(x, u, v), _between(y, u, v))
            sums += np.bincount(at, weights=values, minlength=sums.size)
            hits += np.bincount(at, minlength=hits.size)
    share = sums / across**2 if raster.kind == "counts" else sums / np.maximum(hits, 1)
    return np.where(hits > 0, share, np.nan).reshape(grid.rows, grid.columns)


def _cell_corners(corner: np.ndarray, valid: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    return corner[:-1, :-1][valid], corner[:-1, 1:][valid], corner[1:, :-1][valid], corner[1:, 1:][valid]


def _between(corner: tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray], u: float, v: float) -> np.ndarray:
    """Inside each cell, u of the way along a row and v of the way down a column."""
    a, b, c, d = corner
    return (1 - v) * ((1 - u) * a + u * b) + v * ((1 - u) * c + u * d)


def _by_choice(raster: Raster, target: CRS, corners: _Corners, grid: _Grid) -> tuple[np.ndarray, int]:
    """Nearest or majority; a cell outside the old raster holds no data."""
    info = np.iinfo(np.int32)
    source = np.where(raster.valid, raster.values, info.min).astype(np.int32)
    majority = raster.kind == "classes" and grid.cell_m > corners.cell_width_m
    values = np.full((grid.rows, grid.columns), info.min, dtype=np.int32)
    warp(
        source,
        values,
        src_transform=raster.transform,
        src_crs=RasterioCRS.from_wkt(raster.crs.to_wkt()),
        src_nodata=info.min,
        dst_transform=grid.transform,
        dst_crs=RasterioCRS.from_wkt(target.to_wkt()),
        dst_nodata=info.min,
        resampling=Resampling.mode if majority else Resampling.nearest,
    )
    return values, int(info.min)
