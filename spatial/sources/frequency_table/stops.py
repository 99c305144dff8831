"""Where the stops of a frequency table are, which rows speak of one stop, and which stops form a station."""

from __future__ import annotations

from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
from pyproj import CRS
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components
from scipy.spatial import cKDTree

from spatial.errors import InputError, Problems
from spatial.model.provenance import Ledger
from spatial.model.study_area import transformer_to
from spatial.sources.datum import Datum, to_wgs84
from spatial.sources.frequency_table.rows import LAYER, LINE, report
from spatial.text import Message, Value

Box = tuple[float, float, float, float]


def placed_by_degrees(
    rows: pd.DataFrame, path: Path, *, crs: CRS, datum: Datum, problems: Problems, ledger: Ledger
) -> pd.DataFrame:
    """The rows with `x`, `y` in metres of the study's system; NaN where a row has no position, or none on earth."""
    lon, lat = rows["lon"].to_numpy(float), rows["lat"].to_numpy(float)
    missing = np.isnan(lon) | np.isnan(lat) | ((lon == 0) & (lat == 0))
    with np.errstate(invalid="ignore"):
        off = ~missing & ((np.abs(lon) > 180) | (np.abs(lat) > 90))
    report(problems, path, "unplaced", rows, missing)
    report(problems, path, "off_earth", rows, off)
    fine = ~missing & ~off
    x, y = np.full(len(rows), np.nan), np.full(len(rows), np.nan)
    x[fine], y[fine] = transformer_to(crs).transform(*to_wgs84(lon[fine], lat[fine], datum))
    values: dict[str, Value] = {"count": int(fine.sum()), "crs": crs.name, "datum": Message(f"datum.name_{datum}")}
    ledger.record(LAYER, "reprojected", Message("frequency.projected", values), count=int(fine.sum()))
    return rows.assign(x=x, y=y)


def check_same_names(rows: pd.DataFrame, path: Path, *, far_m: float, problems: Problems) -> None:
    """One line does not stop in one direction at two far places of the same name."""
    named = rows[(rows["line"] != "") & (rows["key"] != "") & rows["x"].notna()]
    grouped = named.groupby([*LINE, "key"])[["x", "y"]]
    spread = grouped.transform("max") - grouped.transform("min")
    report(problems, path, "far_apart", named, np.hypot(spread["x"], spread["y"]) > far_m)


def with_stops(rows: pd.DataFrame, crs: CRS, *, same_stop_m: float, station_m: float, ledger: Ledger) -> pd.DataFrame:
    """The rows with the ids of their `stop` and `station`, "" where they have no position, and the stop's own point.

    Rows of the same plain name within `same_stop_m` are one stop, at the mean of their positions; within `station_m`
    they are one station (from row to row: a chain is one). An id is the name; where several stops or stations have
    the name, the name and the position in degrees.
    """
    ordered = rows[rows["x"].notna() & (rows["key"] != "")].sort_values(["key", "x", "y", "name"], kind="stable")
    points = ordered.drop_duplicates(["key", "x", "y"])[["key", "name", "x", "y"]].reset_index(drop=True)
    points["own_x"], points["own_y"] = points["x"], points["y"]
    for name, within in (("stop", same_stop_m), ("station", station_m)):
        points[name] = _ids(points, _joined(points, within), crs)
    stop = points.groupby("stop")
    points["own_x"], points["own_y"] = stop["x"].transform("mean"), stop["y"].transform("mean")
    merged = len(points) - stop.ngroups
    if merged:
        values = {"count": len(points), "stops": stop.ngroups, "within": float(same_stop_m)}
        ledger.record(LAYER, "merged", Message("frequency.one_stop", values), count=merged)
    points["name"] = stop["name"].transform("first")
    found = rows.drop(columns="name").merge(points, on=["key", "x", "y"], how="left").set_index(rows.index)
    found["name"] = found["name"].fillna(rows["name"])
    ids = {name: found[name].astype(object).fillna("").astype(str) for name in ("stop", "station")}
    return found.assign(**ids, x=found["own_x"], y=found["own_y"]).drop(columns=["own_x", "own_y"])


def stop_table(rows: pd.DataFrame, crs: CRS) -> gpd.GeoDataFrame:
    """The stops: index `stop`; `name`, `station`, `geometry`, sorted by id."""
    stops = rows.drop_duplicates("stop").sort_values("stop", kind="stable")
    return gpd.GeoDataFrame(
        {"name": stops["name"].to_numpy(), "station": stops["station"].to_numpy()},
        geometry=gpd.points_from_xy(stops["x"], stops["y"]),
        index=pd.Index(stops["stop"].to_numpy(), name="stop"),
        crs=crs,
    )


def inside(stops: gpd.GeoDataFrame, box: Box | None, path: Path) -> np.ndarray:
    """Which stops lie in the box (west, south, east, north in degrees; None: anywhere); none at all is refused."""
    lon, lat = transformer_to(stops.crs).transform(stops.geometry.x, stops.geometry.y, direction="INVERSE")
    if box is None:
        return np.ones(len(stops), dtype=bool)
    west, south, east, north = box
    found: np.ndarray = (west <= lon) & (lon <= east) & (south <= lat) & (lat <= north)
    if not found.any():
        bounds = [", ".join(f"{end:.4f}" for end in ends) for ends in ((min(lon), min(lat), max(lon), max(lat)), box)]
        raise InputError(Message("frequency.outside", {"path": path.name, "found": bounds[0], "expected": bounds[1]}))
    return found


def _joined(points: pd.DataFrame, within_m: float) -> np.ndarray:
    """A number for each group of points of one name that are linked by steps of at most `within_m`."""
    # names are set apart along a third axis, so that only points of one name can be near
    level = pd.factorize(points["key"])[0] * 10.0 * within_m
    pairs = cKDTree(np.column_stack([points["x"], points["y"], level])).query_pairs(within_m, output_type="ndarray")
    links = coo_array((np.ones(len(pairs), dtype=bool), (pairs[:, 0], pairs[:, 1])), shape=(len(points),) * 2)
    groups: np.ndarray = connected_components(links, directed=False)[1]
    return groups


def _ids(points: pd.DataFrame, groups: np.ndarray, crs: CRS) -> np.ndarray:
    """The name of each group's first point, and its mean position where several groups have one name."""
    by_group = points.groupby(groups)
    lon, lat = transformer_to(crs).transform(
        by_group["x"].transform("mean").to_numpy(), by_group["y"].transform("mean").to_numpy(), direction="INVERSE"
    )
    name = by_group["name"].transform("first")
    several = pd.Series(groups).groupby(points["key"].to_numpy()).transform("nunique") > 1
    at = [f"{n} @ {east:.5f},{north:.5f}" for n, east, north in zip(name, lon, lat, strict=True)]
    return np.where(several, at, name)
