"""A small made-up district for tests of maps: a grid of zones, a few streets, stops, water and three indicators."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from pyproj import CRS

from spatial.model.district import District
from spatial.model.places import Places
from spatial.model.provenance import Source
from spatial.model.results import COLUMNS, Missing, ResultTable
from spatial.model.streets import StreetNetwork
from spatial.model.study_area import StudyArea
from spatial.model.transit import TransitSupply
from spatial.model.zones import Zones
from spatial.text import Message

UTM = CRS.from_epsg(32627)
X0, Y0, CELL = 454_000.0, 7_110_000.0, 250.0
HOSTILE = '</script><img src=http://evil.example/x.png onerror="window.hacked=1">'
OSM = "© OpenStreetMap contributors"


def toy_district(side: int = 12, *, name: str = "Toy city", hostile: bool = False) -> District:
    """`side` × `side` cells; the south-eastern corner is water; the first cell carries a name."""
    extent = side * CELL
    water = shapely.box(X0 + 0.7 * extent, Y0 - extent, X0 + 3 * extent, Y0 + 0.35 * extent)
    area = StudyArea(name, shapely.box(X0, Y0, X0 + extent, Y0 + extent), 200.0, UTM, water)
    column, row = (a.ravel() for a in np.meshgrid(np.arange(side), np.arange(side)))
    west, south = X0 + column * CELL, Y0 + row * CELL
    cells = shapely.difference(shapely.box(west, south, west + CELL, south + CELL), water)
    names = np.full(len(cells), "", dtype=object)
    names[0] = HOSTILE if hostile else "Old harbour"
    names[side * side // 2 : side * side // 2 + side // 2] = "Hillside"
    table = gpd.GeoDataFrame(
        {"name": names, "land_m2": shapely.area(cells)},
        geometry=cells,
        index=[f"{c}_{r}" for c, r in zip(column, row, strict=True)],
        crs=UTM,
    )
    zones = Zones(table[table["land_m2"] > 1], "grid")
    sources = (
        Source("paths", "streets.osm.pbf", "streets.osm.pbf", "2019-05-09", "ODbL-1.0", OSM, "0" * 64),
        Source("transit", "timetable.zip", "timetable.zip", "2019-05-15", "Open data", "Strætó bs.", "1" * 64),
    )
    return District(
        area, zones, streets=_streets(side), places=_places(extent), transit=_transit(side), sources=sources
    )


def _streets(side: int) -> StreetNetwork:
    extent = side * CELL
    lines, kinds = [], []
    for i in range(side + 1):
        kind = "primary" if i % 6 == 0 else "tertiary" if i % 3 == 0 else "residential"
        lines.append(shapely.LineString([(X0, Y0 + i * CELL), (X0 + extent, Y0 + i * CELL)]))
        lines.append(shapely.LineString([(X0 + i * CELL, Y0), (X0 + i * CELL, Y0 + extent)]))
        kinds += [kind, kind]
    ends = np.array([(*line.coords[0], *line.coords[-1]) for line in lines]).reshape(-1, 2)
    nodes = pd.DataFrame({"x": ends[:, 0], "y": ends[:, 1], "osm_id": -1, "analysed": True})
    edges = gpd.GeoDataFrame(
        {
            "u": np.arange(0, len(ends), 2), "v": np.arange(1, len(ends), 2), "length_m": extent, "way_id": 1,
            "highway": kinds, "name": "", "bridge": False, "tunnel": False, "walk": True, "cycle": True,
            "drive": np.int8(2),
        },
        geometry=lines, crs=UTM,
    )  # fmt: skip
    return StreetNetwork(nodes, edges, "streets")


def _places(extent: float) -> Places:
    park = shapely.box(X0 + 0.1 * extent, Y0 + 0.6 * extent, X0 + 0.35 * extent, Y0 + 0.85 * extent)
    table = gpd.GeoDataFrame({"category": ["park"], "name": [""], "osm_id": ["way/1"]}, geometry=[park], crs=UTM)
    entrances = pd.DataFrame({"place": [0], "x": [park.centroid.x], "y": [park.centroid.y]})
    return Places(table, entrances)


def _transit(side: int) -> TransitSupply:
    at = shapely.points(X0 + np.arange(1, side) * CELL, Y0 + np.arange(1, side) * CELL)
    table = gpd.GeoDataFrame(
        {"name": [f"Stop {i}" for i in range(1, side)], "station": "s", "mode": "bus"},
        geometry=at, index=[f"s{i}" for i in range(1, side)], crs=UTM,
    )  # fmt: skip
    departures = pd.DataFrame({"stop": table.index, "route": "r", "direction": "0", "trip": "t", "time_s": 25_200})
    routes = pd.DataFrame({"short_name": [], "long_name": [], "mode": []})
    entrances = pd.DataFrame({"station": [], "x": [], "y": []})
    return TransitSupply(table, departures, routes, entrances, "2019-05-15", "Atlantic/Reykjavik")


def toy_results(district: District, *, seed: int = 7) -> ResultTable:
    """A density with zeros, one share at two times (doubtful in part), and one indicator that is missing."""
    rng = np.random.default_rng(seed)
    zones = district.zones.ids
    density = np.round(rng.lognormal(7, 1.2, len(zones)), 1)
    density[rng.random(len(zones)) < 0.2] = 0.0
    share = np.clip(rng.normal(55, 30, len(zones)), 0, 100)
    share[density == 0] = np.nan
    doubt = Message("crs.missing").encode()
    parts = [
        _rows(zones, "population_density", "", "", density, "persons/km²", "ok", ""),
        _rows(zones, "residents_near_daily_needs", "food_shop", "5 min", share * 0.6, "%", "ok", ""),
        _rows(zones, "residents_near_daily_needs", "food_shop", "10 min", share, "%", "doubtful", doubt),
        _rows(["all"], "population_density", "", "", [2345.678], "persons/km²", "ok", ""),
        _rows(["all"], "residents_near_daily_needs", "food_shop", "10 min", [54.321], "%", "doubtful", doubt),
    ]
    table = pd.concat(parts, ignore_index=True)
    some = (table["at"] == "5 min") & (table.index % 5 == 0)
    table.loc[some, "data_status"], table.loc[some, "reason"] = "doubtful", doubt
    return ResultTable(table, (Missing("transport_co2", Message("people.negative")),))


def _rows(subjects, indicator, item, at, values, unit, status, reason) -> pd.DataFrame:
    frame = pd.DataFrame({"subject": list(subjects), "value": np.asarray(values, dtype=float)})
    frame["subject_kind"] = "all" if list(subjects) == ["all"] else "zone"
    fixed = {
        "study": "toy", "scenario": "baseline", "indicator": indicator, "item": item, "at": at, "period": "",
        "bound": "", "unit": unit, "n": np.nan, "n_missing": np.nan, "data_status": status, "reason": reason,
    }  # fmt: skip
    return frame.assign(**fixed)[list(COLUMNS)]
