"""Parcels of plans as land use: where plans overlap the first one counts; a mixed parcel is shared among its uses."""

from __future__ import annotations

from collections.abc import Sequence

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from spatial.model.land_use import LandUse
from spatial.model.provenance import Ledger
from spatial.operations.overlay import less_what_lies_on_top, mapped_share
from spatial.operations.status import land_use_status
from spatial.parameters import parameter
from spatial.text import Message, Value

PARCEL_COLUMNS = ("feature", "label", "use", "share", "tag", "far", "coverage_pct", "geometry")


def parcels_of(plans: Sequence[gpd.GeoDataFrame], *, ledger: Ledger) -> gpd.GeoDataFrame:
    """The parcels of all plans without overlaps: the first plan lies on top, and within a plan the smaller parcel.

    Parameters
    ----------
    plans : one frame a plan, in the study's system, `PARCEL_COLUMNS`: one row a parcel and use, `feature` the
        parcel's number within its plan.

    Returns
    -------
    The same columns, `feature` counted through all plans. What lies under another parcel is cut off, parcels that
    are wholly covered are left out; slivers of less than the parameter `parcel_sliver_m2` are nothing.
    """
    parts = [plan.assign(plan=number) for number, plan in enumerate(plans)]
    rows = gpd.GeoDataFrame(pd.concat(parts, ignore_index=True), crs=plans[0].crs)
    key = rows.groupby(["plan", "feature"], sort=False).ngroup().to_numpy()
    first = rows[~rows.duplicated(["plan", "feature"])]
    order = np.lexsort((np.arange(len(first)), shapely.area(first.geometry.to_numpy()), first["plan"].to_numpy()))
    flat = np.empty(len(first), dtype=object)
    flat[order] = less_what_lies_on_top(first.geometry.to_numpy()[order], ledger)
    rows["geometry"], rows["feature"] = flat[key], key
    kept = rows[shapely.area(rows.geometry.to_numpy()) > parameter("parcel_sliver_m2")]
    parcels: gpd.GeoDataFrame = kept[list(PARCEL_COLUMNS)].reset_index(drop=True)
    return parcels


def plan_land_use(
    parcels: gpd.GeoDataFrame, built_up: shapely.Geometry, classes: Sequence[str], scheme: str, *, ledger: Ledger
) -> LandUse:
    """The land-use layer of a plan: as `land_use_layer` makes one of OpenStreetMap's areas.

    Parameters
    ----------
    parcels : as `parcels_of` returns them.
    built_up : outline of the built-up zone, empty where it is not known.
    """
    table = parcels[["use", "share", "tag", "geometry"]]
    share = mapped_share(table, built_up)
    values: dict[str, Value] = {"count": int(parcels["feature"].nunique()), "km2": _km2(parcels)}
    ledger.record("land_use", "read", Message("plan.parcels", values), count=int(parcels["feature"].nunique()))
    if not np.isnan(share):
        said: dict[str, Value] = {"share": share, "km2": float(shapely.area(built_up)) / 1e6}
        ledger.record("land_use", "read", Message("overlay.mapped", said))
    return LandUse(table, scheme, tuple(classes), built_up, land_use_status(share))


def _km2(parcels: gpd.GeoDataFrame) -> float:
    return float((shapely.area(parcels.geometry.to_numpy()) * parcels["share"].to_numpy()).sum()) / 1e6
