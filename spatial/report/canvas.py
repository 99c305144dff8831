"""Drawing zones, streets and water with matplotlib, without its global state."""

from __future__ import annotations

import io
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import shapely

from spatial.model.district import District
from spatial.report.classes import nice

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure
    from matplotlib.path import Path as Outline

Frame = tuple[float, float, float, float]
LAND, WATER, STREET, INK = "#f8f7f3", "#d3e1e8", "#7d7d7d", "#333333"
EMPTY, NO_VALUE, HATCH = "#efece5", "#f4f4f4", "#b3b3b3"
NOBODY = -2  # the class of zones where nobody lives; −1 is that of other zones without a value
DPI = 200
ASPECT = 4 / 3


def draw_zones(
    axes: Axes, district: District, found: npt.NDArray[np.int64], colours: Mapping[int, str], frame: Frame
) -> None:
    """Land, water, zones in the colours of the classes they are `found` in, streets, boundary and scale bar."""
    from matplotlib.patches import PathPatch

    window = shapely.box(*frame)
    zones = district.zones.table.geometry.to_numpy()
    seen = shapely.intersects(zones, window)

    def fill(shapes: npt.NDArray[np.object_], layer: float, **look: Any) -> None:
        outline = _outline(shapes)
        if outline is not None:
            axes.add_artist(PathPatch(outline, zorder=layer, **look))  # add_patch would measure every curve

    fill(np.array([district.area.boundary]), 0, facecolor=LAND, edgecolor="none")
    fill(np.array([shapely.clip_by_rect(district.area.water, *frame)]), 1, facecolor=WATER, edgecolor="none")
    fill(zones[seen & (found == -1)], 2, facecolor=NO_VALUE, edgecolor=HATCH, linewidth=0, hatch="////")
    for i, colour in {NOBODY: EMPTY, **colours}.items():
        fill(zones[seen & (found == i)], 3, facecolor=colour, edgecolor="white", linewidth=0.25)
    _draw_streets(axes, district, window)
    fill(np.array([district.area.boundary]), 5, facecolor="none", edgecolor=INK, linewidth=0.8)
    axes.set_xlim(frame[0], frame[2])
    axes.set_ylim(frame[1], frame[3])
    axes.set_aspect("equal")
    axes.set_axis_off()
    _draw_scale_bar(axes, frame)


def framed(district: District, share_pct: float) -> Frame:
    """The box around the middle `share_pct` of residents, east–west and north–south, as wide as `ASPECT` asks.

    The box of all zones where residents are unknown.
    """
    zones = district.zones.table.geometry
    west, south, east, north = zones.total_bounds
    people = district.people
    if people is not None and np.nansum(people.residents) > 0:
        tail = (1 - share_pct / 100) / 2
        size = float(np.sqrt(np.median(zones.area)))
        x0, x1 = _weighted_range(people.x, people.residents, tail)
        y0, y1 = _weighted_range(people.y, people.residents, tail)
        west, east = max(west, x0 - size), min(east, x1 + size)
        south, north = max(south, y0 - size), min(north, y1 + size)
    half_x, half_y = 0.53 * (east - west), 0.53 * (north - south)
    half_x, half_y = max(half_x, half_y * ASPECT), max(half_y, half_x / ASPECT)
    x, y = (west + east) / 2, (south + north) / 2
    return (x - half_x, y - half_y, x + half_x, y + half_y)


def png(figure: Figure) -> bytes:
    """The figure as a PNG of at most 256 colours, without a date: the same figure gives the same bytes."""
    from PIL import Image

    drawn, written = io.BytesIO(), io.BytesIO()
    figure.savefig(drawn, format="rgba", dpi=DPI)
    width, height = (round(inches * DPI) for inches in figure.get_size_inches())
    image = Image.frombytes("RGBA", (width, height), drawn.getvalue()).convert("RGB")
    image.quantize(colors=256, dither=Image.Dither.NONE).save(written, format="PNG")
    return written.getvalue()


def _draw_streets(axes: Axes, district: District, window: shapely.Geometry) -> None:
    from matplotlib.collections import LineCollection

    network = district.streets or district.paths
    if network is None:
        return
    edges: gpd.GeoDataFrame = network.edges
    if network.representation == "paths":
        edges = edges[edges["drive"] != 0]
    lines = edges.geometry.to_numpy()
    lines = lines[shapely.intersects(lines, window)]
    points, owner = shapely.get_coordinates(lines, return_index=True)
    segments = np.split(points, np.flatnonzero(np.diff(owner)) + 1) if len(points) else []
    width = 0.45 if len(segments) < 5000 else 0.25
    axes.add_collection(LineCollection(segments, colors=STREET, linewidths=width, alpha=0.55, zorder=4))


def _draw_scale_bar(axes: Axes, frame: Frame) -> None:
    """A bar of a round length near a fifth of the width, with a white casing."""
    west, south, east, north = frame
    length = nice((east - west) / 5, (1.0, 2.0, 5.0, 10.0))
    x, y = west + 0.03 * (east - west), south + 0.035 * (north - south)
    label = f"{length / 1000:g} km" if length >= 1000 else f"{length:g} m"
    axes.plot([x, x + length], [y, y], color="white", linewidth=5, solid_capstyle="butt", zorder=8)
    axes.plot([x, x + length], [y, y], color=INK, linewidth=2, solid_capstyle="butt", zorder=9)
    text = axes.annotate(
        label, (x + length / 2, y), xytext=(0, 4), textcoords="offset points", ha="center", va="bottom",
        fontsize=8, color=INK, zorder=9, fontfamily="DejaVu Sans",
    )  # fmt: skip
    text.set_bbox({"facecolor": "white", "edgecolor": "none", "alpha": 0.75, "pad": 1.5})


def _outline(shapes: npt.NDArray[np.object_]) -> Outline | None:
    """All polygons as one path; holes run the other way round, so they stay open."""
    from matplotlib.path import Path as Outline

    parts = shapely.get_parts(shapes)
    parts = shapely.normalize(parts[shapely.get_type_id(parts) == shapely.GeometryType.POLYGON])
    rings = shapely.get_rings(parts)
    if not len(rings):
        return None
    points, ring = shapely.get_coordinates(rings, return_index=True)
    codes = np.full(len(points), Outline.LINETO, dtype=Outline.code_type)
    starts = np.flatnonzero(np.diff(ring, prepend=-1))
    codes[starts] = Outline.MOVETO
    codes[np.append(starts[1:], len(points)) - 1] = Outline.CLOSEPOLY
    return Outline(points, codes)


def _weighted_range(
    position: npt.NDArray[np.float64], weight: npt.NDArray[np.float64], tail: float
) -> tuple[float, float]:
    """The positions that leave `tail` of the weight on either side."""
    order = np.argsort(position, kind="stable")
    share = np.cumsum(np.nan_to_num(weight[order]))
    low, high = np.searchsorted(share, (tail * share[-1], (1 - tail) * share[-1]))
    return float(position[order[low]]), float(position[order[min(high, len(order) - 1)]])
