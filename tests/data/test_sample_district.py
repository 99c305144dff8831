"""The fictional sample district: its generator gives the files that are there, in the forms that README says."""

import ast
import csv
import json
import subprocess
import sys
from collections import Counter
from pathlib import Path

import eviltransform
import ezdxf
import networkx as nx
import numpy as np
import osmium
import pyogrio
import pytest
import rasterio
import shapely
from pyproj import CRS, Geod, Transformer

FOLDER = Path(__file__).parents[2] / "data" / "sample_district"
GENERATOR = FOLDER.parent / "sample_generator"
TRUTH = json.loads((FOLDER / "truth.json").read_text(encoding="utf-8"))
OSM = FOLDER / "sample_streets_buildings.osm.pbf"
SHAPEFILES = ("regulatory_plan", "development_boundary", "ecological_redline", "basic_farmland")
FICTIONAL = "虚构示例"
TO_METRES = Transformer.from_crs(4326, 4547, always_xy=True)
EXACT = {".csv", ".json", ".shp", ".shx", ".dbf", ".cpg"}
DATA = EXACT | {".prj", ".tif", ".dxf", ".pbf"}
DISTRICT = shapely.Polygon(TRUTH["district"]["outline_epsg4547"])


@pytest.fixture(scope="module")
def again(tmp_path_factory) -> Path:
    out = tmp_path_factory.mktemp("sample")
    command = [sys.executable, "-W", "error", str(GENERATOR / "generate.py"), str(out)]
    ran = subprocess.run(command, capture_output=True, text=True, check=False)
    assert ran.returncode == 0, ran.stderr
    return out


class _Objects(osmium.SimpleHandler):
    """Everything in an OSM file, by kind and id."""

    def __init__(self, path: Path) -> None:
        super().__init__()
        self.nodes: dict[int, tuple] = {}
        self.ways: dict[int, tuple] = {}
        self.relations: dict[int, tuple] = {}
        self.apply_file(str(path))

    def node(self, node) -> None:
        self.nodes[node.id] = (node.location.x, node.location.y, dict(node.tags), node.version)

    def way(self, way) -> None:
        self.ways[way.id] = ([node.ref for node in way.nodes], dict(way.tags), way.version)

    def relation(self, relation) -> None:
        members = [(member.type, member.ref, member.role) for member in relation.members]
        self.relations[relation.id] = (members, dict(relation.tags), relation.version)

    def line(self, way: int) -> np.ndarray:
        at = np.array([self.nodes[ref][:2] for ref in self.ways[way][0]]) / 1e7
        return np.column_stack(TO_METRES.transform(at[:, 0], at[:, 1]))

    def tagged(self, kind: str, **tags: str) -> list[int]:
        return [
            id
            for id, found in getattr(self, kind).items()
            if all(found[-2].get(key) == value for key, value in tags.items())
        ]


@pytest.fixture(scope="module")
def osm() -> _Objects:
    return _Objects(OSM)


def read_csv(name: str, encoding: str) -> list[dict[str, str]]:
    with (FOLDER / name).open(encoding=encoding, newline="") as file:
        return list(csv.DictReader(file))


def shapes(name: str) -> np.ndarray:
    _, _, geometry, _ = pyogrio.raw.read(FOLDER / f"{name}.shp", encoding="GBK")
    return shapely.from_wkb(geometry)


def fields(name: str) -> dict[str, list]:
    meta, _, _, data = pyogrio.raw.read(FOLDER / f"{name}.shp", encoding="GBK")
    return {str(field): list(column) for field, column in zip(meta["fields"], data, strict=True)}


def _drawn(path: Path) -> list[tuple]:
    drawing = ezdxf.readfile(path)
    spaces = [*drawing.layouts, *drawing.blocks]
    return [(e.dxftype(), e.dxf.layer, str(e.dxf.all_existing_dxf_attribs()), _corners(e)) for s in spaces for e in s]


def _corners(entity) -> str:
    return str(list(entity.get_points("xyb"))) if entity.dxftype() == "LWPOLYLINE" else ""


