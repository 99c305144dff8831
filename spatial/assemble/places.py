"""Places of the study: OpenStreetMap's, and those of the planner's own tables, each place once."""

from __future__ import annotations

import geopandas as gpd
from pyproj import CRS

from spatial.assemble.datums import check_datum
from spatial.assemble.work import Work, limited
from spatial.config import PlacesSection
from spatial.model.land_use import Buildings
from spatial.model.people import People
from spatial.model.places import DAILY_NEEDS, Places
from spatial.model.streets import StreetNetwork
from spatial.model.study_area import StudyArea
from spatial.operations.entrances import places_with_entrances
from spatial.operations.place_gates import gates_as_one
from spatial.operations.same_places import merged_places
from spatial.operations.status import place_statuses
from spatial.schemes import scheme
from spatial.sources.fingerprint import file_source
from spatial.sources.osm import OsmExtract
from spatial.sources.place_tables import read_place_table
from spatial.sources.scheme_tables import read_crosswalk


def study_places(
    work: Work,
    area: StudyArea,
    extract: OsmExtract | None,
    paths: StreetNetwork | None,
    buildings: Buildings | None,
    people: People | None,
) -> Places | None:
    """The places of the study with their entrances; None where it names none, or has no paths that lead to them."""
    sections = work.study.places
    if paths is None or (extract is None and not sections):
        return None
    work.tell("places", 0.6)
    table, said = None, []
    if extract is not None:
        table, said = extract.places, ["OpenStreetMap"]
    for section in sections:
        own = _own_places(work, section, area, paths, buildings)
        if table is None:
            table = own
        else:
            names = (" + ".join(said), section.name or section.file.name)
            table = merged_places(table, own, names=names, ledger=work.ledger)
        said.append(section.name or section.file.name)
    assert table is not None
    gates = extract.place_entrances if extract is not None else _no_gates(area)
    residents = float("nan") if people is None else people.total_residents
    statuses = place_statuses(table, DAILY_NEEDS, residents=residents)
    for section in sections:
        statuses = {category: status.worse(limited(section)) for category, status in statuses.items()}
    return places_with_entrances(table, gates, paths, statuses, ledger=work.ledger)


def _own_places(
    work: Work, section: PlacesSection, area: StudyArea, paths: StreetNetwork, buildings: Buildings | None
) -> gpd.GeoDataFrame:
    crosswalk = (
        scheme(section.crosswalk)
        if isinstance(section.crosswalk, str)
        else read_crosswalk(section.crosswalk, ledger=work.ledger, layer="places")
    )
    found = read_place_table(
        section.file,
        columns=section.columns,
        scheme=crosswalk,
        datum=section.datum,
        crs=area.crs,
        within=area.routed,
        ledger=work.ledger,
        encoding=section.encoding,
        sheet=section.sheet,
        table_crs=None if section.crs is None else CRS.from_user_input(section.crs),
    )
    found = gates_as_one(found, name=section.file.name, ledger=work.ledger)
    work.cite(file_source(section.file, "places", date="", licence="", attribution=""), section.file, section)
    check_datum(work, found, section, layer="places", file_name=section.file.name, paths=paths, buildings=buildings)
    return found


def _no_gates(area: StudyArea) -> gpd.GeoDataFrame:
    return gpd.GeoDataFrame({"osm_id": [], "kind": []}, geometry=[], crs=area.crs)
