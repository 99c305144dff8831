"""From driving streets to centre lines: junctions once, two sides as one street, nothing lost unsaid."""

import networkx as nx
import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from spatial.model.provenance import Ledger
from spatial.model.streets import StreetNetwork
from spatial.operations.cleaning import centre_length_m, consolidate, street_classes
from spatial.text import render
from tests.toy_city import CORNER, grid_city, network


def streets_of(driving: StreetNetwork, **more: float) -> tuple[StreetNetwork, list[str]]:
    ledger = Ledger()
    made = consolidate(driving, ledger=ledger, **more)
    return made, [render(entry.message, "en") for entry in ledger.entries]


def junctions(streets: StreetNetwork) -> int:
    return int((streets.streets_at_node >= 3).sum())


def staggered(gap_m: float) -> StreetNetwork:
    """Two side streets meet a main street `gap_m` apart: one junction, or two."""
    return network(
        [(0, 0), (100, 0), (100 + gap_m, 0), (200 + gap_m, 0), (100, 100), (100 + gap_m, -100)],
        [(0, 1), (1, 2), (2, 3), (1, 4), (2, 5)],
        representation="driving",
    )


def test_a_clean_grid_stays_as_it_is() -> None:
    grid = grid_city(3, representation="driving")
    streets, said = streets_of(grid)
    assert streets.representation == "streets"
    assert junctions(streets) == 12
    assert streets.length_km == pytest.approx(2.4)
    assert (streets.nodes["osm_id"] == grid.nodes["osm_id"]).all()
    assert (streets.edges["centre_share"] == 1).all()
    assert said == [
        "0 nodes became 0 junctions: stretches of street up to 12 m between junctions lie inside one junction. "
        "0 edges (0.00 km) went with them."
    ]


@pytest.mark.parametrize(("gap_m", "expected"), [(12, 1), (12.01, 2)])
def test_junctions_a_short_street_apart_are_one(gap_m: float, expected: int) -> None:
    streets, _ = streets_of(staggered(gap_m))
    assert junctions(streets) == expected


def test_a_merged_junction_stands_in_the_middle_and_edges_are_drawn_to_it() -> None:
    streets, said = streets_of(staggered(10))
    middle = int(np.flatnonzero(streets.streets_at_node == 4)[0])
    assert streets.nodes.loc[middle, ["x", "y"]].tolist() == [CORNER[0] + 105, CORNER[1]]
    assert streets.nodes.loc[middle, "osm_id"] == 2
    assert len(streets.edges) == 4
    for edge in streets.edges.itertuples():
        ends = shapely.get_coordinates(edge.geometry)[[0, -1]]
        assert (ends == streets.nodes.loc[[edge.u, edge.v], ["x", "y"]].to_numpy()).all()
        assert edge.length_m == pytest.approx(edge.geometry.length)
    assert "2 nodes became 1 junction" in said[0]
    assert "1 edge (0.01 km)" in said[0]


def test_a_short_dead_end_and_a_short_bend_are_no_junctions() -> None:
    # ten pieces of 10 m in a row, as ways are cut where a tag changes, and a stub of 5 m
    places = [(10 * i, 0) for i in range(11)] + [(50, 5), (0, 100), (-100, 0)]
    links = [(i, i + 1) for i in range(10)] + [(5, 11), (0, 12), (0, 13)]
    streets, _ = streets_of(network(places, links, representation="driving"))
    assert len(streets.edges) == 13
    assert streets.length_km == pytest.approx(0.305)


def test_junctions_apart_by_pieces_that_are_short_together() -> None:
    # 6 m + 5 m with a node of two ends between them: 11 m from junction to junction
    places = [(0, 0), (100, 0), (106, 0), (111, 0), (211, 0), (100, 100), (111, -100)]
    links = [(0, 1), (1, 2), (2, 3), (3, 4), (1, 5), (3, 6)]
    streets, _ = streets_of(network(places, links, representation="driving"))
    assert junctions(streets) == 1
    assert len(streets.nodes) == 5


