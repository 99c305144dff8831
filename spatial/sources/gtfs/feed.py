"""GTFS timetables → public transport on one named service day."""

from __future__ import annotations

import csv
from importlib.resources import files
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
from pyproj import CRS

from spatial.errors import InputError, Problems
from spatial.model.provenance import Ledger, Source
from spatial.model.study_area import projected_crs
from spatial.model.transit import TransitSupply
from spatial.sources.gtfs.calendar import active_services, period_text, read_calendar, service_date
from spatial.sources.gtfs.calls import (
    boardable,
    complete_times,
    expand_frequencies,
    read_calls,
    run_label,
    unknown_trips,
)
from spatial.sources.gtfs.directions import complete_directions
from spatial.sources.gtfs.files import Feed, open_feed, report_values
from spatial.sources.gtfs.stops import (
    Box,
    StopTable,
    projected_entrances,
    projected_stops,
    read_stops,
    refuse_doubled,
    refuse_empty,
)
from spatial.text import Message, Value

LAYER = "transit"
DAY_S = 24 * 3600


def read_gtfs(
    path: Path,
    *,
    service_day: str,
    crs: CRS,
    ledger: Ledger,
    box: Box | None = None,
    licence: str = "",
    attribution: str = "",
) -> tuple[TransitSupply, Source]:
    """Stops and departures of one service day of a feed.

    Times are seconds of the service day. Departures are those of that day's own timetable: a night bus listed at
    25:10:00 has `time_s` 90 600 and belongs to the day whose service it ends, though the clock says 01:10 of the
    next; departures in the small hours of the day itself that belong to the timetable of the day before are not
    among them.

    The table of stops holds the places where vehicles call (a station is named in the `station` of its platforms).
    Trips of frequencies.txt are expanded into runs; where their times are not exact, the runs stand evenly from the
    start of each period. Blank directions are derived (`complete_directions`).

    Parameters
    ----------
    path : a zip, or a folder; the files stand at the top or in one folder.
    service_day : YYYY-MM-DD.
    crs : the study's projected system.
    box : west, south, east, north in degrees; stops outside it, and departures there, are dropped and counted.

    Raises
    ------
    InputError : what is missing or wrong in the files, all at once; a day without service; no stop inside the
        box.
    """
    day = service_date(service_day)
    system = projected_crs(crs)
    feed = open_feed(path)
    problems = Problems()
    calendar = read_calendar(feed, problems)
    routes = _routes(feed, problems, ledger)
    stops = read_stops(feed, problems, ledger)
    trips = _trips(feed, calendar.services_on(day.toordinal()), routes.index, problems, ledger)
    names = pd.Index(trips["trip"])
    calls = read_calls(feed, names, pd.Index(stops.frame["stop"]), problems, ledger)
    runs = expand_frequencies(complete_times(calls, ledger), feed, names, problems, ledger)
    problems.raise_if_any(InputError)
    active_services(feed, calendar, day)
    lon, lat = stops.frame["lon"].to_numpy(), stops.frame["lat"].to_numpy()
    trips = complete_directions(trips, calls, lon, lat, ledger)
    kept = stops.inside(box)
    departures = _departures(_at_known_stops(boardable(runs, ledger), stops, kept, ledger), trips, stops)
    here = kept & _callable(stops, calls)
    refuse_empty(str(path), here, stops, box)
    points = _with_modes(projected_stops(stops, here, system, ledger), departures, routes)
    entrances = projected_entrances(stops, points["station"], system, ledger)
    _note_departures(departures, service_day, ledger)
    timezone = _timezone(feed, ledger)
    source = Source(LAYER, path.name, path.as_posix(), period_text(calendar), licence, attribution, feed.sha256)
    return TransitSupply(points, departures, routes, entrances, service_day, timezone), source


def _routes(feed: Feed, problems: Problems, ledger: Ledger) -> pd.DataFrame:
    """The routes with their modes: index `route`, columns `short_name`, `long_name`, `mode`, sorted by id."""
    ids = feed.column("routes.txt", "route_id").astype(str)
    refuse_doubled(feed, "routes.txt", "route_id", ids, problems)
    types = feed.column("routes.txt", "route_type").astype(str)
    modes = _modes()
    wrong = np.array([not text.isdigit() for text in types], dtype=bool)
    report_values(problems, feed.path, "routes.txt", "route_type", types, wrong, "route_type")
    strange = tuple(sorted({text for text in types[~wrong] if int(text) not in modes}))
    if strange:
        message = Message("gtfs.unknown_route_types", {"types": strange, "count": len(strange)})
        ledger.record(LAYER, "warned", message, count=int(np.isin(types, strange).sum()))
    mode = [modes.get(int(text), "other") if text.isdigit() else "" for text in types]
    short, long = (feed.column("routes.txt", f"route_{name}_name").astype(str) for name in ("short", "long"))
    table = pd.DataFrame({"short_name": short, "long_name": long, "mode": mode}, index=pd.Index(ids, name="route"))
    return table.sort_index(kind="stable")


def _modes() -> dict[int, str]:
    """Mode by route_type, extended types included."""
    text = files(__package__).joinpath("modes.csv").read_text(encoding="utf-8")
    rows = csv.DictReader(text.splitlines())
    return {code: row["mode"] for row in rows for code in range(int(row["first"]), int(row["last"]) + 1)}


