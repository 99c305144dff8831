"""The urban classes that every scheme maps to, and how the tables of this room are read."""

from __future__ import annotations

import csv
from functools import lru_cache
from importlib.resources import files

UNCLASSIFIED = "unclassified"
BUILT_UP = "built_up"


@lru_cache(maxsize=1)
def urban_classes() -> tuple[str, ...]:
    """The names of the urban classes, in the order of `urban_classes.csv`."""
    return tuple(row["class"] for row in table_rows("urban_classes"))


def table_rows(name: str) -> list[dict[str, str]]:
    """The rows of one table of this room."""
    text = files(__package__).joinpath(f"{name}.csv").read_text(encoding="utf-8")
    return list(csv.DictReader(text.splitlines()))
