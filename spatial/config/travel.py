"""The section about how residents travel, from a survey."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Literal

from pydantic import Field, model_validator

from spatial.config.section import Section, together
from spatial.config.values import Once, Positive, Words

if TYPE_CHECKING:
    from spatial.emissions.travel_demand import TravelDeclaration


class ModeSection(Section):
    """[[travel.modes]]: one way of getting about."""

    mode: Words
    """walk, cycle, bus, car …"""
    trip_share: Annotated[float, Field(ge=0, le=1)] | None = None
    """Its share of all trips (not of kilometres), 0 to 1: 0.76 is 76 %; leave out when not known."""
    share_source: Words
    """Where the share is published."""
    mean_length_km: Positive | None = None
    """Mean length of a trip. Without it emissions cannot be computed in full, and the report says so."""
    length_source: Words | None = None
    """Where the length is published."""
    occupancy: Positive | None = None
    """Mean number of people in a vehicle, driver included."""
    occupancy_source: Words | None = None
    """Where the occupancy is published."""
    factor: str = ""
    """Id of the emission factor, a row of the table of factors; only the mode "other" goes without."""

    @model_validator(mode="after")
    def _each_with_a_source(self) -> ModeSection:
        together(self.mean_length_km, self.length_source, "mean_length_km", "length_source")
        together(self.occupancy, self.occupancy_source, "occupancy", "occupancy_source")
        return self

    @property
    def sources(self) -> str:
        """All sources of its numbers in one line."""
        given = (self.share_source, self.length_source, self.occupancy_source)
        return "; ".join(dict.fromkeys(source for source in given if source))


class TravelSection(Section):
    """[travel]: how residents travel, from a survey."""

    trips_per_resident_day: Positive
    """Trips that a resident makes on the day that the survey is about."""
    day_kind: Literal["weekday", "average_day"]
    """Whether that is a weekday, or an average of all days of the week."""
    days_per_year: Positive | None = None
    """How many such weekdays a year of travel is worth; without it nothing is put on a year."""
    trips_source: Words
    """Where the survey is published."""
    place: Words
    """Whom the survey asked: where they live …"""
    ages: str = ""
    """… of which ages …"""
    year: Words
    """… and when."""
    modes: Annotated[tuple[ModeSection, ...], Field(min_length=1)]
    """The ways of getting about."""
    accept_assumptions: Annotated[tuple[str, ...], Once] = ()
    """Ids of assumption rows that may fill what is missing; every output that needs one says "illustrative"."""

    def declaration(self, *, country: str = "") -> TravelDeclaration:
        """The same as the emissions read it; `country` as [context] gives it, "" when it does not."""
        from spatial.emissions.travel_demand import TravelDeclaration, TravelMode

        modes = tuple(
            TravelMode(mode.mode, mode.trip_share, mode.mean_length_km, mode.occupancy, mode.factor, mode.sources)
            for mode in self.modes
        )
        return TravelDeclaration(
            trips_per_resident_day=self.trips_per_resident_day,
            place=self.place,
            year=self.year,
            ages=self.ages,
            day_kind=self.day_kind,
            days_per_year=self.days_per_year,
            source=self.trips_source,
            modes=modes,
            accepted_assumptions=self.accept_assumptions,
            country=country,
        )
