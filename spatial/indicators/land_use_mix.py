"""How well uses are mixed."""

from __future__ import annotations

import numpy as np
import pandas as pd
import shapely

from spatial.indicators.catalogue import indicator
from spatial.model.land_use import LandUse
from spatial.model.provenance import OK, DataStatus
from spatial.model.zones import Zones
from spatial.operations.diversity import relative_entropy
from spatial.operations.overlay import UNCLASSIFIED, intersections
from spatial.parameters import parameter
from spatial.text import Message


@indicator(unit="0–1", better="neither", range=(0, 1), reference="cervero_kockelman_1997")
def land_use_entropy(
    land_use: LandUse, zones: Zones, *, floor_mapped_built_up_pct: float = parameter("floor_mapped_built_up_pct")
) -> pd.DataFrame:
    """How evenly the land with a function is spread over the functions of the mix: 0 one of them, 1 all alike.

    E = −Σ p ln p / ln k, p: share of a class in the land of all `land_use.classes` inside the zone, k: their
    fixed number, so that a class that is missing counts. Open land, transport, water, building sites and land
    without a known use are in no share.

    Returns
    -------
    Columns `zone`, `value`, `n` (m² of land with a function), `n_missing` (m² of the built-up zone whose use is
    not known) and `status`: doubtful where the use of less than `floor_mapped_built_up_pct` of the zone's built-up
    part is known, absent where no land has a function.
    """
    shapes = zones.table.geometry.to_numpy()
    amounts = _areas_by_class(land_use, shapes)
    built_m2, known_m2 = _built_up(land_use, shapes)
    function_m2 = amounts.sum(axis=1)
    share = np.divide(100 * known_m2, built_m2, out=np.full(len(zones), np.nan), where=built_m2 > 0)
    return pd.DataFrame(
        {
            "zone": zones.ids,
            "value": relative_entropy(amounts),
            "n": function_m2,
            "n_missing": np.maximum(built_m2 - known_m2, 0),
            "status": [_status(*row, floor_mapped_built_up_pct) for row in zip(function_m2, share, strict=True)],
        }
    )


def _areas_by_class(land_use: LandUse, zones: np.ndarray) -> np.ndarray:
    """Square metres by zone (rows) and class of the mix (columns)."""
    table = land_use.table[land_use.table["use"].isin(land_use.classes)]
    column = pd.Index(land_use.classes).get_indexer(table["use"])
    use, zone, pieces = intersections(table.geometry.to_numpy(), zones)
    amounts = np.zeros((len(zones), len(land_use.classes)))
    np.add.at(amounts, (zone, column[use]), shapely.area(pieces) * table["share"].to_numpy()[use])
    return amounts


def _built_up(land_use: LandUse, zones: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Square metres of each zone's built-up part, and of that part those with a known use."""
    known = land_use.table[land_use.table["use"] != UNCLASSIFIED]
    _, zone, built = intersections(np.array([land_use.built_up]), zones)
    built_m2 = np.bincount(zone, weights=shapely.area(built), minlength=len(zones))
    row, piece, both = intersections(known.geometry.to_numpy(), built)
    known_m2 = shapely.area(both) * known["share"].to_numpy()[row]
    return built_m2, np.bincount(zone[piece], weights=known_m2, minlength=len(zones))


def _status(function_m2: float, mapped_pct: float, floor_pct: float) -> DataStatus:
    if function_m2 == 0:
        return DataStatus("absent", Message("land_use.no_function"))
    if np.isnan(mapped_pct) or mapped_pct >= floor_pct:
        return OK
    return DataStatus("doubtful", Message("land_use.zone_unmapped", {"share": float(mapped_pct), "floor": floor_pct}))
