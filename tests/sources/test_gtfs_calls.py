"""GTFS: times, gaps in them, and trips given by frequency."""

from __future__ import annotations

from pathlib import Path

import pytest
from toy_feed import ALL, TIMES, entry, keys, left, read

from spatial.errors import InputError


@pytest.mark.parametrize(("exact", "action"), [("0", "estimated"), ("1", "read"), ("", "estimated")])
def test_frequencies(tmp_path: Path, exact: str, action: str):
    rows = f"t1,08:00:00,08:30:00,600,{exact}\nt1,25:00:00,25:10:00,900,{exact}\n"
    head = "trip_id,start_time,end_time,headway_secs,exact_times\n"
    supply, ledger = read(tmp_path, {"frequencies.txt": head + rows})
    at = [28800, 29400, 30000, 90000]  # 08:00, 08:10, 08:20 (08:30 is not included), 25:00
    names = ["t1@08:00:00", "t1@08:10:00", "t1@08:20:00", "t1@25:00:00"]
    expected = [("a", n, s) for n, s in zip(names, at, strict=True)]
    expected += [("b", n, s + 360) for n, s in zip(names, at, strict=True)]  # b is left six minutes after a
    assert left(supply) == sorted([*expected, *ALL[2:]])
    noted = [e for e in ledger.entries if e.message.key == "gtfs.frequencies"]
    assert [(e.action, e.count) for e in noted] == [(action, 4)]


def test_frequencies_without_exact_times_column(tmp_path: Path):
    supply, ledger = read(
        tmp_path, {"frequencies.txt": "trip_id,start_time,end_time,headway_secs\nt2,01:00:00,02:00:00,1800\n"}
    )
    assert [row for row in left(supply) if row[1] != "t1"] == [
        ("b", "t2@01:00:00", 4800), ("b", "t2@01:30:00", 6600), ("c", "t2@01:00:00", 3600), ("c", "t2@01:30:00", 5400),
    ]  # fmt: skip
    assert entry(ledger, "gtfs.frequencies") == {"trips": 1, "runs": 2, "inexact": 1}


def test_frequencies_of_wrong_kind(tmp_path: Path):
    rows = "t1,08:00:00,09:00:00,0,0\nt1,,09:00:00,600,0\nt1,08:00:00,09:00:00,600,2\n"
    with pytest.raises(InputError) as refused:
        read(tmp_path, {"frequencies.txt": "trip_id,start_time,end_time,headway_secs,exact_times\n" + rows})
    found = {(m.values["row"], m.values["column"]) for m in refused.value.messages}
    assert found == {(2, "headway_secs"), (3, "start_time"), (4, "exact_times")}


BLANKS = """trip_id,arrival_time,departure_time,stop_id,stop_sequence{distance}
t1,07:00:00,07:02:00,a,1{0}
t1,,,b,2{1}
t1,,,a,3{2}
t1,07:32:00,07:33:00,b,4{3}
t1,07:40:00,07:40:00,c,5{4}
t2,08:00:00,08:00:00,c,1{0}
t2,09:00:00,09:00:00,a,2{1}
"""


def test_blank_times_by_order_of_stops(tmp_path: Path):
    supply, ledger = read(tmp_path, {"stop_times.txt": BLANKS.format("", "", "", "", "", distance="")})
    # from 07:02 to 07:32 in three equal steps
    t1 = [row for row in left(supply) if row[1] == "t1"]
    assert t1 == [("a", "t1", 25320), ("a", "t1", 26520), ("b", "t1", 25920), ("b", "t1", 27180)]
    assert entry(ledger, "gtfs.times_filled") == {"count": 2, "by_distance": 0}
    assert next(e.action for e in ledger.entries if e.message.key == "gtfs.times_filled") == "imputed"