def _trips(feed: Feed, services: frozenset[str], routes: pd.Index, problems: Problems, ledger: Ledger) -> pd.DataFrame:
    """The trips of the day: columns `trip`, `route`, `direction`, sorted by id; those of unknown routes are
    dropped.
    """
    names = ("trip_id", "route_id", "service_id", "direction_id")
    trip, route, service, direction = (feed.column("trips.txt", name).astype(str) for name in names)
    refuse_doubled(feed, "trips.txt", "trip_id", trip, problems)
    report_values(
        problems, feed.path, "trips.txt", "direction_id", direction, ~np.isin(direction, ("", "0", "1")), "direction"
    )
    unknown_trips(feed, pd.Index(trip), ledger)
    today = np.isin(service, sorted(services)) if services else np.zeros(len(trip), dtype=bool)
    stray = today & ~np.isin(route, routes.to_numpy(str))
    if stray.any():
        message = Message("gtfs.unknown_routes", {"count": int(stray.sum()), "first": str(route[stray][0])})
        ledger.record(LAYER, "dropped", message, count=int(stray.sum()))
    frame = pd.DataFrame({"trip": trip, "route": route, "direction": direction})[today & ~stray]
    return frame.sort_values("trip", kind="stable").reset_index(drop=True)


def _callable(stops: StopTable, calls: pd.DataFrame) -> np.ndarray:
    """Which rows of stops.txt are places where vehicles call: those of kind 0, and whatever else a trip calls at."""
    called = np.zeros(len(stops.frame), dtype=bool)
    called[calls.loc[calls["stop"] >= 0, "stop"].to_numpy()] = True
    found: np.ndarray = called | (stops.frame["kind"] == "0").to_numpy()
    return found


def _at_known_stops(calls: pd.DataFrame, stops: StopTable, kept: np.ndarray, ledger: Ledger) -> pd.DataFrame:
    """The calls at stops that are in the file, have coordinates and lie in the box; the others are counted."""
    stop = calls["stop"].to_numpy()
    listed = stop >= 0
    placed = listed & stops.placed()[stop]
    inside = listed & kept[stop]
    boards = np.isin(stops.frame["kind"], ("0",))
    for key, rows, places in (
        ("gtfs.unknown_stops", ~listed, np.zeros(0, dtype=bool)),
        ("gtfs.no_coordinates", listed & ~placed, boards & ~stops.placed()),
        ("gtfs.outside_box", placed & ~inside, boards & stops.placed() & ~kept),
    ):
        values = {"stops": int(places.sum()), "count": int(rows.sum())}
        if values["stops"] or values["count"]:
            ledger.record(LAYER, "dropped", Message(key, values), count=values["count"])
    found: pd.DataFrame = calls.loc[inside]
    return found


def _departures(calls: pd.DataFrame, trips: pd.DataFrame, stops: StopTable) -> pd.DataFrame:
    trip = calls["trip"].to_numpy()
    names = trips["trip"].to_numpy()[trip]
    labels = [run_label(name, run) for name, run in zip(names, calls["run"], strict=True)]
    frame = pd.DataFrame(
        {
            "stop": stops.frame["stop"].to_numpy()[calls["stop"].to_numpy()],
            "route": trips["route"].to_numpy()[trip],
            "direction": trips["direction"].to_numpy()[trip],
            "trip": labels,
            "time_s": calls["departure_s"].to_numpy().astype(np.int32),
        }
    )
    return frame.sort_values(["stop", "route", "direction", "time_s", "trip"], kind="stable").reset_index(drop=True)


def _with_modes(points: gpd.GeoDataFrame, departures: pd.DataFrame, routes: pd.DataFrame) -> gpd.GeoDataFrame:
    """The stops with the mode that most of their departures have (equally many: the first by name)."""
    mode = routes["mode"].reindex(departures["route"]).to_numpy()
    counted = departures.assign(mode=mode).groupby(["stop", "mode"], sort=True).size().reset_index(name="count")
    main = counted.sort_values(["stop", "count", "mode"], ascending=[True, False, True]).drop_duplicates("stop")
    found = main.set_index("stop")["mode"].reindex(points.index).fillna("")
    return points.assign(mode=found.to_numpy())[["name", "station", "mode", "geometry"]]


def _note_departures(departures: pd.DataFrame, service_day: str, ledger: Ledger) -> None:
    values: dict[str, Value] = {
        "departures": len(departures),
        "trips": int(departures["trip"].nunique()),
        "stops": int(departures["stop"].nunique()),
        "day": service_day,
        "late": int((departures["time_s"] >= DAY_S).sum()),
    }
    ledger.record(LAYER, "read", Message("gtfs.departures", values), count=len(departures))


def _timezone(feed: Feed, ledger: Ledger) -> str:
    """The agencies' time zone: the first one's; none, or several, is noted."""
    zones = [str(zone) for zone in dict.fromkeys(feed.column("agency.txt", "agency_timezone")) if zone]
    if not zones:
        ledger.record(LAYER, "warned", Message("gtfs.no_timezone"))
    elif len(zones) > 1:
        ledger.record(
            LAYER, "warned", Message("gtfs.timezones", {"zones": tuple(zones), "used": zones[0]}), count=len(zones)
        )
    return zones[0] if zones else ""
