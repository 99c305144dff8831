"""Blocks: the land between centre lines of streets."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import shapely

from spatial.model.streets import StreetNetwork
from spatial.model.study_area import StudyArea
from spatial.parameters import parameter


def blocks(
    streets: StreetNetwork,
    area: StudyArea,
    *,
    min_block_m2: float = parameter("min_block_m2"),
    min_block_width_m: float = parameter("min_block_width_m"),
) -> gpd.GeoDataFrame:
    """The polygons that centre lines enclose, wholly inside the study area.

    Lines that cross bound a block whether or not they meet at grade; tunnels bound none. Left out: slivers smaller than
    `min_block_m2`, strips narrower than `min_block_width_m` (twice the area over the perimeter: medians and islands),
    and blocks that touch or cross the boundary, whose streets beyond are not all known.

    Returns
    -------
    columns `area_ha`, `geometry`; index 0 … n−1 from west to east.
    """
    edges = streets.edges
    surface = edges.geometry.to_numpy()[~edges["tunnel"].to_numpy(dtype=bool)]
    near = surface[shapely.intersects(surface, shapely.box(*shapely.bounds(area.boundary)))]
    found = shapely.get_parts(shapely.polygonize([shapely.union_all(near)])) if len(near) else np.empty(0, dtype=object)
    area_m2, outline_m = shapely.area(found), shapely.length(found)
    wide = 2 * area_m2 / np.where(outline_m > 0, outline_m, 1) >= min_block_width_m
    boundary = area.boundary
    shapely.prepare(boundary)
    kept = found[(area_m2 >= min_block_m2) & wide & shapely.contains_properly(boundary, found)]
    kept = shapely.normalize(kept)
    order = np.lexsort((shapely.area(kept), *shapely.bounds(kept).T[::-1]))
    return gpd.GeoDataFrame({"area_ha": shapely.area(kept[order]) / 1e4}, geometry=kept[order], crs=edges.crs)
