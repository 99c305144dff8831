"""The two sweeps over an OSM file: everything that lies in the box, sorted by layer, and nothing else kept."""

from __future__ import annotations

from array import array
from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NamedTuple

import shapely
from osmium import FileProcessor
from osmium.filter import KeyFilter
from osmium.geom import WKBFactory
from osmium.osm import Area, Node, Relation, Way

from spatial.sources.osm_header import Box, unreadable
from spatial.sources.osm_highways import WayUse, way_use
from spatial.sources.osm_tags import building_tags, floors, keys_read, meanings, metres, out_of_use, people, stop_mode

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


class _Relation(NamedTuple):
    """A relation that should make an area."""

    boundary: bool
    name: str
    ways: tuple[int, ...]


class _Survey:
    """Sees every object of the file on its way by: extent of the nodes, newest change."""

    def __init__(self) -> None:
        self.west = self.south = UNPLACED
        self.east = self.north = -UNPLACED
        self.newest = datetime.fromtimestamp(0, UTC)

    def node(self, node: Node) -> None:
        x, y = node.location.x, node.location.y
        if x != UNPLACED:
            self.west, self.east = min(self.west, x), max(self.east, x)
            self.south, self.north = min(self.south, y), max(self.north, y)
        self.newest = max(self.newest, node.timestamp)

    def way(self, way: Way) -> None:
        self.newest = max(self.newest, way.timestamp)

    def relation(self, relation: Relation) -> None:
        self.newest = max(self.newest, relation.timestamp)

    @property
    def box(self) -> Box | None:
        sides = (self.west, self.south, self.east, self.north)
        return None if self.west > self.east else tuple(side / UNITS for side in sides)  # type: ignore[return-value]

    @property
    def date(self) -> str:
        return self.newest.date().isoformat() if self.newest.timestamp() > 0 else ""


@dataclass
class Findings:
    """What the sweeps found in the box. `layers` holds places, stops, entrances, land_use, water by rule."""

    extent: Box | None = None
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


def sweep(path: Path, box: Box | None, *, survey: bool) -> Findings:
    """Read the file: one sweep over its relations, one over everything.

    Vertices wait in a file of their own, so that memory grows with what lies in the box. `survey` looks at every
    object for the extent and the newest change (slower); without a box everything is kept.
    """
    reading = _Reading(box)
    surveyor = _Survey()
    wanted = KeyFilter(*keys_read())
    with TemporaryDirectory(prefix="spatial-osm-", ignore_cleanup_errors=True) as folder:
        file = FileProcessor(str(path)).with_locations(f"sparse_file_array,{Path(folder) / 'nodes'}").with_areas(wanted)
        if survey:
            file.with_filter(surveyor)
        try:
            for thing in file.with_filter(wanted):
                reading.take(thing)
        except RuntimeError as error:
            raise unreadable(path, error) from error
        finally:
            del file  # Windows cannot remove a file that is still open
    found = reading.finish()
    if survey:
        found.extent, found.newest = surveyor.box, surveyor.date
    return found


class _Reading:
    """Sorts the objects of the second sweep into layers."""

    def __init__(self, box: Box | None) -> None:
        west, south, east, north = box or (-180.0, -90.0, 180.0, 90.0)
        self._west, self._east = round(west * UNITS), round(east * UNITS)
        self._south, self._north = round(south * UNITS), round(north * UNITS)
        self._bounds = shapely.box(west, south, east, north)
        self._wkb = WKBFactory()
        self._relations: dict[int, _Relation] = {}
        self._assembled: set[int] = set()
        self._building_outlines: dict[int, tuple[int, ...]] = {}
        self._boundary_ways: dict[int, bool] = {}
        self._in_relations: set[int] = set()
        self._open_buildings: list[int] = []
        self.found = Findings()

    def take(self, thing: Node | Way | Area | Relation) -> None:
        """Sort one object in."""
        self.found.objects += 1
        if thing.is_node():
            self._node(thing)  # type: ignore[arg-type]
        elif thing.is_way():
            self._way(thing)  # type: ignore[arg-type]
        elif thing.is_area():
            self._area(thing)  # type: ignore[arg-type]
        elif thing.is_relation():
            self._relation(thing)  # type: ignore[arg-type]
