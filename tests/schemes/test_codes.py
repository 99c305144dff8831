"""Plan codes as planners write them."""

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from spatial.schemes import Scheme, scheme
from spatial.schemes.codes import parse_codes

GB, NEW = scheme("gb50137_2011"), scheme("land_sea_2023")
BOTH = (GB, NEW)


def parts(text: object, **more: object) -> list[tuple[str, float]]:
    return [(part.code, round(part.share, 4)) for part in parse_codes(text, BOTH, **more).parts]  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("R2", "R2"), ("r2", "R2"), ("Ｒ２", "R2"), (" R2 ", "R2"), ("R 2", "R2"), ("A33", "A33"), ("R", "R"),
        ("r", "R"), ("0701", "0701"), ("070102", "070102"), ("05", "05"), ("07", "07"), ("０７０１", "0701"),
        ("R/", "R"), ("坑塘沟渠(E13)", "E13"), ("二类居住用地（R2）", "R2"), ("R2二类居住用地", "R2"),
        ("R2 二类居住", "R2"), ("0701-城镇住宅用地", "0701"),
    ],
)  # fmt: skip
def test_single_codes(text: str, code: str) -> None:
    read = parse_codes(text, BOTH)
    assert [(part.code, part.share) for part in read.parts] == [(code, 1.0)]
    assert (read.stated, read.mixed, read.problem, read.restored) == (False, False, "", False)


@pytest.mark.parametrize(
    "text",
    [
        "R2B1",
        "r2b1",
        "R2/B1",
        "R2+B1",
        "R2、B1",
        "R2 B1",
        "R2，B1",
        "R2；B1",
        "R2:B1",
        "R2和B1",
        "居住和商业用地(R2、B1)",
    ],
)
def test_mixed_codes_without_shares_are_halved(text: str) -> None:
    read = parse_codes(text, BOTH)
    assert [(part.code, part.share) for part in read.parts] == [("R2", 0.5), ("B1", 0.5)]
    assert (read.stated, read.mixed) == (False, True)


@pytest.mark.parametrize(
    "text",
    [
        "R2/B1 7:3", "R2/B1（7:3）", "R2/B1（7：3）", "R2B1 7:3", "R2:B1=7:3", "R2：B1 = 7：3", "R2(70%)B1(30%)",
        "R2（70％）/B1（30％）", "R2 70% B1 30%", "70%R2+30%B1", "R2(0.7)B1(0.3)", "R2/B1 70:30", "R2/B1 3.5:1.5",
    ],
)  # fmt: skip
def test_stated_shares(text: str) -> None:
    assert parts(text) == [("R2", 0.7), ("B1", 0.3)]
    assert parts(text, rule="first") == [("R2", 0.7), ("B1", 0.3)]
    assert parse_codes(text, BOTH).stated


def test_digit_codes_mix_only_with_a_separator() -> None:
    assert parts("0701/0901") == [("0701", 0.5), ("0901", 0.5)]
    assert parts("0701/0901 6:4") == [("0701", 0.6), ("0901", 0.4)]
    assert parts("0701(60%)0901(40%)") == [("0701", 0.6), ("0901", 0.4)]
    assert parts("0701:0901:1401") == [("0701", 0.3333), ("0901", 0.3333), ("1401", 0.3333)]


def test_more_codes_and_main_classes() -> None:
    assert parts("A33R2B11") == [("A33", 0.3333), ("R2", 0.3333), ("B11", 0.3333)]
    assert parts("RB") == [("R", 0.5), ("B", 0.5)]
    assert parts("R2/B1/R2") == [("R2", 0.6667), ("B1", 0.3333)]
    assert parts("R21(33%)R22(33%)B1(33%)") == [("R21", 0.3333), ("R22", 0.3333), ("B1", 0.3333)]


