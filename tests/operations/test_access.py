"""Walking distances: by hand, against networkx with every point as a node, and whatever the order of rows."""

from itertools import pairwise

import networkx as nx
import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from spatial.errors import InputError
from spatial.model.district import Memo
from spatial.model.provenance import Ledger
from spatial.model.streets import StreetNetwork
from spatial.operations import access
from spatial.operations.access import snap_report, walking_distance_m
from spatial.operations.snapping import snap
from spatial.text import render
from tests.toy_city import CORNER, grid_city, network


def at(*points: tuple[float, float]) -> tuple[np.ndarray, np.ndarray]:
    xy = np.asarray(points, dtype=float).reshape(-1, 2) + CORNER
    return xy[:, 0], xy[:, 1]


def walk(paths: StreetNetwork, origins: object, targets: object, limit_m: float = 1e5, **more: float) -> list[float]:
    return walking_distance_m(paths, Memo(), origins, targets, limit_m=limit_m, **more).tolist()  # type: ignore[arg-type]


CITY = grid_city(4, representation="paths")


@pytest.mark.parametrize(
    ("origin", "target", "metres"),
    [
        ((50, 0), (0, 0), 50),  # along the street
        ((50, 0), (400, 400), 750),  # 350 east, 400 north
        ((50, 10), (50, -10), 20),  # across one street: both access legs
        ((30, 0), (70, 5), 45),  # on one edge, without touching its ends
        ((150, 30), (150, 170), 360),  # 30 down to the street, 50 to the corner, 200 north, 50 back, 30 down
        ((0, 0), (0, 0), 0),
    ],
)
def test_by_hand(origin: tuple[float, float], target: tuple[float, float], metres: float) -> None:
    assert walk(CITY, at(origin), at(target)) == [metres]


def test_the_way_round_counts_when_it_is_shorter_than_along_the_edge() -> None:
    # a detour of 1000 m and a straight street of 100 m join the same two nodes; both points stand on the detour
    paths = network([(0, 0), (100, 0)], [(0, 1), (0, 1)], lines={1: [(0, 450), (100, 450)]})
    assert walk(paths, at((0, 40)), at((100, 30))) == [40 + 100 + 30]
    assert walk(paths, at((0, 440)), at((100, 430))) == [10 + 100 + 20]


def test_limit_includes_both_access_legs() -> None:
    origin, target = at((50, 10)), at((150, 10))
    assert walk(CITY, origin, target, 120.0) == [120]
    assert np.isnan(walk(CITY, origin, target, 119.999)).all()


def test_the_nearest_of_many_counts_with_its_leg() -> None:
    # the target beside the origin stands 90 m off the street, the other 40 m along it
    assert walk(CITY, at((50, 0)), at((50, -90), (90, 0))) == [40]
    assert walk(CITY, at((50, 0)), at((50, -30), (90, 0))) == [30]


def test_off_the_network_means_no_distance() -> None:
    found = walk(CITY, at((50, 0), (50, -201)), at((0, 0)))
    assert found[0] == 50
    assert np.isnan(found[1])
    assert np.isnan(walk(CITY, at((50, 0)), at((0, -250)))).all()
    assert walk(CITY, at((50, -201)), at((0, 0)), max_snap_m=300) == [251]
    assert np.isnan(walk(CITY, at((50, 0)), at())).all()
    assert walk(CITY, at(), at((0, 0))) == []


def test_parts_of_the_network_that_do_not_meet() -> None:
    paths = network([(0, 0), (100, 0), (0, 500), (100, 500)], [(0, 1), (2, 3)])
    found = walk(paths, at((10, 0), (10, 500)), at((90, 0)))
    assert found[0] == 80
    assert np.isnan(found[1])


def test_loops_doubled_and_zero_edges() -> None:
    square = {0: [(100, 0), (100, 100), (0, 100)]}
    loop = network([(0, 0), (0, 0)], [(0, 0), (0, 1), (0, 1)], lines=square)
    assert walk(loop, at((0, 90)), at((90, 0))) == [180]
    assert walk(loop, at((100, 10)), at((100, 90))) == [80]


def test_one_node_and_no_edge() -> None:
    assert np.isnan(walk(network([(0, 0)], []), at((0, 0)), at((0, 0)))).all()


def test_numbers_only() -> None:
    with pytest.raises(InputError, match="not numbers"):
        walk(CITY, (np.array([np.nan]), np.array([0.0])), at((0, 0)))


def test_many_targets_on_one_edge() -> None:
    """A million on one street: by hand the nearest stands at the next whole millimetre."""
    paths = network([(0, 0), (1000, 0)], [(0, 1)])
    along = np.linspace(200, 1000, 1_000_000)
    targets = (along + CORNER[0], np.full(len(along), CORNER[1] + 1))
    origins = at((100, 0), (600, 0))
    assert walk(paths, origins, targets) == pytest.approx([101, 1], abs=2e-3)


def test_answers_are_remembered_by_content(monkeypatch: pytest.MonkeyPatch) -> None:
    memo, searched = Memo(), []
    search = access._nearest_m
    monkeypatch.setattr(access, "_nearest_m", lambda *given: searched.append(1) or search(*given))
    origins, targets = at((50, 0)), at((0, 0))
    first = walking_distance_m(CITY, memo, origins, targets, limit_m=500)
    again = walking_distance_m(grid_city(4, representation="paths"), memo, at((50, 0)), targets, limit_m=500)
    assert again is first
    assert not first.flags.writeable
    walking_distance_m(CITY, memo, origins, targets, limit_m=400)
    assert len(searched) == 2


