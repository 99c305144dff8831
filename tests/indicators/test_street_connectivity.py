"""Street density, intersections and blocks of the toy city, worked out by hand."""

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from spatial.errors import InputError
from spatial.indicators.catalogue import compute
from spatial.indicators.street_connectivity import intersection_density, median_block_area, street_density
from spatial.model.district import Memo
from spatial.model.provenance import Ledger
from spatial.model.streets import StreetNetwork
from spatial.model.study_area import StudyArea
from spatial.model.zones import Zones, hexagons, square_grid, whole_area
from spatial.operations.cleaning import consolidate
from spatial.text import render
from tests.toy_city import CORNER, TOY_CRS, grid_city, network, toy_area, toy_district


def zones_of(*boxes: tuple[float, float, float, float]) -> Zones:
    """Zones called 0, 1 … from boxes in metres from the corner."""
    west, south = CORNER
    shapes = [shapely.box(west + a, south + b, west + c, south + d) for a, b, c, d in boxes]
    table = gpd.GeoDataFrame({"name": "", "land_m2": shapely.area(shapes)}, geometry=shapes, crs=TOY_CRS)
    return Zones(table, "polygons")


def test_whole_city_by_hand() -> None:
    # 4 × 4 blocks with 50 m around: 500 × 500 m = 0.25 km², 4.0 km of street, 25 nodes of which 4 are corners
    area, streets = toy_area(4), grid_city(4)
    whole = whole_area(area)
    assert street_density(streets, whole)["all"] == pytest.approx(4.0 / 0.25)
    assert intersection_density(streets, whole)["all"] == pytest.approx(21 / 0.25)
    assert intersection_density(streets, whole, min_streets=4)["all"] == pytest.approx(9 / 0.25)
    blocks = median_block_area(streets, area, whole, Memo())
    assert blocks[["zone", "value", "n"]].to_numpy().tolist() == [["all", 1.0, 16.0]]


def test_streets_are_cut_at_the_edge_of_a_zone() -> None:
    # 60 m of the southern street and 30 m of the western one
    found = street_density(grid_city(2), zones_of((-50, -50, 60, 30)))
    assert found["0"] == pytest.approx((0.06 + 0.03) / (0.11 * 0.08))


def test_a_street_along_a_shared_edge_counts_half_on_each_side() -> None:
    # zones left and right of the middle street of 2 × 2 blocks; 0.6 km of streets each without it, 0.2 km of it shared
    streets = grid_city(2)
    sides = zones_of((-50, -50, 100, 250), (100, -50, 250, 250))
    km = street_density(streets, sides) * sides.land_km2
    assert km.tolist() == pytest.approx([0.6, 0.6])
    # three times 100 m to the east, 200 m of the outer street, and half of the middle one
    assert km["0"] == pytest.approx(3 * 0.1 + 0.2 + 0.2 / 2)
    assert km.sum() == pytest.approx(streets.length_km)


def test_a_zone_bounded_by_its_streets_holds_half_of_them() -> None:
    block = zones_of((0, 0, 100, 100))
    assert street_density(grid_city(1), block)["0"] == pytest.approx(0.2 / 0.01)


def test_the_two_sides_of_a_dual_carriageway_count_once() -> None:
    driving = network(
        [(0, 0), (500, 0), (500, 20), (0, 20)],
        [(0, 1), (2, 3)],
        representation="driving",
        name="Main",
        drive=[1, 1],
    )
    zone = zones_of((-100, -100, 900, 900))
    assert street_density(consolidate(driving, ledger=Ledger()), zone)["0"] == pytest.approx(0.5)
    plain = StreetNetwork(driving.nodes, driving.edges, "streets")
    assert street_density(plain, zone)["0"] == pytest.approx(1.0)


def test_intersections_belong_to_one_zone_even_on_a_shared_edge() -> None:
    streets = grid_city(2)
    sides = zones_of((-50, -50, 100, 250), (100, -50, 250, 250))
    count = intersection_density(streets, sides) * sides.land_km2
    assert count.sum() == pytest.approx(5)


def test_zones_without_streets_and_without_land() -> None:
    zones = zones_of((5000, 5000, 5100, 5100), (0, 0, 0, 100))
    assert street_density(grid_city(1), zones)["0"] == 0
    assert intersection_density(grid_city(1), zones)["0"] == 0
    assert np.isnan(street_density(grid_city(1), zones)["1"])
    assert np.isnan(intersection_density(grid_city(1), zones)["1"])


