"""Results as files that other programs read: Parquet, GeoPackage styled for QGIS, and tables for spreadsheets."""

from __future__ import annotations

import csv
import json
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from spatial.indicators.catalogue import catalogue
from spatial.indicators.settings import Settings
from spatial.model.district import District
from spatial.model.provenance import Source
from spatial.model.results import COLUMNS, KEY, ResultTable
from spatial.report.files import whole_file
from spatial.report.numbers import say_at
from spatial.report.qgis import style_zones
from spatial.report.wording import (
    indicator_definition,
    indicator_title,
    item_name,
    layer_name,
    licence_lines,
    parameter_lines,
    reference_line,
    say,
    variant,
)
from spatial.text import lookup, render

ZONES_LAYER = "zones"
OWN_COLUMNS = ("zone", "name", "land_km2")
_NUMBERS = ("value", "n", "n_missing")


@dataclass(frozen=True)
class WideColumn:
    """One column of the wide table of zones: a number per zone, or the data status of one."""

    name: str
    title: str
    indicator: str
    item: str
    at: str
    unit: str
    is_status: bool
    by_zone: pd.Series


def write_results_parquet(results: ResultTable, path: Path, *, sources: Sequence[Source] = ()) -> None:
    """The tidy table, sorted by its key; the same results give the same bytes.

    The licence of data made from `sources` stands in the file's metadata under "licence", the settings that were used
    under "settings" (JSON: indicator → setting → value).
    """
    rows = results.table.sort_values(list(KEY), kind="stable")
    fields = [pa.field(name, pa.float64() if name in _NUMBERS else pa.string()) for name in COLUMNS]
    licence = "\n".join(licence_lines(sources, "en"))
    settings = json.dumps(results.settings, sort_keys=True) if results.settings else ""
    about = {name: text for name, text in (("licence", licence), ("settings", settings)) if text}
    schema = pa.schema(fields, metadata=about)
    arrays = [
        pa.array(
            rows[field.name].astype(float).to_numpy()
            if field.name in _NUMBERS
            else rows[field.name].astype(str).tolist(),
            field.type,
        )
        for field in fields
    ]
    with whole_file(path) as beside:
        pq.write_table(pa.Table.from_arrays(arrays, schema=schema), beside, compression="zstd")


def write_zones_gpkg(district: District, results: ResultTable, path: Path, *, language: str) -> None:
    """One row a zone with its geometry and one column a number; opens in QGIS styled by the first number.

    Titles of the columns are in the style as aliases, the licence in the layer's description and metadata. A number
    that is not computable is NULL; where not every number is sound, a column of data statuses stands beside it.
    """
    columns = wide_columns(results, language)
    zones = district.zones.table
    frame = gpd.GeoDataFrame(
        {
            "zone": zones.index.to_numpy(),
            "name": zones["name"].to_numpy(),
            "land_km2": zones["land_m2"].to_numpy() / 1e6,
            **{column.name: column.by_zone.reindex(zones.index).to_numpy() for column in columns},
        },
        geometry=zones.geometry.to_numpy(),
        crs=zones.crs,
    )
    licence = " ".join(licence_lines(district.sources, language))
    title = f"{district.area.name}: {say('table.zones_layer', language)}"
    with whole_file(path) as beside:
        frame.to_file(
            beside,
            layer=ZONES_LAYER,
            driver="GPKG",
            engine="pyogrio",
            promote_to_multi=True,
            dataset_options={"VERSION": "1.2"},  # older QGIS warns of newer ones
            layer_options={"IDENTIFIER": title, "DESCRIPTION": licence},
            layer_metadata={"licence": licence},
        )
        style_zones(beside, ZONES_LAYER, _aliases(columns, language), _styled(columns, frame), language)


def write_dictionary_csv(results: ResultTable, path: Path, *, language: str, sources: Sequence[Source] = ()) -> None:
    """One row a column of the zones table: what it is, its unit, direction, reference, parameters. Opens in Excel."""
    heads = (
        "column", "indicator", "title", "definition", "item", "at",
        "unit", "direction", "reference", "parameters", "licence",
    )  # fmt: skip
    licence = " ".join(licence_lines(sources, language))
    rows: list[list[str]] = []
    for name in OWN_COLUMNS:
        unit = _stored_unit("km²" if name == "land_km2" else "", language)
        own = [name, "", lookup(f"table.{name}", language), lookup(f"table.{name}_definition", language)]
        rows.append([*own, "", "", unit, "", "", "", licence])
    columns = wide_columns(results, language)
    rows += [[*_described(column, language, results.settings), licence] for column in columns]
    _write_csv(path, [lookup(f"table.{head}", language) for head in heads], rows)


