"""Layers are frozen, equal by content, and survive pickling."""

import pickle
from dataclasses import replace

import geopandas as gpd
import numpy as np
import pytest
import shapely
from affine import Affine
from pyproj import CRS

from spatial.errors import CrsError, InputError
from spatial.model.district import Memo
from spatial.model.layer import content_token
from spatial.model.people import People
from spatial.model.provenance import DataStatus
from spatial.model.raster import Raster
from spatial.model.zones import Zones
from spatial.text import Message


def people(residents: list[float]) -> People:
    n = len(residents)
    return People(
        np.arange(n, dtype=float), np.zeros(n), np.array(residents), np.full(n, np.nan), np.full(n, ""), "zones"
    )


def test_equal_content_is_an_equal_layer() -> None:
    assert people([1, 2]) == people([1, 2])
    assert people([1, 2]) != people([2, 1])
    assert hash(people([1, 2])) == hash(people([1, 2]))


def test_arrays_are_read_only_also_after_pickling() -> None:
    for layer in (people([1, 2]), pickle.loads(pickle.dumps(people([1, 2])))):
        with pytest.raises(ValueError, match="read-only"):
            layer.residents[0] = 5


def test_a_table_that_is_handed_out_cannot_change_the_layer() -> None:
    table = gpd.GeoDataFrame(
        {"name": ["a"], "land_m2": [1.0]}, geometry=[shapely.box(0, 0, 1, 1)], index=["z"], crs=32627
    )
    zones = Zones(table, "grid")
    handed = zones.table
    handed.loc["z", "land_m2"] = 99.0
    handed["more"] = 1
    assert zones.table["land_m2"].tolist() == [1.0]
    assert "more" not in zones.table


def test_negative_people_are_refused() -> None:
    with pytest.raises(InputError, match="below zero"):
        people([1, -3.4e38])


def test_tokens_tell_type_shape_and_order_apart() -> None:
    tokens = {
        content_token(np.arange(4)),
        content_token(np.arange(4.0)),
        content_token(np.arange(4).reshape(2, 2)),
        content_token(np.arange(4)[::-1]),
        content_token("ab", "c"),
        content_token("a", "bc"),
        content_token(shapely.Point(0, 1)),
        content_token(shapely.Point(1, 0)),
    }
    assert len(tokens) == 8


def test_a_raster_without_crs_is_refused() -> None:
    with pytest.raises(CrsError, match="no coordinate system"):
        Raster(np.zeros((2, 2)), Affine.identity(), None, None, "counts")  # type: ignore[arg-type]


def test_cell_centres_and_area() -> None:
    raster = Raster(np.zeros((1, 2)), Affine(100, 0, 1000, 0, -100, 500), CRS.from_epsg(32627), None, "counts")
    x, y = raster.centres()
    assert x.tolist() == [[1050, 1150]]
    assert y.tolist() == [[450, 450]]
    assert raster.cell_area == 10_000


def test_memo_remembers_and_stays_bounded() -> None:
    memo, made = Memo(max_bytes=1000), []

    def make(size: int) -> np.ndarray:
        made.append(size)
        return np.zeros(size, np.uint8)

    memo.recall(("a",), lambda: make(600))
    memo.recall(("a",), lambda: make(600))
    assert made == [600]
    memo.recall(("b",), lambda: make(600))
    memo.recall(("a",), lambda: make(600))
    assert made == [600, 600, 600]
    assert pickle.loads(pickle.dumps(memo)).recall(("a",), lambda: make(1)).nbytes == 1


def test_the_callers_own_table_and_arrays_stay_his() -> None:
    """A layer keeps copies: what is changed outside afterwards changes no number."""
    base = np.arange(4, dtype=float)
    residents = base[1:3]
    layer = People(np.zeros(2), np.zeros(2), residents, np.full(2, np.nan), np.full(2, ""), "zones")
    base[1] = 99
    assert layer.residents.tolist() == [1, 2]
    table = gpd.GeoDataFrame(
        {"name": ["a"], "land_m2": [1.0]}, geometry=[shapely.Point(0, 0).buffer(1)], index=["z"], crs=32627
    )
    zones = Zones(table, "grid")
    table["land_m2"] = 5.0
    table.loc["z", "name"] = "b"
    assert zones.table[["name", "land_m2"]].iloc[0].tolist() == ["a", 1.0]


def test_the_token_covers_status_and_type() -> None:
    doubtful = DataStatus("doubtful", Message("people.negative"))
    assert replace(people([1, 2]), status=doubtful) != people([1, 2])
    assert content_token(np.zeros(3)) != content_token(np.zeros(3, np.int64))
