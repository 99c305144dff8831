"""Who lives where: floor space of homes, fuller where it is older, scaled to 60 000 residents of the district."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import shapely

from generator.city import City
from generator.shapes import Building

RESIDENTS = 60_000
# Share of homes lived in, by the year from which they stand: new compounds fill slowly.
LIVED_IN = [(2019, 0.38), (2016, 0.62), (2010, 0.82), (1990, 0.92), (0, 0.80)]


class People(NamedTuple):
    """Homes as points in EPSG:4547 with whole numbers of residents; `inside`: whether in the district."""

    at: np.ndarray
    residents: np.ndarray
    inside: np.ndarray


def make_people(city: City) -> People:
    """Residents of each home; those in the district sum to exactly RESIDENTS, those around it have the same density."""
    homes = [b for b in city.site.buildings if b.use == "housing"]
    at = shapely.get_coordinates(shapely.centroid([home.shape for home in homes]))
    weight = np.array([home.floor_m2 * _lived_in(home) for home in homes])
    inside = shapely.contains(city.ground.district, shapely.points(at))
    exact = weight * RESIDENTS / weight[inside].sum()
    residents = np.zeros(len(homes), dtype=np.int64)
    for part, total in ((inside, RESIDENTS), (~inside, round(float(exact[~inside].sum())))):
        residents[part] = _whole(exact[part], total)
    return People(at, residents, inside)


def _lived_in(home: Building) -> float:
    return next(share for year, share in LIVED_IN if home.year >= year)


def _whole(exact: np.ndarray, total: int) -> np.ndarray:
    """Whole numbers that sum to the total: the largest remainders are rounded up."""
    whole = np.floor(exact).astype(np.int64)
    order = np.argsort(whole - exact, kind="stable")
    whole[order[: total - int(whole.sum())]] += 1
    return whole
