"""ASIF worked out by hand, its parts, its interval, and everything it cannot be computed without."""

import dataclasses

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from spatial.emissions.factors import Assumption, Factor
from spatial.emissions.inventory import CO2, passenger_co2
from spatial.emissions.travel_demand import TravelDeclaration, TravelMode, declared_rows
from spatial.errors import InputError
from spatial.model.results import ResultTable
from spatial.text import LANGUAGES, Message, decode, render

CAR = TravelMode("car", 0.5, 10.0, 1.55, "petrol_car_average_uk_2025", "survey")
BUS = TravelMode("bus", 0.3, 8.0, None, "local_bus_uk_2025", "survey")
WALK = TravelMode("walk", 0.2, None, None, "walk_operational", "survey")
TRAVEL = TravelDeclaration(3.0, "Toy", "2024", "all", "average_day", None, "survey", (CAR, BUS, WALK), country="GB")
FACTORS = {
    "car": Factor("car", 200.0, 150.0, 250.0, "g CO₂e/vkm", "TTW", "x", "x", "GB", "2024", "verified", ""),
    "bus": Factor("bus", 100.0, None, None, "g CO₂e/pkm", "TTW", "x", "x", "GB", "2024", "verified", ""),
}


def assumption(
    quantity: str, mode: str, value: float, low: float | None = None, high: float | None = None
) -> Assumption:
    return Assumption(f"{mode}_x", quantity, mode, value, low, high, "", "a guess", "nowhere", "2026", "assumption")


def co2(travel: TravelDeclaration, **tables: object) -> ResultTable:
    return passenger_co2(declared_rows(travel, study="S", **tables))  # type: ignore[arg-type]


def needed(travel: TravelDeclaration) -> dict[str, str]:
    """What is missing, by key, each as its sentence in English."""
    found = co2(travel)
    assert found.table.empty
    (missing,) = found.missing
    assert missing.indicator == CO2
    for language in LANGUAGES:
        assert render(missing.reason, language)
    things = missing.reason.values["needed"]
    assert isinstance(things, tuple)
    return {thing.key.partition(".")[2]: render(thing, "en") for thing in things if isinstance(thing, Message)}


def by_bound(result: ResultTable, item: str = "") -> dict[str, float]:
    rows = result.table[result.table["item"] == item]
    return dict(zip(rows["bound"], rows["value"], strict=True))


def test_worked_example() -> None:
    """Car 3×365×0.5×10/1.55×162.72 g, bus 3×365×0.3×8×103.85 g, walking nothing."""
    result = co2(TRAVEL)
    assert result.value(CO2, item="car") == pytest.approx(5475 * 162.72 / 1.55 / 1000)
    assert result.value(CO2, item="car") == pytest.approx(574.77, abs=0.005)
    assert result.value(CO2, item="bus") == pytest.approx(2628 * 0.10385)
    assert result.value(CO2, item="walk") == 0
    assert result.value(CO2) == pytest.approx(847.68, abs=0.01)
    assert set(result.table["data_status"]) == {"ok"}
    assert set(result.table["unit"]) == {"kg CO₂e/year"}
    assert not result.missing


def test_a_passenger_km_by_car_of_the_british_average() -> None:
    """162.72 g per vehicle-km and 1.55 people: 104.98 g per passenger-km."""
    one_km_a_day = TravelDeclaration(
        1.0,
        "Toy",
        "2024",
        "all",
        "average_day",
        None,
        "x",
        (dataclasses.replace(CAR, trip_share=1.0, mean_length_km=1.0),),
    )
    assert co2(one_km_a_day).value(CO2) / 365 * 1000 == pytest.approx(104.98, abs=0.005)


