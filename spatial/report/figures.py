"""Static maps of one result: bare for a page that sets its own legend in text, or labelled to stand alone."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
import shapely

from spatial.errors import InputError
from spatial.model.district import District
from spatial.model.results import BASELINE, ResultTable
from spatial.parameters import parameter
from spatial.report.canvas import ASPECT, DPI, NO_VALUE, WATER, draw_zones, framed, png
from spatial.report.classes import Classes, classify
from spatial.report.files import whole_file
from spatial.report.wording import class_label, legend_unit, licence_lines, result_title
from spatial.text import Message, lookup

if TYPE_CHECKING:
    from matplotlib.figure import Figure
    from matplotlib.font_manager import FontProperties

CHINESE_FONTS = (
    "Noto Sans CJK SC", "Noto Sans SC", "Source Han Sans SC", "Source Han Sans CN", "PingFang SC", "Hiragino Sans GB",
    "Microsoft YaHei", "WenQuanYi Micro Hei", "WenQuanYi Zen Hei", "SimHei", "Heiti SC", "STHeiti", "Noto Serif CJK SC",
    "SimSun", "Noto Sans CJK JP",
)  # fmt: skip
WIDTH_IN, PANEL_IN = 8.0, 3.0
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


def save_map_figure(
    district: District, results: ResultTable, path: Path, *, indicator: str, item: str = "", at: str = "", language: str
) -> None:
    """A PNG that stands alone: the map, and beside it title, legend and attribution.

    Raises
    ------
    InputError : no zone has a value, or Chinese is asked for and no Chinese font is installed.
    """
    font = label_font(language)
    drawn = zone_map(district, results, indicator, item=item, at=at, language=language)
    if drawn is None:
        raise InputError(Message("report.no_values", {"title": result_title(indicator, item, at, language)}))
    picture = png(labelled_figure(district, drawn, language, font))
    with whole_file(path) as beside:
        beside.write_bytes(picture)


def labelled_figure(district: District, drawn: ZoneMap, language: str, font: FontProperties) -> Figure:
    """The map with a panel on its right that never covers it."""
    from matplotlib.figure import Figure
    from matplotlib.patches import Rectangle

    width, height, full = WIDTH_IN, HEIGHT_IN, WIDTH_IN + PANEL_IN
    figure = Figure(figsize=(full, height), dpi=DPI, facecolor="white")
    axes = figure.add_axes((0.0, 0.0, width / full, 1.0))
    draw_zones(axes, district, drawn.values, drawn.classes, framed(district, parameter("figure_frame_pct")))
    x, y, line = (width + 0.2) / full, 1 - 0.3 / height, 0.26 / height

    def write(text: str, size: float, *, indent_in: float = 0.0, weight: str = "normal") -> None:
        nonlocal y
        own = font.copy()
        own.set_weight(weight)
        for row in _wrapped(text, (PANEL_IN - 0.4 - indent_in) * 72 / size):
            figure.text(x + indent_in / full, y, row, fontproperties=own, fontsize=size, va="top", color="#222222")
            y -= line * size / 11
        y -= line * 0.25

    write(drawn.title, 13, weight="bold")
    if legend_unit(drawn.unit, language):
        write(legend_unit(drawn.unit, language), 10)
    for label, colour, _ in legend_lines(drawn, language):
        corner = (x, y - 0.17 / height)
        figure.add_artist(
            Rectangle(corner, 0.26 / full, 0.17 / height, facecolor=colour, edgecolor="#666666", linewidth=0.5)
        )
        write(label, 10, indent_in=0.36)
    y -= line * 0.5
    for text in (district.area.name, *licence_lines(district.sources, language)):
        write(text, 6.5)
    return figure


def label_font(language: str) -> FontProperties:
    """The font of labels: matplotlib's own for English, an installed Chinese one for Chinese, else `InputError`."""
    from matplotlib import font_manager

    if language != "zh":
        return font_manager.FontProperties(family="DejaVu Sans")
    installed = {entry.name for entry in font_manager.fontManager.ttflist}
    for name in CHINESE_FONTS:
        if name in installed:
            return font_manager.FontProperties(family=name)
    raise InputError(Message("report.no_font"))


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


def _wrapped(text: str, ems: float) -> list[str]:
    """Lines of at most `ems` widths of a letter m: a Chinese character counts one, any other six tenths."""
    lines, row, used = [], "", 0.0
    for piece in _words(text):
        word = piece if row else piece.lstrip()
        size = sum(1.0 if ord(letter) > 0x2E7F else 0.6 for letter in word)
        if row and used + size > ems:
            lines.append(row.rstrip())
            row, used = "", 0.0
        row, used = row + word, used + size
    return [*lines, row.rstrip()] if row.strip() else lines


def _words(text: str) -> list[str]:
    """Pieces that a line may break after: words with their space, and single Chinese characters."""
    import re

    return re.findall(r"[^\s\u2e80-\uffef/]+[/\s]*|[\u2e80-\uffef]|[/\s]+", text)
