"""Settings of indicators: which values may be given, and which are used."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator, Mapping
from numbers import Real
from typing import Any, TypeAlias

from spatial.parameters import rows_behind
from spatial.text import Message

Settings: TypeAlias = Mapping[str, Mapping[str, Any]]  # per indicator: setting → value
WINDOW = ("start_h", "end_h")


def settings_used(defaults: Mapping[str, Any], given: Mapping[str, Any]) -> dict[str, Any]:
    """Every setting with the value given or else its default, as plain numbers.

    A list stands for a tuple, and a number alone for a tuple of one.
    """
    return {name: _like(default, given.get(name, default)) for name, default in defaults.items()}


def setting_problems(defaults: Mapping[str, Any], given: Mapping[str, Any]) -> Iterator[tuple[str, Message]]:
    """What is wrong with the values of known settings, as (setting, sentence); nothing where they can be used."""
    wrong = []
    for name, value in given.items():
        if name in defaults:
            wrong += [(name, problem) for problem in _value_problems(defaults[name], value)]
    yield from wrong
    start, end = (given.get(name, defaults.get(name)) for name in WINDOW)
    if not any(name in WINDOW for name, _ in wrong) and start is not None and end is not None and not start < end:
        yield WINDOW[0], Message("setting.empty_window", {"start": float(start), "end": float(end)})


def _value_problems(default: Any, value: Any) -> Iterator[Message]:
    if not _numbers(default):
        return
    is_several = isinstance(value, list | tuple)
    if is_several and not isinstance(default, tuple):
        yield Message("setting.one_number", {"found": _spoken(value)})
        return
    parts = list(value) if is_several else [value]
    if not parts:
        yield Message("setting.nothing_given")
    strays = tuple(_spoken(part) for part in parts if not _is_number(part))
    if strays:
        yield Message("setting.not_a_number", {"found": strays})
        return
    if len({f"{part:g}" for part in parts}) < len(parts):
        yield Message("setting.doubled", {"found": _spoken(value)})
    rows = rows_behind(default)
    for part in parts if rows else ():
        low, high = min(row.low for row in rows), max(row.high for row in rows)
        if not low <= part <= high:
            yield Message("setting.out_of_range", {"found": float(part), "low": low, "high": high})


def _numbers(default: Any) -> bool:
    parts = default if isinstance(default, tuple) else (default,)
    return all(_is_number(part) for part in parts)


def _is_number(value: Any) -> bool:
    return isinstance(value, Real) and not isinstance(value, bool) and math.isfinite(value)


def _like(default: Any, value: Any) -> Any:
    if isinstance(default, tuple):
        return tuple(float(part) for part in (value if isinstance(value, list | tuple) else (value,)))
    return float(value) if _is_number(default) else value


def _spoken(value: Any) -> str:
    """A value as TOML writes it, shortened."""
    return json.dumps(value, ensure_ascii=False, default=str)[:60]
