"""What is kept of each OSM object while a file is read."""

from __future__ import annotations

from array import array
from collections import Counter
from dataclasses import dataclass, field
from typing import NamedTuple

from spatial.sources.osm.header import Box
from spatial.sources.osm.highways import WayUse

UNITS = 10_000_000  # OSM keeps degrees as whole multiples of 1e-7
UNPLACED = 2**31 - 1  # what libosmium writes for a vertex whose node is not in the file
NODE, WAY, RELATION = 0, 1, 2
KINDS = ("node", "way", "relation")


class Line(NamedTuple):
    """The vertices of one way, in its order; places in units of 1e-7 degrees."""

    id: int
    refs: array[int]
    x: array[int]
    y: array[int]


class Highway(NamedTuple):
    """One way of the street network."""

    line: Line
    use: WayUse
    highway: str
    name: str
    bridge: bool
    tunnel: bool
    square: bool


class Found(NamedTuple):
    """One object of a layer. `shape` is hex WKB in degrees: a point or a multipolygon."""

    kind: int
    id: int
    meaning: str
    name: str
    shape: str
    mode: str = ""

    @property
    def osm_id(self) -> str:
        return f"{KINDS[self.kind]}/{self.id}"


class FoundBuilding(NamedTuple):
    """One building outline."""

    kind: int
    id: int
    building: str
    levels: float
    height_m: float
    tags: str
    shape: str


class FoundSettlement(NamedTuple):
    """One settlement node with its population (NaN: not a number)."""

    id: int
    place: str
    name: str
    population: float
    shape: str


@dataclass
class Findings:
    """What the sweeps found in the box. `layers` holds places, stops, entrances, land_use, water by rule."""

    extent: Box | None = None
    streets_extent: Box | None = None
    newest: str = ""
    objects: int = 0
    highways: list[Highway] = field(default_factory=list)
    coast: list[Line] = field(default_factory=list)
    layers: dict[str, list[Found]] = field(default_factory=dict)
    buildings: list[FoundBuilding] = field(default_factory=list)
    boundaries: list[Found] = field(default_factory=list)
    settlements: list[FoundSettlement] = field(default_factory=list)
    counts: Counter[str] = field(default_factory=Counter)
    unknown: Counter[str] = field(default_factory=Counter)
    broken: list[str] = field(default_factory=list)
    cut: list[str] = field(default_factory=list)
    cut_boundaries: dict[str, str] = field(default_factory=dict)

    @property
    def empty(self) -> bool:
        """Whether nothing of any layer lies in the box."""
        kept = (self.highways, self.coast, self.buildings, self.settlements, self.boundaries)
        return not any(kept) and not any(self.layers.values())
