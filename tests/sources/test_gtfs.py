"""GTFS: hand-written feeds for each feature, then the bundled timetable against independent counts."""

from __future__ import annotations

import csv
import io
import time
import zipfile
from collections import Counter
from collections.abc import Mapping
from datetime import date, timedelta
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pyproj import CRS, Transformer

from spatial.errors import CrsError, InputError
from spatial.model.provenance import Ledger, Source
from spatial.model.transit import TransitSupply
from spatial.sources.gtfs import read_gtfs
from spatial.text import LANGUAGES, Message, render, table

UTM = CRS.from_epsg(32627)
STRAETO = Path(__file__).parents[2] / "data" / "reykjavik" / "straeto_gtfs_20190513_week.zip"
DEVELOPMENT = Path(__file__).parents[2].parent / "shared" / "data"
DAY = "2024-05-15"  # a Wednesday

STOPS = """stop_id,stop_name,stop_lat,stop_lon
a,Alpha,64.10,-21.90
b,Beta,64.11,-21.90
c,Gamma,64.12,-21.90
"""
TIMES = """trip_id,arrival_time,departure_time,stop_id,stop_sequence
t1,07:00:00,07:00:00,a,1
t1,07:05:00,07:06:00,b,2
t1,07:10:00,07:10:00,c,3
t2,24:50:00,24:50:00,c,10
t2,25:00:00,25:10:00,b,20
t2,25:20:00,25:20:00,a,40
"""
CALENDAR = """service_id,monday,tuesday,wednesday,thursday,friday,saturday,sunday,start_date,end_date
week,1,1,1,1,1,0,0,20240501,20240531
"""
FEED = {
    "agency.txt": "agency_id,agency_name,agency_url,agency_timezone\n1,Toy,http://toy,Atlantic/Reykjavik\n",
    "stops.txt": STOPS,
    "routes.txt": "route_id,route_short_name,route_long_name,route_type\nR,1,One,3\n",
    "trips.txt": "route_id,service_id,trip_id,direction_id\nR,week,t1,0\nR,week,t2,1\n",
    "stop_times.txt": TIMES,
    "calendar.txt": CALENDAR,
}


def write(path: Path, changes: Mapping[str, str | bytes | None] | None = None, *, folder: str = "") -> Path:
    """A zip of the toy feed with some files replaced, added or (None) left out."""
    with zipfile.ZipFile(path, "w") as archive:
        for name, text in (FEED | dict(changes or {})).items():
            if text is not None:
                archive.writestr(folder + name, text)
    return path


def read(
    tmp_path: Path,
    changes: Mapping[str, str | bytes | None] | None = None,
    *,
    day: str = DAY,
    folder: str = "",
    **options,
) -> tuple[TransitSupply, Ledger]:
    ledger = Ledger()
    path = write(tmp_path / "feed.zip", changes, folder=folder)
    supply, _ = read_gtfs(path, service_day=day, crs=UTM, ledger=ledger, **options)
    return supply, ledger


def left(supply: TransitSupply) -> list[tuple[str, str, int]]:
    """Departures as (stop, trip, second), sorted."""
    table = supply.departures
    return sorted(zip(table["stop"], table["trip"], table["time_s"].tolist(), strict=True))


def entry(ledger: Ledger, key: str) -> dict:
    found = [dict(e.message.values) for e in ledger.entries if e.message.key == key]
    assert len(found) == 1, [e.message.key for e in ledger.entries]
    return found[0]


def keys(error: InputError) -> list[str]:
    return [message.key for message in error.messages]


ALL = [("a", "t1", 25200), ("b", "t1", 25560), ("b", "t2", 90600), ("c", "t2", 89400)]


# — the plain feed —


def test_plain_feed(tmp_path: Path):
    supply, ledger = read(tmp_path)
    assert left(supply) == ALL  # the last calls (c at 07:10, a at 25:20) are no departures
    assert supply.departures["time_s"].dtype == np.int32
    assert supply.departures["direction"].tolist() == ["0", "0", "1", "1"]
    assert supply.service_day == DAY
    assert supply.timezone == "Atlantic/Reykjavik"
    assert supply.routes.loc["R"].to_dict() == {"short_name": "1", "long_name": "One", "mode": "bus"}
    assert supply.stops["station"].tolist() == ["a", "b", "c"]
    assert supply.stops["mode"].tolist() == ["bus"] * 3
    assert supply.entrances.empty
    assert entry(ledger, "gtfs.departures") == {"departures": 4, "trips": 2, "stops": 3, "day": DAY, "late": 2}


