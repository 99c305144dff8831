"""Walkability: who can walk to what daily life needs."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from spatial.indicators.catalogue import indicator
from spatial.model.district import Memo
from spatial.model.people import People
from spatial.model.places import DAILY_NEEDS, Places
from spatial.model.provenance import OK, DataStatus
from spatial.model.streets import StreetNetwork
from spatial.model.zones import Zones
from spatial.operations.access import snapped, walking_distance_m
from spatial.operations.residents import residents_by_zone
from spatial.parameters import parameter
from spatial.text import Message

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
    residents = memo.recall(("residents", people.token, zones.token), lambda: residents_by_zone(people, zones))
    homes = (people.x, people.y)
    lost = ~snapped(paths, memo, homes, max_snap_m=max_snap_m).found
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
        for time_min in minutes:
            near = np.full(len(people), np.nan)
            if statuses[item].name != "absent":
                farthest_m = np.maximum.reduce([walk_m[category] for category in needed])
                near = farthest_m <= time_min * speed_m_per_min
            shares = residents.share_rows(near, lost, statuses[item])
            rows.append(shares.assign(item=item, at=f"{time_min:g} min"))
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
