"""A small made-up town with everything a report speaks of: sources, a ledger, doubtful and absent data."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import shapely
from toy_city import CORNER, DAILY_NEEDS, grid_city, toy_area, toy_people, toy_places

from spatial.indicators import compute
from spatial.model.district import District
from spatial.model.provenance import DataStatus, LedgerEntry, Source
from spatial.model.results import ResultTable
from spatial.model.study_area import StudyArea
from spatial.model.zones import square_grid
from spatial.text import Message

BLOCKS = 14
FEW = DataStatus("doubtful", Message("crs.missing"))
NONE = DataStatus("absent", Message("walkability.no_places", {"category": Message("category.kindergarten")}))


@pytest.fixture(scope="session")
def district() -> District:
    flat = toy_area(BLOCKS)
    pond = shapely.box(CORNER[0] + 820, CORNER[1] - 50, CORNER[0] + 1100, CORNER[1] + 260)
    area = StudyArea("Öskjuvík & <b>Sons</b>", flat.boundary, 0.0, flat.crs, pond)
    chance = np.random.default_rng(4)
    homes = [
        (i * 100 + 50, j * 100, float(chance.integers(1, 60)))
        for j in range(3, BLOCKS + 1)
        for i in range(BLOCKS)
        if i + j < 22
    ]
    spots = {need: [(100.0 * k, 300.0), (500.0 + 100 * k, 800.0)] for k, need in enumerate(DAILY_NEEDS) if k != 2}
    osm = Source(
        "osm", "town.osm.pbf", "town.osm.pbf", "2019-05-09", "ODbL-1.0", "© OpenStreetMap contributors", "ab" * 32
    )
    counts = Source("people", "Counts", "people.tif", "", "CC-BY-4.0", "WorldPop", "cd" * 32)
    ledger = (
        LedgerEntry("area", "chosen", Message("assemble.crs_given", {"crs": "EPSG:32627"})),
        LedgerEntry("osm", "dropped", Message("zones.outside", {"id": "=1+1"}), 1234),
        LedgerEntry("zones", "read", Message("assemble.zones_grid", {"count": 49}), 49),
    )
    return District(
        area=area,
        zones=square_grid(area, size_m=200),
        paths=grid_city(BLOCKS, representation="paths"),
        streets=grid_city(BLOCKS),
        people=toy_people(homes),
        places=toy_places(spots, statuses={"restaurant_or_cafe": FEW, "kindergarten": NONE}),
        sources=(osm, counts),
        ledger=ledger,
    )


@pytest.fixture(scope="session")
def results(district: District) -> ResultTable:
    return compute(district, study="toy")


@pytest.fixture(scope="session")
def illustrative(results: ResultTable) -> ResultTable:
    """The results, one row of which rests on an accepted assumption."""
    table = results.table.copy()
    first = table.index[table["subject_kind"] == "all"][0]
    reason = Message("emissions.illustrative", {"rows": ("mean_trip_length_car",)})
    table.loc[first, ["data_status", "reason"]] = ["doubtful", reason.encode()]
    return replace(results, table=table)
