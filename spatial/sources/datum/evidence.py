"""How well each datum puts features onto what is on the ground, against arbitrary moves of the same features."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import shapely

from spatial.parameters import parameter
from spatial.sources.datum.conversion import Datum
from spatial.sources.datum.placements import Placements

_GOLDEN_ANGLE = np.pi * (3 - np.sqrt(5))


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
    trials_beaten_pct: float = parameter("offset_trials_beaten_pct")
    trial_near_m: float = parameter("offset_trial_near_m")
    trial_far_m: float = parameter("offset_trial_far_m")


@dataclass(frozen=True)
class Evidence:
    """How a layer lies on one kind of reference.

    Attributes
    ----------
    share : for each datum the share (0–1) of the points within reach of the reference that lie on it.
    features : for each datum how many features have points within reach; with too few the share is 0.
    top : the datum with the largest share; `stands_out` where it exceeds every other one clearly, and the arbitrary
        moves too.
    chance : the share that all but a few arbitrary moves away from `top` stay below.
    """

    share: dict[Datum, float]
    features: dict[Datum, int]
    top: Datum
    stands_out: bool
    chance: float


def weigh(layer: Placements, reference: np.ndarray, near_m: float, rules: OffsetRules) -> Evidence:
    """How the features lie on streets, buildings or outlines; `near_m` is how near counts as on it."""
    tree = shapely.STRtree(reference)
    found = {datum: _counted(tree, points, near_m, rules) for datum, points in layer.positions.items()}
    share = {datum: counted[0] for datum, counted in found.items()}
    features = {datum: counted[1] for datum, counted in found.items()}
    top = max(share, key=lambda datum: share[datum])
    moves = _moves(layer, top, rules) if features[top] >= rules.features_min else []
    tried = [_counted(tree, layer.positions[top] + move, near_m, rules)[0] for move in moves]
    chance = float(np.quantile(tried, rules.trials_beaten_pct / 100)) if tried else 1.0
    stands_out = 100 * (share[top] - chance) >= rules.margin_pct and all(
        _clearly_more(share[top], features[top], share[other], features[other], rules)
        for other in share
        if other != top
    )
    return Evidence(share, features, top, stands_out, chance)


def crossed_less(layer: Placements, one: Datum, other: Datum, streets: np.ndarray, rules: OffsetRules) -> bool:
    """Whether clearly fewer polygons are crossed by streets under `one` datum than under the `other`.

    Parcels beside wide streets lie off the centre lines where they belong, so that in a regular city a wrong datum may
    put their outlines onto streets; but no datum can do better than one under which no street crosses a parcel.
    """
    tree = shapely.STRtree(streets)
    crossed = [
        np.unique(tree.query(shapely.buffer(layer.shapes(datum), -rules.near_street_m), predicate="intersects")[0]).size
        for datum in (one, other)
    ]
    return 100 * (crossed[1] - crossed[0]) / len(layer) >= rules.margin_pct


def _counted(tree: shapely.STRtree, points: np.ndarray, near_m: float, rules: OffsetRules) -> tuple[float, int]:
    """The share of points on the reference, of those within reach of it, and the number of features they belong to.

    What lies off the reference altogether tells nothing: else a move that takes a layer over the edge of a city would
    seem to fit worse.
    """
    flat: np.ndarray = np.asarray(shapely.points(points.reshape(-1, 2)))
    (found, _), away_m = tree.query_nearest(flat, max_distance=rules.reach_m, return_distance=True, all_matches=False)
    features = np.unique(found // points.shape[1]).size
    return (float((away_m <= near_m).mean()) if features >= rules.features_min else 0.0), features


def _moves(layer: Placements, datum: Datum, rules: OffsetRules) -> list[np.ndarray]:
    """Arbitrary moves away from one datum, none of them near to where another one lies; always the same."""
    steps = np.arange(int(rules.trials))
    far = rules.trial_near_m + (rules.trial_far_m - rules.trial_near_m) * (steps + 0.5) / len(steps)
    moves = far[:, None] * np.column_stack([np.cos(steps * _GOLDEN_ANGLE), np.sin(steps * _GOLDEN_ANGLE)])
    origin = layer.positions[datum]
    shifts = [np.median(points - origin, axis=(0, 1)) for other, points in layer.positions.items() if other != datum]
    return [move for move in moves if min(np.hypot(*(move - shift)) for shift in shifts) > rules.reach_m]


def _clearly_more(share: float, features: int, other: float, other_features: int, rules: OffsetRules) -> bool:
    """Whether a share exceeds another by the margin and by as many standard errors of two proportions as wanted."""
    many = other_features if other_features >= rules.features_min else features
    mean = (share * features + other * many) / (features + many)
    error = np.sqrt(mean * (1 - mean) * (1 / features + 1 / many))
    return bool(100 * (share - other) >= rules.margin_pct and share - other >= rules.margin_errors * error)
