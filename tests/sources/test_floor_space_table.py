"""Tables of floor space: what is read, and every fault, each planted alone and said in both languages."""

from pathlib import Path

import openpyxl
import pytest

from spatial.errors import InputError
from spatial.model.floor_space import Factor, FloorSpaceTable
from spatial.model.provenance import Ledger
from spatial.sources.floor_space_table import read_floor_space_table
from spatial.text import LANGUAGES, render

HEAD = "use,quantity,low,central,high,unit,source,place,year"
GOOD = (
    "housing,m2_per_resident,30,35,45,m²,Own assumption,Testville,2024",
    "housing,occupancy,80,90,95,%,Own assumption,,",
    "work,m2_per_job,20,25,40,m²/job,Own assumption,,2023",
    "all,share_built,0.9,1,1,ratio,Own assumption,,",
    "all,occupancy,70,85,95,%,Own assumption,,",
    "green_and_open_space,share_built,0,0,0,ratio,Own assumption,,",
)


def save(folder: Path, *rows: str, head: str = HEAD, name: str = "table.csv") -> Path:
    path = folder / name
    path.write_text("\n".join((head, *rows)) + "\n", encoding="utf-8")
    return path


def read(path: Path, ledger: Ledger | None = None, **given: dict[str, str]) -> FloorSpaceTable:
    return read_floor_space_table(path, ledger=ledger or Ledger(), **given)  # type: ignore[arg-type]


def faults(folder: Path, *rows: str) -> list[str]:
    """The keys of what is wrong with a table, each rendered in both languages."""
    with pytest.raises(InputError) as caught:
        read(save(folder, *rows))
    for language in LANGUAGES:
        lines = caught.value.in_language(language).splitlines()
        assert len(lines) == len(caught.value.messages)
        assert all("table.csv" in line for line in lines)
    return [message.key.removeprefix("floor_space.") for message in caught.value.messages]


def test_a_table_is_read_in_square_metres_and_shares(tmp_path: Path) -> None:
    ledger = Ledger()
    table = read(save(tmp_path, *GOOD), ledger)
    assert table.name == "table.csv"
    assert table.uses == ("housing", "work", "green_and_open_space")
    floor = table.factor("housing", "m2_per_resident")
    assert floor == Factor("housing", "m2_per_resident", 30, 35, 45, "Own assumption", "Testville", "2024")
    assert floor is not None
    assert floor.cited == "Own assumption (Testville 2024)"
    own, every = table.factor("housing", "occupancy"), table.factor("work", "occupancy")
    assert own is not None
    assert every is not None
    assert (own.low, own.central, own.high) == (0.8, 0.9, 0.95)
    assert (every.low, every.central, every.high) == (0.7, 0.85, 0.95)
    assert every.cited == "Own assumption"
    assert table.factor("green_and_open_space", "m2_per_job") is None
    entry = next(entry for entry in ledger.entries if entry.message.key == "floor_space.read")
    assert entry.count == 6
    assert "居住、办公等就业用地、绿地与开敞空间" in render(entry.message, "zh")


