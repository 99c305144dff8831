"""Departures from windows: one every headway from the first to the last."""

from __future__ import annotations

import numpy as np
import pandas as pd

from spatial.sources.frequency_table.hours import HOUR_S, MINUTE_S
from spatial.sources.frequency_table.rows import LINE

CALL = [*LINE, "sequence", "stop"]
_ROUNDING = 1e-9


def expanded(windows: pd.DataFrame) -> pd.DataFrame:
    """The departures of the windows, as `TransitSupply` has them.

    Seconds are rounded after the headways are added up. Where one window ends at the second at which the next one
    begins, one vehicle leaves then. The n-th departures of a line's direction at its stops are called one trip.
    """
    step_s = windows["headway_min"].to_numpy() * MINUTE_S
    first_s = windows["first_s"].to_numpy()
    counts = departures_of(windows).astype(np.int64)
    each = np.repeat(np.arange(len(windows)), counts)
    order = np.arange(len(each)) - np.repeat(np.cumsum(counts) - counts, counts)
    frame = windows[CALL].fillna({"sequence": -1.0}).iloc[each].reset_index(drop=True)
    frame["time_s"] = np.rint(first_s[each] + order * step_s[each]).astype(np.int32)
    frame = frame.sort_values([*CALL, "time_s"], kind="stable").drop_duplicates([*CALL, "time_s"])
    number = (frame.groupby(CALL).cumcount() + 1).astype(str)
    trip = (frame["line"] + " " + frame["direction"]).str.strip() + " " + number
    frame = frame.assign(trip=trip.str.strip(), route=frame["line"])[["stop", "route", "direction", "trip", "time_s"]]
    return frame.sort_values(["stop", "route", "direction", "time_s", "trip"], kind="stable").reset_index(drop=True)


def departures_of(windows: pd.DataFrame) -> np.ndarray:
    """How many departures each window has; those of an hour where hours are not known."""
    step_s = windows["headway_min"].to_numpy() * MINUTE_S
    within = np.floor((windows["last_s"] - windows["first_s"]).to_numpy() / step_s + _ROUNDING) + 1
    found: np.ndarray = np.where(np.isnan(within), HOUR_S / step_s, within)
    return found
