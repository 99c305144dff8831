"""From a file's own coordinates to the study's system: declared systems, swapped axes, local coordinates, datums."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import shapely
from pyproj import CRS
from pyproj.aoi import AreaOfInterest
from pyproj.transformer import TransformerGroup

from spatial.errors import Problems
from spatial.model.provenance import Ledger
from spatial.parameters import parameter
from spatial.sources.datum.conversion import geometry_to_wgs84
from spatial.sources.vectors.control_points import placed
from spatial.sources.vectors.crs_fit import Fit, fitting
from spatial.sources.vectors.declared import Declared
from spatial.text import Message, Value

LONLAT = CRS.from_epsg(4326)
SHIFTED = ("gcj02", "bd09")
_AS_ONE = {"WGS 84", "CGCS2000", "GRS 1980"}


def in_study_system(
    frame: gpd.GeoDataFrame,
    crs: CRS,
    declared: Declared,
    name: str,
    problems: Problems,
    *,
    near: shapely.Geometry | None,
    far_km: float,
    ledger: Ledger,
    layer: str,
) -> gpd.GeoDataFrame:
    """The features in `crs`, empty where that cannot be; what is wrong with their place joins the problems."""
    if declared.control_points:
        frame = placed(frame, declared, crs, name, problems, ledger=ledger, layer=layer)
        if declared.crs is not None and frame.crs == crs != declared.crs and not frame.empty:
            bounds = tuple(frame.to_crs(LONLAT).total_bounds)
            note_rough_datum(declared.crs, crs, bounds, name, ledger=ledger, layer=layer)
    else:
        frame = _as_declared(frame, declared, name, ledger, layer)
        if not _known_system(frame, crs, name, problems, near):
            return frame.iloc[:0]
        frame = _unshifted(frame, declared, name, ledger, layer)
    return _moved(frame, crs, declared, name, problems, near, far_km, ledger, layer)


def _as_declared(
    frame: gpd.GeoDataFrame, declared: Declared, name: str, ledger: Ledger, layer: str
) -> gpd.GeoDataFrame:
    if declared.crs is not None:
        if frame.crs is not None and frame.crs != declared.crs:
            values: dict[str, Value] = {"path": name, "from": frame.crs.name, "to": declared.crs.name}
            ledger.record(layer, "chosen", Message("vector.crs_declared", values))
        frame = frame.set_crs(declared.crs, allow_override=True)
    if declared.swapped:
        turned = shapely.transform(frame.geometry.to_numpy(), lambda xy: xy[:, ::-1])
        frame = frame.set_geometry(gpd.GeoSeries(turned, index=frame.index, crs=frame.crs))
        ledger.record(layer, "reprojected", Message("vector.axes_swapped", {"path": name}), count=len(frame))
    return frame


def _known_system(
    frame: gpd.GeoDataFrame, crs: CRS, name: str, problems: Problems, near: shapely.Geometry | None
) -> bool:
    """Whether the layer's coordinates can be what the file says they are."""
    if frame.empty:
        return frame.crs is not None
    bounds = _said(frame)
    if not np.isfinite(frame.total_bounds).all():
        declared = "" if frame.crs is None else frame.crs.name
        problems.add(Message("vector.not_finite", {"path": name, "declared": declared, "bounds": bounds}))
        return False
    if frame.crs is None:
        fit = _fit(frame, crs, near)
        values: dict[str, Value] = {"path": name, "bounds": bounds}
        if fit is not None:
            key = "crs_fit.undeclared_swapped" if fit.swapped else "crs_fit.undeclared"
            problems.add(Message(key, {**values, **_named(fit)}))
        else:
            problems.add(Message("vector.no_crs" if near is None else "crs_fit.local", values))
        return False
    west, south, east, north = frame.total_bounds
    if frame.crs.is_geographic and not (-360 <= west <= east <= 360 and -90 <= south <= north <= 90):
        _refuse_place(frame, crs, name, problems, near, Message("vector.not_degrees", _values(frame, name)))
        return False
    return True


def _unshifted(frame: gpd.GeoDataFrame, declared: Declared, name: str, ledger: Ledger, layer: str) -> gpd.GeoDataFrame:
    """The layer in WGS 84, where a vendor has shifted it."""
    if declared.datum not in SHIFTED or frame.empty:
        return frame
    degrees = frame if frame.crs == LONLAT else frame.to_crs(LONLAT)
    shapes = degrees.geometry.to_numpy()
    true = geometry_to_wgs84(shapes, declared.datum)
    before, after = shapely.get_coordinates(shapes), shapely.get_coordinates(true)
    moved = int((np.abs(before - after).max(axis=1) > 0).sum())
    values: dict[str, Value] = {"path": name, "count": len(frame), "datum": Message(f"datum.name_{declared.datum}")}
    key = "vector.unshifted" if moved else "vector.nothing_shifted"
    ledger.record(layer, "reprojected", Message(key, values), count=len(frame))
    return degrees.set_geometry(gpd.GeoSeries(true, index=frame.index, crs=LONLAT))


