"""Vector layers from files: GeoPackage, GeoJSON, Shapefile, GeoParquet."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Literal, TypeAlias

import geopandas as gpd
import numpy as np
import pyogrio
import shapely
from pyogrio.errors import DataLayerError, DataSourceError
from pyproj import CRS

from spatial.errors import InputError, Problems
from spatial.model.provenance import Ledger, Source
from spatial.parameters import parameter
from spatial.sources.fingerprint import file_source
from spatial.text import Message, Value

GeometryKind: TypeAlias = Literal["polygon", "line", "point", "any"]

_KINDS: dict[str, tuple[str, ...]] = {
    "polygon": ("Polygon", "MultiPolygon"),
    "line": ("LineString", "MultiLineString", "LinearRing"),
    "point": ("Point", "MultiPoint"),
}
_NAMED = 5


def read_vectors(
    path: Path,
    *,
    crs_expected: CRS,
    ledger: Ledger,
    layer: str,
    columns: Sequence[str] = (),
    geometry: GeometryKind = "any",
    near: shapely.Geometry | None = None,
    table: str | None = None,
    repair: bool = False,
    far_km: float = parameter("vector_far_km"),
) -> gpd.GeoDataFrame:
    """A layer of features in `crs_expected`, in the order of the file, numbered from 0.

    Parameters
    ----------
    columns : that must be there; others are kept.
    geometry : the kind that all features must have; multi-part ones are fine.
    near : the place that the layer should be at, in `crs_expected`; farther than `far_km` off is refused.
    table : which layer of a file that holds several.
    repair : make invalid shapes valid (and say so) instead of refusing them.

    Raises
    ------
    InputError : all problems of the file at once. Features without a shape are dropped, heights (Z) are dropped and
        both are said in the ledger; neither is an error.
    """
    found = _read(path, table)
    problems = Problems()
    name = path.name
    frame = _with_shapes(found, path, ledger, layer)
    if frame.empty:
        raise InputError(Message("vector.no_features", {"path": name}))
    missing = tuple(sorted(set(columns) - set(found.columns)))
    if missing:
        there = tuple(str(c) for c in found.columns if c != found.geometry.name)
        problems.add(Message("vector.columns_missing", {"path": name, "missing": missing, "found": there}))
    _check_kind(frame, geometry, path, problems)
    frame = _valid(frame, path, problems, ledger, layer, repair)
    if _check_degrees(frame, path, problems):
        frame = _moved(frame, crs_expected, path, problems, ledger, layer)
        if near is not None and frame.crs is not None and len(frame):
            _check_near(frame, near, far_km, path, problems)
    problems.raise_if_any(InputError)
    ledger.record(layer, "read", Message("vector.read", {"path": name, "count": len(frame)}), count=len(frame))
    return frame


def vector_source(path: Path, layer: str, *, date: str, licence: str, attribution: str) -> Source:
    """The record of a vector file: its name, date, licence and fingerprint."""
    return file_source(path, layer, date=date, licence=licence, attribution=attribution)


def _read(path: Path, table: str | None) -> gpd.GeoDataFrame:
    if not path.is_file():
        raise InputError(Message("vector.missing", {"path": path.name}))
    try:
        if path.suffix.lower() in (".parquet", ".geoparquet"):
            found = gpd.read_parquet(path)
        else:
            found = gpd.read_file(path, layer=_table(path, table), engine="pyogrio")
    except InputError:
        raise
    except (DataSourceError, DataLayerError, OSError, ValueError) as reason:
        raise InputError(Message("vector.unreadable", {"path": path.name, "found": type(reason).__name__})) from reason
    if not isinstance(found, gpd.GeoDataFrame):
        raise InputError(Message("vector.no_geometry", {"path": path.name}))
    return found if found.geometry.name == "geometry" else found.rename_geometry("geometry")


def _table(path: Path, table: str | None) -> str:
    names = tuple(str(row[0]) for row in pyogrio.list_layers(path))
    if table is not None and table not in names:
        raise InputError(Message("vector.no_such_table", {"path": path.name, "table": table, "found": names}))
    if table is None and len(names) != 1:
        raise InputError(Message("vector.several_tables", {"path": path.name, "found": names, "count": len(names)}))
    return names[0] if table is None else table


def _with_shapes(found: gpd.GeoDataFrame, path: Path, ledger: Ledger, layer: str) -> gpd.GeoDataFrame:
    """The features that have a shape, flat; the index still counts the rows of the file from 0."""
    frame = found.reset_index(drop=True)
    blank = (frame.geometry.isna() | frame.geometry.is_empty).to_numpy()
    if blank.any():
        count = int(blank.sum())
        ledger.record(
            layer, "dropped", Message("vector.without_shape", {"path": path.name, "count": count}), count=count
        )
        frame = frame[~blank]
    deep = shapely.has_z(frame.geometry.to_numpy())
    if deep.any():
        count = int(deep.sum())
        ledger.record(layer, "dropped", Message("vector.heights", {"path": path.name, "count": count}), count=count)
        frame = frame.set_geometry(
            gpd.GeoSeries(shapely.force_2d(frame.geometry.to_numpy()), index=frame.index, crs=frame.crs)
        )
    return frame


def _check_kind(frame: gpd.GeoDataFrame, geometry: GeometryKind, path: Path, problems: Problems) -> None:
    if geometry == "any" or frame.empty:
        return
    kinds = frame.geometry.geom_type
    other = ~kinds.isin(_KINDS[geometry])
    if other.any():
        values: dict[str, Value] = {
            "path": path.name,
            "wanted": Message(f"vector.kind_{geometry}"),
            "found": tuple(sorted(kinds[other].unique())),
            "count": int(other.sum()),
            "rows": _rows(frame.index[other]),
        }
        problems.add(Message("vector.wrong_kind", values))


def _valid(
    frame: gpd.GeoDataFrame, path: Path, problems: Problems, ledger: Ledger, layer: str, repair: bool
) -> gpd.GeoDataFrame:
    shapes = frame.geometry.to_numpy()
    bad = ~shapely.is_valid(shapes)
    if not bad.any():
        return frame
    values: dict[str, Value] = {"path": path.name, "count": int(bad.sum()), "rows": _rows(frame.index[bad])}
    if not repair:
        reason = str(shapely.is_valid_reason(shapes[np.flatnonzero(bad)[0]]))
        problems.add(Message("vector.invalid", {**values, "reason": reason}))
        return frame
    ledger.record(layer, "warned", Message("vector.repaired", values), count=int(bad.sum()))
    sound = np.where(bad, shapely.make_valid(shapes), shapes)
    return frame.set_geometry(gpd.GeoSeries(sound, index=frame.index, crs=frame.crs))


def _check_degrees(frame: gpd.GeoDataFrame, path: Path, problems: Problems) -> bool:
    """Whether the layer's coordinates can be what the file says they are."""
    if frame.crs is None:
        problems.add(Message("vector.no_crs", {"path": path.name}))
        return False
    if frame.empty:
        return True
    west, south, east, north = frame.total_bounds
    bounds = f"{west:.6g} {south:.6g} {east:.6g} {north:.6g}"
    values = {"path": path.name, "declared": frame.crs.name, "bounds": bounds}
    if not np.isfinite(frame.total_bounds).all():
        problems.add(Message("vector.not_finite", values))
        return False
    if frame.crs.is_geographic and not (-360 <= west <= east <= 360 and -90 <= south <= north <= 90):
        problems.add(Message("vector.not_degrees", values))
        return False
    return True


