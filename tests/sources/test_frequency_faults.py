"""Every fault of a frequency table, planted one at a time: one message, in both languages, that names the rows."""

from __future__ import annotations

from pathlib import Path

import pytest
from toy_frequency import TABLE, problems, read, stations, table

from spatial.errors import InputError
from spatial.text import render

SIMPLE = "stop,lon,lat,headway_min,first,last"
LINES = "line,direction,sequence,stop,lon,lat,headway_min,first,last,minutes_from_previous"
A = "A,116.4,39.9"
UP = "1,up,1,A,116.41,39.9,10,6:00,7:00,"


def fault(tmp_path: Path, text: str, **options) -> dict[str, dict]:
    with pytest.raises(InputError) as refused:
        read(tmp_path, text, **options)
    return problems(refused.value)


@pytest.mark.parametrize(
    ("columns", "row", "key"),
    [
        ("stop,lon,lat", A, "no_headways"),
        ("stop,lon,lat,headway_min,departures_per_hour", f"{A},5,12", "two_headways"),
        ("stop,lon,headway_min", "A,116.4,5", "half_positions"),
        ("stop,headway_min", "A,5", "no_positions"),
        ("stop,lon,lat,headway_min,first", f"{A},5,6:00", "half_hours"),
        ("stop,lon,lat,headway_min,minutes_from_previous", f"{A},5,2", "minutes_alone"),
    ],
)
def test_columns_that_do_not_fit(tmp_path: Path, columns: str, row: str, key: str):
    found = fault(tmp_path, table(row, columns=columns))
    assert found == {f"frequency.{key}": {"path": "lines.csv", "found": tuple(columns.split(","))}}


def test_columns_that_are_not_known(tmp_path: Path):
    found = fault(tmp_path, TABLE, columns={"name": "stop"})["frequency.unknown_columns"]
    assert (found["found"], "headway_min" in found["known"]) == (("name",), True)
    assert list(fault(tmp_path, TABLE, columns={"stop": "站名"})) == ["table_file.columns_missing"]
    assert list(fault(tmp_path, TABLE, service_day="15 May")) == ["gtfs.bad_day"]


@pytest.mark.parametrize(
    ("columns", "rows", "key", "wrong"),
    [
        (SIMPLE, [f"{A},5,6:00,7:00", ",116.4,39.9,5,6:00,7:00"], "no_names", (3,)),
        (SIMPLE, ["A,,39.9,5,6:00,7:00", "B,116.4,39.9,5,6:00,7:00", "C,0,0,5,6:00,7:00"], "unplaced", (2, 4)),
        (SIMPLE, ["A,39.9,116.4,5,6:00,7:00", "B,181,39.9,5,6:00,7:00"], "off_earth", (2, 3)),
        (SIMPLE, [f"{A},5,6:00,", f"{A},5,,9:00"], "first_without_last", (2, 3)),
        (SIMPLE, [f"{A},,6:00,7:00", f"{A},5,8:00,9:00"], "no_headway", (2,)),
        (SIMPLE, [f"{A},5,6:00,7:00", "B,116.5,39.9,5,,"], "no_hours", (3,)),
        (SIMPLE, [f"{A},5,47:00,46:00"], "too_late", (2,)),
        (SIMPLE, [f"{A},5,6:00,7:00", f"{A},5,6:00,7:00", f"{A},5,8:00,9:00"], "repeated", (2, 3)),
        (SIMPLE, [f"{A},5,6:00,7:00", f"{A},10,6:59,9:00", f"{A},5,9:00,10:00"], "overlap", (2, 3)),
        (SIMPLE, [f"{A},5,6:00,22:00", f"{A},10,7:00,8:00", f"{A},5,9:00,10:00"], "overlap", (2, 3, 4)),
        (SIMPLE, [f"{A},5,22:00,1:00", f"{A},10,24:30,26:00"], "overlap", (2, 3)),
        ("stop,lon,lat,headway_min", [f"{A},5", f"{A},5"], "repeated", (2, 3)),
        ("stop,lon,lat,headway_min", [f"{A},5", f"{A},6"], "several_headways", (2, 3)),
        (LINES, [UP, "1,up,2,B,116.42,39.9,10,,,"], None, ()),  # the last stop may be blank
        (LINES, [UP, "1,up,2,B,116.42,39.9,10,,,", "1,up,3,C,116.43,39.9,10,,,5"], "no_minutes", (3,)),
        (LINES, [UP, "1,up,2,B,116.42,39.9,,,,", "1,up,3,C,116.43,39.9,,,,5", "1,up,4,D,116.44,39.9,,,,5"],
         "no_minutes", (4,)),
        (LINES, ["1,up,1,A,116.41,39.9,10,,,", "1,up,2,B,116.42,39.9,10,6:00,7:00,5", "1,up,3,C,116.43,39.9,,,,"],
         "no_hours", (2,)),
        (LINES, [UP, "1,up,1,A,116.41,39.9,5,7:00,9:00,", "1,up,2,B,116.42,39.9,7,,,5", "1,up,3,C,116.43,39.9,,,,"],
         "no_window", (4,)),
        (LINES, [UP, "1,up,2,B,116.42,39.9,10,6:00,6:30,5", "1,up,2,B,116.42,39.9,10,7:00,8:00,6"],
         "minutes_differ", (3, 4)),
        (LINES, [UP, "1,up,2,B,116.42,39.9,10,6:00,7:00,-1"], "bad_minutes", (3,)),
        (LINES, [UP, "1,up,2,B,116.42,39.9,10,6:00,7:00,1441"], "bad_minutes", (3,)),
        (LINES, [UP, "1,up,,B,116.42,39.9,10,6:00,7:00,", "1,down,,B,116.42,39.9,10,6:00,7:00,"],
         "sequence_gaps", (3,)),
        (LINES, [UP, "1,up,1,B,116.42,39.9,10,8:00,9:00,", "1,up,2,C,116.43,39.9,,,,"], "sequence_twice", (2, 3)),
        (LINES, [UP, "1,up,2,a,116.43,39.9,10,6:00,7:00,"], "far_apart", (2, 3)),
        ("line,mode," + SIMPLE, [f"1,bus,{A},5,6:00,7:00", "2,bus,B,116.5,39.9,5,6:00,7:00",
                                 "1,地铁,C,116.5,39.9,5,6:00,7:00"], "two_modes", (2, 4)),
    ],
)  # fmt: skip
def test_rows_that_are_wrong(tmp_path: Path, columns: str, rows: list[str], key: str | None, wrong: tuple[int, ...]):
    text = table(*rows, columns=columns)
    if key is None:
        read(tmp_path, text)
        return
    assert fault(tmp_path, text) == {f"frequency.{key}": {"path": "lines.csv", "count": len(wrong), "rows": wrong}}


