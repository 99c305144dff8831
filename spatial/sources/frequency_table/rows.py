"""The rows of a frequency table as numbers and words, and what is wrong with single cells."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pandas as pd

from spatial.errors import InputError, Problems
from spatial.model.provenance import Ledger
from spatial.parameters import parameter
from spatial.sources.frequency_table.hours import DAY_S, clock_seconds, over_midnight
from spatial.sources.frequency_table.modes import mode_words
from spatial.sources.frequency_table.names import plain_name
from spatial.sources.tables import FIRST_ROW, named_columns, numbers
from spatial.text import Message, Value

LAYER = "transit"
NEEDED = ("stop",)
OPTIONAL = (
    *("line", "direction", "sequence", "lon", "lat", "mode"),
    *("headway_min", "departures_per_hour", "first", "last", "minutes_from_previous"),
)
BOTH_WAYS = ("both", "both directions", "双向", "往返", "上下行")
LINE = ["line", "direction"]
SHOWN = 10


def read_rows(
    table: pd.DataFrame, columns: Mapping[str, str], path: Path, *, stations: bool, problems: Problems, ledger: Ledger
) -> pd.DataFrame:
    """The rows that hold anything, by their place in the file.

    Parameters
    ----------
    stations : whether positions may come from known stations.

    Returns
    -------
    Columns `line`, `direction`, `name` (words, "" unknown; a word for both ways is no direction), `key` (the plain
    name), `mode`; `sequence`, `lon`, `lat`, `minutes`, `headway_min`, `first_s`, `last_s` (NaN unknown; a last
    departure after midnight exceeds 24 h); `has_headway`, `has_first`, `has_last`, `has_minutes` (something stands in
    the cell); `none` (no departures at all are stated); `terminus` (the last of several stops of a line's direction).

    Raises
    ------
    InputError : columns that are missing, or that exclude each other.
    """
    cells = _cells(table, columns, path, stations)
    cells = cells[(cells != "").any(axis=1)]
    rows = pd.DataFrame({name: _words(cells, name) for name in LINE})
    rows["direction"] = rows["direction"].mask(rows["direction"].str.casefold().isin(BOTH_WAYS), "")
    rows["name"] = cells["stop"].map(lambda name: " ".join(name.split()))
    rows["key"] = rows["name"].map(plain_name)
    report(problems, path, "no_names", rows, rows["name"] == "")
    rows["mode"] = _modes(rows, cells, path, problems)
    for name, column in {
        "sequence": "sequence",
        "lon": "lon",
        "lat": "lat",
        "minutes": "minutes_from_previous",
    }.items():
        rows[name] = numbers(cells[column], path, problems, blank=True) if column in cells else np.nan
    rows["has_minutes"] = rows["minutes"].notna()
    _add_headways(rows, cells, path, problems, ledger)
    _add_hours(rows, cells, path, problems, ledger)
    report(problems, path, "bad_minutes", rows, (rows["minutes"] < 0) | (rows["minutes"] * 60 > DAY_S))
    _add_termini(rows, path, problems)
    return rows


def report(problems: Problems, path: Path, key: str, rows: pd.DataFrame, wrong: pd.Series | np.ndarray) -> None:
    """Add one problem for all rows that have it, with the numbers that a spreadsheet shows beside them."""
    found = sorted({int(row) + FIRST_ROW for row in rows.index[np.asarray(wrong, dtype=bool)]})
    if found:
        values: dict[str, Value] = {"path": path.name, "count": len(found), "rows": tuple(found[:SHOWN])}
        problems.add(Message(f"frequency.{key}", values))


def report_cells(problems: Problems, path: Path, key: str, cells: pd.Series, wrong: np.ndarray, **more: Value) -> None:
    """Add one problem for all cells of a column that have it, with their rows and what stands there."""
    if wrong.any():
        first = cells[wrong].iloc[:SHOWN]
        shown = tuple(f"{row + FIRST_ROW}: {cell!r}" for row, cell in zip(first.index, first, strict=True))
        values: dict[str, Value] = {"path": path.name, "column": str(cells.name), "count": int(wrong.sum())}
        problems.add(Message(f"frequency.{key}", values | {"rows": shown} | more))


def _cells(table: pd.DataFrame, columns: Mapping[str, str], path: Path, stations: bool) -> pd.DataFrame:
    """The cells under the reader's names, when the columns fit together."""
    known = (*NEEDED, *OPTIONAL)
    unknown = tuple(name for name in columns if name not in known)
    if unknown:
        raise InputError(Message("frequency.unknown_columns", {"path": path.name, "found": unknown, "known": known}))
    cells = named_columns(table, columns, path, needed=NEEDED, optional=OPTIONAL)
    there = set(cells.columns)
    problems = Problems()
    found: dict[str, Value] = {"path": path.name, "found": tuple(map(str, table.columns))}
    given = {"headway_min", "departures_per_hour"} & there
    if len(given) != 1:
        problems.add(Message("frequency.two_headways" if given else "frequency.no_headways", found))
    if len({"lon", "lat"} & there) == 1:
        problems.add(Message("frequency.half_positions", found))
    if not {"lon", "lat"} & there and not stations:
        problems.add(Message("frequency.no_positions", found))
    if len({"first", "last"} & there) == 1:
        problems.add(Message("frequency.half_hours", found))
    if "minutes_from_previous" in there and "sequence" not in there:
        problems.add(Message("frequency.minutes_alone", found))
    problems.raise_if_any(InputError)
    return cells


def _words(cells: pd.DataFrame, column: str) -> pd.Series:
    if column not in cells:
        return pd.Series("", index=cells.index)
    return cells[column].map(lambda cell: " ".join(unicodedata.normalize("NFKC", cell).split()))


def _modes(rows: pd.DataFrame, cells: pd.DataFrame, path: Path, problems: Problems) -> pd.Series:
    words, known = _words(cells, "mode").str.casefold(), mode_words()
    wrong = ~words.isin(["", *known]).to_numpy(bool)
    if wrong.any():
        report_cells(problems, path, "unknown_modes", cells["mode"], wrong, known=tuple(known))
    modes = words.map(known).astype(object).fillna("").astype(str)
    line = rows["line"]
    several = modes[(modes != "") & (line != "")].groupby(line).nunique()
    report(problems, path, "two_modes", rows, line.isin(several.index[several > 1]))
    return modes


def _add_headways(rows: pd.DataFrame, cells: pd.DataFrame, path: Path, problems: Problems, ledger: Ledger) -> None:
    column = "headway_min" if "headway_min" in cells else "departures_per_hour"
    found = numbers(cells[column], path, problems, blank=True)
    rows["none"] = (found == 0) & (column == "departures_per_hour")
    if column == "departures_per_hour":
        with np.errstate(divide="ignore"):
            found = 60 / found
        count = int(np.isfinite(found).sum())
        ledger.record(LAYER, "read", Message("frequency.per_hour", {"count": count}), count=count)
    found = np.where(rows["none"], np.nan, found)
    least, most = parameter("frequency_headway_least_min"), parameter("frequency_headway_most_min")
    wrong = ~np.isnan(found) & ~((found >= least) & (found <= most))
    report_cells(problems, path, "bad_headways", cells[column], wrong, least=float(least), most=float(most))
    rows["headway_min"] = np.where(wrong, np.nan, found)
    rows["has_headway"] = (cells[column] != "") & ~rows["none"]


def _add_hours(rows: pd.DataFrame, cells: pd.DataFrame, path: Path, problems: Problems, ledger: Ledger) -> None:
    fractions = 0
    for name in ("first", "last"):
        texts = cells[name] if name in cells else pd.Series("", index=cells.index)
        seconds, fraction = clock_seconds(texts)
        fractions += int(fraction.sum())
        there = (texts != "").to_numpy(bool)
        report_cells(problems, path, "no_times", texts, np.isnan(seconds) & there)
        rows[f"{name}_s"], rows[f"has_{name}"] = seconds, there
    rows["last_s"] = over_midnight(rows["first_s"].to_numpy(), rows["last_s"].to_numpy())
    if fractions:
        ledger.record(LAYER, "read", Message("frequency.day_fractions", {"count": fractions}), count=fractions)


def _add_termini(rows: pd.DataFrame, path: Path, problems: Problems) -> None:
    """Which rows end their line's direction.

    None does where the direction is not known, for something leaves from there the other way, and none where the table
    has a single stop of the direction, which ends elsewhere.
    """
    known = rows["sequence"].notna()
    some = known.groupby([rows[name] for name in LINE]).transform("any")
    report(problems, path, "sequence_gaps", rows, some & ~known & (rows["name"] != ""))
    of_line = rows.groupby(LINE)["sequence"]
    highest, several = of_line.transform("max"), of_line.transform("nunique") > 1
    rows["terminus"] = (rows["direction"] != "") & (rows["sequence"] == highest) & several
    names = rows[known].groupby([*LINE, "sequence"])["key"].transform("nunique")
    report(problems, path, "sequence_twice", rows[known], names > 1)
