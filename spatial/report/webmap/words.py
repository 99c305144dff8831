"""What readers of a map see of results, in their language."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from spatial.indicators.catalogue import catalogue
from spatial.report.numbers import MINUS, converted, say_number
from spatial.report.webmap.columns import Column, Note
from spatial.report.wording import say_reason, variant
from spatial.text import Message, Value, lookup, render

_PROBE = 1.0  # below any size at which a language changes the unit


def say(key: str, language: str, values: dict[str, Value] | None = None) -> str:
    """One sentence of the map's own texts."""
    return render(Message(f"map.{key}", values or {}), language)


def direction(indicator: str, language: str) -> str:
    """Whether higher or lower is better, as a sentence; empty for neither."""
    entry = catalogue().get(indicator)
    if entry is None or entry.better == "neither":
        return ""
    return say(entry.better, language)


def column_variant(column: Column, varying: Sequence[str], language: str) -> str:
    """What tells a column from the others of its indicator: item, setting and whatever else varies."""
    own = variant(column.key["item"], column.key["at"], language)
    parts = [own, *(column.key[name] for name in varying)]
    return lookup("report.variant_separator", language).join(part for part in parts if part)


@dataclass(frozen=True)
class NumberFormat:
    """How a map writes the numbers of one unit: like the reports, and all of a map in the same unit.

    `scale` turns a stored number into the one shown and `suffix` follows it; `places` is the number of decimals,
    None where it depends on the size.
    """

    unit: str
    scale: float
    suffix: str
    places: int | None

    def figures(self, value: float) -> str:
        """The number without its unit."""
        return say_number(value * self.scale, self.unit)

    def rounded(self, values: np.ndarray) -> np.ndarray:
        """Numbers as they are shown, in the unit shown; those that `say_number` only bounds keep their digits."""
        shown, place = np.unique(values, return_inverse=True)
        kept = [self._rounded(value) if np.isfinite(value) else np.nan for value in shown.tolist()]
        return np.asarray(kept, dtype=float)[place]

    def _rounded(self, value: float) -> float:
        text = self.figures(value).replace(",", "").replace(MINUS, "-")
        return float(text) if text[0] not in "<>" else value * self.scale


def number_format(unit: str, language: str) -> NumberFormat:
    """How the reports write a unit, as figures that a script can follow."""
    number, label = converted(_PROBE, unit, language)
    scale = float(f"{number / _PROBE:.6g}")
    shown = unit if scale == 1 else ""
    decimals = {len(say_number(size, shown).partition(".")[2]) for size in (5.5, 55.5)}
    space = "" if unit == "%" or language == "zh" else " "
    suffix = "" if unit == "0–1" else space + label
    return NumberFormat(shown, scale, suffix, decimals.pop() if len(decimals) == 1 else None)


def note_words(note: Note, language: str) -> dict[str, str]:
    """A data status and its reason in words."""
    status, reason = note
    return {"status": status, "reason": say_reason(reason, language)}
