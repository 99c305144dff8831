"""Whether a layer lies where it should: its features against OpenStreetMap's streets and buildings, datum by datum."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
import shapely
from pyproj import CRS

from spatial.model.provenance import Ledger
from spatial.parameters import parameter
from spatial.sources.datum.conversion import Datum
from spatial.sources.datum.evidence import Evidence, OffsetRules, crossed_less, weigh
from spatial.sources.datum.placements import Placements, place
from spatial.text import Message, Value

Kind = Literal["fits", "shifted", "unclear"]

_RIVALS: tuple[Datum, ...] = ("wgs84", "gcj02", "bd09")


@dataclass(frozen=True)
class OffsetVerdict:
    """Whether the declared datum is the one that puts a layer onto streets and buildings.

    Attributes
    ----------
    kind : *fits*: clearly more of the layer lies on streets or buildings as declared than under any other datum and
        after arbitrary moves; or all datums give the same positions, as outside mainland China. *shifted*: the same
        holds for another datum. *unclear*: too few features, or no datum stands out.
    better : the datum that fits, where the layer is shifted.
    declared_pct, better_pct : share of the layer that lies on streets or buildings as declared, and under the best
        other datum. chance_pct : the share that all but a few arbitrary moves stay below. NaN: not compared.
    features : how many features were compared, or were there to compare.
    shift_m : median distance between the positions as declared and as in `better`; NaN where it is not shifted.
    """

    kind: Kind
    declared: Datum
    better: Datum | None
    declared_pct: float
    better_pct: float
    chance_pct: float
    features: int
    shift_m: float


def check_offset(
    shapes: np.ndarray,
    declared: Datum,
    streets: np.ndarray,
    buildings: np.ndarray,
    crs: CRS,
    *,
    rules: OffsetRules | None = None,
) -> OffsetVerdict:
    """Whether another datum than the declared one puts a layer onto streets and buildings.

    A sample of the features is placed as every datum would place it, and the share that lies on the reference is
    counted: points in or near a building, or on a street; lines on streets; outlines of polygons on streets or on
    outlines of buildings. The kind of reference with the largest share decides. A datum is taken to fit
    if its share is larger by `margin_pct`, and by `margin_errors` standard errors, than under the others, *and* larger
    by `margin_pct` than after all but a few of `trials` arbitrary moves of the layer: in a dense or regular city many a
    move lands on some street. Polygons on streets are called shifted only if clearly fewer are crossed by streets then.

    Parameters
    ----------
    shapes : geometries in longitude and latitude as the file has them, not converted.
    streets, buildings : OpenStreetMap's lines and polygons in `crs` (projected, metres); either may be empty.
    rules : thresholds; those of the parameters where none are given.

    Raises
    ------
    InputError : no such datum.
    """
    rules = OffsetRules() if rules is None else rules
    lines, homes = _drawn(streets), _drawn(buildings)
    datums = (declared, *(other for other in _RIVALS if not _same(other, declared)))
    around = shapely.total_bounds(np.concatenate([lines, homes])) if len(lines) + len(homes) else None
    most, points = int(rules.features_most), int(rules.points_of_a_line)
    layer = place(_drawn(shapes), datums, crs, around, most=most, points=points)
    nothing = OffsetVerdict("unclear", declared, None, np.nan, np.nan, np.nan, 0, np.nan)
    if len(layer):
        apart_m = np.max([layer.apart_m(declared, other) for other in datums[1:]], axis=0)
        if (apart_m <= rules.same_m).all():
            return replace(nothing, kind="fits", features=len(layer))
        layer = layer.only(apart_m > rules.same_m)
    verdicts = []
    for reference, near_m in _references(layer, lines, homes, rules):
        verdict = _verdict(layer, declared, weigh(layer, reference, near_m, rules), rules)
        if verdict.better and layer.form == "polygons" and reference is lines:
            less = crossed_less(layer, verdict.better, declared, lines, rules)
            verdict = verdict if less else replace(verdict, kind="unclear", better=None, shift_m=np.nan)
        verdicts.append(verdict)
    return max([nothing, *verdicts], key=lambda verdict: (_largest(verdict), verdict.features))


def note_offset(verdict: OffsetVerdict, *, path_name: str, layer: str, ledger: Ledger) -> None:
    """Record a verdict: a warning where the layer is shifted, a note where nothing can be told, else nothing."""
    values: dict[str, Value] = {"path": path_name, "declared": _named(verdict.declared), "count": verdict.features}
    if verdict.better is not None:
        values |= {"better": _named(verdict.better), "code": verdict.better, "shift_m": verdict.shift_m}
        values |= {"declared_pct": verdict.declared_pct, "better_pct": verdict.better_pct}
        ledger.record(layer, "warned", Message("datum.shifted", values), count=verdict.features)
    elif verdict.kind == "unclear" and np.isnan(verdict.declared_pct):
        values |= {"least": parameter("offset_features_min")}
        ledger.record(layer, "read", Message("datum.too_few", values), count=verdict.features)
    elif verdict.kind == "unclear":
        values |= {"declared_pct": verdict.declared_pct, "other_pct": max(verdict.better_pct, verdict.chance_pct)}
        ledger.record(layer, "read", Message("datum.none_stands_out", values), count=verdict.features)


def _named(datum: Datum) -> Message:
    return Message(f"datum.name_{datum}")


def _same(one: Datum, other: Datum) -> bool:
    return one == other or {one, other} == {"wgs84", "cgcs2000"}


def _drawn(shapes: np.ndarray) -> np.ndarray:
    """The shapes that have coordinates."""
    array: np.ndarray = np.asarray(shapes, dtype=object)
    drawn: np.ndarray = array[~(shapely.is_missing(array) | shapely.is_empty(array))]
    return drawn


def _largest(verdict: OffsetVerdict) -> float:
    """The largest share under any datum: features are judged by the kind of thing that most of them lie on."""
    return float(np.nan_to_num(max(verdict.declared_pct, verdict.better_pct), nan=-1.0))


def _references(
    layer: Placements, streets: np.ndarray, buildings: np.ndarray, rules: OffsetRules
) -> list[tuple[np.ndarray, float]]:
    """What features of this form lie on, and how near they must come."""
    if layer.form == "points":
        return [(buildings, rules.near_building_m), (streets, rules.near_street_m)]
    if layer.form == "lines":
        return [(streets, rules.near_street_m)]
    return [(streets, rules.outline_near_street_m), (shapely.boundary(buildings), rules.near_building_m)]


def _verdict(layer: Placements, declared: Datum, evidence: Evidence, rules: OffsetRules) -> OffsetVerdict:
    share, top = evidence.share, evidence.top
    if evidence.features[top] < rules.features_min:
        most = max(evidence.features.values())
        return OffsetVerdict("unclear", declared, None, np.nan, np.nan, np.nan, most, np.nan)
    other = max(share[datum] for datum in share if datum != declared)
    percents = (100 * share[declared], 100 * other, 100 * evidence.chance)
    if evidence.stands_out and top != declared:
        shift_m = float(np.median(layer.apart_m(declared, top)))
        return OffsetVerdict("shifted", declared, top, *percents, evidence.features[top], shift_m)
    kind: Kind = "fits" if evidence.stands_out else "unclear"
    return OffsetVerdict(kind, declared, None, *percents, evidence.features[top], np.nan)
