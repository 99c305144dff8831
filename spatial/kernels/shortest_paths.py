"""Distance-limited searches on compressed rows, in whole millimetres: sums do not depend on their order."""

from __future__ import annotations

import numpy as np

from spatial.kernels import READ_INT32, kernel

UNREACHED = np.int32(2**31 - 1)
_NODE = 0xFFFFFFFF


@kernel("void(int64[::1], int64, int64)")
def _push(heap: np.ndarray, size: int, key: int) -> None:
    """Put `key` into a binary heap that holds `size` keys."""
    i = size
    while i > 0:
        parent = (i - 1) >> 1
        if heap[parent] <= key:
            break
        heap[i] = heap[parent]
        i = parent
    heap[i] = key


@kernel("int64(int64[::1], int64)")
def _pop(heap: np.ndarray, size: int) -> int:
    """Take the smallest of `size` keys off the heap."""
    smallest = heap[0]
    last = heap[size - 1]
    i = 0
    child = 1
    while child < size - 1:
        if child + 1 < size - 1 and heap[child + 1] < heap[child]:
            child += 1
        if heap[child] >= last:
            break
        heap[i] = heap[child]
        i = child
        child = 2 * i + 1
    heap[i] = last
    return int(smallest)


@kernel(f"int32[::1]({READ_INT32}, {READ_INT32}, {READ_INT32}, {READ_INT32}, {READ_INT32}, int64)")
def nearest_mm(
    first: np.ndarray,
    head: np.ndarray,
    length_mm: np.ndarray,
    seed_node: np.ndarray,
    seed_mm: np.ndarray,
    limit_mm: int,
) -> np.ndarray:
    """Millimetres from the nearest seed to every node, `UNREACHED` beyond the limit.

    Parameters
    ----------
    first, head, length_mm : arcs in compressed rows (int32); to search towards targets, the arcs reversed.
    seed_node, seed_mm : where searches start, and the distance already walked there; a node may occur often.
    limit_mm : nodes farther than this are not visited.
    """
    nodes = len(first) - 1
    best = np.full(nodes, UNREACHED, dtype=np.int32)
    # a key holds the distance above the node, so that ties are settled by node; each arc is pushed once at most
    heap = np.empty(len(head) + len(seed_node) + 1, dtype=np.int64)
    size = 0
    for i in range(len(seed_node)):
        node, walked = int(seed_node[i]), int(seed_mm[i])
        if walked <= limit_mm and walked < best[node]:
            best[node] = walked
            _push(heap, size, (walked << 32) | node)
            size += 1
    while size > 0:
        key = _pop(heap, size)
        size -= 1
        node, walked = key & _NODE, key >> 32
        if walked > best[node]:
            continue
        for arc in range(first[node], first[node + 1]):
            there, total = int(head[arc]), walked + int(length_mm[arc])
            if total <= limit_mm and total < best[there]:
                best[there] = total
                _push(heap, size, (total << 32) | there)
                size += 1
    return best
