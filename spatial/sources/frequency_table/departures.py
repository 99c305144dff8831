"""Departures from windows: one every headway from the first to the last."""

from __future__ import annotations

import numpy as np
import pandas as pd

from spatial.sources.frequency_table.hours import HOUR_S, MINUTE_S
from spatial.sources.frequency_table.rows import LINE

CALL = ["stop", *LINE, "sequence"]
_ROUNDING = 1e-9


def expanded(windows: pd.DataFrame) -> pd.DataFrame:
    """The departures of the windows, as `TransitSupply` has them.

    Seconds are rounded after the headways are added up. Where one window ends at the second at which the next one
    begins, one vehicle leaves then. The n-th departures of a line's direction at its stops are called one trip.
    """
    windows = windows.fillna({"sequence": -1.0}).sort_values([*CALL, "first_s", "last_s"], kind="stable")
    call, stop_of_line = (windows.groupby(keys).ngroup().to_numpy() for keys in (CALL, CALL[:-1]))
    counts = departures_of(windows).astype(np.int64)
    each = np.repeat(np.arange(len(windows)), counts)
    order = np.arange(len(each)) - np.repeat(np.cumsum(counts) - counts, counts)
    step_s = windows["headway_min"].to_numpy() * MINUTE_S
    time_s = np.rint(windows["first_s"].to_numpy()[each] + order * step_s[each]).astype(np.int32)
    frame = pd.DataFrame({"call": call[each], "time_s": time_s, "window": each}).drop_duplicates(["call", "time_s"])
    frame["number"] = frame.groupby("call").cumcount() + 1
    frame = frame.iloc[np.lexsort((frame["number"], frame["time_s"], stop_of_line[frame["window"]]))]
    of_window = windows.iloc[frame["window"]].reset_index(drop=True)
    words = (of_window["line"] + " " + of_window["direction"]).str.strip() + " "
    return pd.DataFrame(
        {
            "stop": of_window["stop"],
            "route": of_window["line"],
            "direction": of_window["direction"],
            "trip": words.str.lstrip() + frame["number"].astype(str).to_numpy(),
            "time_s": frame["time_s"].to_numpy(),
        }
    )


def departures_of(windows: pd.DataFrame) -> np.ndarray:
    """How many departures each window has; those of an hour where hours are not known."""
    step_s = windows["headway_min"].to_numpy() * MINUTE_S
    within = np.floor((windows["last_s"] - windows["first_s"]).to_numpy() / step_s + _ROUNDING) + 1
    found: np.ndarray = np.where(np.isnan(within), HOUR_S / step_s, within)
    return found
