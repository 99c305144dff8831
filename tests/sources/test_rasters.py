from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import numpy as np
import pytest
import rasterio
import shapely
from affine import Affine
from pyproj import CRS

from spatial.errors import InputError
from spatial.model.provenance import Ledger
from spatial.model.raster import Raster, RasterKind
from spatial.sources.rasters import raster_source, read_raster

BUNDLE = Path(__file__).parents[2] / "data" / "washington"
UTM = CRS.from_epsg(32618)
WGS84 = CRS.from_epsg(4326)
WASHINGTON = shapely.box(-77.55, 38.70, -76.75, 39.20)


def write(
    path: Path, values: np.ndarray, *, crs: Any = "EPSG:32618", nodata: float | None = None, size: float = 100
) -> Path:
    """A raster whose upper left corner is at 0, size × rows."""
    bands = values if values.ndim == 3 else values[None]
    profile = {
        "driver": "GTiff",
        "count": bands.shape[0],
        "height": bands.shape[1],
        "width": bands.shape[2],
        "dtype": bands.dtype,
        "crs": crs,
        "nodata": nodata,
        "transform": Affine(size, 0, 500_000, 0, -size, 4_000_000 + size * bands.shape[1]),
    }
    with rasterio.open(path, "w", **profile) as file:
        file.write(bands)
    return path


def square(left: float, bottom: float, right: float, top: float) -> shapely.Geometry:
    return shapely.box(500_000 + left, 4_000_000 + bottom, 500_000 + right, 4_000_000 + top)


def read(path: Path, kind: RasterKind = "counts", ledger: Ledger | None = None, **given: Any) -> Raster:
    asked = {"within": square(0, 0, 1000, 1000), "within_crs": UTM, "ledger": ledger or Ledger(), "layer": "people"}
    return read_raster(path, kind=kind, **{**asked, **given})


def test_only_the_cells_around_the_place_are_read(tmp_path: Path) -> None:
    values = np.arange(100, dtype=np.float32).reshape(10, 10)
    raster = read(write(tmp_path / "a.tif", values), within=square(320, 410, 480, 590))
    # Columns 3–4 and rows 4–5 meet the place; one more on each side.
    assert raster.values.tolist() == values[3:7, 2:6].tolist()
    assert (raster.transform.c, raster.transform.f) == (500_200, 4_000_700)
    x, y = raster.centres()
    assert (x[0, 0], y[0, 0]) == (500_250, 4_000_650)
    assert raster.values.dtype == np.float64


def test_a_place_in_another_system_is_found(tmp_path: Path) -> None:
    ledger = Ledger()
    raster = read_raster(
        BUNDLE / "worldpop_2020_1km.tif", kind="counts", within=shapely.box(310_000, 4_300_000, 330_000, 4_320_000),
        within_crs=UTM, ledger=ledger, layer="people",
    )  # fmt: skip
    with rasterio.open(BUNDLE / "worldpop_2020_1km.tif") as file:
        whole = file.read(1, masked=True)
    top = round((raster.transform.f - file.transform.f) / file.transform.e)
    left = round((raster.transform.c - file.transform.c) / file.transform.a)
    rows, columns = raster.values.shape
    assert np.array_equal(raster.values, whole[top : top + rows, left : left + columns].filled(np.nan), equal_nan=True)
    assert 20 < rows < 30
    assert 24 < columns < 35


def test_declared_nodata_is_masked_in_the_bundled_people() -> None:
    ledger = Ledger()
    raster = read_raster(
        BUNDLE / "worldpop_2020_1km.tif",
        kind="counts",
        within=WASHINGTON,
        within_crs=WGS84,
        ledger=ledger,
        layer="people",
    )
    assert int(np.isnan(raster.values).sum()) == 167
    assert np.nansum(raster.values) == pytest.approx(4_863_608.656, abs=0.001)
    assert ledger.entries[-1].message.values["masked"] == 167


def test_the_bundled_years_keep_their_integers() -> None:
    raster = read_raster(
        BUNDLE / "ghsl_built_first_year_1975_2030_100m.tif", kind="years", within=WASHINGTON, within_crs=WGS84,
        ledger=Ledger(), layer="growth",
    )  # fmt: skip
    assert raster.nodata == 65535
    assert np.unique(raster.values[raster.valid]).tolist() == list(range(1975, 2031, 5))
    assert raster.crs.to_authority() == ("ESRI", "54009")


def test_undeclared_nodata_is_refused_until_given(tmp_path: Path) -> None:
    values = np.full((10, 10), 5, dtype=np.float32)
    values[0, :3] = np.finfo(np.float32).min
    path = write(tmp_path / "a.tif", values)
    with pytest.raises(InputError, match=r"3 cells with impossible numbers of people.*nodata = -3\.4028"):
        read(path)
    raster = read(path, nodata=-3.4028234663852886e38)
    assert np.nansum(raster.values) == 97 * 5
    assert int(np.isnan(raster.values).sum()) == 3


@pytest.mark.parametrize("strange", [-9999, 3e38])
def test_impossible_people_are_refused(tmp_path: Path, strange: float) -> None:
    values = np.full((10, 10), 5, dtype=np.float32)
    values[4, 4] = strange
    with pytest.raises(InputError, match=r"1 cells? with (an )?impossible"):
        read(write(tmp_path / "a.tif", values))


def test_undeclared_nodata_of_years_is_refused(tmp_path: Path) -> None:
    values = np.full((10, 10), 1975, dtype=np.uint16)
    values[0, 0] = 65535
    path = write(tmp_path / "a.tif", values)
    with pytest.raises(InputError, match=r"1 cell.* no years?, such as 65535"):
        read(path, "years")
    raster = read(path, "years", nodata=65535)
    assert (raster.nodata, int((~raster.valid).sum())) == (65535, 1)


