"""Who can walk to daily needs: by hand on the toy city, and what cannot be computed."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from spatial.errors import NotComputable
from spatial.indicators.catalogue import compute
from spatial.indicators.walkability import ALL_NEEDS, residents_near_daily_needs
from spatial.model.district import Memo
from spatial.model.people import People
from spatial.model.places import DAILY_NEEDS, Places
from spatial.model.provenance import DataStatus
from spatial.model.zones import Zones, square_grid, whole_area
from spatial.text import LANGUAGES, Message, lookup, render
from tests.toy_city import grid_city, toy_area, toy_district, toy_people, toy_places

CITY = 24  # blocks a side: 2.4 km, longer than the 1 200 m of a quarter of an hour
PATHS = grid_city(CITY, representation="paths")
AREA = toy_area(CITY)
WHOLE = whole_area(AREA)


def near(people: People, places: Places, zones: Zones = WHOLE, **settings: object) -> pd.DataFrame:
    table = residents_near_daily_needs(people, places, PATHS, zones, Memo(), **settings)  # type: ignore[arg-type]
    return table.set_index(["zone", "item", "at"])


def everything_at(x: float, y: float) -> dict[str, list[tuple[float, float]]]:
    return {category: [(x, y)] for category in DAILY_NEEDS}


# 400, 800 and 1 200 m in 5, 10 and 15 min at 80 m/min
HOMES = toy_people([(400, 0, 10), (401, 0, 20), (400, 400, 30), (800, 400, 40), (1000, 201, 100)])


def test_shares_by_hand() -> None:
    found = near(HOMES, toy_places(everything_at(0, 0)))
    for item in (*DAILY_NEEDS, ALL_NEEDS):
        rows = found.loc["all", :].loc[item]
        assert rows["value"].to_dict() == pytest.approx({"5 min": 5.0, "10 min": 30.0, "15 min": 50.0})
        assert rows["n"].tolist() == [200] * 3
        assert rows["n_missing"].tolist() == [0] * 3
    assert {status.name for status in found["status"]} == {"ok"}


def test_all_needs_are_as_far_as_the_farthest() -> None:
    places = everything_at(0, 0) | {"park": [(1000, 0)]}
    value = near(HOMES, toy_places(places))["value"]
    # the park is 600 m away for 10 and 599 m for 20 residents, 1 000 and 600 m for 30 and 40, 201 m for 100
    assert value["all", "park", "5 min"] == pytest.approx(50)
    assert value["all", "park", "10 min"] == pytest.approx(85)
    # 30 residents have their park at 600 m and the rest at 401 m or less within 10 min
    assert value["all", ALL_NEEDS, "10 min"] == pytest.approx(15)
    assert value["all", ALL_NEEDS, "5 min"] == 0
    assert value["all", ALL_NEEDS, "15 min"] == pytest.approx(50)


def test_the_way_from_home_to_the_path_counts() -> None:
    # 40 m off the street and 360 m along it: 400 m; a metre more is too far for 5 min
    people = toy_people([(350, 40, 1), (361, 40, 1)])
    assert near(people, toy_places(everything_at(0, 0)))["value"]["all", "school", "5 min"] == 50


def test_homes_off_the_network_count_as_not_near_and_are_shown() -> None:
    people = toy_people([(400, 0, 10), (400, -40, 30)])
    row = near(people, toy_places(everything_at(400, 0)), max_snap_m=30).loc[("all", "park", "15 min")]
    assert (row["value"], row["n"], row["n_missing"]) == (25, 40, 30)


def test_each_zone_has_its_own_residents() -> None:
    zones = square_grid(AREA, size_m=1000)
    people = toy_people([(100, 100, 10), (1100, 100, 30), (1200, 100, 10)])
    found = near(people, toy_places(everything_at(900, 100)), zones)
    value = found["value"].xs("school", level="item").xs("5 min", level="at").dropna()
    where = zones.locate(people.x, people.y)
    assert value.to_dict() == pytest.approx({zones.ids[where[0]]: 0.0, zones.ids[where[1]]: 100.0})
    empty = found[found["n"] == 0]
    assert len(empty) == (len(zones) - 2) * 21
    assert empty["value"].isna().all()
    assert {status.name for status in empty["status"]} == {"absent"}


def test_people_outside_all_zones_are_in_none() -> None:
    people = toy_people([(0, 0, 10), (-2000, 0, 90)])
    assert near(people, toy_places(everything_at(0, 0)))["n"].unique().tolist() == [10]


@pytest.mark.parametrize("said", [True, False])
def test_an_absent_category_is_not_zero_and_spoils_all_needs_together(said: bool) -> None:
    places = everything_at(0, 0)
    del places["pharmacy_or_clinic"]
    reason = DataStatus("absent", Message("walkability.nobody_here"))
    statuses = {"pharmacy_or_clinic": reason} if said else {}
    found = near(HOMES, toy_places(places, statuses=statuses)).loc["all"]
    for item in ("pharmacy_or_clinic", ALL_NEEDS):
        assert found.loc[item]["value"].isna().all()
        assert {status.name for status in found.loc[item]["status"]} == {"absent"}
    if said:
        assert found.loc["pharmacy_or_clinic"]["status"].iloc[0] == reason
    assert found.loc["school"]["value"].tolist() == pytest.approx([5, 30, 50])
    why = found.loc[ALL_NEEDS]["status"].iloc[0].reason
    assert render(why, "en").endswith("absent: Pharmacy or clinic.")
    assert "药店或诊所" in render(why, "zh")


def test_a_doubtful_category_makes_all_needs_doubtful_and_keeps_the_number() -> None:
    few = DataStatus("doubtful", Message("walkability.nobody_here"))
    found = near(HOMES, toy_places(everything_at(0, 0), statuses={"park": few})).loc["all"]
    assert found.loc[ALL_NEEDS]["value"].tolist() == pytest.approx([5, 30, 50])
    assert {status.name for status in found.loc[ALL_NEEDS]["status"]} == {"doubtful"}


def test_a_park_is_reached_at_its_nearest_gate() -> None:
    places = toy_places(everything_at(2000, 2000))
    gates = places.entrances
    park = places.table.index[places.table["category"] == "park"][0]
    gates.loc[len(gates)] = [park, HOMES.x[0], HOMES.y[0]]
    found = near(HOMES, Places(places.table, gates.astype({"place": int})))["value"]
    assert found["all", "park", "5 min"] == pytest.approx(30)  # homes of 10, 20 and 30 residents
    assert found["all", "school", "5 min"] == 0


def test_unknown_residents_are_not_computable() -> None:
    unknown = np.full(1, np.nan)
    people = People(np.array([450_000.0]), np.array([7_110_000.0]), unknown, unknown, np.array([""]), "zones")
    with pytest.raises(NotComputable, match="not known"):
        near(people, toy_places(everything_at(0, 0)))


def test_own_times_and_speed() -> None:
    found = near(HOMES, toy_places(everything_at(0, 0)), minutes=(10.0, 12.5), speed_m_per_min=40.0)
    assert found["value"]["all", "school", "10 min"] == pytest.approx(5)
    assert found["value"]["all", "school", "12.5 min"] == pytest.approx(15)


def test_through_the_catalogue() -> None:
    district = toy_district(4)
    results = compute(district, ["residents_near_daily_needs"])
    # homes at the middles of the streets that run east; 400 m from the corner reach those with i + j + ½ ≤ 4
    within = sum(10 for i in range(4) for j in range(5) if 100 * (i + j) + 50 <= 400)
    assert results.value("residents_near_daily_needs", item=ALL_NEEDS, at="5 min") == pytest.approx(100 * within / 200)
    assert results.value("residents_near_daily_needs", item="school", at="15 min") == 100


def test_every_category_has_a_name_in_each_language() -> None:
    for language in LANGUAGES:
        names = {lookup(f"category.{item}", language) for item in (*DAILY_NEEDS, ALL_NEEDS)}
        assert len(names) == 7


@settings(max_examples=8, deadline=None)
@given(st.integers(0, 10**6))
def test_equals_a_plain_count_on_the_grid(seed: int) -> None:
    """On streets of a grid, between points at nodes, the way is the sum of both differences."""
    random = np.random.default_rng(seed)
    homes = np.column_stack([random.integers(0, CITY + 1, (60, 2)) * 100, random.integers(0, 50, 60)])
    homes[0, 2] = 1
    spots = {category: random.integers(0, CITY + 1, (3, 2)) * 100 for category in DAILY_NEEDS}
    found = near(toy_people(homes.tolist()), toy_places({k: [tuple(p) for p in xy] for k, xy in spots.items()}))
    within = np.ones(60, dtype=bool)
    for category, xy in spots.items():
        way = np.abs(homes[:, None, :2] - xy[None]).sum(axis=2).min(axis=1)
        share = 100 * homes[way <= 800, 2].sum() / homes[:, 2].sum()
        assert found["value"]["all", category, "10 min"] == pytest.approx(share)
        within &= way <= 800
    together = 100 * homes[within, 2].sum() / homes[:, 2].sum()
    assert found["value"]["all", ALL_NEEDS, "10 min"] == pytest.approx(together)


def test_shares_grow_with_time_and_all_needs_are_never_more() -> None:
    random = np.random.default_rng(3)
    people = toy_people(np.column_stack([random.uniform(0, 2400, (300, 2)), random.uniform(0, 9, 300)]).tolist())
    spots = {category: [tuple(p) for p in random.uniform(0, 2400, (2, 2))] for category in DAILY_NEEDS}
    found = near(people, toy_places(spots), square_grid(AREA, size_m=600))["value"].unstack("at")
    assert (found["5 min"].dropna() <= found["10 min"].dropna()).all()
    assert (found["10 min"].dropna() <= found["15 min"].dropna()).all()
    by_item = found["15 min"].unstack("item").dropna()
    assert (by_item[ALL_NEEDS] <= by_item[list(DAILY_NEEDS)].min(axis=1) + 1e-9).all()
    assert by_item.to_numpy().max() <= 100
