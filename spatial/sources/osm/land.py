"""Land use, buildings, administrative boundaries and settlements from OSM objects."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

import geopandas as gpd
import numpy as np
import pandas as pd
from pyproj import CRS

from spatial.model.land_use import Buildings
from spatial.model.provenance import Ledger
from spatial.sources.osm.header import Box
from spatial.sources.osm.rows import KINDS, Found, FoundBuilding, FoundSettlement
from spatial.sources.osm.shapes import record_shapes, study_shapes
from spatial.text import Message

# A boundary of which less than this share lies in the box is cut by it; rounding alone stays above.
_WHOLE = 1 - 1e-9


def read_land_use(
    rows: Sequence[Found], cover: Sequence[Found], box: Box, crs: CRS, *, ledger: Ledger
) -> gpd.GeoDataFrame:
    """Areas that mean a use, overlapping as mapped: `tag` ("landuse=residential"), `osm_id`, `geometry`.

    An object with two such tags stands twice. Ground cover (grass, woods, rock) says nothing of use: only counted.
    """
    shapes = study_shapes([row.shape for row in rows], box, crs)
    record_shapes(shapes, "land_use", ledger)
    columns = {"tag": [row.meaning for row in rows], "osm_id": [row.osm_id for row in rows]}
    frame = gpd.GeoDataFrame(pd.DataFrame(columns, dtype=object), geometry=shapes.geometry, crs=crs)
    table = frame[shapes.kept].reset_index(drop=True)
    objects = table["osm_id"].nunique()
    message = Message("osm.land_use", {"count": objects, "twice": len(table) - objects})
    ledger.record("land_use", "read", message, count=objects)
    if cover:
        ledger.record("land_use", "dropped", Message("osm.cover", {"count": len(cover)}), count=len(cover))
    return table


def read_buildings(
    rows: Sequence[FoundBuilding], counts: Counter[str], box: Box, crs: CRS, *, ledger: Ledger
) -> Buildings:
    """Building outlines, with the levels and heights that are mapped."""
    shapes = study_shapes([row.shape for row in rows], box, crs)
    record_shapes(shapes, "buildings", ledger)
    strings = {
        "building": [row.building for row in rows],
        "tags": [row.tags for row in rows],
        "osm_id": [f"{KINDS[row.kind]}/{row.id}" for row in rows],
    }
    frame = pd.DataFrame(strings, dtype=object)
    frame.insert(1, "levels", np.array([row.levels for row in rows], dtype=float))
    frame.insert(2, "height_m", np.array([row.height_m for row in rows], dtype=float))
    table = gpd.GeoDataFrame(frame, geometry=shapes.geometry, crs=crs)[shapes.kept].reset_index(drop=True)
    with_levels, with_height = int(table["levels"].notna().sum()), int(table["height_m"].notna().sum())
    values = {"count": len(table), "levels": with_levels, "heights": with_height}
    ledger.record("buildings", "read", Message("osm.buildings", dict(values)), count=len(table))
    for key in ("building_no", "building_outlines", "building_open", "building_levels", "building_height"):
        if counts[key]:
            ledger.record("buildings", "dropped", Message(f"osm.{key}", {"count": counts[key]}), count=counts[key])
    return Buildings(table)


def read_boundaries(
    rows: Sequence[Found], cut: dict[str, str], unnamed: int, box: Box, crs: CRS, *, ledger: Ledger
) -> gpd.GeoDataFrame:
    """Administrative boundaries, cut to the box, by level and id.

    Columns `osm_id` ("relation/…"), `level` (int), `name`, `share_inside` (share of its area that lies in the box,
    below 1 when the box cuts it) and `geometry`. `cut` are those of which the file has only a part: named, left out.
    """
    shapes = study_shapes([row.shape for row in rows], box, crs)
    columns = {"osm_id": [row.osm_id for row in rows], "name": [row.name for row in rows]}
    frame = pd.DataFrame(columns, dtype=object)
    frame.insert(1, "level", np.array([int(row.meaning) for row in rows], dtype=np.int64))
    frame["share_inside"] = shapes.share_inside
    table = gpd.GeoDataFrame(frame, geometry=shapes.geometry, crs=crs)[shapes.kept]
    table = table.iloc[np.argsort(table["level"].to_numpy(), kind="stable")].reset_index(drop=True)
    ledger.record("boundaries", "read", Message("osm.boundaries", {"count": len(table)}), count=len(table))
    beyond = table.loc[table["share_inside"] < _WHOLE, "name"]
    if len(beyond):
        message = Message("osm.boundaries_cut", {"count": len(beyond), "names": tuple(beyond)})
        ledger.record("boundaries", "clipped", message, count=len(beyond))
    if cut:
        message = Message("osm.boundaries_incomplete", {"count": len(cut), "names": tuple(cut.values())})
        ledger.record("boundaries", "warned", message, count=len(cut))
    if unnamed:
        ledger.record("boundaries", "dropped", Message("osm.boundaries_unnamed", {"count": unnamed}), count=unnamed)
    return table


def read_settlements(rows: Sequence[FoundSettlement], box: Box, crs: CRS, *, ledger: Ledger) -> gpd.GeoDataFrame:
    """Settlement nodes with a population: `osm_id`, `place`, `name`, `population`, `geometry`, by id.

    Of every kind, the country's node too: the caller chooses.
    """
    shapes = study_shapes([row.shape for row in rows], box, crs)
    columns = {
        "osm_id": [f"node/{row.id}" for row in rows],
        "place": [row.place for row in rows],
        "name": [row.name for row in rows],
    }
    frame = pd.DataFrame(columns, dtype=object)
    frame["population"] = np.array([row.population for row in rows], dtype=float)
    table = gpd.GeoDataFrame(frame, geometry=shapes.geometry, crs=crs)
    known = table["population"].notna().to_numpy()
    ledger.record(
        "settlements", "read", Message("osm.settlements", {"count": int(known.sum())}), count=int(known.sum())
    )
    if not known.all():
        message = Message("osm.settlements_unreadable", {"names": tuple(table.loc[~known, "name"])})
        ledger.record("settlements", "dropped", message, count=int((~known).sum()))
    return table[known].reset_index(drop=True)
