"""The same plan in every format gives the same parcels; messy Shapefiles and zips are read, or refused with help."""

import json
import re
import zipfile
from pathlib import Path
from typing import Any

import ezdxf
import geopandas as gpd
import numpy as np
import pytest
import shapely
from pyproj import CRS

from spatial.errors import InputError
from spatial.model.provenance import Ledger
from spatial.sources.vectors import Declared, read_vectors
from spatial.text import render

CGCS = CRS.from_epsg(4547)
X, Y = 504_700.0, 3_654_300.0
PARCELS = [
    shapely.box(X, Y, X + 80.25, Y + 93.5),
    shapely.Polygon([(X + 100, Y), (X + 217.3, Y + 11.1), (X + 190, Y + 99.9), (X + 101.7, Y + 80)]),
    shapely.box(X + 250, Y, X + 400, Y + 120).difference(shapely.box(X + 300, Y + 40, X + 340, Y + 70)),
]
CODES = ["R2", "B1/B2", "A33"]
AREA = shapely.box(X - 500, Y - 500, X + 900, Y + 900)


def plan() -> gpd.GeoDataFrame:
    return gpd.GeoDataFrame(
        {"用地代码": CODES, "用地性质": ["二类居住用地", "商业商务", "中小学用地"]}, geometry=PARCELS, crs=CGCS
    )


def as_dxf(path: Path) -> Path:
    drawing = ezdxf.new("R2000", units=6)
    drawing.encoding = "gbk"
    drawing.header["$DWGCODEPAGE"] = "ANSI_936"
    space = drawing.modelspace()
    for shape, code in zip(PARCELS, CODES, strict=True):
        if shape.interiors:
            hatch = space.add_hatch(dxfattribs={"layer": "用地"})
            hatch.paths.add_polyline_path(list(shape.exterior.coords)[:-1], is_closed=True, flags=1)
            hatch.paths.add_polyline_path(list(shape.interiors[0].coords)[:-1], is_closed=True, flags=0)
        else:
            space.add_lwpolyline(list(shape.exterior.coords)[:-1], close=True, dxfattribs={"layer": "用地"})
        at = shape.representative_point()
        space.add_text(code, dxfattribs={"insert": (at.x, at.y), "layer": "用地"})
    drawing.saveas(path)
    return path


def written(path: Path) -> Path:
    frame = plan()
    match path.suffix:
        case ".dxf":
            return as_dxf(path)
        case ".parquet":
            frame.to_parquet(path)
        case ".geojson":  # in its own system, as many planning tools write it: to the last digit
            frame.to_file(path, COORDINATE_PRECISION=15)
        case ".kml":
            frame.to_crs(4326).to_file(path, driver="KML")
        case ".shp":
            frame.to_file(path, encoding="gbk")
            path.with_suffix(".cpg").unlink()
        case _:
            frame.to_file(path)
    return path


def read(path: Path, ledger: Ledger | None = None, **declared: Any) -> gpd.GeoDataFrame:
    return read_vectors(
        path, crs_expected=CGCS, ledger=ledger or Ledger(), layer="land_use", geometry="polygon", near=AREA,
        declared=Declared(**declared),
    )  # fmt: skip


def refused(path: Path, **declared: Any) -> str:
    with pytest.raises(InputError) as caught:
        read(path, **declared)
    assert len(caught.value.messages) == 1
    assert re.search(r"[\u4e00-\u9fff]", caught.value.in_language("zh"))
    return str(caught.value)


def said(ledger: Ledger) -> str:
    return "\n".join(render(entry.message, "en") for entry in ledger.entries)


@pytest.mark.parametrize("name", ["a.gpkg", "a.shp", "a.geojson", "a.parquet", "a.dxf", "a.zip"])
def test_the_same_plan_in_every_format(tmp_path: Path, name: str) -> None:
    """Areas to 1e-6 m²: coordinates are kept to the last bit, or to 15 digits of a metre."""
    if name == "a.zip":
        written(tmp_path / "plan.shp")
        with zipfile.ZipFile(tmp_path / name, "w") as archive:
            for part in tmp_path.glob("plan.*"):
                archive.write(part, f"资料/{part.name}")
        path = tmp_path / name
    else:
        path = written(tmp_path / name)
    got = read(path, **({"crs": CGCS} if name == "a.dxf" else {}))
    assert len(got) == 3
    got = got.iloc[np.argsort(got.centroid.x.to_numpy())].reset_index(drop=True)
    codes = got["text" if name == "a.dxf" else "用地代码"].tolist()
    assert codes == CODES
    assert np.abs(shapely.area(got.geometry.to_numpy()) - shapely.area(PARCELS)).max() < 1e-6
    assert shapely.hausdorff_distance(got.geometry.to_numpy(), np.array(PARCELS)).max() < 1e-8


def test_kml_is_read_by_its_degrees(tmp_path: Path) -> None:
    """KML holds degrees to 15 digits, and what is moved there and back is within a micrometre."""
    got = read(written(tmp_path / "a.kml"))
    assert np.abs(shapely.area(got.geometry.to_numpy()) - shapely.area(PARCELS)).max() < 1e-3


