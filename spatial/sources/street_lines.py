"""A planner's own street layer, lines without nodes, as networks: lines meet where they share a vertex."""

from __future__ import annotations

from typing import Literal, TypeAlias

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from pyproj import CRS
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from spatial.errors import InputError
from spatial.model.provenance import Action, Ledger
from spatial.model.streets import StreetNetwork
from spatial.parameters import parameter
from spatial.sources.line_noding import Lines, cut, merged, placed, shape_numbers
from spatial.sources.osm.highways import known_classes
from spatial.sources.street_tables import from_frames, projected, simple_lines
from spatial.sources.street_words import UNSURVEYED, line_uses
from spatial.text import Message, Value

_Part: TypeAlias = Literal["paths", "driving"]
_PARTS: tuple[_Part, ...] = ("paths", "driving")


def networks_from_lines(
    lines: gpd.GeoDataFrame,
    *,
    within: shapely.Geometry,
    highway_column: str | None,
    oneway_column: str | None = None,
    name_column: str | None = None,
    ledger: Ledger,
    layer: str = "streets",
    file_name: str,
    meet_m: float = parameter("street_lines_meet_m"),
    doubled_min_pct: float = parameter("street_lines_doubled_min_pct"),
    connected_min_pct: float = parameter("street_lines_connected_min_pct"),
) -> tuple[StreetNetwork, StreetNetwork]:
    """What may be walked or cycled ("paths") and the streets that may be driven ("driving") of a layer of lines.

    Lines meet where they share a vertex, an end or one between: vertices within `meet_m` of each other are one place.
    Lines that cross without a common vertex do not meet. Who may use a line follows from its class by the tables that
    OSM is read by (`spatial.sources.street_words`); without a class everybody may.

    Lines of one shape are one street: of the highest class among them, for all who may use any of them. One-way streets
    are what `oneway_column` says. Without it, where at least `doubled_min_pct` of the lines have one of their shape
    drawn the other way, each line is a direction, and one without its opposite is one-way along the line; elsewhere all
    are two-way.

    Parameters
    ----------
    lines : the layer in the study system; single or multi-part lines.
    within : the routed area, in the same system: edges that do not meet it are left out, none is cut.
    highway_column, oneway_column, name_column : columns of `lines` with the class, direction and name.
    connected_min_pct : where the largest connected part of a network holds less of its length, the ledger warns.

    Returns
    -------
    Networks of representation "paths" and "driving". Nodes stand in the order of their x, then y; edges in the order
    of the lines. `highway` is "road" where the class is not known.

    Raises
    ------
    CrsError : no coordinate system, or one that is not projected.
    InputError : columns are missing, shapes are no lines, no line meets the area, or none may be used.
    """
    crs = projected(lines.crs, file_name)
    _check_columns(lines, (highway_column, oneway_column, name_column), file_name)
    parts = _parts_inside(lines, within, ledger, layer, file_name)
    uses = line_uses(parts, highway_column, oneway_column, ledger=ledger, layer=layer, file_name=file_name)
    table, names = _usable(parts, uses, name_column, file_name)
    rows, places, short = placed(parts.geometry.loc[table.index].to_numpy(), table, meet_m)
    _note(ledger, layer, "dropped", "without_length", file_name, short)
    if oneway_column is None:
        rows = _directed(rows, doubled_min_pct, ledger, layer, file_name)
    streets, opposite, repeated = merged(rows)
    _note(ledger, layer, "merged", "opposite", file_name, opposite)
    _note(ledger, layer, "dropped", "repeated", file_name, repeated)
    paths, driving = (
        _network(streets, places, names, within, crs, representation, ledger, file_name, connected_min_pct)
        for representation in _PARTS
    )
    _note_apart(paths, meet_m, ledger, file_name)
    return paths, driving


def _check_columns(lines: gpd.GeoDataFrame, wanted: tuple[str | None, ...], file_name: str) -> None:
    missing = tuple(column for column in wanted if column is not None and column not in lines.columns)
    if missing:
        found = tuple(str(column) for column in lines.columns if column != lines.geometry.name)
        raise InputError(Message("vector.columns_missing", {"path": file_name, "missing": missing, "found": found}))