def test_coordinates_are_projected(tmp_path: Path):
    supply, ledger = read(tmp_path)
    x, y = Transformer.from_crs(4326, 32627, always_xy=True).transform(-21.90, 64.10)
    assert (supply.stops.geometry.x["a"], supply.stops.geometry.y["a"]) == pytest.approx((x, y), abs=1e-6)
    assert supply.stops.crs == UTM
    assert entry(ledger, "gtfs.projected")["count"] == 3
    with pytest.raises(CrsError):
        read_gtfs(tmp_path / "feed.zip", service_day=DAY, crs=CRS.from_epsg(4326), ledger=Ledger())


def test_source(tmp_path: Path):
    path = write(tmp_path / "feed.zip")
    _, source = read_gtfs(
        path, service_day=DAY, crs=UTM, ledger=Ledger(), licence="open data", attribution="Toy operator"
    )
    assert isinstance(source, Source)
    assert (source.layer, source.name, source.date) == ("transit", "feed.zip", "2024-05-01/2024-05-31")
    assert (source.licence, source.attribution, len(source.sha256)) == ("open data", "Toy operator", 64)


def test_folder_and_zip_agree(tmp_path: Path):
    folder = tmp_path / "feed"
    folder.mkdir()
    for name, text in FEED.items():
        (folder / name).write_text(text, encoding="utf-8")
    zipped, _ = read(tmp_path)
    opened, source = read_gtfs(folder, service_day=DAY, crs=UTM, ledger=Ledger())
    assert opened == zipped
    (folder / "routes.txt").write_text(FEED["routes.txt"].replace("One", "Uno"), encoding="utf-8")
    assert read_gtfs(folder, service_day=DAY, crs=UTM, ledger=Ledger())[1].sha256 != source.sha256


def test_rows_in_any_order_give_the_same_layer(tmp_path: Path):
    shuffled = {}
    for name, text in FEED.items():
        head, *rows = text.splitlines()
        shuffled[name] = "\n".join([head, *reversed(rows)]) + "\n"
    assert read(tmp_path, shuffled)[0] == read(tmp_path)[0]


# — the look of the files —


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


def test_nothing_is_unpacked(tmp_path: Path):
    path = write(tmp_path / "feed.zip")
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr("../outside.txt", "x")
    read_gtfs(path, service_day=DAY, crs=UTM, ledger=Ledger())
    assert [p.name for p in tmp_path.iterdir()] == ["feed.zip"]
    assert not (tmp_path.parent / "outside.txt").exists()


# — which services run —


@pytest.mark.parametrize(
    ("calendar", "exceptions", "day", "runs"),
    [
        pytest.param(CALENDAR, None, "2024-05-15", True, id="calendar only"),
        pytest.param(CALENDAR, None, "2024-05-18", False, id="calendar only, Saturday"),
        pytest.param(CALENDAR, None, "2024-05-01", True, id="first day"),
        pytest.param(CALENDAR, None, "2024-05-31", True, id="last day"),
        pytest.param(CALENDAR, None, "2024-06-03", False, id="after the last day"),
        pytest.param(None, "week,20240518,1\n", "2024-05-18", True, id="dates only"),
        pytest.param(None, "week,20240518,1\n", "2024-05-15", False, id="dates only, another day"),
        pytest.param(CALENDAR, "week,20240515,2\n", "2024-05-15", False, id="taken away"),
        pytest.param(CALENDAR, "week,20240518,1\n", "2024-05-18", True, id="added"),
        pytest.param(CALENDAR, "week,20240601,1\n", "2024-06-01", True, id="added after the end"),
        pytest.param(CALENDAR, "other,20240515,2\n", "2024-05-15", True, id="another service taken away"),
    ],
)
def test_calendars(tmp_path: Path, calendar: str | None, exceptions: str | None, day: str, runs: bool):
    dates = None if exceptions is None else "service_id,date,exception_type\n" + exceptions
    changes = {"calendar.txt": calendar, "calendar_dates.txt": dates}
    if runs:
        assert left(read(tmp_path, changes, day=day)[0]) == ALL
    else:
        with pytest.raises(InputError) as refused:
            read(tmp_path, changes, day=day)
        assert keys(refused.value) == ["gtfs.no_service"]


