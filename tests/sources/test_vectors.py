import json
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from pyproj import CRS

from spatial.errors import InputError
from spatial.model.provenance import Ledger
from spatial.sources.vectors import read_vectors, vector_source

BUNDLE = Path(__file__).parents[2] / "data" / "washington"
UTM = CRS.from_epsg(32627)
TOWN = shapely.box(450_000, 7_100_000, 460_000, 7_110_000)
SQUARES = [shapely.box(450_000 + 100 * i, 7_100_000, 450_100 + 100 * i, 7_100_100) for i in range(3)]


def layer(shapes: list[Any] | None = None, crs: Any = UTM, **columns: Any) -> gpd.GeoDataFrame:
    shapes = SQUARES if shapes is None else shapes
    return gpd.GeoDataFrame({"id": range(len(shapes)), **columns}, geometry=shapes, crs=crs)


def save(frame: gpd.GeoDataFrame, path: Path) -> Path:
    if path.suffix == ".parquet":
        frame.to_parquet(path)
    else:
        frame.to_file(path)
    return path


def read(path: Path, ledger: Ledger | None = None, **given: Any) -> gpd.GeoDataFrame:
    return read_vectors(path, crs_expected=UTM, ledger=ledger or Ledger(), layer="zones", **given)


def actions(ledger: Ledger) -> list[tuple[str, str, int | None]]:
    return [(entry.action, entry.message.key, entry.count) for entry in ledger.entries]


@pytest.mark.parametrize("name", ["a.gpkg", "a.shp", "a.parquet", "a.geojson"])
def test_every_format_gives_the_same_layer(tmp_path: Path, name: str) -> None:
    frame = layer() if name != "a.geojson" else layer().to_crs(4326)
    got = read(save(frame, tmp_path / name), columns=["id"], geometry="polygon", near=TOWN)
    assert got.crs == UTM
    assert got["id"].tolist() == [0, 1, 2]
    # GeoJSON rounds degrees to seven places, about a centimetre.
    assert (shapely.hausdorff_distance(got.geometry.to_numpy(), np.array(SQUARES)) < 0.05).all()


def test_another_system_is_moved_and_said(tmp_path: Path) -> None:
    ledger = Ledger()
    got = read(save(layer().to_crs(4326), tmp_path / "a.gpkg"), ledger)
    assert got.geometry.area.tolist() == pytest.approx([10_000] * 3, rel=1e-6)
    assert actions(ledger) == [("reprojected", "vector.reprojected", 3), ("read", "vector.read", 3)]


def test_missing_unreadable_and_plain_tables_are_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"gone\.gpkg does not exist"):
        read(tmp_path / "gone.gpkg")
    broken = tmp_path / "broken.gpkg"
    broken.write_bytes(b"nothing")
    with pytest.raises(InputError, match="cannot be read"):
        read(broken)
    table = tmp_path / "table.parquet"
    pd.DataFrame({"id": [1]}).to_parquet(table)
    with pytest.raises(InputError, match="cannot be read"):
        read(table)
    bare = tmp_path / "bare.csv"
    bare.write_text("id\n1\n", encoding="utf-8")
    with pytest.raises(InputError, match="table without shapes"):
        read(bare)


def test_a_layer_of_no_features_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "none.geojson"
    path.write_text(json.dumps({"type": "FeatureCollection", "features": []}), encoding="utf-8")
    with pytest.raises(InputError, match="holds no features"):
        read(path)
    with pytest.raises(InputError, match="holds no features"):
        read(save(layer([]), tmp_path / "none.gpkg"))


def test_a_layer_without_a_system_is_refused(tmp_path: Path) -> None:
    path = save(layer(), tmp_path / "a.shp")
    path.with_suffix(".prj").unlink()
    with pytest.raises(InputError, match="does not say which coordinate system"):
        read(path)


def test_metres_called_degrees_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "metres.geojson"
    features = [{"type": "Feature", "properties": {}, "geometry": shapely.geometry.mapping(SQUARES[0])}]
    path.write_text(json.dumps({"type": "FeatureCollection", "features": features}), encoding="utf-8")
    with pytest.raises(InputError, match="coordinates are not degrees: 450000"):
        read(path)


