"""Classes of a legend: round limits, every value in exactly one class, colours told apart by any eyes."""

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from spatial.report.classes import RAMP, ZERO_COLOUR, classify, colours, nice

LAND = "#f6f4ee"
# Machado, Oliveira and Fernandes 2009, full severity, on linear RGB.
SIGHT = {
    "all colours": np.eye(3),
    "no red": np.array([[0.152, 1.053, -0.205], [0.115, 0.786, 0.099], [-0.004, -0.048, 1.052]]),
    "no green": np.array([[0.367, 0.861, -0.228], [0.280, 0.673, 0.047], [-0.012, 0.043, 0.969]]),
    "no blue": np.array([[1.256, -0.077, -0.179], [-0.078, 0.931, 0.148], [0.005, 0.691, 0.304]]),
}


def linear(colour: str) -> np.ndarray:
    part = np.array([int(colour[i : i + 2], 16) for i in (1, 3, 5)]) / 255
    return np.where(part <= 0.04045, part / 12.92, ((part + 0.055) / 1.055) ** 2.4)


def lab(light: np.ndarray) -> np.ndarray:
    to_xyz = np.array([[0.4125, 0.3576, 0.1804], [0.2127, 0.7152, 0.0722], [0.0193, 0.1192, 0.9503]])
    x, y, z = (np.cbrt(v) if v > 0.008856 else 7.787 * v + 16 / 116 for v in to_xyz @ light / [0.9505, 1, 1.0888])
    return np.array([116 * y - 16, 500 * (x - y), 200 * (y - z)])


@pytest.mark.parametrize("sight", SIGHT)
def test_neighbouring_colours_differ_for_everyone(sight: str) -> None:
    seen = [lab(np.clip(SIGHT[sight] @ linear(c), 0, 1)) for c in (LAND, *RAMP)]
    steps = [float(np.linalg.norm(a - b)) for a, b in itertools.pairwise(seen)]
    assert min(steps) > 12  # 2.3 is just noticeable side by side


def test_colours_darken_steadily_and_leave_the_paper() -> None:
    brightness = [float(linear(c) @ [0.2126, 0.7152, 0.0722]) for c in (LAND, *RAMP)]
    ratios = [(a + 0.05) / (b + 0.05) for a, b in itertools.pairwise(brightness)]
    assert min(ratios) > 1.25
    assert (brightness[0] + 0.05) / (brightness[-1] + 0.05) > 7
    assert ZERO_COLOUR not in RAMP


def limits(classes) -> list[tuple[float, float]]:
    return [(c.low, c.high) for c in classes.classes]


def test_shares_get_fifths_of_a_hundred() -> None:
    found = classify(np.linspace(0, 100, 50), unit="%")
    assert limits(found) == [(0, 20), (20, 40), (40, 60), (60, 80), (80, 100)]
    assert found.index_of(np.array([0, 19.99, 20, 100, np.nan])).tolist() == [0, 0, 1, 4, -1]


def test_small_shares_get_small_round_steps() -> None:
    assert limits(classify(np.linspace(0, 7, 50), unit="%")) == [(0, 2), (2, 4), (4, 6), (6, 8), (8, 10)]
    assert limits(classify(np.linspace(0, 0.9, 50), unit="0–1"))[0] == (0, 0.2)


def test_skewed_numbers_get_round_limits_near_quantiles() -> None:
    values = np.exp(np.linspace(0, 9, 1001))  # 1 … 8103, fifths at 6, 37, 221, 1339
    found = classify(values, unit="persons/km²")
    assert found.thresholds == (5, 50, 200, 1000)
    assert [c.kind for c in found.classes] == ["under", "range", "range", "range", "over"]
    share = np.bincount(found.index_of(values)) / len(values)
    assert share.min() > 0.1


def test_many_zeros_are_a_class_of_their_own() -> None:
    values = np.r_[np.zeros(60), np.linspace(100, 900, 40)]
    found = classify(values, unit="persons/km²")
    assert found.has_zero
    assert found.classes[0].colour == ZERO_COLOUR
    counts = np.bincount(found.index_of(values))
    assert counts[0] == 60
    assert counts.sum() == 100


def test_a_few_zeros_are_not() -> None:
    assert not classify(np.r_[0.0, np.linspace(100, 900, 99)], unit="persons/km²").has_zero


@pytest.mark.parametrize("unit", ["%", "persons/km²", "0–1"])
def test_nothing_one_value_and_few_values(unit: str) -> None:
    assert len(classify(np.full(5, np.nan), unit=unit)) == 0
    assert classify(np.full(5, np.nan), unit=unit).index_of(np.array([np.nan])).tolist() == [-1]
    one = classify(np.array([0.5, 0.5, np.nan]), unit=unit)
    assert [c.kind for c in one.classes] == ["value"]
    assert one.index_of(np.array([0.5, np.nan])).tolist() == [0, -1]
    two = classify(np.array([0.0, 1.0, 1.0]), unit=unit)
    assert [c.low for c in two.classes] == [0, 1]
    assert two.index_of(np.array([0.0, 1.0])).tolist() == [0, 1]


@given(st.lists(st.floats(-1e6, 1e6).map(lambda v: round(v, 3)), min_size=1, max_size=60))
@settings(max_examples=150, deadline=None)
def test_every_value_lies_in_its_class(values: list[float]) -> None:
    known = np.array(values)
    found = classify(known, unit="km/km²")
    place = found.index_of(known)
    assert place.min() >= 0
    assert place.max() < len(found)
    for value, i in zip(known, place, strict=True):
        one = found.classes[i]
        assert one.low <= value <= one.high
        assert value < one.high or one.kind in ("over", "value", "zero") or i == len(found) - 1
    assert list(found.thresholds) == sorted(set(found.thresholds))
    assert len({c.colour for c in found.classes}) == len(found)


def test_order_of_zones_does_not_matter() -> None:
    values = np.random.default_rng(1).lognormal(5, 2, 300)
    assert classify(values, unit="ha") == classify(values[::-1], unit="ha")


def test_only_noise_is_rounded_away_before_a_value_finds_its_class() -> None:
    found = classify(np.linspace(0, 100, 50), unit="%")
    assert found.index_of(np.array([20 - 1e-12, 19.9999, 20 + 1e-12])).tolist() == [1, 0, 1]
    noisy = classify(np.array([100 / 3, 100 / 3 + 1e-12, 50.0]), unit="%")
    assert [c.kind for c in noisy.classes] == ["value", "value"]


def test_values_that_read_alike_are_no_classes_of_their_own() -> None:
    assert {c.kind for c in classify(np.array([50.0, 50.01, 50.01]), unit="%").classes} == {"under", "over"}
    assert [c.kind for c in classify(np.array([50.0, 50.1]), unit="%").classes] == ["value", "value"]


def test_nice_numbers() -> None:
    assert [nice(v) for v in (0, 0.0123, 3.4, 87, 1740, -260)] == [0, 0.01, 3, 80, 1500, -250]
    assert colours(1) == (RAMP[2],)
    assert colours(5) == RAMP
