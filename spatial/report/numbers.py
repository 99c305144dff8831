"""Numbers and units as a reader of each language expects them; the reference for maps, pages and tables."""

from __future__ import annotations

import math
import re

from spatial.text import has, lookup

MINUS = "−"
_PER_KM2_IN_PER_HA = 0.01
_WAN = 10_000
_DECIMALS = {"%": 1, "persons": 0, "0–1": 2, "10 000 persons": 2}
_NO_SPACE = ("%",)


def say_value(value: float, unit: str, language: str) -> str:
    """A value with its unit, as a reader sees it: "5,230 people per km²", "52.3 人/公顷".

    Parameters
    ----------
    unit : a unit of `spatial.indicators.catalogue.UNITS`. NaN becomes "not computable here".
    """
    if not math.isfinite(value):
        return lookup("report.not_computable_here", language)
    number, shown = _shown(value, unit, language)
    text = say_number(number, shown)
    if shown == "0–1":
        return text
    label = lookup(f"unit.{shown}", language)
    return f"{text}{label}" if language == "zh" or shown in _NO_SPACE else f"{text} {label}"


def say_limit(value: float, unit: str, language: str, *, stored: bool = False, rounded: bool = False) -> str:
    """A class limit of a legend without its unit but for %: no digits that say nothing ("20%", "2,400", "0.35").

    `stored`: in the catalogue's own unit, as files hold it, instead of the language's customary one.
    `rounded`: not a round limit but a value, with the digits that values have.
    """
    alike = stored or unit == "persons"  # every class of a legend in one unit, never some of them in 万人
    number, shown = (value, unit) if alike else _shown(value, unit, language)
    sign = "%" if unit == "%" else ""
    return (say_number(number, shown) if rounded else f"{number:,.10g}".replace("-", MINUS)) + sign


def converted(value: float, unit: str, language: str) -> tuple[float, str]:
    """A value in the customary unit of a language, and that unit's label.

    Chinese: persons/km² → 人/公顷, and 10 000 persons or more → 万人. All other units keep their size.
    """
    number, shown = _shown(value, unit, language)
    return number, lookup(f"unit.{shown}", language)


def unit_label(unit: str, language: str) -> str:
    """The label of a unit as `converted` uses it; persons/km² reads 人/公顷 in Chinese."""
    return lookup(f"unit.{_shown(0, unit, language)[1]}", language)


def say_number(value: float, unit: str = "") -> str:
    """A bare number: digits, comma for thousands, point for decimals, in any locale.

    Percentages have one decimal, persons none, indices two, the rest about three significant digits. A value that
    is not zero is never shown as zero, nor one under 100 % as 100 %.
    """
    decimals = _DECIMALS.get(unit)
    if decimals is None:
        size = abs(value)
        decimals = 0 if size >= 100 or value == int(value) else 1 if size >= 10 else 2
    text = f"{abs(value):,.{decimals}f}"
    smallest = 10.0**-decimals
    if value != 0 and float(text.replace(",", "")) == 0:
        return f"<{smallest:g}" if value > 0 else f">{MINUS}{smallest:g}"
    if unit == "%" and value < 100 and text == "100.0":
        return ">99.9"
    return f"{MINUS}{text}" if value < 0 and text.strip("0.,") else text


def say_at(at: str, language: str, *, long: bool = False) -> str:
    """The setting that varies within a family ("10 min", "800 m") in words of the language; "" stays "".

    `long`: units in full, as a sentence has them ("10 minutes").
    """
    setting = split_at(at)
    if setting is None:
        return at
    number, unit = setting
    key = f"unit.long.{unit}"
    if not (long and has(key, language)):
        return say_value(number, unit, language)
    return lookup(key, language).format(number=say_number(number))


def split_at(at: str) -> tuple[float, str] | None:
    """The number and unit of a setting such as "10 min"; None when it is not of that shape."""
    found = re.fullmatch(r"(\d+(?:\.\d+)?) (min|m|km)", at)
    return (float(found[1]), found[2]) if found else None


def _shown(value: float, unit: str, language: str) -> tuple[float, str]:
    """The value and the unit that a language shows it in."""
    if language == "zh" and unit == "persons/km²":
        return value * _PER_KM2_IN_PER_HA, "persons/ha"
    if language == "zh" and unit == "persons" and abs(value) >= _WAN:
        return value / _WAN, "10 000 persons"
    return value, unit
