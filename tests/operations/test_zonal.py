"""Rasters by zone: counted by hand, and beside rasterstats."""

from pathlib import Path

import geopandas as gpd
import numpy as np
import pytest
import shapely
from affine import Affine
from pyproj import CRS, Geod, Transformer

from spatial.errors import CrsError, InputError, NotComputable
from spatial.model.raster import Raster
from spatial.operations.zonal import built_up_by_year, class_area_by_zone, covered_share, sum_by_zone, zone_of_cells

UTM = CRS.from_epsg(32618)
BUNDLE = Path(__file__).parents[2] / "data" / "washington"


def raster(values: np.ndarray, kind: str, nodata: int | None = None) -> Raster:
    """Cells of 100 m; the lower left corner of the sheet is at 0, 0."""
    transform = Affine(100, 0, 0, 0, -100, 100 * values.shape[0])
    return Raster(values, transform, UTM, nodata, kind)  # type: ignore[arg-type]


def zones(*boxes: tuple[float, float, float, float]) -> gpd.GeoDataFrame:
    index = [f"z{i}" for i in range(len(boxes))]
    return gpd.GeoDataFrame(geometry=[shapely.box(*box) for box in boxes], index=index, crs=UTM)


def test_a_cell_belongs_to_the_zone_of_its_centre() -> None:
    found = zone_of_cells(raster(np.zeros((1, 4)), "counts"), zones((0, 0, 160, 100), (160, 0, 340, 100)))
    assert found.tolist() == [[0, 0, 1, -1]]


def test_area_of_classes() -> None:
    values = np.array([[1, 1, 2], [2, 9, 2]], dtype=np.int32)
    area = class_area_by_zone(raster(values, "classes", nodata=9), zones((0, 0, 200, 200), (200, 0, 300, 200)))
    assert area.columns.tolist() == [1, 2]
    assert area.loc["z0"].tolist() == pytest.approx([0.02, 0.01])
    assert area.loc["z1"].tolist() == pytest.approx([0.0, 0.02])


def test_sums_of_counts() -> None:
    values = np.array([[1.0, 2.0, np.nan], [4.0, np.nan, np.nan]])
    sums = sum_by_zone(raster(values, "counts"), zones((0, 0, 200, 200), (200, 0, 300, 200)))
    assert sums["z0"] == 7
    assert np.isnan(sums["z1"])


def test_built_up_by_year_is_a_running_total_up_to_the_observed_year() -> None:
    values = np.array([[1975, 1990, 2020, 2030], [1975, 1975, 0, 2020]], dtype=np.int32)
    built = built_up_by_year(
        raster(values, "years", nodata=0), zones((0, 0, 400, 200)), shapely.box(0, 0, 200, 200), until=2020
    )
    assert built["year"].tolist() == [1975, 1990, 2020]
    assert built["inside_km2"].tolist() == pytest.approx([0.03, 0.04, 0.04])
    assert built["outside_km2"].tolist() == pytest.approx([0, 0, 0.02])
    assert built["cells"].tolist() == [3, 4, 6]


@pytest.mark.parametrize(("system", "size", "cells"), [(3857, 130, 50), (4326, 0.001, 70)])
def test_areas_of_a_raster_in_a_stretched_system_are_those_on_the_ground(system: int, size: float, cells: int) -> None:
    """Oracle: each cell on the ellipsoid. In Web Mercator at 60° N areas are four times those on the ground."""
    north = 60.0 if system == 4326 else 8_399_738.0
    west = -75.0 if system == 4326 else -8_348_961.0
    place = Affine(size, 0, west, 0, -size, north)
    sheet = Raster(np.ones((cells, cells), dtype=np.int32), place, CRS.from_epsg(system), None, "classes")
    around = gpd.GeoDataFrame(geometry=[shapely.box(490_000, 6_600_000, 520_000, 6_670_000)], index=["z"], crs=UTM)
    rows, columns = np.indices(sheet.values.shape).reshape(2, -1)
    steps = np.array([(0, 0), (1, 0), (1, 1), (0, 1)])
    x, y = west + size * (columns[:, None] + steps[:, 0]), north - size * (rows[:, None] + steps[:, 1])
    lon, lat = Transformer.from_crs(system, 4326, always_xy=True).transform(x, y)
    geod = Geod(ellps="WGS84")
    each = [abs(geod.polygon_area_perimeter(a, b)[0]) for a, b in zip(lon, lat, strict=True)]
    on_the_ground = sum(each) / 1e6
    assert class_area_by_zone(sheet, around).loc["z", 1] == pytest.approx(on_the_ground, rel=1e-3)


def test_the_covered_share_of_a_zone() -> None:
    share = covered_share(
        raster(np.zeros((2, 2)), "counts"), zones((0, 0, 200, 200), (100, 0, 500, 200), (900, 0, 999, 99))
    )
    assert share.tolist() == pytest.approx([1, 0.25, 0])


def test_zones_in_another_system_are_moved() -> None:
    here = zones((0, 0, 200, 200))
    values = raster(np.array([[1.0, 2.0, 4.0], [8.0, 16.0, 32.0]]), "counts")
    assert sum_by_zone(values, here.to_crs(4326)).tolist() == [27]


@pytest.mark.filterwarnings("ignore:Use `@` matmul:PendingDeprecationWarning")
def test_sums_agree_with_rasterstats_on_the_bundled_people() -> None:
    """Oracle: rasterstats, which also takes cells by their centre; equal but for the order of adding."""
    rasterstats = pytest.importorskip("rasterstats")
    from spatial.model.provenance import Ledger
    from spatial.sources.rasters import read_raster

    path = BUNDLE / "worldpop_2020_1km.tif"
    extents = gpd.read_file(BUNDLE / "hd_urban_extents_dc_region.geojson")
    within = shapely.box(-77.55, 38.70, -76.75, 39.20)
    people = read_raster(path, kind="counts", within=within, within_crs=extents.crs, ledger=Ledger(), layer="people")
    ours = sum_by_zone(people, extents)
    filled = np.nan_to_num(people.values, nan=-1.0)
    peer = rasterstats.zonal_stats(extents, filled, affine=people.transform, nodata=-1.0, stats="sum")
    theirs = np.array([row["sum"] for row in peer], dtype=float)
    assert ours.to_numpy() == pytest.approx(theirs, rel=1e-9, nan_ok=True)
    assert np.isfinite(theirs).sum() >= 4


def test_wrong_kinds_and_degrees_are_refused() -> None:
    counts, classes = raster(np.ones((1, 1)), "counts"), raster(np.ones((1, 1), dtype=np.int32), "classes")
    here = zones((0, 0, 100, 100))
    with pytest.raises(InputError, match="classes or years is needed"):
        class_area_by_zone(counts, here)
    with pytest.raises(InputError, match="raster of people is needed"):
        sum_by_zone(classes, here)
    with pytest.raises(InputError, match="raster of years is needed"):
        built_up_by_year(classes, here, here.geometry.iloc[0], until=2020)
    with pytest.raises(CrsError, match="degrees"):
        class_area_by_zone(classes, here.to_crs(4326))
    years = raster(np.full((1, 1), 1975, dtype=np.int32), "years")
    with pytest.raises(NotComputable, match="no year up to 1900"):
        built_up_by_year(years, here, here.geometry.iloc[0], until=1900)
    with pytest.raises(CrsError, match="no coordinate system"):
        sum_by_zone(counts, here.set_crs(None, allow_override=True))
