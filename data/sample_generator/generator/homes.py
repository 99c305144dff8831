"""Housing: gated compounds of towers, slabs or terraces behind a wall, open walk-ups, and homes above shops."""

from __future__ import annotations

from itertools import pairwise
from typing import NamedTuple

import numpy as np
import shapely

from generator.features import Area, Gate, Line, Mark, Site, find_gates
from generator.parcels import Parcel
from generator.shapes import Building, Turned, best_spot, lay_flat, oval, point_block, rows, slab


class Style(NamedTuple):
    """How a kind of compound is built; lengths in metres."""

    widths: list[float]
    unit: float
    depth: float
    pitch: float
    gap: float
    levels: list[int]
    gated: bool
    shops: str  # sides with a strip of shops along the street
    towers: float  # share of point blocks


STYLES = {
    "tower": Style([38, 57, 57], 19, 15, 47, 17, [11, 14, 16, 17, 18, 18], True, "SE", 0.22),
    "middle": Style([45, 60, 60], 15, 13.5, 34, 14, [7, 8, 9, 11, 11], True, "S", 0.0),
    "walkup": Style([39, 52, 65], 13, 11, 24, 9, [5, 6, 6, 6], False, "SW", 0.0),
    "villa": Style([32, 40], 8, 11, 27, 10, [3], True, "", 0.0),
    "mixed": Style([34, 51], 17, 16, 42, 14, [15, 18, 22], False, "SN", 0.0),
    "construction": Style([34, 51], 17, 14, 58, 24, [0], True, "", 0.3),
}
SHOP_DEPTH_M = 12.0


def make_homes(parcel: Parcel, streets: shapely.STRtree, rng: np.random.Generator) -> Site:
    """A compound: its homes, lanes, wall, gates and shops."""
    style, plot, site = STYLES[parcel.plot.kind], parcel.plot, Site()
    flat = lay_flat(parcel.shape)
    gates = find_gates(parcel.shape, streets, "SNEW" if rng.random() < 0.5 else "SNWE", most=3)
    shops = _shop_strips(flat, streets, gates, style.shops, rng)
    inset = SHOP_DEPTH_M + 9 if style.shops and parcel.shape.area > 15_000 else 9.0
    lanes = _lanes(flat, inset, gates)
    if plot.kind == "construction":
        site.areas.append(Area(parcel.shape, {"landuse": "construction", "construction": "residential"}))
    else:
        _place_shops(site, shops, lanes, flat, parcel, rng)
        _place_lanes(site, lanes, gates, flat, parcel, style)
    _place_homes(site, flat, lanes, shops, parcel, style, inset, rng)
    if style.gated and plot.kind != "construction":
        site.areas.append(Area(parcel.shape, {"barrier": "wall"}))
    if plot.called and plot.kind != "construction" and rng.random() < 0.6:
        site.areas.append(Area(parcel.shape, {"landuse": "residential", "name": plot.called}))
    return site


def _lanes(flat: Turned, inset: float, gates: list[Gate]) -> list[shapely.LineString]:
    """Inside a compound, laid flat: a ring along the wall, a spine northward, and a lane across where it is deep."""
    inner = flat.shape.buffer(-inset - 3, join_style="mitre")
    if inner.is_empty or inner.geom_type != "Polygon" or inner.area < 3000:
        return []
    ring = shapely.simplify(inner.exterior, 2.5)
    x0, y0, x1, y1 = ring.bounds
    ways = [shapely.LineString(ring.coords)]
    area = shapely.Polygon(ring)
    middle = (x0 + x1) / 2
    for gate in gates:
        if gate.side in "SN":
            middle = flat_point(flat, gate.edge)[0]
            break
    middle = float(np.clip(middle, x0 + 0.3 * (x1 - x0), x0 + 0.7 * (x1 - x0)))
    crossing = [shapely.LineString([(middle, y0 - 9), (middle, y1 + 9)])]
    if y1 - y0 > 190:
        crossing.append(shapely.LineString([(x0 - 9, (y0 + y1) / 2), (x1 + 9, (y0 + y1) / 2)]))
    for line in crossing:
        ways += [part for part in shapely.get_parts(line.intersection(area)) if part.length > 30]
    return ways


def flat_point(flat: Turned, at: tuple[float, float]) -> tuple[float, float]:
    """A place on the ground as it lies in the turned plot."""
    turned = Turned(flat.shape, -flat.angle_deg, flat.origin).back(shapely.Point(at))
    return turned.x, turned.y


def _place_lanes(
    site: Site, lanes: list[shapely.LineString], gates: list[Gate], flat: Turned, parcel: Parcel, style: Style
) -> None:
    if not lanes:
        return
    if style.gated:
        tags = {"highway": "service", "access": "private", "service": "driveway"}
        ring_tags = {"highway": "residential", "access": "private"}
    else:
        tags, ring_tags = {"highway": "service"}, {"highway": "residential"}
    ground = [flat.back(lane) for lane in lanes]
    site.lines += [Line(lane, ring_tags if n == 0 else tags) for n, lane in enumerate(ground)]
    ring = ground[0]
    for gate in gates:
        inside = ring.interpolate(ring.project(shapely.Point(gate.edge)))
        site.lines.append(Line(shapely.LineString([(inside.x, inside.y), gate.edge, gate.street]), ring_tags))
        if style.gated:
            said = {"access": "private", "name": f"{parcel.plot.called}{_SIDES[gate.side]}门"}
            site.marks.append(Mark(*gate.edge, {"barrier": "gate", **said}))


