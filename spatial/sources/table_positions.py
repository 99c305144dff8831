"""Positions in a table's columns: longitude and latitude, both in one cell, or coordinates of a projected system."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
import shapely
from pyproj import CRS, Transformer

from spatial.errors import InputError, Problems
from spatial.model.study_area import transformer_to
from spatial.sources.datum.conversion import Datum, to_wgs84
from spatial.sources.tables import FIRST_ROW, numbers
from spatial.sources.vectors.crs_fit import fitting
from spatial.text import Message, Value

_LOCATION = "location"
POSITION_NAMES = ("lon", "lat", "x", "y", _LOCATION)
_LON, _LAT = 180, 90
_NAMED = 5


@dataclass(frozen=True)
class Located:
    """Where the rows of a table are.

    Parameters
    ----------
    x, y : metres in the study's system; NaN where a row has no possible position.
    inside : whether the row lies in the area asked for.
    swapped : rows that would lie in it if their two coordinates were exchanged, and do not as they stand.
    shift_m : how far the datum's conversion moved each row; 0 where it did not.
    """

    x: np.ndarray
    y: np.ndarray
    inside: np.ndarray
    swapped: np.ndarray
    shift_m: np.ndarray


def position_columns(table: pd.DataFrame, columns: Mapping[str, str], crs: CRS | None, path: Path) -> tuple[str, ...]:
    """The reader's names of the columns that say where a row is: x and y, lon and lat, or location ("lon,lat").

    Raises
    ------
    InputError : x or y without the system `crs` that they are in.
    """
    if crs is not None:
        return ("x", "y")
    if {"x", "y"} & set(columns):
        raise InputError(Message("place_table.no_system", {"path": path.name}))
    if not {"lon", "lat"} & set(columns) and (
        _LOCATION in columns or (_LOCATION in table.columns and not {"lon", "lat"} <= set(table.columns))
    ):
        return (_LOCATION,)
    return ("lon", "lat")


def coordinates(
    table: pd.DataFrame, where: tuple[str, ...], columns: Mapping[str, str], path: Path, problems: Problems
) -> tuple[np.ndarray, np.ndarray]:
    """The two numbers of each row, NaN where blank; cells that are no numbers become a problem."""
    cells = [table[name].rename(columns.get(name, name)) for name in where]
    if where == (_LOCATION,):
        cells = list(_halves(cells[0], path, problems))
    first, second = (numbers(column, path, problems, blank=True) for column in cells)
    return first, second


def locate(
    first: np.ndarray,
    second: np.ndarray,
    *,
    within: shapely.Geometry,
    crs: CRS,
    datum: Datum,
    table_crs: CRS | None = None,
) -> Located:
    """Where the rows are in the study's system, and which of them lie in `within`, its edge included.

    Parameters
    ----------
    first, second : longitude and latitude in `datum`, or easting and northing in `table_crs`; NaN where unknown.
    """
    x, y, shift_m = _in_study(first, second, crs, datum, table_crs)
    shapely.prepare(within)
    inside = shapely.intersects_xy(within, x, y)
    turned_x, turned_y, _ = _in_study(second, first, crs, datum, table_crs)
    swapped = ~inside & shapely.intersects_xy(within, turned_x, turned_y)
    return Located(x, y, inside, swapped, shift_m)


def refuse_wrong_place(
    first: np.ndarray,
    second: np.ndarray,
    found: Located,
    *,
    names: tuple[str, ...],
    path: Path,
    within: shapely.Geometry,
    crs: CRS,
    table_crs: CRS | None,
) -> None:
    """Refuse a table that lies elsewhere as a whole: its columns are swapped, or in another system.

    Parameters
    ----------
    first, second : of the rows that have a position.
    names : of the columns, as the file calls them.

    Raises
    ------
    InputError : more rows fit with their coordinates exchanged than as they stand, or none lies in the area.
    """
    inside, swapped = int(found.inside.sum()), int(found.swapped.sum())
    values: dict[str, Value] = {"path": path.name, "count": len(first)}
    if swapped > inside:
        values |= {"columns": names, "inside": inside, "swapped": swapped}
        key = "swapped" if len(names) > 1 else "swapped_in_cell"
        raise InputError(Message(f"place_table.{key}", values))
    if inside or not len(first):
        return
    east, north = float(np.median(first)), float(np.median(second))
    values["at"] = f"{east:.10g} {north:.10g}"
    fit = fitting((east, north, east, north), within, crs, declared=table_crs or CRS.from_epsg(4326))
    if fit is not None:
        key = "fits_swapped" if fit.swapped else "fits"
        raise InputError(Message(f"place_table.{key}", {**values, "system": fit.name, "epsg": fit.epsg}))
    real = np.isfinite(found.x)
    if not real.any():
        raise InputError(Message("place_table.not_degrees", values))
    away_m = shapely.distance(within, shapely.points(found.x[real], found.y[real]))
    raise InputError(Message("place_table.elsewhere", {**values, "away_km": float(away_m.min()) / 1000}))


def rows_named(index: pd.Index) -> tuple[int, ...]:
    """The first few row numbers, as a spreadsheet shows them."""
    return tuple(int(row) + FIRST_ROW for row in index[:_NAMED])


def _halves(column: pd.Series, path: Path, problems: Problems) -> tuple[pd.Series, pd.Series]:
    """The two cells that are one; where it does not hold two, both are blank and a problem."""
    text = pd.Series([unicodedata.normalize("NFKC", cell).strip() for cell in column], index=column.index, dtype=str)
    halves = text.str.extract(r"^([^,;]*)[,;]([^,;]*)$")
    wrong = (halves[0].isna() & (text != "")).to_numpy()
    if wrong.any():
        shown = tuple(
            f"{row}: {cell!r}" for row, cell in zip(rows_named(column.index[wrong]), column[wrong], strict=False)
        )
        values: dict[str, Value] = {"path": path.name, "column": str(column.name), "count": int(wrong.sum())}
        problems.add(Message("place_table.not_two", {**values, "rows": shown}))
    first, second = (halves[n].fillna("").rename(str(column.name)) for n in (0, 1))
    return first, second


def _in_study(
    first: np.ndarray, second: np.ndarray, crs: CRS, datum: Datum, table_crs: CRS | None
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """x, y in the study's system, and the metres that the datum's conversion moved each; NaN where impossible."""
    lon, lat = first, second
    if table_crs is not None:
        lon, lat = Transformer.from_crs(table_crs, 4326, always_xy=True).transform(first, second)
    real = np.isfinite(lon) & np.isfinite(lat) & (np.abs(lon) <= _LON) & (np.abs(lat) <= _LAT)
    to_study = transformer_to(crs)
    true_lon, true_lat = to_wgs84(lon[real], lat[real], datum)
    moved = (true_lon != lon[real]) | (true_lat != lat[real])
    x, y, shift_m = np.full(len(lon), np.nan), np.full(len(lon), np.nan), np.zeros(len(lon))
    x[real], y[real] = to_study.transform(true_lon, true_lat)
    before_x, before_y = to_study.transform(lon[real], lat[real])
    shift_m[real] = np.where(moved, np.hypot(x[real] - before_x, y[real] - before_y), 0.0)
    wild = ~(np.isfinite(x) & np.isfinite(y))
    x[wild], y[wild], shift_m[wild] = np.nan, np.nan, 0.0
    return x, y, shift_m
