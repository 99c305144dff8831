"""Toy OSM files: drawn in metres (UTM 33N, from a corner at 45° N), written by pyosmium."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import osmium
from osmium.osm import Box, Location
from osmium.osm.mutable import Node, Relation, Way
from pyproj import CRS, Transformer

UTM = CRS.from_epsg(32633)
EAST, NORTH = 500_000.0, 5_000_000.0
_BACK = Transformer.from_crs(UTM, 4326, always_xy=True)
CENTIMETRES = 0.03  # OSM keeps places to 1e-7 degrees: each end of a line may be 1 cm off


def lonlat(x: float, y: float) -> tuple[float, float]:
    """Degrees of a place given in metres from the toy's corner."""
    lon, lat = _BACK.transform(EAST + x, NORTH + y)
    return round(lon, 7), round(lat, 7)


def box_of(west: float, south: float, east: float, north: float) -> tuple[float, float, float, float]:
    """A box in degrees between two corners given in metres."""
    return (*lonlat(west, south), *lonlat(east, north))


BOX = box_of(-1000, -1000, 1000, 1000)


class Toy:
    """Collects nodes, ways and relations, and writes them in the order that files have."""

    def __init__(self) -> None:
        self.nodes: dict[int, Node] = {}
        self.ways: dict[int, Way] = {}
        self.relations: dict[int, Relation] = {}
        self._next = 1000

    def node(self, x: float, y: float, id: int | None = None, **tags: str) -> int:
        self._next += 1
        id = id or self._next
        self.nodes[id] = Node(id=id, location=lonlat(x, y), tags=_tags(tags))
        return id

    def way(self, id: int, *corners: int | tuple[float, float], **tags: str) -> int:
        refs = [corner if isinstance(corner, int) else self.node(*corner) for corner in corners]
        self.ways[id] = Way(id=id, nodes=refs, tags=_tags(tags))
        return id

    def square(self, id: int, x: float, y: float, size: float, **tags: str) -> int:
        """A closed way: a square with its lower left corner at x, y, drawn counter-clockwise."""
        first = self.node(x, y)
        return self.way(id, first, (x + size, y), (x + size, y + size), (x, y + size), first, **tags)

    def relation(self, id: int, *members: tuple[str, int, str], **tags: str) -> int:
        self.relations[id] = Relation(id=id, members=list(members), tags=_tags(tags))
        return id

    def stamp(self, kind: str, id: int, when: datetime) -> None:
        getattr(self, kind)[id].timestamp = when

    def write(self, path: Path, *, date: str = "2024-03-01T12:00:00Z", box: tuple[float, ...] | None = None) -> Path:
        header = osmium.io.Header()
        if date:
            header.set("osmosis_replication_timestamp", date)
        if box:
            header.add_box(Box(Location(box[0], box[1]), Location(box[2], box[3])))
        with osmium.SimpleWriter(str(path), header=header, overwrite=True) as writer:
            for id in sorted(self.nodes):
                writer.add_node(self.nodes[id])
            for id in sorted(self.ways):
                writer.add_way(self.ways[id])
            for id in sorted(self.relations):
                writer.add_relation(self.relations[id])
        return path


def _tags(tags: dict[str, str]) -> dict[str, str]:
    return {key.replace("__", ":"): value for key, value in tags.items()}
