"""Where in a study file a problem is: line, section, key."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, TypeAlias

Place: TypeAlias = tuple[str | int, ...]


def written_place(loc: Place, data: Any) -> Place:
    """Pydantic's place without the names of union members, which no one has written."""
    place: list[str | int] = []
    here = data
    for step, part in enumerate(loc):
        is_written = isinstance(here, Mapping) and part in here
        if isinstance(part, int) and isinstance(here, list):
            here = here[part] if part < len(here) else None
        elif is_written:
            here = here[part]
        elif step < len(loc) - 1 or not isinstance(here, Mapping):
            continue
        place.append(part)
    return tuple(place)


def place_of(loc: Place, file: str, text: str, key: str = "") -> str:
    """File, line where it can be told, section and key: "study.toml:12 [area] box", the same in every language."""
    section, rest = _section(loc)
    key = key or ".".join(str(part) for part in rest if isinstance(part, str))
    inline = str(rest[0]) if "." in key and rest else key  # a key of an inline table stands on the table's line
    line = line_of(text, section, inline) or line_of(text, f"[{loc[0]}]" if loc else "", str(loc[1]) if loc[1:] else "")
    at = f"{file}:{line}" if line else file
    return " ".join(part for part in (at, section, key) if part)


def _section(loc: Place) -> tuple[str, Place]:
    """The section as its head is written, and what is inside it: ("[[travel.modes]] 2", ("trip_share",))."""
    if len(loc) > 2 and isinstance(loc[2], int) and loc[1] in ("modes", "settlements", "story"):
        return f"[[{loc[0]}.{loc[1]}]] {loc[2] + 1}", loc[3:]
    if len(loc) > 1 and isinstance(loc[1], int):
        return f"[[{loc[0]}]] {loc[1] + 1}", loc[2:]
    if len(loc) > 2 and loc[:2] == ("indicators", "settings"):
        return f"[indicators.settings.{loc[2]}]", loc[3:]
    return (f"[{loc[0]}]", loc[1:]) if loc else ("", ())


def line_of(text: str, section: str, key: str) -> int:
    """The line of a key in a section, else of the section's head; 0 when it is written in another way."""
    head, _, number = section.partition(" ")
    counted, inside, found = 0, not section, 0
    for line, written in enumerate(text.splitlines(), start=1):
        stripped = written.strip()
        if stripped.startswith("["):
            is_head = stripped.partition("#")[0].replace(" ", "") == head
            counted += is_head
            inside = is_head and counted == int(number or 1)
            found = line if inside else found
        elif inside and key and re.match(rf"[\"']?{re.escape(key)}[\"']?\s*=", stripped):
            return line
    return found
