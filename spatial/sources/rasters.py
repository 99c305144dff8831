"""Rasters from files: read by window, no-data masked, in their own system; `reproject` moves one to another grid."""

from __future__ import annotations

import warnings
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import rasterio
import shapely
from affine import Affine
from pyproj import CRS
from rasterio.errors import NotGeoreferencedWarning, RasterioError
from rasterio.windows import Window
from shapely.affinity import affine_transform

from spatial.errors import CrsError, InputError
from spatial.model.provenance import Ledger, Source
from spatial.model.raster import Raster, RasterKind
from spatial.parameters import parameter
from spatial.sources.fingerprint import file_source
from spatial.sources.regrid import reproject
from spatial.text import Message, Value

__all__ = ["raster_source", "read_raster", "reproject"]

_PIECES = 100
_NOTHING_REMOTE = "{none}"  # a virtual raster may point to other machines
_FREE_NODATA = int(np.iinfo(np.int32).min)


def read_raster(
    path: Path,
    *,
    kind: RasterKind,
    within: shapely.Geometry,
    within_crs: CRS,
    ledger: Ledger,
    layer: str,
    nodata: float | None = None,
) -> Raster:
    """The part of a one-band raster that meets a place, in the file's own coordinate system.

    Parameters
    ----------
    kind : counts and share become float64 with NaN where there is no data; classes and years stay integers.
    within : the place, in `within_crs`. Cells of its box are read, and one more on each side.
    nodata : the value that means "no data", where the file does not declare it (or declares another).

    Raises
    ------
    InputError : no such file, not readable, more than one band, no coordinate system, no overlap, or values that
        can only be no-data which nobody declared (people below zero or at the end of what an integer type holds,
        years out of range).
    """
    if not path.is_file():
        raise InputError(Message("raster.missing", {"path": path.name}))
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", NotGeoreferencedWarning)
            with rasterio.Env(CPL_VSIL_CURL_ALLOWED_EXTENSIONS=_NOTHING_REMOTE), rasterio.open(path) as file:
                crs, transform = _place_on_earth(file, path)
                shape = _outline(within, within_crs, crs)
                window = _window(shape, transform, file, path)
                raw = file.read(1, window=window)
                empty = _no_data(file, window, raw, nodata, path)
                scale, offset, declared = float(file.scales[0]), float(file.offsets[0]), file.nodata
                _note_cover(shape, transform, file, path, ledger, layer)
    except RasterioError as reason:
        raise InputError(Message("raster.unreadable", {"path": path.name, "found": type(reason).__name__})) from reason
    if bool(empty.all()):
        raise InputError(Message("raster.only_nodata", {"path": path.name}))
    if kind in ("counts", "share"):
        values, mark = _quantities(raw, empty, scale, offset), None
    else:
        if (scale, offset) != (1.0, 0.0):
            raise InputError(Message("raster.scaled_classes", {"path": path.name}))
        values, mark = _whole_numbers(raw, empty, declared if nodata is None else nodata, path)
    if kind == "counts":
        _refuse_fill(raw, ~empty, path)
    _refuse_undeclared(values, ~empty, kind, path)
    read = Message("raster.read", {"path": path.name, "cells": values.size, "masked": int(empty.sum())})
    ledger.record(layer, "read", read, count=int(values.size))
    return Raster(values, _shifted(transform, window), crs, mark, kind)


def raster_source(path: Path, layer: str, *, date: str, licence: str, attribution: str) -> Source:
    """The record of a raster file: its name, date, licence and fingerprint."""
    return file_source(path, layer, date=date, licence=licence, attribution=attribution)


def _place_on_earth(file: Any, path: Path) -> tuple[CRS, Affine]:
    if file.count != 1:
        raise InputError(Message("raster.bands", {"path": path.name, "count": file.count}))
    if file.crs is None or file.transform.is_identity:
        raise InputError(Message("raster.no_crs", {"path": path.name}))
    return CRS.from_wkt(file.crs.to_wkt()), file.transform


def _outline(within: shapely.Geometry, within_crs: CRS, crs: CRS) -> shapely.Geometry:
    """The place in the raster's system, with its sides split so that they bend as the projection does."""
    west, south, east, north = shapely.bounds(within)
    fine = shapely.segmentize(within, max(east - west, north - south) / _PIECES)
    moved: shapely.Geometry = gpd.GeoSeries([fine], crs=within_crs).to_crs(crs).iloc[0]
    if not np.isfinite(shapely.get_coordinates(moved)).all():
        raise CrsError(Message("raster.not_projectable", {"found": within_crs.name, "wanted": crs.name}))
    return moved


def _in_cells(shape: shapely.Geometry, transform: Affine) -> shapely.Geometry:
    """The place in columns and rows of the raster."""
    back = ~transform

    return affine_transform(shape, [back.a, back.b, back.d, back.e, back.c, back.f])


