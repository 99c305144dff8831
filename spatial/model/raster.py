"""An array with its place on earth."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

import numpy as np
from affine import Affine
from pyproj import CRS

from spatial.errors import CrsError
from spatial.model.layer import Layer
from spatial.text import Message

RasterKind = Literal["counts", "classes", "years", "share"]


@dataclass(frozen=True, eq=False)
class Raster(Layer):
    """One band of cells.

    Parameters
    ----------
    values : two-dimensional; masked cells are NaN in float rasters and equal `nodata` in integer ones.
    transform : affine map from (column, row) to (x, y) of the cell's upper left corner.
    crs : the coordinate system of x and y.
    nodata : the value that means "no data" in an integer raster; None in a float one.
    kind : counts (people or jobs per cell: their total is conserved), classes, years, or share.
    """

    values: np.ndarray
    transform: Affine
    crs: CRS
    nodata: int | None
    kind: RasterKind
    token: str = field(init=False)

    def __post_init__(self) -> None:
        if self.crs is None:
            raise CrsError(Message("crs.missing"))
        self._seal(self.values, tuple(self.transform), CRS.from_user_input(self.crs).to_wkt(), self.nodata, self.kind)

    @property
    def valid(self) -> np.ndarray:
        """True where a cell holds a value."""
        valid: np.ndarray = np.isfinite(self.values) if self.nodata is None else self.values != self.nodata
        return valid

    @property
    def cell_area(self) -> float:
        """Area of a cell in squared units of the coordinate system (square metres when projected)."""
        return abs(self.transform.a * self.transform.e - self.transform.b * self.transform.d)

    def centres(self) -> tuple[np.ndarray, np.ndarray]:
        """The x and y of every cell's centre, both of the shape of `values`."""
        grid = np.indices(self.values.shape).astype(np.float64) + 0.5
        rows: np.ndarray = grid[0]
        columns: np.ndarray = grid[1]
        t = self.transform
        return t.a * columns + t.b * rows + t.c, t.d * columns + t.e * rows + t.f
