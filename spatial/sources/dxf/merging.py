"""What is drawn twice counts once: a fill on its outline, and the same shape again on the same cad layer."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import shapely
from scipy.spatial import cKDTree

Shapes = npt.NDArray[np.object_]
Indices = npt.NDArray[np.signedinteger[Any]]


@dataclass(frozen=True)
class Merged:
    """The shapes after merging and which of them are left, and which were merged for which reason."""

    shapes: Shapes
    kept: npt.NDArray[np.bool_]
    drawn_twice: Indices
    fills_merged: Indices
    islands_cut: Indices
    islands_ignored: Indices


def merge_drawn_twice(shapes: Shapes, layers: Sequence[str], filled: npt.NDArray[np.bool_], within_m: float) -> Merged:
    """Polygons without their doubles.

    Two polygons of one cad layer whose outlines are nowhere farther apart than `within_m` are the same. Of two
    outlines or two fills the first is kept, of an outline and a fill the outline. A fill of several pieces loses those
    that have an outline. An island of the fill is cut out of the outline where it is itself an outline of the same
    cad layer (an enclave); other islands are gaps left for buildings or texts, and are not.

    Parameters
    ----------
    shapes : any geometries in metres; only polygons are looked at.
    filled : which of them are fills.
    """
    codes = np.unique(np.array(layers, dtype=str), return_inverse=True)[1]
    polygonal = np.isin(shapely.get_type_id(shapes), (3, 6))
    outlines, fills = np.flatnonzero(polygonal & ~filled), np.flatnonzero(polygonal & filled)
    again = np.concatenate([_doubles(shapes, codes, group, within_m) for group in (outlines, fills)])
    outlines, fills = np.setdiff1d(outlines, again), np.setdiff1d(fills, again)
    merged = _Fills(shapes.copy(), codes, outlines, within_m).merged_with(fills)
    kept = np.ones(len(shapes), dtype=bool)
    kept[again] = False
    kept[merged.fills_merged] = ~shapely.is_empty(merged.shapes[merged.fills_merged])
    return Merged(merged.shapes, kept, again, merged.fills_merged, merged.islands_cut, merged.islands_ignored)


def _boxed(first: Shapes, second: Shapes, within_m: float) -> tuple[Indices, Indices]:
    """The pairs (of the first, of the second) whose boxes are the same."""
    if not len(first) or not len(second):
        return np.empty(0, dtype=np.int64), np.empty(0, dtype=np.int64)
    near = cKDTree(shapely.bounds(second)).query_ball_point(shapely.bounds(first), within_m, p=np.inf)
    mine = np.repeat(np.arange(len(first)), [len(found) for found in near])
    other = np.concatenate([np.sort(np.array(found, dtype=np.int64)) for found in near])
    return mine, other


def _alike(first: Shapes, second: Shapes, within_m: float) -> npt.NDArray[np.bool_]:
    """Whether the outlines of each pair are nowhere farther apart."""
    apart = shapely.hausdorff_distance(shapely.boundary(first), shapely.boundary(second))
    return np.asarray(apart <= within_m)


def _doubles(shapes: Shapes, codes: Indices, group: Indices, within_m: float) -> Indices:
    """Those of a group that repeat an earlier one of their layer."""
    earlier, later = (group[found] for found in _boxed(shapes[group], shapes[group], within_m))
    maybe = (earlier < later) & (codes[earlier] == codes[later])
    earlier, later = earlier[maybe], later[maybe]
    return np.unique(later[_alike(shapes[earlier], shapes[later], within_m)])


@dataclass(frozen=True)
class _Pieces:
    shapes: Shapes
    fills_merged: Indices
    islands_cut: Indices
    islands_ignored: Indices


@dataclass(frozen=True)
class _Fills:
    shapes: Shapes
    codes: Indices
    outlines: Indices
    within_m: float

    def merged_with(self, fills: Indices) -> _Pieces:
        """The shapes when the pieces of fills that have an outline were taken from them."""
        pieces, owner = shapely.get_parts(self.shapes[fills], return_index=True)
        shells = _filled(shapely.get_exterior_ring(pieces))
        piece, outline = self._outlined(shells, self.codes[fills[owner]])
        cut, ignored = self._islands(pieces[piece], self.outlines[outline])
        touched = np.unique(owner[piece])
        left = np.setdiff1d(np.arange(len(pieces)), piece)
        for fill in touched:
            rest = pieces[left[owner[left] == fill]]
            self.shapes[fills[fill]] = rest[0] if len(rest) == 1 else shapely.multipolygons(rest)
        return _Pieces(self.shapes, fills[touched], cut, ignored)

    def _outlined(self, rings: Shapes, layers: Indices) -> tuple[Indices, Indices]:
        """Which of the rings are outlines of their layer: (ring, place of the outline), each ring once."""
        ring, place = _boxed(rings, self.shapes[self.outlines], self.within_m)
        maybe = layers[ring] == self.codes[self.outlines[place]]
        ring, place = ring[maybe], place[maybe]
        fits = _alike(rings[ring], self.shapes[self.outlines[place]], self.within_m)
        ring, first = np.unique(ring[fits], return_index=True)
        return ring, place[fits][first]

    def _islands(self, pieces: Shapes, outlines: Indices) -> tuple[Indices, Indices]:
        """Cut the enclaves among the islands of merged fills out of the outlines; which were cut, which had others."""
        count = shapely.get_num_interior_rings(pieces)
        piece = np.repeat(np.arange(len(pieces)), count)
        if not len(piece):
            return piece, piece
        rings = np.concatenate([[shapely.get_interior_ring(p, i) for i in range(n)] for p, n in _with(pieces, count)])
        enclave, _ = self._outlined(_filled(rings), self.codes[outlines[piece]])
        for place in np.unique(piece[enclave]):
            shell = shapely.get_exterior_ring(self.shapes[outlines[place]])
            own = rings[enclave[piece[enclave] == place]]
            self.shapes[outlines[place]] = shapely.polygons(shell, own)
        others = np.setdiff1d(np.arange(len(piece)), enclave)
        return outlines[np.unique(piece[enclave])], outlines[np.unique(piece[others])]


def _filled(rings: Shapes) -> Shapes:
    return np.asarray(shapely.polygons(rings), dtype=object)


def _with(pieces: Shapes, count: Indices) -> list[tuple[shapely.Geometry, int]]:
    return [(piece, int(n)) for piece, n in zip(pieces, count, strict=True) if n]
