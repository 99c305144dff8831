"""Which buildings are homes: every line of the rule on a building of its own."""

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from pyproj import CRS

from spatial.model.land_use import Buildings
from spatial.model.provenance import Ledger
from spatial.operations.dwellings import COLUMNS, home_rule, homes

UTM = CRS.from_epsg(32627)
NO_LAND = gpd.GeoDataFrame({"tag": [], "osm_id": []}, geometry=[], crs=UTM)


def buildings(*rows: tuple[str, str, float, float, float, float]) -> Buildings:
    """Rows: type, tags, x, y, footprint (m²), levels; the footprint is a square around x, y."""
    half = np.sqrt([row[4] for row in rows]) / 2
    x, y = np.array([row[2] for row in rows]), np.array([row[3] for row in rows])
    frame = pd.DataFrame(
        {
            "building": [row[0] for row in rows],
            "levels": [row[5] for row in rows],
            "height_m": np.nan,
            "tags": [row[1] for row in rows],
            "osm_id": [f"way/{i}" for i in range(len(rows))],
        }
    )
    return Buildings(gpd.GeoDataFrame(frame, geometry=shapely.box(x - half, y - half, x + half, y + half), crs=UTM))


def land(*rows: tuple[str, tuple[float, float, float, float]]) -> gpd.GeoDataFrame:
    columns = {"tag": [row[0] for row in rows], "osm_id": [f"relation/{i}" for i in range(len(rows))]}
    return gpd.GeoDataFrame(columns, geometry=[shapely.box(*row[1]) for row in rows], crs=UTM)


def one(kind: str, tags: str = "", size: float = 100, where: gpd.GeoDataFrame = NO_LAND) -> str:
    """The reason why one building at 50, 50 is a home; "" when it is none."""
    found = homes(buildings((kind, tags, 50, 50, size, np.nan)), where, ledger=Ledger())
    return str(found["reason"].iloc[0]) if len(found) else ""


HERE = (0.0, 0.0, 100.0, 100.0)


@pytest.mark.parametrize(
    "kind",
    ["house", "apartments", "residential", "detached", "terrace", "semidetached_house", "dormitory", "bungalow",
     "apartments;commercial"],
)  # fmt: skip
def test_typed_dwellings_are_homes_wherever_they_are(kind: str) -> None:
    assert one(kind, size=20, where=land(("landuse=industrial", HERE))) == "typed"


@pytest.mark.parametrize(
    "kind", ["garage", "garages", "shed", "roof", "carport", "cabin", "school", "stable", "nonsense", ""]
)
def test_other_types_are_no_homes_even_on_residential_land(kind: str) -> None:
    assert one(kind, where=land(("landuse=residential", HERE))) == ""


@pytest.mark.parametrize(
    ("tags", "size", "use", "reason"),
    [
        ("", 100, "landuse=residential", "untyped_residential_land"),
        ("shop=books", 100, "landuse=residential", "untyped_residential_land"),
        ("amenity=school", 100, "landuse=residential", ""),
        ("amenity=nursing_home", 100, "landuse=residential", "untyped_residential_land"),
        ("", 39, "landuse=residential", ""),
        ("", 100, "landuse=commercial", ""),
        ("", 100, "amenity=school", ""),
        ("", 100, "amenity=retirement_home", "untyped_residential_land"),
        ("", 100, None, "untyped_no_use_mapped"),
        ("", 100, "landuse=grass", "untyped_no_use_mapped"),
        ("", 100, "natural=wood", "untyped_no_use_mapped"),
        ("", 39, None, ""),
        ("", 1001, None, ""),
        ("", 1001, "landuse=residential", "untyped_residential_land"),
        ("shop=books", 100, None, ""),
        ("office=company", 100, None, ""),
        ("amenity=cafe", 100, None, ""),
        ("industrial=oil", 100, None, ""),
        ("name=Höfði;historic=yes", 100, None, "untyped_no_use_mapped"),
    ],
)
def test_untyped_buildings_follow_the_land(tags: str, size: float, use: str | None, reason: str) -> None:
    assert one("yes", tags, size, NO_LAND if use is None else land((use, HERE))) == reason


