"""Land cover of three years in CLCD's codes and cells, and a population raster in 3-arc-second cells."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import rasterio
import shapely
from affine import Affine
from rasterio.features import rasterize

from generator.city import City
from generator.layout import N4, S0, S2, STREETS
from generator.people import People
from generator.place import BOX, FICTIONAL, SEED, degrees, on_ground

YEARS = (2000, 2010, 2020)
CLCD_CELL = 0.00026949458523585647  # degrees: the cell of China's annual land cover dataset, some 30 m
CROPLAND, FOREST, GRASS, WATER, BARREN, IMPERVIOUS, WETLAND = 1, 2, 4, 5, 7, 8, 9
FINE = 4  # a cell is impervious when most of FINE × FINE parts of it are
PEOPLE_CELL = 3 / 3600
NO_PEOPLE = -99999.0
OPEN_KINDS = ("park", "lake_park", "belt", "river", "green", "field", "vacant", "roadside", "village", "old")
LAKE_SINCE, BELT_SINCE, TREES_OF_BELT = 2014, 2016, 2010


def _grid(cell: float) -> tuple[Affine, int, int]:
    """Cells on multiples of their size that cover the box, one more on each side."""
    west, south = np.floor(np.array(BOX[:2]) / cell) - 1
    east, north = np.ceil(np.array(BOX[2:]) / cell) + 1
    return Affine(cell, 0, float(west) * cell, 0, -cell, float(north) * cell), int(north - south), int(east - west)


def _burn(shapes: list[shapely.Geometry], transform: Affine, size: tuple[int, int]) -> np.ndarray:
    """Cells of a degree grid whose centre lies in any of the shapes (EPSG:4547)."""
    turned = [shapely.transform(shape, degrees) for shape in shapes if not shape.is_empty]
    if not turned:
        return np.zeros(size, dtype=bool)
    return rasterize(turned, out_shape=size, transform=transform, fill=0, default_value=1).astype(bool)


def land_cover(city: City) -> dict[int, np.ndarray]:
    """The class of each cell in each year."""
    transform, height, width = _grid(CLCD_CELL)
    fine = transform @ Affine.scale(1 / FINE)
    rng = np.random.default_rng([SEED, 9101])
    noise = rng.random((height, width))
    maps = {}
    before = np.zeros((height, width), dtype=bool)
    for year in YEARS:
        built = _burn(_built(city, year), fine, (height * FINE, width * FINE))
        share = built.reshape(height, FINE, width, FINE).mean(axis=(1, 3))
        cover = _without_buildings(city, year, transform, (height, width), noise)
        # once sealed, cells stay sealed
        before = before | ((share + 0.12 * (noise - 0.5) > 0.5) & (cover != WATER))
        cover[before] = IMPERVIOUS
        maps[year] = cover
    return maps


def _built(city: City, year: int) -> list[shapely.Geometry]:
    """Sealed land of a year: plots built by then, houses of villages with their yards, and the streets between."""
    plots = [*city.ground.parcels, *city.ground.around]
    shapes: list[shapely.Geometry] = [
        p.shape for p in plots if 0 < p.plot.year <= year and p.plot.kind not in OPEN_KINDS
    ]
    houses = [b.shape for b in city.site.buildings if b.year <= year]
    for kinds, around_m, back_m in ((("village", "old"), 14.0, 5.0), (("roadside",), 32.0, 12.0)):
        tree = shapely.STRtree([p.shape for p in plots if p.plot.kind in kinds])
        within = np.unique(tree.query(shapely.centroid(houses), predicate="within")[0])
        shapes.append(shapely.union_all(shapely.buffer([houses[n] for n in within], around_m)).buffer(-back_m))
    developed = shapely.union_all(shapes).buffer(45)
    for street, line in zip(STREETS, city.ground.centre_lines, strict=True):
        road = line.buffer(street.half_m, cap_style="flat")
        shapes.append(road if street.highway == "trunk" else road.intersection(developed))
    return shapes


def _without_buildings(
    city: City, year: int, transform: Affine, size: tuple[int, int], noise: np.ndarray
) -> np.ndarray:
    """Fields, woods, grass, water and bare ground of a year."""
    cover = np.full(size, CROPLAND, dtype=np.uint8)
    plots = [*city.ground.parcels, *city.ground.around]
    kinds = {kind: [p.shape for p in plots if p.plot.kind == kind] for kind in {p.plot.kind for p in plots}}
    banks = _burn([city.ground.belt], transform, size)
    cover[banks & (noise < 0.75)] = GRASS if year >= TREES_OF_BELT else WETLAND
    if year >= TREES_OF_BELT:
        cover[banks & (noise < 0.4)] = FOREST
    woods = [
        on_ground(shapely.Point(x, y).buffer(r))
        for x, y, r in ((1290, S2 - 420, 75), (1230, N4 + 160, 60), (1310, S0 + 210, 90))
    ]
    cover[_burn(woods, transform, size)] = FOREST
    parks = [p.shape for p in plots if p.plot.kind in ("park", "lake_park", "green") and p.plot.year <= year]
    cover[_burn(parks, transform, size)] = GRASS
    cover[_burn(parks, transform, size) & (noise < 0.35)] = FOREST
    site_clearing = _burn(kinds.get("construction", []), transform, size)
    if year >= 2020:
        cover[site_clearing] = BARREN
        cover[_burn(kinds["vacant"], transform, size) & (noise < 0.10)] = BARREN
        cover[_burn(kinds["vacant"], transform, size) & (noise > 0.82)] = GRASS
    ponds = [a.shape for a in city.site.areas if a.tags.get("water") == "pond"]
    lakes = [a.shape for a in city.site.areas if a.tags.get("water") == "lake"] if year >= LAKE_SINCE else []
    cover[_burn([city.ground.river, *ponds, *lakes], transform, size)] = WATER
    return cover


def write_land_cover(folder: Path, maps: dict[int, np.ndarray]) -> None:
    """One file per year, as the dataset comes: bytes in degrees, 0 for no data."""
    transform, _, _ = _grid(CLCD_CELL)
    for year, cover in maps.items():
        tags = {
            "description": FICTIONAL,
            "classes": "1 农田 2 森林 4 草地 5 水体 7 裸地 8 不透水面 9 湿地",
            "year": str(year),
        }
        _write(folder / f"land_cover_{year}.tif", cover, transform, 0, tags)


def population(people: People) -> np.ndarray:
    """Residents per cell; cells of the grid where nobody lives are 0, and the outer row and column are no data."""
    transform, height, width = _grid(PEOPLE_CELL)
    lon, lat = degrees(people.at).T
    column = np.floor((lon - transform.c) / PEOPLE_CELL).astype(int)
    row = np.floor((transform.f - lat) / PEOPLE_CELL).astype(int)
    counts = np.zeros((height, width))
    np.add.at(counts, (row, column), people.residents)
    values = counts.astype(np.float32)
    values[0, :] = values[:, 0] = NO_PEOPLE
    return values


def write_population(path: Path, values: np.ndarray) -> None:
    """Persons per cell, float32."""
    transform, _, _ = _grid(PEOPLE_CELL)
    _write(path, values, transform, NO_PEOPLE, {"description": FICTIONAL, "unit": "persons per cell", "year": "2020"})


def _write(path: Path, values: np.ndarray, transform: Affine, nodata: float, tags: dict[str, str]) -> None:
    height, width = values.shape
    profile = {
        "driver": "GTiff", "count": 1, "height": height, "width": width, "dtype": values.dtype, "nodata": nodata,
        "crs": "EPSG:4326", "transform": transform, "compress": "deflate",
    }  # fmt: skip
    path.unlink(missing_ok=True)
    with rasterio.open(path, "w", **profile) as file:
        file.write(values, 1)
        file.update_tags(**tags)


def cell_centres(which: str) -> tuple[np.ndarray, np.ndarray]:
    """Longitude and latitude of all cell centres, of "land_cover" or "population"."""
    transform, height, width = _grid(CLCD_CELL if which == "land_cover" else PEOPLE_CELL)
    lon = transform.c + (np.arange(width) + 0.5) * transform.a
    lat = transform.f + (np.arange(height) + 0.5) * transform.e
    return np.meshgrid(lon, lat)


def cell_bounds(which: str) -> tuple[np.ndarray, np.ndarray]:
    """Longitudes of the columns' edges, and latitudes of the rows' edges from north to south."""
    transform, height, width = _grid(CLCD_CELL if which == "land_cover" else PEOPLE_CELL)
    return transform.c + np.arange(width + 1) * transform.a, transform.f + np.arange(height + 1) * transform.e
