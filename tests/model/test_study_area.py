"""The study's coordinate system: right for 64° N, for a region across a UTM seam, and never guessed."""

import numpy as np
import pytest
import shapely
from pyproj import CRS, Geod

from spatial.errors import CrsError, InputError
from spatial.model.study_area import StudyArea, choose_crs, scale_error, transformer_to

REYKJAVIK = shapely.box(-22.15, 63.98, -21.55, 64.30)
ACROSS_A_SEAM = shapely.box(110, 28, 118, 33)
BOX = shapely.box(0, 0, 2000, 1000)


def test_reykjavik_gets_its_utm_zone() -> None:
    assert choose_crs(REYKJAVIK).to_epsg() == 32627


def test_a_region_across_a_utm_seam_gets_an_equal_area_projection() -> None:
    crs = choose_crs(ACROSS_A_SEAM)
    assert "Lambert Azimuthal Equal Area" in crs.coordinate_operation.method_name
    ring = shapely.segmentize(ACROSS_A_SEAM, 0.05).exterior
    geodesic, _ = Geod(ellps="WGS84").polygon_area_perimeter(*np.array(ring.coords).T)
    projected = shapely.Polygon(np.column_stack(transformer_to(crs).transform(*np.array(ring.coords).T)))
    assert projected.area == pytest.approx(abs(geodesic), rel=1e-5)


@pytest.mark.parametrize(
    "place", [REYKJAVIK, shapely.box(-77.55, 38.7, -76.75, 39.2), shapely.box(114, 30, 114.6, 30.8)]
)
def test_lengths_are_right_to_a_tenth_of_a_per_cent(place: shapely.Polygon) -> None:
    crs = choose_crs(place)
    west, south, east, north = place.bounds
    x, y = transformer_to(crs).transform([west, east], [south, north])
    planar = np.hypot(x[1] - x[0], y[1] - y[0])
    _, _, geodesic = Geod(ellps="WGS84").inv(west, south, east, north)
    assert planar == pytest.approx(geodesic, rel=1e-3)
    assert scale_error(crs, place) < 1e-3


def test_degrees_feet_and_nothing_are_refused() -> None:
    with pytest.raises(CrsError, match="degrees"):
        StudyArea("x", BOX, 0, CRS.from_epsg(4326))
    with pytest.raises(CrsError, match="US survey foot"):
        StudyArea("x", BOX, 0, CRS.from_epsg(2248))
    with pytest.raises(CrsError, match="no coordinate system"):
        StudyArea("x", BOX, 0, None)  # type: ignore[arg-type]


def test_metres_declared_as_degrees_are_refused() -> None:
    with pytest.raises(CrsError, match="not longitude and latitude"):
        choose_crs(BOX)


def test_a_line_is_no_boundary() -> None:
    with pytest.raises(InputError, match="is a LineString"):
        StudyArea("x", shapely.LineString([(0, 0), (1, 1)]), 0, CRS.from_epsg(32627))


def test_land_is_the_boundary_without_water() -> None:
    area = StudyArea("x", BOX, 500, CRS.from_epsg(32627), shapely.box(0, 0, 500, 1000))
    assert area.land.area == 1_500_000
    assert area.analysed.area == 2_000_000
    assert area.routed.area == pytest.approx(2_000_000 + 2 * 500 * 3000 + np.pi * 500**2, rel=0.01)


@pytest.mark.parametrize("epsg", [3857, 32640])
def test_a_system_that_distorts_the_place_is_refused(epsg: int) -> None:
    """Web Mercator more than doubles lengths at 64° N; a UTM zone far away is no better."""
    crs = CRS.from_epsg(epsg)
    x, y = transformer_to(crs).transform(-21.9, 64.1)
    with pytest.raises(CrsError, match="is off by"):
        StudyArea("x", shapely.box(x, y, x + 1000, y + 1000), 0, crs)