def oracle(paths: StreetNetwork, origins: np.ndarray, targets: np.ndarray, max_m: float) -> np.ndarray:
    """Distances by networkx on a graph in which every snapped point is a node that splits its edge."""
    graph = nx.MultiGraph()
    graph.add_nodes_from(range(len(paths.nodes)))
    edges = paths.edges
    stops: dict[int, list[tuple[float, tuple[str, int]]]] = {i: [] for i in range(len(edges))}
    for kind, xy in (("o", origins), ("t", targets)):
        met = snap(paths, xy[:, 0], xy[:, 1], max_m=max_m)
        for i in np.flatnonzero(met.found):
            stops[int(met.edge[i])].append((float(met.along_m[i]), (kind + "*", int(i))))
            graph.add_edge((kind, int(i)), (kind + "*", int(i)), weight=float(met.access_m[i]))
    for i, (u, v, length) in enumerate(zip(edges["u"], edges["v"], edges["length_m"], strict=True)):
        chain = [(0.0, u), *sorted(stops[i], key=lambda stop: stop[0]), (float(length), v)]
        for (a, left), (b, right) in pairwise(chain):
            graph.add_edge(left, right, weight=b - a)
    goals = [("t", i) for i in range(len(targets)) if ("t", i) in graph]
    found = nx.multi_source_dijkstra_path_length(graph, goals) if goals else {}
    return np.array([found.get(("o", i), np.nan) for i in range(len(origins))])


def random_city(seed: int) -> tuple[StreetNetwork, np.ndarray, np.ndarray]:
    """A few streets with bends, loops and doubles, and points near them, some of them far off."""
    random = np.random.default_rng(seed)
    places = random.uniform(0, 400, (14, 2))
    links = [tuple(link) for link in random.integers(0, 14, (22, 2))]
    loop = [u == v for u, v in links]
    bent = [i for i in range(22) if loop[i] or random.random() < 0.3]
    # a loop needs two bends: out and back on one line, a place on it would be two places
    bends = {i: [tuple(xy) for xy in random.uniform(0, 400, (1 + loop[i], 2))] for i in bent}
    paths = network(places, links, lines=bends)
    points = [random.uniform(-80, 480, (count, 2)) + CORNER for count in (40, int(random.integers(1, 30)))]
    return paths, points[0], points[1]


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 10**6))
def test_equals_networkx(seed: int) -> None:
    """Millimetres: a way has some 20 edges at most, each rounded by up to half a millimetre, so 12 mm in all."""
    paths, origins, targets = random_city(seed)
    found = np.array(walk(paths, origins.T, targets.T, max_snap_m=60))
    np.testing.assert_allclose(found, oracle(paths, origins, targets, 60), atol=0.012)


def reworked(paths: StreetNetwork, random: np.random.Generator, shift: tuple[float, float]) -> StreetNetwork:
    """The same city elsewhere, with rows shuffled and half of the edges drawn the other way."""
    nodes, edges = paths.nodes, paths.edges
    node_order, edge_order = random.permutation(len(nodes)), random.permutation(len(edges))
    new_position = np.argsort(node_order)
    edges["u"], edges["v"] = new_position[edges["u"]], new_position[edges["v"]]
    edges = edges.iloc[edge_order].reset_index(drop=True)
    turned = random.random(len(edges)) < 0.5
    lines = edges.geometry.to_numpy().copy()
    lines[turned] = shapely.reverse(lines[turned])
    u, v = edges["u"].to_numpy().copy(), edges["v"].to_numpy().copy()
    u[turned], v[turned] = v[turned], u[turned]
    edges["u"], edges["v"] = u, v
    edges = edges.set_geometry(shapely.transform(lines, lambda xy: xy + shift), crs=edges.crs)
    nodes = nodes.iloc[node_order].reset_index(drop=True)
    nodes["x"], nodes["y"] = nodes["x"] + shift[0], nodes["y"] + shift[1]
    return StreetNetwork(nodes, edges, paths.representation)


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 10**6))
def test_order_direction_and_place_do_not_matter(seed: int) -> None:
    """To 12 mm: roundings fall elsewhere when an edge is measured from its other end."""
    paths, origins, targets = random_city(seed)
    random = np.random.default_rng(seed)
    shift = (1024.0, -2048.0)
    mixed = random.permutation(len(targets))
    before = walk(paths, origins.T, targets.T)
    after = walk(reworked(paths, random, shift), (origins + shift).T, (targets[mixed] + shift).T)
    np.testing.assert_allclose(after, before, atol=0.012)


def test_the_ledger_names_who_stands_off_the_network() -> None:
    ledger = Ledger()
    points = at((50, 0), (50, -300), (60, -400), (70, -500))
    weights = np.array([5.0, 1.0, 30.0, 2.0])
    report = snap_report(
        CITY, Memo(), points, kind="people", ids=["a", "b", "c", "d"], weights=weights, ledger=ledger, listed=2
    )
    assert (report.total, report.unsnapped, report.weight, report.ids) == (4, 3, 33.0, ("c", "d"))
    done, warned = ledger.entries
    assert (done.layer, done.action, done.count) == ("people", "snapped", 1)
    assert (warned.action, warned.count) == ("warned", 3)
    assert "33 residents" in render(warned.message, "en")
    assert "c, d" in render(warned.message, "en")
    assert "c、d" in render(warned.message, "zh")


def test_the_ledger_of_stops_without_weights() -> None:
    ledger = Ledger()
    report = snap_report(CITY, Memo(), at((0, 0), (0, -900)), kind="stops", ids=["s1", "s2"], ledger=ledger)
    assert report.ids == ("s2",)
    assert [entry.layer for entry in ledger.entries] == ["transit", "transit"]
    assert "s2" in render(ledger.entries[1].message, "en")
    everybody = Ledger()
    snap_report(CITY, Memo(), at((0, 0)), kind="places", ids=["p"], ledger=everybody)
    assert len(everybody.entries) == 1
