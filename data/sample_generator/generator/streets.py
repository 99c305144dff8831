"""Streets as OSM has them: two lines where there are two carriageways, ends that meet, bridges apart."""

from __future__ import annotations

import numpy as np
import shapely
from shapely.ops import substring

from generator.features import Line
from generator.layout import STREETS, Street
from generator.parcels import Ground

CARRIAGEWAY_M = 8.5  # from the middle of a dual street to the line of each side
REACH_M = 32.0
LANES = {"trunk": "3", "primary": "3", "secondary": "4", "tertiary": "2"}
SPEED = {"trunk": "70", "primary": "60", "secondary": "50", "tertiary": "40", "residential": "30"}


def make_streets(ground: Ground) -> list[Line]:
    """All public streets, led to each other at their ends and cut at the edge of the files."""
    drawn: list[tuple[Street, shapely.LineString]] = []
    for street, line in zip(STREETS, ground.centre_lines, strict=True):
        for part in _carriageways(street, line):
            drawn += [(street, piece) for piece in shapely.get_parts(part.intersection(ground.box))]
    shapes = [shape for _, shape in drawn]
    lines = []
    for number, (street, _) in enumerate(drawn):
        led = lead_ends(shapes[number], shapes[:number] + shapes[number + 1 :], ground.box)
        lines += _pieces(street, led)
    return lines


def _carriageways(street: Street, line: shapely.LineString) -> list[shapely.LineString]:
    """Traffic keeps right: the line that runs forward lies to the right of the middle."""
    if not street.dual:
        return [line]
    forward = shapely.offset_curve(line, -CARRIAGEWAY_M, join_style="mitre")
    return [forward, shapely.reverse(shapely.offset_curve(line, CARRIAGEWAY_M, join_style="mitre"))]


def _pieces(street: Street, line: shapely.LineString) -> list[Line]:
    tags = {"highway": street.highway, "name": street.name}
    tags |= {"oneway": "yes"} if street.dual else {}
    tags |= {"lanes": LANES[street.highway]} if street.highway in LANES else {}
    tags |= {"maxspeed": SPEED[street.highway]} if street.highway in SPEED else {}
    if street.highway in ("primary", "secondary"):
        tags |= {
            "sidewalk": "right" if street.dual else "both",
            "cycleway:right" if street.dual else "cycleway": "track",
        }
    if street.bridge is None:
        return [Line(line, tags)]
    low, high = street.bridge
    parts = [substring(line, a, b) for a, b in ((0, low), (low, high), (high, line.length))]
    return [
        Line(parts[0], tags),
        Line(parts[1], {**tags, "bridge": "yes", "layer": "1"}, level=1),
        Line(parts[2], tags),
    ]


def lead_ends(line: shapely.LineString, others: list[shapely.LineString], box: shapely.Polygon) -> shapely.LineString:
    """Lengthen or shorten a line so that its ends lie on the lines that they come near to."""
    for _ in range(2):
        line = shapely.reverse(_lead_start(line, others, box))
    return line


def _lead_start(line: shapely.LineString, others: list[shapely.LineString], box: shapely.Polygon) -> shapely.LineString:
    start = shapely.Point(line.coords[0])
    if not others or start.distance(box.exterior) < 1 or not box.contains(start):
        return line
    away = shapely.distance(others, start)
    near = [others[n] for n in np.flatnonzero(away < REACH_M)]
    if not near or away.min() < 0.001:
        return line
    first, second = np.array(line.coords[0]), np.array(line.coords[1])
    ahead = (first - second) / np.hypot(*(first - second))
    reach = min(REACH_M, 0.45 * line.length)
    body = substring(line, 0, reach)
    feeler = shapely.LineString([first + ahead * REACH_M, *body.coords])
    hits = shapely.get_coordinates(shapely.intersection(feeler, near))
    if not len(hits):
        foot = min((other.interpolate(other.project(start)) for other in near), key=start.distance)
        return shapely.LineString([(foot.x, foot.y), *line.coords])
    hit = shapely.Point(hits[int(np.argmin(np.hypot(*(hits - first).T)))])
    whole = shapely.LineString([first + ahead * REACH_M, *line.coords])
    at = whole.project(hit)
    rest = substring(whole, at, whole.length)
    return shapely.LineString([(hit.x, hit.y), *rest.coords[1:]])