def test_blocks_belong_to_the_zone_that_holds_a_point_of_theirs() -> None:
    # blocks of 1 ha west of x = 200; one of 200 × 100 m and one of 200 × 200 m east of it; no block in the third zone
    places = [
        (0, 0),
        (100, 0),
        (200, 0),
        (0, 100),
        (100, 100),
        (200, 100),
        (400, 0),
        (400, 100),
        (200, 300),
        (400, 300),
    ]
    links = [(0, 1), (1, 2), (3, 4), (4, 5), (0, 3), (1, 4), (2, 5), (2, 6), (6, 7), (5, 7), (5, 8), (8, 9), (9, 7)]
    streets = network(places, links, representation="streets")
    zones = zones_of((-50, -50, 200, 400), (200, -50, 450, 400), (450, -50, 800, 400))
    found = median_block_area(streets, toy_area(8), zones, Memo()).set_index("zone")
    assert found["value"].tolist()[:2] == pytest.approx([1, 3])
    assert found["n"].tolist() == [2, 2, 0]
    assert np.isnan(found.loc["2", "value"])
    assert found.loc["2", "status"].name == "absent"
    assert "No whole block" in render(found.loc["2", "status"].reason, "en")


def test_a_block_around_a_pond_still_belongs_to_its_land() -> None:
    pond = shapely.box(CORNER[0] + 20, CORNER[1] + 20, CORNER[0] + 80, CORNER[1] + 80)
    dry = toy_area(1)
    area = StudyArea("Toy", dry.boundary, 0.0, TOY_CRS, pond)
    assert median_block_area(grid_city(1), area, whole_area(area), Memo())["n"].tolist() == [1]


def test_raw_networks_are_refused() -> None:
    whole = whole_area(toy_area(2))
    for raw in ("paths", "driving"):
        streets = grid_city(2, representation=raw)
        for measure in (street_density, intersection_density):
            with pytest.raises(InputError, match=f"holds {raw}"):
                measure(streets, whole)
        with pytest.raises(InputError, match=f"holds {raw}"):
            median_block_area(streets, toy_area(2), whole, Memo())


def test_through_the_catalogue() -> None:
    results = compute(toy_district(4), ["street_density", "intersection_density", "median_block_area"])
    assert results.value("street_density") == pytest.approx(16)
    assert results.value("intersection_density") == pytest.approx(84)
    assert results.value("median_block_area") == pytest.approx(1)
    assert not results.missing


def test_blocks_are_made_once(monkeypatch: pytest.MonkeyPatch) -> None:
    made = []
    from spatial.indicators import street_connectivity as theme

    real = theme.blocks
    monkeypatch.setattr(theme, "blocks", lambda *given, **more: made.append(1) or real(*given, **more))
    compute(toy_district(3), ["median_block_area"])
    assert len(made) == 1


@settings(max_examples=10, deadline=None)
@given(st.integers(0, 10**6))
def test_zones_that_tile_the_area_sum_to_it(seed: int) -> None:
    """Lengths to 1e-6 km: cutting at hexagon edges rounds coordinates. Counts are exact."""
    random = np.random.default_rng(seed)
    places = random.uniform(0, 900, (25, 2))
    links = [tuple(link) for link in random.integers(0, 25, (40, 2)) if link[0] != link[1]]
    streets = network(places, links, representation="streets")
    area = toy_area(9)
    for zones in (square_grid(area, size_m=150), hexagons(area, resolution=10)):
        for measure, tolerance in ((street_density, 1e-6), (intersection_density, 1e-9)):
            amount = float((measure(streets, zones) * zones.land_km2).sum())
            whole = whole_area(area)
            expected = float((measure(streets, whole) * whole.land_km2).sum())
            assert amount == pytest.approx(expected, abs=tolerance), (zones.kind, measure)


def test_grid_zones_on_the_streets_themselves_sum_to_the_whole() -> None:
    """Zones of 100 m whose edges are the streets: the hardest case for counting twice."""
    corner = (450_000.0, 7_110_000.0)
    streets = grid_city(5, corner=corner)
    area = toy_area(5, margin_m=100, corner=corner)
    zones = square_grid(area, size_m=100)
    km = street_density(streets, zones) * zones.land_km2
    assert km.sum() == pytest.approx(6.0)
    inner = km[[f"{4500 + i}_{71100 + j}" for i in range(5) for j in range(5)]]
    assert inner.tolist() == pytest.approx([0.2] * 25)
    assert isinstance(km, pd.Series)
