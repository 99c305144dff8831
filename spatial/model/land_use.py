"""Land use as polygons in one class scheme, and the buildings that stand on it."""

from __future__ import annotations

from dataclasses import dataclass, field

import geopandas as gpd
import shapely

from spatial.model.layer import Layer
from spatial.model.provenance import OK, DataStatus


@dataclass(frozen=True, eq=False)
class LandUse(Layer):
    """Use polygons that do not overlap.

    Parameters
    ----------
    table : columns `use` (a class of the urban scheme, or "unclassified"), `share` (of the polygon that is of this
        use, 0–1; 1 where the column is not given), `tag` (as the source has it) and `geometry` (study system, no
        overlaps). A polygon of mixed use stands once a use, and its shares sum to 1.
    scheme : name of the source's class scheme ("osm", …); several joined by "+" for a plan that mixes them.
    classes : the fixed list of classes that a mix is taken over; its length is the k of the entropy.
    built_up : outline of the built-up zone, to see how much of it is mapped; empty when unknown.
    status : doubtful when too little of the built-up zone is mapped.
    """

    table: gpd.GeoDataFrame
    scheme: str
    classes: tuple[str, ...]
    built_up: shapely.Geometry = field(default_factory=shapely.MultiPolygon)
    status: DataStatus = OK
    token: str = field(init=False)

    def __post_init__(self) -> None:
        table = self.table
        if "share" not in table:
            table["share"] = 1.0
            object.__setattr__(self, "table", table)
        self._seal(self.table, self.scheme, self.classes, self.built_up, self.status)

    def data_status(self, item: str = "") -> DataStatus:
        return self.status


@dataclass(frozen=True, eq=False)
class Buildings(Layer):
    """Buildings.

    Parameters
    ----------
    table : columns `building` (the tag's value), `levels` (float, NaN: not mapped), `height_m` (float, NaN),
        `tags` (the few tags that tell a home from a shop, as "key=value" joined by ";"), `osm_id`
        ("way/…" or "relation/…") and `geometry` (study system).
    status : doubtful when too few buildings have levels or heights; concerns floor area only.
    """

    table: gpd.GeoDataFrame
    status: DataStatus = OK
    token: str = field(init=False)

    def __post_init__(self) -> None:
        self._seal(self.table, self.status)

    def data_status(self, item: str = "") -> DataStatus:
        return self.status
