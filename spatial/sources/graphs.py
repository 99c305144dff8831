"""A planner's own street graph, in and out: networkx and OSMnx graphs, GraphML, GeoPackage, tables.

Graphs are written the way OSMnx writes them, so that its functions read them: nodes with `x`, `y`, `street_count`;
directed edges with `osmid`, `length`, `highway`, `name`, `oneway`, `reversed`, `geometry`. What this package knows
beyond that travels along as further attributes, and comes back when the graph is read again.
"""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any
from xml.etree.ElementTree import ParseError

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from pyproj import CRS

from spatial.errors import InputError
from spatial.model.provenance import Ledger
from spatial.model.streets import Representation, StreetNetwork
from spatial.sources.street_tables import (
    FURTHER_COLUMNS,
    drawn_backward,
    existing,
    first_line,
    from_frames,
    is_true,
    joined,
    node_places,
    note_read,
    projected,
    read_geopackage,
    simple_lines,
    to_frames,
    write_geopackage,
)
from spatial.text import Message

if TYPE_CHECKING:
    import networkx as nx

EDGE_COLUMNS = ("u", "v", "length_m", "way_id", "highway", "name", "bridge", "tunnel", "walk", "cycle", "drive")
__all__ = [
    "from_frames", "from_osmnx", "read_geopackage", "read_graphml", "to_frames", "to_networkx", "write_geopackage",
    "write_graphml",
]  # fmt: skip


def from_osmnx(
    graph: nx.MultiDiGraph | nx.MultiGraph,
    *,
    representation: Representation | None = None,
    ledger: Ledger | None = None,
    name: str = "graph",
) -> StreetNetwork:
    """A network from a networkx graph with OSMnx's attributes.

    Opposite edges of the same way and shape become one two-way street; a directed edge without its opposite is one-way
    for driving. Attributes that are lists are joined by ";" in alphabetical order. Edges without geometry are drawn
    straight.

    Parameters
    ----------
    graph : projected (`osmnx.project_graph`); nodes with `x`, `y`.
    representation : what the graph is; None: what it says itself, else "paths".

    Raises
    ------
    CrsError : no coordinate system, or one that is not projected.
    InputError : nodes without place, or values that cannot be understood.
    """
    crs = projected(graph.graph.get("crs"), name)
    chosen = representation or graph.graph.get("representation", "paths")
    labels = list(graph.nodes)
    nodes = pd.DataFrame.from_records([dict(data) for _, data in graph.nodes(data=True)], index=range(len(labels)))
    nodes["osm_id"] = [label if isinstance(label, int) else -1 for label in labels]
    if "osm_id_known" in nodes:
        nodes.loc[~nodes["osm_id_known"].map(is_true), "osm_id"] = -1
    if "analysed" in nodes:
        nodes["analysed"] = nodes["analysed"].map(is_true)
    places = node_places(nodes, name)
    arcs = _arcs(graph, {label: i for i, label in enumerate(labels)}, places[["x", "y"]].to_numpy(float), name, ledger)
    edges = _streets_of(arcs, graph.is_directed(), chosen, ledger)
    return from_frames(
        places, gpd.GeoDataFrame(edges, geometry="geometry", crs=crs), representation=chosen, ledger=ledger, name=name
    )