def test_a_small_roundabout_is_one_junction() -> None:
    # four arms, a ring of four pieces of 11, 11, 11 and 14 m: the last one would be left as a loop
    ring = [(5, 0), (0, 5), (-5, 0), (0, -5)]
    arms = [(100, 0), (0, 100), (-100, 0), (0, -100)]
    streets, _ = streets_of(
        network(
            ring + arms,
            [(0, 1), (1, 2), (2, 3), (3, 0), (0, 4), (1, 5), (2, 6), (3, 7)],
            representation="driving",
            length_m=[11.0, 11, 11, 14, 95, 95, 95, 95],
        )
    )
    assert junctions(streets) == 1
    assert len(streets.edges) == 4
    assert sorted(streets.streets_at_node.tolist()) == [1, 1, 1, 1, 4]


def test_how_long_a_loop_a_junction_swallows_is_a_setting() -> None:
    # three short pieces of a ring make one junction; the fourth, of 20 m, is a loop at it
    ring = [(5, 0), (0, 5), (-5, 0), (0, -5)]
    arms = [(100, 0), (0, 100), (-100, 0), (0, -100)]
    links = [(0, 1), (1, 2), (2, 3), (3, 0), (0, 4), (1, 5), (2, 6), (3, 7)]
    city = network(ring + arms, links, representation="driving", length_m=[11.0, 11, 11, 20, 95, 95, 95, 95])
    assert len(streets_of(city)[0].edges) == 4
    assert len(streets_of(city, loop_tolerances=1.5)[0].edges) == 5


def dual_carriageway(apart_m: float, name: str = "Hringbraut") -> StreetNetwork:
    """Two sides run east and west; a street crosses both in the middle. Positions: south side, north side, crossing."""
    y = apart_m
    return network(
        [(0, 0), (500, 0), (1000, 0), (0, y), (500, y), (1000, y), (500, -300), (500, y + 300)],
        [(0, 1), (1, 2), (5, 4), (4, 3), (6, 1), (1, 4), (4, 7)],
        representation="driving",
        name=[name] * 4 + ["Njarðargata"] * 3,
        drive=[1, 1, 1, 1, 2, 2, 2],
    )


def test_the_two_sides_of_a_dual_carriageway_count_as_one_street() -> None:
    streets, said = streets_of(dual_carriageway(20))
    assert junctions(streets) == 1
    share = streets.edges["centre_share"].to_numpy()
    assert share[:4].tolist() == pytest.approx([0.5] * 4)
    assert share[4:].tolist() == [1, 1]
    # the carriageways 2 × 1000 m by half; the crossing is drawn on to the middle, 10 m from either side
    assert centre_length_m(streets).sum() == pytest.approx(1000 + 2 * 310, abs=0.5)
    assert "4 edges are sides of dual carriageways" in said[1]
    assert "1.0 km off" in said[1]


@pytest.mark.parametrize("change", ["too far", "unnamed", "same direction", "two-way"])
def test_streets_that_are_not_two_sides_count_in_full(change: str) -> None:
    driving = dual_carriageway(31 if change == "too far" else 20, "" if change == "unnamed" else "Hringbraut")
    edges = driving.edges
    if change == "same direction":
        edges["drive"] = np.array([1, 1, -1, -1, 2, 2, 2], dtype=np.int8)
    if change == "two-way":
        edges["drive"] = np.int8(2)
    streets, _ = streets_of(StreetNetwork(driving.nodes, edges, "driving"))
    assert (streets.edges["centre_share"] == 1).all()
    assert junctions(streets) == 2
    assert streets.length_km == pytest.approx(driving.length_km)


def test_half_beside_its_other_side_counts_half_of_that_half() -> None:
    # the north side is only 400 m long and stands beside the first 400 m of the south side's 1000 m
    driving = network(
        [(0, 0), (1000, 0), (400, 20), (0, 20)],
        [(0, 1), (2, 3)],
        representation="driving",
        name="Hringbraut",
        drive=[1, 1],
    )
    assert streets_of(driving)[0].edges["centre_share"].tolist() == pytest.approx([0.8, 0.5])


def test_how_opposite_two_sides_must_run_is_a_setting() -> None:
    # the north side leaves the south side at an angle of 20°
    driving = network(
        [(0, 0), (50, 0), (47, 27), (0, 10)],
        [(0, 1), (2, 3)],
        representation="driving",
        name="Hringbraut",
        drive=[1, 1],
    )
    assert (streets_of(driving)[0].edges["centre_share"] < 1).any()
    assert (streets_of(driving, opposite_within_deg=15)[0].edges["centre_share"] == 1).all()


