"""The tables of emission factors and of assumptions: every row with its unit, source, place, year and status."""

from __future__ import annotations

import csv
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from types import MappingProxyType
from typing import Literal, cast

Status = Literal["verified", "secondary", "convention", "assumption"]
PER_VEHICLE_KM = "g CO₂e/vkm"
PER_PASSENGER_KM = "g CO₂e/pkm"


@dataclass(frozen=True)
class Factor:
    """What a kilometre of travel emits in operation.

    Parameters
    ----------
    value, low, high : g CO₂e per vehicle-km or passenger-km (see `unit`); None where no range is published.
    scope : TTW (tailpipe), grid (electricity) or TTW+grid; making fuels and vehicles is never included.
    place, country : what the factor was measured for, in words and as two letters of ISO 3166 (several with spaces
        between them); "world" where it holds everywhere.
    """

    id: str
    value: float
    low: float | None
    high: float | None
    unit: str
    scope: str
    source: str
    place: str
    country: str
    year: str
    status: Status
    remark: str

    def holds_in(self, country: str) -> bool:
        """Whether the factor was measured for a country (two letters of ISO 3166; "": not known)."""
        return self.country == "world" or country.upper() in self.country.split()


@dataclass(frozen=True)
class Assumption:
    """A number that stands in for one that a study does not know; used only where the study accepts it by `id`.

    `quantity` is the indicator that it fills (mean_trip_length, vehicle_occupancy), `mode` the way of travel.
    """

    id: str
    quantity: str
    mode: str
    value: float
    low: float | None
    high: float | None
    unit: str
    source: str
    place: str
    year: str
    status: Status


@lru_cache(maxsize=1)
def load_factors() -> Mapping[str, Factor]:
    """The rows of `factors.csv` by id."""
    return MappingProxyType(
        {
            row["id"]: Factor(
                row["id"], float(row["value"]), _number(row["low"]), _number(row["high"]), row["unit"], row["scope"],
                row["source"], row["place"], row["country"], row["year"], cast("Status", row["status"]), row["remark"],
            )
            for row in _rows("factors.csv")
        }
    )  # fmt: skip


@lru_cache(maxsize=1)
def load_assumptions() -> Mapping[str, Assumption]:
    """The rows of `assumptions.csv` by id."""
    return MappingProxyType(
        {
            row["id"]: Assumption(
                row["id"], row["quantity"], row["mode"], float(row["value"]), _number(row["low"]),
                _number(row["high"]), row["unit"], row["source"], row["place"], row["year"],
                cast("Status", row["status"]),
            )
            for row in _rows("assumptions.csv")
        }
    )  # fmt: skip


def _number(text: str) -> float | None:
    return float(text) if text else None


def _rows(name: str) -> list[dict[str, str]]:
    text = files("spatial.emissions").joinpath(name).read_text(encoding="utf-8")
    return list(csv.DictReader(text.splitlines()))
