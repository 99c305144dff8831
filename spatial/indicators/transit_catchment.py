"""Who lives near public transport, and near public transport that runs often."""

from __future__ import annotations

from datetime import date

import numpy as np
import pandas as pd

from spatial.indicators.catalogue import indicator
from spatial.model.district import Memo
from spatial.model.people import People
from spatial.model.provenance import OK, DataStatus
from spatial.model.streets import StreetNetwork
from spatial.model.transit import TransitSupply
from spatial.model.zones import Zones
from spatial.operations.access import snapped, walking_distance_m
from spatial.operations.residents import residents_by_zone
from spatial.operations.service import boarding_points, frequent_stops, served_stops
from spatial.parameters import parameter
from spatial.text import Message

SATURDAY = 5


@indicator(unit="%", over="zones", better="higher", range=(0, 100), reference="un_sdg_11_2_1")
def residents_near_any_stop(
    people: People,
    transit: TransitSupply,
    paths: StreetNetwork,
    zones: Zones,
    memo: Memo,
    *,
    distance_m: float = parameter("stop_walk_m"),
) -> pd.DataFrame:
    """Share of residents within `distance_m` on foot of a stop with at least one departure on the service day.

    The way runs along paths, with the legs to and from them. A station with known street entrances is reached at
    these.

    Returns
    -------
    Columns `zone`, `value` (%), `n` (residents), `n_missing` (residents whose home is on no path: they count as
    without access) and `status`. NaN with its reason where nobody lives or residents are not known.

    Raises
    ------
    NotComputable : residents are unknown.
    """
    return _share_near(people, transit, paths, zones, memo, served_stops(transit), distance_m)


@indicator(unit="%", over="zones", better="higher", range=(0, 100), reference="un_sdg_11_2_1")
def residents_near_frequent_stop(
    people: People,
    transit: TransitSupply,
    paths: StreetNetwork,
    zones: Zones,
    memo: Memo,
    *,
    distance_m: float = parameter("stop_walk_m"),
    headway_min: float = parameter("frequent_headway_min"),
    max_gap_min: float = parameter("frequent_max_gap_min"),
    start_h: float = parameter("frequent_start_h"),
    end_h: float = parameter("frequent_end_h"),
) -> pd.DataFrame:
    """Share of residents within `distance_m` on foot of a stop with frequent service over the whole of the day.

    Frequent: at least one route, in one direction, with a mean headway of at most `headway_min` and no gap longer
    than `max_gap_min` from `start_h` to `end_h` (`spatial.operations.service`). Rows as in
    `residents_near_any_stop`; doubtful where the service day is a Saturday or Sunday.

    Raises
    ------
    NotComputable : residents are unknown, or the times of departures are.
    """
    stops = frequent_stops(transit, start_h=start_h, end_h=end_h, headway_min=headway_min, max_gap_min=max_gap_min)
    return _share_near(people, transit, paths, zones, memo, stops, distance_m, status=_weekday(transit))


@indicator(unit="%", over="zones", better="higher", range=(0, 100), reference="un_sdg_11_2_1")
def residents_near_frequent_stop_rush_hour(
    people: People,
    transit: TransitSupply,
    paths: StreetNetwork,
    zones: Zones,
    memo: Memo,
    *,
    distance_m: float = parameter("stop_walk_m"),
    headway_min: float = parameter("frequent_headway_min"),
    max_gap_min: float = parameter("frequent_max_gap_min"),
    start_h: float = parameter("rush_start_h"),
    end_h: float = parameter("rush_end_h"),
) -> pd.DataFrame:
    """Share of residents within `distance_m` on foot of a stop with frequent service in the morning rush.

    As `residents_near_frequent_stop`, over the rush alone: where buses come often only then, it is far larger.

    Raises
    ------
    NotComputable : residents are unknown, or the times of departures are.
    """
    stops = frequent_stops(transit, start_h=start_h, end_h=end_h, headway_min=headway_min, max_gap_min=max_gap_min)
    return _share_near(people, transit, paths, zones, memo, stops, distance_m, status=_weekday(transit))


def _share_near(
    people: People,
    transit: TransitSupply,
    paths: StreetNetwork,
    zones: Zones,
    memo: Memo,
    stops: frozenset[str],
    distance_m: float,
    *,
    status: DataStatus = OK,
) -> pd.DataFrame:
    residents = memo.recall(("residents", people.token, zones.token), lambda: residents_by_zone(people, zones))
    homes = (people.x, people.y)
    doors = boarding_points(transit, stops)
    near = np.isfinite(walking_distance_m(paths, memo, homes, doors, limit_m=distance_m))
    return residents.share_rows(near, ~snapped(paths, memo, homes).found, status)


def _weekday(transit: TransitSupply) -> DataStatus:
    """Doubtful where the service day falls on a weekend: these shares speak of a working day."""
    if date.fromisoformat(transit.service_day).weekday() < SATURDAY:
        return OK
    return DataStatus("doubtful", Message("service.weekend", {"day": transit.service_day}))
