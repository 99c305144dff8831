"""The same place in two sources counts once, and neighbours stay two."""

from itertools import product

import geopandas as gpd
import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from pyproj import CRS
from scipy.sparse import csr_array
from scipy.sparse.csgraph import maximum_bipartite_matching

from spatial.errors import CrsError
from spatial.model.provenance import Ledger
from spatial.operations.name_likeness import alike, contradict, taken_apart
from spatial.operations.place_gates import gates_as_one
from spatial.operations.same_places import merged_places
from spatial.text import render

UTM = CRS.from_epsg(32650)
NAMES = ("OpenStreetMap", "places_amap.csv")


def places(*rows: tuple, source: str = "node") -> gpd.GeoDataFrame:
    """Category, name, and a shape or an easting on one line."""
    shapes = [row[2] if isinstance(row[2], shapely.Geometry) else shapely.Point(row[2], 0) for row in rows]
    columns = {
        "category": [row[0] for row in rows],
        "name": [row[1] for row in rows],
        "osm_id": [f"{source}/{n}" for n in range(len(rows))],
    }
    return gpd.GeoDataFrame(columns, geometry=shapes, crs=UTM).astype({"category": object, "name": object})


def table(*rows: tuple) -> gpd.GeoDataFrame:
    return places(*rows, source="places_amap")


def merged(first: gpd.GeoDataFrame, second: gpd.GeoDataFrame, ledger: Ledger | None = None) -> list[tuple[str, str]]:
    """Ids and names of what is left."""
    found = merged_places(first, second, ledger=ledger or Ledger(), names=NAMES)
    return list(zip(found["osm_id"], found["name"], strict=True))


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        ("美佳超市", "美佳超市(东湖店)", 1),
        ("美佳超市（中山路店）", "美佳超市(东湖店)", 0),
        ("美佳超市东湖店", "美佳超市(中山店)", 0),
        ("美佳超市东湖店", "美佳超市(东湖分店)", 1),
        ("美佳超市(东湖路店)", "美佳超市(东湖店)", 1),
        ("美佳超市(一店)", "美佳超市(二店)", 0),
        ("阳光幼儿园", "星光幼儿园", 0),
        ("示例小学", "示例中学", 0),
        ("示例中学", "示例高中", 1),
        ("武汉市示例小学", "示例小学(北门)", 1),
        ("武汉小学", "武汉市育才小学", 0.4),  # 武汉 is one pair of the five in 武汉市育才: 2·1/(1+4)
        ("市第一小学", "市第二小学", 0),
        ("第十二小学", "第12小学", 1),
        ("十堰市东风小学", "东风小学", 1),
        ("仁和大药房", "仁和药店", 1),
        ("仁和诊所", "仁和药店", 0),
        ("人民公园-东门", "人民公园", 1),
        ("人民公园", "人民广场", 0),
        ("肯德基", "肯德基东湖店", 1),
        ("ＫＦＣ", "kfc", 1),
        ("Café Loki", "LOKI", 1),
        ("Loki", "Lokison", 2 * 3 / (3 + 6)),
        ("超市", "美佳超市", 0),
        ("", "", 0),
    ],
)
def test_likeness_by_hand(one: str, other: str, expected: float) -> None:
    assert alike(taken_apart(one), taken_apart(other)) == pytest.approx(expected)


@given(st.text(max_size=12), st.text(max_size=12))
def test_likeness_is_the_same_both_ways(one: str, other: str) -> None:
    first, second = taken_apart(one), taken_apart(other)
    assert 0 <= alike(first, second) == alike(second, first) <= 1
    assert alike(first, first) == (first.core != "")
    assert taken_apart(f" {one.upper().lower()} ") == taken_apart(one.upper().lower())


