"""People of a plan from its floor space: worked out by hand, and conserved whatever the plan."""

from math import fsum
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from pyproj import CRS

from spatial.errors import CrsError, InputError
from spatial.model.floor_space import Factor, FloorSpaceTable
from spatial.model.people import People
from spatial.model.provenance import Ledger
from spatial.operations.floor_space import people_from_floor_space
from spatial.text import LANGUAGES, render

UTM = CRS.from_epsg(32650)
NAN = float("nan")
TABLE = FloorSpaceTable(
    "floor.csv",
    (
        Factor("housing", "m2_per_resident", 25, 35, 50, "Survey", "Testville", "2024"),
        Factor("housing", "share_built", 0.8, 1, 1, "Plan"),
        Factor("housing", "occupancy", 0.75, 0.9, 1, "Survey", "Testville", "2024"),
        Factor("work", "m2_per_job", 20, 25, 40, "Guess"),
        Factor("all", "share_built", 0.5, 0.8, 1, "Plan"),
        Factor("all", "occupancy", 0.8, 1, 1, "Plan"),
        Factor("green_and_open_space", "share_built", 0, 0, 0, "Plan"),
    ),
)


def parcels(*rows: tuple[int, str, float, float], side_m: float = 100, crs: Any = UTM) -> gpd.GeoDataFrame:
    """Rows: parcel, use, share, floor area ratio. The parcels are squares side by side."""
    frame = pd.DataFrame(rows, columns=["feature", "use", "share", "far"])
    frame["label"] = [f"row {feature + 2}" for feature in frame["feature"]]
    left = frame["feature"].to_numpy() * side_m
    return gpd.GeoDataFrame(frame, geometry=shapely.box(left, 0, left + side_m, side_m), crs=crs)


TWO = parcels((0, "housing", 0.7, 2.5), (0, "work", 0.3, 2.5), (1, "housing", 1, 1))


def people_of(plan: gpd.GeoDataFrame, ledger: Ledger | None = None, table: FloorSpaceTable = TABLE) -> People:
    return people_from_floor_space(plan, table, UTM, ledger=ledger or Ledger())


def said(ledger: Ledger, key: str) -> list[Any]:
    return [entry for entry in ledger.entries if entry.message.key == f"floor_space.{key}"]


def homes_at(*rows: tuple[float, float, float]) -> gpd.GeoDataFrame:
    """Rows: x, y, floor (m²)."""
    x, y, floor_m2 = np.array(rows, dtype=float).T
    columns = {"x": x, "y": y, "floor_m2": floor_m2, "levels_imputed": False}
    return gpd.GeoDataFrame(columns, geometry=shapely.points(x, y), crs=UTM)


def test_two_parcels_by_hand() -> None:
    people = people_of(TWO)
    # 1 ha × 2.5 × 70 % × 1 × 0.9 ÷ 35 = 450 residents; 1 ha × 2.5 × 30 % × 0.8 × 1 ÷ 25 = 240 jobs.
    # 1 ha × 1 × 0.9 ÷ 35 = 257.14 residents.
    assert people.residents.tolist() == pytest.approx([450, 9000 / 35])
    assert people.jobs.tolist() == pytest.approx([240, 0])
    assert people.group.tolist() == ["row 2", "row 3"]
    assert (people.method, people.known) == ("floor_space", None)
    assert shapely.contains_xy(TWO.geometry.to_numpy()[[0, 2]], people.x, people.y).all()


def test_the_interval_takes_every_factor_at_the_same_end() -> None:
    ledger = Ledger()
    status = people_of(TWO, ledger).status
    assert status.name == "doubtful"
    assert status.reason is not None
    # Low: 27 500 m² × 0.8 × 0.75 ÷ 50 = 330; high: 27 500 × 1 × 1 ÷ 25 = 1 100. Jobs: 7 500 × 0.5 × 0.8 ÷ 40 = 75;
    # 7 500 × 1 × 1 ÷ 20 = 375.
    english = render(status.reason, "en")
    assert "707 residents (330–1,100), 240 jobs (75–375)" in english
    assert "居民707人（330–1,100）、岗位240个（75–375）" in render(status.reason, "zh")
    housing, work = (entry.message.values for entry in said(ledger, "use"))
    assert housing["people"][0].values == pytest.approx({"low": 330, "central": 24750 / 35, "high": 1100})
    assert work["people"][1].values == pytest.approx({"low": 75, "central": 240, "high": 375})


