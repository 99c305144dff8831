"""Places, stops, land use, buildings, boundaries and settlements on toy files counted by hand."""

from __future__ import annotations

import tomllib
from importlib.resources import files

import numpy as np
import pytest
import shapely
from osm_toy import BOX, CENTIMETRES, UTM, Toy

from spatial.model.provenance import Ledger
from spatial.sources.osm import OsmExtract, read_osm
from spatial.sources.osm.highways import way_use
from spatial.sources.osm.tags import categories, floors, meanings, metres, people


def read(toy: Toy, folder) -> tuple[OsmExtract, dict[str, int | None]]:
    """The extract, and the ledger's counts by message."""
    ledger = Ledger()
    extract = read_osm(toy.write(folder / "toy.osm.pbf"), box=BOX, crs=UTM, ledger=ledger)
    return extract, {f"{e.layer} {e.message.key}": e.count for e in ledger.entries}


def test_categories_stand_in_the_order_of_daily_needs():
    assert categories() == ("food_shop", "school", "kindergarten", "pharmacy_or_clinic", "park", "restaurant_or_cafe")


def test_places_as_points_and_areas_sorted(tmp_path):
    toy = Toy()
    toy.node(0, 0, 7, amenity="cafe", name="Corner")
    toy.node(10, 0, 5, shop="bakery")
    toy.node(20, 0, 6, shop="supermarket", amenity="pharmacy", name="Both")
    toy.square(3, 100, 100, 50, leisure="park", name="Green")
    toy.node(30, 0, 8, shop="kiosk")
    toy.node(5000, 0, 9, amenity="cafe")
    places = read(toy, tmp_path)[0].places
    assert places["osm_id"].tolist() == ["node/5", "node/6", "node/6", "way/3", "node/7"]
    assert places["category"].tolist() == [
        "food_shop", "food_shop", "pharmacy_or_clinic", "park", "restaurant_or_cafe",
    ]  # fmt: skip
    assert places["name"].tolist() == ["", "Both", "Both", "Green", "Corner"]
    assert places.geometry.geom_type.tolist() == ["Point", "Point", "Point", "Polygon", "Point"]
    assert places.geometry.iloc[3].area == pytest.approx(2500, abs=200 * CENTIMETRES)
    assert list(places.index) == [0, 1, 2, 3, 4]


def test_a_place_mapped_twice_counts_once(tmp_path):
    toy = Toy()
    toy.square(1, 0, 0, 100, amenity="school", name="North School")
    toy.node(50, 50, 11, amenity="school", name="North School")
    toy.node(60, 50, 12, amenity="school")
    toy.node(70, 50, 13, amenity="school", name="Evening School")
    toy.node(70, 60, 14, amenity="kindergarten", name="North School")
    toy.square(2, 10, 10, 20, amenity="school")
    toy.square(3, 300, 0, 50, amenity="cafe")
    toy.node(310, 10, 15, amenity="cafe", name="Anna")
    toy.node(320, 10, 16, amenity="cafe", name="Bruno")
    extract, counts = read(toy, tmp_path)
    places = extract.places
    schools = places[places["category"] == "school"]
    assert schools["osm_id"].tolist() == ["node/13", "way/1"]
    cafes = places[places["category"] == "restaurant_or_cafe"]
    assert dict(zip(cafes["osm_id"], cafes["name"], strict=True)) == {"node/16": "Bruno", "way/3": "Anna"}
    assert (places["category"] == "kindergarten").sum() == 1
    assert counts["places osm.places_twice"] == 4


def test_private_gardens_and_disused_places_do_not_count(tmp_path):
    toy = Toy()
    toy.square(1, 0, 0, 50, leisure="garden")
    toy.square(2, 100, 0, 50, leisure="garden", name="Botanical Garden")
    toy.square(3, 200, 0, 50, leisure="park", access="private")
    toy.node(0, 200, 5, amenity="cafe", disused="yes")
    toy.node(0, 300, 6, amenity="restaurant;cafe")
    extract, counts = read(toy, tmp_path)
    assert extract.places["osm_id"].tolist() == ["way/2", "node/6"]
    assert counts["places osm.out_of_use"] == 1


REFUSED = tomllib.loads(files("spatial.sources.osm").joinpath("access.toml").read_text(encoding="utf-8"))["values"][
    "refused"
]