def write_ledger_csv(district: District, path: Path, *, language: str) -> None:
    """What was done to the data, one row an entry, in words; the licences stand in the last rows."""
    heads = [lookup(f"table.{head}", language) for head in ("layer", "action", "count", "sentence")]
    rows = [
        [
            layer_name(entry.layer, language),
            lookup(f"action.{entry.action}", language),
            "" if entry.count is None else str(entry.count),
            render(entry.message, language),
        ]
        for entry in district.ledger
    ]
    mark = lookup("action.licence", language)
    rows += [["", mark, "", line] for line in licence_lines(district.sources, language)]
    _write_csv(path, heads, rows)


def wide_columns(results: ResultTable, language: str) -> list[WideColumn]:
    """The columns of the zones table, in the order of the results."""
    rows = results.table[results.table["subject_kind"] == "zone"]
    several = len(rows["scenario"].unique()) > 1
    keys = ["scenario", "indicator", "item", "at", "period", "bound"]
    columns: list[WideColumn] = []
    taken = set(OWN_COLUMNS) | {"fid", "geom"}
    for key, group in rows.groupby(keys, sort=False):
        scenario, indicator, item, at, period, bound = (str(part) for part in key)
        shown = scenario if several else ""
        which = variant(item, at, language, period=period, bound=bound, scenario=shown)
        title = indicator_title(indicator, language)
        title = say("report.titled", language, title=title, which=which) if which else title
        name = _safe(
            "__".join(p for p in (scenario if several else "", indicator, item, at, period, bound) if p), taken
        )
        by_zone = group.set_index("subject")
        unit = str(group["unit"].iloc[0])
        columns.append(WideColumn(name, title, indicator, item, at, unit, False, by_zone["value"].astype(float)))
        if (group["data_status"] != "ok").any():
            said = say("table.status_title", language, title=title)
            name = _safe(f"{name}__status", taken)
            columns.append(WideColumn(name, said, indicator, item, at, "", True, by_zone["data_status"]))
    return columns


def _described(column: WideColumn, language: str, settings: Settings) -> list[str]:
    """One row of the dictionary, without the licence."""
    entry = catalogue().get(column.indicator)
    known = entry is not None and not column.is_status
    definition = (
        lookup("table.status_definition", language)
        if column.is_status
        else indicator_definition(column.indicator, language, settings)
    )
    return [
        column.name,
        column.indicator,
        column.title,
        definition,
        item_name(column.item, language) if column.item else "",
        say_at(column.at, language),
        _stored_unit(column.unit, language),
        lookup(f"report.better_{entry.better}", language) if entry and known else "",
        reference_line(entry.reference, language) if entry and known else "",
        "; ".join(parameter_lines(entry, language, settings)) if entry and known else "",
    ]


def _stored_unit(unit: str, language: str) -> str:
    """The label of the unit that the file's numbers are in; numbers in files are never converted."""
    return lookup(f"unit.{unit}", language) if unit else ""


def _aliases(columns: Sequence[WideColumn], language: str) -> dict[str, str]:
    """What QGIS calls each column."""
    own = {name: lookup(f"table.{name}", language) for name in OWN_COLUMNS}
    said = {}
    for column in columns:
        unit = _stored_unit(column.unit, language)
        said[column.name] = f"{column.title} [{unit}]" if unit else column.title
    return own | said


def _styled(columns: Sequence[WideColumn], frame: gpd.GeoDataFrame) -> tuple[str, str, npt.NDArray[np.float64]] | None:
    """Name, unit and values of the first column of numbers that has any."""
    for column in columns:
        if not column.is_status and frame[column.name].notna().any():
            return column.name, column.unit, frame[column.name].to_numpy(dtype=float).round(9)
    return None


def _safe(name: str, taken: set[str]) -> str:
    """A column name of small letters, digits and underscores that is not taken yet; it is taken then."""
    plain = re.sub(r"[^a-z0-9_]+", "_", name.lower()).strip("_")
    safe, number = plain, 2
    while safe in taken:
        safe, number = f"{plain}_{number}", number + 1
    taken.add(safe)
    return safe


def _write_csv(path: Path, heads: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    """A table that Excel reads as UTF-8, in which no text is run as a formula."""
    with whole_file(path) as beside, beside.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.writer(file, lineterminator="\r\n")
        writer.writerow(heads)
        writer.writerows([_inert(cell) for cell in row] for row in rows)


def _inert(cell: str) -> str:
    """Text that a spreadsheet would take for a formula gets an apostrophe in front; numbers stay."""
    if cell[:1] not in ("=", "+", "-", "@", "\t", "\r"):
        return cell
    return cell if re.fullmatch(r"[+-]?\d+(\.\d+)?", cell) else f"'{cell}"
