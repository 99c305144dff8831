"""How densely people live."""

from __future__ import annotations

import numpy as np
import pandas as pd
import shapely

from spatial.errors import NotComputable
from spatial.indicators.catalogue import indicator
from spatial.model.people import People
from spatial.model.zones import Zones
from spatial.parameters import parameter
from spatial.text import Message


@indicator(unit="persons/km²", over="zones", better="neither", range=(0, 1_000_000), reference="craig_1984")
def population_density(people: People, zones: Zones) -> pd.Series:
    """Residents per square kilometre of land of each zone.

    Land is the zone inside the study area without sea and lakes. A zone without residents has 0, one without land NaN.

    Raises
    ------
    NotComputable : residents are unknown.
    """
    located = zones.locate(people.x, people.y)
    residents = np.bincount(located[located >= 0], weights=_residents(people)[located >= 0], minlength=len(zones))
    return _per_km2(pd.Series(residents, index=zones.ids), zones.land_km2)


@indicator(unit="persons/km²", over="all", better="neither", range=(0, 1_000_000), reference="craig_1984")
def weighted_population_density(
    people: People, zones: Zones, *, cell_m: float = parameter("weighted_density_cell_m")
) -> pd.Series:
    """The density around the average resident: Σ P·(P/A) / Σ P over the squares of a fixed grid.

    P are the residents of a square of `cell_m` metres, aligned to whole multiples of the size, and A is its land
    inside the zone in square kilometres. NaN for a zone without residents. The value depends on the size of the square.

    Raises
    ------
    NotComputable : residents are unknown.
    """
    located = zones.locate(people.x, people.y)
    cells = pd.DataFrame(
        {
            "zone": located,
            "column": np.floor(people.x / cell_m).astype(np.int64),
            "row": np.floor(people.y / cell_m).astype(np.int64),
            "residents": _residents(people),
        }
    )
    cells = cells[(cells["zone"] >= 0) & (cells["residents"] > 0)]
    squares = cells.groupby(["zone", "column", "row"], as_index=False)["residents"].sum()
    west, south = squares["column"].to_numpy() * cell_m, squares["row"].to_numpy() * cell_m
    shapes = shapely.box(west, south, west + cell_m, south + cell_m)
    land = zones.table.geometry.to_numpy()
    shapely.prepare(land)
    own = land[squares["zone"].to_numpy()]
    area_m2 = np.full(len(squares), float(cell_m) ** 2)
    cut = ~shapely.contains_properly(own, shapes)
    area_m2[cut] = shapely.area(shapely.intersection(own[cut], shapes[cut]))
    people_here = squares["residents"].to_numpy()
    zone = squares["zone"].to_numpy()
    felt = np.bincount(zone, weights=people_here**2 / (area_m2 / 1e6), minlength=len(zones))
    total = np.bincount(zone, weights=people_here, minlength=len(zones))
    with np.errstate(invalid="ignore"):
        return pd.Series(felt / total, index=zones.ids)


def _residents(people: People) -> np.ndarray:
    if not len(people) or np.isnan(people.residents).any():
        raise NotComputable(Message("density.residents_unknown"))
    return people.residents


def _per_km2(amount: pd.Series, land_km2: pd.Series) -> pd.Series:
    return amount / land_km2.where(land_km2 > 0)
