"""Drawings as files: versions and encodings, units, layers, sheets, and faults that each give one clear message."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import shapely

from spatial.errors import InputError
from spatial.model.provenance import Ledger
from spatial.sources.dxf.decoding import decode
from tests.sources.toy_dxf import frame, keys, new, parcel, polygons, read, said, saved, square


def chinese(version: str, *, page: str | None = None) -> Any:
    """A parcel on a layer with a Chinese name, labelled in Chinese."""
    drawing = new(version)
    if page:
        drawing.header["$DWGCODEPAGE"] = page
    parcel(drawing, square(0, 0, 100), "地块边界")
    drawing.modelspace().add_text("二类居住用地R2", dxfattribs={"layer": "用地标注"}).set_placement((50, 50))
    frame(drawing)
    return drawing


def refused(path: Path, **given: Any) -> tuple[str, str]:
    """The one message of a drawing that is not read, in English and in Chinese."""
    with pytest.raises(InputError) as caught:
        read(path, **given)
    assert len(caught.value.messages) == 1
    english, chinese = caught.value.in_language("en"), caught.value.in_language("zh")
    assert path.name in english
    assert path.name in chinese
    return english, chinese


@pytest.mark.parametrize(
    ("version", "page", "written", "reason"),
    [
        ("R2000", "ANSI_936", "gbk", "encoding_by_page"),
        ("R12", "ANSI_936", "gbk", "encoding_by_page"),
        ("R2000", "gb2312", "gb18030", "encoding_by_page"),
        ("R2010", None, "utf-8", "encoding_by_version"),
        ("R2010", "ANSI_936", "gbk", "encoding_is_gbk_not_utf8"),
        ("R2000", "ANSI_1252", "gbk", "encoding_is_gbk"),
        ("R2000", "ANSI_936", "utf-8", "encoding_is_utf8"),
        ("R2000", "ANSI_1252", "cp1252", "encoding_by_page"),
    ],
)
def test_chinese_is_read_as_it_was_written(
    tmp_path: Path, version: str, page: str | None, written: str, reason: str
) -> None:
    """The last one holds the characters as codes (\\U+4F4F)."""
    ledger = Ledger()
    drawing = chinese(version)
    path = saved(drawing, tmp_path / "plan.dxf", written)
    if page:
        raw = path.read_bytes()
        own = raw[raw.index(b"$DWGCODEPAGE") :].splitlines()[2]
        path.write_bytes(raw.replace(own, page.encode(), 1))
    table = polygons(read(path, ledger))
    assert table["cad_layer"].tolist() == ["地块边界"]
    assert table["text"].tolist() == ["二类居住用地R2"]
    assert said(ledger, "dxf.encoding").message.values["reason"].key == f"dxf.{reason}"
    assert "dxf.characters_lost" not in keys(ledger)


def test_western_letters_stay_what_they_are() -> None:
    head = "  0\nSECTION\n  9\n$ACADVER\n  1\nAC1015\n  9\n$DWGCODEPAGE\n  3\nANSI_1252\n"
    decoded = decode((head + "Grünfläche, Straße").encode("cp1252"))
    assert decoded.text.endswith("Grünfläche, Straße")
    assert decoded.encoding == "cp1252"


def test_a_few_broken_characters_do_not_make_a_drawing_gbk(tmp_path: Path) -> None:
    ledger = Ledger()
    path = saved(chinese("R2010"), tmp_path / "plan.dxf")
    path.write_bytes(path.read_bytes().replace("居".encode(), b"\xe5\xb1", 1))
    table = polygons(read(path, ledger))
    assert table["cad_layer"].tolist() == ["地块边界"]
    assert table["text"].tolist() == ["二类\ufffd住用地R2"]
    assert said(ledger, "dxf.characters_lost").count == 1


def test_a_binary_drawing_reads_the_same(tmp_path: Path) -> None:
    chinese("R2010").saveas(tmp_path / "plan.dxf", fmt="bin")
    table = polygons(read(tmp_path / "plan.dxf"))
    assert table["text"].tolist() == ["二类居住用地R2"]


def test_lost_characters_of_a_binary_drawing_are_said(tmp_path: Path) -> None:
    ledger = Ledger()
    path = tmp_path / "plan.dxf"
    chinese("R2010").saveas(path, fmt="bin")
    path.write_bytes(path.read_bytes().replace("二类居住用地".encode(), "二类居住用地".encode("gbk")))
    assert polygons(read(path, ledger))["text"].tolist()[0].endswith("R2")
    assert said(ledger, "dxf.characters_lost_binary").action == "warned"


@pytest.mark.parametrize("written", ["utf-8", "gbk"])
def test_a_damaged_drawing_is_read_as_far_as_it_can_be(tmp_path: Path, written: str) -> None:
    ledger = Ledger()
    path = saved(chinese("R2010" if written == "utf-8" else "R2000"), tmp_path / "plan.dxf", written)
    raw = path.read_bytes()
    path.write_bytes(raw[: raw.rindex(b"OBJECTS")])
    table = polygons(read(path, ledger))
    assert table["cad_layer"].tolist() == ["地块边界"]
    assert table["text"].tolist() == ["二类居住用地R2"]
    assert said(ledger, "dxf.recovered").action == "warned"


def dwg_renamed(path: Path) -> None:
    path.write_bytes(b"AC1032" + bytes(200))


def not_a_drawing(path: Path) -> None:
    path.write_text("PK\x03\x04 something else", encoding="utf-8")


def beyond_repair(path: Path) -> None:
    path.write_text("  0\nSECTION\n  2\nENTITIES\nno group code\nLINE\n", encoding="utf-8")


def empty(path: Path) -> None:
    drawing = new()
    drawing.paperspace().add_line((0, 0), (1, 1))
    saved(drawing, path)


def only_images(path: Path) -> None:
    drawing = new()
    drawing.modelspace().add_3dface(square(0, 0, 10))
    saved(drawing, path)


def only_nothing(path: Path) -> None:
    drawing = new()
    parcel(drawing, [(0, 0), (100, 0)])
    saved(drawing, path)


@pytest.mark.parametrize(
    ("make", "english", "chinese"),
    [
        (dwg_renamed, "holds a DWG drawing", "仅改扩展名无效"),
        (not_a_drawing, "is not a DXF drawing", "不是DXF图形"),
        (beyond_repair, "damaged beyond repair", "损坏严重"),
        (empty, "hold 1 entity", "有1个对象"),
        (only_images, "it holds: 3DFACE (1)", "3DFACE（1）"),
        (only_nothing, "it holds: LWPOLYLINE (1)", "LWPOLYLINE（1）"),
    ],
)
def test_what_is_no_plan_says_so(tmp_path: Path, make: Callable[[Path], None], english: str, chinese: str) -> None:
    make(tmp_path / "plan.dxf")
    found = refused(tmp_path / "plan.dxf")
    assert english in found[0]
    assert chinese in found[1]


def test_dwg_by_its_suffix_and_a_missing_file(tmp_path: Path) -> None:
    (tmp_path / "plan.DWG").write_bytes(b"anything")
    english, chinese = refused(tmp_path / "plan.DWG")
    assert "Save as → AutoCAD 2007 DXF" in english
    assert "另存为" in chinese
    assert "does not exist" in refused(tmp_path / "other.dxf")[0]


class TestUnits:
    def drawn(self, tmp_path: Path, units: int, size: float) -> Path:
        drawing = new(units=units)
        parcel(drawing, square(0, 0, size))
        return saved(drawing, tmp_path / "plan.dxf")

    @pytest.mark.parametrize(
        ("units", "size", "key"),
        [(4, 800_000, "stated"), (5, 80_000, "stated"), (6, 800, "stated"), (7, 0.8, "stated"), (0, 800, "assumed")],
    )
    def test_a_square_of_800_metres_is_64_hectares(self, tmp_path: Path, units: int, size: float, key: str) -> None:
        ledger = Ledger()
        table = read(self.drawn(tmp_path, units, size), ledger)
        assert table.geometry.area[0] == pytest.approx(640_000, rel=1e-12)
        said(ledger, f"dxf.unit_{key}")

    def test_curves_are_as_fine_in_millimetres_as_in_metres(self, tmp_path: Path) -> None:
        points = []
        for units, radius in ((4, 100_000), (6, 100)):
            drawing = new(units=units)
            drawing.modelspace().add_circle((0, 0), radius)
            points.append(shapely.get_num_coordinates(read(saved(drawing, tmp_path / "a.dxf")).geometry[0]))
        assert points[0] == points[1]

    @pytest.mark.parametrize(
        ("units", "size", "fits"),
        [(6, 800_000, "mm"), (4, 800, "m"), (7, 800, "m"), (0, 800_000, "mm"), (0, 0.8, "km"), (2, 800, "m")],
    )
    def test_an_implausible_unit_is_refused_with_the_one_that_fits(
        self, tmp_path: Path, units: int, size: float, fits: str
    ) -> None:
        path = self.drawn(tmp_path, units, size)
        english, chinese = refused(path)
        assert f'In {fits} it would be 1.1 km across: if that is so, write unit = "{fits}"' in english
        assert f'请在研究文件中写 unit = "{fits}"' in chinese
        table = read(path, unit=fits)
        assert table.geometry.area[0] == pytest.approx(640_000, rel=1e-9)

    def test_inches_are_refused_and_named(self, tmp_path: Path) -> None:
        english, chinese = refused(self.drawn(tmp_path, 1, 800))
        assert "inches ($INSUNITS = 1)" in english
        assert "英寸" in chinese

    def test_the_study_file_counts_and_contradictions_are_said(self, tmp_path: Path) -> None:
        ledger = Ledger()
        table = read(self.drawn(tmp_path, 6, 800), ledger, unit="mm")
        assert table.geometry.area[0] == pytest.approx(0.64)
        assert keys(ledger)[1:4] == ["dxf.unit_contradicts", "dxf.unit_declared", "dxf.unit_doubtful"]
        assert said(ledger, "dxf.unit_contradicts").action == said(ledger, "dxf.unit_doubtful").action == "warned"

    def test_agreeing_units_are_silent(self, tmp_path: Path) -> None:
        ledger = Ledger()
        read(self.drawn(tmp_path, 6, 800), ledger, unit="m")
        assert "dxf.unit_contradicts" not in keys(ledger)

    def test_something_left_at_the_origin_is_said_and_does_not_count(self, tmp_path: Path) -> None:
        drawing, ledger = new(), Ledger()
        for i in range(60):
            parcel(drawing, square(500_000 + 100 * i, 3_400_000, 90))
        parcel(drawing, square(0, 0, 10))
        table = read(saved(drawing, tmp_path / "plan.dxf"), ledger)
        assert len(table) == 61
        said(ledger, "dxf.strays")


class TestLayers:
    def drawing(self) -> Any:
        drawing = new()
        for i, layer in enumerate(("地块-居住", "地块-绿地", "BUILDING[1]", "axis")):
            parcel(drawing, square(300 * i, 0, 200), layer)
        drawing.modelspace().add_text("R2", dxfattribs={"layer": "label"}).set_placement((100, 100))
        return drawing

    @pytest.mark.parametrize(
        ("asked", "wanted"),
        [
            ((), ["地块-居住", "地块-绿地", "BUILDING[1]", "axis"]),
            (("地块*",), ["地块-居住", "地块-绿地"]),
            (("building[1]", "AXIS"), ["BUILDING[1]", "axis"]),
            (("*绿地", "?xis"), ["地块-绿地", "axis"]),
        ],
    )
    def test_names_and_patterns(self, tmp_path: Path, asked: tuple[str, ...], wanted: list[str]) -> None:
        ledger = Ledger()
        table = read(saved(self.drawing(), tmp_path / "plan.dxf"), ledger, cad_layers=asked)
        assert table["cad_layer"].tolist() == wanted
        # The text is read when its layer is.
        assert table["text"].tolist()[0] == ("" if asked else "R2")
        if asked:
            assert said(ledger, "dxf.layers_not_selected").count == 5 - len(wanted)

    def test_what_fits_no_layer_lists_the_layers(self, tmp_path: Path) -> None:
        path = saved(self.drawing(), tmp_path / "plan.dxf")
        english, chinese = refused(path, cad_layers=["axis", "道路*", "水域"])
        assert "no layer like 道路*, 水域" in english
        assert "BUILDING[1] (1)" in english
        assert "道路*、水域" in chinese

    def test_a_long_list_is_cut(self, tmp_path: Path) -> None:
        drawing = new()
        for i in range(30):
            parcel(drawing, square(100 * i, 0, 90), f"L{i}")
        english, _ = refused(saved(drawing, tmp_path / "plan.dxf"), cad_layers=["none"])
        assert "and 10 more" in english

    def test_hidden_layers_are_read_and_said(self, tmp_path: Path) -> None:
        drawing, ledger = self.drawing(), Ledger()
        drawing.layers.add("axis").freeze()
        drawing.layers.add("地块-绿地").off()
        assert len(read(saved(drawing, tmp_path / "plan.dxf"), ledger)) == 4
        assert said(ledger, "dxf.hidden_layers").count == 2


def test_paper_space_is_not_read(tmp_path: Path) -> None:
    drawing, ledger = new(), Ledger()
    parcel(drawing, square(0, 0, 800))
    sheet = drawing.layouts.new("图幅")
    sheet.add_lwpolyline(square(0, 0, 10), close=True)
    sheet.add_text("图例").set_placement((5, 5))
    sheet.add_viewport((0, 0), (10, 10), (0, 0), 10)
    table = read(saved(drawing, tmp_path / "plan.dxf"), ledger)
    assert table["text"].tolist() == [""]
    assert said(ledger, "dxf.paper_space").count == 2


def test_types_without_plan_geometry_are_counted_in_one_entry(tmp_path: Path) -> None:
    drawing, ledger = new(), Ledger()
    plan = drawing.modelspace()
    parcel(drawing, square(0, 0, 800))
    plan.add_3dface(square(0, 0, 10))
    plan.add_linear_dim((0, 0), (0, 0), (10, 0)).render()
    plan.add_leader([(0, 0), (5, 5)])
    plan.add_polymesh((3, 3))
    assert len(read(saved(drawing, tmp_path / "plan.dxf"), ledger)) == 1
    assert said(ledger, "dxf.unsupported").count == 4


def test_objects_of_add_ons_are_counted_apart(tmp_path: Path) -> None:
    ledger = Ledger()
    drawing = new()
    parcel(drawing, square(0, 0, 800))
    path = saved(drawing, tmp_path / "plan.dxf")
    entity = path.read_bytes()
    start = entity.index(b"  0\nLWPOLYLINE")
    custom = b"  0\nTCH_WALL\n  5\nFFF1\n330\n%s\n100\nAcDbEntity\n  8\nWALL\n100\nTDbWall\n 40\n1.0\n"
    owner = drawing.modelspace().layout_key.encode()
    path.write_bytes(entity[:start] + custom % owner + entity[start:])
    assert len(read(path, ledger)) == 1
    assert said(ledger, "dxf.custom_objects").count == 1


def test_faulty_entities_are_counted(tmp_path: Path) -> None:
    drawing, ledger = new(), Ledger()
    parcel(drawing, square(0, 0, 800))
    parcel(drawing, [(0, 0), (float("nan"), 0), (10, 10)])
    assert len(read(saved(drawing, tmp_path / "plan.dxf"), ledger)) == 1
    assert said(ledger, "dxf.faulty").count == 1


def test_a_drawing_that_explodes_is_refused(tmp_path: Path) -> None:
    """Twenty blocks, each with the one before it four times: 4²⁰ parcels, if they hold one or none."""
    for holds in (True, False):
        drawing = new()
        block = drawing.blocks.new("b0")
        if holds:
            block.add_lwpolyline(square(0, 0, 10), close=True)
        for i in range(1, 20):
            block = drawing.blocks.new(f"b{i}")
            for j in range(4):
                block.add_blockref(f"b{i - 1}", (j * 20, 0))
        drawing.modelspace().add_blockref("b19", (0, 0))
        assert "more than 300 entities" in limited(saved(drawing, tmp_path / "plan.dxf"))


def limited(path: Path) -> str:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("spatial.sources.dxf.placing.parameter", lambda _: 300.0)
        return refused(path)[0]
