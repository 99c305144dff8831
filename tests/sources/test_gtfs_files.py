"""GTFS: the look of the files, and what is refused with one clear error."""

from __future__ import annotations

import zipfile
from pathlib import Path

import pytest
from toy_feed import ALL, DAY, FEED, STOPS, TIMES, UTM, keys, left, read, write

from spatial.errors import InputError
from spatial.model.provenance import Ledger
from spatial.sources.gtfs import read_gtfs
from spatial.text import LANGUAGES, Message, render, table


def _spaced(text: str) -> str:
    return "\r\n".join(" , ".join(f" {cell}" for cell in line.split(",")) for line in text.splitlines()) + "\r\n"


@pytest.mark.parametrize(
    "changes",
    [
        pytest.param({name: _spaced(text) for name, text in FEED.items()}, id="stray spaces"),
        pytest.param({name: b"\xef\xbb\xbf" + text.encode() for name, text in FEED.items()}, id="byte-order mark"),
        pytest.param({name: text.rstrip("\n") for name, text in FEED.items()}, id="no last newline"),
        pytest.param(
            {n: "\n".join(",".join(f'"{c}"' for c in r.split(",")) for r in t.splitlines()) for n, t in FEED.items()},
            id="quoted",
        ),
        pytest.param(
            {n: "\n".join(", ".join(f'"{c}"' for c in r.split(",")) for r in t.splitlines()) for n, t in FEED.items()},
            id="quoted after a space",
        ),
        pytest.param(
            {n: t.replace("\n", ",extra\n") for n, t in FEED.items()}, id="unknown column"
        ),
        pytest.param({n: t.replace("\n", ",\n") for n, t in FEED.items()}, id="trailing comma"),
        pytest.param({n: t.replace("\n", "\n\n") for n, t in FEED.items()}, id="blank lines"),
        pytest.param({"calendar_dates.txt": "", "frequencies.txt": "\n"}, id="empty optional files"),
        pytest.param({"calendar_dates.txt": "service_id,date,exception_type\n"}, id="optional file with a header only"),
    ],
)  # fmt: skip
def test_untidy_files_read_the_same(tmp_path: Path, changes):
    assert read(tmp_path, changes)[0] == read(tmp_path)[0]


def test_values_keep_quotes_commas_and_line_breaks(tmp_path: Path):
    stops = STOPS.replace("Alpha", '"Al, ""the"" pha\nand more"')
    supply, _ = read(tmp_path, {"stops.txt": stops})
    assert supply.stops.loc["a", "name"] == 'Al, "the" pha\nand more'
    assert left(supply) == ALL


def test_one_folder_inside_the_zip(tmp_path: Path):
    assert left(read(tmp_path, folder="toy feed/")[0]) == ALL


def test_a_zip_of_several_feeds_is_refused(tmp_path: Path):
    path = write(tmp_path / "feed.zip", folder="one/")
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr("two/stops.txt", STOPS)
        archive.writestr("__MACOSX/one/stops.txt", b"\x00")
    with pytest.raises(InputError) as refused:
        read_gtfs(path, service_day=DAY, crs=UTM, ledger=Ledger())
    assert refused.value.messages == (Message("gtfs.many_folders", {"path": str(path), "folders": ("one", "two")}),)


def test_a_zip_that_leads_out_is_refused_and_nothing_is_unpacked(tmp_path: Path):
    path = write(tmp_path / "feed.zip")
    read_gtfs(path, service_day=DAY, crs=UTM, ledger=Ledger())
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr("../outside.txt", "x")
    with pytest.raises(InputError, match=r"outside its own folder.*outside\.txt"):
        read_gtfs(path, service_day=DAY, crs=UTM, ledger=Ledger())
    assert [p.name for p in tmp_path.iterdir()] == ["feed.zip"]
    assert not (tmp_path.parent / "outside.txt").exists()


def test_all_missing_files_in_one_error(tmp_path: Path):
    with pytest.raises(InputError) as refused:
        read(tmp_path, {"stop_times.txt": None, "routes.txt": None, "trips.txt": ""})
    assert len(refused.value.messages) == 1
    assert refused.value.messages[0].values["files"] == ("routes.txt", "stop_times.txt", "trips.txt")
    assert "stop_times.txt" in str(refused.value)


def test_a_required_file_of_a_header_only(tmp_path: Path):
    with pytest.raises(InputError) as refused:
        read(tmp_path, {"stops.txt": STOPS.splitlines()[0]})
    assert refused.value.messages[0].values["files"] == ("stops.txt",)


def test_no_calendar(tmp_path: Path):
    with pytest.raises(InputError) as refused:
        read(tmp_path, {"calendar.txt": None})
    assert keys(refused.value) == ["gtfs.no_calendar"]


