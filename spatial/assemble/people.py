"""Residents and jobs of the study: from a raster, from zones, or split over homes."""

from __future__ import annotations

from dataclasses import replace

import geopandas as gpd
import numpy as np
import shapely

from spatial.assemble.place import osm_boundaries, projected
from spatial.assemble.work import Work, limited
from spatial.config import FloorSpacePeople, RasterPeople, SettlementPeople, Sourced, ZonePeople
from spatial.errors import InputError
from spatial.model.land_use import Buildings
from spatial.model.people import People
from spatial.model.study_area import StudyArea
from spatial.model.zones import whole_area
from spatial.operations.ashore import people_on_land
from spatial.operations.dasymetric import (
    SettlementTotal,
    people_from_raster,
    people_from_zones,
    split_residents,
    touches_edge,
)
from spatial.operations.dwellings import homes
from spatial.operations.floor_space import people_from_floor_space
from spatial.operations.raster_people import cell_width_m
from spatial.operations.residents import known_land_pct
from spatial.parameters import parameter
from spatial.sources.fingerprint import file_source
from spatial.sources.floor_space_table import read_floor_space_table
from spatial.sources.osm import OsmExtract
from spatial.sources.rasters import raster_source, read_raster
from spatial.text import Message


def study_people(
    work: Work,
    area: StudyArea,
    extract: OsmExtract | None,
    buildings: Buildings | None,
    parcels: gpd.GeoDataFrame | None,
) -> People | None:
    """The people of the study inside its area, all of them on land, or None where it names none."""
    section = work.study.people
    people = _people(work, area, extract, buildings, parcels)
    if people is None or not isinstance(section, Sourced):
        return people
    return replace(people, status=people.status.worse(limited(section)))


def _people(
    work: Work,
    area: StudyArea,
    extract: OsmExtract | None,
    buildings: Buildings | None,
    parcels: gpd.GeoDataFrame | None,
) -> People | None:
    section = work.study.people
    if isinstance(section, RasterPeople):
        return _from_raster(work, section, area)
    dwellings = None
    if section is not None and extract is not None and buildings is not None:
        dwellings = homes(buildings, extract.land_use, ledger=work.ledger)
    if isinstance(section, FloorSpacePeople):
        assert parcels is not None
        return people_on_land(_from_floor_space(work, section, area, parcels, dwellings), area, ledger=work.ledger)
    if isinstance(section, ZonePeople):
        return people_on_land(_from_zones(work, section, area, dwellings), area, ledger=work.ledger)
    if section is None or extract is None or dwellings is None:
        return None
    totals = _settlements(section, extract, dwellings)
    _note_totals(work, section)
    return people_on_land(split_residents(dwellings, totals, ledger=work.ledger), area, ledger=work.ledger)


def _note_totals(work: Work, section: SettlementPeople) -> None:
    """Say of what day the towns' totals are, and where each comes from."""
    dated = "dated" if section.date else "undated"
    work.ledger.record("people", "estimated", Message(f"assemble.residents_{dated}", {"date": section.date}))
    for source in dict.fromkeys(town.source or "" for town in section.settlements):
        names = tuple(town.name for town in section.settlements if (town.source or "") == source)
        given = "residents_stated" if source else "residents_of_osm"
        work.ledger.record("people", "read", Message(f"assemble.{given}", {"names": names, "source": source}))


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
    source = raster_source(section.file, "people", date="", licence="", attribution="")
    work.cite(source, section.file, section)
    people = people_from_raster(raster, area.crs, water=area.water, ledger=work.ledger)
    unknown_pct = 100 - float(known_land_pct(people, whole_area(area))[0])
    if unknown_pct > 100 - parameter("residents_known_doubtful_pct"):
        work.ledger.record("people", "warned", Message("dasymetric.unknown_land", {"percent": unknown_pct}))
    half_diagonal_m = cell_width_m(raster, area.crs) / np.sqrt(2)
    return people_on_land(people, area, reach_m=half_diagonal_m, ledger=work.ledger)


def _from_zones(work: Work, section: ZonePeople, area: StudyArea, dwellings: gpd.GeoDataFrame | None) -> People:
    columns = [section.residents_column, *([section.jobs_column] if section.jobs_column else [])]
    frame = work.read_layer(section, crs=area.crs, layer="people", columns=columns, near=area.boundary)
    _note_zones_land(work, frame, area)
    return people_from_zones(
        frame, section.residents_column, section.jobs_column, area.crs, homes=dwellings, ledger=work.ledger
    )


def _from_floor_space(
    work: Work,
    section: FloorSpacePeople,
    area: StudyArea,
    parcels: gpd.GeoDataFrame,
    dwellings: gpd.GeoDataFrame | None,
) -> People:
    table = read_floor_space_table(
        section.table, columns=section.columns, encoding=section.encoding, sheet=section.sheet, ledger=work.ledger
    )
    work.cite(file_source(section.table, "people", date="", licence="", attribution=""), section.table, section)
    _note_zones_land(work, parcels, area)
    return people_from_floor_space(parcels, table, area.crs, homes=dwellings, ledger=work.ledger)


def _note_zones_land(work: Work, frame: gpd.GeoDataFrame, area: StudyArea) -> None:
    """Say it where the zones leave land out: they may be those with people alone, or not all that there are."""
    here = frame.geometry.to_numpy()[shapely.intersects(frame.geometry.to_numpy(), area.boundary)]
    covered = float(shapely.area(shapely.intersection(shapely.union_all(here), area.land)))
    percent = 100 * covered / max(float(shapely.area(area.land)), 1.0)
    if percent < parameter("residents_known_doubtful_pct"):
        work.ledger.record("people", "warned", Message("dasymetric.zones_land", {"percent": percent}))


def _settlements(section: SettlementPeople, extract: OsmExtract, dwellings: gpd.GeoDataFrame) -> list[SettlementTotal]:
    """The towns of the study file with their totals and boundaries; whatever the extract lacks is one error."""
    nodes = extract.settlements.set_index("osm_id")["population"]
    missing = tuple(
        f"{town.name} ({town.node})" for town in section.settlements if town.node and town.node not in nodes.index
    )
    if missing:
        found = extract.settlements
        known = tuple(f"{id} {name}" for id, name in zip(found["osm_id"], found["name"], strict=True))
        raise InputError(Message("assemble.no_such_settlement", {"missing": missing, "found": known}))
    boundaries = osm_boundaries(extract, tuple(town.boundary for town in section.settlements))
    data_edge = projected(shapely.box(*extract.box), extract.crs)
    return [
        SettlementTotal(
            town.name,
            float(nodes.loc[town.node]) if town.residents is None else town.residents,
            boundary,
            town.boundary in extract.incomplete or touches_edge(dwellings, boundary, data_edge),
        )
        for town, boundary in zip(section.settlements, boundaries, strict=True)
    ]
