"""The calls of a GTFS feed's trips at stops: times as seconds of the service day, gaps filled, frequencies
expanded.
"""

from __future__ import annotations

import re
from collections.abc import Callable

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from spatial.errors import Problems
from spatial.model.provenance import Action, Ledger
from spatial.sources.gtfs.files import Feed, report_values
from spatial.text import Message

FILE = "stop_times.txt"
FREQUENCIES = "frequencies.txt"
LAYER = "transit"
LONGEST_DAY_S = 48 * 3600
NO_BOARDING = 1
ON_REQUEST = (2, 3)
_TIME = re.compile(r"(\d{1,3}):([0-5]\d):([0-5]\d)")


def read_calls(feed: Feed, trips: pd.Index, stops: pd.Index, problems: Problems, ledger: Ledger) -> pd.DataFrame:
    """The calls of the given trips, by trip and order of stops.

    Returns
    -------
    Columns `trip` and `stop` (positions in the given indexes; stop −1: not in stops.txt), `sequence`, `arrival_s`
    and `departure_s` (seconds of the service day, NaN where blank), `pickup` (pickup_type), `distance`
    (shape_dist_traveled, NaN where blank) and `last` (the trip ends here). Times, orders and pick-up types are
    checked in the whole file.
    """
    table = feed.tables[FILE]
    departure = _times(feed, FILE, "departure_time", problems)
    arrival = _times(feed, FILE, "arrival_time", problems)
    sequence = _integers(feed, FILE, "stop_sequence", problems)
    pickup = np.nan_to_num(_integers(feed, FILE, "pickup_type", problems, allowed=("", "0", "1", "2", "3")))
    trip = _positions(table.column("trip_id"), trips)
    stop = _positions(table.column("stop_id"), stops)
    rows = np.flatnonzero(trip >= 0)
    rows = rows[np.lexsort((sequence[rows], trip[rows]))]
    distance = pd.to_numeric(pd.Series(table.column("shape_dist_traveled").take(rows).to_numpy()), errors="coerce")
    calls = pd.DataFrame(
        {
            "trip": trip[rows],
            "stop": stop[rows],
            "sequence": sequence[rows],
            "arrival_s": arrival[rows],
            "departure_s": departure[rows],
            "pickup": pickup[rows].astype(np.int8),
            "distance": distance.to_numpy(float),
        }
    )
    repeated = calls.duplicated(["trip", "sequence"])
    _note(ledger, "dropped", "gtfs.repeated_calls", int(repeated.sum()))
    calls = calls.loc[~repeated].reset_index(drop=True)
    calls["last"] = ~calls["trip"].duplicated(keep="last")
    return calls


def complete_times(calls: pd.DataFrame, ledger: Ledger) -> pd.DataFrame:
    """The calls with blank times filled from the timed calls before and after.

    In proportion to the distance along the shape where all three have one, else to the number of stops. Calls that no
    two timed calls enclose are dropped.
    """
    arrival, departure = calls["arrival_s"].to_numpy(copy=True), calls["departure_s"].to_numpy(copy=True)
    arrival, departure = (
        np.where(np.isnan(arrival), departure, arrival),
        np.where(np.isnan(departure), arrival, departure),
    )
    blank = np.isnan(departure)
    before, after = _timed_neighbours(calls["trip"].to_numpy(), ~blank)
    fill = np.flatnonzero(blank & (before >= 0) & (after >= 0))
    share, by_distance = _shares(calls["distance"].to_numpy(), before[fill], fill, after[fill])
    start, end = departure[before[fill]], arrival[after[fill]]
    arrival[fill] = departure[fill] = np.rint(start + (end - start) * share)
    if len(fill):
        message = Message("gtfs.times_filled", {"count": len(fill), "by_distance": int(by_distance.sum())})
        ledger.record(LAYER, "imputed", message, count=len(fill))
    untimed = np.isnan(departure)
    _note(ledger, "dropped", "gtfs.times_missing", int(untimed.sum()))
    filled: pd.DataFrame = calls.assign(arrival_s=arrival, departure_s=departure)[~untimed].reset_index(drop=True)
    same = filled["trip"].eq(filled["trip"].shift())
    backwards = same & (filled["arrival_s"] < filled["departure_s"].shift())
    _note(ledger, "warned", "gtfs.backwards", int(backwards.sum()))
    return filled


