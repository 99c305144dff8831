"""Places from the planner's own table: a map vendor's export, a survey, a register."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import NamedTuple

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from pyproj import CRS

from spatial.errors import InputError, Problems
from spatial.model.places import DAILY_NEEDS
from spatial.model.provenance import Action, Ledger
from spatial.model.study_area import to_lonlat
from spatial.schemes import ClassRow, Scheme
from spatial.sources.datum.conversion import Datum
from spatial.sources.table_positions import (
    POSITION_NAMES,
    coordinates,
    locate,
    position_columns,
    refuse_wrong_place,
    rows_named,
)
from spatial.sources.tables import FIRST_ROW, named_columns, read_table
from spatial.sources.vectors.placing import note_rough_datum
from spatial.text import Message, Value

_NAMED = 5


class _Meaning(NamedTuple):
    """What a cell of codes means: its category ("" for none), whether the scheme knows it, whether a zero was lost."""

    category: str
    known: bool
    restored: bool


def read_place_table(
    path: Path,
    *,
    columns: Mapping[str, str],
    scheme: Scheme,
    datum: Datum,
    crs: CRS,
    within: shapely.Geometry,
    ledger: Ledger,
    layer: str = "places",
    encoding: str | None = None,
    sheet: str | None = None,
    table_crs: CRS | None = None,
) -> gpd.GeoDataFrame:
    """Places: `category`, `name`, `osm_id`, `geometry` (points in `crs`), in the order of the file.

    `osm_id`, the column that identifies any object, is the file's name and the row's id, else its number. Every row
    that is left out is counted, by its reason, in this order: the same name, code and position a second time; no
    position; a position that is impossible, has its two coordinates exchanged, or lies outside; a code that the
    scheme does not know; a code of none of our categories.

    Parameters
    ----------
    columns : what the file calls `name`, `code` (a code or word of the scheme; of several joined by "|" the first
        that has a category counts) and the position: `lon` and `lat`, or `location` ("114.30,30.59"), or `x` and `y`
        in `table_crs`; and `id`, if it has one.
    scheme : which code is which category. Where a spreadsheet has taken the zero from the front of a code ("60400"),
        it is put back.
    datum : of the positions.
    within : the place to keep, in `crs`.
    encoding : of a CSV file, where it cannot be found out.
    sheet : of a workbook that has several.

    Raises
    ------
    InputError : columns missing, cells that are no numbers, no code that means a category, columns swapped, or no row
        in the area; all that can be found at once.
    """
    table = read_table(path, ledger=ledger, layer=layer, encoding=encoding, sheet=sheet)
    where = position_columns(table, columns, table_crs, path)
    needed = ("name", "code", *where)
    cells = named_columns(table, columns, path, needed=needed, optional=("id",), others=POSITION_NAMES)
    note = _Notes(path, ledger, layer)
    note("read", "read", len(cells))
    problems = Problems()
    first, second = coordinates(cells, where, columns, path, problems)
    meanings = {code: _meaning(code, scheme) for code in cells["code"].unique()}
    if not any(meaning.category for meaning in meanings.values()):
        problems.add(_no_category(cells["code"], meanings, scheme, path, columns))
    problems.raise_if_any(InputError)

    rows = cells[["name", "code"]].assign(first=first, second=second, id=cells.get("id", ""))
    rows = note.without(rows, rows.duplicated(["name", "code", "first", "second"]), "dropped", "twice")
    _note_ids(rows["id"], note)
    nowhere = rows[["first", "second"]].isna().any(axis=1) | ((rows["first"] == 0) & (rows["second"] == 0))
    rows = note.without(rows, nowhere, "dropped", "no_position")
    rows = _inside(rows, where, columns, path, within, crs, datum, table_crs, note)
    if table_crs is not None:
        bounds = shapely.bounds(to_lonlat(within, crs))
        note_rough_datum(table_crs, crs, tuple(bounds), path.name, ledger=ledger, layer=layer)
    return _categorised(rows, meanings, path, crs, note)


class _Notes:
    """Writes the ledger entries of one table."""

    def __init__(self, path: Path, ledger: Ledger, layer: str) -> None:
        self._path, self._ledger, self._layer = path, ledger, layer

    def __call__(self, action: Action, key: str, count: int, **values: Value) -> None:
        message = Message(f"place_table.{key}", {"path": self._path.name, "count": count, **values})
        self._ledger.record(self._layer, action, message, count=count)

    def without(self, rows: pd.DataFrame, gone: pd.Series | np.ndarray, action: Action, key: str) -> pd.DataFrame:
        """The rows that are not gone; those that are are counted, and the first few named."""
        lost = np.asarray(gone, dtype=bool)
        if lost.any():
            self(action, key, int(lost.sum()), rows=rows_named(rows.index[lost]))
        return rows[~lost]


def _inside(
    rows: pd.DataFrame,
    where: tuple[str, ...],
    columns: Mapping[str, str],
    path: Path,
    within: shapely.Geometry,
    crs: CRS,
    datum: Datum,
    table_crs: CRS | None,
    note: _Notes,
) -> pd.DataFrame:
    """The rows in the area, with `x` and `y` in the study's system."""
    first, second = rows["first"].to_numpy(), rows["second"].to_numpy()
    found = locate(first, second, within=within, crs=crs, datum=datum, table_crs=table_crs)
    names = tuple(columns.get(name, name) for name in where)
    refuse_wrong_place(first, second, found, names=names, path=path, within=within, crs=crs, table_crs=table_crs)
    rows = rows.assign(x=found.x, y=found.y, shift_m=found.shift_m, inside=found.inside, swapped=found.swapped)
    rows = note.without(rows, rows["swapped"], "dropped", "some_swapped")
    rows = note.without(rows, rows["x"].isna(), "dropped", "impossible")
    rows = note.without(rows, ~rows["inside"], "clipped", "outside")
    moved = rows["shift_m"] > 0
    if datum not in ("wgs84", "cgcs2000") and len(rows):
        values: dict[str, Value] = {"datum": Message(f"datum.name_{datum}"), "stay": int((~moved).sum())}
        values["shift_m"] = float(rows.loc[moved, "shift_m"].median()) if moved.any() else 0.0
        note("reprojected", "unshifted", int(moved.sum()), **values)
    return rows


