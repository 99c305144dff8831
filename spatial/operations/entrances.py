"""Where people get into a place: a park with ten gates is one park with ten entrances."""

from __future__ import annotations

from collections.abc import Mapping

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from spatial.model.places import Places
from spatial.model.provenance import DataStatus, Ledger
from spatial.model.streets import StreetNetwork
from spatial.parameters import parameter
from spatial.text import Message


def places_with_entrances(
    places: gpd.GeoDataFrame,
    gates: gpd.GeoDataFrame,
    paths: StreetNetwork,
    statuses: Mapping[str, DataStatus],
    *,
    ledger: Ledger,
    gate_m: float = parameter("gate_on_outline_m"),
) -> Places:
    """Give every place its entrances.

    A point is its own entrance. An area is entered at the gates and doors mapped on its outline (within `gate_m`)
    and wherever a walking path crosses the outline; an area with neither, at a point inside it.

    Parameters
    ----------
    places : columns `category`, `name`, `osm_id`, `geometry` (points and polygons, study system).
    gates : entrance and gate nodes, points in the same system.
    paths : the walking network whose edges may cross outlines.
    """
    table = places[["category", "name", "osm_id", "geometry"]].reset_index(drop=True)
    table.index.name = "place"
    shapes = table.geometry.to_numpy()
    area = np.flatnonzero(shapely.get_dimensions(shapes) == 2)
    outlines = shapely.boundary(shapes[area])
    found = [_gates_on(outlines, area, gates, gate_m), _crossings(outlines, area, paths)]
    found.append(_points(np.setdiff1d(np.arange(len(table)), area), shapes))
    served = np.unique(np.concatenate([rows["place"].to_numpy() for rows in found]))
    without = np.setdiff1d(np.arange(len(table)), served)
    inside = shapely.point_on_surface(shapes[without])
    found.append(pd.DataFrame({"place": without, "x": shapely.get_x(inside), "y": shapely.get_y(inside)}))
    ledger.record(
        "places",
        "chosen",
        Message("entrances.chosen", {"areas": len(area), "crossed": len(area) - len(without), "inside": len(without)}),
        count=len(without),
    )
    entrances = pd.concat(found, ignore_index=True).drop_duplicates().sort_values(["place", "x", "y"])
    entrances["place"] = entrances["place"].astype(np.int64)
    return Places(table, entrances.reset_index(drop=True), dict(statuses))


def _points(rows: np.ndarray, shapes: np.ndarray) -> pd.DataFrame:
    return pd.DataFrame({"place": rows, "x": shapely.get_x(shapes[rows]), "y": shapely.get_y(shapes[rows])})


def _gates_on(outlines: np.ndarray, area: np.ndarray, gates: gpd.GeoDataFrame, gate_m: float) -> pd.DataFrame:
    points = gates.geometry.to_numpy()
    if len(points) == 0 or len(outlines) == 0:
        return pd.DataFrame({"place": np.empty(0, np.int64), "x": np.empty(0), "y": np.empty(0)})
    gate, outline = shapely.STRtree(outlines).query(points, predicate="dwithin", distance=gate_m)
    return pd.DataFrame({"place": area[outline], "x": shapely.get_x(points[gate]), "y": shapely.get_y(points[gate])})


def _crossings(outlines: np.ndarray, area: np.ndarray, paths: StreetNetwork) -> pd.DataFrame:
    walkable = paths.edges["walk"].to_numpy()
    outline, edge = paths.edge_tree.query(outlines, predicate="intersects")
    keep = walkable[edge]
    outline, edge = outline[keep], edge[keep]
    met = shapely.intersection(outlines[outline], paths.edges.geometry.to_numpy()[edge])
    # a path that runs along the outline meets it in lines: its vertices there are entrances
    corners, pair = shapely.get_coordinates(met, return_index=True)
    return pd.DataFrame({"place": area[outline[pair]], "x": corners[:, 0], "y": corners[:, 1]})
