"""What may be walked, cycled and driven: ways by class (`highways.csv`), all by their access tags (`access.toml`)."""

from __future__ import annotations

import csv
import tomllib
from collections.abc import Mapping
from functools import lru_cache
from importlib.resources import files
from typing import Literal, NamedTuple

TravelMode = Literal["walk", "cycle", "drive"]


class WayUse(NamedTuple):
    """What one way is for. `drive`: 0 no, 1 with the line only, −1 against it only, 2 both."""

    walk: bool
    cycle: bool
    drive: int
    street: bool

    @property
    def in_paths(self) -> bool:
        return self.walk or self.cycle

    @property
    def in_driving(self) -> bool:
        return self.street and self.drive != 0


class _Access(NamedTuple):
    own: dict[TravelMode, tuple[str, ...]]
    general: dict[TravelMode, tuple[str, ...]]
    closed: dict[TravelMode, tuple[tuple[str, str], ...]]
    values: dict[str, bool]
    for_some: frozenset[str]
    oneway: dict[str, int]
    implied: frozenset[tuple[str, str]]


UNUSED = WayUse(walk=False, cycle=False, drive=0, street=False)


def way_use(tags: Mapping[str, str], unknown: set[str]) -> WayUse:
    """What a way with a `highway` tag is for; classes and access values that no table knows go into `unknown`."""
    row = _classes().get(tags["highway"])
    if row is None:
        unknown.add(f"highway={tags['highway']}")
        return UNUSED
    walk = _allowed("walk", row["walk"], tags, unknown)
    cycle = _allowed("cycle", row["cycle"], tags, unknown)
    drive = _allowed("drive", row["drive"], tags, unknown)
    return WayUse(walk, cycle, _direction(tags, unknown) if drive else 0, row["street"] == "yes")


def _allowed(mode: TravelMode, by_class: str, tags: Mapping[str, str], unknown: set[str]) -> bool:
    if by_class == "never":
        return False
    access = _access()
    for key in access.own[mode]:
        said = _verdict(key, tags, unknown)
        if said is not None:
            return said
    if any(tags.get(key) == value for key, value in access.closed[mode]):
        return False
    for key in access.general[mode]:
        said = _verdict(key, tags, unknown)
        if said is not None:
            return said and by_class == "yes"
    return by_class == "yes"


def open_on_foot(tags: Mapping[str, str]) -> Literal["all", "some", "none"]:
    """Who may enter on foot what bears these tags: everybody, some people such as customers, or nobody else."""
    access = _access()
    for key in (*access.own["walk"], *access.general["walk"]):
        said = _verdict(key, tags, set())
        if said is not None:
            return "none" if not said else "some" if tags[key] in access.for_some else "all"
    return "all"


def _verdict(key: str, tags: Mapping[str, str], unknown: set[str]) -> bool | None:
    """What one access key says; of several values joined by ";" the first known one. None: nothing known."""
    text = tags.get(key)
    if text is None:
        return None
    values = _access().values
    for value in text.split(";"):
        if value.strip() in values:
            return values[value.strip()]
    unknown.add(f"{key}={text}")
    return None


def _direction(tags: Mapping[str, str], unknown: set[str]) -> int:
    access = _access()
    said = tags.get("oneway")
    if said is not None:
        if said in access.oneway:
            return access.oneway[said]
        unknown.add(f"oneway={said}")
    return 1 if any(tags.get(key) == value for key, value in access.implied) else 2


def known_classes() -> tuple[str, ...]:
    """The values of `highway` that the table knows, in its order: the highest class first."""
    return tuple(_classes())


def known_directions() -> frozenset[str]:
    """The values of `oneway` that the table knows."""
    return frozenset(_access().oneway)


@lru_cache(maxsize=1)
def _classes() -> dict[str, dict[str, str]]:
    text = files(__package__).joinpath("highways.csv").read_text(encoding="utf-8")
    return {row["highway"]: row for row in csv.DictReader(text.splitlines())}


@lru_cache(maxsize=1)
def _access() -> _Access:
    table = tomllib.loads(files(__package__).joinpath("access.toml").read_text(encoding="utf-8"))
    modes: tuple[TravelMode, ...] = ("walk", "cycle", "drive")
    values = dict.fromkeys(table["values"]["allowed"], True) | dict.fromkeys(table["values"]["refused"], False)
    directions = {"with_line": 1, "against_line": -1, "both": 2}
    return _Access(
        own={mode: tuple(table["keys"][mode]["own"]) for mode in modes},
        general={mode: tuple(table["keys"][mode]["general"]) for mode in modes},
        closed={mode: tuple(_pair(tag) for tag in table["closed"][mode]) for mode in modes},
        values=values,
        for_some=frozenset(table["values"]["for_some"]),
        oneway={value: number for name, number in directions.items() for value in table["oneway"][name]},
        implied=frozenset(_pair(tag) for tag in table["oneway"]["implied"]),
    )


def _pair(tag: str) -> tuple[str, str]:
    key, _, value = tag.partition("=")
    return key, value
