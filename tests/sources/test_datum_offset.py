from dataclasses import dataclass, replace
from functools import cache
from itertools import pairwise
from pathlib import Path

import geopandas as gpd
import numpy as np
import pytest
import shapely
from pyproj import CRS, Transformer

from spatial.model.provenance import Ledger, LedgerEntry
from spatial.parameters import parameter
from spatial.sources.datum import Datum, OffsetRules, OffsetVerdict, check_offset, geometry_from_wgs84, note_offset
from spatial.text import render

WUHAN = Path(__file__).parents[2].parent / "shared" / "data" / "wuhan" / "wuhan_streets_osm_neatnet.parquet"
UTM = CRS.from_epsg(32650)
WEST, SOUTH = 240_000, 3_385_000  # In Wuhan, where GCJ-02 lies 587 m off and BD-09 1 210 m.
NOTHING = np.array([], dtype=object)
# What the file is in, and what it is declared as.
PAIRS: tuple[tuple[Datum, Datum], ...] = (
    ("wgs84", "wgs84"), ("gcj02", "gcj02"), ("bd09", "bd09"), ("gcj02", "wgs84"), ("bd09", "wgs84"), ("wgs84", "gcj02"),
    ("bd09", "gcj02"),
)  # fmt: skip


@dataclass(frozen=True)
class City:
    """Streets on a grid and what stands between them."""

    streets: np.ndarray
    blocks: np.ndarray
    houses: np.ndarray
    box: tuple[float, float, float, float]


@cache
def city(
    blocks: int = 20, size_m: float = 120, irregular_m: float = 30, *, west: float = WEST, south: float = SOUTH
) -> City:
    """A dense city; with `irregular_m` = 0 all its blocks are equal, and a move by one block changes nothing."""
    random = np.random.default_rng(7)
    x, y = (
        start + np.arange(blocks + 1) * size_m + random.uniform(-irregular_m, irregular_m, blocks + 1)
        for start in (west, south)
    )
    north_south = [[(a, c), (a, d)] for a in x for c, d in pairwise(y)]
    east_west = [[(a, c), (b, c)] for c in y for a, b in pairwise(x)]
    streets = shapely.linestrings(np.array(north_south + east_west))
    corners = np.array([(a, c, b, d) for a, b in pairwise(x) for c, d in pairwise(y)])
    lots = shapely.box(*corners.T)
    parts = np.concatenate([_quarters(lot) for lot in corners + np.array([12, 12, -12, -12])])
    return City(streets, lots, shapely.box(*(parts + np.array([3, 3, -3, -3])).T), (x[0], y[0], x[-1], y[-1]))


def _quarters(box: np.ndarray) -> np.ndarray:
    a, c, b, d = box
    e, f = (a + b) / 2, (c + d) / 2
    return np.array([(a, c, e, f), (e, c, b, f), (a, f, e, d), (e, f, b, d)])


def as_file(shapes: np.ndarray, datum: Datum, crs: CRS = UTM) -> np.ndarray:
    """Shapes in metres as a file in `datum` would hold them."""
    to_degrees = Transformer.from_crs(crs, 4326, always_xy=True)
    degrees = shapely.transform(shapes, lambda xy: np.column_stack(to_degrees.transform(xy[:, 0], xy[:, 1])))
    return geometry_from_wgs84(degrees, datum)


def shops(of: City, count: int = 300) -> np.ndarray:
    """Points on fronts, from 3 m inside the building to 4 m before it."""
    random = np.random.default_rng(3)
    houses = random.permutation(of.houses)[:count]
    fronts = shapely.line_interpolate_point(shapely.boundary(houses), random.uniform(0, 1, count), normalized=True)
    middle, front = (shapely.get_coordinates(points) for points in (shapely.centroid(houses), fronts))
    out = (front - middle) / np.hypot(*(front - middle).T)[:, None]
    return shapely.points(front + out * random.uniform(-3, 4, count)[:, None])


