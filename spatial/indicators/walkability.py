"""Walkability: who can walk to what daily life needs."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from spatial.errors import NotComputable
from spatial.indicators.catalogue import indicator
from spatial.model.district import Memo
from spatial.model.people import People
from spatial.model.places import Places
from spatial.model.provenance import OK, DataStatus
from spatial.model.streets import StreetNetwork
from spatial.model.zones import Zones
from spatial.operations.access import snapped, walking_distance_m
from spatial.parameters import parameter
from spatial.text import Message

DAILY_NEEDS = ("food_shop", "school", "kindergarten", "pharmacy_or_clinic", "park", "restaurant_or_cafe")
ALL_NEEDS = "all_daily_needs"


@indicator(unit="%", over="zones", dims=("item", "at"), better="higher", range=(0, 100), reference="moreno_2021")
def residents_near_daily_needs(
    people: People,
    places: Places,
    paths: StreetNetwork,
    zones: Zones,
    memo: Memo,
    *,
    minutes: tuple[float, ...] = (
        parameter("near_minutes_short"),
        parameter("near_minutes_middle"),
        parameter("near_minutes_long"),
    ),
    speed_m_per_min: float = parameter("walk_speed_m_per_min"),
    max_snap_m: float = parameter("max_snap_m"),
) -> pd.DataFrame:
    """Share of residents who can walk to each daily need, and to all six of them, within some minutes.

    Walks run along paths, from home to the nearest entrance of a place of the category; the straight ways between a
    point and its nearest path are walked too. A home farther than `max_snap_m` from every path counts as not near.

    Returns
    -------
    columns `zone`, `item` (a category, or all_daily_needs), `at` ("5 min"), `value` (%), `n` (residents), `n_missing`
    (residents whose home is on no path), `status`. NaN with its reason where nobody lives, where the source has no
    place of the category, and, for all needs together, where any category is absent.

    Raises
    ------
    NotComputable : residents are unknown.
    """
    residents = people.residents
    if len(people) == 0 or np.isnan(residents).any():
        raise NotComputable(Message("walkability.residents_unknown"))
    homes = (people.x, people.y)
    zone = zones.locate(*homes)
    lost = ~snapped(paths, memo, homes, max_snap_m=max_snap_m).found
    total = _sum(zone, residents, len(zones))
    off_network = _sum(zone, residents * lost, len(zones))
    statuses = _statuses(places)
    limit_m = max(minutes) * speed_m_per_min
    walk_m: dict[str, np.ndarray] = {}
    for category in DAILY_NEEDS:
        if statuses[category].name != "absent":
            doors = _entrances(places, category)
            walk_m[category] = walking_distance_m(paths, memo, homes, doors, limit_m=limit_m, max_snap_m=max_snap_m)
    rows = []
    for item in (*DAILY_NEEDS, ALL_NEEDS):
        needed = DAILY_NEEDS if item == ALL_NEEDS else (item,)
        computable = statuses[item].name != "absent"
        farthest_m = np.maximum.reduce([walk_m[category] for category in needed]) if computable else None
        for time_min in minutes:
            value = np.full(len(zones), np.nan)
            if farthest_m is not None:
                near = _sum(zone, residents * (farthest_m <= time_min * speed_m_per_min), len(zones))
                np.divide(near, total, out=value, where=total > 0)
                value = np.minimum(100 * value, 100)  # sums in another order may exceed by rounding
            rows.append(_rows(zones, item, f"{time_min:g} min", value, total, off_network, statuses[item]))
    return pd.concat(rows, ignore_index=True)


def _statuses(places: Places) -> Mapping[str, DataStatus]:
    """Per item whether it can be computed and trusted; all needs together are as bad as the worst of them."""
    known = set(places.categories)
    found: dict[str, DataStatus] = {}
    for category in DAILY_NEEDS:
        status = places.data_status(category)
        if category not in known and status.name != "absent":
            status = DataStatus("absent", Message("walkability.no_places", {"category": _named(category)}))
        found[category] = status
    absent = tuple(_named(category) for category in DAILY_NEEDS if found[category].name == "absent")
    doubtful = tuple(_named(category) for category in DAILY_NEEDS if found[category].name == "doubtful")
    found[ALL_NEEDS] = OK
    if absent:
        found[ALL_NEEDS] = DataStatus("absent", Message("walkability.not_all_needs", {"categories": absent}))
    elif doubtful:
        found[ALL_NEEDS] = DataStatus("doubtful", Message("walkability.doubtful_needs", {"categories": doubtful}))
    return found


def _named(category: str) -> Message:
    return Message(f"category.{category}")


def _entrances(places: Places, category: str) -> tuple[np.ndarray, np.ndarray]:
    chosen = places.table.index[places.table["category"] == category]
    doors = places.entrances[places.entrances["place"].isin(chosen)]
    return doors["x"].to_numpy(float), doors["y"].to_numpy(float)


def _sum(zone: np.ndarray, amount: np.ndarray, zones: int) -> np.ndarray:
    inside = zone >= 0
    return np.bincount(zone[inside], weights=amount[inside], minlength=zones)


def _rows(
    zones: Zones,
    item: str,
    at: str,
    value: np.ndarray,
    total: np.ndarray,
    off_network: np.ndarray,
    status: DataStatus,
) -> pd.DataFrame:
    nobody = DataStatus("absent", Message("walkability.nobody_here"))
    return pd.DataFrame(
        {
            "zone": zones.ids.to_numpy(),
            "item": item,
            "at": at,
            "value": value,
            "n": total,
            "n_missing": off_network,
            "status": [status if living else status.worse(nobody) for living in total > 0],
        }
    )