def test_only_services_of_the_day_count(tmp_path: Path):
    changes = {
        "calendar.txt": CALENDAR + "end,0,0,0,0,0,1,1,20240501,20240531\n",
        "trips.txt": "route_id,service_id,trip_id,direction_id\nR,week,t1,0\nR,end,t2,1\n",
    }
    assert left(read(tmp_path, changes)[0]) == ALL[:2]
    assert left(read(tmp_path, changes, day="2024-05-18")[0]) == ALL[2:]


def test_no_service_names_the_period_and_days_nearby(tmp_path: Path):
    with pytest.raises(InputError) as refused:
        read(tmp_path, day="2024-05-19")
    values = refused.value.messages[0].values
    assert (values["first"], values["last"]) == ("2024-05-01", "2024-05-31")
    assert values["days"] == ("2024-05-16", "2024-05-17", "2024-05-20", "2024-05-21", "2024-05-22")
    assert "2024-05-01 to 2024-05-31" in str(refused.value)
    with pytest.raises(InputError) as refused:
        read(tmp_path, day="2031-01-01")
    assert refused.value.messages[0].values["days"][-1] == "2024-05-31"


def test_no_day_at_all(tmp_path: Path):
    with pytest.raises(InputError) as refused:
        read(tmp_path, {"calendar.txt": CALENDAR.replace("week", "nobody")})
    assert keys(refused.value) == ["gtfs.no_service_at_all"]


def test_service_day_must_be_a_date(tmp_path: Path):
    for day in ("15.5.2024", "2024-5-15", "20240515", ""):
        with pytest.raises(InputError) as refused:
            read(tmp_path, day=day)
        assert keys(refused.value) == ["gtfs.bad_day"]


@settings(max_examples=40, deadline=None)
@given(
    flags=st.tuples(*[st.booleans()] * 7),
    start=st.integers(0, 20),
    length=st.integers(0, 20),
    exceptions=st.dictionaries(st.integers(0, 40), st.sampled_from("12"), max_size=8),
    day=st.integers(0, 40),
)
def test_calendar_agrees_with_a_plain_reading(tmp_path_factory, flags, start, length, exceptions, day):
    def on(offset: int) -> date:
        return date(2024, 5, 1) + timedelta(days=offset)

    expected = start <= day <= start + length and flags[on(day).weekday()]
    expected = {"1": True, "2": False}.get(exceptions.get(day, ""), expected)
    week = ",".join(str(int(flag)) for flag in flags)
    head = CALENDAR.splitlines()[0]
    calendar = f"{head}\nweek,{week},{on(start):%Y%m%d},{on(start + length):%Y%m%d}\n"
    rows = "".join(f"week,{on(d):%Y%m%d},{kind}\n" for d, kind in exceptions.items())
    changes = {"calendar.txt": calendar, "calendar_dates.txt": "service_id,date,exception_type\n" + rows}
    folder = tmp_path_factory.mktemp("calendar")
    if expected:
        assert left(read(folder, changes, day=on(day).isoformat())[0]) == ALL
    else:
        with pytest.raises(InputError) as refused:
            read(folder, changes, day=on(day).isoformat())
        assert keys(refused.value)[0].startswith("gtfs.no_service")


# — frequencies —


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


# — times —

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


# — boarding —


def test_pickup_types(tmp_path: Path):
    head, *rows = TIMES.splitlines()
    kinds = ["1", "2", "0", "3", "", "0"]
    text = "\n".join([head + ",pickup_type", *(f"{row},{kind}" for row, kind in zip(rows, kinds, strict=True))])
    supply, ledger = read(tmp_path, {"stop_times.txt": text})
    assert left(supply) == ALL[1:]  # a at 07:00 may not be boarded
    assert entry(ledger, "gtfs.no_boarding") == {"count": 1}
    assert entry(ledger, "gtfs.on_request") == {"count": 2}


# — stations, entrances, places —

STATION = """stop_id,stop_name,stop_lat,stop_lon,location_type,parent_station
S,Central,64.105,-21.90,1,
a,Platform 1,64.10,-21.90,0,S
b,Platform 2,64.11,-21.90,,S
c,Kerb,64.12,-21.90,,
e2,North door,64.106,-21.91,2,S
e1,South door,64.104,-21.91,2,S
lost,Door,64.104,-21.91,2,nowhere
n,Node,,,3,S
"""


