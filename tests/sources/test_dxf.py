"""What a drawing's entities become: worked out by hand, with GDAL's own DXF reader as oracle, and some properties."""

import time
from pathlib import Path

import ezdxf
import geopandas as gpd
import numpy as np
import pytest
import shapely
from ezdxf.xclip import XClip
from hypothesis import given, settings
from hypothesis import strategies as st

from spatial.model.provenance import Ledger
from spatial.sources.dxf.curves import bulged_points
from tests.sources.toy_dxf import AREA, CHORD_M, frame, keys, new, one, parcel, read, said, saved, square


def test_parcels_keep_their_order_layers_handles_and_areas(tmp_path: Path) -> None:
    drawing, ledger = new(), Ledger()
    handles = [parcel(drawing, square(100 * i, 0, 10 + i), f"L{2 - i}").dxf.handle for i in range(3)]
    frame(drawing)
    table = read(saved(drawing, tmp_path / "plan.dxf"), ledger)
    assert table.columns.tolist() == ["cad_layer", "text", "block", "handle", "geometry"]
    assert table.crs is None
    assert table["cad_layer"].tolist() == ["L2", "L1", "L0", "frame"]
    assert table["handle"].tolist()[:3] == handles
    assert table.geometry.area.tolist() == [100, 121, 144, 0]
    assert table.geometry.geom_type.tolist() == ["Polygon"] * 3 + ["LineString"]
    assert table.geometry[3].equals(shapely.LineString([(0, 0), (1000, 1000)]))
    assert keys(ledger) == ["dxf.encoding", "dxf.unit_stated", "dxf.read"]
    assert dict(said(ledger, "dxf.read").message.values)["polygons"] == 3


@pytest.mark.parametrize("version", ["R12", "R2000", "R2004", "R2007", "R2010", "R2018"])
def test_every_version_gives_the_same_parcels(tmp_path: Path, version: str) -> None:
    drawing = new(version)
    drawing.modelspace().add_polyline2d([*square(3, 5, 10), (1, 8)], close=True)
    drawing.modelspace().add_polyline2d([(0, 0, 1), (20, 0, 0)], format="xyb", close=True)
    areas = one(drawing, tmp_path).geometry.area
    assert areas[0] == 100 + 0.5 * (8 * 2 + 2 * 2) / 2 * 2  # a triangle on the left side: base 10, height 2
    assert areas[1] == pytest.approx(np.pi * 50, abs=AREA * np.pi * 10)


@pytest.mark.parametrize("bulge", [1.0, -1.0, 0.25, -0.6, 3.0])
def test_a_bulged_side_adds_its_segment(tmp_path: Path, bulge: float) -> None:
    """The circular segment over a chord c: r²/2 (θ − sin θ), θ = 4 atan(bulge), r = c / (2 sin(θ/2))."""
    drawing = new()
    parcel(drawing, [(0, 0, bulge), (30, 0, 0), (30, 40, 0), (0, 40, 0)], format="xyb")
    angle = 4 * np.arctan(abs(bulge))
    radius = 30 / (2 * np.sin(angle / 2))
    segment = radius**2 / 2 * (angle - np.sin(angle))
    # Counter-clockwise from left to right along the lower side: the arc hangs below it.
    wanted = 1200 + np.sign(bulge) * segment
    (found,) = one(drawing, tmp_path).geometry
    assert found.area == pytest.approx(wanted, abs=AREA * radius * angle)
    assert (found.bounds[1] < 0) == (bulge > 0)


def test_round_shapes_have_their_areas(tmp_path: Path) -> None:
    drawing, ledger = new(), Ledger()
    plan = drawing.modelspace()
    plan.add_circle((100, 100), 50)
    plan.add_ellipse((300, 100), (60, 30), 0.5)
    plan.add_arc((500, 500), 100, 0, 90)
    frame(drawing)
    table = read(saved(drawing, tmp_path / "plan.dxf"), ledger)
    circle, ellipse, arc = table.geometry[:3]
    a = np.hypot(60, 30)
    assert circle.area == pytest.approx(np.pi * 2500, abs=AREA * 100 * np.pi)
    assert circle.area < np.pi * 2500
    assert ellipse.area == pytest.approx(np.pi * a * a / 2, abs=AREA * 2 * np.pi * a)
    assert arc.geom_type == "LineString"
    assert arc.length == pytest.approx(50 * np.pi, rel=1e-5)
    assert np.allclose(shapely.get_coordinates(arc)[[0, -1]], [(600, 500), (500, 600)])
    away = np.abs(shapely.get_coordinates(shapely.segmentize(circle, 0.01)) - (100, 100))
    assert 50 - np.hypot(*away.T).min() <= CHORD_M
    assert said(ledger, "dxf.curves").count == 3


