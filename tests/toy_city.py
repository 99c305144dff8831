"""A toy city whose every number can be worked out by hand.

A regular grid of square blocks, `n` by `n` of them, `block_m` metres wide (100 unless told), in EPSG:32627 (metres).
Its south-west corner stands at `CORNER`. Node (column i, row j) has the position `j * (n + 1) + i`; edges run first all
eastward (row by row), then all northward (column by column). Every street may be walked, cycled and driven both ways.

For n blocks a side: (n + 1)² nodes, 2 n (n + 1) edges, n² blocks of 1 ha, 2 n (n + 1) × 0.1 km of street.

    area = toy_area(4)                        # the square that the grid fills, with `margin_m` of land around it
    streets = grid_city(4)                    # representation "streets"; representation="paths" to walk on
    people = toy_people([(50, 0, 10)])        # 10 residents 50 m east of the corner, on the southernmost street
    places = toy_places({"school": [(200, 0)]})
    zones = whole_area(area), or square_grid(area, size_m=200)
    district = toy_district(4)                # all of it: see its docstring

All coordinates that these functions take are metres from `CORNER`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from pyproj import CRS

from spatial.model.district import District
from spatial.model.people import People
from spatial.model.places import Places
from spatial.model.provenance import DataStatus
from spatial.model.streets import Representation, StreetNetwork
from spatial.model.study_area import StudyArea
from spatial.model.zones import square_grid

TOY_CRS = CRS.from_epsg(32627)
CORNER = (450_000.0, 7_110_000.0)
DAILY_NEEDS = ("food_shop", "school", "kindergarten", "pharmacy_or_clinic", "park", "restaurant_or_cafe")


def network(
    places: Sequence[tuple[float, float]] | np.ndarray,
    links: Iterable[Sequence[int]],
    *,
    representation: Representation = "paths",
    lines: Mapping[int, Sequence[tuple[float, float]]] | None = None,
    corner: tuple[float, float] = CORNER,
    **columns: object,
) -> StreetNetwork:
    """A network from node places and (u, v) links; `lines` gives bends by link, `columns` overrides edge columns."""
    xy = np.asarray(places, dtype=float).reshape(-1, 2) + np.asarray(corner)
    nodes = pd.DataFrame({"x": xy[:, 0], "y": xy[:, 1], "osm_id": np.arange(len(xy), dtype=np.int64) + 1})
    nodes["analysed"] = True
    uv = np.asarray(list(links), dtype=np.int32).reshape(-1, 2)
    bends = lines or {}
    shapes = [
        shapely.LineString([xy[u], *(np.asarray(bends.get(i, [])).reshape(-1, 2) + np.asarray(corner)), xy[v]])
        for i, (u, v) in enumerate(uv)
    ]
    edges = gpd.GeoDataFrame(
        {
            "u": uv[:, 0],
            "v": uv[:, 1],
            "length_m": shapely.length(np.asarray(shapes, dtype=object)),
            "way_id": np.arange(len(uv), dtype=np.int64) + 1,
            "highway": "residential",
            "name": "",
            "bridge": False,
            "tunnel": False,
            "walk": True,
            "cycle": True,
            "drive": np.full(len(uv), 2, dtype=np.int8),
        },
        geometry=np.asarray(shapes, dtype=object),
        crs=TOY_CRS,
    )
    for name, values in columns.items():
        edges[name] = values
    edges["drive"] = edges["drive"].astype(np.int8)
    return StreetNetwork(nodes, edges, representation)


def grid_city(
    n: int,
    *,
    block_m: float = 100.0,
    representation: Representation = "streets",
    corner: tuple[float, float] = CORNER,
) -> StreetNetwork:
    """The street grid of n by n blocks."""
    at = np.arange((n + 1) ** 2).reshape(n + 1, n + 1)
    places = [(i * block_m, j * block_m) for j in range(n + 1) for i in range(n + 1)]
    eastward = [(at[j, i], at[j, i + 1]) for j in range(n + 1) for i in range(n)]
    northward = [(at[j, i], at[j + 1, i]) for i in range(n + 1) for j in range(n)]
    return network(places, eastward + northward, representation=representation, corner=corner)


def toy_area(
    n: int, *, block_m: float = 100.0, margin_m: float = 50.0, corner: tuple[float, float] = CORNER
) -> StudyArea:
    """The square that the grid fills, with a margin of land around it and no water."""
    west, south = corner[0] - margin_m, corner[1] - margin_m
    side = n * block_m + 2 * margin_m
    return StudyArea("Toy", shapely.box(west, south, west + side, south + side), 0.0, TOY_CRS)


def toy_people(homes: Iterable[tuple[float, float, float]], *, corner: tuple[float, float] = CORNER) -> People:
    """Homes as (x, y, residents); no jobs are known."""
    table = np.asarray(list(homes), dtype=float).reshape(-1, 3)
    unknown = np.full(len(table), np.nan)
    group = np.full(len(table), "", dtype=object)
    return People(table[:, 0] + corner[0], table[:, 1] + corner[1], table[:, 2].copy(), unknown, group, "dwellings")


def toy_places(
    points: Mapping[str, Sequence[tuple[float, float]]],
    *,
    statuses: Mapping[str, DataStatus] | None = None,
    corner: tuple[float, float] = CORNER,
) -> Places:
    """Places as points by category; each is its own entrance."""
    rows = [(category, x + corner[0], y + corner[1]) for category, xy in points.items() for x, y in xy]
    frame = pd.DataFrame(rows, columns=["category", "x", "y"])
    table = gpd.GeoDataFrame(
        {"category": frame["category"], "name": "", "osm_id": [f"node/{i}" for i in range(len(frame))]},
        geometry=shapely.points(frame["x"].to_numpy(float), frame["y"].to_numpy(float)),
        crs=TOY_CRS,
    )
    entrances = pd.DataFrame({"place": np.arange(len(frame)), "x": frame["x"], "y": frame["y"]})
    return Places(table, entrances, dict(statuses or {}))


def toy_district(n: int = 4) -> District:
    """A whole district of n by n blocks and 50 m of land around it.

    Ten residents live at the middle of every eastward edge. One place of each daily need stands at the node in the
    south-west corner. Zones are squares of 200 m aligned to multiples of 200 m, as `square_grid` makes them.
    """
    area = toy_area(n)
    homes = [(i * 100 + 50, j * 100, 10) for j in range(n + 1) for i in range(n)]
    return District(
        area=area,
        zones=square_grid(area, size_m=200),
        paths=grid_city(n, representation="paths"),
        streets=grid_city(n),
        people=toy_people(homes),
        places=toy_places({category: [(0.0, 0.0)] for category in DAILY_NEEDS}),
    )
