"""Which buildings are homes, by a stated rule, and how much floor each has."""

from __future__ import annotations

import csv
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from spatial.model.land_use import Buildings
from spatial.model.provenance import Ledger
from spatial.parameters import parameter
from spatial.text import Message, Value

COLUMNS = ("x", "y", "footprint_m2", "levels", "levels_imputed", "floor_m2", "reason", "osm_id")
_LAYER = "people"
_NAMED = 5


@dataclass(frozen=True)
class HomeRule:
    """The table of homes: what a building's type, its other tags and the land under it say."""

    building: Mapping[str, str]
    tag: Mapping[tuple[str, str], str]
    land: Mapping[tuple[str, str], str]

    def of_type(self, value: str) -> str:
        """home, untyped, out or unlisted; of several values in one tag, a home among them makes it a home."""
        found = [self.building.get(part.strip(), "unlisted") for part in value.split(";")]
        return next((verdict for verdict in ("home", "untyped", "out") if verdict in found), "unlisted")

    def of_tags(self, tags: str) -> str:
        """not_a_home, not_a_home_alone (but it may be on residential land) or says_nothing."""
        found = [_look_up(self.tag, *pair.split("=", 1)) for pair in tags.split(";") if "=" in pair]
        return next((verdict for verdict in ("not_a_home", "not_a_home_alone") if verdict in found), "says_nothing")

    def of_land(self, tag: str) -> str:
        """residential, other_use or says_nothing."""
        key, _, value = tag.partition("=")
        return _look_up(self.land, key, value)


@lru_cache(maxsize=1)
def home_rule() -> HomeRule:
    """The rule as `homes.csv` states it."""
    text = files(__package__).joinpath("homes.csv").read_text(encoding="utf-8")
    rows = list(csv.DictReader(text.splitlines()))
    pairs = {
        kind: {(row["key"], row["value"]): row["verdict"] for row in rows if row["kind"] == kind}
        for kind in ("building", "tag", "land")
    }
    return HomeRule({value: verdict for (_, value), verdict in pairs["building"].items()}, pairs["tag"], pairs["land"])


def homes(
    buildings: Buildings,
    land_use: gpd.GeoDataFrame,
    *,
    ledger: Ledger,
    min_footprint_m2: float = parameter("untyped_home_min_footprint_m2"),
    max_footprint_m2: float = parameter("untyped_home_max_footprint_m2"),
    company_m: float = parameter("untyped_home_company_m"),
    sure_min_pct: float = parameter("sure_homes_min_pct"),
    levels_min_known: float = parameter("levels_min_known"),
) -> gpd.GeoDataFrame:
    """The buildings that people live in.

    Typed dwellings are homes. An untyped building (`building=yes`) is one on residential land, or where no use is
    mapped and no tag says shop, office, amenity or industry; below `min_footprint_m2` it is a shed. Where no use is
    mapped it also needs another home within `company_m` (where such homes are `sure_min_pct`
    of the candidates at least), and is a hall above
    `max_footprint_m2`. Where uses overlap, the smallest polygon says what the land is. The table is `homes.csv`.

    Parameters
    ----------
    land_use : columns `tag` ("landuse=residential"), `osm_id` and `geometry`, as mapped; may be empty. What is itself
        a building says nothing here: its tags speak for it.
    levels_min_known : missing levels are the median of the same type where so many are known, else 1.

    Returns
    -------
    GeoDataFrame of points inside the buildings with columns `x`, `y` (metres), `footprint_m2`, `levels`,
    `levels_imputed`, `floor_m2`, `reason` (typed, untyped_residential_land, untyped_no_use_mapped) and `osm_id`.
    """
    table = buildings.table
    rule = home_rule()
    shapes = table.geometry.to_numpy()
    footprint = shapely.area(shapes)
    points = shapely.point_on_surface(shapes)
    verdict = _by_value(table["building"], rule.of_type)
    reason = np.where(verdict == "home", "typed", "").astype(object)
    untyped = np.flatnonzero(verdict == "untyped")
    land = land_use[~land_use["osm_id"].isin(table["osm_id"])]
    reason[untyped] = _untyped(table.iloc[untyped], points[untyped], footprint[untyped], land, rule, min_footprint_m2)
    strange = (reason == "untyped_no_use_mapped") & (
        (footprint > max_footprint_m2) | _alone(points, reason, company_m, sure_min_pct)
    )
    reason[strange] = ""
    _note_rule(table, verdict, reason, min_footprint_m2, int(strange.sum()), ledger)
    levels, imputed = _levels(table, reason != "", levels_min_known, ledger)
    kept = np.flatnonzero(reason != "")
    frame = pd.DataFrame(
        {
            "x": shapely.get_x(points[kept]),
            "y": shapely.get_y(points[kept]),
            "footprint_m2": footprint[kept],
            "levels": levels[kept],
            "levels_imputed": imputed[kept],
            "floor_m2": footprint[kept] * levels[kept],
            "reason": reason[kept],
            "osm_id": table["osm_id"].to_numpy()[kept],
        }
    )
    return gpd.GeoDataFrame(frame, geometry=points[kept], crs=table.crs)