def test_a_layer_far_away_is_refused(tmp_path: Path) -> None:
    path = save(layer([shapely.box(450_000, 6_100_000, 450_100, 6_100_100)]), tmp_path / "a.gpkg")
    with pytest.raises(InputError, match="lies 1,000 km from the study area"):
        read(path, near=TOWN)
    assert len(read(path)) == 1


def test_missing_columns_are_named_with_those_found(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"no column name, people\. Its columns are: id\."):
        read(save(layer(), tmp_path / "a.gpkg"), columns=["people", "id", "name"])


def test_a_boundary_that_is_a_line_is_refused(tmp_path: Path) -> None:
    path = save(layer([SQUARES[0], shapely.boundary(SQUARES[1])]), tmp_path / "a.geojson")
    with pytest.raises(InputError, match=r"should hold polygons, but 1 feature is LineString \(rows 2\)"):
        read(path, geometry="polygon")


def test_multi_part_shapes_are_fine(tmp_path: Path) -> None:
    several = shapely.MultiPolygon([SQUARES[0], SQUARES[2]])
    assert read(save(layer([several]), tmp_path / "a.gpkg"), geometry="polygon").geometry.area.tolist() == [20_000]


def test_invalid_shapes_are_refused_or_repaired_when_asked(tmp_path: Path) -> None:
    bow_tie = shapely.Polygon([(450_000, 7_100_000), (450_100, 7_100_100), (450_100, 7_100_000), (450_000, 7_100_100)])
    path = save(layer([SQUARES[0], bow_tie]), tmp_path / "a.gpkg")
    with pytest.raises(InputError, match=r"1 shape in a\.gpkg is invalid \(rows 2\); the first: Self-intersection"):
        read(path)
    ledger = Ledger()
    got = read(path, ledger, repair=True)
    assert got.geometry.is_valid.all()
    assert got.geometry.area.tolist() == [10_000, 5_000]
    assert actions(ledger)[0] == ("warned", "vector.repaired", 1)


def test_heights_and_rows_without_a_shape_are_dropped_and_said(tmp_path: Path) -> None:
    ledger = Ledger()
    shapes = [shapely.force_3d(SQUARES[0], z=7.0), None, SQUARES[2], shapely.Polygon()]
    got = read(save(layer(shapes), tmp_path / "a.gpkg"), ledger)
    assert not got.geometry.has_z.any()
    assert got["id"].tolist() == [0, 2]
    assert got.index.tolist() == [0, 1]
    said = actions(ledger)
    assert ("dropped", "vector.without_shape", 2) in said
    assert said[1][:2] == ("dropped", "vector.heights")


def test_all_problems_are_said_at_once(tmp_path: Path) -> None:
    bow_tie = shapely.Polygon([(450_000, 6_000_000), (450_100, 6_000_100), (450_100, 6_000_000), (450_000, 6_000_100)])
    line = shapely.LineString([(450_000, 6_000_000), (450_100, 6_000_100)])
    with pytest.raises(InputError) as caught:
        read(save(layer([bow_tie, line]), tmp_path / "a.geojson"), columns=["name"], geometry="polygon", near=TOWN)
    keys = [message.key for message in caught.value.messages]
    assert keys == ["vector.columns_missing", "vector.wrong_kind", "vector.invalid", "vector.far_away"]


def test_a_file_of_several_layers_wants_a_choice(tmp_path: Path) -> None:
    path = tmp_path / "a.gpkg"
    layer().to_file(path, layer="one")
    layer(SQUARES[:1]).to_file(path, layer="two")
    with pytest.raises(InputError, match=r'holds 2 layers: one, two.*layer = "…"'):
        read(path)
    with pytest.raises(InputError, match="no layer three"):
        read(path, table="three")
    assert len(read(path, table="two")) == 1


def test_the_bundled_extents_are_read() -> None:
    path = BUNDLE / "hd_urban_extents_dc_region.geojson"
    got = read_vectors(path, crs_expected=CRS.from_epsg(32618), ledger=Ledger(), layer="growth", geometry="polygon")
    assert len(got) == 6
    assert 700 < got.geometry.area.sum() / 1e6 < 850
    assert vector_source(path, "growth", date="2020", licence="CC-BY-4.0", attribution="WorldPop").name == path.name
