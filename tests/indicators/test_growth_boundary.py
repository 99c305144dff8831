"""Growth in and outside a boundary: by hand on eight cells, then on the bundled rasters of Washington."""

from pathlib import Path

import geopandas as gpd
import numpy as np
import pytest
import shapely
from affine import Affine
from pyproj import CRS, Geod, Transformer

from spatial.errors import NotComputable
from spatial.indicators.catalogue import compute
from spatial.indicators.growth_boundary import (
    built_up_outside_boundary,
    built_up_outside_boundary_share,
    new_built_up_outside_boundary_share,
)
from spatial.model.district import District
from spatial.model.growth import Growth
from spatial.model.provenance import Ledger
from spatial.model.raster import Raster
from spatial.model.study_area import StudyArea
from spatial.model.zones import whole_area
from spatial.sources.rasters import read_raster
from spatial.sources.vectors import read_vectors

UTM = CRS.from_epsg(32618)
BUNDLE = Path(__file__).parents[2] / "data" / "washington"
YEARS = np.array([[1975, 1990, 2020, 2030], [1975, 1975, 0, 2020]], dtype=np.int32)


def growth(*, legal: bool = True, until: int = 2020) -> Growth:
    """Cells of a kilometre; the boundary holds the two western columns and a bit more."""
    first_built = Raster(YEARS, Affine(1000, 0, 500_000, 0, -1000, 4_002_000), UTM, 0, "years")
    return Growth(first_built, shapely.box(500_000, 4_000_000, 502_400, 4_002_000), legal, until)


def area(width_m: float = 4000) -> StudyArea:
    return StudyArea("Toy", shapely.box(500_000, 4_000_000, 500_000 + width_m, 4_002_000), 0, UTM)


def test_built_up_land_outside_by_year() -> None:
    rows = built_up_outside_boundary(growth(), whole_area(area()))
    assert rows["at"].tolist() == ["1975", "1990", "2020"]
    assert rows["value"].tolist() == [0, 0, 2]
    assert rows["n"].tolist() == [3, 4, 6]
    assert {status.name for status in rows["status"]} == {"ok"}


def test_shares_of_all_and_of_new_land() -> None:
    zones = whole_area(area())
    assert built_up_outside_boundary_share(growth(), zones)["value"].tolist() == pytest.approx([0, 0, 100 * 2 / 6])
    new = new_built_up_outside_boundary_share(growth(), zones)
    assert new["at"].tolist() == ["1990", "2020"]
    assert new["value"].tolist() == pytest.approx([0, 100 * 2 / 3])


def test_projections_are_never_shown() -> None:
    rows = built_up_outside_boundary(growth(until=2029), whole_area(area()))
    assert "2030" not in rows["at"].tolist()
    assert "2030" in built_up_outside_boundary(growth(until=2030), whole_area(area()))["at"].tolist()


def test_a_stand_in_and_a_raster_that_ends_early_are_doubtful() -> None:
    def only_status(layer: Growth, place: StudyArea) -> tuple[str, str]:
        statuses = built_up_outside_boundary(layer, whole_area(place))["status"]
        assert len(set(statuses)) == 1
        return statuses.iloc[0].name, statuses.iloc[0].reason.key

    assert only_status(growth(legal=False), area()) == ("doubtful", "growth.boundary_stand_in")
    assert only_status(growth(), area(width_m=8000)) == ("doubtful", "growth.partly_covered")


def test_an_area_off_the_raster_has_no_value() -> None:
    place = StudyArea("Off", shapely.box(600_000, 4_000_000, 601_000, 4_001_000), 0, UTM)
    rows = built_up_outside_boundary(growth(), whole_area(place))
    assert rows["value"].isna().all()
    assert {status.name for status in rows["status"]} == {"absent"}


def test_growth_needs_two_years_and_new_land() -> None:
    with pytest.raises(NotComputable):
        new_built_up_outside_boundary_share(growth(until=1980), whole_area(area()))
    west = StudyArea("West", shapely.box(500_000, 4_000_000, 501_000, 4_002_000), 0, UTM)
    assert new_built_up_outside_boundary_share(growth(), whole_area(west))["value"].isna().all()


@pytest.fixture(scope="module")
def washington() -> District:
    crs, ledger = UTM, Ledger()
    lonlat = shapely.box(-77.5, 38.75, -76.8, 39.15)
    boundary = gpd.GeoSeries([lonlat], crs=4326).to_crs(crs).iloc[0]
    place = StudyArea("Washington", boundary, 0, crs)
    first_built = read_raster(
        BUNDLE / "ghsl_built_first_year_1975_2030_100m.tif", kind="years", within=boundary, within_crs=crs,
        ledger=ledger, layer="growth",
    )  # fmt: skip
    extents = read_vectors(
        BUNDLE / "hd_urban_extents_dc_region.geojson", crs_expected=first_built.crs, ledger=ledger, layer="growth"
    )
    layer = Growth(first_built, extents.geometry.union_all(), boundary_legal=False, observed_until=2020)
    return District(place, whole_area(place), growth=layer)


