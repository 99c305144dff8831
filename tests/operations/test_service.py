"""Departures, headways and gaps: worked out by hand, then the bundled timetable against an independent count."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pyproj import CRS

from spatial.errors import NotComputable
from spatial.model.provenance import Ledger
from spatial.model.transit import TransitSupply
from spatial.operations.service import (
    boarding_points,
    departures_in_window,
    departures_per_stop,
    frequent_stops,
    headways,
    served_stops,
)
from spatial.sources.gtfs import read_gtfs

STRAETO = Path(__file__).parents[2] / "data" / "reykjavik" / "straeto_gtfs_20190513_week.zip"
HOUR = 3600


def supply(
    rows: list[tuple[str, str, str, float]],
    *,
    stations: dict[str, str] | None = None,
    entrances: list[tuple[str, float, float]] | None = None,
    stops: str = "abc",
) -> TransitSupply:
    """Departures as (stop, route, direction, minute of the day); the stops stand 100 m apart on a line."""
    index = pd.Index(list(stops), name="stop")
    table = gpd.GeoDataFrame(
        {
            "name": list(stops),
            "station": [(stations or {}).get(stop, stop) for stop in stops],
            "mode": "bus",
        },
        geometry=gpd.points_from_xy(np.arange(len(stops)) * 100.0, np.zeros(len(stops))),
        index=index,
        crs=32627,
    )
    departures = pd.DataFrame(rows, columns=["stop", "route", "direction", "minute"])
    departures["trip"] = [f"t{i}" for i in range(len(rows))]
    departures["time_s"] = (departures.pop("minute") * 60).astype(np.int32)
    routes = pd.DataFrame({"short_name": [], "long_name": [], "mode": []}, index=pd.Index([], name="route"))
    doors = pd.DataFrame(entrances or [], columns=["station", "x", "y"])
    return TransitSupply(table, departures, routes, doors, "2024-05-15", "Atlantic/Reykjavik")


def every(stop: str, minutes: float, *, route: str = "R", direction: str = "0", start: float = 420, end: float = 1140):
    return [(stop, route, direction, minute) for minute in np.arange(start, end, minutes)]


def test_window_takes_its_start_and_not_its_end():
    transit = supply([("a", "R", "0", m) for m in (419, 420, 539, 540, 1500)])
    assert departures_in_window(transit, start_h=7, end_h=9)["time_s"].tolist() == [25200, 32340]
    assert departures_per_stop(transit, start_h=7, end_h=9).to_dict() == {"a": 2, "b": 0, "c": 0}
    assert departures_per_stop(transit).to_dict() == {"a": 5, "b": 0, "c": 0}
    assert departures_per_stop(transit, start_h=24, end_h=26).to_dict() == {"a": 1, "b": 0, "c": 0}


@pytest.mark.parametrize("window", [(9, 7), (7, 7), (-1, 5), (40, 49)])
def test_windows_that_are_none(window: tuple[float, float]):
    with pytest.raises(ValueError, match="window"):
        departures_per_stop(supply([]), start_h=window[0], end_h=window[1])


def test_headways_by_hand():
    # 7 to 9 h: departures at 7:10, 7:30, 8:40 → 120 min / 3 = 40; gaps 10, 20, 70, 20
    transit = supply([("a", "R", "0", 460 - 30), ("a", "R", "0", 450), ("a", "R", "0", 520), ("b", "R", "1", 480)])
    table = headways(transit, start_h=7, end_h=9).set_index(["station", "route", "direction"])
    assert table.loc[("a", "R", "0")].to_dict() == {"departures": 3, "mean_headway_min": 40, "max_gap_min": 70}
    assert table.loc[("b", "R", "1")].to_dict() == {"departures": 1, "mean_headway_min": 120, "max_gap_min": 60}
    assert len(table) == 2


def test_gaps_count_from_the_window_and_to_its_end():
    early = headways(supply([("a", "R", "0", m) for m in (420, 425, 430)]), start_h=7, end_h=9)
    assert early["max_gap_min"].tolist() == [110]
    late = headways(supply([("a", "R", "0", m) for m in (530, 535)]), start_h=7, end_h=9)
    assert late["max_gap_min"].tolist() == [110]


def test_directions_and_routes_are_not_added_up():
    rows = every("a", 30) + every("a", 30, direction="1", start=435)
    transit = supply(rows + every("b", 30) + every("b", 30, route="S", start=435))
    options = {"start_h": 7, "end_h": 19, "max_gap_min": 30}
    assert frequent_stops(transit, headway_min=15, **options) == frozenset()
    assert frequent_stops(transit, headway_min=30, **options) == {"a", "b"}


def test_mean_headway_of_exactly_the_limit_is_frequent():
    transit = supply(every("a", 15) + every("b", 15)[:-1] + every("c", 15, start=434))
    # 48 departures in 12 hours at a; 47 at b; c: 7:14 to 18:59, 48 departures
    assert frequent_stops(transit, start_h=7, end_h=19, headway_min=15, max_gap_min=30) == {"a", "c"}


def test_a_gap_of_exactly_the_limit_is_allowed():
    closer = every("a", 5, end=600) + every("a", 5, start=625)
    # 9:55 to 10:25 is 30 minutes; without the departure at 10:25 the gap is 35
    assert frequent_stops(supply(closer), start_h=7, end_h=19, headway_min=15, max_gap_min=30) == {"a"}
    wider = [row for row in closer if row[3] != 625]
    assert frequent_stops(supply(wider), start_h=7, end_h=19, headway_min=15, max_gap_min=30) == frozenset()
    assert frequent_stops(supply(wider), start_h=7, end_h=19, headway_min=15, max_gap_min=None) == {"a"}


def test_a_trip_that_calls_twice_at_a_station_leaves_once():
    # a loop: every trip calls at a, ten minutes later at b, and once more at a after twenty
    loops = [
        (stop, "R", "0", minute + late)
        for minute in range(420, 1140, 30)
        for stop, late in zip("aba", (0, 10, 20), strict=True)
    ]
    transit = supply(loops, stations={"a": "S", "b": "S"})
    departures = transit.departures.assign(trip=[f"t{i // 3}" for i in range(len(loops))])
    transit = replace(transit, departures=departures)
    (row,) = headways(transit, start_h=7, end_h=19).to_dict("records")
    assert (row["departures"], row["mean_headway_min"], row["max_gap_min"]) == (24, 30, 30)
    options = {"start_h": 7, "end_h": 19, "max_gap_min": 30}
    assert frequent_stops(transit, headway_min=15, **options) == frozenset()
    assert frequent_stops(transit, headway_min=30, **options) == {"a", "b"}
    # the first call that lies in the window counts, also where an earlier one lies before it
    late = headways(transit, start_h=7.1, end_h=8)
    assert late["departures"].tolist() == [2]
    assert departures_per_stop(transit, start_h=7, end_h=8).to_dict() == {"a": 4, "b": 2, "c": 0}


def test_frequent_at_rush_hour_only():
    transit = supply(every("a", 10, end=540) + every("a", 30, start=540))
    assert frequent_stops(transit, start_h=7, end_h=9, headway_min=15, max_gap_min=30) == {"a"}
    # 12 in the rush and 20 after it make 32 in 12 hours: 22.5 minutes
    assert frequent_stops(transit, start_h=7, end_h=19, headway_min=15, max_gap_min=30) == frozenset()


def test_platforms_of_a_station_count_together():
    rows = every("a", 20) + every("b", 20, start=430)
    options = {"start_h": 7, "end_h": 19, "headway_min": 15, "max_gap_min": 30}
    assert frequent_stops(supply(rows), **options) == frozenset()
    assert frequent_stops(supply(rows, stations={"a": "S", "b": "S"}), **options) == {"a", "b"}
    # without a direction the platforms may be the two ways: they stay apart
    untold = [(stop, route, "", minute) for stop, route, _, minute in rows]
    assert frequent_stops(supply(untold, stations={"a": "S", "b": "S"}), **options) == frozenset()


def test_only_the_platforms_of_the_frequent_route():
    rows = every("a", 10) + every("b", 60, route="S")
    transit = supply(rows, stations={"a": "S", "b": "S"})
    assert frequent_stops(transit, start_h=7, end_h=19, headway_min=15, max_gap_min=30) == {"a"}


def test_nothing_leaves():
    transit = supply([])
    assert headways(transit, start_h=7, end_h=9).empty
    assert frequent_stops(transit, start_h=7, end_h=9, headway_min=15, max_gap_min=30) == frozenset()
    assert departures_per_stop(transit).tolist() == [0, 0, 0]


def test_served_stops_follow_the_departures():
    transit = supply(every("a", 15) + every("c", 60))
    assert served_stops(transit) == {"a", "c"}
    fewer = replace(transit, departures=transit.departures.query("stop == 'a'"))
    assert served_stops(fewer) == {"a"}  # and not what the stops said before
    assert fewer.stops["served"].tolist() == [True, False, False]


def test_without_times_it_is_known_where_and_not_when():
    timed = supply([])
    stops = timed.stops.assign(served=[True, False, True])
    untimed = replace(timed, stops=stops, lacks=frozenset({"times"}))
    assert served_stops(untimed) == {"a", "c"}
    assert untimed.token != timed.token
    assert untimed.token != replace(untimed, lacks=frozenset({"times", "modes"})).token
    for count in (departures_per_stop, headways):
        with pytest.raises(NotComputable, match="first and the last departure"):
            count(untimed, start_h=7, end_h=19)
    with pytest.raises(NotComputable):
        frequent_stops(untimed, start_h=7, end_h=19, headway_min=15, max_gap_min=None)


def test_what_a_supply_may_lack():
    timed = supply(every("a", 15))
    with pytest.raises(ValueError, match="known"):
        replace(timed, lacks=frozenset({"drivers"}))
    with pytest.raises(ValueError, match="without times has no departures"):
        replace(timed, lacks=frozenset({"times"}))
    stops, nothing = timed.stops.drop(columns="served"), timed.departures.iloc[:0]
    with pytest.raises(ValueError, match="a column `served`"):
        replace(timed, stops=stops, departures=nothing, lacks=frozenset({"times"}))


def test_boarding_points_are_entrances_where_known():
    transit = supply(
        [], stations={"a": "S", "b": "S"}, entrances=[("S", 10.0, 20.0), ("S", 30.0, 40.0), ("T", 1.0, 1.0)]
    )
    x, y = boarding_points(transit, frozenset("ac"))
    assert (x.tolist(), y.tolist()) == ([10.0, 30.0, 200.0], [20.0, 40.0, 0.0])
    assert [part.tolist() for part in boarding_points(transit, frozenset())] == [[], []]


minutes = st.lists(
    st.tuples(st.sampled_from("ab"), st.sampled_from("RS"), st.sampled_from("01"), st.integers(0, 47 * 60)), max_size=40
)


@settings(max_examples=60, deadline=None)
@given(rows=minutes, start=st.integers(0, 40), length=st.integers(1, 8), order=st.randoms(use_true_random=False))
def test_headways_agree_with_a_plain_loop(rows, start, length, order):
    end = start + length
    kept = defaultdict(list)
    for stop, route, direction, minute in rows:
        if start * 60 <= minute < end * 60:
            kept[stop, route, direction].append(minute)
    expected = {}
    for key, found in kept.items():
        line = [start * 60, *sorted(found), end * 60]
        expected[key] = (len(found), length * 60 / len(found), max(b - a for a, b in pairwise(line)))
    shuffled = list(rows)
    order.shuffle(shuffled)
    table = headways(supply(shuffled), start_h=start, end_h=end)
    ours = {tuple(row[:3]): tuple(row[3:]) for row in table.itertuples(index=False)}
    assert ours == expected
    assert list(ours) == sorted(ours)


# — the bundled timetable, Wednesday 15 May 2019 —


@pytest.fixture(scope="module")
def straeto() -> TransitSupply:
    return read_gtfs(STRAETO, service_day="2019-05-15", crs=CRS.from_epsg(32627), ledger=Ledger())[0]


@pytest.mark.parametrize(
    ("start_h", "end_h", "served", "frequent"), [(7, 9, 922, 637), (10, 14, 936, 117), (7, 19, 948, 117)]
)
def test_straeto(straeto: TransitSupply, start_h: int, end_h: int, served: int, frequent: int):
    """An earlier count of this feed gives 647, 143 and 144 frequent stops for the same served ones.

    It takes both directions of a route as one, counts a trip's last call as a departure, and a trip that calls twice
    as two; the next test does so and finds its figures. None of that is a wait that a rider has.
    """
    assert int((departures_per_stop(straeto, start_h=start_h, end_h=end_h) > 0).sum()) == served
    for gap in (None, 30):
        found = frequent_stops(straeto, start_h=start_h, end_h=end_h, headway_min=15, max_gap_min=gap)
        assert len(found) == frequent
    counted = defaultdict(set)
    table = straeto.departures
    for stop, route, direction, trip, second in zip(
        *(table[name] for name in ("stop", "route", "direction", "trip", "time_s")), strict=True
    ):
        if start_h * HOUR <= second < end_h * HOUR:
            counted[stop, route, direction].add(trip)
    assert found == {key[0] for key, trips in counted.items() if len(trips) >= (end_h - start_h) * 4}


def test_a_loop_of_straeto_is_no_frequent_service(straeto: TransitSupply):
    """24 trips of route ST.7 call twice at one stop; they are a vehicle every half hour and not every quarter."""
    table = headways(straeto, start_h=7, end_h=19).set_index(["station", "route", "direction"])
    assert table.loc[("16040612", "ST.7", "1"), "departures"] == 24
    calls = straeto.departures.query("stop == '16040612' and route == 'ST.7' and direction == '1'")
    assert calls["time_s"].between(7 * HOUR, 19 * HOUR, inclusive="left").sum() == 48


def test_the_difference_from_the_earlier_count():
    import csv
    import io
    import zipfile

    with zipfile.ZipFile(STRAETO) as archive:
        tables = {
            name: list(csv.DictReader(io.TextIOWrapper(archive.open(f"{name}.txt"), encoding="utf-8")))
            for name in ("calendar_dates", "trips", "stop_times")
        }
    services = {row["service_id"] for row in tables["calendar_dates"] if row["date"] == "20190515"}
    route = {row["trip_id"]: row["route_id"] for row in tables["trips"] if row["service_id"] in services}
    calls = [
        (row["stop_id"], route[row["trip_id"]], int(h) * HOUR + int(m) * 60 + int(s))
        for row in tables["stop_times"]
        if row["trip_id"] in route
        for h, m, s in [row["departure_time"].split(":")]
    ]
    found = []
    for start_h, end_h in ((7, 9), (10, 14), (7, 19)):
        counted = defaultdict(int)
        for stop, line, second in calls:
            counted[stop, line] += start_h * HOUR <= second < end_h * HOUR
        found.append(len({stop for (stop, _), n in counted.items() if n >= (end_h - start_h) * 4}))
    assert found == [647, 143, 144]