def _window(shape: shapely.Geometry, transform: Affine, file: Any, path: Path) -> Window:
    left, top, right, bottom = shapely.bounds(_in_cells(shape, transform))
    column, row = max(0, int(np.floor(left)) - 1), max(0, int(np.floor(top)) - 1)
    last_column, last_row = min(file.width, int(np.ceil(right)) + 1), min(file.height, int(np.ceil(bottom)) + 1)
    if right <= 0 or bottom <= 0 or left >= file.width or top >= file.height:
        values = {"path": path.name, "covered": _bounds(file.bounds), "wanted": _bounds(shapely.bounds(shape))}
        raise InputError(Message("raster.outside", values))
    return Window(column, row, last_column - column, last_row - row)


def _shifted(transform: Affine, window: Window) -> Affine:
    """The transform of a window of the raster."""
    t, column, row = transform, window.col_off, window.row_off
    west, north = t.a * column + t.b * row + t.c, t.d * column + t.e * row + t.f
    return Affine(t.a, t.b, west, t.d, t.e, north)


def _note_cover(shape: shapely.Geometry, transform: Affine, file: Any, path: Path, ledger: Ledger, layer: str) -> None:
    """Say it when the raster ends before the place does."""
    cells = shapely.make_valid(_in_cells(shape, transform))
    covered = shapely.area(shapely.intersection(cells, shapely.box(0, 0, file.width, file.height)))
    whole = shapely.area(cells)
    if whole > 0 and covered / whole < 1 - 1e-6:
        message = Message("raster.partial", {"path": path.name, "percent": 100 * float(covered / whole)})
        ledger.record(layer, "warned", message)


def _no_data(file: Any, window: Window, raw: np.ndarray, nodata: float | None, path: Path) -> np.ndarray:
    """True where a cell holds no value: by the declared value, by the file's own mask, or not a number."""
    empty: np.ndarray = file.read_masks(1, window=window) == 0
    floating = np.issubdtype(raw.dtype, np.floating)
    if nodata is not None:
        if not floating and not (
            float(nodata).is_integer() and np.iinfo(raw.dtype).min <= nodata <= np.iinfo(raw.dtype).max
        ):
            raise InputError(
                Message("raster.nodata_cannot_occur", {"path": path.name, "nodata": nodata, "type": str(raw.dtype)})
            )
        with np.errstate(over="ignore"):
            empty |= raw == raw.dtype.type(nodata)
    return empty | ~np.isfinite(raw) if floating else empty


def _quantities(raw: np.ndarray, empty: np.ndarray, scale: float, offset: float) -> np.ndarray:
    values = np.where(empty, np.nan, raw.astype(np.float64))
    return values * scale + offset


def _whole_numbers(
    raw: np.ndarray, empty: np.ndarray, nodata: float | None, path: Path
) -> tuple[np.ndarray, int | None]:
    """Integer values with one value that means "no data"; None where every cell holds a value."""
    if np.issubdtype(raw.dtype, np.floating):
        filled = np.where(empty, 0, raw)
        if not (np.abs(filled) < 2**31).all() or (filled != np.round(filled)).any():
            raise InputError(Message("raster.not_whole_numbers", {"path": path.name}))
        raw = filled.astype(np.int32)
        nodata = None
    if not empty.any():
        return raw, None
    fits = nodata is not None and not (raw[~empty] == nodata).any()
    if fits and nodata is not None:
        return np.where(empty, raw.dtype.type(nodata), raw), int(nodata)
    return np.where(empty, _FREE_NODATA, raw.astype(np.int64)), _FREE_NODATA


def _refuse_fill(raw: np.ndarray, valid: np.ndarray, path: Path) -> None:
    """The largest or smallest value of an integer type (65535, −32768) is how files fill cells without data."""
    if np.issubdtype(raw.dtype, np.floating):
        return
    ends = {int(np.iinfo(raw.dtype).max), int(np.iinfo(raw.dtype).min)} - {0}
    for end in sorted(ends):
        count = int((valid & (raw == end)).sum())
        if count:
            said: dict[str, Value] = {"path": path.name, "count": count, "value": end, "type": str(raw.dtype)}
            raise InputError(Message("raster.undeclared_fill", said))


def _refuse_undeclared(values: np.ndarray, valid: np.ndarray, kind: RasterKind, path: Path) -> None:
    """Values that cannot be people or years are no-data that nobody declared."""
    limits = {
        "counts": (0.0, parameter("raster_count_max")),
        "share": (0.0, np.inf),
        "years": (parameter("raster_year_first"), parameter("raster_year_last")),
    }
    if kind == "classes":
        return
    low, high = limits[kind]
    strange = valid & ((values < low) | (values > high))
    if strange.any():
        found = values[strange]
        said: dict[str, Value] = {
            "path": path.name,
            "count": int(strange.sum()),
            "example": float(found.flat[0]),
            "low": low,
            "high": high,
        }
        raise InputError(Message(f"raster.undeclared_nodata_{kind}", said))


def _bounds(bounds: Any) -> str:
    return " ".join(f"{number:.6g}" for number in bounds)
