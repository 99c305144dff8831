"""Directions of trips where a GTFS feed gives none."""

from __future__ import annotations

import numpy as np
import pandas as pd

from spatial.model.provenance import Ledger
from spatial.text import Message

OTHER = {"0": "1", "1": "0"}
LAYER = "transit"


def complete_directions(
    trips: pd.DataFrame, calls: pd.DataFrame, lon: np.ndarray, lat: np.ndarray, ledger: Ledger
) -> pd.DataFrame:
    """The trips with blank directions derived, route by route.

    The route's commonest sequence of stops (if any of its trips has a direction: the commonest of those) gives the
    reference, "0" where it has none itself. A trip goes the same way when the stops that it shares with the
    reference come in the same order, the other way when they come in reverse; where they do not tell, the straight
    lines from first to last stop decide (an angle under 90°: the same way). What neither tells (loops that share no
    stops) stays "".

    Parameters
    ----------
    trips : by position, columns `route`, `direction` ("0", "1" or "").
    calls : columns `trip` (position in trips) and `stop` (position in lon and lat, −1: unknown), in order of
        travel.
    """
    blank = (trips["direction"] == "").to_numpy()
    if not blank.any():
        return trips
    patterns = _patterns(trips, calls)
    direction = trips["direction"].to_numpy(dtype=object, copy=True)
    for _, group in patterns.groupby("route", sort=True):
        if (group["direction"] != "").all():
            continue
        reference = _reference(group)
        for stops, members in zip(
            group["stops"][group["direction"] == ""], group["trips"][group["direction"] == ""], strict=True
        ):
            direction[members] = _compared(stops, reference, lon, lat)
    derived = int((blank & (direction != "")).sum())
    ledger.record(LAYER, "imputed", Message("gtfs.directions_derived", {"count": derived}), count=derived)
    left = int((direction == "").sum())
    if left:
        ledger.record(LAYER, "warned", Message("gtfs.directions_unknown", {"count": left}), count=left)
    return trips.assign(direction=direction)


def _patterns(trips: pd.DataFrame, calls: pd.DataFrame) -> pd.DataFrame:
    """The distinct sequences of stops by route and given direction, the commonest first.

    Columns `route`, `direction`, `stops`, `trips` (positions).
    """
    known = calls[calls["stop"] >= 0]
    trip, stop = known["trip"].to_numpy(), known["stop"].to_numpy()
    starts = np.flatnonzero(np.r_[True, trip[1:] != trip[:-1]]) if len(trip) else np.empty(0, dtype=np.int64)
    ends = np.r_[starts[1:], len(trip)]
    seen: dict[tuple[str, str, tuple[int, ...]], list[int]] = {}
    routes, given = trips["route"].to_numpy(), trips["direction"].to_numpy()
    for start, end in zip(starts, ends, strict=False):
        position = int(trip[start])
        key = (str(routes[position]), str(given[position]), tuple(stop[start:end].tolist()))
        seen.setdefault(key, []).append(position)
    ordered = sorted(seen.items(), key=lambda entry: (-len(entry[1]), entry[0]))
    rows = [(route, direction, stops, members) for (route, direction, stops), members in ordered]
    return pd.DataFrame(rows, columns=["route", "direction", "stops", "trips"])


def _reference(group: pd.DataFrame) -> tuple[tuple[int, ...], str]:
    told = group[group["direction"] != ""]
    first = (told if len(told) else group).iloc[0]
    return first["stops"], first["direction"] or "0"


def _compared(stops: tuple[int, ...], reference: tuple[tuple[int, ...], str], lon: np.ndarray, lat: np.ndarray) -> str:
    """The direction of a sequence of stops, given that of the reference."""
    other, direction = reference
    if stops == other:
        return direction
    place = {stop: i for i, stop in reversed(list(enumerate(other)))}
    shared = [place[stop] for stop in stops if stop in place]
    sense = int(np.sign(np.diff(shared)).sum())
    if sense == 0:
        ends = np.array([stops[0], stops[-1], other[0], other[-1]])
        east, north = lon[ends] * np.cos(np.radians(lat[ends])), lat[ends]
        product = (east[1] - east[0]) * (east[3] - east[2]) + (north[1] - north[0]) * (north[3] - north[2])
        sense = int(np.sign(np.nan_to_num(product)))
    return {1: direction, -1: OTHER[direction], 0: ""}[int(np.sign(sense))]
