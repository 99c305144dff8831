"""Geometry and numbers as short text: variable-length integers, deltas and base64, the same bytes every time."""

from __future__ import annotations

import base64
import json
from collections.abc import Sequence
from typing import Any

import numpy as np
import shapely

DEGREES = 1e-6
SIGNIFICANT = 9
_NAN, _ZERO, _OFFSET = 1, 0, 2
_EXPONENTS, _LOWEST_EXPONENT = 64, -30
_UNSAFE = str.maketrans({"<": "\\u003c", ">": "\\u003e", "&": "\\u0026", "\u2028": "\\u2028", "\u2029": "\\u2029"})


def varints(values: np.ndarray) -> bytes:
    """Non-negative integers in 7-bit groups, the lowest first; the high bit says that more follow."""
    left = np.asarray(values, dtype=np.uint64)
    groups, used = [], []
    going = np.ones(len(left), dtype=bool)
    while going.any():
        groups.append((left & np.uint64(127)).astype(np.uint8))
        used.append(going)
        left = left >> np.uint64(7)
        going = going & (left > 0)
    if not groups:
        return b""
    octets, present = np.stack(groups, axis=1), np.stack(used, axis=1)
    more = np.zeros_like(present)
    more[:, :-1] = present[:, 1:]
    octets[more] |= 128
    return bytes(octets[present])


def zigzag(values: np.ndarray) -> np.ndarray:
    """Signed integers as non-negative ones: 0, −1, 1, −2 … become 0, 1, 2, 3 …"""
    signed = np.asarray(values, dtype=np.int64)
    return ((signed << 1) ^ (signed >> 63)).astype(np.uint64)


def text_of(octets: bytes) -> str:
    """Bytes as base64."""
    return base64.b64encode(octets).decode("ascii")


def packed_geometry(lonlat: np.ndarray) -> dict[str, Any]:
    """Points, lines or polygons in degrees: parts per feature, vertices per part and steps between vertices.

    Exact to half of `DEGREES`. A ring's closing vertex, and vertices that fall onto the one before, are left out.
    """
    part_of, vertex_of, xy, closed = _parts(lonlat)
    grid = np.rint(xy / DEGREES).astype(np.int64)
    kept = np.ones(len(grid), dtype=bool)
    if len(grid):
        new_part = np.r_[True, vertex_of[1:] != vertex_of[:-1]]
        kept = new_part | np.r_[True, (np.diff(grid, axis=0) != 0).any(axis=1)]
        kept &= ~(closed[vertex_of] & np.r_[new_part[1:], True])
    grid, vertex_of = grid[kept], vertex_of[kept]
    steps = np.diff(grid, axis=0, prepend=np.zeros((1, 2), dtype=np.int64))
    return {
        "parts": text_of(varints(np.bincount(part_of, minlength=len(lonlat)))),
        "vertices": text_of(varints(np.bincount(vertex_of, minlength=len(part_of)))),
        "steps": text_of(varints(zigzag(steps.ravel()))),
    }


def _parts(lonlat: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Feature of each part, part of each vertex, vertices, and whether each part is a ring."""
    single, feature = shapely.get_parts(lonlat, return_index=True)
    polygon = shapely.get_type_id(single) == shapely.GeometryType.POLYGON
    if polygon.any():
        rings, position = shapely.get_rings(single[polygon], return_index=True)
        whole = np.concatenate([single[~polygon], rings])
        owner = np.concatenate([feature[~polygon], feature[polygon][position]])
        closed = np.r_[np.zeros((~polygon).sum(), dtype=bool), np.ones(len(rings), dtype=bool)]
        order = np.argsort(owner, kind="stable")
        single, feature, closed = whole[order], owner[order], closed[order]
    else:
        closed = np.zeros(len(single), dtype=bool)
    xy, vertex_of = shapely.get_coordinates(single, return_index=True)
    return feature, vertex_of, xy, closed


def packed_numbers(values: np.ndarray) -> str:
    """Numbers to `SIGNIFICANT` digits, each one variable-length integer of digits and power of ten; NaN kept."""
    digits, exponent = _digits(values)
    code = zigzag(digits) * np.uint64(_EXPONENTS) + (exponent - _LOWEST_EXPONENT).astype(np.uint64) + np.uint64(_OFFSET)
    code[digits == 0] = _ZERO
    code[~np.isfinite(values)] = _NAN
    return text_of(varints(code))


def _digits(values: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Each number as digits × 10^exponent without trailing zeros; 0 × 10^0 for zero and for NaN."""
    size = np.where(np.isfinite(values), np.abs(values), 0.0)
    known = size >= 10.0**_LOWEST_EXPONENT
    power = np.floor(np.log10(size, where=known, out=np.zeros(len(size)))).astype(np.int64)
    exponent = power - SIGNIFICANT + 1
    digits = np.rint(_shifted(size, -exponent)).astype(np.int64)
    for _ in range(SIGNIFICANT):
        trailing = (digits % 10 == 0) & (digits > 0)
        digits, exponent = np.where(trailing, digits // 10, digits), exponent + trailing
    digits, exponent = np.where(known, digits, 0), np.where(known, exponent, 0)
    if (exponent >= _LOWEST_EXPONENT + _EXPONENTS).any():
        raise OverflowError("a result is larger than a map can hold")
    return np.where(values < 0, -digits, digits), exponent


def _shifted(values: np.ndarray, places: np.ndarray) -> np.ndarray:
    """values × 10^places, dividing by exact powers of ten where places are negative."""
    up, down = 10.0 ** np.maximum(places, 0), 10.0 ** np.maximum(-places, 0)
    return np.asarray(values * up / down, dtype=float)


def packed_indices(values: Sequence[int] | np.ndarray) -> str:
    """Small non-negative integers, in their order."""
    return text_of(varints(np.asarray(values, dtype=np.uint64)))


def safe_json(data: object) -> str:
    """JSON that may stand inside a script element: no tag, comment or line separator can be formed from it."""
    text = json.dumps(data, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    return text.translate(_UNSAFE)
