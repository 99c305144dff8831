"""People of a raster: where they stand, and that none is lost."""

from math import fsum
from typing import Any

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


def said(ledger: Ledger, key: str) -> Any:
    return next(entry for entry in ledger.entries if entry.message.key == key)


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


def test_cells_in_the_water_stand_on_the_nearest_land() -> None:
    land = shapely.box(500_070, 6_999_000, 500_120, 7_000_000)
    ledger = Ledger()
    people = people_from_raster(counts([[3.0, 4.0, 5.0]]), UTM, ledger=ledger, land=land)
    # Centres at 50, 150 and 250 m; the land reaches from 70 to 120 m; half a diagonal is 71 m.
    assert people.x.tolist() == pytest.approx([500_071, 500_119, 500_250])
    assert people.residents.tolist() == [3, 4, 5]
    values = said(ledger, "dasymetric.ashore").message.values
    assert (values["moved"], values["people"], values["left"], values["left_people"]) == (2, 7, 1, 5)
    dry = people_from_raster(
        counts([[3.0]]), UTM, ledger=Ledger(), land=shapely.box(500_000, 6_999_000, 501_000, 7_000_000)
    )
    assert (dry.x.tolist(), dry.y.tolist()) == ([500_050], [6_999_950])


def test_only_counts_in_a_projected_system_become_people() -> None:
    share = Raster(np.ones((1, 1)), Affine(100, 0, 0, 0, -100, 0), UTM, None, "share")
    with pytest.raises(InputError, match="raster of people is needed"):
        people_from_raster(share, UTM, ledger=Ledger())
    with pytest.raises(CrsError, match="degrees"):
        people_from_raster(counts([[1.0]]), CRS.from_epsg(4326), ledger=Ledger())
