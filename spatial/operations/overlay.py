"""Land use without overlaps, its areas inside other polygons, and the outline of the built-up zone."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from functools import lru_cache
from importlib.resources import files

import geopandas as gpd
import numpy as np
import shapely

from spatial.model.land_use import Buildings, LandUse
from spatial.model.provenance import Ledger
from spatial.model.shapes import polygonal
from spatial.operations.status import land_use_status
from spatial.parameters import parameter
from spatial.text import Message, Value

UNCLASSIFIED = "unclassified"
GROUND_COVER = "ground_cover"
NO_USE = "no_use"
_PIECE_POINTS = 256  # speed only: outlines with more points are split before they are intersected


@lru_cache(maxsize=1)
def osm_crosswalk() -> dict[str, tuple[str, str]]:
    """OSM tag → (class, stack) of `schemes/osm.csv`; "key=*" stands for every other value of the key."""
    return {row["code"]: (row["class"], row["stack"]) for row in _rows("osm.csv")}


def mix_classes() -> tuple[str, ...]:
    """The classes that make up a functional mix; their number is the fixed k of the entropy."""
    return tuple(row["class"] for row in _rows("urban_classes.csv") if row["in_mix"] == "yes")


def flat_land_use(tagged: gpd.GeoDataFrame, *, ledger: Ledger) -> gpd.GeoDataFrame:
    """Land use in the urban scheme without overlaps.

    The smaller polygon lies on top of the larger: the more specific use wins; of two equally large ones the one
    with the lower `osm_id`. Pitches, playgrounds, car parks and the like (`stack` "under" in the table of tags)
    and tags that are not in the table only fill what nothing else covers.

    Parameters
    ----------
    tagged : columns `tag` ("landuse=residential"), `osm_id` and `geometry` (polygons, in metres); may overlap.

    Returns
    -------
    Columns `use`, `tag`, `geometry`, in the order of class, tag and `osm_id`.
    """
    frame = tagged[["tag", "osm_id", "geometry"]].reset_index(drop=True)
    known = [_class_of(tag) for tag in frame["tag"]]
    frame["use"], frame["under"] = [use for use, _ in known], [stack == "under" for _, stack in known]
    frame = _without_ground_cover(frame, ledger)
    frame = _repaired(frame, ledger)
    frame["area"] = frame.geometry.area
    frame = frame.sort_values(["under", "area", "osm_id", "tag"], kind="stable").reset_index(drop=True)
    frame["geometry"] = less_what_lies_on_top(frame.geometry.to_numpy(), ledger)
    frame = frame[~frame.geometry.is_empty].sort_values(["use", "tag", "osm_id"], kind="stable")
    return frame[["use", "tag", "geometry"]].reset_index(drop=True)


def land_use_layer(
    tagged: gpd.GeoDataFrame, built_up: shapely.Geometry, classes: Sequence[str], *, ledger: Ledger
) -> LandUse:
    """The land-use layer: flat polygons, the classes of the mix (see `mix_classes`) and how much is mapped."""
    table = flat_land_use(tagged, ledger=ledger)
    share = mapped_share(table, built_up)
    if not np.isnan(share):
        ledger.record(
            "land_use", "read", Message("overlay.mapped", {"share": share, "km2": float(shapely.area(built_up)) / 1e6})
        )
    return LandUse(table, "osm", tuple(classes), built_up, land_use_status(share))


def mapped_share(table: gpd.GeoDataFrame, built_up: shapely.Geometry) -> float:
    """How much of the built-up zone has a mapped and known use, in %; NaN without a built-up zone.

    Areas whose tag has no class count as not mapped.
    """
    built_up_m2 = float(shapely.area(built_up))
    if built_up_m2 == 0:
        return float("nan")
    known = table[table["use"] != UNCLASSIFIED]
    share = known["share"].to_numpy() if "share" in known else np.ones(len(known))
    row, _, shapes = intersections(known.geometry.to_numpy(), np.array([built_up]))
    return float(100 * (shapely.area(shapes) * share[row]).sum() / built_up_m2)


def built_up_zone(
    buildings: Buildings,
    *,
    ledger: Ledger,
    reach_m: float = parameter("built_up_reach_m"),
    pull_back_m: float = parameter("built_up_pull_back_m"),
    least_ha: float = parameter("built_up_least_ha"),
) -> shapely.Geometry:
    """The outline of the built-up zone.

    Buildings are widened by `reach_m` and merged, so that neighbours up to twice as far apart belong together;
    the outline is pulled back by `pull_back_m`; parts smaller than `least_ha` (farms, hamlets) are left out.
    """
    widened = shapely.buffer(buildings.table.geometry.to_numpy(), reach_m, quad_segs=2)
    parts = shapely.get_parts(shapely.buffer(shapely.union_all(widened), -pull_back_m, quad_segs=2))
    large = parts[shapely.area(parts) >= least_ha * 1e4]
    zone = shapely.MultiPolygon(list(large[np.lexsort(shapely.bounds(large).T)]))
    values: dict[str, Value] = {
        "km2": zone.area / 1e6,
        "parts": len(large),
        "left_out": len(parts) - len(large),
        "ha": least_ha,
    }
    ledger.record("land_use", "estimated", Message("overlay.built_up", values), count=len(buildings.table))
    return zone


def intersections(first: np.ndarray, second: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """What polygons have in common, in pieces.

    Returns
    -------
    Positions in `first`, positions in `second` and the common pieces, one row a piece. The area that two polygons
    share is the sum over their rows.
    """
    left, of_left = _split(first)
    right, of_right = _split(second)
    i, j = shapely.STRtree(right).query(left, predicate="intersects")
    shapes = shapely.intersection(left[i], right[j])
    kept = shapely.area(shapes) > 0
    return of_left[i[kept]], of_right[j[kept]], shapes[kept]


def _split(shapes: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Polygons cut in halves until none has many points, and which polygon each piece is of."""
    todo, of_todo = shapely.get_parts(shapes, return_index=True)
    done, of_done = [todo[:0]], [of_todo[:0]]
    while len(todo):
        small = shapely.get_num_coordinates(todo) <= _PIECE_POINTS
        done.append(todo[small])
        of_done.append(of_todo[small])
        large, of_large = todo[~small], of_todo[~small]
        west, south, east, north = shapely.bounds(large).T
        wide = east - west >= north - south
        middle_x, middle_y = np.where(wide, (west + east) / 2, east), np.where(wide, north, (south + north) / 2)
        low = shapely.intersection(large, shapely.box(west, south, middle_x, middle_y))
        high = shapely.intersection(
            large, shapely.box(np.where(wide, middle_x, west), np.where(wide, south, middle_y), east, north)
        )
        todo, origin = shapely.get_parts(np.concatenate([low, high]), return_index=True)
        of_todo = np.concatenate([of_large, of_large])[origin]
        flat = shapely.get_dimensions(todo) == 2
        todo, of_todo = todo[flat], of_todo[flat]
    return np.concatenate(done), np.concatenate(of_done)


