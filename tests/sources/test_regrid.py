from pathlib import Path

import numpy as np
import pytest
import shapely
from affine import Affine
from hypothesis import given, settings
from hypothesis import strategies as st
from pyproj import CRS

from spatial.errors import CrsError, InputError
from spatial.model.provenance import Ledger
from spatial.model.raster import Raster
from spatial.sources.rasters import read_raster, reproject

UTM = CRS.from_epsg(32618)
WGS84 = CRS.from_epsg(4326)
BUNDLE = Path(__file__).parents[2] / "data" / "washington"


def grid(values: np.ndarray, kind: str = "counts", *, west: float = 500_000, nodata: int | None = None) -> Raster:
    return Raster(values, Affine(100, 0, west, 0, -100, 4_000_000), UTM, nodata, kind)  # type: ignore[arg-type]


def test_a_shift_by_half_a_cell_halves_the_counts() -> None:
    moved = reproject(grid(np.array([[8.0, 4.0]]), west=500_050), UTM, cell_m=100, ledger=Ledger())
    assert moved.values == pytest.approx(np.array([[4.0, 6.0, 2.0]]))
    assert (moved.transform.c, moved.transform.f) == (500_000, 4_000_000)


def test_larger_cells_sum_and_smaller_ones_split() -> None:
    values = np.array([[1.0, 2.0], [3.0, 4.0]])
    assert reproject(grid(values), UTM, cell_m=200, ledger=Ledger()).values.tolist() == [[10.0]]
    fine = reproject(grid(values), UTM, cell_m=50, ledger=Ledger()).values
    assert fine == pytest.approx(np.kron(values, np.full((2, 2), 0.25)))


def test_cells_without_data_stay_without() -> None:
    moved = reproject(grid(np.array([[np.nan, 0.0, 5.0]])), UTM, cell_m=100, ledger=Ledger())
    assert np.array_equal(moved.values, [[np.nan, 0.0, 5.0]], equal_nan=True)


def test_a_share_takes_the_mean() -> None:
    moved = reproject(grid(np.array([[0.2, 0.4], [0.6, 0.8]]), "share"), UTM, cell_m=200, ledger=Ledger())
    assert moved.values == pytest.approx(np.array([[0.5]]))


def test_classes_take_the_majority_in_larger_cells() -> None:
    values = np.array([[1, 1, 2, 2], [1, 2, 7, 9], [3, 3, 9, 9], [3, 4, 9, 5]], dtype=np.int32)
    larger = reproject(grid(values, "classes", nodata=9), UTM, cell_m=200, ledger=Ledger())
    assert larger.nodata is not None
    assert larger.values.tolist() == [[1, 2], [3, larger.nodata]]


def test_classes_take_the_nearest_in_smaller_cells() -> None:
    values = np.array([[1, 1, 2], [1, 2, 2], [3, 3, 9]], dtype=np.int32)
    smaller = reproject(grid(values, "classes", nodata=9), UTM, cell_m=50, ledger=Ledger())
    assert np.array_equal(smaller.valid, np.kron(values != 9, np.ones((2, 2), dtype=bool)))
    assert smaller.values[smaller.valid].tolist() == np.kron(values, np.ones((2, 2), dtype=int))[smaller.valid].tolist()


def test_years_are_never_mixed() -> None:
    values = np.array([[1975, 2020], [1975, 65535]], dtype=np.uint16)
    moved = reproject(grid(values, "years", nodata=65535, west=500_030), UTM, cell_m=100, ledger=Ledger())
    # Centres of the new cells at 50, 150, 250 m: the old cells begin at 30 m and end at 230 m.
    assert np.where(moved.valid, moved.values, 0).tolist() == [[1975, 2020, 0], [1975, 0, 0]]


def test_degrees_to_metres_agree_with_an_overlay_of_polygons() -> None:
    """Oracle: shapely's exact overlay. Pieces of a tenth of a cell miss at most a tenth along each side."""
    rng = np.random.default_rng(5)
    raster = Raster(rng.random((6, 6)) * 1000, Affine(1 / 120, 0, -77.1, 0, -1 / 120, 39.0), WGS84, None, "counts")
    moved = reproject(raster, UTM, cell_m=1000, ledger=Ledger())
    rows, columns = np.indices((7, 7))
    from pyproj import Transformer

    x, y = Transformer.from_crs(WGS84, UTM, always_xy=True).transform(-77.1 + columns / 120, 39.0 - rows / 120)
    rings = np.stack([np.stack([a[:-1, :-1], a[:-1, 1:], a[1:, 1:], a[1:, :-1]], axis=-1) for a in (x, y)], axis=-1)
    old = shapely.polygons(rings.reshape(-1, 4, 2))
    height, width = moved.values.shape
    down, across = np.indices(moved.values.shape)
    west, north = moved.transform.c + 1000 * across.ravel(), moved.transform.f - 1000 * down.ravel()
    new = shapely.box(west, north - 1000, west + 1000, north)
    shared = shapely.area(shapely.intersection(new[:, None], old[None, :])) / shapely.area(old)
    exact = (shared @ raster.values.ravel()).reshape(height, width)
    assert np.nan_to_num(moved.values) == pytest.approx(exact, abs=0.04 * raster.values.max())
    assert np.nansum(moved.values) == pytest.approx(exact.sum(), rel=1e-9)


@settings(max_examples=25, deadline=None)
@given(
    values=st.lists(st.floats(0, 1e5), min_size=12, max_size=12),
    cell_m=st.sampled_from([37.0, 100.0, 250.0, 1000.0]),
    west=st.floats(-77.3, -76.7),
)
def test_people_are_conserved(values: list[float], cell_m: float, west: float) -> None:
    counts = np.array(values).reshape(3, 4)
    raster = Raster(counts, Affine(0.002, 0, west, 0, -0.002, 38.9), WGS84, None, "counts")
    moved = reproject(raster, UTM, cell_m=cell_m, ledger=Ledger())
    assert np.nansum(moved.values) == pytest.approx(counts.sum(), rel=1e-9, abs=1e-9)
    assert np.nanmin(moved.values) >= 0


def test_the_bundled_people_are_conserved() -> None:
    ledger = Ledger()
    within = shapely.box(-77.55, 38.70, -76.75, 39.20)
    people = read_raster(
        BUNDLE / "worldpop_2020_1km.tif", kind="counts", within=within, within_crs=WGS84, ledger=ledger, layer="people"
    )
    moved = reproject(people, UTM, cell_m=500, ledger=ledger)
    assert np.nansum(moved.values) == pytest.approx(np.nansum(people.values), rel=1e-12)
    assert ledger.entries[-1].action == "reprojected"


def test_a_total_that_changes_is_an_error() -> None:
    with pytest.raises(InputError, match="changed its total"):
        reproject(grid(np.array([[8.0, 4.1]])), UTM, cell_m=30, ledger=Ledger(), moved_max=-1.0)


def test_degrees_are_no_target() -> None:
    with pytest.raises(CrsError, match="degrees"):
        reproject(grid(np.ones((2, 2))), WGS84, cell_m=100, ledger=Ledger())
