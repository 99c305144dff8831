"""Operational CO₂ of passenger transport from published result rows: activity, share, intensity, fuel (ASIF)."""

from __future__ import annotations

import math
from collections.abc import Iterator
from itertools import chain
from types import MappingProxyType
from typing import Any, cast

import pandas as pd

from spatial.emissions.travel_demand import (
    AVERAGE_DAY,
    LENGTH,
    OCCUPANCY,
    PER_PASSENGER,
    PER_VEHICLE,
    SHARE,
    TRIPS,
    UNITS,
    WEEKDAY,
)
from spatial.errors import InputError
from spatial.indicators.catalogue import Indicator, enter
from spatial.model.provenance import DataStatus
from spatial.model.results import COLUMNS, Missing, ResultTable
from spatial.parameters import parameter
from spatial.text import Message, Value, decode

CO2 = "passenger_transport_co2_per_resident"
_UNIT = "kg CO₂e/year"
_BOUNDS = ("", "low", "high")


def passenger_co2(results: ResultTable) -> ResultTable:
    """Passenger transport CO₂e per resident and year, in all and by mode (`item`), operational (TTW+grid).

    E = Σ over modes of trips a day × days × share of trips × mean length ÷ occupancy × factor per vehicle-km, or
    × factor per passenger-km without occupancy. All of it is read from the rows that `declared_rows` makes, for
    each study, scenario and period. Rows with `bound` low and high are added where an input has a range: all inputs
    at the end that gives least, and at the one that gives most.

    Returns
    -------
    The new rows alone; where something is not declared, none, and every missing thing by name in `missing`.
    """
    rows = results.table
    inputs = rows[rows["indicator"].isin(list(UNITS)) & (rows["subject_kind"] == "all")]
    if inputs.empty:
        return ResultTable(_frame([]), (Missing(CO2, Message("emissions.no_travel")),))
    made: list[dict[str, Any]] = []
    missing: list[Missing] = []
    for (study, scenario, period), group in inputs.groupby(["study", "scenario", "period"], sort=True):
        declared = _Declared(group)
        needed = tuple(declared.needed())
        if needed:
            missing.append(Missing(CO2, Message("emissions.not_computable", {"needed": needed})))
            continue
        key = {"study": study, "scenario": scenario, "period": period}
        made += [row | key for row in _co2_rows(declared)]
    return ResultTable(_frame(made), tuple(missing))


