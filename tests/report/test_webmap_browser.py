"""The exported map in a real browser: it opens without a network, draws, and says the numbers of the table."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import shapely
from browser import browser, opened
from toy_map import HOSTILE, UTM, toy_district, toy_results

from spatial.model.results import ResultTable
from spatial.model.study_area import to_lonlat
from spatial.report.classes import classify
from spatial.report.maps import draw_map, save_map
from spatial.report.numbers import say_value
from spatial.text import Message

pytestmark = pytest.mark.browser
DISTRICT = toy_district()
RESULTS = toy_results(DISTRICT)


@pytest.fixture(scope="module")
def started() -> Iterator[Any]:
    with browser() as running:
        yield running


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("maps")
    for language in ("en", "zh"):
        save_map(DISTRICT, RESULTS, made / f"{language}.html", language=language)
    hostile = toy_district(name=HOSTILE, hostile=True)
    save_map(hostile, toy_results(hostile), made / "hostile.html", language="en")
    return made


def settled(page: Any) -> None:
    """Wait until every tile is drawn."""
    page.wait_for_selector("html[data-ready]")
    for _ in range(100):  # the page's policy forbids playwright's own way of waiting for a condition
        page.wait_for_timeout(50)
        if page.evaluate("!document.querySelector('.leaflet-tile:not(.leaflet-tile-loaded)')"):
            break
    else:
        pytest.fail("some tiles were not drawn within five seconds")
    page.wait_for_timeout(300)


def painted(page: Any, pane: str) -> list[int]:
    """How many pixels of a pane's tiles are painted, and a checksum of their colours."""
    return page.evaluate(
        """(pane) => {
          let inked = 0, sum = 0;
          const copy = document.createElement('canvas'), pen = copy.getContext('2d', { willReadFrequently: true });
          for (const tile of document.querySelectorAll(`.leaflet-${pane}-pane canvas`)) {
            [copy.width, copy.height] = [tile.width, tile.height];
            pen.drawImage(tile, 0, 0);
            const data = pen.getImageData(0, 0, tile.width, tile.height).data;
            for (let i = 0; i < data.length; i += 4) {
              if (data[i + 3] > 8) { inked++; sum = (sum * 31 + data[i] * 3 + data[i + 1] * 5 + data[i + 2]) % 1e9; }
            }
          }
          return [inked, sum];
        }""",
        pane,
    )


def click_zone(page: Any, zone: str) -> None:
    point = shapely.point_on_surface(DISTRICT.zones.table.loc[zone, "geometry"])
    place = to_lonlat(point, UTM)
    at = page.evaluate(
        "([lat, lon]) => { const p = map_study.latLngToContainerPoint([lat, lon]); return [p.x, p.y]; }",
        [place.y, place.x],
    )
    box = page.locator("#map_study").bounding_box()
    page.mouse.click(box["x"] + at[0], box["y"] + at[1])


@pytest.mark.parametrize("language", ["en", "zh"])
def test_it_opens_without_network_or_complaint_and_draws_every_layer(started: Any, folder: Path, language: str) -> None:
    with opened(started, folder / f"{language}.html") as (page, trouble):
        settled(page)
        for pane in ("land", "zones", "water", "boundary", "streets", "green", "names"):
            assert painted(page, pane)[0] > 100, pane
        assert page.locator("[data-layer]").count() == 7
        assert trouble == []


def test_the_legend_says_title_unit_classes_and_whole_area(started: Any, folder: Path) -> None:
    with opened(started, folder / "en.html") as (page, _):
        settled(page)
        assert page.inner_text("#legend-name") == "Population density"
        assert page.inner_text("#legend-unit") == "people per km²"
        rows = page.locator("#legend tbody tr").all_inner_texts()
        assert rows[0].startswith("2,000 and more")
        assert rows[-1].split()[0] == "0"
        counts = [int(row.split()[-1].replace(",", "")) for row in rows]
        assert sum(counts) == len(DISTRICT.zones)
        assert page.inner_text("#whole") == say_value(2345.678, "persons/km²", "en")
        page.select_option("#column", label="Food shop, 10 min")
        assert "Higher is better." in page.inner_text(".legend")
        assert "Doubtful in all zones." in page.inner_text("#summary")
        assert "not computable here" in page.locator("#legend tbody tr").last.inner_text()


