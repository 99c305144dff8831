"""What readers see of results: titles, units, numbers and reasons in their language."""

from __future__ import annotations

import math
from collections.abc import Sequence

from spatial.indicators.catalogue import catalogue
from spatial.report.classes import LegendClass
from spatial.report.webmap.columns import Column, Note
from spatial.report.webmap.encoding import SIGNIFICANT
from spatial.text import Message, Value, decode, has, render


def say(key: str, language: str, values: dict[str, Value] | None = None) -> str:
    """One sentence of the map's own texts."""
    return render(Message(f"map.{key}", values or {}), language)


def title(indicator: str, language: str) -> str:
    """The indicator's title; its id where no text is known."""
    return _about(indicator, "title", language) or indicator


def definition(indicator: str, language: str) -> str:
    """The indicator's definition; empty where no text is known."""
    return _about(indicator, "definition", language)


def _about(indicator: str, what: str, language: str) -> str:
    key = f"indicator.{indicator}.{what}"
    if not has(key, language):
        return ""
    entry = catalogue().get(indicator)
    settings = dict(entry.parameters) if entry else {}
    known: dict[str, Value] = {n: v for n, v in settings.items() if isinstance(v, str | int | float)}
    return render(Message(key, known), language)


def direction(indicator: str, language: str) -> str:
    """Whether higher or lower is better, as a sentence; empty for neither."""
    entry = catalogue().get(indicator)
    if entry is None or entry.better == "neither":
        return ""
    return say(entry.better, language)


def variant(column: Column, varying: Sequence[str], language: str) -> str:
    """What tells a column from the others of its indicator: its item, setting and whatever else varies."""
    extra = [column.key[name] for name in varying if column.key[name]]
    parts = [item(column.key["item"], language), setting(column.key["at"], language), *extra]
    return " · ".join(part for part in parts if part)


def item(name: str, language: str) -> str:
    """A category's or class's name; the raw one where no text is known."""
    for section in ("category", "land_use_class"):
        if name and has(f"{section}.{name}", language):
            return render(Message(f"{section}.{name}"), language)
    return name


def setting(at: str, language: str) -> str:
    """A setting such as "10 min" with its unit in the reader's language."""
    number, _, unit_name = at.rpartition(" ")
    return f"{number} {unit(unit_name, language)}" if number else at


def unit(name: str, language: str) -> str:
    """A unit as readers write it."""
    if name == "0–1":
        return say("unit_share", language)
    return render(Message(f"unit.{name}"), language) if has(f"unit.{name}", language) else name


def number(value: float) -> str:
    """A number to four digits, with thousands apart; `formatNumber` in the page does the same."""
    if not math.isfinite(value):
        return "–"
    if value == 0:
        return "0"
    places = SIGNIFICANT - 1 - math.floor(math.log10(abs(value)))
    text = f"{round(value, places):,.{max(places, 0)}f}"
    text = text.rstrip("0").rstrip(".") if "." in text else text
    return text.replace("-", "−")


def with_unit(value: float, unit_name: str, language: str) -> str:
    """A number and its unit; a share from 0 to 1 stands alone."""
    return number(value) if unit_name == "0–1" else f"{number(value)} {unit(unit_name, language)}"


def class_label(entry: LegendClass, language: str) -> str:
    """One line of the legend."""
    if entry.kind == "value":
        return number(entry.low)
    return say(f"class_{entry.kind}", language, {"low": number(entry.low), "high": number(entry.high)})


def note_words(note: Note, language: str) -> dict[str, str]:
    """A data status and its reason in words."""
    status, reason = note
    return {"status": status, "reason": render(decode(reason), language) if reason else ""}