def test_the_generator_gives_the_files_that_are_there(again: Path) -> None:
    made = {path.name for path in again.iterdir()}
    assert made <= {path.name for path in FOLDER.iterdir()}
    assert not [path for path in FOLDER.iterdir() if path.suffix in DATA and path.name not in made]
    for name in sorted(made):
        new, old = again / name, FOLDER / name
        if new.suffix in EXACT:
            assert new.read_bytes() == old.read_bytes(), name
        elif new.suffix == ".prj":
            assert CRS.from_wkt(new.read_text()) == CRS.from_wkt(old.read_text())
        elif new.suffix == ".tif":
            with rasterio.open(new) as one, rasterio.open(old) as other:
                assert one.profile == other.profile
                assert one.tags() == other.tags()
                assert np.array_equal(one.read(), other.read())
        elif new.suffix == ".dxf":
            assert _drawn(new) == _drawn(old)
        else:
            one, other = _Objects(new), _Objects(old)
            assert (one.nodes, one.ways, one.relations) == (other.nodes, other.ways, other.relations)


def test_the_generator_is_independent_and_all_is_small() -> None:
    for path in [GENERATOR / "generate.py", *(GENERATOR / "generator").glob("*.py")]:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            names += [node.module or ""] if isinstance(node, ast.ImportFrom) else []
            assert not any(name.split(".")[0] == "spatial" for name in names), path.name
    files = [path for path in FOLDER.rglob("*") if path.is_file() and "__pycache__" not in path.parts]
    assert sum(path.stat().st_size for path in files) <= 3_000_000


def test_every_file_says_that_it_is_fictional(osm: _Objects) -> None:
    assert FICTIONAL in (FOLDER / "README.md").read_text(encoding="utf-8")
    assert FICTIONAL in TRUTH["about"]
    for name in SHAPEFILES:
        assert all(FICTIONAL in remark for remark in fields(name)["备注"])
    for path in FOLDER.glob("*.csv"):
        assert FICTIONAL.encode("gbk" if path.name == "places_amap.csv" else "utf-8") in path.read_bytes()
    for path in FOLDER.glob("*.tif"):
        with rasterio.open(path) as file:
            assert FICTIONAL in file.tags()["description"]
    assert FICTIONAL.encode("gbk") in (FOLDER / "detailed_plan.dxf").read_bytes()
    assert all(FICTIONAL in osm.relations[id][1]["note"] for id in osm.tagged("relations", type="boundary"))
    assert FICTIONAL in osmium.io.Reader(str(OSM)).header().get("generator")


def test_the_regulatory_plan_is_gbk_and_says_so_nowhere() -> None:
    table = (FOLDER / "regulatory_plan.dbf").read_bytes()
    assert not (FOLDER / "regulatory_plan.cpg").exists()
    assert table[29] == 0
    assert all(word.encode("gbk") in table for word in ("用地代码", "用地性质", "容积率", "建筑密度", "二类居住用地"))
    with pytest.raises(UnicodeDecodeError):
        table.decode("utf-8")
    assert CRS.from_wkt((FOLDER / "regulatory_plan.prj").read_text()).to_epsg() == 4547


def test_the_parcels_are_as_the_truth_says() -> None:
    parcels, plan, said = shapes("regulatory_plan"), fields("regulatory_plan"), TRUTH["regulatory_plan"]["parcels"]
    assert plan["用地代码"] == [parcel["code"] for parcel in said]
    assert plan["用地性质"] == [parcel["name"] for parcel in said]
    assert plan["容积率"] == [parcel["far"] for parcel in said]
    assert plan["建筑密度"] == [parcel["coverage_pct"] for parcel in said]
    assert np.allclose(shapely.area(parcels), [parcel["area_m2"] for parcel in said], rtol=0, atol=0.001)
    assert shapely.is_valid(parcels).all()
    assert shapely.area(shapely.union_all(parcels)) == pytest.approx(shapely.area(parcels).sum(), abs=1e-4)
    pairs = zip(plan["用地代码"], plan["用地性质"], strict=True)
    assert [name for code, name in pairs if code.startswith("05")] == ["商业服务业用地"]
    assert {"R2B1", "B1/B2", "R2/B1 7:3", "U12", "A33", "070102", "080403", "1401"} <= set(plan["用地代码"])
    numbers = np.array([code[0].isdigit() for code in plan["用地代码"]])
    x = shapely.get_x(shapely.centroid(parcels))
    assert x[numbers].min() > np.median(x[~numbers])
    assert shapely.covers(DISTRICT.buffer(0.01), parcels).all()
    for parcel in said:
        assert sum(parcel["shares"].values()) == pytest.approx(1)
    (stated,) = [parcel for parcel in said if parcel["shares_stated"]]
    assert stated["shares"] == {"housing": 0.7, "retail_and_services": 0.3}


