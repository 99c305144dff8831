"""Layers of a district as map layers: simplified for drawing, in longitude and latitude, packed as short text."""

from __future__ import annotations

import csv
from functools import lru_cache
from importlib.resources import files
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from pyproj import CRS, Transformer

from spatial.model.control_lines import ROLES
from spatial.model.district import District
from spatial.model.streets import StreetNetwork
from spatial.parameters import parameter
from spatial.report.webmap.encoding import packed_geometry, packed_indices

GREEN_USES = ("green_and_open_space", "forest")
ON_FOOT = 6
LAND_KNOWN = "assemble.land"
COAST_DOUBTED = {"osm.coast_open", "osm.coast_left_land"}


class Frame:
    """What the map may show: the zones and a margin around them, in the study's system."""

    def __init__(self, district: District) -> None:
        west, south, east, north = district.zones.table.total_bounds
        margin = parameter("map_frame_margin") * max(east - west, north - south)
        self.zones_box: shapely.Polygon = shapely.box(west, south, east, north)
        self.box: shapely.Polygon = shapely.box(west - margin, south - margin, east + margin, north + margin)
        self.crs: CRS = district.area.crs
        self._turn = Transformer.from_crs(self.crs, 4326, always_xy=True)

    def home_box(self, district: District) -> shapely.Polygon:
        """What the map opens with: where nearly all residents live; all zones where residents are unknown."""
        people = district.people
        if people is None or not np.nansum(people.residents) > 0:
            return self.zones_box
        tail = (1 - parameter("map_home_pct") / 100) / 2
        (west, east), (south, north) = (_middle(axis, people.residents, tail) for axis in (people.x, people.y))
        around = float(np.sqrt(np.median(district.zones.table.area)))  # all may live at one point
        home: shapely.Polygon = shapely.box(west - around, south - around, east + around, north + around)
        return home

    def lonlat(self, shapes: np.ndarray) -> np.ndarray:
        """Shapes of the study's system in longitude and latitude."""
        return np.asarray(shapely.transform(shapes, self._degrees), dtype=object)

    def bounds(self, box: shapely.Polygon) -> list[float]:
        """West, south, east, north of a box of the study's system, in degrees."""
        corners = self.lonlat(np.array([shapely.segmentize(box, max(box.length / 40, 1.0))]))
        return [round(float(v), 5) for v in shapely.total_bounds(corners)]

    def clip(self, shapes: np.ndarray) -> np.ndarray:
        """The parts of shapes that fall into the frame."""
        return np.asarray(shapely.clip_by_rect(shapes, *self.box.bounds), dtype=object)

    def _degrees(self, xy: np.ndarray) -> np.ndarray:
        return np.column_stack(self._turn.transform(xy[:, 0], xy[:, 1]))


def _middle(places: np.ndarray, weights: np.ndarray, tail: float) -> tuple[float, float]:
    """The stretch of an axis that leaves out `tail` of the weight at either end."""
    order = np.argsort(places, kind="stable")
    share = np.cumsum(np.nan_to_num(weights[order])) / np.nansum(weights)
    first, last = np.searchsorted(share, [tail, 1 - tail])
    return float(places[order][first]), float(places[order][min(last, len(order) - 1)])


def water_unknown(district: District) -> bool:
    """Whether sea and lakes are missing because nothing says where they are, not because there are none."""
    said = {entry.message.key for entry in district.ledger}
    return bool(shapely.is_empty(district.area.water)) and (LAND_KNOWN not in said or bool(said & COAST_DOUBTED))


def drawn_layers(district: District, frame: Frame) -> dict[str, Any]:
    """Every layer that the district has, by name, packed; the ones it lacks are not there."""
    made = {
        "water": _water(district, frame),
        "land": _areas(np.array([district.area.boundary]), frame, parameter("map_water_simplify_m")),
        "green": _green(district, frame),
        "boundary": _boundary(district, frame),
        "streets": _streets(district, frame),
        "footpaths": _footpaths(district, frame),
        "stops": _stops(district, frame),
        **{role: _control_lines(district, frame, role) for role in ROLES},
    }
    return {name: layer for name, layer in made.items() if layer is not None}


def packed_zones(district: District, frame: Frame) -> dict[str, Any]:
    """Outlines, ids and names of the zones, in their order."""
    table = district.zones.table
    names = table["name"].fillna("").astype(str)
    known = sorted(set(names) - {""})
    place = {name: i + 1 for i, name in enumerate(known)}
    shapes = _simplified(table.geometry.to_numpy(), parameter("map_simplify_m"))
    return {
        "shapes": packed_geometry(frame.lonlat(shapes)),
        "ids": [str(zone) for zone in table.index],
        "names": known,
        "name": packed_indices([place.get(name, 0) for name in names]),
    }


