"""What is missing is absent, what lies below a floor is doubtful, and the reason says by how much."""

import geopandas as gpd
import numpy as np
import pytest
import shapely

from spatial.model.land_use import Buildings
from spatial.operations.status import buildings_status, land_use_status, place_statuses
from spatial.parameters import parameter, parameter_rows
from spatial.text import LANGUAGES, render

NEEDS = ("food_shop", "school", "kindergarten", "pharmacy_or_clinic", "park", "restaurant_or_cafe")


def places(**counts: int) -> gpd.GeoDataFrame:
    category = [name for name, count in counts.items() for _ in range(count)]
    return gpd.GeoDataFrame({"category": category}, geometry=[shapely.Point(0, 0)] * len(category))


def buildings(levels: list[float], heights: list[float]) -> Buildings:
    table = gpd.GeoDataFrame(
        {"building": "yes", "levels": levels, "height_m": heights, "tags": "", "osm_id": ""},
        geometry=[shapely.box(0, 0, 1, 1)] * len(levels),
    )
    return Buildings(table)


def test_a_category_that_does_not_occur_is_absent() -> None:
    found = place_statuses(places(school=500), ("school", "park"), residents=100_000)
    assert found["school"].name == "ok"
    assert found["park"].name == "absent"
    assert found["park"].reason is not None
    assert found["park"].reason.key == "floor.place_absent"


def test_far_too_few_places_are_doubtful_with_the_numbers() -> None:
    status = place_statuses(places(food_shop=3), ("food_shop",), residents=100_000)["food_shop"]
    assert status.name == "doubtful"
    assert status.reason is not None
    assert status.reason.values["count"] == 3
    assert status.reason.values["rate"] == pytest.approx(0.03)
    for language in LANGUAGES:
        assert "100,000" in render(status.reason, language)


@pytest.mark.parametrize("category", NEEDS)
def test_the_floor_is_enough(category: str) -> None:
    floor = parameter(f"floor_{category}_per_1000")
    count = 10
    enough = 1000 * count / floor
    assert place_statuses(places(**{category: count}), (category,), residents=0.999 * enough)[category].name == "ok"
    assert (
        place_statuses(places(**{category: count}), (category,), residents=1.001 * enough)[category].name == "doubtful"
    )


def test_floors_are_labelled_as_assumptions() -> None:
    assert {parameter_rows()[f"floor_{category}_per_1000"].status for category in NEEDS} == {"assumption"}


def test_without_residents_only_absence_can_be_told() -> None:
    found = place_statuses(places(food_shop=1), ("food_shop", "park"), residents=float("nan"))
    assert (found["food_shop"].name, found["park"].name) == ("ok", "absent")


def test_floor_area_is_doubtful_when_less_than_half_have_levels_or_height() -> None:
    unknown = np.nan
    status = buildings_status(buildings([3, unknown, unknown, unknown], [9, unknown, unknown, unknown]))
    assert status.name == "doubtful"
    assert status.reason is not None
    assert status.reason.values["share"] == pytest.approx(25)
    assert buildings_status(buildings([3, unknown], [unknown, unknown])).name == "ok"
    assert buildings_status(buildings([unknown, unknown], [unknown, 4])).name == "ok"
    assert buildings_status(buildings([], [])).name == "absent"


def test_land_use_is_doubtful_below_its_floor() -> None:
    assert land_use_status(60.0).name == "ok"
    assert land_use_status(59.9).name == "doubtful"
    assert land_use_status(float("nan")).name == "doubtful"
