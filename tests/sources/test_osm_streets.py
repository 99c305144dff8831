"""Noding, direction and access on toy streets counted by hand; the real city against OSMnx."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import osmium
import pytest
import shapely
from osm_toy import BOX, CENTIMETRES, EAST, NORTH, UTM, Toy

from spatial.model.provenance import Ledger
from spatial.model.streets import StreetNetwork
from spatial.sources.osm import read_osm
from spatial.sources.osm.highways import way_use

REYKJAVIK = Path(__file__).parents[2] / "data" / "reykjavik" / "reykjavik_20190509.osm.pbf"
CAPITAL = (-22.15, 63.98, -21.55, 64.30)


def read(toy: Toy, folder: Path, ledger: Ledger | None = None):
    return read_osm(toy.write(folder / "toy.osm.pbf"), box=BOX, crs=UTM, ledger=ledger or Ledger())


def ends(network: StreetNetwork) -> set[tuple[int, int, int]]:
    """Each edge as (way, smaller node id, larger node id)."""
    ids = network.nodes["osm_id"].to_numpy()
    pairs = np.sort(ids[network.edges[["u", "v"]].to_numpy()], axis=1)
    return {(int(w), int(a), int(b)) for w, (a, b) in zip(network.edges["way_id"], pairs, strict=True)}


def counts(ledger: Ledger, layer: str) -> dict[str, int | None]:
    return {entry.message.key: entry.count for entry in ledger.entries if entry.layer == layer}


def crossing() -> Toy:
    """Two streets that share node 2, and a footbridge over one of them that shares nothing."""
    toy = Toy()
    for id, x, y in ((1, 0, 0), (2, 100, 0), (3, 200, 0), (4, 100, -100), (5, 100, 100)):
        toy.node(x, y, id)
    toy.way(10, 1, 2, 3, highway="residential", name="Main Street")
    toy.way(11, 4, 2, 5, highway="residential")
    toy.way(12, (0, 50), (200, 50), highway="footway", bridge="yes")
    return toy


def test_streets_meet_at_shared_nodes_and_not_under_bridges(tmp_path):
    paths = read(crossing(), tmp_path).paths
    assert len(paths.edges) == 5
    assert len(paths.nodes) == 7
    assert {(10, 1, 2), (10, 2, 3), (11, 2, 4), (11, 2, 5)} < ends(paths)
    assert paths.edges["length_m"].tolist() == pytest.approx([100, 100, 100, 100, 200], abs=CENTIMETRES)
    assert paths.edges["bridge"].tolist() == [False] * 4 + [True]
    assert paths.edges["name"].tolist()[:3] == ["Main Street", "Main Street", ""]
    degree = dict(zip(paths.nodes["osm_id"], paths.streets_at_node, strict=True))
    assert degree[2] == 4


def test_order_of_nodes_and_edges_and_ends_of_lines(tmp_path):
    paths = read(crossing(), tmp_path).paths
    assert paths.nodes["osm_id"].is_monotonic_increasing
    assert paths.edges["way_id"].is_monotonic_increasing
    places = paths.nodes[["x", "y"]].to_numpy()
    for end, tip in (("u", 0), ("v", -1)):
        drawn = shapely.get_coordinates(shapely.get_point(paths.edges.geometry.to_numpy(), tip))
        assert (drawn == places[paths.edges[end]]).all()
    assert places[1] == pytest.approx((EAST + 100, NORTH), abs=CENTIMETRES)


def test_a_way_is_split_where_a_vertex_is_missing(tmp_path):
    toy, ledger = Toy(), Ledger()
    toy.way(1, (0, 0), (100, 0), 999, (300, 0), (450, 0), highway="path")
    paths = read(toy, tmp_path, ledger).paths
    assert paths.edges["length_m"].tolist() == pytest.approx([100, 150], abs=CENTIMETRES)
    assert len(paths.nodes) == 4
    assert counts(ledger, "paths")["osm.vertices_missing"] == 1


def test_a_way_across_the_edge_of_the_box_keeps_what_is_between_vertices_inside(tmp_path):
    toy, ledger = Toy(), Ledger()
    toy.way(1, (800, 0), (900, 0), (1100, 0), (1200, 0), (1200, 90), (900, 90), (860, 90), highway="path")
    paths = read(toy, tmp_path, ledger).paths
    assert paths.edges["length_m"].tolist() == pytest.approx([100, 40], abs=CENTIMETRES)
    assert counts(ledger, "paths")["osm.ways_cut"] == 1


def test_a_way_that_meets_itself_is_cut_there_and_repeated_vertices_vanish(tmp_path):
    toy = Toy()
    toy.node(100, 0, 2)
    toy.way(1, (0, 0), 2, 2, (200, 100), (200, -100), 2, highway="footway")
    paths = read(toy, tmp_path).paths
    loop = 200 + 2 * np.hypot(100, 100)
    assert paths.edges["length_m"].tolist() == pytest.approx([100, loop], abs=CENTIMETRES)
    assert (paths.edges["u"] == paths.edges["v"]).tolist() == [False, True]


def test_one_way_streets(tmp_path):
    toy = Toy()
    toy.way(1, (0, 0), (100, 0), highway="residential", oneway="yes")
    toy.way(2, (0, 10), (100, 10), highway="residential", oneway="-1")
    toy.way(3, (0, 20), (100, 20), highway="residential")
    first = toy.node(0, 100)
    toy.way(4, first, (10, 110), (0, 120), first, highway="tertiary", junction="roundabout")
    toy.way(5, (0, 300), (100, 300), highway="motorway")
    toy.way(6, (0, 400), (100, 400), highway="motorway", oneway="no")
    toy.way(7, (0, 500), (100, 500), highway="service")
    extract = read(toy, tmp_path)
    assert dict(zip(extract.driving.edges["way_id"], extract.driving.edges["drive"], strict=True)) == {
        1: 1, 2: -1, 3: 2, 4: 1, 5: 1, 6: 2,
    }  # fmt: skip
    assert extract.driving.edges["drive"].dtype == np.int8
    assert extract.paths.edges["way_id"].tolist() == [1, 2, 3, 4, 7]
    assert extract.paths.edges["cycle"].all()


def test_driving_streets_are_noded_among_themselves(tmp_path):
    toy = crossing()
    toy.way(13, 2, (150, 50), highway="footway")
    toy.node(50, 0, 6)
    toy.way(10, 1, 6, 2, 3, highway="residential")
    toy.way(14, 6, (50, 80), highway="path")
    extract = read(toy, tmp_path)
    assert ends(extract.driving) == {(10, 1, 2), (10, 2, 3), (11, 2, 4), (11, 2, 5)}
    assert {(10, 1, 6), (10, 2, 6)} < ends(extract.paths)


@pytest.mark.parametrize(
    ("tags", "walk", "cycle", "drive"),
    [
        ({"highway": "footway"}, True, False, 0),
        ({"highway": "footway", "bicycle": "designated"}, True, True, 0),
        ({"highway": "footway", "access": "yes"}, True, False, 0),
        ({"highway": "cycleway", "foot": "no"}, False, True, 0),
        ({"highway": "steps", "bicycle": "yes"}, True, False, 0),
        ({"highway": "residential", "access": "private"}, False, False, 0),
        ({"highway": "residential", "access": "no", "foot": "yes"}, True, False, 0),
        ({"highway": "residential", "motor_vehicle": "no"}, True, True, 0),
        ({"highway": "residential", "vehicle": "no", "bicycle": "yes"}, True, True, 0),
        ({"highway": "trunk", "motorroad": "yes"}, False, False, 2),
        ({"highway": "trunk", "motorroad": "yes", "foot": "yes"}, True, False, 2),
        ({"highway": "motorway", "foot": "designated", "bicycle": "no"}, True, False, 1),
        ({"highway": "pedestrian", "area": "yes"}, True, False, 0),
        ({"highway": "service", "area": "yes"}, True, True, 0),
        ({"highway": "construction", "foot": "yes"}, False, False, 0),
        ({"highway": "platform"}, False, False, 0),
        ({"highway": "residential", "bicycle": "no;yes"}, True, False, 2),
    ],
)
def test_access(tags, walk, cycle, drive):
    unknown: set[str] = set()
    use = way_use(tags, unknown)
    assert (use.walk, use.cycle, use.drive) == (walk, cycle, drive)
    assert not unknown


def test_unknown_values_are_passed_over_and_said(tmp_path):
    toy, ledger = Toy(), Ledger()
    toy.way(1, (0, 0), (100, 0), highway="residential", access="perhaps")
    toy.way(2, (0, 10), (100, 10), highway="skyway")
    extract = read(toy, tmp_path, ledger)
    assert extract.paths.edges["way_id"].tolist() == [1]
    entry = next(e for e in ledger.entries if e.message.key == "osm.unknown_tags")
    assert entry.message.values["tags"] == ("access=perhaps (1)", "highway=skyway (1)")
    assert counts(ledger, "paths")["osm.highways_closed"] == 1


def test_squares_are_walked_along_their_outline(tmp_path):
    toy, ledger = Toy(), Ledger()
    toy.square(1, 0, 0, 50, highway="pedestrian", area="yes")
    extract = read(toy, tmp_path, ledger)
    assert extract.paths.edges["length_m"].tolist() == pytest.approx([200], abs=CENTIMETRES)
    assert counts(ledger, "paths")["osm.squares"] == 1


@pytest.mark.slow
def test_reykjavik_agrees_with_osmnx(tmp_path):
    """The same ways as XML through OSMnx: the same vertices and junctions, and lengths longer by 0.21 to 0.36 %.

    OSMnx measures great circles on a sphere of radius 6 371 009 m. The ellipsoid's radii at 64.1° N exceed it by
    0.26 % (along a meridian) to 0.38 % (across it), and in this box UTM 27N draws lengths at 0.99961 to 0.99964.
    """
    osmnx = pytest.importorskip("osmnx")
    paths = read_osm(REYKJAVIK, box=CAPITAL, crs=None, ledger=Ledger()).paths
    written, closing = _paths_as_xml(tmp_path)
    graph = osmnx.graph_from_xml(written, simplify=False, retain_all=True)
    vertices = len(paths.nodes) + int((shapely.get_num_points(paths.edges.geometry.to_numpy()) - 2).sum())
    assert vertices == graph.number_of_nodes()
    length_m = sum(length for _, _, length in graph.edges(data="length"))
    assert 1.0021 < paths.length_km * 1000 / length_m < 1.0036
    ways_at: dict[int, list[int]] = {}
    for u, v, way in graph.edges(data="osmid"):
        for node in (u, v):
            ways_at.setdefault(node, []).append(way)
    junctions = {node for node, ways in ways_at.items() if len(set(ways)) > 1 or len(ways) != 2}
    assert set(paths.nodes["osm_id"]) == junctions | closing


def _paths_as_xml(folder: Path) -> tuple[Path, set[int]]:
    """The ways that the table lets people walk or cycle, cut to the box by whole segments, each drawn once.

    Also the nodes where a closed way begins and ends, which are nodes of the network whatever else passes there.
    """
    west, south, east, north = CAPITAL
    written = folder / "paths.osm"
    reader = osmium.FileProcessor(str(REYKJAVIK)).with_locations("flex_mem")
    places: dict[int, tuple[float, float]] = {}
    pieces: list[list[int]] = []
    for way in reader.with_filter(osmium.filter.KeyFilter("highway")):
        if not way.is_way():
            continue
        use = way_use(dict(way.tags), set())
        if not (use.walk or use.cycle):
            continue
        pieces.append([])
        for vertex in way.nodes:
            if west <= vertex.lon <= east and south <= vertex.lat <= north:
                places[vertex.ref] = (vertex.lon, vertex.lat)
                pieces[-1].append(vertex.ref)
            else:
                pieces.append([])
    pieces = [piece for piece in pieces if len(piece) > 1]
    with osmium.SimpleWriter(str(written), overwrite=True) as writer:
        for ref in sorted({ref for piece in pieces for ref in piece}):
            writer.add_node(osmium.osm.mutable.Node(id=ref, location=places[ref], version=1))
        for n, piece in enumerate(pieces, start=1):
            tags = {"highway": "path", "oneway": "yes"}
            writer.add_way(osmium.osm.mutable.Way(id=n, nodes=piece, tags=tags, version=1))
    return written, {piece[0] for piece in pieces if piece[0] == piece[-1]}
