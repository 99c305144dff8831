"""Faults planted one at a time in the sample district: each gives its one clear message, in both languages."""

import re
import shutil
import zipfile
from collections.abc import Callable
from pathlib import Path

import ezdxf
import pytest
import rasterio

from spatial.assemble import assemble
from spatial.config import load_study
from spatial.errors import SpatialError
from spatial.text import render

FOLDER = Path(__file__).parents[1] / "data" / "sample_district"
Edit = Callable[[Path], None]


def text(old: str, new: str, *, study: str = "study.toml") -> Edit:
    """Another word in the study file."""

    def edit(folder: Path) -> None:
        path = folder / study
        written = path.read_text(encoding="utf-8")
        assert written.count(old) >= 1, old
        path.write_text(written.replace(old, new), encoding="utf-8")

    return edit


def cut(start: str, end: str, new: str = "", *, study: str = "study.toml") -> Edit:
    def edit(folder: Path) -> None:
        path = folder / study
        written = path.read_text(encoding="utf-8")
        at = written.index(start)
        path.write_text(written[:at] + new + written[written.index(end, at) :], encoding="utf-8")

    return edit


def table(name: str, old: str, new: str, *, encoding: str, times: int = 1) -> Edit:
    """Another word in a table."""

    def edit(folder: Path) -> None:
        written = (folder / name).read_text(encoding=encoding)
        assert old in written, old
        (folder / name).write_text(written.replace(old, new, times), encoding=encoding)

    return edit


def without_line(name: str, start: str) -> Edit:
    def edit(folder: Path) -> None:
        lines = (folder / name).read_text(encoding="utf-8").splitlines()
        kept = [line for line in lines if not line.startswith(start)]
        assert len(kept) == len(lines) - 1
        (folder / name).write_text("\n".join(kept) + "\n", encoding="utf-8")

    return edit


def gone(*names: str) -> Edit:
    def edit(folder: Path) -> None:
        for name in names:
            (folder / name).unlink()

    return edit


def drawing(change: Callable[[ezdxf.document.Drawing], None]) -> Edit:
    def edit(folder: Path) -> None:
        found = ezdxf.readfile(folder / "detailed_plan.dxf")
        change(found)
        found.saveas(folder / "detailed_plan.dxf")

    return edit


def in_millimetres(found: ezdxf.document.Drawing) -> None:
    found.header["$INSUNITS"] = 4


def as_dwg(folder: Path) -> None:
    (folder / "detailed_plan.dwg").write_bytes(b"AC1018" + bytes(200))


def zipped_badly(folder: Path) -> None:
    with zipfile.ZipFile(folder / "plan.zip", "w") as archive:
        archive.writestr("../../evil.shp", b"x")


def gbk_spoilt(folder: Path) -> None:
    raw = (folder / "places_amap.csv").read_bytes()
    (folder / "places_amap.csv").write_bytes(raw[:2000] + b"\xff\xff\x80" + raw[2000:])


def own_crosswalk(folder: Path) -> None:
    (folder / "own.csv").write_text("code,category\n06,food_shop\n05,restaurants\n", encoding="utf-8")


def own_cover(folder: Path) -> None:
    (folder / "own.csv").write_text("code,class\nurban,built_up\n1,farmland\n", encoding="utf-8")


LAST_POINT = "{ local = [240.0, 940.0], at = [504829.318, 3654749.358] }"
PEOPLE_FROM_PLAN = {"study": "plan.toml"}

