"""Every shipped table is whole, and codes that are not listed find the class that they belong to."""

import re
from collections import Counter

import pandas as pd
import pytest

from spatial.errors import InputError
from spatial.model.places import DAILY_NEEDS
from spatial.operations.overlay import mix_classes, osm_crosswalk
from spatial.schemes import Scheme, scheme, scheme_ids, urban_classes
from spatial.schemes.class_scheme import plain_name
from spatial.text import LANGUAGES, has, render

LEFT_OUT = {"ground_cover", "no_use"}  # OSM tags that say nothing of use
COVERS = {"farmland", "forest", "water", "wetland", "bare", "green_and_open_space", "built_up"}
HAN = re.compile(r"[\u4e00-\u9fff]")


@pytest.mark.parametrize("id", scheme_ids())
def test_every_table_is_whole(id: str) -> None:
    found = scheme(id)
    assert found.rows
    assert {row.use for row in found.rows} <= {*urban_classes(), *(LEFT_OUT if id == "osm" else ())}
    assert {row.category for row in found.rows} <= {"", *DAILY_NEEDS}
    assert [code for code, n in Counter(row.code.casefold() for row in found.rows).items() if n > 1] == []
    assert [row.code for row in found.rows if not found.matches(row.code)] == []
    assert all(row.name_zh and row.name_en and row.status for row in found.rows)
    assert found.source
    assert found.year
    assert found.status in {"verified", "secondary", "convention"}
    assert all(render(found.title, language) for language in LANGUAGES)
    if id != "osm":
        assert all(HAN.search(row.name_zh) and not HAN.search(row.name_en) for row in found.rows)


@pytest.mark.parametrize("id", scheme_ids())
def test_every_class_below_another_has_that_other(id: str) -> None:
    """A middle class has its main class in the table, so that no unlisted code falls through a gap."""
    found = scheme(id)
    if found.hierarchy != "by_key":
        assert [row.code for row in found.rows if found.exact(found.lineage(row.code)[-1]) is None] == []


def test_use_and_cover_are_told_apart() -> None:
    assert scheme_ids("cover") == ("worldcover", "clcd", "globeland30")
    assert scheme_ids("mixed") == ("corine",)
    assert set(scheme_ids()) == {*scheme_ids("use"), *scheme_ids("cover"), *scheme_ids("mixed")}
    for id in scheme_ids("cover"):
        assert {row.use for row in scheme(id).rows} <= COVERS
        assert all(row.built_up == (row.use == "built_up") for row in scheme(id).rows)
    for id in scheme_ids("use"):
        assert "built_up" not in {row.use for row in scheme(id).rows}


def test_built_up_codes_are_those_of_the_products() -> None:
    assert scheme("clcd").built_up_codes == ("8",)
    assert scheme("worldcover").built_up_codes == ("50",)
    assert scheme("globeland30").built_up_codes == ("80",)
    assert scheme("corine").built_up_codes == ("111", "112", "121", "122", "123", "124", "131", "132", "133")
    assert "built_up" not in mix_classes()
    assert all(has(f"land_use_class.{name}", language) for name in urban_classes() for language in LANGUAGES)


@pytest.mark.parametrize(
    ("id", "code", "found", "use"),
    [
        ("gb50137_2011", "R22", "R22", "public_institutions"),
        ("gb50137_2011", "r24", "R2", "housing"),
        ("gb50137_2011", "A331", "A33", "education"),
        ("gb50137_2011", "Ｒ５", "R", "housing"),
        ("land_sea_2023", "070102", "070102", "housing"),
        ("land_sea_2023", "070109", "0701", "housing"),
        ("land_sea_2023", "0799", "07", "housing"),
        ("land_sea_2023", 1401.0, "1401", "green_and_open_space"),
        ("amap", "141203", "141203", "education"),
        ("amap", "141200", "1412", "education"),
        ("amap", "140000", "14", "education"),
        ("baidu", "教育培训;幼儿园", "教育培训;幼儿园", "education"),
        ("baidu", "美食；中餐厅", "美食;中餐厅", "retail_and_services"),
        ("baidu", "教育培训;其他", "教育培训", "education"),
        ("osm", "landuse=residential", "landuse=residential", "housing"),
        ("osm", "shop=florist", "shop=*", "retail_and_services"),
        ("clcd", 8, "8", "built_up"),
        ("corine", "112", "112", "built_up"),
    ],
)
def test_a_code_finds_its_class_or_the_nearest_above(id: str, code: object, found: str, use: str) -> None:
    row = scheme(id).find(code)
    assert row is not None
    assert (row.code, row.use) == (found, use)


@pytest.mark.parametrize(
    ("id", "code"),
    [
        ("clcd", "10"), ("corine", "11"), ("worldcover", "55"), ("gb50137_2011", "X1"), ("gb50137_2011", "R2x"),
        ("gb50137_2011", ""), ("land_sea_2023", "05H1"), ("land_sea_2023", "25"), ("land_sea_2023", "701"),
        ("land_sea_2023", "07010901"), ("amap", "300000"), ("baidu", "飞船"), ("osm", "landuse=zeppelin"),
        ("gb50137_2011", None), ("clcd", float("nan")),
    ],
)  # fmt: skip
def test_a_code_of_no_class_finds_none(id: str, code: object) -> None:
    assert scheme(id).find(code) is None


