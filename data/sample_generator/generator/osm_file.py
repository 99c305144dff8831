"""Writes the city as an OSM extract: nodes shared where lines and outlines meet, ids and versions, one date."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
import osmium
import shapely
from osmium.osm import Box, Location
from osmium.osm.mutable import Node, Relation, Way

from generator.features import Area, Line, Mark
from generator.layout import M3, OUT, W3
from generator.place import BOX, DATE, DISTRICT, FICTIONAL, degrees, on_ground

FIRST_NODE, FIRST_WAY, FIRST_RELATION = 1_000_001, 200_001, 3_001
UNIT = 1e-7
ON_OUTLINE_M = 0.05


class Written(NamedTuple):
    """Ids given: one per mark and per area ("node/1000001", "way/…", "relation/…")."""

    marks: list[str]
    areas: list[str]


class _File:
    """Collects objects; a place has one node, whoever asks for it."""

    def __init__(self) -> None:
        self.nodes: dict[tuple[int, int], int] = {}
        self.tags: dict[int, dict[str, str]] = {}
        self.ways: list[tuple[list[int], dict[str, str]]] = []
        self.relations: list[tuple[list[tuple[str, int, str]], dict[str, str]]] = []

    def refs(self, coords: np.ndarray) -> list[int]:
        keys = np.round(degrees(coords) / UNIT).astype(np.int64)
        refs = [self.nodes.setdefault((int(x), int(y)), FIRST_NODE + len(self.nodes)) for x, y in keys]
        return [ref for n, ref in enumerate(refs) if n == 0 or ref != refs[n - 1]]

    def way(self, coords: np.ndarray, tags: dict[str, str]) -> int:
        self.ways.append((self.refs(coords), tags))
        return FIRST_WAY + len(self.ways) - 1

    def relation(self, members: list[tuple[str, int, str]], tags: dict[str, str]) -> int:
        self.relations.append((members, tags))
        return FIRST_RELATION + len(self.relations) - 1


def write_osm(
    path: Path, lines: Sequence[Line], areas: Sequence[Area], marks: Sequence[Mark], district: shapely.Polygon
) -> Written:
    """Write everything; areas with holes become multipolygons."""
    file = _File()
    for line in lines:
        file.way(np.asarray(line.shape.coords), line.tags)
    gates = [mark for mark in marks if mark.tags.get("barrier") == "gate"]
    given_areas = [_write_area(file, area, gates) for area in areas]
    given_marks = []
    for mark in marks:
        (ref,) = file.refs(np.array([[mark.x, mark.y]]))
        file.tags.setdefault(ref, {}).update(mark.tags)
        given_marks.append(f"node/{ref}")
    _signals(file)
    _boundaries(file, district)
    _write(path, file)
    return Written(given_marks, given_areas)


def _write_area(file: _File, area: Area, gates: list[Mark]) -> str:
    parts = shapely.get_parts(shapely.orient_polygons(area.shape))
    rings = [
        (ring, role)
        for part in parts
        for ring, role in ((part.exterior, "outer"), *((r, "inner") for r in part.interiors))
    ]
    coords = [_with_gates(ring, gates) for ring, _ in rings]
    if len(rings) == 1:
        return f"way/{file.way(coords[0], area.tags)}"
    members = [("w", file.way(line, {}), role) for line, (_, role) in zip(coords, rings, strict=True)]
    return f"relation/{file.relation(members, {'type': 'multipolygon', **area.tags})}"


def _with_gates(ring: shapely.LinearRing, gates: list[Mark]) -> np.ndarray:
    """The ring's vertices, with those gates among them that stand on it."""
    coords = np.asarray(ring.coords)
    on = [gate for gate in gates if ring.distance(shapely.Point(gate.x, gate.y)) < ON_OUTLINE_M]
    if not on:
        return coords
    own = np.concatenate([[0.0], np.cumsum(np.hypot(*np.diff(coords, axis=0).T))])
    at = np.array([ring.project(shapely.Point(gate.x, gate.y)) for gate in on])
    places = np.vstack([coords, [(gate.x, gate.y) for gate in on]])
    order = np.argsort(np.concatenate([own, at]), kind="stable")
    return places[order]


