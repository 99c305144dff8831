"""Everything that stands in the district and around it, plot by plot, each from its own stream of chance."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import shapely

from generator.features import Area, Line, Site
from generator.greens import make_park, make_river
from generator.homes import STYLES, make_homes
from generator.network import knit, without_islands
from generator.old_town import make_old_town, make_village
from generator.parcels import Ground, Parcel, make_ground
from generator.place import SEED
from generator.streets import make_streets
from generator.transit import make_transit
from generator.workplaces import make_workplace

KINDERGARTENS_MAPPED = 8  # in OSM; the others are buildings without a name there


class City(NamedTuple):
    """The ground, and what is built and drawn on it; `lines` are knitted."""

    ground: Ground
    site: Site
    lines: list[Line]
    streets: list[Line]


def make_city() -> City:
    """Build the whole city."""
    ground = make_ground()
    streets = make_streets(ground)
    walls = [line.shape for line in streets if line.level == 0 and line.tags["name"] != "西环公路"]
    tree = shapely.STRtree(walls)
    (shopping,) = {line.shape for line in streets if line.tags["name"] == "老街"}
    site = Site()
    old: dict[str, list[Parcel]] = {}
    for number, parcel in enumerate([*ground.parcels, *ground.around]):
        rng = np.random.default_rng([SEED, number])
        kind = parcel.plot.kind
        if kind == "old":
            old.setdefault(parcel.block, []).append(parcel)
        elif kind in STYLES:
            site.add(make_homes(parcel, tree, rng))
        elif kind == "village":
            site.add(make_village(parcel, rng))
        elif kind in ("park", "lake_park"):
            site.add(make_park(parcel, tree))
        elif kind != "belt":  # drawn with the river
            site.add(make_workplace(parcel, tree, rng))
    for number, parcels in enumerate(old.values()):
        site.add(make_old_town(parcels, shopping, np.random.default_rng([SEED, 5000 + number])))
    site.add(make_river(ground))
    site.add(make_transit(tree, ground.box))
    ways = shapely.union_all([line.shape for line in site.lines if "highway" in line.tags])
    site.areas = [a for a in site.areas if a.tags.get("water") != "pond" or not a.shape.intersects(ways)]
    lines = [line for line in [*streets, *site.lines] if line.shape.within(ground.box.buffer(1e-6))]
    lines = without_islands(knit(lines, len(streets), ground.box))
    paved = shapely.union_all([line.shape for line in lines if "highway" in line.tags])
    free = [ground.box.contains(b.shape) and not b.shape.intersects(paved) for b in site.buildings]
    site.buildings = [building for building, stands in zip(site.buildings, free, strict=True) if stands]
    return City(ground, site, lines, streets)


def osm_areas(city: City) -> list[Area]:
    """All areas of the OSM file, in the order in which they are written: what is drawn, then buildings."""
    areas, mapped = [*city.site.areas], 0
    for building in city.site.buildings:
        tags = {"building": building.building, **building.tags}
        if building.mapped and building.levels:
            tags["building:levels"] = str(building.levels)
        if tags.get("amenity") == "kindergarten":
            mapped += 1
            if mapped > KINDERGARTENS_MAPPED:
                tags = {key: value for key, value in tags.items() if key not in ("amenity", "name")}
        areas.append(Area(building.shape, tags))
    return areas
