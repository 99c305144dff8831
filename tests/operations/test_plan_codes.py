"""Codes and names of a plan become uses; whatever was decided is in the ledger."""

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from spatial.errors import InputError
from spatial.model.provenance import Ledger
from spatial.operations.plan_codes import classified
from spatial.schemes import scheme, urban_classes
from spatial.schemes.codes import MixedRule
from spatial.text import render

GB, NEW = scheme("gb50137_2011"), scheme("land_sea_2023")


def plan(
    codes: list[object], names: list[object] | None = None, rule: MixedRule = "equal"
) -> tuple[pd.DataFrame, Ledger]:
    index = pd.RangeIndex(10, 10 + len(codes))
    ledger = Ledger()
    uses = classified(
        pd.Series(codes, index=index, dtype=object),
        None if names is None else pd.Series(names, index=index, dtype=object),
        (GB, NEW),
        mixed_rule=rule,
        labels=pd.Series([f"row {n}" for n in range(1, len(codes) + 1)], index=index, dtype=object),
        ledger=ledger,
        layer="land_use",
        file_name="plan.shp",
    )
    return uses, ledger


def rows(uses: pd.DataFrame) -> list[tuple[int, str, float, str]]:
    return [(row.feature, row.use, row.share, row.tag) for row in uses.itertuples()]


def said(ledger: Ledger, language: str = "en") -> dict[str, str]:
    return {entry.message.key: render(entry.message, language) for entry in ledger.entries}


def counts(ledger: Ledger) -> dict[str, tuple[str, int | None]]:
    return {entry.message.key: (entry.action, entry.count) for entry in ledger.entries}


def test_a_plan_in_two_systems() -> None:
    uses, ledger = plan(["R2", "A33", "R2/B1 7:3", "0701", "1401", "G1"])
    assert rows(uses) == [
        (10, "housing", 1.0, "R2"),
        (11, "education", 1.0, "A33"),
        (12, "housing", 0.7, "R2"),
        (12, "retail_and_services", 0.3, "B1"),
        (13, "housing", 1.0, "0701"),
        (14, "green_and_open_space", 1.0, "1401"),
        (15, "green_and_open_space", 1.0, "G1"),
    ]
    assert counts(ledger) == {"plan.read": ("read", 6)}
    assert said(ledger)["plan.read"] == (
        "plan.shp: 6 features with plan codes: 4 by GB 50137-2011 urban land use, "
        "2 by the national land and sea use classification (2023)."
    )


def test_the_name_decides_between_main_classes() -> None:
    """The working classes of the national survey have commerce under 05, the national classification wetland."""
    codes = ["05", "05", "05", "R2", "M1"]
    names = ["商业服务业用地", "湿地", "滨江湿地公园", "二类居住用地", "公园绿地"]
    uses, ledger = plan(codes, names)  # type: ignore[arg-type]
    assert list(uses["use"]) == ["retail_and_services", "wetland", "wetland", "housing", "green_and_open_space"]
    assert list(uses["tag"]) == ["09", "05", "05", "R2", "G1"]
    assert counts(ledger)["plan.clash"] == ("warned", 2)
    english = said(ledger)["plan.clash"]
    assert "row 1 (code 05, name 商业服务业用地, taken 09: Retail and services)" in english
    assert "row 5 (code M1, name 公园绿地, taken G1: Green and open space)" in english
    assert "row 1（代码 05，名称“商业服务业用地”，采用 09：商业服务）" in said(ledger, "zh")["plan.clash"]


def test_every_feature_of_a_clash_is_named() -> None:
    _, ledger = plan(["05"] * 30 + ["R2"], ["商业服务业"] * 30 + [None])
    assert all(f"row {n} " in said(ledger)["plan.clash"] for n in range(1, 31))


def test_within_a_main_class_the_finer_decides() -> None:
    codes = ["B2", "A", "R2", "A33", "B1", "R2B1"]
    names = ["商业用地", "中小学用地", "居住用地", "公共管理与公共服务用地", "零售商业用地", "二类居住用地"]
    uses, ledger = plan(codes, names)  # type: ignore[arg-type]
    assert list(uses["use"]) == [
        "work", "education", "housing", "education", "retail_and_services", "housing", "retail_and_services",
    ]  # fmt: skip
    assert counts(ledger)["plan.unlike"] == ("warned", 2)
    assert "row 1 (code B2, name 商业用地, taken B2: Offices and other work)" in said(ledger)["plan.unlike"]
    assert "row 2 (code A, name 中小学用地, taken A33: Education)" in said(ledger)["plan.unlike"]
    assert "plan.clash" not in counts(ledger)


def test_names_of_the_other_system_are_compared_by_use() -> None:
    uses, ledger = plan(["0701", "05", "R2"], ["二类居住用地", "商业服务业设施用地", "城镇住宅用地"])
    assert list(uses["use"]) == ["housing", "retail_and_services", "housing"]
    assert counts(ledger)["plan.clash"] == ("warned", 1)


def test_a_name_beside_the_code_counts_as_a_name() -> None:
    uses, ledger = plan(["商业服务业用地(05)", "二类居住用地(R2)"])
    assert list(uses["use"]) == ["retail_and_services", "housing"]
    assert counts(ledger)["plan.clash"] == ("warned", 1)


