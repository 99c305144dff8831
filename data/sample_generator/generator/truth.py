"""The true values, for tests: what a reader should find in each file."""

from __future__ import annotations

import json
from itertools import pairwise
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import shapely
from pyproj import Geod

from generator import detailed_plan, rasters
from generator.city import City
from generator.features import Area
from generator.osm_file import Written, sub_areas
from generator.parcels import Parcel
from generator.people import People
from generator.place import BOX, DATE, FICTIONAL, PLAN_EPSG, PREFIXED_EPSG, SEED, degrees, metres
from generator.places import Places
from generator.transit import STATIONS, calls, entrances, ground_point
from generator.vector_files import Boundaries

# Classes of the urban scheme by code; the longest code that a plan's code begins with counts.
CLASSES = {
    "R": "housing", "A1": "public_institutions", "A2": "culture_and_sport", "A3": "education",
    "A4": "culture_and_sport", "A5": "health", "B1": "retail_and_services", "B2": "work", "B4": "retail_and_services",
    "M": "industry_and_logistics", "W": "industry_and_logistics", "S": "transport", "U": "utilities",
    "G": "green_and_open_space",
    "01": "farmland", "05": "wetland", "07": "housing", "0801": "public_institutions", "0803": "culture_and_sport",
    "0804": "education", "0806": "health", "0901": "retail_and_services", "0902": "work",
    "10": "industry_and_logistics", "11": "industry_and_logistics", "12": "transport", "13": "utilities",
    "14": "green_and_open_space",
    "16": "unclassified", "17": "water",
}  # fmt: skip
# Mixed codes as they are written: the codes in them, and their shares where these are stated.
MIXED: dict[str, tuple[list[str], list[float] | None]] = {
    "R2B1": (["R2", "B1"], None), "B1/B2": (["B1", "B2"], None), "070102/0901": (["070102", "0901"], None),
    "R2/B1 7:3": (["R2", "B1"], [0.7, 0.3]),
}  # fmt: skip
WRONG, MEANT = "05", "09"
SAMPLE_PER_CATEGORY = 12
BUILT_UP_HOW = (
    "A cell is built-up where its class is 8; it lies where its centre lies (in EPSG:4547). km2 sums the cells' areas "
    "on the WGS 84 ellipsoid. inside/outside_boundary: all cells of the file; district_…: those in the district only."
)


class Made(NamedTuple):
    """Everything that was drawn."""

    city: City
    areas: list[Area]
    places: Places
    written: Written
    people: People
    cover: dict[int, np.ndarray]
    population: np.ndarray
    lines: Boundaries
    plan: list[detailed_plan.PlanParcel]


def write_truth(path: Path, made: Made) -> None:
    """All true values as JSON, one record per line."""
    truth = {
        "about": FICTIONAL,
        "seed": SEED,
        "date": DATE[:10],
        "plan_epsg": PLAN_EPSG,
        "prefixed_epsg": PREFIXED_EPSG,
        "box_lonlat": list(BOX),
        "district": _district(made),
        "osm": _osm(made),
        "places": _places(made),
        "regulatory_plan": _regulatory_plan(made.city.ground.parcels),
        "boundaries": _boundaries(made.lines),
        "land_cover": _land_cover(made),
        "population": _population(made),
        "transit": _transit(),
        "detailed_plan": _detailed_plan(made.plan),
    }
    path.write_text(_by_line(truth) + "\n", encoding="utf-8", newline="\n")


def _by_line(value: Any, depth: int = 0) -> str:
    """JSON with a line for each key of the upper levels and for each record of a list."""
    pad = " " * (depth + 1)
    if isinstance(value, dict) and depth < 2:
        inner = [f"{pad}{json.dumps(key)}: {_by_line(item, depth + 1)}" for key, item in value.items()]
        return "{\n" + ",\n".join(inner) + "\n" + " " * depth + "}"
    if isinstance(value, list) and value and isinstance(value[0], dict):
        return (
            "[\n" + ",\n".join(pad + json.dumps(item, ensure_ascii=False) for item in value) + "\n" + " " * depth + "]"
        )
    return json.dumps(value, ensure_ascii=False)


