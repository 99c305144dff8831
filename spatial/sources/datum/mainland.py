"""Mainland China as the formulas of GCJ-02 and BD-09 need it: an outline that says which coordinates are shifted."""

from __future__ import annotations

from functools import lru_cache
from importlib.resources import files

import numpy as np
import shapely

_OUTLINE = "mainland.geojson"


@lru_cache(maxsize=1)
def mainland() -> shapely.Geometry:
    """Mainland China with its islands and the sea around, without Hong Kong, Macau and Taiwan, in WGS 84 degrees.

    The outline is that of country-coder 5.6.1 (27 February 2026, ISC licence; its text stands in the file). It was
    drawn to look up codes of regions and follows land borders to some hundred metres where people live, coarsely
    elsewhere and at sea. Of 16,044 populated places of GeoNames on the mainland 16,037 lie inside (the others are
    villages on border rivers), of 20,172 around it all but two outside. It only decides which coordinates are shifted,
    and is no statement about any border. `make_mainland.py` writes it.
    """
    text = files(__package__).joinpath(_OUTLINE).read_text(encoding="utf-8")
    shape = shapely.from_geojson(text)
    shapely.prepare(shape)
    return shape


def in_mainland(lon: np.ndarray, lat: np.ndarray) -> np.ndarray:
    """True where a WGS 84 position lies inside `mainland`; False for NaN. Arrays of one shape, in degrees."""
    west, south, east, north = shapely.bounds(mainland())
    inside: np.ndarray = (lon >= west) & (lon <= east) & (lat >= south) & (lat <= north)
    inside[inside] = shapely.contains_xy(mainland(), lon[inside], lat[inside])
    return inside