FAULTS: dict[str, tuple[list[Edit], tuple[str, ...]]] = {
    "field_missing": (
        [text('code = "用地代码"', 'code = "用地编码"')],
        ("regulatory_plan.shp", "用地编码", "用地代码", "用地性质", "容积率", "建筑密度"),
    ),
    "shapefile_part_missing": ([gone("regulatory_plan.shx")], ("regulatory_plan.shp", ".shx")),
    "prj_missing": ([gone("development_boundary.prj")], ("development_boundary.shp", "4526", 'crs = "epsg:4526"')),
    "axes_swapped": (
        [text("swapped = true\n", "")],
        ("ecological_redline.shp", "EPSG:4547", "swapped = true"),
    ),
    "zone_number": (
        [text('file = "development_boundary.shp"', 'file = "development_boundary.shp"\ncrs = "epsg:4547"')],
        ("development_boundary.shp", "EPSG:4526"),
    ),
    "wrong_zone": (
        [text('file = "basic_farmland.shp"', 'file = "basic_farmland.shp"\ncrs = "epsg:4548"')],
        ("basic_farmland.shp", "EPSG:4547"),
    ),
    "local_coordinates": (
        [cut('crs = "epsg:4547"\ncontrol_points', "name = ")],
        ("detailed_plan.dxf", "control_points"),
    ),
    "control_points_disagree": (
        [text(LAST_POINT, LAST_POINT.replace("504829.318", "504849.318"))],
        ("detailed_plan.dxf", "3: "),
    ),
    "one_control_point": (
        [cut("    { local = [1010.0", "]\nname")],
        ("study.toml", "[[land_use]] 1", "control_points"),
    ),
    "drawing_in_millimetres": (
        [drawing(in_millimetres)],
        ("detailed_plan.dxf", "1.3 km", 'unit = "m"'),
    ),
    "drawing_layer_missing": ([text('"用地-*"', '"YD-*"')], ("detailed_plan.dxf", "YD-*", "用地-居住")),
    "dwg": ([as_dwg, text("detailed_plan.dxf", "detailed_plan.dwg")], ("detailed_plan.dwg", "DXF")),
    "zip_leads_out": (
        [zipped_badly, text('"regulatory_plan.shp"', '"plan.zip"')],
        ("plan.zip", "../../evil.shp"),
    ),
    "remote_path": (
        [text('"basic_farmland.shp"', '"https://example.org/basic_farmland.zip"')],
        ("study.toml", "[[control_lines]] 3", "https://example.org"),
    ),
    "wrong_encoding": (
        [text('file = "regulatory_plan.shp"', 'file = "regulatory_plan.shp"\nencoding = "gbkk"')],
        ("regulatory_plan.shp", "gbkk"),
    ),
    "letters_spoilt": ([gbk_spoilt], ("places_amap.csv", "GB18030")),
    "cover_for_use": (
        [text('scheme = ["gb50137_2011", "land_sea_2023"]', 'scheme = ["clcd"]')],
        ("regulatory_plan.shp", "CLCD"),
    ),
    "no_code_understood": (
        [text('scheme = ["gb50137_2011", "land_sea_2023"]', 'scheme = ["osm"]')],
        ("regulatory_plan.shp", "M1"),
    ),
    "use_for_cover": ([text('scheme = "clcd"', 'scheme = "amap"')], ("amap",)),
    "unknown_scheme": ([text('scheme = "clcd"', 'scheme = "clcdd"')], ("study.toml", "clcdd", "clcd")),
    "own_crosswalk": (
        [own_crosswalk, text('crosswalk = "amap"', 'crosswalk = "own.csv"')],
        ("own.csv", "restaurants", "restaurant_or_cafe"),
    ),
    "places_column": ([text('code = "typecode"', 'code = "type_code"')], ("places_amap.csv", "type_code", "typecode")),
    "places_swapped": (
        [text('columns = { code = "typecode" }', 'columns = { code = "typecode", lon = "lat", lat = "lon" }')],
        ("places_amap.csv",),
    ),
    "headway_no_number": (
        [table("metro_headways.csv", "地铁,6,", "地铁,六分,", encoding="utf-8-sig")],
        ("metro_headways.csv", "六分"),
    ),
    "headway_column": (
        [text('headway_min = "发车间隔_分钟"', 'headway_min = "间隔"')],
        ("metro_headways.csv", "间隔", "发车间隔_分钟"),
    ),
    "first_without_last": (
        [table("metro_headways.csv", "06:00,22:30,", "06:00,,", encoding="utf-8-sig")],
        ("metro_headways.csv", "2"),
    ),
    "mode_unknown": (
        [table("metro_headways.csv", "地铁,6,", "飞毯,6,", encoding="utf-8-sig", times=-1)],
        ("metro_headways.csv", "飞毯"),
    ),
    "cover_years": ([text("year = 2010", "year = 2000")], ("2000",)),
}

INVENTED = '"虚构示例 / fictional: invented for this sample, not for use elsewhere"'
M2 = "housing,m2_per_resident,36,"
FAULTS["cover_codes_in_letters"] = (
    [own_cover, text('scheme = "clcd"', 'scheme = "own.csv"')],
    ("own", "urban"),
)
PLAN_FAULTS: dict[str, tuple[list[Edit], tuple[str, ...]]] = {
    "floor_space_without_source": (
        [table("floor_space.csv", f",m2,{INVENTED}", ",m2,", encoding="utf-8")],
        ("floor_space.csv", "2"),
    ),
    "floor_space_without_occupancy": (
        [without_line("floor_space.csv", "housing,occupancy,")],
        ("floor_space.csv", "occupancy"),
    ),
    "floor_space_out_of_order": (
        [table("floor_space.csv", f"{M2}42,50", f"{M2}52,50", encoding="utf-8")],
        ("floor_space.csv", "52"),
    ),
    "plan_without_far": ([text(', far = "容积率"', "", **PEOPLE_FROM_PLAN)], ("plan.toml", "[[land_use]]")),
}  # fmt: skip


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    folder = tmp_path / "示例"
    shutil.copytree(FOLDER, folder)
    return folder


