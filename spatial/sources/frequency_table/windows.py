"""Within which hours something leaves the stops of a frequency table, and how often."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd

from spatial.errors import Problems
from spatial.model.provenance import Ledger
from spatial.sources.frequency_table.hours import LONGEST_DAY_S, MINUTE_S
from spatial.sources.frequency_table.rows import LAYER, LINE, report
from spatial.text import Message

CALL = [*LINE, "sequence"]
KEY = [*LINE, "by_stop", "by_place"]


def has_hours(rows: pd.DataFrame) -> bool:
    """Whether anything is said of hours in any row."""
    return bool((rows["has_first"] | rows["has_last"]).any())


def leaving_rows(rows: pd.DataFrame, path: Path, *, problems: Problems, ledger: Ledger) -> pd.DataFrame:
    """The rows from which something leaves, one for each window with its `headway_min`, `first_s` and `last_s`.

    What a row states holds at its own stop. Where hours stand only at an earlier stop of the line's direction they are
    carried on by the minutes from stop to stop: all windows of that stop for a row without a headway, those of the
    same headway for a row with one (its only window whatever the headway). In a table without hours: the rows with a
    headway, hours NaN.

    Parameters
    ----------
    rows : of `read_rows`, and `stop` (its id, "" where it has no position).
    """
    live = rows[~rows["terminus"] & ~rows["none"]]
    if not has_hours(rows):
        return _untimed(live[live["has_headway"]], path, problems)
    stated = live["has_first"] & live["has_last"]
    report(problems, path, "first_without_last", live, live["has_first"] != live["has_last"])
    report(problems, path, "no_headway", live, stated & ~live["has_headway"])
    bare = live[~live["has_first"] & ~live["has_last"] & (live["has_headway"] | live["has_minutes"])]
    own = live[live["first_s"].notna() & live["last_s"].notna()]
    carried = _carried(rows, own, bare, path, problems)
    if len(carried):
        count = int(carried.index.nunique())
        ledger.record(LAYER, "imputed", Message("frequency.carried", {"count": count}), count=count)
    windows = pd.concat([own, carried[own.columns]]) if len(carried) else own
    report(problems, path, "too_late", windows, windows["last_s"] >= LONGEST_DAY_S)
    windows = windows[windows["headway_min"].notna()]
    _check_windows(windows, path, problems)
    return windows


def _untimed(rows: pd.DataFrame, path: Path, problems: Problems) -> pd.DataFrame:
    again = _keyed(rows).duplicated(KEY, keep=False)
    same = _keyed(rows).duplicated([*KEY, "headway_min"], keep=False)
    report(problems, path, "repeated", rows, same)
    report(problems, path, "several_headways", rows, again & ~same)
    return rows


def _carried(rows: pd.DataFrame, own: pd.DataFrame, bare: pd.DataFrame, path: Path, problems: Problems) -> pd.DataFrame:
    """The rows without hours, once for each window that is carried to them."""
    along = _along(rows, own.index, path, problems)
    there = bare.join(along, how="left")
    report(problems, path, "no_hours", there, there["source"].isna())
    broken = there["source"].notna() & (there["gaps"] > 0)
    report(problems, path, "no_minutes", there, broken)
    there = there[there["source"].notna() & ~broken]
    source = own.join(along["call"])[["call", "first_s", "last_s", "headway_min"]].drop_duplicates()
    source = source.rename(columns={"first_s": "from_s", "last_s": "to_s", "headway_min": "its_min"})
    source["windows"] = source.groupby("call")["its_min"].transform("size")
    pairs = there.drop(columns="call").reset_index(names="row").merge(source, left_on="source", right_on="call")
    alike = np.isclose(pairs["headway_min"], pairs["its_min"], rtol=0, atol=1e-9)
    pairs = pairs[~pairs["has_headway"] | (pairs["windows"] == 1) | alike].set_index("row").rename_axis(None)
    report(problems, path, "no_window", there, ~there.index.isin(pairs.index))
    shift = pairs["shift_s"]
    headway = pairs["headway_min"].where(pairs["has_headway"], pairs["its_min"])
    found = pairs.assign(headway_min=headway, first_s=pairs["from_s"] + shift, last_s=pairs["to_s"] + shift)
    again = _keyed(found).duplicated([*KEY, "first_s", "last_s", "headway_min"])
    return found[~again.to_numpy()]


def _along(rows: pd.DataFrame, timed: pd.Index, path: Path, problems: Problems) -> pd.DataFrame:
    """For each row with a place in its line: `call`, the nearest earlier `call` with hours, seconds and gaps between.

    A call is one place in one direction of a line; rows of the same call share it.
    """
    known = rows[rows["sequence"].notna()]
    call = known.groupby(CALL).ngroup()
    at_call = known["minutes"].groupby(call)
    report(problems, path, "minutes_differ", known, at_call.transform("nunique") > 1)
    calls = known.assign(call=call, timed=known.index.isin(timed)).groupby("call").agg(
        line=("line", "first"), direction=("direction", "first"), minutes=("minutes", "first"), timed=("timed", "any")
    )  # fmt: skip
    line = [calls[name] for name in LINE]
    minutes = calls["minutes"].fillna(0).groupby(line).cumsum()
    gaps = calls["minutes"].isna().groupby(line).cumsum()
    source = pd.Series(calls.index, index=calls.index, dtype=float).where(calls["timed"]).groupby(line).ffill()
    seconds = (minutes - minutes.reindex(source).to_numpy()) * MINUTE_S
    found = pd.DataFrame(
        {"source": source, "shift_s": np.rint(seconds), "gaps": gaps - gaps.reindex(source).to_numpy()}
    )
    return found.reindex(call).assign(call=call.to_numpy()).set_index(known.index)


def _check_windows(windows: pd.DataFrame, path: Path, problems: Problems) -> None:
    """Rows of the same line, direction and stop whose hours are the same or overlap; they may touch."""
    frame = _keyed(windows).sort_values(["first_s", "last_s"], kind="stable")
    same = [*KEY, "first_s", "last_s", "headway_min"]
    report(problems, path, "repeated", frame, frame.duplicated(same, keep=False))
    frame = frame[~frame.duplicated(same)]
    by_stop = [frame[name] for name in KEY]
    late = frame["first_s"] < frame.groupby(KEY)["last_s"].cummax().groupby(by_stop).shift()
    report(problems, path, "overlap", frame, late | late.groupby(by_stop).shift(-1, fill_value=False))


def _keyed(rows: pd.DataFrame) -> pd.DataFrame:
    """The rows with what tells one stop of a line's direction from others (by name where it has no position)."""
    stop = rows["stop"].where(rows["stop"] != "", rows["key"])
    return rows.assign(by_stop=stop, by_place=rows["sequence"].fillna(-1))
