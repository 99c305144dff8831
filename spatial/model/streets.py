"""Street networks: node and edge tables, and the arrays that searches run on, kept in step."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import Literal

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from spatial.errors import CrsError, InputError
from spatial.model.layer import Layer
from spatial.model.provenance import OK, DataStatus
from spatial.model.study_area import projected_crs
from spatial.text import Message

Representation = Literal["paths", "driving", "streets"]
Mode = Literal["walk", "cycle", "drive"]
MILLIMETRES = 1000.0


@dataclass(frozen=True, eq=False)
class Arcs:
    """Directed arcs of one travel mode in compressed rows: those of node i are `first[i]` to `first[i+1]`."""

    first: np.ndarray  # int32[nodes + 1]
    head: np.ndarray  # int32[arcs]: the node an arc leads to
    length_mm: np.ndarray  # int32[arcs]
    edge: np.ndarray  # int32[arcs]: position of its edge


@dataclass(frozen=True, eq=False)
class StreetNetwork(Layer):
    """Streets as nodes and edges in a declared representation.

    `paths` is everything that may be walked or cycled (for access); `streets` is centre lines of driving streets
    with junctions consolidated (for density, intersections and blocks). `driving` is what `streets` is made from:
    driving streets as mapped.

    Parameters
    ----------
    nodes : columns `x`, `y` (metres, study system), `osm_id` (int64, −1: none), `analysed` (bool: inside the
        analysed area); index 0 … n−1.
    edges : columns `u`, `v` (positions of nodes), `length_m`, `way_id`, `highway`, `name`, `bridge`, `tunnel`
        (bool), `walk`, `cycle` (bool: both ways), `drive` (int8: 0 no, 1 with the line only, −1 against it only,
        2 both) and `geometry` (from u to v); index 0 … m−1.
    representation : "paths", "streets" or "driving".
    status : doubtful where the source is known to lack streets.
    """

    nodes: pd.DataFrame
    edges: gpd.GeoDataFrame
    representation: Representation
    status: DataStatus = OK
    token: str = field(init=False)

    def __post_init__(self) -> None:
        if self.edges.crs is None:
            raise CrsError(Message("crs.missing"))
        projected_crs(self.edges.crs)
        if not np.isfinite(self.nodes[["x", "y"]].to_numpy(float)).all():
            raise InputError(Message("streets.not_finite"))
        self._seal(self.nodes, self.edges, self.representation, self.status)

    def data_status(self, item: str = "") -> DataStatus:
        return self.status

    @property
    def length_km(self) -> float:
        """Length of all edges, in kilometres."""
        return float(self.edges["length_m"].sum()) / 1000

    def arcs(self, mode: Mode) -> Arcs:
        """The arcs that `mode` may use; walking and cycling go both ways, driving obeys one-way streets."""
        return self._arcs_of[mode]

    @cached_property
    def _arcs_of(self) -> dict[Mode, Arcs]:
        return {"walk": self._build("walk"), "cycle": self._build("cycle"), "drive": self._build("drive")}

    def _build(self, mode: Mode) -> Arcs:
        allowed = self.edges[mode].to_numpy()
        forward = np.isin(allowed, (1, 2)) if mode == "drive" else allowed.astype(bool)
        backward = np.isin(allowed, (-1, 2)) if mode == "drive" else allowed.astype(bool)
        u, v = self.edges["u"].to_numpy(np.int32), self.edges["v"].to_numpy(np.int32)
        edge = np.arange(len(u), dtype=np.int32)
        millimetres = np.rint(self.edges["length_m"].to_numpy() * MILLIMETRES).astype(np.int32)
        tail = np.concatenate([u[forward], v[backward]])
        head = np.concatenate([v[forward], u[backward]])
        both = np.concatenate([edge[forward], edge[backward]])
        order = np.lexsort((head, tail))
        first = np.zeros(len(self.nodes) + 1, dtype=np.int32)
        np.cumsum(np.bincount(tail, minlength=len(self.nodes)), out=first[1:])
        arcs = Arcs(first, head[order], millimetres[both][order], both[order])
        for array in (arcs.first, arcs.head, arcs.length_mm, arcs.edge):
            array.setflags(write=False)
        return arcs

    @cached_property
    def streets_at_node(self) -> np.ndarray:
        """How many street ends meet at each node (a loop counts twice), edges outside the boundary included."""
        ends = np.concatenate([self.edges["u"].to_numpy(), self.edges["v"].to_numpy()])
        return np.bincount(ends.astype(np.int64), minlength=len(self.nodes))

    @cached_property
    def edge_tree(self) -> shapely.STRtree:
        """A spatial index of the edges."""
        return shapely.STRtree(self.edges.geometry.to_numpy())

    def __getstate__(self) -> dict[str, object]:
        built = ("_arcs_of", "streets_at_node", "edge_tree")
        return {name: value for name, value in self.__dict__.items() if name not in built}
