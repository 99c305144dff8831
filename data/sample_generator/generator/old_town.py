"""The old quarter's alleys and small houses, and the villages in the fields."""

from __future__ import annotations

import numpy as np
import shapely
from shapely import affinity

from generator.features import Line, Site
from generator.parcels import Parcel
from generator.shapes import Building, lay_flat

LANE_NAMES = [
    "井巷", "榆树巷", "打铁巷", "豆腐巷", "书院巷", "米市巷", "柳叶巷",
    "文庙巷", "竹竿巷", "灯笼巷", "桂花巷", "青石巷", "狮子巷",
    "染坊巷", "磨盘巷", "铜匠巷", "钟楼巷", "花市巷", "茶馆巷", "桥头巷", "石榴巷", "水井巷", "官井巷", "杏花巷",
]  # fmt: skip


def make_old_town(parcels: list[Parcel], shopping: shapely.LineString, rng: np.random.Generator) -> Site:
    """One block of the old quarter: alleys at an angle to the new streets, and houses along them."""
    site = Site()
    whole = shapely.union_all([parcel.shape.buffer(6) for parcel in parcels]).buffer(-6)
    flat = lay_flat(whole, extra_deg=float(rng.uniform(9, 13)))
    core = shapely.union_all([parcel.shape.buffer(8) for parcel in parcels]).buffer(-14)
    lanes = _lattice(flat.shape.bounds, rng)
    names = iter(rng.permutation(LANE_NAMES))
    for number, (lane, wide) in enumerate(lanes):
        tags = {"highway": "residential"} if wide else {"highway": "service", "service": "alley"}
        if wide or number % 3 == 0:
            tags["name"] = str(next(names, "后巷"))
        for part in shapely.get_parts(flat.back(lane).intersection(core)):
            if part.length > 25:
                site.lines.append(Line(part, tags, trim=True, reach=True))
    for parcel in parcels:
        _houses(site, parcel, flat.angle_deg, [flat.back(lane) for lane, _ in lanes], shopping, rng)
    return site


def _lattice(
    bounds: tuple[float, float, float, float], rng: np.random.Generator
) -> list[tuple[shapely.LineString, bool]]:
    """Crooked alleys across a box: some 60 m apart one way and 42 m the other; every third is wider."""
    x0, y0, x1, y1 = bounds
    xs = _steps(x0 - 40, x1 + 40, 64, 11, rng)
    ys = _steps(y0 - 40, y1 + 40, 44, 7, rng)
    shift = rng.uniform(-6, 6, size=(len(xs), len(ys), 2))
    grid = np.stack(np.meshgrid(xs, ys, indexing="ij"), axis=-1) + shift
    lanes = [(shapely.LineString(grid[i]), i % 3 == 1) for i in range(len(xs))]
    for j in range(len(ys)):
        if j % 3 == 1:
            lanes.append((shapely.LineString(grid[:, j]), True))
            continue
        start = 0
        for i in range(1, len(xs)):
            if i == len(xs) - 1 or rng.random() < 0.3:
                if i > start:
                    lanes.append((shapely.LineString(grid[start : i + 1, j]), False))
                start = i + int(rng.integers(0, 2))
    return lanes


def _steps(low: float, high: float, mean: float, spread: float, rng: np.random.Generator) -> np.ndarray:
    at, found = low, []
    while at < high:
        found.append(at)
        at += mean + float(rng.uniform(-spread, spread))
    return np.array(found)


def _houses(
    site: Site,
    parcel: Parcel,
    angle_deg: float,
    lanes: list[shapely.LineString],
    shopping: shapely.LineString,
    rng: np.random.Generator,
) -> None:
    """Houses wall to wall on what the alleys leave."""
    free = parcel.shape.buffer(-1.5).difference(shapely.union_all(lanes).buffer(2.4))
    for part in shapely.get_parts(free):
        if part.area < 150:
            continue
        turned = affinity.rotate(part, -angle_deg, origin=(0, 0))
        for lot in _lots(turned, rng):
            house = affinity.rotate(lot, angle_deg, origin=(0, 0))
            near = house.distance(shopping) < 16
            in_shops = near or (parcel.plot.code == "B1" and rng.random() < 0.45)
            if rng.random() < (0.04 if near else 0.17):
                continue
            levels = int(rng.choice([2, 2, 3] if in_shops else [1, 2, 2, 3, 4]))
            kind = "retail" if in_shops else str(rng.choice(["yes", "residential", "house"], p=[0.3, 0.45, 0.25]))
            use = "retail_and_services" if in_shops else "housing"
            year = int(parcel.plot.year + rng.integers(-8, 16))
            home = "" if in_shops else "老城"
            mapped = bool(rng.random() < 0.5)
            site.buildings.append(Building(house, kind, levels, mapped, use, year, home, {}))