def test_ways_that_are_no_streets_go_and_the_ledger_says_so() -> None:
    driving = network(
        [(0, 0), (1000, 0), (1000, 500), (0, 500)],
        [(0, 1), (1, 2), (2, 3), (3, 0)],
        representation="driving",
        highway=["residential", "service", "motorway_link", "living_street"],
    )
    streets, said = streets_of(driving)
    assert streets.edges["highway"].tolist() == ["residential", "living_street"]
    assert said[0].startswith("2 driving ways (1.5 km)")


def test_doubled_edges_count_once() -> None:
    driving = network([(0, 0), (100, 0)], [(0, 1), (1, 0), (0, 1)], representation="driving", lines={2: [(50, 50)]})
    streets, said = streets_of(driving)
    assert len(streets.edges) == 2
    assert said[0].startswith("1 street edge was drawn twice")


def test_one_node_no_edge_and_a_zero_edge() -> None:
    assert len(streets_of(network([(0, 0)], [], representation="driving"))[0].edges) == 0
    zero = network([(0, 0), (0, 0), (100, 0)], [(0, 1), (1, 2)], representation="driving")
    assert streets_of(zero)[0].length_km == pytest.approx(0.1)


def test_the_input_is_left_alone() -> None:
    driving = staggered(10)
    token = driving.token
    consolidate(driving, ledger=Ledger())
    assert StreetNetwork(driving.nodes, driving.edges, "driving").token == token


def test_every_class_says_why() -> None:
    assert street_classes()["residential"]
    assert not street_classes()["service"]


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 10**6))
def test_merging_equals_contraction_in_networkx(seed: int) -> None:
    """Random plane networks without nodes of two ends: contract every edge of 12 m or less between junctions."""
    random = np.random.default_rng(seed)
    places = random.uniform(0, 60, (12, 2))
    links = [tuple(sorted(random.choice(12, 2, replace=False))) for _ in range(20)]
    links = sorted(set(links))
    driving = network(places, links, representation="driving")
    ends = driving.streets_at_node
    if (ends == 2).any():
        keep = [i for i, (u, v) in enumerate(links) if ends[u] != 2 and ends[v] != 2]
        links = [links[i] for i in keep]
        driving = network(places, links, representation="driving")
        ends = driving.streets_at_node
        if (ends == 2).any() or not links:
            return
    graph = nx.Graph()
    graph.add_nodes_from(np.unique(links).tolist())
    length = driving.edges["length_m"].to_numpy()
    graph.add_edges_from(
        link for link, m in zip(links, length, strict=True) if m <= 12 and ends[link[0]] >= 3 and ends[link[1]] >= 3
    )
    streets, _ = streets_of(driving)
    assert len(streets.nodes) <= nx.number_connected_components(graph)
    # a junction whose only other edges were left loops may vanish; none may appear, and the ends of what is kept agree
    group = {node: min(part) for part in nx.connected_components(graph) for node in part}
    kept = {tuple(sorted((group[u], group[v]))) for u, v in links if group[u] != group[v]}
    made = streets.nodes["osm_id"].to_numpy() - 1
    found = {tuple(sorted((made[u], made[v]))) for u, v in streets.edges[["u", "v"]].to_numpy() if u != v}
    assert found == kept


@settings(max_examples=15, deadline=None)
@given(st.integers(0, 10**6))
def test_order_and_direction_do_not_matter(seed: int) -> None:
    """Counts are equal; lengths agree to 1e-6 m, since means are summed in another order."""
    random = np.random.default_rng(seed)
    driving = dual_carriageway(20)
    edges = driving.edges
    turned = random.random(len(edges)) < 0.5
    lines = edges.geometry.to_numpy().copy()
    lines[turned] = shapely.reverse(lines[turned])
    u, v, drive = (edges[c].to_numpy().copy() for c in ("u", "v", "drive"))
    u[turned], v[turned] = v[turned], u[turned]
    drive[turned & (drive == 1)] = -1
    edges = edges.assign(u=u, v=v, drive=drive).set_geometry(lines, crs=edges.crs)
    order = random.permutation(len(edges))
    other = StreetNetwork(driving.nodes, edges.iloc[order].reset_index(drop=True), "driving")
    before, after = streets_of(driving)[0], streets_of(other)[0]
    assert junctions(before) == junctions(after)
    assert centre_length_m(after).sum() == pytest.approx(centre_length_m(before).sum(), abs=1e-6)
