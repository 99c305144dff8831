"""The files of a GTFS feed, out of a zip or a folder, as tables of text."""

from __future__ import annotations

import csv
import hashlib
import io
import zipfile
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from pyarrow import csv as arrow_csv

from spatial.errors import InputError, Problems
from spatial.sources.archives import check_archive
from spatial.text import Message, Value

REQUIRED_FILES = ("routes.txt", "stops.txt", "stop_times.txt", "trips.txt")
WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
REPORTED = 5  # wrong values named one by one before the rest are only counted

# per file: the columns it must have, and those that are empty text where it has none
COLUMNS: Mapping[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "agency.txt": (("agency_timezone",), ("agency_name",)),
    "calendar.txt": (
        ("service_id", *WEEKDAYS, "start_date", "end_date"),
        (),
    ),
    "calendar_dates.txt": (("service_id", "date", "exception_type"), ()),
    "frequencies.txt": (("trip_id", "start_time", "end_time", "headway_secs"), ("exact_times",)),
    "routes.txt": (("route_id", "route_type"), ("route_short_name", "route_long_name")),
    "stops.txt": (("stop_id", "stop_lat", "stop_lon"), ("stop_name", "location_type", "parent_station")),
    "stop_times.txt": (
        ("trip_id", "stop_id", "stop_sequence", "departure_time"),
        ("arrival_time", "pickup_type", "shape_dist_traveled"),
    ),
    "trips.txt": (("route_id", "service_id", "trip_id"), ("direction_id",)),
}  # fmt: skip


@dataclass(frozen=True)
class Feed:
    """A feed as read: tables of text by file name (files that are absent or empty have none), and its fingerprint."""

    path: Path
    tables: Mapping[str, pa.Table]
    sha256: str

    def column(self, file: str, name: str) -> np.ndarray:
        """One column as an array of text; empty where the file is absent."""
        if file not in self.tables:
            return np.empty(0, dtype=object)
        texts: np.ndarray = self.tables[file].column(name).to_numpy()
        return texts


def open_feed(path: Path) -> Feed:
    """Read the files that matter, with stray spaces, byte-order marks and quotes taken off.

    Raises
    ------
    InputError : no such file, an unreadable zip, missing files or columns, rows of the wrong length, all at once.
    """
    if not path.exists():
        raise InputError(Message("gtfs.not_found", {"path": str(path)}))
    contents, sha256 = _folder(path) if path.is_dir() else _zip(path)
    missing = tuple(name for name in REQUIRED_FILES if not contents.get(name, b"").strip())
    if missing:
        raise InputError(Message("gtfs.missing_files", {"path": str(path), "files": missing}))
    if not any(contents.get(name, b"").strip() for name in ("calendar.txt", "calendar_dates.txt")):
        raise InputError(Message("gtfs.no_calendar", {"path": str(path)}))
    problems = Problems()
    tables = {}
    for name, content in sorted(contents.items()):
        table = _table(path, name, content, problems)
        if table is not None:
            tables[name] = table
    empty = tuple(name for name in REQUIRED_FILES if name in tables and not len(tables[name]))
    if empty:
        problems.add(Message("gtfs.missing_files", {"path": str(path), "files": empty}))
    problems.raise_if_any(InputError)
    return Feed(path, tables, sha256)


def report_values(
    problems: Problems, path: Path, file: str, column: str, texts: np.ndarray, wrong: np.ndarray, expected: str
) -> None:
    """Add the first wrong values of one column, with their rows (the header is row 1), and how many more."""
    rows = np.flatnonzero(wrong)
    for row in rows[:REPORTED]:
        values: dict[str, Value] = {"path": str(path), "file": file, "row": int(row) + 2, "column": column}
        values |= {"found": str(texts[row]), "expected": Message(f"gtfs.expected.{expected}")}
        problems.add(Message("gtfs.bad_value", values))
    if len(rows) > REPORTED:
        problems.add(Message("gtfs.more_bad", {"file": file, "column": column, "count": len(rows) - REPORTED}))


def _folder(path: Path) -> tuple[dict[str, bytes], str]:
    """The files of a folder, or of its one sub-folder, and a digest of their names and contents."""
    inside = {entry.relative_to(path).as_posix(): entry for entry in sorted(path.rglob("*.txt"))}
    chosen = {short: inside[long] for short, long in _members(path, list(inside)).items()}
    digest = hashlib.sha256()
    contents = {}
    for name, file in sorted(chosen.items()):
        contents[name] = file.read_bytes()
        digest.update(name.encode() + b"\0" + contents[name])
    return contents, digest.hexdigest()


