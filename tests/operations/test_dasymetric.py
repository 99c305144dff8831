"""Residents split over homes: worked out by hand, and conserved whatever the input."""

from math import fsum
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from pyproj import CRS

from spatial.errors import InputError
from spatial.model.provenance import OK, Ledger
from spatial.operations.dasymetric import (
    SettlementTotal,
    moved_share,
    people_from_zones,
    split_residents,
    touches_edge,
)
from spatial.text import render

UTM = CRS.from_epsg(32627)


def table_of_homes(*rows: tuple[float, float, float, float], known: bool = True) -> gpd.GeoDataFrame:
    """Rows: x, y, footprint (m²), levels."""
    x, y, footprint, levels = np.array(rows, dtype=float).T
    columns = {
        "x": x,
        "y": y,
        "footprint_m2": footprint,
        "levels": levels,
        "levels_imputed": not known,
        "floor_m2": footprint * levels,
        "reason": "typed",
        "osm_id": [f"way/{i}" for i in range(len(rows))],
    }
    return gpd.GeoDataFrame(columns, geometry=shapely.points(x, y), crs=UTM)


def said(ledger: Ledger, key: str) -> Any:
    return next(entry for entry in ledger.entries if entry.message.key == key)


TOWN = SettlementTotal("Town", 900, shapely.box(0, 0, 1000, 1000))
THREE = table_of_homes((100, 100, 100, 1), (200, 200, 100, 2), (900, 900, 200, 3))


def test_residents_follow_floor_area() -> None:
    people = split_residents(THREE, [TOWN], ledger=Ledger())
    assert people.residents.tolist() == [100, 200, 600]
    assert people.group.tolist() == ["Town"] * 3
    assert people.method == "dwellings"
    assert np.isnan(people.jobs).all()
    assert people.status.name == "ok"


def test_the_other_way_of_splitting_is_said_beside() -> None:
    ledger = Ledger()
    people = split_residents(THREE, [TOWN], by="footprint", ledger=ledger)
    assert people.residents.tolist() == [225, 225, 450]
    # The 500 m squares hold 300 and 600 by floor area, 450 and 450 by footprint: 150 of 900 move.
    assert said(ledger, "dasymetric.compared").message.values["percent"] == pytest.approx(100 * 150 / 900)


def test_a_settlement_inside_another_is_cut_out_of_it() -> None:
    inner = SettlementTotal("Inner", 50, shapely.box(0, 0, 300, 300))
    ledger = Ledger()
    for order in ([TOWN, inner], [inner, TOWN]):
        people = split_residents(THREE, order, ledger=ledger)
        assert people.group.tolist() == ["Inner", "Inner", "Town"]
        assert people.residents.tolist() == pytest.approx([50 / 3, 100 / 3, 900])
    assert said(ledger, "dasymetric.nested").count == 2


def test_homes_in_no_settlement_get_nobody() -> None:
    ledger = Ledger()
    homes = table_of_homes((100, 100, 100, 1), (5000, 100, 100, 1))
    people = split_residents(homes, [TOWN], ledger=ledger)
    assert (people.residents.tolist(), people.x.tolist()) == ([900], [100])
    assert said(ledger, "dasymetric.no_settlement").count == 1


def test_all_faults_of_the_totals_are_said_at_once() -> None:
    empty = SettlementTotal("Empty", 10, shapely.box(5000, 0, 6000, 1000))
    nobody = SettlementTotal("Nobody", float("nan"), shapely.box(0, 0, 1000, 1000))
    with pytest.raises(InputError) as caught:
        split_residents(THREE, [TOWN, TOWN, empty, nobody], ledger=Ledger())
    keys = {message.key for message in caught.value.messages}
    assert keys == {"dasymetric.doubled_name", "dasymetric.no_homes", "dasymetric.bad_total"}
    with pytest.raises(InputError, match="No settlement"):
        split_residents(THREE, [], ledger=Ledger())


def test_a_settlement_that_the_data_cut_is_named_and_gets_nobody() -> None:
    cut = SettlementTotal("Far", 70, shapely.box(0, 0, 300, 300), cut=True)
    people = split_residents(THREE, [TOWN, cut], ledger=Ledger())
    assert people.group.tolist() == ["Town"]
    assert people.total_residents == 900
    assert people.status.name == "absent"
    assert people.status.reason is not None
    assert people.status.reason.values["names"] == ("Far",)


