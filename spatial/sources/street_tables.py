"""Street networks as two tables, nodes and edges, and as a GeoPackage of these two layers."""

from __future__ import annotations

import ast
from pathlib import Path
from typing import Any, get_args

import geopandas as gpd
import numpy as np
import pandas as pd
import pyogrio
import shapely
from pyproj import CRS

from spatial.errors import CrsError, InputError
from spatial.model.provenance import Ledger
from spatial.model.streets import Representation, StreetNetwork
from spatial.model.study_area import projected_crs
from spatial.text import Message, Value

FURTHER_COLUMNS = ("centre_share",)
_NO = {"false", "no", "0", ""}


def from_frames(
    nodes: pd.DataFrame,
    edges: gpd.GeoDataFrame,
    *,
    representation: Representation = "paths",
    ledger: Ledger | None = None,
    name: str = "edges",
) -> StreetNetwork:
    """A network from two tables, as `to_frames`, OSMnx or a GIS makes them.

    Parameters
    ----------
    nodes : indexed by node, columns `x`, `y` or a point geometry; optional `osm_id`, `analysed` (else True).
    edges : columns or index levels `u`, `v` (of the nodes' index), lines in a projected system; optional the other
        columns of `StreetNetwork.edges`. A line without length is measured. Where who may use an edge is not said, all
        of "paths" may be walked and cycled, all else driven both ways. A line drawn from v to u swaps its ends.
    name : what messages call the edges.

    Raises
    ------
    CrsError : no coordinate system, or one that is not projected.
    InputError : columns, nodes or coordinates are missing, or edges are no simple lines.
    """
    crs = projected(edges.crs, name)
    _known_representation(representation)
    table = edges if "u" in edges.columns else edges.reset_index()
    missing = tuple(column for column in ("u", "v") if column not in table.columns)
    if missing:
        found = tuple(map(str, table.columns))
        raise InputError(Message("graph.missing_columns", {"name": name, "missing": missing, "found": found}))
    places = node_places(nodes, name)
    position = pd.Series(np.arange(len(nodes), dtype=np.int32), index=nodes.index)
    known = (table["u"].isin(nodes.index) & table["v"].isin(nodes.index)).to_numpy()
    if not known.all():
        raise InputError(Message("graph.edge_without_nodes", {"name": name, "count": int((~known).sum())}))
    lines = simple_lines(table.geometry.to_numpy(), name)
    ends = np.column_stack([position.reindex(table[end]).to_numpy(np.int32) for end in ("u", "v")]).reshape(-1, 2)
    xy = places[["x", "y"]].to_numpy(float)
    backward = drawn_backward(lines, xy[ends[:, 0]], xy[ends[:, 1]])
    ends[backward] = ends[backward][:, ::-1]
    columns = _edge_columns(table, ends, lines, representation, ledger, name)
    for column in FURTHER_COLUMNS:
        if column in table:
            columns[column] = table[column].to_numpy(float)
    return StreetNetwork(places, gpd.GeoDataFrame(columns, geometry=lines, crs=crs), representation)


def to_frames(network: StreetNetwork) -> tuple[gpd.GeoDataFrame, gpd.GeoDataFrame]:
    """Nodes (points) and edges (lines) of a network as tables of their own."""
    nodes = network.nodes
    points = shapely.points(nodes["x"].to_numpy(float), nodes["y"].to_numpy(float))
    return gpd.GeoDataFrame(nodes.copy(), geometry=points, crs=network.edges.crs), network.edges.copy()


def read_geopackage(
    path: Path, *, representation: Representation | None = None, ledger: Ledger | None = None
) -> StreetNetwork:
    """A network from a GeoPackage with the layers `nodes` and `edges`; see `from_frames`."""
    try:
        nodes = gpd.read_file(existing(path), layer="nodes", engine="pyogrio")
        edges = gpd.read_file(path, layer="edges", engine="pyogrio")
    except (pyogrio.errors.DataSourceError, pyogrio.errors.DataLayerError) as error:
        raise InputError(Message("graph.not_a_geopackage", {"name": path.name, "found": first_line(error)})) from error
    label = next((column for column in ("node", "osmid") if column in nodes), None)
    said = str(edges["representation"].iloc[0]) if "representation" in edges and len(edges) else "paths"
    chosen: Any = representation or said
    indexed = nodes.set_index(label) if label else nodes
    network = from_frames(indexed, edges, representation=chosen, ledger=ledger, name=path.name)
    note_read(ledger, network, path)
    return network


def write_geopackage(network: StreetNetwork, path: Path) -> None:
    """Write a GeoPackage with the layers `nodes` and `edges`."""
    nodes, edges = to_frames(network)
    part = path.with_name(f".partial-{path.name}")
    part.unlink(missing_ok=True)
    nodes.assign(node=np.arange(len(nodes))).to_file(part, layer="nodes", driver="GPKG", engine="pyogrio")
    wide = edges.assign(representation=network.representation, drive=edges["drive"].astype(np.int32))
    wide.to_file(part, layer="edges", driver="GPKG", engine="pyogrio")
    part.replace(path)


def projected(crs: Any, name: str) -> CRS:
    """`crs` as a projected system in metres, or a `CrsError` that names the graph."""
    if crs is None or crs == "":
        raise CrsError(Message("graph.no_crs", {"name": name}))
    return projected_crs(crs)


def _known_representation(found: str) -> None:
    known = get_args(Representation)
    if found not in known:
        raise InputError(Message("graph.unknown_representation", {"found": found, "known": known}))


