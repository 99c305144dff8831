"""Files for other programs: Parquet, GeoPackage with a QGIS style, and tables for spreadsheets."""

from __future__ import annotations

import csv
import json
import sqlite3
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from xml.etree import ElementTree as ET

import geopandas as gpd
import numpy as np
import pandas as pd
import pyarrow.parquet as pq
import pytest

from spatial.indicators import compute
from spatial.model.district import District
from spatial.model.provenance import LedgerEntry
from spatial.model.results import BASELINE, COLUMNS, ResultTable
from spatial.report import sections, tables
from spatial.report.page import render_page, report_values
from spatial.report.sentences import plain_sentences
from spatial.report.tables import (
    wide_columns,
    write_dictionary_csv,
    write_ledger_csv,
    write_results_parquet,
    write_zones_gpkg,
)
from spatial.report.webmap.content import page_data
from spatial.text import LANGUAGES, Message

NEEDS_10 = "residents_near_daily_needs__food_shop__10_min"


def read_csv(path: Path) -> list[list[str]]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.reader(file))


def row(indicator: str, subject: str, value: float, unit: str, **more: object) -> dict[str, object]:
    """One result row of a zone."""
    blank: dict[str, object] = dict.fromkeys(COLUMNS, "")
    fixed = {"study": "t", "scenario": BASELINE, "subject_kind": "zone", "subject": subject, "indicator": indicator}
    numbers = {"value": value, "unit": unit, "n": np.nan, "n_missing": np.nan, "data_status": "ok"}
    return blank | fixed | numbers | more


def test_parquet_is_tidy_sorted_and_carries_its_licence(
    district: District, results: ResultTable, tmp_path: Path
) -> None:
    path = tmp_path / "results.parquet"
    write_results_parquet(results, path, sources=district.sources)
    read = pd.read_parquet(path)
    assert tuple(read.columns) == COLUMNS
    assert len(read) == len(results)
    key = list(COLUMNS[:9])
    assert read[key].equals(read[key].sort_values(key, kind="stable"))
    wanted = results.value("residents_near_daily_needs", item="food_shop", at="10 min")
    hit = read[(read["subject"] == "all") & (read["item"] == "food_shop") & (read["at"] == "10 min")]
    assert hit["value"].tolist() == [wanted]
    assert b"ODbL" in pq.read_schema(path).metadata[b"licence"]


def test_the_same_results_in_any_order_give_the_same_bytes(results: ResultTable, tmp_path: Path) -> None:
    shuffled = replace(results, table=results.table.sample(frac=1, random_state=1))
    write_results_parquet(results, tmp_path / "a.parquet")
    write_results_parquet(shuffled, tmp_path / "b.parquet")
    assert (tmp_path / "a.parquet").read_bytes() == (tmp_path / "b.parquet").read_bytes()


@pytest.mark.parametrize("language", LANGUAGES)
def test_zones_are_one_row_each_with_safe_columns(
    district: District, results: ResultTable, tmp_path: Path, language: str
) -> None:
    path = tmp_path / "zones.gpkg"
    write_zones_gpkg(district, results, path, language=language)
    read = gpd.read_file(path, layer="zones")
    assert read["zone"].tolist() == district.zones.ids.tolist()
    assert read.crs == district.area.crs
    assert read.geometry.area.to_numpy() == pytest.approx(district.zones.table["land_m2"].to_numpy())
    assert all(name == name.lower() and name.replace("_", "").isalnum() and name.isascii() for name in read.columns)
    zone = read[NEEDS_10].first_valid_index()
    wanted = results.value("residents_near_daily_needs", subject=read["zone"][zone], item="food_shop", at="10 min")
    assert read[NEEDS_10][zone] == wanted


