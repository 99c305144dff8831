"""Stops, stations and street entrances of a GTFS feed."""

from __future__ import annotations

from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import pandas as pd
from pyproj import CRS

from spatial.errors import InputError, Problems
from spatial.model.provenance import Ledger
from spatial.model.study_area import projected_crs, transformer_to
from spatial.sources.gtfs.files import REPORTED, Feed, report_values
from spatial.text import Message, Value

FILE = "stops.txt"
LAYER = "transit"
Box = tuple[float, float, float, float]


@dataclass(frozen=True)
class StopTable:
    """All rows of stops.txt, in the order of the file.

    `frame` has columns `stop`, `name`, `station` (the parent station; the stop itself where it has none), `lon`,
    `lat` (degrees; NaN where the feed gives none) and `kind` (location_type: 0 stop, 1 station, 2 entrance, 3 and 4
    others).
    """

    frame: pd.DataFrame

    def placed(self) -> np.ndarray:
        """Which rows have coordinates."""
        found: np.ndarray = np.isfinite(self.frame["lon"].to_numpy()) & np.isfinite(self.frame["lat"].to_numpy())
        return found

    def inside(self, box: Box | None) -> np.ndarray:
        """Which rows have coordinates that lie in the box (west, south, east, north in degrees; None: anywhere)."""
        if box is None:
            return self.placed()
        lon, lat = self.frame["lon"].to_numpy(), self.frame["lat"].to_numpy()
        west, south, east, north = box
        with np.errstate(invalid="ignore"):
            found: np.ndarray = (west <= lon) & (lon <= east) & (south <= lat) & (lat <= north)
        return found


def read_stops(feed: Feed, problems: Problems, ledger: Ledger) -> StopTable:
    """The stops with their stations; wrong coordinates and doubled ids are added to `problems`."""
    ids = feed.column(FILE, "stop_id").astype(str)
    refuse_doubled(feed, FILE, "stop_id", ids, problems)
    lon = _degrees(feed, "stop_lon", 180, problems)
    lat = _degrees(feed, "stop_lat", 90, problems)
    nowhere = ~np.isfinite(lon) | ~np.isfinite(lat) | ((lon == 0) & (lat == 0))
    kind = feed.column(FILE, "location_type").astype(str)
    report_values(
        problems, feed.path, FILE, "location_type", kind, ~np.isin(kind, ("", "0", "1", "2", "3", "4")), "location"
    )
    parent = feed.column(FILE, "parent_station").astype(str)
    orphan = (parent != "") & ~np.isin(parent, ids)
    if orphan.any():
        message = Message("gtfs.unknown_station", {"count": int(orphan.sum()), "first": str(parent[orphan][0])})
        ledger.record(LAYER, "warned", message, count=int(orphan.sum()))
    station = np.where((parent == "") | orphan, ids, parent)
    frame = pd.DataFrame(
        {
            "stop": ids,
            "name": feed.column(FILE, "stop_name").astype(str),
            "station": station,
            "lon": np.where(nowhere, np.nan, lon),
            "lat": np.where(nowhere, np.nan, lat),
            "kind": np.where(kind == "", "0", kind),
        }
    )
    return StopTable(frame)


def projected_stops(table: StopTable, keep: np.ndarray, crs: CRS, ledger: Ledger) -> gpd.GeoDataFrame:
    """The kept rows as points of the study's system: index `stop`; `name`, `station`, `geometry`, sorted by id."""
    system = projected_crs(crs)
    rows = table.frame[keep].sort_values("stop", kind="stable")
    x, y = transformer_to(system).transform(rows["lon"].to_numpy(), rows["lat"].to_numpy())
    ledger.record(
        LAYER, "reprojected", Message("gtfs.projected", {"count": len(rows), "crs": system.name}), count=len(rows)
    )
    return gpd.GeoDataFrame(
        {"name": rows["name"].to_numpy(), "station": rows["station"].to_numpy()},
        geometry=gpd.points_from_xy(x, y),
        index=pd.Index(rows["stop"].to_numpy(), name="stop"),
        crs=system,
    )


def projected_entrances(table: StopTable, stations: pd.Series, crs: CRS, ledger: Ledger) -> pd.DataFrame:
    """Street entrances of the given stations: `station`, `x`, `y` in metres; those of no station are dropped."""
    rows = table.frame[(table.frame["kind"] == "2").to_numpy() & table.placed()]
    alone = rows["station"] == rows["stop"]
    if alone.any():
        message = Message("gtfs.entrances_alone", {"count": int(alone.sum())})
        ledger.record(LAYER, "dropped", message, count=int(alone.sum()))
    rows = rows[~alone & rows["station"].isin(stations)].sort_values(["station", "stop"], kind="stable")
    x, y = transformer_to(crs).transform(rows["lon"].to_numpy(), rows["lat"].to_numpy())
    return pd.DataFrame({"station": rows["station"].to_numpy(), "x": np.asarray(x, float), "y": np.asarray(y, float)})


def refuse_doubled(feed: Feed, file: str, column: str, ids: np.ndarray, problems: Problems) -> None:
    """Add one problem when ids occur more than once."""
    words, times = np.unique(ids, return_counts=True)
    doubled = words[times > 1]
    if len(doubled):
        values: dict[str, Value] = {"path": str(feed.path), "file": file, "column": column, "count": len(doubled)}
        problems.add(Message("gtfs.doubled_ids", values | {"ids": tuple(map(str, doubled[:REPORTED]))}))


def refuse_empty(path: str, kept: np.ndarray, table: StopTable, box: Box | None) -> None:
    """Refuse a feed none of whose stops lie in the box, or have coordinates at all."""
    if kept.any():
        return
    placed = table.frame[table.placed()]
    if box is None or placed.empty:
        raise InputError(Message("gtfs.nowhere", {"path": path}))
    ends = [placed["lon"].min(), placed["lat"].min(), placed["lon"].max(), placed["lat"].max()]
    bounds = [", ".join(f"{end:.4f}" for end in found) for found in (ends, box)]
    raise InputError(Message("gtfs.outside", {"path": path, "found": bounds[0], "expected": bounds[1]}))


def _degrees(feed: Feed, column: str, limit: float, problems: Problems) -> np.ndarray:
    texts = feed.column(FILE, column).astype(str)
    numbers = pd.to_numeric(pd.Series(texts), errors="coerce").to_numpy(float)
    blank = texts == ""
    with np.errstate(invalid="ignore"):
        wrong = ~blank & ~(np.abs(numbers) <= limit)
    report_values(problems, feed.path, FILE, column, texts, wrong, "degrees")
    return numbers
