"""A planner's street layer becomes networks: noded, merged, directed and counted as worked out by hand."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any

import geopandas as gpd
import networkx as nx
import numpy as np
import osmnx
import pandas as pd
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from spatial.errors import CrsError, InputError
from spatial.model.provenance import Ledger
from spatial.model.streets import StreetNetwork
from spatial.operations.cleaning import consolidate
from spatial.sources.graphs import from_osmnx, to_networkx
from spatial.sources.street_lines import networks_from_lines
from spatial.text import LANGUAGES, render
from tests.toy_city import CORNER, TOY_CRS, network

WUHAN = Path(__file__).parents[2].parent / "shared" / "data" / "wuhan" / "wuhan_streets_osm_neatnet.parquet"
EVERYWHERE = shapely.box(-1e7, -1e8, 1e8, 1e8)
Line = Sequence[tuple[float, float]]


def layer(*lines: Line | shapely.Geometry, **columns: Any) -> gpd.GeoDataFrame:
    """A street layer; coordinates are metres from the toy corner."""
    shapes = [
        line
        if isinstance(line, shapely.Geometry)
        else shapely.LineString(np.asarray(line, dtype=float) + np.asarray(CORNER))
        for line in lines
    ]
    return gpd.GeoDataFrame(columns, geometry=shapes, crs=TOY_CRS)


def read(lines: gpd.GeoDataFrame, ledger: Ledger | None = None, **given: Any) -> tuple[StreetNetwork, StreetNetwork]:
    asked = {
        "within": EVERYWHERE,
        "highway_column": "highway" if "highway" in lines else None,
        "file_name": "roads.shp",
    }
    return networks_from_lines(lines, ledger=Ledger() if ledger is None else ledger, **{**asked, **given})


def counts(ledger: Ledger) -> dict[str, int | None]:
    assert all(render(entry.message, language) for entry in ledger.entries for language in LANGUAGES)
    return {entry.message.key.removeprefix("street_lines."): entry.count for entry in ledger.entries}


def drives(net: StreetNetwork) -> list[int]:
    return net.edges["drive"].tolist()


def parts(net: StreetNetwork) -> int:
    graph = nx.MultiGraph(list(zip(net.edges["u"], net.edges["v"], strict=True)))
    return nx.number_connected_components(graph)


def lengths(net: StreetNetwork) -> list[float]:
    return sorted(net.edges["length_m"].round(6).tolist())


def test_lines_meet_at_ends_and_at_vertices_between_and_nowhere_else() -> None:
    ledger = Ledger()
    paths, driving = read(
        layer(
            [(0, 0), (100, 0), (200, 0)],  # a vertex at 100 …
            [(100, 0), (100, 50)],  # … where this one ends: a junction
            [(150, -50), (150, 50)],  # crosses without a vertex: a bridge
            [(50, 0), (50, 30)],  # ends on the first line, which has no vertex there
        ),
        ledger,
    )
    assert lengths(paths) == [30, 50, 100, 100, 100]
    assert paths.nodes[["x", "y"]].to_numpy().tolist() == [
        [CORNER[0] + x, CORNER[1] + y]
        for x, y in ((0, 0), (50, 0), (50, 30), (100, 0), (100, 50), (150, -50), (150, 50), (200, 0))
    ]
    assert paths.streets_at_node.tolist() == [1, 1, 1, 3, 1, 1, 1, 1]
    assert counts(ledger)["crossings"] == 1
    assert counts(ledger)["ends_beside"] == 1
    assert lengths(driving) == lengths(paths)
    assert (paths.representation, driving.representation) == ("paths", "driving")


def test_ends_a_fraction_of_a_millimetre_apart_meet_wherever_they_stand() -> None:
    for start in np.linspace(0, 0.001, 11):
        paths, _ = read(layer([(0, 0), (50 + start, 0)], [(50 + start + 0.0004, 0.0004), (50, 80)]))
        assert len(paths.nodes) == 3
    apart, _ = read(layer([(0, 0), (50, 0)], [(50.01, 0), (50, 80)]))
    assert len(apart.nodes) == 4


def test_opposite_lines_are_one_street_and_single_ones_one_way_where_each_line_is_a_direction() -> None:
    ledger = Ledger()
    rows = layer(
        [(0, 0), (40, 10), (100, 0)], [(100, 0), (40, 10), (0, 0)], [(200, 0), (100, 0)], [(200, 0), (200, 90)],
        [(200, 90), (200, 0)],
    )  # fmt: skip
    paths, driving = read(rows, ledger)
    assert drives(driving) == [2, 1, 2]
    first, last = driving.nodes["x"].to_numpy()[driving.edges.loc[1, ["u", "v"]].to_numpy(int)] - CORNER[0]
    assert (first, last) == (200, 100), "along the line"
    assert paths.edges["walk"].all()
    assert (counts(ledger)["opposite"], counts(ledger)["by_direction"]) == (2, 1)
    assert ledger.entries[1].message.values["percent"] == 80
    assert "two_way" not in counts(ledger)


def test_where_few_lines_are_doubled_all_are_two_way() -> None:
    ledger = Ledger()
    lines = [[(x, 0), (x + 10, 0)] for x in range(0, 400, 10)]
    _, driving = read(layer(*lines, [(10, 0), (0, 0)]), ledger)  # 2 of 41 lines: 4.9 %
    assert drives(driving) == [2] * 40
    assert (counts(ledger)["opposite"], counts(ledger)["two_way"]) == (1, 41)
    _, driving = read(layer(*lines, [(10, 0), (0, 0)]), doubled_min_pct=4)
    assert drives(driving) == [2] + [1] * 39


def test_repeated_lines_count_once_with_the_highest_class_and_all_uses() -> None:
    ledger = Ledger()
    line = [(0, 0), (100, 0)]
    rows = layer(line, line, line, [(100, 0), (200, 0)], highway=["residential", "motorway", "footway", "primary"])
    for table in (rows, rows.iloc[[1, 2, 0, 3]]):
        paths, driving = read(table, ledger)
        assert paths.edges["highway"].tolist() == driving.edges["highway"].tolist() == ["motorway", "primary"]
        assert paths.edges["walk"].all()
    assert counts(ledger)["repeated"] == 2


def test_a_stretch_that_two_lines_share_counts_once() -> None:
    ledger = Ledger()
    paths, _ = read(layer([(0, 0), (50, 0), (100, 0)], [(0, 9), (50, 0), (100, 0), (150, 0)]), ledger)
    assert lengths(paths) == [50, 50, 50, pytest.approx(np.hypot(50, 9), abs=1e-6)]
    assert counts(ledger)["repeated_stretches"] == 1


def test_who_may_use_a_line_follows_the_tables_of_osm() -> None:
    ledger = Ledger()
    kinds = ["residential", "motorway", "footway", "service", "construction", "rosengarten", None]
    rows = layer(*[[(0, y), (100, y)] for y in range(len(kinds))], highway=kinds)
    paths, driving = read(rows, ledger, connected_min_pct=0)
    assert paths.edges["highway"].tolist() == ["residential", "footway", "service", "road"]
    assert paths.edges["cycle"].tolist() == [True, False, True, True]
    assert driving.edges["highway"].tolist() == ["residential", "motorway", "road"]
    found = counts(ledger)
    assert [found[key] for key in ("closed_kinds", "unknown_kinds", "unstated_kinds")] == [1, 1, 1]
    assert "rosengarten (1)" in render(next(e.message for e in ledger.entries if "unknown" in e.message.key), "en")
    assert "no_footways" not in found
    consolidated = consolidate(driving, ledger=Ledger())
    assert consolidated.edges["highway"].tolist() == ["residential", "motorway", "road"]


@pytest.mark.parametrize(
    ("word", "meant"),
    [
        ("['busiway', 'tertiary', 'service']", "tertiary"),
        (["residential", "service"], "residential"),
        (np.array(["primary"], dtype=object), "primary"),
        ("unheard;Primary ; service", "primary"),
        ("主干路", "primary"),
        ("支路", "tertiary"),
        ("track_grade3", "track"),
        ("[broken", ""),
    ],
)
def test_lists_other_words_and_small_letters(word: Any, meant: str) -> None:
    rows = layer([(0, 0), (100, 0)], [(100, 0), (200, 0)])
    rows["highway"] = pd.Series([word, "steps"], dtype=object)
    paths, _ = read(rows)
    assert paths.edges["highway"].tolist() == [*filter(None, [meant]), "steps"]


def test_a_layer_without_classes_may_be_used_by_all() -> None:
    ledger = Ledger()
    paths, driving = read(layer([(0, 0), (100, 0)]), ledger)
    assert paths.edges[["walk", "cycle"]].all(axis=None)
    assert drives(driving) == [2]
    assert len(consolidate(driving, ledger=Ledger()).edges) == 1
    assert counts(ledger)["no_kinds"] == 1


def test_directions_as_osm_osmnx_and_geofabrik_say_them() -> None:
    ledger = Ledger()

    def directions(*words: Any, **given: Any) -> list[int]:
        rows = layer(*[[(0, y), (9, y)] for y in range(len(words))], highway=["residential"] * len(words))
        rows["oneway"] = pd.Series(list(words), dtype=object)
        return drives(read(rows, ledger, oneway_column="oneway", connected_min_pct=0, **given)[1])

    assert directions("yes", "-1", "no", None, "reverse", 1.0, True, "False") == [1, -1, 2, 2, -1, 1, 1, 2]
    assert directions("F", "T", "B") == [1, -1, 2]
    assert counts(ledger).get("unknown_directions") is None
    assert counts(ledger)["directions_said"] == 2
    assert directions("T", "F") == [2, 2], "true and false, or against and forward: nobody can tell"
    assert counts(ledger)["unknown_directions"] == 2


def test_a_said_direction_holds_on_doubled_lines_too() -> None:
    line, back = [(0, 0), (100, 0)], [(100, 0), (0, 0)]
    rows = layer(line, back, [(100, 0), (200, 0)], [(200, 0), (300, 0)], oneway=["no", "no", "yes", "no"])
    assert drives(read(rows, oneway_column="oneway")[1]) == [2, 1, 2]
    rows = layer(line, back, oneway=["yes", "yes"])
    assert drives(read(rows, oneway_column="oneway")[1]) == [2]
    rows = layer(line, line, oneway=["-1", "-1"])
    assert drives(read(rows, oneway_column="oneway")[1]) == [-1]


def test_loops_parts_and_lines_without_length() -> None:
    ledger = Ledger()
    ring = [(0, 0), (50, 0), (50, 50), (0, 0)]
    pair = shapely.MultiLineString([np.add(part, CORNER) for part in ([(0, 0), (-9, 0)], [(-9, 0), (-9, 5)])])
    rows = layer(
        ring, list(reversed(ring)), pair, [(7, 7), (7, 7)], [(0, 0), (0, 0), (0, 8)], name=["环路", None, "", "", ""]
    )
    paths, _ = read(rows, ledger, name_column="name", doubled_min_pct=50)
    assert lengths(paths) == [5, 8, 9, pytest.approx(100 + np.hypot(50, 50), abs=1e-6)]
    assert paths.edges["name"].tolist() == ["环路", "", "", ""]
    assert int((paths.edges["u"] == paths.edges["v"]).sum()) == 1
    found = counts(ledger)
    assert [found[key] for key in ("parts", "without_length", "opposite")] == [1, 1, 1]


def test_a_way_back_along_a_line_is_no_second_street() -> None:
    ledger = Ledger()
    paths, driving = read(layer([(0, 0), (50, 0), (50, 40), (50, 40), (50, 0), (100, 0)], [(9, 9), (9, 9)]), ledger)
    assert counts(ledger)["without_length"] == 1
    assert lengths(paths) == [40, 50, 50]
    assert drives(driving) == [2, 2, 2]


def test_only_what_meets_the_area_stays() -> None:
    ledger = Ledger()
    area = shapely.box(CORNER[0], CORNER[1], CORNER[0] + 100, CORNER[1] + 100)
    rows = layer([(50, 50), (150, 50), (300, 50)], [(150, 50), (150, 90)], [(90, 10), (150, 50)])
    paths, _ = read(rows, ledger, within=area)
    assert lengths(paths) == [pytest.approx(np.hypot(60, 40), abs=1e-6), 100]
    assert (counts(ledger)["outside"], counts(ledger)["edges_outside"]) == (1, 1)
    with pytest.raises(InputError, match=r"No line of roads\.shp .*3 lines"):
        read(rows, within=shapely.box(0, 0, 1, 1))


def test_a_layer_in_pieces_is_warned_of() -> None:
    ledger = Ledger()
    read(layer([(0, 0), (80, 0)], [(0, 10), (20, 10)]), ledger)
    entry = next(e for e in ledger.entries if e.message.key == "street_lines.fragmented")
    assert (entry.action, entry.count, entry.message.values["percent"]) == ("warned", 2, 80)
    ledger = Ledger()
    read(layer([(0, 0), (90, 0)], [(0, 10), (10, 10)]), ledger)
    assert counts(ledger)["connected"] == 2


def test_a_network_may_be_empty_and_the_other_not() -> None:
    paths, driving = read(layer([(0, 0), (80, 0)], highway=["motorway"]))
    assert (len(paths.edges), len(paths.nodes), len(driving.edges)) == (0, 0, 1)
    paths, driving = read(layer([(0, 0), (80, 0)], highway=["steps"]))
    assert (len(paths.edges), len(driving.edges)) == (1, 0)


def test_bad_layers_are_refused() -> None:
    rows = layer([(0, 0), (80, 0)], highway=["planned"])
    with pytest.raises(InputError, match="Nobody may walk"):
        read(rows)
    with pytest.raises(InputError, match=r"roads\.shp has no column klasse"):
        read(rows, highway_column="klasse", name_column="highway")
    with pytest.raises(InputError, match=r"none of the classes.*Found \(how often\): allee \(1\)"):
        read(rows.assign(highway="allee"))
    with pytest.raises(CrsError):
        read(rows.to_crs("epsg:4326"))
    with pytest.raises(InputError, match="not a simple line"):
        read(layer(shapely.Point(CORNER)))


def test_a_graph_of_osmnx_as_a_table_gives_the_graph() -> None:
    """OSMnx writes an edge for each direction, with `oneway`; both ways of reading it give one network."""
    city = network(
        [(0, 0), (100, 0), (100, 100), (0, 100), (-60, -60)],
        [(0, 1), (1, 2), (2, 3), (3, 0), (0, 2), (4, 0), (4, 4)],
        lines={4: [(60, 40)], 6: [(-90, -60), (-90, -90)]},
        representation="driving",
        drive=[2, 1, 2, 2, 1, 2, 2],
        walk=False,
        cycle=False,
    )
    edges = osmnx.graph_to_gdfs(to_networkx(city), nodes=False)
    expected = from_osmnx(osmnx.graph_from_gdfs(*osmnx.graph_to_gdfs(to_networkx(city))), representation="driving")

    def described(net: StreetNetwork) -> set[tuple[bytes, int]]:
        """Each street as its shape, drawn one way, and where it may be driven."""
        found = set()
        for line, drive in zip(net.edges.geometry, drives(net), strict=True):
            ways = [
                (shapely.to_wkb(line), drive),
                (shapely.to_wkb(shapely.reverse(line)), {1: -1, -1: 1}.get(drive, drive)),
            ]
            found.add(min(ways))
        return found

    for column in ("oneway", None):
        _, driving = read(edges, oneway_column=column)
        assert described(driving) == described(expected)
        assert driving.length_km == pytest.approx(expected.length_km, rel=1e-12)


SPOTS = st.tuples(st.integers(0, 4), st.integers(0, 4))
WALKS = st.lists(st.lists(SPOTS, min_size=2, max_size=5), min_size=1, max_size=8)


def segments(lines: list[list[tuple[int, int]]]) -> nx.Graph:
    """The lines as a graph of single segments between their vertices."""
    graph = nx.Graph()
    for line in lines:
        for a, b in pairwise(line):
            if a != b:
                graph.add_edge(a, b, length=float(np.hypot(a[0] - b[0], a[1] - b[1])))
    return graph


@settings(max_examples=30, deadline=None)
@given(WALKS, st.randoms())
def test_networks_equal_the_graph_of_segments_whatever_the_order_and_direction(
    walks: list[list[tuple[int, int]]], random: Any
) -> None:
    graph = segments(walks)
    if graph.number_of_edges() == 0:
        return
    paths, _ = read(layer(*walks))
    assert paths.length_km * 1000 == pytest.approx(graph.size("length"), abs=1e-6)
    assert parts(paths) == nx.number_connected_components(graph)
    turned = [line[::-1] if random.random() < 0.5 else line for line in random.sample(walks, len(walks))]
    again, driving = read(layer(*[np.add(line, (1000.25, -77.5)) for line in turned]), doubled_min_pct=101)
    assert lengths(again) == lengths(paths)
    assert len(again.nodes) == len(paths.nodes)
    assert set(drives(driving)) == {2}


@pytest.mark.development_data
def test_wuhan_is_read_whole_and_its_limits_are_said() -> None:
    if not WUHAN.is_file():
        pytest.skip("Wuhan is not here")
    rows, ledger = gpd.read_parquet(WUHAN), Ledger()
    paths, driving = read(rows, ledger)
    ends = shapely.get_coordinates(shapely.get_point(rows.geometry.to_numpy(), [[0], [-1]])).reshape(2, -1, 2)
    names = pd.factorize(pd.MultiIndex.from_arrays(ends.reshape(-1, 2).round(3).T))[0].reshape(2, -1)
    once = pd.DataFrame(
        {"a": names.min(axis=0), "b": names.max(axis=0), "m": rows.length, "kind": rows["highway"].to_numpy()}
    )
    for net, closed in ((paths, {"motorway", "motorway_link"}), (driving, {"pedestrian"})):
        kept = once[~once["kind"].isin(closed)].drop_duplicates(["a", "b"])  # no two curves join the same two places
        graph = nx.Graph(list(zip(kept["a"], kept["b"], strict=True)))
        assert len(net.edges) == len(kept)
        assert len(net.nodes) == graph.number_of_nodes()
        assert parts(net) == nx.number_connected_components(graph) == 2
        assert net.length_km == pytest.approx(kept["m"].sum() / 1000, rel=1e-9)
        degree = np.sort([d for _, d in graph.degree()])
        assert (np.sort(net.streets_at_node) == degree).all()
        assert set(net.edges["highway"]) == set(rows["highway"]) - closed
    found = counts(ledger)
    assert "no_footways" in found
    assert "two_way" in found, "no line of the layer has an opposite one"
    assert found["repeated"] == 25
    assert set(drives(driving)) == {2}
