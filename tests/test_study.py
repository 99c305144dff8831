"""One study from its files to its outputs: numbers worked out by hand, the same bytes twice, one clear error each."""

import json
import shutil
from math import log
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import rasterio
import shapely

from spatial.config import load_study
from spatial.errors import SpatialError
from spatial.indicators import catalogue
from spatial.model.results import Missing
from spatial.outputs import check_finished, output_folder
from spatial.study import _shopping_list, check_study, run_study
from spatial.text import Message, decode, render
from tests.sources.osm_toy import Toy, box_of
from tests.toy_study import STUDY, edit_geojson, polygons, write_buses, write_city, write_study

LAND_KM2 = 0.36
OUTPUTS = {"results.parquet", "zones.gpkg", "dictionary.csv", "ledger.csv", "map.html", "report.html"}


@pytest.fixture(scope="module")
def folder(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("toy")
    write_study(folder)
    return folder


@pytest.fixture(scope="module")
def ran(folder: Path):
    return run_study(load_study(folder / "study.toml"), folder / "out")


# GeoJSON keeps 7 decimals of a degree and OSM too: places move by up to a centimetre
CENTIMETRE = 1e-4


class TestByHand:
    @pytest.mark.parametrize(
        ("indicator", "value"),
        [
            ("population_density", 1000 / LAND_KM2),
            # all homes stand in one 1 km square, of which the area holds 550 m by 550 m
            ("weighted_population_density", 1000 / 0.3025),
            # 12 streets of 500 m
            ("street_density", 6.0 / LAND_KM2),
            # 36 crossings less the four corners, where only two streets meet
            ("intersection_density", 32 / LAND_KM2),
            ("median_block_area", 1.0),
            # half housing, half work, of the eight uses of the mix
            ("land_use_entropy", log(2) / log(8)),
            # the nearest stop is 50, 50, 350 and 450 m away
            ("residents_near_any_stop", 100),
            # stop A alone: 50, 950, 350 and 550 m
            ("residents_near_frequent_stop", 40),
            # stop B is frequent from 7 to 9 h
            ("residents_near_frequent_stop_rush_hour", 100),
        ],
    )
    def test_whole_area(self, ran, indicator: str, value: float) -> None:
        assert ran.results.value(indicator) == pytest.approx(value, rel=CENTIMETRE)

    @pytest.mark.parametrize(
        ("item", "shares"),
        [
            # metres from homes of 100, 200, 300 and 400 residents; limits are 400, 800 and 1 200 m
            ("food_shop", (40, 80, 100)),  # 50, 950, 350, 550
            ("school", (20, 90, 100)),  # 950, 50, 650, 450
            ("kindergarten", (60, 100, 100)),  # 50, 50, 350, 450
            ("pharmacy_or_clinic", (40, 100, 100)),  # 350, 550, 150, 450
            ("park", (40, 100, 100)),  # 240, 740, 140, 440: no gate, 40 m from the street to its middle
            ("restaurant_or_cafe", (70, 100, 100)),  # 450, 550, 350, 50
            ("all_daily_needs", (0, 70, 100)),
        ],
    )
    def test_daily_needs(self, ran, item: str, shares: tuple[float, ...]) -> None:
        found = [
            ran.results.value("residents_near_daily_needs", item=item, at=at) for at in ("5 min", "10 min", "15 min")
        ]
        assert found == pytest.approx(shares)

    @pytest.mark.parametrize(
        ("indicator", "west", "east"),
        [
            # 400 residents on 325 × 600 m, 600 on 275 × 600 m
            ("population_density", 400 / 0.195, 600 / 0.165),
            # six streets cut at x = 275, three avenues on either side
            ("street_density", (6 * 0.275 + 1.5) / 0.195, (6 * 0.225 + 1.5) / 0.165),
            ("intersection_density", 16 / 0.195, 16 / 0.165),
            ("residents_near_frequent_stop", 100, 0),
        ],
    )
    def test_zones(self, ran, indicator: str, west: float, east: float) -> None:
        found = [ran.results.value(indicator, subject=zone) for zone in ("west", "east")]
        assert found == pytest.approx([west, east], rel=CENTIMETRE)

    def test_growth(self, ran) -> None:
        """Of 24 cells built by 2010 six lie east of the limit; none did in 1990; 2030 is a projection."""
        value = ran.results.value
        assert value("built_up_outside_boundary", at="1990") == 0
        assert value("built_up_outside_boundary", at="2010") == pytest.approx(0.06)
        assert value("built_up_outside_boundary_share", at="2010") == pytest.approx(25)
        assert value("new_built_up_outside_boundary_share", at="2010") == pytest.approx(50)
        assert "2030" not in set(ran.results.table["at"])

    def test_emissions(self, ran) -> None:
        car = 3 * 365 * 0.5 * 8 / 1.6 * 162.72 / 1000
        bus = 3 * 365 * 0.3 * 5 * 103.85 / 1000
        assert ran.results.value("passenger_transport_co2_per_resident") == pytest.approx(car + bus)
        assert ran.results.value("passenger_transport_co2_per_resident", item="walk") == 0

    def test_british_factors_in_a_study_without_a_country_are_doubtful(self, ran) -> None:
        table = ran.results.table
        reasons = table.loc[table["indicator"] == "passenger_transport_co2_per_resident", "reason"]
        assert {decode(reason).key for reason in reasons} == {"emissions.country_unknown"}

    def test_nothing_is_missing(self, ran) -> None:
        assert ran.results.missing == ()


class TestOutputs:
    def test_all_files_are_there_and_fingerprinted(self, ran) -> None:
        known = check_finished(ran.out)
        assert set(known["outputs"]) == OUTPUTS
        assert {source["path"] for source in known["sources"]} == {
            *("boundary.geojson", "zones.geojson", "homes.geojson", "limit.geojson"),
            *("city.osm.pbf", "bus.zip", "built.tif"),
        }
        assert known["study"]["text"] == STUDY

    def test_no_path_of_the_machine_is_written(self, ran, folder: Path) -> None:
        for name in ("provenance.json", "map.html", "report.html", "ledger.csv", "dictionary.csv"):
            assert str(folder.parent) not in (ran.out / name).read_text(encoding="utf-8-sig"), name

    def test_the_same_inputs_give_the_same_bytes(self, ran, folder: Path) -> None:
        again = run_study(load_study(folder / "study.toml"), folder / "again")
        for name in ("results.parquet", "map.html", "dictionary.csv", "ledger.csv", "report.html"):
            assert (again.out / name).read_bytes() == (ran.out / name).read_bytes(), name

    def test_parquet_holds_the_table(self, ran) -> None:
        read = pd.read_parquet(ran.out / "results.parquet")
        assert len(read) == len(ran.results)
        assert set(read["data_status"]) <= {"ok", "doubtful", "absent"}

    def test_chinese_outputs(self, folder: Path) -> None:
        out = run_study(load_study(folder / "study.toml"), folder / "zh", language="zh").out
        page = (out / "report.html").read_text(encoding="utf-8")
        assert 'lang="zh' in page
        assert "人口密度" in page
        assert "Population density" not in page

    def test_check_counts_what_can_be_computed(self, folder: Path) -> None:
        checked = check_study(load_study(folder / "study.toml"))
        assert checked.not_computable == ()
        assert "passenger_transport_co2_per_resident" in checked.computable
        text = (folder / "study.toml").read_text(encoding="utf-8")
        (folder / "bare.toml").write_text(text[: text.index("[transit]")] + text[text.index("[people]") :], "utf-8")
        bare = check_study(load_study(folder / "bare.toml"))
        lacking = {missing.indicator for missing in bare.not_computable}
        assert lacking == {id for id in checked.computable if id.endswith(("stop", "rush_hour"))}
        assert [render(m, "en") for m in bare.shopping_list] == [
            f"{len(catalogue()) - 3} of {len(catalogue())} indicators can be computed.",
            "Add public transport for 3 more.",
        ]

    def test_check_asks_for_what_the_travel_declaration_lacks(self, folder: Path) -> None:
        text = (folder / "study.toml").read_text(encoding="utf-8")
        (folder / "still.toml").write_text(text[: text.index("[travel]")], encoding="utf-8")
        still = check_study(load_study(folder / "still.toml"))
        assert {missing.reason.key for missing in still.not_computable} == {"emissions.no_travel"}
        count = len(still.not_computable)
        assert [render(m, "en") for m in still.shopping_list] == [
            f"{len(catalogue()) - count} of {len(catalogue())} indicators can be computed.",
            f"Declare how residents travel, in a section [travel], for {count} more.",
        ]
        lengthless = text.replace('mean_length_km = 8\nlength_source = "made up"\n', "")
        (folder / "short.toml").write_text(lengthless, encoding="utf-8")
        (line,) = check_study(load_study(folder / "short.toml")).shopping_list[1:]
        assert render(line, "en") == (
            "For “Passenger transport CO₂ per resident (operational)”, declare: mean trip length by mode (car)."
        )

    def test_check_speaks_of_the_whole_catalogue_whatever_is_asked_for(self, folder: Path) -> None:
        text = (folder / "study.toml").read_text(encoding="utf-8")
        (folder / "only.toml").write_text(text + '\n[indicators]\nonly = ["street_density"]\n', encoding="utf-8")
        checked = check_study(load_study(folder / "only.toml"))
        assert len(checked.computable) + len(checked.not_computable) == len(catalogue())
        assert checked.not_computable == ()


def test_the_shopping_list_names_what_is_needed_together() -> None:
    paths, buses, people = (Message(f"layer.{name}") for name in ("paths", "transit", "people"))
    missing = [
        *(Missing(id, Message("compute.layer_missing", {"layers": (buses, paths)})) for id in "abc"),
        Missing("d", Message("compute.layer_missing", {"layers": (people, buses, paths)})),
        Missing("e", Message("growth.one_year", {"year": "2010"})),
    ]
    assert [render(line, "en") for line in _shopping_list(["f", "g"], missing)] == [
        "2 of 7 indicators can be computed.",
        "Add public transport and walking and cycling paths for 3 more.",
        "Add residents and jobs, public transport and walking and cycling paths for 1 more.",
    ]


# ── bad input: one clear error each, and nothing half-written ────────────────────────────────────────────────────


def study_with(folder: Path, old: str, new: str) -> None:
    assert old in STUDY
    (folder / "study.toml").write_text(STUDY.replace(old, new), encoding="utf-8")


def cut_short(folder: Path) -> None:
    city = folder / "city.osm.pbf"
    city.write_bytes(city.read_bytes()[:-400])


def no_objects(folder: Path) -> None:
    Toy().write(folder / "city.osm.pbf")


def boundary_elsewhere(folder: Path) -> None:
    polygons(folder / "boundary.geojson", {"far": shapely.box(300_000, 0, 300_500, 500)})


def boundary_in_metres_called_degrees(folder: Path) -> None:
    def metres(features) -> None:
        features[0]["geometry"]["coordinates"] = [[[5e5, 5e6], [6e5, 5e6], [6e5, 6e6], [5e5, 5e6]]]

    edit_geojson(folder / "boundary.geojson", metres)


def boundary_is_a_line(folder: Path) -> None:
    polygons(folder / "boundary.geojson", {"line": shapely.LineString([(0, 0), (500, 500)])})


def raster_without_crs(folder: Path) -> None:
    with rasterio.open(folder / "built.tif") as file:
        values, profile = file.read(), file.profile
    profile.pop("crs")
    with rasterio.open(folder / "built.tif", "w", **profile) as file:
        file.write(values)


def raster_with_unmasked_nodata(folder: Path) -> None:
    """WorldPop's −3.4e38, of which the file says nothing."""
    place = rasterio.open(folder / "built.tif").transform
    cells = np.full((6, 6), 10, dtype=np.float32)
    cells[0, 0] = -3.4028235e38
    profile = {"driver": "GTiff", "width": 6, "height": 6, "count": 1, "dtype": "float32", "crs": 32633}
    with rasterio.open(folder / "people.tif", "w", transform=place, **profile) as file:
        file.write(cells, 1)
    old = 'method = "zones"\nfile = "homes.geojson"\nresidents_column = "residents"'
    study_with(folder, old, 'method = "raster"\nfile = "people.tif"')


def no_stop_times(folder: Path) -> None:
    import zipfile

    with zipfile.ZipFile(folder / "bus.zip") as archive:
        kept = {name: archive.read(name) for name in archive.namelist() if name != "stop_times.txt"}
    with zipfile.ZipFile(folder / "bus.zip", "w") as archive:
        for name, content in kept.items():
            archive.writestr(name, content)


def no_features(folder: Path) -> None:
    edit_geojson(folder / "zones.geojson", lambda features: features.clear())


def doubled_and_crossed_zones(folder: Path) -> None:
    def spoil(features) -> None:
        features[1]["properties"]["id"] = "west"
        ring = features[0]["geometry"]["coordinates"][0]
        ring[1], ring[2] = ring[2], ring[1]

    edit_geojson(folder / "zones.geojson", spoil)


def doubled_zones(folder: Path) -> None:
    def double(features) -> None:
        features[1]["properties"]["id"] = "west"

    edit_geojson(folder / "zones.geojson", double)


def in_latin_1(folder: Path) -> None:
    (folder / "study.toml").write_bytes(STUDY.replace("Toy city", "Reykjavík").encode("latin-1"))


FAULTS = {
    "a truncated pbf": (cut_short, ("city.osm.pbf",)),
    "an empty pbf": (no_objects, ("city.osm.pbf",)),
    "a boundary outside the file": (boundary_elsewhere, ("city.osm.pbf",)),
    "a boundary in the wrong system": (boundary_in_metres_called_degrees, ("boundary.geojson",)),
    "a boundary that is a line": (boundary_is_a_line, ("boundary.geojson", "LineString")),
    "a raster without a system": (raster_without_crs, ("built.tif",)),
    "a raster with unmasked no-data": (raster_with_unmasked_nodata, ("people.tif", "nodata")),
    "no service on the day": (lambda f: study_with(f, "2024-05-15", "2024-07-15"), ("bus.zip", "2024-05-31")),
    "a zip without stop_times": (no_stop_times, ("bus.zip", "stop_times.txt")),
    "a misspelt key": (lambda f: study_with(f, "buffer_m", "bufer_m"), ("bufer_m", "buffer_m")),
    "a study file in Latin-1": (in_latin_1, ("study.toml", "UTF-8")),
    "a layer without features": (no_features, ("zones.geojson",)),
    "zones with doubled ids": (doubled_zones, ("west",)),
    "zones that cross themselves": (doubled_and_crossed_zones, ("zones.geojson",)),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_bad_input_gives_one_clear_error_and_changes_nothing(fault: str, folder: Path, ran, tmp_path: Path) -> None:
    for name in ("city.osm.pbf", "bus.zip", "built.tif", "boundary.geojson", "zones.geojson", "homes.geojson",
                 "limit.geojson", "study.toml"):  # fmt: skip
        shutil.copy(folder / name, tmp_path / name)
    shutil.copytree(ran.out, tmp_path / "out")
    before = {path.name: path.read_bytes() for path in (tmp_path / "out").iterdir()}
    spoil, named = FAULTS[fault]
    spoil(tmp_path)
    with pytest.raises(SpatialError) as error:
        run_study(load_study(tmp_path / "study.toml"), tmp_path / "out")
    assert len(error.value.messages) == 1
    for language in ("en", "zh"):
        said = error.value.in_language(language)
        assert all(word in said for word in named), said
    assert {path.name: path.read_bytes() for path in (tmp_path / "out").iterdir()} == before
    check_finished(tmp_path / "out")


def copied(folder: Path, tmp_path: Path, study: str = STUDY) -> Path:
    for path in folder.iterdir():
        if path.is_file():
            shutil.copy(path, tmp_path / path.name)
    (tmp_path / "study.toml").write_text(study, encoding="utf-8")
    return tmp_path / "study.toml"


def test_a_british_study_trusts_british_factors_and_a_slow_start_is_said(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    note = ("kernels.no_cache", {"folder": "nowhere", "found": "full"})
    monkeypatch.setattr("spatial.study.cache_note", lambda: note)
    study = load_study(copied(folder, tmp_path, STUDY.replace("[context]", '[context]\ncountry = "GB"')))
    said: list[str] = []
    results = run_study(study, tmp_path / "out", progress=lambda sentence, _: said.append(sentence)).results
    table = results.table
    assert set(table.loc[table["indicator"] == "passenger_transport_co2_per_resident", "data_status"]) == {"ok"}
    assert [sentence for sentence in said if "cannot be kept in nowhere (full)" in sentence]


class TestExtent:
    """What a file does not cover is never measured as empty."""

    def test_an_area_beyond_the_header_is_refused(self, folder: Path, tmp_path: Path) -> None:
        study = copied(folder, tmp_path)
        polygons(tmp_path / "boundary.geojson", {"wide": shapely.box(-50, -50, 4500, 550)})
        with pytest.raises(SpatialError, match=r"73% of the area of Toy city lies beyond the data: city.osm.pbf"):
            run_study(load_study(study), tmp_path / "out")

    def test_without_a_header_the_last_street_tells(self, folder: Path, tmp_path: Path) -> None:
        study = copied(folder, tmp_path)
        write_city(tmp_path / "city.osm.pbf", header=False)
        run_study(load_study(study), tmp_path / "out", language="en")
        polygons(tmp_path / "boundary.geojson", {"wide": shapely.box(-50, -50, 4500, 550)})
        with pytest.raises(SpatialError, match=r"beyond the last street of city\.osm\.pbf"):
            run_study(load_study(study), tmp_path / "out")
        west, south, east, north = box_of(-600, -600, 4600, 1200)
        extent = f'file = "city.osm.pbf"\nextent = [{west}, {south}, {east}, {north}]'
        study.write_text(STUDY.replace('file = "city.osm.pbf"', extent), encoding="utf-8")
        halves = {"west": shapely.box(-50, -50, 275, 550), "east": shapely.box(275, -50, 4500, 550)}
        polygons(tmp_path / "zones.geojson", halves, label=["West", "East"])
        declared = run_study(load_study(study), tmp_path / "out").results
        assert declared.value("street_density") == pytest.approx(6 / (4.55 * 0.6), rel=CENTIMETRE)

    def test_the_buffer_is_read_around_a_box(self, folder: Path, tmp_path: Path) -> None:
        """A box alone as the area: streets run on across its edge, and are cut there to the metre."""
        box = ", ".join(str(side) for side in box_of(-50, -50, 250, 550))
        area = STUDY.replace('boundary = "boundary.geojson"', f"box = [{box}]")
        halves = {"west": shapely.box(-50, -50, 100, 550), "east": shapely.box(100, -50, 250, 550)}
        study = copied(folder, tmp_path, area)
        polygons(tmp_path / "zones.geojson", halves, label=["West", "East"])
        found = run_study(load_study(study), tmp_path / "out").results
        assert found.value("street_density") == pytest.approx((6 * 0.25 + 3 * 0.5) / (0.3 * 0.6), rel=1e-3)
        # the crossings at x = 200 have a street to the east, beyond the box: all but two corners are crossings
        assert found.value("intersection_density") == pytest.approx((18 - 2) / (0.3 * 0.6), rel=1e-3)


def test_heights_are_dropped_and_said(folder: Path, ran, tmp_path: Path) -> None:
    for path in folder.iterdir():
        if path.is_file():
            shutil.copy(path, tmp_path / path.name)

    def lift(features) -> None:
        for feature in features:
            feature["geometry"]["coordinates"] = [
                [[x, y, 12.0] for x, y in r] for r in feature["geometry"]["coordinates"]
            ]

    edit_geojson(tmp_path / "zones.geojson", lift)
    again = run_study(load_study(tmp_path / "study.toml"), tmp_path / "out")
    assert again.results.value("street_density", subject="west") == ran.results.value("street_density", subject="west")
    assert "vector.heights" in {entry.message.key for entry in again.district.ledger}


def test_a_study_file_with_a_byte_order_mark_is_read(folder: Path, tmp_path: Path) -> None:
    (tmp_path / "study.toml").write_bytes(
        b"\xef\xbb\xbf" + STUDY.replace('"boundary.geojson"', f'"{(folder / "boundary.geojson").as_posix()}"').encode()
    )
    with pytest.raises(SpatialError) as error:  # the other files are not there; the mark itself is no problem
        load_study(tmp_path / "study.toml")
    assert "zones.geojson" in str(error.value)
    assert "﻿" not in str(error.value)


def test_two_runs_into_one_folder_at_once(folder: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    with output_folder(out) as staged:
        with pytest.raises(SpatialError) as error:
            run_study(load_study(folder / "study.toml"), out)
        (staged / "a.txt").write_text("a", encoding="utf-8")
        from spatial.outputs import write_provenance

        write_provenance(staged, {})
    assert len(error.value.messages) == 1
    assert json.loads((out / "provenance.json").read_text(encoding="utf-8"))["outputs"].keys() == {"a.txt"}


def test_a_feed_is_read_whole(tmp_path: Path) -> None:
    """The toy's timetable has what its docstring says: 108 departures at A, and 12 + 16 at B."""
    from spatial.model.provenance import Ledger
    from spatial.sources.gtfs import read_gtfs
    from tests.sources.osm_toy import UTM

    transit, _ = read_gtfs(write_buses(tmp_path / "bus.zip"), service_day="2024-05-15", crs=UTM, ledger=Ledger())
    counts = transit.departures["stop"].value_counts()
    assert counts.to_dict() == {"A": 108, "B": 28}
