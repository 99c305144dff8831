"""Gives lines that cross on the ground a node in common, and cuts off what sticks out."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import shapely
from shapely.ops import substring

from generator.features import Line
from generator.streets import lead_ends

TOUCH_M = 0.06
STUB_M = 36.0
WAY_M = 650.0  # a way longer than this is split at its next junction


def knit(lines: list[Line], streets: int, box: shapely.Polygon) -> list[Line]:
    """The same lines with nodes where they meet; the first `streets` of them lead the others' ends."""
    shapes = [line.shape for line in lines]
    targets = [shape for shape, line in zip(shapes, lines, strict=True) if line.level == 0]
    for number, line in enumerate(lines):
        if line.reach and number >= streets:
            shapes[number] = lead_ends(line.shape, [shape for shape in targets if shape is not line.shape], box)
    shapes = _drop_stubs(shapes, lines)
    places = _meetings(shapes, lines)
    return [
        line._replace(shape=part)
        for line, shape, meeting in zip(lines, shapes, places, strict=True)
        for part in (_split(shape, meeting) if "highway" in line.tags else [shape])
    ]


def _drop_stubs(shapes: list[shapely.LineString], lines: list[Line]) -> list[shapely.LineString]:
    """Cut the free ends of lines marked so, back to their outermost junction."""
    meetings = _meetings(list(shapes), lines)
    kept = []
    for shape, line, meeting in zip(shapes, lines, meetings, strict=True):
        if line.trim and meeting:
            low, high = min(meeting), max(meeting)
            start = low if low < STUB_M else 0.0
            end = high if shape.length - high < STUB_M else shape.length
            kept.append(substring(shape, start, end) if end - start > 1 else shape)
        else:
            kept.append(shape)
    return kept


def _meetings(shapes: list[shapely.LineString], lines: list[Line]) -> list[list[float]]:
    """Where along each line others meet it; `shapes` is changed in place to have a vertex there."""
    flat = np.array([line.level == 0 for line in lines])
    tree = shapely.STRtree(shapes)
    left, right = tree.query(shapes, predicate="dwithin", distance=TOUCH_M)
    pairs = [(a, b) for a, b in zip(left, right, strict=True) if a < b]
    found: list[list[tuple[float, float]]] = [[] for _ in shapes]
    for a, b in pairs:
        if flat[a] and flat[b]:
            points = _common(shapes[a], shapes[b])
        elif "highway" in lines[a].tags and "highway" in lines[b].tags:
            above, ground = (a, b) if flat[b] else (b, a)
            ends = [shapes[above].coords[0], shapes[above].coords[-1]]
            points = [end for end in ends if shapely.Point(end).distance(shapes[ground]) < TOUCH_M]
        else:
            continue
        found[a] += points
        found[b] += points
    where: list[list[float]] = []
    for number, points in enumerate(found):
        shapes[number], at = _with_vertices(shapes[number], points)
        where.append(at)
    return where


def _common(one: shapely.LineString, other: shapely.LineString) -> list[tuple[float, float]]:
    points = [tuple(p) for p in shapely.get_coordinates(shapely.intersection(one, other)).tolist()]
    for line, across in ((one, other), (other, one)):
        for end in (line.coords[0], line.coords[-1]):
            near = shapely.Point(end).distance(across) < TOUCH_M
            if near and not any(np.hypot(end[0] - x, end[1] - y) < TOUCH_M * 2 for x, y in points):
                points.append((end[0], end[1]))
    return points


def _with_vertices(
    line: shapely.LineString, points: list[tuple[float, float]]
) -> tuple[shapely.LineString, list[float]]:
    """The line with its vertices and these, each once; and how far along these lie."""
    if not points:
        return line, []
    coords = np.asarray(line.coords)
    steps = np.hypot(*np.diff(coords, axis=0).T)
    own = np.concatenate([[0.0], np.cumsum(steps)])
    extra = [(float(line.project(shapely.Point(p))), p) for p in points]
    entries = [(at, 0, p) for at, p in extra] + [(float(at), 1, tuple(p)) for at, p in zip(own, coords, strict=True)]
    entries.sort(key=lambda entry: (entry[0], entry[1]))
    merged: list[tuple[float, int, tuple[float, float]]] = []
    for entry in entries:
        if merged and entry[0] - merged[-1][0] < TOUCH_M * 2:
            if entry[1] < merged[-1][1]:
                merged[-1] = (merged[-1][0], *entry[1:])
            continue
        merged.append(entry)
    return shapely.LineString([p for *_, p in merged]), sorted({at for at, _ in extra})


def _split(line: shapely.LineString, meetings: list[float]) -> list[shapely.LineString]:
    """Ways as mappers draw them: not over the whole city."""
    cuts, last = [0.0], 0.0
    for at in meetings:
        if at - last > WAY_M and line.length - at > WAY_M / 2:
            cuts.append(at)
            last = at
    if len(cuts) == 1:
        return [line]
    coords = np.asarray(line.coords)
    along = np.concatenate([[0.0], np.cumsum(np.hypot(*np.diff(coords, axis=0).T))])
    marks = [int(np.argmin(np.abs(along - cut))) for cut in cuts] + [len(coords) - 1]
    return [shapely.LineString(coords[a : b + 1]) for a, b in pairwise(marks) if b > a]


def without_islands(lines: list[Line]) -> list[Line]:
    """The lines, but no field track that leads to no street."""
    parent: dict[tuple[float, float], tuple[float, float]] = {}

    def root(place: tuple[float, float]) -> tuple[float, float]:
        while parent.setdefault(place, place) != place:
            place = parent[place]
        return place

    places = [[(round(x, 2), round(y, 2)) for x, y in line.shape.coords] for line in lines]
    for line, along in zip(lines, places, strict=True):
        if "highway" in line.tags:
            for place in along[1:]:
                parent[root(place)] = root(along[0])
    main = root(places[0][0])
    return [
        line
        for line, along in zip(lines, places, strict=True)
        if line.tags.get("highway") != "track" or root(along[0]) == main
    ]
