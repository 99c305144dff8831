"""Who lives in which zone, and where that is not known: one answer for densities and access shares."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
import shapely

from spatial.errors import NotComputable
from spatial.model.people import People
from spatial.model.provenance import OK, DataStatus
from spatial.model.zones import Zones
from spatial.parameters import parameter
from spatial.text import Message


@dataclass(frozen=True, eq=False)
class Residents:
    """The residents of zones.

    Parameters
    ----------
    zone : the position of the zone that holds each point of people, −1 for none.
    weights : residents at each point.
    total : residents of each zone; NaN where they are not known.
    status : per zone: absent where residents are known for too little of its land, doubtful where not for all of it.
    ids : the zones' ids.
    """

    zone: np.ndarray
    weights: np.ndarray
    total: np.ndarray
    status: tuple[DataStatus, ...]
    ids: pd.Index[str]

    @property
    def nbytes(self) -> int:
        return int(self.zone.nbytes + self.total.nbytes)

    def sum(self, amount: np.ndarray | None = None) -> np.ndarray:
        """Σ residents × amount over the points of each zone (amount: 1, a share or a yes/no per point); NaN as `total`.

        An amount that is NaN at a point with residents makes its zone NaN.
        """
        inside = self.zone >= 0
        weights = self.weights if amount is None else self.weights * amount
        sums = np.bincount(self.zone[inside], weights=weights[inside], minlength=len(self.ids))
        return np.where(np.isnan(self.total), np.nan, sums)

    def share_pct(self, near: np.ndarray) -> np.ndarray:
        """Share of each zone's residents at the points that are `near`, in per cent; NaN where nobody lives."""
        with np.errstate(invalid="ignore", divide="ignore"):
            share = np.where(self.total > 0, 100 * self.sum(near) / self.total, np.nan)
        return np.minimum(share, 100)  # sums in another order may exceed by rounding

    def share_statuses(self, own: DataStatus = OK) -> list[DataStatus]:
        """The status of a share of residents in each zone: the worst of `own`, of what is known, and of nobody here."""
        nobody = DataStatus("absent", Message("residents.nobody_here"))
        pairs = zip(self.status, self.total, strict=True)
        return [own.worse(status).worse(nobody if total == 0 else OK) for status, total in pairs]

    def share_rows(
        self,
        near: np.ndarray,
        lost: np.ndarray,
        own: DataStatus = OK,
        *,
        lost_max_pct: float = parameter("off_network_max_pct"),
    ) -> pd.DataFrame:
        """Rows of an access share: zone, value (%), n (residents), n_missing (residents of points `lost`), status.

        Doubtful where more than `lost_max_pct` of the residents are lost: they count as not near, which may be wrong.
        """
        missing = self.sum(lost)
        with np.errstate(invalid="ignore", divide="ignore"):
            lost_pct = 100 * missing / self.total
        off = [
            DataStatus("doubtful", Message("residents.off_network", {"percent": float(percent)}))
            if percent > lost_max_pct
            else OK
            for percent in lost_pct
        ]
        status = [each.worse(also) for each, also in zip(self.share_statuses(own), off, strict=True)]
        columns = {"zone": self.ids, "value": self.share_pct(near), "n": self.total, "n_missing": missing}
        return pd.DataFrame({**columns, "status": status})


def residents_by_zone(
    people: People,
    zones: Zones,
    *,
    absent_below_pct: float = parameter("residents_known_absent_pct"),
    doubtful_below_pct: float = parameter("residents_known_doubtful_pct"),
) -> Residents:
    """The residents of each zone, and whether they are known on enough of its land.

    Raises
    ------
    NotComputable : there are no people at all, or residents are unknown at some point.
    """
    if not len(people) or np.isnan(people.residents).any():
        raise NotComputable(Message("residents.unknown"))
    zone = zones.locate(people.x, people.y)
    known_pct = known_land_pct(people, zones)
    status = tuple(_status(percent, absent_below_pct, doubtful_below_pct) for percent in known_pct)
    inside = zone >= 0
    total = np.bincount(zone[inside], weights=people.residents[inside], minlength=len(zones)).astype(float)
    total[[each.name == "absent" for each in status]] = np.nan
    return Residents(zone, people.residents, total, status, zones.ids)


def known_land_pct(people: People, zones: Zones) -> np.ndarray:
    """Per cent of each zone's land on which residents are known; 100 for a zone without land."""
    percent = np.full(len(zones), 100.0)
    if people.known is None:
        return percent
    land = zones.table.geometry.to_numpy()
    shapely.prepare(people.known)
    cut = np.flatnonzero(~shapely.covers(people.known, land) & (shapely.area(land) > 0))
    percent[cut] = 100 * shapely.area(shapely.intersection(land[cut], people.known)) / shapely.area(land[cut])
    return percent


def _status(known_pct: float, absent_below_pct: float, doubtful_below_pct: float) -> DataStatus:
    if known_pct < absent_below_pct:
        return DataStatus("absent", Message("residents.not_known_here", {"percent": known_pct}))
    if known_pct < doubtful_below_pct:
        return DataStatus("doubtful", Message("residents.partly_known", {"percent": known_pct}))
    return OK
