"""The fictional district end to end: every layer comes back to the true values that its generator knows."""

import json
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from browser import browser, opened
from pyproj import CRS, Transformer

from spatial.config import load_study
from spatial.model.provenance import Ledger
from spatial.operations.plan_codes import classified
from spatial.operations.service import departures_per_stop, headways
from spatial.schemes import scheme
from spatial.sources.place_tables import read_place_table
from spatial.sources.vectors import ControlPoint, Declared, read_vectors
from spatial.study import StudyRun, check_study, run_study
from spatial.text import lookup, render

FOLDER = Path(__file__).parents[1] / "data" / "sample_district"
TRUTH = json.loads((FOLDER / "truth.json").read_text(encoding="utf-8"))
GK = CRS.from_epsg(4547)
DISTRICT = shapely.Polygon(TRUTH["district"]["outline_epsg4547"])
FICTIONAL = "虚构示例"
ROWS = ("read", "twice", "outside", "unknown_codes", "no_category_of_ours", "places")


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> StudyRun:
    return run_study(load_study(FOLDER / "study.toml"), tmp_path_factory.mktemp("sample") / "out", language="zh")


def entries(ledger: Any, key: str) -> list[Any]:
    return [entry for entry in ledger if entry.message.key == key]


def value(run: StudyRun, indicator: str, at: str = "") -> float:
    rows = run.results.whole()
    return float(rows.loc[(rows["indicator"] == indicator) & (rows["at"] == at), "value"].iloc[0])


def read(name: str, ledger: Ledger | None = None, columns: tuple[str, ...] = (), **declared: Any) -> gpd.GeoDataFrame:
    return read_vectors(
        FOLDER / name, crs_expected=GK, ledger=ledger or Ledger(), layer="x", geometry="polygon", near=DISTRICT,
        columns=columns, declared=Declared(**declared),
    )  # fmt: skip


def test_the_district_is_the_one_that_was_drawn(run: StudyRun) -> None:
    """OSM keeps 1e-7°, about a centimetre."""
    assert shapely.hausdorff_distance(run.district.area.boundary, DISTRICT) < 0.05
    assert run.district.area.boundary.area == pytest.approx(TRUTH["district"]["area_m2"], rel=1e-5)


def test_places_come_back_within_a_metre(run: StudyRun) -> None:
    found = read_place_table(
        FOLDER / "places_amap.csv", columns={"code": "typecode"}, scheme=scheme("amap"), datum="gcj02", crs=GK,
        within=shapely.buffer(DISTRICT, 2000), ledger=Ledger(),
    )  # fmt: skip
    by_id = found.set_index(found["osm_id"].str.rpartition("/")[2])
    assert len(TRUTH["places"]["sample"]) >= 50
    to_plan = Transformer.from_crs(4490, GK, always_xy=True)
    for true in TRUTH["places"]["sample"]:
        if not true["category"]:
            assert true["id"] not in by_id.index
            continue
        place = by_id.loc[true["id"]]
        assert place["category"] == true["category"]
        assert place["name"] == true["name"]
        x, y = to_plan.transform(true["lon"], true["lat"])
        assert np.hypot(place.geometry.x - x, place.geometry.y - y) < 1


def test_every_row_of_the_places_is_accounted_for(run: StudyRun) -> None:
    true, ledger = TRUTH["places"], run.district.ledger
    counted = {key: sum(e.count or 0 for e in entries(ledger, f"place_table.{key}")) for key in ROWS}
    assert counted["read"] == true["rows"]
    assert counted["twice"] == len(true["fault_rows_from_0"]["duplicate"])
    assert counted["outside"] >= len(true["fault_rows_from_0"]["far_away"])
    assert counted["unknown_codes"] == len(true["fault_rows_from_0"]["unknown_type"])
    assert counted["read"] == sum(counted.values()) - counted["read"], "every row has one fate"
    (merged,) = entries(ledger, "place_table.merged")
    assert merged.count == true["shared_with_osm_count"]
    assert run.district.places is not None
    inside = run.district.places.table[shapely.intersects(run.district.places.table.geometry.to_numpy(), DISTRICT)]
    wanted = {category: n for category, n in true["in_district_by_category"].items() if category}
    assert {
        category: int((inside["category"] == category).sum()) >= n for category, n in wanted.items()
    } == dict.fromkeys(wanted, True)