def test_stations_and_entrances(tmp_path: Path):
    supply, ledger = read(tmp_path, {"stops.txt": STATION})
    assert supply.stops["station"].to_dict() == {"a": "S", "b": "S", "c": "c"}
    x, y = Transformer.from_crs(4326, 32627, always_xy=True).transform([-21.91] * 2, [64.104, 64.106])
    assert supply.entrances["station"].tolist() == ["S", "S"]
    assert np.allclose(supply.entrances[["x", "y"]], np.column_stack([x, y]), atol=1e-6)
    assert entry(ledger, "gtfs.unknown_station") == {"count": 1, "first": "nowhere"}
    assert entry(ledger, "gtfs.entrances_alone") == {"count": 1}
    assert left(supply) == ALL


def test_stops_outside_the_box_go_with_their_departures(tmp_path: Path):
    supply, ledger = read(tmp_path, box=(-22.0, 64.05, -21.8, 64.115))
    assert left(supply) == ALL[:3]  # c lies north of the box
    assert supply.stops.index.tolist() == ["a", "b"]
    assert entry(ledger, "gtfs.outside_box") == {"stops": 1, "count": 1}


def test_box_does_not_move_the_end_of_a_trip(tmp_path: Path):
    supply, _ = read(tmp_path, box=(-22.0, 64.05, -21.8, 64.115))
    assert ("b", "t1", 25560) in left(supply)  # t1 goes on to c outside the box, so b is still left


def test_a_feed_of_another_place_is_refused(tmp_path: Path):
    with pytest.raises(InputError) as refused:
        read(tmp_path, box=(10.0, 50.0, 11.0, 51.0))
    assert keys(refused.value) == ["gtfs.outside"]


def test_stops_without_coordinates(tmp_path: Path):
    stops = STOPS.replace("64.11,-21.90", ",").replace("64.12,-21.90", "0,0.0")
    supply, ledger = read(tmp_path, {"stops.txt": stops})
    assert left(supply) == ALL[:1]
    assert entry(ledger, "gtfs.no_coordinates") == {"stops": 2, "count": 3}
    with pytest.raises(InputError) as refused:
        read(tmp_path, {"stops.txt": stops.replace("64.10,-21.90", ",")})
    assert keys(refused.value) == ["gtfs.nowhere"]


def test_unknown_stops_routes_and_trips(tmp_path: Path):
    changes = {
        "trips.txt": FEED["trips.txt"] + "X,week,t3,0\n",
        "stop_times.txt": TIMES.replace("25:10:00,b", "25:10:00,zzz")
        + "t3,07:00:00,07:00:00,a,1\nt3,07:10:00,07:10:00,b,2\nt9,07:00:00,07:00:00,a,1\n",
    }
    supply, ledger = read(tmp_path, changes)
    assert left(supply) == [ALL[0], ALL[1], ALL[3]]
    assert entry(ledger, "gtfs.unknown_stops") == {"stops": 0, "count": 1}
    assert entry(ledger, "gtfs.unknown_routes") == {"count": 1, "first": "X"}
    assert entry(ledger, "gtfs.unknown_trips") == {"count": 1}


@pytest.mark.parametrize(
    ("code", "mode"),
    [("0", "tram"), ("1", "metro"), ("2", "rail"), ("4", "ferry"), ("7", "other"), ("11", "bus"), ("12", "metro"),
     ("109", "rail"), ("401", "metro"), ("704", "bus"), ("900", "tram"), ("1000", "ferry"), ("1501", "other")],
)  # fmt: skip
def test_modes(tmp_path: Path, code: str, mode: str):
    supply, ledger = read(tmp_path, {"routes.txt": f"route_id,route_type\nR,{code}\n"})
    assert supply.routes.loc["R", "mode"] == mode
    assert supply.stops["mode"].unique().tolist() == [mode]
    assert not [e for e in ledger.entries if e.message.key == "gtfs.unknown_route_types"]


def test_unknown_mode_is_said(tmp_path: Path):
    supply, ledger = read(tmp_path, {"routes.txt": "route_id,route_type\nR,4711\n"})
    assert supply.routes.loc["R", "mode"] == "other"
    assert entry(ledger, "gtfs.unknown_route_types") == {"types": ("4711",), "count": 1}


def test_time_zones(tmp_path: Path):
    none, ledger = read(tmp_path, {"agency.txt": None})
    assert none.timezone == ""
    assert entry(ledger, "gtfs.no_timezone") == {}
    both, ledger = read(tmp_path, {"agency.txt": "agency_timezone\nEurope/Oslo\nEurope/Paris\n"})
    assert both.timezone == "Europe/Oslo"
    assert entry(ledger, "gtfs.timezones")["zones"] == ("Europe/Oslo", "Europe/Paris")


# — directions —

UNTOLD = {"trips.txt": "route_id,service_id,trip_id\nR,week,t1\nR,week,t2\n"}