def test_blank_times_by_distance(tmp_path: Path):
    text = BLANKS.format(",0", ",2", ",3", ",4", ",9", distance=",shape_dist_traveled")
    supply, ledger = read(tmp_path, {"stop_times.txt": text})
    # half of 30 minutes after 2 of 4 km, three quarters after 3
    t1 = [row for row in left(supply) if row[1] == "t1"]
    assert t1 == [("a", "t1", 25320), ("a", "t1", 25320 + 1350), ("b", "t1", 25320 + 900), ("b", "t1", 27180)]
    assert entry(ledger, "gtfs.times_filled") == {"count": 2, "by_distance": 2}


def test_blank_times_by_distance_only_where_it_is_known(tmp_path: Path):
    text = BLANKS.format(",0", ",", ",3", ",4", ",9", distance=",shape_dist_traveled")
    supply, ledger = read(tmp_path, {"stop_times.txt": text})
    assert [s for stop, trip, s in left(supply) if trip == "t1" and stop == "b"] == [25320 + 600, 27180]
    assert entry(ledger, "gtfs.times_filled") == {"count": 2, "by_distance": 1}


def test_one_of_the_two_times_is_enough(tmp_path: Path):
    text = TIMES.replace("07:05:00,07:06:00", ",07:06:00").replace("24:50:00,24:50:00", "24:50:00,")
    supply, ledger = read(tmp_path, {"stop_times.txt": text})
    assert left(supply) == ALL
    assert not [e for e in ledger.entries if e.action == "imputed"]


def test_blank_times_at_the_ends_are_left_out(tmp_path: Path):
    text = TIMES.replace("t1,07:00:00,07:00:00", "t1,,").replace("t2,25:20:00,25:20:00", "t2,,")
    supply, ledger = read(tmp_path, {"stop_times.txt": text})
    # a's departure is unknown; the blank last call is no departure, and the one before it still is
    assert left(supply) == ALL[1:]
    assert entry(ledger, "gtfs.times_missing") == {"count": 2}


def test_wrong_times_are_listed_with_their_rows(tmp_path: Path):
    text = (
        TIMES.replace("07:05:00,", "7h05,").replace("25:20:00,25:20:00", "25:20:00,25:99:00").replace(",a,1", ",a,one")
    )
    with pytest.raises(InputError) as refused:
        read(tmp_path, {"stop_times.txt": text})
    found = {(m.values["row"], m.values["column"], m.values["found"]) for m in refused.value.messages}
    assert found == {(3, "arrival_time", "7h05"), (7, "departure_time", "25:99:00"), (2, "stop_sequence", "one")}


def test_many_wrong_times_are_counted(tmp_path: Path):
    rows = "".join(f"t1,soon,soon,b,{100 + i}\n" for i in range(40))
    with pytest.raises(InputError) as refused:
        read(tmp_path, {"stop_times.txt": TIMES + rows})
    assert keys(refused.value).count("gtfs.bad_value") == 10
    assert [m.values["count"] for m in refused.value.messages if m.key == "gtfs.more_bad"] == [35, 35]


def test_one_figure_for_the_hour(tmp_path: Path):
    assert left(read(tmp_path, {"stop_times.txt": TIMES.replace(",07:", ",7:")})[0]) == ALL


def test_times_after_48_hours_are_left_out(tmp_path: Path):
    text = TIMES.replace("25:00:00,25:10:00", "47:59:59,48:00:00").replace("25:20:00,25:20:00", "49:00:00,49:00:00")
    supply, ledger = read(tmp_path, {"stop_times.txt": text})
    assert left(supply) == [ALL[0], ALL[1], ALL[3]]
    assert entry(ledger, "gtfs.too_late") == {"count": 1}


def test_times_that_run_backwards_are_said(tmp_path: Path):
    supply, ledger = read(tmp_path, {"stop_times.txt": TIMES.replace("07:05:00,07:06:00", "06:05:00,06:06:00")})
    assert ("b", "t1", 21960) in left(supply)
    assert entry(ledger, "gtfs.backwards") == {"count": 1}


def test_repeated_calls_count_once(tmp_path: Path):
    supply, ledger = read(tmp_path, {"stop_times.txt": TIMES + "t1,07:05:00,07:06:00,b,2\n"})
    assert left(supply) == ALL
    assert entry(ledger, "gtfs.repeated_calls") == {"count": 1}
