"""Which rows of a frequency table speak of one stop and one station, and stops found by their names."""

from __future__ import annotations

from pathlib import Path

import pytest
from toy_frequency import read, said, stations, table

from spatial.operations.service import departures_per_stop
from spatial.sources.frequency_table.names import plain_name


def test_what_is_one_stop_and_one_station(tmp_path: Path):
    columns = "line,direction,stop,lon,lat,headway_min,first,last"
    rows = (
        "1,up,人民广场,116.40000,39.90000,10,6:00,7:00",
        "1,down,人民广场站,116.40005,39.90000,10,6:00,7:00",  # 4 m off
        "2,up,人民广场 地铁站,116.40200,39.90000,10,6:00,7:00",  # 171 m
        "3,up,人民广场,116.50000,39.90000,10,6:00,7:00",  # another town
        "3,up,Park Station,116.60000,39.90000,10,6:00,7:00",
    )
    supply, ledger = read(tmp_path, table(*rows, columns=columns))
    assert supply.stops["station"].to_dict() == {
        "人民广场 @ 116.40002,39.90000": "人民广场 @ 116.40068,39.90000",
        "人民广场 地铁站 @ 116.40200,39.90000": "人民广场 @ 116.40068,39.90000",
        "人民广场 @ 116.50000,39.90000": "人民广场 @ 116.50000,39.90000",
        "Park Station": "Park Station",
    }
    assert supply.stops["name"].tolist() == [stop.partition(" @")[0] for stop in supply.stops.index]
    assert said(ledger, "frequency.one_stop") == {"count": 5, "stops": 4, "within": 10, "action": "merged"}
    apart, _ = read(tmp_path, table(*rows, columns=columns), same_stop_m=1.0, station_m=5.0)
    assert (len(apart.stops), apart.stops["station"].nunique()) == (5, 4)


@pytest.mark.parametrize(
    ("one", "other"),
    [("人民广场", "人民广场站"), ("人民广场", "人民广场 地铁站"), ("Main Street", "main  street station"),
     ("Ａ１", "a1"), ("High St", "High St Metro Station"), ("东门", "东门公交站"), ("Zoo", "Zoo bus stop")],
)  # fmt: skip
def test_names_that_mean_the_same(one: str, other: str):
    assert plain_name(one) == plain_name(other)


@pytest.mark.parametrize(("one", "other"), [("东站", "西站"), ("站", ""), ("Bishop", "Bi"), ("Station", "")])
def test_names_that_do_not(one: str, other: str):
    assert plain_name(one) != plain_name(other)


def test_stops_outside_the_box_go_with_their_departures(tmp_path: Path):
    supply, ledger = read(tmp_path, box=(116.395, 39.8, 116.415, 40.0))
    assert departures_per_stop(supply).to_dict() == {"East": 112, "Square": 193}  # the way up still goes on to West
    assert said(ledger, "frequency.outside_box") == {"stops": 1, "count": 97, "action": "dropped"}


def test_known_stations_by_name_and_mode(tmp_path: Path):
    known = stations(
        ("station", "metro", "人民广场站", 0, 0),
        ("stop", "bus", "人民广场", 200, 0),
        ("stop", "bus", "人民广场", 200, 40),
        ("stop", "", "东门", 500, 0),
        ("station", "", "东门", 600, 0),
        ("entrance", "metro", "北门", 900, 0),
        ("station", "metro", "北门", 900, 100),
    )
    columns = "line,direction,stop,mode,headway_min,first,last"
    rows = ("1,up,人民广场,地铁,5,6:00,7:00", "8,up,人民广场,公交,5,6:00,7:00", "1,up,东门,,5,6:00,7:00",
            "9,up,北门,,5,6:00,7:00")  # fmt: skip
    supply, ledger = read(tmp_path, table(*rows, columns=columns), known_stations=known)
    at = {s: (p.x - 448_000, p.y - 4_417_000) for s, p in supply.stops.geometry.items()}
    metro, bus = sorted((s for s in at if s.startswith("人民广场")), key=lambda s: at[s])
    assert (at[metro], at[bus]) == ((0, 0), (200, 20))  # the bus stops are each side of the street
    assert supply.stops["station"][metro] == supply.stops["station"][bus] == "人民广场"
    assert (at["东门"], at["北门"]) == ((600, 0), (900, 100))
    assert supply.stops["mode"].to_dict() == {metro: "metro", bus: "bus", "东门": "metro", "北门": "metro"}
    assert supply.routes["mode"].to_dict() == {"1": "metro", "8": "bus", "9": "metro"}
    assert said(ledger, "frequency.matched") == {"count": 4, "several": 1, "action": "merged"}


def test_a_place_of_the_mode_comes_before_one_of_no_known_mode(tmp_path: Path):
    known = stations(("station", "", "南门", 0, 0), ("stop", "metro", "南门", 500, 0), ("stop", "bus", "南门", 900, 0))
    text = table("南门,地铁,5", columns="stop,mode,headway_min")
    supply, _ = read(tmp_path, text, known_stations=known)
    assert supply.stops.geometry.x.tolist() == [448_500]


def test_other_names_at_one_place_are_other_stops(tmp_path: Path):
    rows = ("A,116.4,39.9,10", "B,116.4,39.9,10", "C,116.40001,39.9,10", "A,116.40001,39.9,10")
    text = table(*(f"{i},{row}" for i, row in enumerate(rows)), columns="line,stop,lon,lat,headway_min")
    assert read(tmp_path, text)[0].stops["station"].to_dict() == {"A": "A", "B": "B", "C": "C"}


def test_a_line_has_the_mode_of_most_of_its_stations(tmp_path: Path):
    known = stations(*(("station", mode, name, 1000 * i, 0) for i, (mode, name) in enumerate(
        [("metro", "A"), ("rail", "B"), ("metro", "C")]
    )))  # fmt: skip
    rows = (f"1,{name},10" for name in "ABC")
    supply, _ = read(tmp_path, table(*rows, columns="line,stop,headway_min"), known_stations=known)
    assert supply.stops["mode"].tolist() == ["metro"] * 3
    alone, _ = read(tmp_path, table(*("A,10", "B,10"), columns="stop,headway_min"), known_stations=known)
    assert (alone.stops["mode"].tolist(), alone.routes["mode"].tolist()) == (["metro", "rail"], [""])


def test_a_stop_has_the_mode_that_leaves_most(tmp_path: Path):
    columns = "line,direction,mode,stop,lon,lat,headway_min"
    rows = ("1,up,tram,A,116.4,39.9,20", "2,up,bus,A,116.4,39.9,5")
    assert read(tmp_path, table(*rows, columns=columns))[0].stops["mode"].tolist() == ["bus"]
    timed = (f"{row},{hours}" for row, hours in zip(rows, ("6:00,22:00", "6:00,7:00"), strict=True))
    assert read(tmp_path, table(*timed, columns=columns + ",first,last"))[0].stops["mode"].tolist() == ["tram"]