def test_the_smallest_polygon_says_what_the_land_is() -> None:
    around = (-1000.0, -1000.0, 1000.0, 1000.0)
    assert one("yes", where=land(("amenity=school", HERE), ("landuse=residential", around))) == ""
    assert (
        one("yes", where=land(("landuse=residential", HERE), ("landuse=retail", around))) == "untyped_residential_land"
    )
    assert (
        one("yes", where=land(("landuse=grass", HERE), ("landuse=residential", around))) == "untyped_residential_land"
    )


def test_a_building_that_is_also_mapped_as_a_use_speaks_by_its_own_tags() -> None:
    shop = buildings(("yes", "shop=books", 50, 50, 100, np.nan))
    where = land(("landuse=residential", HERE), ("shop=books", (45, 45, 55, 55)))
    assert homes(shop, where, ledger=Ledger()).empty
    where.loc[1, "osm_id"] = "way/0"
    assert homes(shop, where, ledger=Ledger())["reason"].tolist() == ["untyped_residential_land"]


def test_on_unmapped_land_a_building_needs_another_home_near() -> None:
    nan = np.nan
    house, lone = ("house", "", 0, 0, 100, nan), ("yes", "", 300, 0, 100, nan)
    near = buildings(house, ("yes", "", 99, 0, 100, nan), lone, ("house", "", 0, 50, 100, nan))
    ledger = Ledger()
    assert homes(near, NO_LAND, ledger=ledger)["osm_id"].tolist() == ["way/0", "way/1", "way/3"]
    assert ledger.entries[0].message.values["alone_or_large"] == 1


def test_where_most_homes_are_untyped_none_needs_company() -> None:
    """Two sure homes of five candidates cannot tell a stable from a house: the plain rule holds."""
    nan = np.nan
    sure = [("house", "", 0, 50.0 * i, 100, nan) for i in range(2)]
    untyped = [("yes", "", 1000.0 * i, 0, 100, nan) for i in range(1, 4)]
    assert len(homes(buildings(*sure, *untyped), NO_LAND, ledger=Ledger())) == 5


def test_columns_and_the_point_inside() -> None:
    found = homes(buildings(("house", "", 10, 20, 100, 3)), NO_LAND, ledger=Ledger())
    row = found.iloc[0]
    assert tuple(found.columns) == (*COLUMNS, "geometry")
    assert (row["x"], row["y"], row["footprint_m2"], row["levels"], row["floor_m2"]) == (10, 20, 100, 3, 300)
    assert not row["levels_imputed"]


def test_missing_levels_are_the_median_of_the_type_where_thirty_are_known() -> None:
    known = [("apartments", "", 100.0 * i, 0.0, 100.0, 2.0 if i < 10 else 5.0) for i in range(30)]
    fewer = [("house", "", 100.0 * i, 500.0, 100.0, 3.0) for i in range(29)]
    missing = [("apartments", "", 0.0, 900.0, 100.0, np.nan), ("house", "", 100.0, 900.0, 100.0, 0.0)]
    ledger = Ledger()
    found = homes(buildings(*known, *fewer, *missing), NO_LAND, ledger=ledger)
    assert found["levels"].iloc[-2:].tolist() == [5.0, 1.0]
    assert found["levels_imputed"].tolist() == [False] * 59 + [True] * 2
    said = next(entry for entry in ledger.entries if entry.action == "imputed")
    assert said.count == 2
    assert said.message.values["known_pct"] == pytest.approx(100 * 59 / 61)
    assert said.message.values["median_pct"] == pytest.approx(100 / 61)
    assert said.message.values["one_pct"] == pytest.approx(100 / 61)


def test_types_that_the_table_does_not_know_are_counted() -> None:
    ledger = Ledger()
    homes(buildings(("gara", "", 0, 0, 100, 1), ("house", "", 20, 0, 100, 1)), NO_LAND, ledger=ledger)
    dropped = next(entry for entry in ledger.entries if entry.action == "dropped")
    assert (dropped.count, dropped.message.values["names"]) == (1, ("gara",))


def test_nothing_is_a_home_where_there_are_no_buildings() -> None:
    empty = Buildings(buildings(("house", "", 0, 0, 1, 1)).table.iloc[:0])
    assert homes(empty, NO_LAND, ledger=Ledger()).empty


def test_every_verdict_of_the_table_is_known() -> None:
    rule = home_rule()
    assert set(rule.building.values()) == {"home", "untyped", "out"}
    assert set(rule.tag.values()) == {"not_a_home", "not_a_home_alone", "says_nothing"}
    assert set(rule.land.values()) == {"residential", "other_use", "says_nothing"}
