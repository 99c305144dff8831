"""How residents travel, as a study declares it: every number becomes a published result row."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Literal

import pandas as pd

from spatial.emissions.factors import PER_VEHICLE_KM, Assumption, Factor, load_assumptions, load_factors
from spatial.errors import Problems, StudyError
from spatial.indicators.catalogue import Better, Indicator, enter
from spatial.model.provenance import OK, DataStatus, Ledger
from spatial.model.results import BASELINE, COLUMNS, ResultTable
from spatial.parameters import parameter
from spatial.text import LANGUAGES, Message, Value, has

MODES = (
    *("walk", "cycle", "e_bike", "bus", "tram", "metro", "rail", "ferry"),
    *("car", "taxi", "motorcycle", "other"),
)
WEEKDAY, AVERAGE_DAY = "weekday", "average_day"
TRIPS, SHARE, LENGTH, OCCUPANCY = "trips_per_resident", "trip_share", "mean_trip_length", "vehicle_occupancy"
PER_VEHICLE, PER_PASSENGER = "emission_factor_per_vehicle_km", "emission_factor_per_passenger_km"


@dataclass(frozen=True)
class TravelMode:
    """One way of getting about; None: not known.

    Parameters
    ----------
    mode : one of `MODES`.
    trip_share : share of all trips, 0–1 (not of kilometres).
    mean_length_km : mean length of a trip, km.
    occupancy : people in a vehicle, driver included; needed where the factor is per vehicle-km.
    factor : id of a row of `factors.csv`; "" only for "other".
    source : where the numbers are published.
    """

    mode: str
    trip_share: float | None
    mean_length_km: float | None
    occupancy: float | None
    factor: str
    source: str


@dataclass(frozen=True)
class TravelDeclaration:
    """Travel of residents from a survey.

    Parameters
    ----------
    trips_per_resident_day : trips that a resident makes on the day of the survey.
    place, year, ages, source : whom the survey asked, when, and where it is published; results hold for them.
    day_kind : weekday, or average_day (weekends counted).
    days_per_year : how many such weekdays a year of travel is worth; None: not known, then nothing is put on a year.
    accepted_assumptions : ids of `assumptions.csv` that may fill what is missing.
    country : two letters of ISO 3166, "" when not known; a factor of another country is doubtful.
    """

    trips_per_resident_day: float
    place: str
    year: str
    ages: str
    day_kind: Literal["weekday", "average_day"]
    days_per_year: float | None
    source: str
    modes: tuple[TravelMode, ...]
    accepted_assumptions: tuple[str, ...] = ()
    country: str = ""


def declared_rows(
    travel: TravelDeclaration,
    *,
    study: str,
    scenario: str = BASELINE,
    ledger: Ledger | None = None,
    factors: Mapping[str, Factor] | None = None,
    assumptions: Mapping[str, Assumption] | None = None,
) -> ResultTable:
    """Every declared number, the factors chosen and the assumptions accepted, as rows of the whole area.

    What is not declared is a row of its own: without a value, absent. A number from an accepted assumption is
    doubtful and names its row; where it has a range, rows with `bound` low and high stand beside it. A factor that
    was not measured for the country of the study is doubtful and names its place and year.

    Raises
    ------
    StudyError : all that is wrong with the declaration, at once.
    """
    table = load_factors() if factors is None else factors
    known = load_assumptions() if assumptions is None else assumptions
    _check(travel, table, known)
    accepted = {(known[id].quantity, known[id].mode): known[id] for id in travel.accepted_assumptions}
    rows = list(_trip_rows(travel))
    for mode in travel.modes:
        rows += _mode_rows(mode, table.get(mode.factor), accepted, travel.country)
    frame = pd.DataFrame(rows)
    frame["study"], frame["scenario"], frame["period"] = study, scenario, travel.year
    frame["subject_kind"] = frame["subject"] = "all"
    frame["at"], frame["n"], frame["n_missing"] = "", math.nan, math.nan
    if ledger is not None:
        _note(travel, table, ledger)
        _note_assumptions(travel, known, set(frame["reason"]), ledger)
    return ResultTable(frame[list(COLUMNS)])


def _trip_rows(travel: TravelDeclaration) -> Iterator[dict[str, Any]]:
    yield _row(TRIPS, travel.day_kind, travel.trips_per_resident_day)
    if travel.day_kind == WEEKDAY and travel.days_per_year is not None:
        a_day = travel.trips_per_resident_day * travel.days_per_year / parameter("days_in_a_year")
        yield _row(TRIPS, AVERAGE_DAY, a_day)
    elif travel.day_kind == WEEKDAY:
        yield _row(TRIPS, AVERAGE_DAY, None)


def _mode_rows(
    mode: TravelMode, factor: Factor | None, accepted: Mapping[tuple[str, str], Assumption], country: str
) -> Iterator[dict[str, Any]]:
    yield _row(SHARE, mode.mode, None if mode.trip_share is None else 100 * mode.trip_share)
    yield from _with_assumption(LENGTH, mode.mode, mode.mean_length_km, accepted)
    if factor is None:
        return
    indicator = PER_VEHICLE if factor.unit == PER_VEHICLE_KM else PER_PASSENGER
    if indicator == PER_VEHICLE:
        yield from _with_assumption(OCCUPANCY, mode.mode, mode.occupancy, accepted)
    status = _assumed(factor) if factor.status == "assumption" else _measured_here(factor, country)
    yield _row(indicator, mode.mode, factor.value, status)
    yield from _bounds(indicator, mode.mode, factor.low, factor.high, status)


def _assumed(row: Factor | Assumption) -> DataStatus:
    values: dict[str, Value] = {"id": row.id, "source": _said("cited_source", row.source), "year": row.year}
    values["place"] = _said("measured_place", row.place)
    return DataStatus("doubtful", Message("emissions.assumed", values))


def _measured_here(factor: Factor, country: str) -> DataStatus:
    """Doubtful where the factor is of another country, or nobody says of which country the study is."""
    if factor.holds_in(country):
        return OK
    key = "emissions.factor_of_grid" if "grid" in factor.scope else "emissions.factor_of"
    which = Message(key, {"id": factor.id, "place": _said("measured_place", factor.place), "year": factor.year})
    if not country:
        return DataStatus("doubtful", Message("emissions.country_unknown", {"factors": (which,)}))
    return DataStatus("doubtful", Message("emissions.factors_elsewhere", {"country": country, "factors": (which,)}))


def _with_assumption(
    indicator: str, mode: str, declared: float | None, accepted: Mapping[tuple[str, str], Assumption]
) -> Iterator[dict[str, Any]]:
    """The declared number, else the accepted assumption, else a row without a value."""
    assumed = accepted.get((indicator, mode))
    if declared is not None or assumed is None:
        yield _row(indicator, mode, declared)
        return
    status = _assumed(assumed)
    yield _row(indicator, mode, assumed.value, status)
    yield from _bounds(indicator, mode, assumed.low, assumed.high, status)


def _bounds(
    indicator: str, item: str, low: float | None, high: float | None, status: DataStatus
) -> Iterator[dict[str, Any]]:
    for bound, value in (("low", low), ("high", high)):
        if value is not None:
            yield _row(indicator, item, value, status) | {"bound": bound}


def _row(indicator: str, item: str, value: float | None, status: DataStatus = OK) -> dict[str, Any]:
    known = status if value is not None else DataStatus("absent", Message("emissions.not_declared"))
    return {
        "indicator": indicator,
        "item": item,
        "bound": "",
        "value": math.nan if value is None else float(value),
        "unit": UNITS[indicator],
        "data_status": known.name,
        "reason": known.reason.encode() if known.reason else "",
    }


def _check(travel: TravelDeclaration, factors: Mapping[str, Factor], known: Mapping[str, Assumption]) -> None:
    problems = Problems()
    named = [mode.mode for mode in travel.modes]
    for name in sorted({name for name in named if named.count(name) > 1}):
        problems.add(Message("emissions.doubled_mode", {"mode": name}))
    _check_day(travel, problems)
    for mode in travel.modes:
        _check_mode(mode, factors, problems)
    total = math.fsum(mode.trip_share or 0 for mode in travel.modes)
    if 100 * total > 100 + parameter("trip_share_tolerance_pct"):
        problems.add(Message("emissions.shares_over", {"total": 100 * total}))
    fills: dict[tuple[str, str], str] = {}
    for id in travel.accepted_assumptions:
        if id not in known:
            problems.add(Message("emissions.unknown_assumption", {"id": id, "known": tuple(sorted(known))}))
            continue
        row = known[id]
        if row.mode not in named:
            problems.add(Message("emissions.assumption_without_mode", {"id": id, "mode": row.mode}))
        if (row.quantity, row.mode) in fills:
            values: dict[str, Value] = {"first": fills[row.quantity, row.mode], "second": id}
            problems.add(Message("emissions.assumptions_clash", values))
        fills[row.quantity, row.mode] = id
    problems.raise_if_any(StudyError)


def _check_day(travel: TravelDeclaration, problems: Problems) -> None:
    if not travel.modes:
        problems.add(Message("emissions.no_modes"))
    if not _positive(travel.trips_per_resident_day):
        problems.add(
            Message(
                "emissions.not_positive", {"what": "trips_per_resident_day", "found": travel.trips_per_resident_day}
            )
        )
    if travel.day_kind not in (WEEKDAY, AVERAGE_DAY):
        problems.add(Message("emissions.day_kind", {"found": travel.day_kind}))
    days, year = travel.days_per_year, parameter("days_in_a_year")
    if days is not None and (travel.day_kind == AVERAGE_DAY or not _positive(days) or days > year):
        problems.add(Message("emissions.days", {"found": days, "most": year}))


def _check_mode(mode: TravelMode, factors: Mapping[str, Factor], problems: Problems) -> None:
    if mode.mode not in MODES:
        problems.add(Message("emissions.unknown_mode", {"mode": mode.mode, "known": MODES}))
    if mode.trip_share is not None and not 0 <= mode.trip_share <= 1:
        problems.add(Message("emissions.share_range", {"mode": mode.mode, "found": mode.trip_share}))
    for what, number in (("mean_length_km", mode.mean_length_km), ("occupancy", mode.occupancy)):
        if number is not None and not _positive(number):
            problems.add(Message("emissions.not_positive", {"what": f"{mode.mode}: {what}", "found": number}))
    if mode.factor and mode.factor not in factors:
        values: dict[str, Value] = {"mode": mode.mode, "factor": mode.factor, "known": tuple(sorted(factors))}
        problems.add(Message("emissions.unknown_factor", values))
    if not mode.factor and mode.mode != "other" and mode.trip_share != 0:
        problems.add(Message("emissions.no_factor", {"mode": mode.mode, "known": tuple(sorted(factors))}))


def _said(section: str, name: str) -> Value:
    """A source or a place in the reader's language, where the texts have it."""
    key = f"{section}.{name}"
    return Message(key) if has(key, LANGUAGES[0]) else name


