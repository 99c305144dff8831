"""The detailed plan of 60 ha around the eastern station, as a DXF in local coordinates and GBK."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path
from typing import NamedTuple

import ezdxf
import numpy as np
from ezdxf import options
from ezdxf.document import Drawing
from ezdxf.enums import TextEntityAlignment

from generator.layout import E4, E5, E6, M3, S1, S2
from generator.place import DISTRICT, FICTIONAL, to_ground

# local = turned by TURN_DEG about ORIGIN; not scaled
TURN_DEG = 12.0
ORIGIN = np.array([504_790.0, 3_653_780.0])
CONTROL_LOCAL = [(250.0, 100.0), (1010.0, 120.0), (240.0, 940.0)]
CORNER_RADIUS_M = 12.0
PLAZA_RADIUS_M = 40.0
PARK_BLOCK = "街角公园"
HOUSE_BLOCK = "住宅楼"
PARK_SIZE = (58.0, 26.0)
LAYERS = {
    "用地-居住": 2, "用地-商业": 1, "用地-公共服务": 6, "用地-绿地": 3, "用地-交通": 8,
    "用地-公用设施": 5, "用地-混合": 30,
    "道路中线": 9, "红线": 1, "文字": 7, "容积率": 4, "建筑": 253, "填充": 92, "图名": 7, "图框": 7,
}  # fmt: skip
WEST_EAST = [(E4 + 12, E5 - 18), (E5 + 18, E6 - 15)]
NORTH_SOUTH = [(S2 + 12, M3 - 25), (S1 + 15, S2 - 12)]
STREET_M = 16.0
SPLINE_STREET = 3

# Codes and floor area ratios from north to south, west to east; "=" goes with its left neighbour, "A+B" splits a block.
# * has a small park, # is hatched by a pattern, ! is a fill without an outline.
PLAN = [
    ["B1 3.0", "B1/B2 4.0", "B2 4.5", "B1/B2 5.0", "B2 4.0", "R2B1 3.2"],
    ["R2* 2.4", "R2/B1 7:3 3.0", "G3 0", "G1 0", "R2B1 3.0", "R2 2.6"],
    ["R2 2.4", "R2* 2.6", "G1# 0", "G1# 0", "A33 0.9", "="],
    ["A33 0.9", "=", "R2B1 2.8", "A22 1.5", "R2 2.4", "R2 2.2"],
    ["R2 2.2", "R2 2.2", "G1 0", "G1 0", "R2* 2.2", "U12 0.6+S42 0.3"],
    ["R2 2.0", "R2* 2.0", "A51 1.5+R2 2.2", "R2 2.2", "R2 2.0", "G1! 0"],
]


class PlanParcel(NamedTuple):
    """A parcel of the detailed plan: corners x, y, bulge in local metres, anticlockwise, and how it is drawn."""

    code: str
    far: float
    layer: str
    entity: str  # LWPOLYLINE, HATCH (no outline), INSERT (of a block)
    corners: np.ndarray
    label: tuple[float, float]
    filled: bool = False  # has a hatch too


def to_local(ground: np.ndarray) -> np.ndarray:
    """EPSG:4547 in the drawing's own coordinates."""
    return (np.asarray(ground) - ORIGIN) @ _turn()


def from_local(local: np.ndarray) -> np.ndarray:
    """The drawing's own coordinates in EPSG:4547."""
    return np.asarray(local) @ _turn().T + ORIGIN


def _turn() -> np.ndarray:
    turn = np.radians(TURN_DEG)
    return np.array([[np.cos(turn), -np.sin(turn)], [np.sin(turn), np.cos(turn)]])


def arc_area_m2(corners: np.ndarray) -> float:
    """Area of a closed polyline with bulges: its chords' area and the segments of circle beside them."""
    xy, bulge = corners[:, :2], corners[:, 2]
    after = np.roll(xy, -1, axis=0)
    area = 0.5 * float(np.sum(xy[:, 0] * after[:, 1] - after[:, 0] * xy[:, 1]))
    chord = np.hypot(*(after - xy).T)
    angle = 4 * np.arctan(bulge)
    with np.errstate(divide="ignore", invalid="ignore"):
        radius = np.where(bulge == 0, 0.0, chord / (2 * np.sin(angle / 2)))
    return area + float(np.sum(radius**2 * (angle - np.sin(angle)) / 2))