def redrawn(shapes: np.ndarray, off_m: float) -> np.ndarray:
    """The same shapes as another surveyor draws them, each some metres off."""
    random = np.random.default_rng(4)
    return np.array([shapely.transform(shape, lambda xy: xy + random.normal(0, off_m, 2)) for shape in shapes])


def scattered(of: City, count: int = 500) -> np.ndarray:
    west, south, east, north = of.box
    random = np.random.default_rng(5)
    return shapely.points(random.uniform(west, east, count), random.uniform(south, north, count))


LAYERS = {
    "shops": shops,
    "streets": lambda of: redrawn(of.streets, 3),
    "parcels": lambda of: shapely.buffer(of.blocks, -9, join_style="mitre"),
    "buildings": lambda of: redrawn(of.houses[::4], 1),
}


def check(shapes: np.ndarray, declared: Datum, of: City, **given) -> OffsetVerdict:
    return check_offset(shapes, declared, of.streets, of.houses, UTM, **given)


def recorded(verdict: OffsetVerdict) -> tuple[LedgerEntry, ...]:
    ledger = Ledger()
    note_offset(verdict, path_name="poi.csv", layer="places", ledger=ledger)
    return ledger.entries


@pytest.mark.parametrize(("true", "declared"), PAIRS)
@pytest.mark.parametrize("layer", LAYERS)
def test_the_datum_of_a_layer_is_found(layer: str, true: Datum, declared: Datum) -> None:
    verdict = check(as_file(LAYERS[layer](city()), true), declared, city())
    if true == declared:
        assert (verdict.kind, verdict.better) == ("fits", None)
        assert not recorded(verdict)
    else:
        assert (verdict.kind, verdict.better) == ("shifted", true)
        assert verdict.better_pct > 90 > verdict.declared_pct + 15
        assert [entry.action for entry in recorded(verdict)] == ["warned"]


@pytest.mark.parametrize(("true", "declared"), PAIRS)
@pytest.mark.parametrize("layer", LAYERS)
def test_no_false_alarm_where_all_blocks_are_equal(layer: str, true: Datum, declared: Datum) -> None:
    """A shift by some whole blocks may fit as well there: then nothing can be told, but nothing wrong is."""
    place = city(irregular_m=0)
    verdict = check(as_file(LAYERS[layer](place), true), declared, place)
    expected = ("fits", None) if true == declared else ("shifted", true)
    assert (verdict.kind, verdict.better) in (expected, ("unclear", None))
    if layer == "streets":
        assert (verdict.kind, verdict.better) == expected


def test_wgs84_and_cgcs2000_are_not_told_apart() -> None:
    layer = as_file(shops(city()), "wgs84")
    assert check(layer, "cgcs2000", city()) == replace(check(layer, "wgs84", city()), declared="cgcs2000")
    assert check(layer, "cgcs2000", city()).kind == "fits"
    assert check(as_file(shops(city()), "gcj02"), "cgcs2000", city()).better == "gcj02"


@pytest.mark.parametrize("irregular_m", [30, 0])
@pytest.mark.parametrize(("true", "declared"), PAIRS)
def test_points_anywhere_say_nothing(true: Datum, declared: Datum, irregular_m: float) -> None:
    place = city(irregular_m=irregular_m)
    verdict = check(as_file(scattered(place), true), declared, place)
    assert verdict.kind == "unclear"
    (entry,) = recorded(verdict)
    assert entry.action == "read"
    assert entry.message.key == "datum.none_stands_out"
    assert entry.count == verdict.features > 300


