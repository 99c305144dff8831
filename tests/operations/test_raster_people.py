"""People of a raster: where they stand, and that none is lost."""

from math import fsum

import numpy as np
import pytest
import shapely
from affine import Affine
from pyproj import CRS

from spatial.errors import CrsError, InputError
from spatial.model.provenance import Ledger
from spatial.model.raster import Raster
from spatial.operations.raster_people import people_from_raster

UTM = CRS.from_epsg(32627)


def counts(values: list[list[float]], size: float = 100) -> Raster:
    return Raster(np.array(values), Affine(size, 0, 500_000, 0, -size, 7_000_000), UTM, None, "counts")


def test_people_of_a_raster_stand_at_the_centres() -> None:
    people = people_from_raster(counts([[3.0, 0.0], [np.nan, 4.0]]), UTM, ledger=Ledger())
    assert people.residents.tolist() == [3, 4]
    assert (people.x.tolist(), people.y.tolist()) == ([500_050, 500_150], [6_999_950, 6_999_850])
    assert people.status.name == "ok"
    jobs = people_from_raster(counts([[3.0, 4.0]]), UTM, ledger=Ledger(), holds="jobs")
    assert (jobs.jobs.tolist(), np.isnan(jobs.residents).all()) == ([3, 4], True)


def test_people_of_a_raster_in_degrees_are_conserved_and_doubtful_when_coarse() -> None:
    values = np.random.default_rng(2).random((8, 9)) * 1000
    raster = Raster(values, Affine(1 / 120, 0, -21.9, 0, -1 / 120, 64.2), CRS.from_epsg(4326), None, "counts")
    people = people_from_raster(raster, UTM, ledger=Ledger())
    assert fsum(people.residents) == pytest.approx(values.sum(), rel=1e-14)
    assert people.status.name == "doubtful"
    assert people.status.reason is not None
    # 1/120° at 64.2° N: 929 m north–south by 405 m east–west.
    assert people.status.reason.values["width_m"] == pytest.approx(np.sqrt(929 * 405), rel=0.01)


def test_residents_are_known_where_the_raster_holds_a_value() -> None:
    people = people_from_raster(counts([[3.0, 0.0, np.nan], [4.0, 5.0, np.nan]]), UTM, ledger=Ledger())
    assert people.known is not None
    west, south, east, north = shapely.bounds(people.known)
    assert (west, south, east, north) == pytest.approx((500_000, 6_999_800, 500_200, 7_000_000))
    assert shapely.area(people.known) == pytest.approx(40_000)


def test_a_shore_without_a_value_is_not_unknown() -> None:
    values = [[3.0, np.nan, np.nan, np.nan]]
    sea = shapely.box(500_340, 6_990_000, 510_000, 7_000_100)
    people = people_from_raster(counts(values), UTM, ledger=Ledger(), water=sea)
    assert people.known is not None
    # The third cell's centre is 90 m from the sea, the fourth in it: with a value are the first and the fourth.
    assert shapely.area(people.known) == pytest.approx(20_000)
    nearer = people_from_raster(counts(values), UTM, ledger=Ledger(), water=shapely.buffer(sea, 30))
    assert nearer.known is not None
    assert shapely.area(nearer.known) == pytest.approx(30_000)


def test_only_counts_in_a_projected_system_become_people() -> None:
    share = Raster(np.ones((1, 1)), Affine(100, 0, 0, 0, -100, 0), UTM, None, "share")
    with pytest.raises(InputError, match="raster of people is needed"):
        people_from_raster(share, UTM, ledger=Ledger())
    with pytest.raises(CrsError, match="degrees"):
        people_from_raster(counts([[1.0]]), CRS.from_epsg(4326), ledger=Ledger())