def test_a_closed_spline_of_quadratic_pieces_has_its_area(tmp_path: Path) -> None:
    """A quadratic Bézier arch over a chord of 30 with its control point 20 above: 2/3 × the triangle = 200."""
    drawing = new()
    spline = drawing.modelspace().add_open_spline([(0, 0), (15, 20), (30, 0)], degree=2)
    spline.dxf.flags |= 1
    lone = drawing.modelspace().add_open_spline([(100, 0), (115, 20), (130, 0)], degree=2)
    frame(drawing)
    table = read(saved(drawing, tmp_path / "plan.dxf"))
    assert table.geometry[0].area == pytest.approx(200, abs=AREA * 50)
    assert table.geometry[1].geom_type == "LineString"
    assert table["handle"][1] == lone.dxf.handle


def test_fit_polylines_leave_out_their_control_frame(tmp_path: Path) -> None:
    drawing = new("R2000")
    line = drawing.modelspace().add_polyline2d(square(0, 0, 10), close=True)
    line.dxf.flags |= 4
    line.append_vertices([(50, 50), (60, 90)], dxfattribs={"flags": 16})
    assert one(drawing, tmp_path).geometry[0].area == 100


def test_mirrored_entities_are_seen_from_above(tmp_path: Path) -> None:
    """With the extrusion (0, 0, −1) the x of an entity's own plane points west."""
    drawing = new()
    down = {"extrusion": (0, 0, -1)}
    plan = drawing.modelspace()
    plan.add_lwpolyline([(-10, 0), (-30, 0), (-30, 5), (-10, 5)], close=True, dxfattribs=down)
    plan.add_circle((-100, 50), 10, dxfattribs=down)
    hatch = plan.add_hatch(dxfattribs=down)
    hatch.paths.add_polyline_path([(-50, 0), (-70, 0), (-70, 5), (-50, 5)])
    bounds = one(drawing, tmp_path).geometry.bounds.to_numpy()
    assert np.allclose(bounds, [(10, 0, 30, 5), (90, 40, 110, 60), (50, 0, 70, 5)])


def test_heights_are_dropped_and_said(tmp_path: Path) -> None:
    drawing, ledger = new(), Ledger()
    plan = drawing.modelspace()
    plan.add_polyline3d([(x, y, 5 + x) for x, y in square(0, 0, 10)], close=True)
    plan.add_lwpolyline(square(20, 0, 10), close=True, dxfattribs={"elevation": 12})
    plan.add_lwpolyline(square(40, 0, 10), close=True)
    table = one(drawing, tmp_path, ledger)
    assert not shapely.has_z(table.geometry).any()
    assert table.geometry.area.tolist() == [100, 100, 100]
    assert said(ledger, "vector.heights").count == 2


def test_a_line_back_at_its_start_is_closed_and_said(tmp_path: Path) -> None:
    drawing, ledger = new(), Ledger()
    for left, gap in ((0, 0.0), (20, 0.005), (40, 0.05)):
        parcel(drawing, [*square(left, 0, 10), (left, gap)], close=False)
    parcel(drawing, [(60, 0), (70, 0), (60, 0)], close=False)
    frame(drawing)
    table = read(saved(drawing, tmp_path / "plan.dxf"), ledger)
    assert table.geometry.geom_type.tolist() == ["Polygon", "Polygon", "LineString", "LineString", "LineString"]
    assert table.geometry.area.tolist()[:2] == [100, 100]
    assert said(ledger, "dxf.closed_by_distance").count == 2


def test_what_has_no_extent_is_dropped_but_a_crossed_polygon_is_kept(tmp_path: Path) -> None:
    drawing, ledger = new(), Ledger()
    plan = drawing.modelspace()
    parcel(drawing, [(0, 0), (10, 10), (10, 0), (0, 10)])
    parcel(drawing, [(20, 0), (30, 0)])
    parcel(drawing, [(20, 0), (30, 7), (40, 14)])
    parcel(drawing, [(5, 5)])
    plan.add_line((3, 3), (3, 3))
    plan.add_circle((0, 0), 0)
    plan.add_hatch()
    (crossed,) = one(drawing, tmp_path, ledger).geometry
    assert not crossed.is_valid
    assert said(ledger, "dxf.degenerate").count == 6


