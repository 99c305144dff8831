"""Where people work, shop, learn and are served: what stands on each kind of plot."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import shapely
from shapely import affinity

from generator.features import Area, Line, Mark, Site, find_gates
from generator.homes import flat_point
from generator.parcels import Parcel
from generator.shapes import Building, Turned, best_spot, box, lay_flat, oval, point_block, rows, teaching, track

ROADSIDE_M = 200.0  # how deep sheds stand beside a road in the fields


class Plan:
    """A plot laid flat, on which buildings are put one after another without touching."""

    def __init__(self, parcel: Parcel, rng: np.random.Generator, margin_m: float = 9.0) -> None:
        self.parcel, self.rng, self.site = parcel, rng, Site()
        self.flat: Turned = lay_flat(parcel.shape)
        self.free: shapely.Geometry = self.flat.shape.buffer(-margin_m, join_style="mitre")

    def put(
        self, shape: shapely.Polygon | None, building: str, levels: int, use: str, *, gap_m: float = 9.0, **tags: str
    ) -> bool:
        """Stand a building there if there is room."""
        if shape is None or not shapely.contains(self.free, shape):
            return False
        self.free = self.free.difference(shape.buffer(gap_m))
        mapped = bool(self.rng.random() < 0.82)
        year = self.parcel.plot.year
        self.site.buildings.append(Building(self.flat.back(shape), building, levels, mapped, use, year, "", tags))
        return True

    def spot(self, width: float, depth: float, x: float, y: float) -> shapely.Polygon | None:
        """Room for a rectangle near a place given in shares of the plot."""
        return best_spot(self.free, width, depth, (x, y))

    def fit(self, width: float, depth: float, x: float, y: float, building: str, levels: int, use: str) -> None:
        """A rectangle near there; half as large where there is no room."""
        for part in (1.0, 0.75, 0.5):
            if self.put(self.spot(width * part, depth * part, x, y), building, levels, use):
                return

    def sheds(self, widths: list[float], depth: float, pitch: float, levels: int, building: str, use: str) -> None:
        """Rows of halls."""
        for x, y, width in rows(self.free, self.rng, widths=widths, depth_m=depth, pitch_m=pitch, gap_m=14):
            self.put(box(x, y, width, depth), building, levels, use, gap_m=4)

    def area(self, **tags: str) -> None:
        """The whole plot as an area with tags."""
        self.site.areas.append(Area(self.parcel.shape, tags))

    def ground(self, shape: shapely.Polygon | None, **tags: str) -> None:
        """A pitch, pond or car park on the plot."""
        if shape is not None and shapely.contains(self.free, shape):
            self.free = self.free.difference(shape.buffer(5))
            self.site.areas.append(Area(self.flat.back(shape), tags))


def _factory(plan: Plan) -> None:
    plan.fit(44, 15, 0.12, 0.08, "office", 4, "industry_and_logistics")
    plan.fit(40, 14, 0.9, 0.92, "yes", 5, "industry_and_logistics")
    plan.sheds([54, 72, 96], 40, 58, 1, "industrial", "industry_and_logistics")
    if plan.rng.random() < 0.6:
        plan.area(landuse="industrial", name=plan.parcel.plot.called)


def _warehouse(plan: Plan) -> None:
    plan.fit(36, 14, 0.1, 0.06, "office", 3, "industry_and_logistics")
    plan.sheds([84, 110], 32, 54, 1, "warehouse", "industry_and_logistics")
    plan.area(landuse="industrial", industrial="warehouse", name=plan.parcel.plot.called)


def _office_park(plan: Plan) -> None:
    plan.ground(_centred(plan, oval, 70, 44), natural="water", water="pond")
    plan.sheds([46, 60], 19, 47, 6, "office", "work")


def _office(plan: Plan) -> None:
    """Towers of several shapes around a lower building; no two blocks alike."""
    rng = plan.rng
    corners = [(0.08, 0.1), (0.92, 0.9), (0.9, 0.12), (0.1, 0.88)]
    order = [corners[int(n)] for n in rng.permutation(4)]
    levels = int(rng.integers(24, 40))
    for n, (x, y) in enumerate(order[: int(rng.integers(2, 4))]):
        form = int(rng.integers(4))
        width, depth = ((42, 42), (38, 38), (46, 40), (58, 23))[form]
        spot = plan.spot(width, depth, x, y)
        if spot is not None:
            x0, y0, *_ = spot.bounds
            middle = spot.centroid.coords[0]
            shape = (point_block(x0, y0, width, depth), spot, oval(*middle, width, depth, 24), spot)[form]
            plan.put(shape, "office", levels - 7 * n, "work")
    plan.fit(66, 36, *order[3], "retail" if rng.random() < 0.5 else "office", 5, "work")


def _mall(plan: Plan) -> None:
    """A hall around a court, two halls along a lane, or a bent hall; a tower beside it."""
    rng = plan.rng
    x0, y0, x1, y1 = plan.flat.shape.bounds
    inner = plan.flat.shape.buffer(-18, join_style="mitre")
    width, depth, form = x1 - x0, y1 - y0, int(rng.integers(3))
    if form == 0:
        cuts = [shapely.box(x0, y0, x0 + 0.66 * width, y1)]
    elif form == 1:
        cuts = [shapely.box(x0, y0, x0 + 0.42 * width, y1), shapely.box(x0 + 0.48 * width, y0, x1, y0 + 0.6 * depth)]
    else:
        corner = shapely.box(x0 + 0.48 * width, y0 + 0.5 * depth, x1, y1)
        cuts = [inner.difference(corner)]
    for cut in cuts:
        hall = shapely.simplify(inner.intersection(cut), 2)
        if hall.geom_type == "Polygon" and hall.area > 1500:
            court = oval(*hall.representative_point().coords[0], 40, 18, 16)
            hall = hall.difference(court) if shapely.contains(hall.buffer(-9), court) else hall
            plan.put(hall, "retail", 5 - form // 2, "retail_and_services", gap_m=8)
    plan.fit(38, 34, 0.95, 0.92, "commercial", int(rng.integers(16, 26)), "work")
    plan.fit(44, 26, 0.95, 0.1, "retail", 3, "retail_and_services")


def _shops(plan: Plan) -> None:
    plan.fit(62, 44, 0.5, 0.75, "retail", 3, "retail_and_services")
    for x, y, width in rows(plan.free, plan.rng, widths=[36, 50], depth_m=15, pitch_m=34, gap_m=9):
        plan.put(box(x, y, width, 15), "retail", 2, "retail_and_services", gap_m=5)


def _market(plan: Plan) -> None:
    plan.fit(84, 46, 0.5, 0.6, "retail", 1, "retail_and_services")
    plan.site.buildings[-1].tags.update({"amenity": "marketplace", "name": plan.parcel.plot.called})
    plan.fit(50, 14, 0.2, 0.05, "retail", 2, "retail_and_services")
    plan.fit(50, 14, 0.8, 0.05, "retail", 2, "retail_and_services")
    plan.fit(44, 30, 0.9, 0.9, "retail", 3, "retail_and_services")


def _school(plan: Plan) -> None:
    large = plan.parcel.shape.area > 32_000
    size = (168, 82) if large else (112, 62)
    x0, y0, x1, y1 = plan.free.bounds
    wide = x1 - x0 > (y1 - y0) * 0.9
    long, short = size if wide else size[::-1]
    room = plan.spot(long, short, 1.0, 0.5) or plan.spot(long * 0.7, short * 0.7, 1.0, 0.5)
    if room is not None:
        a0, b0, a1, b1 = room.bounds
        lane = track((a0 + a1) / 2, (b0 + b1) / 2, max(a1 - a0, b1 - b0), min(a1 - a0, b1 - b0))
        turned = lane if wide else affinity.rotate(lane, 90, origin="centroid")
        plan.ground(turned, leisure="track", sport="athletics")
    for width, wings in ((78, 3), (60, 3), (46, 3), (64, 2), (44, 2)):
        spot = plan.spot(width, 24 * wings - 14, 0.05, 0.5)
        if spot is not None:
            plan.put(teaching(*spot.bounds[:2], width, wings), "school", 4 + large, "education")
            break
    plan.fit(42, 26, 0.2, 0.95, "school", 2, "education")
    plan.fit(48, 14, 0.1, 0.0, "school", 5, "education")
    if large:
        plan.fit(60, 13, 0.5, 0.95, "dormitory", 6, "education")
    plan.area(amenity="school", name=plan.parcel.plot.called)


def _kindergarten(plan: Plan) -> None:
    plan.fit(62, 18, 0.5, 0.95, "kindergarten", 3, "education")
    plan.fit(18, 40, 0.05, 0.4, "kindergarten", 2, "education")
    plan.area(amenity="kindergarten", name=plan.parcel.plot.called)


def _hospital(plan: Plan) -> None:
    plan.fit(96, 44, 0.5, 0.1, "hospital", 5, "health")
    plan.fit(84, 20, 0.5, 0.6, "hospital", 15, "health")
    plan.fit(60, 18, 0.15, 0.95, "hospital", 11, "health")
    plan.fit(40, 16, 0.9, 0.95, "hospital", 4, "health")
    plan.area(amenity="hospital", name=plan.parcel.plot.called)


def _clinic(plan: Plan) -> None:
    plan.fit(58, 18, 0.5, 0.5, "yes", 5, "health")
    plan.fit(30, 14, 0.1, 0.95, "yes", 3, "health")


def _civic(plan: Plan) -> None:
    spot = plan.spot(110, 62, 0.5, 0.55)
    if spot is not None:
        x, y, *_ = spot.bounds
        parts = [box(x, y, 22, 62), box(x + 88, y, 22, 62), box(x, y + 20, 110, 24)]
        plan.put(shapely.union_all(parts), "office", 9, "public_institutions")
    plan.fit(46, 18, 0.05, 0.02, "office", 4, "public_institutions")
    plan.fit(46, 18, 0.95, 0.02, "office", 4, "public_institutions")
    plan.area(amenity="townhall", name=plan.parcel.plot.called)


def _culture(plan: Plan) -> None:
    plan.put(_centred(plan, oval, 78, 52) or plan.spot(48, 34, 0.5, 0.5), "yes", 4, "culture_and_sport")
    plan.site.buildings[-1].tags.update(
        {
            "amenity": "library" if "图书馆" in plan.parcel.plot.called else "arts_centre",
            "name": plan.parcel.plot.called,
        }
    )
    plan.fit(36, 22, 0.95, 0.05, "yes", 3, "culture_and_sport")


def _stadium(plan: Plan) -> None:
    room = plan.spot(166, 100, 0.1, 0.5)
    if room is not None:
        x0, y0, x1, y1 = room.bounds
        ring = oval((x0 + x1) / 2, (y0 + y1) / 2, 166, 100, 40)
        lane = track((x0 + x1) / 2, (y0 + y1) / 2, 126, 66)
        plan.put(ring.difference(lane), "stadium", 2, "culture_and_sport")
        plan.free = plan.free.difference(ring)
        plan.site.areas.append(Area(plan.flat.back(lane.buffer(-3)), {"leisure": "track", "sport": "athletics"}))
    plan.fit(56, 40, 0.95, 0.8, "yes", 2, "culture_and_sport")
    plan.area(leisure="sports_centre", name=plan.parcel.plot.called)


def _hotel(plan: Plan) -> None:
    plan.fit(60, 19, 0.5, 0.75, "hotel", 20, "retail_and_services")
    plan.fit(70, 30, 0.5, 0.1, "retail", 3, "retail_and_services")


def _fuel(plan: Plan) -> None:
    plan.put(plan.spot(26, 16, 0.4, 0.3), "roof", 1, "retail_and_services")
    plan.site.buildings[-1].tags.update({"amenity": "fuel", "name": plan.parcel.plot.called})
    plan.fit(18, 9, 0.6, 0.95, "retail", 1, "retail_and_services")


def _utility(plan: Plan) -> None:
    if plan.parcel.plot.code == "1302":
        for x, y in ((0.2, 0.25), (0.8, 0.25), (0.2, 0.8)):
            spot = plan.spot(26, 26, x, y)
            if spot is not None:
                plan.ground(oval(*spot.centroid.coords[0], 26, 26, 20), man_made="storage_tank", content="sewage")
        plan.fit(30, 14, 0.9, 0.95, "industrial", 2, "utilities")
        plan.area(man_made="wastewater_plant", name=plan.parcel.plot.called)
        return
    plan.fit(48, 22, 0.3, 0.5, "industrial", 2, "utilities")
    plan.fit(20, 14, 0.9, 0.9, "industrial", 2, "utilities")
    plan.area(power="substation", name=plan.parcel.plot.called)


def _depot(plan: Plan) -> None:
    plan.fit(54, 18, 0.3, 0.95, "yes", 2, "transport")
    stands = {"amenity": "bus_station"} if "枢纽" in plan.parcel.plot.called else {"landuse": "depot"}
    plan.area(**stands, name=plan.parcel.plot.called)


def _parking(plan: Plan) -> None:
    plan.area(amenity="parking", name=plan.parcel.plot.called)


def _plaza(plan: Plan) -> None:
    plan.area(highway="pedestrian", area="yes", place="square", name=plan.parcel.plot.called)


def _roadside(plan: Plan) -> None:
    """Sheds along the road where the plan has fields: growth outside the boundary."""
    x0, y0, x1, y1 = plan.flat.shape.bounds
    if x1 - x0 < ROADSIDE_M:
        return
    plan.free = plan.free.intersection(shapely.box(x0, y0 + 20, x0 + ROADSIDE_M, y1 - 20))
    plan.sheds([42, 60], 26, 46, 1, "warehouse", "industry_and_logistics")


def _field(plan: Plan) -> None:
    """Fields with a track or two and a pond; the larger ones are mapped as farmland."""
    area = plan.parcel.shape.area
    if area < 60_000:
        return
    plan.area(landuse="farmland")
    x0, y0, x1, y1 = plan.flat.shape.bounds
    inner = plan.flat.shape.buffer(-12)
    for share in np.arange(0.3, 0.95, 0.34):
        y = y0 + float(share + plan.rng.uniform(-0.06, 0.06)) * (y1 - y0)
        bent = shapely.LineString([(x0, y), ((x0 + x1) / 2, y + plan.rng.uniform(-18, 18)), (x1, y)])
        for part in shapely.get_parts(bent.intersection(inner)):
            if part.length > 120:
                line = plan.flat.back(part)
                plan.site.lines.append(Line(line, {"highway": "track", "surface": "dirt"}, trim=True, reach=True))
                plan.free = plan.free.difference(part.buffer(8))
    for _ in range(1 + int(area > 200_000)):
        at = float(plan.rng.uniform(0.15, 0.85)), float(plan.rng.uniform(0.15, 0.85))
        spot = plan.spot(float(plan.rng.uniform(40, 80)), float(plan.rng.uniform(30, 50)), *at)
        if spot is not None:
            width, depth = spot.bounds[2] - spot.bounds[0], spot.bounds[3] - spot.bounds[1]
            plan.ground(oval(*spot.centroid.coords[0], width, depth, 18), natural="water", water="pond")


def _bare(plan: Plan) -> None:
    """Nothing is mapped here."""


def _centred(
    plan: Plan, draw: Callable[[float, float, float, float], shapely.Polygon], width: float, depth: float
) -> shapely.Polygon | None:
    spot = plan.spot(width, depth, 0.5, 0.5)
    return draw(*spot.centroid.coords[0], width, depth) if spot is not None else None


KINDS: dict[str, Callable[[Plan], None]] = {
    "factory": _factory, "warehouse": _warehouse, "office_park": _office_park, "office": _office, "mall": _mall,
    "shops": _shops, "market": _market, "school": _school, "kindergarten": _kindergarten, "hospital": _hospital,
    "clinic": _clinic, "civic": _civic, "culture": _culture, "stadium": _stadium, "hotel": _hotel, "fuel": _fuel,
    "utility": _utility, "depot": _depot, "parking": _parking, "plaza": _plaza, "roadside": _roadside,
    "field": _field, "vacant": _bare, "green": _bare, "river": _bare,
}  # fmt: skip
WALLED = ("factory", "warehouse", "school", "kindergarten", "hospital", "utility", "depot", "office_park")


def make_workplace(parcel: Parcel, streets: shapely.STRtree, rng: np.random.Generator) -> Site:
    """What stands on a plot that nobody lives on, with a gate and a driveway where it is walled."""
    plan = Plan(parcel, rng)
    KINDS[parcel.plot.kind](plan)
    if parcel.plot.kind in WALLED:
        sides = "SNEW" if rng.random() < 0.5 else "ENWS"
        for gate in find_gates(parcel.shape, streets, sides, most=1):
            x, y = flat_point(plan.flat, gate.edge)
            inner = plan.free.buffer(4)
            target = shapely.get_coordinates(shapely.shortest_line(shapely.Point(x, y), inner))[1]
            end = plan.flat.back(shapely.Point(target))
            tags = {"highway": "service", "access": "private" if parcel.plot.kind != "hospital" else "permissive"}
            line = shapely.LineString([(end.x, end.y), gate.edge, gate.street])
            plan.site.lines.append(Line(line, tags))
            access = "yes" if parcel.plot.kind == "hospital" else "private"
            plan.site.marks.append(Mark(*gate.edge, {"barrier": "gate", "access": access}))
    return plan.site
