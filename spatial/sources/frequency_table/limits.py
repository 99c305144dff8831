"""What a frequency table does not tell, and what was made of its rows, for the ledger."""

from __future__ import annotations

import pandas as pd

from spatial.model.provenance import Ledger
from spatial.model.transit import Lack
from spatial.sources.frequency_table.rows import LAYER, LINE, SHOWN
from spatial.sources.frequency_table.windows import has_hours
from spatial.text import Message, Value


def note_rows(rows: pd.DataFrame, leaving: pd.DataFrame, service_day: str, ledger: Ledger) -> None:
    """Say how many rows, lines and stops there are, and at which of them nothing leaves."""
    lines = rows.loc[rows["line"] != "", "line"].nunique()
    values: dict[str, Value] = {"count": len(rows), "lines": lines, "stops": rows["stop"].nunique(), "day": service_day}
    ledger.record(LAYER, "read", Message("frequency.read", values), count=len(rows))
    ends = rows[rows["terminus"]]
    if len(ends):
        names = tuple(map(str, ends["name"].drop_duplicates().iloc[:SHOWN]))
        ledger.record(
            LAYER, "dropped", Message("frequency.termini", {"count": len(ends), "names": names}), count=len(ends)
        )
    aimed = rows[(rows["line"] != "") & (rows["direction"] != "")]
    ways = aimed.groupby("line")["direction"].nunique()
    single = tuple(map(str, ways.index[ways == 1]))
    if single:
        message = Message("frequency.one_way", {"count": len(single), "names": single[:SHOWN]})
        ledger.record(LAYER, "warned", message, count=len(single))
    alone = rows[
        rows["sequence"].notna()
        & (rows["direction"] != "")
        & (rows.groupby(LINE)["sequence"].transform("nunique") == 1)
    ]
    if len(alone):
        ledger.record(LAYER, "warned", Message("frequency.lone_stops", {"count": len(alone)}), count=len(alone))
    idle = rows[~rows["terminus"] & ~rows.index.isin(leaving.index)]
    if len(idle):
        names = tuple(map(str, idle["name"].drop_duplicates().iloc[:SHOWN]))
        ledger.record(LAYER, "warned", Message("frequency.idle", {"count": len(idle), "names": names}), count=len(idle))


def note_lacks(rows: pd.DataFrame, ledger: Ledger) -> frozenset[Lack]:
    """What the table does not tell of all rows or of some, each said with what follows from it."""
    unordered = rows["sequence"].isna()
    begins = rows["sequence"] == rows.groupby(LINE)["sequence"].transform("min")
    without: dict[Lack, pd.Series] = {
        "times": pd.Series(not has_hours(rows), index=rows.index),
        "lines": rows["line"] == "",
        "directions": rows["direction"] == "",
        "sequence": unordered,
        "travel_times": unordered | (~begins & rows["minutes"].isna()),
        "modes": rows["mode"] == "",
    }
    lacks = frozenset(lack for lack, missing in without.items() if missing.any())
    for lack in (lack for lack in without if lack in lacks):
        count = int(without[lack].sum())
        values: dict[str, Value] = {"count": count, "rows": len(rows)}
        ledger.record(LAYER, "warned", Message(f"frequency.lacks_{lack}", values), count=count)
    return lacks