class TestBlocks:
    def test_nested_scaled_and_turned(self, tmp_path: Path) -> None:
        """Inner: 2 × 2 at its base point (1, 1). Outer: inner scaled by 3 at (10, 0). Drawing: outer scaled by 2 in x
        and by 1 in y, turned by 90° at (100, 200): the square of 6 × 6 at (10, 0) becomes 12 × 6 at (20, 0), which
        turned covers x 94…100, y 220…232."""
        drawing = new()
        inner = drawing.blocks.new("inner", base_point=(1, 1))
        inner.add_lwpolyline(square(1, 1, 2), close=True)
        inner.add_lwpolyline(square(1, 1, 1), close=True, dxfattribs={"layer": "own"})
        outer = drawing.blocks.new("outer")
        outer.add_blockref("inner", (10, 0), dxfattribs={"xscale": 3, "yscale": 3, "zscale": 3})
        placed = {"xscale": 2, "yscale": 1, "rotation": 90, "layer": "here"}
        insert = drawing.modelspace().add_blockref("outer", (100, 200), dxfattribs=placed)
        table = one(drawing, tmp_path)
        assert np.allclose(table.geometry.bounds.iloc[0], (94, 220, 100, 232))
        assert table.geometry.area.tolist() == pytest.approx([72, 18])
        assert table["block"].tolist() == ["inner", "inner"]
        assert table["handle"].tolist() == [insert.dxf.handle] * 2
        # Layer 0 inside a block is the layer of the nearest insert: the inner one stands on 0 as well.
        assert table["cad_layer"].tolist() == ["here", "own"]

    def test_curves_stay_closed_and_fine_when_scaled_unevenly(self, tmp_path: Path) -> None:
        drawing = new()
        block = drawing.blocks.new("round")
        block.add_circle((0, 0), 1)
        block.add_lwpolyline([(-1, 0, 1), (1, 0, 1)], format="xyb", close=True, dxfattribs={"layer": "b"})
        block.add_hatch(dxfattribs={"layer": "c"}).paths.add_edge_path().add_arc((0, 0), 1, 0, 360)
        drawing.modelspace().add_blockref("round", (200, 200), dxfattribs={"xscale": 100, "yscale": 50})
        found = one(drawing, tmp_path).geometry
        assert found.area.tolist() == pytest.approx([np.pi * 5000] * 3, abs=AREA * 2 * np.pi * 100)

    def test_rows_and_columns(self, tmp_path: Path) -> None:
        drawing = new()
        drawing.blocks.new("house").add_lwpolyline(square(0, 0, 10), close=True)
        turned = {"row_count": 2, "column_count": 3, "row_spacing": 50, "column_spacing": 20, "rotation": 90}
        drawing.modelspace().add_blockref("house", (500, 0), dxfattribs=turned)
        found = one(drawing, tmp_path).geometry
        corners = sorted((round(x), round(y)) for x, y in found.bounds[["maxx", "miny"]].to_numpy())
        assert corners == [(450, 0), (450, 20), (450, 40), (500, 0), (500, 20), (500, 40)]

    def test_a_mirrored_block_turns_its_arcs_over(self, tmp_path: Path) -> None:
        drawing = new()
        block = drawing.blocks.new("niche")
        block.add_lwpolyline([(0, 0, 1), (30, 0, 0), (30, 40, 0), (0, 40, 0)], format="xyb", close=True)
        drawing.modelspace().add_blockref("niche", (100, 100), dxfattribs={"yscale": -1})
        (found,) = one(drawing, tmp_path).geometry
        assert found.bounds == pytest.approx((100, 60, 130, 115), abs=CHORD_M)

    def test_a_dynamic_block_has_the_name_that_people_gave_it(self, tmp_path: Path) -> None:
        drawing = new()
        named = drawing.blocks.new("parking")
        nameless = drawing.blocks.new_anonymous_block()
        nameless.add_lwpolyline(square(0, 0, 10), close=True)
        drawing.appids.add("AcDbBlockRepBTag")
        source = [(1070, 1), (1005, named.block_record_handle)]
        nameless.block_record.set_xdata("AcDbBlockRepBTag", source)
        drawing.modelspace().add_blockref(nameless.name, (0, 0))
        assert one(drawing, tmp_path)["block"].tolist() == ["parking"]

    def test_a_clipped_block_is_read_whole_and_said(self, tmp_path: Path) -> None:
        drawing, ledger = new(), Ledger()
        drawing.blocks.new("plot").add_lwpolyline(square(0, 0, 10), close=True)
        insert = drawing.modelspace().add_blockref("plot", (0, 0))
        XClip(insert).set_block_clipping_path([(0, 0), (5, 5)])
        assert one(drawing, tmp_path, ledger).geometry.area.tolist() == [100]
        assert said(ledger, "dxf.clipped_blocks").count == 1

    def test_what_cannot_be_taken_apart_is_counted(self, tmp_path: Path) -> None:
        drawing, ledger = new(), Ledger()
        ring = drawing.blocks.new("ring")
        ring.add_lwpolyline(square(0, 0, 10), close=True)
        ring.add_blockref("ring", (1, 1))
        plan = drawing.modelspace()
        plan.add_blockref("ring", (0, 0))
        plan.add_blockref("gone", (0, 0))
        drawing.add_xref_def("other.dwg", "other")
        plan.add_blockref("other", (0, 0))
        parcel(drawing, square(50, 0, 10)).dxf.invisible = 1
        assert len(one(drawing, tmp_path, ledger)) == 1
        for reason in ("circular_blocks", "missing_blocks", "xrefs", "invisible"):
            assert said(ledger, f"dxf.{reason}").count == 1