def test_the_chinese_map_is_chinese(started: Any, folder: Path) -> None:
    with opened(started, folder / "zh.html") as (page, trouble):
        settled(page)
        assert page.evaluate("document.documentElement.lang") == "zh-Hans"
        assert page.inner_text("#legend-unit") == "人/公顷"
        titles = page.evaluate("[...document.querySelectorAll('.leaflet-control [title]')].map((e) => e.title)")
        assert titles == ["放大", "缩小", "显示全域"]
        click_zone(page, "3_3")
        value = RESULTS.value("population_density", subject="3_3")
        assert say_value(value, "persons/km²", "zh") in page.inner_text("#reading")
        assert trouble == []


def test_another_indicator_paints_other_pixels(started: Any, folder: Path) -> None:
    with opened(started, folder / "en.html") as (page, trouble):
        settled(page)
        before, streets = painted(page, "zones"), painted(page, "streets")
        page.select_option("#column", label="Food shop, 10 min")
        settled(page)
        after = painted(page, "zones")
        assert abs(after[0] - before[0]) < before[0] * 0.01  # the same zones …
        assert after[1] != before[1]  # … in other colours
        assert painted(page, "streets") == streets
        assert trouble == []


def test_a_layer_can_be_switched_off_and_on(started: Any, folder: Path) -> None:
    with opened(started, folder / "en.html") as (page, trouble):
        settled(page)
        before = painted(page, "zones")
        page.uncheck("[data-layer=zones]")
        assert painted(page, "zones") == [0, 0]
        page.check("[data-layer=zones]")
        settled(page)
        assert painted(page, "zones") == before
        page.evaluate("map_study.setZoom(15, { animate: false })")
        settled(page)
        assert painted(page, "stops")[0] > 100
        assert trouble == []


@pytest.mark.parametrize("zone", ["0_0", "3_3", "7_10", "11_11"])
def test_a_click_reads_the_value_of_the_table(started: Any, folder: Path, zone: str) -> None:
    with opened(started, folder / "en.html") as (page, trouble):
        settled(page)
        click_zone(page, zone)
        said = page.inner_text("#reading")
        value = RESULTS.value("population_density", subject=zone)
        assert say_value(value, "persons/km²", "en") in said
        assert ("Old harbour" if zone == "0_0" else f"Square {zone.replace('_', '/')}") in said
        page.select_option("#column", label="Food shop, 5 min")
        said = page.inner_text("#reading")
        share = RESULTS.value("residents_near_daily_needs", subject=zone, item="food_shop", at="5 min")
        assert say_value(share, "%", "en") in said
        row = RESULTS.table.query("subject == @zone and at == '5 min'").iloc[0]
        assert ("Say which one it is in" in said) == (row["data_status"] == "doubtful")
        assert trouble == []


def test_every_zone_is_coloured_and_said_as_the_table_has_it(started: Any, folder: Path) -> None:
    with opened(started, folder / "en.html") as (page, _):
        settled(page)
        wanted = RESULTS.table.query("subject_kind == 'zone' and at == '10 min'").set_index("subject")["value"]
        said = page.evaluate(
            """() => {
              const data = JSON.parse(document.getElementById('study-data').textContent);
              const column = data.columns[2], values = numbersOf(column.values);
              const words = Array.from(values, (v) => Number.isNaN(v) ? data.text.class_none
                : formatNumber(v, column.places, column.percent) + column.suffix);
              return Object.fromEntries(data.zones.ids.map((id, i) => [id, words[i]]));
            }"""
        )
        assert said == {zone: say_value(value, "%", "en") for zone, value in wanted.items()}


def plain(text: str) -> str:
    """Without zeros at the end of decimals: the page no longer knows whether a whole number was rounded to it."""
    return re.sub(r"\.0+(?!\d)", "", text)


