"""Sea from the coastline (land lies on its left), and inland water mapped as areas."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import geopandas as gpd
import numpy as np
import shapely
from pyproj import CRS, Geod

from spatial.model.provenance import Ledger
from spatial.parameters import parameter
from spatial.sources.osm.header import Box
from spatial.sources.osm.rows import UNITS, Found, Line
from spatial.sources.osm.shapes import box_frame, project, record_shapes, study_shapes
from spatial.sources.osm.streets import vertices_of
from spatial.text import Message

_ELLIPSOID = Geod(ellps="WGS84")
# How far beside a coastline to look for the water: a tenth of the resolution of OSM coordinates, in degrees.
_BESIDE = 1e-8


class _Segments(NamedTuple):
    """Directed pieces of coastline between two vertices, in degrees: arrays of shape (n, 2)."""

    start: np.ndarray
    end: np.ndarray


def read_water(
    coast: Sequence[Line],
    lakes: Sequence[Found],
    box: Box,
    crs: CRS,
    *,
    ledger: Ledger,
    coast_gap_m: float = parameter("osm_coast_gap_m"),
    coast_agreement_pct: float = parameter("osm_coast_agreement_pct"),
) -> gpd.GeoDataFrame:
    """Water in the box: columns `kind` ("sea" or "lake": all inland water mapped as areas) and `geometry`.

    Coastline ends nearer to each other than `coast_gap_m` are joined. A part of the box whose coastline disagrees
    about where the sea is (a gap, a line drawn backwards) stays land unless `coast_agreement_pct` of it agrees.
    """
    sea = _sea(coast, box, coast_gap_m, coast_agreement_pct / 100, ledger)
    inland = study_shapes([lake.shape for lake in lakes], box, crs)
    record_shapes(inland, "water", ledger)
    shapes = np.concatenate([project(np.array(sea, dtype=object), crs), inland.geometry[inland.kept]])
    kinds = ["sea"] * len(sea) + ["lake"] * (len(shapes) - len(sea))
    ledger.record("water", "read", Message("osm.water", {"sea": len(sea), "lakes": kinds.count("lake")}))
    return gpd.GeoDataFrame({"kind": np.array(kinds, dtype=object)}, geometry=shapes, crs=crs)


def _sea(coast: Sequence[Line], box: Box, gap_m: float, agreement: float, ledger: Ledger) -> list[shapely.Geometry]:
    segments = _in_box(_close_gaps(coast, box, gap_m, ledger), box)
    if not len(segments.start):
        ledger.record("water", "chosen", Message("osm.no_coast"))
        return []
    noded = shapely.union_all([*_lines(segments).tolist(), box_frame(box).exterior])
    faces = np.array(shapely.get_parts(shapely.polygonize(shapely.get_parts(noded))), dtype=object)
    land_m, sea_m = _votes(faces, segments)
    total = land_m + sea_m
    is_sea = (sea_m > 0) & (sea_m >= agreement * total)
    doubtful = (land_m > 0) & (sea_m > 0)
    for taken, key in ((doubtful & ~is_sea, "osm.coast_left_land"), (doubtful & is_sea, "osm.coast_taken_sea")):
        if taken.any():
            count, km2 = int(taken.sum()), _area_km2(faces[taken])
            ledger.record("water", "warned", Message(key, {"count": count, "area_km2": km2}), count=count)
    order = np.argsort([-face.area for face in faces[is_sea]], kind="stable")
    return list(faces[is_sea][order])


def _close_gaps(coast: Sequence[Line], box: Box, gap_m: float, ledger: Ledger) -> _Segments:
    """The coastline's segments, with straight ones added between an end and a start that are near each other."""
    all_vertices = vertices_of(coast)
    placed = all_vertices.placed
    pair = (all_vertices.way[:-1] == all_vertices.way[1:]) & placed[:-1] & placed[1:]
    lonlat = np.column_stack([all_vertices.x, all_vertices.y]) / UNITS
    first, last = np.flatnonzero(pair), np.flatnonzero(pair) + 1
    ref = all_vertices.ref
    dead = last[~np.isin(ref[last], ref[first]) & _inside(lonlat[last], box)]
    born = first[~np.isin(ref[first], ref[last]) & _inside(lonlat[first], box)]
    added: list[tuple[np.ndarray, np.ndarray]] = []
    widest = 0.0
    for end in dead:
        if not len(born):
            break
        lon, lat = (np.full(len(born), value) for value in lonlat[end])
        metres = np.asarray(_ELLIPSOID.inv(lon, lat, lonlat[born, 0], lonlat[born, 1])[2])
        nearest = int(np.argmin(metres))
        if metres[nearest] <= gap_m:
            added.append((lonlat[end], lonlat[born[nearest]]))
            widest = max(widest, float(metres[nearest]))
            born = np.delete(born, nearest)
    if added:
        values = {"count": len(added), "widest_m": widest, "limit_m": gap_m}
        ledger.record("water", "imputed", Message("osm.coast_closed", values), count=len(added))
    left_open = len(dead) - len(added)
    if left_open:
        ledger.record("water", "warned", Message("osm.coast_open", {"count": left_open}), count=left_open)
    starts = np.concatenate([lonlat[first], np.array([a for a, _ in added]).reshape(-1, 2)])
    ends = np.concatenate([lonlat[last], np.array([b for _, b in added]).reshape(-1, 2)])
    return _Segments(starts, ends)


