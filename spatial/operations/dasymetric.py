"""Residents as weighted points: totals of settlements or zones, split over their homes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import fsum
from typing import Literal, TypeAlias

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from pyproj import CRS

from spatial.errors import CrsError, InputError, Problems
from spatial.model.people import People
from spatial.model.provenance import OK, DataStatus, Ledger
from spatial.model.study_area import projected_crs
from spatial.operations.dwellings import homes
from spatial.operations.raster_people import people_from_raster
from spatial.parameters import parameter
from spatial.text import Message, Value

__all__ = [
    "SettlementTotal",
    "homes",
    "moved_share",
    "people_from_raster",
    "people_from_zones",
    "split_residents",
    "touches_edge",
]

SplitBy: TypeAlias = Literal["floor", "footprint"]
_LAYER = "people"
_WEIGHT = {"floor": "floor_m2", "footprint": "footprint_m2"}
_NAMED = 5


@dataclass(frozen=True)
class SettlementTotal:
    """Residents of one settlement, and where it is.

    Parameters
    ----------
    boundary : polygon in the study's system. Where one settlement lies inside another, the smaller is cut out of
        the larger: the larger one's total is that of the rest.
    cut : the data end inside the settlement, so that its homes are not all known.
    """

    name: str
    residents: float
    boundary: shapely.Geometry
    cut: bool = False


def split_residents(
    homes: gpd.GeoDataFrame,
    totals: Sequence[SettlementTotal],
    *,
    ledger: Ledger,
    by: SplitBy = "floor",
    levels_known_min_pct: float = parameter("levels_known_min_pct"),
    compare_cell_m: float = parameter("split_comparison_cell_m"),
) -> People:
    """Each settlement's residents, split over its own homes in proportion to their floor area (or footprint).

    The sum over a settlement's homes is its total. The other way of splitting is computed beside, and the ledger
    says how many residents it would place in another cell of `compare_cell_m`.

    Parameters
    ----------
    homes : as `homes` returns them. Those in no settlement get nobody, and are counted.

    Returns
    -------
    People in the order of `homes`, with `group` the settlement. A settlement that the data cut gets no people, and
    the status is then absent and names it: pass only settlements that meet the study area. The status is doubtful
    where floor area rests on levels known for less than `levels_known_min_pct` of the homes. Around homes that
    lie in no settlement, residents are not known.

    Raises
    ------
    InputError : a settlement without any home, a total that is no number of people, or a name given twice.
    """
    owner = _owners(homes, totals, ledger)
    _check_totals(homes, totals, owner)
    whole = np.array([not total.cut for total in totals])
    placed = np.flatnonzero((owner >= 0) & whole[owner])
    mine, table = owner[placed], homes.iloc[placed]
    amounts = np.array([float(total.residents) for total in totals])
    shares = {way: _share_out(table[column].to_numpy(dtype=float), mine, amounts) for way, column in _WEIGHT.items()}
    x, y = table["x"].to_numpy(dtype=float), table["y"].to_numpy(dtype=float)
    names = np.array([total.name for total in totals], dtype=object)
    status = _split_status(table, totals, by, levels_known_min_pct)
    known = _known(homes.geometry.to_numpy()[owner < 0], totals)
    residents = shares[by]
    _note_split(x, y, shares, by, compare_cell_m, [t for t in totals if not t.cut], ledger)
    return People(x, y, residents, np.full(len(x), np.nan), names[mine], "dwellings", status, known)


def touches_edge(
    homes: gpd.GeoDataFrame,
    boundary: shapely.Geometry,
    box: shapely.Geometry,
    *,
    edge_m: float = parameter("data_edge_m"),
    min_pct: float = parameter("data_edge_homes_min_pct"),
) -> bool:
    """Whether a settlement seems to go on beyond the data.

    It does where at least `min_pct` of its homes lie within `edge_m` of the edge of `box` (the outline of the data, in
    the study's system). A boundary that the file itself cuts is known from reading it, not from here.
    """
    inside = shapely.contains_xy(boundary, homes["x"].to_numpy(dtype=float), homes["y"].to_numpy(dtype=float))
    if not inside.any():
        return False
    near = shapely.dwithin(homes.geometry.to_numpy()[inside], shapely.boundary(box), edge_m)
    return bool(100 * near.mean() >= min_pct)


def people_from_zones(
    polygons: gpd.GeoDataFrame,
    residents_column: str | None,
    jobs_column: str | None,
    crs: CRS,
    *,
    ledger: Ledger,
    homes: gpd.GeoDataFrame | None = None,
    cell_max_m: float = parameter("people_cell_max_m"),
    coarse_max_pct: float = parameter("people_coarse_max_pct"),
    overlap_max_pct: float = parameter("people_zone_overlap_pct"),
) -> People:
    """The people of zones: residents over the zone's homes where these are given, all else at a point inside the zone.

    `group` is the index of `polygons`. A zone with residents and no home keeps them at a point inside it, and is
    counted. Doubtful where more than `coarse_max_pct` of the residents stand at the one point of a zone that is
    larger than a square of `cell_max_m`, or are split inside such zones by levels that are mostly not known.

    Raises
    ------
    InputError : values that are no numbers of people, or zones that share more than `overlap_max_pct` of the smaller.
    """
    target = projected_crs(crs)
    if polygons.crs is None:
        raise CrsError(Message("crs.missing"))
    shapes = polygons.geometry.to_crs(target).to_numpy()
    residents = _numbers(polygons, residents_column)
    jobs = _numbers(polygons, jobs_column)
    ids = polygons.index.astype(str).to_numpy(dtype=object)
    _refuse_overlaps(shapes, ids, overlap_max_pct)
    inside = shapely.point_on_surface(shapes)
    parts = [(shapely.get_x(inside), shapely.get_y(inside), residents, jobs, ids)]
    housed = np.zeros(len(ids), dtype=bool)
    said = {"zones": len(ids), "residents": fsum(np.nan_to_num(residents)), "jobs": fsum(np.nan_to_num(jobs))}
    ledger.record(_LAYER, "chosen", Message("dasymetric.zones", said), count=len(ids))
    if homes is not None and residents_column is not None:
        parts, housed = _over_homes(homes, shapes, parts[0], ledger)
    width_m = np.sqrt(shapely.area(shapes))
    status = _zones_status(width_m, np.where(housed, 0, residents), residents, cell_max_m, coarse_max_pct)
    split = float(np.nansum(residents[housed & (width_m > cell_max_m)]))
    if homes is not None and 100 * split > coarse_max_pct * float(np.nansum(residents)):
        status = status.worse(_levels_status(homes, parameter("levels_known_min_pct")))
    x, y, residents, jobs, group = (np.concatenate(column) for column in zip(*parts, strict=True))
    return People(x, y, residents, jobs, group, "zones", status)


def _refuse_overlaps(shapes: np.ndarray, ids: np.ndarray, max_pct: float) -> None:
    """People of zones that overlap may be the same people twice."""
    first, second = shapely.STRtree(shapes).query(shapes, predicate="intersects")
    first, second = first[first < second], second[first < second]
    common_m2 = shapely.area(shapely.intersection(shapes[first], shapes[second]))
    area_m2 = shapely.area(shapes)
    shared = np.flatnonzero(100 * common_m2 > max_pct * np.minimum(area_m2[first], area_m2[second]))
    if len(shared):
        pairs = tuple(f"{ids[first[i]]} / {ids[second[i]]}" for i in shared[:_NAMED])
        raise InputError(Message("dasymetric.zones_overlap", {"count": len(shared), "pairs": pairs}))


def _zones_status(
    width_m: np.ndarray, at_points: np.ndarray, residents: np.ndarray, cell_max_m: float, coarse_max_pct: float
) -> DataStatus:
    """Doubtful where too many residents stand at the one point of a zone too large for walking distances."""
    coarse = (width_m > cell_max_m) & (at_points > 0)
    total = float(np.nansum(residents))
    percent = 100 * float(at_points[coarse].sum()) / total if total > 0 else 0.0
    if percent <= coarse_max_pct:
        return OK
    said: dict[str, Value] = {"percent": percent, "zones": int(coarse.sum()), "allowed_m": cell_max_m}
    return DataStatus("doubtful", Message("dasymetric.coarse_zones", said))


def _owners(homes: gpd.GeoDataFrame, totals: Sequence[SettlementTotal], ledger: Ledger) -> np.ndarray:
    boundaries = np.array([total.boundary for total in totals], dtype=object)
    owner, doubled = _smallest_around(homes.geometry.to_numpy(), boundaries)
    nobody = int((owner < 0).sum())
    if nobody:
        ledger.record(_LAYER, "dropped", Message("dasymetric.no_settlement", {"count": nobody}), count=nobody)
    if doubled:
        ledger.record(_LAYER, "chosen", Message("dasymetric.nested", {"count": doubled}), count=doubled)
    return owner


def _smallest_around(points: np.ndarray, boundaries: np.ndarray) -> tuple[np.ndarray, int]:
    """The smallest boundary around each point (−1: none), and how many points have several."""
    boundary, point = shapely.STRtree(points).query(boundaries, predicate="intersects")
    order = np.lexsort((boundary, -shapely.area(boundaries)[boundary]))
    owner = np.full(len(points), -1, dtype=np.int64)
    owner[point[order]] = boundary[order]
    return owner, int((np.bincount(point, minlength=1) > 1).sum())


def _check_totals(homes: gpd.GeoDataFrame, totals: Sequence[SettlementTotal], owner: np.ndarray) -> None:
    problems = Problems()
    names = [total.name for total in totals]
    floor = np.bincount(
        owner[owner >= 0], weights=homes["floor_m2"].to_numpy(dtype=float)[owner >= 0], minlength=len(totals)
    )
    for total, area in zip(totals, floor, strict=True):
        if not (np.isfinite(total.residents) and total.residents >= 0):
            problems.add(Message("dasymetric.bad_total", {"name": total.name, "found": float(total.residents)}))
        if names.count(total.name) > 1:
            problems.add(Message("dasymetric.doubled_name", {"name": total.name}))
        if area <= 0 and not total.cut:
            problems.add(Message("dasymetric.no_homes", {"name": total.name, "residents": float(total.residents)}))
    if not totals:
        problems.add(Message("dasymetric.no_totals"))
    problems.raise_if_any(InputError)


def _known(
    strays: np.ndarray,
    totals: Sequence[SettlementTotal],
    *,
    reach_m: float = parameter("stray_home_reach_m"),
    far_km: float = parameter("vector_far_km"),
) -> shapely.Geometry | None:
    """All places but those outside the settlements within `reach_m` of a home; None where there is no such home."""
    if not len(strays):
        return None
    towns = shapely.union_all([total.boundary for total in totals])
    unknown = shapely.difference(shapely.union_all(shapely.buffer(strays, reach_m)), towns)
    everywhere = shapely.buffer(shapely.envelope(shapely.union(unknown, towns)), 1000 * far_km, join_style="mitre")
    return shapely.difference(everywhere, unknown)


def _share_out(weight: np.ndarray, owner: np.ndarray, amounts: np.ndarray) -> np.ndarray:
    """Each owner's amount by weight; the largest share of an owner takes what rounding left over."""
    sums = np.bincount(owner, weights=weight, minlength=len(amounts))
    share = amounts[owner] * weight / sums[owner] if len(owner) else np.zeros(0)
    for k in np.unique(owner):
        mine = np.flatnonzero(owner == k)
        largest = mine[np.argmax(share[mine])]
        share[largest] += amounts[k] - fsum(share[mine])
    return share


def _split_status(
    homes: gpd.GeoDataFrame, totals: Sequence[SettlementTotal], by: SplitBy, known_min_pct: float
) -> DataStatus:
    cut = tuple(total.name for total in totals if total.cut)
    if cut:
        return DataStatus("absent", Message("dasymetric.cut", {"names": cut, "count": len(cut)}))
    return _levels_status(homes, known_min_pct) if by == "floor" else OK


def _levels_status(homes: gpd.GeoDataFrame, known_min_pct: float) -> DataStatus:
    """Doubtful where floor area rests on levels known for too few of the homes."""
    known_pct = 100 * float(1 - homes["levels_imputed"].mean())
    if known_pct >= known_min_pct:
        return OK
    return DataStatus("doubtful", Message("dasymetric.levels", {"known_pct": known_pct, "floor_pct": known_min_pct}))


def _note_split(
    x: np.ndarray,
    y: np.ndarray,
    shares: dict[str, np.ndarray],
    by: SplitBy,
    cell_m: float,
    totals: Sequence[SettlementTotal],
    ledger: Ledger,
) -> None:
    total = fsum(shares[by])
    said: dict[str, Value] = {
        "total": total,
        "homes": len(x),
        "names": tuple(f"{t.name} {t.residents:,.0f}" for t in totals) or ("–",),
        "by": Message(f"dasymetric.by_{by}"),
    }
    ledger.record(_LAYER, "estimated", Message("dasymetric.split", said), count=len(x))
    if total > 0:
        moved = moved_share(x, y, shares["floor"], shares["footprint"], cell_m=cell_m)
        compared = Message("dasymetric.compared", {"percent": 100 * moved, "cell_m": cell_m})
        ledger.record(_LAYER, "estimated", compared)


def moved_share(x: np.ndarray, y: np.ndarray, one: np.ndarray, other: np.ndarray, *, cell_m: float) -> float:
    """Share of the people (0–1) who stand in another square of `cell_m` when placed by `other` instead of `one`."""
    cells = pd.DataFrame({"column": np.floor(x / cell_m), "row": np.floor(y / cell_m), "change": other - one})
    changes = cells.groupby(["column", "row"])["change"].sum()
    return float(changes.abs().sum() / 2 / one.sum())


def _numbers(polygons: gpd.GeoDataFrame, column: str | None) -> np.ndarray:
    """A column as numbers of people; NaN throughout where no column is named."""
    if column is None:
        return np.full(len(polygons), np.nan)
    if column not in polygons.columns:
        there = tuple(str(c) for c in polygons.columns if c != polygons.geometry.name)
        raise InputError(Message("dasymetric.no_column", {"column": column, "found": there}))
    if not pd.api.types.is_numeric_dtype(polygons[column]):
        example = str(polygons[column].iloc[0]) if len(polygons) else ""
        raise InputError(Message("dasymetric.text_column", {"column": column, "example": example}))
    numbers: np.ndarray = polygons[column].to_numpy(dtype=float)
    bad = ~(np.isfinite(numbers) & (numbers >= 0))
    if bad.any():
        rows = tuple(str(row) for row in polygons.index[bad][:_NAMED])
        raise InputError(Message("dasymetric.not_people", {"column": column, "count": int(bad.sum()), "zones": rows}))
    return numbers


_Points: TypeAlias = tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray, np.ndarray]


