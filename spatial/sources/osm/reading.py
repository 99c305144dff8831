"""Sorts the objects of an OSM file into layers while they pass, and forgets all that lies outside the box."""

from __future__ import annotations

from array import array
from collections.abc import Mapping
from math import isnan
from typing import NamedTuple

import shapely
from osmium.geom import WKBFactory
from osmium.osm import Area, Location, Node, Relation, Way

from spatial.sources.osm.header import Box
from spatial.sources.osm.highways import way_use
from spatial.sources.osm.rows import (
    KINDS,
    NODE,
    RELATION,
    UNITS,
    UNPLACED,
    WAY,
    Findings,
    Found,
    FoundBuilding,
    FoundSettlement,
    Highway,
    Line,
)
from spatial.sources.osm.tags import building_tags, floors, meanings, metres, out_of_use, people, stop_mode

_POINT_LAYERS = ("places", "stops", "stop_positions", "entrances")
_RELATION_LAYERS = ("places", "stops", "land_use", "water")
_AREA_LAYERS = ("places", "stops", "land_use", "cover", "water")


class _Outline(NamedTuple):
    """A relation that should make an area."""

    boundary: str
    ways: tuple[int, ...]
    building: bool


class Reading:
    """Takes objects one by one; `finish` gives what was found in the box (degrees; None: everywhere)."""

    def __init__(self, box: Box | None) -> None:
        sides = box or (-180.0, -90.0, 180.0, 90.0)
        self._west, self._south, self._east, self._north = (round(side * UNITS) for side in sides)
        self._bounds = shapely.box(*sides)
        self._wkb = WKBFactory()
        self._relations: dict[int, _Outline] = {}
        self._assembled: set[int] = set()
        self._boundary_ways: dict[int, bool] = {}
        self._open_buildings: list[int] = []
        self._streets = (UNPLACED, UNPLACED, -UNPLACED, -UNPLACED)
        self._found = Findings()

    def relation(self, relation: Relation) -> bool:
        """Filter of the first sweep: True for a relation that makes no area of any layer."""
        tags = dict(relation.tags)
        if tags.get("type") not in ("multipolygon", "boundary"):
            return True
        building = tags.get("building", "no") != "no"
        boundary = tags.get("name", "") or f"relation/{relation.id}"
        if tags.get("boundary") != "administrative":
            boundary = ""
            if not (building or "highway" in tags or any(rule.layer in _RELATION_LAYERS for rule in meanings(tags))):
                return True
        ways = tuple(m.ref for m in relation.members if m.type == "w" and m.role in ("outer", ""))
        self._relations[relation.id] = _Outline(boundary, ways, building)
        return False

    def take(self, thing: object) -> None:
        """Sort one object of the second sweep in."""
        self._found.objects += 1
        if isinstance(thing, Node):
            self._node(thing)
        elif isinstance(thing, Way):
            self._way(thing)
        elif isinstance(thing, Area):
            self._area(thing)

    def finish(self) -> Findings:
        """Everything found, in the order of ids, after the last object was taken."""
        found = self._found
        self._settle_relations()
        self._settle_buildings()
        west, south, east, north = self._streets
        if west <= east:
            found.streets_extent = (west / UNITS, south / UNITS, east / UNITS, north / UNITS)
        found.highways.sort(key=lambda way: way.line.id)
        found.coast.sort()
        for rows in (*found.layers.values(), found.boundaries):
            rows.sort(key=lambda row: (row.kind, row.id))
        found.buildings.sort(key=lambda row: (row.kind, row.id))
        found.settlements.sort(key=lambda row: row.id)
        return found

    def _inside(self, place: Location) -> bool:
        return self._west <= place.x <= self._east and self._south <= place.y <= self._north

    def _node(self, node: Node) -> None:
        if not self._inside(node.location):
            return
        tags = dict(node.tags)
        if "place" in tags and "population" in tags:
            residents = people(tags["population"])
            shape = self._wkb.create_point(node.location)
            row = FoundSettlement(node.id, tags["place"], tags.get("name", ""), residents, shape)
            self._found.settlements.append(row)
        self._sort_in(NODE, node.id, tags, _POINT_LAYERS, self._wkb.create_point(node.location))

    def _sort_in(self, kind: int, id: int, tags: Mapping[str, str], layers: tuple[str, ...], shape: str) -> None:
        """Add an object to those of `layers` that its tags belong to; of stops, to the first kind only."""
        unused = out_of_use(tags)
        is_stop = False
        for rule in meanings(tags):
            if rule.layer not in layers:
                continue
            if rule.layer in ("places", "stops") and unused:
                self._found.counts["out_of_use"] += 1
                continue
            if rule.layer == "stops" and is_stop:
                continue
            is_stop = is_stop or rule.layer == "stops"
            meaning = f"{rule.key}={rule.value}" if rule.layer == "land_use" else rule.meaning
            mode = stop_mode(rule, tags) if rule.layer == "stops" else ""
            row = Found(kind, id, meaning, tags.get("name", ""), shape, mode)
            self._found.layers.setdefault(rule.layer, []).append(row)

    def _way(self, way: Way) -> None:
        tags = way.tags
        if "highway" in tags:
            self._note_extent(way.nodes[0].location)
            self._highway(way)
        if tags.get("natural") == "coastline":
            line = self._line(way)
            if line is not None:
                self._found.coast.append(line)
        if "boundary" in tags:
            self._boundary_ways[way.id] = any(self._inside(vertex.location) for vertex in way.nodes)
        if len(way.nodes) < 2 or way.is_closed():
            return
        if "building" in tags and any(self._inside(vertex.location) for vertex in way.nodes):
            self._open_buildings.append(way.id)
        if tags.get("public_transport") == "platform":
            middle = way.nodes[len(way.nodes) // 2].location
            if self._inside(middle):
                self._sort_in(WAY, way.id, dict(tags), _POINT_LAYERS, self._wkb.create_point(middle))

    def _note_extent(self, place: Location) -> None:
        """Widen the extent of the file's streets, inside the box or not, by the place where one begins."""
        x, y = place.x, place.y
        if x != UNPLACED:
            west, south, east, north = self._streets
            self._streets = (min(west, x), min(south, y), max(east, x), max(north, y))

    def _line(self, way: Way) -> Line | None:
        """The vertices of a way that has at least one in the box."""
        west, south, east, north = self._west, self._south, self._east, self._north
        refs, xs, ys = array("q"), array("q"), array("q")
        near = False
        for vertex in way.nodes:
            place = vertex.location
            x, y = place.x, place.y
            refs.append(vertex.ref)
            xs.append(x)
            ys.append(y)
            if west <= x <= east and south <= y <= north:
                near = True
        return Line(way.id, refs, xs, ys) if near else None

    def _highway(self, way: Way) -> None:
        line = self._line(way)
        if line is None:
            return
        tags = dict(way.tags)
        unknown: set[str] = set()
        use = way_use(tags, unknown)
        self._found.unknown.update(unknown)
        if not (use.in_paths or use.in_driving):
            self._found.counts["highways_closed"] += 1
            return
        bridge, tunnel = (tags.get(key, "no") != "no" for key in ("bridge", "tunnel"))
        square = tags.get("area") == "yes" and way.is_closed()
        name = tags.get("name", "")
        self._found.highways.append(Highway(line, use, tags["highway"], name, bridge, tunnel, square))

    def _area(self, area: Area) -> None:
        kind = WAY if area.from_way() else RELATION
        id = area.orig_id()
        if kind == RELATION:
            self._assembled.add(id)
        if area.num_rings()[0] == 0:
            self._found.broken.append(f"{KINDS[kind]}/{id}")
            return
        shape = self._shape_in_box(area)
        if not shape:
            return
        tags = dict(area.tags)
        if "building" in tags:
            self._building(kind, id, tags, shape)
        if tags.get("boundary") == "administrative":
            self._boundary(kind, id, tags, shape)
        if kind == RELATION and "highway" in tags:
            self._found.counts["square_relations"] += 1
        self._sort_in(kind, id, tags, _AREA_LAYERS, shape)

    def _shape_in_box(self, area: Area) -> str:
        """An area as hex WKB, "" when it lies outside the box."""
        shape: str = self._wkb.create_multipolygon(area)
        for ring in area.outer_rings():
            if self._inside(ring[0].location):
                return shape
        return shape if shapely.from_wkb(shape).intersects(self._bounds) else ""

    def _building(self, kind: int, id: int, tags: Mapping[str, str], shape: str) -> None:
        if tags["building"] == "no":
            self._found.counts["building_no"] += 1
            return
        levels, height = floors(tags.get("building:levels")), metres(tags.get("height"))
        for key, name, number in (("building:levels", "levels", levels), ("height", "height", height)):
            if key in tags and isnan(number):
                self._found.counts[f"building_{name}"] += 1
        row = FoundBuilding(kind, id, tags["building"], levels, height, building_tags(tags), shape)
        self._found.buildings.append(row)

    def _boundary(self, kind: int, id: int, tags: Mapping[str, str], shape: str) -> None:
        level, name = tags.get("admin_level", ""), tags.get("name", "")
        if level.isascii() and level.isdigit() and name:
            self._found.boundaries.append(Found(kind, id, level, name, shape))
        else:
            self._found.counts["boundary_unnamed"] += 1

    def _settle_relations(self) -> None:
        """Name the relations of which the file holds only a part."""
        for id in sorted(set(self._relations) - self._assembled):
            outline = self._relations[id]
            if not outline.boundary:
                self._found.cut.append(f"relation/{id}")
                continue
            known = [self._boundary_ways[way] for way in outline.ways if way in self._boundary_ways]
            if any(known) or not known:
                self._found.cut_boundaries[f"relation/{id}"] = outline.boundary
        self._found.broken.sort()

    def _settle_buildings(self) -> None:
        """Drop outlines that a building relation counts already; count the outlines that are not closed."""
        found = self._found
        in_relations: set[int] = set()
        for id, outline in self._relations.items():
            if outline.building and id in self._assembled:
                in_relations.update(outline.ways)
        kept = [row for row in found.buildings if row.kind != WAY or row.id not in in_relations]
        found.counts["building_outlines"] = len(found.buildings) - len(kept)
        found.buildings = kept
        members = {way for outline in self._relations.values() for way in outline.ways}
        found.counts["building_open"] = sum(id not in members for id in self._open_buildings)
