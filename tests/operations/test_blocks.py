"""Blocks of the toy city by hand, and what is no block."""

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from spatial.model.study_area import StudyArea
from spatial.operations.blocks import blocks
from tests.toy_city import CORNER, TOY_CRS, grid_city, network, toy_area


def test_a_grid_of_hundred_metres_has_blocks_of_one_hectare() -> None:
    found = blocks(grid_city(4), toy_area(4))
    assert len(found) == 16
    np.testing.assert_allclose(found["area_ha"], 1)
    assert found.index.tolist() == list(range(16))
    assert found.crs == TOY_CRS


@pytest.mark.parametrize(("margin_m", "expected"), [(0, 4), (-1, 4), (-101, 0), (1, 16)])
def test_blocks_that_touch_the_boundary_are_left_out(margin_m: float, expected: int) -> None:
    # with the boundary on the outer streets only the 2 × 2 blocks in the middle do not touch it
    assert len(blocks(grid_city(4), toy_area(4, margin_m=margin_m))) == expected


def rectangle(width_m: float, height_m: float, **more: object) -> int:
    streets = network(
        [(0, 0), (width_m, 0), (width_m, height_m), (0, height_m)], [(0, 1), (1, 2), (2, 3), (3, 0)], **more
    )
    return len(blocks(streets, toy_area(10)))


def test_slivers_and_medians_are_no_blocks() -> None:
    assert rectangle(50, 30) == 1
    assert rectangle(22, 22) == 0  # 484 m²
    assert rectangle(500, 10) == 0  # a median: 5 000 m², but 9.8 m wide
    assert rectangle(500, 16) == 1


def test_a_bridge_bounds_a_block_and_a_tunnel_does_not() -> None:
    # a street across the block that meets none of its sides at a node
    across = [(0, 0), (100, 0), (100, 100), (0, 100), (50, -10), (50, 110)]
    links = [(0, 1), (1, 2), (2, 3), (3, 0), (4, 5)]
    bridge = network(across, links, bridge=[False] * 4 + [True])
    assert blocks(bridge, toy_area(2))["area_ha"].tolist() == pytest.approx([0.5, 0.5])
    tunnel = network(across, links, tunnel=[False] * 4 + [True])
    assert blocks(tunnel, toy_area(2))["area_ha"].tolist() == pytest.approx([1])


def test_no_streets_or_dead_ends_only() -> None:
    assert len(blocks(network([(0, 0)], []), toy_area(1))) == 0
    assert len(blocks(network([(0, 0), (50, 50)], [(0, 1)]), toy_area(1))) == 0


@settings(max_examples=10, deadline=None)
@given(st.integers(0, 10**6))
def test_order_and_place_do_not_matter(seed: int) -> None:
    random = np.random.default_rng(seed)
    wide, deep = np.cumsum(random.uniform(40, 150, 4)), np.cumsum(random.uniform(40, 150, 4))
    places = [(x, y) for x in wide for y in deep]
    links = [(4 * i + j, 4 * i + j + 1) for i in range(4) for j in range(3)]
    links += [(4 * i + j, 4 * i + 4 + j) for i in range(3) for j in range(4)]
    order = random.permutation(len(links))
    expected = sorted(np.outer(np.diff(wide), np.diff(deep)).ravel() / 1e4)
    for corner, mixed in ((CORNER, links), ((520_000.0, 7_000_000.0), [links[i] for i in order])):
        area = StudyArea("Toy", shapely.box(4e5, 6.9e6, 6e5, 7.2e6), 0.0, TOY_CRS)
        found = blocks(network(places, mixed, corner=corner), area)
        np.testing.assert_allclose(sorted(found["area_ha"]), expected, rtol=1e-6)
