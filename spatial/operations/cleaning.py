"""From driving streets as mapped to centre lines: junctions counted once, the two sides of a street counted as one.

Every rule is local: what happens to a junction depends on nothing farther away than the lengths named here.
"""

from __future__ import annotations

import csv
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from spatial.model.provenance import Ledger
from spatial.model.streets import StreetNetwork
from spatial.parameters import parameter
from spatial.text import Message, Value


@lru_cache(maxsize=1)
def street_classes() -> dict[str, bool]:
    """Which values of OSM's `highway` are streets (`street_classes.csv` says why)."""
    text = files("spatial.operations").joinpath("street_classes.csv").read_text(encoding="utf-8")
    return {row["highway"]: row["street"] == "yes" for row in csv.DictReader(text.splitlines())}


def consolidate(
    driving: StreetNetwork,
    *,
    ledger: Ledger,
    tolerance_m: float = parameter("junction_tolerance_m"),
    dual_carriageway_m: float = parameter("dual_carriageway_m"),
    opposite_within_deg: float = parameter("opposite_within_deg"),
    loop_tolerances: float = parameter("loop_tolerances"),
) -> StreetNetwork:
    """The `streets` of a `driving` network.

    1. Ways that are not streets (ramps, turning lanes, service ways, tracks: `street_classes.csv`) go, and doubled
       edges.
    2. Two sides of a dual carriageway: one-way edges of one name that run in opposite directions, give or take
       `opposite_within_deg`, within `dual_carriageway_m` of each other. Both stay as drawn, and a metre that has its
       other side beside it counts half: the new column `centre_share` is the share of an edge's length that counts
       (1 for a plain street).
    3. Junctions (three street ends or more) joined by a stretch of street without junction between them become one,
       at the mean of their places, when the stretch is no longer than `tolerance_m`, or no longer than
       `dual_carriageway_m` and its ends lie on the two sides of one dual carriageway. The stretch goes.
    4. A loop that merging left behind goes when it is no longer than `loop_tolerances` times `tolerance_m`: it stays
       inside the junction.

    Nodes between two street ends are not junctions; they stay. Edges keep their shape; an end that moved is drawn to
    the junction's new place.

    Returns
    -------
    StreetNetwork of representation "streets". A merged node has the `osm_id` of the first of its nodes, in the order of
    the input.
    """
    edges = _streets_only(driving.edges, ledger)
    nodes = driving.nodes
    u, v = edges["u"].to_numpy(np.int64), edges["v"].to_numpy(np.int64)
    share, side = _sides(edges, dual_carriageway_m, opposite_within_deg)
    edges.insert(edges.columns.get_loc("geometry"), "centre_share", share)
    stretches = _stretches(u, v, edges["length_m"].to_numpy(float), len(nodes))
    short = stretches.between & (stretches.total_m <= tolerance_m)
    short |= stretches.between & (stretches.total_m <= dual_carriageway_m) & _joins_two_sides(stretches, side)
    merged = _same_junction(u, v, short[stretches.of_edge], len(nodes))
    gone = (short | _left_loops(stretches, short, merged, loop_tolerances * tolerance_m))[stretches.of_edge]
    x, y = _merged_places(nodes, merged, np.bincount(np.concatenate([u, v]), minlength=len(nodes)) >= 3)
    _record(ledger, edges, nodes, merged, gone, tolerance_m)
    kept = edges[~gone].copy()
    return _rebuilt(driving, kept, merged, x, y)


def _streets_only(edges: gpd.GeoDataFrame, ledger: Ledger) -> gpd.GeoDataFrame:
    known = street_classes()
    # a planner's graph may join the classes of several ways by ";": the first speaks for all
    street = edges["highway"].astype(str).str.split(";").str[0].map(known).fillna(False).to_numpy(dtype=bool)
    found = edges[street].copy()
    if not street.all():
        count, km = int((~street).sum()), float(edges.loc[~street, "length_m"].sum()) / 1000
        ledger.record(
            "streets", "dropped", Message("network.not_streets_dropped", {"count": count, "km": km}), count=count
        )
    shape = shapely.to_wkb(shapely.normalize(found.geometry.to_numpy()))
    ends = np.sort(found[["u", "v"]].to_numpy(np.int64), axis=1)
    doubled = pd.DataFrame({"a": ends[:, 0], "b": ends[:, 1], "shape": shape}).duplicated().to_numpy()
    if doubled.any():
        count = int(doubled.sum())
        ledger.record("streets", "merged", Message("network.doubled_edges", {"count": count}), count=count)
    return found[~doubled].reset_index(drop=True)