def test_the_first_code_alone() -> None:
    read = parse_codes("B1/R2", BOTH, rule="first")
    assert [(part.code, part.share) for part in read.parts] == [("B1", 1.0)]
    assert [part.code for part in read.found] == ["B1", "R2"]
    assert (read.mixed, read.stated) == (True, False)


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("", "empty"), (None, "empty"), (float("nan"), "empty"), ("-", "empty"), (" / ", "empty"),
        ("X9", "unknown"), ("Rb", "unknown"), ("R2a", "unknown"), ("r2a", "unknown"), ("R2(兼容B1)", "unknown"),
        ("05H1", "unknown"), ("翠湖花园", "unknown"), ("R2或B1", "unknown"), ("R2/C1", "unknown"), ("99", "unknown"),
        ("07010901", "ambiguous"), ("0709", "ambiguous"), ("070901", "ambiguous"), ("R2 12", "ambiguous"),
        ("R2/B1 7/3", "ambiguous"),
        ("R2/B1 7:2:1", "shares"), ("R2/B1 1:0", "shares"), ("R2(70%)B1", "shares"), ("R2(70%)B1(20%)", "shares"),
        ("R2B1(100%)", "shares"), ("070170%", "shares"), ("R2/B1(60%)", "shares"),
    ],
)  # fmt: skip
def test_what_is_not_understood_has_a_reason_and_no_parts(text: object, problem: str) -> None:
    read = parse_codes(text, BOTH)
    assert (read.problem, read.parts) == (problem, ())


def test_a_lost_leading_zero_is_put_back_and_said() -> None:
    for number in (701, 701.0, "701"):
        read = parse_codes(number, BOTH)
        assert ([part.code for part in read.parts], read.restored) == (["0701"], True)
    assert parts(7) == [("07", 1.0)]
    assert parse_codes("701/901", BOTH).problem == "unknown"


def test_a_listed_code_goes_before_a_prefix_whatever_the_order() -> None:
    own = Scheme.from_rows(
        pd.DataFrame({"code": ["Rb", "R9"], "name": ["a", "b"], "class": ["work", "health"]}), id="own", name="own.csv"
    )
    assert [part.scheme for part in parse_codes("R9", (GB, own)).parts] == ["own"]
    assert [(part.code, part.scheme) for part in parse_codes("Rb/B1", (GB, own)).parts] == [
        ("Rb", "own"),
        ("B1", "gb50137_2011"),
    ]


def test_tags_and_paths_are_codes_too() -> None:
    assert parse_codes("shop=bakery", (scheme("osm"),)).parts[0].row.use == "retail_and_services"
    assert parse_codes("教育培训;其他", (scheme("baidu"),)).parts[0].row.code == "教育培训"


CODES = st.lists(st.sampled_from([row.code for row in GB.rows]), min_size=1, max_size=5)


@given(CODES, st.sampled_from(["", "/", "、", " + "]), st.data())
def test_shares_sum_to_one_and_follow_what_is_stated(codes: list[str], between: str, data: st.DataObject) -> None:
    text = between.join(codes)
    weights = data.draw(st.lists(st.integers(1, 99), min_size=len(codes), max_size=len(codes)))
    stated = len(codes) > 1 and data.draw(st.booleans())
    read = parse_codes(f"{text} {':'.join(map(str, weights))}" if stated else text, BOTH)
    assert read.problem == ""
    assert sum(part.share for part in read.parts) == pytest.approx(1)
    wanted: dict[str, float] = {}
    for code, weight in zip(codes, weights, strict=True):
        wanted[code] = wanted.get(code, 0) + (weight / sum(weights) if stated else 1 / len(codes))
    assert {part.code: part.share for part in read.parts} == pytest.approx(wanted)


@given(st.text(alphabet="RBAX2317:%()/=、 ０二类用地rb.", max_size=12))
def test_no_text_breaks_the_reader(text: str) -> None:
    read = parse_codes(text, BOTH)
    assert bool(read.parts) == (read.problem == "")
    assert not read.parts or sum(part.share for part in read.parts) == pytest.approx(1)
