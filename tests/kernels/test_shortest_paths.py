"""Distances from the nearest seed, by hand, against scipy, and whatever the order of arcs and seeds."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.sparse import csr_array
from scipy.sparse.csgraph import dijkstra

from spatial.kernels.shortest_paths import UNREACHED, _pop, _push, nearest_mm


def arcs(
    tail: np.ndarray, head: np.ndarray, length: np.ndarray, nodes: int
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    order = np.argsort(tail, kind="stable")
    first = np.searchsorted(tail[order], np.arange(nodes + 1))
    return tuple(np.ascontiguousarray(a, dtype=np.int32) for a in (first, head[order], length[order]))  # type: ignore[return-value]


def ints(*values: int) -> np.ndarray:
    return np.array(values, dtype=np.int32)


# 0 —5— 1 —7— 2 —1— 3, and 4 alone
LINE = (ints(0, 1, 3, 5, 6, 6), ints(1, 0, 2, 1, 3, 2), ints(5, 5, 7, 7, 1, 1))


@pytest.mark.parametrize(
    ("seeds", "walked", "limit", "expected"),
    [
        ((0,), (0,), 100, (0, 5, 12, 13, None)),
        ((0,), (0,), 12, (0, 5, 12, None, None)),
        ((0,), (0,), 11, (0, 5, None, None, None)),
        ((0, 3), (4, 0), 100, (4, 8, 1, 0, None)),
        ((0, 0, 0), (9, 2, 5), 100, (2, 7, 14, 15, None)),
        ((4,), (3,), 100, (None, None, None, None, 3)),
        ((0,), (101,), 100, (None,) * 5),
        ((), (), 100, (None,) * 5),
    ],
)
def test_by_hand(seeds: tuple[int, ...], walked: tuple[int, ...], limit: int, expected: tuple[int | None, ...]) -> None:
    found = nearest_mm(*LINE, ints(*seeds), ints(*walked), limit)
    assert found.dtype == np.int32
    assert found.tolist() == [int(UNREACHED) if e is None else e for e in expected]


def test_a_one_node_network_and_none_at_all() -> None:
    assert nearest_mm(ints(0, 0), ints(), ints(), ints(0), ints(7), 10).tolist() == [7]
    assert nearest_mm(ints(0), ints(), ints(), ints(), ints(), 10).tolist() == []


def test_lengths_near_the_largest_integer_do_not_wrap() -> None:
    long = 2**31 - 2
    first, head, length = arcs(np.array([0, 1]), np.array([1, 2]), np.array([long, long]), 3)
    assert nearest_mm(first, head, length, ints(0), ints(0), long).tolist() == [0, long, int(UNREACHED)]


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 10**6))
def test_equals_scipy_in_any_order(seed: int) -> None:
    """Exact: both add whole millimetres. Parallel arcs, loops and zero lengths are among the arcs."""
    random = np.random.default_rng(seed)
    nodes, count = int(random.integers(1, 40)), int(random.integers(0, 120))
    tail, head = random.integers(0, nodes, (2, count))
    length = random.integers(0, 50, count)
    limit = int(random.integers(1, 200))
    seeds = random.integers(0, nodes, int(random.integers(1, 5)))
    walked = random.integers(0, 60, len(seeds))
    shuffled, mixed = random.permutation(count), random.permutation(len(seeds))
    found = nearest_mm(*arcs(tail, head, length, nodes), seeds.astype(np.int32), walked.astype(np.int32), limit)
    again = nearest_mm(
        *arcs(tail[shuffled], head[shuffled], length[shuffled], nodes),
        seeds[mixed].astype(np.int32),
        walked[mixed].astype(np.int32),
        limit,
    )
    assert (found == again).all()
    # scipy drops zeros and sums parallel arcs, so the least of each pair is handed over, half a unit up
    dense = np.full((nodes, nodes), np.inf)
    np.minimum.at(dense, (tail, head), length + 1e-9)
    dense[~np.isfinite(dense)] = 0
    reach = dijkstra(csr_array(dense), indices=seeds) + walked[:, None]
    expected = np.rint(reach.min(axis=0))
    assert (np.where(found == UNREACHED, np.inf, found) == np.where(expected <= limit, expected, np.inf)).all()


@settings(max_examples=30, deadline=None)
@given(st.lists(st.integers(0, 2**62), max_size=60))
def test_the_heap_gives_keys_back_in_order(keys: list[int]) -> None:
    heap = np.empty(len(keys) + 1, dtype=np.int64)
    for size, key in enumerate(keys):
        _push(heap, size, key)
    assert [_pop(heap, size) for size in range(len(keys), 0, -1)] == sorted(keys)
