from hashlib import sha256
from pathlib import Path

import geopandas as gpd
import pytest
import shapely

from spatial.errors import InputError
from spatial.sources.fingerprint import file_source, sha256_of


def test_the_fingerprint_is_that_of_the_bytes(tmp_path: Path) -> None:
    path = tmp_path / "a.tif"
    path.write_bytes(b"abc" * 700_000)
    assert sha256_of(path) == sha256(b"abc" * 700_000).hexdigest()


def test_a_shapefile_is_known_by_all_its_parts(tmp_path: Path) -> None:
    path = tmp_path / "zones.shp"
    frame = gpd.GeoDataFrame({"people": [1]}, geometry=[shapely.box(0, 0, 1, 1)], crs=32627)
    frame.to_file(path)
    before = sha256_of(path)
    shape = path.read_bytes()
    frame.assign(people=2).to_file(path)
    assert path.read_bytes() == shape
    assert sha256_of(path) != before


def test_a_source_carries_what_it_was_told(tmp_path: Path) -> None:
    path = tmp_path / "people.tif"
    path.write_bytes(b"x")
    source = file_source(path, "people", date="2020", licence="CC-BY-4.0", attribution="WorldPop")
    assert (source.layer, source.name, source.date, source.licence) == ("people", "people.tif", "2020", "CC-BY-4.0")
    assert source.sha256 == sha256(b"x").hexdigest()


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"gone\.tif does not exist"):
        file_source(tmp_path / "gone.tif", "people", date="", licence="", attribution="")