def test_numbers_in_the_page_are_those_of_the_reports(started: Any, tmp_path: Path) -> None:
    sizes = [0.0, 0.004, 0.03, 0.5, 1.005, 7.0, 9.87, 12.34, 99.4, 99.97, 100.0, 123.4, 4567.8, 1234567.0]
    for unit in ("%", "ha", "km/km²", "persons/km²"):
        shown = [v for v in sizes if unit != "%" or v <= 100]
        rows = (
            RESULTS.table.query("at == '' and subject_kind == 'zone'").iloc[: len(shown)].assign(value=shown, unit=unit)
        )
        for language in ("en", "zh"):
            file = tmp_path / "numbers.html"
            save_map(DISTRICT, ResultTable(rows), file, language=language)
            with opened(started, file) as (page, _):
                page.wait_for_selector("html[data-ready]")
                said = page.evaluate(
                    """() => {
                      const c = JSON.parse(document.getElementById('study-data').textContent).columns[0];
                      return Array.from(numbersOf(c.values), (v) => formatNumber(v, c.places, c.percent) + c.suffix);
                    }"""
                )
            at = DISTRICT.zones.ids.get_indexer(rows["subject"])
            wanted = [say_value(v, unit, language) for v in shown]
            assert [plain(said[i]) for i in at] == [plain(text) for text in wanted], (unit, language)


def test_the_keyboard_reads_the_zone_at_the_centre(started: Any, folder: Path) -> None:
    with opened(started, folder / "en.html") as (page, trouble):
        settled(page)
        page.focus("#map_study")
        page.keyboard.press("ArrowLeft")
        page.wait_for_timeout(600)
        assert page.locator("#crosshair").is_visible()
        page.keyboard.press("Enter")
        live = page.locator("#reading")
        assert live.get_attribute("aria-live") == "polite"
        assert "people per km²" in live.inner_text()
        assert trouble == []


@pytest.mark.parametrize("name", ["en", "zh", "hostile"])
def test_a_small_phone_needs_no_sideways_scroll(started: Any, folder: Path, name: str) -> None:
    with opened(started, folder / f"{name}.html", width=320, height=640) as (page, trouble):
        settled(page)
        assert page.evaluate("document.documentElement.scrollWidth") <= 320
        assert page.locator("#map_study").bounding_box()["height"] > 250
        assert trouble == []


def test_hostile_names_do_nothing(started: Any, folder: Path) -> None:
    with opened(started, folder / "hostile.html") as (page, trouble):
        settled(page)
        click_zone(page, "0_0")
        assert "<img src=http://evil.example" in page.inner_text("#reading")
        page.hover("#map_study")
        assert page.evaluate("window.hacked") is None
        assert page.locator("img[src*=evil]").count() == 0
        assert trouble == []


def test_the_browser_itself_refuses_the_network(started: Any, folder: Path) -> None:
    with opened(started, folder / "en.html") as (page, trouble):
        settled(page)
        page.evaluate("document.body.append(Object.assign(new Image(), { src: 'http://example.com/x.png' }))")
        page.wait_for_timeout(200)
        assert any("Content Security Policy" in line for line in trouble)


def test_controls_are_named_and_large_enough(started: Any, folder: Path) -> None:
    with opened(started, folder / "en.html") as (page, _):
        settled(page)
        sizes = page.evaluate(
            """[...document.querySelectorAll('button, select, input, .leaflet-bar a')].map((e) => {
              const box = e.getBoundingClientRect();
              const name = e.ariaLabel || e.title || e.labels?.[0]?.textContent.trim();
              return [name, box.width, box.height];
            })"""
        )
        assert len(sizes) == 11
        assert all(name and width >= 24 and height >= 24 for name, width, height in sizes)
        assert not re.search("user-scalable|maximum-scale", page.content())


def test_a_notebook_view_draws_inside_its_frame(started: Any, tmp_path: Path) -> None:
    file = tmp_path / "notebook.html"
    shown = draw_map(DISTRICT, RESULTS, language="en")._repr_html_()
    file.write_text(f"<!DOCTYPE html><meta charset='utf-8'><title>n</title><body>{shown}", encoding="utf-8")
    with opened(started, file) as (page, trouble):
        frame = page.frame_locator("iframe")
        frame.locator("html[data-ready]").wait_for(state="attached")
        assert frame.locator("#legend-name").inner_text() == "Population density"
        assert [line for line in trouble if line != "about:srcdoc"] == []