def _inside(lonlat: np.ndarray, box: Box) -> np.ndarray:
    west, south, east, north = box
    within: np.ndarray = (lonlat[:, 0] > west) & (lonlat[:, 0] < east) & (lonlat[:, 1] > south) & (lonlat[:, 1] < north)
    return within


def _in_box(segments: _Segments, box: Box) -> _Segments:
    """The parts of the segments inside the box, still in their direction."""
    long = np.any(segments.start != segments.end, axis=1)
    segments = _Segments(segments.start[long], segments.end[long])
    whole = _inside(segments.start, box) & _inside(segments.end, box)
    rest = ~whole
    if not rest.any():
        return segments
    start, end = segments.start[rest], segments.end[rest]
    parts = shapely.intersection(_lines(_Segments(start, end)), box_frame(box))
    lines = (shapely.get_type_id(parts) == shapely.GeometryType.LINESTRING) & (shapely.length(parts) > 0)
    tips = [shapely.get_coordinates(shapely.get_point(parts[lines], tip)) for tip in (0, -1)]
    ends = np.stack(tips, axis=1)
    forward = np.sum((ends[:, 1] - ends[:, 0]) * (end - start)[lines], axis=1) > 0
    ends[~forward] = ends[~forward][:, ::-1]
    return _Segments(
        np.concatenate([segments.start[whole], ends[:, 0]]), np.concatenate([segments.end[whole], ends[:, 1]])
    )


def _lines(segments: _Segments) -> np.ndarray:
    lines: np.ndarray = np.array(shapely.linestrings(np.stack([segments.start, segments.end], axis=1)), dtype=object)
    return lines


def _votes(faces: np.ndarray, segments: _Segments) -> tuple[np.ndarray, np.ndarray]:
    """For each face, the length of coastline (degrees) that has it on its left, and on its right."""
    run = segments.end - segments.start
    length = np.hypot(run[:, 0], run[:, 1])
    middle = (segments.start + segments.end) / 2
    left = np.column_stack([-run[:, 1], run[:, 0]]) / length[:, None] * _BESIDE
    sides = []
    for place in (middle + left, middle - left):
        face, point = shapely.STRtree(shapely.points(place)).query(faces, predicate="contains")
        sides.append(np.bincount(face, weights=length[point], minlength=len(faces)))
    return sides[0], sides[1]


def _area_km2(faces: np.ndarray) -> float:
    return float(sum(abs(_ELLIPSOID.geometry_area_perimeter(face)[0]) for face in faces)) / 1e6
