"""Layers in Gauss-Krüger, swapped, unplaced, local or shifted are put right, or refused with help."""

import re
from pathlib import Path
from typing import Any

import eviltransform
import geopandas as gpd
import numpy as np
import pytest
import shapely
from pyproj import CRS, Transformer

from spatial.errors import InputError, Problems
from spatial.model.provenance import Ledger
from spatial.sources.vectors import ControlPoint, Declared, read_vectors
from spatial.sources.vectors.control_points import placed, similarity
from spatial.sources.vectors.crs_fit import Fit, fitting
from spatial.text import render

UTM50 = CRS.from_epsg(32650)
CENTRE = (114.05, 33.02)
X, Y = Transformer.from_crs(4326, UTM50, always_xy=True).transform(*CENTRE)
TOWN = shapely.box(X - 1500, Y - 1500, X + 1500, Y + 1500)
PARCELS = [shapely.box(X + 100 * i, Y, X + 100 * i + 80, Y + 90) for i in range(4)]


def frame(epsg: int, shapes: list[Any] | None = None) -> gpd.GeoDataFrame:
    made = gpd.GeoDataFrame({"id": range(4)}, geometry=shapes or PARCELS, crs=UTM50)
    return made.to_crs(epsg)


def turned(layer: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    return layer.set_geometry(shapely.transform(layer.geometry.to_numpy(), lambda xy: xy[:, ::-1]), crs=layer.crs)


def saved(layer: gpd.GeoDataFrame, path: Path) -> Path:
    layer.to_file(path)
    return path


def read(path: Path, ledger: Ledger | None = None, **declared: Any) -> gpd.GeoDataFrame:
    said = Declared(**{key: CRS.from_epsg(value) if key == "crs" else value for key, value in declared.items()})
    return read_vectors(
        path, crs_expected=UTM50, ledger=ledger or Ledger(), layer="x", near=TOWN, geometry="polygon", declared=said
    )


def refusal(path: Path, **declared: Any) -> tuple[str, str]:
    with pytest.raises(InputError) as caught:
        read(path, **declared)
    assert len(caught.value.messages) == 1
    chinese = caught.value.in_language("zh")
    assert re.search(r"[\u4e00-\u9fff]", chinese)
    return str(caught.value), chinese


def off_m(got: gpd.GeoDataFrame) -> float:
    return float(shapely.hausdorff_distance(got.geometry.to_numpy(), np.array(PARCELS)).max())


@pytest.mark.parametrize("epsg", [4547, 4526, 4490, 4326, 4509, 32650, 3857])
def test_every_system_in_use_is_read(tmp_path: Path, epsg: int) -> None:
    assert off_m(read(saved(frame(epsg), tmp_path / "a.gpkg"))) < 1e-3


@pytest.mark.parametrize(
    ("written", "declared", "fits", "swapped"),
    [
        (4526, 4547, 4526, False),  # the zone's number stands in the easting, and the .prj does not know
        (4547, 4526, 4547, False),  # the other way round
        (4547, 4548, 4547, False),  # the neighbouring zone: 3° off
        (4547, 4547, 4547, True),  # x and y swapped
        (4526, 4526, 4526, True),
        (4326, 4326, 4326, True),
        (4509, 4547, 4509, False),  # a zone of 6°
        (32650, 4547, 32650, False),
    ],
)
def test_a_wrong_system_is_refused_with_the_one_that_fits(
    tmp_path: Path, written: int, declared: int, fits: int, swapped: bool
) -> None:
    layer = turned(frame(written)) if swapped else frame(written)
    path = saved(layer.set_crs(declared, allow_override=True), tmp_path / "line.gpkg")
    english, chinese = refusal(path)
    for said in (english, chinese):
        assert "line.gpkg" in said
        assert f"EPSG:{fits}" in said
        assert ("swapped = true" in said) == swapped
    assert off_m(read(path, crs=fits, swapped=swapped)) < 1e-3


def test_a_layer_without_a_system_is_told_which_fits(tmp_path: Path) -> None:
    path = saved(frame(4526), tmp_path / "line.shp")
    path.with_suffix(".prj").unlink()
    assert 'crs = "epsg:4526"' in refusal(path)[0]
    assert off_m(read(path, crs=4526)) < 1e-3
    path = saved(turned(frame(4547)), tmp_path / "turned.shp")
    path.with_suffix(".prj").unlink()
    assert 'crs = "epsg:4547" and swapped = true' in refusal(path)[0]


def test_a_layer_that_fits_nowhere_is_only_far_away(tmp_path: Path) -> None:
    paris = gpd.GeoDataFrame({"id": [0]}, geometry=[shapely.box(2.3, 48.8, 2.4, 48.9)], crs=4326)
    assert "km" in refusal(saved(paris, tmp_path / "paris.gpkg"))[0]


def test_outside_china_utm_is_named() -> None:
    iceland = shapely.box(453_000, 7_110_000, 456_000, 7_113_000)
    crs = CRS.from_epsg(32627)
    assert fitting((454_000, 7_111_000, 455_000, 7_112_000), iceland, crs) == Fit(32627, crs.name, False)
    assert fitting((7_111_000, 454_000, 7_112_000, 455_000), iceland, crs) == Fit(32627, crs.name, True)
    assert fitting((0, 0, 500, 800), iceland, crs) is None


def test_systems_that_a_place_cannot_tell_apart_for_sure_are_all_named() -> None:
    """UTM and Gauss-Krüger on one meridian differ by 0.04 % of the northing: 1.4 km here."""
    west, south, east, north = frame(32650).total_bounds
    found = fitting((west, south, east, north), TOWN, UTM50)
    assert found is not None
    assert found.epsg == 32650
    assert any("EPSG:4509" in other for other in found.others)


def local(points: np.ndarray, *, degrees: float, scale: float = 1.0) -> np.ndarray:
    """Ground coordinates seen from a drawing turned by `degrees` around the town's corner."""
    turn = np.exp(-1j * np.radians(degrees)) / scale
    z = (points[:, 0] - X + 1j * (points[:, 1] - Y)) * turn
    return np.column_stack([z.real, z.imag])


def drawing(tmp_path: Path, *, degrees: float = 12, scale: float = 1.0) -> Path:
    shapes = shapely.transform(np.array(PARCELS), lambda xy: local(xy, degrees=degrees, scale=scale))
    path = saved(gpd.GeoDataFrame({"id": range(4)}, geometry=shapes, crs=4547), tmp_path / "plan.shp")
    path.with_suffix(".prj").unlink()
    return path


def controls(*, degrees: float = 12, scale: float = 1.0, count: int = 3, wrong_m: float = 0.0) -> Any:
    ground = np.array([[X, Y], [X + 380, Y], [X, Y + 90]])[:count]
    drawn = local(ground, degrees=degrees, scale=scale)
    ground[-1, 0] += wrong_m
    return tuple(ControlPoint(tuple(a), tuple(b)) for a, b in zip(drawn.tolist(), ground.tolist(), strict=True))


def test_local_coordinates_are_placed_by_control_points(tmp_path: Path) -> None:
    path = drawing(tmp_path)
    assert "control_points" in refusal(path)[0]
    ledger = Ledger()
    assert off_m(read(path, ledger, crs=32650, control_points=controls())) < 1e-6
    said = [render(entry.message, "en") for entry in ledger.entries if entry.message.key == "control.placed"]
    assert len(said) == 1
    assert "turned by 12.000°" in said[0]
    assert "3: 0.000" in said[0]
    assert not [entry for entry in ledger.entries if entry.message.key == "control.no_check"]


def test_two_points_are_enough_but_leave_no_check(tmp_path: Path) -> None:
    ledger = Ledger()
    assert off_m(read(drawing(tmp_path), ledger, crs=32650, control_points=controls(count=2))) < 1e-6
    assert "control.no_check" in [entry.message.key for entry in ledger.entries]


def test_residuals_above_the_limit_are_refused_and_shown(tmp_path: Path) -> None:
    english, chinese = refusal(drawing(tmp_path), crs=32650, control_points=controls(wrong_m=6))
    assert re.search(r"3: [1-9]\.\d{3}", english)
    assert re.search(r"3: [1-9]\.\d{3}", chinese)


def test_a_scale_that_is_no_metre_is_refused(tmp_path: Path) -> None:
    english, _ = refusal(drawing(tmp_path, scale=0.001), crs=32650, control_points=controls(scale=0.001))
    assert "0.001 m on the ground" in english


def test_control_points_in_degrees_and_shifted(tmp_path: Path) -> None:
    back = Transformer.from_crs(UTM50, 4326, always_xy=True)
    shifted = []
    for point in controls():
        lon, lat = back.transform(*point.at)
        shifted.append(ControlPoint(point.local, eviltransform.wgs2gcj(lat, lon)[::-1]))
    got = read(drawing(tmp_path), crs=4326, datum="gcj02", control_points=tuple(shifted))
    assert off_m(got) < 0.01


def test_the_similarity_is_the_least_squares_one() -> None:
    random = np.random.default_rng(3)
    drawn = random.uniform(0, 500, (6, 2))
    ground = local(drawn + np.array([X, Y]), degrees=-33, scale=0.8) + random.normal(0, 0.3, (6, 2))
    found = similarity(drawn, ground)
    best = np.hypot(*(found.of(drawn) - ground).T)
    # four unknowns of a linear system, solved by another way
    rows = np.zeros((12, 4))
    rows[::2], rows[1::2] = (
        np.column_stack([drawn[:, 0], -drawn[:, 1], np.ones(6), np.zeros(6)]),
        np.column_stack([drawn[:, 1], drawn[:, 0], np.zeros(6), np.ones(6)]),
    )
    a, b, *_ = np.linalg.lstsq(rows, ground.ravel(), rcond=None)[0]
    assert found.factor == pytest.approx(complex(a, b), rel=1e-9)
    assert best.max() < 2


def test_coinciding_points_are_a_problem() -> None:
    problems = Problems()
    same = (ControlPoint((0, 0), (1, 1)), ControlPoint((0, 0), (5, 1)))
    placed(frame(32650), Declared(control_points=same, crs=UTM50), UTM50, "a", problems, ledger=Ledger(), layer="x")
    with pytest.raises(InputError, match="coincide"):
        problems.raise_if_any(InputError)


@pytest.mark.parametrize("epsg", [4326, 4547])
@pytest.mark.parametrize("datum", ["gcj02", "bd09"])
def test_a_shifted_layer_comes_back(tmp_path: Path, datum: str, epsg: int) -> None:
    def shift(xy: np.ndarray) -> np.ndarray:
        forward = eviltransform.wgs2gcj if datum == "gcj02" else eviltransform.wgs2bd
        return np.array([forward(lat, lon)[::-1] for lon, lat in xy])

    layer = frame(4326)
    layer["geometry"] = shapely.transform(layer.geometry.to_numpy(), shift)
    path = saved(layer.to_crs(epsg), tmp_path / "vendor.gpkg")
    assert off_m(read(path)) > 300
    ledger = Ledger()
    assert off_m(read(path, ledger, datum=datum)) < 0.5
    assert "vector.unshifted" in [entry.message.key for entry in ledger.entries]


def test_a_datum_whose_shift_is_not_public_is_said(tmp_path: Path) -> None:
    ledger = Ledger()
    read(saved(frame(4547).set_crs(2383, allow_override=True), tmp_path / "xian.gpkg"), ledger)
    assert [entry.message.key for entry in ledger.entries if entry.action == "warned"] == ["vector.datum_unknown"]
    for epsg, study in ((4547, UTM50), (4326, CRS.from_epsg(4547)), (32650, CRS.from_epsg(4547))):
        ledger, path = Ledger(), saved(frame(epsg), tmp_path / f"{epsg}.gpkg")
        read_vectors(path, crs_expected=study, ledger=ledger, layer="x")
        assert not [entry for entry in ledger.entries if entry.action == "warned"]
