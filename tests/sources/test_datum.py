import json
from importlib.resources import files

import eviltransform
import numpy as np
import pytest
import shapely
from hypothesis import example, given, settings
from hypothesis import strategies as st
from pyproj import Geod

from spatial.errors import InputError
from spatial.sources.datum import (
    DATUMS,
    Datum,
    from_wgs84,
    geometry_from_wgs84,
    geometry_to_wgs84,
    in_mainland,
    to_wgs84,
)
from spatial.sources.datum.mainland import mainland

GEOD = Geod(ellps="WGS84")
SHIFTED: tuple[Datum, ...] = ("gcj02", "bd09")


def between_m(one: tuple[np.ndarray, np.ndarray], other: tuple[np.ndarray, np.ndarray]) -> np.ndarray:
    return np.asarray(GEOD.inv(*one, *other)[2])


def mainland_points(count: int, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    random = np.random.default_rng(seed)
    west, south, east, north = shapely.bounds(mainland())
    lon, lat = random.uniform(west, east, 3 * count), random.uniform(south, north, 3 * count)
    inside = in_mainland(lon, lat)
    return lon[inside][:count], lat[inside][:count]


def border_points(spread_deg: float) -> tuple[np.ndarray, np.ndarray]:
    """Points on both sides all along the outline."""
    edge = shapely.get_coordinates(shapely.segmentize(shapely.boundary(mainland()), 0.02))
    off = np.random.default_rng(1).normal(0, spread_deg, edge.shape)
    return edge[:, 0] + off[:, 0], edge[:, 1] + off[:, 1]


def one(lon: float, lat: float) -> tuple[np.ndarray, np.ndarray]:
    return np.array([lon]), np.array([lat])


def test_where_all_waves_are_zero_the_shift_is_worked_out_by_hand() -> None:
    # At 105° E, 35° N the published formula moves 300 m east and 100 m south on the ellipsoid of Krasovsky, whose
    # parallel has a radius of 5 230 514.58 m there and whose meridian is curved with 6 356 537.45 m.
    lon, lat = from_wgs84(*one(105, 35), "gcj02")
    assert lon[0] - 105 == pytest.approx(np.degrees(300 / 5_230_514.58), abs=1e-10)
    assert lat[0] - 35 == pytest.approx(-np.degrees(100 / 6_356_537.45), abs=1e-10)


@pytest.mark.parametrize(("lon", "lat", "shift_m"), [(116.3913, 39.9075, 555), (113.2644, 23.1291, 621)])
def test_published_shifts_of_beijing_and_guangzhou(lon: float, lat: float, shift_m: float) -> None:
    assert between_m(one(lon, lat), from_wgs84(*one(lon, lat), "gcj02"))[0] == pytest.approx(shift_m, abs=1)


@pytest.mark.parametrize(("datum", "theirs"), [("gcj02", eviltransform.wgs2gcj), ("bd09", eviltransform.wgs2bd)])
def test_an_independent_program_gives_the_same(datum: Datum, theirs) -> None:
    # eviltransform writes the same formula with the equatorial radius of WGS 84 (6 378 137 m) for Krasovsky's
    # (6 378 245 m): a shift of at most 0.01° then differs by at most 2e-7°.
    lon, lat = mainland_points(4000)
    shifted = np.column_stack(from_wgs84(lon, lat, datum))
    expected = np.array([theirs(y, x)[::-1] for x, y in zip(lon, lat, strict=True)])
    assert np.abs(shifted - expected).max() < 2e-7
    # Its inverses stop early; its forward way tells whether ours is one.
    back = np.column_stack(to_wgs84(lon, lat, datum))
    inside = in_mainland(*back.T) & (back != np.column_stack([lon, lat])).all(axis=1)
    again = np.array([theirs(y, x)[::-1] for x, y in back[inside]])
    assert inside.sum() > 3900
    assert np.abs(again - np.column_stack([lon, lat])[inside]).max() < 1e-6


@pytest.mark.parametrize("datum", SHIFTED)
def test_round_trips_end_within_a_micrometre(datum: Datum) -> None:
    lon, lat = (np.concatenate(pair) for pair in zip(mainland_points(40_000), border_points(0.003), strict=True))
    # The formula has a kink along 105° E.
    kink = 105 + np.linspace(-1e-3, 1e-3, 2001) ** 3
    lon, lat = np.concatenate([lon, kink]), np.concatenate([lat, np.linspace(23, 41, 2001)])
    inside = in_mainland(lon, lat)
    lon, lat = lon[inside], lat[inside]
    assert len(lon) > 45_000
    shifted = from_wgs84(lon, lat, datum)
    assert between_m((lon, lat), to_wgs84(*shifted, datum)).max() < 1e-6
    assert between_m((lon, lat), shifted).min() > 10


@settings(max_examples=300, deadline=None)
@given(st.floats(73.4, 134.9), st.floats(13.5, 53.6), st.sampled_from(SHIFTED))
@example(105.0, 35.0, "gcj02")
@example(114.1121, 22.5344, "gcj02")
def test_what_is_shifted_comes_back_wherever_it_is(lon: float, lat: float, datum: Datum) -> None:
    shifted = from_wgs84(*one(lon, lat), datum)
    if in_mainland(*one(lon, lat))[0]:
        assert between_m(one(lon, lat), to_wgs84(*shifted, datum))[0] < 1e-6
    else:
        assert (shifted[0][0], shifted[1][0]) == (lon, lat)


@pytest.mark.parametrize("datum", SHIFTED)
def test_both_ways_ask_where_the_wgs84_position_lies(datum: Datum) -> None:
    lon, lat = border_points(0.01)
    x, y = to_wgs84(lon, lat, datum)
    moved = (x != lon) | (y != lat)
    assert in_mainland(x, y)[moved].all()
    assert between_m(from_wgs84(x[moved], y[moved], datum), (lon[moved], lat[moved])).max() < 1e-6
    # Some coordinates outside are those of positions inside: the position decides, not the coordinate.
    assert (moved & ~in_mainland(lon, lat)).sum() > 100


ABROAD = {
    "Seoul": (126.978, 37.5665), "Hanoi": (105.8342, 21.0278), "Delhi": (77.209, 28.6139),
    "Hong Kong": (114.1694, 22.3193), "Lo Wu station": (114.1134, 22.5283), "Lok Ma Chau station": (114.0657, 22.5144),
    "Sheung Shui": (114.1285, 22.5015), "Macau": (113.5439, 22.1987), "Taipa": (113.559, 22.156),
    "Taipei": (121.5654, 25.033), "Kinmen": (118.3186, 24.4368), "Lieyu": (118.24, 24.43), "Matsu": (119.95, 26.16),
    "Ulaanbaatar": (106.9057, 47.8864), "Vladivostok": (131.8855, 43.1155), "Blagoveshchensk": (127.527, 50.29),
    "Kathmandu": (85.324, 27.7172), "Islamabad": (73.0479, 33.6844), "Almaty": (76.8512, 43.222),
    "Yangon": (96.1951, 16.8661), "Muse": (97.902, 23.979), "Sinuiju": (124.4, 40.1), "Lao Cai": (103.97, 22.4856),
    "Mong Cai": (107.966, 21.5247), "Zamyn-Uud": (111.91, 43.72),
}  # fmt: skip
AT_HOME = {
    "Beijing": (116.3913, 39.9075), "Shanghai": (121.4737, 31.2304), "Pudong airport": (121.8083, 31.1443),
    "Yangshan port": (122.06, 30.62), "Zhoushan": (122.107, 29.985), "Tianjin port": (117.8, 38.98),
    "Shenzhen": (114.0579, 22.5431), "Shenzhen station, Luohu": (114.1121, 22.5344),
    "Futian Checkpoint": (114.065, 22.5182), "Shekou": (113.915, 22.481), "Qianhai": (113.89, 22.53),
    "Yantian": (114.27, 22.57), "Zhuhai": (113.5767, 22.2707), "Gongbei": (113.545, 22.22),
    "Hengqin": (113.545, 22.13), "Xiamen": (118.0894, 24.4798), "Gulangyu": (118.067, 24.447),
    "Pingtan": (119.79, 25.5), "Harbin": (126.535, 45.8038), "Heihe": (127.5285, 50.245),
    "Suifenhe": (131.15, 44.4), "Hunchun": (130.366, 42.863), "Dandong": (124.3545, 40.0005),
    "Manzhouli": (117.43, 49.598), "Erenhot": (111.977, 43.653), "Mohe": (122.539, 52.972),
    "Urumqi": (87.6168, 43.8256), "Khorgas": (80.411, 44.214), "Kashgar": (75.9897, 39.4704),
    "Lhasa": (91.1409, 29.6456), "Zhangmu": (85.98, 28.0), "Ruili": (97.8518, 24.0128),
    "Dongxing": (107.971, 21.546), "Pingxiang": (106.766, 22.096), "Sanya": (109.5119, 18.2528),
}  # fmt: skip


@pytest.mark.parametrize("datum", SHIFTED)
def test_cities_abroad_stay_put_and_mainland_cities_are_shifted(datum: Datum) -> None:
    for cities, shifted in ((ABROAD, False), (AT_HOME, True)):
        lon, lat = np.array(list(cities.values())).T
        x, y = from_wgs84(lon, lat, datum)
        assert dict(zip(cities, (x != lon) & (y != lat), strict=True)) == dict.fromkeys(cities, shifted)
    lon, lat = np.array(list(ABROAD.values())).T
    far = ~np.isin(list(ABROAD), ["Lo Wu station", "Lok Ma Chau station", "Macau", "Sinuiju", "Mong Cai", "Muse"])
    x, y = to_wgs84(lon[far], lat[far], datum)
    assert (x == lon[far]).all()
    assert (y == lat[far]).all()


def test_the_outline_is_small_valid_and_carries_its_licence() -> None:
    text = files("spatial.sources.datum").joinpath("mainland.geojson").read_text(encoding="utf-8")
    properties = json.loads(text)["properties"]
    assert len(text.encode()) < 60_000
    assert shapely.is_valid(mainland())
    assert "Permission to use, copy, modify" in properties["licence"]
    assert "country-coder contributors" in properties["licence"]
    assert "no statement about any border" in properties["note"]


@pytest.mark.parametrize("datum", DATUMS)
@pytest.mark.parametrize("convert", [to_wgs84, from_wgs84])
def test_any_shape_of_array_and_missing_numbers(datum: Datum, convert) -> None:
    lon = np.array([[116.39, np.nan, 0.0], [np.inf, 121.47, 114.1694]])
    lat = np.array([[39.91, 30.0, np.nan], [31.0, 31.23, 22.3193]])
    given_lon, given_lat = lon.copy(), lat.copy()
    x, y = convert(lon, lat, datum)
    assert x.shape == y.shape == (2, 3)
    np.testing.assert_array_equal(lon, given_lon)
    np.testing.assert_array_equal(lat, given_lat)
    kept = np.array([[False, True, True], [True, False, True]]) | (datum in ("wgs84", "cgcs2000"))
    np.testing.assert_array_equal(x[kept], lon[kept])
    np.testing.assert_array_equal(y[kept], lat[kept])
    assert (x[~kept] != lon[~kept]).all()
    assert not np.shares_memory(x, lon)
    empty = convert(np.empty(0), np.empty(0), datum)
    assert empty[0].shape == empty[1].shape == (0,)
    single = convert(np.float64(116.39), np.float64(39.91), datum)
    assert (float(single[0]), float(single[1])) == (x[0, 0], y[0, 0])


def test_a_datum_that_nobody_knows_is_refused() -> None:
    with pytest.raises(InputError, match=r"nad27 is no known datum.*wgs84, cgcs2000, gcj02, bd09") as error:
        to_wgs84(*one(116, 40), "nad27")  # type: ignore[arg-type]
    assert "wgs84、cgcs2000、gcj02、bd09" in error.value.in_language("zh")


@pytest.mark.parametrize("datum", DATUMS)
def test_geometries_move_vertex_by_vertex(datum: Datum) -> None:
    ring = shapely.Polygon(
        [(116, 40), (116.1, 40), (116.1, 40.1)], [[(116.05, 40.02), (116.09, 40.02), (116.09, 40.05)]]
    )
    high = shapely.LineString([(121.4, 31.2, 5), (121.5, 31.3, 7)])
    shapes = np.array([ring, high, None, shapely.Point(113.26, 23.13), shapely.Point()], dtype=object)
    vendor = geometry_from_wgs84(shapes, datum)
    lon, lat = from_wgs84(*shapely.get_coordinates(shapes).T, datum)
    np.testing.assert_array_equal(shapely.get_coordinates(vendor), np.column_stack([lon, lat]))
    back = geometry_to_wgs84(vendor, datum)
    np.testing.assert_allclose(shapely.get_coordinates(back), shapely.get_coordinates(shapes), atol=1e-11, rtol=0)
    assert back[2] is None
    assert shapely.get_type_id(back).tolist() == shapely.get_type_id(shapes).tolist()
    assert shapely.has_z(back).tolist() == [False, True, False, False, False]
    assert shapely.get_coordinates(back[1], include_z=True)[:, 2].tolist() == [5, 7]
    assert shapely.equals(shapes[0], ring)
