"""One layer of a file in the study's system: its features checked, all problems at once, everything dropped said."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Literal, TypeAlias

import geopandas as gpd
import numpy as np
import shapely
from pyproj import CRS

from spatial.errors import InputError, Problems
from spatial.model.provenance import Ledger, Source
from spatial.parameters import parameter
from spatial.sources.fingerprint import file_source
from spatial.sources.vectors.declared import NOTHING, Declared
from spatial.sources.vectors.formats import CAD, read_file
from spatial.sources.vectors.placing import in_study_system
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
    declared: Declared = NOTHING,
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
    declared : what the study file says of the file: its system, datum, control points, letters.

    Raises
    ------
    InputError : all problems of the file at once. Features without a shape are dropped, heights (Z) are dropped and
        both are said in the ledger; neither is an error.
    """
    found = read_file(path, declared, table=table, ledger=ledger, layer=layer)
    problems = Problems()
    name = path.name
    frame = _with_shapes(found, path, ledger, layer)
    if path.suffix.lower() in CAD and geometry != "any":
        frame = _of_kind(frame, geometry, path, ledger, layer)
    if frame.empty:
        raise InputError(Message("vector.no_features", {"path": name}))
    missing = tuple(sorted(set(columns) - set(found.columns)))
    if missing:
        there = tuple(str(c) for c in found.columns if c != found.geometry.name)
        problems.add(Message("vector.columns_missing", {"path": name, "missing": missing, "found": there}))
    _check_kind(frame, geometry, path, problems)
    frame = _valid(frame, path, problems, ledger, layer, repair)
    frame = in_study_system(
        frame, crs_expected, declared, name, problems, near=near, far_km=far_km, ledger=ledger, layer=layer
    )
    problems.raise_if_any(InputError)
    ledger.record(layer, "read", Message("vector.read", {"path": name, "count": len(frame)}), count=len(frame))
    return frame


def vector_source(path: Path, layer: str, *, date: str, licence: str, attribution: str) -> Source:
    """The record of a vector file: its name, date, licence and fingerprint."""
    return file_source(path, layer, date=date, licence=licence, attribution=attribution)


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


def _of_kind(
    frame: gpd.GeoDataFrame, geometry: GeometryKind, path: Path, ledger: Ledger, layer: str
) -> gpd.GeoDataFrame:
    """The features of one kind: a drawing holds lines and texts beside the areas that are asked for."""
    wanted = frame.geometry.geom_type.isin(_KINDS[geometry])
    others = int((~wanted).sum())
    if others and wanted.any():
        values: dict[str, Value] = {"path": path.name, "count": others, "wanted": Message(f"vector.kind_{geometry}")}
        ledger.record(layer, "dropped", Message("vector.other_kinds", values), count=others)
        frame = frame[wanted]
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


def _rows(index: Sequence[int]) -> tuple[int, ...]:
    """The first few row numbers, counted from 1 as a table shows them."""
    return tuple(int(row) + 1 for row in list(index)[:_NAMED])