@pytest.mark.parametrize(
    ("access", "park", "gate", "way"),
    [
        *(({"access": value}, False, False, False) for value in REFUSED),
        ({"access": "customers"}, False, True, True),
        ({"access": "permissive"}, True, True, True),
        ({"access": "private", "foot": "yes"}, True, True, True),
        ({"foot": "private"}, False, False, False),
        ({"access": "a riddle"}, True, True, True),
        ({}, True, True, True),
    ],
)
def test_who_may_enter_is_read_alike_from_places_gates_and_ways(
    access: dict[str, str], park: bool, gate: bool, way: bool
) -> None:
    assert ("park" in [rule.meaning for rule in meanings({"leisure": "park", **access})]) == park
    assert ("gate" in [rule.meaning for rule in meanings({"barrier": "gate", **access})]) == gate
    assert way_use({"highway": "footway", **access}, set()).walk == way


def test_entrances(tmp_path):
    toy = Toy()
    toy.node(0, 0, 1, entrance="main")
    toy.node(1, 0, 2, entrance="emergency")
    toy.node(2, 0, 3, barrier="gate")
    toy.node(3, 0, 4, barrier="gate", access="private")
    toy.node(4, 0, 5, barrier="fence")
    entrances = read(toy, tmp_path)[0].place_entrances
    assert entrances["osm_id"].tolist() == ["node/1", "node/3"]
    assert entrances["kind"].tolist() == ["entrance", "gate"]


def test_stops_stations_and_their_entrances(tmp_path):
    toy = Toy()
    toy.node(0, 0, 1, highway="bus_stop", public_transport="platform", name="Market")
    toy.node(5, 0, 2, public_transport="stop_position", bus="yes")
    toy.square(3, 100, 0, 20, public_transport="station", railway="station", station="subway")
    toy.node(90, 0, 4, railway="subway_entrance")
    toy.way(5, (200, 0), (210, 0), (240, 0), public_transport="platform", tram="yes")
    toy.node(300, 0, 6, public_transport="platform")
    extract, counts = read(toy, tmp_path)
    stops = extract.stops
    assert stops["osm_id"].tolist() == ["node/1", "node/4", "node/6", "way/3", "way/5"]
    assert stops["kind"].tolist() == ["stop", "entrance", "stop", "station", "stop"]
    assert stops["mode"].tolist() == ["bus", "metro", "", "metro", "tram"]
    assert set(stops.geometry.geom_type) == {"Point"}
    assert counts["stops osm.stop_positions"] == 1


def test_land_use_keeps_every_use_and_no_ground_cover(tmp_path):
    toy = Toy()
    toy.square(1, 0, 0, 100, landuse="residential")
    toy.square(2, 50, 50, 100, landuse="grass")
    toy.square(3, 50, 50, 20, natural="wood")
    toy.square(4, 20, 20, 20, landuse="retail", shop="mall", building="retail")
    toy.square(5, 900, 0, 200, landuse="industrial")
    toy.square(6, 400, 0, 50, amenity="parking", parking="underground")
    extract, counts = read(toy, tmp_path)
    assert list(zip(extract.land_use["tag"], extract.land_use["osm_id"], strict=True)) == [
        ("landuse=residential", "way/1"), ("landuse=retail", "way/4"), ("shop=mall", "way/4"),
        ("landuse=industrial", "way/5"),
    ]  # fmt: skip
    assert extract.land_use.area.iloc[3] == pytest.approx(100 * 200, rel=2e-3)
    assert counts["land_use osm.cover"] == 2
    assert counts["land_use osm.clipped"] == 1


def test_buildings(tmp_path):
    toy = Toy()
    toy.square(1, 0, 0, 10, building="house", building__levels="2", height="7.5 m")
    toy.square(2, 20, 0, 10, building="yes", shop="bakery", amenity="cafe")
    toy.square(3, 40, 0, 10, building="no")
    toy.square(4, 60, 0, 10, building="yes", building__levels="two")
    toy.way(5, (80, 0), (90, 0), (90, 10), building="yes")
    extract, counts = read(toy, tmp_path)
    table = extract.buildings.table
    assert list(table.columns) == ["building", "levels", "height_m", "tags", "osm_id", "geometry"]
    assert table["osm_id"].tolist() == ["way/1", "way/2", "way/4"]
    assert table["levels"].tolist() == pytest.approx([2, np.nan, np.nan], nan_ok=True)
    assert table["height_m"].tolist() == pytest.approx([7.5, np.nan, np.nan], nan_ok=True)
    assert table["tags"].tolist() == ["", "amenity=cafe;shop=bakery", ""]
    assert table.area.tolist() == pytest.approx([100, 100, 100], abs=40 * CENTIMETRES)
    for key in ("building_no", "building_open", "building_levels"):
        assert counts[f"buildings osm.{key}"] == 1


def test_a_building_of_several_ways_counts_once_and_keeps_its_courtyard(tmp_path):
    toy = Toy()
    toy.square(1, 0, 0, 30, building="yes")
    toy.square(2, 10, 10, 10)
    toy.relation(9, ("w", 1, "outer"), ("w", 2, "inner"), type="multipolygon", building="apartments")
    extract, counts = read(toy, tmp_path)
    assert extract.buildings.table["osm_id"].tolist() == ["relation/9"]
    assert extract.buildings.table.area.iloc[0] == pytest.approx(800, abs=160 * CENTIMETRES)
    assert counts["buildings osm.building_outlines"] == 1


