"""A planner's own graph goes in and out, and comes back the same."""

from pathlib import Path

import geopandas as gpd
import networkx as nx
import numpy as np
import osmnx
import pandas as pd
import pytest
import shapely

from spatial.errors import CrsError, InputError
from spatial.model.provenance import Ledger
from spatial.model.streets import StreetNetwork
from spatial.operations.cleaning import consolidate
from spatial.sources.graphs import (
    from_frames,
    from_osmnx,
    read_geopackage,
    read_graphml,
    to_frames,
    to_networkx,
    write_geopackage,
    write_graphml,
)
from spatial.text import render
from tests.toy_city import CORNER, TOY_CRS, grid_city, network

CORNERS = [(0, 0), (100, 0), (100, 100), (0, 100)]


def odd_city() -> StreetNetwork:
    """One-way streets each way, a loop, doubled edges, bends, names, bridges, a node with no street."""
    return network(
        [*CORNERS, (300.123456789, 0.1)],
        [(0, 1), (1, 2), (3, 2), (3, 0), (1, 3), (0, 0), (0, 1)],
        lines={5: [(-50, 0), (-50, -50)], 6: [(50, -33.333333333333336)]},
        highway=["primary", "residential", "residential", "service", "footway", "residential", "secondary"],
        name=["Main", "", "Gröf", "", "", "环路", ""],
        walk=[True, False, False, True, True, True, False],
        cycle=[True, False, False, True, False, True, False],
        drive=[2, 1, -1, 2, 0, 2, 1],
        bridge=[False, True, False, False, False, False, False],
        tunnel=[False, False, True, False, False, False, False],
    )


def same(found: StreetNetwork, expected: StreetNetwork) -> None:
    pd.testing.assert_frame_equal(found.nodes, expected.nodes)
    pd.testing.assert_frame_equal(pd.DataFrame(found.edges), pd.DataFrame(expected.edges))
    assert found.edges.crs == expected.edges.crs
    assert found.representation == expected.representation
    assert found.token == expected.token


@pytest.mark.parametrize("city", [grid_city(3), odd_city(), consolidate(odd_city(), ledger=Ledger())])
def test_every_way_out_leads_back(city: StreetNetwork, tmp_path: Path) -> None:
    same(from_osmnx(to_networkx(city)), city)
    nodes, edges = to_frames(city)
    same(from_frames(nodes, edges, representation=city.representation), city)
    write_graphml(city, tmp_path / "city.graphml")
    same(read_graphml(tmp_path / "city.graphml"), city)
    write_geopackage(city, tmp_path / "city.gpkg")
    write_geopackage(city, tmp_path / "city.gpkg")
    same(read_geopackage(tmp_path / "city.gpkg"), city)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["city.gpkg", "city.graphml"]


def test_osmnx_reads_what_is_written(tmp_path: Path) -> None:
    city = grid_city(3, representation="driving")
    write_graphml(city, tmp_path / "city.graphml")
    graph = osmnx.load_graphml(tmp_path / "city.graphml")
    stats = osmnx.basic_stats(graph)
    assert stats["intersection_count"] == 16
    assert stats["street_length_total"] == pytest.approx(2400)
    assert stats["streets_per_node_counts"] == {0: 0, 1: 0, 2: 4, 3: 8, 4: 4}
    same(from_osmnx(graph, representation="driving"), city)


def test_junction_counts_agree_with_osmnx() -> None:
    """Exact: both count the street ends at each node of an undirected graph."""
    random = np.random.default_rng(5)
    links = [tuple(link) for link in random.integers(0, 60, (110, 2))]
    streets = consolidate(
        network(random.uniform(0, 900, (60, 2)), links, representation="driving"), ledger=Ledger(), tolerance_m=30
    )
    counts = osmnx.stats.count_streets_per_node(to_networkx(streets))
    assert sorted(counts.values()) == sorted(streets.streets_at_node.tolist())
    assert osmnx.stats.intersection_count(to_networkx(streets), min_streets=3) == (streets.streets_at_node >= 3).sum()