def _lots(part: shapely.Polygon, rng: np.random.Generator) -> list[shapely.Polygon]:
    """Cut a piece of land into lots of some 15 × 17 m and keep those with room for a house."""
    x0, y0, x1, y1 = part.bounds
    across = max(1, round((x1 - x0) / 15.5))
    deep = max(1, round((y1 - y0) / 17.5))
    xs = np.linspace(x0, x1, across + 1)
    ys = np.linspace(y0, y1, deep + 1)
    xs[1:-1] += rng.uniform(-2, 2, size=len(xs) - 2)
    ys[1:-1] += rng.uniform(-2, 2, size=len(ys) - 2)
    lots = []
    for i in range(across):
        for j in range(deep):
            margin = rng.uniform(0.3, 1.6, size=4)
            lot = shapely.box(xs[i] + margin[0], ys[j] + margin[1], xs[i + 1] - margin[2], ys[j + 1] - margin[3])
            kept = shapely.simplify(lot.intersection(part), 0.6)
            if kept.geom_type == "Polygon" and kept.area > max(55.0, 0.45 * lot.area) and not kept.buffer(-3).is_empty:
                lots.append(kept)
    return lots


def make_village(parcel: Parcel, rng: np.random.Generator) -> Site:
    """A village: lanes from west to east with two rows of farmhouses between them."""
    site = Site()
    flat = lay_flat(parcel.shape, extra_deg=float(rng.uniform(-6, 6)))
    x0, y0, x1, y1 = flat.shape.bounds
    ys = np.arange(y0 + 14, y1 - 5, 39.0)
    lanes = [shapely.LineString([(x0 - 30, y), ((x0 + x1) / 2, y + rng.uniform(-4, 4)), (x1 + 30, y)]) for y in ys]
    middle = x0 + (x1 - x0) * float(rng.uniform(0.4, 0.6))
    main = shapely.LineString([(middle, y0 - 60), (middle + 8, (y0 + y1) / 2), (middle, y1 + 60)])
    inside = flat.shape.buffer(4)
    cut = [
        (part, {"highway": "residential"}) for lane in lanes for part in shapely.get_parts(lane.intersection(inside))
    ]
    cut.append((main.intersection(flat.shape.buffer(48)), {"highway": "unclassified"}))
    site.lines += [Line(flat.back(line), tags, trim=True, reach=True) for line, tags in cut if line.length > 30]
    free = flat.shape.buffer(-3).difference(shapely.union_all([main, *lanes]).buffer(3.5))
    shapely.prepare(free)
    spots = [spot for y in ys for low in (5.0, 18.5) for spot in _row(free, x0, x1, float(y) + low, rng)]
    for x, y, width in spots:
        if rng.random() < 0.14:
            continue
        levels = int(rng.choice([1, 2, 2, 3]))
        house = flat.back(shapely.box(x, y, x + width, y + 9.5))
        kind = str(rng.choice(["house", "yes", "residential"]))
        year = int(parcel.plot.year + rng.integers(-5, 50))
        mapped = bool(rng.random() < 0.4)
        site.buildings.append(Building(house, kind, levels, mapped, "housing", year, parcel.plot.called, {}))
    return site


def _row(
    free: shapely.Geometry, x0: float, x1: float, y: float, rng: np.random.Generator
) -> list[tuple[float, float, float]]:
    """West corner, south side and width of the farmhouses of one row."""
    x, found = x0 + 4, []
    while x < x1:
        width = float(rng.choice([10.0, 12.0, 13.0]))
        if shapely.contains(free, shapely.box(x, y, x + width, y + 11)):
            found.append((x, y + float(rng.uniform(0, 1.4)), width))
            x += width + float(rng.uniform(1.5, 5))
        else:
            x += 3
    return found
