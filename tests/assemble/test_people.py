"""People of a study as it is read from files: nobody vanishes uncounted, and unknown is not zero."""

from pathlib import Path

import geopandas as gpd
import numpy as np
import pytest
import rasterio
import shapely
from affine import Affine
from rasterio.warp import Resampling, reproject, transform_bounds

from spatial.assemble import assemble
from spatial.config import load_study
from spatial.errors import InputError
from spatial.indicators import compute
from spatial.model.district import District
from spatial.model.results import ResultTable
from tests.sources.osm_toy import EAST, NORTH, UTM
from tests.toy_study import STUDY, polygons, write_study

ZONES = '[people]\nmethod = "zones"\nfile = "homes.geojson"\nresidents_column = "residents"\n'
RASTER = '[people]\nmethod = "raster"\nfile = "people.tif"\n'
SHARES = ["residents_near_any_stop", "residents_near_frequent_stop", "residents_near_daily_needs"]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    write_study(tmp_path)
    return tmp_path


def read(folder: Path, people: str = ZONES) -> District:
    assert ZONES in STUDY
    (folder / "study.toml").write_text(STUDY.replace(ZONES, people), encoding="utf-8")
    return assemble(load_study(folder / "study.toml"))


def noted(district: District, key: str) -> list[dict[str, object]]:
    return [dict(entry.message.values) for entry in district.ledger if entry.message.key == key]


def write_people(path: Path, values: np.ndarray, *, west: float = -50, nodata: float | None = None) -> None:
    """Cells of 100 m, the upper left one at `west`, 550."""
    place = Affine(100, 0, EAST + west, 0, -100, NORTH + 550)
    rows, columns = values.shape
    with rasterio.open(
        path, "w", driver="GTiff", width=columns, height=rows, count=1, dtype=values.dtype, crs=UTM, transform=place,
        nodata=nodata,
    ) as file:  # fmt: skip
        file.write(values, 1)


def row(results: ResultTable, indicator: str, subject: str) -> tuple[float, str, str]:
    table = results.table[(results.table["indicator"] == indicator) & (results.table["subject"] == subject)]
    assert len(set(table["data_status"])) == 1
    return float(table["value"].iloc[0]), table["data_status"].iloc[0], table["reason"].iloc[0]


@pytest.mark.parametrize("how", ["no data", "no cells"])
def test_where_a_raster_holds_no_value_nothing_is_said_of_residents(folder: Path, how: str) -> None:
    values = np.full((6, 6), 10, dtype="float32")
    values[:, 3:] = -1
    if how == "no data":
        write_people(folder / "people.tif", values, nodata=-1)
    else:
        write_people(folder / "people.tif", values[:, :3])
    district = read(folder, RASTER)
    results = compute(district, ["population_density", "weighted_population_density", *SHARES])
    # The west zone is 325 m wide, of which the raster knows 300; the east one is not known at all.
    assert row(results, "population_density", "west")[1] == "doubtful"
    assert row(results, "population_density", "all")[1] in ("doubtful", "absent")
    for indicator in ("population_density", *SHARES):
        value, status, reason = row(results, indicator, "east")
        assert (np.isnan(value), status) == (True, "absent"), indicator
        assert "residents.not_known_here" in reason
    assert noted(district, "dasymetric.unknown_land")[0]["percent"] == pytest.approx(50, abs=0.01)


def test_a_raster_that_knows_the_whole_area_is_trusted(folder: Path) -> None:
    write_people(folder / "people.tif", np.full((6, 6), 10, dtype="float32"))
    district = read(folder, RASTER)
    assert row(compute(district, ["population_density"]), "population_density", "all")[:2] == (
        pytest.approx(1000),
        "ok",
    )
    assert not noted(district, "dasymetric.unknown_land")


