"""Points meet the nearest place on an edge, not the nearest node, and no farther away than stated."""

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from spatial.errors import InputError
from spatial.operations.snapping import snap
from tests.toy_city import CORNER, grid_city, network


def at(*points: tuple[float, float]) -> tuple[np.ndarray, np.ndarray]:
    xy = np.asarray(points, dtype=float).reshape(-1, 2) + CORNER
    return xy[:, 0], xy[:, 1]


def test_by_hand() -> None:
    # 30 m north of the southernmost street, 40 m east of the corner: edge 0, not the corner 50 m away
    found = snap(grid_city(2), *at((40, 30), (100, 0), (50, 50.0)), max_m=60)
    assert found.edge[0] == 0
    assert (found.along_m[0], found.access_m[0]) == (40, 30)
    # on the node between four edges: the edge of the smallest position
    assert (found.edge[1], found.along_m[1], found.access_m[1]) == (0, 100, 0)
    # the middle of a block is equally far from its four sides
    assert (found.edge[2], found.along_m[2], found.access_m[2]) == (0, 50, 50)
    assert found.edge.dtype == np.int32
    assert found.nbytes == 3 * (4 + 8 + 8)
    assert not found.along_m.flags.writeable


def test_a_place_across_the_water_is_not_snapped_to_the_cape() -> None:
    found = snap(grid_city(2), *at((100, -199), (100, -200), (100, -201)), max_m=200)
    assert found.edge.tolist() == [0, 0, -1]
    assert np.isnan(found.access_m[2])
    assert np.isnan(found.along_m[2])
    assert found.found.tolist() == [True, True, False]


def test_only_edges_that_the_mode_may_use() -> None:
    streets = network([(0, 0), (100, 0), (0, 50), (100, 50)], [(0, 1), (2, 3)], walk=[False, True], drive=[1, 0])
    points = at((10, 1))
    assert snap(streets, *points).edge.tolist() == [1]
    assert snap(streets, *points, mode="drive").edge.tolist() == [0]
    assert snap(streets, *points, mode="cycle").edge.tolist() == [0]


def test_an_edge_measured_on_the_ground_keeps_its_own_length() -> None:
    streets = network([(0, 0), (100, 0)], [(0, 1)], length_m=[110.0])
    assert snap(streets, *at((50, 0))).along_m.tolist() == [55]


def test_zero_length_edges_loops_and_empty_networks() -> None:
    bends = {1: [(100, 0), (100, 100)]}
    streets = network([(0, 0), (0, 0)], [(0, 1), (1, 1)], lines=bends)
    found = snap(streets, *at((0, 0), (100, 50)))
    assert found.edge.tolist() == [0, 1]
    assert found.along_m.tolist() == [0, 150]
    assert snap(network([(0, 0)], []), *at((0, 0))).edge.tolist() == [-1]
    assert len(snap(streets, *at())) == 0


def test_of_edges_drawn_twice_only_the_first_is_met() -> None:
    """Drawn the other way round the second is nearer by a rounding here and there: neighbours would part."""
    random = np.random.default_rng(1)
    a, b = (0.1, 0.2), (333.3, 77.7)
    streets = network([a, b], [(0, 1), (1, 0), (0, 1)], lines={2: [(100, 200)]})
    xy = random.uniform(0, 300, (500, 2)) + CORNER
    assert set(snap(streets, xy[:, 0], xy[:, 1]).edge.tolist()) == {0, 2}


@pytest.mark.parametrize("bad", [np.nan, np.inf])
def test_coordinates_that_are_no_numbers_are_refused(bad: float) -> None:
    with pytest.raises(InputError, match="1 point has coordinates that are not numbers"):
        snap(grid_city(1), np.array([0.0, bad]), np.array([0.0, 0.0]))


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 10**6))
def test_equals_the_plain_minimum_over_all_edges(seed: int) -> None:
    """shapely's distance to every edge, without an index; 1e-9 m for the different order of operations."""
    random = np.random.default_rng(seed)
    places = random.uniform(0, 300, (12, 2))
    links = [tuple(link) for link in random.integers(0, 12, (15, 2))]
    streets = network(places, links)
    xy = random.uniform(-50, 350, (30, 2)) + CORNER
    found = snap(streets, xy[:, 0], xy[:, 1], max_m=60)
    lines, points = streets.edges.geometry.to_numpy(), shapely.points(xy)
    nearest = shapely.distance(points[:, None], lines[None, :]).min(axis=1)
    assert (found.found == (nearest <= 60)).all()
    np.testing.assert_allclose(found.access_m[found.found], nearest[found.found], atol=1e-9)
    met = shapely.line_interpolate_point(lines[found.edge[found.found]], found.along_m[found.found])
    np.testing.assert_allclose(shapely.distance(met, points[found.found]), nearest[found.found], atol=1e-6)