def test_one_ledger_line_a_use_with_its_floor_and_sources() -> None:
    ledger = Ledger()
    people_of(TWO, ledger)
    lines = said(ledger, "use")
    assert [(line.action, line.count) for line in lines] == [("estimated", 2), ("estimated", 1)]
    assert [line.message.values["floor_m2"] for line in lines] == pytest.approx([27_500, 6_000])
    assert [line.message.values["ha"] for line in lines] == pytest.approx([1.7, 0.3])
    assert [line.message.values["sources"] for line in lines] == [
        ("Survey (Testville 2024)", "Plan"),
        ("Guess", "Plan"),
    ]
    english, chinese = (render(lines[0].message, language) for language in LANGUAGES)
    assert english.startswith(
        "Housing, 2 parcels with 1.7 ha of this use and 27,500 m² of floor area built: 707 residents"
    )
    assert "no jobs, as the table gives no m² per job for this use" in english
    assert chinese.startswith(
        "居住：2个地块，该用途用地1.7公顷，建成建筑面积27,500平方米：居民707人（330–1,100）、无岗位"
    )


def test_where_no_use_states_jobs_they_are_not_known() -> None:
    table = FloorSpaceTable("floor.csv", TABLE.factors[:3])
    ledger = Ledger()
    people = people_of(parcels((0, "housing", 1, 2)), ledger, table)
    assert np.isnan(people.jobs).all()
    assert "jobs are not known" in render(said(ledger, "jobs_unknown")[0].message, "en")
    assert len(said(ledger, "use")[0].message.values["people"]) == 1
    only_jobs = FloorSpaceTable("floor.csv", TABLE.factors[3:])
    people = people_of(parcels((0, "work", 1, 2)), ledger, only_jobs)
    assert np.isnan(people.residents).all()
    assert people.jobs.tolist() == pytest.approx([640])


def test_a_use_declared_empty_holds_nobody_and_needs_no_floor_area_ratio() -> None:
    ledger = Ledger()
    people = people_of(parcels((0, "housing", 1, 1), (1, "green_and_open_space", 1, NAN)), ledger)
    assert people.residents.tolist() == pytest.approx([9000 / 35, 0])
    assert people.known is None
    assert said(ledger, "use_without_people")[0].count == 1
    assert not said(ledger, "no_far")


def test_parcels_of_other_uses_are_not_known() -> None:
    ledger = Ledger()
    plan = parcels((0, "housing", 1, 1), (1, "housing", 0.6, 1), (1, "education", 0.4, 1), (2, "water", 1, NAN))
    people = people_of(plan, ledger)
    # Of the mixed parcel nothing is placed: its total is not known.
    assert people.group.tolist() == ["row 2"]
    assert said(ledger, "use")[0].count == 1
    entry = said(ledger, "unnamed_use")[0]
    assert (entry.action, entry.count, entry.message.values["labels"]) == ("warned", 2, ("row 3", "row 4"))
    assert entry.message.values["ha"] == pytest.approx(2)
    assert "（教育、水域），共2.0公顷" in render(entry.message, "zh")
    assert people.known is not None
    places = shapely.points([50, 150, 250, 350, -10_000], 50)
    assert shapely.contains(people.known, places).tolist() == [True, False, False, True, True]


def test_parcels_without_a_floor_area_ratio_are_listed_and_not_known() -> None:
    ledger = Ledger()
    plan = parcels(*[(n, "housing", 1, NAN if n else 1) for n in range(25)])
    people = people_of(plan, ledger)
    assert len(people) == 1
    entry = said(ledger, "no_far")[0]
    assert entry.count == 24
    assert entry.message.values["labels"][:2] == ("row 3", "row 4")
    assert entry.message.values["labels"][-1] == "…"
    assert "有24个地块" in render(entry.message, "zh")
    assert people.known is not None
    assert not shapely.intersects_xy(people.known, 150, 50)


def test_a_plan_of_which_nothing_can_be_known_is_refused() -> None:
    with pytest.raises(InputError) as caught:
        people_of(parcels((0, "housing", 1, NAN), (1, "water", 1, 1)))
    assert "none of the 2 parcels" in str(caught.value)
    assert "2个地块" in caught.value.in_language("zh")