def node_places(nodes: pd.DataFrame, name: str) -> pd.DataFrame:
    """The columns that a network wants of its nodes; coordinates must be numbers."""
    if isinstance(nodes, gpd.GeoDataFrame) and not {"x", "y"} <= set(nodes.columns):
        nodes = nodes.assign(x=shapely.get_x(nodes.geometry.to_numpy()), y=shapely.get_y(nodes.geometry.to_numpy()))
    places = pd.DataFrame(
        {axis: pd.to_numeric(nodes[axis], errors="coerce") if axis in nodes else np.nan for axis in "xy"}
    )
    places = places.reset_index(drop=True).astype(float)
    without = ~np.isfinite(places.to_numpy()).all(axis=1)
    if without.any():
        raise InputError(Message("graph.node_without_place", {"name": name, "count": int(without.sum())}))
    places["osm_id"] = nodes["osm_id"].to_numpy(np.int64) if "osm_id" in nodes else np.int64(-1)
    places["analysed"] = nodes["analysed"].to_numpy(bool) if "analysed" in nodes else True
    return places


def simple_lines(lines: np.ndarray, name: str) -> np.ndarray:
    """The lines in two dimensions; anything but single, non-empty lines is refused."""
    flat = shapely.force_2d(lines)
    kind = shapely.get_type_id(flat)
    single = (kind == shapely.GeometryType.MULTILINESTRING) & (shapely.get_num_geometries(flat) == 1)
    flat = np.where(single, shapely.get_geometry(flat, 0), flat)
    wrong = (shapely.get_type_id(flat) != shapely.GeometryType.LINESTRING) | shapely.is_empty(flat)
    if wrong.any():
        raise InputError(Message("graph.not_a_line", {"name": name, "count": int(wrong.sum())}))
    if not np.isfinite(shapely.get_coordinates(flat)).all():
        raise InputError(Message("streets.not_finite"))
    return flat


def drawn_backward(lines: np.ndarray, start: np.ndarray, end: np.ndarray) -> np.ndarray:
    """Whether a line lies better on its ends when these are swapped."""
    first = shapely.get_coordinates(shapely.get_point(lines, 0))
    last = shapely.get_coordinates(shapely.get_point(lines, -1))
    as_said = np.hypot(*(first - start).T) + np.hypot(*(last - end).T)
    swapped = np.hypot(*(first - end).T) + np.hypot(*(last - start).T)
    return np.asarray(swapped < as_said)


def _edge_columns(
    table: pd.DataFrame,
    ends: np.ndarray,
    lines: np.ndarray,
    representation: Representation,
    ledger: Ledger | None,
    name: str,
) -> dict[str, Any]:
    """All columns that a network wants, taken from the table or filled by rule."""
    on_foot = representation == "paths"
    count = len(table)
    given = (
        pd.to_numeric(table["length_m"], errors="coerce").to_numpy(float)
        if "length_m" in table
        else np.full(count, np.nan)
    )
    unmeasured = ~np.isfinite(given)
    if unmeasured.any() and ledger:
        ledger.record(
            "streets",
            "imputed",
            Message("graph.measured", {"count": int(unmeasured.sum())}),
            count=int(unmeasured.sum()),
        )
    drive = pd.to_numeric(table["drive"]) if "drive" in table else pd.Series(0 if on_foot else 2, index=table.index)
    if not drive.isin((-1, 0, 1, 2)).all():
        odd = str(drive[~drive.isin((-1, 0, 1, 2))].iloc[0])
        raise InputError(Message("graph.bad_value", {"name": name, "found": odd, "attribute": "drive"}))
    columns: dict[str, Any] = {"u": ends[:, 0], "v": ends[:, 1]}
    columns["length_m"] = np.where(unmeasured, shapely.length(lines), given)
    columns["way_id"] = table["way_id"].to_numpy(np.int64) if "way_id" in table else np.full(count, -1, dtype=np.int64)
    for text in ("highway", "name"):
        columns[text] = table[text].map(joined).to_numpy(object) if text in table else np.full(count, "", dtype=object)
    for flag, default in (("bridge", False), ("tunnel", False), ("walk", on_foot), ("cycle", on_foot)):
        values = table[flag].map(is_true).to_numpy(bool) if flag in table else np.full(count, default)
        columns[flag] = values
    columns["drive"] = drive.to_numpy(np.int8)
    return columns


def joined(value: Any) -> str:
    """A tag as text: lists, also those that GraphML holds as text, in alphabetical order joined by ";"."""
    if isinstance(value, str) and value.startswith("[") and value.endswith("]"):
        try:
            value = ast.literal_eval(value)
        except (ValueError, SyntaxError):
            return str(value)
    if isinstance(value, list | tuple | set):
        return ";".join(sorted({str(item) for item in value}))
    if value is None or (isinstance(value, float) and np.isnan(value)):
        return ""
    return str(int(value)) if isinstance(value, float) and value.is_integer() else str(value)


def is_true(value: Any) -> bool:
    """OSM's and Python's ways of saying yes; a list is true where all of it is; anything but no is a yes."""
    words = joined(value).lower().split(";")
    return all(word not in _NO for word in words)


def existing(path: Path) -> Path:
    """The path, if a file is there."""
    if not path.is_file():
        raise InputError(Message("graph.no_file", {"name": str(path)}))
    return path


def first_line(error: Exception) -> str:
    """What another library says of its error, kept short."""
    return (str(error).splitlines() or [type(error).__name__])[0][:160]


def note_read(ledger: Ledger | None, network: StreetNetwork, path: Path) -> None:
    """Say in the ledger what was read."""
    if ledger:
        values: dict[str, Value] = {"name": path.name, "nodes": len(network.nodes), "edges": len(network.edges)}
        ledger.record("streets", "read", Message("graph.read", values), count=len(network.edges))