def uses_of(code: str) -> dict[str, Any]:
    """The classes of a plan's code, the main one first; shares are equal where the code states none."""
    codes, stated = MIXED.get(code, ([code], None))
    classes = [_class_of(MEANT + "01" if one == WRONG else one) for one in codes]
    shares = stated or [1 / len(classes)] * len(classes)
    return {
        "codes": codes, "main_use": classes[0], "shares": dict(zip(classes, shares, strict=True)),
        "shares_stated": stated is not None,
    }  # fmt: skip


def _class_of(code: str) -> str:
    return next(CLASSES[code[:n]] for n in range(len(code), 0, -1) if code[:n] in CLASSES)


def ring(line: shapely.LinearRing) -> list[list[float]]:
    """Corners of an outline without the last, in metres to the millimetre."""
    return np.round(np.asarray(line.coords)[:-1], 3).tolist()


def _lonlat(at: Any) -> list[list[float]]:
    return np.round(degrees(at), 8).tolist()


def _district(made: Made) -> dict[str, Any]:
    parts = sub_areas(made.city.ground.district)
    return {
        "name": "示例区（虚构示例）",
        "area_m2": round(made.city.ground.district.area, 1),
        "outline_epsg4547": ring(made.city.ground.district.exterior),
        "sub_areas_m2": {name: round(shape.area, 1) for name, shape in parts.items()},
    }


def _osm(made: Made) -> dict[str, Any]:
    buildings = made.city.site.buildings
    district = made.city.ground.district
    inside = shapely.contains(district, shapely.centroid([b.shape for b in buildings]))
    private = [line.shape for line in made.city.lines if line.tags.get("access") == "private"]
    kinds = sorted({line.tags["highway"] for line in made.city.lines if "highway" in line.tags})
    lengths = {
        k: round(sum(li.shape.length for li in made.city.lines if li.tags.get("highway") == k), 1) for k in kinds
    }
    gates = [mark for mark in made.city.site.marks if mark.tags.get("barrier") == "gate"]
    return {
        "buildings": len(buildings),
        "buildings_in_district": int(inside.sum()),
        "buildings_with_levels": sum(b.mapped and b.levels > 0 for b in buildings),
        "street_length_m_by_highway": lengths,
        "private_length_m": round(sum(shape.length for shape in private), 1),
        "gates": len(gates),
        "private_gates": sum(mark.tags["access"] == "private" for mark in gates),
    }


def _places(made: Made) -> dict[str, Any]:
    rows, faults = made.places.rows, made.places.faults
    twice = set(faults["duplicate"])
    once = [row for n, row in enumerate(rows) if n not in twice]
    points = shapely.points([row.at for row in once])
    inside = shapely.contains(made.city.ground.district, points)
    counts: dict[str, int] = {}
    for row, within in zip(once, inside, strict=True):
        if within:
            counts[row.category] = counts.get(row.category, 0) + 1
    shared = _shared(made)
    return {
        "rows": len(rows),
        "rows_without_duplicates": len(once),
        "in_district": int(inside.sum()),
        "around_district": len(once) - int(inside.sum()) - len(faults["far_away"]),
        "fault_rows_from_0": faults,
        "fault_ids": {kind: [rows[n].id for n in numbers] for kind, numbers in faults.items()},
        "in_district_by_category": dict(sorted(counts.items())),
        "shared_with_osm_count": len(shared),
        "shared_with_osm": shared,
        "sample": _sample(once),
    }


def _sample(once: list[Any]) -> list[dict[str, Any]]:
    """Some places of each category with their true place."""
    taken: dict[str, int] = {}
    found = []
    for row in once:
        if row.typecode in ("", "880000") or row.name.endswith("（外地店）"):
            continue
        taken[row.category] = taken.get(row.category, 0) + 1
        if taken[row.category] <= SAMPLE_PER_CATEGORY:
            (lon, lat), (east, north) = _lonlat([row.at])[0], row.at
            found.append(
                {"id": row.id, "name": row.name, "typecode": row.typecode, "category": row.category, "lon": lon,
                 "lat": lat, "epsg4547": [round(east, 3), round(north, 3)]}
            )  # fmt: skip
    return found


