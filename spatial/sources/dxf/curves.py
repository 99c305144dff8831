"""Arcs, bulges, ellipses and splines as points on them, so close that no chord is farther off than `chord`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeAlias

import numpy as np
import numpy.typing as npt
from ezdxf.math import BSpline

Points: TypeAlias = npt.NDArray[np.float64]

_WIDEST = np.pi / 4
_SPLINE_PIECES = 4


def pieces(radius: float, sweep: float, chord: float) -> int:
    """How many equal chords an arc is cut into: none is farther than `chord` from it, none wider than 45°.

    The distance of a chord from its arc is r (1 − cos(θ/2)). The count is the same in both directions of an arc, so
    that two parcels share the points of the arc between them.
    """
    widest = 2 * np.arccos(1 - chord / radius) if chord < radius else _WIDEST
    return max(1, int(np.ceil(abs(sweep) / min(widest, _WIDEST) - 1e-9)))


def circle_points(centre: Sequence[float], radius: float, start: float, sweep: float, chord: float) -> Points:
    """Points on a circle's arc, shape (n, 2); `start` and `sweep` in radians, counter-clockwise."""
    angles = start + sweep * np.linspace(0, 1, pieces(radius, sweep, chord) + 1)
    return np.column_stack([centre[0] + radius * np.cos(angles), centre[1] + radius * np.sin(angles)])


def ellipse_points(centre: Points, major: Points, minor: Points, start: float, sweep: float, chord: float) -> Points:
    """Points on an ellipse's arc in the dimension of its centre; the half axes are vectors, `start` its parameter.

    An ellipse is a circle of its major radius squeezed along one axis, which brings no chord farther off.
    """
    count = pieces(float(np.linalg.norm(major)), sweep, chord)
    angles = (start + sweep * np.linspace(0, 1, count + 1))[:, None]
    return np.asarray(centre + np.cos(angles) * major + np.sin(angles) * minor)


def spline_points(curve: BSpline, chord: float) -> Points:
    """Points on a spline, shape (n, 3)."""
    return np.array([point.xyz for point in curve.flattening(chord, segments=_SPLINE_PIECES)])


def bulged_points(vertices: Points, closed: bool, chord: float) -> Points:
    """The points of a polyline whose third column is the bulge of the side that follows, shape (n, 2).

    A bulge is the tangent of a quarter of the arc's angle, positive where the arc runs counter-clockwise.
    """
    corners, bulges = vertices[:, :2], vertices[:, 2].copy()
    if not bulges.any():
        return corners
    ends = np.roll(corners, -1, axis=0)
    if not closed:
        bulges[-1] = 0.0
    bent = np.flatnonzero((bulges != 0) & (corners != ends).any(axis=1))
    if not len(bent):
        return corners
    found, done = [], 0
    for side in bent.tolist():
        found += [corners[done : side + 1], _between(corners[side], ends[side], float(bulges[side]), chord)]
        done = side + 1
    return np.concatenate([*found, corners[done:]])


def _between(start: Points, end: Points, bulge: float, chord: float) -> Points:
    """The points of a bulged side strictly between its ends."""
    across = end - start
    length = float(np.hypot(*across))
    left = np.array([-across[1], across[0]])
    centre = (start + end) / 2 + left * (1 - bulge**2) / (4 * bulge)
    radius = length * (1 + bulge**2) / (4 * abs(bulge))
    first = float(np.arctan2(start[1] - centre[1], start[0] - centre[0]))
    return circle_points(centre.tolist(), radius, first, 4 * float(np.arctan(bulge)), chord)[1:-1]
