"""The sections about the study and its place. What a key means stands in the string under it."""

from __future__ import annotations

from typing import Annotated, Literal, TypeAlias

from pydantic import Field, model_validator

from spatial.config.files import FileOrSection, VectorFile
from spatial.config.said import InBoth, Said
from spatial.config.section import Section, together
from spatial.config.values import Box, Crs, Once, Positive, Relation, Words, refuse
from spatial.parameters import parameter


class StorySection(Said):
    """[[study.story]]: one thing that is known already."""

    source: str = ""
    """Where it is published."""


class TitleSection(Section):
    """[study]: what the study is called and in which language it speaks."""

    name: Words
    """The name of the place or plan, shown to readers."""
    language: Literal["en", "zh"] = "en"
    """Language of the map, the report and all messages."""
    question: InBoth | None = None
    """The question that the study is to answer, shown at the top of the report: words, or { en = …, zh = … }."""
    story: tuple[StorySection, ...] = ()
    """What is known already, shown below the question."""

    @model_validator(mode="after")
    def _story_of_a_question(self) -> TitleSection:
        if self.story and self.question is None:
            refuse("needs_key", {"key": "story", "other": "question"})
        return self


class ContextSection(Section):
    """[context]: what kind of place it is; standards and comparisons depend on it."""

    kind: Literal["station_area", "district", "city", "region"]
    """How large the place is."""
    state: Literal["existing", "plan"] = "existing"
    """Whether the data show what stands, or what is planned."""
    main_use: Literal["housing", "work", "mixed"] | None = None
    """What most of the land is for."""
    country: Annotated[str, Field(min_length=2, max_length=2)] | None = None
    """Two letters of ISO 3166: "IS", "CN"."""
    city_size: Annotated[int, Field(gt=0)] | None = None
    """Residents of the whole city that the place belongs to."""


class AreaBoundary(VectorFile):
    """[area] boundary = { file = …, … }: a polygon file of the planner's own."""

    id_column: str | None = None
    """The column that names the polygons of that file …"""
    id: str | None = None
    """… and the one that is meant."""

    @model_validator(mode="after")
    def _one_polygon(self) -> AreaBoundary:
        together(self.id, self.id_column, "id", "id_column")
        return self


class AreaSection(Section):
    """[area]: the boundary, from a file, from OpenStreetMap, or a box."""

    boundary: Annotated[AreaBoundary, FileOrSection] | None = None
    """A polygon file, or { file = …, name = …, crs = …, … }."""
    osm_boundaries: Annotated[tuple[Relation, ...], Once] = ()
    """Administrative boundaries in the OpenStreetMap file, put together."""
    box: Box | None = None
    """West, south, east, north in degrees: what is read; the boundary itself, when nothing else gives one."""
    buffer_m: Annotated[float, Field(ge=0)] = parameter("area_buffer_m")
    """Routes may use streets up to this far outside the boundary."""
    crs: Crs | None = None
    """Projected system in metres; chosen, and said, when not given."""

    @model_validator(mode="after")
    def _one_boundary(self) -> AreaSection:
        if self.boundary and self.osm_boundaries:
            refuse("two_boundaries", {})
        if not (self.boundary or self.osm_boundaries or self.box):
            refuse("no_boundary", {})
        return self


class GridZones(Section):
    """[zones] kind = "grid": squares."""

    kind: Literal["grid"]
    """Squares over the land of the area."""
    size_m: Positive
    """Side of a square."""
    names: Annotated[tuple[int, ...], Once] = ()
    """Levels of OpenStreetMap boundaries that zones take their names from, finest first."""


class HexagonZones(Section):
    """[zones] kind = "hexagons": H3 cells."""

    kind: Literal["hexagons"]
    """H3 hexagons over the land of the area."""
    resolution: Annotated[int, Field(ge=5, le=12)]
    """8: about 0.7 km² each, 9: about 0.1 km²."""
    names: Annotated[tuple[int, ...], Once] = ()
    """Levels of OpenStreetMap boundaries that zones take their names from, finest first."""


class PolygonZones(VectorFile):
    """[zones] kind = "polygons": the planner's own zones."""

    kind: Literal["polygons"]
    """Polygons from a file."""
    id_column: Words
    """The column that names each zone; no name twice."""
    name_column: str | None = None
    """The column that readers see; the ids when not given."""


ZonesSection: TypeAlias = Annotated[GridZones | HexagonZones | PolygonZones, Field(discriminator="kind")]
