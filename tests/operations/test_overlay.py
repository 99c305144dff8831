"""Land use lies flat, the smaller on top, and every area is accounted for."""

import csv
from pathlib import Path

import geopandas as gpd
import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from pyproj import CRS

from spatial.model.land_use import Buildings
from spatial.model.provenance import Ledger
from spatial.operations.overlay import (
    built_up_zone,
    flat_land_use,
    intersections,
    land_use_layer,
    mapped_share,
    mix_classes,
    osm_crosswalk,
)

CRS_M = CRS.from_epsg(32627)
HOUSING, SHOPS, SCHOOL, PARK = "landuse=residential", "landuse=retail", "amenity=school", "leisure=park"


def tagged(*rows: tuple[str, str, shapely.Geometry]) -> gpd.GeoDataFrame:
    tags, ids, shapes = zip(*rows, strict=True)
    return gpd.GeoDataFrame({"tag": tags, "osm_id": ids}, geometry=list(shapes), crs=CRS_M)


def areas(flat: gpd.GeoDataFrame) -> dict[str, float]:
    return {use: round(float(part.area.sum()), 6) for use, part in flat.groupby("use")["geometry"]}


def houses(*boxes: shapely.Geometry) -> Buildings:
    none = [np.nan] * len(boxes)
    table = gpd.GeoDataFrame(
        {"building": ["house"] * len(boxes), "levels": none, "height_m": none, "tags": "", "osm_id": ""},
        geometry=list(boxes),
        crs=CRS_M,
    )
    return Buildings(table)


def test_the_smaller_area_lies_on_top() -> None:
    ledger = Ledger()
    flat = flat_land_use(
        tagged(
            (HOUSING, "way/1", shapely.box(0, 0, 100, 100)),
            (SCHOOL, "way/2", shapely.box(40, 40, 60, 60)),
            (SHOPS, "way/3", shapely.box(90, 0, 110, 50)),
        ),
        ledger=ledger,
    )
    assert areas(flat) == {"education": 400, "housing": 10_000 - 400 - 500, "retail_and_services": 1000}
    entry = next(e for e in ledger.entries if e.message.key == "overlay.overlaps")
    assert entry.count == 1
    assert entry.message.values["km2"] == pytest.approx(900e-6)
    assert entry.message.values["covered"] == 0


def test_equal_areas_are_decided_by_id_whatever_the_order() -> None:
    rows = [(SHOPS, "way/2", shapely.box(0, 0, 10, 10)), (HOUSING, "way/1", shapely.box(0, 0, 10, 10))]
    for order in (rows, rows[::-1]):
        assert areas(flat_land_use(tagged(*order), ledger=Ledger())) == {"housing": 100}


def test_car_parks_and_pitches_only_fill_gaps() -> None:
    ledger = Ledger()
    flat = flat_land_use(
        tagged(
            (SCHOOL, "way/1", shapely.box(0, 0, 100, 100)),
            ("leisure=pitch", "way/2", shapely.box(10, 10, 20, 20)),
            ("amenity=parking", "way/3", shapely.box(90, 0, 110, 10)),
        ),
        ledger=ledger,
    )
    assert areas(flat) == {"education": 10_000, "transport": 100}
    entry = next(e for e in ledger.entries if e.message.key == "overlay.overlaps")
    assert (entry.count, entry.message.values["covered"]) == (2, 1)


def test_an_unknown_tag_never_hides_a_known_use_and_is_counted() -> None:
    ledger = Ledger()
    flat = flat_land_use(
        tagged((HOUSING, "way/1", shapely.box(0, 0, 10, 10)), ("landuse=zeppelin", "way/2", shapely.box(5, 0, 14, 10))),
        ledger=ledger,
    )
    assert areas(flat) == {"housing": 100, "unclassified": 40}
    entry = next(e for e in ledger.entries if e.message.key == "overlay.unclassified")
    assert (entry.count, entry.message.values["tags"]) == (1, ("landuse=zeppelin",))


def test_ground_cover_is_left_out_and_counted() -> None:
    ledger = Ledger()
    flat = flat_land_use(
        tagged(
            (HOUSING, "way/1", shapely.box(0, 0, 10, 10)),
            ("landuse=grass", "way/2", shapely.box(2, 2, 4, 4)),
            ("natural=scrub", "way/3", shapely.box(20, 0, 30, 10)),
            ("man_made=pier", "way/4", shapely.box(40, 0, 41, 10)),
        ),
        ledger=ledger,
    )
    assert areas(flat) == {"housing": 100}
    assert {e.message.key: e.count for e in ledger.entries} == {"overlay.ground_cover": 2, "overlay.no_use": 1}


def test_a_crossed_outline_is_repaired_and_counted() -> None:
    bow = shapely.Polygon([(0, 0), (10, 10), (10, 0), (0, 10)])
    ledger = Ledger()
    flat = flat_land_use(tagged((PARK, "way/1", bow)), ledger=ledger)
    assert areas(flat) == {"green_and_open_space": 50}
    assert [e.message.key for e in ledger.entries] == ["overlay.repaired"]


def test_the_input_stays_as_it_was() -> None:
    rows = tagged((HOUSING, "way/1", shapely.box(0, 0, 10, 10)), (SHOPS, "way/2", shapely.box(0, 0, 5, 5)))
    before = rows.copy()
    flat_land_use(rows, ledger=Ledger())
    assert rows.equals(before)


