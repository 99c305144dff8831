"""Dates, boxes and errors of OSM files; the bundled city; the whole country against it."""

from __future__ import annotations

import gzip
import re
import subprocess
import sys
import tempfile
from dataclasses import fields
from datetime import UTC, datetime
from pathlib import Path

import geopandas as gpd
import pytest
import shapely
from osm_toy import BOX, UTM, Toy, box_of

from spatial.errors import CrsError, InputError
from spatial.model.layer import content_token
from spatial.model.provenance import Ledger
from spatial.sources.osm import OsmExtract, read_osm
from spatial.sources.osm import header as osm_header
from spatial.text import LANGUAGES, has, render

ROOT = Path(__file__).parents[2]
REYKJAVIK = ROOT / "data" / "reykjavik" / "reykjavik_20190509.osm.pbf"
ICELAND = ROOT.parent / "shared" / "data" / "iceland" / "iceland_20190509.osm.pbf"
CAPITAL = (-22.15, 63.98, -21.55, 64.30)


def small() -> Toy:
    toy = Toy()
    toy.way(1, (0, 0), (100, 0), highway="residential")
    toy.node(50, 50, 7, amenity="cafe", name="Corner")
    toy.square(2, 0, 20, 10, building="house")
    return toy


def read(path: Path, **given: object) -> OsmExtract:
    return read_osm(path, **{"box": BOX, "crs": UTM, "ledger": Ledger(), **given})


def refused(path: Path, **given: object) -> str:
    """The key of the one message with which reading ends."""
    with pytest.raises(InputError) as caught:
        read(path, **given)
    assert len(caught.value.messages) == 1
    for language in LANGUAGES:
        assert path.name in caught.value.in_language(language)
    return caught.value.messages[0].key


def tokens(extract: OsmExtract) -> dict[str, str]:
    """A fingerprint of every layer."""
    layers = {field.name: getattr(extract, field.name) for field in fields(extract)}
    tables = {name: content_token(layer) for name, layer in layers.items() if isinstance(layer, gpd.GeoDataFrame)}
    return tables | {name: layer.token for name, layer in layers.items() if hasattr(layer, "token")}


def test_a_comma_in_the_temporary_folder_writes_nothing_elsewhere(tmp_path, monkeypatch):
    path = small().write(tmp_path / "small.osm.pbf")
    expected = tokens(read(path))
    folder = tmp_path / "odd, name"
    folder.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    ledger = Ledger()
    assert tokens(read(path, ledger=ledger)) == expected
    assert "osm.in_memory" in [entry.message.key for entry in ledger.entries]
    assert {found.name for found in tmp_path.iterdir()} == {"small.osm.pbf", "odd, name"}


def test_the_same_city_from_pbf_xml_and_zipped_xml(tmp_path):
    pbf = read(small().write(tmp_path / "toy.osm.pbf"))
    xml = small().write(tmp_path / "toy.osm")
    zipped = tmp_path / "zipped.osm.gz"
    zipped.write_bytes(gzip.compress(xml.read_bytes()))
    assert len(tokens(pbf)) == 10
    assert tokens(pbf) == tokens(read(xml, declared_date="2024-01-01")) == tokens(read(zipped))


def test_reading_twice_gives_the_same(tmp_path):
    path = small().write(tmp_path / "toy.osm.pbf")
    assert tokens(read(path)) == tokens(read(path))


def test_date_of_the_header_goes_first(tmp_path):
    toy = small()
    toy.stamp("ways", 1, datetime(2024, 6, 1, tzinfo=UTC))
    extract = read(toy.write(tmp_path / "toy.osm.pbf", date="2024-03-01T12:00:00Z"), declared_date="2020-01-01")
    assert extract.date == extract.source.date == "2024-03-01"


def test_then_the_newest_change_of_any_object(tmp_path):
    toy = small()
    toy.stamp("ways", 1, datetime(2023, 5, 1, tzinfo=UTC))
    bare = next(id for id, node in toy.nodes.items() if not node.tags)
    toy.stamp("nodes", bare, datetime(2023, 6, 2, tzinfo=UTC))
    assert read(toy.write(tmp_path / "toy.osm.pbf", date=""), declared_date="2020-01-01").date == "2023-06-02"