def test_zones_without_any_value_are_hatched(started: Any, tmp_path: Path) -> None:
    table = RESULTS.table[RESULTS.table["at"] == ""].assign(value=np.nan)
    save_map(DISTRICT, ResultTable(table), tmp_path / "none.html", language="en")
    with opened(started, tmp_path / "none.html") as (page, trouble):
        settled(page)
        assert painted(page, "zones")[0] > 1000
        assert page.locator("#legend tbody tr").count() == 1
        click_zone(page, "3_3")
        assert "not computable here" in page.inner_text("#reading")
        assert trouble == []


def test_zones_where_nobody_lives_say_so(started: Any, tmp_path: Path) -> None:
    nobody = Message("residents.nobody_here").encode()
    table = RESULTS.table[RESULTS.table["at"] == ""].copy()
    chosen = (table["subject"] == "3_3") | (table["subject"] == "5_5")
    table.loc[chosen, ["value", "data_status", "reason"]] = [np.nan, "absent", nobody]
    table.loc[table["subject"] == "4_4", ["value", "data_status"]] = [np.nan, "absent"]
    save_map(DISTRICT, ResultTable(table), tmp_path / "nobody.html", language="en")
    with opened(started, tmp_path / "nobody.html") as (page, trouble):
        settled(page)
        rows = [row.split("\n") for row in page.locator("#legend tbody tr").all_inner_texts()]
        assert rows[-2:] == [["nobody lives here", "2"], ["not computable here", "1"]]
        click_zone(page, "3_3")
        assert page.inner_text("#reading").split("\n\n")[:2] == ["Square 3/3", "nobody lives here"]
        assert page.locator("#reading .swatch.nobody").count() == 1
        click_zone(page, "4_4")
        assert page.locator("#reading .swatch.none").count() == 1
        assert trouble == []


def test_the_ring_around_a_zone_goes_with_the_zones(started: Any, folder: Path) -> None:
    with opened(started, folder / "en.html") as (page, trouble):
        settled(page)
        click_zone(page, "3_3")
        rings = page.locator(".leaflet-overlay-pane path")
        assert rings.count() == 2
        page.uncheck("[data-layer=zones]")
        assert rings.count() == 0
        page.check("[data-layer=zones]")
        assert rings.count() == 2
        assert trouble == []


def test_a_small_area_fills_the_map_at_the_start(started: Any, folder: Path) -> None:
    with opened(started, folder / "en.html") as (page, _):
        settled(page)
        zoom, fitting = page.evaluate(
            """() => {
              const [west, south, east, north] = JSON.parse(document.getElementById('study-data').textContent).home;
              const home = L.latLngBounds([south, west], [north, east]);
              return [map_study.getZoom(), map_study.getBoundsZoom(home, false, L.point(16, 16))];
            }"""
        )
        assert zoom == fitting


def test_the_attribution_covers_no_map_on_a_phone(started: Any, folder: Path) -> None:
    with opened(started, folder / "en.html", width=320, height=640) as (page, _):
        settled(page)
        frame, credit = (page.locator(part).bounding_box() for part in (".mapframe", ".attribution"))
        assert credit["y"] >= frame["y"] + frame["height"]


@pytest.mark.parametrize("unit", ["%", "persons/km²"])
def test_the_page_puts_values_into_the_classes_of_the_legend(started: Any, tmp_path: Path, unit: str) -> None:
    """Values on a limit included: they belong to the class above it."""
    zones = RESULTS.table.query("at == '' and subject_kind == 'zone'")
    values = np.resize([0.0, 0.0, 19.9, 20.0, 40.0, 60.1, 80.0, 100.0, np.nan], len(zones))
    save_map(DISTRICT, ResultTable(zones.assign(value=values, unit=unit)), tmp_path / "map.html", language="en")
    with opened(started, tmp_path / "map.html") as (page, _):
        page.wait_for_selector("html[data-ready]")
        said = page.evaluate(
            "Array.from(columnState(JSON.parse(document.getElementById('study-data').textContent).columns[0]).classOf)"
        )
    assert said == classify(values, unit=unit).index_of(values).tolist()