def test_a_share_of_trips_is_not_a_share_of_kilometres() -> None:
    """The same sum through person-km: all km × share of km × grams, as the identity is written."""
    km = {"car": 0.5 * 10, "bus": 0.3 * 8}
    all_km = 3 * 365 * sum(km.values())
    share = {mode: part / sum(km.values()) for mode, part in km.items()}
    grams = all_km * (share["car"] * 162.72 / 1.55 + share["bus"] * 103.85)
    assert co2(TRAVEL).value(CO2) == pytest.approx(grams / 1000)
    assert share["car"] != pytest.approx(0.5 / 0.8, abs=0.01)


def test_weekdays_count_as_many_days_as_are_declared() -> None:
    weekday = dataclasses.replace(TRAVEL, day_kind="weekday", days_per_year=300.0)
    assert co2(weekday).value(CO2) == pytest.approx(co2(TRAVEL).value(CO2) * 300 / 365)


def test_weekdays_are_never_put_on_a_year_by_themselves() -> None:
    assert list(needed(dataclasses.replace(TRAVEL, day_kind="weekday"))) == ["need_days"]


def test_reykjavik_is_not_computable_and_every_missing_thing_is_named() -> None:
    """4.1 trips a weekday, car 76, bus 4, cycle 6 %: no lengths, no occupancy, the rest not stated."""
    modes = (
        TravelMode("car", 0.76, None, None, "petrol_car_average_uk_2025", "survey"),
        TravelMode("bus", 0.04, None, None, "local_bus_uk_2025", "survey"),
        TravelMode("cycle", 0.06, None, None, "cycle_operational", "survey"),
    )
    travel = TravelDeclaration(4.1, "capital region", "2017", "6–80", "weekday", None, "survey", modes)
    said = needed(travel)
    assert list(said) == ["need_days", "need_rest", "need_lengths", "need_occupancy"]
    assert said["need_lengths"] == "mean trip length by mode (car, bus)"
    assert said["need_occupancy"] == "people per vehicle (car)"
    assert "14%" in said["need_rest"]


def test_a_mode_without_share_and_the_unknown_rest_are_named() -> None:
    open_share = dataclasses.replace(WALK, trip_share=None)
    assert needed(dataclasses.replace(TRAVEL, modes=(CAR, BUS, open_share))) == {
        "need_shares": "share of trips by mode (on foot)"
    }
    rest = TravelMode("other", 0.2, 5.0, None, "", "survey")
    assert list(needed(dataclasses.replace(TRAVEL, modes=(CAR, BUS, rest)))) == ["need_factors"]


def test_a_study_without_travel_says_so() -> None:
    empty = ResultTable(declared_rows(TRAVEL, study="S").table.iloc[:0])
    (missing,) = passenger_co2(empty).missing
    assert missing.reason.key == "emissions.no_travel"


def test_an_accepted_assumption_makes_every_result_illustrative() -> None:
    travel = dataclasses.replace(
        TRAVEL, modes=(dataclasses.replace(CAR, mean_length_km=None), BUS, WALK), accepted_assumptions=("car_x",)
    )
    result = co2(travel, assumptions={"car_x": assumption("mean_trip_length", "car", 10.0)})
    assert result.value(CO2) == pytest.approx(co2(TRAVEL).value(CO2))
    assert set(result.table["data_status"]) == {"doubtful"}
    for line in result.table["reason"]:
        assert decode(line) == Message("emissions.illustrative", {"rows": ("car_x",)})
    assert render(decode(result.table["reason"].iloc[0]), "en").startswith("Illustrative")


def test_an_accepted_assumption_that_is_not_needed_changes_nothing() -> None:
    travel = dataclasses.replace(TRAVEL, accepted_assumptions=("car_x",))
    result = co2(travel, assumptions={"car_x": assumption("mean_trip_length", "car", 10.0)})
    assert set(result.table["data_status"]) == {"ok"}


@pytest.mark.parametrize(("country", "key"), [("IS", "factors_elsewhere"), ("", "country_unknown")])
def test_factors_of_another_place_make_the_sum_doubtful_and_are_all_named(country: str, key: str) -> None:
    result = co2(dataclasses.replace(TRAVEL, country=country))
    assert set(result.table["data_status"]) == {"doubtful"}
    (line,) = set(result.table["reason"])
    assert decode(line).key == f"emissions.{key}"
    said = render(decode(line), "en")
    for factor in ("petrol_car_average_uk_2025", "local_bus_uk_2025"):
        assert f"{factor} (United Kingdom, 2025)" in said
    assert "walk" not in said


