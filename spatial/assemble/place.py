"""Where the study is: its boundary, its box, its coordinate system, its land and its zones."""

from __future__ import annotations

import numpy as np
import shapely
from pyproj import CRS

from spatial.assemble.work import Box, Work
from spatial.config import GridZones, HexagonZones, PolygonZones
from spatial.errors import InputError
from spatial.model.study_area import StudyArea, choose_crs, to_lonlat, transformer_to
from spatial.model.zones import Zones, hexagons, square_grid, user_polygons
from spatial.sources.osm import OsmExtract
from spatial.sources.vectors import read_vectors, vector_source
from spatial.text import Message

LONLAT = CRS.from_epsg(4326)
WORLD: Box = (-180.0, -90.0, 180.0, 90.0)


def read_place(work: Work) -> tuple[shapely.Geometry | None, Box]:
    """The boundary in degrees, where a file gives it, and the box to read."""
    given = work.study.area
    if given.boundary is None:
        return None, given.box or WORLD
    frame = read_vectors(
        given.boundary,
        crs_expected=LONLAT,
        ledger=work.ledger,
        layer="area",
        columns=[given.id_column] if given.id_column else [],
        geometry="polygon",
        table=given.layer,
        repair=True,
    )
    if given.id_column:
        frame = frame[frame[given.id_column].astype(str) == given.id]
        if frame.empty:
            values = {"path": given.boundary.name, "column": given.id_column, "id": str(given.id)}
            raise InputError(Message("assemble.no_such_id", values))
    work.cite(vector_source(given.boundary, "area", date="", licence="", attribution=""), given.boundary)
    shape = shapely.union_all(frame.geometry.to_numpy())
    if given.box is not None:
        return shape, given.box
    crs = choose_crs(shape)
    routed = to_lonlat(shapely.buffer(projected(shape, crs), given.buffer_m), crs)
    west, south, east, north = map(float, shapely.bounds(routed))
    return shape, (west, south, east, north)


def study_area(
    work: Work, lonlat: shapely.Geometry | None, box: Box, crs: CRS, extract: OsmExtract | None
) -> StudyArea:
    """The study area: the boundary inside the box that is read, its water, and the system all is measured in."""
    study = work.study
    frame = projected(shapely.box(*box), crs)
    if lonlat is not None:
        boundary = projected(lonlat, crs)
        if not shapely.intersects(boundary, frame):
            raise InputError(Message("assemble.boundary_outside", {"name": study.name}))
    elif study.area.osm_boundaries and extract is not None:
        boundary = shapely.union_all(osm_boundaries(extract, study.area.osm_boundaries))
    else:
        boundary = frame
    inside = shapely.intersection(boundary, frame)
    lost = 1 - float(shapely.area(inside) / shapely.area(boundary))
    if lost > 1e-6:
        values = {"percent": 100 * lost, "km2": float(shapely.area(boundary) - shapely.area(inside)) / 1e6}
        work.ledger.record("area", "clipped", Message("assemble.boundary_clipped", values))
    water: shapely.Geometry = shapely.MultiPolygon()
    if extract is not None and len(extract.water):
        water = shapely.intersection(shapely.union_all(extract.water.geometry.to_numpy()), frame)
    area = StudyArea(study.name, inside, study.area.buffer_m, crs, water)
    chosen = "given" if study.area.crs else "chosen"
    work.ledger.record("area", "chosen", Message(f"assemble.crs_{chosen}", {"crs": crs.name}))
    values = {
        "land": float(shapely.area(area.land)) / 1e6,
        "water": float(shapely.area(inside) - shapely.area(area.land)) / 1e6,
    }
    work.ledger.record("area", "read", Message("assemble.land", values))
    return area


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
        frame = read_vectors(
            section.file,
            crs_expected=area.crs,
            ledger=work.ledger,
            layer="zones",
            columns=list(dict.fromkeys([section.id_column, name_column])),
            geometry="polygon",
            near=area.boundary,
            table=section.layer,
        )
        work.cite(vector_source(section.file, "zones", date="", licence="", attribution=""), section.file)
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