def _moved(
    frame: gpd.GeoDataFrame,
    crs: CRS,
    declared: Declared,
    name: str,
    problems: Problems,
    near: shapely.Geometry | None,
    far_km: float,
    ledger: Ledger,
    layer: str,
) -> gpd.GeoDataFrame:
    frame = frame.reset_index(drop=True)
    if frame.empty or frame.crs is None:
        return frame
    moved = frame if frame.crs == crs else frame.to_crs(crs)
    if not np.isfinite(shapely.get_coordinates(moved.geometry)).all():
        values: dict[str, Value] = {"path": name, "declared": frame.crs.name, "wanted": crs.name}
        _refuse_place(frame, crs, name, problems, near, Message("vector.not_projectable", values))
        return frame.iloc[:0]
    if near is not None:
        away_km = float(shapely.distance(shapely.box(*moved.total_bounds), near)) / 1000
        if away_km > far_km:
            far = Message("vector.far_away", {"path": name, "away_km": away_km, "bounds": _said(moved)})
            _refuse_place(frame, crs, name, problems, None if declared.control_points else near, far)
            return frame.iloc[:0]
    if frame.crs != crs:
        said: dict[str, Value] = {"path": name, "from": frame.crs.name, "to": crs.name}
        ledger.record(layer, "reprojected", Message("vector.reprojected", said), count=len(moved))
        bounds = tuple(frame.to_crs(LONLAT).total_bounds)
        note_rough_datum(frame.crs, crs, bounds, name, ledger=ledger, layer=layer)
    return moved


def _refuse_place(
    frame: gpd.GeoDataFrame, crs: CRS, name: str, problems: Problems, near: shapely.Geometry | None, plain: Message
) -> None:
    """The problem of a layer that is not where it says: with the system that would fit, where one does."""
    fit = _fit(frame, crs, near)
    if fit is None:
        problems.add(plain)
        return
    key = "crs_fit.wrong_swapped" if fit.swapped else "crs_fit.wrong"
    problems.add(Message(key, {**_values(frame, name), **_named(fit)}))


def _fit(frame: gpd.GeoDataFrame, crs: CRS, near: shapely.Geometry | None) -> Fit | None:
    if near is None:
        return None
    west, south, east, north = map(float, frame.total_bounds)
    return fitting((west, south, east, north), near, crs, declared=frame.crs)


def note_rough_datum(
    crs: CRS, to: CRS, lonlat_bounds: tuple[float, ...], name: str, *, ledger: Ledger, layer: str
) -> None:
    """Say it where moving from one datum to another is known only roughly, or not at all.

    WGS 84 and CGCS2000 are the same to within decimetres, and so are the systems of GRS 1980 to within a metre or two.
    """
    datum, wanted = crs.geodetic_crs, to.geodetic_crs
    if datum is None or wanted is None or datum == wanted or {_ellipsoid(datum), _ellipsoid(wanted)} <= _AS_ONE:
        return
    here = AreaOfInterest(*map(float, lonlat_bounds))
    best = TransformerGroup(crs, to, always_xy=True, area_of_interest=here).transformers  # type: ignore[arg-type]
    accuracy_m = best[0].accuracy if best else -1.0
    values: dict[str, Value] = {"path": name, "datum": datum.name, "metres": float(accuracy_m)}
    if accuracy_m < 0:
        ledger.record(layer, "warned", Message("vector.datum_unknown", values))
    elif accuracy_m > parameter("datum_accuracy_said_m"):
        ledger.record(layer, "warned", Message("vector.datum_rough", values))


def _ellipsoid(datum: CRS) -> str:
    return "" if datum.ellipsoid is None else str(datum.ellipsoid.name)


def _values(frame: gpd.GeoDataFrame, name: str) -> dict[str, Value]:
    return {"path": name, "declared": frame.crs.name, "bounds": _said(frame)}


def _named(fit: Fit) -> dict[str, Value]:
    others = Message("crs_fit.others", {"others": fit.others}) if fit.others else Message("crs_fit.no_others")
    return {"epsg": fit.epsg, "system": fit.name, "others": others}


def _said(frame: gpd.GeoDataFrame) -> str:
    return " ".join(f"{side:.10g}" for side in frame.total_bounds)
