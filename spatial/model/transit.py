"""Public transport on one named service day."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal, TypeAlias, get_args

import geopandas as gpd
import pandas as pd

from spatial.model.layer import Layer
from spatial.model.provenance import OK, DataStatus

Lack: TypeAlias = Literal["times", "directions", "sequence", "travel_times", "modes", "lines"]


@dataclass(frozen=True, eq=False)
class TransitSupply(Layer):
    """Stops and departures.

    Parameters
    ----------
    stops : index `stop` (text id), columns `name`, `station` (id of the parent station, or the stop itself),
        `mode` (bus, tram, metro, rail, ferry, other, or "" where nothing departs or the mode is unknown), `geometry`
        (point, study system), and `served` (something leaves on the service day): made from the departures, and
        given only where the times of these are not known.
    departures : one row a vehicle leaving a stop on the service day: `stop`, `route`, `direction` ("0", "1", a
        frequency table's own word, or "" unknown), `trip`, `time_s` (int32: seconds of the service day, may exceed
        86 400). The last call of a trip, and calls where nobody may board, are not departures. Empty where times
        are not known.
    routes : index `route`, columns `short_name`, `long_name`, `mode`.
    entrances : columns `station`, `x`, `y` (metres): street entrances of stations, where known; may be empty.
    service_day : ISO date. timezone : the agency's, e.g. "Atlantic/Reykjavik"; "" unknown.
    lacks : what the source does not tell, of all stops or of some. Without "times" it is known where something
        leaves, not when.
    """

    stops: gpd.GeoDataFrame
    departures: pd.DataFrame
    routes: pd.DataFrame
    entrances: pd.DataFrame
    service_day: str
    timezone: str
    status: DataStatus = OK
    lacks: frozenset[Lack] = frozenset()
    token: str = field(init=False)

    def __post_init__(self) -> None:
        self._check_lacks()
        if "times" not in self.lacks:
            served = self.stops.index.isin(self.departures["stop"].unique())
            object.__setattr__(self, "stops", self.stops.assign(served=served))
        day = (self.service_day, self.timezone, self.status, sorted(self.lacks))
        self._seal(self.stops, self.departures, self.routes, self.entrances, *day)

    def _check_lacks(self) -> None:
        unknown = self.lacks - set(get_args(Lack))
        if unknown:
            raise ValueError(f"a supply lacks {sorted(unknown)}; known: {get_args(Lack)}")
        if "times" in self.lacks and ("served" not in self.stops or len(self.departures)):
            raise ValueError("a supply without times has no departures, and a column `served` of its stops")

    def data_status(self, item: str = "") -> DataStatus:
        return self.status
