"""Where the study is: its boundary, its box, its coordinate system, its land and its zones."""

from __future__ import annotations

import numpy as np
import shapely
from pyproj import CRS

from spatial.assemble.work import Box, Work
from spatial.config import GridZones, HexagonZones, PolygonZones
from spatial.errors import InputError
from spatial.model.study_area import StudyArea, choose_crs, scale_error, to_lonlat, transformer_to
from spatial.model.zones import Zones, hexagons, square_grid, user_polygons
from spatial.parameters import parameter
from spatial.sources.osm import OsmExtract
from spatial.text import Message, Value

LONLAT = CRS.from_epsg(4326)
_ROUNDING = 1e-6


def read_place(work: Work) -> tuple[shapely.Geometry | None, Box | None]:
    """The boundary in degrees, where a file or a box gives it, and the box to read: the boundary's and its buffer.

    No box where administrative boundaries are asked for without one: then the whole file is read.
    """
    given = work.study.area
    if given.boundary is None:
        if given.box is None:
            return None, None
        whole = None if given.osm_boundaries else shapely.box(*given.box)
        return whole, _with_buffer(shapely.box(*given.box), given.buffer_m)
    boundary = given.boundary
    frame = work.read_layer(
        boundary,
        crs=LONLAT,
        layer="area",
        columns=[boundary.id_column] if boundary.id_column else [],
        repair=True,
    )
    if boundary.id_column:
        frame = frame[frame[boundary.id_column].astype(str) == boundary.id]
        if frame.empty:
            values = {"path": boundary.file.name, "column": boundary.id_column, "id": str(boundary.id)}
            raise InputError(Message("assemble.no_such_id", values))
    shape = shapely.union_all(frame.geometry.to_numpy())
    if given.box is None:
        return shape, _with_buffer(shape, given.buffer_m)
    if not shapely.intersects(shape, shapely.box(*given.box)):
        raise InputError(Message("assemble.boundary_outside", {"name": work.study.name}))
    return shape, _with_buffer(shapely.intersection(shape, shapely.box(*given.box)), given.buffer_m)


def _with_buffer(lonlat: shapely.Geometry, buffer_m: float) -> Box:
    """The box around a shape in degrees and a buffer in metres."""
    crs = choose_crs(lonlat)
    west, south, east, north = map(
        float, shapely.bounds(to_lonlat(shapely.buffer(projected(lonlat, crs), buffer_m), crs))
    )
    return max(west, -180.0), max(south, -90.0), min(east, 180.0), min(north, 90.0)


def study_area(work: Work, lonlat: shapely.Geometry | None, crs: CRS, extract: OsmExtract | None) -> StudyArea:
    """The study area: its boundary, cut to the box where one is given, its water, and the system of measurement."""
    study = work.study
    if lonlat is not None:
        boundary = projected(lonlat, crs)
    elif extract is not None:
        boundary = shapely.union_all(osm_boundaries(extract, study.area.osm_boundaries))
    else:
        raise InputError(Message("assemble.boundary_outside", {"name": study.name}))
    inside = boundary
    if study.area.box is not None:
        inside = shapely.intersection(boundary, projected(shapely.box(*study.area.box), crs))
        lost = 1 - float(shapely.area(inside) / shapely.area(boundary))
        if lost > _ROUNDING:
            values = {"percent": 100 * lost, "km2": float(shapely.area(boundary) - shapely.area(inside)) / 1e6}
            work.ledger.record("area", "clipped", Message("assemble.boundary_clipped", values))
    water: shapely.Geometry = shapely.MultiPolygon()
    if extract is not None and len(extract.water):
        water = shapely.union_all(extract.water.geometry.to_numpy())
    area = StudyArea(study.name, inside, study.area.buffer_m, crs, water)
    if extract is not None:
        _check_covered(area, extract)
    _note_area(work, area, extract)
    return area