def test_what_is_not_computable_is_null_and_its_status_stands_beside(
    district: District, results: ResultTable, tmp_path: Path
) -> None:
    path = tmp_path / "zones.gpkg"
    write_zones_gpkg(district, results, path, language="en")
    read = gpd.read_file(path, layer="zones")
    kindergarten = "residents_near_daily_needs__kindergarten__5_min"
    assert read[kindergarten].isna().all()
    assert set(read[f"{kindergarten}__status"]) == {"absent"}
    assert "street_density__status" not in read.columns


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_geopackage_opens_styled(district: District, results: ResultTable, tmp_path: Path, language: str) -> None:
    path = tmp_path / "zones.gpkg"
    table = results.table.copy()
    uneven = table["value"] * np.random.default_rng(2).uniform(0.3, 1.7, len(table))
    table["value"] = table["value"].where(table["indicator"] != "population_density", uneven)
    write_zones_gpkg(district, replace(results, table=table), path, language=language)
    with closing(sqlite3.connect(path)) as database:
        styles = database.execute(
            "SELECT f_table_name, f_geometry_column, useAsDefault, styleQML FROM layer_styles"
        ).fetchall()
        (description,) = database.execute("SELECT description FROM gpkg_contents WHERE table_name = 'zones'").fetchone()
        geometry = database.execute("SELECT column_name FROM gpkg_geometry_columns").fetchone()[0]
        metadata = " ".join(text for (text,) in database.execute("SELECT metadata FROM gpkg_metadata"))
    assert "ODbL" in description
    assert "ODbL" in metadata
    ((table, column, default, qml),) = styles
    assert (table, column, default) == ("zones", geometry, 1)
    root = ET.fromstring(qml.partition("\n")[2])
    renderer = root.find("renderer-v2")
    assert renderer is not None
    assert renderer.get("attr") == "population_density"
    names = {alias.get("field") for alias in root.iter("alias")}
    read = gpd.read_file(path, layer="zones")
    assert names == set(read.columns) - {"geometry"}
    values = read["population_density"].dropna().to_numpy()
    limits = [(float(r.get("lower", "")), float(r.get("upper", ""))) for r in root.iter("range")]
    in_classes = [sum(low <= value <= high for low, high in limits) for value in values]
    assert set(in_classes) == {1}, "every value falls in exactly one class"
    symbols = {symbol.get("name") for symbol in root.iter("symbol")}
    assert {r.get("symbol") for r in root.iter("range")} == symbols


def test_chinese_style_labels_are_in_the_unit_of_the_column(
    district: District, results: ResultTable, tmp_path: Path
) -> None:
    write_zones_gpkg(district, results, tmp_path / "z.gpkg", language="zh")
    with closing(sqlite3.connect(tmp_path / "z.gpkg")) as database:
        (qml,) = database.execute("SELECT styleQML FROM layer_styles").fetchone()
    assert "人/平方公里" in qml
    assert "人/公顷" not in qml


def test_the_same_zones_give_the_same_bytes(district: District, results: ResultTable, tmp_path: Path) -> None:
    for name in ("a", "b"):
        write_zones_gpkg(district, results, tmp_path / f"{name}.gpkg", language="en")
    assert (tmp_path / "a.gpkg").read_bytes() == (tmp_path / "b.gpkg").read_bytes()


def test_zones_without_any_result_still_open(district: District, tmp_path: Path) -> None:
    empty = ResultTable(pd.DataFrame(columns=list(COLUMNS)))
    write_zones_gpkg(district, empty, tmp_path / "z.gpkg", language="en")
    assert len(gpd.read_file(tmp_path / "z.gpkg", layer="zones")) == len(district.zones)


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_dictionary_describes_every_column(
    district: District, results: ResultTable, tmp_path: Path, language: str
) -> None:
    write_zones_gpkg(district, results, tmp_path / "zones.gpkg", language=language)
    write_dictionary_csv(results, tmp_path / "d.csv", language=language, sources=district.sources)
    head, *rows = read_csv(tmp_path / "d.csv")
    columns = set(gpd.read_file(tmp_path / "zones.gpkg", layer="zones").columns) - {"geometry"}
    assert {line[0] for line in rows} == columns
    assert len(head) == 11
    assert all(len(line) == len(head) and line[3] and "ODbL" in line[-1] for line in rows)
    density = next(line for line in rows if line[0] == "population_density")
    assert density[6] == {"en": "people per km²", "zh": "人/平方公里"}[language], "numbers in files stay in km²"
    needs = next(line for line in rows if line[0] == NEEDS_10)
    assert "speed_m_per_min = 80" in needs[9]
    assert (tmp_path / "d.csv").read_bytes().startswith(b"\xef\xbb\xbf")


def test_the_ledger_in_words_runs_no_formula(district: District, tmp_path: Path) -> None:
    evil = LedgerEntry("=cmd|' /C calc'!A0", "warned", Message("study.said", {"words": "=HYPERLINK(1)"}), -3)
    town = replace(district, ledger=(*district.ledger, evil))
    write_ledger_csv(town, tmp_path / "ledger.csv", language="en")
    rows = read_csv(tmp_path / "ledger.csv")
    assert rows[0] == ["layer", "action", "count", "sentence"]
    assert rows[1][3] == "Everything is measured in EPSG:32627, as the study file says."
    assert rows[2][:3] == ["OpenStreetMap extract", "dropped", "1234"]
    assert rows[4] == ["'=cmd|' /C calc'!A0", "to be noted", "-3", "'=HYPERLINK(1)"]
    assert any("ODbL" in line[3] for line in rows)
    assert not [cell for line in rows for cell in line if cell[:1] in "=+@" and cell]


