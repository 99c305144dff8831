"""A QGIS style inside a GeoPackage, so that the layer opens as a map with readable column names."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping
from contextlib import closing
from pathlib import Path
from xml.etree import ElementTree as ET

import numpy as np
import numpy.typing as npt

from spatial.report.classes import DECIMALS, Classes, LegendClass, classify
from spatial.report.wording import class_label
from spatial.text import lookup

# QGIS reads this table's layout; see its "Save style in database".
_STYLES = """
CREATE TABLE layer_styles (
  id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL, f_table_catalog TEXT(256), f_table_schema TEXT(256),
  f_table_name TEXT(256), f_geometry_column TEXT(256), styleName TEXT(30), styleQML TEXT, styleSLD TEXT,
  useAsDefault BOOLEAN, description TEXT, owner TEXT(30), ui TEXT(30), update_time DATETIME)
"""
_HAIR = 0.5 * 10.0**-DECIMALS
_NO_TIME = "1970-01-01T00:00:00.000Z"
Styled = tuple[str, str, npt.NDArray[np.float64]]


def style_zones(path: Path, layer: str, aliases: Mapping[str, str], styled: Styled | None, language: str) -> None:
    """Put a default style for `layer` into the GeoPackage, and take the time of writing out of it.

    Parameters
    ----------
    aliases : column → what people call it.
    styled : name, unit and values of the column that colours the zones; None: one plain colour.
    """
    with closing(sqlite3.connect(path)) as database, database:
        (geometry,) = database.execute(
            "SELECT column_name FROM gpkg_geometry_columns WHERE table_name = ?", (layer,)
        ).fetchone()
        database.execute(_STYLES)
        database.execute(
            "INSERT INTO gpkg_contents (table_name, data_type, identifier, description, last_change, srs_id) "
            "VALUES ('layer_styles', 'attributes', 'layer_styles', '', ?, 0)",
            (_NO_TIME,),
        )
        title = aliases.get(styled[0], styled[0]) if styled else lookup("table.zones_layer", language)
        database.execute(
            "INSERT INTO layer_styles (f_table_catalog, f_table_schema, f_table_name, f_geometry_column, styleName, "
            "styleQML, styleSLD, useAsDefault, description, owner, ui, update_time) "
            "VALUES ('', '', ?, ?, ?, ?, '', 1, ?, '', NULL, ?)",
            (layer, geometry, layer, qml(aliases, styled, language), title, _NO_TIME),
        )
        database.execute("UPDATE gpkg_contents SET last_change = ?", (_NO_TIME,))
        if _has_table(database, "gpkg_metadata_reference"):
            database.execute("UPDATE gpkg_metadata_reference SET timestamp = ?", (_NO_TIME,))


def qml(aliases: Mapping[str, str], styled: Styled | None, language: str) -> str:
    """The style document: graduated colours by one column, and an alias for every column."""
    root = ET.Element("qgis", {"version": "3.22.0", "styleCategories": "Symbology|Fields|Forms"})
    if styled is None:
        renderer = ET.SubElement(root, "renderer-v2", {"type": "singleSymbol", "symbollevels": "0"})
        _symbol(ET.SubElement(renderer, "symbols"), "0", "#dddddd")
    else:
        name, unit, values = styled
        _graduated(root, name, unit, classify(values, unit=unit), language)
    fields = ET.SubElement(root, "aliases")
    for position, (name, alias) in enumerate(aliases.items(), start=1):
        ET.SubElement(fields, "alias", {"index": str(position), "field": name, "name": alias})
    body = ET.tostring(root, encoding="unicode")
    return f"<!DOCTYPE qgis PUBLIC 'http://mrcc.com/qgis.dtd' 'SYSTEM'>\n{body}"


def _graduated(root: ET.Element, column: str, unit: str, classes: Classes, language: str) -> None:
    renderer = ET.SubElement(
        root,
        "renderer-v2",
        {
            "type": "graduatedSymbol",
            "attr": column,
            "graduatedMethod": "GraduatedColor",
            "symbollevels": "0",
            "forceraster": "0",
        },
    )
    ranges, symbols = ET.SubElement(renderer, "ranges"), ET.SubElement(renderer, "symbols")
    for i, one in enumerate(classes.classes):
        lower, upper = _limits(one, last=i == len(classes) - 1)
        label = class_label(one, unit, language, stored=True)
        given = {"lower": repr(lower), "upper": repr(upper), "symbol": str(i), "label": label, "render": "true"}
        ET.SubElement(ranges, "range", given)
        _symbol(symbols, str(i), one.colour)


def _limits(one: LegendClass, *, last: bool) -> tuple[float, float]:
    """The class as QGIS counts: both limits in, where ours leave the upper one to the class above.

    All limits lie a hair lower, since the file's values are not rounded as classes round them.
    """
    lower, upper = one.low - _HAIR, one.high - _HAIR
    if one.kind in ("over", "value", "zero") or last:
        return lower, one.high + _HAIR
    return lower, float(np.nextafter(upper, -np.inf))


def _symbol(parent: ET.Element, name: str, colour: str) -> None:
    symbol = ET.SubElement(parent, "symbol", {"type": "fill", "name": name, "alpha": "1", "clip_to_extent": "1"})
    layer = ET.SubElement(symbol, "layer", {"class": "SimpleFill", "enabled": "1", "locked": "0", "pass": "0"})
    options = ET.SubElement(layer, "Option", {"type": "Map"})
    given = {
        "color": _rgba(colour), "style": "solid", "outline_color": "255,255,255,255", "outline_style": "solid",
        "outline_width": "0.1", "outline_width_unit": "MM",
    }  # fmt: skip
    for key, value in given.items():
        ET.SubElement(options, "Option", {"type": "QString", "name": key, "value": value})


def _rgba(colour: str) -> str:
    red, green, blue = (int(colour[i : i + 2], 16) for i in (1, 3, 5))
    return f"{red},{green},{blue},255"


def _has_table(database: sqlite3.Connection, name: str) -> bool:
    found = database.execute("SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = ?", (name,)).fetchone()
    return found is not None