def _sides(edges: gpd.GeoDataFrame, within_m: float, within_deg: float) -> tuple[np.ndarray, np.ndarray]:
    """Per edge: the share of its length that counts, and the name of its dual carriageway (0: none)."""
    share, side = np.ones(len(edges)), np.zeros(len(edges), dtype=np.int64)
    name = pd.factorize(edges["name"].fillna("").astype(str), sort=True)[0] + 1
    drive = edges["drive"].to_numpy(np.int64)
    one_way = np.flatnonzero((np.abs(drive) == 1) & (edges["name"].fillna("").to_numpy() != ""))
    if len(one_way) == 0:
        return share, side
    lines = edges.geometry.to_numpy()[one_way]
    ahead = _direction(lines) * drive[one_way, None]
    a, b = shapely.STRtree(lines).query(lines, predicate="dwithin", distance=within_m)
    opposite = (ahead[a] * ahead[b]).sum(axis=1) < -np.cos(np.radians(within_deg))
    pair = (name[one_way[a]] == name[one_way[b]]) & opposite
    order = np.lexsort((b[pair], a[pair]))
    a, b = a[pair][order], b[pair][order]
    own, start = np.unique(a, return_index=True)
    if len(own) == 0:
        return share, side
    near = shapely.buffer(lines, within_m, cap_style="flat")
    beside = np.array([shapely.union_all(near[group]) for group in np.split(b, start[1:])], dtype=object)
    drawn = shapely.length(lines[own])
    covered = shapely.length(shapely.intersection(lines[own], beside)) / np.where(drawn > 0, drawn, 1)
    share[one_way[own]] = 1 - np.clip(covered, 0, 1) / 2
    side[one_way[own]] = np.where(covered > 0, name[one_way[own]], 0)
    return share, side


def _direction(lines: np.ndarray) -> np.ndarray:
    """Unit vectors from each line's start to its end; zero for closed lines."""
    start, end = shapely.get_point(lines, 0), shapely.get_point(lines, -1)
    ahead = shapely.get_coordinates(end) - shapely.get_coordinates(start)
    length = np.hypot(ahead[:, 0], ahead[:, 1])[:, None]
    return ahead / np.where(length > 0, length, 1)


@dataclass(frozen=True, eq=False)
class _Stretches:
    """Runs of edges from junction to junction, joined at nodes where just two street ends meet."""

    of_edge: np.ndarray  # the stretch of each edge
    total_m: np.ndarray
    between: np.ndarray  # True where both ends are junctions
    tip: np.ndarray  # ends that lie on junctions: the stretch …
    tip_edge: np.ndarray  # … the edge …
    tip_node: np.ndarray  # … and the junction


def _stretches(u: np.ndarray, v: np.ndarray, length_m: np.ndarray, nodes: int) -> _Stretches:
    incident, edge = np.concatenate([u, v]), np.tile(np.arange(len(u)), 2)
    ends = np.bincount(incident, minlength=nodes)
    through = ends[incident] == 2
    links = coo_array(
        (np.ones(through.sum()), (edge[through], len(u) + incident[through])), shape=(len(u) + nodes,) * 2
    )
    component = connected_components(links, directed=False)[1][: len(u)]
    of_edge = np.unique(component, return_inverse=True)[1].reshape(-1)
    at_junction = ends[incident] >= 3
    total_m = np.bincount(of_edge, weights=length_m)
    tips = of_edge[edge[at_junction]]
    between = np.bincount(tips, minlength=len(total_m)) == 2
    return _Stretches(of_edge, total_m, between, tips, edge[at_junction], incident[at_junction])


def _joins_two_sides(stretches: _Stretches, side: np.ndarray) -> np.ndarray:
    """Whether both ends of a stretch, which itself is no such side, lie on sides of one dual carriageway."""
    tips = pd.DataFrame({"stretch": stretches.tip, "node": stretches.tip_node, "side": side[stretches.tip_edge]})
    sides = tips.loc[tips["side"] > 0, ["node", "side"]].drop_duplicates()
    met = tips.rename(columns={"side": "own"}).merge(sides, on="node")
    met = met[met["side"] != met["own"]].drop_duplicates(["stretch", "node", "side"])
    both = met.groupby(["stretch", "side"]).size()
    found = np.zeros(len(stretches.total_m), dtype=bool)
    found[both[both == 2].index.get_level_values("stretch").to_numpy()] = True
    return found


def _same_junction(u: np.ndarray, v: np.ndarray, gone: np.ndarray, nodes: int) -> np.ndarray:
    """For each node, the first node of the junction that it became part of."""
    joins = coo_array((np.ones(gone.sum()), (u[gone], v[gone])), shape=(nodes, nodes))
    group = connected_components(joins, directed=False)[1]
    return np.asarray(np.unique(group, return_index=True)[1][group])