def _positive(number: float) -> bool:
    return math.isfinite(number) and number > 0


def _note(travel: TravelDeclaration, factors: Mapping[str, Factor], ledger: Ledger) -> None:
    """Whom the survey asked, what its shares leave open, and which factor each mode has."""
    values: dict[str, Value] = {
        "trips": travel.trips_per_resident_day, "day": Message(f"item.{travel.day_kind}"), "place": travel.place,
        "year": travel.year, "ages": travel.ages or Message("emissions.ages_unstated"), "source": travel.source,
    }  # fmt: skip
    ledger.record("travel", "read", Message("emissions.survey", values))
    shares = [mode.trip_share for mode in travel.modes]
    total = 100 * math.fsum(share or 0 for share in shares)
    is_whole = math.isclose(total, 100) or (total < 100 and None in shares)
    if not is_whole:
        key = "emissions.unassigned" if total < 100 else "emissions.overassigned"
        ledger.record("travel", "warned", Message(key, {"total": total, "rest": abs(100 - total)}))
    for mode in travel.modes:
        name = Message(f"mode.{mode.mode}")
        ledger.record("travel", "read", Message("emissions.mode_source", {"mode": name, "source": mode.source}))
        row = factors.get(mode.factor)
        if row is not None:
            about: dict[str, Value] = {"mode": name, "value": row.value, "unit": Message(f"unit.{row.unit}")}
            about |= {"source": _said("cited_source", row.source), "place": _said("measured_place", row.place)}
            about |= {"year": row.year}
            ledger.record("emissions", "chosen", Message("emissions.factor_used", about))


