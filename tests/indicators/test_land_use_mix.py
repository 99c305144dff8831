"""Entropy of a toy city worked out by hand, its zones, and what makes it doubtful."""

import geopandas as gpd
import numpy as np
import pytest
import shapely
from pyproj import CRS

from spatial.indicators.land_use_mix import land_use_entropy
from spatial.model.land_use import LandUse
from spatial.model.study_area import StudyArea
from spatial.model.zones import Zones, square_grid, whole_area
from spatial.operations.overlay import mix_classes

CRS_M = CRS.from_epsg(32627)
AREA = StudyArea("Toy", shapely.box(0, 0, 400, 200), 0, CRS_M)
WHOLE = whole_area(AREA)
HALVES = square_grid(AREA, size_m=200)


def land_use(
    *rows: tuple[str, tuple[float, float, float, float]],
    built_up: shapely.Geometry | None = None,
    classes: tuple[str, ...] | None = None,
) -> LandUse:
    table = gpd.GeoDataFrame(
        {"use": [use for use, _ in rows], "tag": ""}, geometry=[shapely.box(*box) for _, box in rows], crs=CRS_M
    )
    return LandUse(table, "osm", classes or mix_classes(), built_up if built_up is not None else AREA.boundary)


def one(layer: LandUse, zones: Zones = WHOLE) -> tuple[float, str]:
    row = land_use_entropy(layer, zones).iloc[0]
    return float(row["value"]), row["status"].name


def test_worked_example_with_five_classes() -> None:
    """Half, three tenths and two tenths of the land, five classes in the scheme."""
    five = ("housing", "work", "retail_and_services", "education", "health")
    layer = land_use(
        ("housing", (0, 0, 200, 200)), ("work", (200, 0, 320, 200)), ("education", (320, 0, 400, 200)), classes=five
    )
    assert one(layer) == (pytest.approx(0.63976, abs=5e-6), "ok")


def test_open_land_and_unknown_use_are_in_no_share() -> None:
    functions = [("housing", (0.0, 0.0, 100.0, 200.0)), ("work", (100.0, 0.0, 200.0, 200.0))]
    others = [
        (use, (200.0 + 25 * i, 0.0, 225.0 + 25 * i, 200.0))
        for i, use in enumerate(
            [
                "green_and_open_space",
                "transport",
                "water",
                "farmland",
                "forest",
                "bare",
                "under_construction",
                "unclassified",
            ]
        )
    ]
    assert one(land_use(*functions, *others))[0] == pytest.approx(np.log(2) / np.log(8))
    assert one(land_use(*functions, *others))[0] == pytest.approx(1 / 3)


def test_each_zone_has_its_own_mix_and_the_whole_is_not_their_mean() -> None:
    layer = land_use(("housing", (0, 0, 200, 200)), ("work", (200, 0, 400, 200)))
    zones = land_use_entropy(layer, HALVES).set_index("zone")["value"]
    assert zones.tolist() == [0.0, 0.0]
    assert one(layer)[0] == pytest.approx(1 / 3)


def test_an_area_across_two_zones_counts_in_each_with_its_part() -> None:
    layer = land_use(("housing", (100, 0, 300, 200)), ("work", (0, 0, 100, 200)), ("health", (300, 0, 400, 200)))
    found = land_use_entropy(layer, HALVES)
    assert found["value"].tolist() == pytest.approx([1 / 3, 1 / 3])
    assert found["n"].tolist() == pytest.approx([40_000, 40_000])


def test_no_function_is_not_a_number_and_absent() -> None:
    found = land_use_entropy(land_use(("farmland", (0, 0, 200, 200)), ("housing", (200, 0, 400, 200))), HALVES)
    assert np.isnan(found["value"].iloc[0])
    assert found["status"].iloc[0].name == "absent"
    assert found["value"].iloc[1] == 0.0


def test_a_zone_whose_built_up_part_is_little_mapped_is_doubtful() -> None:
    """Zone 1: 110 of 200 m mapped, 55 %. Zone 2: 60 %, at the floor. Unknown use counts as unmapped."""
    layer = land_use(
        ("housing", (0, 0, 110, 200)), ("unclassified", (110, 0, 200, 200)), ("housing", (200, 0, 320, 200))
    )
    found = land_use_entropy(layer, HALVES)
    assert [status.name for status in found["status"]] == ["doubtful", "ok"]
    assert found["status"].iloc[0].reason.values["share"] == pytest.approx(55)
    assert found["n_missing"].tolist() == pytest.approx([18_000, 16_000])


def test_what_lies_outside_the_built_up_zone_needs_no_mapping() -> None:
    layer = land_use(("housing", (0, 0, 10, 200)), built_up=shapely.box(0, 0, 10, 200))
    assert one(layer) == (0.0, "ok")


def test_the_city_may_be_moved_and_its_areas_cut() -> None:
    rows = [
        ("housing", (0.0, 0.0, 250.0, 200.0)),
        ("work", (250.0, 0.0, 330.0, 200.0)),
        ("health", (330.0, 0.0, 400.0, 200.0)),
    ]
    cut = [
        (use, (west, south + 20 * i, east, south + 20 * i + 20))
        for use, (west, south, east, _) in rows
        for i in range(10)
    ]
    assert one(land_use(*cut[::-1]))[0] == pytest.approx(one(land_use(*rows))[0])
    moved = StudyArea("Toy", shapely.box(5000, 5000, 5400, 5200), 0, CRS_M)
    shifted = [(use, (w + 5000, s + 5000, e + 5000, n + 5000)) for use, (w, s, e, n) in rows]
    layer = land_use(*shifted, built_up=moved.boundary)
    assert one(layer, whole_area(moved))[0] == pytest.approx(one(land_use(*rows))[0])