def _categorised(
    rows: pd.DataFrame, meanings: Mapping[str, _Meaning], path: Path, crs: CRS, note: _Notes
) -> gpd.GeoDataFrame:
    """The rows that have a category, as places."""
    meant = [meanings[code] for code in rows["code"]]
    known = np.array([meaning.known for meaning in meant], dtype=bool)
    category = np.array([meaning.category for meaning in meant], dtype=object)
    unknown, aside = rows.loc[~known, "code"], rows.loc[known & (category == ""), "code"]
    if len(unknown):
        note("dropped", "unknown_codes", len(unknown), codes=_frequent(unknown))
    if len(aside):
        note("dropped", "no_category_of_ours", len(aside), codes=_frequent(aside))
    restored = [code for code, meaning in zip(rows["code"], meant, strict=True) if meaning.restored]
    if restored:
        note("estimated", "zeros_restored", len(restored), codes=_frequent(restored))
    kept = rows[category != ""]
    id = kept["id"].where(kept["id"] != "", (kept.index + FIRST_ROW).astype(str))
    places = {"category": category[category != ""], "name": kept["name"], "osm_id": f"{path.stem}/" + id}
    frame = pd.DataFrame(places, dtype=object).reset_index(drop=True)
    found = gpd.GeoDataFrame(frame, geometry=gpd.points_from_xy(kept["x"], kept["y"]), crs=crs)
    counts = found["category"].value_counts()
    for category_name in (*DAILY_NEEDS, *sorted(set(counts.index) - set(DAILY_NEEDS))):
        count = int(counts.get(category_name, 0))
        note("read", "places", count, category=Message(f"osm.category.{category_name}"))
    return found


def _meaning(cell: str, scheme: Scheme) -> _Meaning:
    found = [_class(code.strip(), scheme) for code in re.split(r"[|｜]", cell) if code.strip()]
    chosen = next(((row, restored) for row, restored in found if row is not None and row.category), None)
    if chosen is not None and chosen[0] is not None:
        return _Meaning(chosen[0].category, True, chosen[1])
    return _Meaning("", any(row is not None for row, _ in found), False)


def _class(code: str, scheme: Scheme) -> tuple[ClassRow | None, bool]:
    """The class of one code, and whether a zero that a spreadsheet took was put back (or the .0 that it added, off)."""
    row = scheme.find(code)
    digits = re.fullmatch(r"(\d+)(?:\.0+)?", code)
    if row is not None or digits is None:
        return row, False
    plain = digits[1]
    widths = sorted({len(listed.code) for listed in scheme.rows if listed.code.isdecimal()})
    tried = [plain, f"0{plain}", *(plain.zfill(width) for width in widths if width > len(plain))]
    row = next((found for candidate in tried if (found := scheme.find(candidate)) is not None), None)
    return row, row is not None


def _note_ids(id: pd.Series, note: _Notes) -> None:
    """Say it where one id stands for several rows that differ."""
    given = id[id != ""]
    twice = given[given.duplicated(keep=False)]
    if len(twice):
        note("warned", "ids_twice", len(twice), ids=tuple(twice.unique()[:_NAMED]))


def _no_category(
    codes: pd.Series, meanings: Mapping[str, _Meaning], scheme: Scheme, path: Path, columns: Mapping[str, str]
) -> Message:
    """No row means a place of ours: the wrong column, the wrong scheme, or a table of other things."""
    known = sum(meanings[code].known for code in codes)
    wanted = tuple(row.code for row in scheme.rows if row.category)[:_NAMED]
    values: dict[str, Value] = {"path": path.name, "column": columns.get("code", "code"), "scheme": scheme.title}
    values |= {"count": len(codes), "known": known, "codes": _frequent(codes), "wanted": wanted}
    return Message("place_table.no_category", values)


def _frequent(codes: Iterable[str]) -> tuple[str, ...]:
    """The codes that occur most, with how often."""
    counted = sorted(Counter(codes).items(), key=lambda item: (-item[1], item[0]))
    return tuple(f"{code or '–'} ({count})" for code, count in counted[:_NAMED])
