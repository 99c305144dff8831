"""From a point to the nearest place on a street edge, not the nearest node: access is neither invented nor lost."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
import shapely

from spatial.errors import InputError
from spatial.model.streets import Mode, StreetNetwork
from spatial.parameters import parameter
from spatial.text import Message

NOT_SNAPPED = -1


@dataclass(frozen=True, eq=False)
class Snapped:
    """Where points meet the network.

    Parameters
    ----------
    edge : int32, position of the edge; −1 where none lies within reach.
    along_m : metres from the edge's start `u` to the meeting point, in the edge's own length; NaN where not snapped.
    access_m : metres of straight line from the point to the meeting point; NaN where not snapped.
    """

    edge: np.ndarray
    along_m: np.ndarray
    access_m: np.ndarray

    def __post_init__(self) -> None:
        for array in (self.edge, self.along_m, self.access_m):
            array.setflags(write=False)

    def __len__(self) -> int:
        return len(self.edge)

    @property
    def nbytes(self) -> int:
        return int(self.edge.nbytes + self.along_m.nbytes + self.access_m.nbytes)

    @property
    def found(self) -> np.ndarray:
        """True where a point met the network."""
        return np.asarray(self.edge != NOT_SNAPPED)


def snap(
    network: StreetNetwork,
    x: np.ndarray,
    y: np.ndarray,
    *,
    mode: Mode = "walk",
    max_m: float = parameter("max_snap_m"),
) -> Snapped:
    """Snap points to the nearest place on an edge that `mode` may use.

    Equally near edges: the one of the smallest position; of edges drawn twice over, only the first is met, so that
    neighbours on one street meet one edge. What stands in between (water, a wall) is not looked at; the
    largest distance `max_m` is the guard against it.

    Raises
    ------
    InputError : coordinates that are not numbers.
    """
    strays = ~(np.isfinite(x) & np.isfinite(y))
    if strays.any():
        raise InputError(Message("snapping.not_finite", {"count": int(strays.sum())}))
    edge = np.full(len(x), NOT_SNAPPED, dtype=np.int32)
    along_m, access_m = np.full(len(x), np.nan), np.full(len(x), np.nan)
    lines = network.edges.geometry.to_numpy()
    allowed = _without_doubles(network, np.flatnonzero(network.edges[mode].to_numpy() != 0), lines)
    if len(allowed) == 0 or len(x) == 0:
        return Snapped(edge, along_m, access_m)
    tree = network.edge_tree if len(allowed) == len(lines) else shapely.STRtree(lines[allowed])
    points = np.asarray(shapely.points(x, y), dtype=object)
    (point, near), distance_m = tree.query_nearest(points, max_distance=max_m, return_distance=True)
    near = allowed[near]
    order = np.lexsort((near, point))
    point, first = np.unique(point[order], return_index=True)
    hit = near[order][first]
    edge[point], access_m[point] = hit, distance_m[order][first]
    along_m[point] = _along_m(lines[hit], network.edges["length_m"].to_numpy(float)[hit], points[point])
    return Snapped(edge, along_m, access_m)


def _without_doubles(network: StreetNetwork, allowed: np.ndarray, lines: np.ndarray) -> np.ndarray:
    """The allowed edges without those that join the same nodes along the same line as an earlier one."""
    ends = np.sort(network.edges[["u", "v"]].to_numpy(np.int64)[allowed], axis=1)
    pair = ends[:, 0] * len(network.nodes) + ends[:, 1]
    order = np.argsort(pair, kind="stable")
    alike = np.zeros(len(allowed), dtype=bool)
    repeats = np.flatnonzero(np.diff(pair[order]) == 0)
    alike[order[repeats]] = alike[order[repeats + 1]] = True
    suspects = np.flatnonzero(alike)
    shape = pd.Series(shapely.to_wkb(shapely.normalize(lines[allowed[suspects]])), dtype=object)
    return np.delete(allowed, suspects[shape.duplicated().to_numpy()])


def _along_m(lines: np.ndarray, length_m: np.ndarray, points: np.ndarray) -> np.ndarray:
    """The share of the line up to the meeting point, in the edge's length (which may be measured on the ground)."""
    drawn_m = shapely.length(lines)
    along = shapely.line_locate_point(lines, points)
    return np.where(drawn_m > 0, along / np.where(drawn_m > 0, drawn_m, 1) * length_m, 0.0)