def _note_assumptions(
    travel: TravelDeclaration, known: Mapping[str, Assumption], reasons: set[str], ledger: Ledger
) -> None:
    """Which of the accepted assumptions fill a number (`reasons`: those of the rows), and which fill none."""
    for id in travel.accepted_assumptions:
        reason = _assumed(known[id]).reason
        if reason and reason.encode() in reasons:
            ledger.record("travel", "imputed", reason)
        else:
            ledger.record("travel", "warned", Message("emissions.assumption_unused", {"id": id}))


def _enter(id: str, range: tuple[float, float], better: Better, reference: str) -> None:
    none: Mapping[str, Any] = MappingProxyType({})
    enter(Indicator(id, "emissions", UNITS[id], "all", ("item",), better, range, reference, (), none, None))


UNITS = {
    TRIPS: "trips/day",
    SHARE: "%",
    LENGTH: "km",
    OCCUPANCY: "persons/vehicle",
    PER_VEHICLE: "g CO₂e/vkm",
    PER_PASSENGER: "g CO₂e/pkm",
}
_enter(TRIPS, (0, 100), "neither", "schipper_2000")
_enter(SHARE, (0, 100), "neither", "schipper_2000")
_enter(LENGTH, (0, 1000), "lower", "schipper_2000")
_enter(OCCUPANCY, (0, 1000), "higher", "schipper_2000")
_enter(PER_VEHICLE, (0, 1000), "lower", "desnz_2025")
_enter(PER_PASSENGER, (0, 1000), "lower", "desnz_2025")
