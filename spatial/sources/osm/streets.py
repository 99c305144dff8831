"""Street networks from OSM ways: noded at shared nodes only, never joined across missing vertices."""

from __future__ import annotations

from array import array
from collections.abc import Sequence
from typing import NamedTuple

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from pyproj import CRS

from spatial.model.provenance import Ledger
from spatial.model.streets import StreetNetwork
from spatial.model.study_area import transformer_to
from spatial.sources.osm.header import Box
from spatial.sources.osm.rows import UNITS, UNPLACED, Highway, Line
from spatial.text import Message


class Vertices(NamedTuple):
    """The vertices of many ways, one after the other: way position, node id, place in units of 1e-7 degrees."""

    way: np.ndarray
    ref: np.ndarray
    x: np.ndarray
    y: np.ndarray

    @property
    def placed(self) -> np.ndarray:
        """Which vertices are in the file."""
        placed: np.ndarray = self.x != UNPLACED
        return placed


class Pieces(NamedTuple):
    """Kept segments, by the position of their first vertex, and the edges that they make up."""

    segment: np.ndarray
    edge: np.ndarray
    first: np.ndarray
    last: np.ndarray


def vertices_of(lines: Sequence[Line]) -> Vertices:
    """The vertices of the lines in one table."""
    way = np.repeat(np.arange(len(lines)), np.array([len(line.refs) for line in lines], dtype=np.int64))
    parts = (array("q"), array("q"), array("q"))
    for line in lines:
        for whole, part in zip(parts, (line.refs, line.x, line.y), strict=True):
            whole.extend(part)
    ref, x, y = (np.array(whole, dtype=np.int64) for whole in parts)
    return Vertices(way, ref, x, y)


def read_network(
    highways: Sequence[Highway], representation: str, box: Box, crs: CRS, *, ledger: Ledger
) -> StreetNetwork:
    """The network of the ways given, which are those of one representation: "paths" or "driving"."""
    vertices = vertices_of([way.line for way in highways])
    inside = vertices.placed & _in_box(vertices, box)
    joined = (vertices.way[:-1] == vertices.way[1:]) & (vertices.ref[:-1] != vertices.ref[1:])
    kept = joined & inside[:-1] & inside[1:]
    pieces = cut_where_shared(vertices, kept)
    nodes, positions = _nodes(vertices, pieces, crs)
    edges = _edge_table(highways, vertices, pieces, positions, crs)
    network = StreetNetwork(nodes, edges, "paths" if representation == "paths" else "driving")
    _record(network, highways, vertices, kept, joined, ledger)
    return network


def _in_box(vertices: Vertices, box: Box) -> np.ndarray:
    west, south, east, north = (round(side * UNITS) for side in box)
    x, y = vertices.x, vertices.y
    inside: np.ndarray = (x >= west) & (x <= east) & (y >= south) & (y <= north)
    return inside


def cut_where_shared(vertices: Vertices, kept: np.ndarray) -> Pieces:
    """Cut the kept segments into edges wherever two ways, or one way twice, pass the same node."""
    segment = np.flatnonzero(kept)
    used = np.zeros(len(vertices.ref), dtype=bool)
    used[segment] = used[segment + 1] = True
    ids, inverse, times = np.unique(vertices.ref[used], return_inverse=True, return_counts=True)
    shared = np.zeros(len(vertices.ref), dtype=bool)
    shared[used] = times[inverse] > 1 if len(ids) else False
    goes_on = np.zeros(len(segment), dtype=bool)  # whether a segment continues the one before it
    goes_on[1:] = (segment[1:] == segment[:-1] + 1) & ~shared[segment[1:]]
    edge = np.cumsum(~goes_on) - 1
    first = segment[~goes_on]
    ends = np.append(np.flatnonzero(~goes_on)[1:] - 1, len(segment) - 1)[: len(first)]
    return Pieces(segment, edge, first, segment[ends] + 1)


def _nodes(vertices: Vertices, pieces: Pieces, crs: CRS) -> tuple[pd.DataFrame, np.ndarray]:
    """The node table in the order of node ids, and the position of each edge's two ends in it."""
    ends = np.concatenate([pieces.first, pieces.last])
    ids, at, position = np.unique(vertices.ref[ends], return_index=True, return_inverse=True)
    x, y = _projected(vertices, ends[at], crs)
    table = pd.DataFrame({"x": x, "y": y, "osm_id": ids, "analysed": np.ones(len(ids), dtype=bool)})
    return table, position.reshape(2, -1).astype(np.int32)


def _edge_table(
    highways: Sequence[Highway], vertices: Vertices, pieces: Pieces, positions: np.ndarray, crs: CRS
) -> gpd.GeoDataFrame:
    corner, of_edge = corners_of(pieces)
    x, y = _projected(vertices, corner, crs)
    shapes = shapely.linestrings(np.column_stack([x, y]), indices=of_edge) if len(corner) else np.array([], object)
    way = vertices.way[pieces.first]

    def column(values: list[object], dtype: str) -> np.ndarray:
        of_edges: np.ndarray = np.array(values, dtype=dtype)[way]
        return of_edges

    table = {
        "u": positions[0],
        "v": positions[1],
        "length_m": shapely.length(shapes),
        "way_id": column([h.line.id for h in highways], "int64"),
        "highway": column([h.highway for h in highways], "object"),
        "name": column([h.name for h in highways], "object"),
        "bridge": column([h.bridge for h in highways], "bool"),
        "tunnel": column([h.tunnel for h in highways], "bool"),
        "walk": column([h.use.walk for h in highways], "bool"),
        "cycle": column([h.use.cycle for h in highways], "bool"),
        "drive": column([h.use.drive for h in highways], "int8"),
    }
    return gpd.GeoDataFrame(table, geometry=shapes, crs=crs)


def corners_of(pieces: Pieces) -> tuple[np.ndarray, np.ndarray]:
    """All vertices of all edges in their order, and the edge of each."""
    corner = np.concatenate([pieces.segment, pieces.last])
    edge = np.concatenate([pieces.edge, np.arange(len(pieces.last))])
    order = np.lexsort((corner, edge))
    return corner[order], edge[order]


def _projected(vertices: Vertices, at: np.ndarray, crs: CRS) -> tuple[np.ndarray, np.ndarray]:
    x, y = transformer_to(crs).transform(vertices.x[at] / UNITS, vertices.y[at] / UNITS)
    return x, y


def _record(
    network: StreetNetwork,
    highways: Sequence[Highway],
    vertices: Vertices,
    kept: np.ndarray,
    joined: np.ndarray,
    ledger: Ledger,
) -> None:
    layer = network.representation
    counts = {"ways": len(highways), "edges": len(network.edges), "nodes": len(network.nodes)}
    ledger.record(layer, "read", Message(f"osm.{layer}", {**counts, "km": network.length_km}), count=len(network.edges))
    placed = vertices.placed
    at_gap = joined & (placed[:-1] != placed[1:])
    gaps = int(np.count_nonzero(~placed))
    if gaps:
        ways = len(np.unique(vertices.way[:-1][at_gap]))
        ledger.record(layer, "dropped", Message("osm.vertices_missing", {"count": gaps, "ways": ways}), count=gaps)
    cut = np.unique(vertices.way[:-1][joined & ~kept & placed[:-1] & placed[1:]])
    if len(cut):
        ledger.record(layer, "clipped", Message("osm.ways_cut", {"count": len(cut)}), count=len(cut))
    squares = sum(way.square for way in highways)
    if squares:
        ledger.record(layer, "estimated", Message("osm.squares", {"count": squares}), count=squares)