def test_every_code_of_the_plan_is_understood(run: StudyRun) -> None:
    true, ledger = TRUTH["regulatory_plan"], Ledger()
    frame = read("regulatory_plan.shp", ledger, ("用地代码", "用地性质", "容积率", "建筑密度"))
    assert len(frame) == true["count"]
    schemes = [scheme("gb50137_2011"), scheme("land_sea_2023")]
    uses = classified(
        frame["用地代码"], frame["用地性质"], schemes, mixed_rule="equal", labels=pd.Series(map(str, frame.index)),
        ledger=ledger, layer="x", file_name="plan",
    )  # fmt: skip
    for parcel in true["parcels"]:
        index = parcel["index"]
        assert frame["用地代码"][index] == parcel["code"]
        assert frame["用地性质"][index] == parcel["name"]
        assert frame["容积率"][index] == pytest.approx(parcel["far"])
        assert frame.geometry[index].area == pytest.approx(parcel["area_m2"], abs=1e-3)
        mine = uses[uses["feature"] == index].set_index("use")["share"].to_dict()
        assert mine == pytest.approx(parcel["shares"]), parcel
    (clash,) = [entry for entry in ledger.entries if entry.action == "warned"]
    wrong = [parcel["index"] for parcel in true["parcels"] if parcel["wrong_pair"]]
    assert clash.count == len(wrong) == 1
    assert "05" in render(clash.message, "zh")
    assert "商业服务业用地" in render(clash.message, "zh")


def test_the_drawing_lies_on_the_ground() -> None:
    """Arcs are chords within a millimetre; control points are given to the millimetre."""
    true = TRUTH["detailed_plan"]
    points = tuple(ControlPoint(tuple(p["local"]), tuple(p["epsg4547"])) for p in true["control_points"])
    frame = read("detailed_plan.dxf", crs=GK, control_points=points, cad_layers=("用地-*", "文字"))
    assert len(frame) == true["count"] == len(true["parcels"])
    assert sorted(frame["text"]) == sorted(parcel["code"] for parcel in true["parcels"])
    tree = shapely.STRtree(frame.geometry.to_numpy())
    for parcel in true["parcels"]:
        corners = np.array(parcel["corners_epsg4547_bulge"])
        distance = shapely.distance(
            shapely.points(corners[:, :2]), frame.geometry.iloc[_around(tree, corners)].exterior
        )
        assert distance.max() < 0.01
    # a millimetre along some hundred metres of arc
    assert sorted(frame.area) == pytest.approx(sorted(p["area_m2"] for p in true["parcels"]), abs=0.2)


def _around(tree: shapely.STRtree, corners: np.ndarray) -> int:
    """The parcel whose outline is nearest to all corners."""
    outlines = shapely.boundary(tree.geometries)
    off = [shapely.distance(shapely.points(corners[:, :2]), outline).max() for outline in outlines]
    return int(np.argmin(off))


def test_control_lines_lie_where_they_were_drawn(run: StudyRun) -> None:
    lines = run.district.control_lines
    assert lines is not None
    for role, name in (
        ("growth_boundary", "development_boundary"),
        ("ecological_redline", "ecological_redline"),
        ("basic_farmland", "basic_farmland"),
    ):
        true = shapely.union_all(
            [shapely.Polygon(part["outline_epsg4547"], part["holes_epsg4547"]) for part in TRUTH["boundaries"][name]]
        )
        (shape,) = lines.with_role(role).geometry
        assert shapely.symmetric_difference(shape, true).area < 1e-3 * true.area
        assert shapely.hausdorff_distance(shape, true) < 0.01


def test_built_up_land_by_year(run: StudyRun) -> None:
    """Cells by their centres; areas in the plane of the plan against the ellipsoid: 1e-4."""
    for year, true in TRUTH["land_cover"]["years"].items():
        outside = true["built_km2"]["district_outside_boundary"]
        assert value(run, "built_up_outside_boundary", year) == pytest.approx(outside, rel=2e-3), year


def test_residents_are_those_of_the_cells(run: StudyRun) -> None:
    people = run.district.people
    assert people is not None
    inside = shapely.contains_xy(DISTRICT, people.x, people.y)
    assert people.residents[inside].sum() == pytest.approx(
        TRUTH["population"]["cells_with_centre_in_district"], rel=1e-6
    )


def test_headways_and_entrances(run: StudyRun) -> None:
    transit, true = run.district.transit, TRUTH["transit"]
    assert transit is not None
    assert len(transit.entrances) == true["entrances_count"] == 10
    drawn = {tuple(gate["epsg4547"]) for station in true["stations"] for gate in station["entrances"]}
    found = transit.entrances[["x", "y"]].to_numpy()
    assert all(np.hypot(*(found - gate).T).min() < 0.05 for gate in np.array(sorted(drawn)))
    table = headways(transit, start_h=7, end_h=9)
    metro = table[table["route"].str.contains("地铁")]
    assert set(metro["mean_headway_min"]) == {6.0}
    row = next(r for r in true["rows"] if r["mode"] == "metro" and r["sequence"] == 1)
    first, last = (int(t[:2]) * 60 + int(t[3:]) for t in (row["first"], row["last"]))
    stop = transit.stops.index[transit.stops["name"] == row["stop"]][0]
    mine = transit.departures[
        (transit.departures["stop"] == stop) & (transit.departures["direction"] == row["direction"])
    ]
    assert len(mine) == (last - first) / row["headway_min"] + 1
    assert (departures_per_stop(transit) > 0).sum() == transit.stops["served"].sum()