def test_directions_are_derived_from_the_order_of_stops(tmp_path: Path):
    supply, ledger = read(tmp_path, UNTOLD)
    table = supply.departures
    assert dict(zip(table["trip"], table["direction"], strict=True)) == {"t1": "0", "t2": "1"}
    assert entry(ledger, "gtfs.directions_derived") == {"count": 2}


def test_directions_are_derived_from_the_ends_of_the_trip(tmp_path: Path):
    # the way back has poles of its own, 200 m to the east
    stops = STOPS + "d,Delta,64.10,-21.896\ne,Epsilon,64.11,-21.896\nf,Zeta,64.12,-21.896\n"
    times = TIMES.replace(",c,10", ",f,10").replace(",b,20", ",e,20").replace(",a,40", ",d,40")
    times += "t3,09:00:00,09:00:00,d,1\nt3,09:10:00,09:10:00,f,2\n"
    trips = UNTOLD["trips.txt"] + "R,week,t3\n"
    supply, _ = read(tmp_path, {"stops.txt": stops, "stop_times.txt": times, "trips.txt": trips})
    table = supply.departures
    assert dict(zip(table["trip"], table["direction"], strict=True)) == {"t1": "0", "t2": "1", "t3": "0"}


def test_given_directions_are_kept_and_lead(tmp_path: Path):
    trips = "route_id,service_id,trip_id,direction_id\nR,week,t1,\nR,week,t2,0\n"
    supply, ledger = read(tmp_path, {"trips.txt": trips})
    table = supply.departures
    assert dict(zip(table["trip"], table["direction"], strict=True)) == {"t1": "1", "t2": "0"}
    assert entry(ledger, "gtfs.directions_derived") == {"count": 1}


def test_a_loop_without_shared_stops_has_no_direction(tmp_path: Path):
    stops = STOPS + "d,Delta,64.10,-21.896\ne,Epsilon,64.11,-21.896\n"
    times = TIMES.replace(",c,10", ",d,10").replace(",b,20", ",e,20").replace(",a,40", ",d,40")
    supply, ledger = read(tmp_path, {"stops.txt": stops, "stop_times.txt": times, **UNTOLD})
    table = supply.departures
    assert dict(zip(table["trip"], table["direction"], strict=True)) == {"t1": "0", "t2": ""}
    assert entry(ledger, "gtfs.directions_unknown") == {"count": 1}


# — bad input: one clear error each —


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
        "path": "p", "file": "f", "files": ("a",), "found": "x", "expected": Message("gtfs.expected.time"), "columns": ("c",),
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


# — the bundled timetable —


@pytest.fixture(scope="module")
def straeto() -> tuple[TransitSupply, Source]:
    return read_gtfs(STRAETO, service_day="2019-05-15", crs=UTM, ledger=Ledger())


def _rows(name: str) -> list[dict[str, str]]:
    with zipfile.ZipFile(STRAETO) as archive, archive.open(name) as opened:
        return list(csv.DictReader(io.TextIOWrapper(opened, encoding="utf-8")))


def _clock(text: str) -> int:
    hours, minutes, seconds = text.split(":")
    return int(timedelta(hours=int(hours), minutes=int(minutes), seconds=int(seconds)).total_seconds())


def _independent_departures() -> list[tuple[str, str, int]]:
    """The plainest reading: csv rows, one trip after the other."""
    services = {
        r["service_id"] for r in _rows("calendar_dates.txt") if (r["date"], r["exception_type"]) == ("20190515", "1")
    }
    trips = {r["trip_id"] for r in _rows("trips.txt") if r["service_id"] in services}
    calls: dict[str, list[tuple[int, str, int, str]]] = {}
    for row in _rows("stop_times.txt"):
        if row["trip_id"] in trips:
            call = (int(row["stop_sequence"]), row["stop_id"], _clock(row["departure_time"]), row["pickup_type"])
            calls.setdefault(row["trip_id"], []).append(call)
    return [
        (stop, trip, second)
        for trip, visits in calls.items()
        for _, stop, second, pickup in sorted(visits)[:-1]
        if pickup != "1"
    ]


def test_straeto_agrees_with_an_independent_count(straeto):
    supply, source = straeto
    counted = _independent_departures()
    assert left(supply) == sorted(counted)
    per_stop = Counter(stop for stop, _, _ in counted)
    assert supply.departures["stop"].value_counts().to_dict() == per_stop
    assert (len(counted), len(per_stop)) == (63_660, 950)
    assert source.date == "2019-05-13/2019-05-19"
    assert supply.timezone == "Atlantic/Reykjavik"
    assert len(supply.stops) == 954
    assert supply.stops["mode"].value_counts().to_dict() == {"bus": 950, "": 4}