def test_several_scenarios_and_colliding_names_get_columns_of_their_own() -> None:
    rows = [
        row("a b", "z", 1.0, "%"),
        row("a_b", "z", 2.0, "%"),
        row("a_b", "z", 3.0, "%", scenario="Compact"),
        row("a_b", "z", 4.0, "%", bound="low"),
    ]
    columns = wide_columns(ResultTable(pd.DataFrame(rows)), "en")
    assert [(c.name, c.by_zone.tolist()) for c in columns] == [
        ("baseline__a_b", [1.0]),
        ("baseline__a_b_2", [2.0]),
        ("compact__a_b", [3.0]),
        ("baseline__a_b__low", [4.0]),
    ]


def test_nothing_half_written_stays(
    district: District, results: ResultTable, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "zones.gpkg"
    path.write_bytes(b"before")

    def broken(*_: object) -> None:
        raise OSError("disk full")

    monkeypatch.setattr(tables, "style_zones", broken)
    with pytest.raises(OSError, match="disk full"):
        write_zones_gpkg(district, results, path, language="en")
    assert [p.name for p in tmp_path.iterdir()] == ["zones.gpkg"]
    assert path.read_bytes() == b"before"


SET = {"residents_near_daily_needs": {"minutes": (8,), "max_snap_m": 50}, "median_block_area": {"min_block_m2": 1200}}


@pytest.fixture(scope="module")
def with_settings(district: District) -> ResultTable:
    return compute(district, [*SET, "street_density"], SET)


def test_settings_that_were_used_stand_in_the_dictionary(
    district: District, with_settings: ResultTable, tmp_path: Path
) -> None:
    write_dictionary_csv(with_settings, tmp_path / "d.csv", language="en")
    rows = {line[0]: line for line in read_csv(tmp_path / "d.csv")}
    needs = rows["residents_near_daily_needs__park__8_min"]
    assert "(8 minutes)" in needs[3]
    assert "farther than 50 m from every path" in needs[3]
    assert "minutes = 8 min (set by the study; default 5, 10, 15 min)" in needs[9]
    assert "speed_m_per_min = 80 m/min (TfL" in needs[9]
    assert "smaller than 1,200 m²" in rows["median_block_area"][3]
    write_dictionary_csv(replace(with_settings, settings={}), tmp_path / "e.csv", language="zh")
    plain = {line[0]: line for line in read_csv(tmp_path / "e.csv")}
    assert "5、10、15分钟" in plain["residents_near_daily_needs__park__8_min"][3]
    assert not [line for line in plain.values() if "未知" in line[9]]


def test_settings_stand_in_the_metadata_of_the_tidy_table(with_settings: ResultTable, tmp_path: Path) -> None:
    write_results_parquet(with_settings, tmp_path / "r.parquet")
    about = json.loads(pq.read_schema(tmp_path / "r.parquet").metadata[b"settings"])
    assert about["residents_near_daily_needs"] == {"minutes": [8.0], "max_snap_m": 50.0, "speed_m_per_min": 80.0}
    assert tuple(pd.read_parquet(tmp_path / "r.parquet").columns) == COLUMNS


@pytest.mark.parametrize("language", LANGUAGES)
def test_settings_that_were_used_stand_in_map_and_report(
    district: District, with_settings: ResultTable, language: str
) -> None:
    said = {"en": "smaller than 1,200 m²", "zh": "小于1,200平方米"}[language]
    assert (
        said in page_data(district, with_settings, language=language)["indicators"]["median_block_area"]["definition"]
    )
    values = report_values(district, with_settings, language, (), {})
    page = render_page("report.html.j2", values, language)
    assert said in page
    assert "min_block_m2 = 1200" in page
    assert "min_block_width_m = " not in page, "only what the study has set"


def test_headlines_and_maps_take_the_times_that_there_are(
    district: District, with_settings: ResultTable, monkeypatch: pytest.MonkeyPatch
) -> None:
    headlines, _ = plain_sentences(with_settings, "en")
    assert [sentence for sentence in headlines if "8 minutes" in sentence.text]
    monkeypatch.setattr(sections, "MAPS", (("residents_near_daily_needs", "food_shop"),))
    (picture,) = sections.pictures(district, with_settings, "en")
    assert "8 min" in picture.title
