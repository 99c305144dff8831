"""The English map, the Chinese map, the report and the file for QGIS count the same zones in the same class."""

import json
import re
import sqlite3
from contextlib import closing
from pathlib import Path
from xml.etree import ElementTree as ET

import geopandas as gpd
import numpy as np
import pytest
from toy_map import toy_district, toy_results

from spatial.model.results import ResultTable
from spatial.report.classes import classify
from spatial.report.figures import legend_lines, zone_map
from spatial.report.maps import save_map
from spatial.report.tables import write_zones_gpkg
from spatial.report.webmap.words import number_format

DISTRICT = toy_district()
IDS = ["population_density", "street_density", "land_use_entropy", "residents_near_any_stop"]
UNITS = dict(zip(IDS, ["persons/km²", "km/km²", "0–1", "%"], strict=True))


def near_limits(unit: str) -> np.ndarray:
    """Values of every size, some of them a little under a limit: rounded for reading, they reach it."""
    share = np.linspace(0.001, 0.999, len(DISTRICT.zones))
    values = {"%": 100 * share, "0–1": share}.get(unit, np.exp(share * 9))
    values[:20] = 0
    values[-3:] = np.nan
    for _ in range(3):  # a nudged value may move the limits
        limits = np.array(classify(values, unit=unit).thresholds)
        values[60 : 60 + len(limits)] = limits * (1 - 8e-5)
        values[70 : 70 + len(limits)] = limits
    return values


def few(unit: str) -> np.ndarray:
    return np.resize([100 / 3, 100 / 3 + 1e-12, 50.0], len(DISTRICT.zones)) / (1 if unit != "0–1" else 100)


def alike(unit: str) -> np.ndarray:
    """Two values that read alike, so that no legend can tell them apart as values."""
    return np.resize([50.0, 50.0004], len(DISTRICT.zones)) / (1 if unit != "0–1" else 100)


def results(indicator: str, values: np.ndarray) -> ResultTable:
    rows = toy_results(DISTRICT).table.query("at == '' and subject_kind == 'zone'")
    return ResultTable(rows.assign(indicator=indicator, unit=UNITS[indicator], value=values))


def in_map(table: ResultTable, file: Path, language: str) -> list[int]:
    save_map(DISTRICT, table, file, language=language)
    found = re.search(r'id="study-data">(.*?)</script>', file.read_text(encoding="utf-8"), re.DOTALL)
    assert found
    column = json.loads(found[1])["columns"][0]
    return [*(entry["zones"] for entry in column["classes"]), column["none"] + column["nobody"]]


def in_report(table: ResultTable, indicator: str, language: str) -> list[int]:
    drawn = zone_map(DISTRICT, table, indicator, language=language)
    assert drawn is not None
    counts = [count for _, _, count in legend_lines(drawn, language) if count is not None]
    return counts if np.isnan(drawn.values).any() else [*counts, 0]


def in_qgis(table: ResultTable, file: Path) -> list[int]:
    """Zones of the file in each range of its own style, both limits in, and those without a number."""
    write_zones_gpkg(DISTRICT, table, file, language="en")
    with closing(sqlite3.connect(file)) as database:
        (text,) = database.execute("SELECT styleQML FROM layer_styles").fetchone()
    renderer = ET.fromstring(text[text.index("<qgis") :]).find("renderer-v2")
    assert renderer is not None
    values = gpd.read_file(file, layer="zones")[renderer.get("attr")].to_numpy(dtype=float)
    ranges = [(float(r.get("lower", "")), float(r.get("upper", ""))) for r in renderer.iter("range")]
    counts = [int(((values >= low) & (values <= high)).sum()) for low, high in ranges]
    return [*counts, int(np.isnan(values).sum())]


@pytest.mark.parametrize("indicator", IDS)
@pytest.mark.parametrize("made", [near_limits, few, alike])
def test_all_count_alike(tmp_path: Path, indicator: str, made) -> None:
    values = made(UNITS[indicator])
    table = results(indicator, values)
    counts = in_report(table, indicator, "en")
    assert sum(counts) == len(DISTRICT.zones)
    assert in_report(table, indicator, "zh") == counts
    assert in_map(table, tmp_path / "en.html", "en") == counts
    assert in_map(table, tmp_path / "zh.html", "zh") == counts
    assert in_qgis(table, tmp_path / "zones.gpkg") == counts


def test_the_values_are_those_that_rounding_would_move() -> None:
    values = near_limits("persons/km²")
    classes = classify(values, unit="persons/km²")
    for language in ("en", "zh"):
        style = number_format("persons/km²", language)
        moved = classes.index_of(style.rounded(values) / style.scale) != classes.index_of(values)
        assert moved.sum() >= 1, language
