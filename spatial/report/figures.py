"""Static maps of one result, bare: the page that shows one sets its title and legend in text."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import shapely

from spatial.model.district import District
from spatial.model.results import BASELINE, ResultTable
from spatial.parameters import parameter
from spatial.report.canvas import ASPECT, DPI, EMPTY, NO_VALUE, NOBODY, WATER, draw_zones, framed, png
from spatial.report.classes import Classes, classify
from spatial.report.wording import class_label, nobody_lives, result_title
from spatial.text import lookup

WIDTH_IN = 8.0
HEIGHT_IN = WIDTH_IN / ASPECT


@dataclass(frozen=True)
class ZoneMap:
    """What a map of one result shows.

    `values` : one number a zone in the district's order, NaN where there is none.
    `nobody` : zones without a value because nobody lives there.
    `water` : whether there is any to draw.
    `outside` : zones with a value that lie outside the frame of the figure.
    """

    title: str
    unit: str
    values: npt.NDArray[np.float64]
    nobody: npt.NDArray[np.bool_]
    classes: Classes
    outside: int
    water: bool

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
    rows = rows.set_index("subject").reindex(district.zones.ids)
    values = rows["value"].to_numpy(dtype=float)
    if not np.isfinite(values).any():
        return None
    unit = str(rows["unit"].dropna().iloc[0])
    reasons = rows["reason"].fillna("")
    empty = {reason: nobody_lives(reason) for reason in reasons.unique()}
    nobody = reasons.map(empty).to_numpy(dtype=bool) & np.isnan(values)
    window = shapely.box(*framed(district, parameter("figure_frame_pct")))
    beyond = np.isfinite(values) & ~shapely.intersects(district.zones.table.geometry.to_numpy(), window)
    title = result_title(indicator, item, at, language)
    water = not shapely.is_empty(district.area.water)
    return ZoneMap(title, unit, values, nobody, classify(values, unit=unit), int(beyond.sum()), water)


def map_png(district: District, drawn: ZoneMap) -> bytes:
    """The bare map: zones, streets, water and a scale bar; it holds no words, so it needs no font of any language."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(WIDTH_IN, HEIGHT_IN), dpi=DPI, facecolor="white")
    axes = figure.add_axes((0.0, 0.0, 1.0, 1.0))
    found = np.where(drawn.nobody, NOBODY, drawn.classes.index_of(drawn.values))
    colours = {i: one.colour for i, one in enumerate(drawn.classes.classes)}
    draw_zones(axes, district, found, colours, framed(district, parameter("figure_frame_pct")))
    return png(figure)


def legend_lines(drawn: ZoneMap, language: str) -> tuple[tuple[str, str, int | None], ...]:
    """Each line of a legend: label, colour (`NO_VALUE`: hatched), and how many zones it has (None: not zones)."""
    classes = zip(drawn.classes.classes, drawn.counts, strict=True)
    lines: list[tuple[str, str, int | None]] = [
        (class_label(one, drawn.unit, language), one.colour, count) for one, count in classes
    ]
    nobody = int(drawn.nobody.sum())
    without = int((~np.isfinite(drawn.values)).sum()) - nobody
    if nobody:
        lines.append((lookup("report.legend_nobody", language), EMPTY, nobody))
    if without:
        lines.append((lookup("report.legend_none", language), NO_VALUE, without))
    if drawn.water:
        lines.append((lookup("report.legend_water", language), WATER, None))
    return tuple(lines)