def test_floor_area_without_known_levels_is_doubtful_and_footprint_is_not() -> None:
    homes = table_of_homes((100, 100, 100, 1), (200, 200, 100, 2), known=False)
    assert split_residents(homes, [TOWN], ledger=Ledger()).status.name == "doubtful"
    assert split_residents(homes, [TOWN], by="footprint", ledger=Ledger()).status.name == "ok"


@settings(max_examples=30, deadline=None)
@given(
    floors=st.lists(st.floats(1, 1e5), min_size=2, max_size=40),
    totals=st.tuples(st.integers(0, 10_000_000), st.integers(0, 10_000_000)),
)
def test_people_are_conserved_per_settlement(floors: list[float], totals: tuple[int, int]) -> None:
    rows = [(100.0 + i, 100.0 if i % 2 else 600.0, floor, 1.0) for i, floor in enumerate(floors)]
    south = SettlementTotal("South", totals[0], shapely.box(0, 0, 1000, 500))
    north = SettlementTotal("North", totals[1], shapely.box(0, 500, 1000, 1000))
    people = split_residents(table_of_homes(*rows), [south, north], ledger=Ledger())
    for total in (south, north):
        assert abs(fsum(people.residents[people.group == total.name]) - total.residents) <= 1e-9
    assert people.total_residents == pytest.approx(sum(totals), rel=1e-14)
    assert (people.residents >= 0).all()


def test_shuffled_homes_get_the_same_people() -> None:
    order = [2, 0, 1]
    people = split_residents(THREE, [TOWN], ledger=Ledger())
    shuffled = split_residents(THREE.iloc[order], [TOWN], ledger=Ledger())
    assert shuffled.residents.tolist() == people.residents[order].tolist()


def test_the_moved_share_is_half_the_change() -> None:
    x, y = np.array([10.0, 110.0]), np.array([10.0, 10.0])
    assert moved_share(x, y, np.array([60.0, 40.0]), np.array([30.0, 70.0]), cell_m=100) == pytest.approx(0.3)
    assert moved_share(x, y, np.array([60.0, 40.0]), np.array([30.0, 70.0]), cell_m=1000) == 0


def test_homes_at_the_edge_of_the_data_betray_a_cut() -> None:
    box = shapely.box(0, 0, 1000, 1000)
    wide = shapely.box(-500, 0, 1000, 1000)
    inside = table_of_homes((500, 500, 100, 1), (300, 500, 100, 1))
    at_edge = table_of_homes((500, 500, 100, 1), (100, 500, 100, 1))
    assert not touches_edge(inside, wide, box, edge_m=200)
    assert touches_edge(at_edge, wide, box, edge_m=200)
    assert not touches_edge(at_edge, shapely.box(300, 0, 700, 1000), box, edge_m=200)
    assert not touches_edge(at_edge, wide, box, edge_m=200, min_pct=60)


def zones(**columns: Any) -> gpd.GeoDataFrame:
    shapes = [shapely.box(0, 0, 100, 100), shapely.box(100, 0, 200, 100)]
    return gpd.GeoDataFrame(columns, geometry=shapes, index=["a", "b"], crs=UTM)


def test_people_of_zones_stand_inside_them() -> None:
    people = people_from_zones(zones(p=[10, 20], j=[1, 2]), "p", "j", UTM, ledger=Ledger())
    assert (people.residents.tolist(), people.jobs.tolist(), people.group.tolist()) == ([10, 20], [1, 2], ["a", "b"])
    assert (people.x.tolist(), people.y.tolist()) == ([50, 150], [50, 50])
    alone = people_from_zones(zones(j=[1, 2]), None, "j", UTM, ledger=Ledger())
    assert np.isnan(alone.residents).all()


def test_people_of_zones_go_to_their_homes_where_these_are_known() -> None:
    homes = table_of_homes((10, 10, 100, 1), (20, 20, 100, 3), (900, 900, 100, 1))
    ledger = Ledger()
    people = people_from_zones(zones(p=[40, 20], j=[0, 5]), "p", "j", UTM, ledger=ledger, homes=homes)
    assert people.residents.tolist() == [10, 30, 20]
    assert people.jobs.tolist() == [0, 0, 5]
    assert people.group.tolist() == ["a", "a", "b"]
    assert said(ledger, "dasymetric.zones_homes").message.values["without"] == 1


