"""Whether data may be trusted: what is missing, and what lies below a published floor."""

from __future__ import annotations

from collections.abc import Sequence

import geopandas as gpd
import numpy as np

from spatial.model.land_use import Buildings
from spatial.model.provenance import OK, DataStatus
from spatial.parameters import parameter
from spatial.text import Message, Value


def place_statuses(places: gpd.GeoDataFrame, categories: Sequence[str], residents: float) -> dict[str, DataStatus]:
    """Each category's status: absent when it does not occur, doubtful when it is far rarer than people need.

    Parameters
    ----------
    places : column `category`, one row a place.
    categories : those the study asks for; each has its row `floor_<category>_per_1000` of the parameters.
    residents : people who live among the places; NaN when unknown: then only absence can be told.
    """
    counts = places["category"].value_counts()
    return {category: _place_status(category, int(counts.get(category, 0)), residents) for category in categories}


def buildings_status(
    buildings: Buildings, *, floor_pct: float = parameter("floor_buildings_with_levels_pct")
) -> DataStatus:
    """Doubtful where too few buildings have levels or a height to know floor area; absent without buildings."""
    table = buildings.table
    if table.empty:
        return DataStatus("absent", Message("floor.no_buildings"))
    known = float(100 * (table["levels"].notna() | table["height_m"].notna()).mean())
    if known >= floor_pct:
        return OK
    return DataStatus("doubtful", Message("floor.levels", {"share": known, "floor": floor_pct}))


def land_use_status(mapped_pct: float, *, floor_pct: float = parameter("floor_mapped_built_up_pct")) -> DataStatus:
    """Doubtful where land use is known over too little of the built-up zone, or where that zone is unknown."""
    if np.isnan(mapped_pct):
        return DataStatus("doubtful", Message("floor.built_up_unknown"))
    if mapped_pct >= floor_pct:
        return OK
    return DataStatus("doubtful", Message("floor.land_use", {"share": mapped_pct, "floor": floor_pct}))


def _place_status(category: str, count: int, residents: float) -> DataStatus:
    name = Message(f"category.{category}")
    if count == 0:
        return DataStatus("absent", Message("floor.place_absent", {"category": name}))
    floor = parameter(f"floor_{category}_per_1000")
    if np.isnan(residents) or residents <= 0 or 1000 * count / residents >= floor:
        return OK
    values: dict[str, Value] = {
        "category": name,
        "count": count,
        "residents": residents,
        "rate": 1000 * count / residents,
        "floor": floor,
    }
    return DataStatus("doubtful", Message("floor.place_rare", values))
