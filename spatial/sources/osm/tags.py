"""Which OSM tags mean what: places, stops, entrances, land use, water; read from `layers.csv`."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable, Mapping
from functools import lru_cache
from importlib.resources import files
from typing import NamedTuple

from spatial.sources.osm.highways import open_on_foot

TagsOf = Mapping[str, str]

# Tags that tell a home from a shop, kept with each building.
BUILDING_KEYS = (
    "aeroway", "amenity", "craft", "healthcare", "industrial", "leisure", "man_made", "military", "office", "power",
    "public_transport", "railway", "shop", "tourism",
)  # fmt: skip
# Keys that are read beside those of the tables.
OTHER_KEYS = ("highway", "building", "boundary", "place", "natural")

_METRES = {"": 1.0, "m": 1.0, "ft": 0.3048, "'": 0.3048}
_HEIGHT = re.compile(r"\s*(\d+(?:[.,]\d+)?)\s*(m|ft|'|)\s*")
_PEOPLE = re.compile(r"\d{1,3}(?:[ ,.'\u00a0\u2009\u202f]\d{3})+|\d+")


class Rule(NamedTuple):
    """One row of the table: in `layer`, `key`=`value` means `meaning`; lower `order` goes first."""

    order: int
    layer: str
    key: str
    value: str
    meaning: str
    mode: str
    conditions: frozenset[str]


@lru_cache(maxsize=1)
def rules() -> tuple[Rule, ...]:
    """All rows of `layers.csv`, in order."""
    text = files(__package__).joinpath("layers.csv").read_text(encoding="utf-8")
    return tuple(
        Rule(n, r["layer"], r["key"], r["value"], r["meaning"], r["mode"], frozenset(r["condition"].split()))
        for n, r in enumerate(csv.DictReader(text.splitlines()))
    )


@lru_cache(maxsize=1)
def keys_read() -> tuple[str, ...]:
    """The keys of which an object must have one to be looked at."""
    return tuple(sorted({rule.key for rule in rules() if rule.layer != "modes"} | set(OTHER_KEYS)))


@lru_cache(maxsize=1)
def categories() -> tuple[str, ...]:
    """The place categories, in the order of the table."""
    return tuple(dict.fromkeys(rule.meaning for rule in rules() if rule.layer == "places"))


@lru_cache(maxsize=1)
def _by_key() -> dict[str, dict[str, dict[str, Rule]]]:
    """Key → value (or "*") → layer → rule."""
    found: dict[str, dict[str, dict[str, Rule]]] = {}
    for rule in rules():
        if rule.layer != "modes":
            found.setdefault(rule.key, {}).setdefault(rule.value, {})[rule.layer] = rule
    return found


def meanings(tags: TagsOf) -> list[Rule]:
    """The rules that an object's tags meet, in the order of the table; one a layer and meaning, each use once."""
    by_key = _by_key()
    met: list[Rule] = []
    for key, value in tags.items():
        if key in by_key:
            for part in value.split(";") if ";" in value else (value,):
                met.extend(_met(by_key[key], key, part.strip(), tags))
    met.sort()
    seen: dict[tuple[str, str], Rule] = {}
    for rule in met:
        what = f"{rule.key}={rule.value}" if rule.layer == "land_use" else rule.meaning
        seen.setdefault((rule.layer, what), rule)
    return list(seen.values())


def _met(of_key: dict[str, dict[str, Rule]], key: str, value: str, tags: TagsOf) -> Iterable[Rule]:
    exact = of_key.get(value, {})
    any_value = of_key.get("*", {})
    for layer, rule in {**any_value, **exact}.items():
        if rule.meaning and _holds(rule.conditions, tags):
            yield rule._replace(layer=layer, key=key, value=value)


def _holds(conditions: frozenset[str], tags: TagsOf) -> bool:
    if "public" in conditions and open_on_foot(tags) != "all":
        return False
    if "passable" in conditions and open_on_foot(tags) == "none":
        return False
    if "named" in conditions and not tags.get("name"):
        return False
    if "above_ground" in conditions:
        return tags.get("parking") != "underground" and tags.get("location") != "underground"
    return True


def out_of_use(tags: TagsOf) -> bool:
    """Whether the object is marked as disused, abandoned or demolished."""
    return any(tags.get(key) == "yes" for key in ("disused", "abandoned", "demolished"))


def stop_mode(rule: Rule, tags: TagsOf) -> str:
    """The travel mode of a stop, "" when the tags do not say."""
    for row in _mode_rules():
        if tags.get(row.key) == row.value:
            return row.meaning
    return rule.mode


@lru_cache(maxsize=1)
def _mode_rules() -> tuple[Rule, ...]:
    return tuple(rule for rule in rules() if rule.layer == "modes")


def building_tags(tags: TagsOf) -> str:
    """The tags that tell a home from a shop, as "key=value" joined by ";"."""
    return ";".join(f"{key}={tags[key]}" for key in BUILDING_KEYS if key in tags)


def metres(text: str | None) -> float:
    """A height in metres ("12", "12.5 m", "40 ft"); NaN when it is absent or not a number."""
    found = _HEIGHT.fullmatch(text or "")
    return float(found[1].replace(",", ".")) * _METRES[found[2]] if found else float("nan")


def floors(text: str | None) -> float:
    """A number of floors; NaN when it is absent, not a number, or not above zero."""
    found = _HEIGHT.fullmatch(text or "")
    number = float(found[1].replace(",", ".")) if found and not found[2] else 0.0
    return number if number > 0 else float("nan")


def people(text: str) -> float:
    """A number of people ("127333", "127 333", "127,333"); NaN when it is not a number."""
    text = text.strip()
    return float(re.sub(r"\D", "", text)) if _PEOPLE.fullmatch(text) else float("nan")