def test_zones_without_numbers_are_refused() -> None:
    with pytest.raises(InputError, match="no column q"):
        people_from_zones(zones(p=[1, 2]), "q", None, UTM, ledger=Ledger())
    with pytest.raises(InputError, match=r"holds text \(such as '1.000'\), not numbers"):
        people_from_zones(zones(p=["1.000", "2.000"]), "p", None, UTM, ledger=Ledger())
    for bad in ([1, np.nan], [1, -2]):
        with pytest.raises(InputError, match=r"1 zones? ha.* no valid number of people in the column p: b"):
            people_from_zones(zones(p=bad), "p", None, UTM, ledger=Ledger())


def wide(**columns: Any) -> gpd.GeoDataFrame:
    """A zone of 1 km by 1 km and a small one."""
    shapes = [shapely.box(0, 0, 1000, 1000), shapely.box(1000, 0, 1100, 100)]
    return gpd.GeoDataFrame(columns, geometry=shapes, index=["a", "b"], crs=UTM)


def test_people_at_the_one_point_of_a_wide_zone_are_doubtful() -> None:
    people = people_from_zones(wide(p=[50, 50]), "p", None, UTM, ledger=Ledger())
    assert people.status.name == "doubtful"
    assert people.status.reason is not None
    assert people.status.reason.key == "dasymetric.coarse_zones"
    assert (people.status.reason.values["percent"], people.status.reason.values["zones"]) == (50, 1)
    few = people_from_zones(wide(p=[2, 98]), "p", None, UTM, ledger=Ledger())
    assert few.status.name == "ok"
    empty = people_from_zones(wide(p=[0, 0]), "p", None, UTM, ledger=Ledger())
    assert empty.status.name == "ok"


def test_a_wide_zone_whose_homes_are_known_is_not_doubtful() -> None:
    homes = table_of_homes((10, 10, 100, 1))
    people = people_from_zones(wide(p=[50, 50]), "p", None, UTM, ledger=Ledger(), homes=homes)
    assert (people.status.name, people.residents.tolist()) == ("ok", [50, 50])


def test_zones_that_overlap_are_refused_and_slivers_are_not() -> None:
    frame = zones(p=[1, 2])
    frame.loc["b", "geometry"] = shapely.box(99.5, 0, 200, 100)
    assert len(people_from_zones(frame, "p", None, UTM, ledger=Ledger())) == 2
    for second in (shapely.box(0, 0, 100, 100), shapely.box(20, 20, 30, 30), shapely.box(90, 0, 200, 100)):
        frame.loc["b", "geometry"] = second
        with pytest.raises(InputError, match=r"1 pairs? of zones overlap.*: a / b"):
            people_from_zones(frame, "p", None, UTM, ledger=Ledger())


def test_residents_are_unknown_around_homes_in_no_settlement() -> None:
    homes = table_of_homes((100, 100, 100, 1), (5000, 100, 100, 1), (1010, 500, 100, 1))
    known = split_residents(homes, [TOWN], ledger=Ledger()).known
    assert known is not None
    asked = np.array([(500, 500), (999, 500), (1050, 500), (5000, 190), (5000, 210), (9000, 9000)], dtype=float)
    assert shapely.intersects_xy(known, *asked.T).tolist() == [True, True, False, False, True, True]
    assert split_residents(THREE, [TOWN], ledger=Ledger()).known is None


@pytest.mark.parametrize("language", ["en", "zh"])
def test_the_split_says_nothing_of_its_date(language: str) -> None:
    ledger = Ledger()
    split_residents(THREE, [TOWN], ledger=ledger)
    text = render(said(ledger, "dasymetric.split").message, language)
    assert "date" not in text
    assert "日期" not in text


def test_a_wide_zone_split_over_homes_of_unknown_levels_is_doubtful() -> None:
    """1 km zones hide the split: where it rests on imputed levels the shares are doubtful; small zones hide nothing."""
    frame = pd.DataFrame(
        {"x": [500.0, 1050.0], "y": [500.0, 50.0], "footprint_m2": 100.0, "levels": 1.0, "levels_imputed": True}
    )
    frame["floor_m2"], frame["reason"], frame["osm_id"] = 100.0, "typed", ["way/1", "way/2"]
    homes = gpd.GeoDataFrame(frame, geometry=shapely.points(frame["x"], frame["y"]), crs=UTM)
    most_in_the_wide_one = people_from_zones(wide(p=[900, 100]), "p", None, UTM, ledger=Ledger(), homes=homes)
    assert most_in_the_wide_one.status.reason.key == "dasymetric.levels"
    most_in_the_small_one = people_from_zones(wide(p=[10, 990]), "p", None, UTM, ledger=Ledger(), homes=homes)
    assert most_in_the_small_one.status == OK
