"""Rasters in another coordinate system or cell size, by the rule that fits what they hold."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from affine import Affine
from pyproj import CRS, Transformer

from spatial.errors import CrsError, InputError
from spatial.model.provenance import Ledger
from spatial.model.raster import Raster
from spatial.model.study_area import projected_crs
from spatial.parameters import parameter
from spatial.text import Message, Value

_NO_DATA = int(np.iinfo(np.int32).min)


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
        wider = raster.kind == "classes" and cell_m > corners.cell_width_m
        values, nodata = _majority(raster, corners, grid, pieces) if wider else _nearest(raster, target, grid)
    made = Raster(values, grid.transform, target, nodata, raster.kind)
    said: dict[str, Value] = {"from": raster.crs.name, "to": target.name, "cell_m": cell_m}
    if raster.kind == "counts":
        before, after = float(np.nansum(raster.values)), float(np.nansum(values))
        moved = abs(after - before) / before if before > 0 else abs(after - before)
        if not moved <= moved_max:
            limits: dict[str, Value] = {
                "before": before,
                "after": after,
                "percent": 100 * moved,
                "allowed": 100 * moved_max,
            }
            raise InputError(Message("raster.total_changed", limits))
        ledger.record(
            layer, "reprojected", Message("raster.reprojected_counts", {**said, "before": before, "after": after})
        )
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
        t = raster.transform
        x, y = t.a * columns + t.b * rows + t.c, t.d * columns + t.e * rows + t.f
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
    sums, hits = np.zeros(grid.rows * grid.columns), np.zeros(grid.rows * grid.columns)
    across = _across(corners, grid, pieces)
    for at in _pieces(corners, grid, valid, across):
        sums += np.bincount(at, weights=values, minlength=sums.size)
        hits += np.bincount(at, minlength=hits.size)
    share = sums / across**2 if raster.kind == "counts" else sums / np.maximum(hits, 1)
    return np.where(hits > 0, share, np.nan).reshape(grid.rows, grid.columns)


def _across(corners: _Corners, grid: _Grid, pieces: float) -> int:
    """How many pieces go to the width of an old cell."""
    return int(np.ceil(pieces * max(1.0, corners.cell_width_m / grid.cell_m)))


def _pieces(corners: _Corners, grid: _Grid, chosen: np.ndarray, across: int) -> Iterator[np.ndarray]:
    """For one piece after another: the new cells that it falls into, one a chosen old cell."""
    x, y = (_cell_corners(a, chosen) for a in (corners.x, corners.y))
    steps = (np.arange(across) + 0.5) / across
    for v in steps:
        for u in steps:
            yield grid.position(_between(x, u, v), _between(y, u, v))


def _cell_corners(corner: np.ndarray, valid: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    return corner[:-1, :-1][valid], corner[:-1, 1:][valid], corner[1:, :-1][valid], corner[1:, 1:][valid]


def _between(corner: tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray], u: float, v: float) -> np.ndarray:
    """Inside each cell, u of the way along a row and v of the way down a column."""
    a, b, c, d = corner
    return (1 - v) * ((1 - u) * a + u * b) + v * ((1 - u) * c + u * d)


def _majority(raster: Raster, corners: _Corners, grid: _Grid, pieces: float) -> tuple[np.ndarray, int]:
    """The class of most pieces, the lower one where two are equal; cells without data count as a class of their own."""
    filled = np.where(raster.valid, raster.values, _NO_DATA).astype(np.int64)
    classes, code = np.unique(filled, return_inverse=True)
    votes = np.zeros((grid.rows * grid.columns, len(classes)), dtype=np.int64)
    for at in _pieces(corners, grid, np.ones(filled.shape, dtype=bool), _across(corners, grid, pieces)):
        votes += np.bincount(at * len(classes) + code.ravel(), minlength=votes.size).reshape(votes.shape)
    chosen = np.where(votes.any(axis=1), classes[votes.argmax(axis=1)], _NO_DATA)
    return chosen.astype(np.int32).reshape(grid.rows, grid.columns), _NO_DATA


def _nearest(raster: Raster, target: CRS, grid: _Grid) -> tuple[np.ndarray, int]:
    """The old cell under each new cell's centre; a centre outside the old raster holds no data."""
    rows, columns = np.indices((grid.rows, grid.columns)) + 0.5
    x, y = grid.transform.c + grid.cell_m * columns, grid.transform.f - grid.cell_m * rows
    x, y = Transformer.from_crs(target, raster.crs, always_xy=True).transform(x, y)
    back = ~raster.transform
    column, row = back.a * x + back.b * y + back.c, back.d * x + back.e * y + back.f
    height, width = raster.values.shape
    inside = (column >= 0) & (column < width) & (row >= 0) & (row < height)
    at = row[inside].astype(np.int64), column[inside].astype(np.int64)
    values = np.full((grid.rows, grid.columns), _NO_DATA, dtype=np.int32)
    values[inside] = np.where(raster.valid[at], raster.values[at], _NO_DATA)
    return values, _NO_DATA