def test_a_raster_without_a_system_is_refused(tmp_path: Path) -> None:
    path = write(tmp_path / "a.tif", np.ones((10, 10), dtype=np.float32), crs=None)
    with pytest.raises(InputError, match="no coordinate system"):
        read(path)


def test_a_raster_elsewhere_is_refused(tmp_path: Path) -> None:
    path = write(tmp_path / "a.tif", np.ones((10, 10), dtype=np.float32))
    with pytest.raises(InputError, match="does not meet the study area"):
        read(path, within=square(1000, 1000, 2000, 2000))


def test_a_raster_that_ends_too_early_says_so(tmp_path: Path) -> None:
    ledger = Ledger()
    read(
        write(tmp_path / "a.tif", np.ones((10, 10), dtype=np.float32)), ledger=ledger, within=square(500, 0, 2500, 1000)
    )
    warned = [entry for entry in ledger.entries if entry.action == "warned"]
    assert [entry.message.values["percent"] for entry in warned] == [pytest.approx(25)]


def test_a_truncated_file_is_refused(tmp_path: Path) -> None:
    path = write(tmp_path / "a.tif", np.random.default_rng(1).random((200, 200)).astype(np.float32))
    path.write_bytes(path.read_bytes()[:20_000])
    with pytest.raises(InputError, match="cannot be read"):
        read(path, within=square(0, 0, 20_000, 20_000))
    path.write_bytes(b"no raster at all")
    with pytest.raises(InputError, match="cannot be read"):
        read(path)
    with pytest.raises(InputError, match="does not exist"):
        read(tmp_path / "gone.tif")


def test_several_bands_and_only_nodata_are_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="2 bands"):
        read(write(tmp_path / "a.tif", np.ones((2, 10, 10), dtype=np.float32)))
    with pytest.raises(InputError, match="no data anywhere"):
        read(write(tmp_path / "b.tif", np.zeros((10, 10), dtype=np.float32), nodata=0))
    with pytest.raises(InputError, match="cannot occur"):
        read(write(tmp_path / "c.tif", np.ones((10, 10), dtype=np.uint8)), nodata=-1)


def test_classes_stored_as_decimals_become_integers(tmp_path: Path) -> None:
    values = np.full((10, 10), 3, dtype=np.float32)
    values[0, 0] = np.nan
    raster = read(write(tmp_path / "a.tif", values), "classes")
    assert raster.nodata is not None
    assert raster.values[0, 0] == raster.nodata
    assert raster.values[1, 1] == 3
    assert np.issubdtype(raster.values.dtype, np.integer)
    values[5, 5] = 3.5
    with pytest.raises(InputError, match="no whole numbers"):
        read(write(tmp_path / "b.tif", values), "classes")


def test_scale_and_offset_are_applied_to_counts(tmp_path: Path) -> None:
    path = write(tmp_path / "a.tif", np.full((10, 10), 30, dtype=np.uint8), nodata=255)
    with rasterio.open(path, "r+") as file:
        file.scales = (0.5,)
    assert np.nansum(read(path).values) == 100 * 15
    with pytest.raises(InputError, match="scale or an offset"):
        read(path, "classes")


def test_the_source_has_a_fingerprint() -> None:
    path = BUNDLE / "worldpop_2020_1km.tif"
    source = raster_source(path, "people", date="2020", licence="CC-BY-4.0", attribution="WorldPop")
    assert len(source.sha256) == 64
    assert source.name == path.name


@pytest.mark.parametrize(
    ("dtype", "value"), [("uint8", 255), ("uint16", 65535), ("int16", 32767), ("uint32", 4294967295)]
)
def test_the_end_of_an_integer_type_is_no_number_of_people(tmp_path: Path, dtype: str, value: int) -> None:
    values = np.ones((10, 10), dtype=dtype)
    values[3, 4] = value
    path = write(tmp_path / "people.tif", values)
    with pytest.raises(InputError, match=rf"people\.tif has 1 cells? with {value}.* nodata = {value}"):
        read(path)
    raster = read(path, nodata=value)
    assert np.isnan(raster.values[3, 4])
    assert np.nansum(raster.values) == 99
    declared = write(tmp_path / "declared.tif", values, nodata=value)
    assert np.nansum(read(declared).values) == 99


def test_nobody_in_an_unsigned_cell_is_a_number_of_people(tmp_path: Path) -> None:
    assert read(write(tmp_path / "a.tif", np.zeros((10, 10), dtype="uint16"))).values.sum() == 0


def test_a_virtual_raster_asks_no_other_machine(tmp_path: Path) -> None:
    asked: list[str] = []

    class Listener(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(self.path)
            self.send_error(404)

        do_HEAD = do_GET

        def log_message(self, *words: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Listener) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        remote = f"/vsicurl/http://127.0.0.1:{server.server_port}/far.tif"
        (tmp_path / "far.vrt").write_text(
            '<VRTDataset rasterXSize="9" rasterYSize="9"><SRS>EPSG:4326</SRS>'
            "<GeoTransform>114, 0.01, 0, 33.05, 0, -0.01</GeoTransform>"
            f'<VRTRasterBand dataType="Byte" band="1"><SimpleSource><SourceFilename>{remote}</SourceFilename>'
            "<SourceBand>1</SourceBand></SimpleSource></VRTRasterBand></VRTDataset>"
        )
        with pytest.raises(InputError, match=r"far\.vrt"):
            read_raster(
                tmp_path / "far.vrt", kind="classes", within=shapely.box(114, 33, 114.05, 33.04),
                within_crs=CRS.from_epsg(4326), ledger=Ledger(), layer="growth",
            )  # fmt: skip
        server.shutdown()
    assert asked == []