def expand_frequencies(
    calls: pd.DataFrame, feed: Feed, trips: pd.Index, problems: Problems, ledger: Ledger
) -> pd.DataFrame:
    """The calls with every trip of frequencies.txt replaced by its runs.

    A run leaves at each headway from the start (included) to the end (not included) of each period, with the trip's
    own times between stops. Adds `run`: the second at which it leaves its first stop (−1: a trip that stands for
    itself).
    """
    table = _frequency_rows(feed, trips, problems)
    plain = calls.assign(run=-1)
    if table.empty:
        return plain
    counts = np.ceil(((table["end_s"] - table["start_s"]) / table["headway_s"]).to_numpy()).clip(0).astype(np.int64)
    each = np.repeat(np.arange(len(table)), counts)
    order = np.arange(len(each)) - np.repeat(np.cumsum(counts) - counts, counts)
    runs = table.iloc[each].reset_index(drop=True)
    runs["run"] = (runs["start_s"] + order * runs["headway_s"]).astype(np.int64)
    runs = runs.drop_duplicates(["trip", "run"])[["trip", "run"]]
    template = calls[calls["trip"].isin(table["trip"])]
    first = template.groupby("trip")["departure_s"].transform("first")
    template = template.assign(arrival_s=template["arrival_s"] - first, departure_s=template["departure_s"] - first)
    expanded = runs.merge(template, on="trip", how="inner")
    expanded[["arrival_s", "departure_s"]] = expanded[["arrival_s", "departure_s"]].add(expanded["run"], axis=0)
    inexact = int((~table["exact"]).sum())
    values = {"trips": int(table["trip"].nunique()), "runs": len(runs), "inexact": inexact}
    ledger.record(LAYER, "estimated" if inexact else "read", Message("gtfs.frequencies", values), count=len(runs))
    kept = plain[~plain["trip"].isin(table["trip"])]
    return pd.concat([kept, expanded[kept.columns]], ignore_index=True)


def boardable(calls: pd.DataFrame, ledger: Ledger) -> pd.DataFrame:
    """The calls at which people may board: none that ends a trip, none where boarding is barred or after 48 h."""
    calls = calls[~calls["last"]]
    closed = calls["pickup"] == NO_BOARDING
    _note(ledger, "dropped", "gtfs.no_boarding", int(closed.sum()))
    late = ~closed & (calls["departure_s"] >= LONGEST_DAY_S)
    _note(ledger, "dropped", "gtfs.too_late", int(late.sum()))
    kept = calls[~closed & ~late]
    _note(ledger, "read", "gtfs.on_request", int(kept["pickup"].isin(ON_REQUEST).sum()))
    return kept


def unknown_trips(feed: Feed, known: pd.Index, ledger: Ledger) -> None:
    """Note the calls of trips that trips.txt does not list."""
    strangers = int((_positions(feed.tables[FILE].column("trip_id"), known) < 0).sum())
    _note(ledger, "dropped", "gtfs.unknown_trips", strangers)


def run_label(trip: str, run: int) -> str:
    """The name of one run of a trip of frequencies.txt: the trip and the time it starts."""
    return trip if run < 0 else f"{trip}@{run // 3600:02d}:{run // 60 % 60:02d}:{run % 60:02d}"


def _frequency_rows(feed: Feed, trips: pd.Index, problems: Problems) -> pd.DataFrame:
    if FREQUENCIES not in feed.tables:
        return pd.DataFrame(columns=["trip", "start_s", "end_s", "headway_s", "exact"])
    start, end = (_times(feed, FREQUENCIES, name, problems, may_be_blank=False) for name in ("start_time", "end_time"))
    headway = _integers(feed, FREQUENCIES, "headway_secs", problems)
    texts = feed.column(FREQUENCIES, "headway_secs").astype(str)
    report_values(problems, feed.path, FREQUENCIES, "headway_secs", texts, headway <= 0, "headway")
    exact = np.nan_to_num(_integers(feed, FREQUENCIES, "exact_times", problems, allowed=("", "0", "1")))
    trip = _positions(feed.tables[FREQUENCIES].column("trip_id"), trips)
    frame = pd.DataFrame({"trip": trip, "start_s": start, "end_s": end, "headway_s": headway, "exact": exact == 1})
    sound = (frame["trip"] >= 0) & (frame["headway_s"] > 0) & frame["start_s"].notna() & frame["end_s"].notna()
    return frame[sound].sort_values(["trip", "start_s"], kind="stable").reset_index(drop=True)


