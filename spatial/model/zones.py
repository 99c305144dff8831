"""The units that results are reported for: grid cells, hexagons, blocks or the user's polygons."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

import geopandas as gpd
import h3
import numpy as np
import pandas as pd
import shapely

from spatial.errors import InputError, Problems
from spatial.model.layer import Layer
from spatial.model.shapes import polygonal
from spatial.model.study_area import StudyArea, to_lonlat
from spatial.parameters import parameter
from spatial.text import Message, Value

# a metre more than a zone itself on every side, so that cutting never touches its own edge
OUTWARD_M = np.array([-1.0, -1.0, 1.0, 1.0])
ZoneKind = Literal["grid", "hexagons", "polygons", "all"]


@dataclass(frozen=True, eq=False)
class Zones(Layer):
    """The subjects of results.

    Parameters
    ----------
    table : index `zone` (unique text), columns `name` (may be ""), `land_m2` (land inside the analysed
        area, square metres) and `geometry` (that land, in the study's system).
    kind : grid, hexagons, polygons, or all (one zone: the whole area).
    """

    table: gpd.GeoDataFrame
    kind: ZoneKind
    token: str = field(init=False)

    def __post_init__(self) -> None:
        if self.table.index.has_duplicates:
            doubled = self.table.index[self.table.index.duplicated()].unique()
            raise InputError(_duplicates(list(doubled)))
        frame = self.table[["name", "land_m2", "geometry"]].copy()
        frame.index = frame.index.astype(str).rename("zone")
        object.__setattr__(self, "table", frame)
        self._seal(frame, self.kind)

    def __len__(self) -> int:
        return len(self.table)

    @property
    def subject_kind(self) -> str:
        """How result rows call these subjects: "all" for the whole area, else "zone"."""
        return "all" if self.kind == "all" else "zone"

    @property
    def ids(self) -> pd.Index[str]:
        index: pd.Index[str] = self.table.index
        return index

    @property
    def land_km2(self) -> pd.Series[float]:
        """Land of each zone in square kilometres."""
        land: pd.Series[float] = self.table["land_m2"] / 1e6
        return land

    def locate(self, x: np.ndarray, y: np.ndarray) -> np.ndarray:
        """The position of the zone that holds each point, −1 for none; a point on a shared edge counts once."""
        found = np.full(len(x), -1, dtype=np.int64)
        # zones ask for points, not points for zones: the asking side is the one that is prepared
        points = np.atleast_1d(np.asarray(shapely.points(x, y), dtype=object))
        zone, point = shapely.STRtree(points).query(self.table.geometry.to_numpy(), predicate="intersects")
        order = np.argsort(zone, kind="stable")[::-1]
        found[point[order]] = zone[order]
        return found


def whole_area(area: StudyArea) -> Zones:
    """The whole study area as the one subject, called "all"."""
    return _zones([area.land], ["all"], [area.name], area, "all")


def square_grid(area: StudyArea, *, size_m: float) -> Zones:
    """Squares of `size_m` metres over the land, aligned to whole multiples of the size."""
    west, south, east, north = shapely.bounds(area.land)
    count, most = (east - west) * (north - south) / size_m**2, parameter("zones_most")
    if count > most:
        raise InputError(Message("zones.too_many", {"size_m": float(size_m), "count": float(count), "most": most}))
    columns = np.arange(np.floor(west / size_m), np.ceil(east / size_m))
    rows = np.arange(np.floor(south / size_m), np.ceil(north / size_m))
    column, row = (a.ravel() for a in np.meshgrid(columns, rows))
    cells = shapely.box(column * size_m, row * size_m, (column + 1) * size_m, (row + 1) * size_m)
    ids = [f"{int(c)}_{int(r)}" for c, r in zip(column, row, strict=True)]
    return _zones(cells, ids, None, area, "grid")


def hexagons(area: StudyArea, *, resolution: int) -> Zones:
    """H3 hexagons of a resolution (8: about 0.7 km², 9: about 0.1 km²) over the land."""
    # cells are found by their middle: look as far out as the largest cell reaches
    reach_m = 2 * h3.average_hexagon_edge_length(resolution, unit="m")
    lonlat = to_lonlat(shapely.buffer(area.land, reach_m), area.crs)
    cells = sorted(h3.geo_to_cells(lonlat, resolution))
    rings = [[(lon, lat) for lat, lon in h3.cell_to_boundary(cell)] for cell in cells]
    shapes = gpd.GeoSeries(shapely.polygons(rings), crs=4326).to_crs(area.crs)
    return _zones(shapes.to_numpy(), cells, None, area, "hexagons")


def user_polygons(polygons: gpd.GeoDataFrame, area: StudyArea, *, id_column: str, name_column: str) -> Zones:
    """The user's own polygons, cut to the land. Invalid shapes and doubled ids are refused, all at once.

    A polygon that is wholly outside the area is refused too: it would have no result.
    """
    problems = Problems()
    ids = polygons[id_column].astype(str)
    for row, shape in zip(ids, polygons.geometry, strict=True):
        if shape is None or shape.geom_type not in ("Polygon", "MultiPolygon"):
            kind = "None" if shape is None else shape.geom_type
            problems.add(Message("zones.not_a_polygon", {"id": row, "found": kind}))
        elif not shape.is_valid:
            problems.add(Message("zones.invalid", {"id": row, "found": shapely.is_valid_reason(shape)}))
        elif not shape.intersects(area.land):
            problems.add(Message("zones.outside", {"id": row}))
    if ids.duplicated().any():
        problems.add(_duplicates(list(ids[ids.duplicated()].unique())))
    problems.raise_if_any(InputError)
    _refuse_overlaps(polygons.geometry.to_numpy(), ids.tolist())
    names = polygons[name_column].astype(str).tolist()
    return _zones(polygons.geometry.to_numpy(), ids.tolist(), names, area, "polygons")


def _refuse_overlaps(shapes: np.ndarray, ids: list[str]) -> None:
    first, second = shapely.STRtree(shapes).query(shapes, predicate="intersects")
    first, second = first[first < second], second[first < second]
    common_m2 = shapely.area(shapely.intersection(shapes[first], shapes[second]))
    order = np.flatnonzero(common_m2 > parameter("zone_overlap_m2"))
    if len(order):
        order = order[np.argsort(-common_m2[order], kind="stable")]
        pairs = tuple(f"{ids[first[i]]} / {ids[second[i]]}" for i in order[:5])
        values: dict[str, Value] = {"count": len(order), "m2": float(common_m2[order[0]]), "pairs": pairs}
        raise InputError(Message("zones.overlap", values))


def _zones(
    shapes: np.ndarray | list[shapely.Geometry],
    ids: list[str],
    names: list[str] | None,
    area: StudyArea,
    kind: ZoneKind,
) -> Zones:
    land = _on_land(np.asarray(shapes, dtype=object), area.land) if kind != "all" else shapes
    frame = gpd.GeoDataFrame(
        {"name": names or "", "land_m2": shapely.area(land)},
        geometry=np.asarray(land, dtype=object),
        index=pd.Index(ids, dtype=object),
        crs=area.crs,
    )
    return Zones(
        frame if kind in ("all", "polygons") else frame[frame["land_m2"] >= parameter("zone_min_land_m2")], kind
    )


def _on_land(shapes: np.ndarray, land: shapely.Geometry) -> np.ndarray:
    """The part of each shape that is land; only those that the shore crosses are cut."""
    shapely.prepare(land)
    cut = shapes.copy()
    cut[~shapely.intersects(land, shapes)] = shapely.Polygon()
    crossed = np.flatnonzero(~shapely.is_empty(cut) & ~shapely.contains_properly(land, shapes))
    for i in crossed:
        near = shapely.clip_by_rect(land, *(shapely.bounds(shapes[i]) + OUTWARD_M))
        cut[i] = shapely.intersection(shapes[i], near if shapely.is_valid(near) else land)
    return polygonal(cut)


def _duplicates(ids: list[object]) -> Message:
    named = (*(str(id) for id in ids[:5]), *(("…",) if len(ids) > 5 else ()))
    return Message("zones.duplicate_ids", {"ids": named, "count": len(ids)})