def test_the_boundaries_come_in_three_forms() -> None:
    for name, epsg in (("development_boundary", 4526), ("ecological_redline", 4547), ("basic_farmland", 4547)):
        assert CRS.from_wkt((FOLDER / f"{name}.prj").read_text()).to_epsg() == epsg
        assert (FOLDER / f"{name}.cpg").read_text() == "GBK"
        for shape, said in zip(shapes(name), TRUTH["boundaries"][name], strict=True):
            xy = np.asarray(shape.exterior.coords)
            if name == "development_boundary":
                xy = xy - (38_000_000, 0)
            elif name == "ecological_redline":
                xy = xy[:, ::-1]
            known = shapely.Polygon(said["outline_epsg4547"], said["holes_epsg4547"])
            assert known.area == pytest.approx(said["area_m2"], abs=0.01)
            assert shapely.hausdorff_distance(shapely.LinearRing(xy), known.exterior) < 0.001
            assert DISTRICT.intersects(known)


def test_the_places_are_shifted_and_have_the_faults_of_real_exports() -> None:
    rows, said = read_csv("places_amap.csv", "gbk"), TRUTH["places"]
    with pytest.raises(UnicodeDecodeError):
        (FOLDER / "places_amap.csv").read_bytes().decode("utf-8")
    assert 600 <= len(rows) == said["rows"] <= 900
    whole = Counter(tuple(row.values()) for row in rows)
    assert sum(count - 1 for count in whole.values()) == 4 == len(said["fault_rows_from_0"]["duplicate"])
    assert len({row["id"] for row in rows}) == len(whole) == said["rows_without_duplicates"]
    assert [rows[n]["typecode"] for n in said["fault_rows_from_0"]["unknown_type"]] in (["", "880000"], ["880000", ""])
    away = [abs(float(row["lon"]) - 114.05) + abs(float(row["lat"]) - 33.02) for row in rows]
    far = [n for n, degrees in enumerate(away) if degrees > 0.1]
    assert far == said["fault_rows_from_0"]["far_away"]
    assert len(far) == 3
    at = {row["id"]: (float(row["lon"]), float(row["lat"])) for row in rows}
    geod = Geod(ellps="WGS84")
    assert len(said["sample"]) >= 50
    for place in said["sample"]:
        lon, lat = at[place["id"]]
        back_lat, back_lon = eviltransform.gcj2wgs_exact(lat, lon)
        # six decimals in the file, and an inverse good to 1e-6 degrees
        assert geod.inv(back_lon, back_lat, place["lon"], place["lat"])[2] < 0.3
        assert geod.inv(lon, lat, place["lon"], place["lat"])[2] > 500
        assert np.allclose(TO_METRES.transform(place["lon"], place["lat"]), place["epsg4547"], rtol=0, atol=0.01)


def test_shops_stand_in_buildings_only_where_they_truly_are(osm: _Objects) -> None:
    closed = [id for id, (_, tags, _) in osm.ways.items() if "building" in tags]
    relations = [osm.relations[id][0] for id, found in osm.relations.items() if "building" in found[1]]
    closed += [ref for members in relations for _, ref, role in members if role == "outer"]
    buildings = shapely.STRtree([shapely.Polygon(osm.line(id)) for id in closed])
    rows = [
        row for row in read_csv("places_amap.csv", "gbk") if row["typecode"][:4] in ("0602", "0604", "0501", "0503")
    ]
    shifted = np.array([(float(row["lon"]), float(row["lat"])) for row in rows])
    true = np.array([eviltransform.gcj2wgs_exact(lat, lon)[::-1] for lon, lat in shifted])
    shares = []
    for lonlat in (true, shifted):
        points = shapely.points(np.column_stack(TO_METRES.transform(lonlat[:, 0], lonlat[:, 1])))
        shares.append(len(np.unique(buildings.query(points, predicate="within")[0])) / len(rows))
    assert len(rows) > 150
    assert shares[0] > 0.98
    assert shares[1] < 0.35


def test_places_in_both_files_are_near_and_alike(osm: _Objects) -> None:
    shared = TRUTH["places"]["shared_with_osm"]
    assert 50 <= len(shared) == TRUTH["places"]["shared_with_osm_count"]
    names = {row["id"]: row["name"] for row in read_csv("places_amap.csv", "gbk")}
    for pair in shared:
        kind, id = pair["osm_id"].split("/")
        tags = getattr(osm, f"{kind}s")[int(id)][-2]
        assert tags["name"] == pair["osm_name"]
        assert names[pair["id"]] == pair["name"]
        assert pair["name"].startswith(pair["osm_name"])
        assert pair["distance_m"] < 30


