"""What a study file says of a layer that the layer's own file does not, or says wrongly."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from pyproj import CRS

from spatial.sources.datum.conversion import Datum

DrawingUnit = Literal["mm", "cm", "m", "km"]


@dataclass(frozen=True)
class ControlPoint:
    """A point known twice: `local` in the drawing, `at` in the layer's declared coordinate system."""

    local: tuple[float, float]
    at: tuple[float, float]


@dataclass(frozen=True)
class Declared:
    """What was declared of a file; nothing by default.

    Parameters
    ----------
    crs : the coordinate system, in place of the file's own.
    datum : what the coordinates are shifted to; map vendors in China use gcj02 or bd09.
    swapped : the file writes northing before easting, or latitude before longitude.
    control_points : for local coordinates, two or more; `crs` then is the system of their `at`.
    encoding : how the letters are written.
    unit : the unit of a drawing.
    cad_layers : the layers of a drawing that are meant, by name or pattern; all when empty.
    """

    crs: CRS | None = None
    datum: Datum = "wgs84"
    swapped: bool = False
    control_points: tuple[ControlPoint, ...] = ()
    encoding: str | None = None
    unit: DrawingUnit | None = None
    cad_layers: tuple[str, ...] = ()


NOTHING = Declared()
