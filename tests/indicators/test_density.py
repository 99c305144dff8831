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


def people(*rows: tuple[float, float, float], known: shapely.Geometry | None = None) -> People:
    x, y, residents = np.array(rows, dtype=float).T
    nothing = np.full(len(x), np.nan)
    return People(x, y, residents, nothing, np.full(len(x), "", dtype=object), "zones", known=known)


def area(*, water: shapely.Geometry | None = None) -> StudyArea:
    """Three squares of a kilometre in a row; the third is half sea where `water` says so."""
    return StudyArea("Toy", shapely.box(0, 0, 3000, 1000), 0, UTM, water or shapely.MultiPolygon())


HALF_SEA = shapely.box(2000, 500, 3000, 1000)
ROW = ((500.0, 100.0, 1000.0), (1500.0, 100.0, 3000.0), (2500.0, 100.0, 6000.0))


def values(rows: pd.DataFrame) -> dict[str, float]:
    return dict(zip(rows["zone"], rows["value"], strict=True))


def reasons(rows: pd.DataFrame) -> list[tuple[str, str]]:
    return [(status.name, status.reason.key if status.reason else "") for status in rows["status"]]


def test_density_divides_by_land() -> None:
    place = area(water=HALF_SEA)
    density = population_density(people(*ROW), square_grid(place, size_m=1000))
    assert values(density) == {"0_0": 1000, "1_0": 3000, "2_0": 12_000}
    assert density["n"].tolist() == [1000, 3000, 6000]
    assert values(population_density(people(*ROW), whole_area(place))) == {"all": 4000}


def test_an_empty_zone_has_none_and_people_outside_count_nowhere() -> None:
    zones = square_grid(area(), size_m=1000)
    rows = population_density(people((500, 100, 7), (9000, 100, 99)), zones)
    assert rows["value"].tolist() == [7, 0, 0]
    assert reasons(rows) == [("ok", "")] * 3


def test_a_zone_without_land_has_no_density() -> None:
    table = gpd.GeoDataFrame({"name": "", "land_m2": [0.0]}, geometry=[shapely.Polygon()], index=["sea"], crs=UTM)
    rows = population_density(people((1, 1, 1)), Zones(table, "polygons"))
    assert np.isnan(rows["value"].iloc[0])
    assert reasons(rows) == [("absent", "density.no_land")]


def test_where_residents_are_unknown_there_is_no_density_rather_than_none_living() -> None:
    """Known on the western 1 600 m of three squares: all of the first, 60 % of the second, none of the third."""
    crowd = people(*ROW[:2], known=shapely.box(-10, -10, 1600, 1010))
    rows = population_density(crowd, square_grid(area(), size_m=1000))
    assert reasons(rows) == [("ok", ""), ("doubtful", "residents.partly_known"), ("absent", "residents.not_known_here")]
    assert rows["value"].tolist()[:2] == [1000, 3000]
    assert rows[["value", "n"]].iloc[2].isna().all()
    for function in (population_density, weighted_population_density):
        assert reasons(function(crowd, whole_area(area()))) == [("doubtful", "residents.partly_known")]
        little = people(*ROW[:2], known=shapely.box(-10, -10, 1000, 1010))
        whole = function(little, whole_area(area()))
        assert (reasons(whole), whole["value"].isna().all()) == ([("absent", "residents.not_known_here")], True)


def test_weighted_density_of_the_worked_example() -> None:
    # (1, 3, 6) thousand on (1, 1, ½) km²: (1·1 + 3·3 + 6·12) / 10 = 8.2 thousand; plain density 4 thousand.
    weighted = weighted_population_density(people(*ROW), whole_area(area(water=HALF_SEA)))
    assert values(weighted)["all"] == pytest.approx(8200)
    assert (weighted["n"].tolist(), weighted["n_missing"].tolist()) == ([10_000], [0])


def test_weighted_density_depends_on_the_square_and_equals_density_where_one_square_holds_all() -> None:
    place = whole_area(area())
    crowd = people((100, 100, 500), (900, 900, 500))
    assert values(weighted_population_density(crowd, place))["all"] == pytest.approx(1000)
    assert values(weighted_population_density(crowd, place, cell_m=500))["all"] == pytest.approx(2000)
    even = people(*[(500 + 1000 * i, 500, 10) for i in range(3)])
    assert values(weighted_population_density(even, place))["all"] == pytest.approx(10)
    assert values(population_density(even, place))["all"] == pytest.approx(10)


@pytest.mark.parametrize("edge", [(3000.0, 500.0), (1500.0, 1000.0), (3000.0, 1000.0)])
def test_somebody_on_the_very_edge_does_not_make_the_density_infinite(edge: tuple[float, float]) -> None:
    crowd = people((500, 500, 10), (*edge, 1))
    rows = weighted_population_density(crowd, whole_area(area()))
    assert rows["value"].tolist() == [10]
    assert (rows["n"].tolist(), rows["n_missing"].tolist()) == ([11], [1])
    alone = weighted_population_density(people((*edge, 1)), whole_area(area()))
    assert np.isnan(alone["value"].iloc[0])
    assert reasons(alone) == [("absent", "density.edge_only")]


def test_a_sliver_of_land_does_not_make_the_density_absurd() -> None:
    """Fifty centimetres of the next square, with one person: 2 000 persons/km² on 0.05 % of a square."""
    place = StudyArea("Toy", shapely.box(0, 0, 1000.5, 1000), 0, UTM)
    rows = weighted_population_density(people((500, 500, 10), (1000.2, 500, 1)), whole_area(place))
    assert (rows["value"].tolist(), rows["n_missing"].tolist()) == ([10], [1])


def test_weighted_density_of_nobody_is_unknown() -> None:
    rows = weighted_population_density(people((9000, 9000, 5)), whole_area(area()))
    assert np.isnan(rows["value"].iloc[0])
    assert reasons(rows) == [("absent", "residents.nobody_here")]


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