@pytest.mark.parametrize(
    ("cells", "key", "column", "shown"),
    [
        ("0,6:00,7:00", "bad_headways", "headway_min", "'0'"),
        ("-5,6:00,7:00", "bad_headways", "headway_min", "'-5'"),
        ("1441,6:00,7:00", "bad_headways", "headway_min", "'1441'"),
        ("5,6:00 am,7:00", "no_times", "first", "'6:00 am'"),
        ("5,6:00,25", "no_times", "last", "'25'"),
    ],
)
def test_cells_that_are_wrong(tmp_path: Path, cells: str, key: str, column: str, shown: str):
    found = fault(tmp_path, table("B,116.5,39.9,5,6:00,7:00", f"{A},{cells}"))
    assert list(found) == [f"frequency.{key}"]
    values = found[f"frequency.{key}"]
    assert (values["column"], values["rows"], values["count"]) == (column, (f"3: {shown}",), 1)


def test_words_and_numbers_that_are_not_known(tmp_path: Path):
    found = fault(tmp_path, table(f"hyperloop,{A},5", columns="mode,stop,lon,lat,headway_min"))
    values = found["frequency.unknown_modes"]
    assert (values["rows"], "地铁" in values["known"], "ferry" in values["known"]) == (("2: 'hyperloop'",), True, True)
    found = fault(tmp_path, table(f"{A},-1", columns="stop,lon,lat,departures_per_hour"))
    assert found["frequency.bad_headways"]["rows"] == ("2: '-1'",)
    found = fault(tmp_path, table("A,116.4,39.9,often,6:00,7:00"))
    assert list(found) == ["table_file.not_numbers"]


def test_all_faults_of_a_table_at_once(tmp_path: Path):
    rows = ("A,,39.9,0,6:00,7:00", "B,116.4,99,5,6:xx,7:00", ",116.4,39.9,x,6:00,")
    found = fault(tmp_path, table(*rows))
    assert set(found) == {
        *(f"frequency.{k}" for k in ("no_names", "unplaced", "off_earth", "bad_headways", "no_times")),
        "table_file.not_numbers", "frequency.first_without_last",
    }  # fmt: skip


def test_nothing_but_faults(tmp_path: Path):
    assert list(fault(tmp_path, table("A,,,5,6:00,7:00"))) == ["frequency.unplaced"]


def test_a_table_of_another_place(tmp_path: Path):
    found = fault(tmp_path, TABLE, box=(10.0, 50.0, 11.0, 51.0))["frequency.outside"]
    assert found["found"] == "116.4000, 39.9000, 116.4200, 39.9000"
    assert found["expected"] == "10.0000, 50.0000, 11.0000, 51.0000"


def test_names_that_are_not_known(tmp_path: Path):
    text = table("人民广场,地铁,5", "西门,公交,6", "东门,,5", "人民公圆,,5", columns="stop,mode,headway_min")
    known = stations(
        ("station", "bus", "人民广场", 0, 0), ("station", "bus", "东门站", 0, 900), ("stop", "", "人民公园", 9, 9)
    )
    found = fault(tmp_path, text, known_stations=known)["frequency.unmatched"]
    assert [name if isinstance(name, str) else render(name, "zh") for name in found["names"]] == [
        "人民广场（地铁）", "西门（公交车）", "人民公圆"
    ]  # fmt: skip
    assert (found["known"][0], set(found["known"])) == ("人民广场", {"人民广场", "东门站", "人民公园"})
    assert list(fault(tmp_path, text, known_stations=stations())) == ["frequency.no_known"]


def test_a_name_that_fits_far_places(tmp_path: Path):
    known = stations(("stop", "bus", "东门", 0, 0), ("stop", "bus", "东门", 301, 0))
    text = table("东门,5", columns="stop,headway_min")
    found = fault(tmp_path, text, known_stations=known)
    assert found == {"frequency.ambiguous": {"path": "lines.csv", "count": 1, "names": ("东门",), "within": 300}}
    read(tmp_path, text, known_stations=known, station_m=302.0)
