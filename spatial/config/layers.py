"""The sections about data. What a key means stands in the string under it."""

from __future__ import annotations

from typing import Annotated, Literal, TypeAlias

from pydantic import Field, model_validator

from spatial.config.section import Section, Sourced, together
from spatial.config.values import Address, Box, DataFile, Day, Node, Period, Positive, Relation, Words, refuse


class OsmSection(Section):
    """[osm]: OpenStreetMap, from a file or fetched once."""

    file: DataFile | None = None
    """An extract, .osm.pbf or the .osm file that a fetch has saved."""
    date: Period = ""
    """The day of the extract, used when the file itself does not say."""
    extent: Box | None = None
    """West, south, east, north of the box that the extract was cut with, where the file itself does not say."""
    online: bool = False
    """Fetch everything in the box from an Overpass server and save it, dated, beside the study file."""
    endpoint: Address | None = None
    """Address of the Overpass server."""

    @model_validator(mode="after")
    def _one_origin(self) -> OsmSection:
        if (self.file is None) != self.online:
            refuse("osm_origin", {})
        if self.endpoint and not self.online:
            refuse("needs_key", {"key": "endpoint", "other": "online = true"})
        return self


class TransitSection(Sourced):
    """[transit]: a timetable and the day that is measured."""

    gtfs: DataFile
    """A GTFS feed, zipped."""
    service_day: Day
    """An ordinary weekday within the feed."""


class Settlement(Section):
    """[[people.settlements]]: one town whose total is known."""

    name: Words
    """The name of the town, for messages."""
    node: Node | None = None
    """The OpenStreetMap node whose `population` is the total …"""
    residents: Positive | None = None
    """… or the total itself …"""
    source: Words | None = None
    """… and where it is published."""
    boundary: Relation
    """The OpenStreetMap boundary whose homes share it; a town inside another's boundary is taken out of that."""

    @model_validator(mode="after")
    def _one_total(self) -> Settlement:
        if (self.node is None) == (self.residents is None):
            refuse("settlement_total", {})
        together(self.residents, self.source, "residents", "source")
        return self


class SettlementPeople(Section):
    """[people] method = "settlements": totals of towns split over their homes."""

    method: Literal["settlements"]
    """Totals of towns, split over the homes inside their boundaries: an estimate."""
    settlements: Annotated[tuple[Settlement, ...], Field(min_length=1)]
    """The towns."""
    date: Period = ""
    """When the totals were counted; unknown when not given."""

    @model_validator(mode="after")
    def _counted_once(self) -> SettlementPeople:
        for key in ("node", "boundary"):
            given = [getattr(town, key) for town in self.settlements if getattr(town, key) is not None]
            doubled = tuple(item for item in dict.fromkeys(given) if given.count(item) > 1)
            if doubled:
                refuse("doubled", {"given": doubled})
        return self


class RasterPeople(Sourced):
    """[people] method = "raster": residents per cell."""

    method: Literal["raster"]
    """Residents per cell of a raster."""
    file: DataFile
    """A GeoTIFF with its coordinate system."""
    nodata: float | None = None
    """The value that means "not known", when the file does not say."""


class ZonePeople(Sourced):
    """[people] method = "zones": residents, and jobs, per polygon."""

    method: Literal["zones"]
    """Residents, and jobs, per polygon of a file."""
    file: DataFile
    """GeoPackage, GeoJSON or Shapefile."""
    layer: str | None = None
    """The layer of that file, where it has several."""
    residents_column: Words
    """The column with residents."""
    jobs_column: str | None = None
    """The column with jobs, where there is one."""


PeopleSection: TypeAlias = Annotated[SettlementPeople | RasterPeople | ZonePeople, Field(discriminator="method")]


class GrowthSection(Sourced):
    """[growth]: built-up land by year, and the boundary it was to stay inside."""

    first_built: DataFile
    """A raster with the year in which each cell was first built up."""
    nodata: float | None = None
    """The value that means "never built", when the file does not say."""
    observed_until: Annotated[int, Field(ge=1800, le=2200)]
    """The last year that was observed; later years of the raster are projections and are left out."""
    boundary: DataFile
    """A polygon file with the growth boundary."""
    boundary_layer: str | None = None
    """The layer of that file, where it has several."""
    boundary_legal: bool
    """False for a stand-in that nobody has adopted: every output then says so."""
    boundary_name: str = ""
    """As `name`, for the boundary."""
    boundary_date: Period = ""
    """As `date`, for the boundary."""
    boundary_licence: str = ""
    """As `licence`, for the boundary."""
    boundary_attribution: str = ""
    """As `attribution`, for the boundary."""
