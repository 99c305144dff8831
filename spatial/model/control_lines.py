"""Lines that growth is to respect: the growth boundary, and land that is not to be built on."""

from __future__ import annotations

from dataclasses import dataclass, field

import geopandas as gpd

from spatial.model.layer import Layer

GROWTH_BOUNDARY = "growth_boundary"
ROLES = (GROWTH_BOUNDARY, "ecological_redline", "basic_farmland")


@dataclass(frozen=True, eq=False)
class ControlLines(Layer):
    """Control lines as polygons.

    Parameters
    ----------
    table : columns `role` (one of `ROLES`), `name` (as readers call it), `legal` (bool: False for a stand-in that
        nobody has adopted) and `geometry` (polygons, study system), one row a line.
    """

    table: gpd.GeoDataFrame
    token: str = field(init=False)

    def __post_init__(self) -> None:
        self._seal(self.table)

    def with_role(self, role: str) -> gpd.GeoDataFrame:
        """The lines of one role."""
        table = self.table
        chosen: gpd.GeoDataFrame = table[table["role"] == role]
        return chosen
