"""Entrances from the map go to the right station, and the rest is counted."""

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from spatial.errors import CrsError
from spatial.model.provenance import Ledger
from spatial.model.transit import TransitSupply
from spatial.operations.service import boarding_points
from spatial.operations.station_entrances import with_osm_entrances
from spatial.text import LANGUAGES, render
from tests.toy_city import TOY_CRS

NONE = pd.DataFrame({"station": [], "x": [], "y": []})


def supply(*stops: tuple[str, str, str, float, float], entrances: pd.DataFrame = NONE) -> TransitSupply:
    """Stops as (id, station, mode, x, y)."""
    table = gpd.GeoDataFrame(
        {
            "name": [stop[0] for stop in stops],
            "station": [stop[1] for stop in stops],
            "mode": [stop[2] for stop in stops],
        },
        geometry=[shapely.Point(stop[3:]) for stop in stops],
        index=pd.Index([stop[0] for stop in stops], name="stop"),
        crs=TOY_CRS,
    )
    nothing = pd.DataFrame({"stop": [], "route": [], "direction": [], "trip": [], "time_s": []})
    return TransitSupply(table, nothing, pd.DataFrame(), entrances, "2026-03-02", "Asia/Shanghai")


def doors(*rows: tuple[str, str, float, float], crs: object = TOY_CRS) -> gpd.GeoDataFrame:
    """OSM's stops as (kind, mode, x, y)."""
    table = {"kind": [row[0] for row in rows], "mode": [row[1] for row in rows]}
    return gpd.GeoDataFrame(table, geometry=[shapely.Point(row[2:]) for row in rows], crs=crs)


def given_to(transit: TransitSupply) -> list[tuple[str, float, float]]:
    return list(transit.entrances[["station", "x", "y"]].itertuples(index=False, name=None))


LINE = (("a1", "A", "metro", 0, 0), ("a2", "A", "metro", 0, 20), ("b1", "B", "metro", 500, 0))


def test_each_entrance_goes_to_the_nearest_station_within_reach() -> None:
    ledger = Ledger()
    mapped = doors(
        ("entrance", "metro", 480, 0),
        ("entrance", "metro", 0, 70),
        ("entrance", "metro", 240, 0),
        ("entrance", "metro", 800, 0),  # 300 m from B: still its own
        ("entrance", "metro", 801, 0),  # 301 m
        ("station", "metro", 10, 0),
        ("stop", "bus", 10, 0),
    )
    found = with_osm_entrances(supply(*LINE), mapped, ledger=ledger)
    assert given_to(found) == [("A", 0, 70), ("A", 240, 0), ("B", 480, 0), ("B", 800, 0)]
    assert [(e.action, e.message.key, e.count) for e in ledger.entries] == [
        ("dropped", "entrances.station_doors_far", 1),
        ("imputed", "entrances.station_doors", 4),
    ]
    assert ledger.entries[1].message.values["stations"] == 2
    for language in LANGUAGES:
        assert "300" in render(ledger.entries[0].message, language)
    x, y = boarding_points(found, frozenset({"a1", "b1"}))
    assert sorted(zip(x, y, strict=True)) == [(0, 70), (240, 0), (480, 0), (800, 0)]


def test_a_station_keeps_the_entrances_that_it_names() -> None:
    ledger = Ledger()
    named = pd.DataFrame({"station": ["A"], "x": [5.0], "y": [5.0]})
    mapped = doors(("entrance", "metro", 0, 50), ("entrance", "metro", 500, 10), ("entrance", "", 500, 10))
    found = with_osm_entrances(supply(*LINE, entrances=named), mapped, ledger=ledger)
    assert given_to(found) == [("A", 5, 5), ("B", 500, 10)]
    assert {e.message.key: e.count for e in ledger.entries} == {
        "entrances.station_doors_known": 1,
        "entrances.station_doors": 1,
    }


def test_the_own_mode_comes_first_then_metro_and_rail() -> None:
    stops = supply(
        ("r", "R", "rail", 0, 0), ("m", "M", "metro", 90, 0), ("t", "T", "tram", 45, 0), ("b", "B", "bus", 44, 0),
        ("p", "P", "", 46, 0),
    )  # fmt: skip
    mapped = doors(
        ("entrance", "metro", 40, 0), ("entrance", "rail", 60, 0), ("entrance", "tram", 41, 0), ("entrance", "", 42, 0),
        ("entrance", "ferry", 80, 0), ("entrance", "bus", 43, 0),
    )  # fmt: skip
    found = with_osm_entrances(stops, mapped, ledger=Ledger())
    assert {x: station for station, x, _ in given_to(found)} == {
        40: "M", 60: "R", 41: "T", 42: "R", 80: "M", 43: "B"
    }  # fmt: skip


def test_nothing_to_give_leaves_the_supply_as_it_is() -> None:
    stops, ledger = supply(*LINE), Ledger()
    assert with_osm_entrances(stops, doors(("station", "metro", 0, 0)), ledger=ledger) is stops
    assert ledger.entries == ()
    far = with_osm_entrances(stops, doors(("entrance", "metro", 0, 50)), reach_m=20, ledger=ledger)
    assert far is stops
    assert [e.count for e in ledger.entries] == [1]
    with pytest.raises(CrsError, match=r"WGS 84, .* WGS 84 / UTM zone 27N"):
        with_osm_entrances(stops, doors(("entrance", "metro", 114.3, 30.6), crs="epsg:4326"), ledger=ledger)


@settings(max_examples=40, deadline=None)
@given(
    st.lists(st.tuples(st.integers(0, 900), st.integers(0, 900)), min_size=1, max_size=12, unique=True), st.randoms()
)
def test_every_entrance_is_counted_once_whatever_the_order(spots: list[tuple[int, int]], random: object) -> None:
    rows = [("entrance", "metro", float(x), float(y)) for x, y in spots]
    ledger = Ledger()
    found = with_osm_entrances(supply(*LINE), doors(*rows), ledger=ledger)
    assert sum(entry.count or 0 for entry in ledger.entries) == len(rows)
    random.shuffle(rows)  # type: ignore[attr-defined]
    again = with_osm_entrances(supply(*reversed(LINE)), doors(*rows), ledger=Ledger())
    assert given_to(again) == given_to(found)
    places = {"A": [(0, 0), (0, 20)], "B": [(500, 0)]}
    for station, x, y in given_to(found):
        away = {name: min(np.hypot(x - a, y - b) for a, b in at) for name, at in places.items()}
        assert away[station] == min(away.values()) <= 300
