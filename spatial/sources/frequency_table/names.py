"""Stops of a table that has no positions: found among known stations by their names."""

from __future__ import annotations

import re
import unicodedata
from difflib import get_close_matches
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd

from spatial.errors import Problems
from spatial.model.provenance import Ledger
from spatial.sources.frequency_table.modes import only_one
from spatial.text import Message, Value

LAYER = "transit"
SHOWN = 20
_ADDED = re.compile(
    r"(?<=.)(?:地铁站|轻轨站|公交站|车站|站|\b(?:(?:metro|subway|railway|train|bus) )?(?:station|stop))$"
)


def plain_name(name: str) -> str:
    """A stop's name without what people add to it or leave out: width, case, spaces, 站, 地铁站, Station."""
    plain = " ".join(unicodedata.normalize("NFKC", name).casefold().split())
    return _ADDED.sub("", plain).replace(" ", "")


def placed_by_name(
    rows: pd.DataFrame, known: gpd.GeoDataFrame, path: Path, *, within_m: float, problems: Problems, ledger: Ledger
) -> pd.DataFrame:
    """The rows with `x`, `y` of the station or stop of their name, and its mode where they have none.

    A row of a mode goes to one of that mode, else to one whose mode is not known; a station comes before a stop.
    Several that are equally good stand at their mean.

    Parameters
    ----------
    rows : `name`, `key`, `mode`.
    known : `kind` (stop, station, entrance), `mode`, `name`, `geometry`.
    within_m : several that lie farther apart are a problem.
    """
    asked = rows.loc[rows["key"] != "", ["key", "mode", "name"]].drop_duplicates(["key", "mode"])
    candidates = _candidates(known)
    pairs = asked.merge(candidates, on="key")
    fits = (pairs["mode"] == "") | (pairs["its_mode"] == "") | (pairs["its_mode"] == pairs["mode"])
    pairs = pairs[fits]
    rank = 2 * ((pairs["mode"] != "") & (pairs["its_mode"] == "")).astype(int) + (pairs["kind"] != "station").astype(
        int
    )
    best = pairs[rank == rank.groupby([pairs["key"], pairs["mode"]]).transform("min")]
    grouped = best.groupby(["key", "mode"])
    found = grouped.agg(x=("x", "mean"), y=("y", "mean"), several=("x", "size"), its_mode=("its_mode", only_one))
    spread = grouped[["x", "y"]].max() - grouped[["x", "y"]].min()
    found["spread_m"] = np.hypot(spread["x"], spread["y"])
    placed = asked.merge(found.reset_index(), on=["key", "mode"], how="left")
    _report(placed, candidates, path, within_m, problems)
    _note(placed, ledger)
    at = rows[["key", "mode"]].merge(found.reset_index(), on=["key", "mode"], how="left")
    mode = np.where(rows["mode"] == "", at["its_mode"].astype(object).fillna("").astype(str), rows["mode"])
    return rows.assign(x=at["x"].to_numpy(), y=at["y"].to_numpy(), mode=mode)


def _candidates(known: gpd.GeoDataFrame) -> pd.DataFrame:
    """Stations and stops that have a name: `key`, `its_name`, `its_mode`, `kind`, `x`, `y`, in a fixed order."""
    names = known["name"].astype(object).fillna("").astype(str)
    named = known[(known["kind"].isin(["station", "stop"]) & (names != "")).to_numpy()]
    frame = pd.DataFrame(
        {
            "its_name": named["name"].astype(str).to_numpy(),
            "its_mode": named["mode"].astype(object).fillna("").astype(str).to_numpy(),
            "kind": named["kind"].astype(str).to_numpy(),
            "x": named.geometry.x.to_numpy(),
            "y": named.geometry.y.to_numpy(),
        }
    )
    frame["key"] = [plain_name(name) for name in frame["its_name"]]
    return frame.sort_values(["key", "x", "y", "its_mode", "kind"], kind="stable")


def _report(placed: pd.DataFrame, candidates: pd.DataFrame, path: Path, within_m: float, problems: Problems) -> None:
    strange = placed[placed["x"].isna()]
    if candidates.empty:
        problems.add(Message("frequency.no_known", {"path": path.name}))
    elif len(strange):
        wanted: tuple[Value, ...] = tuple(
            Message("frequency.name_of_mode", {"name": name, "mode": Message(f"mode.{mode}")}) if mode else str(name)
            for name, mode in zip(strange["name"], strange["mode"], strict=True)
        )
        values: dict[str, Value] = {"path": path.name, "count": len(strange), "names": wanted}
        values["known"] = _nearest(strange, candidates)
        problems.add(Message("frequency.unmatched", values))
    apart = placed[placed["spread_m"] > within_m]
    if len(apart):
        names = tuple(map(str, apart["name"]))
        said: dict[str, Value] = {"path": path.name, "count": len(apart), "names": names, "within": float(within_m)}
        problems.add(Message("frequency.ambiguous", said))


def _nearest(strange: pd.DataFrame, candidates: pd.DataFrame) -> tuple[str, ...]:
    """Names that are known: those most like the wanted ones first."""
    names = candidates.drop_duplicates("key").set_index("key")["its_name"]
    like = [key for wanted in strange["key"] for key in get_close_matches(wanted, list(names.index), n=3, cutoff=0.3)]
    return tuple(str(names[key]) for key in list(dict.fromkeys([*like, *names.index]))[:SHOWN])


def _note(placed: pd.DataFrame, ledger: Ledger) -> None:
    count, several = int(placed["x"].notna().sum()), int((placed["several"] > 1).sum())
    ledger.record(LAYER, "merged", Message("frequency.matched", {"count": count, "several": several}), count=count)
