"""Modes of lines: the words that tables use for them, and the one that a line has."""

from __future__ import annotations

import csv
from functools import lru_cache
from importlib.resources import files

import pandas as pd


@lru_cache(maxsize=1)
def mode_words() -> dict[str, str]:
    """Mode by word, in small letters."""
    text = files(__package__).joinpath("modes.csv").read_text(encoding="utf-8")
    return {row["word"]: row["mode"] for row in csv.DictReader(text.splitlines())}


def only_one(modes: pd.Series) -> str:
    """The mode that all have that have one; "" where they differ."""
    words = {str(mode) for mode in modes} - {""}
    return words.pop() if len(words) == 1 else ""


def modes_of_lines(stated: pd.Series, matched: pd.Series, line: pd.Series) -> pd.Series:
    """The mode of each row: what is stated of its line, else what most of the line's stations have, else its own.

    Equally many stations: the first by name. A row without a line goes by itself.
    """
    own = stated.where(stated != "", matched)
    by_line = stated.groupby(line).transform(only_one)
    counted = matched[matched != ""].groupby(line).value_counts().rename("count").reset_index()
    counted.columns = ["line", "mode", "count"]
    main = counted.sort_values(["line", "count", "mode"], ascending=[True, False, True]).drop_duplicates("line")
    usual = line.map(main.set_index("line")["mode"]).astype(object).fillna("").astype(str)
    found = by_line.where(by_line != "", usual)
    return found.where(line != "", own)
