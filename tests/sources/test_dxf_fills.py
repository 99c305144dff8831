"""Hatches, and what is drawn twice: worked out by hand."""

from pathlib import Path

import numpy as np
import pytest

from spatial.model.provenance import Ledger
from tests.sources.toy_dxf import AREA, new, one, parcel, said, square


class TestHatches:
    def test_islands_and_pieces_follow_the_style(self, tmp_path: Path) -> None:
        """Squares of 40, 20, 10 in one another and one of 30 beside: filled, island, filled."""
        drawing = new()
        for style, left in ((0, 0), (1, 200), (2, 400)):
            hatch = drawing.modelspace().add_hatch(dxfattribs={"hatch_style": style})
            for x, y, size in ((15, 15, 10), (0, 0, 40), (10, 10, 20), (60, 0, 30)):
                hatch.paths.add_polyline_path(square(left + x, y, size))
        found = one(drawing, tmp_path).geometry
        assert found.area.tolist() == [1600 - 400 + 100 + 900, 1600 - 400 + 900, 1600 + 900]
        assert found.geom_type.tolist() == ["MultiPolygon"] * 3
        assert [len(shape.geoms) for shape in found] == [3, 2, 2]

    def test_edges_are_joined_whichever_way_they_run(self, tmp_path: Path) -> None:
        """A square of 40 with a half circle (radius 20) on its right and a half ellipse (20 × 10) cut from its left."""
        drawing = new()
        path = drawing.modelspace().add_hatch().paths.add_edge_path()
        path.add_line((0, 0), (40, 0))
        path.add_arc((40, 20), 20, -90, 90)
        path.add_line((0, 40), (40, 40))
        path.add_ellipse((0, 20), (0, 20), 0.5, 180, 360, ccw=True)
        (found,) = one(drawing, tmp_path).geometry
        wanted = 1600 + np.pi * 400 / 2 - np.pi * 20 * 10 / 2
        assert found.area == pytest.approx(wanted, abs=AREA * 130)
        assert found.is_valid

    def test_spline_edges_and_bulges(self, tmp_path: Path) -> None:
        drawing = new()
        path = drawing.modelspace().add_hatch().paths.add_edge_path()
        path.add_spline(control_points=[(0, 0), (15, 20), (30, 0)], degree=2)
        path.add_line((30, 0), (0, 0))
        drawing.modelspace().add_hatch().paths.add_polyline_path([(100, 0, 1), (140, 0, 1)])
        found = one(drawing, tmp_path).geometry
        assert found.area[0] == pytest.approx(200, abs=AREA * 50)
        assert found.area[1] == pytest.approx(np.pi * 400, abs=AREA * 40 * np.pi)

    def test_two_rings_in_one_path_are_an_outline_and_its_island(self, tmp_path: Path) -> None:
        drawing = new()
        path = drawing.modelspace().add_hatch().paths.add_edge_path()
        for corners in (square(0, 0, 40), square(10, 10, 20)):
            for start, end in zip(corners, [*corners[1:], corners[0]], strict=True):
                path.add_line(start, end)
        assert one(drawing, tmp_path).geometry.area.tolist() == [1200]

    def test_gaps_for_texts_are_no_islands(self, tmp_path: Path) -> None:
        drawing, ledger = new(), Ledger()
        hatch = drawing.modelspace().add_hatch()
        hatch.paths.add_polyline_path(square(0, 0, 40))
        hatch.paths.add_polyline_path(square(10, 10, 5), flags=8)
        assert one(drawing, tmp_path, ledger).geometry.area.tolist() == [1600]
        assert said(ledger, "dxf.text_islands").count == 1

    def test_mpolygons_and_solids_are_fills(self, tmp_path: Path) -> None:
        drawing = new()
        shape = drawing.modelspace().add_mpolygon()
        shape.paths.add_polyline_path(square(0, 0, 40))
        shape.paths.add_polyline_path(square(10, 10, 10))
        drawing.modelspace().add_solid([(60, 0), (70, 0), (60, 10), (70, 10)])
        assert one(drawing, tmp_path).geometry.area.tolist() == [1500, 100]


class TestDrawnTwice:
    def test_a_fill_on_its_outline_counts_once_on_its_own_layer(self, tmp_path: Path) -> None:
        drawing, ledger = new(), Ledger()
        plan = drawing.modelspace()
        for layer in ("parcels", "fill"):
            plan.add_hatch(dxfattribs={"layer": layer}).paths.add_polyline_path(square(0.001, 0, 40))
        outline = parcel(drawing, square(0, 0, 40), "parcels")
        table = one(drawing, tmp_path, ledger)
        assert table["cad_layer"].tolist() == ["fill", "parcels"]
        assert table["handle"][1] == outline.dxf.handle
        assert said(ledger, "dxf.fills_merged").count == 1

    def test_a_curved_fill_of_edges_lies_on_a_bulged_outline(self, tmp_path: Path) -> None:
        drawing = new()
        parcel(drawing, [(0, 0, 1), (40, 0, 1)], format="xyb")
        drawing.modelspace().add_hatch().paths.add_edge_path().add_arc((20, 0), 20, 30, 390)
        assert len(one(drawing, tmp_path)) == 1

    def test_two_triangles_in_one_box_are_two(self, tmp_path: Path) -> None:
        drawing = new()
        parcel(drawing, [(0, 0), (40, 0), (40, 40)])
        drawing.modelspace().add_hatch().paths.add_polyline_path([(0, 0), (40, 40), (0, 40)])
        assert one(drawing, tmp_path).geometry.area.tolist() == [800, 800]

    def test_an_enclave_is_cut_out_and_a_building_is_not(self, tmp_path: Path) -> None:
        """The island of 10 × 10 is a parcel of the same layer, that of 5 × 5 a building on another."""
        drawing, ledger = new(), Ledger()
        hatch = drawing.modelspace().add_hatch(dxfattribs={"layer": "parcels"})
        for corners in (square(0, 0, 40), square(5, 5, 10), square(30, 30, 5)):
            hatch.paths.add_polyline_path(corners)
        parcel(drawing, square(0, 0, 40), "parcels")
        parcel(drawing, square(5, 5, 10), "parcels")
        parcel(drawing, square(30, 30, 5), "buildings")
        assert one(drawing, tmp_path, ledger).geometry.area.tolist() == [1500, 100, 25]
        assert said(ledger, "dxf.islands_cut").count == said(ledger, "dxf.islands_ignored").count == 1

    def test_pieces_of_a_fill_merge_one_by_one(self, tmp_path: Path) -> None:
        drawing = new()
        hatch = drawing.modelspace().add_hatch()
        for left in (0, 100, 200):
            hatch.paths.add_polyline_path(square(left, 0, 10))
        parcel(drawing, square(100, 0, 10))
        found = one(drawing, tmp_path).geometry
        assert found.geom_type.tolist() == ["MultiPolygon", "Polygon"]
        assert found.area.sum() == 300

    def test_the_same_outline_or_fill_again_counts_once(self, tmp_path: Path) -> None:
        drawing, ledger = new(), Ledger()
        for _ in range(3):
            parcel(drawing, square(0, 0, 40))
            drawing.modelspace().add_hatch().paths.add_polyline_path(square(60, 0, 40))
        table = one(drawing, tmp_path, ledger)
        assert table.geometry.area.tolist() == [1600, 1600]
        assert said(ledger, "dxf.drawn_twice").count == 4