def test_then_the_declared_one_and_else_unknown(tmp_path):
    path = small().write(tmp_path / "toy.osm.pbf", date="")
    for declared, key in (("2020-01-01", "osm.date_declared"), ("", "osm.date_unknown")):
        ledger = Ledger()
        assert read(path, declared_date=declared, ledger=ledger).date == declared
        assert key in [entry.message.key for entry in ledger.entries]


def test_overpass_writes_its_date_in_a_line_of_its_own(tmp_path):
    path = small().write(tmp_path / "toy.osm", date="")
    lines = path.read_text(encoding="utf-8").splitlines()
    path.write_text("\n".join([*lines[:2], '<meta osm_base="2022-02-03T04:05:06Z"/>', *lines[2:]]), encoding="utf-8")
    assert read(path).date == "2022-02-03"


def test_without_a_box_the_header_says_it_else_the_nodes(tmp_path):
    toy = small()
    given = box_of(-50, -50, 300, 300)
    header = read(toy.write(tmp_path / "header.osm.pbf", box=given), box=None)
    assert header.box == pytest.approx(given, abs=1e-7)
    nodes = read(toy.write(tmp_path / "nodes.osm.pbf"), box=None)
    assert nodes.box == pytest.approx(box_of(0, 0, 100, 50), abs=1e-6)
    assert tokens(header) == tokens(nodes)


def test_a_box_beyond_the_file_is_said(tmp_path):
    ledger = Ledger()
    read(small().write(tmp_path / "toy.osm.pbf", box=box_of(0, 0, 200, 200)), ledger=ledger)
    assert "osm.box_beyond" in [entry.message.key for entry in ledger.entries]


def test_the_coordinate_system_is_given_or_chosen_and_degrees_are_refused(tmp_path):
    path, ledger = small().write(tmp_path / "toy.osm.pbf"), Ledger()
    assert read(path, crs=None, ledger=ledger).crs == UTM
    assert "osm.crs_chosen" in [entry.message.key for entry in ledger.entries]
    with pytest.raises(CrsError):
        read(path, crs=4326)
    wide, said = Ledger(), ""
    read(path, box=(10, 40, 20, 50), crs=None, ledger=wide)
    for entry in wide.entries:
        said += render(entry.message, "en")
    assert "+proj=laea" in said