def test_the_osm_extract_is_whole(osm: _Objects) -> None:
    header = osmium.io.Reader(str(OSM)).header()
    assert header.get("osmosis_replication_timestamp")[:10] == "2024-05-01"
    box = header.box()
    assert (box.bottom_left.lon, box.top_right.lat) == pytest.approx((TRUTH["box_lonlat"][0], TRUTH["box_lonlat"][3]))
    assert all(ref in osm.nodes for refs, _, _ in osm.ways.values() for ref in refs)
    assert {found[-1] for kind in (osm.nodes, osm.ways, osm.relations) for found in kind.values()} == {1}
    assert len(osm.tagged("nodes", railway="station")) == 3
    assert len(osm.tagged("nodes", railway="subway_entrance")) == 10 == TRUTH["transit"]["entrances_count"]
    buildings = [found for kind in (osm.ways, osm.relations) for found in kind.values() if "building" in found[1]]
    levels = [found for found in buildings if "building:levels" in found[1]]
    assert len(buildings) == TRUTH["osm"]["buildings"]
    assert 0.6 < len(levels) / len(buildings) < 0.75
    gates = osm.tagged("nodes", barrier="gate")
    on_ways = {ref for refs, tags, _ in osm.ways.values() if "highway" in tags for ref in refs}
    on_outlines = {ref for refs, tags, _ in osm.ways.values() if "highway" not in tags for ref in refs}
    assert len(gates) == TRUTH["osm"]["gates"]
    assert set(gates) <= on_ways
    assert len(set(gates) & on_outlines) > 0.8 * len(gates)


def test_streets_hang_together_and_boundaries_cover_the_district(osm: _Objects) -> None:
    for closed in (True, False):
        graph = nx.Graph()
        for refs, tags, _ in osm.ways.values():
            if "highway" in tags and (closed or tags.get("access") != "private") and "area" not in tags:
                nx.add_path(graph, refs)
        assert nx.number_connected_components(graph) == 1
    shapes_of = {}
    for id in osm.tagged("relations", type="boundary"):
        members, tags, _ = osm.relations[id]
        lines = [shapely.LineString(osm.line(ref)) for _, ref, _ in members]
        (shape,) = shapely.get_parts(shapely.polygonize(lines))
        shapes_of[tags["name"]] = (tags["admin_level"], shape)
    (level, whole) = shapes_of.pop(TRUTH["district"]["name"])
    # OSM keeps centimetres
    assert (level, whole.area) == ("6", pytest.approx(TRUTH["district"]["area_m2"], abs=60))
    assert {name: shape.area for name, (_, shape) in shapes_of.items()} == pytest.approx(
        TRUTH["district"]["sub_areas_m2"], abs=60
    )
    assert {level for level, _ in shapes_of.values()} == {"8"}


def test_land_cover_grows_and_leaks_as_the_truth_says() -> None:
    outlines = [shapely.Polygon(said["outline_epsg4547"]) for said in TRUTH["boundaries"]["development_boundary"]]
    growth = shapely.union_all(outlines)
    before = None
    for year, said in TRUTH["land_cover"]["years"].items():
        with rasterio.open(FOLDER / f"land_cover_{year}.tif") as file:
            cover, transform = file.read(1), file.transform
            assert (file.dtypes[0], file.nodata, file.crs.to_epsg()) == ("uint8", 0, 4326)
        assert Counter(map(str, cover.ravel().tolist())) == said["cells_by_class"]
        built = cover == 8
        row, column = np.nonzero(built)
        lon, lat = transform.c + (column + 0.5) * transform.a, transform.f + (row + 0.5) * transform.e
        inside = shapely.contains(growth, shapely.points(np.column_stack(TO_METRES.transform(lon, lat))))
        assert inside.sum() == said["built_cells"]["inside_boundary"]
        assert (~inside).sum() == said["built_cells"]["outside_boundary"]
        assert said["built_km2"]["inside_boundary"] == pytest.approx(inside.sum() * 0.00075259, rel=1e-3)
        assert before is None or (built[before].all() and built.sum() > before.sum())
        before = built


def test_the_population_is_whole() -> None:
    with rasterio.open(FOLDER / "population_100m.tif") as file:
        values = file.read(1)
        assert (file.dtypes[0], file.nodata, file.transform.a) == ("float32", -99999, pytest.approx(3 / 3600))
    said = TRUTH["population"]
    assert values[values != -99999].astype(float).sum() == said["total"]
    assert said["homes_in_district"] == 60_000
    assert said["cells_with_centre_in_district"] == pytest.approx(60_000, rel=0.01)
    assert (values[values != -99999] >= 0).all()


