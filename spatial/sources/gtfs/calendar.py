"""Which services of a GTFS feed run on a day: weekly calendars, and the dates that add to them or take away."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import numpy as np

from spatial.errors import InputError, Problems
from spatial.sources.gtfs.files import WEEKDAYS, Feed, report_values
from spatial.text import Message, Value

DAYS_NAMED = 5  # how many days with service an error names
SEARCHED_DAYS = 400  # how far from the wanted day they are looked for


@dataclass(frozen=True)
class Calendar:
    """The services that trips refer to: weekly rows and exceptions. Days are ordinals (`date.toordinal`)."""

    weekly_service: np.ndarray
    weekly_days: np.ndarray  # bool[rows, 7], Monday first
    weekly_first: np.ndarray
    weekly_last: np.ndarray
    exception_service: np.ndarray
    exception_day: np.ndarray
    exception_adds: np.ndarray  # bool: adds the service, else takes it away

    def services_on(self, day: int) -> frozenset[str]:
        """The services that run on a day."""
        weekly = (self.weekly_first <= day) & (day <= self.weekly_last) & self.weekly_days[:, (day - 1) % 7]
        today = self.exception_day == day
        added = self.exception_service[today & self.exception_adds]
        removed = self.exception_service[today & ~self.exception_adds]
        return (frozenset(self.weekly_service[weekly]) | frozenset(added)) - frozenset(removed)

    @property
    def period(self) -> tuple[int, int] | None:
        """The first and the last day that the calendars speak of; None when they name no day at all."""
        first = np.concatenate([self.weekly_first, self.exception_day[self.exception_adds]])
        last = np.concatenate([self.weekly_last, self.exception_day[self.exception_adds]])
        return (int(first.min()), int(last.max())) if len(first) else None

    def days_near(self, day: int) -> list[int]:
        """Up to five days with service, those nearest to `day` (or to the nearer end of the feed), in order of
        date.
        """
        period = self.period
        if period is None:
            return []
        centre = min(max(day, period[0]), period[1])
        outward = sorted(range(-SEARCHED_DAYS, SEARCHED_DAYS + 1), key=abs)
        inside = (centre + step for step in outward if period[0] <= centre + step <= period[1])
        found: list[int] = []
        for candidate in inside:
            if self.services_on(candidate):
                found.append(candidate)
            if len(found) == DAYS_NAMED:
                break
        return sorted(found)


def service_date(text: str) -> date:
    """The service day as a date; anything but YYYY-MM-DD is refused."""
    try:
        day = date.fromisoformat(text)
    except ValueError as error:
        raise InputError(Message("gtfs.bad_day", {"found": text})) from error
    if day.isoformat() != text:
        raise InputError(Message("gtfs.bad_day", {"found": text}))
    return day


def read_calendar(feed: Feed, problems: Problems) -> Calendar:
    """The calendar of the services that at least one trip belongs to; wrong values are added to `problems`."""
    used = np.unique(feed.column("trips.txt", "service_id").astype(str))
    weekly, exceptions = "calendar.txt", "calendar_dates.txt"
    flags = np.column_stack([_coded(feed, weekly, name, ("0", "1"), "zero_or_one", problems) for name in WEEKDAYS])
    runs = flags == "1"
    first, last = (_days(feed, weekly, name, problems) for name in ("start_date", "end_date"))
    service = feed.column(weekly, "service_id").astype(str)
    keep = np.isin(service, used) & runs.any(axis=1) & (first <= last)
    kind = _coded(feed, exceptions, "exception_type", ("1", "2"), "one_or_two", problems)
    day = _days(feed, exceptions, "date", problems)
    excepted = feed.column(exceptions, "service_id").astype(str)
    named = np.isin(excepted, used)
    return Calendar(
        service[keep], runs[keep], first[keep], last[keep], excepted[named], day[named], kind[named] == "1"
    )  # fmt: skip


def active_services(feed: Feed, calendar: Calendar, day: date) -> frozenset[str]:
    """The services of a day; a day without any is refused, naming the feed's period and days nearby with some."""
    active = calendar.services_on(day.toordinal())
    if active:
        return active
    period = calendar.period
    if period is None:
        raise InputError(Message("gtfs.no_service_at_all", {"path": str(feed.path)}))
    near = tuple(date.fromordinal(found).isoformat() for found in calendar.days_near(day.toordinal()))
    first, last = (date.fromordinal(end).isoformat() for end in period)
    values: dict[str, Value] = {
        "path": str(feed.path),
        "day": day.isoformat(),
        "first": first,
        "last": last,
        "days": near,
    }
    raise InputError(Message("gtfs.no_service" if near else "gtfs.no_service_near", values))


def period_text(calendar: Calendar) -> str:
    """The feed's period as "2019-05-13/2019-05-19"; "" when its calendars name no day."""
    period = calendar.period
    return "" if period is None else "/".join(date.fromordinal(end).isoformat() for end in period)


def _coded(
    feed: Feed, file: str, column: str, allowed: tuple[str, ...], expected: str, problems: Problems
) -> np.ndarray:
    texts = feed.column(file, column).astype(str)
    report_values(problems, feed.path, file, column, texts, ~np.isin(texts, allowed), expected)
    return texts


def _days(feed: Feed, file: str, column: str, problems: Problems) -> np.ndarray:
    texts = feed.column(file, column).astype(str)
    words, which = np.unique(texts, return_inverse=True)
    ordinals = np.array([_ordinal(word) for word in words], dtype=np.int64)
    days = ordinals[which] if len(words) else np.empty(0, dtype=np.int64)
    report_values(problems, feed.path, file, column, texts, days < 0, "date")
    return days


def _ordinal(text: str) -> int:
    """The day of a YYYYMMDD text, −1 for anything else."""
    try:
        return date.fromisoformat(text).toordinal() if len(text) == 8 and text.isdigit() else -1
    except ValueError:
        return -1
