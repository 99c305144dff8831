"""From a study file to a District: read, clean, split people over homes, snap."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import shapely
from pyproj import CRS

from spatial.assemble.people import study_people
from spatial.assemble.place import read_place, study_area, study_zones
from spatial.assemble.work import Box, Progress, Work, in_silence
from spatial.config import Study
from spatial.errors import StudyError
from spatial.model.district import District
from spatial.model.growth import Growth
from spatial.model.land_use import Buildings, LandUse
from spatial.model.people import People
from spatial.model.places import DAILY_NEEDS, Places
from spatial.model.streets import StreetNetwork
from spatial.model.study_area import StudyArea, choose_crs, projected_crs
from spatial.model.transit import TransitSupply
from spatial.operations.access import snap_report
from spatial.operations.cleaning import consolidate
from spatial.operations.entrances import places_with_entrances
from spatial.operations.overlay import built_up_zone, land_use_layer, mix_classes
from spatial.operations.status import buildings_status, place_statuses
from spatial.sources.gtfs import read_gtfs
from spatial.sources.osm import OsmExtract, fetch_osm, read_osm
from spatial.sources.rasters import raster_source, read_raster
from spatial.sources.vectors import read_vectors, vector_source
from spatial.text import Message

OVERPASS = "https://overpass-api.de/api/interpreter"


def assemble(study: Study, *, progress: Progress = in_silence) -> District:
    """Read every layer that the study names and put them together.

    Raises
    ------
    SpatialError : a file, or the study, is at fault.
    """
    work = Work(study, progress)
    work.tell("boundary", 0.0)
    lonlat, box = read_place(work)
    work.tell("osm", 0.02)
    crs = _system(study, box)
    extract = _osm(work, box, crs)
    if extract is not None:
        crs, box = extract.crs, extract.box
    if crs is None:
        raise StudyError(Message("assemble.no_place"))
    area = study_area(work, lonlat, crs, extract)
    zones = study_zones(work, area, extract)
    layers: dict[str, Any] = {}
    if extract is not None:
        layers |= _city(work, area, extract)
    work.tell("people", 0.5)
    people = study_people(work, area, extract, layers.get("buildings"))
    if people is not None:
        layers["people"] = people
    if extract is not None:
        work.tell("places", 0.6)
        layers["places"] = _places(work, extract, layers["paths"], people)
    work.tell("transit", 0.7)
    layers["transit"] = _transit(work, area, box)
    layers["growth"] = _growth(work, area)
    district = District(area, zones, sources=tuple(work.sources), ledger=(), **layers)
    work.tell("snapping", 0.8)
    _snap(work, district)
    work.tell("assembled", 1.0)
    return replace(district, ledger=work.ledger.entries)


def _system(study: Study, box: Box | None) -> CRS | None:
    """The study's own system, else the one that suits its box; None where only the file knows the place."""
    if study.area.crs:
        return projected_crs(study.area.crs)
    return choose_crs(shapely.box(*box)) if box is not None else None


def _osm(work: Work, box: Box | None, crs: CRS | None) -> OsmExtract | None:
    section = work.study.osm
    if section is None:
        return None
    path = section.file
    if path is None and box is not None:
        path = fetch_osm(box, work.study.folder, endpoint=section.endpoint or OVERPASS, ledger=work.ledger)
    if path is None:
        raise StudyError(Message("assemble.online_without_box"))
    extract = read_osm(path, box=box, crs=crs, ledger=work.ledger, declared_date=section.date, extent=section.extent)
    work.cite(extract.source, path)
    return extract