def _shared(made: Made) -> list[dict[str, Any]]:
    """Places of a category that stand in both files: marks of shops, and mapped areas of the same name."""
    rows = {row.id: row for row in made.places.rows}
    first_mark = len(made.city.site.marks)
    found = []
    for id, mark in made.places.same:
        osm = made.places.marks[mark]
        away = float(np.hypot(osm.x - rows[id].at[0], osm.y - rows[id].at[1]))
        found.append(_pair(rows[id], made.written.marks[first_mark + mark], osm.tags["name"], away))
    areas = {a.tags["name"]: n for n, a in enumerate(made.areas) if _is_place(a.tags)}
    for row in rows.values():
        if row.category and row.name in areas:
            number = areas[row.name]
            away = float(made.areas[number].shape.distance(shapely.Point(row.at)))
            found.append(_pair(row, made.written.areas[number], row.name, away))
    return found


def _is_place(tags: dict[str, str]) -> bool:
    amenities = ("school", "kindergarten", "marketplace")
    return "name" in tags and (tags.get("leisure") == "park" or tags.get("amenity") in amenities)


def _pair(row: Any, osm_id: str, osm_name: str, away: float) -> dict[str, Any]:
    return {"id": row.id, "name": row.name, "category": row.category, "osm_id": osm_id, "osm_name": osm_name,
            "distance_m": round(away, 2)}  # fmt: skip


def _regulatory_plan(parcels: list[Parcel]) -> dict[str, Any]:
    records = []
    for number, parcel in enumerate(parcels):
        plot = parcel.plot
        scheme = "land_sea_2023" if plot.code[0].isdigit() else "gb50137_2011"
        records.append(
            {"index": number, "code": plot.code, "name": plot.name, "scheme": scheme,
             "area_m2": round(parcel.shape.area, 3), "far": plot.far, "coverage_pct": plot.coverage_pct,
             **uses_of(plot.code), "wrong_pair": plot.code == WRONG, "in_detailed_plan": bool(plot.remark)}
        )  # fmt: skip
    by_use: dict[str, float] = {}
    for record in records:
        for use, share in record["shares"].items():
            by_use[use] = by_use.get(use, 0.0) + share * record["area_m2"]
    return {
        "road_land": "left out: the gaps between parcels",
        "wrong_pair": {"code": WRONG, "meant": MEANT, "name": "商业服务业用地"},
        "count": len(records),
        "area_m2_by_use_equal_split": {use: round(area, 2) for use, area in sorted(by_use.items())},
        "parcels": records,
    }


def _boundaries(lines: Boundaries) -> dict[str, Any]:
    said = "outlines in EPSG:4547 as they truly lie; the files have them as README says"
    found: dict[str, Any] = {"form": said}
    named = {
        "development_boundary": lines.development,
        "ecological_redline": lines.redline,
        "basic_farmland": lines.farmland,
    }
    for name, shapes in named.items():
        found[name] = [
            {
                "area_m2": round(s.area, 3),
                "outline_epsg4547": ring(s.exterior),
                "holes_epsg4547": [ring(r) for r in s.interiors],
            }
            for s in shapes
        ]
    return found


def _cell_areas_km2() -> np.ndarray:
    """Area of the cells of each row of the land-cover grid on the WGS 84 ellipsoid."""
    lons, lats = rasters.cell_bounds("land_cover")
    geod = Geod(ellps="WGS84")
    west, east = lons[0], lons[1]
    areas = []
    for north, south in pairwise(lats):
        area, _ = geod.polygon_area_perimeter([west, east, east, west], [south, south, north, north])
        areas.append(abs(area) / 1e6)
    return np.array(areas)