def _parts_inside(
    lines: gpd.GeoDataFrame, within: shapely.Geometry, ledger: Ledger, layer: str, file_name: str
) -> gpd.GeoDataFrame:
    """Single lines that meet the area, numbered from 0."""
    several = int((shapely.get_num_geometries(lines.geometry.to_numpy()) > 1).sum())
    parts = lines.explode(ignore_index=True) if several else lines.reset_index(drop=True)
    if several:
        values: dict[str, Value] = {"path": file_name, "count": several, "parts": len(parts) - len(lines) + several}
        ledger.record(layer, "estimated", Message("street_lines.parts", values), count=several)
    parts = parts.set_geometry(gpd.GeoSeries(simple_lines(parts.geometry.to_numpy(), file_name), crs=lines.crs))
    shapely.prepare(within)
    inside = shapely.intersects(within, parts.geometry.to_numpy())
    if not inside.any():
        raise InputError(Message("street_lines.none_inside", {"path": file_name, "count": len(parts)}))
    outside = int((~inside).sum())
    if outside:
        message = Message("street_lines.outside", {"path": file_name, "count": outside, "kept": int(inside.sum())})
        ledger.record(layer, "clipped", message, count=outside)
    return parts[inside].reset_index(drop=True)


def _usable(
    parts: gpd.GeoDataFrame, uses: pd.DataFrame, name_column: str | None, file_name: str
) -> tuple[pd.DataFrame, np.ndarray]:
    """The table of the lines that somebody may use, and the names that its numbers stand for ("" is number 0)."""
    rank = {highway: place for place, highway in enumerate(known_classes())}
    driven = uses["street"] & (uses["drive"] != 0)
    used = uses["walk"] | uses["cycle"] | driven
    if not used.any():
        raise InputError(Message("street_lines.none_usable", {"path": file_name, "count": len(uses)}))
    names = pd.Series("", index=parts.index, dtype=object)
    if name_column is not None:
        names = parts[name_column].fillna("").astype(str)
    number, said = pd.factorize(np.append(names.to_numpy(object), ""), sort=True)
    drive = uses["drive"].to_numpy()
    columns = {
        "rank": uses["highway"].map(rank).fillna(len(rank)).to_numpy(np.int64),
        **{name: uses[name].to_numpy(bool) for name in ("walk", "cycle", "street")},
        "forward": np.isin(drive, (1, 2)),
        "backward": np.isin(drive, (-1, 2)),
        "name": number[:-1],
    }
    return pd.DataFrame(columns, index=parts.index)[used], np.asarray(said, dtype=object)


def _directed(lines: Lines, doubled_min_pct: float, ledger: Ledger, layer: str, file_name: str) -> Lines:
    """Each line a direction of its own, where so many lines stand in both directions that this must be meant."""
    shape, turned = shape_numbers(lines)
    both = pd.Series(turned).groupby(shape).transform("nunique").to_numpy() == 2
    percent = 100 * float(both.mean()) if len(both) else 0.0
    values: dict[str, Value] = {"path": file_name, "percent": percent, "least": doubled_min_pct}
    if percent < doubled_min_pct:
        ledger.record(layer, "chosen", Message("street_lines.two_way", values), count=len(both))
        return lines
    alone = int((~both & lines.table["forward"].to_numpy()).sum())
    ledger.record(layer, "chosen", Message("street_lines.by_direction", {**values, "count": alone}), count=alone)
    return lines._replace(table=lines.table.assign(backward=False))


