"""Street entrances of stations from the map, where a timetable names none."""

from __future__ import annotations

from dataclasses import replace

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from spatial.errors import CrsError
from spatial.model.provenance import Ledger
from spatial.model.transit import TransitSupply
from spatial.parameters import parameter
from spatial.text import Message

LAYER = "transit"
_WITH_ENTRANCES = ("metro", "rail")


def with_osm_entrances(
    transit: TransitSupply,
    osm_stops: gpd.GeoDataFrame,
    *,
    reach_m: float = parameter("station_entrance_reach_m"),
    ledger: Ledger,
) -> TransitSupply:
    """The supply with street entrances as OSM maps them, for stations that name none.

    An entrance belongs to the nearest station of its own mode within `reach_m` of it in a straight line, else to the
    nearest metro or rail station within that. Where a station names its own entrances they stay, and mapped ones that
    belong to it are not used. A station is where its stops are; one with several modes is a station of each.

    Parameters
    ----------
    osm_stops : rows with `kind` "entrance" are used; `mode` ("" unknown), `geometry` (points, the system of the stops).

    Returns
    -------
    The supply itself where no entrance is added, else one whose new entrances follow its own, in the order of their
    station, then x and y.

    Raises
    ------
    CrsError : the two layers are in different systems.
    """
    doors = osm_stops[osm_stops["kind"] == "entrance"]
    if doors.empty:
        return transit
    if doors.crs != transit.stops.crs:
        found, wanted = (str(getattr(crs, "name", crs)) for crs in (doors.crs, transit.stops.crs))
        raise CrsError(Message("entrances.other_system", {"found": found, "wanted": wanted}))
    nearest = _nearest_station(transit, doors, reach_m)
    placed = nearest != ""
    own = placed & np.isin(nearest, transit.entrances["station"].to_numpy())
    given = placed & ~own
    points = doors.geometry.to_numpy()[given]
    added = pd.DataFrame({"station": nearest[given], "x": shapely.get_x(points), "y": shapely.get_y(points)})
    added = added.drop_duplicates().sort_values(["station", "x", "y"])
    far, known = int((~placed).sum()), int(own.sum())
    if far:
        ledger.record(
            LAYER, "dropped", Message("entrances.station_doors_far", {"count": far, "reach_m": reach_m}), count=far
        )
    if known:
        ledger.record(LAYER, "dropped", Message("entrances.station_doors_known", {"count": known}), count=known)
    if added.empty:
        return transit
    values = {"count": len(added), "stations": int(added["station"].nunique()), "reach_m": reach_m}
    ledger.record(LAYER, "imputed", Message("entrances.station_doors", values), count=len(added))
    before = transit.entrances
    entrances = added if before.empty else pd.concat([before, added])
    return replace(transit, entrances=entrances.reset_index(drop=True))


def _nearest_station(transit: TransitSupply, doors: gpd.GeoDataFrame, reach_m: float) -> np.ndarray:
    """The station that each entrance belongs to; "" for none. Of equally near ones the first by its id."""
    stops = transit.stops
    points, places = doors.geometry.to_numpy(), stops.geometry.to_numpy()
    door, stop = shapely.STRtree(places).query(points, predicate="dwithin", distance=reach_m)
    mode = stops["mode"].to_numpy(object)[stop]
    pairs = pd.DataFrame(
        {
            "door": door,
            "other_mode": mode != doors["mode"].to_numpy(object)[door],
            "away_m": shapely.distance(points[door], places[stop]),
            "station": stops["station"].to_numpy(object)[stop],
        }
    )
    own = ~pairs["other_mode"].to_numpy(bool) & (mode != "")
    pairs = pairs[own | np.isin(mode, _WITH_ENTRANCES)]
    pairs = pairs.sort_values(["door", "other_mode", "away_m", "station"]).drop_duplicates("door")
    nearest = np.full(len(doors), "", dtype=object)
    nearest[pairs["door"].to_numpy()] = pairs["station"].to_numpy()
    return nearest
