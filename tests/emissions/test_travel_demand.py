"""What a study declares is published row by row; what it leaves out is a row without a value."""

import dataclasses

import numpy as np
import pandas as pd
import pytest

from spatial.emissions.factors import Assumption
from spatial.emissions.travel_demand import MODES, TravelDeclaration, TravelMode, declared_rows
from spatial.errors import StudyError
from spatial.indicators.catalogue import UNITS, catalogue
from spatial.model.provenance import Ledger
from spatial.text import LANGUAGES, decode, has, render

CAR = TravelMode("car", 0.76, None, None, "petrol_car_average_uk_2025", "survey 2017")
BUS = TravelMode("bus", 0.04, 8.0, None, "local_bus_uk_2025", "survey 2017")
TRAVEL = TravelDeclaration(
    4.1, "capital region", "2017", "6–80", "weekday", None, "survey 2017", (CAR, BUS), country="GB"
)


def with_modes(*modes: TravelMode) -> TravelDeclaration:
    return dataclasses.replace(TRAVEL, modes=modes)


def lengths(value: float, low: float | None = None, high: float | None = None) -> dict[str, Assumption]:
    row = Assumption(
        "car_10", "mean_trip_length", "car", value, low, high, "km", "a guess", "nowhere", "2026", "assumption"
    )
    return {row.id: row}


def rows(travel: TravelDeclaration, indicator: str, **tables: dict[str, Assumption]) -> pd.DataFrame:
    table = declared_rows(travel, study="S", **tables).table  # type: ignore[arg-type]
    return table[table["indicator"] == indicator].set_index(["item", "bound"])


def problems(travel: TravelDeclaration) -> list[str]:
    with pytest.raises(StudyError) as caught:
        declared_rows(travel, study="S")
    for language in LANGUAGES:
        assert caught.value.in_language(language)
    return [message.key for message in caught.value.messages]


def test_every_declared_number_is_a_row_of_the_whole_area() -> None:
    table = declared_rows(TRAVEL, study="S", scenario="plan")
    assert table.value("trips_per_resident", item="weekday") == 4.1
    assert table.value("trip_share", item="car") == pytest.approx(76)
    assert table.value("trip_share", item="bus") == pytest.approx(4)
    assert table.value("mean_trip_length", item="bus") == 8
    assert table.value("emission_factor_per_vehicle_km", item="car") == 162.72
    assert table.value("emission_factor_per_passenger_km", item="bus") == 103.85
    for column, only in {
        "study": "S",
        "scenario": "plan",
        "period": "2017",
        "subject_kind": "all",
        "subject": "all",
    }.items():
        assert set(table.table[column]) == {only}
    assert set(table.table["indicator"]) <= set(catalogue())
    assert set(table.table["unit"]) <= set(UNITS)


def test_what_is_not_declared_is_absent_and_never_0() -> None:
    found = rows(TRAVEL, "mean_trip_length").loc[("car", "")]
    assert np.isnan(found["value"])
    assert found["data_status"] == "absent"
    assert decode(found["reason"]).key == "emissions.not_declared"
    assert np.isnan(rows(TRAVEL, "trips_per_resident").loc[("average_day", ""), "value"])


def test_occupancy_is_asked_only_where_the_factor_is_per_vehicle() -> None:
    assert rows(TRAVEL, "vehicle_occupancy").index.tolist() == [("car", "")]


def test_weekdays_become_an_average_day_by_the_declared_days() -> None:
    travel = dataclasses.replace(TRAVEL, days_per_year=292.0)
    assert rows(travel, "trips_per_resident").loc[("average_day", ""), "value"] == pytest.approx(4.1 * 0.8)


def test_an_accepted_assumption_fills_the_gap_is_doubtful_and_brings_its_range() -> None:
    travel = dataclasses.replace(TRAVEL, accepted_assumptions=("car_10",))
    found = rows(travel, "mean_trip_length", assumptions=lengths(10, 7, 12))
    assert found.loc["car", "value"].to_dict() == {"": 10, "low": 7, "high": 12}
    assert set(found.loc["car", "data_status"]) == {"doubtful"}
    assert decode(found.loc[("car", ""), "reason"]).values["id"] == "car_10"


def test_an_assumption_that_is_not_accepted_fills_nothing() -> None:
    assert np.isnan(rows(TRAVEL, "mean_trip_length", assumptions=lengths(10)).loc[("car", ""), "value"])


def test_a_declared_number_goes_before_an_assumption() -> None:
    travel = dataclasses.replace(
        with_modes(dataclasses.replace(CAR, mean_length_km=9.0), BUS), accepted_assumptions=("car_10",)
    )
    found = rows(travel, "mean_trip_length", assumptions=lengths(10, 7, 12))
    assert found.loc["car", "value"].to_dict() == {"": 9}
    assert found.loc[("car", ""), "data_status"] == "ok"


def test_all_that_is_wrong_is_said_at_once() -> None:
    travel = dataclasses.replace(
        with_modes(
            TravelMode("car", 76.0, -1.0, 0.0, "petrol", ""),
            TravelMode("hovercraft", 0.1, None, None, "", ""),
            TravelMode("bus", 0.04, None, None, "local_bus_uk_2025", ""),
            TravelMode("bus", 0.04, None, None, "local_bus_uk_2025", ""),
        ),
        trips_per_resident_day=float("nan"),
        days_per_year=400.0,
        accepted_assumptions=("nobody_knows",),
    )
    assert set(problems(travel)) == {
        "emissions.share_range", "emissions.not_positive", "emissions.unknown_factor", "emissions.unknown_mode",
        "emissions.no_factor", "emissions.doubled_mode", "emissions.shares_over", "emissions.days",
        "emissions.unknown_assumption",
    }  # fmt: skip


