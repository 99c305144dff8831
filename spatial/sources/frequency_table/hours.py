"""Clock times as people write them: 6:00, 24:30, 次日00:30, and what Excel makes of them."""

from __future__ import annotations

import re
import unicodedata

import numpy as np
import pandas as pd

MINUTE_S = 60
HOUR_S = 3600
DAY_S = 24 * HOUR_S
LONGEST_DAY_S = 2 * DAY_S

_CLOCK = re.compile(r"(\d{1,2})[:时点](\d{2})(?:[:分](?:(\d{2}(?:\.\d+)?)秒?)?)?")
_NEXT_DAY = re.compile(r"\(?(?:次日|翌日|第二天|next day|\+1|1 day,|1900-01-01)\)?")
_FRACTION = re.compile(r"0?\.\d+|1\.\d{4,}")


def clock_seconds(texts: pd.Series) -> tuple[np.ndarray, np.ndarray]:
    """Times of the service day in seconds, NaN where a cell is none; and which cells are fractions of a day.

    Times may exceed 24 h up to 48 h, as 24:30 or 次日00:30 do. Fractions are what Excel hands over where a cell is not
    formatted as a time: 0.25 is 06:00, and past midnight (1.0208 is 24:30) at least four digits are wanted, since 1.30
    may be meant for half past one.
    """
    codes, words = pd.factorize(texts)
    plain = [unicodedata.normalize("NFKC", str(word)).strip().casefold() for word in words]
    seconds = np.array([*map(_seconds, plain), np.nan])
    fractions = np.array([*(_FRACTION.fullmatch(word) is not None for word in plain), False])
    return seconds[codes], fractions[codes]


def over_midnight(first_s: np.ndarray, last_s: np.ndarray) -> np.ndarray:
    """The last departures, those that are earlier by the clock than the first moved to the next day."""
    with np.errstate(invalid="ignore"):
        return np.where(last_s < first_s, last_s + DAY_S, last_s)


def _seconds(text: str) -> float:
    if _FRACTION.fullmatch(text):
        return float(round(float(text) * DAY_S))
    clock, later = _NEXT_DAY.subn("", text)
    found = _CLOCK.fullmatch(clock.strip())
    if found is None or later > 1:
        return np.nan
    hour, minute, second = int(found[1]), int(found[2]), float(found[3] or 0)
    if minute >= 60 or second >= 60 or hour > (23 if later else 48):
        return np.nan
    return float(round(hour * HOUR_S + minute * MINUTE_S + second)) + later * DAY_S