@pytest.mark.parametrize(
    ("code", "category"),
    [
        ("060200", "food_shop"), ("060201", "food_shop"), ("060400", "food_shop"), ("060701", ""),
        ("060705", "food_shop"), ("060100", ""), ("141202", "school"), ("141203", "school"), ("141201", ""),
        ("141204", "kindergarten"), ("141200", ""), ("090601", "pharmacy_or_clinic"), ("090602", ""),
        ("090300", "pharmacy_or_clinic"), ("090102", "pharmacy_or_clinic"), ("090100", ""), ("090101", ""),
        ("110101", "park"), ("110105", ""), ("110102", ""), ("050118", "restaurant_or_cafe"),
        ("050500", "restaurant_or_cafe"), ("080304", ""), ("170200", ""), ("120302", ""), ("991000", ""),
    ],
)  # fmt: skip
def test_amap_types_mean_the_places_that_osm_tags_mean(code: str, category: str) -> None:
    row = scheme("amap").find(code)
    assert row is not None
    assert row.category == category


def test_every_daily_need_is_found_in_both_vendors_types() -> None:
    for id in ("amap", "baidu"):
        assert {row.category for row in scheme(id).rows} == {"", *DAILY_NEEDS}


def test_the_two_chinese_plan_schemes_agree_where_their_names_do() -> None:
    old, new = scheme("gb50137_2011"), scheme("land_sea_2023")
    shared = {plain_name(row.name_zh) for row in old.rows} & {plain_name(row.name_zh) for row in new.rows}
    assert len(shared) > 40
    rows = [(old.by_name(name), new.by_name(name)) for name in shared]
    differing = {a.name_zh: (a.use, b.use) for a, b in rows if a is not None and b is not None and a.use != b.use}
    assert differing == {}


def test_names_are_found_without_their_last_characters() -> None:
    new = scheme("land_sea_2023")
    for name in ("商业服务业用地", "商业服务业", " 商业 服务业 用地", "商业服务业用地\u3000"):
        row = new.by_name(name)
        assert row is not None
        assert row.code == "09"
    assert new.by_name("翠湖花园小区") is None
    assert new.by_name("") is None
    assert new.by_name("用地") is None
    service = scheme("gb50137_2011").by_name("服务设施用地")  # R12, R22 and R32 alike
    assert service is not None
    assert service.use == "public_institutions"


def test_a_code_leads_to_its_main_class() -> None:
    assert scheme("gb50137_2011").lineage("R22") == ("R22", "R2", "R")
    assert scheme("land_sea_2023").lineage("070102") == ("070102", "0701", "07")
    assert scheme("baidu").lineage("购物;超市") == ("购物;超市", "购物")
    assert scheme("clcd").lineage("8") == ("8",)


def test_overlay_reads_the_same_osm_table() -> None:
    assert {code: use for code, (use, _) in osm_crosswalk().items()} == {r.code: r.use for r in scheme("osm").rows}


def test_an_unknown_scheme_lists_the_known_ones() -> None:
    with pytest.raises(InputError, match=r"no class scheme gb\. Known: osm, gb50137_2011, land_sea_2023"):
        scheme("gb")


def table(**columns: list[object]) -> pd.DataFrame:
    return pd.DataFrame(columns)


def test_a_table_of_ones_own_becomes_a_scheme() -> None:
    own = Scheme.from_rows(
        table(code=["Rb", 12, "Cx"], name=["商住混合", "工业", "覆盖"], **{"class": ["housing", "work", "built_up"]}),
        id="own",
        name="own.csv",
    )
    assert [(r.code, r.use, r.category, r.built_up) for r in own.rows] == [
        ("Rb", "housing", "", False), ("12", "work", "", False), ("Cx", "built_up", "", True),
    ]  # fmt: skip
    assert own.find("rb") is own.rows[0]
    assert own.find(12.0) is own.rows[1]
    assert own.find("Rb1") is None
    assert render(own.title, "zh") == "自定义分类表 own.csv"


def test_a_table_of_places_needs_no_classes() -> None:
    rows = table(code=["S", "S1"], name=["店", "菜场"], category=["", "food_shop"])
    own = Scheme.from_rows(rows, id="own", name="own.csv", hierarchy="by_character", categories=DAILY_NEEDS)
    assert [(r.use, r.category) for r in own.rows] == [("unclassified", ""), ("unclassified", "food_shop")]
    assert own.find("S12") is own.rows[1]


def test_all_faults_of_a_table_are_listed_at_once() -> None:
    rows = table(
        code=["A", "a", "", "C"], name=["a", "b", "c", "d"], category=["food_shop", "zoo", "", ""],
        **{"class": ["housing", "homes", "work", ""]},
    )  # fmt: skip
    with pytest.raises(InputError) as caught:
        Scheme.from_rows(rows, id="own", name="own.csv", categories=DAILY_NEEDS)
    assert {m.key for m in caught.value.messages} == {
        "scheme.code_empty", "scheme.code_twice", "scheme.unknown_class", "scheme.unknown_category",
    }  # fmt: skip
    said = caught.value.in_language("en")
    assert "a = homes, C = –" in said
    assert "Known: housing, work, retail_and_services" in said
    assert "a = zoo" in said
    assert "own.csv" in caught.value.in_language("zh")


def test_missing_columns_are_named_with_those_found() -> None:
    with pytest.raises(InputError, match=r"own\.csv has no column name, class\..*It has: code, klasse"):
        Scheme.from_rows(table(code=["A"], klasse=["work"]), id="own", name="own.csv")
    with pytest.raises(InputError, match=r"own\.csv holds no classes"):
        Scheme.from_rows(table(code=[], name=[], category=[]), id="own", name="own.csv")
