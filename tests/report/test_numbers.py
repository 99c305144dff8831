"""Numbers and units in both languages."""

from __future__ import annotations

import math
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spatial.indicators.catalogue import UNITS
from spatial.report.numbers import converted, say_at, say_limit, say_number, say_value, split_at, unit_label
from spatial.text import LANGUAGES


@pytest.mark.parametrize(
    ("value", "unit", "english", "chinese"),
    [
        (5230.4, "persons/km²", "5,230 people per km²", "52.3人/公顷"),
        (225709, "persons", "225,709 people", "22.57万人"),
        (9999, "persons", "9,999 people", "9,999人"),
        (10_000, "persons", "10,000 people", "1.00万人"),
        (62.04, "%", "62.0%", "62.0%"),
        (12.34, "km/km²", "12.3 km per km²", "12.3公里/平方公里"),
        (45.6, "1/km²", "45.6 per km²", "45.6个/平方公里"),
        (1, "ha", "1 ha", "1公顷"),
        (0.853, "0–1", "0.85", "0.85"),
        (15, "min", "15 min", "15分钟"),
        (1061.25, "km²", "1,061 km²", "1,061平方公里"),
        (800, "m", "800 m", "800米"),
    ],
)
def test_worked_out_by_hand(value: float, unit: str, english: str, chinese: str) -> None:
    assert say_value(value, unit, "en") == english
    assert say_value(value, unit, "zh") == chinese


@pytest.mark.parametrize("unit", UNITS)
@pytest.mark.parametrize("language", LANGUAGES)
def test_every_unit_can_be_said(unit: str, language: str) -> None:
    assert say_value(math.nan, unit, language) == {"en": "not computable here", "zh": "无法计算"}[language]
    assert say_value(3.2, unit, language).startswith("3") or unit == "persons/km²"
    number, label = converted(3.2, unit, language)
    assert label == unit_label(unit, language)
    assert number == pytest.approx(0.032 if (unit, language) == ("persons/km²", "zh") else 3.2)


def test_conversions() -> None:
    assert converted(5230, "persons/km²", "zh") == (pytest.approx(52.3), "人/公顷")
    assert converted(5230, "persons/km²", "en") == (5230, "people per km²")
    assert converted(225709, "persons", "zh") == (pytest.approx(22.5709), "万人")
    assert converted(-225709, "persons", "zh") == (pytest.approx(-22.5709), "万人")


def test_a_little_is_not_nothing_and_nearly_all_is_not_all() -> None:
    assert say_value(0.04, "%", "en") == "<0.1%"
    assert say_value(0, "%", "en") == "0.0%"
    assert say_value(99.96, "%", "en") == ">99.9%"
    assert say_value(100, "%", "en") == "100.0%"
    assert say_number(-0.001) == ">−0.01"
    assert say_number(-12.34) == "−12.3"
    assert say_number(0.0) == "0"


def test_settings_in_words() -> None:
    assert say_at("10 min", "en") == "10 min"
    assert say_at("10 min", "zh") == "10分钟"
    assert say_at("10 min", "en", long=True) == "10 minutes"
    assert say_at("2020", "zh") == "2020"
    assert say_at("", "en") == ""
    assert split_at("0.5 km") == (0.5, "km")


def test_limits_of_a_legend_stay_in_one_unit() -> None:
    assert say_limit(20.0, "%", "en") == "20%"
    assert say_limit(2400, "persons/km²", "en") == "2,400"
    assert say_limit(2400, "persons/km²", "zh") == "24"
    assert say_limit(2400, "persons/km²", "zh", stored=True) == "2,400"
    assert say_limit(12_000, "persons", "zh") == "12,000"


@given(st.floats(-1e9, 1e9), st.sampled_from(UNITS))
def test_what_is_said_reads_back_as_the_value(value: float, unit: str) -> None:
    said = say_number(value, unit)
    assert re.fullmatch(r"[<>]?−?[\d,]+(\.\d+)?", said)
    if said[0] not in "<>":
        read = float(said.replace(",", "").replace("−", "-"))
        decimals = len(said.partition(".")[2])
        assert abs(read - value) <= 0.5 * 10.0**-decimals * (1 + 1e-9) + 1e-12 * abs(value)
