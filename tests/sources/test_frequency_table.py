"""Frequency tables: stops, windows and departures of tables written by hand, then timetables that say the same."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import toy_feed
from hypothesis import given, settings
from hypothesis import strategies as st
from pyproj import CRS, Transformer
from toy_frequency import DAY, TABLE, UTM, read, said, stations, table, times

from spatial.cli.results_view import put_ledger
from spatial.errors import CrsError
from spatial.model.provenance import Ledger
from spatial.operations.service import departures_per_stop, headways
from spatial.sources.datum import from_wgs84
from spatial.sources.frequency_table import read_frequency_table

ALL = {"times", "directions", "sequence", "travel_times", "modes", "lines"}


def test_a_table_by_hand(tmp_path: Path):
    supply, ledger = read(tmp_path)
    # up: 7:00 to 9:00 every 5 (25), then to 23:30 every 10 (88, of which 9:00 is there already); Square 3 min later
    assert len(times(supply, "East", "1", "up")) == 25 + 88 - 1
    assert times(supply, "Square", "1", "up") == pytest.approx([t + 0.05 for t in times(supply, "East", "1", "up")])
    assert times(supply, "West", "1", "up") == []  # the last stop
    assert times(supply, "West", "1", "down") == pytest.approx(np.arange(6, 22.01, 1 / 6))
    assert times(supply, "Square", "1", "down") == pytest.approx(np.arange(6 + 4 / 60, 22.07, 0.2))
    assert times(supply, "East", "1", "down") == []
    assert departures_per_stop(supply).to_dict() == {"East": 112, "Square": 112 + 81, "West": 97}
    assert supply.stops["served"].tolist() == [True] * 3
    assert supply.stops["mode"].tolist() == ["metro"] * 3
    assert supply.routes.loc["1"].to_dict() == {"short_name": "1", "long_name": "", "mode": "metro"}
    assert (supply.service_day, supply.timezone, supply.departures["time_s"].dtype) == (DAY, "", np.int32)
    assert supply.lacks == {"travel_times"}  # those of the way down are not told
    assert said(ledger, "frequency.termini") == {"count": 2, "names": ("West", "East"), "action": "dropped"}
    assert said(ledger, "frequency.carried") == {"count": 1, "action": "imputed"}
    assert said(ledger, "frequency.departures") == {
        "count": 402, "stops": 3, "day": DAY, "late": 0, "action": "estimated"
    }  # fmt: skip
    assert said(ledger, "frequency.lacks_travel_times") == {"count": 2, "rows": 7, "action": "warned"}


def test_headways_are_those_of_the_table(tmp_path: Path):
    supply, _ = read(tmp_path)
    rush = headways(supply, start_h=7, end_h=9).set_index(["station", "direction"])["mean_headway_min"]
    assert rush.to_dict() == {("East", "up"): 5, ("Square", "up"): 5, ("West", "down"): 10, ("Square", "down"): 12}
    noon = headways(supply, start_h=10, end_h=14).set_index(["station", "direction"])
    assert noon["mean_headway_min"].to_dict() == {
        ("East", "up"): 10, ("Square", "up"): 10, ("West", "down"): 10, ("Square", "down"): 12
    }  # fmt: skip
    assert noon["max_gap_min"].max() == 12


def test_positions_and_source(tmp_path: Path):
    supply, ledger = read(tmp_path)
    x, y = Transformer.from_crs(4326, 32650, always_xy=True).transform(116.41, 39.90)
    point = supply.stops.geometry["Square"]
    assert (point.x, point.y) == pytest.approx((x, y), abs=1e-6)
    assert (said(ledger, "frequency.projected")["count"], supply.stops.crs) == (7, UTM)
    _, source = read_frequency_table(tmp_path / "lines.csv", columns={}, service_day=DAY, crs=UTM, ledger=Ledger())
    assert (source.layer, source.name, len(source.sha256)) == ("transit", "lines.csv", 64)
    with pytest.raises(CrsError):
        read(tmp_path, crs=CRS.from_epsg(4326))


def test_rows_in_any_order_give_the_same_layer(tmp_path: Path):
    head, *rows = TABLE.splitlines()
    shuffled = [rows[i] for i in (4, 0, 6, 2, 5, 1, 3)]
    assert read(tmp_path, "\n".join([head, *shuffled]))[0] == read(tmp_path)[0]


def test_a_shifted_datum(tmp_path: Path):
    lon, lat = from_wgs84(np.array([116.40]), np.array([39.90]), "gcj02")
    row = f"A,{float(lon[0])!r},{float(lat[0])!r},10,6:00,7:00"
    supply, _ = read(tmp_path, table(row), datum="gcj02")
    plain, _ = read(tmp_path, table("A,116.40,39.90,10,6:00,7:00"))
    assert supply.stops.geometry["A"].distance(plain.stops.geometry["A"]) < 1e-3
    moved, _ = read(tmp_path, table(row))
    assert 500 < moved.stops.geometry["A"].distance(plain.stops.geometry["A"]) < 600


@pytest.mark.parametrize(
    ("first", "last", "headway", "expected"),
    [
        ("06:00", "07:00", "20", [6, 6 + 1 / 3, 6 + 2 / 3, 7]),
        ("6:00", "06:50", "20", [6, 6 + 1 / 3, 6 + 2 / 3]),  # nothing leaves at 6:50
        ("23:30", "0:30", "30", [23.5, 24, 24.5]),
        ("23:30", "次日00:30", "30", [23.5, 24, 24.5]),
        ("23:30", "24:30", "30", [23.5, 24, 24.5]),
        ("24:30", "25:30", "60", [24.5, 25.5]),
        ("00:30", "01:30", "60", [0.5, 1.5]),
        ("12:00", "12:00", "60", [12]),
        ("0.25", "0.2708333333", "15", [6, 6.25, 6.5]),
        ("06:00", "06:20", "6.667", [6, 6 + 400 / 3600, 6 + 800 / 3600]),  # 400.02 s; the fourth would be at 6:20:00.06
    ],
)
def test_windows(tmp_path: Path, first: str, last: str, headway: str, expected: list[float]):
    supply, _ = read(tmp_path, table(f"A,116.4,39.9,{headway},{first},{last}"))
    assert times(supply, "A") == pytest.approx(expected, abs=1e-9)


def test_rush_only_and_a_pause(tmp_path: Path):
    rows = ("A,116.4,39.9,10,7:00,9:00", "A,116.4,39.9,10,17:00,19:00")
    supply, _ = read(tmp_path, table(*rows))
    assert len(times(supply, "A")) == 26
    assert headways(supply, start_h=7, end_h=9)["mean_headway_min"].tolist() == [10]
    assert headways(supply, start_h=7, end_h=19)["max_gap_min"].tolist() == [480]
    assert supply.departures["trip"].is_unique


def test_departures_per_hour(tmp_path: Path):
    rows = ("A,116.4,39.9,8,6:00,7:00", "A,116.4,39.9,0,8:00,9:00", "B,116.5,39.9,0,,")
    columns = "stop,lon,lat,departures_per_hour,first,last"
    supply, ledger = read(tmp_path, table(*rows, columns=columns))
    assert times(supply, "A") == pytest.approx(np.arange(6, 7.01, 0.125))
    assert supply.stops["served"].to_dict() == {"A": True, "B": False}
    assert supply.stops["mode"].to_dict() == {"A": "", "B": ""}
    assert said(ledger, "frequency.per_hour") == {"count": 1, "action": "read"}
    assert said(ledger, "frequency.idle") == {"count": 2, "names": ("A", "B"), "action": "warned"}


def test_stations_and_headways_alone(tmp_path: Path):
    text = table("A,5", "B,6.5", "C,", columns="stop,headway_min")
    known = stations(("station", "metro", "A", 0, 0), ("station", "metro", "B", 900, 0), ("stop", "bus", "C", 0, 900))
    supply, ledger = read(tmp_path, text, known_stations=known)
    assert supply.lacks == {"times", "directions", "sequence", "travel_times", "lines"}
    assert supply.departures.empty
    assert supply.stops["served"].to_dict() == {"A": True, "B": True, "C": False}
    assert supply.stops["mode"].to_dict() == {"A": "metro", "B": "metro", "C": ""}
    plain, _ = read(tmp_path, table("A,5,116.4,39.9", columns="stop,headway_min,lon,lat"))
    assert plain.lacks == ALL
    assert said(ledger, "frequency.matched") == {"count": 3, "several": 0, "action": "merged"}
    assert {e.message.key for e in ledger.entries if e.action == "warned"} == {
        "frequency.idle", *(f"frequency.lacks_{lack}" for lack in supply.lacks)
    }  # fmt: skip


@pytest.mark.parametrize(("language", "words"), [("en", "cannot be computed"), ("zh", "没有首末班时间")])
def test_a_check_says_what_the_table_lacks(tmp_path: Path, capsys, monkeypatch, language: str, words: str):
    monkeypatch.setenv("COLUMNS", "300")
    _, ledger = read(tmp_path, table("A,5,116.4,39.9", columns="stop,headway_min,lon,lat"))
    put_ledger(ledger.entries, language)
    assert words in capsys.readouterr().out.replace("\n", "")


def test_directions_unknown_leave_from_both_ends(tmp_path: Path):
    columns = "line,direction,sequence,stop,lon,lat,headway_min,first,last"
    rows = [f"1,{{}},{i},{stop},116.4{i},39.9,10,6:00,7:00" for i, stop in enumerate("ABC")]
    for word, served in (("", [True] * 3), ("双向", [True] * 3), ("up", [True, True, False])):
        supply, ledger = read(tmp_path, table(*(row.format(word) for row in rows), columns=columns))
        assert supply.stops["served"].tolist() == served
        assert ("directions" in supply.lacks) == (word != "up")
        found = [e.message.values["names"] for e in ledger.entries if e.message.key == "frequency.one_way"]
        assert found == ([("1",)] if word == "up" else [])


def test_a_lone_stop_is_no_terminus(tmp_path: Path):
    columns = "line,direction,sequence,stop,lon,lat,headway_min,first,last"
    supply, ledger = read(tmp_path, table("1,up,7,A,116.4,39.9,10,6:00,7:00", columns=columns))
    assert len(times(supply, "A", "1", "up")) == 7
    assert said(ledger, "frequency.lone_stops") == {"count": 1, "action": "warned"}


def test_a_loop_is_left_where_it_begins(tmp_path: Path):
    columns = "line,direction,sequence,stop,lon,lat,headway_min,first,last"
    rows = [f"1,内环,{i},{stop},116.4{'ABC'.index(stop)},39.9,10,6:00,7:00" for i, stop in enumerate("ABCA")]
    supply, _ = read(tmp_path, table(*rows, columns=columns))
    assert departures_per_stop(supply).to_dict() == {"A": 7, "B": 7, "C": 7}


def test_hours_are_carried_from_the_nearest_earlier_stop(tmp_path: Path):
    columns = "line,direction,sequence,stop,lon,lat,headway_min,first,last,minutes_from_previous"
    rows = (
        "1,up,1,A,116.41,39.9,10,6:00,7:00,",
        "1,up,2,B,116.42,39.9,20,,,2.5",  # every other one goes on
        "1,up,3,C,116.43,39.9,30,8:00,9:00,5",  # hours of its own
        "1,up,4,D,116.44,39.9,30,,,6",
        "1,up,5,E,116.45,39.9,,,,6",
    )
    supply, ledger = read(tmp_path, table(*rows, columns=columns))
    assert times(supply, "B", "1", "up") == pytest.approx([6 + 2.5 / 60 + i / 3 for i in range(4)])
    assert times(supply, "D", "1", "up") == pytest.approx([8.1, 8.6, 9.1])
    assert said(ledger, "frequency.carried")["count"] == 2
    assert supply.lacks == {"modes"}


def test_windows_are_carried_by_their_headway(tmp_path: Path):
    columns = "line,direction,sequence,stop,lon,lat,headway_min,first,last,minutes_from_previous"
    peaks = ("1,up,1,A,116.41,39.9,5,7:00,9:00,", "1,up,1,A,116.41,39.9,5,17:00,19:00,")
    rest = ("1,up,1,A,116.41,39.9,10,9:00,17:00,",)
    later = ("1,up,2,B,116.42,39.9,5,,,6", "1,up,2,B,116.42,39.9,5,,,6", "1,up,2,B,116.42,39.9,10,,,6")
    supply, _ = read(tmp_path, table(*peaks, *rest, *later, "1,up,3,C,116.43,39.9,,,,6", columns=columns))
    assert times(supply, "B", "1", "up") == pytest.approx([t + 0.1 for t in times(supply, "A", "1", "up")])
    assert len(times(supply, "A", "1", "up")) == 25 + 25 + 49 - 2


# — oracles —


def test_a_timetable_that_says_the_same(tmp_path: Path):
    """A line and its rush as GTFS trips with frequencies.txt, whose periods do not include their end."""
    rows = (
        "R,0,1,a,-21.90,64.10,bus,10,06:00,23:50,",
        "R,0,2,b,-21.90,64.11,bus,,,,5",
        "R,0,3,c,-21.90,64.12,bus,,,,5",
        "R,1,1,c,-21.90,64.12,bus,7.5,07:00,09:00,",
        "R,1,1,c,-21.90,64.12,bus,20,22:00,00:40,",
        "R,1,2,b,-21.90,64.11,bus,,,,4",
        "R,1,3,a,-21.90,64.10,bus,,,,9",
    )
    columns = "line,direction,sequence,stop,lon,lat,mode,headway_min,first,last,minutes_from_previous"
    ours, _ = read(tmp_path, table(*rows, columns=columns), crs=toy_feed.UTM)
    feed = {
        "stop_times.txt": "trip_id,arrival_time,departure_time,stop_id,stop_sequence\n"
        "t1,00:00:00,00:00:00,a,1\nt1,00:05:00,00:05:00,b,2\nt1,00:10:00,00:10:00,c,3\n"
        "t2,00:00:00,00:00:00,c,1\nt2,00:04:00,00:04:00,b,2\nt2,00:13:00,00:13:00,a,3\n",
        "frequencies.txt": "trip_id,start_time,end_time,headway_secs,exact_times\n"
        "t1,06:00:00,23:50:01,600,1\nt2,07:00:00,09:00:01,450,1\nt2,22:00:00,24:40:01,1200,1\n",
    }
    theirs, _ = toy_feed.read(tmp_path, feed)
    fields = ["stop", "route", "direction", "time_s"]
    pd.testing.assert_frame_equal(ours.departures[fields], theirs.departures[fields], check_dtype=False)
    assert ours.departures.groupby("trip").size().sum() == len(theirs.departures)
    for hours in ((7, 9), (7, 19), (22, 25)):
        a, b = (headways(supply, start_h=hours[0], end_h=hours[1]) for supply in (ours, theirs))
        a["station"] = a["station"].str.lower()
        pd.testing.assert_frame_equal(a, b, check_dtype=False)
    points = [supply.stops.geometry for supply in (ours, theirs)]
    assert points[0].geom_equals_exact(points[1], 1e-6).all()
    assert ours.stops["mode"].to_dict() == theirs.stops["mode"].to_dict()


service = st.tuples(st.sampled_from("AB"), st.sampled_from("12"), st.integers(0, 1700), st.integers(0, 900))


@settings(max_examples=40, deadline=None)
@given(
    rows=st.lists(service, min_size=1, max_size=8, unique_by=lambda row: row[:2]),
    headway=st.sampled_from([1, 2.5, 7, 10, 33.3]),
    order=st.randoms(use_true_random=False),
)
def test_departures_agree_with_a_plain_loop(tmp_path_factory, rows, headway, order):
    expected, lines = {}, []
    for stop, line, first, length in rows:
        last = first + length
        place = 116.4 + 0.01 * (stop == "B")
        lines.append(
            f"{line},up,{stop},{place},39.9,{headway},{first // 60}:{first % 60:02},{last // 60}:{last % 60:02}"
        )
        expected[stop, line], step = [], 0
        while first * 60 + step * headway * 60 <= last * 60 + 1e-6:
            expected[stop, line].append(round(first * 60 + step * headway * 60))
            step += 1
    order.shuffle(lines)
    columns = "line,direction,stop,lon,lat,headway_min,first,last"
    supply, _ = read(tmp_path_factory.mktemp("t"), table(*lines, columns=columns))
    found = {key: part.tolist() for key, part in supply.departures.groupby(["stop", "route"])["time_s"]}
    assert found == expected
    for part in found.values():
        assert all(abs(b - a - headway * 60) <= 1 for a, b in pairwise(part))