def _moved(
    frame: gpd.GeoDataFrame, crs: CRS, path: Path, problems: Problems, ledger: Ledger, layer: str
) -> gpd.GeoDataFrame:
    frame = frame.reset_index(drop=True)
    if frame.empty or frame.crs == crs:
        return frame
    moved = frame.to_crs(crs)
    if not np.isfinite(moved.total_bounds).all() or not np.isfinite(shapely.get_coordinates(moved.geometry)).all():
        values = {"path": path.name, "declared": frame.crs.name, "wanted": crs.name}
        problems.add(Message("vector.not_projectable", values))
        return frame.iloc[:0]
    values = {"path": path.name, "from": frame.crs.name, "to": crs.name}
    ledger.record(layer, "reprojected", Message("vector.reprojected", values), count=len(moved))
    return moved


def _check_near(frame: gpd.GeoDataFrame, near: shapely.Geometry, far_km: float, path: Path, problems: Problems) -> None:
    away_km = float(shapely.distance(shapely.box(*frame.total_bounds), near)) / 1000
    if away_km > far_km:
        west, south, east, north = frame.total_bounds
        values: dict[str, Value] = {
            "path": path.name,
            "away_km": away_km,
            "bounds": f"{west:.6g} {south:.6g} {east:.6g} {north:.6g}",
        }
        problems.add(Message("vector.far_away", values))


def _rows(index: Sequence[int]) -> tuple[int, ...]:
    """The first few row numbers, counted from 1 as a table shows them."""
    return tuple(int(row) + 1 for row in list(index)[:_NAMED])