@pytest.mark.parametrize("cut", [0, 40, 0.5, 0.9])
def test_unreadable_zip(tmp_path: Path, cut: float):
    path = write(tmp_path / "feed.zip")
    content = path.read_bytes()
    path.write_bytes(content[: int(cut if cut > 1 else cut * len(content))])
    with pytest.raises(InputError) as refused:
        read_gtfs(path, service_day=DAY, crs=UTM, ledger=Ledger())
    assert keys(refused.value) == ["gtfs.unreadable"]


def test_damaged_member(tmp_path: Path):
    path = write(tmp_path / "feed.zip")
    content = path.read_bytes()
    path.write_bytes(content.replace(b"64.10", b"65.10", 1))
    with pytest.raises(InputError) as refused:
        read_gtfs(path, service_day=DAY, crs=UTM, ledger=Ledger())
    assert keys(refused.value) == ["gtfs.unreadable"]


def test_no_such_file(tmp_path: Path):
    with pytest.raises(InputError) as refused:
        read_gtfs(tmp_path / "none.zip", service_day=DAY, crs=UTM, ledger=Ledger())
    assert keys(refused.value) == ["gtfs.not_found"]


def test_missing_columns_of_all_files_in_one_error(tmp_path: Path):
    changes = {"routes.txt": "id,route_type\nR,3\n", "stop_times.txt": TIMES.replace("departure_time", "left")}
    with pytest.raises(InputError) as refused:
        read(tmp_path, changes)
    found = {m.values["file"]: m.values["columns"] for m in refused.value.messages}
    assert found == {"routes.txt": ("route_id",), "stop_times.txt": ("departure_time",)}


def test_rows_of_the_wrong_length(tmp_path: Path):
    with pytest.raises(InputError) as refused:
        read(tmp_path, {"stops.txt": STOPS + "d,Delta,64.1\n"})
    assert refused.value.messages[0].key == "gtfs.uneven_row"
    assert {k: refused.value.messages[0].values[k] for k in ("row", "found", "expected")} == {
        "row": 5, "found": 3, "expected": 4
    }  # fmt: skip


def test_not_utf8(tmp_path: Path):
    with pytest.raises(InputError) as refused:
        read(tmp_path, {"stops.txt": STOPS.replace("Alpha", "Álfa").encode("latin-1")})
    assert keys(refused.value) == ["gtfs.encoding"]


def test_doubled_ids(tmp_path: Path):
    changes = {"stops.txt": STOPS + "a,Again,64.1,-21.9\n", "trips.txt": FEED["trips.txt"] + "R,week,t1,0\n"}
    with pytest.raises(InputError) as refused:
        read(tmp_path, changes)
    assert [(m.values["file"], m.values["ids"]) for m in refused.value.messages] == [
        ("stops.txt", ("a",)), ("trips.txt", ("t1",))
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("file", "old", "new", "column"),
    [
        ("stops.txt", "64.10", "north", "stop_lat"),
        ("stops.txt", "64.10", "164.10", "stop_lat"),
        ("calendar.txt", "20240501", "2024-05-01", "start_date"),
        ("calendar.txt", "20240531", "20240532", "end_date"),
        ("calendar.txt", "week,1", "week,yes", "monday"),
        ("trips.txt", "t1,0", "t1,north", "direction_id"),
        ("routes.txt", ",3", ",bus", "route_type"),
    ],
)
def test_bad_values_name_file_row_and_column(tmp_path: Path, file: str, old: str, new: str, column: str):
    with pytest.raises(InputError) as refused:
        read(tmp_path, {file: FEED[file].replace(old, new, 1)})
    (message,) = refused.value.messages
    assert (message.values["file"], message.values["row"], message.values["column"]) == (file, 2, column)


def test_bad_exception_type(tmp_path: Path):
    with pytest.raises(InputError) as refused:
        read(tmp_path, {"calendar_dates.txt": "service_id,date,exception_type\nweek,20240515,3\n"})
    assert refused.value.messages[0].values["column"] == "exception_type"


def test_every_message_is_said_in_both_languages():
    values = {
        "path": "p", "file": "f", "files": ("a",), "found": "x", "expected": Message("gtfs.expected.time"),
        "columns": ("c",),
        "folders": ("d",), "row": 1, "column": "c", "count": 2, "ids": ("i",), "day": DAY, "first": "1", "last": "2",
        "days": ("3",), "crs": "UTM", "departures": 1, "trips": 1, "stops": 1, "late": 1, "by_distance": 1, "runs": 1,
        "inexact": 1, "types": ("9",), "zones": ("z",), "used": "z",
    }  # fmt: skip
    for language in LANGUAGES:
        section = table(language)["gtfs"]
        names = [name for name in section if name != "expected"] + [f"expected.{name}" for name in section["expected"]]
        for name in names:
            assert render(Message(f"gtfs.{name}", values), language)
    assert table("en")["gtfs"].keys() == table("zh")["gtfs"].keys()
    assert table("en")["gtfs"]["expected"].keys() == table("zh")["gtfs"]["expected"].keys()
