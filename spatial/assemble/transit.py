"""Public transport of the study: from a timetable, or from a table of headways."""

from __future__ import annotations

from dataclasses import replace

from spatial.assemble.datums import check_datum
from spatial.assemble.work import Box, Work, limited
from spatial.config import TransitSection
from spatial.model.land_use import Buildings
from spatial.model.streets import StreetNetwork
from spatial.model.study_area import StudyArea
from spatial.model.transit import TransitSupply
from spatial.operations.station_entrances import with_osm_entrances
from spatial.sources.frequency_table import read_frequency_table
from spatial.sources.gtfs import read_gtfs
from spatial.sources.osm import OsmExtract


def study_transit(
    work: Work,
    area: StudyArea,
    box: Box | None,
    extract: OsmExtract | None,
    paths: StreetNetwork | None,
    buildings: Buildings | None,
) -> TransitSupply | None:
    """The supply of the study on its service day; None where it names none."""
    section = work.study.transit
    if section is None:
        return None
    work.tell("transit", 0.7)
    transit = _supply(work, section, area, box, extract)
    if section.frequency_table is not None:
        name = section.frequency_table.name
        check_datum(work, transit.stops, section, layer="transit", file_name=name, paths=paths, buildings=buildings)
    if extract is not None and transit.entrances.empty:
        transit = with_osm_entrances(transit, extract.stops, ledger=work.ledger)
    return replace(transit, status=transit.status.worse(limited(section)))


def _supply(
    work: Work, section: TransitSection, area: StudyArea, box: Box | None, extract: OsmExtract | None
) -> TransitSupply:
    if section.gtfs is not None:
        transit, source = read_gtfs(
            section.gtfs, service_day=section.service_day, crs=area.crs, ledger=work.ledger, box=box
        )
        work.cite(source, section.gtfs, section)
        return transit
    assert section.frequency_table is not None
    transit, source = read_frequency_table(
        section.frequency_table,
        columns=section.columns,
        service_day=section.service_day,
        crs=area.crs,
        ledger=work.ledger,
        datum=section.datum,
        known_stations=None if extract is None else extract.stops,
        encoding=section.encoding,
        sheet=section.sheet,
        box=box,
    )
    work.cite(source, section.frequency_table, section)
    return transit