def test_faults_of_the_plan_are_said_at_once() -> None:
    plan = parcels((0, "housing", 1, 250), (1, "work", 0.7, -1), (1, "housing", 0.2, -1), (2, "work", 1, np.inf))
    with pytest.raises(InputError) as caught:
        people_of(plan)
    english, chinese = (caught.value.in_language(language) for language in LANGUAGES)
    assert "row 2: 250, row 3: -1, row 4: inf. Expected: 0 to 20" in english
    assert "1 parcel do not sum to 100%: row 3: 90%" in english
    assert "3个地块的容积率不合理" in chinese
    assert len(chinese.splitlines()) == 2
    assert people_from_floor_space(parcels((0, "housing", 1, 25)), TABLE, UTM, ledger=Ledger(), far_most=30)


def test_a_plan_without_a_system_or_with_parcels_twice_is_refused() -> None:
    with pytest.raises(CrsError):
        people_of(parcels((0, "housing", 1, 1), crs=None))
    twice = parcels((0, "housing", 1, 1), (1, "housing", 1, 1))
    twice.geometry = [twice.geometry[0]] * 2
    with pytest.raises(InputError, match="row 2 / row 3"):
        people_of(twice)


def test_residents_stand_in_homes_and_jobs_at_a_point() -> None:
    homes = homes_at((10, 10, 100), (20, 20, 300), (500, 500, 100))
    people = people_from_floor_space(TWO, TABLE, UTM, homes=homes, ledger=Ledger())
    placed = dict(zip(zip(people.x.tolist(), people.y.tolist(), strict=True), people.residents.tolist(), strict=True))
    assert placed[(10, 10)] == pytest.approx(112.5)
    assert placed[(20, 20)] == pytest.approx(337.5)
    assert fsum(people.jobs) == pytest.approx(240)
    assert (500, 500) not in placed


def test_wide_parcels_without_homes_are_doubted_beside() -> None:
    status = people_of(parcels((0, "housing", 1, 1), side_m=400)).status
    assert status.reason is not None
    assert status.reason.key == "status.both"
    assert "wider than 250 m" in render(status.reason, "en")


@settings(max_examples=40, deadline=None)
@given(
    plan=st.lists(
        st.tuples(
            st.floats(0, 1),
            st.one_of(st.floats(0, 20), st.just(NAN)),
            st.sampled_from(["housing", "work", "green_and_open_space", "water"]),
        ),
        min_size=1,
        max_size=12,
    ),
    housed=st.lists(st.tuples(st.floats(1, 1199), st.floats(1, 99), st.floats(1, 1e4)), max_size=8),
)
def test_people_are_conserved(plan: list[tuple[float, float, str]], housed: list[tuple[float, float, float]]) -> None:
    rows = [(n, use, share, far) for n, (part, far, other) in enumerate(plan)
            for use, share in (("housing", part), (other, 1 - part))]  # fmt: skip
    # Worked out parcel by parcel in plain Python, on squares of a hectare.
    residents, jobs, low = [], [], []
    for n in range(len(plan)):
        mine = [(use, share, far) for parcel, use, share, far in rows if parcel == n and share > 0]
        holds = [use in ("housing", "work") for use, _, _ in mine]
        if any(use == "water" for use, _, _ in mine) or (any(holds) and np.isnan(mine[0][2])):
            continue
        residents += [1e4 * far * share * 0.9 / 35 for use, share, far in mine if use == "housing"]
        low += [1e4 * far * share * 0.8 * 0.75 / 50 for use, share, far in mine if use == "housing"]
        jobs += [1e4 * far * share * 0.8 / 25 for use, share, far in mine if use == "work"]
        residents.append(0.0)
    if not residents:
        with pytest.raises(InputError):
            people_of(parcels(*rows))
        return
    homes = homes_at(*housed) if housed else None
    ledger = Ledger()
    people = people_from_floor_space(parcels(*rows), TABLE, UTM, homes=homes, ledger=ledger)
    assert fsum(people.residents) == pytest.approx(fsum(residents), rel=1e-9, abs=1e-9)
    assert fsum(people.jobs) == pytest.approx(fsum(jobs), rel=1e-9, abs=1e-9)
    lines = [line.message.values["people"][0].values for line in said(ledger, "use")
             if line.message.values["use"].key == "land_use_class.housing"]  # fmt: skip
    assert fsum(line["low"] for line in lines) == pytest.approx(fsum(low), rel=1e-9, abs=1e-9)