def test_residents_outside_the_area_are_left_out_and_counted(folder: Path) -> None:
    """A zone of 90 m whose one point lies 5 m beyond the boundary, and a raster that is wider than the area."""
    shapes = {"in": shapely.box(45, -5, 55, 5), "out": shapely.box(510, 0, 600, 10)}
    polygons(folder / "homes.geojson", shapes, residents=[100, 7])
    district = read(folder)
    assert district.people is not None
    assert district.people.total_residents == 100
    assert noted(district, "dasymetric.outside") == [{"count": 1, "residents": 7, "jobs": 0}]
    write_people(folder / "people.tif", np.full((6, 8), 10, dtype="float32"), west=-150)
    wide = read(folder, RASTER)
    assert wide.people is not None
    assert wide.people.total_residents == 360
    assert noted(wide, "dasymetric.outside") == [{"count": 12, "residents": 120, "jobs": 0}]


def test_residents_of_wide_zones_go_to_the_homes_of_the_extract(folder: Path) -> None:
    """Two houses of 20 m by 20 m, one in each half; the halves have 40 and 60 residents."""
    halves = {"west": shapely.box(-50, -50, 275, 550), "east": shapely.box(275, -50, 550, 550)}
    polygons(folder / "homes.geojson", halves, residents=[40, 60])
    people = read(folder).people
    assert people is not None
    order = np.argsort(people.residents)
    assert people.residents[order].tolist() == [40, 60]
    assert people.x[order] - EAST == pytest.approx([40, 340], abs=0.05)
    assert people.y[order] - NORTH == pytest.approx([40, 340], abs=0.05)
    assert people.status.reason.key == "dasymetric.levels"  # the houses have no levels


def test_wide_zones_without_homes_are_doubtful_and_land_without_zones_is_said(folder: Path) -> None:
    polygons(folder / "homes.geojson", {"north": shapely.box(-50, 400, 550, 550)}, residents=[40])
    district = read(folder)
    assert district.people is not None
    assert district.people.status.name == "doubtful"
    assert noted(district, "dasymetric.zones_land")[0]["percent"] == pytest.approx(25, abs=0.01)


def test_the_same_zone_twice_is_refused(folder: Path) -> None:
    same = shapely.box(45, -5, 55, 5)
    polygons(folder / "homes.geojson", {"a": same, "b": same}, residents=[100, 100])
    with pytest.raises(InputError, match="0 / 1"):
        read(folder)


@pytest.mark.parametrize("system", ["EPSG:3857", "EPSG:4326"])
def test_a_growth_raster_in_another_system_gives_the_same_areas(folder: Path, system: str) -> None:
    with rasterio.open(folder / "built.tif") as file:
        west, south, east, north = transform_bounds(file.crs, system, *file.bounds)
        width = height = 120  # cells a twentieth as wide, so that edges move little
        transform = Affine((east - west) / width, 0, west, 0, (south - north) / height, north)
        moved = np.full((height, width), 65535, dtype=np.uint16)
        reproject(
            rasterio.band(file, 1), moved, dst_transform=transform, dst_crs=system, dst_nodata=65535,
            resampling=Resampling.nearest,
        )  # fmt: skip
    with rasterio.open(
        folder / "built.tif", "w", driver="GTiff", width=width, height=height, count=1, dtype="uint16", crs=system,
        transform=transform, nodata=65535,
    ) as file:  # fmt: skip
        file.write(moved, 1)
    results = compute(read(folder), ["built_up_outside_boundary", "built_up_outside_boundary_share"])
    assert results.missing == ()
    assert results.value("built_up_outside_boundary", at="2010") == pytest.approx(0.06, rel=0.03)
    assert results.value("built_up_outside_boundary_share", at="2010") == pytest.approx(25, rel=0.03)


def test_the_toy_homes_stay_where_they_are(folder: Path) -> None:
    district = read(folder)
    homes = gpd.read_file(folder / "homes.geojson").to_crs(UTM)
    assert district.people is not None
    assert district.people.residents.tolist() == homes["residents"].tolist()
    assert district.people.x == pytest.approx(homes.centroid.x.to_numpy(), abs=0.01)
    assert district.people.status.name == "ok"