def test_names_help_where_no_code_is_understood() -> None:
    uses, ledger = plan(["R2", None, "X9", "二类居住用地", ""], ["a", "工业用地", "公园绿地", None, "翠湖花园"])
    assert list(uses["use"]) == [
        "housing", "industry_and_logistics", "green_and_open_space", "housing", "unclassified",
    ]  # fmt: skip
    assert counts(ledger)["plan.by_name"] == ("imputed", 3)
    assert counts(ledger)["plan.empty"] == ("warned", 1)
    assert "row 3 (code X9, name 公园绿地, taken G1: Green and open space)" in said(ledger)["plan.by_name"]


def test_what_is_not_understood_is_unclassified_and_named() -> None:
    uses, ledger = plan(["R2", "X9", "07010901", "", float("nan"), "R2/B1 1:2:3", "X9"])
    assert list(uses["use"]) == ["housing", *["unclassified"] * 6]
    assert list(uses["tag"]) == ["R2", "X9", "07010901", "", "", "R2/B1 1:2:3", "X9"]
    assert counts(ledger)["plan.not_understood"] == ("warned", 4)
    assert counts(ledger)["plan.empty"] == ("warned", 2)
    assert "row 2: X9, row 7: X9, row 3: 07010901, row 6: R2/B1 1:2:3" in said(ledger)["plan.not_understood"]


@pytest.mark.parametrize(
    ("rule", "uses"),
    [("equal", [("housing", 0.5), ("retail_and_services", 0.5)]), ("first", [("housing", 1.0)])],
)
def test_mixed_codes_follow_the_stated_rule(rule: MixedRule, uses: list[tuple[str, float]]) -> None:
    found, ledger = plan(["R2B1", "R2/B1 7:3"], rule=rule)
    assert [row[1:3] for row in rows(found) if row[0] == 10] == uses
    assert [row[2] for row in rows(found) if row[0] == 11] == [0.7, 0.3]
    assert counts(ledger)[f"plan.mixed_{rule}"] == ("estimated", 1)


def test_the_rule_first_still_compares_the_name_with_every_code() -> None:
    uses, ledger = plan(["R2B1"], ["商业用地"], rule="first")
    assert list(uses["use"]) == ["housing"]
    assert "plan.clash" not in counts(ledger)


def test_lost_zeros_and_unlisted_codes_are_said() -> None:
    uses, ledger = plan([701, 1401, "R5", "A331", "R5"])
    assert list(uses["tag"]) == ["0701", "1401", "R5", "A331", "R5"]
    assert counts(ledger)["plan.zero_restored"] == ("imputed", 1)
    assert counts(ledger)["plan.generalised"] == ("chosen", 3)
    assert "R5 → R, A331 → A33" in said(ledger)["plan.generalised"]


def test_a_plan_without_one_code_is_an_error() -> None:
    with pytest.raises(InputError) as caught:
        plan(["Z1", "Z2", "", "Z1"], ["甲", "乙", "丙", "丁"])
    english = caught.value.in_language("en")
    assert "plan.shp: not one code is understood. Found: Z1, Z2." in english
    assert "GB 50137-2011 urban land use" in english
    assert "没有一个用地代码可以识别" in caught.value.in_language("zh")


def test_land_cover_is_no_land_use() -> None:
    codes = pd.Series(["8"])
    with pytest.raises(InputError, match=r"plan\.shp: the annual China .* knows one urban class"):
        classified(
            codes, None, (scheme("clcd"),), mixed_rule="equal", labels=codes, ledger=Ledger(), layer="land_use",
            file_name="plan.shp",
        )  # fmt: skip


def test_no_features_no_uses() -> None:
    uses, ledger = plan([])
    assert uses.empty
    assert list(uses.columns) == ["feature", "use", "share", "tag"]
    assert counts(ledger) == {"plan.read": ("read", 0)}


def test_features_of_one_label_stay_apart() -> None:
    """The index may hold a label twice; every row of the plan keeps its own uses."""
    codes = pd.Series(["R2", "M1"], index=[7, 7])
    uses = classified(
        codes, None, (GB,), mixed_rule="equal", labels=codes, ledger=Ledger(), layer="land_use", file_name="p"
    )
    assert list(uses["use"]) == ["housing", "industry_and_logistics"]


WRITTEN = st.sampled_from(
    ["R2", "r2", "R2B1", "R2/B1 7:3", "0701", "05", "X9", "", "07010901", "A33", "M1(20%)W1(80%)"]
)
CALLED = st.sampled_from(["", "商业服务业用地", "二类居住用地", "翠湖花园", "公园绿地"])


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(WRITTEN, CALLED), min_size=1, max_size=30), st.randoms(use_true_random=False))
def test_shares_sum_to_one_in_any_order(pairs: list[tuple[str, str]], random: object) -> None:
    pairs = [("R2", ""), *pairs]
    uses, _ = plan([code for code, _ in pairs], [name for _, name in pairs])
    assert uses.groupby("feature")["share"].sum().tolist() == pytest.approx([1.0] * len(pairs))
    assert set(uses["use"]) <= set(urban_classes())
    order = list(range(len(pairs)))
    random.shuffle(order)  # type: ignore[attr-defined]
    turned, _ = plan([pairs[n][0] for n in order], [pairs[n][1] for n in order])
    back = turned.assign(feature=turned["feature"].map(lambda f: order[f - 10] + 10))
    assert back.sort_values("feature", kind="stable").reset_index(drop=True).equals(uses)
