"""The sections about data. What a key means stands in the string under it."""

from __future__ import annotations

from typing import Annotated, Literal, TypeAlias

from pydantic import Field, model_validator

from spatial.config.files import PlainTable, TableFile, VectorFile
from spatial.config.section import Section, Sourced, together
from spatial.config.values import (
    Address,
    AnyCrs,
    Box,
    DataFile,
    Day,
    Node,
    Period,
    Positive,
    Relation,
    SchemeName,
    Words,
    refuse,
)


class OsmSection(Sourced):
    """[osm]: OpenStreetMap, from a file or fetched once; its licence is known and need not be given."""

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


class TransitSection(TableFile):
    """[transit]: a timetable, or a table of headways, and the day that is measured."""

    gtfs: DataFile | None = None
    """A GTFS feed, zipped …"""
    frequency_table: DataFile | None = None
    """… or, where there is none, a table of lines, stops and headways."""
    service_day: Day
    """An ordinary weekday within the feed, or that the table is of."""

    @model_validator(mode="after")
    def _one_origin(self) -> TransitSection:
        if (self.gtfs is None) == (self.frequency_table is None):
            refuse("transit_origin", {})
        for key in ("columns", "sheet", "encoding"):
            if getattr(self, key) and self.frequency_table is None:
                refuse("needs_key", {"key": key, "other": "frequency_table"})
        if self.datum != "wgs84" and self.frequency_table is None:
            refuse("needs_key", {"key": "datum", "other": "frequency_table"})
        return self


class StreetsSection(VectorFile):
    """[streets]: streets from a file of lines, in place of OpenStreetMap's."""

    highway_column: str | None = None
    """The column with the kind of street, in OpenStreetMap's words; all may be walked and driven when not given."""
    oneway_column: str | None = None
    """The column that says whether a street may be driven one way only."""
    name_column: str | None = None
    """The column with the names of streets."""


class PlacesSection(TableFile):
    """[[places]]: places from a table of the planner's own, joined with OpenStreetMap's."""

    file: DataFile
    """CSV or .xlsx, one place a row."""
    crosswalk: SchemeName
    """What its codes mean: "amap", "baidu", or a table of one's own with columns code and category."""
    crs: AnyCrs | None = None
    """The system of its columns x and y, where it has these instead of lon and lat."""


class LandUseFields(Section):
    """fields of [[land_use]]: what the file calls the things that are read."""

    code: Words
    """The class code ("用地代码"); in a drawing also text or cad_layer."""
    name: str | None = None
    """The name of the class ("用地性质"): where it disagrees with the code it decides, and the report names both."""
    far: str | None = None
    """Floor area ratio ("容积率")."""
    coverage: str | None = None
    """Share of the parcel that is built over, in per cent ("建筑密度")."""


class LandUseSection(VectorFile):
    """[[land_use]]: a plan or map of land use; where several overlap the first one counts."""

    scheme: Annotated[tuple[SchemeName, ...], Field(min_length=1)]
    """The class schemes that its codes are of, a plan may mix two; or tables of one's own."""
    fields: LandUseFields
    """What the file calls its fields."""
    mixed: Literal["equal", "first"] = "equal"
    """A mixed code without shares (B1/B2) is split equally, or counts as its first."""


class ControlLineSection(VectorFile):
    """[[control_lines]]: a line that growth is to respect."""

    role: Literal["growth_boundary", "ecological_redline", "basic_farmland"]
    """What the line is for."""
    legal: bool
    """False for a stand-in that nobody has adopted: every output then says so."""


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


class ZonePeople(VectorFile):
    """[people] method = "zones": residents, and jobs, per polygon."""

    method: Literal["zones"]
    """Residents, and jobs, per polygon of a file."""
    residents_column: Words
    """The column with residents."""
    jobs_column: str | None = None
    """The column with jobs, where there is one."""


class FloorSpacePeople(PlainTable):
    """[people] method = "floor_space": residents and jobs from the floor space that a plan allows."""

    method: Literal["floor_space"]
    """Floor area ratio × land of each use, by a declared table of m² per resident and per job: an estimate."""
    table: DataFile
    """CSV or .xlsx: use, quantity, low, central, high, unit, source."""


PeopleSection: TypeAlias = Annotated[
    SettlementPeople | RasterPeople | ZonePeople | FloorSpacePeople, Field(discriminator="method")
]


class CoverYear(Section):
    """One of land_cover: a raster and its year."""

    year: Annotated[int, Field(ge=1800, le=2200)]
    """The year that it shows."""
    file: DataFile
    """A GeoTIFF of land-cover classes."""


class GrowthSection(Sourced):
    """[growth]: built-up land by year; the boundary that it was to stay inside is one of [[control_lines]]."""

    first_built: DataFile | None = None
    """A raster with the year in which each cell was first built up …"""
    land_cover: tuple[CoverYear, ...] = ()
    """… or land cover of two years or more, on one grid …"""
    scheme: SchemeName | None = None
    """… in this class scheme ("clcd", "worldcover", "globeland30")."""
    nodata: float | None = None
    """The value that means "never built", or "not known" in land cover, when the file does not say."""
    observed_until: Annotated[int, Field(ge=1800, le=2200)] | None = None
    """The last year that was observed; later years of first_built are projections and are left out."""

    @model_validator(mode="after")
    def _one_origin(self) -> GrowthSection:
        if (self.first_built is None) == (not self.land_cover):
            refuse("growth_origin", {})
        for key, other in (("first_built", "observed_until"), ("land_cover", "scheme")):
            together(getattr(self, key) or None, getattr(self, other), key, other)
        return self
