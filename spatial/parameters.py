"""Every default, floor and threshold: a row with its unit, source, place, year and status."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files


@dataclass(frozen=True)
class Parameter:
    """One row of `parameters.csv`.

    `status` is *verified* (read in the source), *secondary* (read in a copy of it), *convention* (a stated
    way of counting) or *assumption* (a proposed default, editable, and labelled as such in outputs).
    """

    id: str
    value: float
    unit: str
    source: str
    place: str
    year: str
    status: str
    remark: str


def parameter(id: str) -> float:
    """The value of one row; `parameter_row` gives the whole row."""
    return parameter_row(id).value


def parameter_row(id: str) -> Parameter:
    """One row of the table by its id."""
    rows = parameter_rows()
    if id not in rows:
        raise KeyError(f"no parameter {id!r}; known: {', '.join(sorted(rows))}")
    return rows[id]


@lru_cache(maxsize=1)
def parameter_rows() -> dict[str, Parameter]:
    """All rows by id."""
    text = files("spatial").joinpath("parameters.csv").read_text(encoding="utf-8")
    rows = csv.DictReader(text.splitlines())
    return {row["id"]: Parameter(**{**row, "value": float(row["value"])}) for row in rows}  # type: ignore[arg-type]
