"""Lines without nodes: their vertices become places, lines of one shape become one, and shared places cut them."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import pandas as pd
import shapely
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components
from scipy.spatial import KDTree

from spatial.sources.osm.streets import Vertices, corners_of, cut_where_shared


class Lines(NamedTuple):
    """Lines by their vertices (`ref` is a row of a table of places; x and y in metres), and what is known of each.

    `table`, a row a line: `rank` (of the class), `walk`, `cycle`, `street`, `forward`, `backward` (bool: driven with
    the line, against it), `name` (its number).
    """

    vertices: Vertices
    table: pd.DataFrame

    @property
    def drawn(self) -> np.ndarray:
        """The lines as shapes."""
        way, _, x, y = self.vertices
        empty = np.array([], dtype=object)
        return np.asarray(shapely.linestrings(np.column_stack([x, y]), indices=way)) if len(way) else empty

    def chosen(self, these: np.ndarray) -> Lines:
        """Some of the lines, in their order."""
        way, ref, x, y = self.vertices
        kept = these[way]
        renumbered = np.cumsum(these) - 1
        vertices = Vertices(renumbered[way[kept]], ref[kept], x[kept], y[kept])
        return Lines(vertices, self.table[these].reset_index(drop=True))

    def ends(self) -> tuple[np.ndarray, np.ndarray]:
        """The places where the lines begin and end."""
        way, ref = self.vertices.way, self.vertices.ref
        change = np.diff(way) != 0
        last, first = np.append(change, True), np.append(True, change)
        return ref[first[: len(way)]], ref[last[: len(way)]]


class Merged(NamedTuple):
    """Lines of different shapes; how many pairs of opposite lines and how many repeated ones became one."""

    lines: Lines
    opposite: int
    repeated: int


def placed(shapes: np.ndarray, table: pd.DataFrame, meet_m: float) -> tuple[Lines, np.ndarray, int]:
    """The lines by places, the places (x, y) in the order of their x, then y, and how many lines without length went.

    Vertices within `meet_m` of each other are one place: the first of them.
    """
    xy, way = shapely.get_coordinates(shapes, return_index=True)
    points, number = np.unique(xy, axis=0, return_inverse=True)
    near = KDTree(points).query_pairs(meet_m, output_type="ndarray")
    links = coo_array((np.ones(len(near)), (near[:, 0], near[:, 1])), shape=(len(points),) * 2)
    group = connected_components(links, directed=False)[1]
    firsts, of_point = np.unique(first_of(group)[group], return_inverse=True)
    places, place = points[firsts], of_point.reshape(-1)[number.reshape(-1)]
    fresh = np.ones(len(way), dtype=bool)
    fresh[1:] = (way[1:] != way[:-1]) | (place[1:] != place[:-1])
    lines = _split_where_turned(way[fresh], place[fresh], places, table)
    long = np.bincount(lines.vertices.way) > 1
    return lines.chosen(long), places, int((~long).sum())


def _split_where_turned(way: np.ndarray, place: np.ndarray, places: np.ndarray, table: pd.DataFrame) -> Lines:
    """Lines that turn back on themselves are split there, so that the way back can be told from another street."""
    inner = (way[2:] == way[:-2]) & (place[2:] == place[:-2])
    turns = np.flatnonzero(inner) + 1
    begins = np.ones(len(way) + len(turns), dtype=bool)
    again = turns + np.arange(1, len(turns) + 1)
    way, place = np.insert(way, turns, way[turns]), np.insert(place, turns, place[turns])
    begins[1:] = way[1:] != way[:-1]
    begins[again] = True
    vertices = Vertices(np.cumsum(begins) - 1, place, places[place, 0], places[place, 1])
    return Lines(vertices, table.iloc[way[begins]].reset_index(drop=True))


def shape_numbers(lines: Lines) -> tuple[np.ndarray, np.ndarray]:
    """A number per shape, in the order in which shapes occur, and whether a line is drawn against the first of its
    shape.
    """
    way, ref = lines.vertices.way, lines.vertices.ref
    if len(way) == 0:
        return np.empty(0, np.int64), np.empty(0, bool)
    numbered = shapely.linestrings(np.column_stack([ref, np.zeros(len(ref))]), indices=way)
    ahead, back = shapely.to_wkb(numbered), shapely.to_wkb(shapely.reverse(numbered))
    turned = np.asarray(back < ahead, dtype=bool)
    shape = pd.factorize(np.where(turned, back, ahead))[0]
    return shape, turned != turned[first_of(shape)][shape]


def first_of(number: np.ndarray) -> np.ndarray:
    """Where each number from 0 stands first."""
    return np.unique(number, return_index=True)[1]


def merged(lines: Lines) -> Merged:
    """Lines of one shape as one, drawn as the first of them: of the highest class, for all who may use any of them."""
    shape, turned = shape_numbers(lines)
    drawn_ways = pd.Series(turned).groupby(shape).nunique().to_numpy()
    opposite = int((drawn_ways == 2).sum())
    repeated = len(shape) - int(drawn_ways.sum())
    if not opposite and not repeated:
        return Merged(lines, 0, 0)
    forward, backward = lines.table["forward"].to_numpy(), lines.table["backward"].to_numpy()
    seen = lines.table.assign(forward=np.where(turned, backward, forward), backward=np.where(turned, forward, backward))
    groups = seen.groupby(shape)
    first = np.zeros(len(shape), dtype=bool)
    first[first_of(shape)] = True
    table = groups.max().assign(rank=groups["rank"].min()).reset_index(drop=True)
    return Merged(Lines(lines.chosen(first).vertices, table), opposite, repeated)


def cut(lines: Lines) -> Lines:
    """The lines cut wherever two of them, or one twice, have a vertex at one place."""
    way, ref, x, y = lines.vertices
    pieces = cut_where_shared(lines.vertices, way[:-1] == way[1:])
    corner, edge = corners_of(pieces)
    table = lines.table.iloc[way[pieces.first]].reset_index(drop=True)
    return Lines(Vertices(edge, ref[corner], x[corner], y[corner]), table)