def _land_cover(made: Made) -> dict[str, Any]:
    lon, lat = rasters.cell_centres("land_cover")
    at = shapely.points(metres(np.column_stack([lon.ravel(), lat.ravel()])))
    shape = lon.shape
    growth = shapely.contains(shapely.union_all(made.lines.development), at).reshape(shape)
    district = shapely.contains(made.city.ground.district, at).reshape(shape)
    size = np.broadcast_to(_cell_areas_km2()[:, None], shape)
    years: dict[str, Any] = {}
    for year, cover in made.cover.items():
        built = cover == rasters.IMPERVIOUS
        parts = {"inside_boundary": built & growth, "outside_boundary": built & ~growth}
        parts |= {f"district_{name}": cells & district for name, cells in list(parts.items())}
        years[str(year)] = {
            "cells_by_class": {str(code): int((cover == code).sum()) for code in np.unique(cover)},
            "built_cells": {name: int(cells.sum()) for name, cells in parts.items()},
            "built_km2": {name: round(float(size[cells].sum()), 6) for name, cells in parts.items()},
        }
    return {
        "how": BUILT_UP_HOW,
        "shape": list(shape),
        "years": years,
    }


def _population(made: Made) -> dict[str, Any]:
    values = made.population.astype(float)
    valid = made.population != rasters.NO_PEOPLE
    lon, lat = rasters.cell_centres("population")
    at = shapely.points(metres(np.column_stack([lon.ravel(), lat.ravel()])))
    inside = shapely.contains(made.city.ground.district, at).reshape(lon.shape)
    return {
        "shape": list(values.shape),
        "total": float(values[valid].sum()),
        "homes_in_district": int(made.people.residents[made.people.inside].sum()),
        "cells_with_centre_in_district": float(values[valid & inside].sum()),
        "cells_nodata": int((~valid).sum()),
        "cells_people": int((values[valid] > 0).sum()),
    }


def _transit() -> dict[str, Any]:
    stations = []
    for station in STATIONS:
        at = ground_point(*station.at)
        doors = [
            {"ref": ref, "lonlat": _lonlat([place])[0], "epsg4547": list(place)} for ref, place in entrances(station)
        ]
        stations.append({"name": station.name, "lonlat": _lonlat([at])[0], "epsg4547": list(at), "entrances": doors})
    return {
        "stations": stations,
        "entrances_count": sum(len(station.entrances) for station in STATIONS),
        "rows": [
            {
                **{key: value for key, value in call._asdict().items() if key not in ("at", "mode")},
                "mode": "metro" if call.mode == "地铁" else "bus",
                "lonlat": _lonlat([call.at])[0],
            }
            for call in calls()
        ],
    }


def _detailed_plan(parcels: list[detailed_plan.PlanParcel]) -> dict[str, Any]:
    edge = detailed_plan.site_edge()
    records = []
    for number, parcel in enumerate(parcels):
        ground = np.round(detailed_plan.from_local(parcel.corners[:, :2]), 3).tolist()
        corners = [[x, y, float(bulge)] for (x, y), bulge in zip(ground, parcel.corners[:, 2], strict=True)]
        records.append(
            {"index": number, "code": parcel.code, "far": parcel.far, "layer": parcel.layer, "entity": parcel.entity,
             "area_m2": round(detailed_plan.arc_area_m2(parcel.corners), 4), **uses_of(parcel.code),
             "corners_epsg4547_bulge": corners}
        )  # fmt: skip
    return {
        "turn_deg": detailed_plan.TURN_DEG,
        "origin_epsg4547": detailed_plan.ORIGIN.tolist(),
        "local_to_epsg4547": "anticlockwise by turn_deg about the local origin, then moved by origin; scale 1",
        "control_points": detailed_plan.control_points(),
        "site_area_m2": round(shapely.Polygon(edge).area, 3),
        "site_outline_epsg4547": np.round(detailed_plan.from_local(edge), 3).tolist(),
        "count": len(records),
        "parcels": records,
    }
