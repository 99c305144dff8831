"""Static maps of one result, bare: the page that shows one sets its title and legend in text."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import shapely

from spatial.model.district import District
from spatial.model.results import BASELINE, ResultTable
from spatial.parameters import parameter
from spatial.report.canvas import ASPECT, DPI, NO_VALUE, WATER, draw_zones, framed, png
from spatial.report.classes import Classes, classify
from spatial.report.wording import class_label, result_title
from spatial.text import lookup

WIDTH_IN = 8.0
HEIGHT_IN = WIDTH_IN / ASPECT


@dataclass(frozen=True)
class ZoneMap:
    """What a map of one result shows.

    `values` : one number a zone in the district's order, NaN where there is none.
    `outside` : zones with a value that lie outside the frame of the figure.
    """

    title: str
    unit: str
    values: npt.NDArray[np.float64]
    classes: Classes
    outside: int

    @property
    def counts(self) -> tuple[int, ...]:
        """Zones in each class."""
        found = self.classes.index_of(self.values)
        return tuple(int((found == i).sum()) for i in range(len(self.classes)))


def zone_map(
    district: District, results: ResultTable, indicator: str, *, item: str = "", at: str = "", language: str
) -> ZoneMap | None:
    """The map of one result; None where no zone has a value."""
    rows = results.table
    keys = {"indicator": indicator, "item": item, "at": at, "subject_kind": "zone", "scenario": BASELINE}
    for name, wanted in keys.items():
        rows = rows[rows[name] == wanted]
    values = rows.set_index("subject")["value"].reindex(district.zones.ids).to_numpy(dtype=float).round(9)
    if not np.isfinite(values).any():
        return None
    unit = str(rows["unit"].iloc[0])
    window = shapely.box(*framed(district, parameter("figure_frame_pct")))
    beyond = np.isfinite(values) & ~shapely.intersects(district.zones.table.geometry.to_numpy(), window)
    title = result_title(indicator, item, at, language)
    return ZoneMap(title, unit, values, classify(values, unit=unit), int(beyond.sum()))


def map_png(district: District, drawn: ZoneMap) -> bytes:
    """The bare map: zones, streets, water and a scale bar; it holds no words, so it needs no font of any language."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(WIDTH_IN, HEIGHT_IN), dpi=DPI, facecolor="white")
    axes = figure.add_axes((0.0, 0.0, 1.0, 1.0))
    draw_zones(axes, district, drawn.values, drawn.classes, framed(district, parameter("figure_frame_pct")))
    return png(figure)


def legend_lines(drawn: ZoneMap, language: str) -> tuple[tuple[str, str, int | None], ...]:
    """Each line of a legend: label, colour, and how many zones it stands for (None: not zones)."""
    classes = zip(drawn.classes.classes, drawn.counts, strict=True)
    lines: list[tuple[str, str, int | None]] = [
        (class_label(one, drawn.unit, language), one.colour, count) for one, count in classes
    ]
    without = int((~np.isfinite(drawn.values)).sum())
    if without:
        lines.append((lookup("report.legend_none", language), NO_VALUE, without))
    return (*lines, (lookup("report.legend_water", language), WATER, None))