def test_the_same_place_counts_once_with_the_shape_of_the_first() -> None:
    ledger = Ledger()
    school = shapely.box(0, -50, 100, 50)
    first = places(("school", "", school), ("food_shop", "美佳超市", 500))
    second = table(
        ("school", "武汉市示例小学", 50), ("restaurant_or_cafe", "示例小学食堂", 40),
        ("food_shop", "美佳超市(一店)", 549), ("food_shop", "仁和超市", 501),
    )  # fmt: skip
    found = merged_places(first, second, ledger=ledger, names=NAMES)
    assert found["name"].tolist() == ["武汉市示例小学", "美佳超市", "示例小学食堂", "仁和超市"]
    assert found["osm_id"].tolist() == ["node/0", "node/1", "places_amap/1", "places_amap/3"]
    assert found.geometry.iloc[0] == school
    assert found.crs == UTM
    said = {render(entry.message, "en"): entry.count for entry in ledger.entries}
    assert said["Food shops: OpenStreetMap has 1, places_amap.csv 2, of which 1 is the same; 2 together."] == 1
    assert said["Places: OpenStreetMap has 2, places_amap.csv 4. The same place counts once (2); 4 together."] == 2
    assert [entry.count for entry in ledger.entries if entry.message.key == "place_table.merged_unnamed"] == [1]
    chinese = [render(entry.message, "zh") for entry in ledger.entries]
    assert "食品店：OpenStreetMap 1处，places_amap.csv 2处，其中相同1处，合计2处。" in chinese
    assert first["name"].tolist() == ["", "美佳超市"]


@pytest.mark.parametrize(
    ("osm_name", "name", "apart", "left"),
    [
        ("美佳超市", "美佳超市", 50, 1), ("美佳超市", "美佳超市", 50.1, 2), ("", "美佳超市", 25, 1),
        ("", "美佳超市", 25.1, 2), ("超市", "美佳超市", 20, 1), ("药店", "美佳超市", 20, 2),
        ("美佳超市", "仁和超市", 0, 2),
    ],
)  # fmt: skip
def test_distances_with_and_without_names(osm_name: str, name: str, apart: float, left: int) -> None:
    assert len(merged(places(("food_shop", osm_name, 0)), table(("food_shop", name, apart)))) == left


def test_shops_of_a_chain_stay_as_many_as_they_are() -> None:
    """Two in one street, 45 m apart: whichever source has both, two are left."""
    one = ("food_shop", "美佳超市", 0)
    both = (("food_shop", "美佳超市", 4), ("food_shop", "美佳超市", 45))
    assert len(merged(places(one), table(*both))) == 2
    assert len(merged(places(*both), table(one))) == 2
    assert len(merged(places(*both), table(*both))) == 2
    assert len(merged(table(one, *both), table())) == 3
    apart = merged(places(("food_shop", "美佳超市", 0)), table(("food_shop", "美佳超市", 80)))
    assert len(apart) == 2


def test_the_best_pair_goes_first() -> None:
    first = places(("school", "示例小学", 0), ("school", "", 10))
    # the equal name 40 m off before the nearer name alike, which is left to the unnamed school
    second = table(("school", "武汉市示例小学", 8), ("school", "示例小学", 40))
    assert merged(first, second) == [("node/0", "示例小学"), ("node/1", "武汉市示例小学")]
    branch = places(("food_shop", "美佳超市(东湖店)", 0))
    assert merged(branch, table(("food_shop", "美佳超市", 1), ("food_shop", "美佳超市(东湖店)", 30))) == [
        ("node/0", "美佳超市(东湖店)"),
        ("places_amap/0", "美佳超市"),
    ]


def test_grounds_take_in_all_their_entries_and_shops_do_not() -> None:
    area = shapely.box(0, -200, 900, 200)
    entries = [("人民公园", 100), ("人民公园(游船码头)", 450), ("人民公园(东门)", 890), ("儿童公园", 500)]
    ledger = Ledger()
    left = merged(places(("park", "人民公园", area)), table(*(("park", *entry) for entry in entries)), ledger)
    assert left == [("node/0", "人民公园"), ("places_amap/3", "儿童公园")]
    assert [entry.count for entry in ledger.entries if entry.message.key == "place_table.merged_inside"] == [2]
    # an area without a name takes one, and then all that bear it
    left = merged(places(("park", "", area)), table(*(("park", name, at) for name, at in entries[:3])))
    assert len(left) == 1
    market = places(("food_shop", "美佳超市", area))
    assert len(merged(market, table(("food_shop", "美佳超市", 100), ("food_shop", "美佳超市", 800)))) == 2


