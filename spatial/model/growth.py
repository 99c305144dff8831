"""How the built-up area grew, and the boundary that it was meant to stay inside."""

from __future__ import annotations

from dataclasses import dataclass, field

import shapely

from spatial.model.layer import Layer
from spatial.model.provenance import OK, DataStatus
from spatial.model.raster import Raster


@dataclass(frozen=True, eq=False)
class Growth(Layer):
    """Built-up land by date and a growth boundary.

    Parameters
    ----------
    first_built : the year in which each cell was first built up (kind "years"), in any system; cells
        never built hold its nodata value.
    boundary : the growth boundary in the raster's coordinate system.
    boundary_legal : False for a stand-in, which every output then says.
    observed_until : the last year that is observed; later years in the raster are projections and are left out.
    """

    first_built: Raster
    boundary: shapely.Geometry
    boundary_legal: bool
    observed_until: int
    status: DataStatus = OK
    token: str = field(init=False)

    def __post_init__(self) -> None:
        self._seal(self.first_built.token, self.boundary, self.boundary_legal, self.observed_until, self.status)

    def data_status(self, item: str = "") -> DataStatus:
        return self.status