def to_networkx(network: StreetNetwork) -> nx.MultiDiGraph:
    """The network as OSMnx knows graphs: an edge for each direction that somebody may use.

    Nodes are called by their `osm_id` where all have one and no two the same, else by position.
    """
    import networkx as nx

    crs = CRS.from_user_input(network.edges.crs)
    graph = nx.MultiDiGraph(crs=crs.to_string(), simplified=True, representation=network.representation)
    nodes = network.nodes
    osm_id = nodes["osm_id"].to_numpy(np.int64)
    own = bool((osm_id >= 0).all() and len(np.unique(osm_id)) == len(osm_id))
    labels: list[int] = osm_id.tolist() if own else list(range(len(nodes)))
    places = zip(labels, nodes["x"].tolist(), nodes["y"].tolist(), nodes["analysed"].tolist(), strict=True)
    for (label, x, y, analysed), count in zip(places, network.streets_at_node.tolist(), strict=True):
        graph.add_node(label, x=x, y=y, street_count=count, analysed=bool(analysed), osm_id_known=own)
    edges = network.edges
    columns = [c for c in (*EDGE_COLUMNS, *FURTHER_COLUMNS) if c in edges]
    flipped = shapely.reverse(edges.geometry.to_numpy())
    rows = zip(*(edges[c].tolist() for c in columns), edges.geometry.tolist(), flipped.tolist(), strict=True)
    for position, (*values, line, against) in enumerate(rows):
        row = dict(zip(columns, values, strict=True))
        u, v = labels[row.pop("u")], labels[row.pop("v")]
        shared, drive = _attributes(row), int(row["drive"])
        both = bool(row["walk"] or row["cycle"] or drive == 2)
        shared |= {"edge_id": position, "oneway": not both}
        if both or drive >= 0:
            graph.add_edge(u, v, **shared, drive=drive, reversed=False, geometry=line)
        if both or drive < 0:
            turned = drive if drive in (0, 2) else -drive
            graph.add_edge(v, u, **shared, drive=turned, reversed=True, geometry=against)
    return graph


def read_graphml(
    path: Path, *, representation: Representation | None = None, ledger: Ledger | None = None
) -> StreetNetwork:
    """A network from a GraphML file as this package, OSMnx or networkx writes it; see `from_osmnx`."""
    import networkx as nx

    try:
        graph = nx.read_graphml(existing(path), node_type=str, force_multigraph=True)
    except (ParseError, nx.NetworkXError, UnicodeDecodeError, ValueError, KeyError) as error:
        raise InputError(Message("graph.not_graphml", {"name": path.name, "found": first_line(error)})) from error
    if all(str(label).lstrip("-").isdigit() for label in graph):
        graph = nx.relabel_nodes(graph, {label: int(label) for label in graph})
    network = from_osmnx(graph, representation=representation, ledger=ledger, name=path.name)
    note_read(ledger, network, path)
    return network


def write_graphml(network: StreetNetwork, path: Path) -> None:
    """Write GraphML that `read_graphml` and `osmnx.load_graphml` read: every attribute as text, shapes as WKT."""
    import networkx as nx

    graph = to_networkx(network)
    for _, data in graph.nodes(data=True):
        data.update({key: str(value) for key, value in data.items()})
    for *_, data in graph.edges(data=True):
        data["geometry"] = shapely.to_wkt(data["geometry"], rounding_precision=-1)
        data.update({key: str(value) for key, value in data.items()})
    graph.graph.update({key: str(value) for key, value in graph.graph.items()})
    part = path.with_name(f".partial-{path.name}")
    nx.write_graphml_xml(graph, part)
    part.replace(path)


def _arcs(
    graph: nx.MultiDiGraph | nx.MultiGraph,
    position: Mapping[Hashable, int],
    xy: np.ndarray,
    name: str,
    ledger: Ledger | None,
) -> pd.DataFrame:
    """Every edge of the graph as a row, its line drawn from u to v."""
    records, lines = [], []
    for u, v, data in graph.edges(data=True):
        row = {key: value for key, value in data.items() if key not in ("geometry", "u", "v")}
        lines.append(_line(data.get("geometry"), name))
        records.append({**row, "u": position[u], "v": position[v]})
    wanted = ("u", "v", "osmid", "length", "reversed", "oneway", "edge_id", "drive")
    arcs = pd.DataFrame.from_records(records, index=range(len(records)))
    arcs = arcs.reindex(columns=[*arcs.columns, *(c for c in wanted if c not in arcs)])
    ends = arcs[["u", "v"]].to_numpy(np.int64)
    shapes = np.array(lines, dtype=object)
    none = np.array([line is None for line in lines], dtype=bool)
    shapes[none] = shapely.linestrings(np.stack([xy[ends[none, 0]], xy[ends[none, 1]]], axis=1))
    if none.any() and ledger:
        ledger.record(
            "streets", "imputed", Message("graph.drawn_straight", {"count": int(none.sum())}), count=int(none.sum())
        )
    shapes = simple_lines(shapes, name)
    backward = drawn_backward(shapes, xy[ends[:, 0]], xy[ends[:, 1]])
    shapes[backward] = shapely.reverse(shapes[backward])
    arcs["geometry"] = shapes
    arcs["osmid"] = arcs["osmid"].map(joined)
    arcs["way_id"] = arcs["osmid"].map(lambda ids: int(ids.split(";")[0]) if ids.split(";")[0].isdigit() else -1)
    arcs["length_m"] = pd.to_numeric(arcs["length"], errors="coerce")
    return arcs


