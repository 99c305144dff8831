"""The user's own crosswalk: from a file to a scheme."""

from pathlib import Path

import pytest
import shapely
from pyproj import CRS

from spatial.errors import InputError
from spatial.model.provenance import Ledger
from spatial.sources.place_tables import read_place_table
from spatial.sources.scheme_tables import read_crosswalk
from spatial.text import LANGUAGES, render


def write(path: Path, text: str, encoding: str = "utf-8") -> Path:
    path.write_text(text, encoding=encoding)
    return path


def test_codes_and_what_they_mean(tmp_path: Path) -> None:
    ledger = Ledger()
    text = "编号,类别,用途\n0604,food_shop,retail_and_services\n0605,,retail_and_services\n"
    path = write(tmp_path / "对照表.csv", text, "gbk")
    columns = {"code": "编号", "category": "类别", "class": "用途"}
    made = read_crosswalk(path, columns=columns, ledger=ledger)
    found = made.find("0604")
    assert found is not None
    assert (found.category, found.use) == ("food_shop", "retail_and_services")
    assert made.find("060400") is None
    deep = read_crosswalk(path, columns=columns, ledger=ledger, hierarchy="by_pair").find("060400")
    assert deep == found
    assert [entry.count for entry in ledger.entries if entry.action == "read"] == [2, 2]
    assert render(ledger.entries[-1].message, "zh") == "对照表.csv：读取2个代码及其含义。"


def test_land_use_alone(tmp_path: Path) -> None:
    made = read_crosswalk(write(tmp_path / "uses.csv", "code,class\nR2,housing\n"), ledger=Ledger(), layer="land_use")
    assert [(row.code, row.use, row.category) for row in made.rows] == [("R2", "housing", "")]


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("code,category\n1,shop\n", ("shop",)),
        ("code,class\nR2,houses\n", ("houses",)),
        ("code,name\nR2,x\n", ("class",)),
        ("kind,category\n1,park\n", ("code",)),
        ("code,category\n1,park\n1,school\n,park\n", ("1", "4")),
    ],
)
def test_faults(tmp_path: Path, text: str, says: tuple[str, ...]) -> None:
    path = write(tmp_path / "own.csv", text)
    with pytest.raises(InputError) as caught:
        read_crosswalk(path, ledger=Ledger())
    for language in LANGUAGES:
        assert all(word in caught.value.in_language(language) for word in (*says, "own.csv"))


def test_places_by_the_users_own_words_with_lost_zeros(tmp_path: Path) -> None:
    made = read_crosswalk(
        write(tmp_path / "own.csv", "code,category\n001,park\n002,school\n粮油店,food_shop\n"), ledger=Ledger()
    )
    rows = "name,code,lon,lat\na,1,9,50\nb,002,9,50\nc,2.0,9,50\nd,粮油店,9,50\ne,3,9,50\n"
    crs = CRS.from_epsg(32632)
    ledger = Ledger()
    found = read_place_table(
        write(tmp_path / "places.csv", rows), columns={}, scheme=made, datum="wgs84", crs=crs,
        within=shapely.box(499_000, 5_500_000, 501_000, 5_600_000), ledger=ledger,
    )  # fmt: skip
    assert dict(zip(found["name"], found["category"], strict=True)) == {
        "a": "park", "b": "school", "c": "school", "d": "food_shop",
    }  # fmt: skip
    said = [render(entry.message, "en") for entry in ledger.entries]
    assert any(line.endswith("it was put back (code and number of rows: 1 (1), 2.0 (1)).") for line in said)
