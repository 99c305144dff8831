"""Files of many kinds to one table of features, as the file has them: GIS formats, CAD drawings and zips of either."""

from __future__ import annotations

import re
from pathlib import Path

import geopandas as gpd
import pyogrio
from pyogrio.errors import DataLayerError, DataSourceError

from spatial.errors import InputError
from spatial.model.provenance import Ledger
from spatial.sources.archives import unpacked
from spatial.sources.dxf import read_dxf
from spatial.sources.encodings import UTF8, decoded
from spatial.sources.vectors.dbf import beside, shapefile_encoding
from spatial.sources.vectors.declared import Declared
from spatial.text import Message

PARQUET = (".parquet", ".geoparquet")
JSON = (".geojson", ".json")
CAD = (".dxf", ".dwg")
HEADS = {".gpkg": b"SQLite format 3\0", ".shp": b"\x00\x00\x27\x0a", ".fgb": b"fgb"}
"""What a file of each kind begins with."""
_HEAD_BYTES = 4096
_CRS_MEMBER = re.compile(r'"crs"\s*:\s*\{[^{}]*(\{[^{}]*\}[^{}]*)?\}')
_ELSEWHERE = re.compile(r'"(link|url)"')
ZIPS = (".zip", ".kmz")
PLAIN_TABLES = (".csv", ".dbf", ".xlsx")
"""What may have been meant as a layer, and is told that it has no shapes."""
READABLE = (".gpkg", ".shp", ".kml", ".fgb", *JSON, *PARQUET, *CAD)


def read_file(path: Path, declared: Declared, *, table: str | None, ledger: Ledger, layer: str) -> gpd.GeoDataFrame:
    """The features of a file with its attributes, in its own coordinates; a drawing's in metres, without a system.

    Raises
    ------
    InputError : no such file, no kind that is read here, damaged, without shapes, or with several layers of which none
        is named.
    """
    if not path.is_file():
        raise InputError(Message("vector.missing", {"path": path.name}))
    suffix = path.suffix.lower()
    if suffix in ZIPS:
        return _zipped(path, declared, table, ledger, layer)
    if suffix in CAD:
        return read_dxf(path, ledger=ledger, layer=layer, cad_layers=declared.cad_layers, unit=declared.unit)
    if suffix not in (*READABLE, *PLAIN_TABLES):
        raise InputError(Message("vector.other_format", {"path": path.name, "found": suffix, "known": READABLE}))
    _check_head(path, suffix)
    try:
        if suffix in PARQUET:
            found = gpd.read_parquet(path)
        elif suffix in JSON:
            found = _geojson(path, declared, table, ledger, layer)
        else:
            found = _by_gdal(path, declared, table, ledger, layer)
    except InputError:
        raise
    except (DataSourceError, DataLayerError, OSError, ValueError) as reason:
        raise InputError(Message("vector.unreadable", {"path": path.name, "found": type(reason).__name__})) from reason
    if not isinstance(found, gpd.GeoDataFrame):
        raise InputError(Message("vector.no_geometry", {"path": path.name}))
    return found if found.geometry.name == "geometry" else found.rename_geometry("geometry")


def _check_head(path: Path, suffix: str) -> None:
    """Refuse a file that is not what its name says: a virtual layer under another name may point to other machines."""
    with path.open("rb") as stream:
        head = stream.read(_HEAD_BYTES)
    genuine = head.startswith(HEADS.get(suffix, b""))
    if suffix == ".kml":
        genuine = b"<kml" in head and b"DataSource" not in head
    if not genuine:
        raise InputError(Message("vector.not_its_kind", {"path": path.name, "found": suffix}))


def _by_gdal(path: Path, declared: Declared, table: str | None, ledger: Ledger, layer: str) -> gpd.GeoDataFrame:
    encoding = None
    if path.suffix.lower() == ".shp":
        lacking = tuple(part for part in (".shx", ".dbf") if beside(path, part) is None)
        if lacking:
            raise InputError(Message("vector.shapefile_parts", {"path": path.name, "missing": lacking}))
        encoding = shapefile_encoding(path, declared=declared.encoding, ledger=ledger, layer=layer)
    return gpd.read_file(path, layer=_table(path, table), engine="pyogrio", encoding=encoding)


def _geojson(path: Path, declared: Declared, table: str | None, ledger: Ledger, layer: str) -> gpd.GeoDataFrame:
    """GeoJSON is UTF-8 by its standard; where it is not, it is read as what it is."""
    raw = path.read_bytes()
    text = decoded(raw, path, ledger=ledger, layer=layer, declared=declared.encoding)
    system = _CRS_MEMBER.search(text)
    if system is not None and _ELSEWHERE.search(system[0]):
        raise InputError(Message("vector.crs_elsewhere", {"path": path.name}))
    if not text.lstrip().startswith("{"):
        raise InputError(Message("vector.not_its_kind", {"path": path.name, "found": path.suffix}))
    return gpd.read_file(text.encode(UTF8), engine="pyogrio", layer=table)


def _table(path: Path, table: str | None) -> str:
    names = tuple(str(row[0]) for row in pyogrio.list_layers(path))
    if table is not None and table not in names:
        raise InputError(Message("vector.no_such_table", {"path": path.name, "table": table, "found": names}))
    if table is None and len(names) != 1:
        raise InputError(Message("vector.several_tables", {"path": path.name, "found": names, "count": len(names)}))
    return names[0] if table is None else table


def _zipped(path: Path, declared: Declared, table: str | None, ledger: Ledger, layer: str) -> gpd.GeoDataFrame:
    """The one layer in a zip."""
    with unpacked(path) as folder:
        inside = sorted(p for p in folder.rglob("*") if p.suffix.lower() in READABLE and "__MACOSX" not in p.parts)
        names = tuple(p.relative_to(folder).as_posix() for p in inside)
        if len(inside) != 1:
            there = names or tuple(sorted(p.relative_to(folder).as_posix() for p in folder.rglob("*") if p.is_file()))
            key = "several_layers" if inside else "no_layer"
            raise InputError(Message(f"archive.{key}", {"path": path.name, "found": there[:20]}))
        return read_file(inside[0], declared, table=table, ledger=ledger, layer=layer)