def _over_homes(
    homes: gpd.GeoDataFrame, shapes: np.ndarray, zones: _Points, ledger: Ledger
) -> tuple[list[_Points], np.ndarray]:
    """Residents at homes, and the zones' points with what is left there; and which zones have a home."""
    x, y, residents, jobs, ids = zones
    owner, _ = _smallest_around(homes.geometry.to_numpy(), shapes)
    kept = np.flatnonzero(owner >= 0)
    mine, table = owner[kept], homes.iloc[kept]
    shared = _share_out(table["floor_m2"].to_numpy(dtype=float), mine, residents)
    housed = np.bincount(mine, minlength=len(ids)) > 0
    without = int((~housed & (residents > 0)).sum())
    values = {"homes": len(kept), "zones": int(housed.sum()), "without": without}
    ledger.record(_LAYER, "estimated", Message("dasymetric.zones_homes", values), count=len(kept))
    none = np.zeros(len(kept)) if np.isfinite(jobs).all() else np.full(len(kept), np.nan)
    at_homes = (table["x"].to_numpy(dtype=float), table["y"].to_numpy(dtype=float), shared, none, ids[mine])
    at_zones = (x, y, np.where(housed, 0.0, residents), jobs, ids)
    left = (at_zones[2] > 0) | (np.nan_to_num(jobs) > 0)
    return [at_homes, (x[left], y[left], at_zones[2][left], jobs[left], ids[left])], housed
