"""Places people go to: shops, schools, parks. A park with ten gates is one park."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import geopandas as gpd
import pandas as pd

from spatial.errors import InputError
from spatial.model.layer import Layer
from spatial.model.provenance import OK, DataStatus
from spatial.text import Message

DAILY_NEEDS = ("food_shop", "school", "kindergarten", "pharmacy_or_clinic", "park", "restaurant_or_cafe")


@dataclass(frozen=True, eq=False)
class Places(Layer):
    """Places by category, each with one entrance or more.

    Parameters
    ----------
    table : index `place` (0 … n−1), columns `category`, `name` ("" when unnamed), `osm_id`, `geometry`
        (point or polygon, study system). An object that serves two needs stands twice, once a category.
    entrances : columns `place` (index into the table), `x`, `y` (metres). Every place has at least one.
    statuses : per category, whether its places may be trusted; a category of the study's list that the source
        does not have at all is absent.
    """

    table: gpd.GeoDataFrame
    entrances: pd.DataFrame
    statuses: Mapping[str, DataStatus] = field(default_factory=dict)
    token: str = field(init=False)

    def __post_init__(self) -> None:
        without = set(self.table.index) - set(self.entrances["place"])
        if without:
            raise InputError(Message("places.no_entrance", {"count": len(without)}))
        self._seal(self.table, self.entrances, sorted(self.statuses.items()))

    def __len__(self) -> int:
        return len(self.table)

    @property
    def categories(self) -> tuple[str, ...]:
        """Categories with at least one place, in alphabetical order."""
        return tuple(sorted(self.table["category"].unique()))

    def data_status(self, item: str = "") -> DataStatus:
        if item:
            return self.statuses.get(item, OK)
        worst = OK
        for status in self.statuses.values():
            worst = worst.worse(status)
        return worst