def test_the_small_tables() -> None:
    assert (FOLDER / "metro_headways.csv").read_bytes().startswith(b"\xef\xbb\xbf")
    rows, said = read_csv("metro_headways.csv", "utf-8-sig"), TRUTH["transit"]["rows"]
    assert Counter((row["方式"], row["首班"], row["末班"]) for row in rows) == {
        ("地铁", "06:00", "22:30"): 6, ("公交", "06:00", "21:30"): 16, ("公交", "07:00", "09:00"): 8
    }  # fmt: skip
    for row, known in zip(rows, said, strict=True):
        assert (row["线路"], row["站名"]) == (known["line"], known["stop"])
        assert float(row["发车间隔_分钟"]) == known["headway_min"]
        assert (float(row["经度"]), float(row["纬度"])) == pytest.approx(known["lonlat"], abs=1e-7)
    stations = [station["name"] for station in TRUTH["transit"]["stations"]]
    assert [row["站名"] for row in read_csv("stations_headway_only.csv", "utf-8-sig")] == stations
    factors = read_csv("floor_space.csv", "utf-8")
    assert len(factors) == 8 * 3 == len({(row["use"], row["quantity"]) for row in factors})
    assert all(float(row["low"]) <= float(row["central"]) <= float(row["high"]) for row in factors)


def test_the_detailed_plan_is_a_gbk_drawing_in_local_coordinates() -> None:
    path, said = FOLDER / "detailed_plan.dxf", TRUTH["detailed_plan"]
    data = path.read_bytes()
    assert b"AC1015" in data
    assert b"ANSI_936" in data
    assert "用地-居住".encode("gbk") in data
    drawing = ezdxf.readfile(path)
    assert drawing.header["$INSUNITS"] == 6
    assert not drawing.audit().has_errors
    local, ground = (np.array([point[key] for point in said["control_points"]]) for key in ("local", "epsg4547"))
    turn, origin = np.exp(1j * np.radians(said["turn_deg"])), complex(*said["origin_epsg4547"])
    moved = (local @ [1, 1j]) * turn + origin
    assert np.abs(moved - ground @ [1, 1j]).max() < 0.001
    readme = (FOLDER / "README.md").read_text(encoding="utf-8")
    assert all(f"{x:.3f}, {y:.3f}" in readme for x, y in ground)
    assert said["site_area_m2"] == pytest.approx(600_000, rel=0.02)
    outlines = [e for e in drawing.modelspace().query("LWPOLYLINE") if e.dxf.layer.startswith("用地-")]
    inserts = [i for i in drawing.modelspace().query("INSERT") if i.dxf.name == "街角公园"]
    outlines += [part for insert in inserts for part in insert.virtual_entities()]
    known = [parcel for parcel in said["parcels"] if parcel["entity"] != "HATCH"]
    assert len(outlines) == len(known) == said["count"] - 1
    centres = {}
    for outline in outlines:
        assert outline.closed
        points = np.array(list(outline.get_points("xyb")))
        centre = (points[:, :2].mean(axis=0) @ [1, 1j]) * turn + origin
        centres[round(centre.real, 2), round(centre.imag, 2)] = points
    tree = shapely.STRtree(shapely.points(list(centres)))
    for parcel in known:
        corners = np.array(parcel["corners_epsg4547_bulge"])
        near = tree.query(shapely.Point(corners[:, :2].mean(axis=0)), predicate="dwithin", distance=0.05)
        points = list(centres.values())[int(near[0])]
        assert np.allclose(points[:, 2], corners[:, 2], rtol=0, atol=1e-6)
        assert parcel["area_m2"] == pytest.approx(_area(points), abs=0.01)
    texts = Counter(text.dxf.text for text in drawing.modelspace().query("TEXT") if text.dxf.layer == "文字")
    assert texts == Counter(parcel["code"] for parcel in said["parcels"])


def _area(points: np.ndarray, pieces: int = 4000) -> float:
    """Area with each arc as many chords: independent of the generator's formula."""
    corners = []
    for (x0, y0, bulge), (x1, y1, _) in zip(points, np.roll(points, -1, axis=0), strict=True):
        a, b = complex(x0, y0), complex(x1, y1)
        if bulge == 0:
            corners.append(np.array([a]))
            continue
        middle = (a + b) / 2 + (b - a) / 2 * 1j * (1 - bulge**2) / (2 * bulge)
        angle = 4 * np.arctan(bulge)
        corners.append(middle + (a - middle) * np.exp(1j * angle * np.arange(pieces) / pieces))
    line = np.concatenate(corners)
    return float(np.sum((np.conj(line) * np.roll(line, -1)).imag) / 2)