@pytest.mark.parametrize("declared", ["wgs84", "gcj02", "bd09"])
def test_points_at_the_edge_of_a_city_say_nothing(declared: Datum) -> None:
    """A datum that moves points anywhere from the fields into the city does not fit better for it."""
    west, south, _, north = city().box
    random = np.random.default_rng(6)
    strip = shapely.points(random.uniform(west - 900, west + 300, 800), random.uniform(south, north, 800))
    assert check(as_file(strip, declared), declared, city()).kind == "unclear"
    assert check(as_file(strip, "bd09"), declared, city()).kind == "unclear"


def test_parcels_beside_wide_streets_are_no_false_alarm(monkeypatch: pytest.MonkeyPatch) -> None:
    """GCJ-02 would put the outlines of these parcels, 25 m off the centre lines, onto other streets of the grid."""
    crs = CRS.from_epsg(32649)
    place = city(9, 450, 0, west=373_000, south=3_573_000)
    parcels = shapely.buffer(place.blocks, -25, join_style="mitre")
    verdict = check_offset(as_file(parcels, "wgs84", crs), "wgs84", place.streets, NOTHING, crs)
    assert verdict.kind == "unclear"
    assert verdict.declared_pct < 1
    assert verdict.better_pct > 90
    monkeypatch.setattr("spatial.sources.datum.offset.crossed_less", lambda *_: True)
    assert check_offset(as_file(parcels, "wgs84", crs), "wgs84", place.streets, NOTHING, crs).better == "gcj02"


def test_shares_are_counted_by_hand() -> None:
    """Of 40 points 30 lie 4 m from a building, 8 lie 6 m away from it and 2 out of reach of everything."""
    x = WEST + 200.0 * np.arange(40)
    buildings = shapely.box(x - 5, SOUTH - 5, x + 5, SOUTH + 5)
    north = np.repeat([9.0, 11.0, 300.0], [30, 8, 2])
    verdict = check_offset(as_file(shapely.points(x, SOUTH + north), "wgs84"), "wgs84", NOTHING, buildings, UTM)
    assert verdict.declared_pct == pytest.approx(100 * 30 / 38)
    assert verdict.features == 38
    assert (verdict.kind, verdict.better) == ("fits", None)


def test_the_distance_between_the_positions_is_said() -> None:
    verdict = check(as_file(shops(city()), "gcj02"), "wgs84", city())
    assert verdict.shift_m == pytest.approx(587, abs=1)
    (entry,) = recorded(verdict)
    assert entry.layer == "places"
    assert entry.count == 300
    english, chinese = (render(entry.message, language) for language in ("en", "zh"))
    assert english.startswith("poi.csv is declared as WGS 84, and ")
    assert 'write datum = "gcj02" for this layer' in english
    assert "587 m apart" in english
    assert 'datum = "gcj02"' in chinese
    assert "相差587米" in chinese


def test_too_few_features_cannot_tell() -> None:
    few = as_file(shops(city(), 29), "gcj02")
    verdict = check(few, "wgs84", city())
    assert (verdict.kind, verdict.features) == ("unclear", 29)
    (entry,) = recorded(verdict)
    assert entry.action == "read"
    assert "29 features lie near the study's streets or buildings; 30 or more" in render(entry.message, "en")
    assert check(as_file(shops(city(), 30), "gcj02"), "wgs84", city()).kind == "shifted"
    assert parameter("offset_features_min") == 30


@pytest.mark.parametrize(
    "layer", [NOTHING, np.array([None, shapely.Point(), shapely.LineString()], dtype=object),
              np.array([shapely.Point(500_000, 3_000_000)])], ids=["no rows", "no shapes", "metres"]
)  # fmt: skip
def test_a_layer_without_positions_cannot_tell(layer: np.ndarray) -> None:
    verdict = check(layer, "wgs84", city())
    assert (verdict.kind, verdict.features) == ("unclear", 0)
    assert [entry.message.key for entry in recorded(verdict)] == ["datum.too_few"]


def test_without_streets_and_buildings_nothing_can_be_told() -> None:
    verdict = check_offset(as_file(shops(city()), "gcj02"), "wgs84", NOTHING, NOTHING, UTM)
    assert (verdict.kind, verdict.features) == ("unclear", 0)


