"""Places by category, the doors and gates that lead into them, and stops, from OSM objects."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from pyproj import CRS

from spatial.model.provenance import Ledger
from spatial.sources.osm.header import Box
from spatial.sources.osm.rows import Found
from spatial.sources.osm.shapes import record_shapes, study_shapes
from spatial.sources.osm.tags import categories
from spatial.text import Message


def read_places(rows: Sequence[Found], box: Box, crs: CRS, *, ledger: Ledger) -> gpd.GeoDataFrame:
    """Places: `category`, `name`, `osm_id`, `geometry`; by category as the tag table lists them, then by id.

    A place mapped twice counts once: of an object inside an area of the same category whose name is the same, or
    where one of the two bears none, only the area stays, with the name that is known.
    """
    table = _table(rows, box, crs, "places", ledger).rename(columns={"meaning": "category"})
    doubles, names = _mapped_twice(table)
    table["name"] = names
    table = table[~doubles]
    if doubles.any():
        count = int(doubles.sum())
        ledger.record("places", "merged", Message("osm.places_twice", {"count": count}), count=count)
    found = Counter(table["category"])
    for category in categories():
        what = Message(f"osm.category.{category}")
        message = Message("osm.places", {"category": what, "count": found[category]})
        ledger.record("places", "read", message, count=found[category])
    rank = table["category"].map({category: n for n, category in enumerate(categories())})
    table = table.iloc[np.argsort(rank.to_numpy(), kind="stable")]
    return table[["category", "name", "osm_id", "geometry"]].reset_index(drop=True)


def read_entrances(rows: Sequence[Found], box: Box, crs: CRS, *, ledger: Ledger) -> gpd.GeoDataFrame:
    """Doors and gates that the public may use: `osm_id`, `kind` (entrance, gate), `geometry` (points)."""
    table = _table(rows, box, crs, "places", ledger).rename(columns={"meaning": "kind"})
    ledger.record("places", "read", Message("osm.entrances", {"count": len(table)}), count=len(table))
    return table[["osm_id", "kind", "geometry"]]


def read_stops(
    rows: Sequence[Found], positions: Sequence[Found], box: Box, crs: CRS, *, ledger: Ledger
) -> gpd.GeoDataFrame:
    """Stops, stations and their entrances: `osm_id`, `kind`, `mode` ("" unknown), `name`, `geometry` (points).

    An area stands as a point inside it. `positions`, where vehicles halt beside a platform, are only counted.
    """
    table = _table(rows, box, crs, "stops", ledger).rename(columns={"meaning": "kind"})
    shapes = table.geometry.to_numpy()
    areas = int(np.count_nonzero(shapely.get_dimensions(shapes) == 2))
    table = table.set_geometry(gpd.GeoSeries(shapely.point_on_surface(shapes), index=table.index, crs=crs))
    found = Counter(table["kind"])
    values = {kind: found[kind] for kind in ("stop", "station", "entrance")}
    ledger.record("stops", "read", Message("osm.stops", dict(values)), count=len(table))
    if areas:
        ledger.record("stops", "estimated", Message("osm.stops_as_points", {"count": areas}), count=areas)
    if positions:
        message = Message("osm.stop_positions", {"count": len(positions)})
        ledger.record("stops", "dropped", message, count=len(positions))
    return table[["osm_id", "kind", "mode", "name", "geometry"]]


def _table(rows: Sequence[Found], box: Box, crs: CRS, layer: str, ledger: Ledger) -> gpd.GeoDataFrame:
    """The rows that have anything in the box, in their order."""
    shapes = study_shapes([row.shape for row in rows], box, crs)
    record_shapes(shapes, layer, ledger)
    columns = {
        "meaning": [row.meaning for row in rows],
        "name": [row.name for row in rows],
        "mode": [row.mode for row in rows],
        "osm_id": [row.osm_id for row in rows],
    }
    frame = gpd.GeoDataFrame(pd.DataFrame(columns, dtype=object), geometry=shapes.geometry, crs=crs)
    return frame[shapes.kept].reset_index(drop=True)


def _mapped_twice(table: gpd.GeoDataFrame) -> tuple[np.ndarray, list[str]]:
    """Which places are mapped a second time inside an area of their own, and all names with gaps filled.

    Larger areas go first, then ids as they stand; an unnamed area takes the name of the first place inside it.
    """
    shapes = table.geometry.to_numpy()
    category, names = table["category"].to_numpy(), table["name"].tolist()
    size = shapely.area(shapes)
    doubles = np.zeros(len(table), dtype=bool)
    inner, outer = shapely.STRtree(shapes).query(shapely.point_on_surface(shapes), predicate="within")
    larger = (size[outer] > size[inner]) | ((size[outer] == size[inner]) & (outer < inner))
    same = (size[outer] > 0) & (category[inner] == category[outer]) & larger
    inner, outer = inner[same], outer[same]
    for i in np.lexsort((inner, outer, -size[outer])):
        one, area = inner[i], outer[i]
        if doubles[one] or doubles[area] or (names[one] and names[area] and names[one] != names[area]):
            continue
        doubles[one] = True
        names[area] = names[area] or names[one]
    return doubles, names
