"""Residents and jobs of a plan's parcels from their floor space, by a declared table."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from pyproj import CRS

from spatial.errors import CrsError, InputError, Problems
from spatial.model.floor_space import PER_HEAD, SHARES, FloorSpaceTable, Quantity
from spatial.model.people import People
from spatial.model.provenance import DataStatus, Ledger
from spatial.model.study_area import projected_crs
from spatial.operations.dasymetric import people_from_zones
from spatial.parameters import parameter
from spatial.text import Message, Value

_LAYER = "people"
_BOUNDS = ("low", "central", "high")
_OTHER_END = {"low": "high", "central": "central", "high": "low"}
_HEADS: dict[str, Quantity] = {"residents": "m2_per_resident", "jobs": "m2_per_job"}
_NAMED = 20


def people_from_floor_space(
    parcels: gpd.GeoDataFrame,
    table: FloorSpaceTable,
    crs: CRS,
    *,
    ledger: Ledger,
    homes: gpd.GeoDataFrame | None = None,
    far_most: float = parameter("far_most"),
    shares_apart_pct: float = parameter("parcel_shares_apart_pct"),
) -> People:
    """The central number of residents and jobs of each parcel, placed as `people_from_zones` places those of zones.

    Floor space of a use = floor area ratio × area of the whole parcel × share of the use × share built. Residents =
    floor space × occupancy ÷ m² per resident; jobs likewise. The low number takes every factor at the end that gives
    fewer people (low shares, high m²), the high number at the other: the interval is that of factors which all err
    the same way, and a wide one. The status is doubtful and says the interval of the whole plan.

    Where a parcel has a use that the table does not name, or no floor area ratio though its use holds people, its
    people are not known: it gets nobody, `known` leaves it out, and the ledger counts it. A use that the table names
    without m² per resident (or job) holds none, which the ledger says. Where no use states m² per job, jobs are NaN
    throughout; residents likewise.

    Parameters
    ----------
    parcels : one row a parcel and use: `feature` (number of the parcel), `label` (what messages call it), `use` (class
        of the urban scheme), `share` (0–1, of the parcel's land and of its floor), `far` (floor area ratio of the whole
        parcel; NaN: not known) and `geometry` (the whole parcel, in each of its rows).
    homes : as `spatial.operations.dwellings.homes` returns them; residents stand there, jobs at a point of the parcel.
    far_most : a larger floor area ratio is refused; it may be written in per cent.
    shares_apart_pct : shares of a parcel that miss 100 % by more than this are refused.

    Raises
    ------
    InputError : floor area ratios that cannot be, shares that do not sum to 1, parcels that overlap (their people would
        count twice), or no parcel whose people can be known.
    """
    if parcels.crs is None:
        raise CrsError(Message("crs.missing"))
    rows = parcels.to_crs(projected_crs(crs)).reset_index(drop=True)
    _check(rows, far_most, shares_apart_pct)
    rows["m2"] = rows.geometry.area * rows["share"]
    known = _known_rows(rows, table, ledger)
    if not known.any():
        raise InputError(Message("floor_space.nothing_known", {"count": rows["feature"].nunique(), "path": table.name}))
    counted = _counted(rows[known], table)
    _note_uses(counted, table, ledger)
    whole = counted.groupby("feature", sort=False).agg(
        {"label": "first", "geometry": "first", **dict.fromkeys(_columns(table), "sum")}
    )
    zones = gpd.GeoDataFrame(whole, geometry="geometry", crs=rows.crs).set_index("label")
    residents, jobs = (name if table.states(quantity) else None for name, quantity in _HEADS.items())
    people = people_from_zones(zones, residents, jobs, rows.crs, ledger=ledger, homes=homes)
    status = _status(zones, table).worse(people.status)
    return replace(people, method="floor_space", status=status, known=_where_known(rows, known))


def _check(rows: gpd.GeoDataFrame, far_most: float, shares_apart_pct: float) -> None:
    problems = Problems()
    far = rows["far"].to_numpy(dtype=float)
    wrong = ~np.isnan(far) & ~((far >= 0) & (far <= far_most))
    if wrong.any():
        found = rows[wrong].drop_duplicates("feature")
        named = tuple(f"{label}: {value:g}" for label, value in zip(found["label"], found["far"], strict=True))
        values: dict[str, Value] = {"count": len(found), "found": _shown(named), "most": far_most}
        problems.add(Message("floor_space.far", values))
    sums = rows.groupby("feature", sort=False).agg({"label": "first", "share": "sum"})
    off = ~((sums["share"] - 1).abs() * 100 <= shares_apart_pct)
    if off.any():
        named = tuple(f"{label}: {100 * share:g}%" for label, share in sums[off].itertuples(index=False))
        problems.add(Message("floor_space.shares", {"count": int(off.sum()), "found": _shown(named)}))
    problems.raise_if_any(InputError)


def _known_rows(rows: gpd.GeoDataFrame, table: FloorSpaceTable, ledger: Ledger) -> np.ndarray:
    """Which rows belong to parcels whose people can be known; the others are said and counted."""
    there = rows["share"] > 0
    unnamed = there & ~rows["use"].isin(table.uses)
    holding = {use for use in table.uses if any(table.factor(use, quantity) for quantity in PER_HEAD)}
    no_far = there & rows["far"].isna() & rows["use"].isin(holding)
    for wrong, key in ((unnamed, "unnamed_use"), (no_far, "no_far")):
        if not wrong.any():
            continue
        found = rows[wrong].drop_duplicates("feature")
        names = tuple(Message(f"land_use_class.{use}") for use in dict.fromkeys(rows["use"][wrong]))
        area_m2 = float(rows["m2"][rows["feature"].isin(found["feature"])].sum())
        labels = _shown([str(label) for label in found["label"]])
        said: dict[str, Value] = {
            "count": len(found),
            "uses": names,
            "ha": area_m2 / 1e4,
            "labels": labels,
            "path": table.name,
        }
        ledger.record(_LAYER, "warned", Message(f"floor_space.{key}", said), count=len(found))
    unknown = rows["feature"][unnamed | no_far]
    known: np.ndarray = ~rows["feature"].isin(unknown).to_numpy()
    return known


def _columns(table: FloorSpaceTable) -> list[str]:
    """The columns of people that the table can fill: central numbers, and the low and high ones beside."""
    stated = [name for name, quantity in _HEADS.items() if table.states(quantity)]
    return [name if bound == "central" else f"{name}_{bound}" for name in stated for bound in _BOUNDS]


def _counted(rows: gpd.GeoDataFrame, table: FloorSpaceTable) -> gpd.GeoDataFrame:
    """The rows with `floor_m2` (built, central) and their residents and jobs, low, central and high."""
    counted = rows.copy()
    allowed_m2 = (rows["far"] * rows["m2"]).fillna(0.0)
    built, used = (_factors(rows["use"], table, share) for share in SHARES)
    counted["floor_m2"] = allowed_m2 * built["central"]
    for name, quantity in _HEADS.items():
        if table.states(quantity):
            m2_each = _factors(rows["use"], table, quantity)
            for bound in _BOUNDS:
                column = name if bound == "central" else f"{name}_{bound}"
                in_use = allowed_m2 * built[bound] * used[bound]
                counted[column] = (in_use / m2_each[_OTHER_END[bound]]).fillna(0.0)
    return counted


def _factors(uses: pd.Series, table: FloorSpaceTable, quantity: Quantity) -> dict[str, pd.Series]:
    """Low, central and high of a quantity for each row; NaN where its use does not state it."""
    known = {use: table.factor(use, quantity) for use in uses.unique()}
    return {
        bound: uses.map({use: float("nan") if row is None else getattr(row, bound) for use, row in known.items()})
        for bound in _BOUNDS
    }


def _note_uses(counted: gpd.GeoDataFrame, table: FloorSpaceTable, ledger: Ledger) -> None:
    """One line a use: its floor, parcels and people with their interval, and the sources of its factors."""
    for name, quantity in _HEADS.items():
        if not table.states(quantity):
            ledger.record(_LAYER, "chosen", Message(f"floor_space.{name}_unknown", {"path": table.name}))
    for use, rows in counted[counted["share"] > 0].groupby("use", sort=False):
        parcels, ha = int(rows["feature"].nunique()), float(rows["m2"].sum()) / 1e4
        factors = [table.factor(str(use), quantity) for quantity in (*PER_HEAD, *SHARES)]
        cited = tuple(dict.fromkeys(factor.cited for factor in factors if factor is not None))
        said: dict[str, Value] = {
            "use": Message(f"land_use_class.{use}"),
            "parcels": parcels,
            "sources": cited,
            "ha": ha,
        }
        if not any(table.factor(str(use), quantity) for quantity in PER_HEAD):
            ledger.record(_LAYER, "chosen", Message("floor_space.use_without_people", said), count=parcels)
            continue
        said["floor_m2"] = float(rows["floor_m2"].sum())
        said["people"] = tuple(
            _interval(rows, head) if table.factor(str(use), quantity) else Message(f"floor_space.no_{head}")
            for head, quantity in _HEADS.items()
            if table.states(quantity)
        )
        ledger.record(_LAYER, "estimated", Message("floor_space.use", said), count=parcels)


def _interval(rows: pd.DataFrame, head: str) -> Message:
    """A number of residents or jobs with its interval."""
    low, central, high = (float(rows[column].sum()) for column in (f"{head}_low", head, f"{head}_high"))
    return Message(f"floor_space.some_{head}", {"low": low, "central": central, "high": high})


def _status(zones: pd.DataFrame, table: FloorSpaceTable) -> DataStatus:
    """Doubtful, with the interval of the residents and of the jobs of the whole plan."""
    people = tuple(_interval(zones, head) for head, quantity in _HEADS.items() if table.states(quantity))
    return DataStatus("doubtful", Message("floor_space.estimated", {"people": people, "path": table.name}))


def _where_known(
    rows: gpd.GeoDataFrame, known: np.ndarray, *, far_km: float = parameter("vector_far_km")
) -> shapely.Geometry | None:
    """All places but the parcels whose people are not known; None where there is no such parcel."""
    if known.all():
        return None
    shapes = rows.geometry.to_numpy()
    unknown = shapely.union_all(shapes[~known])
    around = shapely.box(*rows.total_bounds)
    everywhere = shapely.buffer(around, 1000 * far_km, join_style="mitre")
    known_land: shapely.Geometry = shapely.difference(everywhere, unknown)
    return known_land


def _shown(names: Sequence[str]) -> tuple[str, ...]:
    """The first names, and "…" for the rest."""
    return (*names[:_NAMED], "…") if len(names) > _NAMED else tuple(names)
