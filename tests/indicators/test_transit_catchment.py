"""Residents near stops: a street of 100 m steps worked out by hand, then properties."""

from __future__ import annotations

from dataclasses import replace

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely

from spatial.errors import NotComputable
from spatial.indicators.catalogue import describe
from spatial.indicators.transit_catchment import (
    residents_near_any_stop,
    residents_near_frequent_stop,
    residents_near_frequent_stop_rush_hour,
)
from spatial.model.district import Memo
from spatial.model.people import People
from spatial.model.streets import StreetNetwork
from spatial.model.study_area import StudyArea
from spatial.model.transit import TransitSupply
from spatial.model.zones import Zones, user_polygons, whole_area
from spatial.text import LANGUAGES, lookup, render

CRS_CODE = "EPSG:32627"
X0, Y0 = 450_000.0, 7_110_000.0
ALL = (residents_near_any_stop, residents_near_frequent_stop, residents_near_frequent_stop_rush_hour)


def street(length_m: float = 2000.0) -> StreetNetwork:
    """One straight street to the east, a node every 100 m."""
    count = int(length_m // 100)
    x = X0 + np.arange(count + 1) * 100.0
    nodes = pd.DataFrame({"x": x, "y": Y0, "osm_id": np.arange(count + 1), "analysed": True})
    u = np.arange(count, dtype=np.int32)
    lines = [shapely.LineString([(x[i], Y0), (x[i + 1], Y0)]) for i in u]
    edges = gpd.GeoDataFrame(
        {
            "u": u, "v": u + 1, "length_m": 100.0, "way_id": u.astype(np.int64), "highway": "footway", "name": "",
            "bridge": False, "tunnel": False, "walk": True, "cycle": True, "drive": np.zeros(count, dtype=np.int8),
        },
        geometry=lines,
        crs=CRS_CODE,
    )  # fmt: skip
    return StreetNetwork(nodes, edges, "paths")


def homes(*rows: tuple[float, float, float]) -> People:
    """Homes as (metres east, metres north, residents)."""
    table = np.array(rows, dtype=float).reshape(-1, 3)
    group = np.full(len(table), "", dtype=object)
    return People(
        X0 + table[:, 0], Y0 + table[:, 1], table[:, 2].copy(), np.full(len(table), np.nan), group, "dwellings"
    )


def transit(
    stops: dict[str, float],
    services: dict[str, np.ndarray],
    *,
    station: dict[str, str] | None = None,
    entrances: list[tuple[str, float, float]] | None = None,
    day: str = "2024-05-15",
) -> TransitSupply:
    """Stops at metres along the street; services: stop → minutes of the day at which route R leaves."""
    table = gpd.GeoDataFrame(
        {"name": list(stops), "station": [(station or {}).get(s, s) for s in stops], "mode": "bus"},
        geometry=gpd.points_from_xy(X0 + np.array(list(stops.values())), np.full(len(stops), Y0)),
        index=pd.Index(list(stops), name="stop"),
        crs=CRS_CODE,
    )
    rows = [(stop, "R", "0", f"{stop}{minute}", minute * 60) for stop, m in services.items() for minute in m]
    departures = pd.DataFrame(rows, columns=["stop", "route", "direction", "trip", "time_s"])
    departures["time_s"] = departures["time_s"].astype(np.int32)
    routes = pd.DataFrame(
        {"short_name": ["1"], "long_name": [""], "mode": ["bus"]}, index=pd.Index(["R"], name="route")
    )
    doors = pd.DataFrame(
        [(name, X0 + x, Y0 + y) for name, x, y in entrances or []], columns=["station", "x", "y"]
    ).astype({"x": float, "y": float})
    return TransitSupply(table, departures, routes, doors, day, "Atlantic/Reykjavik")


AREA = StudyArea("Toy", shapely.box(X0 - 500, Y0 - 1000, X0 + 2500, Y0 + 1000), 0.0, CRS_CODE)
WHOLE = whole_area(AREA)
DAYTIME = np.arange(420, 1140, 15)
RUSH = np.arange(420, 540, 10)
ONCE = np.array([720])
STOPS = {"often": 0.0, "rush": 800.0, "once": 1600.0, "closed": 2000.0}
SUPPLY = transit(STOPS, {"often": DAYTIME, "rush": RUSH, "once": ONCE})


def share(function, people: People, supply: TransitSupply = SUPPLY, zones: Zones = WHOLE, **options) -> pd.DataFrame:
    return function(people, supply, street(), zones, Memo(), **options)


def test_whole_area_by_hand():
    # residents at 100, 600, 1300, 1700 and 20 m off the street at 480 (500 m from "often" along the street)
    people = homes((100, 0, 10), (600, 0, 20), (1300, 0, 30), (1700, 0, 40), (480, 20, 100))
    # any stop: "rush" is 200 m from 600 and 500 m from 1300, "once" 100 m from 1700: everybody
    assert share(residents_near_any_stop, people)["value"].tolist() == [100.0]
    # "often" alone: 100 m away lives 10; the 100 people are 480 + 20 = 500 m away
    assert share(residents_near_frequent_stop, people)["value"].tolist() == [100 * 110 / 200]
    # "often" and "rush" in the rush: all but the 40 at 1700 (900 m)
    assert share(residents_near_frequent_stop_rush_hour, people)["value"].tolist() == [100 * 160 / 200]


def test_rows_say_what_they_rest_on():
    people = homes((100, 0, 10), (100, 900, 30))
    row = share(residents_near_any_stop, people).iloc[0]
    # the second home is 900 m from every path: it has no access, and it is listed as missing
    assert (row["zone"], row["value"], row["n"], row["n_missing"]) == ("all", 25.0, 40.0, 30.0)


def test_access_legs_count_at_both_ends():
    people = homes((490, 15, 1), (490, 5, 1))
    supply = transit({"often": 0.0}, {"often": DAYTIME})
    assert share(residents_near_any_stop, people, supply)["value"].tolist() == [50.0]


def test_zones_and_empty_zones():
    polygons = gpd.GeoDataFrame(
        {"id": ["west", "east", "empty"], "name": ["", "", ""]},
        geometry=[
            shapely.box(X0 - 100, Y0 - 100, X0 + 1000, Y0 + 100),
            shapely.box(X0 + 1000, Y0 - 100, X0 + 2100, Y0 + 100),
            shapely.box(X0, Y0 + 500, X0 + 100, Y0 + 600),
        ],
        crs=CRS_CODE,
    )
    zones = user_polygons(polygons, AREA, id_column="id", name_column="name")
    people = homes((100, 0, 1), (700, 0, 3), (1500, 0, 5), (1200, 0, 0))
    frame = share(residents_near_frequent_stop, people, zones=zones).set_index("zone")
    assert frame.loc["west", "value"] == 25.0
    assert frame.loc["east", "value"] == 0.0  # residents, but no frequent stop: a true nought
    assert np.isnan(frame.loc["empty", "value"])  # nobody lives there: no share
    assert frame["n"].to_dict() == {"west": 4.0, "east": 5.0, "empty": 0.0}


def test_stops_where_nothing_leaves_are_no_stops():
    people = homes((2000, 0, 1), (1900, 0, 1))
    # "closed" at 2000 has no departures; "once" at 1600 is 400 and 300 m away
    assert share(residents_near_any_stop, people, distance_m=350)["value"].tolist() == [50.0]


def test_a_table_without_times_tells_where_something_leaves():
    bare = transit(STOPS, {})
    served = bare.stops.assign(served=[True, False, True, False])
    untimed = replace(bare, stops=served, lacks=frozenset({"times", "lines"}))
    people = homes((100, 0, 10), (800, 0, 20), (1700, 0, 30))
    assert share(residents_near_any_stop, people, untimed)["value"].tolist() == [100 * 40 / 60]
    for function, hours in ((ALL[1], "7 to 19 h"), (ALL[2], "7 to 9 h")):
        with pytest.raises(NotComputable, match=hours) as refused:
            share(function, people, untimed)
        assert "首班和末班时间" in render(refused.value.messages[0], "zh")


def test_no_frequent_stop_is_nought_and_not_missing():
    quiet = transit({"once": 0.0}, {"once": ONCE})
    frame = share(residents_near_frequent_stop, homes((0, 0, 5)), quiet)
    assert frame["value"].tolist() == [0.0]
    assert share(residents_near_any_stop, homes((0, 0, 5)), quiet)["value"].tolist() == [100.0]


def test_entrances_stand_for_their_station():
    people = homes((1400, 0, 1), (0, 0, 1))
    # the platform is under 0 m, its only door at 1000 m
    supply = transit({"often": 0.0}, {"often": DAYTIME}, station={"often": "S"}, entrances=[("S", 1000, 0)])
    assert share(residents_near_any_stop, people, supply)["value"].tolist() == [50.0]
    assert share(residents_near_any_stop, people, supply, distance_m=300)["value"].tolist() == [0.0]


def test_settings_reach_the_timetable():
    people = homes((1600, 0, 1), (800, 0, 1))
    assert share(residents_near_frequent_stop, people)["value"].tolist() == [0.0]
    eased = share(residents_near_frequent_stop, people, headway_min=60, max_gap_min=610)
    assert eased["value"].tolist() == [50.0]  # "rush": 12 in 12 hours, and 610 minutes from 8:50 to 19
    assert share(residents_near_frequent_stop, people, headway_min=60)["value"].tolist() == [0.0]
    hours = share(residents_near_frequent_stop_rush_hour, people, start_h=10, end_h=12)
    assert hours["value"].tolist() == [0.0]


def test_a_weekend_is_doubtful():
    sunday = transit({"often": 0.0}, {"often": DAYTIME}, day="2024-05-19")
    people = homes((0, 0, 1))
    for function in ALL[1:]:
        assert [s.name for s in share(function, people, sunday)["status"]] == ["doubtful"]
        assert [s.name for s in share(function, people)["status"]] == ["ok"]
    assert [s.name for s in share(residents_near_any_stop, people, sunday)["status"]] == ["ok"]


def test_unknown_residents_cannot_be_computed():
    for function in ALL:
        with pytest.raises(NotComputable):
            share(function, homes((0, 0, np.nan)))


def test_farther_is_never_less_and_the_rush_never_less_than_the_day():
    rng = np.random.default_rng(7)
    people = homes(*zip(rng.uniform(0, 2000, 60), rng.uniform(-150, 150, 60), rng.integers(1, 9, 60), strict=True))
    for function in ALL:
        shares = [share(function, people, distance_m=d)["value"].iloc[0] for d in (50, 200, 500, 900, 3000)]
        assert shares == sorted(shares)
        assert shares[-1] == 100.0
        assert shares[0] < 100.0
    order = [share(function, people)["value"].iloc[0] for function in (ALL[1], ALL[2], ALL[0])]
    assert order == sorted(order)


def test_memo_gives_the_same_and_inputs_stay():
    people, memo, paths = homes((100, 0, 1), (900, 0, 2)), Memo(), street()
    before = (people.token, SUPPLY.token, paths.token)
    first = residents_near_frequent_stop(people, SUPPLY, paths, WHOLE, memo)
    again = residents_near_frequent_stop(people, SUPPLY, paths, WHOLE, memo)
    other = residents_near_frequent_stop(people, SUPPLY, paths, WHOLE, memo, distance_m=2000)
    pd.testing.assert_frame_equal(first, again)
    assert (first["value"].iloc[0], other["value"].iloc[0]) == (pytest.approx(100 / 3), 100.0)
    assert (people.token, SUPPLY.token, paths.token) == before


def test_catalogue_entries():
    for function in ALL:
        entry = describe(function.__name__)
        assert (entry.unit, entry.over, entry.better, entry.range) == ("%", "zones", "higher", (0, 100))
        assert entry.parameters["distance_m"] == 500
        for language in LANGUAGES:
            assert lookup(entry.title_key, language)
            assert lookup(entry.definition_key, language)
    assert "rush hour" in lookup("indicator.residents_near_frequent_stop_rush_hour.title", "en")
    assert "高峰" in lookup("indicator.residents_near_frequent_stop_rush_hour.title", "zh")