def test_no_land_use_at_all_is_an_empty_table() -> None:
    layer = land_use_layer(
        tagged(("natural=heath", "way/1", shapely.box(0, 0, 9, 9))),
        shapely.box(0, 0, 9, 9),
        mix_classes(),
        ledger=Ledger(),
    )
    assert layer.table.empty
    assert layer.status.name == "doubtful"


BOX = st.tuples(st.integers(0, 30), st.integers(0, 30), st.integers(1, 15), st.integers(1, 15))


@settings(max_examples=40, deadline=None)
@given(st.lists(BOX, min_size=1, max_size=12), st.randoms(use_true_random=False))
def test_every_place_has_the_use_of_its_smallest_area(boxes: list[tuple[int, int, int, int]], random: object) -> None:
    """Point by point, against the rule itself: no overlaps, nothing lost, rows in any order."""
    uses = (HOUSING, SHOPS, SCHOOL, PARK, "landuse=industrial")
    rows = [
        (uses[i % len(uses)], f"way/{i:02}", shapely.box(x, y, x + w, y + h)) for i, (x, y, w, h) in enumerate(boxes)
    ]
    shuffled = list(rows)
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    flat = flat_land_use(tagged(*shuffled), ledger=Ledger())
    assert flat.area.sum() == pytest.approx(shapely.union_all([shape for *_, shape in rows]).area)
    for x in np.arange(0.5, 46):
        for y in (0.5, 7.5, 20.5):
            over = [(shape.area, id, tag) for tag, id, shape in rows if shape.contains(shapely.Point(x, y))]
            found = flat.loc[flat.contains(shapely.Point(x, y)), "tag"].tolist()
            assert found == ([min(over)[2]] if over else [])


def test_pieces_add_up_to_the_whole_intersection() -> None:
    """Outlines with hundreds of points are split; the areas stay those of shapely's own intersection."""
    rng = np.random.default_rng(1)
    angle = np.linspace(0, 2 * np.pi, 3000, endpoint=False)
    radius = 100 + 20 * np.sin(9 * angle) + rng.uniform(0, 3, 3000)
    star = shapely.Polygon(np.column_stack([radius * np.cos(angle), radius * np.sin(angle)]))
    ring = star.difference(shapely.Point(0, 0).buffer(40, quad_segs=200))
    squares = np.array([shapely.box(x, y, x + 50, y + 50) for x in range(-130, 130, 50) for y in range(-130, 130, 50)])
    _, square, shapes = intersections(np.array([ring]), squares)
    got = np.bincount(square, weights=shapely.area(shapes), minlength=len(squares))
    assert got == pytest.approx(shapely.area(shapely.intersection(squares, ring)), abs=1e-6)
    assert got.sum() == pytest.approx(ring.area)


def test_the_mapped_share_counts_known_uses_inside_the_built_up_zone_once() -> None:
    flat = flat_land_use(
        tagged(
            (HOUSING, "way/1", shapely.box(0, 0, 60, 100)),
            (SHOPS, "way/2", shapely.box(0, 0, 30, 10)),
            ("landuse=zeppelin", "way/3", shapely.box(60, 0, 100, 100)),
            (PARK, "way/4", shapely.box(500, 0, 900, 100)),
        ),
        ledger=Ledger(),
    )
    assert mapped_share(flat, shapely.box(0, 0, 100, 100)) == pytest.approx(60)
    assert np.isnan(mapped_share(flat, shapely.MultiPolygon()))


def test_the_built_up_zone_joins_near_houses_and_leaves_farms_out() -> None:
    ledger = Ledger()
    row = [shapely.box(x, 0, x + 20, 20) for x in range(0, 400, 40)]
    farm = shapely.box(5000, 0, 5020, 20)
    zone = built_up_zone(houses(*row, farm), ledger=ledger, reach_m=50, pull_back_m=20, least_ha=1)
    assert len(shapely.get_parts(zone)) == 1
    assert zone.covers(shapely.box(0, 0, 380, 20))
    assert zone.bounds == pytest.approx((-30, -30, 410, 50), abs=1.5)
    values = ledger.entries[0].message.values
    assert (values["parts"], values["left_out"], ledger.entries[0].count) == (1, 1, 11)


def test_no_buildings_no_built_up_zone() -> None:
    assert built_up_zone(houses(), ledger=Ledger()).is_empty


def test_the_tables_agree_with_each_other() -> None:
    table = (Path(__file__).parents[2] / "spatial/schemes/urban_classes.csv").read_text(encoding="utf-8")
    classes = {row["class"] for row in csv.DictReader(table.splitlines())}
    assert {use for use, _ in osm_crosswalk().values()} <= classes | {"ground_cover", "no_use"}
    assert {stack for use, stack in osm_crosswalk().values() if use in classes} <= {"over", "under"}
    assert len(mix_classes()) == 8
    assert set(mix_classes()) <= classes
    rows = (Path(__file__).parents[2] / "spatial/schemes/osm.csv").read_text(encoding="utf-8").splitlines()
    assert len({row.split(",")[0] for row in rows}) == len(rows)