def refused(folder: Path, study: str, words: tuple[str, ...]) -> None:
    with pytest.raises(SpatialError) as caught:
        assemble(load_study(folder / study))
    said = {language: caught.value.in_language(language) for language in ("en", "zh")}
    assert len(caught.value.messages) == 1, said["en"]
    for sentence in said.values():
        missing = [word for word in words if word not in sentence]
        assert not missing, sentence
    assert re.search(r"[\u4e00-\u9fff]{4}", said["zh"])
    assert said["en"] != said["zh"]


@pytest.mark.parametrize("fault", FAULTS)
def test_one_fault_one_message(copy: Path, fault: str) -> None:
    edits, words = FAULTS[fault]
    for edit in edits:
        edit(copy)
    refused(copy, "study.toml", words)


@pytest.mark.parametrize("fault", PLAN_FAULTS)
def test_one_fault_of_the_plan_one_message(copy: Path, fault: str) -> None:
    edits, words = PLAN_FAULTS[fault]
    for edit in edits:
        edit(copy)
    refused(copy, "plan.toml", words)


def test_columns_of_the_floor_space_table_are_named_in_the_study(copy: Path) -> None:
    table("floor_space.csv", "use,quantity", "用途,指标", encoding="utf-8")(copy)
    named = 'table = "floor_space.csv"\ncolumns = { use = "用途", quantity = "指标" }'
    text('table = "floor_space.csv"', named, study="plan.toml")(copy)
    people = assemble(load_study(copy / "plan.toml")).people
    assert people is not None
    assert people.total_residents > 0
    text("指标", "指标名", study="plan.toml")(copy)
    refused(copy, "plan.toml", ("floor_space.csv", "指标名", "指标"))


def test_cells_of_a_class_that_the_scheme_does_not_know_are_said(copy: Path) -> None:
    with rasterio.open(copy / "land_cover_2010.tif", "r+") as file:
        values = file.read(1)
        values[70:73, 80:84] = 77
        file.write(values, 1)
    ledger = assemble(load_study(copy / "study.toml")).ledger
    (entry,) = [e for e in ledger if e.message.key == "growth.cover_unknown_codes"]
    assert entry.count == 12
    assert "77 (12)" in render(entry.message, "zh")


def said_of(folder: Path, name: str) -> list[str]:
    """What the ledger says of the datum of a file."""
    ledger = assemble(load_study(folder / "study.toml")).ledger
    found = [render(e.message, "en") for e in ledger if e.message.key.startswith("datum.")]
    return [sentence for sentence in found if name in sentence]


def test_a_shifted_layer_declared_unshifted_is_warned_of(copy: Path) -> None:
    text('datum = "gcj02"\n', "")(copy)
    (said,) = said_of(copy, "places_amap.csv")
    assert 'datum = "gcj02"' in said


def test_an_unshifted_layer_declared_shifted_is_warned_of(copy: Path) -> None:
    text('file = "regulatory_plan.shp"', 'file = "regulatory_plan.shp"\ndatum = "gcj02"')(copy)
    (said,) = said_of(copy, "regulatory_plan.shp")
    assert 'datum = "wgs84"' in said


def test_too_few_places_cannot_tell(copy: Path) -> None:
    lines = (copy / "places_amap.csv").read_text(encoding="gbk").splitlines()
    few = [line for line in lines if ",0602" in line or ",0604" in line][:6]
    (copy / "places_amap.csv").write_text("\n".join([lines[0], *few]) + "\n", encoding="gbk")
    (said,) = said_of(copy, "places_amap.csv")
    assert "cannot be told" in said


def test_faults_leave_old_results_alone(copy: Path, tmp_path: Path) -> None:
    from spatial.study import run_study

    run = run_study(load_study(copy / "study.toml"), tmp_path / "out")
    before = {path.name: path.read_bytes() for path in run.out.iterdir()}
    text("swapped = true\n", "")(copy)
    with pytest.raises(SpatialError):
        run_study(load_study(copy / "study.toml"), tmp_path / "out")
    assert {path.name: path.read_bytes() for path in run.out.iterdir()} == before
