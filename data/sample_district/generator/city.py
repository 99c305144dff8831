"""Everything that stands in the district and around it, plot by plot, each from its own stream of chance."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import shapely

from generator.features import Line, Site
from generator.greens import make_park, make_river
from generator.homes import STYLES, make_homes
from generator.network import knit
from generator.old_town import make_old_town, make_village
from generator.parcels import Ground, Parcel, make_ground
from generator.place import SEED
from generator.streets import make_streets
from generator.transit import make_transit
from generator.workplaces import make_workplace


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
            site.add(make_park(parcel, tree, rng))
        elif kind != "belt":  # drawn with the river
            site.add(make_workplace(parcel, tree, rng))
    for number, parcels in enumerate(old.values()):
        site.add(make_old_town(parcels, shopping, np.random.default_rng([SEED, 5000 + number])))
    site.add(make_river(ground))
    site.add(make_transit(tree, ground.box))
    ways = shapely.union_all([line.shape for line in site.lines if "highway" in line.tags])
    site.areas = [a for a in site.areas if a.tags.get("water") != "pond" or not a.shape.intersects(ways)]
    site.buildings = [b for b in site.buildings if shapely.contains(ground.box, b.shape)]
    lines = [line for line in [*streets, *site.lines] if line.shape.within(ground.box.buffer(1e-6))]
    return City(ground, site, knit(lines, len(streets), ground.box), streets)
