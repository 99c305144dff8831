"""Gates that a table lists as places of their own: a school with two gates is one school."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from spatial.model.provenance import Ledger
from spatial.operations.name_likeness import taken_apart
from spatial.operations.same_places import GROUNDS
from spatial.parameters import parameter
from spatial.text import Message


def gates_as_one(
    places: gpd.GeoDataFrame, *, ledger: Ledger, name: str, gate_m: float = parameter("gates_of_one_place_m")
) -> gpd.GeoDataFrame:
    """The places without the gates of schools, kindergartens and parks that count with their place.

    A gate is told by its name: 人民公园(东门), Riverside Park North Gate. It counts with the place of its category and
    name within `gate_m`; where there is none, gates of one name within `gate_m` of one another are one place, at the
    first of them by name and position. No two places that are not gates become one: shops of a chain stay.

    Parameters
    ----------
    places : columns `category`, `name`, `osm_id`, `geometry` (points), in a projected system.
    name : of the source, for the ledger.
    """
    parts = [taken_apart(text) for text in places["name"]]
    said = [(part.core, part.kinds, part.branch) for part in parts]
    place, _ = pd.factorize(pd.Series(list(zip(places["category"], said, strict=True)), dtype=object))
    grounds = places["category"].isin(GROUNDS).to_numpy() & np.array([part.core != "" for part in parts], dtype=bool)
    gate = grounds & np.array([part.gate for part in parts], dtype=bool)
    shapes = places.geometry.to_numpy()
    lone = np.flatnonzero(gate)
    one, other = shapely.STRtree(shapes).query(shapes[lone], predicate="dwithin", distance=gate_m)
    one = lone[one]
    same = place[one] == place[other]
    one, other = one[same], other[same]
    near = np.zeros(len(places), dtype=bool)
    near[one[~gate[other]]] = True
    dropped = gate & _repeated(places, near, one, other, gate)
    if dropped.any():
        count = int(dropped.sum())
        ledger.record("places", "merged", Message("place_table.gates", {"name": name, "count": count}), count=count)
    kept: gpd.GeoDataFrame = places[~dropped].reset_index(drop=True)
    return kept


def _repeated(
    places: gpd.GeoDataFrame, near: np.ndarray, one: np.ndarray, other: np.ndarray, gate: np.ndarray
) -> np.ndarray:
    """Of the gates that hang together: all where one is `near` its place, else all but the first."""
    both = gate[one] & gate[other]
    links = coo_array((np.ones(both.sum()), (one[both], other[both])), shape=(len(places), len(places)))
    _, group = connected_components(links, directed=False)
    at = places.geometry
    order = np.lexsort((at.y.to_numpy(), at.x.to_numpy(), places["name"].to_numpy(dtype=str)))
    later = np.zeros(len(places), dtype=bool)
    later[order] = pd.Series(group[order]).duplicated().to_numpy()
    found: np.ndarray = later | np.isin(group, group[near])
    return found
