"""Wuhan (development data): streets and a raster of adults are read, clipped and mapped; their limits are said."""

import os
from pathlib import Path

import geopandas as gpd
import numpy as np
import pytest
import rasterio
import shapely
from rasterio.features import rasterize

from spatial.config import load_study
from spatial.study import StudyRun, run_study

WUHAN = Path(__file__).parents[2] / "shared" / "data" / "wuhan"
BOX = (114.20, 30.50, 114.40, 30.65)
STREETS_LIMIT = "Driving and pedestrian streets only."
PEOPLE_LIMIT = "Adults aged 20 and over, not all residents."
STUDY = f"""
[study]
name = "Wuhan, core"

[context]
kind = "city"
country = "CN"

[area]
boundary = {{ file = "{{folder}}/wuhan_boundary.geojson", name = "Wuhan, municipal boundary" }}
box = {list(BOX)}
buffer_m = 500

[zones]
kind = "grid"
size_m = 1000

[streets]
file = "{{folder}}/wuhan_streets_osm_neatnet.parquet"
highway_column = "highway"
limits = "{STREETS_LIMIT}"

[people]
method = "raster"
file = "{{folder}}/wuhan_worldpop_age20plus_100m.tif"
limits = "{PEOPLE_LIMIT}"
"""
pytestmark = pytest.mark.development_data


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> StudyRun:
    if not WUHAN.is_dir():
        pytest.skip("the data of Wuhan are not here")
    folder = tmp_path_factory.mktemp("wuhan")
    given = Path(os.path.relpath(WUHAN, folder)).as_posix()
    (folder / "study.toml").write_text(STUDY.replace("{folder}", given), encoding="utf-8")
    return run_study(load_study(folder / "study.toml"), folder / "out")


def test_the_people_are_those_of_the_cells_inside(run: StudyRun) -> None:
    """By rasterio alone: every cell whose centre lies in the box (all of it is in the municipality)."""
    people = run.district.people
    assert people is not None
    with rasterio.open(WUHAN / "wuhan_worldpop_age20plus_100m.tif") as file:
        values = file.read(1)
        inside = rasterize([shapely.box(*BOX)], out_shape=values.shape, transform=file.transform) == 1
        expected = float(values[inside & (values != file.nodata)].sum(dtype=np.float64))
    counted = run.results.whole().set_index("indicator")["n"]["population_density"]
    assert counted == pytest.approx(expected, rel=0.002)  # the box's sides bend in metres: cells on them differ


def test_streets_are_clipped_to_the_area_and_its_buffer(run: StudyRun) -> None:
    paths, area = run.district.paths, run.district.area
    assert paths is not None
    assert shapely.intersects(paths.edges.geometry.to_numpy(), area.routed).all()
    lines = gpd.read_parquet(WUHAN / "wuhan_streets_osm_neatnet.parquet").to_crs(area.crs)
    near = lines[lines.intersects(area.routed) & ~lines["highway"].str.startswith("motorway")]
    assert paths.length_km == pytest.approx(near.length.sum() / 1000, rel=1e-3)  # 25 rows stand twice


def test_limits_stand_in_the_ledger_and_at_every_number(run: StudyRun) -> None:
    ledger = (run.out / "ledger.csv").read_text(encoding="utf-8-sig")
    assert STREETS_LIMIT in ledger
    assert PEOPLE_LIMIT in ledger
    assert "lies outside the folder of the study file" in ledger
    table = run.results.table
    made = table[table["value"].notna()]
    assert set(made["data_status"]) == {"doubtful"}
    people = made["indicator"].isin(["population_density", "weighted_population_density"])
    assert made.loc[people, "reason"].str.contains(PEOPLE_LIMIT, regex=False).all()
    assert made.loc[~people, "reason"].str.contains(STREETS_LIMIT, regex=False).all()
    page = (run.out / "map.html").read_text(encoding="utf-8")
    assert PEOPLE_LIMIT in page
    provenance = (run.out / "provenance.json").read_text(encoding="utf-8")
    assert '"outside_study_folder"' in provenance
    assert "wuhan_worldpop_age20plus_100m.tif" in provenance.split('"outside_study_folder"')[1]
