"""Result rows as map columns: one number a zone, with its status and the reason for it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from spatial.errors import InputError
from spatial.model.results import ResultTable
from spatial.text import Message

FAMILY = ("study", "scenario", "indicator", "item", "at", "period", "bound")
Note = tuple[str, str]  # data status and encoded reason
NO_ROW: Note = ("absent", "")


@dataclass(frozen=True)
class Column:
    """One map: the rows of one family member, aligned with the zones.

    `values` is NaN where a zone has no value; `notes` holds the position of each zone's note in the list that
    `columns_of` returns; `whole` is the whole area's own value (NaN: none).
    """

    key: dict[str, str]
    unit: str
    values: np.ndarray
    notes: np.ndarray
    whole: float


def columns_of(results: ResultTable, zones: pd.Index) -> tuple[list[Column], list[Note]]:
    """All columns in the table's order, and the notes that they point to.

    Raises
    ------
    InputError : no row speaks of a zone, or rows speak of zones that the district has not.
    """
    rows = results.table[results.table["subject_kind"] == "zone"]
    if rows.empty:
        raise InputError(Message("map.no_zone_results"))
    position = zones.get_indexer(pd.Index(rows["subject"].astype(str)))
    if (position < 0).any():
        strays = tuple(str(stray) for stray in rows["subject"][position < 0].unique()[:3])
        raise InputError(Message("map.unknown_zones", {"zones": strays, "count": int((position < 0).sum())}))
    whole = _whole(results)
    notes: dict[Note, int] = {NO_ROW: 0}
    columns = []
    for members, group in rows.assign(position=position).groupby(list(FAMILY), sort=False):
        key = tuple(map(str, members))
        values = np.full(len(zones), np.nan)
        note = np.zeros(len(zones), dtype=np.int64)
        at = group["position"].to_numpy()
        values[at] = group["value"].to_numpy(dtype=float)
        pairs = zip(group["data_status"].astype(str), group["reason"].astype(str), strict=True)
        note[at] = [notes.setdefault(pair, len(notes)) for pair in pairs]
        unit = str(group["unit"].iloc[0])
        columns.append(Column(dict(zip(FAMILY, key, strict=True)), unit, values, note, whole.get(key, np.nan)))
    return columns, list(notes)


def _whole(results: ResultTable) -> dict[tuple[str, ...], float]:
    """The whole area's own value by family member."""
    rows = results.whole()
    keys = rows[list(FAMILY)].astype(str).itertuples(index=False, name=None)
    return dict(zip(keys, rows["value"].astype(float), strict=True))
