"""Entropy against the worked values and an independent program."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from spatial.operations.diversity import relative_entropy

WORKED = np.array([[0.5, 0.3, 0.2, 0.0, 0.0]])


def test_worked_value_with_five_fixed_classes() -> None:
    assert relative_entropy(WORKED)[0] == pytest.approx(0.63976, abs=5e-6)


def test_worked_value_over_the_three_classes_present() -> None:
    assert relative_entropy(WORKED[:, :3])[0] == pytest.approx(0.93723, abs=5e-6)


def test_k_counts_classes_without_a_column() -> None:
    assert relative_entropy(WORKED[:, :3], k=5)[0] == pytest.approx(0.63976, abs=5e-6)


def test_one_class_is_0_all_alike_is_1_and_nothing_is_not_a_number() -> None:
    values = relative_entropy(np.array([[7.0, 0, 0], [2, 2, 2], [0, 0, 0]]))
    assert values[:2] == pytest.approx([0, 1], abs=1e-12)
    assert str(values[0]) == "0.0"
    assert np.isnan(values[2])


def test_k_below_the_columns_is_refused() -> None:
    with pytest.raises(ValueError, match="at least"):
        relative_entropy(WORKED, k=4)


@settings(max_examples=50, deadline=None)
@given(st.lists(st.integers(0, 10**6), min_size=2, max_size=9), st.floats(0.1, 1000))
def test_agrees_with_scipy_and_ignores_scale_and_order(amounts: list[int], scale: float) -> None:
    row = np.array([amounts], dtype=float)
    value = relative_entropy(row)[0]
    if not row.sum():
        assert np.isnan(value)
        return
    assert value == pytest.approx(stats.entropy(row[0]) / np.log(len(amounts)), abs=1e-9)
    assert relative_entropy(row * scale)[0] == pytest.approx(value, abs=1e-9)
    assert relative_entropy(row[:, ::-1])[0] == pytest.approx(value, abs=1e-12)
