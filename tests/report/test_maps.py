"""Maps of results as files and in notebooks: complete, the same every time, or refused with a reason."""

import json
import re
from dataclasses import replace
from html import unescape
from pathlib import Path
from typing import Any

import folium
import numpy as np
import pandas as pd
import pytest
import shapely
from toy_city import toy_people
from toy_map import HOSTILE, X0, Y0, toy_district, toy_results

from spatial.errors import InputError
from spatial.model.provenance import LedgerEntry, Source
from spatial.model.results import ResultTable
from spatial.report.figures import legend_lines, zone_map
from spatial.report.maps import draw_map, save_map
from spatial.report.numbers import say_value
from spatial.report.sections import pictures, zones_covered
from spatial.report.webmap import assets
from spatial.report.webmap.content import source_lines
from spatial.report.webmap.single_file import Requests
from spatial.text import Message

DISTRICT = toy_district()
RESULTS = toy_results(DISTRICT)


def data_of(page: str) -> dict[str, Any]:
    found = re.search(r'<script type="application/json" id="study-data">(.*?)</script>', page, re.DOTALL)
    assert found
    return json.loads(found[1])


def saved(tmp_path: Path, district=DISTRICT, results=RESULTS, language: str = "en") -> str:
    file = tmp_path / "map.html"
    save_map(district, results, file, language=language)
    return file.read_text(encoding="utf-8")


def seen_text(page: str) -> str:
    """What a reader of the page may see, as far as it stands in the markup and in the page's data."""
    data = data_of(page)
    body = page[page.index("<body>") :]
    body = re.sub(r"<(script|style|svg)\b.*?</\1>", " ", body, flags=re.DOTALL)
    spoken = [data["text"], data["indicators"], [c["summary"] + [c["title"], c["unit"]] for c in data["columns"]]]
    return unescape(re.sub(r"<[^>]+>", " ", body)) + json.dumps(spoken, ensure_ascii=False)


def test_the_same_input_gives_the_same_bytes(tmp_path: Path) -> None:
    first, second = tmp_path / "a" / "map.html", tmp_path / "b.html"
    save_map(DISTRICT, RESULTS, first, language="en")
    save_map(toy_district(), toy_results(toy_district()), second, language="en")
    assert first.read_bytes() == second.read_bytes()
    assert b"\r" not in first.read_bytes()
    assert sorted(p.name for p in tmp_path.iterdir()) == ["a", "b.html"]


@pytest.mark.parametrize(("language", "code"), [("en", "en"), ("zh", "zh-Hans")])
def test_the_page_is_whole_and_in_one_language(tmp_path: Path, language: str, code: str) -> None:
    page = saved(tmp_path, language=language)
    assert page.startswith("<!DOCTYPE html>")
    assert f'<html lang="{code}">' in page
    assert page.count("<h1>") == page.count("<main") == page.count("<title>") == 1
    assert page.count("default-src 'none'") == 1
    requests = Requests()
    requests.feed(page)
    assert requests.found == []
    text = seen_text(page)
    assert ("Legend" in text) == (language == "en")
    assert ("图例" in text) == (language == "zh")
    assert not re.search(r"\b(map|indicator|category|unit|report)\.[a-z_]+", text)


def test_no_english_is_left_on_a_chinese_page(tmp_path: Path) -> None:
    text = seen_text(saved(tmp_path, language="zh"))
    names = (
        r"OpenStreetMap|contributors|Open Database License|Open data|Strætó bs|Leaflet|Folium|BSD-2-Clause|ODbL|CC BY"
        r"|Toy city|streets\.osm\.pbf|timetable\.zip|https?://\S+|transport_co2|population_density"
        r"|residents_near_daily_needs|JavaScript|epsg"
    )
    keys = r'"[a-z_]+":|\{[a-z_]+\}'
    left = re.findall(r"[A-Za-z]{4,}", re.sub(f"{names}|{keys}", " ", text))
    assert not left


def test_hostile_names_stay_text(tmp_path: Path) -> None:
    district = toy_district(name=HOSTILE, hostile=True)
    page = saved(tmp_path, district, toy_results(district))
    assert "<img" not in page
    assert HOSTILE not in page
    assert data_of(page)["zones"]["names"][0] == HOSTILE
    assert page.count("</script>") == saved(tmp_path).count("</script>")