def _look_up(table: Mapping[tuple[str, str], str], key: str, value: str) -> str:
    for pair in ((key, value), (key, "*"), ("*", "*")):
        if pair in table:
            return table[pair]
    return "says_nothing"


def _by_value(column: pd.Series, verdict_of: Callable[[str], str]) -> np.ndarray:
    """A verdict per row, asked once per distinct value."""
    codes, values = pd.factorize(column.fillna("").astype(str))
    verdicts = np.array([verdict_of(str(value)) for value in values], dtype=object)
    return verdicts[codes] if len(values) else np.zeros(0, dtype=object)


def _untyped(
    table: gpd.GeoDataFrame,
    points: np.ndarray,
    footprint: np.ndarray,
    land_use: gpd.GeoDataFrame,
    rule: HomeRule,
    min_footprint_m2: float,
) -> np.ndarray:
    """The reason why each untyped building is a home, "" where it is none."""
    tags = _by_value(table["tags"], rule.of_tags)
    land = _land_at(points, land_use, rule)
    large = footprint >= min_footprint_m2
    reason = np.full(len(points), "", dtype=object)
    reason[large & (land == "residential") & (tags != "not_a_home")] = "untyped_residential_land"
    reason[large & (land == "unmapped") & (tags == "says_nothing")] = "untyped_no_use_mapped"
    return reason


def _alone(points: np.ndarray, reason: np.ndarray, company_m: float, sure_min_pct: float) -> np.ndarray:
    """True where none of the surer homes is near; nowhere where the surer ones are too few to tell."""
    sure = points[(reason == "typed") | (reason == "untyped_residential_land")]
    asked = np.flatnonzero(reason == "untyped_no_use_mapped")
    alone = np.zeros(len(points), dtype=bool)
    if len(sure) >= sure_min_pct / 100 * (len(sure) + len(asked)) and len(sure):
        alone[asked] = True
        alone[asked[shapely.STRtree(sure).query(points[asked], predicate="dwithin", distance=company_m)[0]]] = False
    return alone


def _land_at(points: np.ndarray, land_use: gpd.GeoDataFrame, rule: HomeRule) -> np.ndarray:
    """residential, other_use or unmapped: what the smallest use polygon around each point says."""
    says = _by_value(land_use["tag"], rule.of_land)
    use = np.flatnonzero(says != "says_nothing")
    shapes = land_use.geometry.to_numpy()[use]
    point, polygon = shapely.STRtree(shapes).query(points, predicate="intersects")
    order = np.lexsort((polygon, -shapely.area(shapes)[polygon]))
    land = np.full(len(points), "unmapped", dtype=object)
    land[point[order]] = says[use][polygon[order]]
    return land


def _levels(
    table: gpd.GeoDataFrame, home: np.ndarray, min_known: float, ledger: Ledger
) -> tuple[np.ndarray, np.ndarray]:
    """Levels of every building, and where they were imputed: the median of the type in this file, else 1."""
    mapped = table["levels"].to_numpy(dtype=float)
    known = mapped > 0
    by_type = pd.Series(mapped[known]).groupby(table["building"].to_numpy()[known])
    medians = by_type.median()[by_type.size() >= min_known]
    usual = table["building"].map(medians).to_numpy(dtype=float)
    levels = np.where(known, mapped, np.where(np.isnan(usual), 1.0, usual))
    count = int(home.sum())
    if count:
        by_median, by_one = home & ~known & ~np.isnan(usual), home & ~known & np.isnan(usual)
        values: dict[str, Value] = {
            "homes": count,
            "known_pct": 100 * float((home & known).sum()) / count,
            "median_pct": 100 * float(by_median.sum()) / count,
            "one_pct": 100 * float(by_one.sum()) / count,
            "medians": tuple(f"{kind} {medians[kind]:g}" for kind in sorted(set(table["building"][by_median])))
            or ("–",),
        }
        ledger.record(_LAYER, "imputed", Message("homes.levels", values), count=int((home & ~known).sum()))
    return levels, ~known


def _note_rule(
    table: gpd.GeoDataFrame,
    verdict: np.ndarray,
    reason: np.ndarray,
    min_footprint_m2: float,
    strange: int,
    ledger: Ledger,
) -> None:
    count = int((reason != "").sum())
    values: dict[str, Value] = {
        "homes": count,
        "buildings": len(table),
        "typed": int((reason == "typed").sum()),
        "residential_land": int((reason == "untyped_residential_land").sum()),
        "no_use": int((reason == "untyped_no_use_mapped").sum()),
        "untyped_out": int(((verdict == "untyped") & (reason == "")).sum()),
        "alone_or_large": strange,
        "min_footprint_m2": min_footprint_m2,
    }
    ledger.record(_LAYER, "chosen", Message("homes.rule", values), count=count)
    strays = table["building"][verdict == "unlisted"].value_counts()
    if len(strays):
        names = tuple(sorted(map(str, strays.index), key=lambda name: (-int(strays[name]), name))[:_NAMED])
        message = Message("homes.unlisted", {"count": int(strays.sum()), "kinds": len(strays), "names": names})
        ledger.record(_LAYER, "dropped", message, count=int(strays.sum()))