def test_a_factor_of_another_place_does_not_count_where_its_mode_has_no_trips() -> None:
    tram = TravelMode("tram", 0.0, None, None, "light_rail_uk_2025", "survey")
    walk = dataclasses.replace(WALK, trip_share=1.0)
    result = co2(dataclasses.replace(TRAVEL, modes=(tram, walk), country="IS"))
    assert result.value(CO2) == 0
    assert set(result.table["data_status"]) == {"ok"}


def test_the_interval_takes_every_input_at_its_end() -> None:
    """1 trip of 10 km a day. Low: 8 km, 2 people, 150 g; high: 12 km, 1 person, 250 g."""
    car = TravelMode("car", 1.0, None, None, "car", "survey")
    travel = TravelDeclaration(1.0, "Toy", "2024", "all", "average_day", None, "x", (car,), ("length", "people"))
    tables = {
        "length": dataclasses.replace(assumption("mean_trip_length", "car", 10, 8, 12), id="length"),
        "people": dataclasses.replace(assumption("vehicle_occupancy", "car", 1.6, 1, 2), id="people"),
    }
    found = by_bound(co2(travel, factors=FACTORS, assumptions=tables))
    assert found == pytest.approx({"": 365 * 10 / 1.6 * 0.2, "low": 365 * 8 / 2 * 0.15, "high": 365 * 12 * 0.25})


def test_without_ranges_there_is_no_interval() -> None:
    assert set(co2(TRAVEL).table["bound"]) == {""}


def test_scenarios_are_kept_apart() -> None:
    fewer = dataclasses.replace(TRAVEL, trips_per_resident_day=1.5)
    both = declared_rows(TRAVEL, study="S").join(declared_rows(fewer, study="S", scenario="plan"))
    table = passenger_co2(both).table
    totals = table[table["item"] == ""].set_index("scenario")["value"]
    assert totals["plan"] == pytest.approx(totals["baseline"] / 2)


def test_rows_in_any_order_give_the_same() -> None:
    rows = declared_rows(TRAVEL, study="S")
    turned = ResultTable(rows.table.iloc[::-1])
    assert passenger_co2(turned).value(CO2) == pytest.approx(passenger_co2(rows).value(CO2), rel=1e-12)


def test_published_shares_above_100_percent_are_refused() -> None:
    rows = declared_rows(TRAVEL, study="S").table.copy()
    rows.loc[rows["indicator"] == "trip_share", "value"] *= 2
    with pytest.raises(InputError, match=r"200\.0%"):
        passenger_co2(ResultTable(rows))


@settings(max_examples=40, deadline=None)
@given(
    st.floats(0.1, 8),
    st.lists(st.tuples(st.integers(1, 99), st.floats(0.2, 80), st.floats(1, 4)), min_size=2, max_size=2),
)
def test_the_total_is_the_sum_of_its_modes_and_lies_in_its_interval(
    trips: float, given_modes: list[tuple[int, float, float]]
) -> None:
    whole = sum(weight for weight, _, _ in given_modes)
    modes = tuple(
        TravelMode(name, weight / whole, length, people, name, "x")
        for name, (weight, length, people) in zip(("car", "bus"), given_modes, strict=True)
    )
    travel = TravelDeclaration(trips, "Toy", "2024", "all", "average_day", None, "x", modes)
    result = co2(travel, factors=FACTORS)
    for bound, total in by_bound(result).items():
        parts = [by_bound(result, mode)[bound] for mode in ("car", "bus")]
        assert total == pytest.approx(sum(parts))
        assert min(parts) >= 0
    assert by_bound(result)["low"] <= by_bound(result)[""] <= by_bound(result)["high"]