def _streets_of(arcs: pd.DataFrame, directed: bool, representation: str, ledger: Ledger | None) -> pd.DataFrame:
    """Arcs with their opposites joined: one row a street, in the order of `edge_id` where the graph has it."""
    low, high = arcs[["u", "v"]].min(axis=1), arcs[["u", "v"]].max(axis=1)
    shape = shapely.to_wkb(shapely.normalize(arcs["geometry"].to_numpy()))
    same = pd.DataFrame({"low": low, "high": high, "osmid": arcs["osmid"], "shape": shape})
    street = same.groupby(["low", "high", "osmid", "shape"], sort=False).ngroup().to_numpy()
    flipped = arcs["reversed"].map(is_true).to_numpy(bool)
    rank = pd.to_numeric(arcs["edge_id"], errors="coerce").fillna(np.inf).to_numpy(float)
    order = np.lexsort((np.arange(len(arcs)), flipped, street))
    first = order[np.flatnonzero(np.diff(street[order], prepend=-1))]
    first = first[np.lexsort((first, rank[first]))]
    rows = arcs.iloc[first].reset_index(drop=True)
    size = np.bincount(street, minlength=len(first))[street[first]]
    if (size > 1).any() and ledger:
        pairs = int((size > 1).sum())
        ledger.record("streets", "merged", Message("graph.joined_directions", {"count": pairs}), count=pairs)
    turned = flipped[first] & directed
    if arcs["drive"].isna().all():
        one_way = size == 1 if directed else rows["oneway"].map(is_true).to_numpy(bool)
        rows["drive"] = 0 if representation == "paths" else np.where(one_way, 1, 2)
    return _turned_back(rows, turned)


def _turned_back(rows: pd.DataFrame, turned: np.ndarray) -> pd.DataFrame:
    """Streets known only against the way's own direction, drawn along it again."""
    u, v = rows["u"].to_numpy(), rows["v"].to_numpy()
    drive = pd.to_numeric(rows["drive"]).to_numpy()
    lines = rows["geometry"].to_numpy(copy=True)
    lines[turned] = shapely.reverse(lines[turned])
    against = np.where(np.abs(drive) == 1, -drive, drive)
    return rows.assign(
        u=np.where(turned, v, u), v=np.where(turned, u, v), drive=np.where(turned, against, drive), geometry=lines
    )


def _attributes(row: dict[str, Any]) -> dict[str, Any]:
    """The attributes of an edge that do not depend on its direction, as OSMnx calls them."""
    found: dict[str, Any] = {"osmid": row["way_id"], "length": row["length_m"], "highway": row["highway"]}
    found |= {"walk": row["walk"], "cycle": row["cycle"]}
    found |= {key: row[key] for key in FURTHER_COLUMNS if key in row}
    if row["name"]:
        found["name"] = row["name"]
    return found | {key: "yes" for key in ("bridge", "tunnel") if row[key]}


def _line(value: Any, name: str) -> shapely.Geometry | None:
    if value is None or isinstance(value, shapely.Geometry):
        return value
    try:
        return shapely.from_wkt(str(value))
    except shapely.errors.ShapelyError as error:
        found = str(value)[:40]
        raise InputError(Message("graph.bad_value", {"name": name, "found": found, "attribute": "geometry"})) from error
