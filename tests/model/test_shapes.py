"""Cutting leaves lines and points; polygons stay, the rest goes."""

import numpy as np
import pytest
import shapely

from spatial.model.shapes import polygonal

SQUARE = shapely.box(0, 0, 1, 1)
LINE = shapely.LineString([(5, 5), (6, 6)])


@pytest.mark.parametrize(
    ("left", "expected"),
    [
        (SQUARE, SQUARE),
        (shapely.MultiPolygon([SQUARE]), SQUARE),
        (shapely.GeometryCollection([SQUARE, LINE, shapely.Point(9, 9)]), SQUARE),
        (shapely.GeometryCollection([shapely.MultiPolygon([SQUARE, shapely.box(2, 0, 3, 1)]), LINE]),
         shapely.MultiPolygon([SQUARE, shapely.box(2, 0, 3, 1)])),
        (shapely.GeometryCollection([LINE]), shapely.Polygon()),
        (LINE, shapely.Polygon()),
        (shapely.MultiPoint([(0, 0), (1, 1)]), shapely.Polygon()),
    ],
)  # fmt: skip
def test_only_polygons_stay(left: shapely.Geometry, expected: shapely.Geometry) -> None:
    (found,) = polygonal(np.array([left], dtype=object))
    assert found.geom_type in {"Polygon", "MultiPolygon"}
    assert shapely.equals(found, expected) or (found.is_empty and expected.is_empty)


def test_input_is_left_as_it_was() -> None:
    given = np.array([LINE, SQUARE], dtype=object)
    polygonal(given)
    assert given[0] is LINE


def test_nothing_gives_nothing() -> None:
    assert len(polygonal(np.array([], dtype=object))) == 0
