"""How far the nearest place is on foot: one search from all places of a kind towards everybody."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from spatial.kernels.shortest_paths import UNREACHED, nearest_mm
from spatial.model.district import Memo
from spatial.model.layer import content_token
from spatial.model.provenance import Ledger
from spatial.model.streets import MILLIMETRES, StreetNetwork
from spatial.operations.snapping import Snapped, snap
from spatial.parameters import parameter
from spatial.text import Message, Value

VERSION = 1
_FAR = np.int64(2**32)

Points = tuple[np.ndarray, np.ndarray]


def walking_distance_m(
    paths: StreetNetwork,
    memo: Memo,
    origins: Points,
    targets: Points,
    *,
    limit_m: float,
    max_snap_m: float = parameter("max_snap_m"),
) -> np.ndarray:
    """Metres on foot from each origin to its nearest target.

    The way leads from the origin in a straight line to the nearest path, along paths, and in a straight line to the
    target; all three count. Both ends lie anywhere on an edge. Exact to a millimetre per piece.

    Parameters
    ----------
    origins, targets : x and y of points, metres in the network's system.
    limit_m : no farther than this is searched.
    max_snap_m : points farther than this from every path are on no network.

    Returns
    -------
    float64, one an origin, read-only; NaN where no target lies within `limit_m` or the origin is on no path.

    Raises
    ------
    InputError : coordinates that are not numbers.
    """
    here, there = content_token(*origins), content_token(*targets)
    key = ("walking_distance_m", VERSION, paths.token, here, there, float(limit_m), float(max_snap_m))

    def search() -> np.ndarray:
        start = snapped(paths, memo, origins, max_snap_m=max_snap_m)
        goal = snapped(paths, memo, targets, max_snap_m=max_snap_m)
        return _nearest_m(paths, start, goal, limit_m)

    return memo.recall(key, search)


def snapped(
    paths: StreetNetwork, memo: Memo, points: Points, *, max_snap_m: float = parameter("max_snap_m")
) -> Snapped:
    """Where points meet the walking network, remembered."""
    key = ("snap", VERSION, paths.token, content_token(*points), "walk", float(max_snap_m))
    return memo.recall(key, lambda: snap(paths, *points, mode="walk", max_m=max_snap_m))


@dataclass(frozen=True)
class SnapReport:
    """How many points met the network, and which did not.

    `weight` is what stands at the points that did not (residents, …; the count where no weights were given); `ids` are
    the first of theirs, heaviest first.
    """

    total: int
    unsnapped: int
    weight: float
    ids: tuple[str, ...]


def snap_report(
    paths: StreetNetwork,
    memo: Memo,
    points: Points,
    *,
    kind: Literal["people", "places", "stops"],
    ids: Sequence[str],
    ledger: Ledger,
    weights: np.ndarray | None = None,
    max_snap_m: float = parameter("max_snap_m"),
    listed: int = 10,
) -> SnapReport:
    """Say in the ledger how many people, places or stops stand too far from every path, and name the first."""
    met = snapped(paths, memo, points, max_snap_m=max_snap_m)
    lost = np.flatnonzero(~met.found)
    heavy = np.ones(len(met)) if weights is None else np.nan_to_num(np.asarray(weights, dtype=float))
    order = lost[np.argsort(-heavy[lost], kind="stable")]
    report = SnapReport(len(met), len(lost), float(heavy[lost].sum()), tuple(str(ids[i]) for i in order[:listed]))
    values: dict[str, Value] = {
        "what": Message(f"snapping.{kind}"),
        "total": report.total,
        "snapped": report.total - report.unsnapped,
        "max_m": max_snap_m,
    }
    layer = "transit" if kind == "stops" else kind
    ledger.record(layer, "snapped", Message("snapping.done", values), count=report.total - report.unsnapped)
    if report.unsnapped:
        values |= {"count": report.unsnapped, "weight": report.weight, "ids": report.ids}
        sentence = "snapping.unsnapped" if weights is None else "snapping.unsnapped_residents"
        ledger.record(layer, "warned", Message(sentence, values), count=report.unsnapped)
    return report


def _nearest_m(paths: StreetNetwork, start: Snapped, goal: Snapped, limit_m: float) -> np.ndarray:
    limit_mm = min(int(np.floor(limit_m * MILLIMETRES + 1e-6)), int(UNREACHED) - 1)
    arcs = paths.arcs("walk")
    u, v = paths.edges["u"].to_numpy(np.int32), paths.edges["v"].to_numpy(np.int32)
    length_mm = np.rint(paths.edges["length_m"].to_numpy(float) * MILLIMETRES).astype(np.int64)

    edge, along, access = _whole_mm(goal, length_mm)
    seed_node = np.concatenate([u[edge], v[edge]])
    seed_mm = np.concatenate([access + along, access + length_mm[edge] - along])
    near = seed_mm <= limit_mm
    node_mm = nearest_mm(
        arcs.first, arcs.head, arcs.length_mm, seed_node[near], seed_mm[near].astype(np.int32), limit_mm
    ).astype(np.int64)
    node_mm[node_mm == UNREACHED] = _FAR

    found = np.flatnonzero(start.found)
    at, here, leg = _whole_mm(start, length_mm)
    by_ends = np.minimum(node_mm[u[at]] + here, node_mm[v[at]] + length_mm[at] - here)
    total = leg + np.minimum(by_ends, _on_same_edge(at, here, edge, along, access))
    metres = np.full(len(start), np.nan)
    metres[found] = np.where(total <= limit_mm, total / MILLIMETRES, np.nan)
    metres.setflags(write=False)
    return metres


def _whole_mm(points: Snapped, length_mm: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Edge, millimetres along it and access leg of the points that met the network."""
    found = points.found
    edge = points.edge[found].astype(np.int64)
    along = np.clip(np.rint(points.along_m[found] * MILLIMETRES).astype(np.int64), 0, length_mm[edge])
    return edge, along, np.rint(points.access_m[found] * MILLIMETRES).astype(np.int64)


def _on_same_edge(
    at: np.ndarray, here: np.ndarray, edge: np.ndarray, along: np.ndarray, access: np.ndarray
) -> np.ndarray:
    """Millimetres from each origin to the nearest target of its own edge, along that edge alone.

    Targets are sorted along each edge once; the nearest before an origin is the running least of (leg − along), the
    nearest after it that of (leg + along) from the far end.
    """
    order = np.lexsort((along, edge))
    edge, along, access = edge[order], along[order], access[order]
    place, wanted = (edge << 32) | along, (at << 32) | here
    before = _running_least(access - along, edge)
    after = _running_least((access + along)[::-1], -edge[::-1])[::-1]
    least = np.full(len(at), _FAR)
    left = np.searchsorted(place, wanted, side="right") - 1
    ok = (left >= 0) & (edge[left] == at) if len(edge) else np.zeros(len(at), bool)
    least[ok] = here[ok] + before[left[ok]]
    right = left + 1
    ok = right < len(edge)
    ok[ok] = edge[right[ok]] == at[ok]
    least[ok] = np.minimum(least[ok], after[right[ok]] - here[ok])
    return least


def _running_least(values: np.ndarray, rising_group: np.ndarray) -> np.ndarray:
    """The running minimum within each run of equal groups, which must not fall."""
    _, run = np.unique(rising_group, return_inverse=True)
    step = run.astype(np.int64) * (_FAR * 2)  # later runs lie below all earlier ones, so the minimum starts afresh
    return np.asarray(np.minimum.accumulate(values - step) + step)
