"""Parks with their gates, paths and lake; the greenway along the river."""

from __future__ import annotations

import numpy as np
import shapely

from generator import layout
from generator.features import Area, Line, Mark, Site, find_gates
from generator.parcels import Ground, Parcel
from generator.place import on_ground
from generator.shapes import Building, lay_flat, oval


def make_park(parcel: Parcel, streets: shapely.STRtree) -> Site:
    """A fenced park: gates in the middle of its sides, a path around, paths across; the large one has a lake."""
    site, shape = Site(), parcel.shape.buffer(-1.5, join_style="mitre")
    large = parcel.plot.kind == "lake_park"
    gates = find_gates(shape, streets, "SNEW", most=4)
    flat = lay_flat(shape)
    if large:
        x, y = flat.shape.centroid.coords[0]
        parts = [oval(x - 15, y + 20, 210, 150), oval(x + 45, y - 55, 130, 120), oval(x - 50, y - 30, 110, 130)]
        lake = shapely.simplify(shapely.union_all(parts).buffer(-18).buffer(18), 1.0)
        lake = lake.difference(oval(x - 10, y + 35, 40, 28, 16))
        site.areas.append(Area(flat.back(lake), {"natural": "water", "water": "lake", "name": "锦湖"}))
        ring = flat.back(shapely.simplify(shapely.Polygon(lake.exterior).buffer(14), 1.5).exterior)
        pavilion = flat.back(shapely.box(x - 130, y + 118, x - 112, y + 132))
        site.buildings.append(Building(pavilion, "yes", 1, False, "culture_and_sport", parcel.plot.year, "", {}))
    else:
        inset = min(16.0, 0.22 * float(np.sqrt(shape.area)))
        ring = shapely.simplify(shape.buffer(-inset), 2.0).exterior
    ring = shapely.LineString(ring.coords)
    path = {"highway": "footway", "surface": "paving_stones"}
    site.lines.append(Line(ring, path))
    for gate in gates:
        inside = ring.interpolate(ring.project(shapely.Point(gate.edge)))
        site.lines.append(Line(shapely.LineString([(inside.x, inside.y), gate.edge, gate.street]), path))
        name = f"{parcel.plot.called}{ {'S': '南', 'N': '北', 'E': '东', 'W': '西'}[gate.side] }门"
        site.marks.append(Mark(*gate.edge, {"barrier": "gate", "access": "yes", "name": name}))
    if not large:
        (x0, y0, x1, y1), inner = flat.shape.bounds, shapely.Polygon(ring)
        for line in (
            shapely.LineString([(x0, (y0 + y1) / 2 + 6), (x1, (y0 + y1) / 2 - 6)]),
            shapely.LineString([((x0 + x1) / 2 - 8, y0), ((x0 + x1) / 2 + 8, y1)]),
        ):
            cut = flat.back(line).intersection(inner)
            site.lines += [Line(part, path) for part in shapely.get_parts(cut) if part.length > 15]
    site.areas.append(Area(shape, {"leisure": "park", "name": parcel.plot.called}))
    if large:
        site.areas.append(Area(shape.buffer(-0.7, join_style="mitre"), {"barrier": "fence"}))
    return site


def make_river(ground: Ground) -> Site:
    """The river as an area and a line, its banks as a park, and a greenway on the town's side."""
    site = Site()
    river = shapely.intersection(ground.river, ground.box)
    site.areas.append(Area(river, {"natural": "water", "water": "river", "name": "清澜河"}))
    middle = on_ground(shapely.LineString(layout.RIVER)).intersection(ground.box)
    site.lines.append(Line(middle, {"waterway": "river", "name": "清澜河"}, level=-1))
    line = on_ground(shapely.LineString(layout.RIVER))
    banks = [parcel for parcel in ground.parcels if parcel.plot.kind == "belt"]
    park = shapely.MultiPolygon([parcel.shape for parcel in banks])
    site.areas.append(Area(park, {"leisure": "park", "name": banks[0].plot.called}))
    inside = ground.district.buffer(-12)
    for distance, tags in ((-62.0, {"highway": "cycleway", "foot": "yes"}), (-44.0, {"highway": "footway"})):
        way = shapely.simplify(shapely.offset_curve(line, distance), 0.6).intersection(inside)
        site.lines += [
            Line(part, {**tags, "name": "清澜河绿道"}) for part in shapely.get_parts(way) if part.length > 60
        ]
    site.add(_ways_to_the_bank(line))
    return site


def _ways_to_the_bank(line: shapely.LineString) -> Site:
    """Short paths from the road to the greenway, and a footbridge to the fields."""
    site = Site()
    path = {"highway": "footway"}
    road = on_ground(shapely.LineString(layout.BANK_ROAD))
    for share in (0.14, 0.3, 0.47, 0.66, 0.84):
        start = road.interpolate(share, normalized=True)
        end = line.interpolate(line.project(start))
        way = shapely.LineString([start, end])
        cut = way.interpolate(way.length - 42)
        site.lines.append(Line(shapely.LineString([start, cut]), path, trim=True, reach=True))
    bridge = on_ground(shapely.LineString([(1024, 700), (1100, 840), (1160, 900)]))
    at = line.intersection(bridge)
    here = float(line.project(at))
    left, right = (
        shapely.offset_curve(line, side).interpolate(here / line.length, normalized=True) for side in (-44, 44)
    )
    site.lines.append(Line(shapely.LineString([left, right]), {**path, "bridge": "yes", "layer": "1"}, level=1))
    beyond = shapely.LineString(
        [right, *on_ground(shapely.LineString([(1175, 905), (1180, 1100), (1130, 1330), (1090, 1519)])).coords]
    )
    site.lines.append(Line(beyond, {"highway": "track", "surface": "dirt"}, trim=True, reach=True))
    return site