def _network(
    streets: Lines,
    places: np.ndarray,
    names: np.ndarray,
    within: shapely.Geometry,
    crs: CRS,
    representation: _Part,
    ledger: Ledger,
    file_name: str,
    connected_min_pct: float,
) -> StreetNetwork:
    """The network of the lines that it is for, cut where they meet."""
    table = streets.table
    wanted = table["walk"] | table["cycle"] if representation == "paths" else table["street"] & _driven(table)
    pieces, _, repeated = merged(cut(streets.chosen(wanted.to_numpy(bool))))
    _note(ledger, representation, "dropped", "repeated_stretches", file_name, repeated)
    meets = shapely.intersects(within, pieces.drawn)
    _note(ledger, representation, "clipped", "edges_outside", file_name, int((~meets).sum()))
    network = _built(pieces.chosen(meets), places, names, crs, representation, file_name)
    _note_network(network, ledger, file_name, connected_min_pct)
    return network


def _built(
    edges: Lines, places: np.ndarray, names: np.ndarray, crs: CRS, representation: _Part, file_name: str
) -> StreetNetwork:
    table = edges.table
    u, v = edges.ends()
    used = np.unique(np.append(u, v))
    nodes = pd.DataFrame(places[used], columns=["x", "y"], index=used)
    forward, backward = table["forward"].to_numpy(np.int8), table["backward"].to_numpy(np.int8)
    shapes = edges.drawn
    columns = {
        "u": u,
        "v": v,
        "length_m": shapely.length(shapes),
        "highway": np.array([*known_classes(), UNSURVEYED], dtype=object)[table["rank"].to_numpy()],
        "name": names[table["name"].to_numpy()],
        "walk": table["walk"].to_numpy(bool),
        "cycle": table["cycle"].to_numpy(bool),
        "drive": forward - backward + 2 * forward * backward,
    }
    frame = gpd.GeoDataFrame(columns, geometry=shapes, crs=crs)
    return from_frames(nodes, frame, representation=representation, name=file_name)


def _driven(table: pd.DataFrame) -> pd.Series:
    return table["forward"] | table["backward"]


def _note(ledger: Ledger, layer: str, action: Action, key: str, file_name: str, count: int) -> None:
    if count:
        ledger.record(layer, action, Message(f"street_lines.{key}", {"path": file_name, "count": count}), count=count)


def _note_network(network: StreetNetwork, ledger: Ledger, file_name: str, connected_min_pct: float) -> None:
    """Say how large the network is, and how much of it hangs together."""
    layer, edges, nodes = network.representation, network.edges, len(network.nodes)
    values: dict[str, Value] = {"path": file_name, "edges": len(edges), "nodes": nodes, "km": network.length_km}
    ledger.record(layer, "read", Message(f"street_lines.{layer}", values), count=len(edges))
    if edges.empty:
        return
    u, v = edges["u"].to_numpy(), edges["v"].to_numpy()
    links = coo_array((np.ones(len(u)), (u, v)), shape=(nodes, nodes))
    count, part = connected_components(links, directed=False)
    length_m = np.bincount(part[u], weights=edges["length_m"].to_numpy())
    percent = 100 * float(length_m.max() / length_m.sum())
    connected: dict[str, Value] = {"path": file_name, "count": count, "percent": percent, "least": connected_min_pct}
    if percent < connected_min_pct:
        ledger.record(layer, "warned", Message("street_lines.fragmented", connected), count=count)
    else:
        ledger.record(layer, "read", Message("street_lines.connected", connected), count=count)


def _note_apart(paths: StreetNetwork, meet_m: float, ledger: Ledger, file_name: str) -> None:
    """Say where lines cross, or one ends on another, without a common vertex: there nobody can turn."""
    edges, nodes = paths.edges, paths.nodes
    crossing = paths.edge_tree.query(edges.geometry.to_numpy(), predicate="crosses")[0]
    points = shapely.points(nodes["x"].to_numpy(), nodes["y"].to_numpy())
    node, edge = paths.edge_tree.query(points, predicate="dwithin", distance=meet_m)
    ends = edges[["u", "v"]].to_numpy()[edge]
    beside = np.unique(node[(ends != node[:, None]).all(axis=1)])
    _note(ledger, "paths", "warned", "crossings", file_name, len(crossing) // 2)
    _note(ledger, "paths", "warned", "ends_beside", file_name, len(beside))
