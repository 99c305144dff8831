"""Zones cover the land once, and bad ones are all named at once."""

import geopandas as gpd
import numpy as np
import pytest
import shapely
from pyproj import CRS

from spatial.errors import InputError
from spatial.model.study_area import StudyArea
from spatial.model.zones import hexagons, square_grid, user_polygons, whole_area

AREA = StudyArea("x", shapely.box(500_000, 7_100_000, 502_000, 7_101_000), 0, CRS.from_epsg(32627))
WITH_LAKE = StudyArea("x", AREA.boundary, 0, AREA.crs, shapely.box(500_000, 7_100_000, 501_000, 7_101_000))


def test_squares_cover_the_land_once() -> None:
    zones = square_grid(AREA, size_m=500)
    assert len(zones) == 8
    assert zones.land_km2.tolist() == [0.25] * 8
    assert zones.kind == "grid"


def test_water_is_not_land() -> None:
    zones = square_grid(WITH_LAKE, size_m=500)
    assert zones.land_km2.sum() == pytest.approx(1.0)
    assert len(zones) == 4


def test_hexagons_cover_the_land_once() -> None:
    zones = hexagons(AREA, resolution=9)
    assert zones.land_km2.sum() == pytest.approx(2.0, rel=1e-3)


def test_the_whole_area_is_one_subject() -> None:
    zones = whole_area(WITH_LAKE)
    assert zones.ids.tolist() == ["all"]
    assert zones.subject_kind == "all"
    assert zones.land_km2["all"] == pytest.approx(1.0)


def test_a_point_on_a_shared_edge_counts_once() -> None:
    zones = square_grid(AREA, size_m=500)
    x = np.array([500_500.0, 500_250.0, 0.0])
    y = np.array([7_100_250.0, 7_100_250.0, 0.0])
    found = zones.locate(x, y)
    assert found.tolist() == [0, 0, -1]


def polygons(**columns: list[object]) -> gpd.GeoDataFrame:
    return gpd.GeoDataFrame(columns, crs=AREA.crs)


def test_all_bad_polygons_are_named_at_once() -> None:
    inside = shapely.box(500_100, 7_100_100, 500_200, 7_100_200)
    bow = shapely.Polygon([(500_000, 7_100_000), (500_100, 7_100_100), (500_100, 7_100_000), (500_000, 7_100_100)])
    layer = polygons(
        id=["a", "a", "bow", "line", "far"],
        label=["A", "A", "B", "L", "F"],
        geometry=[inside, inside, bow, shapely.LineString([(0, 0), (1, 1)]), shapely.box(0, 0, 1, 1)],
    )
    with pytest.raises(InputError) as error:
        user_polygons(layer, AREA, id_column="id", name_column="label")
    text = str(error.value)
    assert "bow is not a valid polygon" in text
    assert "line is a LineString" in text
    assert "far lies outside" in text
    assert "occurs more than once: a" in text


def test_user_polygons_are_cut_to_the_land() -> None:
    layer = polygons(id=[1], label=["One"], geometry=[shapely.box(500_500, 7_100_000, 501_500, 7_101_000)])
    zones = user_polygons(layer, WITH_LAKE, id_column="id", name_column="label")
    assert zones.ids.tolist() == ["1"]
    assert zones.land_km2["1"] == pytest.approx(0.5)


@pytest.mark.parametrize("resolution", [5, 6, 7, 8])
def test_hexagons_of_every_size_cover_the_land(resolution: int) -> None:
    area = StudyArea("x", shapely.box(500_000, 7_100_000, 510_000, 7_110_000), 0, CRS.from_epsg(32627))
    assert hexagons(area, resolution=resolution).land_km2.sum() == pytest.approx(100, rel=1e-3)


def test_zones_that_overlap_are_refused() -> None:
    shapes = [shapely.box(500_000, 7_100_000, 501_000, 7_101_000), shapely.box(500_900, 7_100_000, 502_000, 7_101_000)]
    layer = polygons(id=["a", "b"], label=["A", "B"], geometry=shapes)
    with pytest.raises(InputError, match=r"1 pair of zones overlaps, by up to 100,000 m²: a / b"):
        user_polygons(layer, AREA, id_column="id", name_column="label")


def test_zones_that_share_an_edge_are_fine() -> None:
    shapes = [shapely.box(500_000, 7_100_000, 501_000, 7_101_000), shapely.box(501_000, 7_100_000, 502_000, 7_101_000)]
    zones = user_polygons(
        polygons(id=[1, 2], label=["A", "B"], geometry=shapes), AREA, id_column="id", name_column="label"
    )
    assert zones.land_km2.tolist() == [1.0, 1.0]


def test_too_many_squares_are_refused_before_they_are_made() -> None:
    with pytest.raises(InputError, match=r"Squares of 1 m make 2,000,000 zones"):
        square_grid(AREA, size_m=1)


@pytest.mark.parametrize(("doubled", "named"), [(5, "a, b, c, d, e"), (6, "a, b, c, d, e, …")])
def test_more_doubled_ids_than_are_named_are_hinted_at(doubled: int, named: str) -> None:
    ids = list("abcdef"[:doubled]) * 2
    squares = [shapely.box(500_000 + 100 * i, 7_100_000, 500_050 + 100 * i, 7_100_050) for i in range(len(ids))]
    frame = gpd.GeoDataFrame({"id": ids}, geometry=squares, crs=AREA.crs)
    with pytest.raises(InputError, match=rf"^{doubled} zone ids .*: {named}\. "):
        user_polygons(frame, AREA, id_column="id", name_column="id")