def test_columns_hold_the_table(tmp_path: Path) -> None:
    data = data_of(saved(tmp_path))
    titles = [column["title"] for column in data["columns"]]
    assert titles == [
        "Population density",
        "Residents near daily needs: Food shop, 5 min",
        "Residents near daily needs: Food shop, 10 min",
    ]
    density, five, ten = data["columns"]
    assert density["classes"][0]["label"] == "0"
    assert sum(c["zones"] for c in density["classes"]) + density["none"] == len(DISTRICT.zones)
    nan = int(RESULTS.table.query("subject_kind == 'zone' and at == '10 min'")["value"].isna().sum())
    assert ten["none"] == five["none"] == nan > 0
    assert ten["all_doubtful"]
    assert not five["all_doubtful"]
    assert 0 < five["doubtful"] < len(DISTRICT.zones) - nan
    assert density["whole"] == say_value(2345.678, "persons/km²", "en")
    assert five["whole"] == "not computable here"
    assert ten["summary"][0] == "Doubtful in all zones."
    assert density["summary"] == ["Yes: no doubts about the data are recorded."]


def test_chinese_maps_use_chinese_units(tmp_path: Path) -> None:
    density = data_of(saved(tmp_path, language="zh"))["columns"][0]
    english = data_of(saved(tmp_path))["columns"][0]
    assert density["unit"] == "人/公顷"
    assert [c["zones"] for c in density["classes"]] == [c["zones"] for c in english["classes"]]
    limits = [float(c["label"].replace("及以上", "")) for c in (density["classes"][0], density["classes"][-1])]
    assert limits == [0.0, float(english["classes"][-1]["label"].split()[0].replace(",", "")) / 100]
    assert density["whole"] == "23.5人/公顷"


def test_what_is_missing_and_where_the_data_come_from_is_said(tmp_path: Path) -> None:
    text = seen_text(saved(tmp_path))
    assert "transport_co2: A number of residents or jobs is below zero." in text
    assert "streets.osm.pbf, 2019-05-09. © OpenStreetMap contributors. ODbL-1.0." in text
    assert "Open Database License" in text
    assert "132 zones. Data of 2019-05-09 to 2019-05-15." in text


def test_a_source_without_licence_leaves_no_stray_dots() -> None:
    bare = Source("people", "homes.gpkg", "homes.gpkg", "", "", "", "0" * 64)
    assert source_lines((bare,), "en") == ["homes.gpkg, unknown date. Licence not stated."]
    assert source_lines((bare,), "zh") == ["homes.gpkg，时间不详。许可：未注明。"]


@pytest.mark.parametrize("homes", [[(X0 + 900.0, Y0 + 1300.0)] * 3, [(X0 + 900.0, Y0 + 1300.0)], []])
def test_all_residents_at_one_point_and_none_at_all(tmp_path: Path, homes: list[tuple[float, float]]) -> None:
    people = toy_people([(*home, 5.0) for home in homes], corner=(0, 0))
    data = data_of(saved(tmp_path, replace(DISTRICT, people=people)))
    west, south, east, north = data["home"]
    assert data["bounds"][0] <= west < east <= data["bounds"][2]
    assert data["bounds"][1] <= south < north <= data["bounds"][3]
    assert (data["home"] == data["bounds"]) == (not homes)


def test_zones_where_nobody_lives_are_told_from_those_that_cannot_be_computed(tmp_path: Path) -> None:
    table = RESULTS.table.query("at == '10 min'").copy()
    empty = table.index[table["value"].isna()]
    nobody = Message("residents.nobody_here")
    both = Message("status.both", {"first": Message("crs.missing"), "second": nobody})
    table.loc[empty[:7], ["data_status", "reason"]] = ["absent", nobody.encode()]
    table.loc[empty[:2], "reason"] = both.encode()
    data = data_of(saved(tmp_path, results=ResultTable(table)))
    (column,) = data["columns"]
    assert column["nobody"] == 7
    assert column["none"] == len(empty) - 7 > 0
    assert [note["nobody"] for note in data["notes"]].count(True) == 2
    assert data["text"]["class_nobody"] == "nobody lives here"
    family = {"item": "food_shop", "at": "10 min"}
    drawn = zone_map(DISTRICT, ResultTable(table), "residents_near_daily_needs", **family, language="en")
    assert drawn is not None
    lines = {label: count for label, _, count in legend_lines(drawn, "en")}
    assert (lines["nobody lives here"], lines["not computable here"]) == (7, len(empty) - 7)
    (covered,) = zones_covered(ResultTable(table), "en")
    assert covered[1:] == (len(DISTRICT.zones) - len(empty), 7, len(empty) - 7)


@pytest.mark.parametrize(
    ("keys", "note"),
    [
        ((), True),
        (("assemble.land_unknown",), True),
        (("assemble.land", "osm.coast_left_land"), True),
        (("assemble.land", "osm.coast_open"), True),
        (("assemble.land", "osm.no_coast"), False),
    ],
)
def test_water_that_is_not_known_is_said(tmp_path: Path, keys: tuple[str, ...], note: bool) -> None:
    said = "Sea and lakes are not shown"
    assert said not in seen_text(saved(tmp_path))
    ledger = tuple(LedgerEntry("water", "warned", Message(key)) for key in keys)
    dry = replace(DISTRICT, area=replace(DISTRICT.area, water=shapely.Polygon()), ledger=ledger)
    assert (said in seen_text(saved(tmp_path, dry))) == note
    (picture, *_) = pictures(dry, RESULTS, "en")
    assert (said in picture.note) == note
    assert "water" not in [label for label, *_ in picture.legend]