def test_the_letters_of_a_shapefile(tmp_path: Path) -> None:
    path, ledger = written(tmp_path / "plan.shp"), Ledger()
    assert read(path, ledger)["用地性质"].tolist() == plan()["用地性质"].tolist()
    assert "read as GB18030" in said(ledger)
    path.with_suffix(".cpg").write_text("CP936")
    ledger = Ledger()
    assert "用地代码" in read(path, ledger)
    assert "GB18030" not in said(ledger)
    path.with_suffix(".cpg").write_text("KOI-NEVER")
    assert "KOI-NEVER" in refused(path)
    assert "用地代码" in read(path, encoding="gb18030")
    plan().rename(columns={"用地代码": "code", "用地性质": "name"}).to_file(tmp_path / "utf.shp", encoding="utf-8")
    (tmp_path / "utf.cpg").unlink()
    ledger = Ledger()
    assert read(tmp_path / "utf.shp", ledger)["name"].tolist() == plan()["用地性质"].tolist()
    assert "GB18030" not in said(ledger)


@pytest.mark.parametrize("cells", [["是", "否", "是"], ["R2类", "B1类", "G1类"], ["路段", "路口", "匝道"]])
def test_short_words_of_a_shapefile_in_gbk(tmp_path: Path, cells: list[str]) -> None:
    path = tmp_path / "words.shp"
    plan().assign(**{"用地代码": cells}).rename(columns={"用地代码": "word"})[["word", "geometry"]].to_file(
        path, encoding="gbk"
    )
    path.with_suffix(".cpg").unlink()
    assert read(path)["word"].tolist() == cells


def test_parts_of_a_shapefile_that_were_not_copied(tmp_path: Path) -> None:
    path = written(tmp_path / "plan.shp")
    path.with_suffix(".shx").unlink()
    path.with_suffix(".dbf").unlink()
    assert ".shx, .dbf" in refused(path)


def test_geojson_in_gbk(tmp_path: Path) -> None:
    path, ledger = written(tmp_path / "plan.geojson"), Ledger()
    path.write_bytes(path.read_text(encoding="utf-8").encode("gbk"))
    assert read(path, ledger)["用地代码"].tolist() == CODES
    assert "read as GB18030" in said(ledger)


def test_zips_of_several_layers_or_none(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "two.zip", "w") as archive:
        archive.write(written(tmp_path / "one.gpkg"), "one.gpkg")
        archive.write(tmp_path / "one.gpkg", "two.gpkg")
    assert "one.gpkg, two.gpkg" in refused(tmp_path / "two.zip")
    with zipfile.ZipFile(tmp_path / "none.zip", "w") as archive:
        archive.writestr("read.me", "nothing")
    assert "read.me" in refused(tmp_path / "none.zip")


def test_dwg_is_told_how_to_become_dxf(tmp_path: Path) -> None:
    (tmp_path / "plan.dwg").write_bytes(b"AC1015" + bytes(100))
    assert "DXF" in refused(tmp_path / "plan.dwg")


def test_what_a_drawing_holds_beside_areas_is_counted(tmp_path: Path) -> None:
    path, ledger = as_dxf(tmp_path / "plan.dxf"), Ledger()
    drawing = ezdxf.readfile(path)
    drawing.modelspace().add_line((X, Y), (X + 9, Y))
    drawing.saveas(path)
    assert len(read(path, ledger, crs=CGCS)) == 3
    assert [entry.count for entry in ledger.entries if entry.message.key == "vector.other_kinds"] == [1]
    assert "EPSG:4547" in refused(path)


@pytest.mark.parametrize("missing", ["用地编码"])
def test_missing_fields_are_one_error_with_the_fields_found(tmp_path: Path, missing: str) -> None:
    with pytest.raises(InputError) as caught:
        read_vectors(
            written(tmp_path / "plan.shp"), crs_expected=CGCS, ledger=Ledger(), layer="x", columns=[missing, "容积率"]
        )
    assert len(caught.value.messages) == 1
    assert all(word in str(caught.value) for word in (missing, "容积率", "用地代码", "用地性质"))


@pytest.mark.parametrize("name", ["plan.vrt", "plan.tab", "plan"])
def test_other_kinds_are_refused_unopened(tmp_path: Path, name: str) -> None:
    """A virtual layer could point to another machine."""
    (tmp_path / name).write_text("<OGRVRTDataSource/>")
    assert ".gpkg" in refused(tmp_path / name)


@pytest.mark.parametrize("name", ["plan.gpkg", "plan.kml", "plan.geojson", "plan.json", "plan.fgb"])
@pytest.mark.parametrize("root", ["OGRVRTDataSource", "OGRWFSDataSource"])
def test_a_virtual_layer_under_another_name_is_refused(tmp_path: Path, name: str, root: str) -> None:
    (tmp_path / name).write_text(f"<{root}><URL>http://127.0.0.1:1/</URL></{root}>")
    assert "what it holds is no" in refused(tmp_path / name)


def test_a_geojson_whose_system_lies_elsewhere_is_refused_unopened(tmp_path: Path) -> None:
    system = {"type": "link", "properties": {"href": "http://127.0.0.1:1/crs", "type": "proj4"}}
    path = written(tmp_path / "plan.geojson")
    path.write_text(path.read_text().replace('"features"', f'"crs": {json.dumps(system)}, "features"', 1))
    path.write_text(re.sub(r'"crs": \{ "type": "name".*?\} \},', "", path.read_text()))
    assert "another machine" in refused(path)