def _timed_neighbours(trip: np.ndarray, timed: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """For each call the position of the nearest timed call before and after it in the same trip, −1 for none."""
    here = np.arange(len(trip))
    if not len(trip):
        return here, here
    before = np.maximum.accumulate(np.where(timed, here, -1))
    after = np.minimum.accumulate(np.where(timed, here, len(trip))[::-1])[::-1]
    before = np.where((before >= 0) & (trip[before] == trip), before, -1)
    reachable = np.minimum(after, len(trip) - 1)
    return before, np.where((after < len(trip)) & (trip[reachable] == trip), after, -1)


def _shares(
    distance: np.ndarray, before: np.ndarray, here: np.ndarray, after: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """How far along from `before` to `after` each call is, 0 to 1, and whether distances told it."""
    with np.errstate(invalid="ignore", divide="ignore"):
        along = (distance[here] - distance[before]) / (distance[after] - distance[before])
        usable = (along >= 0) & (along <= 1)
    return np.where(usable, along, (here - before) / (after - before)), usable


def _times(feed: Feed, file: str, column: str, problems: Problems, *, may_be_blank: bool = True) -> np.ndarray:
    """A column of H:MM:SS as seconds, NaN where blank; wrong ones are added to `problems`."""
    numbers, blank = _decoded(feed.tables[file].column(column), _seconds)
    wrong = np.isnan(numbers) & ~(blank & may_be_blank)
    _report(feed, file, column, wrong, "time", problems)
    return numbers


def _integers(
    feed: Feed, file: str, column: str, problems: Problems, *, allowed: tuple[str, ...] | None = None
) -> np.ndarray:
    """A column of whole numbers as floats, NaN where blank; wrong ones are added to `problems`."""
    numbers, blank = _decoded(feed.tables[file].column(column), _whole)
    if allowed is None:
        wrong, expected = np.isnan(numbers), "whole"
    else:
        known, _ = _decoded(feed.tables[file].column(column), lambda text: float(text in allowed))
        wrong, expected = (known == 0) & ~(blank & ("" in allowed)), column
    _report(feed, file, column, wrong, expected, problems)
    return numbers


def _report(feed: Feed, file: str, column: str, wrong: np.ndarray, expected: str, problems: Problems) -> None:
    if wrong.any():
        report_values(problems, feed.path, file, column, feed.column(file, column), wrong, expected)


def _decoded(texts: pa.ChunkedArray, read: Callable[[str], float]) -> tuple[np.ndarray, np.ndarray]:
    """A column of text read as numbers, each distinct text once; and which are blank."""
    encoded = texts.dictionary_encode().unify_dictionaries().combine_chunks()
    words = encoded.dictionary.to_pylist()
    which = encoded.indices.to_numpy(zero_copy_only=False)
    numbers = np.array([read(word) for word in words], dtype=float)
    blank = np.array([word == "" for word in words], dtype=bool)
    return (numbers[which], blank[which]) if len(words) else (np.empty(0), np.empty(0, dtype=bool))


def _seconds(text: str) -> float:
    found = _TIME.fullmatch(text)
    return np.nan if found is None else 3600 * int(found[1]) + 60 * int(found[2]) + int(found[3])


def _whole(text: str) -> float:
    return float(text) if text.isascii() and text.isdigit() else np.nan


def _positions(texts: pa.ChunkedArray, known: pd.Index) -> np.ndarray:
    """The position of each text in an index, −1 where it is not there."""
    found = pc.index_in(texts, value_set=pa.array(known.to_numpy(), pa.string()))
    positions: np.ndarray = pc.fill_null(found, -1).to_numpy()
    return positions


def _note(ledger: Ledger, action: Action, key: str, count: int) -> None:
    if count:
        ledger.record(LAYER, action, Message(key, {"count": count}), count=count)
