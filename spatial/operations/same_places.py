"""Places of two sources as one layer: the same place counts once."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from spatial.errors import CrsError
from spatial.model.places import DAILY_NEEDS
from spatial.model.provenance import Ledger
from spatial.operations.name_likeness import PlaceName, alike, contradict, taken_apart
from spatial.parameters import parameter
from spatial.text import Message, Value

GROUNDS = ("school", "kindergarten", "park")
"""Categories whose places are grounds that one enters by gates."""

_COLUMNS = ["category", "name", "osm_id", "geometry"]


def merged_places(
    first: gpd.GeoDataFrame,
    second: gpd.GeoDataFrame,
    *,
    ledger: Ledger,
    names: tuple[str, str],
    distance_m: float = parameter("same_place_m"),
    unnamed_m: float = parameter("same_place_unnamed_m"),
    likeness: float = parameter("same_place_name_likeness"),
) -> gpd.GeoDataFrame:
    """The places of both: all of `first` in its order, then those of `second` that `first` has not.

    Two places are the same when they are of one category, lie within `distance_m` of each other (0 inside an area)
    and have names alike (`name_likeness.alike`); where one has no name, or only a type such as 超市 for a name, when
    they lie within `unnamed_m` and their types do not differ. Each place is the same as one of the other source at
    most: equal names go first, then the likeliest, then the nearest, unnamed ones last. So shops of a chain in one
    street stay as many as the fuller source has. Only grounds (a school, kindergarten or park that is an area of
    `first`) take in all places of their category and a name like theirs that lie inside them.

    A place that both have keeps the shape and id of `first`, and its name unless it has none.

    Parameters
    ----------
    first, second : columns `category`, `name` ("" when unnamed), `osm_id`, `geometry`, in one projected system.
    names : of the two sources, for the ledger: what each holds, what is the same, and what is left, per category.

    Raises
    ------
    CrsError : the two are in different systems.
    """
    if first.crs != second.crs:
        found, wanted = (str(table.crs and table.crs.name) for table in (second, first))
        raise CrsError(Message("place_table.other_system", {"name": names[1], "found": found, "wanted": wanted}))
    mine, other = (table[_COLUMNS].reset_index(drop=True) for table in (first, second))
    pairs = _one_to_one(_same(mine, other, distance_m, unnamed_m, likeness), mine, other)
    mine["name"] = _filled(mine["name"], other["name"], pairs)
    left = other.drop(index=pairs["second"])
    grounds = mine[mine["category"].isin(GROUNDS) & (shapely.get_dimensions(mine.geometry.to_numpy()) == 2)]
    inside = _same(grounds, left, 0.0, -1.0, likeness)["second"].unique()
    new = left.drop(index=inside)
    _note(mine, other, new, pairs, len(inside), unnamed_m, names, ledger)
    kept = [table for table in (mine, new) if len(table)] or [mine]
    return gpd.GeoDataFrame(pd.concat(kept, ignore_index=True), geometry="geometry", crs=first.crs)


def _same(
    first: gpd.GeoDataFrame, second: gpd.GeoDataFrame, distance_m: float, unnamed_m: float, likeness: float
) -> pd.DataFrame:
    """Pairs that may be one place: `first` and `second` (labels), `equal`, `alike` (−1 without a name), `apart_m`."""
    shapes, others = first.geometry.to_numpy(), second.geometry.to_numpy()
    j, i = shapely.STRtree(shapes).query(others, predicate="dwithin", distance=max(distance_m, unnamed_m))
    same = first["category"].to_numpy()[i] == second["category"].to_numpy()[j]
    i, j = i[same], j[same]
    pairs = pd.DataFrame({"first": first.index.to_numpy()[i], "second": second.index.to_numpy()[j]})
    pairs["apart_m"] = shapely.distance(shapes[i], others[j])
    pairs[["equal", "alike"]] = _names_compared(first["name"].to_numpy()[i], second["name"].to_numpy()[j])
    alike, apart_m = pairs["alike"], pairs["apart_m"]
    named = (alike > 0) & (alike >= likeness) & (apart_m <= distance_m)
    found: pd.DataFrame = pairs[named | ((alike < 0) & (apart_m <= unnamed_m))]
    return found


def _names_compared(first: np.ndarray, second: np.ndarray) -> np.ndarray:
    """`_compared` for every pair of names; each name is taken apart, and each pair compared, once."""
    parts = {name: taken_apart(name) for name in {*first, *second}}
    pairs = dict.fromkeys(zip(first, second, strict=True))
    scores = {(one, other): _compared(parts[one], parts[other]) for one, other in pairs}
    return np.array([scores[pair] for pair in zip(first, second, strict=True)], dtype=float).reshape(-1, 2)


def _compared(first: PlaceName, second: PlaceName) -> tuple[bool, float]:
    """Whether two names are equal in all their parts, and how alike they are: −1 where one says nothing."""
    if contradict(first, second):
        return False, 0.0
    if not first.core or not second.core:
        return False, -1.0
    return (first.core, first.branch) == (second.core, second.branch), alike(first, second)


def _one_to_one(pairs: pd.DataFrame, first: gpd.GeoDataFrame, second: gpd.GeoDataFrame) -> pd.DataFrame:
    """The pairs that are taken: best first, no place twice; of equally good ones not the order of rows decides."""
    rank = pairs.assign(
        equal=-pairs["equal"],
        alike=-pairs["alike"],
        mine=_by_content(first)[pairs["first"]],
        other=_by_content(second)[pairs["second"]],
    ).sort_values(["equal", "alike", "apart_m", "mine", "other"])
    taken: list[int] = []
    used_first: set[int] = set()
    used_second: set[int] = set()
    for label, one, other in zip(rank.index, rank["first"], rank["second"], strict=True):
        if one not in used_first and other not in used_second:
            used_first.add(one)
            used_second.add(other)
            taken.append(label)
    return pairs.loc[taken]


def _by_content(table: gpd.GeoDataFrame) -> np.ndarray:
    """The rank of each row by what it holds."""
    middle = shapely.centroid(table.geometry.to_numpy())
    content = pd.DataFrame({"name": table["name"], "id": table["osm_id"]}, dtype=object)
    content = content.assign(x=shapely.get_x(middle), y=shapely.get_y(middle)).reset_index(drop=True)
    order = content.sort_values(["name", "id", "x", "y"]).index.to_numpy()
    rank = np.empty(len(order), dtype=np.int64)
    rank[order] = np.arange(len(order))
    return rank


def _filled(mine: pd.Series, other: pd.Series, pairs: pd.DataFrame) -> pd.Series:
    """The names of `mine`, and those of its partners where it has none."""
    filled = mine.copy()
    filled.loc[pairs["first"]] = other.loc[pairs["second"]].to_numpy()
    return mine.where(mine != "", filled)


def _note(
    first: gpd.GeoDataFrame,
    second: gpd.GeoDataFrame,
    new: gpd.GeoDataFrame,
    pairs: pd.DataFrame,
    inside: int,
    unnamed_m: float,
    names: tuple[str, str],
    ledger: Ledger,
) -> None:
    """What each source holds, what is the same, and what is left."""
    sources: dict[str, Value] = {"first_name": names[0], "second_name": names[1]}
    counts = [table["category"].value_counts() for table in (first, second, new)]
    others = sorted({*counts[0].index, *counts[1].index} - set(DAILY_NEEDS))
    for category in (*DAILY_NEEDS, *others):
        of_first, of_second, of_new = (int(count.get(category, 0)) for count in counts)
        numbers = {"first": of_first, "second": of_second, "same": of_second - of_new, "all": of_first + of_new}
        values = {"category": Message(f"osm.category.{category}"), **sources, **numbers}
        ledger.record("places", "merged", Message("place_table.merged_category", values), count=of_second - of_new)
    same = len(second) - len(new)
    numbers = {"first": len(first), "second": len(second), "same": same, "all": len(first) + len(new)}
    ledger.record("places", "merged", Message("place_table.merged", {**sources, **numbers}), count=same)
    unnamed = int((pairs["alike"] < 0).sum())
    if unnamed:
        unnamed_values = {"count": unnamed, "unnamed_m": float(unnamed_m)}
        ledger.record("places", "merged", Message("place_table.merged_unnamed", unnamed_values), count=unnamed)
    if inside:
        ledger.record("places", "merged", Message("place_table.merged_inside", {"count": inside}), count=inside)
