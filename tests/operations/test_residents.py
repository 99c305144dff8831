"""Who lives where, and where nobody can tell."""

import numpy as np
import pytest
import shapely
from pyproj import CRS

from spatial.errors import NotComputable
from spatial.model.people import People
from spatial.model.provenance import DataStatus
from spatial.model.study_area import StudyArea
from spatial.model.zones import square_grid, whole_area
from spatial.operations.residents import known_land_pct, residents_by_zone
from spatial.text import Message

UTM = CRS.from_epsg(32627)
# three squares of a kilometre; the eastern half of the third is sea
AREA = StudyArea("Toy", shapely.box(0, 0, 3000, 1000), 0, UTM, shapely.box(2500, -1, 9000, 1001))
ZONES = square_grid(AREA, size_m=1000)


def people(known: shapely.Geometry | None = None) -> People:
    """30 and 10 persons in the first zone, 5 in the third, one outside."""
    x = np.array([100.0, 200.0, 2100.0, 9000.0])
    residents = np.array([30.0, 10.0, 5.0, 1.0])
    return People(
        x, np.full(4, 500.0), residents, np.full(4, np.nan), np.full(4, "", dtype=object), "zones", known=known
    )


def test_sums_and_shares_by_zone() -> None:
    found = residents_by_zone(people(), ZONES)
    assert found.total.tolist() == [40, 0, 5]
    assert found.zone.tolist() == [0, 0, 2, -1]
    rows = found.share_rows(np.array([True, False, True, True]), np.array([False, True, False, False]))
    assert rows["zone"].tolist() == ["0_0", "1_0", "2_0"]
    assert rows["value"].tolist() == pytest.approx([75, np.nan, 100], nan_ok=True)
    assert (rows["n"].tolist(), rows["n_missing"].tolist()) == ([40, 0, 5], [10, 0, 0])
    # 10 of 40 residents are off the network: more than may be
    assert [status.name for status in rows["status"]] == ["doubtful", "absent", "ok"]
    assert rows["status"].iloc[0].reason.key == "residents.off_network"
    assert rows["status"].iloc[1].reason.key == "residents.nobody_here"


def test_zones_of_unknown_residents_have_neither_number_nor_share() -> None:
    found = residents_by_zone(people(shapely.box(-10, -10, 1000, 1010)), ZONES)
    assert found.total.tolist() == pytest.approx([40, np.nan, np.nan], nan_ok=True)
    assert [status.name for status in found.status] == ["ok", "absent", "absent"]
    rows = found.share_rows(np.ones(4, bool), np.zeros(4, bool))
    assert rows["value"].tolist() == pytest.approx([100, np.nan, np.nan], nan_ok=True)
    assert {status.reason.key for status in rows["status"][1:]} == {"residents.not_known_here"}


def test_what_is_known_is_compared_with_land_alone() -> None:
    """No data at sea leaves the third zone, half of which is sea, as known as it was."""
    known = shapely.box(-10, -10, 2500, 1010)
    assert known_land_pct(people(known), ZONES).tolist() == pytest.approx([100, 100, 100])
    assert [s.name for s in residents_by_zone(people(known), ZONES).status] == ["ok"] * 3
    assert known_land_pct(people(shapely.box(-10, -10, 2250, 1010)), ZONES).tolist() == pytest.approx([100, 100, 50])


def test_partly_known_residents_are_doubtful_and_say_how_much() -> None:
    whole = residents_by_zone(people(shapely.box(-10, -10, 2000, 1010)), whole_area(AREA))
    assert whole.status[0].name == "doubtful"
    assert whole.status[0].reason is not None
    assert whole.status[0].reason.values["percent"] == pytest.approx(80)
    assert whole.total.tolist() == [45]


def test_the_own_status_of_an_indicator_is_kept() -> None:
    own = DataStatus("doubtful", Message("density.no_land"))
    statuses = residents_by_zone(people(), ZONES).share_statuses(own)
    assert [status.name for status in statuses] == ["doubtful", "absent", "doubtful"]


def test_no_people_and_unknown_people_are_not_computable() -> None:
    nobody = People(*[np.zeros(0)] * 4, np.zeros(0, dtype=object), "raster")
    unknown = People(*[np.zeros(1)] * 2, np.full(1, np.nan), np.ones(1), np.zeros(1, dtype=object), "raster")
    for crowd in (nobody, unknown):
        with pytest.raises(NotComputable, match="not known"):
            residents_by_zone(crowd, ZONES)
