"""Densities worked out by hand."""

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from pyproj import CRS

from spatial.errors import NotComputable
from spatial.indicators.catalogue import compute
from spatial.indicators.density import population_density, weighted_population_density
from spatial.model.district import District
from spatial.model.people import People
from spatial.model.study_area import StudyArea
from spatial.model.zones import Zones, square_grid, whole_area

UTM = CRS.from_epsg(32627)


def people(*rows: tuple[float, float, float]) -> People:
    x, y, residents = np.array(rows, dtype=float).T
    return People(x, y, residents, np.full(len(x), np.nan), np.full(len(x), "", dtype=object), "zones")


def area(*, water: shapely.Geometry | None = None) -> StudyArea:
    """Three squares of a kilometre in a row; the third is half sea where `water` says so."""
    return StudyArea("Toy", shapely.box(0, 0, 3000, 1000), 0, UTM, water or shapely.MultiPolygon())


HALF_SEA = shapely.box(2000, 500, 3000, 1000)
ROW = ((500.0, 100.0, 1000.0), (1500.0, 100.0, 3000.0), (2500.0, 100.0, 6000.0))


def test_density_divides_by_land() -> None:
    place = area(water=HALF_SEA)
    density = population_density(people(*ROW), square_grid(place, size_m=1000))
    assert density.to_dict() == {"0_0": 1000, "1_0": 3000, "2_0": 12_000}
    assert population_density(people(*ROW), whole_area(place)).tolist() == [4000]


def test_an_empty_zone_has_none_and_people_outside_count_nowhere() -> None:
    zones = square_grid(area(), size_m=1000)
    assert population_density(people((500, 100, 7), (9000, 100, 99)), zones).tolist() == [7, 0, 0]


def test_a_zone_without_land_has_no_density() -> None:
    table = gpd.GeoDataFrame({"name": "", "land_m2": [0.0]}, geometry=[shapely.Polygon()], index=["sea"], crs=UTM)
    assert np.isnan(population_density(people((1, 1, 1)), Zones(table, "polygons"))["sea"])


def test_weighted_density_of_the_worked_example() -> None:
    # (1, 3, 6) thousand on (1, 1, ½) km²: (1·1 + 3·3 + 6·12) / 10 = 8.2 thousand; plain density 4 thousand.
    weighted = weighted_population_density(people(*ROW), whole_area(area(water=HALF_SEA)))
    assert weighted["all"] == pytest.approx(8200)


def test_weighted_density_depends_on_the_square_and_equals_density_where_one_square_holds_all() -> None:
    place = whole_area(area())
    crowd = people((100, 100, 500), (900, 900, 500))
    assert weighted_population_density(crowd, place)["all"] == pytest.approx(1000)
    assert weighted_population_density(crowd, place, cell_m=500)["all"] == pytest.approx(2000)
    even = people(*[(500 + 1000 * i, 500, 10) for i in range(3)])
    assert weighted_population_density(even, place)["all"] == pytest.approx(population_density(even, place)["all"])


def test_weighted_density_of_nobody_is_unknown() -> None:
    assert np.isnan(weighted_population_density(people((9000, 9000, 5)), whole_area(area()))["all"])


def test_unknown_residents_are_not_computable() -> None:
    unknown = people((500, 500, np.nan))
    for function in (population_density, weighted_population_density):
        with pytest.raises(NotComputable):
            function(unknown, whole_area(area()))


def test_rows_of_the_catalogue() -> None:
    place = area(water=HALF_SEA)
    district = District(place, square_grid(place, size_m=1000), people=people(*ROW))
    table = compute(district, ["population_density", "weighted_population_density"])
    assert table.value("population_density") == pytest.approx(4000)
    assert table.value("population_density", subject="2_0") == pytest.approx(12_000)
    assert table.value("weighted_population_density") == pytest.approx(8200)
    assert len(table) == 5
    assert set(table.table["unit"]) == {"persons/km²"}
    assert isinstance(table.table, pd.DataFrame)
