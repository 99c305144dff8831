"""The tables carry their units, sources and status, and no coefficient stands in the code."""

import ast
import re
from pathlib import Path

import pytest

from spatial.emissions.factors import PER_PASSENGER_KM, PER_VEHICLE_KM, load_assumptions, load_factors

ROOM = Path(__file__).parents[2] / "spatial" / "emissions"
UNIT_CONVERSIONS = {0, 1, 100, 1000}


def test_values_of_the_conversion_factors_2025() -> None:
    factors = load_factors()
    assert factors["petrol_car_average_uk_2025"].value == 162.72
    assert factors["electric_car_uk_2025"].value == 40.47
    assert factors["local_bus_uk_2025"].value == 103.85
    assert factors["local_bus_uk_2025"].unit == PER_PASSENGER_KM
    assert factors["petrol_car_average_uk_2025"].unit == PER_VEHICLE_KM


def test_walking_and_cycling_emit_nothing_in_operation() -> None:
    assert {load_factors()[id].value for id in ("walk_operational", "cycle_operational")} == {0}


def test_every_row_says_where_it_comes_from() -> None:
    for row in (*load_factors().values(), *load_assumptions().values()):
        assert row.source, row.id
        assert row.place, row.id
        assert row.year, row.id
        assert row.status in {"verified", "secondary", "convention", "assumption"}, row.id
    assert all(re.fullmatch(r"world|[A-Z]{2}( [A-Z]{2})*", row.country) for row in load_factors().values())
    assert {row.scope for row in load_factors().values()} <= {"TTW", "grid", "TTW+grid"}
    assert {row.unit for row in load_factors().values()} == {PER_PASSENGER_KM, PER_VEHICLE_KM}


def test_ranges_hold_their_value() -> None:
    for row in (*load_factors().values(), *load_assumptions().values()):
        low = row.value if row.low is None else row.low
        high = row.value if row.high is None else row.high
        assert low <= row.value <= high, row.id


def numbers_in(source: str) -> list[float]:
    return [
        node.value
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.Constant) and isinstance(node.value, int | float) and not isinstance(node.value, bool)
    ]


@pytest.mark.parametrize("path", sorted(ROOM.glob("*.py")), ids=lambda path: path.name)
def test_no_coefficient_stands_in_code(path: Path) -> None:
    assert set(numbers_in(path.read_text(encoding="utf-8"))) <= UNIT_CONVERSIONS


def test_the_test_sees_a_coefficient() -> None:
    assert not set(numbers_in("factor = 162.72 / 1.55")) <= UNIT_CONVERSIONS
