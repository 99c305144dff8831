"""Public transport on one named service day."""

from __future__ import annotations

from dataclasses import dataclass, field

import geopandas as gpd
import pandas as pd

from spatial.model.layer import Layer
from spatial.model.provenance import OK, DataStatus


@dataclass(frozen=True, eq=False)
class TransitSupply(Layer):
    """Stops and departures.

    Parameters
    ----------
    stops : index `stop` (text id), columns `name`, `station` (id of the parent station, or the stop itself),
        `mode` (bus, tram, metro, rail, ferry, other, or "" where nothing departs), `geometry` (point, study system).
    departures : one row a vehicle leaving a stop on the service day: `stop`, `route`, `direction` ("0", "1" or ""),
        `trip`, `time_s` (int32: seconds of the service day, may exceed 86 400). The last call of a trip, and calls
        where nobody may board, are not departures.
    routes : index `route`, columns `short_name`, `long_name`, `mode`.
    entrances : columns `station`, `x`, `y` (metres): street entrances of stations, where known; may be empty.
    service_day : ISO date. timezone : the agency's, e.g. "Atlantic/Reykjavik".
    """

    stops: gpd.GeoDataFrame
    departures: pd.DataFrame
    routes: pd.DataFrame
    entrances: pd.DataFrame
    service_day: str
    timezone: str
    status: DataStatus = OK
    token: str = field(init=False)

    def __post_init__(self) -> None:
        self._seal(
            self.stops, self.departures, self.routes, self.entrances, self.service_day, self.timezone, self.status
        )

    def data_status(self, item: str = "") -> DataStatus:
        return self.status
