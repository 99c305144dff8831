"""GTFS: the bundled timetable against independent counts."""

from __future__ import annotations

import csv
import io
import time
import zipfile
from collections import Counter
from datetime import timedelta
from pathlib import Path

import pandas as pd
import pytest
from pyproj import CRS
from toy_feed import UTM, left

from spatial.model.provenance import Ledger, Source
from spatial.model.transit import TransitSupply
from spatial.sources.gtfs import read_gtfs

STRAETO = Path(__file__).parents[2] / "data" / "reykjavik" / "straeto_gtfs_20190513_week.zip"
DEVELOPMENT = Path(__file__).parents[2].parent / "shared" / "data"


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
