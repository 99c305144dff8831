"""How densely people live."""

from __future__ import annotations

import numpy as np
import pandas as pd
import shapely

from spatial.indicators.catalogue import indicator
from spatial.model.people import People
from spatial.model.provenance import OK, DataStatus
from spatial.model.zones import Zones
from spatial.operations.residents import Residents, residents_by_zone
from spatial.parameters import parameter
from spatial.text import Message


@indicator(unit="persons/km²", over="zones", better="neither", range=(0, 1_000_000), reference="craig_1984")
def population_density(people: People, zones: Zones) -> pd.DataFrame:
    """Residents per square kilometre of land of each zone.

    Land is the zone inside the study area without sea and lakes. A zone without residents has 0.

    Returns
    -------
    Columns `zone`, `value`, `n` (residents) and `status`. NaN with its reason where there is no land or residents are
    not known.

    Raises
    ------
    NotComputable : residents are unknown.
    """
    residents = residents_by_zone(people, zones)
    land_km2 = zones.land_km2.to_numpy(dtype=float)
    value = np.divide(residents.total, land_km2, out=np.full(len(zones), np.nan), where=land_km2 > 0)
    no_land = DataStatus("absent", Message("density.no_land"))
    status = [known.worse(OK if km2 > 0 else no_land) for known, km2 in zip(residents.status, land_km2, strict=True)]
    return pd.DataFrame({"zone": zones.ids, "value": value, "n": residents.total, "status": status})


@indicator(unit="persons/km²", over="all", better="neither", range=(0, 1_000_000), reference="craig_1984")
def weighted_population_density(
    people: People,
    zones: Zones,
    *,
    cell_m: float = parameter("weighted_density_cell_m"),
    land_min_pct: float = parameter("weighted_density_land_min_pct"),
) -> pd.DataFrame:
    """The density around the average resident: Σ P·(P/A) / Σ P over the squares of a fixed grid.

    P are the residents of a square of `cell_m` metres, aligned to whole multiples of the size, and A is its land
    inside the zone in square kilometres. The value depends on the size of the square. Residents at the very edge,
    whose square has less than `land_min_pct` of land, are left out.

    Returns
    -------
    Columns `zone`, `value`, `n` (residents), `n_missing` (residents left out) and `status`. NaN with its reason where
    nobody lives or residents are not known.

    Raises
    ------
    NotComputable : residents are unknown.
    """
    residents = residents_by_zone(people, zones)
    squares = _squares(people, residents, cell_m)
    zone, living = squares["zone"].to_numpy(), squares["residents"].to_numpy(dtype=float)
    area_m2 = _land_m2(squares, zones, cell_m)
    wide = (area_m2 > 0) & (area_m2 >= land_min_pct / 100 * cell_m**2)
    counted = np.where(wide, living, 0.0)
    density = np.divide(counted, area_m2 / 1e6, out=np.zeros(len(squares)), where=wide)
    felt = np.bincount(zone, weights=counted * density, minlength=len(zones))
    total = np.bincount(zone, weights=counted, minlength=len(zones))
    left_out = np.bincount(zone, weights=living - counted, minlength=len(zones))
    value = np.divide(felt, total, out=np.full(len(zones), np.nan), where=(total > 0) & ~np.isnan(residents.total))
    edge_only = DataStatus("absent", Message("density.edge_only"))
    known = zip(residents.share_statuses(), total, left_out, strict=True)
    status = [each.worse(edge_only if inner == 0 and edge > 0 else OK) for each, inner, edge in known]
    return pd.DataFrame(
        {"zone": zones.ids, "value": value, "n": residents.total, "n_missing": left_out, "status": status}
    )


def _squares(people: People, residents: Residents, cell_m: float) -> pd.DataFrame:
    """The squares with residents of each zone: zone, column, row, residents."""
    points = pd.DataFrame(
        {
            "zone": residents.zone,
            "column": np.floor(people.x / cell_m).astype(np.int64),
            "row": np.floor(people.y / cell_m).astype(np.int64),
            "residents": people.residents,
        }
    )
    points = points[(points["zone"] >= 0) & (points["residents"] > 0)]
    squares: pd.DataFrame = points.groupby(["zone", "column", "row"], as_index=False)[["residents"]].sum()
    return squares


def _land_m2(squares: pd.DataFrame, zones: Zones, cell_m: float) -> np.ndarray:
    """Land of each square inside its zone, in square metres."""
    west, south = squares["column"].to_numpy() * cell_m, squares["row"].to_numpy() * cell_m
    shapes = shapely.box(west, south, west + cell_m, south + cell_m)
    land = zones.table.geometry.to_numpy()
    shapely.prepare(land)
    own = land[squares["zone"].to_numpy()]
    area_m2 = np.full(len(squares), float(cell_m) ** 2)
    cut = ~shapely.contains_properly(own, shapes)
    area_m2[cut] = shapely.area(shapely.intersection(own[cut], shapes[cut]))
    return area_m2