def _signals(file: _File) -> None:
    """Traffic lights where large streets cross."""
    large = ("trunk", "primary", "secondary")
    seen: dict[int, set[str]] = {}
    for refs, tags in file.ways:
        if tags.get("highway") in large:
            for ref in refs:
                seen.setdefault(ref, set()).add(tags["name"])
    for ref, names in seen.items():
        if len(names) > 1:
            file.tags.setdefault(ref, {}).setdefault("highway", "traffic_signals")


def sub_areas(district: shapely.Polygon) -> dict[str, shapely.Polygon]:
    """The two subdistricts and the town that make up the district."""
    north_south = on_ground(shapely.LineString([(W3, -OUT - 300), (W3, OUT + 300)]))
    west_east = on_ground(shapely.LineString([(-OUT - 300, M3), (W3 + 30, M3)]))
    lines = shapely.union_all([district.exterior, north_south, west_east], grid_size=0.001)
    faces = [face for face in shapely.get_parts(shapely.polygonize(shapely.get_parts(lines))) if face.area > 1e4]
    faces = [face for face in faces if district.contains(face.representative_point())]
    east = max(faces, key=lambda face: face.centroid.x)
    north = max((face for face in faces if face is not east), key=lambda face: face.centroid.y)
    (south,) = (face for face in faces if face is not east and face is not north)
    return {"清澜街道": north, "文昌街道": south, "柳湾镇": east}


def _boundaries(file: _File, district: shapely.Polygon) -> None:
    parts = sub_areas(district)
    borders = list(parts.values())
    shared = [
        shapely.line_merge(a.boundary.intersection(b.boundary)) for n, a in enumerate(borders) for b in borders[n + 1 :]
    ]
    outer = [shapely.line_merge(a.boundary.difference(shapely.union_all(shared))) for a in borders]
    pieces = [p for whole in (*shared, *outer) for p in shapely.get_parts(whole) if p.geom_type == "LineString"]
    tags = {"boundary": "administrative"}
    ids = [
        file.way(np.asarray(p.coords), {**tags, "admin_level": "8" if n < len(shared) else "6"})
        for n, p in enumerate(pieces)
    ]
    note = {"note": FICTIONAL, "description": FICTIONAL}
    named = [(DISTRICT, "6", shapely.union_all(borders, grid_size=0.001))]
    named += [(name, "8", shape) for name, shape in parts.items()]
    for name, level, shape in named:
        edge = shape.boundary.buffer(0.05)
        members = [("w", id, "outer") for id, p in zip(ids, pieces, strict=True) if edge.contains(p)]
        file.relation(members, {"type": "boundary", **tags, "admin_level": level, "name": name, **note})


def _write(path: Path, file: _File) -> None:
    header = osmium.io.Header()
    header.set("generator", FICTIONAL)
    header.set("osmosis_replication_timestamp", DATE)
    header.add_box(Box(Location(BOX[0], BOX[1]), Location(BOX[2], BOX[3])))
    path.unlink(missing_ok=True)
    same = {"version": 1, "timestamp": DATE, "visible": True}
    with osmium.SimpleWriter(str(path), header=header) as writer:
        for (x, y), ref in sorted(file.nodes.items(), key=lambda entry: entry[1]):
            writer.add_node(Node(id=ref, location=(x * UNIT, y * UNIT), tags=file.tags.get(ref, {}), **same))
        for n, (refs, tags) in enumerate(file.ways):
            writer.add_way(Way(id=FIRST_WAY + n, nodes=refs, tags=tags, **same))
        for n, (members, tags) in enumerate(file.relations):
            writer.add_relation(Relation(id=FIRST_RELATION + n, members=members, tags=tags, **same))
