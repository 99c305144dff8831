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
from spatial.sources.datum.placements import Placements, place
from spatial.text import Message, Value

Kind = Literal["fits", "shifted", "unclear"]

_RIVALS: tuple[Datum, ...] = ("wgs84", "gcj02", "bd09")
_GOLDEN_ANGLE = np.pi * (3 - np.sqrt(5))


@dataclass(frozen=True)
class OffsetVerdict:
    """Whether the declared datum is the one that puts a layer onto streets and buildings.

    Attributes
    ----------
    kind : *fits*: clearly more features lie on streets or buildings as declared than under any other datum, or all
        datums give the same positions, as outside mainland China. *shifted*: another datum fits clearly better than the
        declared one and than any arbitrary move. *unclear*: too few features, or no datum stands out.
    better : the datum that fits, where the layer is shifted.
    declared_pct, better_pct : share of the features that lie on a street or building as declared, and under the best
        other datum. chance_pct : the largest such share after moving the layer arbitrarily. NaN: not compared.
    features : how many features were compared.
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


@dataclass(frozen=True)
class OffsetRules:
    """When a feature lies on a street or building, and how much better a datum must fit: rows of the parameters."""

    near_building_m: float = parameter("offset_near_building_m")
    near_street_m: float = parameter("offset_near_street_m")
    outline_near_street_m: float = parameter("offset_outline_near_street_m")
    reach_m: float = parameter("offset_reach_m")
    same_m: float = parameter("offset_same_m")
    margin_pct: float = parameter("offset_margin_pct")
    margin_errors: float = parameter("offset_margin_errors")
    features_min: float = parameter("offset_features_min")
    features_most: float = parameter("offset_features_most")
    points_of_a_line: float = parameter("offset_points_of_a_line")
    trials: float = parameter("offset_trials")
    trial_near_m: float = parameter("offset_trial_near_m")
    trial_far_m: float = parameter("offset_trial_far_m")


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
    outlines of buildings. Another datum is named only if its share is larger by `margin_pct` and by `margin_errors`
    standard errors than the share as declared, *and* larger by `margin_pct` than after each of `trials` arbitrary moves
    of the layer: in a dense or regular city many a move lands on some street.

    Parameters
    ----------
    shapes : geometries in longitude and latitude as the file has them, not converted.
    streets, buildings : OpenStreetMap's lines and polygons in `crs` (projected, metres); either may be empty.

    Raises
    ------
    InputError : no such datum.
    """
    rules = OffsetRules() if rules is None else rules
    lines, homes = (reference[~(shapely.is_missing(reference) | shapely.is_empty(reference))]
                    for reference in (streets, buildings))  # fmt: skip
    datums = (declared, *(other for other in _RIVALS if not _same(other, declared)))
    box = shapely.box(*shapely.total_bounds(np.concatenate([lines, homes]))) if len(lines) + len(homes) else None
    sample = {"most": int(rules.features_most), "points": int(rules.points_of_a_line)}
    layer = place(shapes, datums, crs, box, **sample)
    unclear = OffsetVerdict("unclear", declared, None, np.nan, np.nan, np.nan, 0, np.nan)
    if len(layer):
        apart = np.max([layer.apart_m(declared, other) for other in datums[1:]], axis=0)
        if (apart <= rules.same_m).all():
            return replace(unclear, kind="fits", features=len(layer))
        layer = layer.only(apart > rules.same_m)
    verdicts = [
        _judged(layer, declared, shapely.STRtree(reference), near_m, rules)
        for reference, near_m in _references(layer, lines, homes, rules)
    ]
    return max([unclear, *verdicts], key=lambda verdict: (_highest(verdict), verdict.features))


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


def _highest(verdict: OffsetVerdict) -> float:
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


def _judged(
    layer: Placements, declared: Datum, reference: shapely.STRtree, near_m: float, rules: OffsetRules
) -> OffsetVerdict:
    """The verdict by one kind of reference."""
    found = {datum: _found(reference, xy, near_m, rules) for datum, xy in layer.positions.items()}
    top = max(found, key=lambda datum: found[datum].share)
    if found[top].features < rules.features_min:
        most = max(count.features for count in found.values())
        return OffsetVerdict("unclear", declared, None, np.nan, np.nan, np.nan, most, np.nan)
    tried = [_found(reference, layer.positions[top] + move, near_m, rules).share for move in _moves(layer, top, rules)]
    chance = float(np.quantile(tried, rules.trials_beaten_pct / 100)) if tried else 1.0
    clear = all(_clearly_more(found[top], found[datum], rules) for datum in found if datum != top)
    kind: Kind = "unclear"
    if clear and 100 * (found[top].share - chance) >= rules.margin_pct:
        kind = "fits" if top == declared else "shifted"
    if kind == "shifted" and crossing and not _crossed_less(layer, top, declared, reference, rules):
        kind = "unclear"
    better, shift_m = (top, float(np.median(layer.apart_m(declared, top)))) if kind == "shifted" else (None, np.nan)
    other = max(found[datum].share for datum in found if datum != declared)
    percents = (100 * found[declared].share, 100 * other, 100 * chance)
    return OffsetVerdict(kind, declared, better, *percents, found[top].features, shift_m)


@dataclass(frozen=True)
class _Found:
    """Share of points on the reference among those within reach of it, and how many features have such points.

    What lies off the reference altogether tells nothing: else a move that takes a layer over the edge of a city would
    seem to fit worse. With too few features within reach the share is 0.
    """

    share: float
    features: int


def _found(reference: shapely.STRtree, xy: np.ndarray, near_m: float, rules: OffsetRules) -> _Found:
    flat: np.ndarray = np.asarray(shapely.points(xy.reshape(-1, 2)))
    (points, _), away_m = reference.query_nearest(
        flat, max_distance=rules.reach_m, return_distance=True, all_matches=False
    )
    features = len(np.unique(points // xy.shape[1]))
    return _Found(float((away_m <= near_m).mean()) if features >= rules.features_min else 0.0, features)


def _moves(layer: Placements, datum: Datum, rules: OffsetRules) -> list[np.ndarray]:
    """Arbitrary moves away from one datum, none of them near to where another one lies; always the same."""
    steps = np.arange(int(rules.trials))
    far = rules.trial_near_m + (rules.trial_far_m - rules.trial_near_m) * (steps + 0.5) / len(steps)
    moves = far[:, None] * np.column_stack([np.cos(steps * _GOLDEN_ANGLE), np.sin(steps * _GOLDEN_ANGLE)])
    origin = layer.positions[datum]
    shifts = [np.median(xy - origin, axis=(0, 1)) for other, xy in layer.positions.items() if other != datum]
    return [move for move in moves if min(np.hypot(*(move - shift)) for shift in shifts) > rules.reach_m]


def _clearly_more(one: _Found, other: _Found, rules: OffsetRules) -> bool:
    """Whether a share exceeds another by the margin and by as many standard errors of two proportions as wanted."""
    many = other.features if other.features >= rules.features_min else one.features
    lead = one.share - other.share
    mean = (one.share * one.features + other.share * many) / (one.features + many)
    error = np.sqrt(mean * (1 - mean) * (1 / one.features + 1 / many))
    return bool(100 * lead >= rules.margin_pct and lead >= rules.margin_errors * error)