@pytest.mark.parametrize("declared", ["wgs84", "cgcs2000", "gcj02", "bd09"])
@pytest.mark.parametrize("with_reference", [True, False])
def test_outside_mainland_china_every_datum_fits(declared: Datum, with_reference: bool) -> None:
    random = np.random.default_rng(0)
    points = shapely.points(random.uniform(-22, -21.8, 100), random.uniform(64.1, 64.2, 100))
    streets = np.array([shapely.LineString([(450_000, 7_110_000), (460_000, 7_115_000)])])
    verdict = check_offset(points, declared, streets if with_reference else NOTHING, NOTHING, CRS.from_epsg(32627))
    assert (verdict.kind, verdict.features) == ("fits", 100)
    assert not recorded(verdict)


def test_the_verdict_does_not_depend_on_the_order_of_rows_or_the_rest_of_the_country() -> None:
    place = city()
    layer = as_file(shops(place, 1200), "gcj02")
    verdict = check(layer, "wgs84", place)
    assert verdict.features == 600
    random = np.random.default_rng(1)
    assert check(random.permutation(layer), "wgs84", place) == verdict
    elsewhere = shapely.points(random.uniform(100, 120, 5000), random.uniform(25, 29, 5000))
    assert check(np.concatenate([elsewhere, layer]), "wgs84", place) == verdict
    assert check(layer, "wgs84", place) == verdict


def test_parts_and_the_most_frequent_kind_count() -> None:
    streets = as_file(redrawn(city().streets, 3), "gcj02")
    joined = np.array([shapely.multilinestrings(list(streets[i : i + 4])) for i in range(0, len(streets), 4)])
    mixed = np.array([*joined, shapely.GeometryCollection([joined[0]]), shapely.Point(114.3, 30.6), None])
    assert check(mixed, "wgs84", city()).better == "gcj02"


def test_thresholds_are_settings() -> None:
    layer = as_file(shops(city()), "gcj02")
    assert check(layer, "wgs84", city(), rules=OffsetRules()).kind == "shifted"
    assert check(layer, "wgs84", city(), rules=OffsetRules(margin_pct=60)).kind == "unclear"
    assert check(layer, "wgs84", city(), rules=OffsetRules(margin_errors=100)).kind == "unclear"
    assert check(layer, "wgs84", city(), rules=OffsetRules(features_min=301)).kind == "unclear"
    assert check(layer, "wgs84", city(), rules=OffsetRules(same_m=2000)).kind == "fits"


@pytest.fixture(scope="module")
def wuhan() -> tuple[np.ndarray, CRS]:
    if not WUHAN.is_file():
        pytest.skip("the streets of Wuhan are not here")
    table = gpd.read_parquet(WUHAN)
    return table.geometry.to_numpy(), CRS(table.crs)


@pytest.mark.development_data
@pytest.mark.parametrize(("true", "declared"), PAIRS[1:4])
def test_real_streets_as_a_vendor_would_sell_them(wuhan, true: Datum, declared: Datum) -> None:
    """All streets against themselves, and a half of them against the other half, which they only meet or continue."""
    streets, crs = wuhan
    half = np.random.default_rng(2).random(len(streets)) < 0.5
    for layer, reference in ((streets[::20], streets), (streets[half][::20], streets[~half])):
        verdict = check_offset(as_file(layer, true, crs), declared, reference, NOTHING, crs)
        expected = ("fits", None) if true == declared else ("shifted", true)
        assert (verdict.kind, verdict.better) == expected
    anywhere = shapely.points(
        *np.random.default_rng(3).uniform([[220_000], [3_370_000]], [[255_000], [3_400_000]], (2, 2000))
    )
    assert check_offset(as_file(anywhere, true, crs), declared, streets, NOTHING, crs).kind == "unclear"