def test_bad_files_are_refused_with_one_clear_error(tmp_path):
    whole = REYKJAVIK.read_bytes()
    bad = {
        "truncated.osm.pbf": (whole[: len(whole) // 2], "osm.damaged"),
        "nothing.osm.pbf": (b"", "osm.no_bytes"),
        "letter.osm.pbf": (b"Dear Sir or Madam, this is not a map, and it never was one.", "osm.not_osm"),
        "page.osm": (b"<html><body>Not found</body></html>", "osm.not_osm"),
        "torn.osm": (b'<osm version="0.6"><node id="1" lat="1" lon="1"/><way', "osm.damaged"),
        "table.csv": (b"a,b\n1,2\n", "osm.not_osm"),
    }
    for name, (content, key) in bad.items():
        (tmp_path / name).write_bytes(content)
        assert refused(tmp_path / name) == key, name
    assert refused(tmp_path / "absent.osm.pbf") == "osm.missing"
    assert refused(Toy().write(tmp_path / "empty.osm.pbf")) == "osm.no_objects"


def test_a_box_that_the_file_does_not_touch_or_that_is_none(tmp_path):
    path = small().write(tmp_path / "toy.osm.pbf", box=box_of(0, 0, 200, 200))
    assert refused(path, box=box_of(5000, 5000, 6000, 6000)) == "osm.box_outside"
    with pytest.raises(InputError, match="west, south, east, north"):
        read(path, box=(15.1, 45.0, 15.0, 45.1))


def test_a_file_that_was_refused_leaves_nothing_behind(tmp_path, monkeypatch):
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(scratch))
    whole = REYKJAVIK.read_bytes()
    (tmp_path / "truncated.osm.pbf").write_bytes(whole[: len(whole) // 2])
    refused(tmp_path / "truncated.osm.pbf")
    assert not list(scratch.iterdir())


def test_every_text_is_there_in_both_languages():
    folder = Path(osm_header.__file__).parent
    code = "".join(path.read_text(encoding="utf-8") for path in sorted(folder.glob("*.py")))
    keys = set(re.findall(r'"(osm(?:_online)?\.[a-z_]+)"', code))
    assert len(keys) > 40
    assert [(key, language) for key in sorted(keys) for language in LANGUAGES if not has(key, language)] == []


@pytest.fixture(scope="module")
def reykjavik() -> tuple[OsmExtract, Ledger]:
    ledger = Ledger()
    return read_osm(REYKJAVIK, box=CAPITAL, crs=None, ledger=ledger), ledger


def test_reykjavik(reykjavik):
    extract, ledger = reykjavik
    assert extract.date == "2019-05-09"
    assert extract.crs.to_epsg() == 32627
    assert extract.incomplete == ()
    assert len(extract.buildings.table) == 42_833  # 42 837 with a building tag, 4 of them building=no
    assert extract.settlements["population"].sum() == 225_709 + 614 + 222  # the seven, Grundarhverfi, Mosfellsdalur
    assert 3_700 < extract.paths.length_km < 3_900
    assert 1_300 < extract.driving.length_km < 1_600
    for entry in ledger.entries:
        for language in LANGUAGES:
            assert render(entry.message, language)


def test_reykjavik_is_valid_and_inside_its_box(reykjavik):
    extract, _ = reykjavik
    frame = gpd.GeoSeries([osm_box()], crs=4326).to_crs(extract.crs).iloc[0].buffer(1)
    for name in ("places", "land_use", "boundaries", "water", "stops"):
        shapes = getattr(extract, name).geometry
        assert shapes.is_valid.all(), name
        assert shapes.within(frame).all(), name
    assert extract.buildings.table.is_valid.all()


def osm_box() -> shapely.Polygon:
    return shapely.segmentize(shapely.box(*CAPITAL), 0.001)


def test_reykjavik_stands_on_land(reykjavik):
    """Nearly no home stands in the sea, and a harbour basin and the open bay are sea."""
    extract, _ = reykjavik
    sea = extract.water.loc[extract.water["kind"] == "sea"].union_all()
    shapely.prepare(sea)
    homes = extract.buildings.table[extract.buildings.table["building"].isin(["house", "residential", "apartments"])]
    assert shapely.intersects(sea, homes.geometry.to_numpy()).mean() < 0.001
    for lon, lat in ((-22.05, 64.2), (-21.85, 64.17)):
        point = gpd.GeoSeries([shapely.Point(lon, lat)], crs=4326).to_crs(extract.crs).iloc[0]
        assert sea.contains(point)


PEAK = """
import resource, sys
from pathlib import Path
from spatial.model.provenance import Ledger
from spatial.sources.osm import read_osm
read_osm(Path(sys.argv[1]), box=(-22.15, 63.98, -21.55, 64.30), crs=None, ledger=Ledger())
print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)
"""


@pytest.mark.slow
@pytest.mark.development_data
@pytest.mark.skipif(sys.platform == "win32", reason="peak memory is measured on Linux and macOS")
def test_memory_grows_with_the_box_and_not_with_the_file():
    if not ICELAND.is_file():
        pytest.skip("the file of the whole country is not here")
    command = [sys.executable, "-c", PEAK]
    city, country = (
        int(subprocess.run([*command, str(path)], capture_output=True, check=True, text=True).stdout)
        for path in (REYKJAVIK, ICELAND)
    )
    assert country <= 1.3 * city


@pytest.mark.slow
@pytest.mark.development_data
def test_the_whole_country_gives_the_same_city(reykjavik):
    if not ICELAND.is_file():
        pytest.skip("the file of the whole country is not here")
    country = read_osm(ICELAND, box=CAPITAL, crs=None, ledger=Ledger())
    assert tokens(country) == tokens(reykjavik[0])