def test_a_workbook_with_chinese_heads_units_and_full_width_numbers(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.append(["用途", "指标", "低", "中", "高", "单位", "来源"])
    sheet.append(["Housing", "m2_per_resident", 30, 35.5, "４５", "㎡ / 人", "自行假定"])
    sheet.append([])
    sheet.append(["housing", "share_built", 90, 95, 100, "％", "自行假定"])
    sheet.append(["all", "occupancy", 0.5, 0.75, 1, "比例", "自行假定"])
    book.save(tmp_path / "table.xlsx")
    names = ("use", "quantity", "low", "central", "high", "unit", "source")
    heads = dict(zip(names, ("用途", "指标", "低", "中", "高", "单位", "来源"), strict=True))
    table = read(tmp_path / "table.xlsx", columns=heads)
    found = [(factor.quantity, factor.low, factor.central, factor.high) for factor in table.factors]
    assert found == [("m2_per_resident", 30, 35.5, 45), ("share_built", 0.9, 0.95, 1), ("occupancy", 0.5, 0.75, 1)]


@pytest.mark.parametrize(
    ("place", "row", "expected"),
    [
        (0, "houses,m2_per_resident,30,35,45,m²,Own", ["unknown_use"]),
        (0, "unclassified,m2_per_resident,30,35,45,m²,Own", ["unknown_use"]),
        (0, "housing,m2_each,30,35,45,m²,Own", ["unknown_quantity"]),
        (0, "all,m2_per_resident,30,35,45,m²,Own", ["people_of_all_uses"]),
        (0, "housing,m2_per_resident,36,35,45,m²,Own", ["order"]),
        (0, "housing,m2_per_resident,30,46,45,m²,Own", ["order"]),
        (0, "housing,m2_per_resident,0,35,45,m²,Own", ["not_positive"]),
        (0, "housing,m2_per_resident,-1,35,45,m²,Own", ["not_positive"]),
        (0, "housing,m2_per_resident,30,35,45,m² net,Own", ["unit_of_area"]),
        (0, "housing,m2_per_resident,30,35,45,m²/job,Own", ["unit_of_area"]),
        (0, "housing,m2_per_resident,30,35,45,%,Own", ["unit_of_area"]),
        (0, "housing,m2_per_resident,30,35,45,,Own", ["unit_of_area"]),
        (0, "housing,m2_per_resident,30,35,45,m², ", ["no_source"]),
        (3, "all,share_built,0.9,1,1.1,ratio,Own", ["no_share"]),
        (3, "all,share_built,-0.1,1,1,ratio,Own", ["no_share"]),
        (3, "all,share_built,90,100,101,%,Own", ["no_share"]),
        (3, "all,share_built,90,95,100,ratio,Own", ["no_share"]),
        (3, "all,share_built,0.9,0.95,1,%,Own", ["tiny_percent"]),
        (3, "all,share_built,0.9,1,1,m²,Own", ["unit_of_share"]),
        (2, "housing,occupancy,80,90,95,%,Own", ["doubled"]),
        (3, "housing,share_built,0.9,1,1,ratio,Own", ["missing_shares"]),
        (0, "housing,m2_per_resident,30,about 35,45,m²,Own", ["table_file.not_numbers"]),
        (0, "housing,m2_per_resident,30,,45,m²,Own", ["table_file.not_numbers"]),
    ],
)
def test_one_fault_gives_one_message(tmp_path: Path, place: int, row: str, expected: list[str]) -> None:
    rows = [*GOOD[:place], row, *GOOD[place + 1 :]]
    assert faults(tmp_path, *rows) == expected


def test_all_faults_are_said_at_once(tmp_path: Path) -> None:
    found = faults(
        tmp_path,
        "houses,m2_per_resident,30,35,45,m²,Own",
        "work,m2_per_job,x,25,40,m²,",
        "work,share_built,1,0.5,1,ratio,Own",
    )
    wanted = ["unknown_use", "no_source", "table_file.not_numbers", "order", "missing_shares"]
    assert found == wanted


def test_faults_name_the_row_and_what_is_known(tmp_path: Path) -> None:
    with pytest.raises(InputError) as caught:
        read(save(tmp_path, *GOOD[:5], "parks,m2_per_job,1,2,3,m2,Own", "work,share_built,1,1,1,acre,Own"))
    english = str(caught.value)
    assert "(row: use): 7: 'parks'. Known: housing, work, " in english
    assert "row 8: the unit of share_built is 'acre'" in english
    assert "missing" not in english


def test_shares_alone_hold_nobody(tmp_path: Path) -> None:
    assert faults(tmp_path, *GOOD[3:]) == ["nobody"]


def test_a_missing_column_is_one_error(tmp_path: Path) -> None:
    path = save(tmp_path, "housing,35", head="use,central")
    with pytest.raises(InputError, match="quantity, low, high, unit, source"):
        read(path)


def test_a_table_made_by_hand_is_checked_too() -> None:
    wrong = Factor("housing", "m2_per_resident", 40, 35, 30, "Own")
    with pytest.raises(InputError) as caught:
        FloorSpaceTable("mine", (wrong,))
    assert [message.key for message in caught.value.messages] == ["floor_space.order", "floor_space.missing_shares"]
