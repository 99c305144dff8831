"""Sea and lakes on coastlines drawn by hand: the sea lies on their right, and is never guessed."""

from __future__ import annotations

import pytest
import shapely
from osm_toy import BOX, EAST, NORTH, UTM, Toy

from spatial.model.provenance import Ledger
from spatial.sources.osm import read_osm

SIDE_M = 2000  # of the box, whose corners are at ±1000 m


def read(toy: Toy, folder):
    """Water, and the ledger's messages on it."""
    ledger = Ledger()
    toy.node(0, 0, 1, amenity="cafe")
    extract = read_osm(toy.write(folder / "toy.osm.pbf"), box=BOX, crs=UTM, ledger=ledger)
    return extract.water, {e.message.key: e.message for e in ledger.entries if e.layer == "water"}


def holds(water, x: float, y: float) -> bool:
    return bool(water.intersects(shapely.Point(EAST + x, NORTH + y)).any())


def test_the_sea_lies_right_of_the_coastline(tmp_path):
    toy = Toy()
    toy.way(1, (-2000, 200), (0, 200), (2000, 200), natural="coastline")
    water, said = read(toy, tmp_path)
    assert water["kind"].tolist() == ["sea"]
    assert water.area.sum() == pytest.approx(SIDE_M * 1200, rel=2e-3)
    assert holds(water, 0, -500)
    assert not holds(water, 0, 500)
    assert set(said) == {"osm.water"}


def test_islands_are_land_and_the_sea_has_holes(tmp_path):
    toy = Toy()
    toy.way(1, (-2000, 800), (0, 800), (2000, 800), natural="coastline")
    toy.square(2, -100, -100, 200, natural="coastline")
    water, _ = read(toy, tmp_path)
    assert len(water) == 1
    assert water.area.sum() == pytest.approx(SIDE_M * 1800 - 200 * 200, rel=2e-3)
    assert not holds(water, 0, 0)


def test_a_coastline_drawn_in_several_ways_with_a_small_gap_is_closed(tmp_path):
    toy = Toy()
    toy.way(1, (-2000, 0), (-500, 0), (-20, 0), natural="coastline")
    toy.way(2, (20, 0), (2000, 0), natural="coastline")
    water, said = read(toy, tmp_path)
    assert water.area.sum() == pytest.approx(SIDE_M * 1000, rel=2e-3)
    assert said["osm.coast_closed"].values["widest_m"] == pytest.approx(40, rel=2e-3)


def test_a_wide_gap_makes_no_sea_and_is_said(tmp_path):
    toy = Toy()
    toy.way(1, (-2000, 0), (-500, 0), natural="coastline")
    toy.way(2, (500, 0), (2000, 0), natural="coastline")
    water, said = read(toy, tmp_path)
    assert water.empty
    assert said["osm.coast_left_land"].values["area_km2"] == pytest.approx(4, rel=5e-3)
    assert "osm.coast_open" in said


def test_an_islet_drawn_backwards_does_not_dry_the_sea(tmp_path):
    toy = Toy()
    toy.way(1, (-2000, 800), (0, 800), (2000, 800), natural="coastline")
    first = toy.node(0, 0)
    toy.way(2, first, (0, 20), (20, 20), (20, 0), first, natural="coastline")
    water, said = read(toy, tmp_path)
    assert holds(water, 0, -500)
    assert said["osm.coast_taken_sea"].values["count"] == 1


def test_a_coastline_torn_by_the_file_makes_no_sea(tmp_path):
    toy = Toy()
    toy.way(1, (-2000, 0), (-500, 0), 999, (500, 0), (2000, 0), natural="coastline")
    water, said = read(toy, tmp_path)
    assert water.empty
    assert "osm.coast_left_land" in said


def test_without_coastline_all_is_land_but_lakes(tmp_path):
    toy = Toy()
    toy.square(1, 0, 0, 100, natural="water")
    toy.square(2, 900, 0, 200, landuse="reservoir")
    toy.square(3, 0, 300, 100, natural="wetland")
    water, said = read(toy, tmp_path)
    assert water["kind"].tolist() == ["lake", "lake"]
    assert water.area.tolist() == pytest.approx([100 * 100, 100 * 200], rel=2e-3)
    assert "osm.no_coast" in said
