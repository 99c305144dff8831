"""Street connectivity: how dense streets, junctions and blocks are."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from spatial.errors import InputError
from spatial.indicators.catalogue import indicator
from spatial.model.district import Memo
from spatial.model.provenance import OK, DataStatus
from spatial.model.streets import StreetNetwork
from spatial.model.study_area import StudyArea
from spatial.model.zones import Zones
from spatial.operations.blocks import blocks
from spatial.operations.cleaning import centre_length_m
from spatial.parameters import parameter
from spatial.text import Message


@indicator(unit="km/km²", over="zones", better="higher", range=(0, 100), reference="gb_t_51328_2018")
def street_density(streets: StreetNetwork, zones: Zones) -> pd.Series[float]:
    """Kilometres of street centre line per square kilometre of zone land.

    Lengths are cut at the zone's edge exactly. A metre that runs along the edge counts half: the other half is the
    neighbour's, so that zones that tile an area sum to it. The two sides of a dual carriageway count as one street.

    Returns
    -------
    float, indexed by zone; NaN where a zone has no land.
    """
    _must_be_streets(streets)
    lines, shapes = streets.edges.geometry.to_numpy(), zones.table.geometry.to_numpy()
    counted_m = centre_length_m(streets)
    edge, zone = _near(lines, shapes)
    share = _share_inside(lines[edge], shapes[zone])
    metres = np.bincount(zone, weights=share * counted_m[edge], minlength=len(zones))
    return _per_land(metres / 1000, zones)


@indicator(unit="1/km²", over="zones", better="higher", range=(0, 2000), reference="ewing_cervero_2010")
def intersection_density(
    streets: StreetNetwork, zones: Zones, *, min_streets: float = parameter("intersection_min_streets")
) -> pd.Series[float]:
    """Street intersections per square kilometre of zone land.

    An intersection is a consolidated node where at least `min_streets` street ends meet. Streets beyond the boundary
    count as ends, nodes beyond it do not count.

    Returns
    -------
    float, indexed by zone; NaN where a zone has no land.
    """
    _must_be_streets(streets)
    nodes = streets.nodes[streets.streets_at_node >= min_streets]
    zone = zones.locate(nodes["x"].to_numpy(float), nodes["y"].to_numpy(float))
    return _per_land(np.bincount(zone[zone >= 0], minlength=len(zones)).astype(float), zones)


@indicator(unit="ha", over="zones", better="lower", range=(0, 1e5), reference="gb_t_51328_2018")
def median_block_area(
    streets: StreetNetwork,
    area: StudyArea,
    zones: Zones,
    memo: Memo,
    *,
    min_block_m2: float = parameter("min_block_m2"),
    min_block_width_m: float = parameter("min_block_width_m"),
) -> pd.DataFrame:
    """Median area of the blocks between street centre lines, in hectares.

    A block belongs to the zone that holds a point on its land. Blocks that the study boundary touches are left out.

    Returns
    -------
    columns `zone`, `value`, `n` (blocks), `status`; NaN with its reason where a zone holds no block.
    """
    _must_be_streets(streets)
    key = ("blocks", streets.token, area.token, float(min_block_m2), float(min_block_width_m))
    found = memo.recall(
        key, lambda: blocks(streets, area, min_block_m2=min_block_m2, min_block_width_m=min_block_width_m)
    )
    x, y = _points_on_land(found, area)
    zone = zones.locate(x, y)
    inside = zone >= 0
    grouped = found["area_ha"][inside].groupby(zone[inside])
    everywhere = pd.RangeIndex(len(zones))
    count = grouped.size().reindex(everywhere, fill_value=0).to_numpy(float)
    none = DataStatus("absent", Message("blocks.none_here"))
    return pd.DataFrame(
        {
            "zone": zones.ids.to_numpy(),
            "value": grouped.median().reindex(everywhere).to_numpy(float),
            "n": count,
            "status": [OK if blocks_here else none for blocks_here in count],
        }
    )


def _must_be_streets(streets: StreetNetwork) -> None:
    if streets.representation != "streets":
        raise InputError(Message("network.not_streets", {"found": streets.representation}))


def _per_land(amount: np.ndarray, zones: Zones) -> pd.Series[float]:
    land_km2 = zones.land_km2.to_numpy(float)
    density = np.divide(amount, land_km2, out=np.full(len(zones), np.nan), where=land_km2 > 0)
    return pd.Series(density, index=zones.ids)


def _near(lines: np.ndarray, shapes: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Pairs of lines and shapes that meet, in the order of the lines."""
    line, shape = shapely.STRtree(shapes).query(lines)
    shapely.prepare(shapes)
    meet = shapely.intersects(shapes[shape], lines[line])
    order = np.lexsort((shape[meet], line[meet]))
    return line[meet][order], shape[meet][order]


def _share_inside(lines: np.ndarray, shapes: np.ndarray) -> np.ndarray:
    """Of each line the share that lies inside its shape; what lies on the shape's edge counts half."""
    share = np.ones(len(lines))
    cut = np.flatnonzero(~shapely.contains_properly(shapes, lines))
    drawn_m = shapely.length(lines[cut])
    inside_m = shapely.length(shapely.intersection(lines[cut], shapes[cut]))
    touches = np.flatnonzero(inside_m > 0)
    along_m = np.zeros(len(cut))
    edges = shapely.boundary(shapes[cut[touches]])
    along_m[touches] = shapely.length(shapely.intersection(lines[cut[touches]], edges))
    share[cut] = (inside_m - along_m / 2) / np.where(drawn_m > 0, drawn_m, 1)
    return share


def _points_on_land(found: gpd.GeoDataFrame, area: StudyArea) -> tuple[np.ndarray, np.ndarray]:
    """A point inside each block, off the water where the block has land."""
    shapes = found.geometry.to_numpy()
    points = shapely.point_on_surface(shapes)
    shapely.prepare(area.water)
    wet = np.flatnonzero(shapely.intersects(area.water, points))
    if len(wet):
        dry = shapely.point_on_surface(shapely.difference(shapes[wet], area.water))
        points[wet] = np.where(shapely.is_empty(dry), points[wet], dry)
    return shapely.get_x(points), shapely.get_y(points)