def test_the_bundled_region_grew_mostly_outside_its_dense_cores(washington: District) -> None:
    ids = ["built_up_outside_boundary", "built_up_outside_boundary_share", "new_built_up_outside_boundary_share"]
    table = compute(washington, ids)
    assert not table.missing
    rows = table.table
    assert set(rows["at"]) == {str(year) for year in range(1975, 2021, 5)}
    assert set(rows["data_status"]) == {"doubtful"}
    area_km2 = rows[rows["indicator"] == ids[0]].sort_values("at")["value"]
    assert area_km2.is_monotonic_increasing
    assert table.value(ids[0], at="1975") == pytest.approx(1086, abs=5)
    assert table.value(ids[0], at="2020") == pytest.approx(1451, abs=5)
    assert table.value(ids[1], at="2020") == pytest.approx(71.0, abs=0.5)
    assert table.value(ids[2], at="2020") == pytest.approx(81.5, abs=0.5)


def test_the_bundled_areas_agree_with_a_count_of_cells(washington: District) -> None:
    """Oracle: shapely's point-in-polygon test on every cell's centre."""
    layer = washington.growth
    assert layer is not None
    x, y = layer.first_built.centres()
    lonlat = gpd.GeoSeries([washington.area.boundary], crs=UTM).to_crs(layer.first_built.crs).segmentize(1000).iloc[0]
    shapely.prepare(lonlat)
    shapely.prepare(layer.boundary)
    built = layer.first_built.valid & (layer.first_built.values <= 2020) & shapely.contains_xy(lonlat, x, y)
    outside = built & ~shapely.contains_xy(layer.boundary, x, y)
    rows = built_up_outside_boundary(layer, washington.zones)
    # A nominal cell of GHSL is 0.01 km²; on the ground (WGS 84) it is 0.14 % less, in the study's UTM zone 0.06–0.2 %.
    # The sides of the area are straight in one system and bent in the other: a few cells along them may differ.
    cell_km2 = ground_km2(layer.first_built)
    assert cell_km2 == pytest.approx(0.01 * 0.9986, rel=1e-4)
    assert rows["value"].iloc[-1] == pytest.approx(outside.sum() * cell_km2, rel=2e-3)
    assert rows["n"].iloc[-1] == pytest.approx(built.sum(), rel=1e-3)


def ground_km2(raster: Raster) -> float:
    """The middle cell on the ground."""
    row, column = (n // 2 for n in raster.values.shape)
    return ellipsoid_km2(raster, slice(row, row + 1), slice(column, column + 1))


def ellipsoid_km2(raster: Raster, rows: slice, columns: slice) -> float:
    """Oracle: the ellipsoid's area of a block of cells."""
    t = raster.transform
    x = [t.c + t.a * column for column in (columns.start, columns.stop, columns.stop, columns.start)]
    y = [t.f + t.e * row for row in (rows.start, rows.start, rows.stop, rows.stop)]
    lon, lat = Transformer.from_crs(raster.crs, 4326, always_xy=True).transform(x, y)
    return float(abs(Geod(ellps="WGS84").polygon_area_perimeter(lon, lat)[0]) / 1e6)


@pytest.mark.parametrize("system", [3857, 4326])
def test_areas_are_those_on_the_ground_whatever_the_raster_is_drawn_in(system: int) -> None:
    """The worked example in Web Mercator, where it is 1.5 times as large, and in degrees; cells of 25 m."""
    here = Transformer.from_crs(UTM, system, always_xy=True)
    (west, east), (south, north) = here.transform([500_000, 504_000], [4_000_000, 4_002_000])
    fine = np.kron(YEARS, np.ones((40, 40), dtype=np.int32))
    place = Affine((east - west) / fine.shape[1], 0, west, 0, (south - north) / fine.shape[0], north)
    raster = Raster(fine, place, CRS.from_epsg(system), 0, "years")
    layer = Growth(raster, shapely.transform(growth().boundary, here.transform, interleaved=False), True, 2020)
    around = StudyArea("Toy", shapely.box(499_000, 3_999_000, 505_000, 4_003_000), 0, UTM)
    value = built_up_outside_boundary(layer, whole_area(around), cover_min_pct=0)["value"].iloc[-1]
    # Six tenths of one kilometre square and the whole of another lie outside.
    assert value == pytest.approx(1.6, rel=0.01)
    on_the_ground = ellipsoid_km2(raster, slice(0, 80), slice(0, 160))
    assert value == pytest.approx(on_the_ground * 1.6 / 8, rel=0.002)


def test_growth_that_cannot_be_computed_does_not_end_the_run() -> None:
    early = growth(until=1900)
    place = area()
    table = compute(District(place, whole_area(place), growth=early), ["built_up_outside_boundary"])
    assert [entry.reason.key for entry in table.missing] == ["zonal.no_years"]
