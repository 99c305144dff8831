"""Whether the city grew inside its boundary. A cell counts as inside where its centre is."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd

from spatial.errors import NotComputable
from spatial.indicators.catalogue import indicator
from spatial.model.growth import Growth
from spatial.model.provenance import OK, DataStatus
from spatial.model.zones import Zones
from spatial.operations.zonal import built_up_by_year, covered_share
from spatial.parameters import parameter
from spatial.text import Message

_REFERENCE = "siedentop_2022"


@indicator(unit="km²", over="all", dims=("at",), better="lower", range=(0, 1_000_000), reference=_REFERENCE)
def built_up_outside_boundary(
    growth: Growth, zones: Zones, *, cover_min_pct: float = parameter("growth_cover_min_pct")
) -> pd.DataFrame:
    """Built-up land outside the growth boundary, in square kilometres, at each observed year (`at`).

    Built-up land is that of the cells first built by then; years after `growth.observed_until` are projections and are
    left out. Doubtful where the boundary is a stand-in, or the raster covers less than `cover_min_pct` of the area.
    """
    return _by_year(growth, zones, cover_min_pct, lambda built: built["outside_km2"])


@indicator(unit="%", over="all", dims=("at",), better="lower", range=(0, 100), reference=_REFERENCE)
def built_up_outside_boundary_share(
    growth: Growth, zones: Zones, *, cover_min_pct: float = parameter("growth_cover_min_pct")
) -> pd.DataFrame:
    """Share of all built-up land that lies outside the growth boundary, in per cent, at each observed year (`at`)."""

    def share(built: pd.DataFrame) -> pd.Series:
        return _percent(built["outside_km2"], built["inside_km2"] + built["outside_km2"])

    return _by_year(growth, zones, cover_min_pct, share)


@indicator(unit="%", over="all", dims=("at",), better="lower", range=(0, 100), reference=_REFERENCE)
def new_built_up_outside_boundary_share(
    growth: Growth, zones: Zones, *, cover_min_pct: float = parameter("growth_cover_min_pct")
) -> pd.DataFrame:
    """Share outside the boundary of the land built up since the first year of the raster, in per cent, by year (`at`).

    NaN where nothing was built since.

    Raises
    ------
    NotComputable : only one year is observed.
    """

    def share(built: pd.DataFrame) -> pd.Series:
        new = built.groupby("zone", sort=False)[["inside_km2", "outside_km2"]].transform(lambda run: run - run.iloc[0])
        return _percent(new["outside_km2"], new["inside_km2"] + new["outside_km2"])

    rows = _by_year(growth, zones, cover_min_pct, share)
    later: pd.DataFrame = rows[rows["at"] != rows["at"].iloc[0]].reset_index(drop=True)
    if later.empty:
        raise NotComputable(Message("growth.one_year", {"year": rows["at"].iloc[0]}))
    return later


def _by_year(
    growth: Growth, zones: Zones, cover_min_pct: float, value: Callable[[pd.DataFrame], pd.Series]
) -> pd.DataFrame:
    """Rows zone, at, value, n (built-up cells) and status. A zone that the raster does not meet has NaN."""
    built = built_up_by_year(growth.first_built, zones.table, growth.boundary, until=growth.observed_until)
    covered = covered_share(growth.first_built, zones.table).reindex(built["zone"]).to_numpy()
    numbers = value(built).to_numpy(dtype=float)
    return pd.DataFrame(
        {
            "zone": built["zone"],
            "at": built["year"].astype(str),
            "value": np.where(covered > 0, numbers, np.nan),
            "n": built["cells"],
            "status": [_status(growth, 100 * float(share), cover_min_pct) for share in covered],
        }
    )


def _status(growth: Growth, covered_pct: float, cover_min_pct: float) -> DataStatus:
    if not covered_pct > 0:
        return DataStatus("absent", Message("growth.not_covered"))
    if covered_pct < cover_min_pct:
        return DataStatus("doubtful", Message("growth.partly_covered", {"percent": covered_pct}))
    if not growth.boundary_legal:
        return DataStatus("doubtful", Message("growth.boundary_stand_in"))
    return OK


def _percent(part: pd.Series, whole: pd.Series) -> pd.Series:
    return 100 * part / whole.where(whole > 0)
