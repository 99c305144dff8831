"""Land use of a real city, against a program that works the other way round: painting cells, the largest area first."""

from pathlib import Path

import numpy as np
import pytest
import shapely
from affine import Affine
from rasterio.features import rasterize

from spatial.model.provenance import Ledger
from spatial.operations.overlay import (
    built_up_zone,
    flat_land_use,
    land_use_layer,
    mapped_share,
    mix_classes,
    osm_crosswalk,
)
from spatial.sources.osm import OsmExtract, read_osm

FILE = Path(__file__).parents[2] / "data" / "reykjavik" / "reykjavik_20190509.osm.pbf"
CELL_M = 4


@pytest.fixture(scope="module")
def city() -> OsmExtract:
    return read_osm(FILE, box=(-21.98, 64.10, -21.80, 64.17), crs=None, ledger=Ledger())


def test_areas_of_classes_equal_painted_cells(city: OsmExtract) -> None:
    """0.5 % of the painted land: the cells along outlines fall to either side."""
    flat = flat_land_use(city.land_use, ledger=Ledger())
    painted = city.land_use.copy()
    classes = [osm_crosswalk().get(tag) or osm_crosswalk().get(tag.split("=")[0] + "=*") for tag in painted["tag"]]
    painted["use"] = [found[0] if found else "unclassified" for found in classes]
    painted["under"] = [found is None or found[1] == "under" for found in classes]
    painted = painted[~painted["use"].isin(["ground_cover", "no_use"])]
    painted["m2"] = painted.geometry.area
    painted = painted.sort_values(["under", "m2"], ascending=False)
    codes = {use: i + 1 for i, use in enumerate(sorted(set(painted["use"])))}
    west, south, east, north = painted.total_bounds
    shape = (int((north - south) / CELL_M) + 1, int((east - west) / CELL_M) + 1)
    cells = rasterize(
        zip(painted.geometry, painted["use"].map(codes), strict=True),
        out_shape=shape, transform=Affine(CELL_M, 0, west, 0, -CELL_M, north), dtype="uint8",
    )  # fmt: skip
    m2 = np.bincount(cells.ravel(), minlength=len(codes) + 1) * CELL_M**2
    total = m2[1:].sum()
    ours = flat.geometry.area.groupby(flat["use"]).sum()
    for use, code in codes.items():
        assert ours.get(use, 0.0) == pytest.approx(m2[code], abs=0.005 * total), use
    assert ours.sum() == pytest.approx(total, rel=0.005)


def test_nothing_overlaps_and_nothing_is_lost(city: OsmExtract) -> None:
    flat = flat_land_use(city.land_use, ledger=Ledger())
    together = shapely.union_all(flat.geometry.to_numpy())
    assert flat.geometry.area.sum() == pytest.approx(shapely.area(together), rel=1e-9)
    assert flat.geometry.is_valid.all()
    assert not flat["tag"].str.startswith(("landuse=grass", "natural=")).any()


def test_the_share_that_is_mapped_equals_the_union_inside_the_zone(city: OsmExtract) -> None:
    ledger = Ledger()
    zone = built_up_zone(city.buildings, ledger=ledger)
    layer = land_use_layer(city.land_use, zone, mix_classes(), ledger=ledger)
    known = layer.table.geometry.to_numpy()[(layer.table["use"] != "unclassified").to_numpy()]
    inside = shapely.area(shapely.intersection(shapely.union_all(known), zone)) / shapely.area(zone)
    assert mapped_share(layer.table, zone) == pytest.approx(100 * inside, rel=1e-9)
    assert 60 < mapped_share(layer.table, zone) < 90
    assert layer.status.name == "ok"
    on_buildings = shapely.contains_xy(
        zone, *shapely.get_coordinates(shapely.centroid(city.buildings.table.geometry)).T
    )
    assert on_buildings.mean() > 0.97


def test_the_same_tags_give_the_same_layer_in_any_order(city: OsmExtract) -> None:
    first = flat_land_use(city.land_use, ledger=Ledger())
    turned = flat_land_use(city.land_use.iloc[::-1], ledger=Ledger())
    assert first["tag"].tolist() == turned["tag"].tolist()
    assert (shapely.to_wkb(first.geometry.to_numpy()) == shapely.to_wkb(turned.geometry.to_numpy())).all()
