"""Where 示例区 (虚构示例 / fictional) lies: a drawing board in metres, bent and turned onto real coordinates."""

from __future__ import annotations

import numpy as np
import shapely
from numpy.typing import ArrayLike
from pyproj import CRS, Transformer

SEED = 20240501
DATE = "2024-05-01T00:00:00Z"
FICTIONAL = "虚构示例 / fictional"
DISTRICT = "示例区（虚构示例）"

PLAN_EPSG = 4547  # CGCS2000, 3-degree Gauss-Krüger, central meridian 114°E, easting without zone prefix
PREFIXED_EPSG = 4526  # the same zone with its number 38 before the easting
CENTRE = (504_670.0, 3_654_970.0)  # about 114.05°E 33.02°N
TURN_DEG = -4.0
GRID_M = 0.001

# The files cover this box: the district and some 500 m around it. West, south, east, north.
BOX = (114.0272, 33.0016, 114.0728, 33.0390)

_TO_DEGREES = Transformer.from_crs(PLAN_EPSG, 4490, always_xy=True)
_TO_METRES = Transformer.from_crs(4490, PLAN_EPSG, always_xy=True)
_TO_PREFIXED = Transformer.from_crs(PLAN_EPSG, PREFIXED_EPSG, always_xy=True)


def _bend(xy: np.ndarray) -> np.ndarray:
    """What bends the board, so that no street is a ruler's line: some 100 m at most, over a kilometre or more."""
    x, y = xy[:, 0], xy[:, 1]
    dx = 78 * np.sin(np.pi * y / 1850 + 0.4) + 22 * np.sin(2 * np.pi * (x + 0.6 * y) / 1900)
    dy = 66 * np.sin(np.pi * x / 2050 - 0.5) + 20 * np.sin(2 * np.pi * (y - 0.5 * x) / 1700)
    return np.column_stack([dx, dy])


def to_ground(xy: ArrayLike) -> np.ndarray:
    """Places of the drawing board as easting and northing in EPSG:4547."""
    board = np.asarray(xy, dtype=float).reshape(-1, 2)
    bent = board + _bend(board)
    turn = np.radians(TURN_DEG)
    turned = bent @ np.array([[np.cos(turn), np.sin(turn)], [-np.sin(turn), np.cos(turn)]])
    return turned + CENTRE


def to_board(ground: ArrayLike) -> np.ndarray:
    """Places in EPSG:4547 as they stand on the drawing board."""
    turn = np.radians(TURN_DEG)
    back = (np.asarray(ground, dtype=float).reshape(-1, 2) - CENTRE) @ np.array(
        [[np.cos(turn), -np.sin(turn)], [np.sin(turn), np.cos(turn)]]
    )
    board = back.copy()
    for _ in range(40):
        board = back - _bend(board)
    return board


def on_ground(shape: shapely.Geometry, step_m: float = 20) -> shapely.Geometry:
    """A line or polygon of the drawing board in EPSG:4547, bent with it."""
    dense = shapely.segmentize(shape, step_m)
    return shapely.simplify(shapely.transform(dense, to_ground), 0.15)


def degrees(ground: ArrayLike) -> np.ndarray:
    """EPSG:4547 as longitude and latitude in CGCS2000, which is taken for WGS 84 here as everywhere at this scale."""
    xy = np.asarray(ground, dtype=float).reshape(-1, 2)
    return np.column_stack(_TO_DEGREES.transform(xy[:, 0], xy[:, 1]))


def metres(lonlat: ArrayLike) -> np.ndarray:
    """Longitude and latitude as easting and northing in EPSG:4547."""
    at = np.asarray(lonlat, dtype=float).reshape(-1, 2)
    return np.column_stack(_TO_METRES.transform(at[:, 0], at[:, 1]))


def prefixed(ground: np.ndarray) -> np.ndarray:
    """EPSG:4547 as EPSG:4526: the zone number stands before the easting."""
    return np.column_stack(_TO_PREFIXED.transform(ground[:, 0], ground[:, 1]))


def box_on_ground() -> shapely.Polygon:
    """The box of the files in EPSG:4547."""
    return shapely.transform(shapely.segmentize(shapely.box(*BOX), 0.002), metres)


def plan_crs() -> CRS:
    """The system in which everything is drawn."""
    return CRS.from_epsg(PLAN_EPSG)


def smooth(points: ArrayLike, rounds: int = 3) -> np.ndarray:
    """A line through a few points with its corners cut (Chaikin); the ends stay."""
    line = np.asarray(points, dtype=float)
    for _ in range(rounds):
        first, second = 0.75 * line[:-1] + 0.25 * line[1:], 0.25 * line[:-1] + 0.75 * line[1:]
        line = np.vstack([line[:1], np.stack([first, second], axis=1).reshape(-1, 2), line[-1:]])
    return line
