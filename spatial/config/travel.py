"""The section about how residents travel, from a survey."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field, model_validator

from spatial.config.section import Section, together
from spatial.config.values import Once, Positive, Words, refuse


class TravelMode(Section):
    """[[travel.modes]]: one way of getting about."""

    mode: Words
    """walk, cycle, bus, car …"""
    trip_share: Annotated[float, Field(ge=0, le=1)]
    """Its share of all trips, 0 to 1: 0.76 is 76 %."""
    share_source: Words
    """Where the share is published."""
    mean_length_km: Positive | None = None
    """Mean length of a trip. Without it emissions in total cannot be computed, and the report says so."""
    length_source: Words | None = None
    """Where the length is published."""
    occupancy: Positive | None = None
    """Mean number of people in a vehicle, driver included."""
    occupancy_source: Words | None = None
    """Where the occupancy is published."""
    factor: Words | None = None
    """Id of the emission factor, a row of the table of factors."""

    @model_validator(mode="after")
    def _each_with_a_source(self) -> TravelMode:
        together(self.mean_length_km, self.length_source, "mean_length_km", "length_source")
        together(self.occupancy, self.occupancy_source, "occupancy", "occupancy_source")
        return self


class TravelSection(Section):
    """[travel]: how residents travel, from a survey."""

    trips_per_resident_day: Positive
    """Trips that a resident makes on the day that the survey is about."""
    trips_source: Words
    """Where that is published, and whom and which day it is about."""
    modes: Annotated[tuple[TravelMode, ...], Field(min_length=1)]
    """The ways of getting about."""
    accept_assumptions: Annotated[tuple[str, ...], Once] = ()
    """Ids of assumption rows that may fill what is missing; every output then says "illustrative"."""

    @model_validator(mode="after")
    def _shares(self) -> TravelSection:
        names = [mode.mode for mode in self.modes]
        doubled = tuple(name for name in dict.fromkeys(names) if names.count(name) > 1)
        if doubled:
            refuse("doubled", {"given": doubled})
        total = sum(mode.trip_share for mode in self.modes)
        if total > 1 + 1e-9:
            refuse("shares_over_one", {"total": total})
        return self