def _zip(path: Path) -> tuple[dict[str, bytes], str]:
    """The files of a zip, opened by name (nothing is unpacked), and the digest of the zip."""
    try:
        with path.open("rb") as opened:
            sha256 = hashlib.file_digest(opened, "sha256").hexdigest()
        with zipfile.ZipFile(path) as archive:
            check_archive(path)
            chosen = _members(path, archive.namelist())
            return {short: archive.read(long) for short, long in chosen.items()}, sha256
    except (zipfile.BadZipFile, zlib.error, EOFError, OSError, RuntimeError, NotImplementedError) as error:
        raise InputError(Message("gtfs.unreadable", {"path": str(path), "found": str(error)})) from error


def _members(path: Path, names: list[str]) -> dict[str, str]:
    """The known files: those at the top, or those in one folder where that holds them all."""
    folders: dict[str, dict[str, str]] = {}
    for name in names:
        folder, _, short = name.replace("\\", "/").rpartition("/")
        if short in COLUMNS and not folder.startswith("__MACOSX"):
            folders.setdefault(folder, {})[short] = name
    if "" in folders or not folders:
        return folders.get("", {})
    if len(folders) > 1:
        raise InputError(Message("gtfs.many_folders", {"path": str(path), "folders": tuple(sorted(folders))}))
    return next(iter(folders.values()))


def _table(path: Path, name: str, content: bytes, problems: Problems) -> pa.Table | None:
    """One file as a table of its known columns, all of them text; None where it is empty."""
    if not content.strip():
        return None
    where = {"path": str(path), "file": name}
    body = content.removeprefix(b"\xef\xbb\xbf")
    line, _, rows = body.partition(b"\n")
    try:
        header = [
            text.strip() for text in next(csv.reader(io.StringIO(line.decode("utf-8").strip()), skipinitialspace=True))
        ]
    except UnicodeDecodeError:
        problems.add(Message("gtfs.encoding", where))
        return None
    required, optional = COLUMNS[name]
    absent = tuple(column for column in required if column not in header)
    if absent:
        problems.add(Message("gtfs.missing_columns", {**where, "columns": absent, "found": tuple(header)}))
        return None
    known = [column for column in (*required, *optional) if column in header]
    table = _rows(rows, header, known, where, problems)
    if table is None:
        return None
    for column in optional:
        if column not in header:
            table = table.append_column(column, pa.array([""] * len(table), pa.string()))
    return table


def _rows(
    rows: bytes, header: list[str], known: list[str], where: Mapping[str, str], problems: Problems
) -> pa.Table | None:
    if not rows.strip():
        return pa.table({column: pa.array([], pa.string()) for column in known})
    names = [text if text and text not in header[:i] else f"unused {i}" for i, text in enumerate(header)]
    uneven: list[arrow_csv.InvalidRow] = []

    def note(row: arrow_csv.InvalidRow) -> str:
        uneven.append(row)
        return "skip"

    try:
        table = arrow_csv.read_csv(
            pa.BufferReader(rows),
            read_options=arrow_csv.ReadOptions(use_threads=False, column_names=names, block_size=1 << 24),
            parse_options=arrow_csv.ParseOptions(newlines_in_values=True, invalid_row_handler=note),
            convert_options=arrow_csv.ConvertOptions(
                column_types=dict.fromkeys(names, pa.string()), include_columns=known, strings_can_be_null=False
            ),
        )
    except pa.ArrowInvalid as error:
        key = "gtfs.encoding" if "UTF8" in str(error) else "gtfs.not_csv"
        problems.add(Message(key, {**where, "found": str(error)}))
        return None
    for row in uneven[:REPORTED]:
        counts = {"row": (row.number or 0) + 1, "found": row.actual_columns, "expected": row.expected_columns}
        problems.add(Message("gtfs.uneven_row", {**where, **counts}))
    if len(uneven) > REPORTED:
        problems.add(Message("gtfs.more_uneven", {"file": where["file"], "count": len(uneven) - REPORTED}))
    return pa.table({column: _clean(table.column(column)) for column in known})


def _clean(texts: pa.ChunkedArray) -> pa.ChunkedArray:
    """Texts without stray spaces, and without the quotes that a space before them kept."""
    trimmed = pc.utf8_trim_whitespace(texts)
    quoted = pc.and_(pc.starts_with(trimmed, '"'), pc.ends_with(trimmed, '"'))
    if pc.any(quoted).as_py():
        return pc.if_else(quoted, pc.replace_substring(pc.utf8_slice_codeunits(trimmed, 1, -1), '""', '"'), trimmed)
    return trimmed
