"""From a study file to a District: read, clean, split people over homes, snap."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import shapely
from pyproj import CRS

from spatial.assemble.growth import study_control_lines, study_growth
from spatial.assemble.land import study_land_use, study_parcels
from spatial.assemble.people import study_people
from spatial.assemble.place import read_place, study_area, study_zones
from spatial.assemble.places import study_places
from spatial.assemble.streets import study_streets
from spatial.assemble.transit import study_transit
from spatial.assemble.work import Box, Progress, Work, in_silence
from spatial.config import Study
from spatial.errors import StudyError
from spatial.model.district import District
from spatial.model.land_use import Buildings
from spatial.model.study_area import choose_crs, projected_crs
from spatial.operations.access import snap_report
from spatial.operations.status import buildings_status
from spatial.sources.osm import OsmExtract, fetch_osm, read_osm
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
    layers: dict[str, Any] = dict(study_streets(work, area, extract))
    paths = layers.get("paths")
    buildings = None
    if extract is not None:
        buildings = Buildings(extract.buildings.table, buildings_status(extract.buildings))
    parcels = study_parcels(work, area, paths, buildings)
    layers["buildings"] = buildings
    layers["land_use"] = study_land_use(work, area, extract, buildings, parcels)
    work.tell("people", 0.5)
    layers["people"] = study_people(work, area, extract, buildings, parcels)
    layers["places"] = study_places(work, area, extract, paths, buildings, layers["people"])
    layers["transit"] = study_transit(work, area, box, extract, paths, buildings)
    layers["control_lines"] = study_control_lines(work, area)
    layers["growth"] = study_growth(work, area, layers["control_lines"])
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
    work.cite(extract.source, path, section)
    return extract


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
