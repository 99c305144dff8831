"""Geometry and numbers survive being packed; the bytes are the ones worked out by hand."""

import base64
import json

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from spatial.report.webmap.encoding import packed_geometry, packed_numbers, safe_json, varints, zigzag


def integers(text: str) -> list[int]:
    found, value, shift = [], 0, 0
    for octet in base64.b64decode(text):
        value |= (octet & 127) << shift
        shift += 7
        if octet < 128:
            found.append(value)
            value, shift = 0, 0
    return found


def signed(code: int) -> int:
    return (code >> 1) ^ -(code & 1)


def numbers(text: str) -> list[float]:
    found = []
    for code in integers(text):
        digits, exponent = divmod(code - 2, 64)
        found.append(0.0 if code == 0 else np.nan if code == 1 else float(f"{signed(digits)}e{exponent - 30}"))
    return found


def shapes(packed: dict[str, str]) -> list[list[list[tuple[float, float]]]]:
    steps, place = np.array([signed(s) for s in integers(packed["steps"])]).reshape(-1, 2).cumsum(axis=0), 0
    vertices, features = iter(integers(packed["vertices"])), []
    for parts in integers(packed["parts"]):
        feature = []
        for _ in range(parts):
            count = next(vertices)
            feature.append([tuple(v * 1e-6 for v in point) for point in steps[place : place + count].tolist()])
            place += count
        features.append(feature)
    assert place == len(steps)
    return features


def test_variable_length_integers_by_hand() -> None:
    assert varints(np.array([0, 1, 127, 128, 300])) == bytes([0, 1, 127, 0x80, 1, 0xAC, 2])
    assert varints(np.array([], dtype=np.int64)) == b""
    assert zigzag(np.array([0, -1, 1, -2])).tolist() == [0, 1, 2, 3]


def test_a_square_with_a_hole_loses_only_its_closing_vertices() -> None:
    square = shapely.box(0, 0, 1, 1).difference(shapely.box(0.25, 0.25, 0.5, 0.5))
    packed = packed_geometry(np.array([square, shapely.Point(2, 3), shapely.LineString([(0, 0), (1e-7, 0), (1, 1)])]))
    first, point, line = shapes(packed)
    assert [len(ring) for ring in first] == [4, 4]
    rebuilt = shapely.Polygon(first[0], first[1:])
    assert rebuilt.symmetric_difference(square).area < 1e-9
    assert point == [[(2.0, 3.0)]]
    assert np.allclose(line, [[(0, 0), (1, 1)]])


def test_several_parts_stay_with_their_feature() -> None:
    two = shapely.MultiPolygon([shapely.box(0, 0, 1, 1), shapely.box(2, 2, 3, 3)])
    found = shapes(packed_geometry(np.array([two, shapely.box(-5, -5, -4, -4), shapely.Polygon()])))
    assert [len(feature) for feature in found] == [2, 1, 0]
    assert found[1][0][0] == (-4.0, -5.0)


@given(st.lists(st.tuples(st.floats(-180, 180), st.floats(-90, 90)), min_size=2, max_size=30))
@settings(max_examples=40, deadline=None)
def test_no_vertex_moves_by_more_than_half_a_step(points: list[tuple[float, float]]) -> None:
    found = shapes(packed_geometry(np.array([shapely.MultiPoint(points)])))[0]
    assert np.abs(np.array(found)[:, 0] - np.array(points)).max() <= 0.5e-6 + 1e-12


def test_numbers_by_hand() -> None:
    given_ = [0.0, np.nan, 85.7, -12345.0, 100.0, 1e-5, 2.5e20]
    assert np.array_equal(numbers(packed_numbers(np.array(given_))), given_, equal_nan=True)
    # 85.7 is 857 × 10⁻¹: zig-zag 1714, exponent 29 of 64, and 2 for the two reserved codes.
    assert integers(packed_numbers(np.array([85.7]))) == [1714 * 64 + 29 + 2]


@given(st.lists(st.integers(-99_999_999, 99_999_999), min_size=1, max_size=20), st.integers(0, 6))
@settings(max_examples=60, deadline=None)
def test_decimal_numbers_survive_exactly(whole: list[int], places: int) -> None:
    values = np.array([float(f"{w}e-{places}") for w in whole])
    assert numbers(packed_numbers(values)) == values.tolist()


def test_a_number_too_large_to_hold_is_refused() -> None:
    with pytest.raises(OverflowError):
        packed_numbers(np.array([1e45]))


def test_json_inside_a_script_cannot_leave_it() -> None:
    hostile = {"name": "</script><!--<script>\u2028&"}
    text = safe_json(hostile)
    assert not set("<>&\u2028") & set(text)
    assert json.loads(text) == hostile