class _Declared:
    """The input rows of one study and scenario, by indicator, mode and bound."""

    def __init__(self, rows: pd.DataFrame) -> None:
        keys = zip(rows["indicator"], rows["item"], rows["bound"], strict=True)
        self._values = dict(zip(keys, rows["value"].astype(float), strict=True))
        reasons = zip(rows["item"], rows["reason"], strict=True)
        self._reasons = [(item, reason) for item, reason in reasons if reason]
        self.modes = tuple(dict.fromkeys(rows.loc[rows["indicator"] == SHARE, "item"]))
        total = math.fsum(share for mode in self.modes if not math.isnan(share := self.get(SHARE, mode)))
        if total > 100 + parameter("trip_share_tolerance_pct"):
            raise InputError(Message("emissions.shares_over", {"total": total}))
        self._stated_pct = total

    def get(self, indicator: str, item: str, bound: str = "") -> float:
        """The number at a bound, the central one where it has none; NaN where it is not declared."""
        central = self._values.get((indicator, item, ""), math.nan)
        return self._values.get((indicator, item, bound), central)

    @property
    def has_range(self) -> bool:
        return any(bound for _, _, bound in self._values)

    def factor(self, mode: str, bound: str) -> tuple[str, float]:
        """Per vehicle-km or per passenger-km, and the factor."""
        kind = PER_VEHICLE if (PER_VEHICLE, mode, "") in self._values else PER_PASSENGER
        return kind, self.get(kind, mode, bound)

    def emits(self, mode: str) -> bool:
        """Whether a mode has a part in the sum: it has, or may have, trips, and its factor is not 0."""
        return self.get(SHARE, mode) != 0 and any(self.factor(mode, bound)[1] != 0 for bound in _BOUNDS)

    def needed(self) -> Iterator[Message]:
        """Everything that the sum lacks."""
        if math.isnan(self.get(TRIPS, AVERAGE_DAY)):
            weekday_known = not math.isnan(self.get(TRIPS, WEEKDAY))
            yield Message("emissions.need_days") if weekday_known else Message("emissions.need_trips")
        unstated = [mode for mode in self.modes if math.isnan(self.get(SHARE, mode))]
        if unstated:
            yield Message("emissions.need_shares", {"modes": _names(unstated)})
        elif self._stated_pct < 100 - parameter("trip_share_tolerance_pct"):
            yield Message("emissions.need_rest", {"rest": 100 - self._stated_pct, "stated": self._stated_pct})
        emitting = [mode for mode in self.modes if self.emits(mode)]
        lengthless = [mode for mode in emitting if math.isnan(self.get(LENGTH, mode))]
        if lengthless:
            yield Message("emissions.need_lengths", {"modes": _names(lengthless)})
        vehicles = [mode for mode in emitting if self.factor(mode, "")[0] == PER_VEHICLE]
        empty = [mode for mode in vehicles if math.isnan(self.get(OCCUPANCY, mode))]
        if empty:
            yield Message("emissions.need_occupancy", {"modes": _names(empty)})
        factorless = [mode for mode in emitting if math.isnan(self.factor(mode, "")[1])]
        if factorless:
            yield Message("emissions.need_factors", {"modes": _names(factorless)})

    def kg_per_year(self, mode: str, bound: str) -> float:
        """What a resident's travel by one mode emits in a year."""
        if not self.emits(mode):
            return 0.0
        kind, factor = self.factor(mode, bound)
        if kind == PER_VEHICLE:
            fullest = {"low": "high", "high": "low"}.get(bound, "")
            factor /= self.get(OCCUPANCY, mode, fullest)
        trips = self.get(TRIPS, AVERAGE_DAY, bound) * parameter("days_in_a_year")
        person_km = trips * self.get(SHARE, mode, bound) / 100 * self.get(LENGTH, mode, bound)
        return person_km * factor / 1000

    def status(self) -> DataStatus:
        """Illustrative as soon as one input is an assumption; else doubtful for what is doubtful among the inputs.

        Inputs of a mode that has no part in the sum do not count.
        """
        idle = {mode for mode in self.modes if not self.emits(mode)}
        reasons = [decode(reason) for item, reason in self._reasons if item not in idle]
        assumed = sorted({cast("str", reason.values["id"]) for reason in reasons if reason.key == "emissions.assumed"})
        if assumed:
            return DataStatus("doubtful", Message("emissions.illustrative", {"rows": tuple(assumed)}))
        doubts = [reason for reason in reasons if reason.key != "emissions.not_declared"]
        return DataStatus("doubtful", _with_all_factors(doubts)) if doubts else DataStatus()


def _with_all_factors(doubts: list[Message]) -> Message:
    """The first doubt; where it names a factor, it names those of all doubts of its kind."""
    first = doubts[0]
    named = [factors for doubt in doubts if isinstance(factors := doubt.values.get("factors"), tuple)]
    if "factors" not in first.values:
        return first
    return Message(first.key, {**first.values, "factors": tuple(dict.fromkeys(chain.from_iterable(named)))})


def _co2_rows(declared: _Declared) -> Iterator[dict[str, Any]]:
    status = declared.status()
    for bound in _BOUNDS if declared.has_range else ("",):
        by_mode = {mode: declared.kg_per_year(mode, bound) for mode in declared.modes}
        for item, value in {"": math.fsum(by_mode.values()), **by_mode}.items():
            yield {
                "subject_kind": "all",
                "subject": "all",
                "indicator": CO2,
                "item": item,
                "at": "",
                "bound": bound,
                "value": value,
                "unit": _UNIT,
                "n": math.nan,
                "n_missing": math.nan,
                "data_status": status.name,
                "reason": status.reason.encode() if status.reason else "",
            }


def _names(modes: list[str]) -> tuple[Value, ...]:
    return tuple(Message(f"mode.{mode}") for mode in modes)


def _frame(rows: list[dict[str, Any]]) -> pd.DataFrame:
    return pd.DataFrame(rows, columns=list(COLUMNS))


enter(
    Indicator(
        CO2,
        "emissions",
        _UNIT,
        "all",
        ("item",),
        "lower",
        (0, 100 * 1000),
        "schipper_2000",
        (),
        MappingProxyType({}),
        None,
    )
)