def make_plan() -> list[PlanParcel]:
    """All parcels of the plan, from the north-west."""
    columns, rows = _bands(WEST_EAST), _bands(NORTH_SOUTH[::-1])[::-1]
    parcels: list[PlanParcel] = []
    for row, line in enumerate(PLAN):
        for column, said in enumerate(line):
            if said == "=":
                continue
            wide = column + 1 < len(line) and line[column + 1] == "="
            x0, x1 = columns[column][0], columns[column + wide][1]
            y0, y1 = rows[row]
            parts = said.split("+")
            for n, part in enumerate(parts):
                low = x0 + (x1 - x0) * n / len(parts)
                high = x0 + (x1 - x0) * (n + 1) / len(parts)
                parcels += _block_parcels(
                    part, (low, y0, high, y1), rounded=len(parts) == 1 and (row + column) % 3 == 0
                )
    return parcels


def _bands(spans: list[tuple[float, float]]) -> list[tuple[float, float]]:
    """Three blocks and two streets in each span."""
    bands = []
    for low, high in spans:
        size = (high - low - 2 * STREET_M) / 3
        bands += [(low + n * (size + STREET_M), low + n * (size + STREET_M) + size) for n in range(3)]
    return bands


def _block_parcels(said: str, frame: tuple[float, float, float, float], *, rounded: bool) -> list[PlanParcel]:
    """One parcel; with "*" a small park from the block library and a shop beside it take the block's northern edge."""
    code, _, far = said.rpartition(" ")
    mark = code[-1] if code[-1] in "*#!" else ""
    code = code.rstrip("*#!")
    x0, y0, x1, y1 = frame
    if code == "G3":
        return [_plaza(frame, float(far))]
    found = []
    if mark == "*":
        found = [_small_park((x0, y1 - 34, x1, y1)), _quad("B1", 1.5, (x0 + 74, y1 - 32, x1, y1), rounded=False)]
        y1 -= 40
    parcel = _quad(code, float(far), (x0, y0, x1, y1), rounded=rounded)
    return [parcel._replace(entity="HATCH" if mark == "!" else "LWPOLYLINE", filled=mark == "#"), *found]


def _quad(code: str, far: float, frame: tuple[float, float, float, float], *, rounded: bool) -> PlanParcel:
    x0, y0, x1, y1 = frame
    local = to_local(to_ground([(x0, y0), (x1, y0), (x1, y1), (x0, y1)]))
    corners = _rounded(local, CORNER_RADIUS_M) if rounded else np.column_stack([local, np.zeros(4)])
    middle = local.mean(axis=0)
    return PlanParcel(
        code, far, _layer(code), "LWPOLYLINE", _exact(corners), (round(middle[0], 3), round(middle[1], 3))
    )


def _exact(corners: np.ndarray) -> np.ndarray:
    """Millimetres, as the drawing has them."""
    return np.column_stack([np.round(corners[:, :2], 3), np.round(corners[:, 2], 9)])


def _rounded(corners: np.ndarray, radius: float) -> np.ndarray:
    """A convex polygon, anticlockwise, with an arc at each corner."""
    before, after = np.roll(corners, 1, axis=0) - corners, np.roll(corners, -1, axis=0) - corners
    before /= np.hypot(*before.T)[:, None]
    after /= np.hypot(*after.T)[:, None]
    inner = np.arccos(np.clip(np.sum(before * after, axis=1), -1, 1))
    tangent = radius / np.tan(inner / 2)
    bulge = np.tan((np.pi - inner) / 4)
    starts = np.column_stack([corners + before * tangent[:, None], bulge])
    ends = np.column_stack([corners + after * tangent[:, None], np.zeros(len(corners))])
    return np.stack([starts, ends], axis=1).reshape(-1, 3)


def _plaza(frame: tuple[float, float, float, float], far: float) -> PlanParcel:
    """A round square: two half circles."""
    x, y = to_local(to_ground([((frame[0] + frame[2]) / 2, (frame[1] + frame[3]) / 2)]))[0]
    corners = np.array([[x - PLAZA_RADIUS_M, y, 1.0], [x + PLAZA_RADIUS_M, y, 1.0]])
    return PlanParcel("G3", far, _layer("G3"), "LWPOLYLINE", _exact(corners), (round(x, 3), round(y, 3)))


def _small_park(frame: tuple[float, float, float, float]) -> PlanParcel:
    """An insert of the park block at the western end of a strip."""
    west, east = to_local(to_ground([(frame[0], frame[1] + 4), (frame[0] + 60, frame[1] + 4)]))
    angle = round(float(np.degrees(np.arctan2(east[1] - west[1], east[0] - west[0]))), 3)
    at = np.round(west, 3)
    turn = np.radians(angle)
    spin = np.array([[np.cos(turn), np.sin(turn)], [-np.sin(turn), np.cos(turn)]])
    block = park_outline()
    corners = np.column_stack([block[:, :2] @ spin + at, block[:, 2]])
    label = np.array([[PARK_SIZE[0] / 2, PARK_SIZE[1] / 2]]) @ spin + at
    return PlanParcel("G1", 0.0, "用地-绿地", "INSERT", corners, (round(label[0, 0], 3), round(label[0, 1], 3)))