def osmnx_graph() -> nx.MultiDiGraph:
    """As OSMnx makes it: simplified ways hold lists, straight edges no geometry, two-way streets two edges."""
    graph = nx.MultiDiGraph(crs=TOY_CRS, simplified=True)
    for label, (x, y) in zip((11, 22, 33), ((0, 0), (100, 0), (100, 80)), strict=True):
        graph.add_node(label, x=x + CORNER[0], y=y + CORNER[1], street_count=2)
    shared = {"osmid": [7, 5], "highway": ["residential", "living_street"], "name": "Gata", "length": 99.5}
    graph.add_edge(11, 22, **shared, oneway=False, reversed=False)
    graph.add_edge(22, 11, **shared | {"osmid": [5, 7]}, oneway=False, reversed=True)
    line = shapely.LineString([(100, 0), (120, 40), (100, 80)])
    bent = shapely.transform(line, lambda xy: xy + np.array(CORNER))
    graph.add_edge(
        22, 33, osmid=9, highway="trunk", oneway=True, reversed=False, length=90.0, bridge="yes", geometry=bent
    )
    return graph


def test_an_osmnx_graph_by_hand() -> None:
    ledger = Ledger()
    city = from_osmnx(osmnx_graph(), representation="driving", ledger=ledger)
    assert city.nodes["osm_id"].tolist() == [11, 22, 33]
    edges = city.edges
    assert edges[["u", "v"]].to_numpy().tolist() == [[0, 1], [1, 2]]
    assert edges["length_m"].tolist() == [99.5, 90]
    assert edges["drive"].tolist() == [2, 1]
    assert edges["highway"].tolist() == ["living_street;residential", "trunk"]
    assert edges["name"].tolist() == ["Gata", ""]
    assert edges["bridge"].tolist() == [False, True]
    assert edges["way_id"].tolist() == [5, 9]
    assert not edges["walk"].any()
    assert [(e.action, e.count) for e in ledger.entries] == [("imputed", 2), ("merged", 1)]
    walked = from_osmnx(osmnx_graph())
    assert walked.representation == "paths"
    assert walked.edges["walk"].all()
    assert (walked.edges["drive"] == 0).all()


def test_an_undirected_graph() -> None:
    graph = nx.MultiGraph(crs="epsg:32627")
    graph.add_node("a", x=CORNER[0], y=CORNER[1])
    graph.add_node("b", x=CORNER[0] + 50, y=CORNER[1])
    graph.add_edge("a", "b", oneway=True)
    graph.add_edge("b", "a", oneway=False, osmid=4)
    ledger = Ledger()
    city = from_osmnx(graph, representation="driving", ledger=ledger)
    assert city.nodes["osm_id"].tolist() == [-1, -1]
    assert city.edges["drive"].tolist() == [1, 2]
    assert city.edges["length_m"].tolist() == [50, 50]
    assert [entry.action for entry in ledger.entries] == ["imputed", "imputed"]


def test_degrees_no_system_and_no_places_are_refused() -> None:
    graph = osmnx_graph()
    graph.graph["crs"] = "epsg:4326"
    with pytest.raises(CrsError, match="degrees"):
        from_osmnx(graph)
    del graph.graph["crs"]
    with pytest.raises(CrsError, match="The graph town does not say"):
        from_osmnx(graph, name="town")
    for bad in (None, np.nan):
        without = osmnx_graph()
        without.nodes[22]["x"] = bad
        with pytest.raises(InputError, match="1 node of the graph"):
            from_osmnx(without)
    nodes, edges = to_frames(grid_city(1))
    with pytest.raises(CrsError, match="does not say"):
        from_frames(nodes, edges.set_crs(None, allow_override=True))


