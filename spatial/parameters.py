"""Every default, floor and threshold: a row with its unit, source, place, year and status."""

from __future__ import annotations

import csv
import math
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files


@dataclass(frozen=True)
class Parameter:
    """One row of `parameters.csv`.

    `status` is *verified* (read in the source), *secondary* (read in a copy of it), *convention* (a stated
    way of counting) or *assumption* (a proposed default, editable, and labelled as such in outputs). `low` and
    `high` are the least and most that a study may set instead; without limits where nothing can be set.
    """

    id: str
    value: float
    unit: str
    source: str
    place: str
    year: str
    status: str
    remark: str
    low: float
    high: float


class Default(float):
    """The value of a row that still knows the row's id, wherever it goes as the default of a setting."""

    row: str

    def __new__(cls, value: float, row: str) -> Default:
        made = super().__new__(cls, value)
        made.row = row
        return made

    def __reduce__(self) -> tuple[type[Default], tuple[float, str]]:
        return Default, (float(self), self.row)


def parameter(id: str) -> Default:
    """The value of one row; `parameter_row` gives the whole row."""
    return Default(parameter_row(id).value, id)


def parameter_row(id: str) -> Parameter:
    """One row of the table by its id."""
    rows = parameter_rows()
    if id not in rows:
        raise KeyError(f"no parameter {id!r}; known: {', '.join(sorted(rows))}")
    return rows[id]


def rows_behind(default: object) -> tuple[Parameter, ...]:
    """The rows that a default is made of: one for a number, one each for a tuple of numbers."""
    parts = default if isinstance(default, tuple) else (default,)
    return tuple(parameter_row(part.row) for part in parts if isinstance(part, Default))


@lru_cache(maxsize=1)
def parameter_rows() -> dict[str, Parameter]:
    """All rows by id."""
    text = files("spatial").joinpath("parameters.csv").read_text(encoding="utf-8")
    return {row["id"]: _parameter(row) for row in csv.DictReader(text.splitlines())}


def _parameter(row: dict[str, str]) -> Parameter:
    words = {name: row[name] for name in ("id", "unit", "source", "place", "year", "status", "remark")}
    low, high = float(row["low"] or -math.inf), float(row["high"] or math.inf)
    return Parameter(**words, value=float(row["value"]), low=low, high=high)