def park_outline() -> np.ndarray:
    """The block's outline about its own corner: x, y, bulge."""
    width, depth = PARK_SIZE
    return _exact(_rounded(np.array([[0, 0], [width, 0], [width, depth], [0, depth]], dtype=float), 5.0))


def insert_angle(corners: np.ndarray) -> tuple[tuple[float, float], float]:
    """Where the park block is put in, and its turning in degrees, from its corners."""
    block = park_outline()
    run, own = corners[1, :2] - corners[0, :2], block[1, :2] - block[0, :2]
    turn = np.arctan2(run[1], run[0]) - np.arctan2(own[1], own[0])
    spin = np.array([[np.cos(turn), np.sin(turn)], [-np.sin(turn), np.cos(turn)]])
    at = corners[0, :2] - block[0, :2] @ spin
    return (round(float(at[0]), 3), round(float(at[1]), 3)), round(float(np.degrees(turn)) % 360, 3)


def _layer(code: str) -> str:
    if "/" in code or code == "R2B1":
        return "用地-混合"
    names = {
        "R": "用地-居住",
        "B": "用地-商业",
        "A": "用地-公共服务",
        "G": "用地-绿地",
        "S": "用地-交通",
        "U": "用地-公用设施",
    }
    return names[code[0]]


def control_points() -> list[dict[str, list[float]]]:
    """Three places with their local coordinates and their easting and northing in EPSG:4547."""
    ground = np.round(from_local(np.array(CONTROL_LOCAL)), 3)
    return [{"local": list(at), "epsg4547": known.tolist()} for at, known in zip(CONTROL_LOCAL, ground, strict=True)]


def site_edge() -> np.ndarray:
    """The edge of the planned land in local metres."""
    x0, x1, y0, y1 = WEST_EAST[0][0], WEST_EAST[1][1], NORTH_SOUTH[1][0], NORTH_SOUTH[0][1]
    along = np.linspace(0, 1, 9)[:-1]
    corners = np.array([[x0, y0], [x1, y0], [x1, y1], [x0, y1]])
    sides = [corners[n] + (np.roll(corners, -1, axis=0)[n] - corners[n]) * along[:, None] for n in range(4)]
    return np.round(to_local(to_ground(np.vstack(sides))), 3)


def write_plan_drawing(path: Path, parcels: list[PlanParcel]) -> None:
    """R2000 in GBK: parcels, fills, inserts, centre lines, codes, and a sheet with a title block."""
    before = options.write_fixed_meta_data_for_testing
    options.write_fixed_meta_data_for_testing = True
    try:
        drawing = ezdxf.new("R2000", units=6)
        drawing.encoding = "gbk"
        drawing.header["$DWGCODEPAGE"] = "ANSI_936"
        drawing.header["$MEASUREMENT"] = 1
        for name, colour in LAYERS.items():
            drawing.layers.add(name, color=colour)
        drawing.styles.add("宋体", font="simsun.ttc")
        _draw_blocks(drawing)
        _draw_parcels(drawing, parcels)
        _draw_streets(drawing)
        _draw_sheet(drawing)
        path.unlink(missing_ok=True)
        drawing.saveas(path)
    finally:
        options.write_fixed_meta_data_for_testing = before


def _draw_blocks(drawing: Drawing) -> None:
    park = drawing.blocks.new(PARK_BLOCK)
    park.add_lwpolyline(park_outline(), format="xyb", close=True, dxfattribs={"layer": "用地-绿地"})
    house = drawing.blocks.new(HOUSE_BLOCK)
    steps = [(-24, -7), (0, -7), (0, -5.5), (24, -5.5), (24, 7.5), (0, 7.5), (0, 6), (-24, 6)]
    house.add_lwpolyline(steps, close=True, dxfattribs={"layer": "建筑"})


def _draw_parcels(drawing: Drawing, parcels: list[PlanParcel]) -> None:
    space = drawing.modelspace()
    for parcel in parcels:
        on = {"layer": parcel.layer}
        if parcel.entity == "INSERT":
            at, angle = insert_angle(parcel.corners)
            space.add_blockref(PARK_BLOCK, at, dxfattribs={"layer": "用地-绿地", "rotation": angle})
        elif parcel.entity == "HATCH":
            space.add_hatch(dxfattribs=on).paths.add_polyline_path(parcel.corners, is_closed=True)
        else:
            space.add_lwpolyline(parcel.corners, format="xyb", close=True, dxfattribs=on)
        if parcel.code == "G1" and parcel.filled:
            fill = space.add_hatch(dxfattribs={"layer": "填充"})
            fill.set_pattern_fill("ANSI31", scale=20)
            fill.paths.add_polyline_path(parcel.corners, is_closed=True)
        _write_text(space, parcel.code, parcel.label, "文字", 9.0)
        if parcel.far:
            _write_text(space, f"{parcel.far:g}", (parcel.label[0], parcel.label[1] - 11), "容积率", 5.0)
        if parcel.layer == "用地-居住":
            _draw_houses(space, parcel)


