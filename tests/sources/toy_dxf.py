"""Small drawings, made with ezdxf, for the tests of the DXF reader."""

import io
from pathlib import Path
from typing import Any

import ezdxf
import geopandas as gpd
from ezdxf.document import Drawing

from spatial.model.provenance import Ledger
from spatial.parameters import parameter
from spatial.sources.dxf import read_dxf
from spatial.text import render

METRES = 6
CHORD_M = parameter("dxf_chord_m")
AREA = 2 / 3 * CHORD_M * 1.001
"""How far the area of chords is from that of their arc, per metre of arc: two thirds of the farthest distance."""


def square(left: float, bottom: float, size: float) -> list[tuple[float, float]]:
    return [(left, bottom), (left + size, bottom), (left + size, bottom + size), (left, bottom + size)]


def new(version: str = "R2010", units: int = METRES) -> Drawing:
    """An empty drawing; `frame` gives it the extent of a plan."""
    drawing = ezdxf.new(version)
    if version != "R12":
        drawing.units = units
    return drawing


def parcel(drawing: Any, points: Any, layer: str = "0", *, close: bool = True, **given: Any) -> Any:
    plan = drawing.modelspace()
    add = plan.add_polyline2d if drawing.dxfversion == "AC1009" else plan.add_lwpolyline
    return add(points, close=close, dxfattribs={"layer": layer}, **given)


def frame(drawing: Any, size: float = 1000) -> Any:
    """A line across the plan, so that its extent is plausible."""
    return drawing.modelspace().add_line((0, 0), (size, size), dxfattribs={"layer": "frame"})


def saved(drawing: Any, path: Path, encoding: str | None = None) -> Path:
    """The drawing in a file; in another encoding than its version asks for where one is given."""
    stream = io.StringIO()
    drawing.write(stream)
    path.write_bytes(stream.getvalue().encode(encoding or drawing.output_encoding, errors="dxfreplace"))
    return path


def read(path: Path, ledger: Ledger | None = None, **given: Any) -> gpd.GeoDataFrame:
    return read_dxf(path, ledger=Ledger() if ledger is None else ledger, layer="plan", **given)


def polygons(table: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    return table[table.geometry.geom_type.isin(["Polygon", "MultiPolygon"])].reset_index(drop=True)


def one(drawing: Any, tmp_path: Path, ledger: Ledger | None = None, **given: Any) -> gpd.GeoDataFrame:
    """The polygons of a drawing that is as large as a plan."""
    frame(drawing)
    return polygons(read(saved(drawing, tmp_path / "plan.dxf"), ledger, **given))


def said(ledger: Ledger, key: str) -> Any:
    """The one entry of a key, rendered in both languages to see that it can be."""
    found = [entry for entry in ledger.entries if entry.message.key == key]
    assert len(found) == 1, [entry.message.key for entry in ledger.entries]
    assert all(render(found[0].message, language) for language in ("en", "zh"))
    return found[0]


def keys(ledger: Ledger) -> list[str]:
    return [entry.message.key for entry in ledger.entries]