def test_the_map_opens_with_what_tells_the_story(tmp_path: Path) -> None:
    assert data_of(saved(tmp_path))["opening"] == 0
    table = RESULTS.table.copy()
    table.loc[table["at"] == "10 min", ["item", "at"]] = ["all_daily_needs", "15 min"]
    data = data_of(saved(tmp_path, results=ResultTable(table)))
    assert [column["variant"] for column in data["columns"]][data["opening"]] == "All daily needs, 15 min"
    assert data["opening"] == 2
    table.loc[table["at"] == "15 min", "value"] = np.nan
    assert data_of(saved(tmp_path, results=ResultTable(table)))["opening"] == 0


def test_layers_that_the_district_lacks_are_not_offered(tmp_path: Path) -> None:
    bare = replace(DISTRICT, streets=None, places=None, transit=None, sources=())
    page = saved(tmp_path, bare)
    offered = re.findall(r'data-layer="(\w+)"', page)
    assert offered == ["zones", "names", "water", "boundary"]
    assert "unknown date" in page
    everything = re.findall(r'data-layer="(\w+)"', saved(tmp_path))
    assert everything == ["zones", "names", "stops", "streets", "green", "water", "boundary"]


def test_scenarios_are_told_apart(tmp_path: Path) -> None:
    plan = RESULTS.table[RESULTS.table["indicator"] == "population_density"].assign(scenario="plan")
    page = saved(tmp_path, results=RESULTS.join(ResultTable(plan)))
    titles = [column["title"] for column in data_of(page)["columns"]]
    assert titles[0] == "Population density: baseline"
    assert titles[-1] == "Population density: plan"


def test_all_zones_without_a_value_is_said_not_drawn_as_zero(tmp_path: Path) -> None:
    table = RESULTS.table[RESULTS.table["at"] == ""].copy()
    table["value"] = np.nan
    column = data_of(saved(tmp_path, results=ResultTable(table)))["columns"][0]
    assert column["classes"] == []
    assert column["none"] == len(DISTRICT.zones)
    assert column["summary"][0] == "No value in 132 of 132 zones."


def test_results_without_zones_are_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no result speaks of a zone"):
        saved(tmp_path, results=ResultTable(RESULTS.whole()))
    assert list(tmp_path.iterdir()) == []


def test_results_of_another_district_are_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="zones that the district does not have"):
        saved(tmp_path, results=toy_results(toy_district(14)))
    assert list(tmp_path.iterdir()) == []


def test_a_missing_asset_leaves_the_old_file_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "map.html"
    file.write_text("before", encoding="utf-8")

    original = assets._bytes
    monkeypatch.setattr(assets, "_bytes", lambda path: b"" if path.endswith("leaflet.css") else original(path))
    assets.asset.cache_clear()
    with pytest.raises(InputError, match=r"leaflet\.css"):
        save_map(DISTRICT, RESULTS, file, language="en")
    assets.asset.cache_clear()
    assert file.read_text(encoding="utf-8") == "before"
    assert [p.name for p in tmp_path.iterdir()] == ["map.html"]


def test_a_notebook_shows_the_self_contained_page() -> None:
    drawn = draw_map(DISTRICT, RESULTS, language="en")
    assert isinstance(drawn, folium.Map)
    shown = drawn._repr_html_()
    assert shown.startswith("<iframe")
    assert "cdn.jsdelivr.net" not in shown
    assert "Content-Security-Policy" in shown


def test_a_map_with_layers_of_folium_is_shown_by_folium() -> None:
    drawn = draw_map(DISTRICT, RESULTS, language="en")
    folium.CircleMarker([64.1, -21.9]).add_to(drawn)
    assert "cdn.jsdelivr.net" in drawn._repr_html_()


def test_a_city_of_six_thousand_zones_stays_small(tmp_path: Path) -> None:
    city = toy_district(80)
    rng = np.random.default_rng(3)
    one = toy_results(city).table.query("at == '5 min'")
    many = [
        one.assign(item=item, at=f"{at} min", value=rng.uniform(0, 100, len(one)))
        for item in ("food_shop", "school", "kindergarten", "park")
        for at in range(1, 11)
    ]
    page = saved(tmp_path, city, ResultTable(pd.concat(many)))
    assert len(data_of(page)["columns"]) == 40
    assert len(page.encode()) < 2_000_000
