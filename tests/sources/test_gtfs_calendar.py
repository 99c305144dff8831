"""GTFS: which services run on a day."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from toy_feed import ALL, CALENDAR, keys, left, read

from spatial.errors import InputError


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
