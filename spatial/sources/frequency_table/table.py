"""Frequency tables: lines, stops and headways → public transport on one named service day.

A row stands for one line, direction, stop and window of hours. Its columns:

- `stop`, and `headway_min` or `departures_per_hour`: needed;
- `line`, `direction`, `sequence`: the place of the stop in the line's direction;
- `lon`, `lat` in degrees; without them stops are looked up by name among known stations;
- `mode`: a word of modes.csv;
- `first`, `last`: departures at this stop; a last one that is earlier than the first is after midnight;
- `minutes_from_previous`, with `sequence`: carries hours that stand only at an earlier stop along the line.

Several rows of one stop stand for its windows, as of the rush; these may touch and not overlap.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
from pyproj import CRS

from spatial.errors import InputError, Problems
from spatial.model.provenance import Ledger, Source
from spatial.model.study_area import projected_crs
from spatial.model.transit import TransitSupply
from spatial.parameters import parameter
from spatial.sources.datum import Datum
from spatial.sources.fingerprint import file_source
from spatial.sources.frequency_table.departures import departures_of, expanded
from spatial.sources.frequency_table.hours import DAY_S
from spatial.sources.frequency_table.limits import note_lacks, note_rows
from spatial.sources.frequency_table.modes import modes_of_lines, only_one
from spatial.sources.frequency_table.names import placed_by_name
from spatial.sources.frequency_table.rows import LAYER, read_rows
from spatial.sources.frequency_table.stops import (
    Box,
    check_same_names,
    inside,
    placed_by_degrees,
    stop_table,
    with_stops,
)
from spatial.sources.frequency_table.windows import has_hours, leaving_rows
from spatial.sources.gtfs.calendar import service_date
from spatial.sources.tables import read_table
from spatial.text import Message, Value


def read_frequency_table(
    path: Path,
    *,
    columns: Mapping[str, str],
    service_day: str,
    crs: CRS,
    ledger: Ledger,
    datum: Datum = "wgs84",
    known_stations: gpd.GeoDataFrame | None = None,
    encoding: str | None = None,
    sheet: str | None = None,
    box: Box | None = None,
    same_stop_m: float = parameter("frequency_same_stop_m"),
    station_m: float = parameter("frequency_station_m"),
    far_m: float = parameter("frequency_far_m"),
) -> tuple[TransitSupply, Source]:
    """Stops and departures of one service day from a table of headways (its columns: see the module).

    Departures stand evenly from the first to the last, both included. Nobody boards at the last stop of a line's
    direction. Without hours the supply knows where something leaves, not when. What the table does not tell is said in
    the ledger and in the supply's `lacks`.

    Parameters
    ----------
    columns : what the file calls them, for example {"stop": "站名", "headway_min": "发车间隔"}.
    service_day : YYYY-MM-DD: the day that the table is taken to describe.
    crs : the study's projected system. datum : of `lon` and `lat`.
    known_stations : `kind` (stop, station, entrance), `mode`, `name`, `geometry` (points).
    encoding, sheet : of a CSV file, of a workbook.
    box : west, south, east, north in degrees; stops outside it, and departures there, are dropped and counted.
    same_stop_m, station_m : rows of one name that are this near are one stop, one station.
    far_m : one line's stops of one name and direction that are farther apart are refused.

    Raises
    ------
    InputError : what is missing or wrong in the table, all at once; no stop inside the box.
    """
    service_date(service_day)
    system = projected_crs(crs)
    table = read_table(path, ledger=ledger, layer=LAYER, encoding=encoding, sheet=sheet)
    problems = Problems()
    named = known_stations is not None
    rows = read_rows(table, columns, path, stations=named, problems=problems, ledger=ledger)
    stated = rows["mode"]
    if known_stations is None or rows[["lon", "lat"]].notna().any(axis=None):
        rows = placed_by_degrees(rows, path, crs=system, datum=datum, problems=problems, ledger=ledger)
    else:
        known = known_stations.to_crs(system)
        rows = placed_by_name(rows, known, path, within_m=station_m, problems=problems, ledger=ledger)
    rows["mode"] = modes_of_lines(stated, rows["mode"], rows["line"])
    check_same_names(rows, path, far_m=far_m, problems=problems)
    rows = with_stops(rows, system, same_stop_m=same_stop_m, station_m=station_m, ledger=ledger)
    leaving = leaving_rows(rows, path, problems=problems, ledger=ledger)
    problems.raise_if_any(InputError)
    note_rows(rows, leaving, service_day, ledger)
    stops = stop_table(rows, system)
    supply = _supply(rows, leaving, stops, inside(stops, box, path), service_day, ledger)
    return supply, file_source(path, LAYER, date="", licence="", attribution="")


def _supply(
    rows: pd.DataFrame,
    leaving: pd.DataFrame,
    stops: gpd.GeoDataFrame,
    here: np.ndarray,
    service_day: str,
    ledger: Ledger,
) -> TransitSupply:
    departures = _departures(leaving, stops.index[~here], service_day, ledger)
    entrances = pd.DataFrame({"station": [], "x": [], "y": []}).astype({"station": object, "x": float, "y": float})
    served = _served(stops, leaving)[here]
    lacks = note_lacks(rows, ledger)
    return TransitSupply(served, departures, _routes(rows), entrances, service_day, "", lacks=lacks)


def _served(stops: gpd.GeoDataFrame, leaving: pd.DataFrame) -> gpd.GeoDataFrame:
    """The stops with `served`, and the mode that most of their departures have (equally many: the first by name)."""
    counted = leaving.assign(often=departures_of(leaving)).groupby(["stop", "mode"])["often"].sum().reset_index()
    main = counted.sort_values(["stop", "often", "mode"], ascending=[True, False, True]).drop_duplicates("stop")
    mode = main.set_index("stop")["mode"].reindex(stops.index)
    stops = stops.assign(mode=mode.astype(object).fillna("").astype(str).to_numpy(), served=mode.notna().to_numpy())
    return stops[["name", "station", "mode", "served", "geometry"]]


def _departures(leaving: pd.DataFrame, outside: pd.Index, service_day: str, ledger: Ledger) -> pd.DataFrame:
    """The departures of a table with hours; none of one without. Those at stops outside are counted."""
    timed = has_hours(leaving)
    frame = expanded(leaving if timed else leaving.iloc[:0])
    away = frame["stop"].isin(outside)
    if len(outside):
        message = Message("frequency.outside_box", {"stops": len(outside), "count": int(away.sum())})
        ledger.record(LAYER, "dropped", message, count=int(away.sum()))
    frame = frame[~away].reset_index(drop=True)
    if timed:
        values: dict[str, Value] = {"count": len(frame), "stops": int(frame["stop"].nunique()), "day": service_day}
        values["late"] = int((frame["time_s"] >= DAY_S).sum())
        ledger.record(LAYER, "estimated", Message("frequency.departures", values), count=len(frame))
    return frame


def _routes(rows: pd.DataFrame) -> pd.DataFrame:
    """The lines: index `route`, columns `short_name`, `long_name`, `mode`, sorted; rows without a line are line ""."""
    mode = rows.groupby("line", sort=True)["mode"].agg(only_one)
    return pd.DataFrame(
        {"short_name": mode.index, "long_name": "", "mode": mode.to_numpy()}, index=mode.index.rename("route")
    )
