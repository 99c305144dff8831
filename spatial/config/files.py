"""What a study file may say of a layer's file: where its coordinates are, and how its letters are written."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, Literal

from pydantic import AfterValidator, BeforeValidator, Field, model_validator

from spatial.config.section import Section, Sourced
from spatial.config.values import AnyCrs, DataFile, Once, Words, refuse

if TYPE_CHECKING:
    from spatial.sources.vectors import Declared

Datum = Literal["wgs84", "cgcs2000", "gcj02", "bd09"]
Pair = tuple[float, float]


class ControlPointSection(Section):
    """One of control_points: a point of a drawing whose place is known."""

    local: Pair
    """x and y in the drawing, in metres."""
    at: Pair
    """x and y, or longitude and latitude, in the system that `crs` names."""


def _two_or_more(points: tuple[ControlPointSection, ...]) -> tuple[ControlPointSection, ...]:
    if len(points) == 1:
        refuse("one_control_point", {})
    return points


class VectorFile(Sourced):
    """A layer of features: GeoPackage, GeoJSON, Shapefile, Parquet, KML, DXF, or a zip of one of these."""

    file: DataFile
    """The file."""
    layer: str | None = None
    """The layer of that file, where it has several."""
    cad_layers: Annotated[tuple[Words, ...], Once] = ()
    """The layers of a drawing (DXF) that are meant, by name or pattern ("YD-*"); all when not given."""
    unit: Literal["mm", "cm", "m", "km"] | None = None
    """The unit of a drawing, where the drawing says none, or a wrong one."""
    crs: AnyCrs | None = None
    """The coordinate system, where the file says none, or a wrong one."""
    datum: Datum = "wgs84"
    """gcj02 or bd09 for layers of Chinese map vendors, which are shifted by hundreds of metres."""
    swapped: bool = False
    """The file writes northing before easting, or latitude before longitude."""
    control_points: Annotated[tuple[ControlPointSection, ...], AfterValidator(_two_or_more)] = ()
    """For local coordinates: two or more points known in both systems, better three."""
    encoding: str | None = None
    """How the letters are written ("gb18030"), where the file does not say and they come out wrong."""

    @model_validator(mode="after")
    def _points_in_a_system(self) -> VectorFile:
        if self.control_points and self.crs is None:
            refuse("needs_key", {"key": "control_points", "other": "crs"})
        return self

    @property
    def declared(self) -> Declared:
        """The same as the readers of files take it."""
        from pyproj import CRS

        from spatial.sources.vectors import ControlPoint, Declared

        return Declared(
            crs=None if self.crs is None else CRS.from_user_input(self.crs),
            datum=self.datum,
            swapped=self.swapped,
            control_points=tuple(ControlPoint(point.local, point.at) for point in self.control_points),
            encoding=self.encoding,
            unit=self.unit,
            cad_layers=self.cad_layers,
        )


class PlainTable(Sourced):
    """A table: CSV or .xlsx."""

    sheet: str | None = None
    """The sheet of a workbook that has several."""
    columns: dict[str, Words] = Field(default_factory=dict)
    """What the table calls each column that is read: { lon = "经度", lat = "纬度" }."""
    encoding: str | None = None
    """How the letters of a CSV file are written, where they come out wrong."""


class TableFile(PlainTable):
    """A table of places."""

    datum: Datum = "wgs84"
    """gcj02 or bd09 for places of Chinese map vendors, which are shifted by hundreds of metres."""


def _as_section(given: Any) -> Any:
    return {"file": given} if isinstance(given, str) else given


FileOrSection = BeforeValidator(_as_section)
"""A file's path alone stands for a section with nothing but that file."""