def test_an_outline_that_crosses_itself_is_left_out_and_said(tmp_path):
    toy = Toy()
    first = toy.node(0, 0)
    toy.way(1, first, (100, 100), (100, 0), (0, 100), first, landuse="residential")
    toy.square(2, 300, 0, 10, landuse="retail")
    extract, counts = read(toy, tmp_path)
    assert extract.land_use["osm_id"].tolist() == ["way/2"]
    assert counts["osm osm.broken"] == 1


def municipality(toy: Toy, id: int, x: float, **tags: str) -> None:
    toy.way(id, (x, 0), (x + 400, 0), (x + 400, 300), boundary="administrative")
    south, corner = toy.ways[id].nodes[0], toy.ways[id].nodes[-1]
    toy.way(id + 1, corner, (x, 300), south, boundary="administrative")
    toy.relation(id, ("w", id, "outer"), ("w", id + 1, "outer"), type="boundary", boundary="administrative", **tags)


def test_boundaries_are_cut_to_the_box_and_incomplete_ones_named(tmp_path):
    toy = Toy()
    municipality(toy, 10, 0, admin_level="8", name="Inland")
    municipality(toy, 20, 800, admin_level="6", name="Beyond")
    municipality(toy, 30, -600, admin_level="6", name="Torn")
    municipality(toy, 40, 3000, admin_level="6", name="Far and torn")
    municipality(toy, 50, 100, name="No level")
    del toy.ways[31], toy.ways[41]
    extract, counts = read(toy, tmp_path)
    table = extract.boundaries
    assert table["name"].tolist() == ["Beyond", "Inland"]
    assert table["level"].tolist() == [6, 8]
    assert table["osm_id"].tolist() == ["relation/20", "relation/10"]
    assert table["share_inside"].tolist() == pytest.approx([0.5, 1], abs=1e-3)
    assert table.area.tolist() == pytest.approx([200 * 300, 400 * 300], rel=1e-3)
    assert extract.incomplete == ("relation/30",)
    assert counts["boundaries osm.boundaries_cut"] == 1
    assert counts["boundaries osm.boundaries_unnamed"] == 1


def test_settlements_with_residents(tmp_path):
    toy = Toy()
    toy.node(0, 0, 3, place="town", name="Alpha", population="12 345")
    toy.node(0, 10, 2, place="country", name="Land", population="300000")
    toy.node(0, 20, 1, place="village", name="Beta", population="a few")
    toy.node(0, 30, 4, place="village", name="Gamma")
    extract, counts = read(toy, tmp_path)
    assert extract.settlements["osm_id"].tolist() == ["node/2", "node/3"]
    assert extract.settlements["population"].tolist() == [300000.0, 12345.0]
    assert counts["settlements osm.settlements_unreadable"] == 1


def test_shapes_cut_by_the_box_stay_flush_with_it(tmp_path):
    """Two areas cut by the same side leave no sliver: the side bends when projected, and both follow the bend."""
    toy = Toy()
    toy.square(1, -500, 500, 800, landuse="residential")
    toy.square(2, -2000, 500, 4000, landuse="industrial")
    small, large = read(toy, tmp_path)[0].land_use.geometry
    assert shapely.difference(small, large).area < 0.01


@pytest.mark.parametrize(
    ("text", "expected"), [("2", 2), ("2.5", 2.5), ("1,5", 1.5), ("0", None), ("-1", None), ("1;2", None), (None, None)]
)
def test_floors(text, expected):
    assert floors(text) == pytest.approx(np.nan if expected is None else expected, nan_ok=True)


@pytest.mark.parametrize(("text", "expected"), [("12", 12), ("12.5 m", 12.5), ("10 ft", 3.048), ("high", None)])
def test_metres(text, expected):
    assert metres(text) == pytest.approx(np.nan if expected is None else expected, nan_ok=True)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("127333", 127333),
        ("127 333", 127333),
        ("127,333", 127333),
        ("1.234.567", 1234567),
        ("~500", None),
        ("12.5", None),
    ],
)
def test_people(text, expected):
    assert people(text) == pytest.approx(np.nan if expected is None else expected, nan_ok=True)


def test_an_exact_value_in_the_table_overrides_any_value():
    assert [rule.layer for rule in meanings({"landuse": "grass"})] == ["cover"]
    assert [rule.layer for rule in meanings({"natural": "water"})] == ["water"]
    assert [rule.layer for rule in meanings({"natural": "wetland"})] == ["cover"]