def labels(district: District, frame: Frame) -> list[list[Any]]:
    """Names to write on the map, the largest area first: text, longitude, latitude of a point inside its zones."""
    table = district.zones.table
    named = table[table["name"].fillna("").astype(str) != ""]
    if named.empty:
        return []
    centre = shapely.centroid(named.geometry.to_numpy())
    points = pd.DataFrame(
        {
            "name": named["name"].astype(str),
            "land": named["land_m2"],
            "x": shapely.get_x(centre),
            "y": shapely.get_y(centre),
        }
    )
    points["shape"] = named.geometry.to_numpy()
    found = []
    for name, group in points.groupby("name", sort=True):
        x, y = (np.average(group[axis], weights=group["land"] + 1) for axis in ("x", "y"))
        nearest = group.iloc[int(np.argmin(np.hypot(group["x"] - x, group["y"] - y)))]
        found.append((-float(group["land"].sum()), str(name), shapely.point_on_surface(nearest["shape"])))
    found.sort(key=lambda entry: entry[:2])
    turned = shapely.get_coordinates(frame.lonlat(np.array([point for *_, point in found])))
    return [[name, round(x, 5), round(y, 5)] for (_, name, _), (x, y) in zip(found, turned.tolist(), strict=True)]


def _water(district: District, frame: Frame) -> dict[str, Any] | None:
    water = frame.clip(np.array([district.area.water]))
    return _areas(water, frame, parameter("map_water_simplify_m"))


def _green(district: District, frame: Frame) -> dict[str, Any] | None:
    shapes = []
    if district.land_use is not None:
        table = district.land_use.table
        mostly = table["use"].isin(GREEN_USES) & (table["share"] > 0.5)
        shapes.append(table.geometry.to_numpy()[mostly.to_numpy()])
    if district.places is not None:
        table = district.places.table
        shapes.append(table.geometry.to_numpy()[(table["category"] == "park").to_numpy()])
    if not shapes:
        return None
    return _areas(frame.clip(np.concatenate(shapes)), frame, parameter("map_simplify_m"))


def _areas(shapes: np.ndarray, frame: Frame, tolerance_m: float) -> dict[str, Any] | None:
    parts = shapely.get_parts(_simplified(shapes, tolerance_m))
    areas = parts[(shapely.get_type_id(parts) == shapely.GeometryType.POLYGON) & ~shapely.is_empty(parts)]
    return {"shapes": packed_geometry(frame.lonlat(areas))} if len(areas) else None


def _boundary(district: District, frame: Frame) -> dict[str, Any] | None:
    line = np.array([shapely.boundary(district.area.boundary)])
    return {"shapes": packed_geometry(frame.lonlat(_simplified(line, parameter("map_water_simplify_m"))))}


def _control_lines(district: District, frame: Frame, role: str) -> dict[str, Any] | None:
    """The outlines of one kind of control line; where the frame cuts one, its edge is no line."""
    if district.control_lines is None:
        return None
    outlines = shapely.boundary(district.control_lines.with_role(role).geometry.to_numpy())
    lines = shapely.get_parts(frame.clip(_simplified(outlines, parameter("map_simplify_m"))))
    lines = lines[~shapely.is_empty(lines)]
    return {"shapes": packed_geometry(frame.lonlat(lines))} if len(lines) else None


def _streets(district: District, frame: Frame) -> dict[str, Any] | None:
    network = district.streets or district.paths
    return None if network is None else _lines(network, frame, on_foot=False)


def _footpaths(district: District, frame: Frame) -> dict[str, Any] | None:
    return None if district.paths is None else _lines(district.paths, frame, on_foot=True)


def _lines(network: StreetNetwork, frame: Frame, *, on_foot: bool) -> dict[str, Any] | None:
    """Edges inside the frame, by rank and then as they come; the rank decides how wide a line is drawn."""
    rank = street_rank(network.edges)
    shapes = network.edges.geometry.to_numpy()
    chosen = ((rank == ON_FOOT) == on_foot) & shapely.intersects(shapes, frame.box)
    order = np.flatnonzero(chosen)[np.argsort(rank[chosen], kind="stable")]
    if not len(order):
        return None
    lines = frame.lonlat(_simplified(shapes[order], parameter("map_simplify_m")))
    return {"shapes": packed_geometry(lines), "rank": packed_indices(rank[order])}


def _stops(district: District, frame: Frame) -> dict[str, Any] | None:
    if district.transit is None:
        return None
    stops: gpd.GeoDataFrame = district.transit.stops
    served = stops[stops["served"].to_numpy(bool) & shapely.intersects(stops.geometry.to_numpy(), frame.box)]
    if served.empty:
        return None
    points = frame.lonlat(served.geometry.to_numpy())
    return {"shapes": packed_geometry(points), "names": served["name"].fillna("").astype(str).tolist()}


def street_rank(edges: pd.DataFrame) -> np.ndarray:
    """1 (motorways) to 5 (service roads), 6 for ways on foot or by cycle; unknown kinds count as local streets."""
    ranks = edges["highway"].astype(str).map(_rank_table())
    return np.asarray(ranks.fillna(_rank_table()["road"]).astype(int))


@lru_cache(maxsize=1)
def _rank_table() -> dict[str, int]:
    text = files("spatial.report.webmap").joinpath("street_ranks.csv").read_text(encoding="utf-8")
    return {row["highway"]: int(row["rank"]) for row in csv.DictReader(text.splitlines())}


def _simplified(shapes: np.ndarray, tolerance_m: float) -> np.ndarray:
    return np.asarray(shapely.simplify(shapes, tolerance_m), dtype=object)
