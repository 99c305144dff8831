"""The result table: keys unique together, wide and compared views."""

import pandas as pd
import pytest

from spatial.errors import InputError
from spatial.model.results import COLUMNS, ResultTable


def row(**given: object) -> dict[str, object]:
    blank: dict[str, object] = dict.fromkeys(COLUMNS, "")
    return {**blank, "scenario": "baseline", "subject_kind": "zone", "value": 1.0, "n": 1, "n_missing": 0, **given}


def test_doubled_keys_are_refused() -> None:
    with pytest.raises(InputError, match="1 result row has the same key"):
        ResultTable(pd.DataFrame([row(subject="a", indicator="x"), row(subject="a", indicator="x")]))


def test_wide_has_one_row_a_subject_and_one_column_a_number() -> None:
    table = ResultTable(
        pd.DataFrame(
            [
                row(subject="a", indicator="x", value=1.0),
                row(subject="a", indicator="y", item="park", at="10 min", value=2.0),
                row(subject="b", indicator="x", value=3.0),
                row(subject="all", subject_kind="all", indicator="x", value=9.0),
            ]
        )
    )
    wide = table.wide()
    assert wide.columns.tolist() == ["x", "y:park@10 min"]
    assert wide.loc["a"].tolist() == [1.0, 2.0]
    assert pd.isna(wide.loc["b", "y:park@10 min"])
    assert table.value("x") == 9.0
    with pytest.raises(LookupError):
        table.value("z")


def test_compare_shows_each_scenario_and_its_difference() -> None:
    table = ResultTable(
        pd.DataFrame(
            [row(subject="a", indicator="x", value=2.0), row(subject="a", indicator="x", scenario="plan", value=5.0)]
        )
    )
    compared = table.compare()
    assert compared["plan − baseline"].tolist() == [3.0]