def _write_text(
    space: ezdxf.layouts.BaseLayout, words: str, at: tuple[float, float], layer: str, height: float
) -> None:
    text = space.add_text(words, height=height, dxfattribs={"layer": layer, "style": "宋体"})
    text.set_placement(at, align=TextEntityAlignment.MIDDLE_CENTER)


def _draw_houses(space: ezdxf.layouts.BaseLayout, parcel: PlanParcel) -> None:
    """Houses in the north and south of a block; the middle stays free for the code."""
    outline = parcel.corners[:, :2]
    middle = outline.mean(axis=0)
    east = to_local(to_ground([(0, 0), (30, 0)]))
    angle = float(np.degrees(np.arctan2(*(east[1] - east[0])[::-1])))
    turn = np.radians(angle)
    spin = np.array([[np.cos(turn), np.sin(turn)], [-np.sin(turn), np.cos(turn)]])
    deep = float(np.ptp((outline - middle) @ spin.T[:, 1]))
    for dy in (-0.3 * deep, 0.3 * deep):
        at = middle + np.array([0.0, dy]) @ spin
        space.add_blockref(HOUSE_BLOCK, np.round(at, 3), dxfattribs={"layer": "建筑", "rotation": round(angle, 3)})


def _draw_streets(drawing: Drawing) -> None:
    space = drawing.modelspace()
    space.add_lwpolyline(site_edge(), close=True, dxfattribs={"layer": "红线"})
    columns, rows = _bands(WEST_EAST), _bands(NORTH_SOUTH[::-1])
    xs = [(a[1] + b[0]) / 2 for a, b in pairwise(columns)]
    ys = [(a[1] + b[0]) / 2 for a, b in pairwise(rows)]
    west, east, south, north = WEST_EAST[0][0], WEST_EAST[1][1], NORTH_SOUTH[1][0], NORTH_SOUTH[0][1]
    lines = [part for n, x in enumerate(xs) for part in _upright(n, x, south, north)]
    lines += [[(west, y), ((west + east) / 2, y), (east, y)] for y in ys]
    for line in lines:
        points = np.round(to_local(to_ground(line)), 3)
        if len(line) == 4:
            space.add_spline(fit_points=[(x, y, 0) for x, y in points], dxfattribs={"layer": "道路中线"})
        else:
            space.add_lwpolyline(points, dxfattribs={"layer": "道路中线"})
    at = to_local(to_ground([((west + east) / 2, north + 60)]))[0]
    _write_text(space, f"柳湾路站片区详细规划（{FICTIONAL}）", (round(at[0], 3), round(at[1], 3)), "图名", 16.0)


def _upright(number: int, x: float, south: float, north: float) -> list[list[tuple[float, float]]]:
    """A street from south to north, not through a block that is two columns wide; the fourth bends a little."""
    rows = _bands(NORTH_SOUTH[::-1])[::-1]
    wide = [rows[n] for n, line in enumerate(PLAN) if line[number + 1] == "="]
    if wide:
        low, high = wide[0][0] - STREET_M / 2, wide[0][1] + STREET_M / 2
        return [[(x, south), (x, low)], [(x, high), (x, north)]]
    if number == SPLINE_STREET:
        third = (north - south) / 3
        return [[(x, south), (x - 3, south + third), (x + 3, north - third), (x, north)]]
    return [[(x, south), (x, (south + north) / 2), (x, north)]]


def _draw_sheet(drawing: Drawing) -> None:
    """A frame and a title block on paper, in millimetres of the sheet."""
    sheet = drawing.layout("Layout1")
    on = {"layer": "图框"}
    for box in ((0, 0, 841, 594), (20, 10, 831, 584), (651, 10, 831, 70)):
        x0, y0, x1, y1 = box
        sheet.add_lwpolyline([(x0, y0), (x1, y0), (x1, y1), (x0, y1)], close=True, dxfattribs=on)
    for n, words in enumerate(
        (FICTIONAL, "图名：土地利用规划图", "项目：柳湾路站片区详细规划", f"{DISTRICT}自然资源局（虚构）")
    ):
        sheet.add_text(words, height=5, dxfattribs={**on, "style": "宋体", "insert": (658, 18 + 13 * n)})