def _check_covered(area: StudyArea, extract: OsmExtract) -> None:
    """Refuse an area that the file does not cover: what is not in the file would be measured as empty."""
    path = extract.source.name
    for key, extent, shape, margin_m in (
        ("beyond_data", extract.box, area.boundary, 0.0),
        ("beyond_streets", extract.streets_extent, area.land, parameter("streets_extent_margin_m")),
    ):
        if extent is None or (key == "beyond_streets" and extract.extent_known):
            continue
        covered = shapely.buffer(projected(shapely.box(*extent), area.crs), margin_m)
        outside = shapely.difference(shape, covered)
        percent = 100 * float(shapely.area(outside) / shapely.area(shape))
        if percent > parameter(f"area_{key}_pct"):
            sides = ", ".join(f"{side:.4f}" for side in extent)
            values: dict[str, Value] = {"percent": percent, "name": area.name, "path": path, "extent": sides}
            raise InputError(Message(f"assemble.{key}", values))


def _note_area(work: Work, area: StudyArea, extract: OsmExtract | None) -> None:
    chosen = "given" if work.study.area.crs else "chosen"
    work.ledger.record("area", "chosen", Message(f"assemble.crs_{chosen}", {"crs": area.crs.name}))
    error = scale_error(area.crs, to_lonlat(shapely.envelope(area.boundary), area.crs))
    if error > parameter("crs_scale_error"):
        values: dict[str, Value] = {"crs": area.crs.name, "percent": 100 * error}
        work.ledger.record("area", "warned", Message("assemble.crs_scale", values))
    whole, land = float(shapely.area(area.boundary)) / 1e6, float(shapely.area(area.land)) / 1e6
    if extract is None:
        work.ledger.record("area", "warned", Message("assemble.land_unknown", {"km2": whole}))
    else:
        work.ledger.record("area", "read", Message("assemble.land", {"land": land, "water": whole - land}))


def projected(lonlat: shapely.Geometry, crs: CRS) -> shapely.Geometry:
    """A shape in degrees, its sides split so that they bend as the projection does."""
    to_crs = transformer_to(crs)
    fine = shapely.segmentize(lonlat, 0.01)
    return shapely.transform(fine, lambda xy: np.column_stack(to_crs.transform(xy[:, 0], xy[:, 1])))


def osm_boundaries(extract: OsmExtract, wanted: tuple[str, ...]) -> list[shapely.Geometry]:
    """Boundaries by their OSM ids; all that are missing are named at once."""
    by_id = extract.boundaries.set_index("osm_id").geometry
    missing = tuple(id for id in wanted if id not in by_id.index)
    if missing:
        known = extract.boundaries.sort_values(["level", "name"])
        names = tuple(f"{id} {name}" for id, name in zip(known["osm_id"], known["name"], strict=True))
        raise InputError(Message("assemble.no_such_boundary", {"missing": missing, "found": names[:20]}))
    return [by_id.loc[id] for id in wanted]


def study_zones(work: Work, area: StudyArea, extract: OsmExtract | None) -> Zones:
    """The zones that results are given for, named after the smallest administrative area that is asked for."""
    section = work.study.zones
    if isinstance(section, PolygonZones):
        name_column = section.name_column or section.id_column
        columns = list(dict.fromkeys([section.id_column, name_column]))
        frame = work.read_layer(section, crs=area.crs, layer="zones", columns=columns, near=area.boundary)
        zones = user_polygons(frame, area, id_column=section.id_column, name_column=name_column)
    elif isinstance(section, HexagonZones):
        zones = _named(hexagons(area, resolution=section.resolution), section, extract)
    else:
        zones = _named(square_grid(area, size_m=section.size_m), section, extract)
    work.ledger.record(
        "zones", "chosen", Message(f"assemble.zones_{zones.kind}", {"count": len(zones)}), count=len(zones)
    )
    return zones


def _named(zones: Zones, section: GridZones | HexagonZones, extract: OsmExtract | None) -> Zones:
    """Zones called after the boundary that holds their middle, of the first level that has one."""
    if extract is None or not section.names:
        return zones
    table = zones.table
    middle = shapely.point_on_surface(table.geometry.to_numpy())
    names = np.full(len(table), "", dtype=object)
    for level in section.names:
        named = extract.boundaries[(extract.boundaries["level"] == level) & (extract.boundaries["name"] != "")]
        named = named.sort_values("name")
        point, shape = shapely.STRtree(named.geometry.to_numpy()).query(middle, predicate="intersects")
        blank = names[point] == ""
        for p, s in zip(point[blank][::-1], shape[blank][::-1], strict=True):
            names[p] = named["name"].iloc[s]
    table["name"] = names
    return Zones(table, zones.kind)