def _left_loops(stretches: _Stretches, short: np.ndarray, merged: np.ndarray, longest_m: float) -> np.ndarray:
    """Stretches that were none, but begin and end in one junction now, and are no longer than `longest_m`."""
    first, last = _least_and_most(stretches, stretches.tip_node)
    low, high = _least_and_most(stretches, merged[stretches.tip_node])
    return np.asarray(stretches.between & ~short & (low == high) & (first != last) & (stretches.total_m <= longest_m))


def _least_and_most(stretches: _Stretches, values: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    least = np.full(len(stretches.total_m), np.iinfo(np.int64).max)
    most = np.full(len(stretches.total_m), -1, dtype=np.int64)
    np.minimum.at(least, stretches.tip, values)
    np.maximum.at(most, stretches.tip, values)
    return least, most


def _merged_places(nodes: pd.DataFrame, merged: np.ndarray, junction: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Where each node stands now: a merged one at the mean of its junctions."""
    x, y = nodes["x"].to_numpy(float).copy(), nodes["y"].to_numpy(float).copy()
    moved = (np.bincount(merged, minlength=len(merged)) > 1)[merged]
    counts = moved & junction
    size = np.bincount(merged[counts], minlength=len(merged))[merged[moved]]
    for place in (x, y):
        middle = np.bincount(merged[counts], weights=place[counts], minlength=len(merged))
        place[moved] = middle[merged[moved]] / size
    return x, y


def _rebuilt(
    driving: StreetNetwork, kept: gpd.GeoDataFrame, merged: np.ndarray, x: np.ndarray, y: np.ndarray
) -> StreetNetwork:
    ends = merged[kept[["u", "v"]].to_numpy(np.int64)]
    used, renumbered = np.unique(ends, return_inverse=True)
    nodes = driving.nodes.iloc[used].reset_index(drop=True)
    nodes["x"], nodes["y"] = x[used], y[used]
    inside = np.zeros(len(merged), dtype=bool)
    np.logical_or.at(inside, merged, driving.nodes["analysed"].to_numpy(dtype=bool))
    nodes["analysed"] = inside[used]
    lines, drawn_to = (
        kept.geometry.to_numpy(),
        np.column_stack([x[ends[:, 0]], y[ends[:, 0]], x[ends[:, 1]], y[ends[:, 1]]]),
    )
    points, line = shapely.get_coordinates(lines, return_index=True)
    counts = np.bincount(line, minlength=len(lines))
    last = np.cumsum(counts) - 1
    first = last - counts + 1
    original = points.copy()
    points[first], points[last] = drawn_to[:, :2], drawn_to[:, 2:]
    touched = (points[first] != original[first]).any(axis=1) | (points[last] != original[last]).any(axis=1)
    drawn = shapely.set_coordinates(lines.copy(), points)
    before, after = shapely.length(lines), shapely.length(drawn)
    ratio = np.where(touched & (before > 0), after / np.where(before > 0, before, 1), 1.0)
    kept["u"], kept["v"] = renumbered.reshape(-1, 2).astype(np.int32).T
    kept["length_m"] = kept["length_m"].to_numpy(float) * ratio
    kept = kept.set_geometry(gpd.GeoSeries(drawn, index=kept.index, crs=kept.crs)).reset_index(drop=True)
    return StreetNetwork(nodes, kept, "streets")


def _record(
    ledger: Ledger,
    edges: gpd.GeoDataFrame,
    nodes: pd.DataFrame,
    merged: np.ndarray,
    gone: np.ndarray,
    tolerance_m: float,
) -> None:
    sizes = np.bincount(merged, minlength=len(nodes))
    count = int(sizes[sizes > 1].sum())
    values: dict[str, Value] = {
        "nodes": count,
        "junctions": int((sizes > 1).sum()),
        "tolerance_m": tolerance_m,
        "edges": int(gone.sum()),
        "km": float(edges.loc[gone, "length_m"].sum()) / 1000,
    }
    ledger.record("streets", "merged", Message("network.consolidated", values), count=count)
    half_km = float((edges["length_m"] * (1 - edges["centre_share"])).sum()) / 1000
    if half_km > 0:
        count = int((edges["centre_share"] < 1).sum())
        ledger.record(
            "streets", "merged", Message("network.dual_carriageways", {"count": count, "km": half_km}), count=count
        )


def centre_length_m(streets: StreetNetwork) -> np.ndarray:
    """Metres of centre line that each edge counts for: its length, half of it where its other side runs beside it."""
    length_m: np.ndarray = streets.edges["length_m"].to_numpy(float)
    if "centre_share" not in streets.edges:
        return length_m
    return np.asarray(length_m * streets.edges["centre_share"].to_numpy(float))