def _class_of(tag: str) -> tuple[str, str]:
    table = osm_crosswalk()
    return table.get(tag) or table.get(f"{tag.partition('=')[0]}=*") or (UNCLASSIFIED, "under")


def _without_ground_cover(frame: gpd.GeoDataFrame, ledger: Ledger) -> gpd.GeoDataFrame:
    for left_out in (GROUND_COVER, NO_USE):
        count = int((frame["use"] == left_out).sum())
        if count:
            ledger.record("land_use", "dropped", Message(f"overlay.{left_out}", {"count": count}), count=count)
    frame = frame[~frame["use"].isin((GROUND_COVER, NO_USE))]
    unknown = frame.loc[frame["use"] == UNCLASSIFIED, "tag"]
    if len(unknown):
        values: dict[str, Value] = {"count": len(unknown), "tags": tuple(sorted(unknown.unique()))}
        ledger.record("land_use", "warned", Message("overlay.unclassified", values), count=len(unknown))
    return frame.copy()


def _repaired(frame: gpd.GeoDataFrame, ledger: Ledger) -> gpd.GeoDataFrame:
    invalid = ~frame.geometry.is_valid.to_numpy()
    if invalid.any():
        shapes = frame.geometry.to_numpy().copy()
        shapes[invalid] = polygonal(shapely.make_valid(shapes[invalid]))
        frame["geometry"] = shapes
        count = int(invalid.sum())
        ledger.record("land_use", "imputed", Message("overlay.repaired", {"count": count}), count=count)
    flat = (shapely.get_dimensions(frame.geometry.to_numpy()) == 2) & ~frame.geometry.is_empty.to_numpy()
    if not flat.all():
        count = int((~flat).sum())
        ledger.record("land_use", "dropped", Message("overlay.not_an_area", {"count": count}), count=count)
    return frame[flat].copy()


def less_what_lies_on_top(shapes: np.ndarray, ledger: Ledger) -> np.ndarray:
    """Each polygon without those before it; `shapes` is ordered from top to bottom."""
    tree = shapely.STRtree(shapes)
    below, above = tree.query(shapes, predicate="intersects")
    below, above = below[above < below], above[above < below]
    order = np.lexsort((above, below))
    below, above = below[order], above[order]
    cut, starts = np.unique(below, return_index=True)
    lids = [shapely.union_all(shapes[group]) for group in np.split(above, starts[1:])] if len(cut) else []
    flat = shapes.copy()
    flat[cut] = polygonal(shapely.difference(shapes[cut], np.array(lids, dtype=object)))
    lost_m2 = np.round(shapely.area(shapes[cut]) - shapely.area(flat[cut]))
    overlapping, covered = int((lost_m2 > 0).sum()), int(shapely.is_empty(flat[cut]).sum())
    if overlapping:
        values = {"count": overlapping, "covered": covered, "total": len(shapes), "km2": float(lost_m2.sum()) / 1e6}
        ledger.record("land_use", "clipped", Message("overlay.overlaps", values), count=overlapping)
    return flat


def _rows(name: str) -> list[dict[str, str]]:
    text = files("spatial.schemes").joinpath(name).read_text(encoding="utf-8")
    return list(csv.DictReader(text.splitlines()))