def test_no_layer_is_said_to_be_shifted(run: StudyRun) -> None:
    warned = [entry.message.key for entry in run.district.ledger if entry.action == "warned"]
    assert not [key for key in warned if key.startswith("datum.")]


@pytest.mark.parametrize(
    "name",
    ["map.html", "report.html", "ledger.csv", "dictionary.csv", "provenance.json", "zones.gpkg", "results.parquet"],
)
def test_every_output_says_that_it_is_made_up(run: StudyRun, name: str) -> None:
    if name == "results.parquet":
        assert run.results.table["study"].str.contains(FICTIONAL).all()
    assert (
        FICTIONAL.encode() in (run.out / name).read_bytes()
        or FICTIONAL.encode("unicode_escape") in (run.out / name).read_bytes()
    )


def test_every_file_says_that_it_is_made_up() -> None:
    for path in sorted(FOLDER.iterdir()):
        if path.is_dir() or path.suffix in (".shx", ".prj", ".cpg", ".pbf", ".shp", ".py"):
            continue
        raw = path.read_bytes()
        said = (FICTIONAL.encode(), FICTIONAL.encode("gbk"), b"fictional", FICTIONAL.encode("unicode_escape"))
        assert any(words in raw for words in said), path.name


@pytest.mark.browser
def test_the_map_and_the_report_open_without_a_network(run: StudyRun) -> None:
    with browser() as started:
        with opened(started, run.out / "map.html") as (page, trouble):
            page.wait_for_selector("html[data-ready]")
            switches = page.eval_on_selector_all("[data-layer]", "boxes => boxes.map(box => box.dataset.layer)")
            assert {"growth_boundary", "ecological_redline", "basic_farmland"} <= set(switches)
            assert FICTIONAL in page.inner_text("h1")
            shown = page.inner_text("body")
            for role in ("growth_boundary", "ecological_redline", "basic_farmland"):
                assert lookup(f"map.layer_{role}", "zh") in shown
            assert not trouble
        with opened(started, run.out / "report.html", width=320) as (page, trouble):
            assert FICTIONAL in page.inner_text("h1")
            assert page.evaluate("document.documentElement.scrollWidth") <= 320
            assert not trouble


def test_stations_with_headways_alone_say_what_they_cannot_give(tmp_path: Path) -> None:
    text = (FOLDER / "study.toml").read_text(encoding="utf-8")
    start, end = text.index("[transit]"), text.index("[people]")
    untimed = (
        '[transit]\nfrequency_table = "stations_headway_only.csv"\nservice_day = "2024-05-15"\n'
        'columns = { stop = "站名", headway_min = "发车间隔_分钟" }\n\n'
    )
    for path in FOLDER.iterdir():
        if path.is_file():
            (tmp_path / path.name).write_bytes(path.read_bytes())
    (tmp_path / "study.toml").write_text(text[:start] + untimed + text[end:], encoding="utf-8")
    checked = check_study(load_study(tmp_path / "study.toml"))
    assert "residents_near_any_stop" in checked.computable
    reasons = {entry.indicator: entry.reason for entry in checked.not_computable}
    assert reasons["residents_near_frequent_stop"].key == "service.no_times"
    said = " ".join(render(entry.message, "en") for entry in checked.ledger)
    for lack in ("times", "directions", "sequence", "travel_times", "lines"):
        assert any(entry.message.key == f"frequency.lacks_{lack}" for entry in checked.ledger), said


def test_floor_space_by_hand(tmp_path: Path) -> None:
    """Residents = Σ area × FAR × share of housing × share built × occupancy ÷ m² per resident, over all parcels."""
    table = pd.read_csv(FOLDER / "floor_space.csv").set_index(["use", "quantity"])["central"]
    residents = 0.0
    named = set(table.index.get_level_values("use"))
    for parcel in TRUTH["regulatory_plan"]["parcels"]:
        if set(parcel["shares"]) <= named:
            floor = parcel["area_m2"] * parcel["far"] * parcel["shares"].get("housing", 0.0)
            built = floor * table["housing", "share_built"] * table["housing", "occupancy"]
            residents += built / table["housing", "m2_per_resident"]
    run = run_study(load_study(FOLDER / "plan.toml"), tmp_path / "out", language="zh")
    lines = [e for e in run.district.ledger if e.message.key.startswith("floor_space.use")]
    assert len(lines) == 8
    people = run.district.people
    assert people is not None
    assert people.total_residents == pytest.approx(residents, rel=2e-3)  # parcels that stick out of the district
    assert people.status.name == "doubtful"
