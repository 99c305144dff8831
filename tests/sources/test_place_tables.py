"""Places from the planner's table: each found where it is, or counted with the reason why it was left out."""

import csv
import random
from pathlib import Path
from typing import Any

import eviltransform
import geopandas as gpd
import numpy as np
import openpyxl
import pytest
import shapely
from pyproj import CRS, Transformer

from spatial.errors import InputError
from spatial.model.provenance import Ledger
from spatial.schemes import scheme
from spatial.sources.place_tables import read_place_table
from spatial.text import LANGUAGES, render

UTM = CRS.from_epsg(32650)
LON, LAT = 114.30, 30.59
TO_UTM = Transformer.from_crs(4326, UTM, always_xy=True)
AREA = shapely.buffer(shapely.Point(TO_UTM.transform(LON, LAT)), 3000)
COLUMNS = {"name": "名称", "code": "typecode", "lon": "经度", "lat": "纬度"}
HEADS = ("名称", "typecode", "经度", "纬度")
Row = tuple[object, ...]
GOOD: list[Row] = [
    ("示例小学", "141203", 114.301, 30.591),
    ("美佳超市", "060400", 114.302, 30.592),
    ("人民公园", "110101", 114.303, 30.593),
]


def write(path: Path, rows: list[Row], heads: Row = HEADS, encoding: str = "utf-8") -> Path:
    with path.open("w", encoding=encoding, newline="") as file:
        csv.writer(file).writerows([heads, *rows])
    return path


def read(
    path: Path, ledger: Ledger | None = None, columns: dict[str, str] | None = None, **given: Any
) -> gpd.GeoDataFrame:
    asked: dict[str, Any] = {"scheme": scheme("amap"), "datum": "wgs84", "crs": UTM, "within": AREA} | given
    return read_place_table(path, columns=columns or COLUMNS, ledger=ledger or Ledger(), **asked)


def counted(ledger: Ledger) -> dict[str, int | None]:
    """Counts by key; of categories only those that occur."""
    return {e.message.key.removeprefix("place_table."): e.count for e in ledger.entries if e.count}


def refused(path: Path, *, says: str, **given: Any) -> InputError:
    with pytest.raises(InputError) as caught:
        read(path, **given)
    for language in LANGUAGES:
        assert path.name in caught.value.in_language(language)
    assert says in str(caught.value)
    return caught.value


def test_a_vendors_export_is_found_to_a_metre(tmp_path: Path) -> None:
    """GCJ-02 in GBK, its positions made by another program."""
    chance = random.Random(7)
    true = [(LON + chance.uniform(-0.02, 0.02), LAT + chance.uniform(-0.02, 0.02)) for _ in range(200)]
    rows: list[Row] = []
    for n, (lon, lat) in enumerate(true):
        shifted_lat, shifted_lon = eviltransform.wgs2gcj(lat, lon)
        rows.append((f"第{n}便利店", "060200", f"{shifted_lon:.6f}", f"{shifted_lat:.6f}"))
    ledger = Ledger()
    found = read(write(tmp_path / "places_amap.csv", rows, encoding="gbk"), ledger, datum="gcj02")
    assert found["name"].tolist() == [row[0] for row in rows]
    assert found["osm_id"].iloc[0] == "places_amap/2"
    assert set(found["category"]) == {"food_shop"}
    x, y = TO_UTM.transform(*np.transpose(true))
    assert np.hypot(found.geometry.x - x, found.geometry.y - y).max() < 0.2  # six decimals are 0.1 m
    said = [render(entry.message, "zh") for entry in ledger.entries]
    assert "places_amap.csv 未注明文字编码，按 GB18030 读取。" in said
    moved = next(entry.message for entry in ledger.entries if entry.action == "reprojected")
    assert moved.values["count"] == 200
    assert 500 < float(moved.values["shift_m"]) < 600  # type: ignore[arg-type]
    assert "中200处设施已由 GCJ-02" in render(moved, "zh")


