"""What the words of a planner's street layer mean: classes and directions, by the tables that OSM is read by."""

from __future__ import annotations

import ast
import csv
from collections import Counter
from collections.abc import Collection, Sequence
from functools import lru_cache
from importlib.resources import files
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from spatial.errors import InputError
from spatial.model.provenance import Action, Ledger
from spatial.sources.osm.highways import UNUSED, WayUse, known_classes, known_directions, way_use
from spatial.text import Message, Value

UNSURVEYED = "road"  # OSM's class of a street whose class nobody knows
ON_FOOT = ("footway", "path", "steps")
_NAMED = 8


class _Word(NamedTuple):
    """One pair of words, as the layer says them, and what it means; `oneway` is "" where nothing known is said."""

    kind: str
    highway: str
    oneway: str
    use: WayUse


def line_uses(
    table: pd.DataFrame,
    highway_column: str | None,
    oneway_column: str | None,
    *,
    ledger: Ledger,
    layer: str,
    file_name: str,
) -> pd.DataFrame:
    """Who may use each line: `highway` (OSM's class), `walk`, `cycle`, `street` (bool), `drive` (as `WayUse`).

    Of several words (lists, or joined by ";") the first known one counts. Words that OSM does not have are looked up in
    `street_words.csv`. Lines without any word are streets of class "road"; those of an unknown class may be used by
    nobody. Without `oneway_column` every line that may be driven is driven both ways.

    Raises
    ------
    InputError : the layer has lines with a class, and none of the classes is known.
    """
    blank = np.full(len(table), "", dtype=object)
    kinds = blank if highway_column is None else table[highway_column].map(_text).to_numpy(object)
    ways = blank if oneway_column is None else table[oneway_column].map(_text).to_numpy(object)
    row, pairs = pd.factorize(pd.MultiIndex.from_arrays([kinds, ways]))
    letters = "b" in set(ways)
    words = [_meaning(kind, way, letters, oneway_column is not None) for kind, way in pairs]
    times = np.bincount(row, minlength=len(words)).tolist()
    if highway_column is None:
        ledger.record(layer, "imputed", Message("street_lines.no_kinds", {"path": file_name}), count=len(table))
    else:
        _note_kinds(words, times, highway_column, ledger, layer, file_name)
    if oneway_column is not None:
        _note_directions(list(pairs), words, times, oneway_column, ledger, layer, file_name)
    columns = {
        "highway": np.array([word.highway for word in words], dtype=object),
        **{name: np.array([getattr(word.use, name) for word in words], bool) for name in ("walk", "cycle", "street")},
        "drive": np.array([word.use.drive for word in words], dtype=np.int8),
    }
    return pd.DataFrame({name: values[row] for name, values in columns.items()}, index=table.index)


def _meaning(kind: str, way: str, letters: bool, directed: bool) -> _Word:
    highway = _first_known(kind, known_classes(), _means("highway")) if kind else UNSURVEYED
    translated = {word: means for word, means in _means("oneway").items() if letters}
    oneway = _first_known(way, known_directions(), translated) if directed else "no"
    tags = {"highway": highway, **({"oneway": oneway} if oneway else {})}
    return _Word(kind, highway, oneway, way_use(tags, set()) if highway else UNUSED)


def _first_known(text: str, known: Collection[str], translated: dict[str, str]) -> str:
    for part in text.split(";"):
        word = translated.get(part.strip(), part.strip())
        if word in known:
            return word
    return ""


def _note_kinds(
    words: Sequence[_Word], times: Sequence[int], column: str, ledger: Ledger, layer: str, file_name: str
) -> None:
    unstated, several, unknown, closed, spoken = (Counter[str]() for _ in range(5))
    for word, count in zip(words, times, strict=True):
        if not word.kind:
            unstated[""] += count
        elif not word.highway:
            unknown[word.kind] += count
        elif not word.use.in_paths and not word.use.in_driving:
            closed[word.highway] += count
        if word.highway and ";" in word.kind:
            several[word.kind] += count
        elif word.highway and word.kind and word.highway != word.kind:
            spoken[f"{word.kind} → {word.highway}"] += count
    if unknown and not any(word.kind and word.highway for word in words):
        told: dict[str, Value] = {
            "path": file_name,
            "column": column,
            "found": _listed(unknown),
            "known": known_classes(),
        }
        raise InputError(Message("street_lines.no_known_kind", told))
    notes: tuple[tuple[Action, str, Counter[str]], ...] = (
        ("chosen", "translated_kinds", spoken),
        ("imputed", "unstated_kinds", unstated),
        ("chosen", "several_kinds", several),
        ("dropped", "unknown_kinds", unknown),
        ("dropped", "closed_kinds", closed),
    )
    for action, key, found in notes:
        if found:
            values: dict[str, Value] = {"path": file_name, "column": column, "found": _listed(found)}
            values["count"] = found.total()
            ledger.record(layer, action, Message(f"street_lines.{key}", values), count=found.total())
    if not any(word.highway in ON_FOOT for word in words):
        ledger.record(layer, "warned", Message("street_lines.no_footways", {"path": file_name}))


def _note_directions(
    pairs: Sequence[tuple[str, str]],
    words: Sequence[_Word],
    times: Sequence[int],
    column: str,
    ledger: Ledger,
    layer: str,
    file_name: str,
) -> None:
    one_way = sum(n for word, n in zip(words, times, strict=True) if word.use.drive in (1, -1))
    chosen: dict[str, Value] = {"path": file_name, "column": column, "count": one_way}
    ledger.record(layer, "chosen", Message("street_lines.directions_said", chosen), count=one_way)
    unknown = Counter[str]()
    for (_, way), word, count in zip(pairs, words, times, strict=True):
        if way and not word.oneway:
            unknown[way] += count
    if unknown:
        values: dict[str, Value] = {"path": file_name, "column": column, "found": _listed(unknown)}
        values["count"] = unknown.total()
        ledger.record(layer, "warned", Message("street_lines.unknown_directions", values), count=unknown.total())


def _listed(found: Counter[str]) -> tuple[str, ...]:
    """The commonest words with how often they occur."""
    ordered = sorted(found.items(), key=lambda item: (-item[1], item[0]))
    return tuple(f"{word} ({count})" for word, count in ordered[:_NAMED])


def _text(value: Any) -> str:
    """A cell as words in small letters joined by ";": lists, also those written out as text, and numbers."""
    if isinstance(value, str) and value.strip().startswith("[") and value.strip().endswith("]"):
        try:
            value = ast.literal_eval(value.strip())
        except (ValueError, SyntaxError):
            value = str(value)
    if isinstance(value, list | tuple | np.ndarray):
        return ";".join(filter(None, map(_text, value)))
    if value is None or value is pd.NA or (isinstance(value, float) and np.isnan(value)):
        return ""
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return str(value).strip().lower()


@lru_cache(maxsize=2)
def _means(attribute: str) -> dict[str, str]:
    text = files(__package__).joinpath("street_words.csv").read_text(encoding="utf-8")
    rows = csv.DictReader(text.splitlines())
    return {row["word"]: row["means"] for row in rows if row["attribute"] == attribute}