class TestTexts:
    def test_a_text_belongs_to_the_smallest_polygon_around_it(self, tmp_path: Path) -> None:
        drawing, ledger = new(), Ledger()
        plan = drawing.modelspace()
        parcel(drawing, square(0, 0, 100))
        parcel(drawing, square(10, 10, 20))
        plan.add_text("1.5").set_placement((50, 50))
        plan.add_text("A33").set_placement((20, 20))
        plan.add_mtext("{\\fSimSun|b0;R2}\\P住宅", dxfattribs={"insert": (60, 60)})
        plan.add_text("%%c40 west").set_placement((500, 20))
        middle = plan.add_text("B1", height=40).set_placement((80, 80), align=ezdxf.enums.TextEntityAlignment.MIDDLE)
        middle.dxf.insert = (-40, 60)
        plan.add_text("fit").set_placement((-20, 5), (40, 5), align=ezdxf.enums.TextEntityAlignment.FIT)
        plan.add_text("  ").set_placement((50, 50))
        frame(drawing)
        table = read(saved(drawing, tmp_path / "plan.dxf"), ledger)
        assert table["text"].tolist() == ["1.5 R2 住宅 B1 fit", "A33", "Ø40 west", ""]
        assert table.geometry[2].equals(shapely.Point(500, 20))
        assert dict(said(ledger, "dxf.texts").message.values) | {"inside": 5, "alone": 1} == dict(
            said(ledger, "dxf.texts").message.values
        )

    def test_attributes_of_blocks_are_texts_at_their_place(self, tmp_path: Path) -> None:
        """The attribute of a nested insert stands in the coordinates of the block around it, scaled by 10 here."""
        drawing = new()
        tag = drawing.blocks.new("tag")
        tag.add_attdef("CODE", (0, 0), text="template")
        tag.add_attdef("FIX", (0, 0), text="fixed", dxfattribs={"flags": 2})
        plot = drawing.blocks.new("plot")
        plot.add_lwpolyline(square(0, 0, 10), close=True)
        plot.add_blockref("tag", (5, 5)).add_attrib("CODE", "R2", (5, 5))
        insert = drawing.modelspace().add_blockref("plot", (100, 0), dxfattribs={"xscale": 10, "yscale": 10})
        insert.add_attrib("NAME", "地块一", (150, 20))
        far = drawing.modelspace().add_blockref("tag", (900, 0), dxfattribs={"layer": "labels"})
        far.add_attrib("CODE", "lost", (900, 0))
        frame(drawing)
        table = read(saved(drawing, tmp_path / "plan.dxf"))
        assert table["text"].tolist() == ["fixed R2 地块一", "fixed", "lost", ""]
        assert table["block"].tolist() == ["plot", "tag", "tag", ""]
        assert table["cad_layer"].tolist() == ["0", "labels", "labels", "frame"]
        assert set(table["handle"][1:3]) == {far.dxf.handle}

    def test_points_stay_points(self, tmp_path: Path) -> None:
        drawing = new()
        parcel(drawing, square(0, 0, 100))
        drawing.modelspace().add_point((50, 50))
        frame(drawing)
        table = read(saved(drawing, tmp_path / "plan.dxf"))
        assert table.geometry.geom_type.tolist() == ["Polygon", "Point", "LineString"]
        assert table["text"].tolist() == ["", "", ""]


