"""Results: one tidy table in which every number carries its unit, its subject and whether it may be trusted."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import pandas as pd

from spatial.errors import InputError
from spatial.text import Message

KEY = ("study", "scenario", "subject_kind", "subject", "indicator", "item", "at", "period", "bound")
COLUMNS = (*KEY, "value", "unit", "n", "n_missing", "data_status", "reason")
BASELINE = "baseline"


@dataclass(frozen=True)
class Missing:
    """An indicator that could not be computed at all, and why."""

    indicator: str
    reason: Message


@dataclass(frozen=True)
class ResultTable:
    """All results of a study.

    Parameters
    ----------
    table : columns `COLUMNS`. `subject_kind` is all or zone (later: station, ring …); `item` a category or class;
        `at` the one setting that varies, with its unit ("10 min"); empty where none. Keys are unique together.
        `value` is NaN where the number is not computable for that subject, never 0. `n` is what the number rests on
        (persons, cells, nodes …), `n_missing` what should have counted but could not. `reason` is an encoded
        message (`spatial.text.decode`) or "".
    missing : indicators that could not be computed at all.
    settings : per indicator with settings, every one by name with the value that was used.
    """

    table: pd.DataFrame
    missing: tuple[Missing, ...] = ()
    settings: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        table = self.table[list(COLUMNS)].reset_index(drop=True)
        doubled = table.duplicated(list(KEY))
        if doubled.any():
            first = table[doubled][list(KEY)].iloc[0].tolist()
            raise InputError(
                Message("results.duplicate", {"key": " / ".join(map(str, first)), "count": int(doubled.sum())})
            )
        object.__setattr__(self, "table", table)

    def __len__(self) -> int:
        return len(self.table)

    def join(self, other: ResultTable) -> ResultTable:
        """Both tables as one; an indicator that they computed with other settings is refused."""
        differing = tuple(id for id, own in self.settings.items() if other.settings.get(id, own) != own)
        if differing:
            raise InputError(Message("results.settings_differ", {"indicators": differing}))
        rows = pd.concat([self.table, other.table], ignore_index=True)
        return ResultTable(rows, self.missing + other.missing, {**self.settings, **other.settings})

    def whole(self) -> pd.DataFrame:
        """The rows of the whole area."""
        return self.table[self.table["subject_kind"] == "all"]

    def value(self, indicator: str, *, subject: str = "all", item: str = "", at: str = "", bound: str = "") -> float:
        """One number; a key that is not in the table raises `LookupError`."""
        wanted = {"indicator": indicator, "subject": subject, "item": item, "at": at, "bound": bound}
        hit = self.table
        for column, value in wanted.items():
            hit = hit[hit[column] == value]
        if len(hit) != 1:
            raise LookupError(f"{len(hit)} rows for {wanted}")
        return float(hit["value"].iloc[0])

    def wide(self, subject_kind: str = "zone") -> pd.DataFrame:
        """One row a subject, one column a number: "indicator:item@at", with "~low" or "~high" for bounds."""
        rows = self.table[self.table["subject_kind"] == subject_kind]
        return rows.assign(column=column_names(rows)).pivot(index="subject", columns="column", values="value")

    def compare(self) -> pd.DataFrame:
        """One column a scenario, and each one's difference from the baseline."""
        keys = [k for k in KEY if k != "scenario"]
        side = self.table.pivot(index=[*keys, "unit"], columns="scenario", values="value")
        for name in [c for c in side.columns if c != BASELINE]:
            side[f"{name} − {BASELINE}"] = side[name] - side[BASELINE]
        return side.reset_index()


def column_names(rows: pd.DataFrame) -> pd.Series:
    """The column of the wide table that each row goes to."""
    item = rows["item"].where(rows["item"] == "", ":" + rows["item"])
    at = rows["at"].where(rows["at"] == "", "@" + rows["at"])
    bound = rows["bound"].where(rows["bound"] == "", "~" + rows["bound"])
    return rows["indicator"] + item + at + bound
