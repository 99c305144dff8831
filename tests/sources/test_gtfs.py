"""GTFS: stops, routes and departures of hand-written feeds."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from pyproj import CRS, Transformer
from toy_feed import ALL, DAY, FEED, STOPS, TIMES, UTM, entry, keys, left, read, write

from spatial.errors import CrsError, InputError
from spatial.model.provenance import Ledger, Source
from spatial.sources.gtfs import read_gtfs


def test_plain_feed(tmp_path: Path):
    supply, ledger = read(tmp_path)
    assert left(supply) == ALL  # the last calls (c at 07:10, a at 25:20) are no departures
    assert supply.departures["time_s"].dtype == np.int32
    assert supply.departures["direction"].tolist() == ["0", "0", "1", "1"]
    assert supply.service_day == DAY
    assert supply.timezone == "Atlantic/Reykjavik"
    assert supply.routes.loc["R"].to_dict() == {"short_name": "1", "long_name": "One", "mode": "bus"}
    assert supply.stops["station"].tolist() == ["a", "b", "c"]
    assert supply.stops["mode"].tolist() == ["bus"] * 3
    assert supply.entrances.empty
    assert entry(ledger, "gtfs.departures") == {"departures": 4, "trips": 2, "stops": 3, "day": DAY, "late": 2}


def test_coordinates_are_projected(tmp_path: Path):
    supply, ledger = read(tmp_path)
    x, y = Transformer.from_crs(4326, 32627, always_xy=True).transform(-21.90, 64.10)
    assert (supply.stops.geometry.x["a"], supply.stops.geometry.y["a"]) == pytest.approx((x, y), abs=1e-6)
    assert supply.stops.crs == UTM
    assert entry(ledger, "gtfs.projected")["count"] == 3
    with pytest.raises(CrsError):
        read_gtfs(tmp_path / "feed.zip", service_day=DAY, crs=CRS.from_epsg(4326), ledger=Ledger())


def test_source(tmp_path: Path):
    path = write(tmp_path / "feed.zip")
    _, source = read_gtfs(
        path, service_day=DAY, crs=UTM, ledger=Ledger(), licence="open data", attribution="Toy operator"
    )
    assert isinstance(source, Source)
    assert (source.layer, source.name, source.date) == ("transit", "feed.zip", "2024-05-01/2024-05-31")
    assert (source.licence, source.attribution, len(source.sha256)) == ("open data", "Toy operator", 64)


def test_folder_and_zip_agree(tmp_path: Path):
    folder = tmp_path / "feed"
    folder.mkdir()
    for name, text in FEED.items():
        (folder / name).write_text(text, encoding="utf-8")
    zipped, _ = read(tmp_path)
    opened, source = read_gtfs(folder, service_day=DAY, crs=UTM, ledger=Ledger())
    assert opened == zipped
    (folder / "routes.txt").write_text(FEED["routes.txt"].replace("One", "Uno"), encoding="utf-8")
    assert read_gtfs(folder, service_day=DAY, crs=UTM, ledger=Ledger())[1].sha256 != source.sha256


def test_rows_in_any_order_give_the_same_layer(tmp_path: Path):
    shuffled = {}
    for name, text in FEED.items():
        head, *rows = text.splitlines()
        shuffled[name] = "\n".join([head, *reversed(rows)]) + "\n"
    assert read(tmp_path, shuffled)[0] == read(tmp_path)[0]


def test_pickup_types(tmp_path: Path):
    head, *rows = TIMES.splitlines()
    kinds = ["1", "2", "0", "3", "", "0"]
    text = "\n".join([head + ",pickup_type", *(f"{row},{kind}" for row, kind in zip(rows, kinds, strict=True))])
    supply, ledger = read(tmp_path, {"stop_times.txt": text})
    assert left(supply) == ALL[1:]  # a at 07:00 may not be boarded
    assert entry(ledger, "gtfs.no_boarding") == {"count": 1}
    assert entry(ledger, "gtfs.on_request") == {"count": 2}


STATION = """stop_id,stop_name,stop_lat,stop_lon,location_type,parent_station
S,Central,64.105,-21.90,1,
a,Platform 1,64.10,-21.90,0,S
b,Platform 2,64.11,-21.90,,S
c,Kerb,64.12,-21.90,,
e2,North door,64.106,-21.91,2,S
e1,South door,64.104,-21.91,2,S
lost,Door,64.104,-21.91,2,nowhere
n,Node,,,3,S
"""


def test_stations_and_entrances(tmp_path: Path):
    supply, ledger = read(tmp_path, {"stops.txt": STATION})
    assert supply.stops["station"].to_dict() == {"a": "S", "b": "S", "c": "c"}
    x, y = Transformer.from_crs(4326, 32627, always_xy=True).transform([-21.91] * 2, [64.104, 64.106])
    assert supply.entrances["station"].tolist() == ["S", "S"]
    assert np.allclose(supply.entrances[["x", "y"]], np.column_stack([x, y]), atol=1e-6)
    assert entry(ledger, "gtfs.unknown_station") == {"count": 1, "first": "nowhere"}
    assert entry(ledger, "gtfs.entrances_alone") == {"count": 1}
    assert left(supply) == ALL


def test_stops_outside_the_box_go_with_their_departures(tmp_path: Path):
    supply, ledger = read(tmp_path, box=(-22.0, 64.05, -21.8, 64.115))
    assert left(supply) == ALL[:3]  # c lies north of the box
    assert supply.stops.index.tolist() == ["a", "b"]
    assert entry(ledger, "gtfs.outside_box") == {"stops": 1, "count": 1}


def test_box_does_not_move_the_end_of_a_trip(tmp_path: Path):
    supply, _ = read(tmp_path, box=(-22.0, 64.05, -21.8, 64.115))
    assert ("b", "t1", 25560) in left(supply)  # t1 goes on to c outside the box, so b is still left


def test_a_feed_of_another_place_is_refused(tmp_path: Path):
    with pytest.raises(InputError) as refused:
        read(tmp_path, box=(10.0, 50.0, 11.0, 51.0))
    assert keys(refused.value) == ["gtfs.outside"]


def test_stops_without_coordinates(tmp_path: Path):
    stops = STOPS.replace("64.11,-21.90", ",").replace("64.12,-21.90", "0,0.0")
    supply, ledger = read(tmp_path, {"stops.txt": stops})
    assert left(supply) == ALL[:1]
    assert entry(ledger, "gtfs.no_coordinates") == {"stops": 2, "count": 3}
    with pytest.raises(InputError) as refused:
        read(tmp_path, {"stops.txt": stops.replace("64.10,-21.90", ",")})
    assert keys(refused.value) == ["gtfs.nowhere"]


def test_unknown_stops_routes_and_trips(tmp_path: Path):
    changes = {
        "trips.txt": FEED["trips.txt"] + "X,week,t3,0\n",
        "stop_times.txt": TIMES.replace("25:10:00,b", "25:10:00,zzz")
        + "t3,07:00:00,07:00:00,a,1\nt3,07:10:00,07:10:00,b,2\nt9,07:00:00,07:00:00,a,1\n",
    }
    supply, ledger = read(tmp_path, changes)
    assert left(supply) == [ALL[0], ALL[1], ALL[3]]
    assert entry(ledger, "gtfs.unknown_stops") == {"stops": 0, "count": 1}
    assert entry(ledger, "gtfs.unknown_routes") == {"count": 1, "first": "X"}
    assert entry(ledger, "gtfs.unknown_trips") == {"count": 1}


@pytest.mark.parametrize(
    ("code", "mode"),
    [("0", "tram"), ("1", "metro"), ("2", "rail"), ("4", "ferry"), ("7", "other"), ("11", "bus"), ("12", "metro"),
     ("109", "rail"), ("401", "metro"), ("704", "bus"), ("900", "tram"), ("1000", "ferry"), ("1501", "other")],
)  # fmt: skip
def test_modes(tmp_path: Path, code: str, mode: str):
    supply, ledger = read(tmp_path, {"routes.txt": f"route_id,route_type\nR,{code}\n"})
    assert supply.routes.loc["R", "mode"] == mode
    assert supply.stops["mode"].unique().tolist() == [mode]
    assert not [e for e in ledger.entries if e.message.key == "gtfs.unknown_route_types"]


def test_unknown_mode_is_said(tmp_path: Path):
    supply, ledger = read(tmp_path, {"routes.txt": "route_id,route_type\nR,4711\n"})
    assert supply.routes.loc["R", "mode"] == "other"
    assert entry(ledger, "gtfs.unknown_route_types") == {"types": ("4711",), "count": 1}


def test_time_zones(tmp_path: Path):
    none, ledger = read(tmp_path, {"agency.txt": None})
    assert none.timezone == ""
    assert entry(ledger, "gtfs.no_timezone") == {}
    both, ledger = read(tmp_path, {"agency.txt": "agency_timezone\nEurope/Oslo\nEurope/Paris\n"})
    assert both.timezone == "Europe/Oslo"
    assert entry(ledger, "gtfs.timezones")["zones"] == ("Europe/Oslo", "Europe/Paris")
