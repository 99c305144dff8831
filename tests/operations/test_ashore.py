"""People who stand in the water or outside: moved ashore or left out, and never uncounted."""

from math import fsum

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from pyproj import CRS

from spatial.model.people import People
from spatial.model.provenance import Ledger
from spatial.model.study_area import StudyArea
from spatial.operations.ashore import people_on_land

UTM = CRS.from_epsg(32627)
# a square kilometre whose eastern half, and what lies east of it, is sea
AREA = StudyArea("Toy", shapely.box(0, 0, 1000, 1000), 0, UTM, shapely.box(500, -5000, 5000, 5000))


def people(*rows: tuple[float, float, float]) -> People:
    x, y, residents = np.array(rows, dtype=float).reshape(-1, 3).T
    return People(x, y, residents, np.full(len(x), np.nan), np.arange(len(x)).astype(object), "zones")


def said(ledger: Ledger) -> dict[str, tuple[object, object]]:
    return {e.message.key: (e.message.values["count"], e.message.values["residents"]) for e in ledger.entries}


def test_houseboats_move_ashore_and_those_outside_are_counted() -> None:
    ledger = Ledger()
    moved = people_on_land(people((100, 100, 1), (900, 500, 2), (-50, 500, 4), (1100, 500, 8)), AREA, ledger=ledger)
    assert moved.residents.tolist() == [1, 2]
    assert (moved.x.tolist(), moved.y.tolist()) == ([100, 499], [100, 500])
    assert moved.group.tolist() == [0, 1]
    assert said(ledger) == {"dasymetric.ashore": (1, 2), "dasymetric.outside": (2, 12)}


def test_nothing_is_said_where_all_stand_on_land() -> None:
    ledger = Ledger()
    same = people((100, 100, 1), (0, 0, 2))
    assert people_on_land(same, AREA, ledger=ledger) == same
    assert ledger.entries == ()


def test_the_sea_cells_of_a_shore_belong_to_it_and_cells_of_the_neighbour_do_not() -> None:
    """The boundary follows the coast: a cell of 100 m has its centre 40 m out at sea."""
    place = StudyArea("Coast", shapely.box(0, 0, 500, 1000), 0, UTM, shapely.box(500, -5000, 5000, 5000))
    ledger = Ledger()
    crowd = people((540, 500, 1), (-40, 500, 2), (640, 500, 4))
    moved = people_on_land(crowd, place, reach_m=71, ledger=ledger)
    assert (moved.residents.tolist(), moved.x.tolist()) == ([1], [499])
    assert said(ledger) == {"dasymetric.ashore": (1, 1), "dasymetric.outside": (2, 6)}


def test_land_narrower_than_a_metre_still_takes_people() -> None:
    pier = StudyArea("Pier", shapely.box(0, 0, 100, 100), 0, UTM, shapely.box(0.2, -10, 200, 200))
    moved = people_on_land(people((50, 50, 3)), pier, ledger=Ledger())
    assert shapely.intersects_xy(pier.land, moved.x, moved.y).all()


def test_an_area_without_land_has_no_people() -> None:
    lake = StudyArea("Lake", shapely.box(0, 0, 100, 100), 0, UTM, shapely.box(-1, -1, 200, 200))
    ledger = Ledger()
    assert len(people_on_land(people((50, 50, 3)), lake, ledger=ledger)) == 0
    assert said(ledger) == {"dasymetric.outside": (1, 3)}


@settings(max_examples=40, deadline=None)
@given(st.lists(st.tuples(st.floats(-200, 1200), st.floats(-200, 1200), st.integers(0, 1000)), max_size=20))
def test_everybody_is_on_land_or_in_the_ledger(rows: list[tuple[float, float, int]]) -> None:
    crowd, ledger = people(*[(x, y, float(n)) for x, y, n in rows]), Ledger()
    moved = people_on_land(crowd, AREA, ledger=ledger)
    lost = said(ledger).get("dasymetric.outside", (0, 0.0))[1]
    assert fsum(moved.residents) + lost == pytest.approx(fsum(crowd.residents))  # type: ignore[operator]
    assert shapely.intersects_xy(AREA.land, moved.x, moved.y).all()