def test_gdal_reads_the_same_polylines(tmp_path: Path) -> None:
    """GDAL keeps closed polylines as closed lines and cuts arcs by angle, so none are here."""
    drawing = new("R2000")
    rng = np.random.default_rng(7)
    block = drawing.blocks.new("kite")
    block.add_lwpolyline([(0, 0), (3, 1), (8, 0), (3, -1)], close=True, dxfattribs={"layer": "kites"})
    for i in range(200):
        angles = np.sort(rng.uniform(0, 2 * np.pi, 9))
        centre = rng.uniform(0, 5000, 2)
        points = centre + rng.uniform(20, 60, (9, 1)) * np.column_stack([np.cos(angles), np.sin(angles)])
        parcel(drawing, points.tolist(), f"L{i % 3}", close=bool(i % 4))
        placed = {"rotation": float(rng.uniform(0, 360)), "xscale": float(rng.uniform(0.5, 4)), "yscale": 2.0}
        drawing.modelspace().add_blockref("kite", centre.tolist(), dxfattribs=placed)
    path = saved(drawing, tmp_path / "plan.dxf")
    theirs, ours = gpd.read_file(path, engine="pyogrio"), read(path)
    assert len(theirs) == len(ours) == 400
    # GDAL hands a block over as one feature on the insert's layer.
    assert theirs["Layer"][::2].tolist() == ours["cad_layer"][::2].tolist()
    assert theirs["EntityHandle"].tolist() == ours["handle"].tolist()
    rings = shapely.get_coordinates(ours.geometry), shapely.get_coordinates(theirs.geometry)
    assert np.allclose(*rings, rtol=0, atol=1e-9)


corner = st.tuples(st.integers(-300, 300), st.integers(-300, 300), st.sampled_from([0.0, 0.3, -0.4, 1.0]))


@settings(max_examples=40, deadline=None)
@given(st.lists(corner, min_size=3, max_size=8))
def test_a_bulged_outline_is_the_same_the_other_way_round(corners: list[tuple[int, int, float]]) -> None:
    """So that two parcels share the points of the arc between them, whichever way each was drawn."""
    there = np.array(corners, dtype=float)
    back = np.column_stack([there[::-1, :2], np.roll(-there[::-1, 2], -1)])
    first, second = (bulged_points(points, True, 0.01) for points in (there, back))
    assert len(first) == len(second)
    # Both start at an end of the last side, which may be bulged: compare as sets of points.
    assert np.allclose(np.sort(first.sum(axis=1)), np.sort(second.sum(axis=1)), atol=1e-6)


@settings(max_examples=15, deadline=None)
@given(angle=st.floats(0, 360), scale=st.floats(0.2, 5), mirrored=st.booleans())
def test_a_block_keeps_its_areas_wherever_it_stands(
    tmp_path_factory: pytest.TempPathFactory, angle: float, scale: float, mirrored: bool
) -> None:
    drawing = new()
    block = drawing.blocks.new("b")
    block.add_lwpolyline([(0, 0, 0.5), (30, 0, 0), (30, 40, -0.2), (0, 40, 0)], format="xyb", close=True)
    block.add_hatch(dxfattribs={"layer": "fill"}).paths.add_polyline_path([(60, 0, 0.5), (90, 0, 0), (70, 40, 0)])
    drawing.modelspace().add_blockref("b", (0, 0))
    placed = {"rotation": angle, "xscale": -scale if mirrored else scale, "yscale": scale}
    drawing.modelspace().add_blockref("b", (500, 500), dxfattribs=placed)
    areas = one(drawing, tmp_path_factory.mktemp("dxf")).geometry.area.to_numpy()
    assert areas[2:] == pytest.approx(areas[:2] * scale**2, abs=AREA * 100 * max(1, scale**2))


def test_a_large_drawing_takes_seconds(tmp_path: Path) -> None:
    drawing = new()
    for i in range(5000):
        left, bottom = i % 100 * 50, i // 100 * 50
        parcel(drawing, [*square(left, bottom, 40), (left - 2, bottom + 20)])
    path = saved(drawing, tmp_path / "plan.dxf")
    start = time.perf_counter()
    assert len(read(path)) == 5000
    assert time.perf_counter() - start < 15