def test_shares_above_100_percent_are_refused_beyond_rounding() -> None:
    def declared(share: float) -> TravelDeclaration:
        return with_modes(dataclasses.replace(CAR, trip_share=share), dataclasses.replace(BUS, trip_share=0.3))

    assert problems(declared(0.72)) == ["emissions.shares_over"]
    assert len(declared_rows(declared(0.705), study="S"))


def test_a_mode_with_trips_needs_a_factor_but_other_may_go_without() -> None:
    assert problems(with_modes(dataclasses.replace(CAR, factor=""), BUS)) == ["emissions.no_factor"]
    rest = TravelMode("other", 0.2, None, None, "", "survey")
    assert len(declared_rows(with_modes(CAR, BUS, rest), study="S"))


def test_assumptions_that_fill_the_same_number_or_no_mode_are_refused() -> None:
    both = lengths(10) | {"car_20": dataclasses.replace(lengths(20)["car_10"], id="car_20")}
    travel = dataclasses.replace(TRAVEL, accepted_assumptions=("car_10", "car_20"))
    with pytest.raises(StudyError) as clash:
        declared_rows(travel, study="S", assumptions=both)
    assert [m.key for m in clash.value.messages] == ["emissions.assumptions_clash"]
    with pytest.raises(StudyError) as without:
        declared_rows(
            dataclasses.replace(with_modes(BUS), accepted_assumptions=("car_10",)), study="S", assumptions=lengths(10)
        )
    assert [m.key for m in without.value.messages] == ["emissions.assumption_without_mode"]


def test_an_average_day_takes_no_number_of_days() -> None:
    travel = dataclasses.replace(TRAVEL, day_kind="average_day", days_per_year=300.0)
    assert problems(travel) == ["emissions.days"]


def test_the_ledger_names_survey_sources_and_factors_in_both_languages() -> None:
    ledger = Ledger()
    declared_rows(
        dataclasses.replace(TRAVEL, accepted_assumptions=("car_10",)), study="S", ledger=ledger, assumptions=lengths(10)
    )
    for language in LANGUAGES:
        said = "\n".join(render(entry.message, language) for entry in ledger.entries)
        for word in ("4.1", "6–80", "survey 2017", "162.72", "103.85", "DESNZ", "2025", "car_10"):
            assert word in said


def test_a_survey_that_names_no_ages_says_so() -> None:
    ledger = Ledger()
    declared_rows(dataclasses.replace(TRAVEL, ages=""), study="S", ledger=ledger)
    assert "ages not stated" in render(ledger.entries[0].message, "en")


@pytest.mark.parametrize(("country", "status"), [("GB", "ok"), ("gb", "ok"), ("IS", "doubtful"), ("", "doubtful")])
def test_a_factor_of_another_country_is_doubtful_and_names_its_place_and_year(country: str, status: str) -> None:
    found = rows(dataclasses.replace(TRAVEL, country=country), "emission_factor_per_vehicle_km").loc[("car", "")]
    assert found["data_status"] == status
    for language in LANGUAGES if status == "doubtful" else ():
        said = render(decode(found["reason"]), language)
        place = {"en": "United Kingdom", "zh": "英国"}[language]
        assert all(word in said for word in ("petrol_car_average_uk_2025", place, "2025", country))


def test_a_factor_with_electricity_of_another_country_says_so() -> None:
    electric = dataclasses.replace(CAR, factor="electric_car_uk_2025")
    travel = dataclasses.replace(with_modes(electric), country="IS")
    found = rows(travel, "emission_factor_per_vehicle_km").loc[("car", "")]
    assert "electricity of that grid" in render(decode(found["reason"]), "en")


def test_a_factor_of_the_whole_world_holds_everywhere() -> None:
    walk = TravelMode("walk", 0.2, None, None, "walk_operational", "survey")
    for country in ("IS", ""):
        travel = dataclasses.replace(with_modes(walk), country=country)
        assert set(rows(travel, "emission_factor_per_passenger_km")["data_status"]) == {"ok"}


@pytest.mark.parametrize(
    ("share", "key"), [(0.95, "unassigned"), (0.955, "unassigned"), (0.965, "overassigned"), (0.96, None), (None, None)]
)
def test_trips_without_a_mode_are_in_the_ledger(share: float | None, key: str | None) -> None:
    ledger = Ledger()
    declared_rows(with_modes(dataclasses.replace(CAR, trip_share=share), BUS), study="S", ledger=ledger)
    warned = [entry.message for entry in ledger.entries if entry.action == "warned"]
    assert [message.key for message in warned] == ([f"emissions.{key}"] if key else [])
    if share == 0.95:
        assert "sum to 99.0%" in render(warned[0], "en")
        assert "1.0%" in render(warned[0], "zh")


def test_an_accepted_assumption_that_fills_nothing_is_not_called_filled_in() -> None:
    car = dataclasses.replace(CAR, mean_length_km=9.0)
    travel = dataclasses.replace(with_modes(car, BUS), accepted_assumptions=("car_10",))
    ledger = Ledger()
    declared_rows(travel, study="S", ledger=ledger, assumptions=lengths(10))
    assert not [entry for entry in ledger.entries if entry.action == "imputed"]
    (unused,) = [entry.message for entry in ledger.entries if entry.message.key == "emissions.assumption_unused"]
    assert unused.values["id"] == "car_10"


def test_every_mode_has_a_name_in_both_languages() -> None:
    assert all(has(f"mode.{mode}", language) for mode in MODES for language in LANGUAGES)
