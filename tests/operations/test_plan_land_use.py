"""Plans that overlap, parcels of mixed use: areas by hand."""

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from pyproj import CRS

from spatial.indicators.land_use_mix import land_use_entropy
from spatial.model.land_use import LandUse
from spatial.model.provenance import Ledger
from spatial.model.study_area import StudyArea
from spatial.model.zones import whole_area
from spatial.operations.overlay import mapped_share, mix_classes
from spatial.operations.plan_land_use import parcels_of, plan_land_use

GK = CRS.from_epsg(4547)
X, Y = 504_000.0, 3_654_000.0


def box(west: float, south: float, east: float, north: float) -> shapely.Geometry:
    return shapely.box(X + west, Y + south, X + east, Y + north)


def plan(*parcels: tuple[shapely.Geometry, dict[str, float]], far: float = 2.0) -> gpd.GeoDataFrame:
    rows = [
        {"feature": n, "label": f"{n + 1}", "use": use, "share": share, "tag": use, "far": far, "coverage_pct": np.nan,
         "geometry": shape}
        for n, (shape, uses) in enumerate(parcels)
        for use, share in uses.items()
    ]  # fmt: skip
    return gpd.GeoDataFrame(rows, crs=GK)


def areas(parcels: gpd.GeoDataFrame) -> dict[str, float]:
    return (parcels.area * parcels["share"]).groupby(parcels["use"]).sum().to_dict()


def test_the_first_plan_lies_on_top() -> None:
    regulatory = plan((box(0, 0, 100, 100), {"housing": 1.0}), (box(100, 0, 200, 100), {"housing": 0.7, "work": 0.3}))
    detailed = plan((box(50, 0, 150, 50), {"retail_and_services": 1.0}))
    ledger = Ledger()
    parcels = parcels_of([detailed, regulatory], ledger=ledger)
    # 100 × 100 less 50 × 50, and 0.7 of as much
    assert areas(parcels) == pytest.approx(
        {"retail_and_services": 5000, "housing": 7500 + 0.7 * 7500, "work": 0.3 * 7500}
    )
    assert parcels["feature"].nunique() == 3
    assert parcels.groupby("feature")["share"].sum().tolist() == pytest.approx([1, 1, 1])
    assert [entry.message.key for entry in ledger.entries] == ["overlay.overlaps"]
    assert areas(parcels_of([regulatory, detailed], ledger=Ledger())) == pytest.approx(
        {"housing": 17_000, "work": 3000}
    )


def test_within_a_plan_the_smaller_parcel_lies_on_top_and_a_covered_one_goes() -> None:
    one = plan(
        (box(0, 0, 100, 100), {"housing": 1.0}), (box(40, 40, 60, 60), {"education": 1.0}),
        (box(40, 40, 60, 60), {"work": 1.0}),
    )  # fmt: skip
    assert areas(parcels_of([one], ledger=Ledger())) == pytest.approx({"housing": 9600, "education": 400})


def layer(parcels: gpd.GeoDataFrame, built_up: shapely.Geometry) -> LandUse:
    return plan_land_use(parcels, built_up, mix_classes(), "gb50137_2011", ledger=Ledger())


def test_a_mixed_parcel_counts_once_in_what_is_mapped() -> None:
    parcels = parcels_of([plan((box(0, 0, 100, 100), {"housing": 0.5, "work": 0.5}))], ledger=Ledger())
    assert mapped_share(parcels, box(0, 0, 200, 100)) == pytest.approx(50)
    assert layer(parcels, box(0, 0, 200, 100)).status.name == "doubtful"
    half = parcels_of([plan((box(0, 0, 100, 100), {"housing": 0.5, "unclassified": 0.5}))], ledger=Ledger())
    assert mapped_share(half, box(0, 0, 100, 100)) == pytest.approx(50)


def test_the_entropy_of_shares_is_that_of_areas() -> None:
    """70 : 30 in one parcel is 70 : 30 in two: −(0.7 ln 0.7 + 0.3 ln 0.3) / ln k."""
    area = StudyArea("toy", box(0, 0, 100, 100), 0, GK)
    mixed = plan((box(0, 0, 100, 100), {"housing": 0.7, "work": 0.3}))
    apart = plan((box(0, 0, 70, 100), {"housing": 1.0}), (box(70, 0, 100, 100), {"work": 1.0}))
    expected = -(0.7 * np.log(0.7) + 0.3 * np.log(0.3)) / np.log(len(mix_classes()))
    for given in (mixed, apart):
        rows = land_use_entropy(layer(parcels_of([given], ledger=Ledger()), area.boundary), whole_area(area))
        assert rows["value"].tolist() == pytest.approx([expected])
        assert rows["n"].tolist() == pytest.approx([10_000])
        assert rows["n_missing"].tolist() == pytest.approx([0])


def test_a_table_without_shares_has_whole_ones() -> None:
    table = gpd.GeoDataFrame({"use": ["work"], "tag": ["B2"]}, geometry=[box(0, 0, 1, 1)], crs=GK)
    assert LandUse(table, "osm", mix_classes()).table["share"].tolist() == [1.0]
    assert isinstance(LandUse(table, "osm", mix_classes()).table, pd.DataFrame)