def test_frames_of_a_gis() -> None:
    """Labels instead of positions, a Z, a multi-line of one part, a line drawn from v to u, no lengths."""
    nodes = gpd.GeoDataFrame(index=["a", "b"], geometry=shapely.points([(0.0, 0.0), (30.0, 40.0)]), crs=TOY_CRS)
    lines = [
        shapely.LineString([(0, 0, 5), (30, 40, 6)]),
        shapely.MultiLineString([[(30, 40), (0, 40), (0, 0)]]),
    ]
    edges = gpd.GeoDataFrame({"u": ["a", "a"], "v": ["b", "b"], "drive": [2, 1]}, geometry=lines, crs=TOY_CRS)
    ledger = Ledger()
    city = from_frames(nodes, edges, representation="driving", ledger=ledger)
    assert city.edges[["u", "v"]].to_numpy().tolist() == [[0, 1], [1, 0]]
    assert city.edges["length_m"].tolist() == [50, 70]
    assert city.edges["drive"].tolist() == [2, 1]
    assert not shapely.has_z(city.edges.geometry.to_numpy()).any()
    assert "2 edges have no length" in render(ledger.entries[0].message, "en")


def test_frames_that_do_not_fit() -> None:
    nodes, edges = to_frames(grid_city(1))
    with pytest.raises(InputError, match="lacks the columns u"):
        from_frames(nodes, edges.drop(columns="u"))
    with pytest.raises(InputError, match=r"1 edge of town\.gpkg begins or ends"):
        from_frames(nodes, edges.assign(v=[1, 3, 2, 99]), name="town.gpkg")
    parts = shapely.MultiLineString([[(0, 0), (1, 1)], [(2, 2), (3, 3)]])
    with pytest.raises(InputError, match="1 edge of edges is not a simple line"):
        from_frames(nodes, edges.set_geometry([parts, *edges.geometry[1:]], crs=TOY_CRS))
    with np.errstate(invalid="ignore"):
        broken = shapely.linestrings([[CORNER, (np.nan, 0.0)]])
    with pytest.raises(InputError, match="coordinates that are not numbers"):
        from_frames(nodes, edges.set_geometry([*broken, *edges.geometry[1:]], crs=TOY_CRS))
    with pytest.raises(InputError, match="holds 7 as drive"):
        from_frames(nodes, edges.assign(drive=7))
    with pytest.raises(InputError, match="no kind of street network"):
        from_frames(nodes, edges, representation="roads")  # type: ignore[arg-type]


def test_files_that_are_not_what_they_say(tmp_path: Path) -> None:
    cut = tmp_path / "cut.graphml"
    write_graphml(grid_city(2), cut)
    cut.write_bytes(cut.read_bytes()[:700])
    with pytest.raises(InputError, match=r"cut\.graphml is not a GraphML file"):
        read_graphml(cut)
    cut.write_text("<html/>", encoding="utf-8")
    with pytest.raises(InputError, match=r"cut\.graphml is not a GraphML file"):
        read_graphml(cut)
    no_package = tmp_path / "a.gpkg"
    no_package.write_text("nothing", encoding="utf-8")
    with pytest.raises(InputError, match="not a GeoPackage"):
        read_geopackage(no_package)
    to_frames(grid_city(1))[0].to_file(tmp_path / "one.gpkg", layer="nodes", driver="GPKG")
    with pytest.raises(InputError, match="with the layers nodes and edges"):
        read_geopackage(tmp_path / "one.gpkg")
    for read in (read_graphml, read_geopackage):
        with pytest.raises(InputError, match="There is no file"):
            read(tmp_path / "nowhere")


def test_a_bad_shape_in_graphml_is_named(tmp_path: Path) -> None:
    path = tmp_path / "city.graphml"
    write_graphml(grid_city(1), path)
    path.write_text(path.read_text(encoding="utf-8").replace("LINESTRING", "LINESTRONG", 1), encoding="utf-8")
    with pytest.raises(InputError, match="as geometry"):
        read_graphml(path)


def test_reading_is_in_the_ledger(tmp_path: Path) -> None:
    write_geopackage(grid_city(2), tmp_path / "city.gpkg")
    ledger = Ledger()
    read_geopackage(tmp_path / "city.gpkg", ledger=ledger)
    assert [render(entry.message, "en") for entry in ledger.entries] == ["city.gpkg: 9 nodes and 12 edges."]