def test_straeto_agrees_with_gtfs_kit(straeto):
    gtfs_kit = pytest.importorskip("gtfs_kit")
    feed = gtfs_kit.read_feed(STRAETO, dist_units="km")
    times = gtfs_kit.get_stop_times(feed, "20190515").sort_values(["trip_id", "stop_sequence"])
    times = times[times["trip_id"].duplicated(keep="last") & (times["pickup_type"] != 1)]
    expected = times.groupby("stop_id").size()
    ours = straeto[0].departures["stop"].value_counts()
    pd.testing.assert_series_equal(
        ours.sort_index(), expected.sort_index(), check_names=False, check_dtype=False, check_index_type=False
    )


def test_times_after_midnight_survive():
    texts = [row["departure_time"] for row in _rows("stop_times.txt")]
    assert sum(text >= "24" for text in texts) == 4640
    late = 0
    for day in range(13, 20):
        calls = [r for r in _independent_calls(f"201905{day}") if r >= 86400]
        supply, _ = read_gtfs(STRAETO, service_day=f"2019-05-{day}", crs=UTM, ledger=Ledger())
        ours = supply.departures["time_s"]
        assert sorted(ours[ours >= 86400].tolist()) == sorted(calls)
        late = max(late, int(ours.max()))
    assert 28 * 3600 <= late < 28 * 3600 + 33 * 60


_TRIPS: dict[str, list[tuple[int, int]]] = {}


def _independent_calls(day: str) -> list[int]:
    if not _TRIPS:
        for row in _rows("stop_times.txt"):
            _TRIPS.setdefault(row["trip_id"], []).append((int(row["stop_sequence"]), _clock(row["departure_time"])))
    services = {r["service_id"] for r in _rows("calendar_dates.txt") if r["date"] == day}
    trips = [r["trip_id"] for r in _rows("trips.txt") if r["service_id"] in services]
    return [second for trip in trips for _, second in sorted(_TRIPS[trip])[:-1]]


def test_reading_is_quick(straeto):
    start = time.perf_counter()
    read_gtfs(STRAETO, service_day="2019-05-15", crs=UTM, ledger=Ledger())
    assert time.perf_counter() - start < 1.5


def test_derived_directions_agree_with_given_ones(straeto, tmp_path: Path):
    """Blank the directions of the real feed: derived ones must split trips as the operator does, up to naming."""
    rows = _rows("trips.txt")
    blanked = io.StringIO()
    writer = csv.DictWriter(blanked, fieldnames=list(rows[0]))
    writer.writeheader()
    writer.writerows({**row, "direction_id": ""} for row in rows)
    with zipfile.ZipFile(STRAETO) as archive, zipfile.ZipFile(tmp_path / "blank.zip", "w") as copy:
        for name in archive.namelist():
            copy.writestr(name, blanked.getvalue() if name == "trips.txt" else archive.read(name))
    derived, _ = read_gtfs(tmp_path / "blank.zip", service_day="2019-05-15", crs=UTM, ledger=Ledger())
    both = (
        straeto[0]
        .departures.drop_duplicates("trip")
        .merge(derived.departures.drop_duplicates("trip"), on=["trip", "route"], suffixes=("", "_derived"))
    )
    right = 0
    for _, group in both.groupby("route"):
        same = int((group["direction"] == group["direction_derived"]).sum())
        unsaid = int((group["direction_derived"] == "").sum())
        right += max(same, len(group) - same - unsaid)
    assert right / len(both) > 0.97


@pytest.mark.development_data
def test_other_cities():
    cities = [
        ("las_palmas/gtfs_guaguas_20230222.zip", "2023-02-22", 32628, "Atlantic/Canary", "bus"),
        ("washington_dc/wmata_rail_gtfs_20231128_day.zip", "2023-11-28", 32618, "America/New_York", "metro"),
    ]
    if not DEVELOPMENT.exists():
        pytest.skip("no development data")
    for name, day, epsg, timezone, mode in cities:
        supply, _ = read_gtfs(DEVELOPMENT / name, service_day=day, crs=CRS.from_epsg(epsg), ledger=Ledger())
        assert supply.timezone == timezone
        assert set(supply.stops["mode"]) <= {mode, ""}
        assert len(supply.departures) > 30_000
