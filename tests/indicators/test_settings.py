"""Settings of indicators: what may be given, what is used, and that every output says it."""

from __future__ import annotations

import copy
import math
import pickle
from dataclasses import replace
from typing import Any

import pytest

from spatial.errors import InputError
from spatial.indicators import catalogue, compute
from spatial.indicators.settings import setting_problems, settings_used
from spatial.model.district import District
from spatial.parameters import Default, parameter, rows_behind
from spatial.report.wording import DEFAULTS, indicator_definition, parameter_lines
from spatial.text import LANGUAGES, render
from tests.toy_city import toy_district

SETTINGS = [(id, name) for id, entry in catalogue().items() for name in entry.parameters]
WALK, BLOCK, NEEDS = "residents_near_frequent_stop", "median_block_area", "residents_near_daily_needs"


@pytest.fixture(scope="module")
def district() -> District:
    return toy_district(4)


def another(default: Any) -> Any:
    """A value that may be given and is not the default."""
    row = rows_behind(default)[0]
    if isinstance(default, tuple):
        return (row.low, row.high)
    return default * 1.1 if default * 1.1 <= row.high else default * 0.9


@pytest.mark.parametrize(("id", "name"), SETTINGS)
class TestEverySetting:
    def test_its_default_knows_its_rows_and_lies_within_their_limits(self, id: str, name: str) -> None:
        default = catalogue()[id].parameters[name]
        parts = default if isinstance(default, tuple) else (default,)
        assert all(isinstance(part, Default) for part in parts)
        for part, row in zip(parts, rows_behind(default), strict=True):
            assert part == row.value
            assert row.low <= part <= row.high
            assert math.isfinite(row.low)
            assert math.isfinite(row.high)

    def test_another_value_changes_the_definition_and_stands_in_the_dictionary(self, id: str, name: str) -> None:
        entry = catalogue()[id]
        settings = {id: {name: another(entry.parameters[name])}}
        assert not list(setting_problems(entry.parameters, settings[id]))
        for language in LANGUAGES:
            assert indicator_definition(id, language, settings) != indicator_definition(id, language)
            (line,) = parameter_lines(entry, language, settings, changed=True)
            assert line.startswith(f"{name} = ")
            assert line in parameter_lines(entry, language, settings)
            assert parameter_lines(entry, language, DEFAULTS, changed=True) == ()

    def test_what_is_no_number_or_out_of_range_is_refused(self, id: str, name: str) -> None:
        defaults = catalogue()[id].parameters
        for bad in ("10", "minutes = 10", True, None, math.nan, math.inf, -500, 1e9, {"a": 1}, [[1]]):
            assert [found for found, _ in setting_problems(defaults, {name: bad})] == [name], bad


def test_a_default_keeps_its_row_on_every_way() -> None:
    value = parameter("stop_walk_m")
    assert (value, value.row) == (500, "stop_walk_m")
    assert pickle.loads(pickle.dumps(value)).row == copy.deepcopy(value).row == "stop_walk_m"
    assert rows_behind(float(value)) == ()


def test_a_list_and_a_lone_number_stand_for_a_tuple() -> None:
    defaults = catalogue()[NEEDS].parameters
    for given, used in (([10], (10.0,)), (10, (10.0,)), ([5, 20], (5.0, 20.0)), ((7,), (7.0,))):
        assert not list(setting_problems(defaults, {"minutes": given}))
        assert settings_used(defaults, {"minutes": given})["minutes"] == used
    assert settings_used(defaults, {})["minutes"] == (5.0, 10.0, 15.0)


@pytest.mark.parametrize(
    ("id", "given", "said"),
    [
        (WALK, {"distance_m": -500}, "distance_m: -500 cannot be used. It must be between 50 and 5000."),
        (WALK, {"distance_m": [400]}, "expected: one number alone"),
        (WALK, {"start_h": 20}, "start_h: The window runs from 20 to 19 h. It must start before it ends."),
        (WALK, {"start_h": 9, "end_h": 9}, "The window runs from 9 to 9 h."),
        ("intersection_density", {"min_streets": 0}, "0 cannot be used"),
        ("weighted_population_density", {"cell_m": 0}, "0 cannot be used"),
        (NEEDS, {"minutes": []}, "The list is empty"),
        (NEEDS, {"minutes": [10, 10.0]}, "only once"),
        (NEEDS, {"minutes": ["10", 5]}, 'Found "10"; expected: a number'),
        (NEEDS, {"minutes": [5, 500]}, "500 cannot be used. It must be between 1 and 60."),
    ],
)
def test_a_setting_that_cannot_be_is_an_error(district: District, id: str, given: dict[str, Any], said: str) -> None:
    with pytest.raises(InputError) as caught:
        compute(district, [id], {id: given})
    (message,) = caught.value.messages
    assert said in render(message, "en")
    assert render(message, "en").startswith(f"{id}, ")


def test_all_problems_come_at_once(district: District) -> None:
    given = {BLOCK: {"min_block_m2": -1, "min_block_width_m": math.nan, "size": 3}, "nothing": {"x": 1}}
    with pytest.raises(InputError) as caught:
        compute(district, [BLOCK], given)
    assert len(caught.value.messages) == 4


def test_the_table_knows_what_was_used(district: District) -> None:
    results = compute(district, [BLOCK, NEEDS, "street_density"], {NEEDS: {"minutes": [20]}})
    assert results.settings == {
        BLOCK: {"min_block_m2": 500.0, "min_block_width_m": 15.0},
        NEEDS: {"minutes": (20.0,), "speed_m_per_min": 80.0, "max_snap_m": 200.0},
    }
    assert set(results.table.loc[results.table["indicator"] == NEEDS, "at"]) == {"20 min"}
    assert "20 minutes" in indicator_definition(NEEDS, "en", results.settings)
    assert "5, 10, 15 minutes" in indicator_definition(NEEDS, "en")


def test_joined_tables_keep_both_settings_and_refuse_different_ones(district: District) -> None:
    blocks = compute(district, [BLOCK])
    needs = compute(district, [NEEDS])
    assert set(blocks.join(needs).settings) == {BLOCK, NEEDS}
    other = compute(district, [BLOCK], {BLOCK: {"min_block_m2": 900}}, scenario="plan")
    with pytest.raises(InputError, match="different settings"):
        blocks.join(other)
    same = replace(other, settings=blocks.settings)
    assert len(blocks.join(same)) == 2 * len(blocks)