def _city(work: Work, area: StudyArea, extract: OsmExtract) -> dict[str, Any]:
    """Streets, buildings and land use from one extract."""
    work.tell("streets", 0.3)
    streets = consolidate(extract.driving, ledger=work.ledger)
    work.tell("land_use", 0.4)
    buildings = Buildings(extract.buildings.table, buildings_status(extract.buildings))
    land_use: LandUse | None = None
    if len(extract.land_use):
        zone = shapely.intersection(built_up_zone(buildings, ledger=work.ledger), area.land)
        land_use = land_use_layer(extract.land_use, zone, mix_classes(), ledger=work.ledger)
    return {
        "paths": _with_analysed(extract.paths, area),
        "streets": _with_analysed(streets, area),
        "buildings": buildings,
        "land_use": land_use,
    }


def _with_analysed(network: StreetNetwork, area: StudyArea) -> StreetNetwork:
    """The network with its nodes inside the analysed area marked."""
    nodes = network.nodes
    boundary = area.analysed
    shapely.prepare(boundary)
    nodes["analysed"] = shapely.contains_xy(boundary, nodes["x"].to_numpy(), nodes["y"].to_numpy())
    return StreetNetwork(nodes, network.edges, network.representation)


def _places(work: Work, extract: OsmExtract, paths: StreetNetwork, people: People | None) -> Places:
    residents = float("nan") if people is None else people.total_residents
    statuses = place_statuses(extract.places, DAILY_NEEDS, residents=residents)
    return places_with_entrances(extract.places, extract.place_entrances, paths, statuses, ledger=work.ledger)


def _transit(work: Work, area: StudyArea, box: Box | None) -> TransitSupply | None:
    section = work.study.transit
    if section is None:
        return None
    transit, source = read_gtfs(
        section.gtfs, service_day=section.service_day, crs=area.crs, ledger=work.ledger, box=box
    )
    dated = replace(
        source,
        date=section.date or source.date,
        licence=section.licence,
        attribution=section.attribution or source.attribution,
    )
    work.cite(dated, section.gtfs, section.name)
    return transit


def _growth(work: Work, area: StudyArea) -> Growth | None:
    section = work.study.growth
    if section is None:
        return None
    raster = read_raster(
        section.first_built,
        kind="years",
        within=area.boundary,
        within_crs=area.crs,
        ledger=work.ledger,
        layer="growth",
        nodata=section.nodata,
    )
    frame = read_vectors(
        section.boundary,
        crs_expected=raster.crs,
        ledger=work.ledger,
        layer="growth",
        geometry="polygon",
        table=section.boundary_layer,
        repair=True,
    )
    licence = {"date": section.date, "licence": section.licence, "attribution": section.attribution}
    work.cite(raster_source(section.first_built, "growth", **licence), section.first_built, section.name)
    licence = {
        "date": section.boundary_date,
        "licence": section.boundary_licence,
        "attribution": section.boundary_attribution,
    }
    work.cite(vector_source(section.boundary, "growth", **licence), section.boundary, section.boundary_name)
    boundary = shapely.union_all(frame.geometry.to_numpy())
    return Growth(raster, boundary, section.boundary_legal, section.observed_until)


def _snap(work: Work, district: District) -> None:
    """Snap people, places and stops to the walking network once, and say in the ledger what stayed off it."""
    paths, people, places, transit = district.paths, district.people, district.places, district.transit
    if paths is None:
        return
    if people is not None:
        ids = [f"{group} {x:.0f} {y:.0f}".strip() for group, x, y in zip(people.group, people.x, people.y, strict=True)]
        snap_report(
            paths,
            district.memo,
            (people.x, people.y),
            kind="people",
            ids=ids,
            ledger=work.ledger,
            weights=people.residents,
        )
    if places is not None:
        doors = places.entrances
        points = (doors["x"].to_numpy(), doors["y"].to_numpy())
        ids = places.table["osm_id"].to_numpy()[doors["place"].to_numpy()]
        snap_report(paths, district.memo, points, kind="places", ids=ids, ledger=work.ledger)
    if transit is not None:
        at = transit.stops.geometry
        points = (at.x.to_numpy(), at.y.to_numpy())
        snap_report(paths, district.memo, points, kind="stops", ids=list(transit.stops.index), ledger=work.ledger)
