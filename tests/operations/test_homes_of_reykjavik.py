"""The bundled city: who lives where, from the settlements' totals and the buildings of the file."""

from math import fsum
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely

from spatial.model.people import People
from spatial.model.provenance import Ledger
from spatial.operations.dasymetric import SettlementTotal, homes, split_residents, touches_edge
from spatial.sources.osm import OsmExtract, read_osm

FILE = Path(__file__).parents[2] / "data" / "reykjavik" / "reykjavik_20190509.osm.pbf"
TOTALS = {
    "relation/2580605": 127_333,
    "relation/2580603": 36_940,
    "relation/2582273": 29_796,
    "relation/2556726": 13_253,
    "relation/2580604": 11_121,
    "relation/2580606": 4_664,
    "relation/3881540": 2_602,
}
GARDABAER, ALFTANES = "relation/2556726", "relation/3881540"
OLD_TOWN = ("Austurbær", "Miðbær", "Vesturbær", "Hlíðar", "Melar", "Hagar", "Holt", "Norðurmýri", "Litli Skerjafjörður")
# Stables, a sports park, an airfield, two harbours, a hill of woods: hardly anybody lives there.
NOT_LIVED_IN = ("Víðidalur", "Laugardalur", "Vatnsmýri", "Sundahöfn", "Örfirisey", "Öskjuhlíð", "Skeifan", "Hálsar")


@pytest.fixture(scope="module")
def extract() -> OsmExtract:
    return read_osm(FILE, box=(-22.15, 63.98, -21.55, 64.30), crs=None, ledger=Ledger())


@pytest.fixture(scope="module")
def dwellings(extract: OsmExtract) -> gpd.GeoDataFrame:
    return homes(extract.buildings, extract.land_use, ledger=Ledger())


@pytest.fixture(scope="module")
def people(extract: OsmExtract, dwellings: gpd.GeoDataFrame) -> People:
    return split_residents(dwellings, totals(extract), ledger=Ledger())


def totals(extract: OsmExtract) -> list[SettlementTotal]:
    """Named by the id of their boundary."""
    shapes = extract.boundaries.set_index("osm_id").geometry
    return [SettlementTotal(id, residents, shapes[id]) for id, residents in TOTALS.items()]


@pytest.fixture(scope="module")
def neighbourhoods(extract: OsmExtract, people: People) -> pd.DataFrame:
    """Residents, and buildings that are surely or probably homes, of each area of level 9 and 10."""
    areas = extract.boundaries[extract.boundaries["level"].isin([9, 10])]
    areas = areas.assign(key=areas["name"] + " " + areas["level"].astype(int).astype(str))
    table = extract.buildings.table
    residential = extract.land_use[extract.land_use["tag"] == "landuse=residential"].geometry.union_all()
    shapely.prepare(residential)
    inside = table.geometry.representative_point()
    typed = table["building"].isin(["residential", "house", "apartments", "detached", "terrace"])
    untyped = (table["building"] == "yes") & shapely.contains(residential, inside.to_numpy())
    points = {
        "residents": (shapely.points(people.x, people.y), people.residents),
        "typed": (inside[typed].to_numpy(), np.ones(typed.sum())),
        "untyped": (inside[untyped].to_numpy(), np.ones(untyped.sum())),
    }
    columns = {}
    for name, (at, amount) in points.items():
        area, point = shapely.STRtree(at).query(areas.geometry.to_numpy(), predicate="contains")
        columns[name] = np.bincount(area, weights=amount[point], minlength=len(areas))
    return pd.DataFrame(columns, index=areas["key"])


def test_residents_are_those_of_the_seven_settlements(people: People) -> None:
    assert abs(people.total_residents - 225_709) <= 1e-9
    assert abs(fsum(people.residents) - 225_709) <= 1e-9
    for settlement, residents in TOTALS.items():
        assert abs(fsum(people.residents[people.group == settlement]) - residents) <= 1e-9


def test_no_home_in_alftanes_holds_people_of_gardabaer(extract: OsmExtract, people: People) -> None:
    alftanes = extract.boundaries.set_index("osm_id").geometry[ALFTANES]
    inside = shapely.contains_xy(alftanes, people.x, people.y)
    assert inside.sum() > 500
    assert set(people.group[inside]) == {ALFTANES}
    assert (people.group == GARDABAER).sum() > 2000
    assert not inside[people.group == GARDABAER].any()


def test_no_neighbourhood_is_emptied(neighbourhoods: pd.DataFrame) -> None:
    lived_in = neighbourhoods[neighbourhoods["typed"] + neighbourhoods["untyped"] >= 3]
    assert len(lived_in) > 55
    per_building = lived_in["residents"] / (lived_in["typed"] + lived_in["untyped"])
    assert per_building[per_building < 1.5].index.tolist() == []


def test_the_old_town_lives_in_untyped_buildings(neighbourhoods: pd.DataFrame) -> None:
    old = neighbourhoods.loc[[f"{name} 10" for name in OLD_TOWN]]
    assert (old["residents"] >= 900).all()
    assert old["untyped"].sum() > 5 * old["typed"].sum()
    assert 0.15 < old["residents"].sum() / 127_333 < 0.35


def test_hardly_anybody_lives_among_stables_and_harbours(neighbourhoods: pd.DataFrame) -> None:
    assert neighbourhoods.loc[[f"{name} 10" for name in NOT_LIVED_IN], "residents"].sum() < 500


def test_the_towns_are_whole_in_the_file(extract: OsmExtract, dwellings: gpd.GeoDataFrame) -> None:
    box = gpd.GeoSeries([shapely.box(*extract.box)], crs=4326).segmentize(0.01).to_crs(extract.crs).iloc[0]
    assert not any(touches_edge(dwellings, total.boundary, box) for total in totals(extract))
    west = box.bounds[0]
    half = shapely.box(west, box.bounds[1], dwellings["x"].median(), box.bounds[3])
    cut = dwellings[shapely.contains_xy(half, dwellings["x"], dwellings["y"])]
    reykjavik = next(total for total in totals(extract) if total.name == "relation/2580605")
    assert touches_edge(cut, reykjavik.boundary, half)


def test_status_says_that_levels_are_hardly_known(people: People) -> None:
    assert people.status.name == "doubtful"
    assert people.status.reason is not None
    assert people.status.reason.key == "dasymetric.levels"
