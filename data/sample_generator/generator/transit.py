"""The metro line with its stations and entrances, and two bus lines, with what a planner knows of their service."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import shapely

from generator.features import Line, Mark, Site
from generator.layout import E5, END, M3, N4, S1, W1, W3
from generator.place import degrees, on_ground, to_ground

METRO = "地铁1号线（虚构示例）"
BUS_ALL_DAY = "示例1路（虚构示例）"
BUS_PEAK = "示例2路高峰快线（虚构示例）"


class Station(NamedTuple):
    """A metro station: its place on the board, how far its corners lie from the middle, and its entrances' corners."""

    name: str
    at: tuple[float, float]
    corner: tuple[float, float]
    entrances: list[tuple[str, int, int]]


STATIONS = [
    Station("丰收路站", (W1, M3), (23, 31), [("A", 1, 1), ("B", 1, -1), ("C", -1, 1)]),
    Station("市民中心站", (W3, M3), (31, 31), [("A", 1, 1), ("B", 1, -1), ("C", -1, -1), ("D", -1, 1)]),
    Station("柳湾路站", (E5, M3), (23, 31), [("A", 1, 1), ("B", -1, 1), ("C", -1, -1)]),
]


class Call(NamedTuple):
    """A row of the headway table; coordinates in EPSG:4547."""

    line: str
    direction: str
    stop: str
    sequence: int
    at: tuple[float, float]
    mode: str
    headway_min: float
    first: str
    last: str
    minutes_from_previous: float


# Stops of the all-day bus on 学府路 and of the peak bus on 文昌路 and 示例大道: name and place on the board.
_ALL_DAY = [("金穗花园", -1260), ("丰收路口", -985), ("学府名苑", -770), ("创新路口", -490), ("示例大道口", -255),
            ("湖滨商务中心", 20), ("人民医院", 420), ("东湾学府", 850)]  # fmt: skip
_PEAK = [("柳湾新苑", 860, S1), ("柳湾花园", 450, S1), ("柳岸花城", 40, S1), ("东苑华庭", W3, -790),
         ("行政嘉园", W3, -520), ("市民中心", W3, -285), ("示例金融中心", W3, 130), ("育才新村", W3, 470)]  # fmt: skip


def ground_point(x: float, y: float) -> tuple[float, float]:
    """A place on the board as easting and northing, to the centimetre."""
    east, north = np.round(to_ground([(x, y)])[0], 2).tolist()
    return east, north


def entrances(station: Station) -> list[tuple[str, tuple[float, float]]]:
    """The station's entrances: reference letter and place on the ground."""
    (x, y), (dx, dy) = station.at, station.corner
    return [(ref, ground_point(x + sx * dx, y + sy * dy)) for ref, sx, sy in station.entrances]


def calls() -> list[Call]:
    """All rows of the headway table, in order."""
    rows = []
    names = [(station.name, ground_point(*station.at)) for station in STATIONS]
    for direction, order in (("往柳湾路", names), ("往丰收路", names[::-1])):
        for n, (name, at) in enumerate(order):
            rows.append(Call(METRO, direction, name, n + 1, at, "地铁", 6.0, "06:00", "22:30", 0.0 if n == 0 else 2.0))
    for direction, order, side in (("往东湾学府", _ALL_DAY, -11), ("往金穗花园", _ALL_DAY[::-1], 11)):
        for n, (name, x) in enumerate(order):
            at = ground_point(x, N4 + side)
            rows.append(
                Call(BUS_ALL_DAY, direction, name, n + 1, at, "公交", 10.0, "06:00", "21:30", 0.0 if n == 0 else 2.0)
            )
    for n, (name, x, y) in enumerate(_PEAK):
        at = ground_point(x, y + 11) if y == S1 else ground_point(x + 20, y)
        rows.append(
            Call(BUS_PEAK, "往育才新村", name, n + 1, at, "公交", 8.0, "07:00", "09:00", 0.0 if n == 0 else 3.0)
        )
    return rows


def make_transit(streets: shapely.STRtree, box: shapely.Polygon) -> Site:
    """What OSM has: the tunnel, stations, entrances with their paths to the street, and bus stops."""
    site = Site()
    track = on_ground(shapely.LineString([(-END, M3), (E5 + 160, M3)])).intersection(box)
    tags = {"railway": "subway", "name": METRO, "tunnel": "yes", "layer": "-2", "electrified": "rail", "gauge": "1435"}
    site.lines.append(Line(track, tags, level=-2))
    for station in STATIONS:
        tags = {"railway": "station", "station": "subway", "subway": "yes", "public_transport": "station"}
        site.marks.append(Mark(*ground_point(*station.at), {**tags, "name": station.name}))
        for ref, at in entrances(station):
            said = {"railway": "subway_entrance", "ref": ref, "name": f"{station.name}{ref}口"}
            site.marks.append(Mark(*at, said))
            number = streets.nearest(shapely.Point(at))
            street = streets.geometries[number]
            foot = street.interpolate(street.project(shapely.Point(at)))
            site.lines.append(Line(shapely.LineString([at, (foot.x, foot.y)]), {"highway": "footway"}))
    for call in calls():
        if call.mode == "公交":
            tags = {"highway": "bus_stop", "public_transport": "platform", "bus": "yes", "name": call.stop}
            site.marks.append(Mark(*call.at, tags))
    return site


def headway_rows() -> list[list[str]]:
    """The headway table as its CSV has it."""
    head = ["线路", "方向", "站名", "顺序", "经度", "纬度", "方式", "发车间隔_分钟", "首班", "末班", "上站用时_分钟"]
    rows = [head]
    for call in calls():
        lon, lat = degrees([call.at])[0]
        minutes = "" if call.sequence == 1 else f"{call.minutes_from_previous:g}"
        rows.append([call.line, call.direction, call.stop, str(call.sequence), f"{lon:.7f}", f"{lat:.7f}", call.mode,
                     f"{call.headway_min:g}", call.first, call.last, minutes])  # fmt: skip
    return rows
