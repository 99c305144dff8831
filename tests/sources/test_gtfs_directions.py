"""GTFS: directions where the feed gives none."""

from __future__ import annotations

from pathlib import Path

from toy_feed import STOPS, TIMES, entry, read

UNTOLD = {"trips.txt": "route_id,service_id,trip_id\nR,week,t1\nR,week,t2\n"}


def test_directions_are_derived_from_the_order_of_stops(tmp_path: Path):
    supply, ledger = read(tmp_path, UNTOLD)
    table = supply.departures
    assert dict(zip(table["trip"], table["direction"], strict=True)) == {"t1": "0", "t2": "1"}
    assert entry(ledger, "gtfs.directions_derived") == {"count": 2}


def test_directions_are_derived_from_the_ends_of_the_trip(tmp_path: Path):
    # the way back has poles of its own, 200 m to the east
    stops = STOPS + "d,Delta,64.10,-21.896\ne,Epsilon,64.11,-21.896\nf,Zeta,64.12,-21.896\n"
    times = TIMES.replace(",c,10", ",f,10").replace(",b,20", ",e,20").replace(",a,40", ",d,40")
    times += "t3,09:00:00,09:00:00,d,1\nt3,09:10:00,09:10:00,f,2\n"
    trips = UNTOLD["trips.txt"] + "R,week,t3\n"
    supply, _ = read(tmp_path, {"stops.txt": stops, "stop_times.txt": times, "trips.txt": trips})
    table = supply.departures
    assert dict(zip(table["trip"], table["direction"], strict=True)) == {"t1": "0", "t2": "1", "t3": "0"}


def test_given_directions_are_kept_and_lead(tmp_path: Path):
    trips = "route_id,service_id,trip_id,direction_id\nR,week,t1,\nR,week,t2,0\n"
    supply, ledger = read(tmp_path, {"trips.txt": trips})
    table = supply.departures
    assert dict(zip(table["trip"], table["direction"], strict=True)) == {"t1": "1", "t2": "0"}
    assert entry(ledger, "gtfs.directions_derived") == {"count": 1}


def test_a_loop_without_shared_stops_has_no_direction(tmp_path: Path):
    stops = STOPS + "d,Delta,64.10,-21.896\ne,Epsilon,64.11,-21.896\n"
    times = TIMES.replace(",c,10", ",d,10").replace(",b,20", ",e,20").replace(",a,40", ",d,40")
    supply, ledger = read(tmp_path, {"stops.txt": stops, "stop_times.txt": times, **UNTOLD})
    table = supply.departures
    assert dict(zip(table["trip"], table["direction"], strict=True)) == {"t1": "0", "t2": ""}
    assert entry(ledger, "gtfs.directions_unknown") == {"count": 1}
