"""Tables of text from CSV and Excel files, and what people mean by their columns."""

from __future__ import annotations

import csv
import io
import unicodedata
import zipfile
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

import numpy as np
import pandas as pd

from spatial.errors import InputError, Problems
from spatial.model.provenance import Ledger
from spatial.sources.archives import check_archive
from spatial.sources.encodings import decoded
from spatial.text import Message, Value

_SEPARATORS = (",", "\t", ";", "，")
_NAMED = 5
FIRST_ROW = 2
"""The number that a spreadsheet shows beside the first row below the heads."""


def read_table(
    path: Path, *, ledger: Ledger, layer: str, encoding: str | None = None, sheet: str | None = None
) -> pd.DataFrame:
    """A CSV or .xlsx file as text, cell by cell: columns as the first row names them, "" where a cell is blank.

    Parameters
    ----------
    encoding : of a CSV file; found, and said in the ledger, when not given.
    sheet : of a workbook that has several.

    Raises
    ------
    InputError : no such file, not a table, no rows, a column named twice, rows longer than the first one.
    """
    if not path.is_file():
        raise InputError(Message("table_file.missing", {"path": path.name}))
    suffix = path.suffix.lower()
    if suffix == ".xlsx":
        rows = _workbook(path, sheet)
    elif suffix in (".csv", ".txt", ".tsv"):
        rows = _delimited(decoded(path.read_bytes(), path, ledger=ledger, layer=layer, declared=encoding), path)
    else:
        key = "old_workbook" if suffix in (".xls", ".et") else "other_kind"
        raise InputError(Message(f"table_file.{key}", {"path": path.name, "found": suffix}))
    return _table(rows, path)


def named_columns(
    table: pd.DataFrame,
    columns: Mapping[str, str],
    path: Path,
    *,
    needed: Sequence[str],
    optional: Sequence[str] = (),
    others: Sequence[str] = (),
) -> pd.DataFrame:
    """The columns that a reader asks for, under its own names; a wanted column may have the reader's name itself.

    Parameters
    ----------
    columns : what the file calls each wanted column, for example {"lon": "经度"}.
    needed, optional : the reader's names. others : further names that the study file may map, and are not read here.

    Raises
    ------
    InputError : one error for all columns that the file lacks, with the columns that it has; or names that the reader
        does not know.
    """
    strange = tuple(name for name in columns if name not in (*needed, *optional, *others))
    if strange:
        known = (*needed, *optional, *others)
        raise InputError(Message("table_file.columns_unknown", {"path": path.name, "found": strange, "known": known}))
    asked = {name: columns.get(name, name) for name in (*needed, *optional)}
    absent = [name for name in asked if asked[name] not in table.columns and (name in needed or name in columns)]
    if absent:
        missing = tuple(asked[name] if asked[name] == name else f"{name} = {asked[name]!r}" for name in absent)
        values: dict[str, Value] = {"path": path.name, "missing": missing, "found": tuple(map(str, table.columns))}
        raise InputError(Message("table_file.columns_missing", values))
    there = {name: source for name, source in asked.items() if source in table.columns}
    return pd.DataFrame({name: table[source] for name, source in there.items()}, index=table.index)


def numbers(column: pd.Series, path: Path, problems: Problems, *, blank: bool = False) -> np.ndarray:
    """The cells of a column as numbers, full-width digits too; NaN where blank, which is a problem unless allowed."""
    text = pd.Series([unicodedata.normalize("NFKC", cell).strip() for cell in column], index=column.index, dtype=str)
    found = pd.to_numeric(text, errors="coerce").to_numpy(dtype=float)
    wrong = ~np.isfinite(found) & ~((text == "").to_numpy() & blank)
    if wrong.any():
        cells = column[wrong]
        shown = tuple(f"{row + FIRST_ROW}: {cell!r}" for row, cell in cells.iloc[:_NAMED].items())
        values: dict[str, Value] = {
            "path": path.name,
            "column": str(column.name),
            "count": int(wrong.sum()),
            "rows": shown,
        }
        problems.add(Message("table_file.not_numbers", values))
    return np.where(wrong, np.nan, found)


def _workbook(path: Path, sheet: str | None) -> list[list[str]]:
    from openpyxl import load_workbook
    from openpyxl.utils.exceptions import InvalidFileException

    check_archive(path)
    try:
        book = load_workbook(path, read_only=True, data_only=True)
        try:
            names = tuple(book.sheetnames)
            if sheet is None and len(names) != 1:
                raise InputError(Message("table_file.several_sheets", {"path": path.name, "found": names}))
            if sheet is not None and sheet not in names:
                values: dict[str, Value] = {"path": path.name, "sheet": sheet, "found": names}
                raise InputError(Message("table_file.no_such_sheet", values))
            rows = book[sheet or names[0]].iter_rows(values_only=True)
            return [["" if cell is None else _cell(cell) for cell in row] for row in rows]
        finally:
            book.close()
    except InputError:
        raise
    except (InvalidFileException, zipfile.BadZipFile, KeyError, OSError, ValueError, SyntaxError) as error:
        unreadable: dict[str, Value] = {"path": path.name, "found": type(error).__name__}
        raise InputError(Message("table_file.unreadable", unreadable)) from error


def _cell(value: object) -> str:
    whole = isinstance(value, float) and value.is_integer() and abs(value) < 1e15
    return str(int(value)) if whole else str(value)  # type: ignore[call-overload]


def _delimited(text: str, path: Path) -> list[list[str]]:
    head = text.partition("\n")[0]
    separator = max(_SEPARATORS, key=head.count)
    try:
        return list(csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True))
    except csv.Error as error:
        raise InputError(Message("table_file.unreadable", {"path": path.name, "found": str(error)})) from None


def _table(rows: Iterable[list[str]], path: Path) -> pd.DataFrame:
    """Heads and rows; blank rows at the end, and blank columns without a head, are nothing."""
    filled = [[cell.strip() for cell in row] for row in rows]
    while filled and not any(filled[-1]):
        filled.pop()
    if len(filled) < FIRST_ROW:
        raise InputError(Message("table_file.empty", {"path": path.name}))
    heads, body = filled[0], filled[1:]
    while heads and not heads[-1] and not any(any(row[len(heads) - 1 :]) for row in body):
        heads = heads[:-1]
    problems = Problems()
    doubled = tuple(head for head in dict.fromkeys(heads) if heads.count(head) > 1)
    if doubled:
        problems.add(Message("table_file.doubled", {"path": path.name, "found": doubled}))
    long = [n + FIRST_ROW for n, row in enumerate(body) if any(row[len(heads) :])]
    if long:
        values: dict[str, Value] = {
            "path": path.name,
            "count": len(long),
            "rows": tuple(long[:_NAMED]),
            "columns": len(heads),
        }
        problems.add(Message("table_file.long_rows", values))
    problems.raise_if_any(InputError)
    wide = [(row + [""] * len(heads))[: len(heads)] for row in body]
    return pd.DataFrame(wide, columns=pd.Index(heads), dtype=object).astype(str)
