"""A GTFS feed of three stops and two trips, written by hand, and short ways to read it."""

from __future__ import annotations

import zipfile
from collections.abc import Mapping
from pathlib import Path

from pyproj import CRS

from spatial.errors import InputError
from spatial.model.provenance import Ledger
from spatial.model.transit import TransitSupply
from spatial.sources.gtfs import read_gtfs

UTM = CRS.from_epsg(32627)
DAY = "2024-05-15"  # a Wednesday

STOPS = """stop_id,stop_name,stop_lat,stop_lon
a,Alpha,64.10,-21.90
b,Beta,64.11,-21.90
c,Gamma,64.12,-21.90
"""
TIMES = """trip_id,arrival_time,departure_time,stop_id,stop_sequence
t1,07:00:00,07:00:00,a,1
t1,07:05:00,07:06:00,b,2
t1,07:10:00,07:10:00,c,3
t2,24:50:00,24:50:00,c,10
t2,25:00:00,25:10:00,b,20
t2,25:20:00,25:20:00,a,40
"""
CALENDAR = """service_id,monday,tuesday,wednesday,thursday,friday,saturday,sunday,start_date,end_date
week,1,1,1,1,1,0,0,20240501,20240531
"""
FEED = {
    "agency.txt": "agency_id,agency_name,agency_url,agency_timezone\n1,Toy,http://toy,Atlantic/Reykjavik\n",
    "stops.txt": STOPS,
    "routes.txt": "route_id,route_short_name,route_long_name,route_type\nR,1,One,3\n",
    "trips.txt": "route_id,service_id,trip_id,direction_id\nR,week,t1,0\nR,week,t2,1\n",
    "stop_times.txt": TIMES,
    "calendar.txt": CALENDAR,
}


def write(path: Path, changes: Mapping[str, str | bytes | None] | None = None, *, folder: str = "") -> Path:
    """A zip of the toy feed with some files replaced, added or (None) left out."""
    with zipfile.ZipFile(path, "w") as archive:
        for name, text in (FEED | dict(changes or {})).items():
            if text is not None:
                archive.writestr(folder + name, text)
    return path


def read(
    tmp_path: Path,
    changes: Mapping[str, str | bytes | None] | None = None,
    *,
    day: str = DAY,
    folder: str = "",
    **options,
) -> tuple[TransitSupply, Ledger]:
    ledger = Ledger()
    path = write(tmp_path / "feed.zip", changes, folder=folder)
    supply, _ = read_gtfs(path, service_day=day, crs=UTM, ledger=ledger, **options)
    return supply, ledger


def left(supply: TransitSupply) -> list[tuple[str, str, int]]:
    """Departures as (stop, trip, second), sorted."""
    table = supply.departures
    return sorted(zip(table["stop"], table["trip"], table["time_s"].tolist(), strict=True))


def entry(ledger: Ledger, key: str) -> dict:
    found = [dict(e.message.values) for e in ledger.entries if e.message.key == key]
    assert len(found) == 1, [e.message.key for e in ledger.entries]
    return found[0]


def keys(error: InputError) -> list[str]:
    return [message.key for message in error.messages]


ALL = [("a", "t1", 25200), ("b", "t1", 25560), ("b", "t2", 90600), ("c", "t2", 89400)]