_SIDES = {"S": "南", "N": "北", "E": "东", "W": "西"}


def _shop_strips(
    flat: Turned, streets: shapely.STRtree, gates: list[Gate], sides: str, rng: np.random.Generator
) -> list[shapely.Polygon]:
    """Strips of shops along the sides that face a street, laid flat; the gates stay free."""
    if flat.shape.area < 8_000:
        sides = sides[:1]
    doors = shapely.union_all([shapely.Point(flat_point(flat, gate.edge)).buffer(13) for gate in gates])
    allowed = flat.shape.buffer(-1.5).difference(doors)
    shapely.prepare(allowed)
    corners = np.array(shapely.orient_polygons(shapely.simplify(flat.shape, 3.0)).exterior.coords)
    strips: list[shapely.Polygon] = []
    for start, end in pairwise(corners):
        run = end - start
        length = float(np.hypot(*run))
        along = run / max(length, 1e-9)
        inward = np.array([-along[1], along[0]])
        if length < 60 or _side_of(-inward) not in sides or not _faces_street(flat, (start + end) / 2, streets):
            continue
        at = 14.0
        while at < length - 34:
            width = float(rng.choice([28.0, 36.0, 44.0]))
            base = start + along * at + inward * 2.2
            corners4 = [
                base,
                base + along * width,
                base + along * width + inward * SHOP_DEPTH_M,
                base + inward * SHOP_DEPTH_M,
            ]
            strip = shapely.Polygon(corners4)
            if allowed.contains(strip) and not any(strip.intersects(other) for other in strips):
                strips.append(strip)
                at += width + 7
            else:
                at += 5
    return strips


def _side_of(outward: np.ndarray) -> str:
    if abs(outward[0]) > abs(outward[1]):
        return "E" if outward[0] > 0 else "W"
    return "N" if outward[1] > 0 else "S"


def _faces_street(flat: Turned, middle: np.ndarray, streets: shapely.STRtree) -> bool:
    here = flat.back(shapely.Point(middle))
    return bool(len(streets.query(here, predicate="dwithin", distance=48.0)))


def _place_shops(
    site: Site,
    shops: list[shapely.Polygon],
    lanes: list[shapely.LineString],
    flat: Turned,
    parcel: Parcel,
    rng: np.random.Generator,
) -> None:
    near = shapely.union_all(lanes).buffer(3.0) if lanes else shapely.Point()
    for strip in shops:
        if not strip.intersects(near):
            levels = int(rng.choice([2, 2, 3]))
            mapped = bool(rng.random() < 0.75)
            site.buildings.append(
                Building(flat.back(strip), "retail", levels, mapped, "retail_and_services", parcel.plot.year, "", {})
            )


def _place_homes(
    site: Site,
    flat: Turned,
    lanes: list[shapely.LineString],
    shops: list[shapely.Polygon],
    parcel: Parcel,
    style: Style,
    inset: float,
    rng: np.random.Generator,
) -> None:
    plot = parcel.plot
    taken = [lane.buffer(5.0) for lane in lanes] + [shop.buffer(7.0) for shop in shops]
    allowed = flat.shape.buffer(-7.0 if plot.kind in ("walkup", "mixed") else -inset + 2, join_style="mitre")
    allowed = allowed.difference(shapely.union_all(taken))
    x0, y0, x1, y1 = flat.shape.bounds
    if plot.kind == "tower" and parcel.shape.area > 60_000:
        allowed = allowed.difference(oval((x0 + x1) / 2 + 20, (y0 + y1) / 2, 90, 44))
    if plot.kind in ("tower", "middle") and parcel.shape.area > 65_000:
        allowed = _kindergarten(site, allowed, flat, parcel, rng)
    spots = rows(allowed, rng, widths=style.widths, depth_m=style.depth, pitch_m=style.pitch, gap_m=style.gap)
    north = y0 + 0.62 * (y1 - y0)
    for x, y, width in spots:
        levels = int(rng.choice(style.levels))
        shape = slab(x, y, width, style.depth, max(1, round(width / style.unit)))
        if style.towers and width < 40 and (y > north or rng.random() < style.towers):
            tower = point_block(x, y - 3, 31, 22)
            if shapely.contains(allowed, tower):
                shape, levels = tower, levels + 8
        if plot.kind == "construction":
            if rng.random() < 0.6:
                site.buildings.append(Building(flat.back(shape), "construction", 0, False, "", plot.year, "", {}))
            continue
        kind = "apartments" if rng.random() < 0.86 else "residential"
        mapped = bool(rng.random() < 0.86)
        site.buildings.append(Building(flat.back(shape), kind, levels, mapped, "housing", plot.year, plot.called, {}))


def _kindergarten(
    site: Site, allowed: shapely.Geometry, flat: Turned, parcel: Parcel, rng: np.random.Generator
) -> shapely.Geometry:
    spot = best_spot(allowed, 42, 30, (float(rng.choice([0.15, 0.85])), 0.35))
    if spot is None:
        return allowed
    x0, y0, x1, y1 = spot.bounds
    shape = shapely.union_all([shapely.box(x0, y1 - 11, x1, y1), shapely.box(x0, y0 + 6, x0 + 11, y1)])
    tags = {"amenity": "kindergarten", "name": f"{parcel.plot.called}幼儿园"}
    site.buildings.append(Building(flat.back(shape), "kindergarten", 3, True, "education", parcel.plot.year, "", tags))
    return allowed.difference(spot.buffer(6))