def test_two_systems_are_refused() -> None:
    other = table(("school", "示例小学", 0)).set_crs(32649, allow_override=True)
    with pytest.raises(CrsError, match=r"places_amap\.csv are in WGS 84 / UTM zone 49N"):
        merged(places(("school", "示例小学", 0)), other)


NAMED = st.sampled_from(
    ["", "超市", "美佳超市", "美佳超市(东湖店)", "美佳超市(中山店)", "仁和超市", "示例小学", "武汉市示例小学"]
)
ROWS = st.lists(
    st.tuples(st.sampled_from(["food_shop", "school"]), NAMED, st.integers(0, 40).map(lambda n: 5.0 * n)), max_size=8
)


def most_pairs(first: gpd.GeoDataFrame, second: gpd.GeoDataFrame) -> int:
    """By scipy: as many as can be paired at all. Taking the best first finds at least half of them."""
    fits = np.zeros((len(first), len(second)), dtype=int)
    for (i, one), (j, other) in product(enumerate(first.itertuples()), enumerate(second.itertuples())):
        names = taken_apart(one.name), taken_apart(other.name)
        unnamed = not (names[0].core and names[1].core) and not contradict(*names)
        reach = 25 if unnamed else 50 if alike(*names) >= 0.6 else -1
        fits[i, j] = one.category == other.category and abs(one.geometry.x - other.geometry.x) <= reach
    return int((maximum_bipartite_matching(csr_array(fits)) >= 0).sum()) if fits.size else 0


@settings(max_examples=60, deadline=None)
@given(ROWS, ROWS, st.randoms(use_true_random=False))
def test_nothing_is_lost_and_the_order_of_rows_does_not_matter(one: list, two: list, chance) -> None:  # type: ignore[no-untyped-def]
    first, second, ledger = places(*one), table(*two), Ledger()
    found = merged_places(first, second, ledger=ledger, names=NAMES)
    total = next(entry.message.values for entry in ledger.entries if entry.message.key == "place_table.merged")
    assert len(found) == total["all"] == len(first) + len(second) - total["same"]
    assert found["osm_id"].tolist()[: len(first)] == first["osm_id"].tolist()
    assert found["osm_id"].is_unique
    assert most_pairs(first, second) / 2 <= total["same"] <= most_pairs(first, second)
    mixed = [table.sample(frac=1, random_state=chance.randrange(1000)) for table in (first, second)]
    again = merged_places(*mixed, ledger=Ledger(), names=NAMES)
    columns = ["category", "name"]
    assert sorted(map(tuple, again[columns].to_numpy())) == sorted(map(tuple, found[columns].to_numpy()))
    assert sorted(again.geometry.x) == sorted(found.geometry.x)


def test_gates_count_with_their_place_and_shops_stay() -> None:
    ledger = Ledger()
    rows = table(
        ("school", "示例小学(北门)", 0), ("school", "示例小学", 100), ("school", "示例小学南门", 200),
        ("school", "示例小学(东校区)", 210), ("school", "示例中学(北门)", 110), ("park", "人民公园-西门", 0),
        ("park", "人民公园(东门)", 400), ("park", "人民公园(北门)", 800), ("park", "人民公园(北门)", 9000),
        ("restaurant_or_cafe", "沙县小吃(北门)", 0), ("restaurant_or_cafe", "沙县小吃", 10), ("school", "北门", 100),
    )  # fmt: skip
    kept = gates_as_one(rows, ledger=ledger, name="places_amap.csv")
    assert kept["name"].tolist() == [
        "示例小学", "示例小学(东校区)", "示例中学(北门)", "人民公园(东门)", "人民公园(北门)", "沙县小吃(北门)",
        "沙县小吃", "北门",
    ]  # fmt: skip
    assert [entry.count for entry in ledger.entries] == [4]
    assert render(ledger.entries[0].message, "zh").startswith("places_amap.csv 中4个学校、幼儿园和公园的出入口")
    assert len(gates_as_one(rows.iloc[:0], ledger=ledger, name="")) == 0
    assert len(gates_as_one(rows.iloc[::-1], ledger=ledger, name="")) == len(kept)
