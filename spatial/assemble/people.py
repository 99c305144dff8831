"""Residents and jobs of the study: from a raster, from zones, or split over homes."""

from __future__ import annotations

import geopandas as gpd
import shapely

from spatial.assemble.place import osm_boundaries, projected
from spatial.assemble.work import Work
from spatial.config import RasterPeople, SettlementPeople, ZonePeople
from spatial.errors import InputError
from spatial.model.land_use import Buildings
from spatial.model.people import People
from spatial.model.study_area import StudyArea
from spatial.operations.dasymetric import (
    SettlementTotal,
    people_from_raster,
    people_from_zones,
    split_residents,
    touches_edge,
)
from spatial.operations.dwellings import homes
from spatial.sources.osm import OsmExtract
from spatial.sources.rasters import raster_source, read_raster
from spatial.sources.vectors import read_vectors, vector_source
from spatial.text import Message


def study_people(work: Work, area: StudyArea, extract: OsmExtract | None, buildings: Buildings | None) -> People | None:
    """The people of the study, or None where it names none."""
    section = work.study.people
    if isinstance(section, RasterPeople):
        return _from_raster(work, section, area)
    if isinstance(section, ZonePeople):
        return _from_zones(work, section, area)
    if section is None or extract is None or buildings is None:
        return None
    dwellings = homes(buildings, extract.land_use, ledger=work.ledger)
    totals = _settlements(section, extract, dwellings)
    dated = "dated" if section.date else "undated"
    work.ledger.record("people", "estimated", Message(f"assemble.residents_{dated}", {"date": section.date}))
    return split_residents(dwellings, totals, ledger=work.ledger)


def _from_raster(work: Work, section: RasterPeople, area: StudyArea) -> People:
    raster = read_raster(
        section.file,
        kind="counts",
        within=area.boundary,
        within_crs=area.crs,
        ledger=work.ledger,
        layer="people",
        nodata=section.nodata,
    )
    source = raster_source(
        section.file, "people", date=section.date, licence=section.licence, attribution=section.attribution
    )
    work.cite(source, section.file, section.name)
    return people_from_raster(raster, area.crs, land=area.land, ledger=work.ledger)


def _from_zones(work: Work, section: ZonePeople, area: StudyArea) -> People:
    columns = [section.residents_column, *([section.jobs_column] if section.jobs_column else [])]
    frame = read_vectors(
        section.file,
        crs_expected=area.crs,
        ledger=work.ledger,
        layer="people",
        columns=columns,
        geometry="polygon",
        near=area.boundary,
        table=section.layer,
    )
    source = vector_source(
        section.file, "people", date=section.date, licence=section.licence, attribution=section.attribution
    )
    work.cite(source, section.file, section.name)
    return people_from_zones(frame, section.residents_column, section.jobs_column, area.crs, ledger=work.ledger)


def _settlements(section: SettlementPeople, extract: OsmExtract, dwellings: gpd.GeoDataFrame) -> list[SettlementTotal]:
    """The towns of the study file with their totals and boundaries; whatever the extract lacks is one error."""
    nodes = extract.settlements.set_index("osm_id")["population"]
    missing = tuple(f"{town.name} ({town.node})" for town in section.settlements if town.node not in nodes.index)
    if missing:
        found = extract.settlements
        known = tuple(f"{id} {name}" for id, name in zip(found["osm_id"], found["name"], strict=True))
        raise InputError(Message("assemble.no_such_settlement", {"missing": missing, "found": known}))
    boundaries = osm_boundaries(extract, tuple(town.boundary for town in section.settlements))
    data_edge = projected(shapely.box(*extract.box), extract.crs)
    return [
        SettlementTotal(
            town.name,
            float(nodes.loc[town.node]),
            boundary,
            town.boundary in extract.incomplete or touches_edge(dwellings, boundary, data_edge),
        )
        for town, boundary in zip(section.settlements, boundaries, strict=True)
    ]
