"""Public transport service at stops: departures, headways and gaps within a window of the service day."""

from __future__ import annotations

import numpy as np
import pandas as pd

from spatial.errors import NotComputable
from spatial.model.transit import TransitSupply
from spatial.text import Message

HOUR_S = 3600
MINUTE_S = 60
LONGEST_DAY_H = 48.0


def departures_in_window(transit: TransitSupply, *, start_h: float, end_h: float) -> pd.DataFrame:
    """The departures from `start_h` (included) to `end_h` (not included), in hours of the service day.

    Raises
    ------
    NotComputable : the source of the supply gives no times. So do all counts and headways below.
    """
    if not 0 <= start_h < end_h <= LONGEST_DAY_H:
        raise ValueError(f"a window needs 0 ≤ start < end ≤ 48 hours, got {start_h} and {end_h}")
    if "times" in transit.lacks:
        raise NotComputable(Message("service.no_times", {"start": float(start_h), "end": float(end_h)}))
    time_s = transit.departures["time_s"]
    return transit.departures[(time_s >= start_h * HOUR_S) & (time_s < end_h * HOUR_S)].copy()


def departures_per_stop(transit: TransitSupply, *, start_h: float = 0.0, end_h: float = LONGEST_DAY_H) -> pd.Series:
    """Departures at each stop in a window, all routes and directions together; 0 at stops where nothing leaves."""
    counted = departures_in_window(transit, start_h=start_h, end_h=end_h)["stop"].value_counts()
    return counted.reindex(transit.stops.index, fill_value=0).astype(np.int64).rename("departures")


def headways(transit: TransitSupply, *, start_h: float, end_h: float) -> pd.DataFrame:
    """Mean headway and longest gap of each route and direction at each station, in minutes.

    A station is what riders choose among: all platforms under one parent station, or a stop on its own where the
    feed names no station. Where the direction of a route is unknown ("") its platforms are kept apart, for one of
    them may serve each direction. A trip that calls at a station more than once leaves once, at its first call in the
    window: who has missed that waits for the next vehicle.

    `mean_headway_min` is the length of the window ÷ departures in it. `max_gap_min` is the longest time without a
    departure inside the window, counting from its start to the first departure and from the last to its end: so a
    gap is never longer than the window, and what leaves before or after it does not shorten a gap.

    Returns
    -------
    Columns `station`, `route`, `direction`, `departures`, `mean_headway_min`, `max_gap_min`; one row where at
    least one departure falls in the window, sorted by the first three.
    """
    keys = ["station", "route", "direction"]
    moving = _with_station(transit, departures_in_window(transit, start_h=start_h, end_h=end_h))
    moving = moving.sort_values([*keys, "time_s"], kind="stable").drop_duplicates([*keys, "trip"])
    grouped = moving.groupby(keys, sort=True)["time_s"]
    table = grouped.agg(departures="size", first="min", last="max").reset_index()
    between = grouped.diff().fillna(0).groupby([moving[key] for key in keys], sort=True).max().to_numpy()
    before = table["first"].to_numpy() - start_h * HOUR_S
    after = end_h * HOUR_S - table["last"].to_numpy()
    table["mean_headway_min"] = (end_h - start_h) * 60 / table["departures"]
    table["max_gap_min"] = np.maximum.reduce([between, before, after]) / MINUTE_S if len(table) else 0.0
    return table[[*keys, "departures", "mean_headway_min", "max_gap_min"]]


def frequent_stops(
    transit: TransitSupply, *, start_h: float, end_h: float, headway_min: float, max_gap_min: float | None
) -> frozenset[str]:
    """The stops where at least one route, in one direction, runs often over the whole of a window.

    Often: its mean headway is at most `headway_min` minutes and no gap is longer than `max_gap_min` (None: gaps are
    not looked at), as `headways` defines them. Routes that share a stop are not added up.
    """
    table = headways(transit, start_h=start_h, end_h=end_h)
    often = table["mean_headway_min"] <= headway_min
    if max_gap_min is not None:
        often &= table["max_gap_min"] <= max_gap_min
    keys = ["station", "route", "direction"]
    moving = _with_station(transit, departures_in_window(transit, start_h=start_h, end_h=end_h))
    return frozenset(map(str, moving.merge(table.loc[often, keys], on=keys, how="inner")["stop"]))


def served_stops(transit: TransitSupply) -> frozenset[str]:
    """The stops that something leaves from on the service day, whether or not it is known when."""
    return frozenset(map(str, transit.stops.index[transit.stops["served"].to_numpy(bool)]))


def boarding_points(transit: TransitSupply, stops: frozenset[str]) -> tuple[np.ndarray, np.ndarray]:
    """Where people enter the given stops: the street entrances of their stations where known, else the stops' own
    points.

    Returns
    -------
    x and y in metres, entrances first, each in the order of the layer.
    """
    chosen = transit.stops[transit.stops.index.isin(sorted(stops))]
    doors = transit.entrances[transit.entrances["station"].isin(chosen["station"])]
    bare = chosen[~chosen["station"].isin(doors["station"])]
    x = np.concatenate([doors["x"].to_numpy(float), bare.geometry.x.to_numpy(float)])
    y = np.concatenate([doors["y"].to_numpy(float), bare.geometry.y.to_numpy(float)])
    return x, y


def _with_station(transit: TransitSupply, departures: pd.DataFrame) -> pd.DataFrame:
    """The departures with the station they leave from; the stop itself where the direction is unknown."""
    station = transit.stops["station"].reindex(departures["stop"]).to_numpy()
    apart = (departures["direction"] == "").to_numpy()
    return departures.assign(station=np.where(apart, departures["stop"].to_numpy(), station))