def test_xlsx_gives_the_same_places(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    for row in (HEADS, *[(name, int(str(code)), lon, lat) for name, code, lon, lat in GOOD]):
        book.active.append(row)
    book.save(tmp_path / "places.xlsx")
    ledger = Ledger()
    one, other = read(write(tmp_path / "places.csv", GOOD)), read(tmp_path / "places.xlsx", ledger)
    assert one.drop(columns="geometry").equals(other.drop(columns="geometry"))
    assert one.geometry.geom_equals(other.geometry).all()
    assert one["category"].tolist() == ["school", "food_shop", "park"]
    assert one["osm_id"].tolist() == ["places/2", "places/3", "places/4"]
    assert counted(ledger)["zeros_restored"] == 1
    assert "60400 (1)" in render(next(e.message for e in ledger.entries if "zeros" in e.message.key), "en")


def test_every_row_is_kept_or_counted(tmp_path: Path) -> None:
    rows = [
        *GOOD,
        GOOD[0],  # said twice
        ("示例小学", "141203", 114.305, 30.591),  # the same name elsewhere is another
        ("无处超市", "060400", "", 30.6),
        ("零点超市", "060400", 0, 0),
        ("反填超市", "060400", 30.591, 114.301),
        ("极地超市", "060400", 114.3, 95),
        ("外地超市", "060400", 114.5, 30.6),
        ("未知", "777777", 114.301, 30.592),
        ("也未知", "", 114.301, 30.592),
        ("加油站", "010100", 114.301, 30.592),
        ("掉零", "10100|50500", 114.301, 30.592),
        ("两类", "010100|110101", 114.304, 30.592),
    ]
    ledger = Ledger()
    found = read(write(tmp_path / "places.csv", rows), ledger)
    assert found["name"].tolist() == ["示例小学", "美佳超市", "人民公园", "示例小学", "掉零", "两类"]
    assert found["category"].tolist() == ["school", "food_shop", "park", "school", "restaurant_or_cafe", "park"]
    got = counted(ledger)
    assert got.pop("places") == 1  # the last of the categories
    assert got == {
        "read": 15, "twice": 1, "no_position": 2, "some_swapped": 1, "impossible": 1, "outside": 1,
        "unknown_codes": 2, "no_category_of_ours": 1, "zeros_restored": 1,
    }  # fmt: skip
    assert got["read"] == len(found) + sum(n or 0 for key, n in got.items() if key not in ("read", "zeros_restored"))
    said = [render(entry.message, "en") for entry in ledger.entries]
    assert "places.csv: 2 rows have no position and were left out (row 7, 8)." in said
    assert "Parks: 2 in places.csv." in said
    for entry in ledger.entries:
        assert "places.csv" in render(entry.message, "zh")


def test_location_in_one_cell_and_ids(tmp_path: Path) -> None:
    heads = ("name", "code", "location", "id")
    rows: list[Row] = [
        ("示例小学", "141203", "114.301,30.591", "B0A"),
        ("美佳超市", "060400", "114.302，30.592", ""),
        ("人民公园", "110101", "", "B0C"),
        ("人民公园", "110101", "114.303,30.593", "B0A"),
    ]
    ledger = Ledger()
    found = read(write(tmp_path / "export.csv", rows, heads), ledger, {"name": "name"})
    assert found["osm_id"].tolist() == ["export/B0A", "export/3", "export/B0A"]
    twin = read(write(tmp_path / "places.csv", GOOD))
    assert found.geometry.geom_equals(twin.geometry).all()
    assert (counted(ledger)["ids_twice"], counted(ledger)["no_position"]) == (2, 1)
    rows[0] = ("示例小学", "141203", "114.301", "B0A")
    refused(write(tmp_path / "export.csv", rows, heads), says="2: '114.301'", columns={"location": "location"})
    turned = [(name, code, f"{lat},{lon}", "") for name, code, lon, lat in GOOD]
    refused(write(tmp_path / "export.csv", turned, heads), says="latitude before longitude", columns={"name": "name"})


def test_projected_coordinates(tmp_path: Path) -> None:
    gauss = CRS.from_epsg(4526)  # CGCS2000, 3° zone 38, its number before the easting
    to_gauss = Transformer.from_crs(4326, gauss, always_xy=True)
    rows: list[Row] = [(name, code, *to_gauss.transform(lon, lat)) for name, code, lon, lat in GOOD]
    path = write(tmp_path / "places.csv", rows)
    named = {"name": "名称", "code": "typecode", "x": "经度", "y": "纬度"}
    found, twin = read(path, columns=named, table_crs=gauss), read(write(tmp_path / "twin.csv", GOOD))
    assert found.geometry.distance(twin.geometry).max() < 0.001
    refused(path, columns=named, says="not the coordinate system")
    refused(path, says="EPSG:4526")
    refused(path, says="EPSG:4526", columns=named, table_crs=CRS.from_epsg(4527))
    turned = {**named, "x": "纬度", "y": "经度"}
    refused(path, says="columns 纬度, 经度 are swapped", columns=turned, table_crs=gauss)


@pytest.mark.parametrize(
    ("change", "given", "says"),
    [
        (lambda row: (*row[:2], row[3], row[2]), {}, "columns 经度, 纬度 are swapped"),
        (lambda row: (*row[:2], "约114", row[3]), {}, "3 cells are no number"),
        (lambda row: (*row[:2], row[2] + 1, row[3]), {}, "the nearest is 9"),
        (lambda row: (*row[:2], 512345, 4000), {}, "no longitude and latitude"),
        (lambda row: (row[0], "购物服务", *row[2:]), {}, "such as"),
        (
            lambda row: (row[0], "010100", *row[2:]),
            {},
            "knows 3 of them. There stands (with number of rows): 010100 (3)",
        ),
        (lambda row: row, {"columns": {"name": "店名"}}, "name = '店名', code, lon, lat"),
    ],
)
def test_faults_of_a_whole_table(tmp_path: Path, change: Any, given: dict[str, Any], says: str) -> None:
    refused(write(tmp_path / "places.csv", [change(row) for row in GOOD]), says=says, **given)


def test_faults_are_told_together(tmp_path: Path) -> None:
    rows = [(name, "公园", "x", lat) for name, _, _, lat in GOOD]
    error = refused(write(tmp_path / "places.csv", rows), says="3 cells are no number")
    assert [message.key for message in error.messages] == ["table_file.not_numbers", "place_table.no_category"]
    assert "按高德地图POI分类，3行中没有一行是日常设施" in error.in_language("zh")


def test_outside_the_mainland_nothing_moves(tmp_path: Path) -> None:
    hong_kong = shapely.buffer(shapely.Point(TO_UTM.transform(114.17, 22.30)), 3000)
    rows: list[Row] = [("示例小学", "141203", 114.171, 22.301)]
    ledger = Ledger()
    found = read(write(tmp_path / "places.csv", rows), ledger, within=hong_kong, datum="gcj02")
    assert shapely.distance(found.geometry.iloc[0], shapely.Point(TO_UTM.transform(114.171, 22.301))) < 0.001
    moved = next(entry for entry in ledger.entries if entry.action == "reprojected")
    assert (moved.count, moved.message.values["stay"]) == (0, 1)
